"""CSV, TSV and messy relatives to ``ir/v1``: own dialect, preamble, notes, several tables, damaged rows mended."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from locus_dbt.model.document import Document
from locus_dbt.model.element import Parsed, Repair
from locus_dbt.parsers.cells import CellColumns, Flow
from locus_dbt.parsers.declared_encoding import declared_in
from locus_dbt.parsers.decoding import decode_document
from locus_dbt.parsers.delimited_records import Dialect, Record, records
from locus_dbt.parsers.delimited_tables import Region, header_spans, regions, usual_width
from locus_dbt.parsers.dialect import sniff
from locus_dbt.parsers.limits import MAX_COLUMNS, over
from locus_dbt.parsers.row_repair import Cut, Fields, Reading, habits, profiles_of, refit

_SHOWN = {"\t": "tab", " ": "space", "": "none"}
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
_LINE_END = re.compile(r"\r\n|\n|\r")
#: Repairs that are listed one by one; a file with more is told of the rest in a warning.
_MAX_REPAIRS = 20_000
_MAX_SHOWN = 2000
#: Rows of a wrong length that are looked at; a file with more is no damaged table.
_MAX_MENDED = 2000
#: With fewer fields another delimiter gives the usual length by chance.
_CHANCE_WIDTH = 3
_MAX_GLUED = 12
_ROW_DELIMITERS = (",", ";", "\t", "|", " ")


@dataclass(frozen=True, slots=True)
class Settings:
    """What is known beforehand: ``None`` is found out. ``delimiter`` and ``quote`` empty: there is none."""

    delimiter: str | None = None
    quote: str | None = None
    header: int | None = None


_FIND_OUT = Settings()


def parse(document: Document) -> Parsed:
    """Parse a delimited text; each cell's place is the line its record begins on."""
    return read(document)


def read(document: Document, *, settings: Settings = _FIND_OUT) -> Parsed:
    """Parse with what the caller knows of the dialect; each mended row is among the repairs."""
    decoded = decode_document(document, declared=declared_in(document.data))
    ends = _LINE_END.findall(decoded.text[:1_000_000])
    lines = _LINE_END.split(decoded.text)
    repairs = [*decoded.repairs, *_mixed_ends(ends), *_without_nul(lines)]
    delimiter = settings.delimiter
    told = _SEPARATOR_LINE.fullmatch(lines[0])
    if told:
        repairs.append(Repair("separator_line", "line 1", lines[0]))
        lines[0] = ""
        delimiter = told[1] if delimiter is None else delimiter
    dialect = sniff(lines, delimiter=delimiter, quote=settings.quote)
    first = list(records(lines, dialect))
    width = usual_width(first)
    found = list(records(lines, dialect, width=width)) if dialect.quote else first
    found = _mended(_filled(found, width), lines, dialect, width)
    flow = Flow()
    for region in regions(found, header=settings.header):
        repairs += _append(flow, region, lines)
    metadata = {
        "encoding": decoded.encoding, "delimiter": _shown(dialect.delimiter),
        "quote": dialect.quote or "none", "escape": dialect.escape or "none",
    }  # fmt: skip
    return Parsed(
        document.media_type,
        (flow.page(),),
        tuple(flow.tables),
        metadata=metadata,
        warnings=_warnings(found, width, len(repairs)),
        repairs=tuple(sorted(repairs[:_MAX_REPAIRS], key=_line_of)),
    )


def _line_of(repair: Repair) -> int:
    return int(repair.place.removeprefix("line ")) if repair.place.startswith("line ") else 0


def _mixed_ends(ends: Sequence[str]) -> Iterator[Repair]:
    kinds = sorted(set(ends))
    if len(kinds) > 1:
        counts = ", ".join(f"{end.encode('unicode_escape').decode()} {ends.count(end)} times" for end in kinds)
        yield Repair("line_ends", "the whole file", counts, "\\n")


def _without_nul(lines: list[str]) -> Iterator[Repair]:
    """NUL characters go, except where they escape quotes."""
    for i, line in enumerate(lines):
        if "\0" in line and '\0"' not in line:
            lines[i] = line.replace("\0", "")
            yield Repair("nul_removed", f"line {i + 1}", _short(line), _short(lines[i]))


def _short(text: str) -> str:
    return text if len(text) <= _MAX_SHOWN else text[: _MAX_SHOWN - 1] + "…"


def _filled(found: Sequence[Record], width: int) -> list[Record]:
    """The records without those of blanks only, which count as gaps."""
    out: list[Record] = []
    gap = False
    for record in found:
        if width >= 2 and not any(record.fields):
            gap = True
            continue
        out.append(replace(record, after_gap=True) if gap else record)
        gap = False
    return out


def _mended(found: list[Record], lines: Sequence[str], dialect: Dialect, width: int) -> list[Record]:
    """Records of an odd length cut anew, or read with another delimiter, where that fits the columns clearly better."""
    if not dialect.delimiter or all(len(record.fields) == width for record in found):
        return found
    rows = [record.fields for record in found]
    usual, profiles = habits(rows), profiles_of(rows, width)
    if profiles is None:
        return found
    begun = False
    notes, left = _notes_from(found, width), _MAX_MENDED
    out = []
    for i, record in enumerate(found):
        cut: Cut | None = None
        if len(record.fields) not in usual and i < notes and left:
            left -= 1
            line = lines[record.line - 1]
            others = list(_other_readings(line, dialect, width))
            if begun:
                whole = frozenset(f for f in record.fields if _is_quoted(f, line, dialect.quote))
                cut = refit(record.fields, profiles, joiner=dialect.delimiter, whole=whole, others=others)
                cut = _as_printed(cut, line, dialect.delimiter) if cut else None
            else:  # names fit no profile, and lines of a preamble none at all
                fit = next((one for one in others if len(one.fields) == width), None)
                cut = Cut(fit.fields, fit.rule) if fit else None
        begun = begun or len(record.fields) == width
        out.append(replace(record, fields=cut.fields, rule=cut.rule) if cut else record)
    return out


