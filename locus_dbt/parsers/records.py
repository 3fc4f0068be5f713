"""Nested records (JSON, XML) to tables: lists of objects become rows, nested objects dotted columns."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from locus_dbt.parsers.cells import CellColumns, Flow
from locus_dbt.parsers.limits import MAX_COLUMNS, over


@dataclass(frozen=True, slots=True)
class Leaf:
    """A scalar as printed; ``None`` is the format's null."""

    text: str | None
    place: str


@dataclass(frozen=True, slots=True)
class Many:
    """A list of nodes."""

    items: tuple[Node, ...]
    place: str


@dataclass(frozen=True, slots=True)
class Record:
    """Named nodes in document order; the name ``""`` is the record's own text."""

    members: tuple[tuple[str, Node], ...]
    place: str


Node = Leaf | Many | Record


def append_records(root: Node, flow: Flow) -> None:
    """Tables for every list of records (and of lists) in ``root``; scalars outside them as key-value blocks.

    A list inside a record becomes a table of its own, in which the rows of all parent records follow each
    other; a cell's place tells its parent.
    """
    todo: deque[tuple[str, list[Node]]] = deque([("", [root])])
    while todo:
        name, nodes = todo.popleft()
        lists = [node for node in nodes if isinstance(node, Many)]
        if len(lists) == len(nodes):
            inside = _table(name, [item for node in lists for item in node.items], flow)
        else:
            inside = [found for node in nodes for found in _outside(name, node, flow)]
        todo.extendleft(reversed(inside))


def _outside(name: str, node: Node, flow: Flow) -> list[tuple[str, list[Node]]]:
    """Key-value blocks for the scalars of a record that is in no list; gives its lists back."""
    if isinstance(node, Many):
        return [(name, [node])]
    if isinstance(node, Leaf):
        shown = f"{name}: {node.text}" if name else node.text or ""
        if node.text:
            flow.block("key_value" if name else "paragraph", shown, place=node.place)
        return []
    lists = []
    for key, member in _flat(node, name):
        if isinstance(member, Leaf):
            _outside(key, member, flow)
        else:
            lists.append((key, [member]))
    return [(key, list(nodes)) for key, nodes in lists]


def _flat(record: Record, prefix: str) -> Iterator[tuple[str, Leaf | Many]]:
    """Members under dotted names, depth first; lists are not entered."""
    todo: list[tuple[str, Node]] = [(prefix, record)]
    while todo:
        name, node = todo.pop()
        if isinstance(node, Record):
            todo += [(".".join(filter(None, (name, key))), member) for key, member in node.members][::-1]
        else:
            yield name, node


def _table(name: str, items: Sequence[Node], flow: Flow) -> list[tuple[str, list[Node]]]:
    """One table of the records (or lists, or scalars) ``items``; gives the lists inside them back."""
    if items and all(isinstance(item, Many) for item in items):
        return _matrix(name, items, flow)
    rows = [list(_row(item)) for item in items]
    columns: dict[str, int] = {}
    first: dict[str, str] = {}
    lists: dict[str, list[Node]] = {}
    for row in rows:
        for key, node in row:
            if isinstance(node, Many) and not _scalars(node):
                lists.setdefault(".".join(filter(None, (name, key))), []).append(node)
            else:
                columns.setdefault(key, len(columns))
                first.setdefault(key, node.place)
    if len(columns) > MAX_COLUMNS:
        raise over(f"{len(columns)} columns, at most {MAX_COLUMNS}", where=name or "the records")
    cells = CellColumns()
    for key, col in columns.items():
        cells.add(key or "value", 0, col, place=first[key], is_header=True)
    for number, row in enumerate(rows, 1):
        for key, node in row:
            if key in columns and (text := _text(node)) is not None:
                cells.add(text, number, columns[key], place=node.place)
    flow.table(cells, title=name)
    return list(lists.items())


def _row(item: Node) -> Iterator[tuple[str, Leaf | Many]]:
    """A record's members; a name that comes twice in one record gets a number."""
    if not isinstance(item, Record):
        yield "", item
        return
    times: dict[str, int] = {}
    for key, node in _flat(item, ""):
        name = key
        while name in times:
            times[key] += 1
            name = f"{key}_{times[key]}"
        times[name] = 1
        yield name, node


def _matrix(name: str, items: Sequence[Node], flow: Flow) -> list[tuple[str, list[Node]]]:
    """Lists of scalars are rows; a list with anything else in it is a table of its own."""
    if not all(isinstance(item, Many) and _scalars(item) for item in items):
        return [(name, [item]) for item in items]
    cells = CellColumns()
    for number, item in enumerate(items):
        for col, leaf in enumerate(item.items if isinstance(item, Many) else ()):
            if col >= MAX_COLUMNS:
                raise over(f"more than {MAX_COLUMNS} columns", where=item.place)
            if isinstance(leaf, Leaf) and leaf.text is not None:
                cells.add(leaf.text, number, col, place=leaf.place)
    flow.table(cells, title=name)
    return []


def _scalars(node: Many) -> bool:
    return all(isinstance(item, Leaf) for item in node.items)


def _text(node: Leaf | Many) -> str | None:
    """A scalar's text; a list of scalars as its texts joined by semicolons (``None`` when there are none)."""
    if isinstance(node, Leaf):
        return node.text
    texts = [item.text for item in node.items if isinstance(item, Leaf) and item.text is not None]
    return "; ".join(texts) if texts else None
