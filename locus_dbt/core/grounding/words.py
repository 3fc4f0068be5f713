"""Names, lists and running words against their print: order, legal forms, marks, hyphens, truncation."""

from __future__ import annotations

import re

from locus_dbt.core.grounding.folding import (
    bare_letters,
    confusable,
    kept_hyphens,
    key,
    printed,
    strange_letter,
    visual_order,
    without_accents,
    without_footnote,
)
from locus_dbt.core.grounding.verdict import Context, Verdict, differs
from locus_dbt.core.value_names import CURRENCY_SIGNS

_LEGAL_FORMS = (
    "ltd limited", "inc incorporated", "corp corporation", "co company cie compagnie", "plc publiclimitedcompany",
    "llc limitedliabilitycompany", "gmbh gesellschaftmitbeschrankterhaftung gesellschaftmbh gesmbh mbh",
    "ag aktiengesellschaft", "kg kommanditgesellschaft", "ohg offenehandelsgesellschaft", "ev eingetragenerverein",
    "eg eingetragenegenossenschaft", "ug unternehmergesellschaft", "sa societeanonyme", "sarl", "bv", "nv", "spa",
    "srl", "se", "llp", "lp", "and und et y e &", "gebr gebruder", "bros brothers", "intl international",
    "mfg manufacturing",
    "st saint sankt", "str strasse street", "dept department", "univ university", "no nr number nummer numero",
)  # fmt: skip
_SAME = {word: words.split()[0] for words in _LEGAL_FORMS for word in words.split()}
_LEGAL = frozenset(
    [
        "ltd",
        "inc",
        "corp",
        "co",
        "plc",
        "llc",
        "gmbh",
        "ag",
        "kg",
        "ohg",
        "ev",
        "eg",
        "ug",
        "sa",
        "sarl",
        "bv",
        "nv",
        "spa",
        "srl",
        "se",
        "llp",
        "lp",
    ]
)
_WORD = re.compile(r"[^\W_]+(?:[.'’][^\W_]+)*\.?|[%&+@#§‰€$£¥]")
_PLAIN_WORD = re.compile(r"[^\W_]+|(?<![\w-])-(?=\d)|\((?=[\d.,]+%?\))|[%$€£¥+<>=±](?=\s?\d)")
_ITEMS = re.compile(r"\s*[,;|\n•·]\s*|\s+(?:and|und|et|&)\s+")
_LIST_MARKS = re.compile(r"^[\[{(]|[\]})]$|(?<![^\W_])['\"]|['\"](?![^\W_])")
_TRUE = frozenset(
    ["yes", "ja", "oui", "si", "sì", "true", "wahr", "vrai", "x", "y", "j", "1", "✓", "✔", "☑", "☒", "[x]", "on", "ok"]
)
_FALSE = frozenset(["no", "nein", "non", "false", "falsch", "faux", "n", "0", "✗", "✘", "☐", "[]", "off"])
_NOTHING = frozenset(["-", "–", "—", "n/a", "na", "k.a.", "none", "null", "nil", "./.", "."])
#: Letters and digits that an identifier has at least, before its marks may be left out.
_IDENTIFIER = 6
#: Longer texts are the same or not: likeness costs the product of their lengths.
_LONG = 4096
_LIKE = 0.85


def compare_layout(value: str, text: str) -> Verdict | None:  # noqa: PLR0911 - one for each rule in turn
    """Whether both differ in layout only: blanks, line ends, composed letters, case, punctuation."""
    mine, theirs = printed(value), printed(text)
    if mine == theirs:
        return Verdict("normalized", 1.0, None, _how(value, text))
    if mine.casefold() == theirs.casefold():
        return Verdict("normalized", 0.99, None, "letter case")
    if "\n" in text and mine.casefold() == printed(kept_hyphens(text)).casefold():
        return Verdict("normalized", 1.0, None, "hyphen at a line end")
    if _spaced(mine) != _spaced(theirs) and mine.replace(" ", "") == theirs.replace(" ", ""):
        return Verdict("normalized", 0.95, None, "spaced letters")
    my_key = key(mine)
    if my_key and my_key == key(theirs):
        return Verdict("normalized", 0.98, None, "punctuation and blanks")
    if "\n" in value and _PLAIN_WORD.findall(mine) == _PLAIN_WORD.findall(theirs) != []:
        return Verdict("normalized", 0.97, None, "marks of markup")
    return None


def _spaced(text: str) -> bool:
    """Whether blanks stand between all letters, as in s p a c e d headings."""
    return len(text) > 4 and all(len(piece) == 1 for piece in text.split(" "))


def _how(value: str, text: str) -> str:
    if value.split() == text.split():
        return "blanks"
    return "hyphen at a line end" if "\n" in text else "other forms of the same letters"


