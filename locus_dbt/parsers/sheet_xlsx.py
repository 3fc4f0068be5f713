"""XLSX and XLSM: sheets read as a stream, so that a sheet of styled blanks costs nothing but its bytes."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Callable, Iterator
from functools import lru_cache
from xml.parsers import expat

from lxml import etree

from locus_dbt.errors import InputError
from locus_dbt.parsers.limits import DAMAGED, MAX_CELLS, MAX_COLUMNS, MAX_TEXT, over, read_member
from locus_dbt.parsers.number_format import built_in
from locus_dbt.parsers.sheet_model import Merge, Sheet, Styles, boolean, column, room_beside
from locus_dbt.parsers.xml_tree import local_name, tree

_CHUNK = 1 << 18
#: Styles and the list of sheets are read as trees; real ones are a few hundred kilobytes.
_MAX_PART = 64 * 1024 * 1024
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_RANGE = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})(?::\$?([A-Z]{1,3})\$?(\d{1,7}))?")
_TRUE = ("1", "true", "on")
_DIGITS = "0123456789"
_OFTEN = frozenset(("c", "v", "row", "f", "is", "t"))
#: Numbers whose displayed text is kept for the next cell of the same style with the same value.
_MAX_KEPT = 50_000


def workbook_part(archive: zipfile.ZipFile, filename: str) -> str:
    """The member that the package names as its document; empty where there is none."""
    names = set(archive.namelist())
    if "_rels/.rels" in names:
        for relation in tree(read_member(archive, "_rels/.rels", filename=filename, most=_MAX_PART), filename=filename):
            if str(relation.get("Type")).endswith("/officeDocument"):
                part = posixpath.normpath(str(relation.get("Target")).lstrip("/"))
                if part in names:
                    return part
    return next((name for name in ("xl/workbook.xml", "xl/workbook.bin") if name in names), "")


def relations(archive: zipfile.ZipFile, part: str, filename: str) -> dict[str, tuple[str, str]]:
    """Relation id to (last word of its type, member), of those that point into the archive."""
    folder, name = posixpath.split(part)
    member = f"{folder}/_rels/{name}.rels" if folder else f"_rels/{name}.rels"
    if member not in archive.namelist():
        return {}
    found: dict[str, tuple[str, str]] = {}
    for one in tree(read_member(archive, member, filename=filename, most=_MAX_PART), filename=filename):
        target = str(one.get("Target"))
        if one.get("TargetMode") != "External":
            path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
            found[str(one.get("Id"))] = (str(one.get("Type")).rsplit("/", 1)[-1], path)
    return found


def read_xlsx(archive: zipfile.ZipFile, filename: str) -> list[Sheet]:
    """All worksheets with their cells; charts and macro sheets count in the index only."""
    part = workbook_part(archive, filename)
    linked = relations(archive, part, filename)
    names = set(archive.namelist())
    root = tree(read_member(archive, part, filename=filename, most=_MAX_PART), filename=filename)
    from_1904 = any(e.get("date1904") in _TRUE for e in _named(root, "workbookPr"))
    parts = {kind: path for kind, path in linked.values() if path in names}
    styles = Styles(_codes(archive, parts.get("styles"), filename), from_1904=from_1904)
    shared = _Shared(archive, parts["sharedStrings"], filename).texts if "sharedStrings" in parts else []
    sheets: list[Sheet] = []
    for index, element in enumerate(_named(root, "sheet")):
        key = next((str(v) for k, v in element.attrib.items() if str(k).endswith("}id")), "")
        kind, path = linked.get(key, ("", ""))
        if kind in ("worksheet", "dialogsheet") and path in names:
            hidden = element.get("state") in ("hidden", "veryHidden")
            name = str(element.get("name") or f"Sheet{index + 1}")
            sheet = Sheet(name, index, hidden=hidden, room=room_beside(sheets))
            _SheetReader(sheet, styles, shared).read(archive, path, filename)
            sheets.append(sheet)
    return sheets


def _named(root: etree._Element, name: str) -> Iterator[etree._Element]:
    return (e for e in root.iter() if isinstance(e.tag, str) and local_name(e) == name)


def _codes(archive: zipfile.ZipFile, part: str | None, filename: str) -> list[str]:
    """The format code of each cell style."""
    if part is None:
        return []
    root = tree(read_member(archive, part, filename=filename, most=_MAX_PART), filename=filename)
    own = {e.get("numFmtId"): str(e.get("formatCode") or "General") for e in _named(root, "numFmt")}
    out: list[str] = []
    for xfs in _named(root, "cellXfs"):
        for xf in xfs:
            number = str(xf.get("numFmtId") or "0")
            known = own.get(number)
            out.append(known if known is not None else built_in(_whole(number, 0)))
    return out


class XmlStream:
    """Feeds a member of an archive to expat; entities are refused, damage becomes E203."""

    def __init__(self) -> None:
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.EntityDeclHandler = self._refuse
        self._parser.StartElementHandler = self.start
        self._parser.EndElementHandler = self.end
        self._local: dict[str, str] = {}

    def local(self, tag: str) -> str:
        """The tag without its prefix."""
        known = self._local.get(tag)
        if known is None:
            known = tag.rpartition(":")[2]
            if len(self._local) < 1000:
                self._local[tag] = known
        return known

    def characters(self, handler: Callable[[str], None] | None) -> None:
        """Whether text is wanted from here on."""
        self._parser.CharacterDataHandler = handler

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins."""

    def end(self, tag: str) -> None:
        """An element ends."""

    def feed(self, archive: zipfile.ZipFile, part: str, filename: str) -> None:
        """Read the whole member."""
        try:
            with archive.open(part) as stream:
                while piece := stream.read(_CHUNK):
                    self._parser.Parse(piece, False)
                self._parser.Parse(b"", True)
        except InputError:
            raise
        except (*DAMAGED, KeyError) as error:
            raise InputError(f"'{part}' in the archive is damaged ({error}): {filename}", code="E203") from error
        except expat.ExpatError as error:
            raise InputError(f"'{part}' is not well-formed XML ({error}): {filename}", code="E203") from error

    @staticmethod
    def _refuse(*_declaration: object) -> None:
        raise InputError(
            "the XML declares entities, which are not expanded", code="E203", fix="resolve them beforehand"
        )


