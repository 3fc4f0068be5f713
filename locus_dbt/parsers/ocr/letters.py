"""How far letters reach above and below the baseline, as parts of the font size."""

from __future__ import annotations

_LOW, _HIGH, _DEEP = 0.53, 0.73, 0.21
_DESCENDERS = frozenset("gjpqyQ,;()[]{}|/\\_@§ß$µ")
_SHORT = frozenset("acegmnopqrsuvwxyzµ.,:;-–—_~+=<>«»·…")


def line_metrics(text: str, ink_height: float) -> tuple[float, float]:
    """Font size and depth below the baseline of a line whose ink is ``ink_height`` tall."""
    above = _LOW if _SHORT.issuperset(text) else _HIGH
    below = 0.0 if _DESCENDERS.isdisjoint(text) else _DEEP
    size = ink_height / (above + below)
    return size, below * size
