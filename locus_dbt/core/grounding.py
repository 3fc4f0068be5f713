"""How a value stands to the text it was read from: grounding and faithfulness, without a model.

Faithfulness compares the value with the text *cited for it*, and the cited text with what the page holds inside
the cited box; a value that is somewhere else in the document earns nothing by that.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa

from locus_dbt.core.builder import TableBuilder
from locus_dbt.model.document import Document
from locus_dbt.model.element import FloatArray, Page

_DATE = re.compile(r"^\d{4}-\d\d-\d\d$")
_DECIMAL = re.compile(r"^-?\d+(\.\d+)?$")
_GROUPS = re.compile(r"^\d+([\s/-]+\d+)*$")
_CODE = re.compile(r"^[A-Z][A-Z0-9]{1,2}$")
_BOOLEAN = {"true": {"yes", "ja", "oui", "true", "x", "1"}, "false": {"no", "nein", "non", "false", "0"}}
_NOT_WORD = re.compile(r"[\W_]+")

#: Below this similarity of letters and digits a text is not the same text any more.
_FUZZY_FLOOR = 0.75

#: Faithfulness of a value that stands for the printed text by a rule the image names.
_BY_RULE = 0.95

#: Longer texts are the same or not; likeness costs the product of their lengths.
_FUZZY_LENGTH = 4096

#: Boxes of neighbouring words may touch: a cited box is shrunk by half a point before asking what it touches.
_EDGE = np.array([0.5, 0.5, -0.5, -0.5], np.float32)


def compare(value: str, text: str | None) -> tuple[str, float, str | None]:
    """Grounding, faithfulness 0..1 and a reason when the value is not simply the text."""
    if text is None:
        return "none", 0.0, "no text is cited"
    if value == text:
        return "exact", 1.0, None
    if fold(value) == fold(text) != "" and (not _DECIMAL.match(value) or _same_digits(value, text)):
        return "normalized", 1.0, None
    if typed_equal(value, text):
        return "normalized", 0.98, None
    return _likeness(value, text)


def _likeness(value: str, text: str) -> tuple[str, float, str | None]:
    if max(len(value), len(text)) > _FUZZY_LENGTH:
        return "none", 0.0, "the cited text differs"
    from rapidfuzz import fuzz  # noqa: PLC0415 - only for the few values that come this far

    likeness = fuzz.ratio(fold(value), fold(text)) / 100
    digits = "".join(c for c in value if c.isdigit())
    same_digits = digits == "".join(c for c in text if c.isdigit())
    if likeness >= _FUZZY_FLOOR and same_digits and (not _typed(value) or _stands_in(value, text)):
        return "fuzzy", round(likeness * 0.9, 4), f"printed as '{text}'"
    return "none", round(0.3 * likeness, 4), f"the cited text is '{text}'"


def _same_digits(value: str, text: str) -> bool:
    """Whether a whole number is the text's digits in groups: in a number, sign and point are no signs of layout."""
    return value.isdigit() and _GROUPS.match(text.strip()) is not None


def _typed(value: str) -> bool:
    return _DECIMAL.match(value) is not None or _DATE.match(value) is not None


def _stands_in(value: str, text: str) -> bool:
    """Whether one word of the text is a spelling of the value: a number is not like another one with its digits."""
    return any(word == value or typed_equal(value, word) for word in text.split())


def fold(text: str) -> str:
    """Letters and digits in one form: compatibility-normalised, case-folded, signs of layout dropped."""
    return _NOT_WORD.sub("", unicodedata.normalize("NFKC", text)).casefold()


def typed_equal(value: str, text: str) -> bool:
    """Whether a canonical value (ISO date, plain decimal, code) is another spelling of the printed text."""
    from locus_dbt.core import values  # noqa: PLC0415 - its tables load on first use

    if _DATE.match(value):
        return any(d.isoformat() == value for d in values.date_readings(text))
    if _DECIMAL.match(value):
        return Decimal(value) in values.decimal_readings(text)
    if value in ("true", "false"):
        return fold(text) in _BOOLEAN[value]
    if _CODE.match(value):
        return value in (values.currency_code(text), values.country_code(text), values.unit_code(text))
    return False


