"""Which Western code page a few bytes beyond ASCII belong to: by how the letters stand among their neighbours."""

from __future__ import annotations

from collections.abc import Iterator

#: The usual one first: another must read clearly better.
_CANDIDATES = ("cp1252", "mac-roman", "cp850", "cp437")
_LETTERS = frozenset("àâäáãåæçéèêëíìîïñóòôöõøœúùûüýÿß")
_QUOTES = frozenset("’‘“”„«»‹›")
_SIGNS = frozenset("£€¥§°±²³µ·½¼¾×©®™–—…•\u00a0¡¿ºª")
_CLEARLY = 2
_MAX_SEEN = 500


def western(data: bytes) -> str:
    """The code page under which letters stand in words as letters do; cp1252 unless another is clearly better."""
    scores = {name: _score(data, name) for name in _CANDIDATES}
    best = max(_CANDIDATES, key=lambda name: scores[name])
    return best if scores[best] >= scores["cp1252"] + _CLEARLY and scores[best] > 0 else "cp1252"


def _score(data: bytes, name: str) -> int:
    return sum(_fit(left, sign, right) for left, sign, right in _seen(data.decode(name, errors="replace")))


def _seen(text: str) -> Iterator[tuple[str, str, str]]:
    n = 0
    for i, sign in enumerate(text):
        if sign > "\x7f":
            yield text[i - 1 : i], sign, text[i + 1 : i + 2]
            n += 1
            if n >= _MAX_SEEN:
                return


def _fit(left: str, sign: str, right: str) -> int:
    """How likely the sign is where it stands: -2 .. 2."""
    inside = left.isalpha() and right.isalpha()
    if sign.isalpha() and sign not in "ºª":
        if sign.isupper() and left.islower():
            return -2
        if sign.isupper() and right.islower() and left.isalpha():
            return -1
        return 1 if sign.lower() in _LETTERS and (left.isalpha() or right.isalpha()) else 0
    if sign in _QUOTES:
        return 1 if inside or left.isalpha() != right.isalpha() else 0
    if sign in _SIGNS:
        return -1 if inside else 1
    return -2
