"""From params to a checked description of the matching and merging."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from locus_dbt.model.errors import RequestError, did_you_mean
from locus_dbt.model.relation import ROW_ID, Relation, quote

STRATEGIES = ("most_complete", "newest", "most_frequent", "first", "min", "max")
KEEPS = ("most_complete", "first", "last", "newest")
_BLOCK = re.compile(r"(left|word|year)\s*\(\s*(.+?)\s*(?:,\s*(\d{1,3})\s*)?\)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Settings:
    """Checked params, with the relation's own spelling of every column.

    ``exact`` are the keys compared for equality, ``fuzzy`` maps columns to their least similarity, ``blocks``
    holds the ways of blocking, each a tuple of SQL expressions over the source alias ``s``.
    """

    exact: tuple[str, ...]
    fuzzy: Mapping[str, float]
    blocks: tuple[tuple[str, ...], ...]
    window: int
    normalize: bool
    keep: str
    order_by: str | None
    survivorship: Mapping[str, str]
    output: str


def settings(relation: Relation, params: Mapping[str, Any]) -> Settings:
    """Check everything; E107 for unknown columns, E103 for values that make no sense."""
    keys = _columns(relation, params["keys"], "keys")
    fuzzy = {
        relation.resolve(name, param="fuzzy"): _similarity(name, value)
        for name, value in _map(params["fuzzy"], "fuzzy").items()
    }
    exact = tuple(k for k in keys if k not in fuzzy)
    normalize = bool(params["normalize"])
    ways = _ways(relation, params["block"], normalize=normalize)
    if fuzzy and not exact and not ways:
        raise RequestError(
            "param 'block': all keys are fuzzy, so every row would be compared with every other",
            code="E103",
            fix="name what two rows must share, such as block: ['left(name, 3)']",
        )
    order_by = relation.resolve(params["order_by"], param="order_by") if params["order_by"] else None
    keep = _choice(params["keep"], KEEPS, "keep")
    survivorship = {
        relation.resolve(name, param="survivorship"): _choice(value, STRATEGIES, f"survivorship.{name}")
        for name, value in _map(params["survivorship"], "survivorship").items()
    }
    if order_by is None and "newest" in (keep, *survivorship.values()):
        raise RequestError("param 'order_by': 'newest' needs the column that says when", code="E103")
    return Settings(
        exact=exact,
        fuzzy=fuzzy,
        blocks=ways or ((),),
        window=int(params["window"]),
        normalize=normalize,
        keep=keep,
        order_by=order_by,
        survivorship=survivorship,
        output=_choice(params["output"], ("rows", "pairs"), "output"),
    )


def comparable(column: str, sql_type: str, *, normalize: bool) -> str:
    """What is compared of a column: text without case, accents, blanks and punctuation, other types as they are.

    A text of signs only is compared as it stands, blanks aside. Blank texts are null: they match nothing.
    """
    value = f"s.{quote(column)}"
    if sql_type != "VARCHAR":
        return value
    bare = f"nullif(trim({value}), '')"
    if not normalize:
        return f"CASE WHEN {bare} IS NOT NULL THEN {value} END"
    folded = f"strip_accents(replace(lower({value}), 'ß', 'ss'))"
    return f"coalesce(nullif(regexp_replace({folded}, '[^\\p{{L}}\\p{{N}}]+', '', 'g'), ''), {bare})"


def similar_text(column: str, sql_type: str) -> str:
    """What similarity is measured on: words in lower case without accents, one blank between them."""
    value = f"s.{quote(column)}" if sql_type == "VARCHAR" else f"CAST(s.{quote(column)} AS VARCHAR)"
    folded = f"strip_accents(replace(lower({value}), 'ß', 'ss'))"
    return f"nullif(trim(regexp_replace({folded}, '[^\\p{{L}}\\p{{N}}]+', ' ', 'g')), '')"


def _ways(relation: Relation, block: object, *, normalize: bool) -> tuple[tuple[str, ...], ...]:
    entries = _list(block, "block")
    together = [e for e in entries if isinstance(e, str)]
    ways = [together] if together else []
    ways += [_list(e, "block") for e in entries if not isinstance(e, str)]
    return tuple(tuple(_block(relation, e, normalize=normalize) for e in way) for way in ways if way)


def _block(relation: Relation, entry: object, *, normalize: bool) -> str:
    """One blocking expression; only known forms, so that no SQL of the caller's is run."""
    text = str(entry).strip()
    if text in relation.columns:
        return comparable(text, relation.columns[text], normalize=normalize)
    match = _BLOCK.fullmatch(text)
    if match is None:
        column = relation.resolve(text, param="block")
        return comparable(column, relation.columns[column], normalize=normalize)
    form, name, count = match[1], match[2].strip('"').replace('""', '"'), match[3]
    column = relation.resolve(name, param="block")
    if form == "year":
        return f"year(TRY_CAST(s.{quote(column)} AS DATE))"
    if count is None or int(count) < 1:
        raise RequestError(f"param 'block': {form} needs a count from 1, as in {form}({name}, 3)", code="E103")
    words = similar_text(column, relation.columns[column])
    if form == "word":
        return f"nullif(split_part({words}, ' ', {int(count)}), '')"
    return f"left(replace({words}, ' ', ''), {int(count)})"


def _columns(relation: Relation, names: object, param: str) -> tuple[str, ...]:
    listed = _list([names] if isinstance(names, str) else names, param)
    if not listed:
        raise RequestError(f"param '{param}' names no column", code="E103", fix="name at least one")
    columns = tuple(dict.fromkeys(relation.resolve(n, param=param) for n in listed))
    if ROW_ID in columns:
        raise RequestError(f"param '{param}': {ROW_ID} is another for every row", code="E103")
    return columns


def _similarity(name: object, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < float(value) <= 1:
        raise RequestError(f"param 'fuzzy.{name}' is a similarity above 0 and up to 1, not {value!r}", code="E103")
    return float(value)


def _choice(value: object, choices: tuple[str, ...], where: str) -> str:
    if value not in choices:
        near = did_you_mean(str(value), choices)
        raise RequestError(
            f"param '{where}': no such choice: {value!r}{near}",
            code="E103",
            fix=f"one of {', '.join(choices)}",
        )
    return str(value)


def _map(value: object, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping | None):
        raise RequestError(f"param '{where}' maps columns, not {value!r}", code="E103")
    return value or {}


def _list(value: object, where: str) -> list[Any]:
    if isinstance(value, str) or not isinstance(value, Sequence | None):
        raise RequestError(f"param '{where}' is a list, not {value!r}", code="E103")
    return list(value or [])
