"""An Office Open XML package: its parts, the relations between them, and its properties."""

from __future__ import annotations

import base64
import binascii
import posixpath
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote

from lxml import etree

from locus_dbt.errors import InputError
from locus_dbt.model.document import Document
from locus_dbt.model.element import Attachment
from locus_dbt.parsers.limits import open_zip, read_member
from locus_dbt.parsers.xml_tree import local_name, tree

#: Strict documents use other names for the same elements.
_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/([\w/]+)")
_STRICT_NAMES = {
    b"wordprocessingml/main": b"wordprocessingml/2006/main",
    b"presentationml/main": b"presentationml/2006/main",
    b"drawingml/main": b"drawingml/2006/main",
    b"drawingml/chart": b"drawingml/2006/chart",
    b"drawingml/diagram": b"drawingml/2006/diagram",
    b"drawingml/wordprocessingDrawing": b"drawingml/2006/wordprocessingDrawing",
    b"officeDocument/math": b"officeDocument/2006/math",
}
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_PKG = "{http://schemas.microsoft.com/office/2006/xmlPackage}"
_WIDE = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Relation:
    """A link from one part to another: ``kind`` is the last word of its type, ``target`` a member's path."""

    id: str
    kind: str
    target: str
    external: bool


class Package:
    """XML parts that name each other by relations: a ZIP, or one XML file that holds all parts (flat)."""

    def __init__(self, document: Document) -> None:
        self.filename = document.filename
        self._archive = open_zip(document.data, filename=document.filename) if document.data[:2] == b"PK" else None
        self._flat = {} if self._archive is not None else _flat_parts(document)
        # some writers begin member names with a slash, and old ones use backslashes
        names = self._archive.namelist() if self._archive is not None else list(self._flat)
        self._members = {_clean(name): name for name in names}
        self._folded = {name.lower(): name for name in self._members}
        self.attachments: list[Attachment] = []
        self._attached: set[str] = set()

    def has(self, part: str) -> bool:
        """Whether the package holds ``part`` (upper and lower case count as one, as the standard says)."""
        return part.lower() in self._folded

    def read(self, part: str) -> bytes:
        """The bytes of a part; E203 when it is missing or damaged."""
        name = self._members.get(self._folded.get(part.lower(), ""), part)
        if self._archive is None:
            if name not in self._flat:
                raise InputError(f"the document lacks '{part}': {self.filename}", code="E203", fix="repair the file")
            return self._flat[name]
        return read_member(self._archive, name, filename=self.filename)

    def xml(self, part: str) -> etree._Element:
        """The root of a part, Strict names replaced by the usual ones."""
        data = self.read(part)
        if data.startswith(_WIDE):
            text = re.sub(r"^\s*<\?xml[^>]*\?>", "", data.decode("utf-16", errors="replace"), count=1)
            data = text.encode()
        return tree(_STRICT.sub(_usual_name, data), filename=f"{self.filename}: {part}")

    def xml_or_none(self, part: str | None) -> etree._Element | None:
        """The root of a part that may be missing or damaged: what only refines the text must not stop it."""
        if part is None or not self.has(part):
            return None
        try:
            return self.xml(part)
        except InputError as error:
            if error.code == "E206":
                raise
            return None

    @cached_property
    def main_part(self) -> str:
        """The part that the package's own relations name as the document."""
        return next((r.target for r in self.relations("").values() if r.kind == "officeDocument"), "")

    def relations(self, part: str) -> dict[str, Relation]:
        """The relations of ``part`` (``""``: of the package) by their ids."""
        folder, name = posixpath.split(part)
        path = posixpath.join(folder, "_rels", f"{name}.rels")
        root = self.xml_or_none(path)
        found: dict[str, Relation] = {}
        for element in root if root is not None else ():
            kind = element.get("Type") or ""
            target = element.get("Target") or ""
            external = (element.get("TargetMode") or "").lower() == "external"
            if not external:
                target = _clean(posixpath.normpath(posixpath.join("/", folder, unquote(target))))
            found[element.get("Id") or ""] = Relation(
                element.get("Id") or "", kind.rstrip("/").rsplit("/", 1)[-1], target, external
            )
        return found

    def related(self, part: str, kind: str) -> str | None:
        """The first part that ``part`` names with a relation of ``kind``."""
        for relation in self.relations(part).values():
            if relation.kind == kind and not relation.external and self.has(relation.target):
                return relation.target
        return None

    def attach(self, part: str, media_type: str = "") -> None:
        """Keep an embedded file as an attachment, once."""
        if part in self._attached or not self.has(part):
            return
        self._attached.add(part)
        from locus_dbt.parsers.office.embedded import embedded_file  # noqa: PLC0415 - only for documents with files

        self.attachments.append(embedded_file(posixpath.basename(part), self.read(part), media_type=media_type))

    def properties(self) -> dict[str, str]:
        """Title, author, dates and the like, under plain names."""
        found: dict[str, str] = {}
        root = self.xml_or_none(self.related("", "core-properties") or "docProps/core.xml")
        for element in root if root is not None else ():
            name = _PROPERTIES.get(local_name(element))
            text = " ".join("".join(map(str, element.itertext())).split())
            if name and text:
                found[name] = text
        return found


_PROPERTIES = {
    "title": "title", "creator": "author", "created": "created", "modified": "modified", "subject": "subject",
    "keywords": "keywords", "lastModifiedBy": "last_modified_by", "description": "description", "language": "language",
    "category": "category",
}  # fmt: skip


def _flat_parts(document: Document) -> dict[str, bytes]:
    """The parts of a document saved as one XML file, as bytes."""
    found: dict[str, bytes] = {}
    for part in tree(document.data, filename=document.filename).iterfind(f"{_PKG}part"):
        name, content = part.get(f"{_PKG}name") or "", part.find(f"{_PKG}xmlData")
        binary = part.find(f"{_PKG}binaryData")
        if content is not None and len(content):
            found[name] = etree.tostring(content[0])
        elif binary is not None:
            try:
                found[name] = base64.b64decode(binary.text or "")
            except (binascii.Error, ValueError):
                continue
    return found


def _clean(name: str) -> str:
    return name.replace("\\", "/").lstrip("/")


def _usual_name(match: re.Match[bytes]) -> bytes:
    name = b"/".join((match[1], match[2]))
    if name.startswith(b"officeDocument/relationships"):
        return name.replace(b"officeDocument/", b"http://schemas.openxmlformats.org/officeDocument/2006/")
    return b"http://schemas.openxmlformats.org/" + _STRICT_NAMES.get(name, name)


class Tally:
    """Counts what is left out or changed, and says so in sentences."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def count(self, what: str, number: int = 1) -> None:
        """``what`` is a sentence with ``{n}`` in the number's place."""
        self._counts[what] += number

    def sentences(self) -> Iterator[str]:
        """One sentence for each kind, in the order of their first counts."""
        for what, number in self._counts.items():
            yield what.format(n=number)


def alternative(element: etree._Element) -> etree._Element | None:
    """Of a ``mc:AlternateContent`` the one branch to read: the first choice, else the fallback."""
    fallback = None
    for child in element:
        name = local_name(child)
        if name == "Choice":
            return child
        if name == "Fallback":
            fallback = child
    return fallback
