"""Tables in plain text: drawn with lines, ruled with dashes under the header, or set with blanks alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

from locus_dbt.parsers.limits import MAX_COLUMNS
from locus_dbt.parsers.value_form import header_like, is_typed

_RULE = re.compile(r"[\s+|:=\u2500-\u257f_-]+")
_BAR = re.compile(r"[|│┃║]")
_DRAWN = re.compile(r"\s*[|│┃║].*[|│┃║]\s*")
_DASHES = re.compile(r"[-=─━═]+")
_DOUBLE = re.compile(r"[=═╪╞╡╬]")
#: Lines longer than this are not set in columns.
_WIDEST = 1000
#: Lines of prose that may stand right above or below a table without a blank line between.
_MOST_AROUND = 3


@dataclass(frozen=True, slots=True)
class TextTable:
    """Rows of fields, each with the number of its first line in the group; ``head`` of them name the columns.

    ``start`` and ``stop`` are the group's lines that the table takes.
    """

    rows: Sequence[tuple[int, list[str]]]
    head: int
    start: int
    stop: int


#: Rows, and how many of them are the header.
_Found = tuple[list[tuple[int, list[str]]], int]


def find_table(lines: Sequence[str]) -> TextTable | None:
    """The table that a run of lines without a blank one between is, or has after and before a few lines of prose."""
    if len(lines) < 2 or max(map(len, lines)) > 20 * _WIDEST:
        return None
    spread = [line.expandtabs(8).rstrip() for line in lines]
    for start, stop in _windows(len(lines)):
        lined = _lined(spread[start:stop])
        if lined is not None:
            return _placed(lined, start, stop)
    if not _may_align(spread) or max(map(len, spread)) > _WIDEST:
        return None
    # a line of prose closes gutters: without it the table has more columns
    columns = _columns_of(spread)
    for start, stop in sorted(_windows(len(lines)), key=lambda w: (-columns[w], w[0] - w[1])):
        found = _aligned(spread[start:stop])
        if found is not None:
            return _with_total(_with_header(_placed(found, start, stop), spread), spread)
    return None


def _windows(n: int) -> list[tuple[int, int]]:
    """The stretches of ``n`` lines that leave out few at either end."""
    return [
        (start, stop)
        for start in range(min(_MOST_AROUND, n - 2) + 1)
        for stop in range(n, max(n - _MOST_AROUND, start + 1) - 1, -1)
    ]


def _columns_of(lines: Sequence[str]) -> dict[tuple[int, int], int]:
    """For each of the windows how many columns its gutters part; the lines they share are looked at once."""
    windows = _windows(len(lines))
    first, last = max(start for start, _ in windows), min(stop for _, stop in windows)
    core = _used(lines[first : max(first, last)])
    out = {}
    for start, stop in windows:
        rest = _used([*lines[start:first], *lines[max(first, last) : stop]])
        both = [a or b for a, b in zip_longest(core, rest, fillvalue=0)]
        out[start, stop] = len(_columns(both))
    return out


def _lined(lines: Sequence[str]) -> _Found | None:
    return _drawn(lines) or _barred(lines) or _ruled(lines)


def _placed(found: _Found, start: int, stop: int) -> TextTable:
    return TextTable([(i + start, fields) for i, fields in found[0]], found[1], start, stop)


def _with_header(table: TextTable, lines: Sequence[str]) -> TextTable:
    """The table with the line above it, if that is set in columns too, only closer than the gutters below it."""
    edges = _edges([lines[i] for i, _ in table.rows])
    if table.start == 0 or table.head or "  " not in lines[table.start - 1].strip():
        return table
    fields = _cut(lines[table.start - 1], edges)
    if sum(map(bool, fields)) * 2 <= len(fields):
        return table
    rows = [(table.start - 1, fields), *table.rows]
    return TextTable(rows, _head(rows), table.start - 1, table.stop)


def _with_total(table: TextTable, lines: Sequence[str]) -> TextTable:
    """The table with the lines below it that hold a value set apart: a total's words may cross the gutters."""
    edges = _edges([lines[i] for i, _ in table.rows])
    rows, stop = list(table.rows), table.stop
    while stop < len(lines) and "  " in lines[stop].strip() and not _RULE.fullmatch(lines[stop]):
        fields = _cut(lines[stop], edges, apart=False)
        if sum(map(bool, fields)) < 2 or not any(is_typed(field) for field in fields if field):
            break
        rows.append((stop, fields))
        stop += 1
    return TextTable(rows, table.head, table.start, stop)


