"""A PDF read in parts, pages of it, and what a password opens."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pikepdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reportlab.lib import colors
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import PageBreak, Paragraph, Table, TableStyle

from locus_dbt.errors import InputError
from locus_dbt.model.document import ReadOptions
from locus_dbt.model.element import Parsed
from locus_dbt.parsers import parse as parse_any
from locus_dbt.parsers import parts as parts_of_any
from locus_dbt.parsers.pdf import joined, parse, parts, reader
from tests.parsers.pdf_pages import HEIGHT, blocks_of, build, document, draw, read

GRID = TableStyle([("GRID", (0, 0), (-1, -1), 0.5, colors.black)])


def same(one: Parsed, other: Parsed) -> None:
    assert [p.number for p in one.pages] == [p.number for p in other.pages]
    assert [p.blocks for p in one.pages] == [p.blocks for p in other.pages]
    assert one.text == other.text
    assert [t.number for t in one.tables] == [t.number for t in other.tables]
    for a, b in zip(one.tables, other.tables, strict=True):
        assert a.text == b.text
        assert np.array_equal(a.page, b.page)
        assert np.array_equal(a.row, b.row)
        assert np.array_equal(a.box, b.box, equal_nan=True)
    assert one.warnings == other.warnings
    assert dict(one.metadata) == dict(other.metadata)


def rows(n: int, name: str) -> list[list[str]]:
    return [["Item", "Quantity", "Price"]] + [[f"{name} {k}", str(k), f"{k * 1.5:.2f}"] for k in range(n)]


def long_report(lengths: list[int]) -> bytes:
    """Pages with a running head, text, and tables of the given lengths, of which the long ones run over pages."""

    def furniture(canvas: Canvas, _: Any) -> None:
        canvas.setFont("Helvetica", 8)
        canvas.drawString(60, HEIGHT - 30, "Report of the office")
        canvas.drawString(290, 25, f"Page {canvas.getPageNumber()}")

    style = getSampleStyleSheet()
    story: list[Any] = []
    for k, length in enumerate(lengths):
        story += [Paragraph(f"Part {k}", style["Heading1"]), Paragraph("Some words about it. " * 20, style["BodyText"])]
        story += [Table(rows(length, f"P{k}"), colWidths=[120, 90, 90], repeatRows=1, style=GRID)]
        story += [PageBreak()] if k % 2 else []
    from reportlab.platypus import SimpleDocTemplate

    out = io.BytesIO()
    SimpleDocTemplate(out, invariant=1).build(story, onFirstPage=furniture, onLaterPages=furniture)
    return out.getvalue()


@given(
    lengths=st.lists(st.integers(2, 130), min_size=1, max_size=5),
    window=st.integers(3, 6),
    sizes=st.lists(st.integers(1, 12), min_size=1, max_size=3),
)
@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
def test_parts_joined_are_the_document_whatever_their_length(
    lengths: list[int], window: int, sizes: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "WINDOW", window)
    made = document(long_report(lengths))
    whole = parse(made)
    for size in sizes:
        pieces = list(parts(made, pages_per_part=size))
        assert all(len(p.pages) <= size for p in pieces)
        same(joined(pieces), whole)
    assert [rows(n, f"P{k}") for k, n in enumerate(lengths)] == [cells(t) for t in whole.tables]
    assert [b.order for p in whole.pages for b in p.blocks] == list(range(sum(len(p.blocks) for p in whole.pages)))


def cells(table: Any) -> list[list[str]]:
    out = [[""] * table.n_cols for _ in range(table.n_rows)]
    for text, row, col in zip(table.text, table.row.tolist(), table.col.tolist(), strict=True):
        out[row][col] = text
    return out


def test_a_table_over_a_windows_end_is_one_table_and_comes_when_it_has_ended() -> None:
    made = document(build([Table(rows(2000, "Part"), colWidths=[120, 90, 90], repeatRows=1, style=GRID)]))
    pieces = list(parts(made))
    assert len(pieces) == 2
    assert [len(p.tables) for p in pieces] == [0, 1]
    assert cells(pieces[1].tables[0]) == rows(2000, "Part")
    assert len({int(n) for n in pieces[1].tables[0].page}) == sum(len(p.pages) for p in pieces)


def test_the_first_part_comes_before_the_later_pages_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    one_page = reader.read_page

    def watched(*args: Any) -> Any:
        seen.append(args[2])
        return one_page(*args)

    monkeypatch.setattr(reader, "read_page", watched)
    made = document(draw(lambda c: [(c.drawString(50, 700, f"page {k}"), c.showPage()) for k in range(100)]))
    first = next(iter(parts(made)))
    assert [p.number for p in first.pages] == list(range(1, 33))
    assert max(seen) == 32


def test_running_heads_of_a_short_last_window_are_known_from_the_first() -> None:
    def paint(canvas: Canvas) -> None:
        for k in range(33):
            canvas.setFont("Helvetica", 10)
            canvas.drawString(50, 810, "Annual report of the office")
            canvas.drawString(50, 500, f"words of page {k}")
            canvas.showPage()

    parsed = read(paint)
    assert [b.kind for b in parsed.pages[32].blocks] == ["header", "paragraph"]
    assert len(blocks_of(parsed, "header")) == 33


def test_any_parser_is_read_in_parts_and_one_without_parts_gives_all_at_once() -> None:
    made = document(draw(lambda c: [(c.drawString(50, 700, f"page {k}"), c.showPage()) for k in range(40)]))
    assert [len(p.pages) for p in parts_of_any(made)] == [32, 8]
    from locus_dbt.model.document import Document

    text = Document("a.txt", "text/plain", "0", b"some words\n", parse_any)
    assert [p.text for p in parts_of_any(text)] == ["some words"]


def numbered(n: int) -> bytes:
    return draw(lambda c: [(c.drawString(50, 500, f"this is sheet {k}"), c.showPage()) for k in range(1, n + 1)])


def test_only_the_wanted_pages_are_read_and_keep_their_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    one_page = reader.read_page
    monkeypatch.setattr(reader, "read_page", lambda *a: (seen.append(a[2]), one_page(*a))[1])
    parsed = document(numbered(12), ReadOptions(pages=((2, 3), (11, None)))).parsed
    assert seen == [2, 3, 11, 12]
    assert [p.number for p in parsed.pages] == seen
    assert [p.words.text[-1] for p in parsed.pages] == ["2", "3", "11", "12"]
    assert parsed.metadata["pages"] == "12"
    assert not parsed.warnings


def test_pages_past_the_end_are_a_warning_and_none_at_all_an_error() -> None:
    parsed = document(numbered(3), ReadOptions(pages=((2, 9),))).parsed
    assert [p.number for p in parsed.pages] == [2, 3]
    assert any("2-9" in w and "3 pages" in w for w in parsed.warnings)
    with pytest.raises(InputError) as error:
        parse(document(numbered(3), ReadOptions(pages=((7, 9),))))
    assert error.value.code == "E210"
    assert "3 pages" in error.value.what


def test_the_limit_counts_the_pages_that_are_read() -> None:
    limits = reader.ParseLimits(max_pages=2)
    assert len(parse(document(numbered(5), ReadOptions(pages=((4, 5),))), limits=limits).pages) == 2
    with pytest.raises(InputError) as error:
        parse(document(numbered(5)), limits=limits)
    assert error.value.code == "E206"


def locked(*, user: str) -> bytes:
    with pikepdf.open(io.BytesIO(numbered(1))) as pdf:
        out = io.BytesIO()
        pdf.save(out, encryption=pikepdf.Encryption(owner="owner's", user=user))
    return out.getvalue()


@pytest.mark.parametrize("password", ["user's", "owner's"])
def test_either_password_opens_the_document(password: str) -> None:
    assert "sheet 1" in document(locked(user="user's"), ReadOptions(password=password)).parsed.text


def test_a_document_that_anyone_may_open_needs_no_password() -> None:
    assert "sheet 1" in document(locked(user="")).parsed.text


def test_a_wrong_password_and_none_are_told_apart() -> None:
    with pytest.raises(InputError) as wrong:
        parse(document(locked(user="user's"), ReadOptions(password="guess")))
    with pytest.raises(InputError) as none:
        parse(document(locked(user="user's")))
    assert wrong.value.code == none.value.code == "E202"
    assert "does not open it" in wrong.value.what
    assert "guess" not in str(wrong.value)
    assert "password := 'env:NAME'" in none.value.fix


def test_a_document_without_pages_is_damaged_whatever_was_read_before() -> None:
    with pytest.raises(InputError):
        parse(document(locked(user="user's")))
    with pytest.raises(InputError) as error:
        parse(document(draw(lambda _: None)))
    assert error.value.code == "E203"
