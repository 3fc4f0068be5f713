"""Type detection: the content decides, the extension only where content leaves it open."""

from __future__ import annotations

import gzip
import io
import json
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locus_dbt.errors import InputError
from locus_dbt.parsers import PARSERS, detect
from locus_dbt.parsers.detect import media_type
from tests.make_fixtures.formats import workbook

OLE = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(1016)


def zipped(**members: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in members.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), text)
    return out.getvalue()


CASES: list[tuple[bytes, str]] = [
    (b"%PDF-1.7\n", detect.PDF),
    (b"\n\njunk %PDF-1.4\n", detect.PDF),
    (b"\x89PNG\r\n\x1a\n....", "image/png"),
    (b"\xff\xd8\xff\xe0....", "image/jpeg"),
    (b"II*\0....", "image/tiff"),
    (gzip.compress(b"a,b\n", mtime=0), detect.GZIP),
    (workbook({"S": [["a"]]}), detect.XLSX),
    (zipped(word__document_xml="<w/>"), detect.DOCX),
    (zipped(xl__workbook_bin=""), detect.XLSB),
    (zipped(mimetype=detect.ODS), detect.ODS),
    (zipped(a_csv="a,b"), detect.ZIP),
    (OLE + "Workbook".encode("utf-16-le"), detect.XLS),
    (OLE, detect.OLE),
    (b"<!DOCTYPE html><html></html>", detect.HTML),
    (b"  <table><tr><td>1</td></tr></table>", detect.HTML),
    (b"<?xml version='1.0'?><a/>", detect.XML),
    (b"<?xml version='1.0'?><!DOCTYPE html><html/>", detect.HTML),
    (b"<orders><order/></orders>", detect.XML),
    (b'<!DOCTYPE article PUBLIC "-//X" "x.dtd">\n<article/>', detect.XML),
    (b'{"a": 1}', detect.JSON),
    (b'[{"a": 1},\n {"a": 2}]', detect.JSON),
    (b'{"a": 1}\n{"a": 2}\n', detect.JSONL),
    (json.dumps([{"a": "x" * 50}] * 5000).encode(), detect.JSON),
    (b"From: a@example.invalid\nSubject: x\n\nbody\n", detect.EML),
    (b"a,b\n1,2\n", detect.CSV),
    (b"a\tb\n1\t2\n", detect.TSV),
    ("a;b\n1;ü\n".encode("utf-16"), detect.CSV),
    (b"# Title\n\ntext\n", detect.MARKDOWN),
    (b"Just words.\nAnd more of them.\n", detect.TEXT),
]


@pytest.mark.criterion("E2.1")
@pytest.mark.parametrize(("data", "wanted"), CASES)
@pytest.mark.parametrize("name", ["noextension", "wrong.pdf"])
def test_content_decides(data: bytes, wanted: str, name: str) -> None:
    assert media_type(data, name) == wanted


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("x.csv", detect.CSV), ("x.MD", detect.MARKDOWN), ("x.txt", detect.TEXT), ("x", detect.TEXT)],
)
def test_extension_decides_what_content_leaves_open(name: str, wanted: str) -> None:
    assert media_type(b"one line of words\n", name) == wanted


@pytest.mark.criterion("E2.5")
@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "E204"),
        (bytes(range(1, 32)) * 40, "E204"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "E202"),
        (b"PK\x03\x04cut", "E203"),
    ],
)
def test_refused(data: bytes, code: str) -> None:
    with pytest.raises(InputError) as refused:
        media_type(data, "x")
    assert refused.value.code == code


def test_archive_with_a_bombs_ratio_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 64_000_000)
    with pytest.raises(InputError) as refused:
        media_type(out.getvalue(), "x.xlsx")
    assert refused.value.code == "E206"


@given(st.binary(max_size=400))
def test_any_bytes_end_in_a_type_or_an_error_of_ours(data: bytes) -> None:
    try:
        found = media_type(data, "x")
    except InputError as error:
        found = error.code
    assert "/" in found or found in ("E202", "E203", "E204", "E206") or data.startswith(b"PK")


def test_every_type_with_a_parser_can_be_detected_or_is_named_here() -> None:
    known = {value for name, value in vars(detect).items() if name.isupper() and isinstance(value, str)}
    assert set(PARSERS) <= known


def test_long_log_whose_lines_begin_with_a_number_in_brackets_is_text() -> None:
    assert media_type(b"[12.30 05:06:07] viewer.exe - opened\n" * 3000, "proxy.log") == detect.TEXT
    assert media_type(b"[12.30, 16.5, -4e3]\n" + b" " * 70_000, "numbers.dat") == detect.JSON
