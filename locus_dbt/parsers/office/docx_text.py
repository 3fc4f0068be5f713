"""The text of a Word paragraph: what is shown, with fields' results, without what was deleted."""

from __future__ import annotations

from dataclasses import dataclass, field

from lxml import etree

from locus_dbt.model.element import Repair
from locus_dbt.parsers.office.docx_styles import W
from locus_dbt.parsers.office.package import R, Tally, alternative

M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
_CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}chart"
_DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}relIds"
_VML = "{urn:schemas-microsoft-com:vml}"
_OLE = "{urn:schemas-microsoft-com:office:office}OLEObject"

_DELETION = "{n} tracked deletions or moved-away passages are left out"
#: Changes beyond these are only counted.
_MAX_REPAIRS = 10_000
DELETED = (W + "del", W + "moveFrom")
INSERTED = (W + "ins", W + "moveTo")
_CHARACTERS = {
    W + "tab": "\t", W + "ptab": "\t", W + "br": "\n", W + "cr": "\n", W + "noBreakHyphen": "\u2011",
    W + "softHyphen": "",
}  # fmt: skip
#: Signs of Wingdings and Symbol that documents use as marks; letters of other private signs stay unknown.
_SYMBOLS = {
    0xFC: "✓", 0xFB: "✗", 0xFE: "☑", 0xFD: "☒", 0xA8: "☐", 0x6F: "☐", 0x78: "☒", 0xA7: "▪", 0x6E: "■", 0x6C: "●",
    0xE0: "→", 0xDF: "←", 0xB7: "•", 0xD8: "➢", 0x4A: "☺",
}  # fmt: skip
_GREEK = dict(
    zip(
        b"abgdezhqiklmnxoprstufcywABGDEZHQIKLMNXOPRSTUFCYW",
        "αβγδεζηθικλμνξοπρστυφχψωΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ",
        strict=True,
    )
) | {0xB1: "±", 0xB3: "≥", 0xA3: "≤", 0xB4: "×", 0xB8: "÷", 0xB9: "≠", 0xB0: "°", 0xB7: "•", 0xAE: "→", 0xA5: "∞"}


@dataclass(slots=True)
class ParagraphParts:
    """What a paragraph holds: its text, and what floats beside it and is read on its own."""

    text: list[str] = field(default_factory=list)
    boxes: list[etree._Element] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)
    charts: list[str] = field(default_factory=list)
    diagrams: list[str] = field(default_factory=list)
    objects: list[str] = field(default_factory=list)
    #: Texts of inline content controls with a title, in order.
    controls: list[tuple[str, str]] = field(default_factory=list)

    def __str__(self) -> str:
        return "".join(self.text)


