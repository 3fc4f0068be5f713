"""PDFs made on the spot, and what the tests of the PDF parser ask of what was read."""

from __future__ import annotations

import hashlib
import io
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import SimpleDocTemplate

from locus_dbt.model.document import AS_USUAL, Document, ReadOptions
from locus_dbt.model.element import Block, Page, Parsed, Table
from locus_dbt.parsers.pdf import parse

WIDTH, HEIGHT = A4


def document(data: bytes, options: ReadOptions = AS_USUAL) -> Document:
    return Document("made.pdf", "application/pdf", hashlib.sha256(data).hexdigest(), data, parse, options)


def draw(paint: Callable[[Canvas], Any]) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1)
    paint(canvas)
    canvas.save()
    return out.getvalue()


def build(story: list[Any], **settings: Any) -> bytes:
    out = io.BytesIO()
    SimpleDocTemplate(out, pagesize=A4, invariant=1, **settings).build(story)
    return out.getvalue()


def read(paint: Callable[[Canvas], Any], options: ReadOptions = AS_USUAL) -> Parsed:
    return document(draw(paint), options).parsed


def blocks_of(parsed: Parsed, kind: str) -> list[Block]:
    return [b for page in parsed.pages for b in page.blocks if b.kind == kind]


#: Blocks whose text is not printed on the page's text layer.
_BESIDE = ("key_value", "comment", "picture")


def leftover_words(parsed: Parsed) -> list[tuple[int, str, int]]:
    """Words that stand not exactly once in a table cell or a block: page, word, how often too many (or too few).

    Words that a block joins over a hyphen are looked for as parts of its text, all others as words of it.
    """
    return [found for page in parsed.pages for found in _leftover(page, parsed.tables)]


def _leftover(page: Page, tables: tuple[Table, ...] | Any) -> list[tuple[int, str, int]]:
    printed = Counter(w for w in page.words.text if w.strip())
    told: Counter[str] = Counter()
    for table in tables:
        for i in np.flatnonzero(table.page == page.number).tolist():
            told.update(table.text[i].split())
    for block in page.blocks:
        if block.kind not in _BESIDE:
            told.update(block.text.split())
    _undo_joins(printed, told)
    names = sorted(printed.keys() | told.keys())
    return [(page.number, w, told[w] - printed[w]) for w in names if told[w] != printed[w]]


def _undo_joins(printed: Counter[str], told: Counter[str]) -> None:
    """Take out words told as one that are printed as two, the first with a hyphen at its end."""
    for joined in [w for w in told if told[w] > printed[w]]:
        for left in [w for w in printed if w.endswith("-") and joined.startswith(w[:-1])]:
            for right in (joined[len(left) - 1 :], joined[len(left) :]):
                if right in printed and told[joined] > printed[joined] and printed[left] > told[left]:
                    told[joined] -= 1
                    told[left] += 1
                    told[right] += 1
