"""YAML to ``ir/v1``: lists of mappings become tables; places are lines with pointers. Nothing is constructed.

The text is composed into nodes, never into Python objects: a tag cannot call anything, and scalars keep the form that
was written (``0123``, ``yes``, ``1.10``). An alias stands for its anchor's content wherever it is used; how much that
may add is bounded.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import yaml

from locus_dbt.errors import InputError
from locus_dbt.model.document import Document
from locus_dbt.model.element import Parsed
from locus_dbt.parsers.cells import Flow
from locus_dbt.parsers.decoding import decode
from locus_dbt.parsers.limits import MAX_CELLS, MAX_DEPTH, over
from locus_dbt.parsers.records import Leaf, Many, Node, Record, append_records

_NULLS = frozenset(("", "~", "null", "Null", "NULL"))
_NULL_TAG = "tag:yaml.org,2002:null"
#: Aliases may make a text this many times larger, and any text as large as this.
_MOST_COPIES = 10
_FREE_COPIES = 100_000
_MERGE_TAG = "tag:yaml.org,2002:merge"


def parse(document: Document) -> Parsed:
    """Parse a YAML stream; several documents follow each other, each pointer begins with its document's number."""
    text, encoding = decode(document.data, filename=document.filename, options=document.options)
    flow = Flow()
    roots = yaml_nodes(text, filename=document.filename)
    if len(roots) > 1 and all(isinstance(root, Record) for root in roots):
        append_records(Many(tuple(roots), ""), flow)
    else:
        for root in roots:
            append_records(root, flow)
    return Parsed(document.media_type, (flow.page(),), tuple(flow.tables), metadata={"encoding": encoding})


def yaml_nodes(text: str, *, filename: str, first_line: int = 1) -> list[Node]:
    """The documents of a YAML stream as nodes; ``first_line`` is the line on which the text begins.

    Raises:
        InputError: E203 for what is no YAML, with the line; E206 for nesting or aliases beyond the limits.
    """
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    composed: list[Any] = []
    try:
        size = checked_size(text, loader, filename)
        composed = [node for node in yaml.compose_all(text, Loader=loader) if node is not None]
    except RecursionError as error:
        raise over("YAML nested too deeply", where=filename) from error
    except yaml.YAMLError as error:
        raise InputError(
            f"not valid YAML ({_said(error, first_line)}): {filename}", code="E203", fix="repair the file"
        ) from error
    builder = _Builder(first_line, filename, most=min(MAX_CELLS, _FREE_COPIES + _MOST_COPIES * size))
    return [builder.node(root, f"/{i}" if len(composed) > 1 else "", 0) for i, root in enumerate(composed)]


def checked_size(text: str, loader: Any, filename: str) -> int:  # noqa: ANN401 - one of yaml's loaders
    """The number of values in the text.

    Refuses a stream nested too deeply (E206) before it is composed, which recurses without a bound.
    """
    depth = size = 0
    for event in yaml.parse(text, Loader=loader):
        size += 1
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise over(f"YAML nested deeper than {MAX_DEPTH}", where=filename)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
    return size


def _said(error: yaml.YAMLError, first_line: int) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be read"
    return f"line {mark.line + first_line}: {problem}" if mark is not None else str(problem)


class _Builder:
    """Turns composed nodes into ours; counts them, since aliases can multiply what the text holds."""

    def __init__(self, first_line: int, filename: str, *, most: int) -> None:
        self._most = most
        self._first = first_line
        self._filename = filename
        self._made = 0
        self._open: set[int] = set()

    def node(self, value: yaml.Node, pointer: str, depth: int) -> Node:
        """The node at ``pointer``."""
        self._made += 1
        if self._made > self._most:
            raise over(f"the YAML's aliases make more than {self._most} values", where=self._filename)
        if depth > MAX_DEPTH:
            raise over(f"YAML nested deeper than {MAX_DEPTH}", where=self._filename)
        place = f"line {value.start_mark.line + self._first} {pointer}".rstrip()
        if isinstance(value, yaml.ScalarNode):
            is_null = value.tag == _NULL_TAG and value.value in _NULLS
            return Leaf(None if is_null else value.value.rstrip("\n"), place)
        if id(value) in self._open:
            raise InputError(f"the YAML at {place} contains itself: {self._filename}", code="E203")
        self._open.add(id(value))
        made: Node
        if isinstance(value, yaml.SequenceNode):
            items = (self.node(one, f"{pointer}/{i}", depth + 1) for i, one in enumerate(value.value))
            made = Many(tuple(items), place)
        else:
            made = Record(tuple(self._members(value, pointer, depth)), place)
        self._open.discard(id(value))
        return made

    def _members(self, mapping: yaml.Node, pointer: str, depth: int) -> list[tuple[str, Node]]:
        """The mapping's own members, then what it merges in (``<<``) and does not have itself."""
        own: list[tuple[str, Node]] = []
        merged: list[tuple[str, Node]] = []
        for key, value in mapping.value:
            if key.tag == _MERGE_TAG or (isinstance(key, yaml.ScalarNode) and key.value == "<<" and key.style is None):
                for part in _merge_parts(value):
                    node = self.node(part, pointer, depth + 1)
                    merged.extend(node.members if isinstance(node, Record) else ())
                continue
            name = key.value if isinstance(key, yaml.ScalarNode) else _flow_text(key)
            escaped = name.replace("~", "~0").replace("/", "~1")
            own.append((name, self.node(value, f"{pointer}/{escaped}", depth + 1)))
        names = {name for name, _ in own}
        for name, node in merged:
            if name not in names:
                names.add(name)
                own.append((name, node))
        return own


def _merge_parts(value: yaml.Node) -> Sequence[yaml.Node]:
    return value.value if isinstance(value, yaml.SequenceNode) else (value,)


def _flow_text(key: yaml.Node) -> str:
    """A key that is no scalar, as its scalars joined by commas."""
    todo: list[yaml.Node] = [key]
    texts: list[str] = []
    while todo and len(texts) < 100:
        one = todo.pop(0)
        if isinstance(one, yaml.ScalarNode):
            texts.append(str(one.value))
        else:
            todo.extend(part for pair in one.value for part in (pair if isinstance(pair, tuple) else (pair,)))
    return ", ".join(texts)