def ground(table: TableBuilder, document: Document) -> pa.Table:
    """The table's spans with grounding and faithfulness filled in."""
    return ground_spans(table.spans_table(), document.parsed.pages if "parsed" in document.__dict__ else ())


def ground_spans(spans: pa.Table, pages: Sequence[Page]) -> pa.Table:
    """Spans with grounding and faithfulness filled in; ``pages`` hold the words that boxes are compared with."""
    n = spans.num_rows
    if n == 0:
        return spans
    columns = {name: spans[name].to_pylist() for name in ("value", "text", "page", "grounding", "reason")}
    boxes = np.column_stack([_floats(spans[name]) for name in ("x0", "y0", "x1", "y1")])
    held = _held(pages, columns["page"], boxes, columns["text"])
    grounding: list[str] = []
    faithfulness = np.empty(n, np.float32)
    reasons: list[str | None] = []
    for i in range(n):
        value, text = columns["value"][i], columns["text"][i]
        if columns["grounding"][i] == "inferred":
            kind, score, reason = "inferred", 0.5, columns["reason"][i]
        else:
            kind, score, reason = compare(value, text)
            if kind == "none" and columns["grounding"][i] == "normalized" and columns["reason"][i] and text:
                # A code stands for a printed word by a rule that the image names ('Rechnung' is 380, UNTDID 1001).
                kind, score, reason = "normalized", _BY_RULE, columns["reason"][i]
            if held[i] is False:
                kind, score, reason = "none", min(score, 0.2), "the cited box does not hold the text"
        grounding.append(kind)
        faithfulness[i] = score
        reasons.append(reason or columns["reason"][i])
    spans = _replace(spans, "faithfulness", pa.array(faithfulness))
    spans = _replace(spans, "grounding", pa.array(grounding, pa.string()))
    spans = _replace(spans, "mode", pa.array(["degraded"]).take(np.zeros(n, np.int64)))
    return _replace(spans, "reason", pa.array(reasons, pa.string()))


def _held(
    pages: Sequence[Page],
    numbers: list[int | None],
    boxes: Any,  # noqa: ANN401 - an array of shape (n, 4)
    texts: list[str | None],
) -> list[bool | None]:
    """For each span whether its box holds its text; ``None`` where the document has no word boxes there."""
    held: list[bool | None] = [None] * len(numbers)
    by_number = {p.number: p for p in pages if len(p.words)}
    groups: dict[int, list[int]] = {}
    for i, number in enumerate(numbers):
        if number in by_number and texts[i] is not None and not np.isnan(boxes[i, 0]):
            groups.setdefault(int(number), []).append(i)
    for number, members in groups.items():
        page = by_number[number]
        for i in members:
            held[i] = _holds(page, boxes[i], texts[i] or "")
    return held


def _holds(page: Page, box: FloatArray, text: str) -> bool:
    """Whether the words that the box touches say the text: in one piece, or word for word in any order."""
    words = page.words.box
    inside = box + _EDGE
    touched = np.flatnonzero(
        (words[:, 0] < inside[2]) & (words[:, 2] > inside[0]) & (words[:, 1] < inside[3]) & (words[:, 3] > inside[1])
    )
    printed = [fold(page.words.text[int(i)]) for i in touched]
    if fold(text) in "".join(printed):
        return True
    return {fold(word) for word in text.split()} - {""} <= set(printed)


def _floats(column: Any) -> Any:  # noqa: ANN401
    return column.to_numpy(zero_copy_only=False).astype(np.float32)


def _replace(table: pa.Table, name: str, array: pa.Array) -> pa.Table:
    return table.set_column(table.schema.get_field_index(name), name, array)
