"""JSON answers as rows: records found, nested objects flattened, nested lists exploded or kept as text."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from locus_dbt.core.builder import TableBuilder
from locus_dbt.errors import InputError
from locus_dbt.model.document import Document
from locus_dbt.model.locus import Locus
from locus_dbt.parsers.grid import unique_names
from locus_dbt.parsers.json_records import Written, read_root
from locus_dbt.parsers.records import Leaf, Many, Node, Record

Flat = list[tuple[str, Leaf | Many]]


def extract(document: Document, params: Mapping[str, Any], table: TableBuilder) -> None:
    """Append the records of one document."""
    root, warnings = read_root(document)
    for warning in warnings:
        table.reject("E203", warning)
    records = _records(root, params["records"], document.filename)
    if params["shape"] == "values":
        for number, record in enumerate(records):
            for key, leaf in _values(record, ""):
                _append_value(table, number, key, leaf)
        return
    rows = [row for record in records for row in _rows(record, params["explode"])]
    _append_rows(rows, params["lists"], document.filename, table)


def _records(root: Node, pointer: str | None, filename: str) -> Sequence[Node]:
    """The list of records; a single object is one record."""
    if pointer is None:
        found = _longest(root)
    else:
        found = root
        for part in pointer.split("/")[1:]:
            found = _member(found, part.replace("~1", "/").replace("~0", "~"), pointer, filename)
    if isinstance(found, Many):
        return found.items
    return [found]


def _member(node: Node, key: str, pointer: str, filename: str) -> Node:
    if isinstance(node, Record):
        for name, member in node.members:
            if name == key:
                return member
        known = ", ".join(name for name, _ in node.members[:12])
        raise InputError(
            f"{filename} has nothing at '{pointer}'; known here: {known}", code="E210", fix="records := '/…'"
        )
    if isinstance(node, Many) and key.isdigit() and int(key) < len(node.items):
        return node.items[int(key)]
    raise InputError(f"{filename} has nothing at '{pointer}'", code="E210", fix="records := '/…'")


def _longest(root: Node) -> Node:
    """The longest list of objects that is in no other list; the root where there is none."""
    best: Many | None = None
    todo: list[Node] = [root]
    while todo:
        node = todo.pop()
        if isinstance(node, Record):
            todo += [member for _, member in reversed(node.members)]
        elif isinstance(node, Many) and any(isinstance(item, Record) for item in node.items):
            best = node if best is None or len(node.items) > len(best.items) else best
    return best or root


def _flat(node: Node, prefix: str) -> Flat:
    """Leaves and lists of a record under joined names; a name that comes twice is there twice."""
    if not isinstance(node, Record):
        return [(prefix or "value", node)]
    return [pair for key, member in node.members for pair in _flat(member, f"{prefix}.{key}" if prefix else key)]


def _rows(record: Node, explode: str | None) -> Iterator[Flat]:
    flat = _flat(record, "")
    if explode is None:
        yield flat
        return
    rest = [(name, node) for name, node in flat if name != explode]
    lists = [node for name, node in flat if name == explode and isinstance(node, Many)]
    elements = [item for node in lists for item in node.items]
    if not elements:
        yield rest  # a record without elements keeps its own values
    for item in elements:
        yield rest + _flat(item, explode)


def _append_rows(rows: list[Flat], lists: str, filename: str, table: TableBuilder) -> None:
    keys = list(dict.fromkeys(name for row in rows for name, node in row if lists != "drop" or isinstance(node, Leaf)))
    if not keys:
        raise InputError(f"no record in {filename}", code="E210", fix="records := '/…' names the list of records")
    names = dict(zip(keys, unique_names(keys), strict=True))
    table.declare(dict.fromkeys(names.values(), "VARCHAR"))
    for row in rows:
        table.start_row()
        for key, node in row:
            if isinstance(node, Leaf):
                _put(table, names[key], node.text, node)
            elif lists != "drop":
                text = _as_json(node) if lists == "json" else _joined(node)
                _put(table, names[key], text, node)


def _put(table: TableBuilder, column: str, text: str | None, node: Leaf | Many) -> None:
    if isinstance(node, Leaf):
        table.put(column, text, text=text, at=Locus(place=node.place or "/"))
    else:
        reason = f"a list of {len(node.items)} elements"
        table.put(column, text, text=None, at=Locus(place=node.place or "/"), grounding="inferred", reason=reason)


def _joined(node: Many) -> str | None:
    texts = [leaf.text for item in node.items for _, leaf in _values(item, "") if leaf.text is not None]
    return "; ".join(texts) or None


def _as_json(node: Node) -> str:
    """JSON without blanks; numbers keep the digits that were written."""
    if isinstance(node, Record):
        members = (f"{json.dumps(key, ensure_ascii=False)}:{_as_json(member)}" for key, member in node.members)
        return f"{{{','.join(members)}}}"
    if isinstance(node, Many):
        return f"[{','.join(map(_as_json, node.items))}]"
    if node.text is None or isinstance(node.text, Written):
        return node.text or "null"
    return json.dumps(node.text, ensure_ascii=False)


def _values(node: Node, prefix: str) -> Iterator[tuple[str, Leaf]]:
    """Every single value with its path."""
    if isinstance(node, Leaf):
        yield prefix or "value", node
        return
    pairs = node.members if isinstance(node, Record) else tuple((str(i), item) for i, item in enumerate(node.items))
    for key, member in pairs:
        yield from _values(member, f"{prefix}.{key}" if prefix else key)


def _append_value(table: TableBuilder, number: int, key: str, leaf: Leaf) -> None:
    if leaf.text is None:
        return
    kind = "string"
    if isinstance(leaf.text, Written):
        kind = "boolean" if leaf.text in ("true", "false") else "number"
    at = Locus(place=leaf.place or "/")
    table.start_row()
    for column, value, why in (
        ("record_no", number, "counted"),
        ("key", key, "its place in the record"),
        ("value_type", kind, "how it is written"),
    ):
        table.put(column, value, text=None, at=at, grounding="inferred", reason=why)
    table.put("value", str(leaf.text), text=str(leaf.text), at=at)