def compare_truth(value: str, text: str, context: Context) -> Verdict | None:
    """Yes and no in words, letters and marks; digits and crosses only for a column of booleans."""
    mine, theirs = value.strip().casefold(), text.strip().strip(".!").casefold()
    if mine not in ("true", "false") and context.kind != "BOOLEAN" and (len(mine) == 1 or len(theirs) == 1):
        return None
    for same, other, word in ((_TRUE, _FALSE, "yes"), (_FALSE, _TRUE, "no")):
        if mine in same and theirs in same:
            return Verdict("normalized", 0.98, None, f"a word for {word}")
        if mine in same and theirs in other:
            return differs(text, "the opposite", 0.05)
    return None


def compare_nothing(value: str, text: str) -> Verdict | None:
    """Empty cells: an empty value for a sign of nothing, any value for an empty cell."""
    if not text.strip():
        return (
            Verdict("none", 0.0, "the cited cell is empty")
            if value.strip()
            else Verdict("normalized", 1.0, None, "blanks")
        )
    if not value.strip():
        if text.strip().casefold() in _NOTHING:
            return Verdict("normalized", 0.9, f"'{text.strip()}' is read as empty", "a sign for nothing")
        return differs(text, "the value is empty")
    return None


def compare_look(value: str, text: str, context: Context) -> Verdict | None:
    """Letters that look alike: of another script, or mistaken by a reader of pictures."""
    alike = confusable(value) == confusable(text) != ""
    if letter := strange_letter(value, text):
        return differs(text, f"{letter}, a writing that the print has not", 0.05)
    if not alike:
        return None
    if strange_letter(text, value):
        return differs(text, "its letters only look alike", 0.1)
    if context.ocr:
        return Verdict(
            "fuzzy", 0.85, f"read from a picture as '{text}'", "letters and digits that look alike in a picture"
        )
    return differs(text, "other letters or digits that look alike", 0.1)


def compare_identifier(value: str, text: str, context: Context) -> Verdict | None:
    """Identifiers with or without blanks and marks: ``DE 123 456 789``, ``2018-0017``."""
    mine, theirs = re.sub(r"[\s./_-]", "", value).casefold(), re.sub(r"[\s./_-]", "", text).casefold()
    if mine != theirs or len(mine) < _IDENTIFIER or context.is_number or not any(c.isdigit() for c in mine):
        return None
    if (
        not mine.isalnum()
        or _signs(printed(value)) != _signs(printed(text))
        or (re.search(r"\d\.\d", value + " " + text) and mine.isdigit())
    ):
        return None
    return Verdict("normalized", 0.97, None, "identifier, without its marks")


def compare_words(value: str, text: str, context: Context) -> Verdict:
    """Everything else; the last word, so there is always a verdict."""
    if max(len(value), len(text)) > _LONG:
        return Verdict("none", 0.0, "the cited text differs")
    mine, theirs = printed(value).casefold(), printed(text).casefold()
    my_words, their_words = _words(mine), _words(theirs)
    return (
        _accents(mine, theirs)
        or _footnote(value, text, mine)
        or _same_words(my_words, their_words, mine, theirs)
        or _items(value, text, context)
        or _right_to_left(mine, text)
        or _inside(mine, theirs, text, my_words, their_words)
        or _likeness(mine, theirs, text)
    )


def _words(text: str) -> list[str]:
    """Words in one form each: legal forms and signs of currency by one name."""
    out: list[str] = []
    for word in _WORD.findall(without_accents(text)):
        bare = word.rstrip(".") if any(c.isdigit() for c in word) else re.sub(r"[.'’]", "", word)
        out.append(_SAME.get(bare) or CURRENCY_SIGNS.get(bare, "").casefold() or bare)
    return out


def _accents(mine: str, theirs: str) -> Verdict | None:
    if key(without_accents(mine)) == key(without_accents(theirs)) != "":
        return Verdict("normalized", 0.95, None, "umlauts and accents written out")
    if key(bare_letters(mine)) == key(bare_letters(theirs)) != "":
        return Verdict("normalized", 0.9, "accents are left out", "accents left out")
    return None


def _footnote(value: str, text: str, mine: str) -> Verdict | None:
    bare = without_footnote(text)
    if bare and bare != text.rstrip() and key(printed(bare)) == key(mine) and value.strip() != text.strip():
        score = 0.9 if text.rstrip().endswith(")") else 0.95  # a number in brackets may count something
        return Verdict("normalized", score, None, "footnote mark left out")
    return None


