"""Sums carried over a page break: ``Übertrag``, ``carried forward``, ``à reporter`` and their like."""

from __future__ import annotations

import re
from collections.abc import Sequence

_CARRIED = re.compile(
    r"^\W*((zwischen)?(ü|ue)bertrag|(sub)?totals?\s(carried|brought)|(amount|balance|sum|total)?\s?"
    r"(carried|brought)\s(forward|over)|carry\s?over|[cb]/[fd]\b|(à|a)\sreporter|report\s(à|de)\s|a\sriportare|riporto"
    r"|suma\sy\ssigue|suma\santerior)",
    re.IGNORECASE,
)
_WEAK = re.compile(r"^\W*(report|vortrag|transport|zwischensumme|sub-?total|sous-total)\b\W*$", re.IGNORECASE)


def carried(above: Sequence[str], below: Sequence[str]) -> tuple[bool, bool]:
    """Whether the last row of a page and the first of the next hold a sum carried over, by their cells' texts.

    A word that also names ordinary rows counts only when both rows have it or the same figures.
    """
    strong = _says(_CARRIED, above), _says(_CARRIED, below)
    weak = _says(_WEAK, above), _says(_WEAK, below)
    same = bool(_figures(above)) and _figures(above) == _figures(below)
    above_named, below_named = strong[0] or weak[0], strong[1] or weak[1]
    sure = same or any(strong)
    return (above_named and (strong[0] or sure), below_named and (strong[1] or sure))


def _says(pattern: re.Pattern[str], row: Sequence[str]) -> bool:
    words = [t for t in row if any(c.isalpha() for c in t)]
    return bool(words) and bool(pattern.match(words[0])) and len(words) <= 2


def _figures(row: Sequence[str]) -> list[str]:
    return [re.sub(r"[^\d]", "", t) for t in row if any(c.isdigit() for c in t)]
