"""SQL expressions over texts: blanks, null words, letter case, booleans."""

from __future__ import annotations

import re
from collections.abc import Iterable

from locus_dbt.model.relation import literal

# Every blank that turns up in documents: Unicode spaces, zero-width signs, the byte order mark.
_IN_LINE = r"\t\x{00A0}\x{1680}\x{2000}-\x{200B}\x{202F}\x{205F}\x{2060}\x{3000}\x{FEFF}"
_BLANK = rf"[ \r\n\v\f\x{{0085}}\x{{2028}}\x{{2029}}{_IN_LINE}]"
_AT_AN_END = rf"^{_BLANK}|{_BLANK}$"
_ENDS = rf"^{_BLANK}+|{_BLANK}+$"
# Within a line: line breaks are kept, an address has its lines.
_RUN = rf"[ {_IN_LINE}]+"
_HAS_RUN = rf"[{_IN_LINE}]|  "

_TRUE = ("true", "t", "yes", "y", "1", "ja", "j", "oui", "o", "vrai", "wahr", "on", "si", "sì")
_FALSE = ("false", "f", "no", "n", "0", "nein", "non", "faux", "falsch", "off")

# A word with what clings to it (O'Neil's), or what stands between words.
_PIECE = r"\p{L}[\p{L}\p{M}\p{N}]*(?:['’](?:s|t|re|ll|ve|d|m)\b)?|[^\p{L}]+"


def trimmed(text: str) -> str:
    """Without blanks at both ends."""
    return _replaced(text, _AT_AN_END, _ENDS, "")


def collapsed(text: str) -> str:
    """One space for each run of blanks within a line."""
    return _replaced(text, _HAS_RUN, _RUN, " ")


def without_null_words(text: str, words: Iterable[str]) -> str:
    """NULL for blank texts and for ``words``, whatever their case and the blanks around them."""
    # One pattern and no IN: DuckDB makes a join of a longer IN, which hides unused columns from its optimizer.
    listed = "|".join(re.escape(w) for w in words)
    pattern = rf"(?i){_BLANK}*(?:{listed})?{_BLANK}*"
    return f"CASE WHEN NOT regexp_full_match({text}, {literal(pattern)}) THEN {text} END"


def cased(text: str, case: str) -> str:
    """Upper, lower or title case."""
    if case in ("upper", "lower"):
        return f"{case}({text})"
    pieces = f"regexp_extract_all(lower({text}), {literal(_PIECE)})"
    capital = "lambda p: upper(array_extract(p, 1)) || substring(p, 2)"
    return f"array_to_string(list_transform({pieces}, {capital}), '')"


def boolean(text: str) -> str:
    """Yes and no in English, German, French and as digits."""
    true, false = (literal(f"(?i)(?:{'|'.join(words)})") for words in (_TRUE, _FALSE))
    return (
        f"CASE WHEN regexp_full_match({text}, {true}) THEN true WHEN regexp_full_match({text}, {false}) THEN false END"
    )


def _replaced(text: str, test: str, pattern: str, new: str) -> str:
    # Few texts need it, and the test costs a tenth of the replacement.
    replaced = f"regexp_replace({text}, {literal(pattern)}, {literal(new)}, 'g')"
    return f"CASE WHEN regexp_matches({text}, {literal(test)}) THEN {replaced} ELSE {text} END"
