"""JSON and JSON lines to ``ir/v1``: places are JSON pointers, numbers keep the digits that were written."""

from __future__ import annotations

import json
from typing import Any

from locus_dbt.errors import InputError
from locus_dbt.model.document import Document
from locus_dbt.model.element import Parsed
from locus_dbt.parsers.cells import Flow
from locus_dbt.parsers.decoding import decode
from locus_dbt.parsers.detect import JSONL
from locus_dbt.parsers.limits import MAX_DEPTH, over
from locus_dbt.parsers.records import Leaf, Many, Node, Record, append_records


class Written(str):
    """A number or truth value as it is written, to be told from a text of the same signs."""

    __slots__ = ()


def parse(document: Document) -> Parsed:
    """Parse one JSON value, or one value a line; lines that are no JSON are named in the warnings."""
    text, encoding = decode(document.data, filename=document.filename, options=document.options)
    flow = Flow()
    root, warnings = _root(text, document)
    append_records(root, flow)
    return Parsed(
        document.media_type,
        (flow.page(),),
        tuple(flow.tables),
        metadata={"encoding": encoding},
        warnings=warnings,
    )


def read_root(document: Document) -> tuple[Node, tuple[str, ...]]:
    """The document's value as a tree with places, and what was no JSON in it."""
    text, _ = decode(document.data, filename=document.filename, options=document.options)
    return _root(text, document)


def _root(text: str, document: Document) -> tuple[Node, tuple[str, ...]]:
    if document.media_type == JSONL:
        return _lines(text, document.filename)
    return _node(_load(text, document.filename), "", depth=0), ()


def _lines(text: str, filename: str) -> tuple[Node, tuple[str, ...]]:
    """The values of all lines as one list; the place of each is its line and the pointer within it."""
    items, bad = [], []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            items.append(_node(_load(line, filename), f"line {number} ", depth=0))
        except InputError as error:
            if error.code == "E206":
                raise
            bad.append(f"line {number} is not JSON")
    if not items:
        raise InputError(f"no line is JSON: {filename}", code="E203")
    return Many(tuple(items), ""), tuple(bad)


def _load(text: str, filename: str) -> Any:  # noqa: ANN401 - any JSON value
    try:
        return json.loads(
            text.lstrip("\ufeff"),
            parse_int=Written,
            parse_float=Written,
            parse_constant=Written,
            object_pairs_hook=_pairs,
        )
    except RecursionError as error:
        raise over("JSON nested too deeply", where=filename) from error
    except ValueError as error:
        raise InputError(f"not valid JSON ({error}): {filename}", code="E203", fix="repair the file") from error


class _Pairs(list[tuple[str, Any]]):
    """An object's members; unlike a dictionary it keeps a name that comes twice."""


def _pairs(members: list[tuple[str, Any]]) -> _Pairs:
    return _Pairs(members)


def _node(value: Any, place: str, *, depth: int) -> Node:  # noqa: ANN401 - any JSON value
    if depth > MAX_DEPTH:
        raise over(f"JSON nested deeper than {MAX_DEPTH}", where=place[:200])
    if isinstance(value, _Pairs):
        members = ((key, _node(v, f"{place}/{_escaped(key)}", depth=depth + 1)) for key, v in value)
        return Record(tuple(members), place)
    if isinstance(value, list):
        return Many(tuple(_node(v, f"{place}/{i}", depth=depth + 1) for i, v in enumerate(value)), place)
    if isinstance(value, bool):
        return Leaf(Written("true" if value else "false"), place)
    return Leaf(value, place)


def _escaped(key: str) -> str:
    """A member name inside a JSON pointer (RFC 6901)."""
    return key.replace("~", "~0").replace("/", "~1")