def _drawn(lines: Sequence[str]) -> _Found | None:
    """Every line is a rule or has bars at both ends, with as many fields.

    Where rules part the rows, the lines between two rules are one row; a double rule ends the header.
    """
    rows: list[tuple[int, list[str]]] = []
    bands: list[int] = []
    rules: list[tuple[int, str]] = []
    for i, line in enumerate(lines):
        if _RULE.fullmatch(line):
            rules.append((len(rows), line))
        elif _DRAWN.fullmatch(line):
            rows.append((i, [part.strip() for part in _BAR.split(line.strip()[1:-1])]))
            bands.append(len(rules))
        else:
            return None
    if len(rows) < 2 or len({len(fields) for _, fields in rows}) != 1:
        return None
    inner = [at for at, _ in rules if 0 < at < len(rows)]
    double = next((at for at, line in rules if 0 < at < len(rows) and _DOUBLE.search(line)), 0)
    if len(set(inner)) > 1:
        merged = _merged(rows, bands)
        above = len({band for band, (i, _) in zip(bands, rows, strict=True) if double and i < rows[double][0]})
        return merged, above or _head(merged)
    return rows, (double or inner[0]) if inner and (double or inner[0]) < 3 else _head(rows)


def _merged(rows: Sequence[tuple[int, list[str]]], bands: Sequence[int]) -> list[tuple[int, list[str]]]:
    """The lines between two rules as one row, the texts of a column one below the other."""
    out: list[tuple[int, list[str]]] = []
    last = -1
    for (i, fields), band in zip(rows, bands, strict=True):
        if band == last:
            out[-1] = (out[-1][0], ["\n".join(filter(None, pair)) for pair in zip(out[-1][1], fields, strict=True)])
        else:
            out.append((i, fields))
        last = band
    return out


def _barred(lines: Sequence[str]) -> _Found | None:
    """Bars between the columns only, and a rule below the header, as database shells print it."""
    if len(lines) < 3 or not _RULE.fullmatch(lines[1]) or not re.search(r"[-─=]\s*[+|┼]\s*[-─=]", lines[1]):
        return None
    rows = [(i, [p.strip() for p in _BAR.split(line)]) for i, line in enumerate(lines) if not _RULE.fullmatch(line)]
    width = len(rows[0][1])
    return (rows, 1) if width > 1 and len(rows) > 1 and all(len(f) == width for _, f in rows) else None


def _ruled(lines: Sequence[str]) -> _Found | None:
    """A line of dashes with gaps below the header: each stretch of dashes is a column."""
    at = next((i for i, line in enumerate(lines[:6]) if _is_dashes(line)), None)
    if at is None or len(lines) < at + 2 or max(map(len, lines)) > _WIDEST:
        return None
    edges = [(m.start(), m.end()) for m in _DASHES.finditer(lines[at])]
    if not 2 <= len(edges) <= MAX_COLUMNS:
        return None
    kept = [(i, line) for i, line in enumerate(lines) if not _RULE.fullmatch(line)]
    rows = [(i, _cut(line, edges)) for i, line in kept]
    below = [fields for i, fields in rows if i > at]
    # a line over the rule of its own words only is a caption of prose
    if not below or sum(1 for fields in below if sum(map(bool, fields)) > 1) * 2 < len(below):
        return None
    return rows, sum(1 for i, _ in rows if i < at)