def _as_printed(cut: Cut, line: str, delimiter: str) -> Cut:
    """Joined fields with the blanks that stand around the delimiter in the line."""
    if cut.rule != "fields_joined":
        return cut
    around = rf"\s*{re.escape(delimiter)}\s*"
    fields = []
    for field in cut.fields:
        found = None
        if delimiter in field and field not in line:
            found = re.search(around.join(map(re.escape, field.split(delimiter))), line)
        fields.append(found[0] if found else field)
    return replace(cut, fields=tuple(fields))


def _notes_from(found: Sequence[Record], width: int) -> int:
    """Where lines of other lengths run to the end of the file behind a blank line: notes, which are not mended."""
    at = len(found)
    while at and len(found[at - 1].fields) != width:
        at -= 1
    return next((i for i in range(at, len(found)) if found[i].after_gap), len(found))


def _other_readings(line: str, dialect: Dialect, width: int) -> Iterator[Reading]:
    """The line with another delimiter, and with a delimiter put in where a quote stands beside a letter."""
    if width >= _CHANCE_WIDTH:
        for delimiter in _ROW_DELIMITERS:
            first = _fields_of(line, replace(dialect, delimiter=delimiter)) if delimiter in line else ()
            if first and delimiter != dialect.delimiter:
                whole = frozenset(f for f in first if _is_quoted(f, line, dialect.quote))
                yield Reading(f"row_delimiter_{_shown(delimiter)}", delimiter, first, whole)
    for cut in _glued(line, dialect):
        fields = _fields_of(line[:cut] + dialect.delimiter + line[cut:], dialect)
        if len(fields) == width:
            yield Reading("delimiter_added", dialect.delimiter, fields)


def _glued(line: str, dialect: Dialect) -> list[int]:
    """Where a quote stands right beside a letter or digit, so that a delimiter may be missing."""
    if not dialect.quote:
        return []
    quote = re.escape(dialect.quote)
    found = re.finditer(rf"(?<=[\w.!?])(?={quote}[^\s{quote}])|(?<=[\w.!?]{quote})(?=\w)", line)
    return [match.start() for match in found if line[match.start() - 1 : match.start() + 1] != dialect.quote * 2][
        :_MAX_GLUED
    ]


def _fields_of(line: str, dialect: Dialect) -> Fields:
    first = next(records([line], dialect), None)
    return first.fields if first else ()


def _is_quoted(field: str, line: str, quote: str) -> bool:
    return bool(quote and field) and f"{quote}{field.replace(quote, 2 * quote)}{quote}" in line


def _shown(delimiter: str) -> str:
    return _SHOWN.get(delimiter, delimiter)


def _append(flow: Flow, region: Region, lines: Sequence[str]) -> Iterator[Repair]:
    """One table with the lines around it as paragraphs."""
    _paragraphs(flow, region.above)
    rows = region.rows
    title = region.above[-1].fields[0] if region.above else ""
    width = usual_width(rows)
    cells = CellColumns()
    spans = header_spans([record.fields for record in rows[: region.header]])
    for number, record in enumerate(rows):
        if len(record.fields) > MAX_COLUMNS:
            raise over(f"{len(record.fields)} columns, at most {MAX_COLUMNS}", where=f"line {record.line}")
        place = f"line {record.line}"
        if number < region.header:
            _header_row(cells, record.fields, number, place=place, spans=spans)
        else:
            cells.add_row(record.fields, number, place=place)
        if record.rule or len(record.fields) < width:
            yield _repair(record, lines, width)
    flow.table(cells, title=title)
    _paragraphs(flow, region.below)


def _header_row(cells: CellColumns, fields: Fields, row: int, *, place: str, spans: dict[tuple[int, int], int]) -> None:
    covered = 0
    for col, field in enumerate(fields):
        if col >= covered:
            reach = spans.get((row, col), 1)
            cells.add(field, row, col, place=place, col_span=reach, is_header=True)
            covered = col + reach


def _paragraphs(flow: Flow, around: Sequence[Record]) -> None:
    for record in around:
        flow.block("paragraph", " ".join(f for f in record.fields if f), place=f"line {record.line}")


def _repair(record: Record, lines: Sequence[str], width: int) -> Repair:
    """What was done to a record: its line as printed, and its fields as a row of a clean file."""
    missing = width - len(record.fields)
    fields = (*record.fields, *("",) * max(missing, 0))
    rule = record.rule or "short_row_padded"
    return Repair(rule, f"line {record.line}", _short(lines[record.line - 1]), _short(csv_line(fields)))


def csv_line(fields: Sequence[str]) -> str:
    """The fields as one RFC 4180 record, without its line end."""
    quoted = (f'"{f.replace(chr(34), chr(34) * 2)}"' if re.search(r'[",\r\n]', f) else f for f in fields)
    return ",".join(quoted)


def _warnings(found: Sequence[Record], width: int, n_repairs: int) -> tuple[str, ...]:
    out = []
    odd = [record.line for record in found if len(record.fields) != width]
    if odd:
        shown = ", ".join(map(str, odd[:5])) + (", …" if len(odd) > 5 else "")
        out.append(f"{len(odd)} of {len(found)} records have not {width} fields (lines {shown})")
    if n_repairs > _MAX_REPAIRS:
        out.append(f"{n_repairs} repairs; the first {_MAX_REPAIRS} are listed")
    return tuple(out)
