"""One HTML table to cells: spans, header flags, nested tables apart, layout tables told from data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeAlias

from lxml import etree

from locus_dbt.parsers.cells import CellColumns
from locus_dbt.parsers.html_text import hidden, raw_text, text_of
from locus_dbt.parsers.limits import MAX_CELLS, MAX_COLUMNS, over

if TYPE_CHECKING:
    from lxml.etree import _Element

Addressed: TypeAlias = "tuple[_Element, str]"
#: A row's element and the cells in it with their addresses.
Row: TypeAlias = "tuple[_Element, list[Addressed]]"

#: The HTML standard's own bounds for spans.
_MAX_COL_SPAN = 1000
_MAX_ROW_SPAN = 65_534
_PROSE = 400
_CELLS = ("td", "th")


def addressed(parent: etree._Element, path: str) -> Iterator[Addressed]:
    """The element children with their addresses; equal tags are numbered from 1 as XPath does."""
    counts: dict[str, int] = {}
    for child in parent:
        tag = child.tag
        if isinstance(tag, str):
            counts[tag] = number = counts.get(tag, 0) + 1
            yield child, f"{path}/{tag}[{number}]"


def own_parts(table: etree._Element, path: str, tags: tuple[str, ...]) -> Iterator[Addressed]:
    """Descendants with one of ``tags`` that belong to this table, in document order.

    Neither a found element nor a nested table is entered; anything else between (sections, forms that
    broken pages put there) is passed through.
    """
    todo = list(addressed(table, path))[::-1]
    while todo:
        element, at = todo.pop()
        if element.tag in tags:
            yield element, at
        elif element.tag != "table" and len(element):
            todo.extend(list(addressed(element, at))[::-1])


def is_layout(table: etree._Element, rows: list[Row]) -> bool:
    """Whether the table only arranges the page: its cells hold content of their own kind, not values."""
    if (table.get("role") or "").lower() in ("presentation", "none") or table.get("datatable") == "0":
        return True
    cells = [cell for _, row in rows for cell, _ in row]
    if not cells:
        return True
    if any(c.tag == "th" for c in cells) or any(e.tag in ("caption", "thead") for e in table):
        return False
    nested = (
        [t for c in cells for t in c.iter("table")] if next(table.iterdescendants("table"), None) is not None else []
    )
    blocks = any(next(c.iter("h1", "h2", "h3", "form", "ul", "p"), None) is not None for c in cells)
    if len(cells) == len(rows) or len(rows) == 1:
        return bool(nested) or blocks
    if not nested:
        return blocks and sorted(len(text_of(c)) for c in cells)[len(cells) // 2] > _PROSE
    own = sum(len(text_of(c)) for c in cells)
    return own <= sum(len(raw_text(t)) for t in nested)


def table_rows(table: etree._Element, path: str) -> list[Row]:
    """The rows with their cells, in source order; cells outside any row make rows of their own."""
    rows: list[Row] = []
    loose: etree._Element | None = None
    for element, at in own_parts(table, path, ("tr", *_CELLS)):
        parent = element.getparent()
        if element.tag == "tr":
            rows.append((element, _row_cells(element, at)))
            loose = None
        elif loose is not None and parent is loose:
            rows[-1][1].append((element, at))
        elif parent is not None:
            rows.append((parent, [(element, at)]))
            loose = parent
    return rows


def _row_cells(row: etree._Element, path: str) -> list[Addressed]:
    """The cells of one row; nearly all rows hold nothing else, which is quickly told."""
    cells: list[Addressed] = []
    plain = named = 0
    for child in row:
        if child.tag == "td":
            plain += 1
            cells.append((child, f"{path}/td[{plain}]"))
        elif child.tag == "th":
            named += 1
            cells.append((child, f"{path}/th[{named}]"))
        else:
            return list(own_parts(row, path, _CELLS))
    return cells


def read_table(table: etree._Element, rows: list[Row], *, prefix: str) -> tuple[CellColumns, str, list[Addressed]]:
    """The cells of ``table``, its caption, and the tables nested in it (to be read next)."""
    rows = [row for row in rows if row[0] is table or not hidden(row[0])]
    groups = [_group(row, table) for row, _ in rows]
    order = _shown_order(groups)
    rows, groups = [rows[i] for i in order], [groups[i] for i in order]
    any_marked = any(g is not None and g.tag == "thead" for g in groups) or next(table.iter("th"), None) is not None
    bold = 0 if any_marked else _bold_rows([cells for _, cells in rows])
    grid = Layout(_group_ends(groups))
    deep = next(table.iterdescendants("table"), None) is not None
    nested: list[Addressed] = []
    for number, (_, cells) in enumerate(rows):
        group = groups[number]
        in_head = (group is not None and group.tag == "thead") or number < bold
        for cell, at in cells:
            if hidden(cell):
                continue
            down = _span(cell, "rowspan", _MAX_ROW_SPAN, zero=_MAX_ROW_SPAN)
            across = _span(cell, "colspan", _MAX_COL_SPAN, zero=1)
            grid.put(number, down, across, (cell, at, in_head or cell.tag == "th"))
            if deep:
                nested += own_parts(cell, at, ("table",))
    caption = next((text_of(e) for e in table if e.tag == "caption"), "")
    return grid.cells(prefix), caption.replace("\n", " "), nested


def _group(row: etree._Element, table: etree._Element) -> etree._Element | None:
    """The section (head, body or foot) of the table in which the row stands."""
    above = row if row.tag != "tr" else row.getparent()
    while above is not None and above is not table:
        if above.tag in ("thead", "tbody", "tfoot"):
            return above
        above = above.getparent()
    return None


def _shown_order(groups: list[etree._Element | None]) -> list[int]:
    """Rows as they are shown: the first head on top and the first foot at the bottom, wherever they are written."""
    head = next((g for g in groups if g is not None and g.tag == "thead"), None)
    foot = next((g for g in groups if g is not None and g.tag == "tfoot"), None)
    if head is None and foot is None:
        return list(range(len(groups)))
    return sorted(range(len(groups)), key=lambda i: 1 if groups[i] is None else _rank(groups[i], head, foot))


def _rank(group: object, head: object, foot: object) -> int:
    return 0 if group is head else 2 if group is foot else 1


def _group_ends(groups: list[etree._Element | None]) -> list[int]:
    """For each row the row behind the last of its section: no span reaches further."""
    ends = [len(groups)] * len(groups)
    for i in range(len(groups) - 2, -1, -1):
        ends[i] = ends[i + 1] if groups[i] is groups[i + 1] else i + 1
    return ends


def _bold_rows(rows: list[list[Addressed]]) -> int:
    """Whether the first row alone is set in bold: a header by its looks (1 or 0)."""
    return int(len(rows) > 1 and len(rows[0]) > 1 and _is_bold(rows[0]) and not _is_bold(rows[1]))


def _is_bold(cells: list[Addressed]) -> bool:
    said = [(text_of(cell), "".join(raw_text(b) for b in cell.iter("b", "strong"))) for cell, _ in cells]
    return all("".join(text.split()) == "".join(bold.split()) for text, bold in said) and any(t for t, _ in said)


def _span(cell: etree._Element, name: str, most: int, *, zero: int) -> int:
    """A span without sense (negative, no number) counts as one; ``zero`` is what 0 means."""
    given = cell.get(name)
    if given is None:
        return 1
    digits = given.strip()
    if not (digits.isascii() and digits[:12].isdigit()):
        return 1
    return most if len(digits) > 9 else min(int(digits), most) or zero


class Layout:
    """Places cells in the first free slot of their row, as the HTML table model does.

    ``ends[row]`` is the row behind the last one to which a cell that begins in ``row`` may reach.
    """

    def __init__(self, ends: list[int]) -> None:
        self._ends = ends
        self._taken_until: list[int] = []  # per column: first row that is free again
        self._row, self._col, self._slots = -1, 0, 0
        self._placed: list[tuple[int, int, int, int, tuple[etree._Element, str, bool]]] = []

    def put(self, row: int, row_span: int, col_span: int, what: tuple[etree._Element, str, bool]) -> None:
        """Place the next cell of ``row``: its element, its address, whether it is a header cell."""
        if row != self._row:
            self._row, self._col = row, 0
        taken, col = self._taken_until, self._col
        while col < len(taken) and taken[col] > row:
            col += 1
        stop = min(row + row_span, self._ends[row])
        if col + col_span > MAX_COLUMNS:
            raise over(f"more than {MAX_COLUMNS} columns in a table", where=what[1])
        free = 1
        while free < col_span and not (col + free < len(taken) and taken[col + free] > row):
            free += 1
        self._slots += free
        if self._slots > 4 * MAX_CELLS:
            raise over("column spans cover too many slots in a table", where=what[1])
        if col + free > len(taken):
            taken.extend([0] * (col + free - len(taken)))
        taken[col : col + free] = [stop] * free
        self._placed.append((row, col, stop - row, free, what))
        self._col = col + free

    def cells(self, prefix: str) -> CellColumns:
        """The cells with their texts; columns behind the last one in which a cell begins show nothing more."""
        width = max((col + 1 for _, col, _, _, _ in self._placed), default=0)
        cells = CellColumns()
        for number, col, row_span, col_span, (cell, at, is_header) in self._placed:
            cells.add(
                text_of(cell, in_table=True), number, col, place=prefix + at, row_span=row_span,
                col_span=min(col_span, max(width - col, 1)), is_header=is_header,
            )  # fmt: skip
        return cells
