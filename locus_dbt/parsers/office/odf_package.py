"""An OpenDocument file, packed or flat: its parts, its styles, its properties."""

from __future__ import annotations

import base64
import binascii
import posixpath
import re
from collections.abc import Iterator, Mapping

from lxml import etree

from locus_dbt.errors import InputError
from locus_dbt.model.document import Document
from locus_dbt.model.element import Attachment, Repair
from locus_dbt.parsers.limits import open_zip, read_member
from locus_dbt.parsers.office.docx_styles import bullet, number_text
from locus_dbt.parsers.office.embedded import embedded_file
from locus_dbt.parsers.office.package import Tally
from locus_dbt.parsers.xml_tree import local_name, tree

_NAMES = "urn:oasis:names:tc:opendocument:xmlns:"
OFFICE, TEXT, TABLE, DRAW, STYLE = (f"{{{_NAMES}{n}:1.0}}" for n in ("office", "text", "table", "drawing", "style"))
PRESENTATION = f"{{{_NAMES}presentation:1.0}}"
SVG = f"{{{_NAMES}svg-compatible:1.0}}"
FO = f"{{{_NAMES}xsl-fo-compatible:1.0}}"
CHART = f"{{{_NAMES}chart:1.0}}"
DC = "{http://purl.org/dc/elements/1.1/}"
XLINK = "{http://www.w3.org/1999/xlink}"
_FORMS = {"1": "decimal", "a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}
_DEEPEST_CHAIN = 30
_UNITS = {"cm": 72 / 2.54, "mm": 72 / 25.4, "in": 72.0, "pt": 1.0, "pc": 12.0, "px": 0.75}
_LENGTH = re.compile(r"^(-?\d{1,9}(?:\.\d{0,12})?)(cm|mm|in|pt|pc|px)$")
_META = {
    "title": "title", "initial-creator": "author", "creator": "author", "creation-date": "created", "date": "modified",
    "subject": "subject", "description": "description", "keyword": "keywords", "language": "language",
}  # fmt: skip


class OdfPackage:
    """Content, styles and meta data of a document; sub-documents by their folder."""

    def __init__(self, document: Document) -> None:
        self.filename = document.filename
        self.tally = Tally()
        self.attachments: list[Attachment] = []
        self.repairs: list[Repair] = []
        self._archive = None
        if document.data.startswith(b"PK"):
            self._archive = open_zip(document.data, filename=document.filename)
            self._refuse_encrypted()
            self.content = self._xml("content.xml")
            roots = [self.content, *(r for n in ("styles.xml", "meta.xml") if (r := self.part(n)) is not None)]
        else:
            self.content = tree(document.data, filename=document.filename)
            roots = [self.content]
        self._roots = roots
        self._styles: dict[tuple[str, str], etree._Element] = {}
        self._lists: dict[str, dict[int, etree._Element]] = {}
        for root in roots:
            for style in root.iter(f"{STYLE}style"):
                self._styles.setdefault((style.get(f"{STYLE}family") or "", style.get(f"{STYLE}name") or ""), style)
            for style in root.iter(f"{TEXT}list-style"):
                levels = {whole(level.get(f"{TEXT}level"), default=0): level for level in style}
                self._lists.setdefault(style.get(f"{STYLE}name") or "", levels)

    def _refuse_encrypted(self) -> None:
        manifest = self.part("META-INF/manifest.xml")
        marked = manifest is not None and any(local_name(e) == "encryption-data" for e in manifest.iter())
        if marked or (self._archive is not None and "encrypted-package" in self._archive.namelist()):
            raise InputError(
                f"the document is encrypted: {self.filename}", code="E202", fix="save it without a password first"
            )

    def _xml(self, name: str) -> etree._Element:
        if self._archive is None:
            raise InputError(f"the document has no part '{name}': {self.filename}", code="E203")
        data = read_member(self._archive, name, filename=self.filename)
        # old writers name a document type definition that is neither needed nor fetched
        return tree(data, filename=f"{self.filename}: {name}")

    def part(self, name: str) -> etree._Element | None:
        """A part's root; ``None`` for one that is missing or damaged."""
        if self._archive is None or name not in self._archive.namelist():
            return None
        try:
            return self._xml(name)
        except InputError as error:
            if error.code == "E206":
                raise
            return None

    def object_root(self, link: str) -> etree._Element | None:
        """The content of an embedded document (a chart, a formula)."""
        folder = posixpath.normpath(link.removeprefix("./"))
        return self.part(f"{folder}/content.xml")

    def attach(self, link: str) -> None:
        """Keep an embedded foreign file as an attachment."""
        name = posixpath.normpath(link.removeprefix("./"))
        if self._archive is not None and name in self._archive.namelist():
            data = read_member(self._archive, name, filename=self.filename)
            self.attachments.append(embedded_file(posixpath.basename(name), data))

    def attach_base64(self, text: str) -> None:
        """Keep a foreign file that stands in the XML itself."""
        try:
            data = base64.b64decode(text)
        except (binascii.Error, ValueError):
            return
        self.attachments.append(embedded_file(f"object-{len(self.attachments) + 1}", data))

    def all(self, tag: str) -> Iterator[etree._Element]:
        """Elements with ``tag`` in content and styles."""
        for root in self._roots:
            yield from root.iter(tag)

    def style(self, family: str, name: str | None) -> etree._Element | None:
        """A style by family and name."""
        return self._styles.get((family, name or ""))

    def ancestry(self, family: str, name: str | None) -> list[str]:
        """The names of a style and what it is based on, in plain letters."""
        names: list[str] = []
        while name and len(names) < _DEEPEST_CHAIN:
            names.append(re.sub(r"_([0-9a-f]{2})_", lambda m: chr(int(m[1], 16)), name).lower())
            style = self.style(family, name)
            name = style.get(f"{STYLE}parent-style-name") if style is not None else None
        return names

    def hides(self, family: str, name: str | None) -> bool:
        """Whether a style takes its text off the page."""
        for _ in range(_DEEPEST_CHAIN):
            style = self.style(family, name) if name else None
            if style is None:
                return False
            shown = next((e.get(f"{TEXT}display") for e in style if e.get(f"{TEXT}display")), None)
            if shown is not None:
                return shown == "none"
            name = style.get(f"{STYLE}parent-style-name")
        return False

    def list_levels(self, name: str | None) -> Mapping[int, etree._Element]:
        """The descriptions of a list style's levels."""
        return self._lists.get(name or "", {})

    def list_level(self, name: str | None, level: int) -> etree._Element | None:
        """The description of one level of a list style."""
        return self._lists.get(name or "", {}).get(level)

    def properties(self) -> dict[str, str]:
        """Title, author, dates and the like."""
        found: dict[str, str] = {}
        for meta in self.all(f"{OFFICE}meta"):
            for element in meta:
                name = _META.get(local_name(element))
                text = " ".join((element.text or "").split())
                if name and text:
                    found.setdefault(name, text)
        return found


def marker(levels: Mapping[int, etree._Element], counts: Mapping[int, int], at: int) -> str:
    """The marker of a list item: a bullet, or the numbers of the levels that are shown, each in its own form."""
    level = levels.get(at)
    if level is None:
        return ""
    if level.tag != f"{TEXT}list-level-style-number":
        return bullet(level.get(f"{TEXT}bullet-char") or "")
    prefix, suffix = level.get(f"{STYLE}num-prefix") or "", level.get(f"{STYLE}num-suffix") or ""
    if not level.get(f"{STYLE}num-format"):
        return (prefix + suffix).strip()
    shown = max(1, min(whole(level.get(f"{TEXT}display-levels"), default=1), at))
    numbers: list[str] = []
    for one in range(at - shown + 1, at + 1):
        described = levels.get(one)
        form = described.get(f"{STYLE}num-format") if described is not None else "1"
        if form:
            numbers.append(number_text(counts.get(one, 1), _FORMS.get(form, "decimal")))
    return f"{prefix}{'.'.join(numbers)}{suffix}".strip()


def whole(text: str | None, *, default: int) -> int:
    """A whole number as written; ``default`` for anything else."""
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 10 else default


def points(length: str | None) -> float | None:
    """A length with its unit in points."""
    match = _LENGTH.match(length or "")
    return float(match[1]) * _UNITS[match[2]] if match else None
