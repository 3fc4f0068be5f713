"""Cells of an XLSX workbook that show an error (``#N/A``): the reader proper gives them as blank."""

from __future__ import annotations

import posixpath
import re
import zipfile

from locus_dbt.parsers.limits import read_member
from locus_dbt.parsers.xml_tree import local_name, tree

_ERROR_CELL = re.compile(
    rb"<(?:\w{1,20}:)?c\s(?=[^<>]{0,200}\bt=[\"']e[\"'])[^<>]{0,200}?\br=[\"']([A-Z]{1,3})(\d{1,7})[\"'][^<>]{0,200}>"
    rb"(?:<(?:\w{1,20}:)?f\b[^<>]{0,2000}/>|<(?:\w{1,20}:)?f\b[^<>]{0,2000}>[^<]{0,10000}</(?:\w{1,20}:)?f>)?"
    rb"<(?:\w{1,20}:)?v>(#[^<]{1,30})</"
)

Errors = dict[tuple[int, int], str]


def error_cells(archive: zipfile.ZipFile, *, filename: str) -> dict[str, Errors]:
    """Sheet name to the texts of its error cells by row and column, both from 0."""
    names = set(archive.namelist())
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
        return {}
    relations = tree(read_member(archive, "xl/_rels/workbook.xml.rels", filename=filename), filename=filename)
    parts = {str(r.get("Id")): _part(str(r.get("Target"))) for r in relations}
    out: dict[str, Errors] = {}
    for sheet in tree(read_member(archive, "xl/workbook.xml", filename=filename), filename=filename).iter():
        if isinstance(sheet.tag, str) and local_name(sheet) == "sheet":
            key = next((str(v) for k, v in sheet.attrib.items() if str(k).endswith("}id")), "")
            part = parts.get(key, "")
            if part in names:
                out[str(sheet.get("name"))] = _errors(read_member(archive, part, filename=filename))
    return out


def _part(target: str) -> str:
    """The member a relation of the workbook points to."""
    return target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join("xl", target))


def _errors(data: bytes) -> Errors:
    found: Errors = {}
    for letters, row, text in _ERROR_CELL.findall(data):
        col = 0
        for byte in letters:
            col = col * 26 + byte - 64
        found[int(row) - 1, col - 1] = text.decode("utf-8", "replace")
    return found
