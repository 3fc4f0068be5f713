"""Where the links of a page stand and lead."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from urllib.parse import urljoin

from lxml import etree

from locus_dbt.parsers.html_table import addressed
from locus_dbt.parsers.html_text import SILENT_TAGS, hidden, is_footnote_mark, text_of


@dataclass(frozen=True, slots=True)
class Link:
    """A link as written (``href``), its text, its address, and the address of the cell it stands in."""

    text: str
    href: str
    place: str
    cell: str


def cell_links(root: etree._Element, cells: AbstractSet[str]) -> Iterator[Link]:
    """The links inside the elements with the addresses ``cells``, in document order; footnote marks are none."""
    body = root.find("body")
    todo = [(root, "/html", "")] if body is None else [(body, "/html/body", "")]
    while todo:
        element, path, cell = todo.pop()
        if element.tag in SILENT_TAGS or hidden(element) or is_footnote_mark(element):
            continue
        cell = path if path in cells else cell
        href = (element.get("href") or "").strip() if element.tag == "a" else ""
        if href and cell:
            yield Link(text_of(element).replace("\n", " "), href, f"{path}/@href", cell)
        todo.extend([(child, at, cell) for child, at in addressed(element, path)][::-1])


def base_address(root: etree._Element, canonical: str) -> str:
    """The address that relative links start from: the page's ``base``, on top of its own address."""
    base = root.find(".//base[@href]")
    return absolute(canonical, (base.get("href") or "").strip()) if base is not None else canonical


def absolute(base: str, href: str) -> str:
    """``href`` as a whole address; unchanged where that makes none."""
    try:
        return urljoin(base, href)
    except ValueError:
        return href
