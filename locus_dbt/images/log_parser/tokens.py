"""A log message as tokens: values told by their form, words, and signs, each with its characters."""

from __future__ import annotations

import re
from typing import NamedTuple

#: What stands in a template for a value.
WILD = "<*>"
#: Words that say how something is.
STATES = frozenset(("true", "false", "null", "none", "yes", "no", "on", "off", "success", "failure", "failed"))
_DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6}"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}"
_CLOCK = r"\d{1,2}:\d\d(?::\d\d(?:[.,]\d{1,9})?)?"
_ISO = rf"\d{{4}}(?P<_dash>[-/.])\d{{1,2}}(?P=_dash)\d{{1,2}}(?:[T\s]{_CLOCK})?(?:Z\b|[+-]\d\d:?\d\d\b)?"
_LONG = (
    rf"{_DAY},?\s{{1,2}}(?:{_MONTH}\s{{1,2}}\d{{1,2}}|\d{{1,2}}\s{{1,2}}{_MONTH})\b(?:,?\s\d{{4}}\b)?"
    rf"(?:,?\s{_CLOCK})?(?:\s[A-Z]{{3,4}}\b)?(?:\s\d{{4}}\b)?"
)
_UNIT = (
    r"(?:[kKMGTP]i?[bB]|[bB]ytes?|B|hours?|minutes?|mins?|seconds?|secs?|milliseconds?|microseconds?|msecs?|usecs?"
    r"|days?|ms|us|ns|s|m|h|[kMG]?Hz)"
)
#: Signs end a word; a dot does where it is the last one or stands in a row of dots.
_SIGNS = r"\s=:,;()\[\]{}<>\"'|#"
#: Each kind of value by its form; the first that fits wins; ``word`` and ``sign`` take what is left.
_KINDS = {
    # usual words and signs, first because they are the quickest to tell
    "plain": rf"(?!{_DAY})[A-Za-z]{{1,40}}(?=[\s=()\[\],;\"'}}]|:\s|$)",
    "mark": r"[=,;()\[\]{}\"'|]",
    "uuid": r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b",
    "url": r"\b[a-zA-Z][a-zA-Z0-9+.-]{1,15}://[^\s,;\"'<>)\]}]+",
    "mail": r"\b[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64})+",
    "moment": rf"\b(?:{_LONG}|{_ISO}|{_CLOCK})(?![\w:])",
    "mac": r"(?<![\w:])(?:[0-9a-fA-F]{2}[:-]){5,19}[0-9a-fA-F]{2}(?![\w:])",
    "ip": (
        r"(?<![\w.])(?:/?\d{1,3}(?:\.\d{1,3}){3}(?:/\d{1,2})?(?!\.?\w)"
        r"|(?:[0-9a-fA-F]{1,4}:){3,7}:?[0-9a-fA-F]{1,4}(?![\w:])"
        r"|[0-9a-fA-F]{1,4}::[0-9a-fA-F:]{1,30}(?![\w:])|::1(?![\w:]))"
    ),
    "hex": r"\b(?:0[xX][0-9a-fA-F]+|(?=[a-fA-F]{0,31}\d)(?=\d{0,31}[a-fA-F])[0-9a-fA-F]{6,})\b",
    "path": (
        r"(?<![\w/.\\])(?:(?:[A-Za-z]:|\\)?\\[^\s,;:\"'<>|()\[\]{}]+|(?:[A-Za-z]:|~|\.{1,2})?"
        r"(?:/+(?:[\w@%+~$#*-]|\.(?=[\w/.]))+)+/*)"
    ),
    "number": (
        rf"(?<![\w.])[<>~]?[+-]?(?:\d{{1,3}}(?:,\d{{3}}){{1,6}}|\d+)(?:\.\d+)*(?:[eE][+-]?\d+)?%?(?P<unit>\s?{_UNIT})?"
        rf"(?=[{_SIGNS}]|\.(?!\w)|$)"
    ),
    # of a name that a number ends, "core.2275", the number alone is a value
    "word": rf"[A-Za-z_]{{2,40}}(?=\.\d+(?:\s|$))|[^{_SIGNS}.]+(?:\.[^{_SIGNS}.]+)*",
    "sign": r"\.+|\S",
}
_SCAN = re.compile(r"\s*(?:" + "|".join(f"(?P<{kind}>{form})" for kind, form in _KINDS.items()) + ")")
#: Characters of a message that are looked at; what stands behind them is one value.
MAX_MESSAGE = 10_000
_DIGITS = re.compile(r"\d+")


_SAME_AS = {"plain": "word", "mark": "sign"}


class Tokens(NamedTuple):
    """Columns, one entry a token: kind, range in the message, and where a number's unit begins (else its stop).

    Columns and not objects: tokens of many messages are held at once, and the garbage collector visits each object.
    """

    kind: list[str]
    start: list[int]
    stop: list[int]
    unit: list[int]


def tokens(text: str) -> Tokens:
    """All but the blanks, left to right."""
    kinds: list[str] = []
    starts: list[int] = []
    stops: list[int] = []
    units: list[int] = []
    for match in _SCAN.finditer(text, 0, min(len(text.rstrip()), MAX_MESSAGE)):
        kind = match.lastgroup or "sign"
        start, stop = match.span(kind)
        unit = match.start("unit") if kind == "number" else stop
        kinds.append(_SAME_AS.get(kind, kind))
        starts.append(start)
        stops.append(stop)
        units.append(unit if unit >= 0 else stop)
    if len(text) > MAX_MESSAGE:
        kinds.append("text")
        starts.append(MAX_MESSAGE)
        stops.append(len(text))
        units.append(len(text))
    return Tokens(kinds, starts, stops, units)


def word_key(word: str) -> str:
    """The word with its digits as ``#``; a word that is a name by its form is a value.

    Names by form: two dots or more between letters (hosts, packages), many digits (identifiers).
    """
    if word.count(".") > 1 or word.count("/") > 1 or word.count("\\") > 1:
        return WILD
    if word.isalpha():
        return word
    digits = sum(map(str.isdigit, word))
    if not digits:
        return word
    if digits >= 4 or digits * 2 >= len(word):
        return WILD
    return _DIGITS.sub("#", word)


_HOST_FORM = re.compile(r"(?:[A-Za-z0-9-]{1,63}\.){1,9}[a-z]{2,20}")
_SIZES = re.compile(r"[kKMGTP]i?[bB]|[bB]ytes?|B")
_NAMED_TYPES = {"moment": "time", "number": "number", "sign": "word", "plain": "word", "mark": "word"}


def value_type(text: str, start: int, stop: int) -> str:
    """What ``text[start:stop]`` is by its form; a number is a size or duration by the unit in it or behind it."""
    match = _SCAN.match(text, start)
    kind = match.lastgroup or "word" if match else "word"
    if match is None or kind not in _KINDS or stop == start:
        return "word"
    unit = match["unit"] if kind == "number" else None
    if match.end() != stop and not (unit and match.start("unit") == stop):
        return "text" if re.search(r"\s", text[start:stop]) else "word"
    if unit:
        return "size" if _SIZES.fullmatch(unit.strip()) else "duration" if "Hz" not in unit else "number"
    if kind == "word" and _HOST_FORM.fullmatch(text, start, stop):
        return "host"
    return _NAMED_TYPES.get(kind, kind)
