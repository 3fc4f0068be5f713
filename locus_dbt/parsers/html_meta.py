"""What a web page says about itself: title, address, date, language, author."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from lxml import etree

#: Our name, and what pages call it in ``<meta>`` (name, property or itemprop), the surest first.
_NAMES: Mapping[str, tuple[str, ...]] = {
    "url": ("og:url",),
    "published": ("article:published_time", "datepublished", "dc.date.issued", "dcterms.created", "dc.date", "date"),
    "author": ("author", "article:author", "dc.creator"),
    "description": ("description", "og:description"),
    "site": ("og:site_name",),
    "language": ("content-language", "og:locale"),
}
_LINKED_DATA = {"published": "datePublished", "author": "author"}
#: Longer blocks of linked data are whole catalogues.
_MOST_LINKED_DATA = 1_000_000
_MOST_NODES = 10_000


def metadata(root: etree._Element) -> dict[str, str]:
    """What the page states, under our names; names it says nothing about are left out."""
    said: dict[str, str] = {}
    for meta in root.iter("meta"):
        content = " ".join((meta.get("content") or "").split())
        for attribute in ("name", "property", "itemprop", "http-equiv"):
            name = meta.get(attribute)
            if name and content:
                said.setdefault(name.strip().lower(), content)
    found = {ours: next((said[name] for name in names if name in said), "") for ours, names in _NAMES.items()}
    title = root.findtext(".//title")
    found["title"] = " ".join((title or "").split()) or said.get("og:title", "")
    found["language"] = (root.get("lang") or root.get("xml:lang") or "").strip() or found["language"]
    found["url"] = _canonical(root) or found["url"]
    linked = linked_data(root) if not (found["published"] and found["author"]) else []
    for ours, theirs in _LINKED_DATA.items():
        found[ours] = found[ours] or next((t for node in linked if (t := _name(node.get(theirs)))), "")
    time = root.find(".//time[@datetime]")
    found["published"] = found["published"] or (time.get("datetime") or "" if time is not None else "")
    return {name: text for name, text in found.items() if text}


def linked_data(root: etree._Element) -> list[dict[str, Any]]:
    """Every object in the page's JSON-LD, outermost first; what is no JSON is passed over."""
    found: list[dict[str, Any]] = []
    for script in root.iter("script"):
        text = script.text or ""
        if (script.get("type") or "").strip().lower() == "application/ld+json" and len(text) < _MOST_LINKED_DATA:
            try:
                found.extend(_objects(json.loads(text)))
            except (ValueError, RecursionError):
                continue
    return found


def _objects(value: object) -> Iterator[dict[str, Any]]:
    todo, seen = [value], 0
    while todo and seen < _MOST_NODES:
        one = todo.pop(0)
        seen += 1
        if isinstance(one, dict):
            yield one
            todo.extend(v for v in one.values() if isinstance(v, dict | list))
        elif isinstance(one, list):
            todo.extend(one)


def _name(value: object) -> str:
    """A text, or the name of the person or organisation that stands in its place."""
    if isinstance(value, list):
        return _name(value[0]) if value else ""
    if isinstance(value, dict):
        return _name(value.get("name"))
    return " ".join(value.split()) if isinstance(value, str) else ""


def _canonical(root: etree._Element) -> str:
    for link in root.iter("link"):
        if "canonical" in (link.get("rel") or "").lower().split():
            return (link.get("href") or "").strip()
    return ""
