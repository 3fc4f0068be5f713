"""E-books (EPUB 2 and 3) to ``ir/v1``: the chapters in reading order, each element's place behind its file's path.

The table of contents is in the metadata too (``toc``, an entry a line, two blanks a level); the page that shows it
comes last where the reading order leaves it out. A book with encrypted chapters is refused.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from urllib.parse import unquote

from lxml import etree

from locus_dbt.errors import InputError
from locus_dbt.model.document import Document
from locus_dbt.model.element import Parsed
from locus_dbt.parsers.cells import Flow
from locus_dbt.parsers.decoding import decode
from locus_dbt.parsers.html import read_html
from locus_dbt.parsers.limits import open_zip, over, read_member
from locus_dbt.parsers.xml_tree import local_name, tree

_DC = "{http://purl.org/dc/elements/1.1/}"
_PAGES = ("application/xhtml+xml", "text/html", "text/x-oeb1-document", "application/x-dtbook+xml")
#: Fonts are scrambled in many books; that keeps no text back.
_FONT_METHODS = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")
_META = {"title": "title", "creator": "author", "language": "language", "date": "created", "publisher": "publisher",
         "identifier": "identifier", "subject": "subject"}  # fmt: skip
_EMPTY_TAG = re.compile(r"<([A-Za-z][\w:-]{0,40})((?:\s[^<>]{0,2000})?)/>")
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
_XML_DECLARED = re.compile(rb"^\s*<\?xml[^>]{0,100}?encoding\s*=\s*[\"']([A-Za-z0-9_.-]+)")
_MAX_CHAPTERS = 10_000
_MAX_ENTRIES = 5_000


def parse(document: Document) -> Parsed:
    """Parse a book; raises ``InputError`` E202 for one under digital rights management, E203 for a damaged one."""
    book = _Book(document)
    flow = Flow()
    warnings: list[str] = []
    for path in book.chapters():
        try:
            text, _ = decode(book.read(path), declared=_declared(book.read(path)), filename=document.filename)
            read_html(closed(text), flow, filename=document.filename, place=path)
        except InputError as error:
            if error.code == "E206":
                raise
            warnings.append(f"the chapter {path} is missing or damaged and is not read")
    if not flow.blocks and not flow.tables and warnings:
        raise InputError(f"no chapter of the book can be read: {document.filename}", code="E203", fix="repair the file")
    return Parsed(
        document.media_type, (flow.page(),), tuple(flow.tables), metadata=book.metadata(), warnings=tuple(warnings)
    )


def closed(text: str) -> str:
    """XHTML with an end tag for every empty element that HTML does not know as empty (``<title/>`` hides a page)."""
    return _EMPTY_TAG.sub(lambda m: m[0] if m[1].lower() in _VOID or ":" in m[1] else f"<{m[1]}{m[2]}></{m[1]}>", text)


def _declared(data: bytes) -> str | None:
    found = _XML_DECLARED.search(data[:200])
    return found[1].decode("ascii") if found else None


class _Book:
    """The container: its package document, manifest and reading order."""

    def __init__(self, document: Document) -> None:
        self._filename = document.filename
        self._archive: zipfile.ZipFile = open_zip(document.data, filename=document.filename)
        self._names = set(self._archive.namelist())
        self._refuse_encrypted()
        container = self._xml("META-INF/container.xml") if "META-INF/container.xml" in self._names else None
        paths = (
            [e.get("full-path") or "" for e in container.iter() if local_name(e) == "rootfile"]
            if container is not None
            else []
        )
        opf = next((p for p in paths if p in self._names), None) or next(
            (name for name in sorted(self._names) if name.lower().endswith(".opf")), None
        )
        if opf is None:
            raise InputError(f"the book has no package document: {self._filename}", code="E203", fix="repair the file")
        self._folder = posixpath.dirname(opf)
        self._package = self._xml(opf)
        self._items = {e.get("id") or "": e for e in self._package.iter() if local_name(e) == "item" and e.get("href")}

    def read(self, path: str) -> bytes:
        """A member's bytes."""
        return read_member(self._archive, path, filename=self._filename)

    def _xml(self, path: str) -> etree._Element:
        return tree(self.read(path), filename=f"{self._filename}: {path}")

    def _refuse_encrypted(self) -> None:
        if "META-INF/encryption.xml" not in self._names:
            return
        for data in self._xml("META-INF/encryption.xml").iter():
            if local_name(data) != "EncryptedData":
                continue
            method = next((e.get("Algorithm") or "" for e in data.iter() if local_name(e) == "EncryptionMethod"), "")
            if method not in _FONT_METHODS:
                raise InputError(
                    f"the book is encrypted (digital rights management): {self._filename}", code="E202",
                    fix="use a copy without protection",
                )  # fmt: skip

    def _path(self, href: str) -> str:
        return posixpath.normpath(posixpath.join(self._folder, unquote(href.split("#", maxsplit=1)[0]))).lstrip("/")

    def chapters(self) -> Iterator[str]:
        """Members in the order of the spine (or else of the manifest); a navigation page outside of it comes last."""
        order = [e.get("idref") or "" for e in self._package.iter() if local_name(e) == "itemref"]
        items = [self._items[name] for name in order if name in self._items] or list(self._items.values())
        if len(items) > _MAX_CHAPTERS:
            raise over(f"{len(items)} chapters, at most {_MAX_CHAPTERS}", where=self._filename)
        items += [item for item in self._items.values() if _is_nav(item) and item not in items]
        for item in items:
            path = self._path(item.get("href") or "")
            if item.get("media-type") in _PAGES or path.lower().endswith((".xhtml", ".html", ".htm")):
                yield path

    def metadata(self) -> dict[str, str]:
        """What the package says of the book, and its table of contents."""
        found: dict[str, str] = {}
        for element in self._package.iter():
            name = _META.get(local_name(element)) if str(element.tag).startswith(_DC) else None
            text = " ".join("".join(map(str, element.itertext())).split())
            if name and text:
                found[name] = (
                    f"{found[name]}; {text}"
                    if name in found and name in ("author", "subject")
                    else (found.get(name) or text)
                )
        toc = "\n".join(self._contents())
        return found | ({"toc": toc} if toc else {})

    def _contents(self) -> list[str]:
        """Entries of the navigation document (EPUB 3) or of the older control file."""
        for item in self._items.values():
            is_nav = _is_nav(item)
            if is_nav or item.get("media-type") == "application/x-dtbncx+xml":
                try:
                    root = self._xml(self._path(item.get("href") or ""))
                except InputError:
                    continue
                entries = list(_nav_entries(root) if is_nav else _ncx_entries(root))
                if entries:
                    return entries[:_MAX_ENTRIES]
        return []


