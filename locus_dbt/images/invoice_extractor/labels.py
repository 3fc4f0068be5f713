"""What invoices call things, in German, English and French, and where these labels stand in a row.

A phrase is compared by its letters and digits alone (see :func:`locus_dbt.core.values.fold_name`), so blanks,
dots, hyphens, accents and words set in pieces make no difference. The longest phrase at a place wins: that is
why phrases that mean nothing to us are listed too, they keep shorter ones from matching inside them. The phrases
are data: ``labels.yaml`` beside this module.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from locus_dbt.core.values import fold_name
from locus_dbt.images.invoice_extractor.layout import Row


@dataclass(frozen=True, slots=True)
class Hit:
    """A label in a row: ``row.text[start:stop]``; ``weak`` ones count only where nothing better is found."""

    field: str
    row: Row
    start: int
    stop: int
    weak: bool

    @property
    def opens_cell(self) -> bool:
        """Whether the label is the first thing in its cell."""
        return (
            self.start == 0
            or self.row.text[: self.start].rstrip(" :#(.").endswith("\t")
            or not (self.row.text[: self.start].strip(" :#(.\t"))
        )


@lru_cache(maxsize=1)
def _index() -> tuple[dict[str, tuple[tuple[str, bool], ...]], tuple[int, ...], frozenset[str]]:
    """Folded phrase to its fields, the lengths of all phrases, and how phrases begin."""
    data = yaml.safe_load(Path(__file__).with_name("labels.yaml").read_text("utf-8"))
    out: dict[str, dict[str, bool]] = {}
    for field, parts in data.items():
        for is_weak, phrases in ((False, parts["strong"]), (True, parts.get("weak", []))):
            for phrase in phrases:
                out.setdefault(fold_name(phrase), {}).setdefault("-" if field == "ignored" else field, is_weak)
    lengths = sorted({len(k) for k in out}, reverse=True)
    return {k: tuple(v.items()) for k, v in out.items()}, tuple(lengths), frozenset(k[:3] for k in out)


def find_labels(row: Row) -> list[Hit]:
    """The labels of a row from left to right; a phrase of several fields gives a hit for each."""
    known, lengths, openings = _index()
    flat, where = flatten(row.text)
    starts = {i for i, at in enumerate(where) if at == 0 or row.text[at - 1] in " \t:#(/·|•,;"}
    ends = {i for i, at in enumerate(where) if _closes(row.text, at)}
    hits: list[Hit] = []
    i = 0
    while i < len(flat):
        step = 1
        if i in starts and any(flat[i : i + m] in openings for m in (3, 2, 1)):
            for n in lengths:
                stop = i + n
                if stop - 1 not in ends or stop > len(flat):
                    continue
                fields = known.get(flat[i:stop])
                if fields and "\t" not in row.text[where[i] : where[stop - 1]]:
                    hits += [Hit(f, row, where[i], where[stop - 1] + 1, weak) for f, weak in fields]
                    step = n
                    break
        i += step
    return hits


def _closes(text: str, at: int) -> bool:
    """Whether a label may end after ``text[at]``: at a blank, the end or punctuation, not before a hyphenated part."""
    rest = text[at + 1 : at + 3]
    return not rest or not (rest[0].isalnum() or (rest[0] in "-'’" and len(rest) > 1 and rest[1].isalnum()))


def flatten(text: str) -> tuple[str, list[int]]:
    """The folded letters and digits of a text, and for each its place in the text."""
    flat: list[str] = []
    where: list[int] = []
    for at, char in enumerate(text):
        for folded in fold_name(char):
            flat.append(folded)
            where.append(at)
    return "".join(flat), where
