"""Texts in comparable forms: what is layout and what is content, and letters that only look alike."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_NOT_WORD = re.compile(r"[\W_]+")
#: Signs without a shape: soft hyphen, zero-width blanks and joiners, marks of writing direction, byte order mark.
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\u061c]")
_LINE_HYPHEN = re.compile(r"(?<=[^\W\d_])[-\u2010\u2011\u00ac]\s*[\r\n]\s*(?=[^\W\d_])")
_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d", "-"))
_FOOTNOTE = re.compile(
    r"(?<=[^\W\d_)\].%])\s*\(\d{1,2}\)$|(?<=\w)\s*\[[\w*]{1,3}\]$|[\u00b9\u00b2\u00b3\u2070-\u2079*†‡§]+$"
)
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
#: What carries meaning beside letters and digits; a minus before a number and brackets around one do too.
_MEANING = frozenset("%&+@#§‰")
_SIGN = re.compile(r"(?<![\w)])-(?=[\d.,+])|\((?=[\d.,]+%?\))")

#: Letters of other scripts that look like Latin ones, in lower case.
_TWINS = str.maketrans(
    "аеорсухіјѕһԁԛԝкмтвнгґзьѵƖɑɡοανικρτυχεημβζωσ" + "АВЕКМНОРСТУХІЈЅΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
    "aeopcyxijshdqwkmtbhrr3bvlagoavikptuxenmbzwo" + "abekmhopctyxijsabezhikmnoptyx",
)
_CONFUSED = str.maketrans({"0": "o", "1": "l", "i": "l", "|": "l", "!": "l", "5": "s", "8": "b", "2": "z", "ı": "l"})


def fold(text: str) -> str:
    """Letters and digits in one form: compatibility-normalised, case-folded, signs of layout dropped."""
    if text.isascii():
        return _NOT_WORD.sub("", text).lower()
    return _NOT_WORD.sub("", unicodedata.normalize("NFKC", text)).casefold()


def printed(text: str) -> str:
    """The text as it looks: composed letters, no ligatures, words whole again, one kind of dash, single blanks."""
    if text.isascii() and "\n" not in text:
        return " ".join(text.split())
    flat = _LINE_HYPHEN.sub("", _INVISIBLE.sub("", text))
    flat = unicodedata.normalize("NFKC", flat).translate(_DASHES)
    return " ".join("".join(str(unicodedata.digit(c, c)) if c.isdigit() else c for c in flat).split())


def kept_hyphens(text: str) -> str:
    """The text with the hyphens at its line ends, for words that are written with one."""
    return _LINE_HYPHEN.sub("-", text)


@lru_cache(maxsize=65536)
def key(text: str) -> str:
    """What two texts must share to say the same: letters, digits, signs with a meaning, and where numbers end."""
    out: list[str] = []
    gap = False
    signs = {m.start() for m in _SIGN.finditer(text)}
    for i, c in enumerate(text.casefold() if len(text.casefold()) == len(text) else text.lower()):
        if c.isalnum() or unicodedata.category(c)[0] == "M":
            if gap and c.isdigit() and out and out[-1].isdigit():
                out.append("\x1f")
            out.append(c)
            gap = False
        elif i in signs:
            out.append("-")
            gap = False
        elif c in _MEANING or unicodedata.category(c)[0] == "S":
            out.append(c)
            gap = False
        else:
            gap = True
    return "".join(out).replace("ß", "ss")


def without_accents(text: str) -> str:
    """Base letters only; German umlauts as they are written out."""
    written = text.translate({0xE4: "ae", 0xF6: "oe", 0xFC: "ue", 0xDF: "ss", 0xF8: "oe", 0xE5: "aa", 0xE6: "ae"})
    return "".join(c for c in unicodedata.normalize("NFKD", written) if not unicodedata.combining(c))


def bare_letters(text: str) -> str:
    """Base letters only, an umlaut as the vowel below it."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def without_footnote(text: str) -> str:
    """The text without a footnote mark at its end."""
    return _FOOTNOTE.sub("", text.rstrip()).rstrip()


def confusable(text: str) -> str:
    """A form that texts share which look alike: scripts and shapes of letters and digits are one."""
    flat = key(printed(text).translate(_TWINS)).translate(_TWINS).translate(_CONFUSED)
    return flat.replace("rn", "m").replace("vv", "w").replace("cl", "d")


@lru_cache(maxsize=4096)
def _script(letter: str) -> str:
    name = unicodedata.name(letter, "").split()
    return name[0] if name and letter.isalpha() else ""


def scripts(text: str) -> frozenset[str]:
    """The scripts of the text's letters, by their Unicode names: LATIN, CYRILLIC, GREEK."""
    if text.isascii():
        return frozenset({"LATIN"}) if any(c.isalpha() for c in text) else frozenset()
    return frozenset(s for c in unicodedata.normalize("NFKC", text) if (s := _script(c)))


def strange_letter(value: str, text: str) -> str | None:
    """The name of a letter of the value whose script the text has not: a look-alike, or another writing altogether."""
    if value.isascii():
        return None
    here = scripts(text)
    for c in unicodedata.normalize("NFKC", value):
        if c.isalpha() and (script := _script(c)) and script not in here and script != "LATIN":
            return f"'{c}' is {unicodedata.name(c).lower()}"
    return None


def visual_order(text: str) -> str | None:
    """The text letter by letter from the other end, where it is written from right to left."""
    return text[::-1] if _RIGHT_TO_LEFT.search(text) else None