def _is_nav(item: etree._Element) -> bool:
    return "nav" in (item.get("properties") or "").split()


def _nav_entries(root: etree._Element) -> Iterator[str]:
    navs = [e for e in root.iter() if local_name(e) == "nav"]
    kind = "{http://www.idpf.org/2007/ops}type"
    chosen = next((nav for nav in navs if "toc" in (nav.get(kind) or "").split()), navs[0] if navs else None)
    for element in chosen.iter() if chosen is not None else ():
        if local_name(element) in ("a", "span") and local_name(_parent(element)) == "li":
            depth = sum(1 for above in element.iterancestors() if local_name(above) == "ol")
            yield "  " * max(depth - 1, 0) + " ".join("".join(map(str, element.itertext())).split())


def _ncx_entries(root: etree._Element) -> Iterator[str]:
    for point in root.iter():
        if local_name(point) != "navPoint":
            continue
        label = next((e for e in point if local_name(e) == "navLabel"), None)
        depth = sum(1 for above in point.iterancestors() if local_name(above) == "navPoint")
        text = " ".join("".join(map(str, label.itertext())).split()) if label is not None else ""
        if text:
            yield "  " * depth + text


def _parent(element: etree._Element) -> etree._Element:
    above = element.getparent()
    return element if above is None else above
