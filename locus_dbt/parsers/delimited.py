"""CSV, TSV and messy relatives to ``ir/v1``: own dialect, preamble, several tables, ragged rows kept."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from locus_dbt.model.document import Document
from locus_dbt.model.element import Parsed
from locus_dbt.parsers.cells import CellColumns, Flow
from locus_dbt.parsers.decoding import decode
from locus_dbt.parsers.dialect import Record, mend_delimiters, records, sniff
from locus_dbt.parsers.limits import MAX_COLUMNS, over
from locus_dbt.parsers.value_form import header_like, is_blank, is_typed

#: Rows that may stand above a table, and rows its header may have.
_PREAMBLE_ROWS = 12
_HEADER_ROWS = 3
_SHOWN = {"\t": "tab", " ": "space", "": "none"}


def parse(document: Document) -> Parsed:
    """Parse a delimited text; each cell's place is the line its record begins on."""
    text, encoding = decode(document.data, filename=document.filename)
    lines = re.split(r"\r\n|\n|\r", text)
    dialect = sniff(lines)
    first = list(records(lines, dialect))
    width = usual_width(first)
    found = list(records(lines, dialect, width=width)) if dialect.quote else first
    found = [r for r in mend_delimiters(found, lines, dialect, width) if width < 2 or any(r.fields)]
    flow = Flow()
    for part in _parts(found):
        _append(flow, part)
    delimiter = _SHOWN.get(dialect.delimiter, dialect.delimiter)
    metadata = {"encoding": encoding, "delimiter": delimiter, "quote": dialect.quote or "none"}
    return Parsed(
        document.media_type,
        (flow.page(),),
        tuple(flow.tables),
        metadata=metadata,
        warnings=_warnings(found, width),
    )


def usual_width(found: Sequence[Record]) -> int:
    """The number of fields most records have; of equally common ones the larger."""
    lengths = Counter(len(record.fields) for record in found)
    return max(lengths, key=lambda n: (lengths[n] if n > 1 else 0, n), default=0)


def _parts(found: Sequence[Record]) -> list[list[Record]]:
    """The records cut where another table begins: a row of names where the rows before it held values."""
    parts: list[list[Record]] = []
    current: list[Record] = []
    typed: Counter[int] = Counter()
    for i, record in enumerate(found):
        after = found[i + 1] if i + 1 < len(found) else None
        if len(current) > 2 and after is not None and _begins_table(record, after, current, typed):
            parts.append(current)
            current, typed = [], Counter()
        current.append(record)
        typed.update(col for col, field in enumerate(record.fields) if is_typed(field))
    return [*parts, current] if current else parts


def _begins_table(record: Record, after: Record, before: Sequence[Record], typed: Counter[int]) -> bool:
    """Names in every field, over columns that held values before and hold values after."""
    fields = record.fields
    if len(fields) < 2 or not all(fields) or not header_like(fields) or len(after.fields) != len(fields):
        return False
    steady = sum(1 for col in range(len(fields)) if typed[col] >= 0.8 * (len(before) - 1))
    return steady >= 2 and sum(map(is_typed, after.fields)) >= 2


def _append(flow: Flow, part: list[Record]) -> None:
    """One table with the lines before it as paragraphs; a part of single fields only is all paragraphs."""
    width = usual_width(part)
    body = _first_row(part, width)
    for record in part[:body]:
        flow.block("paragraph", " ".join(f for f in record.fields if f), place=f"line {record.line}")
    title = part[body - 1].fields[0] if body else ""
    rows = part[body:]
    n_header = header_height(rows)
    cells = CellColumns()
    for number, record in enumerate(rows):
        if len(record.fields) > MAX_COLUMNS:
            raise over(f"{len(record.fields)} columns, at most {MAX_COLUMNS}", where=f"line {record.line}")
        place = f"line {record.line}"
        for col, field in enumerate(record.fields):
            cells.add(field, number, col, place=place, is_header=number < n_header)
    flow.table(cells, title=title)


def _first_row(part: Sequence[Record], width: int) -> int:
    """Rows with one filled field above the first full row are a preamble (never in one-column files)."""
    if width < 2:
        return 0
    for i, record in enumerate(part[:50]):
        filled = sum(1 for field in record.fields if field)
        if filled > 1 and (len(record.fields) == width or filled > width // 2):
            return i
        if filled > 2:
            break
    # longer lines above: only a row of names over values, of just the usual width, begins a table
    for i in range(1, min(len(part) - 1, _PREAMBLE_ROWS)):
        if len(part[i - 1].fields) == width:
            break
        below = part[i + 1].fields
        if len(part[i].fields) == width and header_like(part[i].fields) and any(map(is_typed, below)):
            return i
    return 0


def header_height(rows: Sequence[Record]) -> int:
    """How many rows name the columns: further ones are names too, over columns that hold values."""
    if not is_header(rows):
        return 0
    n = 1
    while n < min(_HEADER_ROWS, len(rows) - 2) and not any(map(is_typed, rows[n].fields)) and any(rows[n].fields):
        body = rows[n + 1 : n + 50]
        steady = [
            col
            for col, field in enumerate(rows[n].fields)
            if sum(1 for r in body if col < len(r.fields) and is_typed(r.fields[col])) >= 0.8 * len(body)
        ]
        if 2 * len(steady) < len(rows[n].fields):
            break
        n += 1
    return n


def is_header(rows: Sequence[Record]) -> bool:
    """Whether the first row names the columns: no values in it, or values below it of another form.

    In a single column of words nothing tells a name from the first value.
    """
    if len(rows) < 1:
        return False
    first = rows[0].fields
    if header_like(first) and (len(first) > 1 or any(is_typed(field) for r in rows[1:] for field in r.fields)):
        return True
    # years and other numbers as names: only when some names are words and the columns below hold values
    words = [col for col, field in enumerate(first) if field and not is_typed(field)]
    body = rows[1:50]
    return bool(words) and any(
        all(is_typed(r.fields[col]) or is_blank(r.fields[col]) for r in body if col < len(r.fields))
        and any(col < len(r.fields) and is_typed(r.fields[col]) for r in body)
        for col in words
    )


def _warnings(found: Sequence[Record], width: int) -> tuple[str, ...]:
    odd = [record.line for record in found if len(record.fields) != width]
    if not odd:
        return ()
    shown = ", ".join(map(str, odd[:5])) + (", …" if len(odd) > 5 else "")
    return (f"{len(odd)} of {len(found)} records have not {width} fields (lines {shown})",)
