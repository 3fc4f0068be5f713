"""Plain text to ``ir/v1``: paragraphs, and tables set with blanks or drawn with lines; places are lines."""

from __future__ import annotations

import re
from collections.abc import Sequence

from locus_dbt.model.document import Document
from locus_dbt.model.element import Parsed
from locus_dbt.parsers.cells import CellColumns, Flow
from locus_dbt.parsers.decoding import decode_document
from locus_dbt.parsers.plain_tables import TextTable, find_table

_BULLET = re.compile(r"\s{0,12}(?:[-*•‣◦–]|\(?[0-9]{1,3}[.)]|\(?[a-zA-Z][.)])\s+\S")


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
    """One run of lines without a blank one between them: a table with lines around it, list items, or a paragraph."""
    found = find_table(lines)
    if found is None:
        _prose(lines, first, flow, prefix)
        return
    _prose(lines[: found.start], first, flow, prefix)
    _table(found, first, flow, prefix)
    _prose(lines[found.stop :], first + found.stop, flow, prefix)


def _prose(lines: Sequence[str], first: int, flow: Flow, prefix: str) -> None:
    """List items and paragraphs."""
    start = 0
    for i in range(1, len(lines) + 1):
        if i == len(lines) or _BULLET.match(lines[i][:200]):
            kind = "list" if _BULLET.match(lines[start][:200]) else "paragraph"
            text = "\n".join(line.strip() for line in lines[start:i])
            flow.block("list" if kind == "list" else "paragraph", text, place=f"{prefix}line {first + start}")
            start = i


def _table(found: TextTable, first: int, flow: Flow, prefix: str) -> None:
    cells = CellColumns()
    for number, (i, fields) in enumerate(found.rows):
        for col, field in enumerate(fields):
            cells.add(field, number, col, place=f"{prefix}line {first + i}", is_header=number < found.head)
    flow.table(cells)
