"""Editing YAML as text: an insertion at the right place, nothing else touched, and checked by parsing the result.

PyYAML's nodes say where in the text a value lies. Every edit is one insertion, so comments, quotes and blank lines stay
by construction; an edit whose parsed result is not exactly the wanted one is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import yaml

from locus_dbt.model.errors import RequestError

Key = str | int


class CannotEdit(Exception):  # noqa: N818 - says what it means where it is caught
    """The text is of a form that cannot be edited safely; the message says why."""


def load_mapping(path: Path) -> dict[str, Any]:
    """A YAML file that holds a mapping; E103 naming the file when it cannot be read."""
    try:
        found = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise RequestError(f"{path.name} cannot be read: {error}", fix="mend the YAML") from error
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise RequestError(f"{path.name} is not a mapping", fix="write 'key: value' lines")
    return found


def parse(text: str) -> Any:  # noqa: ANN401 - any YAML value
    """The text's value; :class:`CannotEdit` when it is not YAML."""
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        where = getattr(error, "problem_mark", None)
        raise CannotEdit(f"it is not plain YAML{f' (line {where.line + 1})' if where else ''}") from error


def append_item(text: str, path: Sequence[Key], item: Any) -> str:  # noqa: ANN401
    """The text with ``item`` at the end of the list at ``path``."""
    node = _node(text, path)
    if _empty(node):
        inserted = _insert_below(
            text, path, [f"- {line}" if i == 0 else f"  {line}" for i, line in enumerate(_block(item))]
        )
    elif not isinstance(node, yaml.SequenceNode):
        raise CannotEdit(f"'{_shown(path)}' is not a list")
    elif node.flow_style:
        inserted = _into_flow(text, node, _flow(item))
    else:
        indent = " " * node.start_mark.column
        lines = [f"{indent}- {line}" if i == 0 else f"{indent}  {line}" for i, line in enumerate(_block(item))]
        inserted = _after(text, node, lines)
    return _checked(text, inserted, path, lambda old: [*(old or []), item])


def insert_item(text: str, path: Sequence[Key], at: int, item: str) -> str:
    """The text with the plain text ``item`` before element ``at`` of the list at ``path``."""
    node = _node(text, path)
    if not isinstance(node, yaml.SequenceNode) or at >= len(node.value):
        raise CannotEdit(f"'{_shown(path)}' is not a list of that length")
    start = node.value[at].start_mark
    if node.flow_style:
        inserted = text[: start.index] + f"{item}, " + text[start.index :]
    else:
        line = text.rfind("\n", 0, start.index) + 1
        lead = text[line : start.index]
        if lead.strip() != "-":
            raise CannotEdit(f"'{_shown(path)}' is written in an unusual form")
        inserted = text[:line] + lead + item + _newline(text) + text[line:]
    return _checked(text, inserted, path, lambda old: [*old[:at], item, *old[at:]])


def add_key(text: str, path: Sequence[Key], key: str, value: Any, *, comment: str = "") -> str:  # noqa: ANN401
    """The text with ``key: value`` at the end of the mapping at ``path``; ``comment`` goes above it in block style."""
    node = _node(text, path)
    if not isinstance(node, yaml.MappingNode):
        raise CannotEdit(f"'{_shown(path)}' is not a mapping")
    if node.flow_style:
        inserted = _into_flow(text, node, f"{key}: {_flow(value)}")
    else:
        indent = " " * node.start_mark.column
        lines = [f"{indent}{line}" for line in _block({key: value})]
        if comment:
            lines = ["", f"{indent}# {comment}", *lines]
        inserted = _after(text, node, lines)
    return _checked(text, inserted, path, lambda old: {**old, key: value})


def _checked(before: str, after: str, path: Sequence[Key], change: Any) -> str:  # noqa: ANN401 - a function of the old value
    """``after`` when it parses to what was wanted and to nothing else."""
    wanted = _changed(parse(before), list(path), change)
    try:
        same = parse(after) == wanted
    except CannotEdit:
        same = False
    if not same:
        raise CannotEdit("its form is one that an insertion would break")
    return after


