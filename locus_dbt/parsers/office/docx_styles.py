"""What Word's styles and numbering say of a paragraph: heading level, kind, list level and marker."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
#: Built-in styles keep their English names in every language; a few writers leave out the styles part.
_HEADING = re.compile(r"^heading ?([1-9])$", re.IGNORECASE)
_DEEPEST_CHAIN = 30
_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"),
    (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip


def value(element: etree._Element | None, path: str) -> str | None:
    """``w:val`` of the element at ``path`` below ``element``."""
    found = element.find(path) if element is not None else None
    return found.get(f"{W}val") if found is not None else None


@dataclass(frozen=True, slots=True)
class ParagraphStyle:
    """A paragraph's place in the outline (1..9, 0 for none), its style's name and its list."""

    level: int
    name: str
    num_id: str | None
    list_level: int


@dataclass(slots=True)
class _Style:
    name: str = ""
    based_on: str | None = None
    outline: int | None = None
    num_id: str | None = None
    list_level: int | None = None
    first_row: bool = False


@dataclass(slots=True)
class ListLevel:
    """One level of a list: its first number, the form of its numbers, and its text, in which ``%1`` is level 1."""

    start: int = 1
    form: str = "decimal"
    text: str = ""
    style: str | None = None


class Styles:
    """The styles part; answers for paragraphs and tables."""

    def __init__(self, root: etree._Element | None) -> None:
        self._styles: dict[str, _Style] = {}
        self._default: str | None = None
        for element in root.iterfind(f"{W}style") if root is not None else ():
            name = element.get(f"{W}styleId") or ""
            self._styles[name] = _style(element)
            if element.get(f"{W}type") == "paragraph" and element.get(f"{W}default") in ("1", "true", "on"):
                self._default = name

    def paragraph(self, properties: etree._Element | None) -> ParagraphStyle:
        """Direct properties first, then the style and what it is based on."""
        style_id = value(properties, f"{W}pStyle") or self._default
        chain = self._chain(style_id)
        outline = _number(value(properties, f"{W}outlineLvl"))
        if outline is None:
            outline = next((level for s in chain if (level := _outline_of(s)) is not None), None)
        if outline is None and not chain and style_id and (match := _HEADING.match(style_id)):
            outline = int(match[1]) - 1
        num_id = value(properties, f"{W}numPr/{W}numId") or next((s.num_id for s in chain if s.num_id), None)
        level = _number(value(properties, f"{W}numPr/{W}ilvl"))
        if level is None:
            level = next((s.list_level for s in chain if s.list_level is not None), 0)
        name = chain[0].name if chain else style_id or ""
        return ParagraphStyle(outline + 1 if outline is not None and outline < 9 else 0, name.lower(), num_id, level)

    def numbering_style(self, style_id: str) -> str | None:
        """The list that a numbering style names."""
        return next((s.num_id for s in self._chain(style_id) if s.num_id), None)

    def marks_first_row(self, style_id: str | None) -> bool:
        """Whether a table style gives the first row a look of its own."""
        return any(style.first_row for style in self._chain(style_id))

    def _chain(self, style_id: str | None) -> list[_Style]:
        chain: list[_Style] = []
        while style_id in self._styles and len(chain) < _DEEPEST_CHAIN:
            chain.append(self._styles[style_id])
            style_id = chain[-1].based_on
        return chain


def _style(element: etree._Element) -> _Style:
    paragraph = element.find(f"{W}pPr")
    return _Style(
        name=value(element, f"{W}name") or "",
        based_on=value(element, f"{W}basedOn"),
        outline=_number(value(paragraph, f"{W}outlineLvl")),
        num_id=value(paragraph, f"{W}numPr/{W}numId"),
        list_level=_number(value(paragraph, f"{W}numPr/{W}ilvl")),
        first_row=any(e.get(f"{W}type") == "firstRow" and len(e) for e in element.iterfind(f"{W}tblStylePr")),
    )


def _outline_of(style: _Style) -> int | None:
    """A style's own level; a style called heading 2 is one even when it does not say so."""
    if style.outline is not None:
        return style.outline
    if match := _HEADING.match(style.name):
        return int(match[1]) - 1
    return 0 if style.name.lower() == "title" else None


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 6 else None


