"""What lies on top of a page: form fields with their values, comments, links."""

from __future__ import annotations

import ctypes
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from locus_dbt.model.element import Block
from locus_dbt.parsers.pdf.grid import Rect
from locus_dbt.parsers.pdf.native import Frame

_MOST = 10_000  # annotations of one page
_LONGEST = 1 << 21  # bytes of one text, two a character
_COMMENTS = frozenset(
    {
        pdfium.FPDF_ANNOT_TEXT, pdfium.FPDF_ANNOT_FREETEXT, pdfium.FPDF_ANNOT_HIGHLIGHT, pdfium.FPDF_ANNOT_UNDERLINE,
        pdfium.FPDF_ANNOT_SQUIGGLY, pdfium.FPDF_ANNOT_STRIKEOUT, pdfium.FPDF_ANNOT_STAMP, pdfium.FPDF_ANNOT_CARET,
        pdfium.FPDF_ANNOT_INK, pdfium.FPDF_ANNOT_LINE, pdfium.FPDF_ANNOT_SQUARE, pdfium.FPDF_ANNOT_CIRCLE,
        pdfium.FPDF_ANNOT_POLYGON, pdfium.FPDF_ANNOT_POLYLINE, pdfium.FPDF_ANNOT_REDACT,
    }
)  # fmt: skip


@dataclass(slots=True)
class Notes:
    """``blocks`` are key-values and comments; ``links`` one JSON object each: page, box, uri."""

    blocks: list[Block] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def open_form(pdf: pypdfium2.PdfDocument) -> list[str]:
    """Make the fields of a form readable, when there are any; warnings about what cannot be read of it."""
    kind = pdf.get_formtype()
    if kind == pdfium.FORMTYPE_NONE:
        return []
    if not pdf.formenv:
        # not ``init_forms``: it logs to the terminal for XFA
        config = pdfium.FPDF_FORMFILLINFO(version=2)
        handle = pdfium.FPDFDOC_InitFormFillEnvironment(pdf, config)
        if not handle:
            return ["the form of the document cannot be opened: its fields are left out"]
        pdf.formenv = pypdfium2.PdfFormEnv(handle, config)
    if kind in (pdfium.FORMTYPE_XFA_FULL, pdfium.FORMTYPE_XFA_FOREGROUND):
        return ["the document holds an XFA form: only the pages and fields that are also stored as plain PDF are read"]
    return []


def read_notes(pdf: pypdfium2.PdfDocument, page: Any, number: int, frame: Frame) -> Notes:  # noqa: ANN401
    """Fields, comments and links of an open page."""
    out = Notes()
    count = pdfium.FPDFPage_GetAnnotCount(page)
    if count > _MOST:
        out.warnings.append(f"page {number} has {count} annotations, of which {_MOST} are read")
    radios: dict[str, Block] = {}
    for index in range(min(count, _MOST)):
        with _annotation(page, index) as note:
            try:
                if note:
                    _read_note(pdf, note, number, _box(note, frame), out, radios)
            except _TooLongError:
                most = _LONGEST // 2
                out.warnings.append(f"page {number}: a field or comment of more than {most} characters is left out")
    return out


class _TooLongError(ValueError):
    """A text is over the limit."""


def _read_note(
    pdf: pypdfium2.PdfDocument,
    note: Any,  # noqa: ANN401
    number: int,
    box: Rect | None,
    out: Notes,
    radios: dict[str, Block],
) -> None:
    kind = pdfium.FPDFAnnot_GetSubtype(note)
    if kind == pdfium.FPDF_ANNOT_WIDGET and pdf.formenv:
        _read_field(pdf.formenv, note, number, box, out.blocks, radios)
    elif kind in _COMMENTS:
        text = _string(note, b"Contents").strip()
        if text:
            out.blocks.append(Block("comment", text, 0, number, box, label=_string(note, b"T").strip()))
    elif kind == pdfium.FPDF_ANNOT_LINK and (uri := _uri(pdf, note)):
        place = [round(v, 2) for v in box] if box else None
        out.links.append(json.dumps({"page": number, "box": place, "uri": uri}, ensure_ascii=False))


@contextmanager
def _annotation(page: Any, index: int) -> Iterator[Any]:  # noqa: ANN401
    note = pdfium.FPDFPage_GetAnnot(page, index)
    try:
        yield note
    finally:
        if note:
            pdfium.FPDFPage_CloseAnnot(note)


