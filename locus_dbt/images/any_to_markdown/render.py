"""Elements in reading order to Markdown text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from locus_dbt.model.element import Block, Table
from locus_dbt.parsers.grid import to_grid
from locus_dbt.parsers.reading_order import Item

_MARKER = re.compile(r"^\s*(?:[-*•‣◦–]|(\(?\d{1,3}[.)]))\s+")
#: Signs that would turn a paragraph's first line into something else.
_LINE_START = re.compile(r"^(\s*)(#{1,6}(?=\s)|[-+*](?=\s)|>|\d{1,9}(?=[.)]\s))")


def render(items: Sequence[Item]) -> str:
    """Markdown of the items, a blank line between blocks, list items on lines below each other."""
    out: list[str] = []
    in_list = False
    for item in items:
        if isinstance(item, Table):
            text, is_list = _table(item), False
        else:
            text, is_list = _block(item), item.kind == "list"
        if not text:
            continue
        out.append(("\n" if is_list and in_list else "\n\n") + text if out else text)
        in_list = is_list
    return "".join(out)


def plain_text(items: Sequence[Item]) -> str:
    """The same content without any marks: what the Markdown was made from."""
    lines: list[str] = []
    for item in items:
        if isinstance(item, Block):
            lines.append(_labelled(item))
        else:
            titles, head, body = _parts(item)
            lines += [*titles, *(" ".join(filter(None, row)) for row in (head, *body))]
    return "\n".join(line for line in lines if line.strip())


def _block(block: Block) -> str:
    text = block.text.strip()
    if block.kind == "heading":
        return f"{'#' * min(max(block.level, 1), 6)} {escape(' '.join(_labelled(block).split()))}"
    if block.kind == "code":
        fence = "```"
        while fence in text:
            fence += "`"
        return f"{fence}\n{block.text.strip(chr(10))}\n{fence}"
    if block.kind == "list":
        return _list_item(block, text)
    if block.kind == "picture":
        return f"![{escape(' '.join(text.split()))}]()"
    return "\n".join(_LINE_START.sub(_escaped_start, escape(line)) for line in text.splitlines())


def _labelled(block: Block) -> str:
    """The text behind its number, where the format keeps the numbers of headings and list items apart."""
    numbered = block.kind in ("heading", "list") and any(c.isalnum() for c in block.label)
    return f"{block.label} {block.text}" if numbered else block.text


def _list_item(block: Block, text: str) -> str:
    """An item below its list's items; three blanks a level suit bullets and numbers alike."""
    marker = None if block.label else _MARKER.match(text)
    said = block.label.strip("().") if block.label else marker[1].strip("().") if marker and marker[1] else ""
    counted = said.isascii() and said.isdigit()
    number = f"{said}. " if counted else f"- {said}. " if said.isalnum() else "- "
    body = text[marker.end() :] if marker else text
    indent = "   " * (max(block.level, 1) - 1)
    shown = escape("\n".join(line.strip() for line in body.splitlines()))
    return indent + number + shown.replace("\n", f"\n{indent}  ")


def _escaped_start(match: re.Match[str]) -> str:
    mark = match[2]
    return match[1] + (f"{mark}\\" if mark[0].isdigit() else f"\\{mark}")


def escape(text: str) -> str:
    """Text with the signs escaped that Markdown would read as marks in the middle of a line."""
    return re.sub(r"([\\`*_\[\]<])", r"\\\1", text)


def _table(table: Table) -> str:
    """A pipe table; a spanning cell stands in its first slot, the others it covers are blank."""
    titles, head, body = _parts(table)
    shown = [[_cell(text) for text in row] for row in (head, *body)]
    lines = [f"| {' | '.join(row)} |" for row in (shown[0], ["---"] * table.n_cols, *shown[1:])]
    return "\n\n".join([*(f"**{escape(title)}**" for title in titles), "\n".join(lines)])


def _parts(table: Table) -> tuple[list[str], list[str], list[list[str]]]:
    """Title lines, header and body texts; stacked header rows are joined, a missing one is blank."""
    grid = to_grid(table)
    head = grid.header if grid.head else [""] * table.n_cols
    done = {-1}
    body: list[list[str]] = []
    for row in grid.body:
        texts: list[str] = []
        for cell in grid.slots[row]:
            texts.append("" if cell in done else table.text[cell].strip())
            done.add(cell)
        body.append(texts)
    title = " ".join(table.title.split())
    above = grid.title_lines
    return ([title, *above] if title and title not in above else above), head, body


def _cell(text: str) -> str:
    return escape(" ".join(text.split())).replace("|", "\\|")
