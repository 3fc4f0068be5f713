"""List items: how deep they stand and what mark a browser sets before them."""

from __future__ import annotations

from lxml import etree

_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"),
    (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
_LISTS = ("ul", "ol", "menu", "dir")
_BULLET = "•"


def list_depth(item: etree._Element) -> int:
    """How many lists the item stands in, at least 1."""
    return max(1, sum(1 for _ in item.iterancestors(*_LISTS)))


def marker(item: etree._Element, path: str) -> str:
    """A bullet, or the item's number in the list's way of counting; ``path`` ends with the item's own number."""
    parent = item.getparent()
    if parent is None or parent.tag != "ol":
        return _BULLET
    own = _integer(item.get("value"))
    start = _integer(parent.get("start"))
    place = int(path.rsplit("[", 1)[1].rstrip("]")) if path.endswith("]") else 1
    number = own if own is not None else (1 if start is None else start) + place - 1
    return f"{_counted(number, parent.get('type') or '1')}."


def _integer(text: str | None) -> int | None:
    text = (text or "").strip()
    return int(text) if text.lstrip("-").isascii() and text.lstrip("-").isdigit() and len(text) < 10 else None


def _counted(number: int, how: str) -> str:
    if how in ("a", "A") and number > 0:
        letters = ""
        while number:
            number, rest = divmod(number - 1, 26)
            letters = chr(97 + rest) + letters
        return letters if how == "a" else letters.upper()
    if how in ("i", "I") and 0 < number < 4000:
        text = ""
        for value, sign in _ROMAN:
            text += sign * (number // value)
            number %= value
        return text if how == "i" else text.upper()
    return str(number)