class _Shared(XmlStream):
    """The shared texts; formatted runs are joined, readings of East Asian words left out."""

    def __init__(self, archive: zipfile.ZipFile, part: str, filename: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._runs: list[str] = []
        self._skipped = False
        self._total = 0
        self._filename = filename
        self.feed(archive, part, filename)

    def start(self, tag: str, attributes: dict[str, str]) -> None:  # noqa: ARG002
        name = self.local(tag)
        if name == "si":
            self._runs = []
        elif name == "rPh":
            self._skipped = True
        elif name == "t" and not self._skipped:
            self.characters(self._runs.append)

    def end(self, tag: str) -> None:
        name = self.local(tag)
        if name == "t":
            self.characters(None)
        elif name == "rPh":
            self._skipped = False
        elif name == "si":
            text = unescaped("".join(self._runs))
            self._total += len(text)
            if len(self.texts) >= MAX_CELLS or self._total > MAX_TEXT:
                raise over("too many shared texts", where=self._filename)
            self.texts.append(text)


def unescaped(text: str) -> str:
    """``_x000D_`` stands for a sign that XML cannot hold."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


class _SheetReader(XmlStream):
    """Cells, merged ranges, hidden rows and columns of one sheet; called for each tag, so its way is short."""

    def __init__(self, sheet: Sheet, styles: Styles, shared: list[str]) -> None:
        super().__init__()
        self._sheet, self._styles, self._shared = sheet, styles, shared
        self._row, self._col = -1, -1
        self._kind, self._style = "n", "0"
        #: Text since the last tag that matters; what stands between the cells is dropped there.
        self._text: list[str] = []
        self._runs: list[str] = []
        self._in_cell = self._skipped = False
        self._total = 0
        self._kept: dict[tuple[str, str], tuple[str, str]] = {}

    def read(self, archive: zipfile.ZipFile, part: str, filename: str) -> None:
        """Fill the sheet."""
        self.characters(self._text.append)
        self.feed(archive, part, filename)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag if tag in _OFTEN else self.local(tag)
        if name == "c":
            at = attributes.get("r")
            self._col = self._col + 1 if at is None else column(at.rstrip(_DIGITS))
            self._kind = attributes.get("t", "n")
            self._style = attributes.get("s", "0")
            self._in_cell = True
        elif name in ("v", "t"):
            self._text.clear()
        elif name == "row":
            self._begin_row(attributes)
        elif name not in _OFTEN:
            self._rare(name, attributes)

    def _rare(self, name: str, attributes: dict[str, str]) -> None:
        if name == "rPh":
            self._skipped = True
        elif name == "mergeCell":
            merge = parse_range(attributes.get("ref", ""))
            if merge is not None and len(self._sheet.merges) < MAX_CELLS:
                self._sheet.merges.append(merge)
        elif name == "col" and attributes.get("hidden") in _TRUE:
            first, last = _whole(attributes.get("min", ""), 0), _whole(attributes.get("max", ""), 0)
            if 0 < first <= last and len(self._sheet.hidden_cols) < MAX_COLUMNS:
                self._sheet.hidden_cols.append((first - 1, last - 1))

    def end(self, tag: str) -> None:
        name = tag if tag in _OFTEN else self.local(tag)
        if name == "v":
            if self._in_cell and self._text:
                self._cell("".join(self._text))
        elif name == "c":
            self._in_cell = False
            if self._runs:
                self._words("".join(self._runs))
                self._runs.clear()
        elif name == "t":
            if self._in_cell and not self._skipped:
                self._runs += self._text
        elif name == "rPh":
            self._skipped = False
        self._text.clear()

    def _begin_row(self, attributes: dict[str, str]) -> None:
        number = attributes.get("r")
        self._row = self._row + 1 if number is None else _whole(number, 0) - 1
        self._col = -1
        if attributes.get("hidden") in _TRUE:
            self._sheet.hide_rows(self._row, self._row)

    def _cell(self, value: str) -> None:
        kind = self._kind
        if kind == "n":
            key = (self._style, value)
            shown = self._kept.get(key)
            if shown is None:
                shown = self._number(value)
                if len(self._kept) < _MAX_KEPT:
                    self._kept[key] = shown
            self._sheet.add(self._row, self._col, *shown)
        elif kind == "s":
            number = _whole(value, -1)
            if not 0 <= number < len(self._shared):
                raise InputError(
                    f"sheet '{self._sheet.name}' names a text that is not there: {value[:20]}", code="E203"
                )
            self._words(self._shared[number])
        elif kind == "b":
            self._sheet.add(self._row, self._col, *boolean(value.strip() in _TRUE))
        elif kind == "d":
            self._sheet.add(self._row, self._col, *self._styles.moment(value.strip(), _style(self._style)))
        elif kind == "e":
            self._sheet.add(self._row, self._col, value)
        else:
            self._words(unescaped(value))

    def _number(self, value: str) -> tuple[str, str]:
        try:
            return self._styles.number(float(value), _style(self._style))
        except (ValueError, OverflowError):
            return value, ""

    def _words(self, text: str) -> None:
        self._total += len(text)
        if self._total > MAX_TEXT:
            raise over(f"more than {MAX_TEXT} characters", where=f"sheet '{self._sheet.name}'")
        self._sheet.add(self._row, self._col, self._styles.text(text, _style(self._style)))


def _whole(text: str, otherwise: int) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else otherwise


@lru_cache(maxsize=1024)
def _style(number: str) -> int:
    return _whole(number, 0)


def parse_range(reference: str) -> Merge | None:
    """``B2:C4`` as rows and columns from 0; ``None`` for what is no range."""
    found = _RANGE.fullmatch(reference)
    if found is None:
        return None
    left, top = column(found[1]), int(found[2]) - 1
    right, bottom = (column(found[3]), int(found[4]) - 1) if found[3] else (left, top)
    return min(top, bottom), max(top, bottom), min(left, right), max(left, right)
