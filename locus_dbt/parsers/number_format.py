"""Number formats of spreadsheets: what a cell displays, from its value and its format code (ECMA-376, 18.8.31).

A code has up to four sections (positive; negative; zero; text), or sections with conditions. Codes are compiled once
and kept. English names and signs are used where a code names no locale, as in a US installation.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from locus_dbt.parsers.number_format_dates import iso, show_date
from locus_dbt.parsers.number_format_digits import general, number_text, show_number
from locus_dbt.parsers.number_format_section import Section, split_sections, to_section

#: What a cell's value is, by its format: a plain number, a calendar date with or without time, a time of day, a span.
Kind = Literal["number", "date", "datetime", "time", "elapsed"]

_NEGATIVE_SECTION = 2
_ALL_SECTIONS = 4
_MAX_CODE = 1024
#: A text of General with fewer signs than this has no digit rounded away.
_SURELY_EXACT = 11
_TESTS = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "=": operator.eq, "<>": operator.ne,
}  # fmt: skip

_MONEY = '"$"#,##0'
#: Formats that files name by number only, as a US installation shows them; the standard gives dates two-digit years.
BUILT_IN: Mapping[int, str] = {
    0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00",
    5: rf"{_MONEY}_);\({_MONEY}\)", 6: rf"{_MONEY}_);[Red]\({_MONEY}\)",
    7: rf"{_MONEY}.00_);\({_MONEY}.00\)", 8: rf"{_MONEY}.00_);[Red]\({_MONEY}.00\)",
    9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??",
    14: "m/d/yy", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM",
    20: "h:mm", 21: "h:mm:ss", 22: "m/d/yy h:mm",
    **dict.fromkeys(range(27, 32), "m/d/yy"), 32: "h:mm:ss", 33: "h:mm:ss", **dict.fromkeys(range(34, 37), "m/d/yy"),
    37: r"#,##0_);\(#,##0\)", 38: r"#,##0_);[Red]\(#,##0\)",
    39: r"#,##0.00_);\(#,##0.00\)", 40: r"#,##0.00_);[Red]\(#,##0.00\)",
    41: r'_(* #,##0_);_(* \(#,##0\);_(* "-"_);_(@_)',
    42: r'_("$"* #,##0_);_("$"* \(#,##0\);_("$"* "-"_);_(@_)',
    43: r'_(* #,##0.00_);_(* \(#,##0.00\);_(* "-"??_);_(@_)',
    44: r'_("$"* #,##0.00_);_("$"* \(#,##0.00\);_("$"* "-"??_);_(@_)',
    45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0", 48: "##0.0E+0", 49: "@",
    **dict.fromkeys(range(50, 59), "m/d/yy"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """A compiled format code."""

    code: str
    sections: tuple[Section, ...]
    text: Section | None
    plain: bool
    conditional: bool = False

    def show(self, value: float, *, from_1904: bool = False) -> str:
        """The number as displayed; ``from_1904`` says that days count from 1904 instead of 1900."""
        if self.plain:
            return general(value)
        section, signed = self._choose(value)
        if section is None:
            return general(value)
        if section.kind == "date":
            shown = show_date(section, value, from_1904=from_1904)
            # Excel fills such a cell with ####
            return general(value) if shown is None else shown
        minus = "-" if value < 0 and signed else ""
        return minus + show_number(section, abs(value))

    def both(self, value: float, *, from_1904: bool = False) -> tuple[str, str]:
        """:meth:`show` and :meth:`typed`."""
        if self.plain:
            text = general(value)
            # what is short enough was not rounded
            return text, text if len(text) < _SURELY_EXACT else number_text(value)
        return self.show(value, from_1904=from_1904), self.typed(value, from_1904=from_1904)

    def show_text(self, text: str) -> str:
        """A text as displayed: unchanged unless the code has a section for texts."""
        if self.text is None:
            return text
        return "".join(text if kind == "at" else str(token) for kind, token in self.text.tokens if kind in _IN_TEXT)

    def typed(self, value: float, *, from_1904: bool = False) -> str:
        """The value in one form: an ISO date, date and time, or time of day; else a plain decimal.

        A span of time (``[h]:mm``) is the decimal number of days.
        """
        kind = self.kind(value)
        known = iso(value, kind, from_1904=from_1904) if kind not in ("number", "elapsed") else None
        return number_text(value) if known is None else known

    def kind(self, value: float) -> Kind:
        """What the value is, judged by the section that shows it."""
        if self.plain:
            return "number"
        section, _ = self._choose(value)
        if section is None or section.kind != "date":
            return "number"
        return section.shows

    def _choose(self, value: float) -> tuple[Section | None, bool]:
        """The section for ``value``, and whether a minus is put before a negative number."""
        sections = self.sections
        if self.conditional:
            return self._by_condition(value)
        n = len(sections)
        if n == 1:
            return sections[0], True
        if value < 0:
            return sections[1], False
        return sections[2 if n > _NEGATIVE_SECTION and value == 0 else 0], False

    def _by_condition(self, value: float) -> tuple[Section | None, bool]:
        for i, section in enumerate(self.sections):
            condition = section.condition
            if condition is None:
                # the second section without a condition still means the negative numbers when a third one follows
                if i == 1 and len(self.sections) > _NEGATIVE_SECTION and value >= 0:
                    continue
                return section, i == 0 or not (i == 1 and len(self.sections) > _NEGATIVE_SECTION)
            if _TESTS[condition[0]](value, condition[1]):
                return section, not (condition[0] in ("<", "<=") and condition[1] <= 0)
        return None, True


_IN_TEXT = frozenset(("at", "lit"))


@lru_cache(maxsize=4096)
def number_format(code: str) -> NumberFormat:
    """The compiled form of a format code; one that makes no sense shows values as General does."""
    parts = split_sections(code[:_MAX_CODE])
    sections = [to_section(part) for part in parts[:_ALL_SECTIONS]]
    text = None
    if len(sections) == _ALL_SECTIONS or sections[-1].has_at:
        text = sections.pop()
    if not sections:
        # a format for texts alone: numbers are shown as they are
        only = text if text is not None and any(kind == "lit" for kind, _ in text.tokens) else None
        return NumberFormat(code, (only,) if only else (), text, plain=only is None)
    plain = len(sections) == 1 and sections[0].is_general
    conditional = any(section.condition for section in sections)
    return NumberFormat(code, tuple(sections), text, plain=plain, conditional=conditional)


def built_in(number: int) -> str:
    """The code of a format that a file names by number only; General for numbers without a meaning."""
    return BUILT_IN.get(number, "General")
