"""Calls of Locus table functions inside a statement, found by tokens so that their text can be replaced."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlglot.dialects.duckdb import DuckDB
from sqlglot.errors import TokenError
from sqlglot.tokens import TokenType

from locus_dbt.model.errors import UntracedSQL

_OPEN = (TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE)
_CLOSE = (TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE)


@dataclass(frozen=True, slots=True)
class Call:
    """``text[start:stop]`` is the call; ``positional`` and ``named`` hold the SQL texts of its arguments."""

    function: str
    start: int
    stop: int
    positional: Sequence[str]
    named: Sequence[tuple[str, str]]


def find_calls(sql: str, wanted: Callable[[str], bool]) -> list[Call]:
    """The calls of functions whose lower-case name is ``wanted``, in text order."""
    try:
        tokens = DuckDB().tokenize(sql)
    except TokenError as error:
        raise UntracedSQL(f"the statement cannot be read: {error}") from error
    out = []
    for i, token in enumerate(tokens[:-1]):
        name = token.text.lower()
        if tokens[i + 1].token_type == TokenType.L_PAREN and token.token_type != TokenType.STRING and wanted(name):
            out.append(_call(sql, tokens, i))
    return out


def splice(sql: str, replacements: Sequence[tuple[Call, str]]) -> str:
    """The statement with each call's text replaced."""
    for call, text in sorted(replacements, key=lambda r: -r[0].start):
        sql = sql[: call.start] + text + sql[call.stop :]
    return sql


def arguments_sql(call: Call, positional_names: Sequence[str]) -> str:
    """A SELECT that evaluates the call's arguments to one JSON text; they must be constant."""
    if len(call.positional) > len(positional_names):
        raise UntracedSQL(f"{call.function} is called with {len(call.positional)} positional arguments")
    pairs = [*zip(positional_names, call.positional, strict=False), *call.named]
    return "SELECT to_json({" + ", ".join(f"'{n}': {text}" for n, text in pairs) + "})::VARCHAR"


def _call(sql: str, tokens: Sequence[Any], at: int) -> Call:
    depth = 0
    pieces: list[tuple[int, int]] = []  # token ranges of the arguments
    first = at + 2
    for i in range(at + 1, len(tokens)):
        kind = tokens[i].token_type
        if kind in _OPEN:
            depth += 1
        elif kind in _CLOSE:
            depth -= 1
            if depth == 0:
                if i > first:
                    pieces.append((first, i))
                positional, named = _arguments(sql, tokens, pieces)
                return Call(tokens[at].text.lower(), tokens[at].start, tokens[i].end + 1, positional, named)
        elif kind == TokenType.COMMA and depth == 1:
            pieces.append((first, i))
            first = i + 1
    raise UntracedSQL(f"the call of {tokens[at].text} has no closing parenthesis")


def _arguments(
    sql: str, tokens: Sequence[Any], pieces: Sequence[tuple[int, int]]
) -> tuple[list[str], list[tuple[str, str]]]:
    positional: list[str] = []
    named: list[tuple[str, str]] = []
    for first, stop in pieces:
        text = sql[tokens[first].start : tokens[stop - 1].end + 1]
        marked = stop - first > 2 and tokens[first + 1].text in (":=", "=>")
        if marked:
            named.append((tokens[first].text, sql[tokens[first + 2].start : tokens[stop - 1].end + 1]))
        else:
            positional.append(text)
    return positional, named