def _read_field(
    form: Any,  # noqa: ANN401
    note: Any,  # noqa: ANN401
    number: int,
    box: Rect | None,
    out: list[Block],
    radios: dict[str, Block],
) -> None:
    """A widget as ``name: value``; the buttons of one radio group are one field at the button that is on."""
    kind = pdfium.FPDFAnnot_GetFormFieldType(form, note)
    if kind in (pdfium.FPDF_FORMFIELD_UNKNOWN, pdfium.FPDF_FORMFIELD_PUSHBUTTON):
        return
    full = _text(partial(pdfium.FPDFAnnot_GetFormFieldName, form, note))
    name = _text(partial(pdfium.FPDFAnnot_GetFormFieldAlternateName, form, note)).strip() or full
    on = bool(pdfium.FPDFAnnot_IsChecked(form, note))
    if kind == pdfium.FPDF_FORMFIELD_RADIOBUTTON:
        value = _text(partial(pdfium.FPDFAnnot_GetFormFieldExportValue, form, note)) if on else ""
    elif kind == pdfium.FPDF_FORMFIELD_CHECKBOX:
        value = "true" if on else "false"
    elif kind == pdfium.FPDF_FORMFIELD_SIGNATURE:
        value = "signed" if pdfium.FPDFAnnot_HasKey(note, b"V") else ""
    elif kind == pdfium.FPDF_FORMFIELD_LISTBOX:
        value = ", ".join(_chosen(form, note))
    else:
        value = _text(partial(pdfium.FPDFAnnot_GetFormFieldValue, form, note))
    block = Block("key_value", f"{name}: {value}".rstrip(), 0, number, box, label=name)
    if kind != pdfium.FPDF_FORMFIELD_RADIOBUTTON:
        out.append(block)
    elif full not in radios:
        radios[full] = block
        out.append(block)
    elif on:
        out[out.index(radios[full])] = block
        radios[full] = block


def _chosen(form: Any, note: Any) -> list[str]:  # noqa: ANN401
    """The options of a list that are selected."""
    count = max(0, min(pdfium.FPDFAnnot_GetOptionCount(form, note), _MOST))
    return [
        _text(partial(pdfium.FPDFAnnot_GetOptionLabel, form, note, k))
        for k in range(count)
        if pdfium.FPDFAnnot_IsOptionSelected(form, note, k)
    ]


def _uri(pdf: Any, note: Any) -> str:  # noqa: ANN401
    """The address that a link leads to, empty for links within the document."""
    link = pdfium.FPDFAnnot_GetLink(note)
    action = pdfium.FPDFLink_GetAction(link) if link else None
    if not action or pdfium.FPDFAction_GetType(action) != pdfium.PDFACTION_URI:
        return ""
    n = pdfium.FPDFAction_GetURIPath(pdf, action, None, 0)
    if not 1 < n <= _LONGEST:
        return ""
    buffer = ctypes.create_string_buffer(n)
    pdfium.FPDFAction_GetURIPath(pdf, action, buffer, n)
    return buffer.raw[: n - 1].decode("utf-8", "replace").strip()


def _box(note: Any, frame: Frame) -> Rect | None:  # noqa: ANN401
    rect = pdfium.FS_RECTF()
    if not pdfium.FPDFAnnot_GetRect(note, rect):
        return None
    (ax, ay), (bx, by) = frame.point(rect.left, rect.bottom), frame.point(rect.right, rect.top)
    return (min(ax, bx), min(ay, by), max(ax, bx), max(ay, by))


def _string(note: Any, key: bytes) -> str:  # noqa: ANN401
    return _text(partial(pdfium.FPDFAnnot_GetStringValue, note, key))


def _text(ask: Callable[[Any, int], int]) -> str:
    """What a function of pdfium writes as UTF-16 with its end mark, called for the length first."""
    n = ask(None, 0)
    if n > _LONGEST:
        raise _TooLongError
    if n <= 2:
        return ""
    buffer = (ctypes.c_ushort * (n // 2 + 1))()
    ask(buffer, n)
    return bytes(buffer)[: n - 2].decode("utf-16-le", "replace").replace("\r\n", "\n").replace("\r", "\n")