def _changed(value: Any, path: list[Key], change: Any) -> Any:  # noqa: ANN401
    if not path:
        return change(value)
    key, *rest = path
    if isinstance(value, list):
        assert isinstance(key, int)
        return [_changed(v, rest, change) if i == key else v for i, v in enumerate(value)]
    return {k: _changed(v, rest, change) if k == key else v for k, v in value.items()}


def _node(text: str, path: Sequence[Key]) -> yaml.Node:
    """The node at a path, when nothing else shares its text through an anchor."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise CannotEdit("it is not plain YAML") from error
    if node is None:
        raise CannotEdit("it is empty")
    uses: dict[int, int] = {}
    _count(node, uses)
    for key in path:
        node = _child(node, key, path)
        if uses[id(node)] > 1:
            raise CannotEdit(f"'{_shown(path)}' is shared through an anchor")
    return node


def _child(node: yaml.Node, key: Key, path: Sequence[Key]) -> yaml.Node:
    if isinstance(node, yaml.SequenceNode) and isinstance(key, int):
        return cast("yaml.Node", node.value[key])
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            if name.value == key:
                return cast("yaml.Node", value)
    raise CannotEdit(f"'{_shown(path)}' is not written there itself")


def _count(node: yaml.Node, uses: dict[int, int]) -> None:
    """How often each node is used; one that is used twice has an anchor."""
    uses[id(node)] = uses.get(id(node), 0) + 1
    if uses[id(node)] > 1:
        return
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            _count(key, uses)
            _count(value, uses)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            _count(value, uses)


def _empty(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:null" and node.value == ""


def _insert_below(text: str, path: Sequence[Key], lines: list[str]) -> str:
    """Below the key of an empty value, two blanks further in."""
    parent = _node(text, path[:-1])
    assert isinstance(parent, yaml.MappingNode)
    key = next(k for k, _ in parent.value if k.value == path[-1])
    if parent.flow_style:
        raise CannotEdit(f"'{_shown(path)}' is empty")
    indent = " " * (key.start_mark.column + 2)
    return _after_index(text, key.end_mark.index, [indent + line for line in lines])


def _into_flow(text: str, node: yaml.CollectionNode, inside: str) -> str:
    """Before the closing bracket of a flow collection."""
    end = node.end_mark.index - 1
    if not node.value:
        return text[:end] + inside + text[end:]
    last = node.value[-1]
    stop = _end(last[1] if isinstance(last, tuple) else last)
    return text[:stop] + f", {inside}" + text[stop:]


def _after(text: str, node: yaml.Node, lines: list[str]) -> str:
    return _after_index(text, len(text[: _end(node)].rstrip()), lines)


def _after_index(text: str, index: int, lines: list[str]) -> str:
    """The lines after the line in which ``index`` lies."""
    newline = _newline(text)
    stop = text.find("\n", index)
    if stop < 0:
        return text + newline + newline.join(lines) + newline
    return text[: stop + 1] + newline.join(lines) + newline + text[stop + 1 :]


def _end(node: yaml.Node) -> int:
    """Where the text of a node ends (a block collection's own mark lies behind the comments that follow)."""
    while isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    return int(node.end_mark.index)


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _flow(value: Any) -> str:  # noqa: ANN401
    return (
        str(yaml.safe_dump(value, default_flow_style=True, sort_keys=False, width=1000, allow_unicode=True))
        .removesuffix("\n")
        .removesuffix("\n...")
    )


def _block(value: Any) -> list[str]:  # noqa: ANN401
    """A value as block lines; lists of plain texts stay on one line."""
    if isinstance(value, dict):
        lines: list[str] = []
        for key, inner in value.items():
            if isinstance(inner, list) and inner and isinstance(inner[0], dict):
                lines.append(f"{key}:")
                for item in inner:
                    lines += [f"  - {line}" if i == 0 else f"    {line}" for i, line in enumerate(_block(item))]
            else:
                lines.append(f"{key}: {_flow(inner)}")
        return lines
    return [_flow(value)]


def _shown(path: Sequence[Key]) -> str:
    return ".".join(str(key) for key in path)
