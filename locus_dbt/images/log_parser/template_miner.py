"""Templates of log messages: the words that stay, and ``<*>`` for what varies, with the values of every line."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from locus_dbt.images.log_parser.grouping import group_keys
from locus_dbt.images.log_parser.patterns import Pattern, pattern
from locus_dbt.images.log_parser.tokens import WILD

#: Patterns of this many messages are kept between the two passes; the others are made twice.
_KEPT = 50_000
#: Half-open ranges of characters of a message, one for each value.
Ranges = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Template:
    """``literals[0] <*> literals[1] <*> …``: one literal more than values."""

    literals: tuple[str, ...]

    @property
    def text(self) -> str:
        """The template as printed."""
        return WILD.join(self.literals)

    @property
    def event_id(self) -> str:
        """Eight hex digits that depend on the text only: the same in every file and run."""
        return hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()[:8]

    def render(self, values: Sequence[str]) -> str:
        """The message that has these values; its blanks are those of the template."""
        pairs = zip(self.literals, (*values, ""), strict=True)
        return "".join(literal + value for literal, value in pairs)


@dataclass(frozen=True, slots=True)
class Mined:
    """Message ``i`` is of template ``templates[group[i]]``; its values stand at ``ranges[i]``."""

    templates: Sequence[Template]
    group: Sequence[int]
    ranges: Sequence[Ranges]


def mine(messages: Sequence[str]) -> Mined:
    """Group messages by template. Neither their order nor anything outside them matters."""
    kept: dict[str, Pattern] = {}
    keys: dict[str, tuple[str, ...]] = {}
    shared: dict[tuple[str, ...], tuple[str, ...]] = {}
    for message in messages:
        if message not in keys:
            found = pattern(message)
            keys[message] = shared.setdefault(found.key, found.key)
            if len(kept) < _KEPT:
                kept[message] = found
    groups = group_keys(Counter(keys[message] for message in messages))
    members: dict[int, list[str]] = defaultdict(list)
    for message, key in keys.items():
        members[groups[key]].append(message)
    number: dict[Template, int] = {}
    where: dict[str, tuple[int, Ranges]] = {}
    for group in sorted(members):
        distinct = members[group]
        patterns = [kept.get(message) or pattern(message) for message in distinct]
        template, ranges = _template(distinct, patterns)
        at = number.setdefault(template, len(number))
        where.update((message, (at, one)) for message, one in zip(distinct, ranges, strict=True))
    placed = [where[message] for message in messages]
    return Mined(list(number), [at for at, _ in placed], [ranges for _, ranges in placed])


def _template(messages: Sequence[str], patterns: Sequence[Pattern]) -> tuple[Template, list[Ranges]]:
    """What is equal in all messages of a group, and where each message differs."""
    varying: list[list[tuple[int, int]]] = [[] for _ in messages]
    for column in range(len(patterns[0].key)):
        for ranges, one in zip(varying, _column(column, messages, patterns), strict=True):
            ranges.extend(one)
    merged = _merged(varying)
    model = min(range(len(messages)), key=messages.__getitem__)
    return Template(_literals(messages[model], merged[model])), merged


def _column(column: int, messages: Sequence[str], patterns: Sequence[Pattern]) -> list[list[tuple[int, int]]]:
    """The ranges that vary in one element of every message; each message has as many."""
    shapes = {_shape(column, message, found) for message, found in zip(messages, patterns, strict=True)}
    if len(shapes) > 1:
        return [[_whole(found, column)] for found in patterns]
    out: list[list[tuple[int, int]]] = [[] for _ in messages]
    for position, sign in enumerate(shapes.pop()):
        if sign:
            continue
        places = [found.first[column] + position for found in patterns]
        here = [(found.tokens.start[at], found.tokens.stop[at]) for found, at in zip(patterns, places, strict=True)]
        if any(found.tokens.kind[at] != "word" for found, at in zip(patterns, places, strict=True)):
            here = _without_unit(messages, patterns, places, here)
        else:
            texts = {message[start:stop] for message, (start, stop) in zip(messages, here, strict=True)}
            if len(texts) == 1 and not _is_number(texts.pop()):
                continue
        for ranges, one in zip(out, here, strict=True):
            ranges.append(one)
    return out


def _shape(column: int, message: str, found: Pattern) -> tuple[str, ...]:
    """The signs of an element's tokens, with an empty text for each other token."""
    first, stop = found.first[column], found.stop[column]
    kind, start, end, _ = found.tokens
    if stop - first == 1:
        return (message[start[first] : end[first]] if kind[first] == "sign" else "",)
    return tuple([message[start[i] : end[i]] if kind[i] == "sign" else "" for i in range(first, stop)])


def _is_number(word: str) -> bool:
    """Whether most of a word are digits: an identifier, which is a value even where it never changes."""
    digits = sum(map(str.isdigit, word))
    return digits >= 4 or digits * 2 > len(word)


def _without_unit(
    messages: Sequence[str], patterns: Sequence[Pattern], places: Sequence[int], here: list[tuple[int, int]]
) -> list[tuple[int, int]]:
    """A value by its form varies always; its unit where it is not the same everywhere."""
    units = [found.tokens.unit[at] for found, at in zip(patterns, places, strict=True)]
    texts = {message[unit:stop] for message, unit, (_, stop) in zip(messages, units, here, strict=True)}
    if len(texts) > 1:
        return here
    return [(start, unit) for unit, (start, _) in zip(units, here, strict=True)]


def _whole(found: Pattern, column: int) -> tuple[int, int]:
    first, stop = found.first[column], found.stop[column]
    if first == stop:
        behind = found.tokens.stop[first - 1] if first else 0
        return behind, behind
    return found.tokens.start[first], found.tokens.stop[stop - 1]


def _merged(varying: Sequence[list[tuple[int, int]]]) -> list[Ranges]:
    """Neighbours that touch in every message are one value."""
    if not varying[0]:
        return [()] * len(varying)
    touches = [all(ranges[i][1] == ranges[i + 1][0] for ranges in varying) for i in range(len(varying[0]) - 1)]
    out = []
    for ranges in varying:
        merged = [ranges[0]]
        for touching, following in zip(touches, ranges[1:], strict=True):
            if touching:
                merged[-1] = (merged[-1][0], following[1])
            else:
                merged.append(following)
        out.append(tuple(merged))
    return out


def _literals(message: str, ranges: Ranges) -> tuple[str, ...]:
    edges = [0, *(edge for one in ranges for edge in one), len(message)]
    return tuple(message[edges[i] : edges[i + 1]] for i in range(0, len(edges), 2))
