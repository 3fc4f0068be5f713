"""The CLI reference as Markdown, from the commands themselves; the docs check that the committed page equals it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, get_args, get_type_hints

from typer.models import ArgumentInfo, ParameterInfo

_HEAD = """\
# Command line

Generated from the commands themselves. Options that take a value show its type in capitals.

| exit code | meaning |
|---|---|
| 0 | done |
| 1 | an error, one line on stderr with its code ([error codes](errors.md)) |
| 2 | wrong usage |
| 3 | something was rejected and `--strict` was given |
"""


@dataclass(frozen=True)
class _Parameter:
    """An argument or option as Typer was told of it; read from signatures, because Typer's inner classes change."""

    name: str
    info: ParameterInfo
    annotation: Any

    @property
    def is_argument(self) -> bool:
        return isinstance(self.info, ArgumentInfo)

    @property
    def kind(self) -> type:
        """The plain type: of ``Path | None`` the Path, of ``list[str]`` the str."""
        inner = [a for a in get_args(self.annotation) if a is not type(None)]
        found: type = inner[0] if inner else self.annotation
        return get_args(found)[0] if get_args(found) else found

    @property
    def shown(self) -> str:
        """The form in a call, in code signs."""
        if self.is_argument:
            label = self.info.metavar or self.name.upper()
            return f"`{label}`" if self.info.default is ... else f"`[{label}]`"
        flags = [str(f) for f in getattr(self.info, "param_decls", None) or [f"--{self.name.replace('_', '-')}"]]
        value = "" if self.kind is bool else f" {self.info.metavar or _value_word(self.kind)}"
        return ", ".join(f"`{flag}{value}`" if flag.startswith("--") else f"`{flag}`" for flag in flags)

    @property
    def meaning(self) -> str:
        text = str(self.info.help or "").replace("|", "\\|")
        if issubclass(self.kind, Enum):
            text += " One of " + ", ".join(f"`{member.value}`" for member in self.kind) + "."
        default = getattr(self.info.default, "value", self.info.default)
        if not self.is_argument and default not in (None, False, ...):
            text += f" Default: `{default}`."
        return text


def reference() -> str:
    """All commands with arguments and options, in the order of ``locus --help``."""
    from locus_dbt.cli.app import app  # noqa: PLC0415 - the app imports every command

    return "\n".join([_HEAD, *(_section(str(c.name), c.callback) for c in app.registered_commands if c.callback)])


def _section(name: str, command: Callable[..., Any]) -> str:
    hints = get_type_hints(command)
    signature = inspect.signature(command).parameters
    parameters = [_Parameter(n, p.default, hints[n]) for n, p in signature.items()]
    arguments = [p for p in parameters if p.is_argument]
    usage = " ".join(["locus", name, *(p.shown.strip("`") for p in arguments), "[options]"])
    lines = [f"## locus {name}", "", " ".join((command.__doc__ or "").split()), "", "```text", usage, "```", ""]
    lines += ["| argument or option | meaning |", "|---|---|"]
    ordered = [*arguments, *(p for p in parameters if not p.is_argument)]
    lines += [f"| {p.shown} | {p.meaning} |" for p in ordered]
    return "\n".join([*lines, ""])


def _value_word(kind: type) -> str:
    return {Path: "PATH", int: "NUMBER"}.get(kind, "TEXT")