@dataclass(slots=True)
class _Num:
    """One list: the abstract list it follows and the levels it starts anew."""

    abstract: str
    starts: dict[int, int] = field(default_factory=dict)


class Numbering:
    """The numbering part; counts on as paragraphs come in document order."""

    def __init__(self, root: etree._Element | None, styles: Styles) -> None:
        self._lists: dict[str, _Num] = {}
        self._levels: dict[str, dict[int, ListLevel]] = {}
        self._counts: dict[str, dict[int, int]] = {}
        self._begun: set[str] = set()
        if root is None:
            return
        linked: dict[str, str] = {}
        for element in root.iterfind(f"{W}abstractNum"):
            name = element.get(f"{W}abstractNumId") or ""
            self._levels[name] = _levels(element)
            if (style := value(element, f"{W}numStyleLink")) is not None:
                linked[name] = style
        for element in root.iterfind(f"{W}num"):
            num = _Num(value(element, f"{W}abstractNumId") or "")
            for change in element.iterfind(f"{W}lvlOverride"):
                start = _number(value(change, f"{W}startOverride"))
                level = _number(change.get(f"{W}ilvl"))
                if start is not None and level is not None:
                    num.starts[level] = start
            self._lists[element.get(f"{W}numId") or ""] = num
        for name, style in linked.items():
            target = self._lists.get(styles.numbering_style(style) or "")
            if target is not None and not self._levels[name]:
                self._levels[name] = self._levels.get(target.abstract, {})

    def define(self, num_id: str, abstract: str, levels: dict[int, ListLevel]) -> None:
        """Add a list; lists that share ``abstract`` count on together."""
        self._lists[num_id] = _Num(abstract)
        self._levels.setdefault(abstract, levels)

    def marker(self, num_id: str | None, level: int) -> str | None:
        """The marker of the next paragraph of this list, counted on; ``None`` when it is in no list."""
        num = self._lists.get(num_id or "")
        if num is None or num_id is None or num_id == "0":
            return None
        levels = self._levels.get(num.abstract, {})
        counts = self._counts.setdefault(num.abstract, {})
        if num_id not in self._begun:
            self._begun.add(num_id)
            for at, start in num.starts.items():
                counts[at] = start - 1
        own = levels.get(level, ListLevel())
        counts[level] = counts.get(level, own.start - 1) + 1
        for deeper in [at for at in counts if at > level]:
            del counts[deeper]
        if own.form == "bullet":
            return bullet(own.text)
        if own.form == "none":
            return re.sub(r"%\d", "", own.text)
        return re.sub(r"%([1-9])", lambda m: self._count(levels, counts, int(m[1]) - 1), own.text)

    @staticmethod
    def _count(levels: Mapping[int, ListLevel], counts: dict[int, int], at: int) -> str:
        level = levels.get(at, ListLevel())
        if at not in counts:
            counts[at] = level.start
        return number_text(counts[at], level.form)


def _levels(element: etree._Element) -> dict[int, ListLevel]:
    found: dict[int, ListLevel] = {}
    for level in element.iterfind(f"{W}lvl"):
        at = _number(level.get(f"{W}ilvl"))
        if at is not None:
            start = _number(value(level, f"{W}start"))
            found[at] = ListLevel(
                1 if start is None else start,
                value(level, f"{W}numFmt") or "decimal",
                value(level, f"{W}lvlText") or "",
            )
    return found


def bullet(text: str) -> str:
    """A bullet as a sign that any font has (symbol fonts keep theirs in a private area)."""
    sign = text.strip()[:1]
    return sign if sign.isprintable() and not "\ue000" <= sign <= "\uf8ff" and sign not in ("", "o") else "•"


def number_text(number: int, form: str) -> str:
    """A number as lists print it: decimal, letters (aa after z) or Roman."""
    if form in ("lowerLetter", "upperLetter") and 0 < number < 1000:
        letters = chr(97 + (number - 1) % 26) * ((number - 1) // 26 + 1)
        return letters if form == "lowerLetter" else letters.upper()
    if form in ("lowerRoman", "upperRoman") and 0 < number < 4000:
        out, rest = "", number
        for size, sign in _ROMAN:
            out += sign * (rest // size)
            rest %= size
        return out if form == "lowerRoman" else out.upper()
    return f"{number:02d}" if form == "decimalZero" else str(number)
