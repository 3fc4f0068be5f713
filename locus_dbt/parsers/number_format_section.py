"""One section of a number format code as tokens: what stands in it, and when it applies."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

#: Placeholders and signs: ``lit`` a text; ``digit`` one of ``0#?``; ``point``; ``comma``; ``percent``; ``exp`` the sign
#: of an exponent; ``slash`` of a fraction with its denominator; ``at`` the text; ``general``; ``date`` a run of one
#: letter; ``elapsed`` the same in brackets; ``ampm``; ``subsecond`` the zeros behind a point.
TokenKind = Literal[
    "lit", "digit", "point", "comma", "percent", "exp", "slash", "at", "general", "date", "elapsed", "ampm", "subsecond"
]  # fmt: skip
Token = tuple[TokenKind, str]
SectionKind = Literal["number", "date"]
Shows = Literal["date", "datetime", "time", "elapsed"]

_LITERAL = r'"[^"]*"?|\\.|[_*].'
_SPLIT = re.compile(rf"(?:{_LITERAL}|\[[^\]]*\]?|[^;])*", re.DOTALL)
_NOT_LITERAL = re.compile(rf"{_LITERAL}|\[[^\]]*\]?|general", re.DOTALL | re.IGNORECASE)
_DATE_LETTER = re.compile(r"[ymdhs]|am/pm|a/p", re.IGNORECASE)
_ELAPSED = re.compile(r"\[(h+|m+|s+)\]", re.IGNORECASE)
_CONDITION = re.compile(r"\[\s*(<=|>=|<>|<|>|=)\s*(-?[\d.]+(?:[eE][-+]?\d+)?)\s*\]")
_CURRENCY = re.compile(r"\[\$([^\]-]*)(?:-([0-9A-Fa-f]+))?[^\]]*\]")
_NUMBER_TOKENS = re.compile(
    rf"(?P<quoted>{_LITERAL})|(?P<bracket>\[[^\]]*\]?)|(?P<general>general)|(?P<exp>e[+-])|(?P<digit>[0#?])"
    r"|(?P<point>\.)|(?P<comma>,)|(?P<percent>%)|(?P<at>@)"
    r"|(?P<slash>/\s*(?:[1-9]\d*|[0#?]+))|(?P<lit>.)",
    re.DOTALL | re.IGNORECASE,
)
_DATE_TOKENS = re.compile(
    rf"(?P<quoted>{_LITERAL})|(?P<bracket>\[[^\]]*\]?)|(?P<ampm>am/pm|a/p|上午/下午)|(?P<date>y+|m+|d+|h+|s+|b+|e+|g+)"
    r"|(?P<subsecond>\.0+)|(?P<at>@)|(?P<lit>.)",
    re.DOTALL | re.IGNORECASE,
)
#: What the quick way handles: one placeholder that shows a zero before the point, none behind it that hides one.
_SIMPLE = re.compile(r"(#,##)?0(\.0*)?")
_USUAL = frozenset(("lit", "digit", "point", "comma"))


@dataclass(frozen=True, slots=True)
class Section:
    """Tokens of one section; ``locale`` is the low part of a Windows locale id, 0 for none.

    ``simple`` is set for the usual shapes (``0``, ``0.00``, ``#,##0.00``, with texts around): the text before, the
    thousands sign or nothing, decimals, the text behind.
    """

    tokens: tuple[Token, ...]
    kind: SectionKind
    condition: tuple[str, float] | None = None
    locale: int = 0
    shows: Shows = "date"
    simple: tuple[str, str, int, str] | None = None

    @property
    def has_at(self) -> bool:
        """Whether the section stands for texts."""
        return any(kind == "at" for kind, _ in self.tokens)

    @property
    def is_general(self) -> bool:
        """Whether the section is General and nothing else."""
        return self.condition is None and [kind for kind, _ in self.tokens] == ["general"]


def split_sections(code: str) -> list[str]:
    """The sections of a code; semicolons inside quotes and behind a backslash do not cut."""
    parts, at = [], 0
    while True:
        found = _SPLIT.match(code, at)
        parts.append(found[0] if found else "")
        at += len(parts[-1]) + 1
        if at > len(code):
            return parts


def to_section(code: str) -> Section:
    """Tokens, condition and locale of one section."""
    condition = _CONDITION.search(code)
    test = (condition[1], _number(condition[2])) if condition else None
    currency = _CURRENCY.search(code)
    number = int(currency[2][-8:], 16) if currency and currency[2] else 0
    if number & 0xFFFF in (0xF800, 0xF400) and (currency is None or not currency[1]):
        # the date and the time as the system is set up to show them
        code = "dddd, mmmm d, yyyy" if number & 0xFFFF == 0xF800 else "h:mm:ss AM/PM"
    if _is_date(code):
        tokens = _with_minutes(_tokens(_DATE_TOKENS, code))
        return Section(tokens, "date", test, number & 0xFFFF, _shows(tokens))
    tokens = _tokens(_NUMBER_TOKENS, code)
    return Section(tokens, "number", test, number & 0xFFFF, simple=_simple(tokens))


def _simple(tokens: tuple[Token, ...]) -> tuple[str, str, int, str] | None:
    """See :class:`Section`."""
    core = "".join(text if kind in ("digit", "point", "comma") else "|" for kind, text in tokens).strip("|")
    found = _SIMPLE.fullmatch(core)
    if not found or any(kind not in _USUAL for kind, _ in tokens):
        return None
    spots = [i for i, (kind, _) in enumerate(tokens) if kind in ("digit", "point", "comma")]
    before = "".join(text for _, text in tokens[: spots[0]])
    behind = "".join(text for _, text in tokens[spots[-1] + 1 :])
    return before, "," if found[1] else "", len(found[2] or ".") - 1, behind


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def _is_date(code: str) -> bool:
    return bool(_ELAPSED.search(code) or _DATE_LETTER.search(_NOT_LITERAL.sub("", code)))


def _tokens(pattern: re.Pattern[str], code: str) -> tuple[Token, ...]:
    out: list[Token] = []
    for found in pattern.finditer(code):
        kind, text = found.lastgroup or "lit", found[0]
        if kind == "quoted":
            text = _literal(text)
            if text:
                out.append(("lit", text))
        elif kind == "bracket":
            out.extend(_bracket(text))
        else:
            out.append((kind, text))  # type: ignore[arg-type]
    return tuple(out)


def _literal(text: str) -> str:
    """What is displayed of a quoted text, an escaped sign, a gap as wide as a sign, or a filling sign."""
    if text[0] == '"':
        return text[1:].removesuffix('"')
    return {"_": " ", "*": ""}.get(text[0], text[1:])


def _bracket(text: str) -> list[Token]:
    """Colours, conditions and locales are not displayed; a currency is."""
    elapsed = _ELAPSED.fullmatch(text)
    if elapsed:
        return [("elapsed", elapsed[1].lower())]
    currency = _CURRENCY.fullmatch(text)
    return [("lit", currency[1])] if currency and currency[1] else []


def _with_minutes(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    """``m`` behind hours or before seconds means minutes (``n`` from here on)."""
    timed = [i for i, (kind, _) in enumerate(tokens) if kind in ("date", "elapsed")]
    out = list(tokens)
    for before, i, after in zip([-1, *timed[:-1]], timed, [*timed[1:], -1], strict=True):
        kind, text = tokens[i]
        text = text.lower()
        if kind == "date":
            minutes = text in ("m", "mm") and (_letter(tokens, before) == "h" or _letter(tokens, after) == "s")
            out[i] = (kind, "n" * len(text) if minutes else text)
    return tuple(out)


def _letter(tokens: tuple[Token, ...], i: int) -> str:
    return tokens[i][1][0].lower() if i >= 0 else ""


def _shows(tokens: tuple[Token, ...]) -> Shows:
    letters = {text[0] for kind, text in tokens if kind == "date"}
    if any(kind == "elapsed" for kind, _ in tokens):
        return "elapsed"
    day = bool(letters & set("ymdbeg"))
    time = bool(letters & set("hns"))
    return "datetime" if day and time else "date" if day else "time"
