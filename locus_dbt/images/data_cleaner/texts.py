"""SQL expressions over texts: blanks, null words, letter case, booleans."""

from __future__ import annotations

from collections.abc import Iterable

from locus_dbt.model.relation import literal

#: Every blank that turns up in documents: Unicode spaces, zero-width signs, the byte order mark.
BLANKS = (
    " \t\r\n\v\f\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u200b\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"
)
# Within a line: line breaks are kept, an address has its lines.
_NOT_SPACE = r"\t\x{00A0}\x{1680}\x{2000}-\x{200B}\x{202F}\x{205F}\x{3000}"
_RUN = rf"[ {_NOT_SPACE}]+"
_HAS_RUN = rf"[{_NOT_SPACE}]|  "

_TRUE = ("true", "t", "yes", "y", "1", "ja", "j", "oui", "o", "vrai", "wahr", "on", "si", "sì")
_FALSE = ("false", "f", "no", "n", "0", "nein", "non", "faux", "falsch", "off")

# A word with what clings to it (O'Neil's), or what stands between words.
_PIECE = r"\p{L}[\p{L}\p{M}\p{N}]*(?:['’](?:s|t|re|ll|ve|d|m)\b)?|[^\p{L}]+"


def trimmed(text: str) -> str:
    """Without blanks at both ends."""
    return f"trim({text}, {literal(BLANKS)})"


def collapsed(text: str) -> str:
    """One space for each run of blanks within a line."""
    # Most texts have no run: the test costs half of what a replacement does.
    test = f"regexp_matches({text}, {literal(_HAS_RUN)})"
    return f"CASE WHEN {test} THEN regexp_replace({text}, {literal(_RUN)}, ' ', 'g') ELSE {text} END"


def without_null_words(text: str, words: Iterable[str], *, is_trimmed: bool) -> str:
    """NULL for blank texts and for ``words`` (lower case, trimmed)."""
    bare = text if is_trimmed else trimmed(text)
    if not words:
        return f"CASE WHEN {bare} <> '' THEN {text} END"
    longest = max(len(w.encode()) for w in words)
    listed = ", ".join(literal(w) for w in words)
    is_word = f"strlen({bare}) <= {longest} AND lower({bare}) IN ({listed})"
    return f"CASE WHEN {bare} = '' OR ({is_word}) THEN NULL ELSE {text} END"


def cased(text: str, case: str) -> str:
    """Upper, lower or title case."""
    if case in ("upper", "lower"):
        return f"{case}({text})"
    pieces = f"regexp_extract_all(lower({text}), {literal(_PIECE)})"
    capital = "lambda p: upper(array_extract(p, 1)) || substring(p, 2)"
    return f"array_to_string(list_transform({pieces}, {capital}), '')"


def boolean(text: str) -> str:
    """Yes and no in English, German, French and as digits."""
    true, false = (", ".join(literal(w) for w in words) for words in (_TRUE, _FALSE))
    return f"CASE WHEN lower({text}) IN ({true}) THEN true WHEN lower({text}) IN ({false}) THEN false END"
