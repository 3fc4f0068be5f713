"""XML that is a document (articles, books, patents) to blocks and tables; places are XPaths without namespaces.

Which words mark prose is common to the usual vocabularies (JATS, DocBook, TEI, DITA, patents); everything else goes by
structure: text beside elements is running text, a leaf by itself is a value with its element's name as label.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from lxml import etree

from locus_dbt.model.element import BlockKind
from locus_dbt.parsers.cells import CellColumns, Flow
from locus_dbt.parsers.limits import MAX_COLUMNS, over
from locus_dbt.parsers.xml_tree import local_name

_PROSE = frozenset(("p", "para", "simpara", "formalpara", "ab", "claim-text", "l"))
_HEADS = frozenset(("title", "head", "heading", "article-title", "subtitle", "invention-title", "titleabbrev"))
#: Elements whose parts read as one text though each part is an element of its own.
_JOINED = frozenset(
    ("name", "string-name", "person-group", "element-citation", "mixed-citation", "citation", "nlm-citation",
     "personname", "addressbook", "date", "pub-date", "permissions")
)  # fmt: skip
_SECTIONS = frozenset(
    ("sec", "section", "sect1", "sect2", "sect3", "sect4", "sect5", "chapter", "part", "appendix", "app", "div",
     "topic", "front", "body", "back", "abstract", "ref-list", "boxed-text", "bibliography")
)  # fmt: skip
_LISTS = frozenset(("list", "ul", "ol", "itemizedlist", "orderedlist", "dl", "def-list"))
_NOTES = frozenset(("fn", "footnote", "note"))
_SILENT = frozenset(("tex-math", "processing-meta", "annotation", "annotation-xml", "style", "script"))
_WRAPS = frozenset(("table-wrap", "informaltable", "tables"))
#: Paragraphs of fewer words may be the values of records.
_WORDS = 6
_ENOUGH = 3


def is_document(root: etree._Element) -> bool:
    """Whether the XML is written text rather than records: some real paragraphs, or a table marked up as one.

    Records may hold paragraphs as well (a product's description): what repeats with fields of its own stays records.
    """
    if _lists_records(root):
        return False
    paragraphs = 0
    for element in root.iter():
        name = local_name(element)
        if name in _PROSE and len("".join(map(str, element.itertext())).split()) >= _WORDS:
            paragraphs += 1
            if paragraphs >= _ENOUGH:
                return True
        elif name in ("table", "tgroup") and next(_own(element, ("tr", "row")), None) is not None:
            return True
    return False


def _lists_records(root: etree._Element) -> bool:
    """Whether most elements below the root (or below its only child) are of one name and mostly hold plain fields."""
    while len(root) == 1:
        root = root[0]
    names = Counter(local_name(child) for child in root)
    name, times = names.most_common(1)[0] if names else ("", 0)
    if times < _ENOUGH or times < 0.6 * len(root) or name in _PROSE or name in _SECTIONS:
        return False
    fields = [field for child in root if local_name(child) == name for field in child]
    plain = sum(1 for field in fields if not len(field) and local_name(field) not in _PROSE | _HEADS)
    return plain > len(fields) / 2


def read_document(root: etree._Element, flow: Flow) -> None:
    """Append the document's blocks and tables."""
    _Reader(flow).walk(root)


class _Reader:
    """Walks the tree once, in document order."""

    def __init__(self, flow: Flow) -> None:
        self._flow = flow

    def walk(self, root: etree._Element) -> None:
        """Append everything under ``root``."""
        todo: list[tuple[etree._Element | str, str]] = [(root, f"/{local_name(root)}")]
        while todo:
            item, path = todo.pop()
            if isinstance(item, str):
                self._flow.block("paragraph", " ".join(item.split()), place=path)
            else:
                todo.extend(reversed(list(self._element(item, path))))

    def _element(self, element: etree._Element, path: str) -> Iterator[tuple[etree._Element | str, str]]:
        """Read an element itself, or yield what it holds."""
        name = local_name(element)
        if name in _SILENT or (name == "label" and _labels_something(element)) or _titles_table(element, name):
            return
        if name in ("table", "tgroup") and next(_own(element, ("tr", "row")), None) is not None:
            self._table(element, path)
        elif _has_blocks(element):
            yield from _content(element, path)
        elif name in _PROSE or name in _HEADS or name in _JOINED or not len(element) or _is_mixed(element):
            self._block(element, name, path)
        else:
            yield from _content(element, path)

    def _block(self, element: etree._Element, name: str, path: str) -> None:
        kind, level, label = _kind(element, name)
        self._flow.block(kind, text_of(element), place=path, level=level, label=label)

    def _table(self, table: etree._Element, path: str) -> None:
        order = self._flow.next_order()
        cells = CellColumns()
        groups = [e for e in table if local_name(e) == "tgroup"]
        if len(groups) > 1:
            # groups of one table have columns of their own: each is a table
            for number, group in enumerate(groups, 1):
                self._table(group, f"{path}/tgroup[{number}]")
            return
        grid = _Grid(cells)
        for row, at in _addressed_rows(groups[0] if groups else table, path + ("/tgroup[1]" if groups else "")):
            grid.row(row, at)
        self._flow.table(grid.finished(), title=_title(table), order=order)


class _Grid:
    """Puts cells into the first free slot of their row; named columns (CALS) go where their names say."""

    def __init__(self, cells: CellColumns) -> None:
        self._cells = cells
        self._found: list[tuple[str, int, int, int, int, str, bool]] = []
        self._taken: dict[int, int] = {}
        self._row = 0
        self._columns: dict[str, int] = {}

    def row(self, row: etree._Element, path: str) -> None:
        """Place the cells of one row."""
        group = next((e for e in row.iterancestors() if local_name(e) == "tgroup"), None)
        if group is not None and not self._columns:
            names = [e.get("colname") or "" for e in group if local_name(e) == "colspec"]
            self._columns = {name: i for i, name in enumerate(names) if name}
        in_head = any(local_name(e) == "thead" for e in row.iterancestors())
        col = 0
        counts: dict[str, int] = {}
        for cell in row:
            name = local_name(cell)
            if name not in ("td", "th", "entry", "entrytbl"):
                continue
            counts[name] = counts.get(name, 0) + 1
            while self._taken.get(col, 0) > self._row:
                col += 1
            start = self._columns.get(cell.get("namest") or cell.get("colname") or "", col)
            col = max(col, start)
            across = _number(cell.get("colspan"))
            if cell.get("nameend") in self._columns:
                across = max(self._columns[cell.get("nameend") or ""] - col + 1, 1)
            down = _number(cell.get("rowspan")) if cell.get("rowspan") else _number(cell.get("morerows"), least=0) + 1
            if col + across > MAX_COLUMNS:
                raise over(f"more than {MAX_COLUMNS} columns in a table", where=path)
            for at in range(col, col + across):
                self._taken[at] = self._row + down
            place = f"{path}/{name}[{counts[name]}]"
            self._found.append((text_of(cell), self._row, col, down, across, place, in_head or name == "th"))
            col += across
        self._row += 1

    def finished(self) -> CellColumns:
        """The cells, spans cut at the table's end and at the last column in which a cell begins."""
        width = max((col + 1 for _, _, col, *_ in self._found), default=0)
        for text, row, col, down, across, place, header in self._found:
            self._cells.add(
                text, row, col, place=place, row_span=min(down, self._row - row), col_span=min(across, width - col),
                is_header=header,
            )  # fmt: skip
        return self._cells


def text_of(element: etree._Element) -> str:
    """The text inside an element; parts that stand side by side without text between them are set apart."""
    out: list[str] = []

    def add(one: etree._Element) -> None:
        if local_name(one) in _SILENT:
            return
        apart = len(one) > 1 and not _is_mixed(one) and local_name(one) not in _FORMULA
        out.append(one.text or "")
        for child in one:
            if apart:
                out.append(" ")
            add(child)
            out.append(child.tail or "")

    add(element)
    return " ".join("".join(out).split())


_FORMULA = frozenset(("math", "mrow", "msub", "msup", "msubsup", "mfrac", "mi", "mo", "mn", "mstyle", "mfenced"))


def _is_mixed(element: etree._Element) -> bool:
    return bool((element.text or "").strip()) or any((child.tail or "").strip() for child in element)


def _has_blocks(element: etree._Element) -> bool:
    """Whether a paragraph, heading or table stands somewhere inside the element."""
    return any(
        local_name(e) in _PROSE or local_name(e) in _HEADS or local_name(e) in ("table", "tgroup", *_LISTS)
        for e in element.iterdescendants()
        if isinstance(e.tag, str)
    )


def _content(element: etree._Element, path: str) -> Iterator[tuple[etree._Element | str, str]]:
    """Children with their addresses; text between them, with the inline elements in it, as paragraphs."""
    counts: dict[str, int] = {}
    running = [element.text or ""]
    mixed = _is_mixed(element)
    for child in element:
        name = local_name(child)
        counts[name] = counts.get(name, 0) + 1
        own = name in _PROSE or name in _HEADS or name in ("table", "tgroup", *_LISTS, *_NOTES) or _has_blocks(child)
        if mixed and not own:
            running.append(text_of(child))
        else:
            yield "".join(running), path
            running = []
            yield child, f"{path}/{name}[{counts[name]}]"
        running.append(child.tail or "")
    yield "".join(running), path


def _kind(element: etree._Element, name: str) -> tuple[BlockKind, int, str]:  # noqa: PLR0911 - one return a kind
    above = [local_name(e) for e in element.iterancestors()]
    label = _label(element)
    if name in _HEADS and not {"ref", *_JOINED} & set(above):
        if above[:1] in (["caption"], ["table-wrap"], ["table"]):
            return "caption", 0, label
        sections = sum(1 for e in above if e in _SECTIONS and e not in ("front", "body", "back"))
        return "heading", min(max(sections + (name not in ("article-title", "invention-title")), 1), 9), label
    if "caption" in above[:2]:
        return "caption", 0, label
    if _NOTES & set(above[:3]):
        return "footnote", 0, label
    depth = sum(1 for e in above if e in _LISTS)
    if depth and name in _PROSE | {"li", "item", "listitem", "list-item", "term", "dt", "dd", "def"}:
        return "list", depth, label
    if name in _PROSE or name in _HEADS or len(element):
        return "paragraph", 0, label
    return "key_value", 0, name


def _label(element: etree._Element) -> str:
    """The label of what the element begins: it stands before the element, or before the holder that it opens."""
    for one in (element, element.getparent()):
        before = one.getprevious() if one is not None else None
        if before is not None:
            return text_of(before) if local_name(before) == "label" else ""
    return ""


def _labels_something(label: etree._Element) -> bool:
    """Whether what follows takes the label over: text or a table, not a value."""
    following = label.getnext()
    return following is not None and (len(following) > 0 or local_name(following) in _PROSE | _HEADS | {"caption"})


def _titles_table(element: etree._Element, name: str) -> bool:
    """Whether the element is the caption or label of a table, which the table takes as its title."""
    holder = element.getparent()
    if name not in ("caption", "label", "title") or holder is None or local_name(holder) not in _WRAPS | {"table"}:
        return False
    return any(local_name(e) in ("table", "tgroup") for e in holder.iterdescendants())


def _title(table: etree._Element) -> str:
    """Label and caption of the table, inside it or in the element that wraps it."""
    holder = table.getparent()
    for one in (table, holder):
        if one is None or (one is holder and local_name(one) not in _WRAPS | {"table"}):
            continue
        parts = [text_of(e) for e in one if local_name(e) in ("label", "caption", "title")]
        if any(parts):
            return " ".join(filter(None, parts))
    return ""


def _own(table: etree._Element, names: tuple[str, ...]) -> Iterator[etree._Element]:
    """Rows that belong to this table, not to one inside its cells."""
    todo = list(table)[::-1]
    while todo:
        element = todo.pop()
        name = local_name(element)
        if name in names:
            yield element
        elif name != "table":
            todo.extend(list(element)[::-1])


def _addressed_rows(table: etree._Element, path: str) -> Iterator[tuple[etree._Element, str]]:
    todo = [(table, path)]
    while todo:
        element, at = todo.pop()
        if local_name(element) in ("tr", "row"):
            yield element, at
            continue
        counts: dict[str, int] = {}
        inner = []
        for child in element:
            name = local_name(child)
            counts[name] = counts.get(name, 0) + 1
            if name != "table":
                inner.append((child, f"{at}/{name}[{counts[name]}]"))
        todo.extend(reversed(inner))


def _number(text: str | None, *, least: int = 1) -> int:
    return max(least, int(text)) if text and text.isascii() and text.isdigit() and len(text) < 5 else least
