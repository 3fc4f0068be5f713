"""Plain text to ``ir/v1``: paragraphs, and tables set with blanks or drawn with lines; places are lines."""

from __future__ import annotations

import re
from collections.abc import Sequence

from locus_dbt.model.document import Document
from locus_dbt.model.element import Parsed
from locus_dbt.parsers.cells import CellColumns, Flow
from locus_dbt.parsers.decoding import decode_document
from locus_dbt.parsers.limits import MAX_COLUMNS
from locus_dbt.parsers.value_form import header_like, is_typed

_BULLET = re.compile(r"\s{0,12}(?:[-*•‣◦–]|\(?[0-9]{1,3}[.)]|\(?[a-zA-Z][.)])\s+\S")
_RULE = re.compile(r"[\s+|:=─━═┼┬┴├┤┌┐└┘│║╔╗╚╝╠╣╦╩╬_-]+")
_DRAWN = re.compile(r"\s*[|│║].*[|│║]\s*")
#: Lines longer than this are not set in columns.
_WIDEST = 1000


def parse(document: Document) -> Parsed:
    """Parse a plain text."""
    decoded = decode_document(document)
    flow = Flow()
    read_text(decoded.text, flow)
    return Parsed(
        document.media_type,
        (flow.page(),),
        tuple(flow.tables),
        metadata={"encoding": decoded.encoding},
        repairs=decoded.repairs,
    )


def read_text(text: str, flow: Flow, *, place: str = "") -> None:
    """Append the paragraphs and tables of ``text``; ``place`` stands before every ``line n``."""
    lines = re.split(r"\r\n|\n|\r|\f", text.replace("\0", ""))
    prefix = f"{place} " if place else ""
    at = 0
    while at < len(lines):
        if not lines[at].strip():
            at += 1
            continue
        stop = at
        while stop < len(lines) and lines[stop].strip():
            stop += 1
        _group(lines[at:stop], at + 1, flow, prefix)
        at = stop


def _group(lines: Sequence[str], first: int, flow: Flow, prefix: str) -> None:
    """One run of lines without a blank one between them: a table, list items, or a paragraph."""
    rows = _drawn(lines) or _aligned(lines)
    if rows is not None:
        _table(rows, first, flow, prefix)
        return
    start = 0
    for i in range(1, len(lines) + 1):
        if i == len(lines) or _BULLET.match(lines[i][:200]):
            kind = "list" if _BULLET.match(lines[start][:200]) else "paragraph"
            text = "\n".join(line.strip() for line in lines[start:i])
            flow.block("list" if kind == "list" else "paragraph", text, place=f"{prefix}line {first + start}")
            start = i


Rows = list[tuple[int, list[str]]]


def _drawn(lines: Sequence[str]) -> Rows | None:
    """A table drawn with bars: every line is a rule or has bars at both ends, with as many fields."""
    rows: Rows = []
    for i, line in enumerate(lines):
        if len(line) > 20 * _WIDEST:
            return None
        if _RULE.fullmatch(line):
            continue
        if not _DRAWN.fullmatch(line):
            return None
        rows.append((i, [part.strip() for part in re.split(r"[|│║]", line.strip()[1:-1])]))
    return rows if len(rows) > 1 and len({len(fields) for _, fields in rows}) == 1 else None


def _aligned(lines: Sequence[str]) -> Rows | None:
    """A table set with blanks: at least two blank gutters of width two run down through all lines."""
    kept = [(i, line.expandtabs(8).rstrip()) for i, line in enumerate(lines) if not _RULE.fullmatch(line[:_WIDEST])]
    if len(kept) < 3 or max(len(line) for _, line in kept) > _WIDEST:
        return None
    width = max(len(line) for _, line in kept)
    used = [False] * width
    for _, line in kept:
        for j, char in enumerate(line):
            used[j] = used[j] or char != " "
    edges = _columns(used)
    if not 2 <= len(edges) <= MAX_COLUMNS:
        return None
    rows: Rows = [(i, [line[a:b].strip() for a, b in edges]) for i, line in kept]
    filled = [sum(1 for field in fields if field) for _, fields in rows]
    # prose may share one gutter by chance: most lines must fill most columns, and values must line up
    full = sum(1 for n in filled if n * 2 > len(edges)) >= 0.7 * len(rows)
    values = any(
        sum(1 for _, fields in rows[1:] if is_typed(fields[col])) * 2 > len(rows) - 1 for col in range(len(edges))
    )
    return rows if full and (values or len(edges) > 2) else None


def _columns(used: Sequence[bool]) -> list[tuple[int, int]]:
    """Stretches of used positions that at least two unused ones part."""
    edges: list[tuple[int, int]] = []
    start, gap = None, 0
    for j, there in enumerate([*used, False, False]):
        if there:
            start, gap = (j if start is None else start), 0
        else:
            gap += 1
            if gap == 2 and start is not None:
                edges.append((start, j - 1))
                start = None
    return edges


def _table(rows: Rows, first: int, flow: Flow, prefix: str) -> None:
    head = header_like(rows[0][1])
    cells = CellColumns()
    for number, (i, fields) in enumerate(rows):
        for col, field in enumerate(fields):
            cells.add(field, number, col, place=f"{prefix}line {first + i}", is_header=head and number == 0)
    flow.table(cells)
