"""Tables that a page does not mark up as such: cards and list items of one structure, a record each.

Three siblings or more with the same tag and classes are records when at least half of them share two fields. A field
is an element with a text of its own; its column is its path of tags and classes inside the record.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, TypeAlias

from lxml import etree

from locus_dbt.model.element import Table
from locus_dbt.parsers.cells import CellColumns
from locus_dbt.parsers.html_table import Addressed, addressed
from locus_dbt.parsers.html_text import SILENT_TAGS, hidden, text_of
from locus_dbt.parsers.limits import MAX_COLUMNS, MAX_TABLES

if TYPE_CHECKING:
    from lxml.etree import _Element

_FEWEST = 3
#: Running text and tables are read as such.
_NO_RECORD = frozenset(("p", "td", "th", "tr", "br", "hr", "option", "h1", "h2", "h3", "h4", "h5", "h6", "dt", "dd"))
#: A field is its column's path inside the record, its element and its address.
Field: TypeAlias = "tuple[str, _Element, str]"


def record_tables(root: etree._Element, *, first: int) -> list[Table]:
    """The records of a page as tables, numbered from ``first``; the header is what the page calls each field."""
    found: list[Table] = []
    body = root.find("body")
    todo = [(body, "/html/body")] if body is not None else []
    while todo and len(found) < MAX_TABLES:
        parent, path = todo.pop()
        taken: set[etree._Element] = set()
        children = [(c, at) for c, at in addressed(parent, path) if c.tag not in SILENT_TAGS and not hidden(c)]
        for items in _alike(children):
            cells = _cells([list(_fields(item, at)) for item, at in items])
            if cells is not None:
                found.append(cells.table(first + len(found), title=_title(parent)))
                taken.update(item for item, _ in items)
        todo.extend((c, at) for c, at in reversed(children) if c not in taken and len(c) and c.tag != "table")
    return found


def _alike(children: Sequence[Addressed]) -> Iterator[list[Addressed]]:
    """Groups of siblings with the same tag and first class, in order of their first one."""
    groups: dict[tuple[str, str], list[Addressed]] = {}
    for child, at in children:
        if child.tag not in _NO_RECORD and len(child):
            groups.setdefault((str(child.tag), _first_class(child)), []).append((child, at))
    return iter([group for group in groups.values() if len(group) >= _FEWEST])


def _first_class(element: etree._Element) -> str:
    return next(iter((element.get("class") or "").split()), "")


def _fields(item: etree._Element, path: str) -> Iterator[Field]:
    """The elements with text of their own inside the record; the same path again gets a number."""
    times: Counter[str] = Counter()
    todo: list[tuple[etree._Element, str, str]] = [(item, path, "")]
    while todo:
        element, at, name = todo.pop()
        if element.tag in SILENT_TAGS or hidden(element) or element.tag == "table":
            continue
        own = (element.text or "").strip() or any((child.tail or "").strip() for child in element)
        if own or not len(element):
            if own:
                times[name] += 1
                yield (f"{name}#{times[name]}" if times[name] > 1 else name), element, at
            continue
        inside = [(child, where, f"{name}/{_step(child)}") for child, where in addressed(element, at)]
        todo.extend(reversed(inside))


def _step(element: etree._Element) -> str:
    return ".".join((str(element.tag), *(element.get("class") or "").split()[:1]))


def _cells(records: list[list[Field]]) -> CellColumns | None:
    """The records as cells; ``None`` when they share too little."""
    counts = Counter(name for record in records for name, _, _ in record)
    shared = [name for name, n in counts.items() if 2 * n >= len(records)]
    if len(shared) < 2 or len(counts) > min(MAX_COLUMNS, 20 + 5 * len(shared)):
        return None
    column = {name: i for i, name in enumerate(counts)}
    first = {name: (element, at) for record in reversed(records) for name, element, at in record}
    cells = CellColumns()
    for name, i in column.items():
        element, at = first[name]
        label, where = _called(element, name)
        cells.add(label, 0, i, place=f"{at}/{where}" if where else at, is_header=True)
    for number, record in enumerate(records, 1):
        for name, element, at in record:
            cells.add(text_of(element, in_table=True), number, column[name], place=at)
    return cells


def _called(element: etree._Element, name: str) -> tuple[str, str]:
    """What the page calls the field, and where it says so, from the field's address on: its property, class or tag.

    An element that says nothing and stands alone in another is called what that one is.
    """
    number = f" {name.rsplit('#', 1)[1]}" if "#" in name else ""
    one, up = element, ""
    for _ in name.split("/")[1:]:
        for attribute in ("itemprop", "data-field", "data-label", "class"):
            said = next(iter((one.get(attribute) or "").split()), "")
            if said:
                return said + number, f"{up}@{attribute}"
        above = one.getparent()
        if above is None or len(above) > 1:
            break
        one, up = above, f"../{up}"
    return str(element.tag) + number, ""


def _title(parent: etree._Element) -> str:
    """The heading right above the records, if there is one."""
    before = parent.getprevious()
    inside = next((c for c in parent if c.tag in ("h1", "h2", "h3", "h4", "h5", "h6")), None)
    if inside is not None:
        return text_of(inside)
    named = before is not None and before.tag in ("h1", "h2", "h3", "h4", "h5", "h6")
    return text_of(before) if named and before is not None else ""
