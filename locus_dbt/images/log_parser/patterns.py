"""A message as a pattern: elements that are words, signs or values, values in a row as one."""

from __future__ import annotations

import re
from typing import NamedTuple

from locus_dbt.images.log_parser.tokens import STATES, WILD, Tokens, tokens, word_key

#: Signs that join the values of a list, and pairs that may stand around one.
_JOINS = frozenset(",;/-&|:#+@_")
_CLOSING = {"(": ")", "[": "]", "{": "}", "<": ">", '"': '"', "'": "'"}
#: A host as it stands before a port: ``example.com``, ``Node-3.rack.example``.
_HOST = re.compile(r"[a-z0-9-]{1,63}\.[a-z0-9-]{2,63}|(?:[A-Za-z0-9-]{1,63}\.){2,9}[A-Za-z0-9-]{2,63}")
_OPENS = frozenset("([{")
#: How many tokens away a bracket or quotation mark is looked for that closes another one.
_FAR = 40
_RESTATES = frozenset("([")
_QUOTES = frozenset("\"'")
_ENDS_VALUE = frozenset(",;()[]{}|\"'<>")


class Pattern(NamedTuple):
    """``key[i]`` is what element ``i`` is for grouping; ``first[i] .. stop[i]`` are its tokens."""

    key: tuple[str, ...]
    first: list[int]
    stop: list[int]
    tokens: Tokens


def pattern(text: str) -> Pattern:
    """The elements of ``text``."""
    found = tokens(text)
    keys = _keys(text, found)
    out: list[str] = []
    firsts: list[int] = []
    stops: list[int] = []
    i, n = 0, len(keys)
    while i < n:
        key = keys[i]
        stop = i + 1
        if out and key == WILD and (joined := _joins(out)):
            if joined == -2:
                out.pop()
                firsts.pop()
                stops.pop()
            stops[-1] = stop
        elif out and key == "=" and out[-1] not in _ENDS_VALUE:
            stop = _assigned(found, keys, i + 1)
            if stop - i > 2 and keys[i + 1] in _QUOTES:
                # the value is what stands between the marks
                out += (key, keys[i + 1], WILD, keys[i + 1])
                firsts += (i, i + 1, i + 2, stop - 1)
                stops += (i + 1, i + 2, stop - 1, stop)
            else:
                out += (key, WILD)
                firsts += (i, i + 1)
                stops += (i + 1, stop)
        elif out and key in _RESTATES and out[-1] == WILD and (end := _restated(keys, i)):
            stops[-1] = stop = end
        else:
            out.append(key)
            firsts.append(i)
            stops.append(stop)
        i = stop
    return Pattern(tuple(out), firsts, stops, found)


def _keys(text: str, found: Tokens) -> list[str]:
    """What each token is for grouping; hosts before ports become values."""
    keys = []
    for kind, start, stop in zip(found.kind, found.start, found.stop, strict=True):
        if kind == "word":
            word = text[start:stop]
            # what stands before "=" is a name, not a value, whatever its form
            keys.append(word if word.isalpha() or text[stop : stop + 1] == "=" else word_key(word))
        else:
            keys.append(text[start:stop] if kind == "sign" else WILD)
    for at in range(1, len(keys) - 1):
        if keys[at - 1] in _OPENS and keys[at] in STATES:
            _list_states(keys, at)
        if keys[at] == ":" and keys[at + 1] == WILD and _is_endpoint(text, found, at):
            keys[at - 1] = WILD
            found.kind[at - 1] = "host"
    return keys


def _list_states(keys: list[str], first: int) -> None:
    """``( on off 1 )``: several states or numbers and nothing else between brackets are values."""
    stop = first
    while stop < len(keys) and (keys[stop] in STATES or keys[stop] == WILD):
        stop += 1
    if stop - first > 1 and keys[stop : stop + 1] == [_CLOSING[keys[first - 1]]]:
        keys[first:stop] = [WILD] * (stop - first)


def _is_endpoint(text: str, found: Tokens, at: int) -> bool:
    """Whether a host's name, the colon at ``at`` and a number stand together without blanks."""
    start, stop = found.start, found.stop
    return (
        found.kind[at - 1] == "word"
        and found.kind[at + 1] == "number"
        and stop[at - 1] == start[at]
        and stop[at] == start[at + 1]
        and _HOST.fullmatch(text, start[at - 1], stop[at - 1]) is not None
        and text[start[at + 1] : stop[at + 1]].isdigit()
    )


def _assigned(found: Tokens, keys: list[str], at: int) -> int:
    """Behind ``=``: the end of the value, ``at`` where it is empty (another name follows, or a sign)."""
    n = len(keys)
    start, stop = found.start, found.stop
    if at < n and keys[at] in _QUOTES and start[at] == stop[at - 1]:
        return next((i + 1 for i in range(at + 1, min(n, at + _FAR)) if keys[i] == keys[at]), at)
    if at >= n or keys[at] in _ENDS_VALUE or keys[at] == "=":
        return at
    gap = start[at] - stop[at - 1]
    if gap and at + 1 < n and keys[at + 1] == "=" and start[at + 1] == stop[at]:
        return at
    end = at + 1
    while end < n and start[end] == stop[end - 1]:
        if keys[end] in _OPENS:
            behind = _balanced(found, keys, end)
            if not behind:
                break
            end = behind
        elif keys[end] in _ENDS_VALUE:
            break
        else:
            end += 1
    return end


def _balanced(found: Tokens, keys: list[str], at: int) -> int:
    """Behind the bracket that closes the one at ``at``; 0 where there is none, or blanks between."""
    close, depth = _CLOSING[keys[at]], 0
    for i in range(at, min(len(keys), at + _FAR)):
        if i > at and found.start[i] != found.stop[i - 1]:
            return 0
        if keys[i] == keys[at]:
            depth += 1
        elif keys[i] == close:
            depth -= 1
            if not depth:
                return i + 1
    return 0


def _joins(out: list[str]) -> int:
    """The (negative) index of the value that the next value goes on with; 0 where it does not."""
    if out[-1] == WILD:
        return -1
    return -2 if len(out) > 1 and out[-2] == WILD and out[-1] in _JOINS else 0


def _restated(keys: list[str], at: int) -> int:
    """The end of brackets that hold nothing or one value, directly behind a value; 0 where they hold more."""
    close = _CLOSING[keys[at]]
    for stop in (at + 1, at + 2):
        if stop < len(keys) and keys[stop] == close and (stop == at + 1 or keys[at + 1] == WILD):
            return stop + 1
    return 0
