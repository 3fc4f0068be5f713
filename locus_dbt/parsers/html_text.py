"""The visible text of an HTML element."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

#: Elements that stand on lines of their own.
BLOCK_TAGS = frozenset(
    (
        "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog",
        "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4",
        "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section", "summary", "td", "th",
        "tr", "ul",
    )
)  # fmt: skip
#: Elements of which a page shows nothing, or nothing that is text of the page.
SILENT_TAGS = frozenset(
    (
        "script", "style", "template", "noscript", "head", "title", "object", "iframe", "select", "datalist", "audio",
        "video", "canvas", "annotation", "annotation-xml", "rp",
    )
)  # fmt: skip
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
#: Class names by which wikis and the common style sheets take text off the screen.
_HIDDEN_CLASSES = frozenset(("sortkey", "sr-only", "visually-hidden", "screen-reader-text", "d-none"))
_MARK = re.compile(r"^[\[(]?(?:\w{1,3}|notes? \w{1,3}|[*†‡§¶#]{1,3})[\])]?$", re.IGNORECASE)
#: What pages call the raised link to a note.
_NOTE_CLASSES = frozenset(("reference", "footnote", "footnote-ref", "footnote-reference", "noteref", "fn-ref"))
_MOST_OF_A_MARK = 20


def hidden(element: etree._Element) -> bool:
    """Whether the element's own attributes keep it from being shown."""
    if not element.attrib:
        return False
    return (
        "hidden" in element.attrib
        or bool(_HIDDEN_STYLE.search(element.get("style") or ""))
        or not _HIDDEN_CLASSES.isdisjoint((element.get("class") or "").split())
    )


def is_footnote_mark(element: etree._Element) -> bool:
    """Whether the element is a raised mark that leads to a note, which is no part of a value.

    It says so itself (its class or role), or all it holds is a short link within the page.
    """
    if element.tag != "sup":
        return False
    text = raw_text(element).strip()
    if len(text) > _MOST_OF_A_MARK:
        return False
    links = element.findall(".//a")
    for named in (element, *links):
        if named.get("role") == "doc-noteref" or not _NOTE_CLASSES.isdisjoint((named.get("class") or "").split()):
            return True
    return bool(links) and all((a.get("href") or "").startswith("#") for a in links) and bool(_MARK.match(text))


def matching(root: etree._Element, query: etree.XPath) -> list[etree._Element]:
    """The elements that ``query`` finds, in document order."""
    found: Any = query(root)
    return [one for one in found if isinstance(one.tag, str)]


def raw_text(element: etree._Element) -> str:
    """All text inside, shown or not, with its blanks."""
    return "".join(map(str, element.itertext()))


class TextPieces:
    """Gathers visible text; blanks fold as a browser folds them, breaks become line ends."""

    def __init__(self, *, keep_blanks: bool = False, in_table: bool = False) -> None:
        self._lines: list[list[str]] = [[]]
        self._keep = keep_blanks
        self._in_table = in_table

    def text(self, text: str | None) -> None:
        """Append plain text."""
        if text:
            self._lines[-1].append(text)

    def line_end(self) -> None:
        """End the line."""
        self._lines.append([])

    def element(self, element: etree._Element) -> None:
        """Append what ``element`` shows, without its tail; nested tables are read apart."""
        tag = element.tag
        if not isinstance(tag, str) or tag in SILENT_TAGS or hidden(element):
            return
        if tag == "table" or (self._in_table and is_footnote_mark(element)):
            return
        if tag == "br":
            self.line_end()
            return
        own_line = tag in BLOCK_TAGS
        if own_line:
            self.line_end()
        self.inside(element)
        if own_line:
            self.line_end()

    def inside(self, element: etree._Element) -> None:
        """Append the content of ``element`` whatever its tag."""
        self.text(element.text)
        for child in element:
            self.element(child)
            self.text(child.tail)

    def __str__(self) -> str:
        if self._keep:
            return "\n".join("".join(line) for line in self._lines).strip("\n")
        folded = (" ".join("".join(line).split()) for line in self._lines)
        return "\n".join(line for line in folded if line)


def text_of(element: etree._Element, *, keep_blanks: bool = False, in_table: bool = False) -> str:
    """The visible text inside ``element``."""
    if not len(element) and not keep_blanks:
        return " ".join((element.text or "").split())
    pieces = TextPieces(keep_blanks=keep_blanks, in_table=in_table)
    pieces.inside(element)
    return str(pieces)