def _same_words(mine: list[str], theirs: list[str], value: str, text: str) -> Verdict | None:  # noqa: PLR0911 - one for each rule in turn
    if not mine or not theirs or _signs(value) != _signs(text):
        return None
    if mine == theirs:
        return Verdict("normalized", 0.96, None, "abbreviation or legal form written otherwise")
    if "".join(mine) == "".join(theirs) and not any(c.isdigit() for c in value + text):
        return Verdict("normalized", 0.96, None, "punctuation and blanks")
    if sorted(mine) != sorted(theirs):
        return None
    for one, other in ((value, theirs), (text, mine)):
        if one.count(",") == 1:
            family, given = (_words(part) for part in one.split(","))
            if given + family == other and not any(c.isdigit() for c in one):
                return Verdict("normalized", 0.96, None, "name, other word order")
    moved = {"usd", "eur", "gbp", "jpy", "chf"} & set(mine)
    if moved and [w for w in mine if w not in moved] == [w for w in theirs if w not in moved]:
        return Verdict("normalized", 0.96, None, "currency sign moved")
    if (
        [w for w in mine if w.isdigit()] == [w for w in theirs if w.isdigit()]
        and len(mine) > 1
        and not _listed(value, text)
    ):
        return Verdict("fuzzy", 0.6, f"the words stand in another order: '{text}'", "other word order")
    return None


def _signs(text: str) -> str:
    """The signs with a meaning, save those that are words: a currency's, and the one for 'and'."""
    return "".join(c for c in key(text) if not (c.isalnum() or c in "&\x1f$€£¥"))


def _listed(value: str, text: str) -> bool:
    return len(_ITEMS.split(value)) > 1 and len(_ITEMS.split(text)) > 1


def _items(value: str, text: str, context: Context) -> Verdict | None:
    """Lists: the same items in another order or with other marks between them."""
    if not (context.kind.endswith("[]") or _listed(value, text)) or _signs(value) != _signs(text):
        return None
    mine, theirs = ([key(i.casefold()) for i in _ITEMS.split(_LIST_MARKS.sub("", t)) if key(i)] for t in (value, text))
    if mine == theirs != []:
        return Verdict("normalized", 0.97, None, "list, other marks")
    if sorted(mine) == sorted(theirs) != []:
        return Verdict("normalized", 0.95, None, "list, other order")
    missing = [i for i in theirs if i not in mine]
    if mine and set(mine) < set(theirs):
        return differs(text, f"the list lacks '{missing[0]}'", 0.3)
    return None


def _right_to_left(mine: str, text: str) -> Verdict | None:
    turned = visual_order(text)
    if turned is not None and key(printed(turned).casefold()) == key(mine):
        return Verdict("normalized", 0.95, None, "right to left, stored letter by letter from the left")
    return None


def _inside(mine: str, theirs: str, text: str, my_words: list[str], their_words: list[str]) -> Verdict | None:  # noqa: PLR0911 - one for each rule in turn
    """One of both goes on where the other ends: a part with digits is a find, a name cut short is another name."""
    shorter, longer = sorted((mine, theirs), key=len)
    if not shorter or not re.search(rf"(?<![^\W_]){re.escape(shorter)}(?![^\W_])", longer):
        if key(longer).startswith(key(shorter)) and len(key(shorter)) > 2:
            return differs(text, "cut short" if shorter == mine else "the print is shorter", 0.25)
        return None
    if shorter == theirs:
        return differs(text, "the print says less than the value", 0.25)
    if any(c.isdigit() for c in mine):
        if re.search(
            rf"(?:[-+.,(]|(?<=\d)\s){re.escape(mine)}|{re.escape(mine)}(?:[.,%]\d|-(?!\w)|\s\d{{3}}(?!\d))", theirs
        ):
            return differs(text, "a part of another number", 0.2)
        at = theirs.index(mine)
        return Verdict("fuzzy", 0.85, f"stands in '{text[:80]}', from character {at}", "one part of the text")
    if len(my_words) < len(their_words) and set(their_words) - set(my_words) <= _LEGAL:
        return differs(text, "the legal form is left out", 0.4)
    return differs(text, "cut short", 0.25)


def _likeness(mine: str, theirs: str, text: str) -> Verdict:
    from rapidfuzz import fuzz  # noqa: PLC0415 - only for the few values that come this far

    mine, theirs = key(mine), key(theirs)
    likeness = fuzz.ratio(mine, theirs) / 100
    same_digits = [c for c in mine if c.isdigit()] == [c for c in theirs if c.isdigit()]
    letters = sum(c.isalpha() for c in mine)
    if likeness >= _LIKE and same_digits and letters >= _IDENTIFIER:
        return Verdict("fuzzy", round(0.7 * likeness, 4), f"printed as '{text[:80]}'")
    return differs(text, score=round(0.2 * likeness, 4))
