"""The tables among the records of a delimited text: where each begins and ends, and which rows name its columns."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from locus_dbt.parsers.delimited_records import Record
from locus_dbt.parsers.value_form import header_like, is_blank, is_typed

#: Rows that may stand above a table, and rows its header may have.
_PREAMBLE_ROWS = 12
_HEADER_ROWS = 4
_BODY_SAMPLE = 50
#: The share of the body's rows in which a column must hold something to count as used.
_USED = 0.1
_STEADY = 0.8
_LEADING, _TRIPLE = re.compile(r"-?\d{1,3}"), re.compile(r"\d{3}(?:\.\d+)?")
_LEAST_BODY = 3
_YEAR = re.compile(r"(?:19|20)\d\d")
#: Rows of a table by which its columns are known.
_LEARNED_ROWS = 200


@dataclass(frozen=True, slots=True)
class Region:
    """The records of one table: ``above`` and ``below`` are lines of text, the first ``header`` rows name columns."""

    above: Sequence[Record]
    rows: Sequence[Record]
    below: Sequence[Record]
    header: int


def usual_width(found: Sequence[Record]) -> int:
    """The number of fields most records have; of equally common ones the larger."""
    lengths = Counter(len(record.fields) for record in found)
    return max(lengths, key=lambda n: (lengths[n] if n > 1 else 0, n), default=0)


def regions(found: Sequence[Record], *, header: int | None = None) -> list[Region]:
    """The tables of the file; ``header`` rows name the columns of each, ``None``: found out."""
    out = []
    for part in _parts(found):
        width = usual_width(part)
        first = _first_row(part, width)
        last = _last_row(part, width, first)
        rows = part[first:last]
        n = header_height(rows) if header is None else min(header, len(rows))
        out.append(Region(part[:first], _fitted_header(rows, width, n), part[last:], n))
    return out


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
        if len(current) < _LEARNED_ROWS:
            typed.update(col for col, field in enumerate(record.fields) if is_typed(field))
        current.append(record)
    return [*parts, current] if current else parts


def _begins_table(record: Record, after: Record, before: Sequence[Record], typed: Counter[int]) -> bool:
    """Names in every field, over values: after a blank line, or where columns held values before."""
    fields = record.fields
    if len(fields) < 2 or not all(fields) or not header_like(fields) or len(after.fields) != len(fields):
        return False
    if record.after_gap and any(map(is_typed, after.fields)):
        return True
    learned = min(len(before), _LEARNED_ROWS) - 1
    steady = sum(1 for col in range(len(fields)) if typed[col] >= _STEADY * learned)
    return steady >= 2 and sum(map(is_typed, after.fields)) >= 2


def _first_row(part: Sequence[Record], width: int) -> int:
    """Rows with one filled field above the first full row are a preamble (never in one-column files)."""
    if width < 2:
        return 0
    for i, record in enumerate(part[:_BODY_SAMPLE]):
        if record.fields[0].startswith("#") and len(record.fields) != width:
            continue
        filled = sum(map(bool, record.fields))
        if len(record.fields) > width and _names_over_values(part, i + 1, width):
            return i + 1
        if filled > 1 and (len(record.fields) == width or filled > width // 2 or _groups(part, i)):
            return i
        if filled > 2:
            break
    # longer lines above: only a row of names over values, of just the usual width, begins a table
    for i in range(1, min(len(part) - 1, _PREAMBLE_ROWS)):
        if len(part[i - 1].fields) == width:
            break
        if _names_over_values(part, i, width):
            return i
    return 0


def _names_over_values(part: Sequence[Record], i: int, width: int) -> bool:
    return (
        i + 1 < len(part)
        and len(part[i].fields) == width
        and header_like(part[i].fields)
        and any(map(is_typed, part[i + 1].fields))
    )


def _last_row(part: Sequence[Record], width: int, first: int) -> int:
    """Where notes begin: lines of few fields at the very end, behind a blank line or a row of blanks."""
    if width < 2:
        return len(part)
    at = len(part)
    while at > first + 2 and _is_note(part[at - 1].fields, width):
        at -= 1
    return next((i for i in range(at, len(part)) if part[i].after_gap), len(part))


def _is_note(fields: Sequence[str], width: int) -> bool:
    """One filled field, or a line of words that commas happen to cut into few fields."""
    filled = sum(map(bool, fields))
    return filled <= 1 or (len(fields) != width and 2 * filled <= width and not any(map(is_typed, fields)))


def header_height(rows: Sequence[Record]) -> int:
    """How many rows name the columns: further ones are names too, over columns that hold values."""
    if len(rows) > 2 and _groups(rows, 0):
        return _further(rows, 2)
    return _further(rows, 1) if is_header(rows) else 0


def _further(rows: Sequence[Record], n: int) -> int:
    """The height of a header whose first ``n`` rows are known."""
    while n < min(_HEADER_ROWS, len(rows) - 1) and any(rows[n].fields) and not any(map(is_typed, rows[n].fields)):
        if rows[n].fields == rows[n - 1].fields or _completes(rows[n - 1].fields, rows[n].fields):
            n += 1
            continue
        fields, body = rows[n].fields, rows[n + 1 : n + _BODY_SAMPLE]
        steady = [
            col
            for col in range(len(fields))
            if body and sum(1 for r in body if col < len(r.fields) and is_typed(r.fields[col])) >= _STEADY * len(body)
        ]
        if 2 * len(steady) < len(fields):
            break
        n += 1
    return n


def _groups(rows: Sequence[Record], i: int) -> bool:
    """A row of group names with blanks beside them, over a row that names every column of the groups."""
    if i + 2 >= len(rows):
        return False
    upper, lower, below = rows[i].fields, rows[i + 1].fields, rows[i + 2].fields
    return (
        sum(map(bool, upper)) >= 2
        and len(upper) == len(lower)
        and not any(map(is_typed, (*upper, *lower)))
        and all(lower)
        and not all(upper)
        and any(map(is_typed, below))
    )


def _completes(upper: Sequence[str], lower: Sequence[str]) -> bool:
    """Whether the lower row names only what the groups of the upper one left open."""
    if not lower or lower[0] or len(upper) != len(lower):
        return False
    group = ""
    opened = False
    for above, name in zip(upper, lower, strict=True):
        group = above or group
        if name and not above:
            opened = True
            if not group:
                return False
    return opened


def is_header(rows: Sequence[Record]) -> bool:
    """Whether the first row names the columns: no values in it, or values below it of another form.

    In a single column of words nothing tells a name from the first value.
    """
    if len(rows) < 1:
        return False
    first = rows[0].fields
    body = rows[1:_BODY_SAMPLE]
    used = [col for col, n in _filled(body).items() if n > _USED * len(body) and col < len(first)]
    named = [first[col] for col in used] if sum(1 for col in used if first[col]) > 1 else first
    if not any(map(is_typed, first)) and header_like(named):
        return len(first) > 1 or any(is_typed(field) for r in rows[1:] for field in r.fields)
    if _names_years(first, body):
        return True
    # years and other numbers as names: only when some names are words and the columns below hold values
    words = [col for col, field in enumerate(first) if field and not is_typed(field)]
    return bool(words) and any(
        all(is_typed(r.fields[col]) or is_blank(r.fields[col]) for r in body if col < len(r.fields))
        and any(col < len(r.fields) and is_typed(r.fields[col]) for r in body)
        for col in words
    )


def _names_years(first: Sequence[str], body: Sequence[Record]) -> bool:
    """Names and years that go up, over columns that hold something else than years."""
    years = [(col, int(field)) for col, field in enumerate(first) if _YEAR.fullmatch(field)]
    others = [field for field in first if field and not _YEAR.fullmatch(field)]
    if len(years) < 2 or not others or any(map(is_typed, others)):
        return False
    rising = all(b[1] > a[1] for a, b in pairwise(years)) or all(b[1] < a[1] for a, b in pairwise(years))
    below = [r.fields[col] for r in body for col, _ in years if col < len(r.fields) and r.fields[col]]
    return rising and bool(below) and sum(bool(_YEAR.fullmatch(text)) for text in below) * 2 < len(below)


def _filled(body: Sequence[Record]) -> Counter[int]:
    return Counter(col for record in body for col, field in enumerate(record.fields) if field)


def _fitted_header(rows: Sequence[Record], width: int, n: int) -> list[Record]:
    """Header and body brought to one length.

    A header with just as many blank names too many as it is longer than its body loses them. One name too few: the
    first column has none when it numbers or names the rows, or a value with a thousands separator stands in two fields.
    """
    out = list(rows)
    if n == 1 and len(rows[0].fields) == width - 1:
        out = _numbered(out, width) or _thousands(out, width) or _named(out, width) or out
    for i in range(n):
        fields = rows[i].fields
        surplus = len(fields) - width
        if surplus > 0 and fields.count("") == surplus:
            out[i] = replace(rows[i], fields=tuple(filter(None, fields)), rule="blank_field_dropped")
    return out


def _numbered(rows: list[Record], width: int) -> list[Record] | None:
    """The header moved one column on, when the first column numbers the rows."""
    labels = [r.fields[0] for r in rows[1:] if len(r.fields) == width]
    counted = ([str(i) for i in range(len(labels))], [str(i) for i in range(1, len(labels) + 1)])
    return _moved(rows) if labels and labels in counted else None


def _named(rows: list[Record], width: int) -> list[Record] | None:
    """The header moved one column on, when the first column names each row and all others hold values."""
    body = [r.fields for r in rows[1:] if len(r.fields) == width]
    labels = [fields[0] for fields in body]
    if not labels or len(set(labels)) < len(labels) or any(map(is_typed, labels)) or not all(labels):
        return None
    values = all(is_typed(text) or is_blank(text) for fields in body for text in fields[1:])
    return _moved(rows) if values else None


def _moved(rows: list[Record]) -> list[Record]:
    return [replace(rows[0], fields=("", *rows[0].fields), rule="row_names_unnamed"), *rows[1:]]


def _thousands(rows: list[Record], width: int) -> list[Record] | None:
    """Two columns that are always 1 to 3 and just 3 digits are one, when only one pair of columns is so."""
    body = [r for r in rows[1:] if len(r.fields) == width]
    pairs = [
        col
        for col in range(width - 1)
        if all(_LEADING.fullmatch(r.fields[col]) and _TRIPLE.fullmatch(r.fields[col + 1]) for r in body)
    ]
    if len(body) < _LEAST_BODY or not pairs:
        return None
    if len(pairs) > 1:  # which one it is cannot be told: all stays as it is
        return rows
    at = pairs[0]
    out = rows[:1]
    for record in rows[1:]:
        fields = record.fields
        if len(fields) == width:
            joined = (*fields[:at], f"{fields[at]},{fields[at + 1]}", *fields[at + 2 :])
            out.append(replace(record, fields=joined, rule="fields_joined"))
        else:
            out.append(record)
    return out


def header_spans(rows: Sequence[Sequence[str]]) -> dict[tuple[int, int], int]:
    """Group names of stacked header rows that reach over the blanks to their right: (row, column) to width."""
    spans: dict[tuple[int, int], int] = {}
    for i, upper in enumerate(rows[:-1]):
        for col, text in enumerate(upper):
            stop = col + 1
            while text and stop < len(upper) and not upper[stop] and _open(rows, i, stop):
                stop += 1
            if stop > col + 1:
                spans[i, col] = stop - col
    return spans


def _open(rows: Sequence[Sequence[str]], i: int, col: int) -> bool:
    """Whether a group of row ``i`` may reach over ``col``: no group above begins there, and a row below names it."""
    above = any(col < len(row) and row[col] for row in rows[:i])
    return not above and any(col < len(row) and row[col] for row in rows[i + 1 :])
