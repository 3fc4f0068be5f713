"""The links in the body of a mail; none is visited."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree
from lxml import html as lxml_html

from locus_dbt.parsers.mail_message import Body, MailMessage

_BARE = re.compile(r"\b(?:https?://|www\.|mailto:)[^\s<>\"'\u201c\u201d\u00ab\u00bb]{3,2000}", re.IGNORECASE)
_MAX_LINKS = 10_000


@dataclass(frozen=True, slots=True)
class Link:
    """An address, the text that is shown for it in HTML, and its place."""

    url: str
    text: str
    place: str


def links_of(message: MailMessage) -> list[Link]:
    """The links of the HTML; where there is none, the addresses in the text."""
    html = [body for body in message.html if body.kind == "text/html"]
    found: list[Link] = []
    for body in html or message.text:
        for link in _in_html(body) if html else _in_text(body):
            if len(found) >= _MAX_LINKS:
                return found
            found.append(link)
    return found


def _in_html(body: Body) -> Iterator[Link]:
    parser = lxml_html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = lxml_html.document_fromstring(body.text.replace("\0", "").encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError, RecursionError):
        return
    for anchor in root.iter("a", "area"):
        url = (anchor.get("href") or "").strip()
        if url and not url.startswith("#"):
            yield Link(
                url,
                " ".join("".join(str(piece) for piece in anchor.itertext()).split()),
                f"{body.place} <a> at line {anchor.sourceline}",
            )


def _in_text(body: Body) -> Iterator[Link]:
    for number, line in enumerate(body.text.split("\n"), 1):
        for match in _BARE.finditer(line):
            url = match[0].rstrip(".,;:!?")
            if url.endswith(")") and "(" not in url:
                url = url[:-1]
            yield Link(url, "", f"{body.place}, line {number} of the text")
