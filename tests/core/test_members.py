"""Documents inside documents: archives are replaced by their members, mails and PDFs keep theirs beside them."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Attached

CSV = b"item,quantity\nbolt,3\nnut,5\n"


def zipped(members: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)  # no clock in it
    return out.getvalue()


def taped(members: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in members.items():
            about = tarfile.TarInfo(name)
            about.size = len(data)
            archive.addfile(about, io.BytesIO(data))
        link = tarfile.TarInfo("link")
        link.type = tarfile.SYMTYPE
        link.linkname = "/etc/passwd"
        archive.addfile(link)
    return out.getvalue()


def mail_with(name: str, data: bytes) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@example.org", "b@example.org", "The list"
    message.set_content("See below.")
    message.add_attachment(data, maintype="text", subtype="csv", filename=name)
    return message.as_bytes()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "documents"
    path.mkdir()
    return path


def _files(attached: Attached, call: str) -> list[str]:
    found = attached.rows(f"SELECT DISTINCT filename FROM locus_doc_to_tables({call}) ORDER BY ALL")
    return [row[0] for row in found]


@pytest.mark.parametrize(
    ("name", "data", "member"),
    [
        ("a.zip", zipped({"in/list.csv": CSV, "b.csv": CSV}), "a.zip!/in/list.csv"),
        ("a.tar", taped({"in/list.csv": CSV}), "a.tar!/in/list.csv"),
        ("a.tar.gz", gzip.compress(taped({"list.csv": CSV}), mtime=0), "a.tar.gz!/list.csv"),
        ("list.csv.gz", gzip.compress(CSV, mtime=0), "list.csv.gz!/list.csv"),
        ("list.csv.bz2", bz2.compress(CSV), "list.csv.bz2!/list.csv"),
        ("list.csv.xz", lzma.compress(CSV), "list.csv.xz!/list.csv"),
        ("noname", zipped({"deep.zip": zipped({"list.csv": CSV})}), "noname!/deep.zip!/list.csv"),
    ],
    ids=["zip", "tar", "tar.gz", "gz", "bz2", "xz", "zip in zip"],
)
def test_archives_are_replaced_by_their_members(
    folder: Path, attach_to: Callable[..., Attached], name: str, data: bytes, member: str
) -> None:
    (folder / name).write_bytes(data)
    attached = attach_to(folder)
    assert member in _files(attached, "'*'")
    assert name not in _files(attached, "'*'")
    text = attached.rows(
        f"SELECT text FROM locus_doc_to_tables('*') WHERE filename = '{member}' ORDER BY row_no, col_no"
    )
    assert [row[0] for row in text] == ["item", "quantity", "bolt", "3", "nut", "5"]
    assert attached.one("SELECT count(*) = count(DISTINCT _locus_row_id) FROM locus_doc_to_tables('*')")


def test_members_can_be_named(folder: Path, attach_to: Callable[..., Attached]) -> None:
    (folder / "a.zip").write_bytes(zipped({"x/1.csv": CSV, "x/2.csv": CSV, "x/3.txt": b"words"}))
    attached = attach_to(folder)
    assert _files(attached, "'a.zip!/x/*.csv'") == ["a.zip!/x/1.csv", "a.zip!/x/2.csv"]
    assert _files(attached, "'*.zip!/x/2.csv', members := 'none'") == ["a.zip!/x/2.csv"]


def test_mails_and_attachments(folder: Path, attach_to: Callable[..., Attached]) -> None:
    (folder / "m.eml").write_bytes(mail_with("list.csv", CSV))
    attached = attach_to(folder)
    assert _files(attached, "'*.eml'") == []
    assert _files(attached, "'*.eml', members := 'all'") == ["m.eml!/list.csv"]
    assert attached.one(
        "SELECT count(*) FROM locus_format_detector('*.eml', members := 'all') WHERE filename = 'm.eml'"
    )


def test_a_damaged_archive_is_a_reject_and_the_rest_goes_on(folder: Path, attach_to: Callable[..., Attached]) -> None:
    (folder / "cut.zip").write_bytes(zipped({"list.csv": CSV * 50})[:-30])
    (folder / "good.csv").write_bytes(CSV)
    attached = attach_to(folder)
    assert _files(attached, "'*'") == ["good.csv"]
    assert attached.rows("SELECT filename, code FROM locus_rejects()") == [("cut.zip", "E203")]


def test_an_empty_archive_is_not_passed_over_in_silence(folder: Path, attach_to: Callable[..., Attached]) -> None:
    (folder / "none.zip").write_bytes(zipped({}))
    attached = attach_to(folder)
    assert _files(attached, "'*'") == []
    assert attached.rows("SELECT filename, code FROM locus_rejects()") == [("none.zip", "E210")]


def test_a_member_without_a_name_is_damage(folder: Path, attach_to: Callable[..., Attached]) -> None:
    whole = bytearray(zipped({"x": CSV}))
    entry = whole.index(b"PK\x01\x02")
    whole[entry + 28], whole[entry + 30] = 0, 1  # the name's one letter becomes the extra field's one byte
    assert zipfile.ZipFile(io.BytesIO(whole)).namelist() == [""]
    (folder / "a.zip").write_bytes(whole)
    attached = attach_to(folder)
    assert _files(attached, "'*'") == []
    assert attached.rows("SELECT filename, code FROM locus_rejects()") == [("a.zip", "E203")]


def test_bombs_are_refused(folder: Path, attach_to: Callable[..., Attached]) -> None:
    (folder / "bomb.zip").write_bytes(zipped({"zeros.csv": b"0" * 64_000_000}))
    (folder / "bomb.gz").write_bytes(gzip.compress(b"0" * 64_000_000))
    attached = attach_to(folder)
    assert _files(attached, "'*'") == []
    assert sorted(attached.rows("SELECT filename, code FROM locus_rejects()")) == [
        ("bomb.gz", "E206"),
        ("bomb.zip", "E206"),
    ]


def test_names_that_lead_out_stay_names(folder: Path, attach_to: Callable[..., Attached], tmp_path: Path) -> None:
    (folder / "a.zip").write_bytes(zipped({"../../evil.csv": CSV, "/abs/c.csv": CSV + b"x,1\n"}))
    attached = attach_to(folder)
    assert _files(attached, "'*'") == ["a.zip!/abs/c.csv", "a.zip!/evil.csv"]
    assert not list(tmp_path.rglob("evil.csv"))


def test_unpacked_once(folder: Path, attach_to: Callable[..., Attached], monkeypatch: pytest.MonkeyPatch) -> None:
    from locus_dbt.core import members

    (folder / "a.zip").write_bytes(zipped({"list.csv": CSV}))
    attached = attach_to(folder)
    first = _files(attached, "'*'")

    def unexpected(*_: Any) -> Any:
        raise AssertionError("unpacked again")

    monkeypatch.setattr(members, "LocalExecutor", unexpected)
    assert _files(attached, "'*'") == first


def test_an_unknown_mode_is_named(folder: Path, attach_to: Callable[..., Attached]) -> None:
    (folder / "a.csv").write_bytes(CSV)
    message = attach_to(folder).error("FROM locus_doc_to_tables('*', members := 'archive')")
    assert "[E103] members: expected one of archives, all, none" in message
    assert "did you mean 'archives'?" in message


def test_nested_bombs_count_over_all_levels(folder: Path, attach_to: Callable[..., Attached]) -> None:
    """Each layer alone is small; together they would be 8^4 times ten megabytes."""
    inner = zipped({"zeros.csv": b"0" * 10_000_000})
    for level in range(4):
        inner = zipped({f"{level}_{i}.zip": inner for i in range(8)})
    (folder / "bomb.zip").write_bytes(inner)
    (folder / "good.csv").write_bytes(CSV)
    attached = attach_to(folder)
    assert _files(attached, "'*'") == ["good.csv"]
    assert attached.rows("SELECT filename, code FROM locus_rejects()") == [("bomb.zip", "E206")]