class RunReader:
    """Reads paragraphs in document order; remembers fields that go over several paragraphs, and notes' numbers."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._fields: list[bool] = []  # open fields: whether their result has begun
        self._instructions = 0
        self._at = ""
        self.notes: dict[tuple[str, str], str] = {}
        #: What was left out or kept under change tracking, with its place.
        self.repairs: list[Repair] = []
        self.comments: list[str] = []

    def read(self, element: etree._Element, at: str) -> ParagraphParts:
        """The parts of one paragraph (or of any element that holds runs) at the place ``at``."""
        parts = ParagraphParts()
        self._at = at
        self._inside(element, parts)
        return parts

    def _inside(self, element: etree._Element, parts: ParagraphParts) -> None:
        for child in element:
            self._element(child, parts)

    def _element(self, child: etree._Element, parts: ParagraphParts) -> None:  # noqa: PLR0912, C901 - one branch a kind
        tag = child.tag
        if tag == W + "r":
            if self._is_shown(child):
                self._inside(child, parts)
        elif tag == W + "t":
            self._append(child.text or "", parts)
        elif tag in _CHARACTERS:
            self._append(_CHARACTERS[str(tag)], parts)
        elif tag == W + "fldChar":
            self._field(child, parts)
        elif tag in DELETED:
            self.left_out(child, self._at)
        elif tag in INSERTED:
            self._tally.count("{n} tracked insertions or moved passages are kept")
            before = len(parts.text)
            self._inside(child, parts)
            self._record("tracked insertion", self._at, after="".join(parts.text[before:]))
        elif tag == W + "sdt":
            self._control(child, parts)
        elif tag == W + "sym":
            self._append(symbol(child.get(f"{W}char") or "", child.get(f"{W}font") or ""), parts)
        elif tag in (W + "footnoteReference", W + "endnoteReference"):
            self._note(child)
        elif tag == W + "commentReference":
            self.comments.append(child.get(f"{W}id") or "")
        elif tag == MC + "AlternateContent":
            branch = alternative(child)
            if branch is not None:
                self._inside(branch, parts)
        elif tag in (W + "drawing", W + "pict", W + "object"):
            self._drawing(child, parts)
        elif tag in (M + "oMath", M + "oMathPara"):
            self._append("".join(t.text or "" for t in child.iter(f"{M}t", f"{W}t")), parts)
        elif tag == W + "ruby":
            for base in child.iterfind(f"{W}rubyBase"):
                self._inside(base, parts)
        elif tag not in (W + "instrText", W + "delText", W + "delInstrText", W + "pPr", W + "rPr", W + "p", W + "tbl"):
            self._inside(child, parts)

    def left_out(self, deleted: etree._Element, at: str, *, what: str = _DELETION) -> None:
        """Count and record what was deleted or moved away."""
        self._tally.count(what)
        text = "".join(t.text or "" for t in deleted.iter(f"{W}delText", f"{W}t"))
        self._record("tracked deletion", at, before=text)

    def _record(self, rule: str, at: str, *, before: str = "", after: str = "") -> None:
        if (before or after) and len(self.repairs) < _MAX_REPAIRS:
            self.repairs.append(Repair(rule, at, before, after))

    def _append(self, text: str, parts: ParagraphParts) -> None:
        if not self._instructions:
            parts.text.append(text)

    def _is_shown(self, run: etree._Element) -> bool:
        vanish = run.find(f"{W}rPr/{W}vanish")
        if vanish is None or vanish.get(f"{W}val") in ("0", "false", "off"):
            return True
        # a hidden run may still open or close a field
        for mark in run.iterfind(f"{W}fldChar"):
            self._field(mark, ParagraphParts())
        if run.find(f"{W}t") is not None:
            self._tally.count("{n} runs of hidden text are left out")
        return False

    def _field(self, mark: etree._Element, parts: ParagraphParts) -> None:
        kind = mark.get(f"{W}fldCharType")
        if kind == "begin":
            self._fields.append(False)
            self._instructions += 1
            box = mark.find(f"{W}ffData/{W}checkBox")
            if box is not None and self._instructions == 1:
                on = box.find(f"{W}checked")
                on = box.find(f"{W}default") if on is None else on
                ticked = on is not None and on.get(f"{W}val") not in ("0", "false", "off")
                parts.text.append("☒" if ticked else "☐")
        elif kind == "separate" and self._fields and not self._fields[-1]:
            self._fields[-1] = True
            self._instructions -= 1
        elif kind == "end" and self._fields and not self._fields.pop():
            self._instructions -= 1

    def _control(self, control: etree._Element, parts: ParagraphParts) -> None:
        content = control.find(f"{W}sdtContent")
        if content is None:
            return
        if is_placeholder(control):
            self._tally.count("{n} content controls hold only their placeholder text, which is left out")
            return
        before = len(parts.text)
        self._inside(content, parts)
        title = control_title(control)
        if title:
            parts.controls.append((title, "".join(parts.text[before:])))

    def _note(self, reference: etree._Element) -> None:
        kind = "footnote" if reference.tag == W + "footnoteReference" else "endnote"
        number = sum(1 for k, _ in self.notes if k == kind) + 1
        self.notes.setdefault((kind, reference.get(f"{W}id") or ""), str(number))

    def _drawing(self, drawing: etree._Element, parts: ParagraphParts) -> None:
        """Text boxes, pictures, charts and embedded files; of two branches for old and new readers only one."""
        todo = [drawing]
        while todo:
            element = todo.pop()
            if element.tag == W + "txbxContent":
                parts.boxes.append(element)
                continue
            if element.tag == MC + "AlternateContent":
                branch = alternative(element)
                todo += [branch] if branch is not None else []
                continue
            self._noted(element, parts)
            todo.extend(reversed([child for child in element if isinstance(child.tag, str)]))

    def _noted(self, element: etree._Element, parts: ParagraphParts) -> None:
        if element.tag == _DRAWING + "docPr" and (element.get("descr") or "").strip():
            parts.pictures.append(element.get("descr") or "")
        elif element.tag in (_VML + "shape", _VML + "imagedata") and (element.get("alt") or "").strip():
            parts.pictures.append(element.get("alt") or "")
        elif element.tag == _VML + "textpath" and element.get("string"):
            parts.pictures.append(element.get("string") or "")
        elif element.tag == _CHART:
            parts.charts.append(element.get(f"{R}id") or "")
        elif element.tag == _DIAGRAM:
            parts.diagrams.append(element.get(f"{R}dm") or "")
        elif element.tag == _OLE:
            parts.objects.append(element.get(f"{R}id") or "")


def control_title(control: etree._Element) -> str:
    """The title of a content control, or its tag where it has none."""
    for name in ("alias", "tag"):
        found = control.find(f"{W}sdtPr/{W}{name}")
        if found is not None and (found.get(f"{W}val") or "").strip():
            return (found.get(f"{W}val") or "").strip()
    return ""


def is_placeholder(control: etree._Element) -> bool:
    """Whether a content control shows only the prompt to fill it in."""
    mark = control.find(f"{W}sdtPr/{W}showingPlcHdr")
    return mark is not None and mark.get(f"{W}val") not in ("0", "false", "off")


def symbol(code: str, font: str) -> str:
    """A sign given by its number in a symbol font."""
    try:
        number = int(code, 16)
    except ValueError:
        return ""
    if 0xF000 <= number <= 0xF0FF:
        number -= 0xF000
    elif number > 0xFF:
        return chr(number) if number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF else ""
    if font.lower().startswith("symbol"):
        return _GREEK.get(number, chr(number) if 0x20 < number < 0x7F else "\ufffd")
    if font.lower().startswith(("wingdings", "webdings")):
        return _SYMBOLS.get(number, "\ufffd")
    return chr(number) if number >= 0x20 else ""
