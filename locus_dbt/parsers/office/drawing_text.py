"""Paragraphs of DrawingML text bodies: text, bullets and numbers as slides show them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lxml import etree

from locus_dbt.parsers.office.docx_styles import number_text
from locus_dbt.parsers.office.docx_text import MC, M
from locus_dbt.parsers.office.package import alternative

A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_NUMBERS = {"arabic": "decimal", "alphaLc": "lowerLetter", "alphaUc": "upperLetter", "romanLc": "lowerRoman",
            "romanUc": "upperRoman"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class DrawnParagraph:
    """One paragraph: its level from 1, and its marker (``None`` where it is no list item)."""

    text: str
    level: int
    marker: str | None
    number: int


def paragraphs(body: etree._Element | None, styles: Sequence[etree._Element] = ()) -> Iterator[DrawnParagraph]:
    """The paragraphs of a text body; ``styles`` are the list styles it inherits, nearest first."""
    if body is None:
        return
    own = body.find(f"{A}lstStyle")
    inherited = ([own] if own is not None else []) + list(styles)
    counts: dict[int, int] = {}
    for number, paragraph in enumerate(body.iterfind(f"{A}p"), 1):
        properties = paragraph.find(f"{A}pPr")
        given = properties.get("lvl") if properties is not None else None
        level = int(given) if given and given.isascii() and given.isdigit() and len(given) < 3 else 0
        text = paragraph_text(paragraph)
        sign = _bullet(properties, inherited, level)
        marker = _marker(sign, level, counts) if text.strip() else None
        yield DrawnParagraph(text, level + 1, marker, number)


def paragraph_text(paragraph: etree._Element) -> str:
    """Runs, fields and equations of one paragraph; breaks are line ends."""
    out: list[str] = []
    todo = list(paragraph)[::-1]
    while todo:
        element = todo.pop()
        tag = element.tag
        if tag == A + "br":
            out.append("\n")
        elif tag in (A + "t", M + "t"):
            out.append((element.text or "").replace("_x000B_", "\n").replace("\v", "\n"))
        elif tag == MC + "AlternateContent":
            branch = alternative(element)
            todo += [branch] if branch is not None else []
        elif tag not in (A + "pPr", A + "rPr", A + "endParaRPr"):
            todo.extend(list(element)[::-1])
    return "".join(out)


def _bullet(properties: etree._Element | None, styles: Sequence[etree._Element], level: int) -> etree._Element | None:
    """The nearest statement about the paragraph's bullet; ``None`` where it has none."""
    levels = [style.find(f"{A}lvl{level + 1}pPr") for style in styles]
    for place in (properties, *levels):
        for name in ("buNone", "buChar", "buAutoNum", "buBlip"):
            sign = place.find(f"{A}{name}") if place is not None else None
            if sign is not None:
                return None if name == "buNone" else sign
    return None


def _marker(sign: etree._Element | None, level: int, counts: dict[int, int]) -> str | None:
    for deeper in [at for at in counts if at > level]:
        del counts[deeper]
    if sign is None:
        counts.pop(level, None)
        return None
    if sign.tag != A + "buAutoNum":
        counts.pop(level, None)
        mark = (sign.get("char") or "•").strip()
        return (
            mark if mark and not "\ue000" <= mark[0] <= "\uf8ff" and mark.isprintable() and mark not in "§Øüv" else "•"
        )
    start = sign.get("startAt") or "1"
    first = int(start) if start.isascii() and start.isdigit() and len(start) < 6 else 1
    counts[level] = counts.get(level, first - 1) + 1
    kind = sign.get("type") or "arabicPeriod"
    form = next((form for name, form in _NUMBERS.items() if kind.startswith(name)), "decimal")
    number = number_text(counts[level], form)
    if kind.endswith("ParenBoth"):
        return f"({number})"
    return number + (")" if kind.endswith("ParenR") else "" if kind.endswith("Plain") else ".")
