"""What of a page is its content, and what is navigation, advertisement and legal notice."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lxml import etree

from locus_dbt.errors import InputError
from locus_dbt.model.element import Table
from locus_dbt.parsers.html_table import addressed
from locus_dbt.parsers.html_text import matching, raw_text

_TAGS = frozenset(("nav", "footer", "aside", "menu"))
_ROLES = frozenset(("navigation", "contentinfo", "complementary", "banner", "search", "menu", "menubar"))
_NAMED = re.compile(
    r"(?:^|[-_\s])(?:nav|navbar|navbox|navigation|menu|sidebar|footer|breadcrumbs?|pagination|pager|toc|cookies?|"
    r"advert|ads|advertisement|share|social|related|promo|newsletter)(?:$|[-_\s])",
    re.IGNORECASE,
)
#: So many cells of a table tell whether it was kept.
_SAMPLE = 200
_MAIN = etree.XPath("//main | //*[@role='main']")
#: A part with one of these inside holds the content, whatever it is called.
_CONTENT = ("main", "article", "h1")
#: A table with more of its text in links than this, and no header cell, is a list of links.
_LINK_SHARE = 0.8


def boilerplate(root: etree._Element) -> set[str]:
    """The addresses of the parts that are not the page's content (nothing inside them is listed again).

    A part is none by its tag, its role or what its class or id calls it, or because it lies outside the page's one
    ``main``; and a table without header cells is none when nearly all of its text is links.
    """
    body = root.find("body")
    if body is None:
        return set()
    mains = matching(root, _MAIN)
    main = mains[0] if len(mains) == 1 else None
    above = set(main.iterancestors()) if main is not None else set()
    found: set[str] = set()
    todo = [(body, "/html/body")]
    while todo:
        element, path = todo.pop()
        if element is not body and _is_boilerplate(element):
            found.add(path)
            continue
        for child, at in addressed(element, path):
            if element in above and child is not main and child not in above:
                found.add(at)
            else:
                todo.append((child, at))
    return found


def inside(place: str, parts: set[str]) -> bool:
    """Whether the address lies in one of the parts."""
    stop = place.find("/", 1)
    while stop > 0:
        if place[:stop] in parts:
            return True
        stop = place.find("/", stop + 1)
    return place in parts


def main_tables(text: str, tables: Sequence[Table]) -> list[bool]:
    """For each table whether the library trafilatura takes it for content: half of its texts stand in what it keeps.

    Raises:
        InputError: E205 when the library is not installed.
    """
    try:
        import trafilatura  # noqa: PLC0415 - optional, and heavy
    except ImportError as error:
        raise InputError(
            "main_content_by 'trafilatura' needs the library trafilatura",
            code="E205",
            fix="pip install 'locus-dbt[web]', or main_content_by := 'structure'",
        ) from error
    kept = _folded(trafilatura.extract(text, include_tables=True, include_comments=False, favor_recall=True) or "")
    shares = []
    for table in tables:
        texts = [folded for one in table.text[:: 1 + len(table) // _SAMPLE] if (folded := _folded(one))]
        shares.append(2 * sum(1 for one in texts if one in kept) >= len(texts))
    return shares


def _folded(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())


def _is_boilerplate(element: etree._Element) -> bool:
    tag = str(element.tag)
    if tag == "table" and _is_links(element):
        return True
    named = f"{element.get('class') or ''} {element.get('id') or ''}"
    said = tag in _TAGS or (element.get("role") or "").lower() in _ROLES or bool(_NAMED.search(named[:500]))
    return said and next(element.iter(*_CONTENT), None) is None


def _is_links(table: etree._Element) -> bool:
    if next(table.iter("th"), None) is not None:
        return False
    linked = sum(len("".join(raw_text(a).split())) for a in table.iter("a"))
    return linked > _LINK_SHARE * len("".join(raw_text(table).split()))