def _is_dashes(line: str) -> bool:
    stretches = line.split()
    return len(stretches) > 1 and all(_DASHES.fullmatch(s) for s in stretches) and max(map(len, stretches)) > 1


def _cut(line: str, edges: Sequence[tuple[int, int]], *, apart: bool = True) -> list[str]:
    """The line's words by column: a run of words goes where it lies.

    One that lies over several columns goes word by word, or (without ``apart``) into the first of them.
    """
    fields: list[list[str]] = [[] for _ in edges]
    for run in re.finditer(r"\S+(?: \S+)*", line):
        touched = [c for c, (a, b) in enumerate(edges) if run.start() < b and run.end() > a]
        if len(touched) == 1 or (touched and not apart):
            fields[touched[0]].append(run[0])
            continue
        for word in re.finditer(r"\S+", run[0]):
            start, stop = run.start() + word.start(), run.start() + word.end()
            fields[_nearest(start, stop, edges)].append(word[0])
    return [" ".join(words) for words in fields]


def _nearest(start: int, stop: int, edges: Sequence[tuple[int, int]]) -> int:
    """The column whose dashes the stretch overlaps most; where it overlaps none, the one that begins before it."""
    best = max(range(len(edges)), key=lambda c: min(stop, edges[c][1]) - max(start, edges[c][0]))
    if stop > edges[best][0] and start < edges[best][1]:
        return best
    return max((c for c, (a, _) in enumerate(edges) if a <= start), default=0)


def _may_align(lines: Sequence[str]) -> bool:
    return sum(1 for line in lines if "  " in line.strip()) * 2 > len(lines)


def _aligned(lines: Sequence[str]) -> _Found | None:
    """A table set with blanks: blank gutters of width two run down through all lines."""
    kept = [(i, line) for i, line in enumerate(lines) if not _RULE.fullmatch(line[:_WIDEST])]
    if len(kept) < 3 or max(len(line) for _, line in kept) > _WIDEST:
        return None
    edges = _edges([line for _, line in kept])
    if not 2 <= len(edges) <= MAX_COLUMNS:
        return None
    rows = [(i, [line[a:b].strip() for a, b in edges]) for i, line in kept]
    filled = [sum(1 for field in fields if field) for _, fields in rows]
    # prose may share one gutter by chance: most lines must fill most columns, and values must line up
    full = sum(1 for n in filled if n * 2 > len(edges)) >= 0.7 * len(rows)
    values = any(
        sum(1 for _, fields in rows[1:] if is_typed(fields[col])) * 2 > len(rows) - 1 for col in range(len(edges))
    )
    return (rows, _head(rows)) if full and (values or len(edges) > 2) else None


def _edges(lines: Sequence[str]) -> list[tuple[int, int]]:
    return _columns(_used(lines))


def _used(lines: Sequence[str]) -> bytearray:
    """For each position whether any line has a sign there; rules have none."""
    kept = [line for line in lines if not _RULE.fullmatch(line[:_WIDEST])]
    used = bytearray(max(map(len, kept), default=0))
    for line in kept:
        for word in re.finditer(r"\S+", line):
            used[word.start() : word.end()] = b"\1" * (word.end() - word.start())
    return used


def _columns(used: Sequence[int]) -> list[tuple[int, int]]:
    """Stretches of used positions that at least two unused ones part."""
    edges: list[tuple[int, int]] = []
    start, gap = None, 0
    for j, there in enumerate([*used, 0, 0]):
        if there:
            start, gap = (j if start is None else start), 0
        else:
            gap += 1
            if gap == 2 and start is not None:
                edges.append((start, j - 1))
                start = None
    return edges


def _head(rows: Sequence[tuple[int, list[str]]]) -> int:
    return int(header_like(rows[0][1]))
