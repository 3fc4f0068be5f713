"""One HTML table to cells: spans, header flags, nested tables apart, layout tables told from data."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import html as lxml_html

from locus_dbt.parsers.cells import CellColumns
from locus_dbt.parsers.html_text import hidden, text_of
from locus_dbt.parsers.limits import MAX_COLUMNS, over

Addressed = tuple[lxml_html.HtmlElement, str]

#: The HTML standard's own bounds for spans.
_MAX_COL_SPAN = 1000
_MAX_ROW_SPAN = 65_534
_PROSE = 400


def addressed(parent: lxml_html.HtmlElement, path: str) -> Iterator[Addressed]:
    """The element children with their addresses; equal tags are numbered from 1 as XPath does."""
    counts: dict[str, int] = {}
    for child in parent:
        if isinstance(child.tag, str):
            counts[child.tag] = counts.get(child.tag, 0) + 1
            yield child, f"{path}/{child.tag}[{counts[child.tag]}]"


def own_parts(table: lxml_html.HtmlElement, path: str, tags: tuple[str, ...]) -> Iterator[Addressed]:
    """Descendants with one of ``tags`` that belong to this table, in document order.

    Neither a found element nor a nested table is entered; anything else between (sections, forms that
    broken pages put there) is passed through.
    """
    todo = list(addressed(table, path))[::-1]
    while todo:
        element, at = todo.pop()
        if element.tag in tags:
            yield element, at
        elif element.tag != "table":
            todo.extend(list(addressed(element, at))[::-1])


def is_layout(table: lxml_html.HtmlElement) -> bool:
    """Whether the table only arranges the page: its cells hold content of their own kind, not values."""
    if (table.get("role") or "").lower() in ("presentation", "none"):
        return True
    rows = [row for row, _ in own_parts(table, "", ("tr",))]
    cells = [cell for row in rows for cell in row if cell.tag in ("td", "th")]
    if not cells:
        return True
    if any(c.tag == "th" for c in cells) or any(e.tag in ("caption", "thead") for e in table):
        return False
    nested = [t for c in cells for t in c.iter("table")]
    blocks = any(c.find(f".//{tag}") is not None for c in cells for tag in ("h1", "h2", "h3", "form", "ul", "p"))
    if len(cells) == len(rows) or len(rows) == 1:
        return bool(nested) or blocks
    if not nested:
        longest = sorted(len(text_of(c)) for c in cells)
        return blocks and longest[len(longest) // 2] > _PROSE
    own = sum(len(text_of(c)) for c in cells)
    return own <= sum(len("".join(t.itertext())) for t in nested)


def read_table(table: lxml_html.HtmlElement, path: str, *, prefix: str) -> tuple[CellColumns, str, list[Addressed]]:
    """The cells of ``table``, its caption, and the tables nested in it (to be read next)."""
    cells = CellColumns()
    nested: list[Addressed] = []
    rows = [(row, at) for row, at in own_parts(table, path, ("tr",)) if not hidden(row)]
    grid = _Grid(len(rows))
    for number, (row, at) in enumerate(rows):
        in_head = _section(row) == "thead"
        for cell, cell_at in own_parts(row, at, ("td", "th")):
            if hidden(cell):
                continue
            row_span, col_span = _span(cell, "rowspan", _MAX_ROW_SPAN), _span(cell, "colspan", _MAX_COL_SPAN)
            grid.put(number, row_span, col_span, (cell, cell_at, in_head or cell.tag == "th"))
            nested += own_parts(cell, cell_at, ("table",))
    width = grid.anchored_width()
    for number, col, row_span, col_span, (cell, cell_at, is_header) in grid.placed:
        cells.add(
            text_of(cell, in_table=True), number, col, place=prefix + cell_at, row_span=row_span,
            col_span=min(col_span, max(width - col, 1)), is_header=is_header,
        )  # fmt: skip
    caption = next((text_of(e) for e in table if e.tag == "caption"), "")
    return cells, caption.replace("\n", " "), nested


def _section(row: lxml_html.HtmlElement) -> str:
    parent = row.getparent()
    return str(parent.tag) if parent is not None else ""


def _span(cell: lxml_html.HtmlElement, name: str, most: int) -> int:
    """A span without sense (0, negative, no number) counts as one."""
    given = cell.get(name)
    if given is None:
        return 1
    digits = given.strip()
    return max(1, min(int(digits), most)) if digits.isascii() and digits[:9].isdigit() and len(digits) < 10 else 1


class _Grid:
    """Places cells in the first free slot of their row, as the HTML table model does."""

    def __init__(self, n_rows: int) -> None:
        self._n_rows = n_rows
        self._taken_until: list[int] = []  # per column: first row that is free again
        self._row, self._col = -1, 0
        self.placed: list[tuple[int, int, int, int, tuple[lxml_html.HtmlElement, str, bool]]] = []

    def put(self, row: int, row_span: int, col_span: int, what: tuple[lxml_html.HtmlElement, str, bool]) -> None:
        if row != self._row:
            self._row, self._col = row, 0
        taken = self._taken_until
        while self._col < len(taken) and taken[self._col] > row:
            self._col += 1
        col, row_span = self._col, min(row_span, self._n_rows - row)
        if col + col_span > MAX_COLUMNS:
            raise over(f"more than {MAX_COLUMNS} columns in a table", where=what[1])
        free = 1
        while free < col_span and not (col + free < len(taken) and taken[col + free] > row):
            free += 1
        taken.extend([0] * (col + free - len(taken)))
        taken[col : col + free] = [row + row_span] * free
        self.placed.append((row, col, row_span, free, what))
        self._col = col + free

    def anchored_width(self) -> int:
        """Columns up to the last one in which a cell begins: wider spans show nothing more."""
        return max((col + 1 for _, col, _, _, _ in self.placed), default=0)
