"""The readers of binary and OpenDocument workbooks, on small workbooks made here."""

from __future__ import annotations

import contextlib
import io
import struct
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locus_dbt.errors import InputError
from locus_dbt.parsers.sheet_xls import read_xls, stream_of
from tests.make_fixtures.formats import zipped
from tests.make_fixtures.run_image import read


def record(kind: int, content: bytes) -> bytes:
    """A record of BIFF8."""
    return kind.to_bytes(2, "little") + len(content).to_bytes(2, "little") + content


def biff8(cells: bytes, shared: bytes = b"", more: bytes = b"") -> bytes:
    """A workbook stream with one sheet; style 0 is General, style 1 ``0.00``, style 2 ``d/m/yyyy``."""
    bof = bytes.fromhex("0006") + bytes(14)
    code = b"d/m/yyyy"
    head = record(0x809, bof) + more + record(0x41E, struct.pack("<HHB", 164, len(code), 0) + code)
    head += b"".join(record(0xE0, struct.pack("<HH", 0, number) + bytes(16)) for number in (0, 2, 164))
    tail = shared + record(0x0A, b"")
    sheet = struct.pack("<IBB", len(head) + 4 + 6 + 4 + len(tail), 0, 0) + bytes([2, 0]) + b"S1"
    return head + record(0x85, sheet) + tail + record(0x809, bof) + cells + record(0x0A, b"")


def test_records_of_old_workbooks() -> None:
    # the second text runs over into a continued record, where it goes on with wide letters
    shared = record(
        0xFC, struct.pack("<II", 2, 2) + struct.pack("<HB", 2, 0) + b"id" + struct.pack("<HB", 4, 0) + b"ab"
    )
    shared += record(0x3C, b"\x01" + "ü→".encode("utf-16-le"))
    cells = record(0xFD, struct.pack("<HHHI", 0, 0, 0, 0)) + record(0xFD, struct.pack("<HHHI", 0, 1, 0, 1))
    cells += record(0x203, struct.pack("<HHHd", 1, 0, 1, 2.5)) + record(0x203, struct.pack("<HHHd", 1, 1, 2, 45000.0))
    cells += record(0xBD, struct.pack("<HHHIHIH", 2, 0, 0, 7 << 2 | 2, 1, 250 << 2 | 3, 1))
    cells += record(0x06, struct.pack("<HHH", 3, 0, 0) + b"\x02\0\x2a\0\0\0\xff\xff" + bytes(8))
    cells += record(0x06, struct.pack("<HHH", 3, 1, 0) + b"\0\0\0\0\0\0\xff\xff" + bytes(8))
    cells += record(0x207, struct.pack("<HB", 2, 0) + b"ok")
    (sheet,) = read_xls(biff8(cells, shared), "x.xls")
    assert [(c.row, c.col, c.text, c.typed) for c in sheet.cells] == [
        (0, 0, "id", ""),
        (0, 1, "abü→", ""),
        (1, 0, "2.50", "2.5"),
        (1, 1, "15/3/2023", "2023-03-15"),
        (2, 0, "7", "7"),
        (2, 1, "2.50", "2.5"),
        (3, 0, "#N/A", ""),
        (3, 1, "ok", ""),
    ]


def test_short_data_with_the_sign_of_a_container_is_damaged() -> None:
    with pytest.raises(InputError) as refused:
        stream_of(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(100))
    assert refused.value.code == "E203"
    assert stream_of(b"BIFF without a container") is None


def test_encrypted_old_workbook() -> None:
    with pytest.raises(InputError) as refused:
        read_xls(biff8(b"", more=record(0x2F, bytes(6))), "x.xls")
    assert refused.value.code == "E202"


@given(st.binary(max_size=400), st.integers(0, 300))
def test_damaged_records_are_bad_input(noise: bytes, at: int) -> None:
    whole = biff8(record(0x203, struct.pack("<HHHd", 1, 0, 1, 2.5)) * 5)
    with contextlib.suppress(InputError):
        read_xls(whole[:at] + noise, "x.xls")
    with contextlib.suppress(InputError):
        read_xls(whole[:at] + noise + whole[at + len(noise) :], "x.xls")


def part(*pieces: tuple[int, bytes]) -> bytes:
    """Records of XLSB."""
    out = b""
    for kind, content in pieces:
        number = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
        out += number + bytes([len(content) & 0x7F | 0x80, len(content) >> 7]) + content
    return out


def wide(text: str) -> bytes:
    return len(text).to_bytes(4, "little") + text.encode("utf-16-le")


def binary_workbook(sheet: bytes) -> bytes:
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    files: dict[str, bytes] = {
        "[Content_Types].xml": b"<Types/>",
        "_rels/.rels": f'<R><Relationship Type="{office}/officeDocument" Target="xl/workbook.bin"/></R>'.encode(),
        "xl/_rels/workbook.bin.rels": (
            f'<R><Relationship Id="r1" Type="{office}/worksheet" Target="worksheets/sheet1.bin"/>'
            f'<Relationship Id="r2" Type="{office}/styles" Target="styles.bin"/>'
            f'<Relationship Id="r3" Type="{office}/sharedStrings" Target="strings.bin"/></R>'
        ).encode(),
        "xl/workbook.bin": part((156, struct.pack("<II", 0, 1) + wide("r1") + wide("B"))),
        "xl/styles.bin": part(
            (44, struct.pack("<H", 164) + wide("0.0%")),
            (617, b""),
            (47, struct.pack("<HH", 0, 0) + bytes(12)),
            (47, struct.pack("<HH", 0, 164) + bytes(12)),
            (618, b""),
        ),
        "xl/strings.bin": part((19, b"\0" + wide("shared"))),
        "xl/worksheets/sheet1.bin": sheet,
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def test_records_of_binary_workbooks() -> None:
    def cell(col: int, style: int, value: bytes) -> bytes:
        return struct.pack("<II", col, style) + value

    data = binary_workbook(
        part(
            (0, struct.pack("<IIH", 3, 0, 0) + b"\0\x10" + bytes(5)),
            (7, cell(1, 0, bytes(4))),
            (5, cell(2, 1, struct.pack("<d", 0.5))),
            (2, cell(3, 0, struct.pack("<I", 250 << 2 | 3))),
            (0, struct.pack("<IIH", 4, 0, 0)),
            (6, cell(1, 0, wide("own"))),
            (4, cell(2, 0, b"\1")),
            (3, cell(3, 0, b"\x07")),
            (8, cell(4, 0, wide("made"))),
            (176, struct.pack("<4I", 3, 4, 6, 6)),
        )
    )
    (table,) = read(data, "x.xlsb").parsed.tables
    assert list(zip(table.place, table.text, table.typed, strict=True)) == [
        ("B!B4", "shared", ""),
        ("B!C4", "50.0%", "0.5"),
        ("B!D4", "2.5", "2.5"),
        ("B!B5", "own", ""),
        ("B!C5", "TRUE", "true"),
        ("B!D5", "#DIV/0!", ""),
        ("B!E5", "made", ""),
    ]
    assert table.hidden_rows == (0,)


@given(st.binary(max_size=300))
def test_damaged_binary_sheets_are_bad_input(noise: bytes) -> None:
    with contextlib.suppress(InputError):
        _ = read(binary_workbook(noise), "x.xlsb").parsed


ODS = """<office:document-content xmlns:office="o" xmlns:table="t" xmlns:text="x"><office:body><office:spreadsheet>
<table:table table:name="Ö"><table:table-column table:visibility="collapse"/>
<table:table-row table:number-rows-repeated="3">
<table:table-cell table:number-columns-repeated="16384"/></table:table-row>
<table:table-row>
<table:table-cell office:value-type="date" office:date-value="2024-05-01">
<text:p>1. Mai <text:span>24</text:span></text:p></table:table-cell>
<table:table-cell table:number-columns-repeated="2" office:value-type="percentage" office:value="0.125">
<text:p>13 %</text:p></table:table-cell>
<table:table-cell office:value-type="string" table:number-columns-spanned="2">
<office:annotation><text:p>no</text:p></office:annotation>
<text:p>two<text:s text:c="2"/>words</text:p><text:p>below</text:p></table:table-cell><table:covered-table-cell/>
<table:table-cell office:value-type="time" office:time-value="PT07H30M00S"><text:p>7:30</text:p></table:table-cell>
</table:table-row>
<table:table-row table:number-rows-repeated="1048572"><table:table-cell table:number-columns-repeated="16384"/>
</table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"""


def test_open_document_shows_its_own_texts() -> None:
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    (table,) = read(zipped({"mimetype": kind, "content.xml": ODS}), "x.ods").parsed.tables
    assert list(zip(table.place, table.text, table.typed, strict=True)) == [
        ("Ö!A4", "1. Mai 24", "2024-05-01"),
        ("Ö!B4", "13 %", "0.125"),
        ("Ö!C4", "13 %", "0.125"),
        ("Ö!D4", "two  words\nbelow", ""),
        ("Ö!F4", "7:30", "07:30:00"),
    ]
    assert table.col_span.tolist() == [1, 1, 1, 2, 1]
