"""Presentations of all formats: slides as pages, boxes of shapes and cells, reading order."""

from __future__ import annotations

import io

import pptx as python_pptx
import pytest
from hypothesis import given, settings
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Pt

from locus_dbt.errors import InputError
from locus_dbt.model.element import Parsed
from tests.make_fixtures.run_image import read
from tests.parsers.grids import Spanned, cells_of, spanned_grids
from tests.parsers.office_files import odf, odf_table, ole, ppt, text_shape


def saved(deck: python_pptx.presentation.Presentation) -> Parsed:
    out = io.BytesIO()
    deck.save(out)
    return read(out.getvalue(), "x.pptx").parsed


@settings(max_examples=30, deadline=None)
@given(spanned_grids())
def test_any_table_with_merged_cells_comes_back_with_boxes(grid: list[Spanned]) -> None:
    deck = python_pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    n_rows, n_cols = max(c.row + c.row_span for c in grid), max(c.col + c.col_span for c in grid)
    table = slide.shapes.add_table(n_rows, n_cols, Pt(50), Pt(60), Pt(n_cols * 40), Pt(n_rows * 20)).table
    for c in grid:
        cell = table.cell(c.row, c.col)
        if c.row_span * c.col_span > 1:
            cell.merge(table.cell(c.row + c.row_span - 1, c.col + c.col_span - 1))
        cell.text = c.text
    (found,) = saved(deck).tables
    assert cells_of(found) == grid
    for c, box in zip(grid, found.box.tolist(), strict=True):
        wanted = [50 + c.col * 40, 60 + c.row * 20, 50 + (c.col + c.col_span) * 40, 60 + (c.row + c.row_span) * 20]
        assert box == pytest.approx(wanted, abs=0.5)
    assert set(found.page.tolist()) == {1}


def test_title_first_then_from_the_top_notes_last() -> None:
    deck = python_pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[1])
    slide.shapes.title.text = "Title"
    slide.placeholders[1].text_frame.text = "point"
    deeper = slide.placeholders[1].text_frame.add_paragraph()
    deeper.text, deeper.level = "below", 1
    slide.notes_slide.notes_text_frame.text = "say this"
    for text, top in (("low", 450), ("high", 10)):
        slide.shapes.add_textbox(Pt(10), Pt(top), Pt(100), Pt(20)).text_frame.text = text
    slide._element.set("show", "0")
    found = saved(deck)
    (page,) = found.pages
    assert (page.number, page.width, page.height) == (1, 720.0, 540.0)
    assert [(b.kind, b.level, b.text) for b in page.blocks] == [
        ("heading", 1, "Title"), ("paragraph", 0, "high"), ("list", 1, "point"), ("list", 2, "below"),
        ("paragraph", 0, "low"), ("footnote", 0, "say this"),
    ]  # fmt: skip
    assert page.blocks[1].box == pytest.approx((10, 10, 110, 30))
    assert page.blocks[-1].label == "notes"
    assert found.warnings == ("slide 1 is hidden",)


def test_groups_move_and_scale_their_shapes() -> None:
    deck = python_pptx.Presentation()
    group = deck.slides.add_slide(deck.slide_layouts[6]).shapes.add_group_shape()
    group.shapes.add_textbox(Pt(0), Pt(0), Pt(100), Pt(50)).text_frame.text = "inside"
    group.left, group.top, group.width, group.height = Pt(200), Pt(100), Pt(50), Pt(25)
    assert saved(deck).pages[0].blocks[0].box == pytest.approx((200, 100, 250, 125))


def test_charts_give_their_cached_values() -> None:
    deck = python_pptx.Presentation()
    data = CategoryChartData()
    data.categories = ["North", "South"]
    data.add_series("2023", (1.5, 2))
    data.add_series("2024", (3, 4))
    deck.slides.add_slide(deck.slide_layouts[6]).shapes.add_chart(
        XL_CHART_TYPE.COLUMN_CLUSTERED, Pt(10), Pt(20), Pt(300), Pt(200), data
    )
    (table,) = saved(deck).tables
    assert [c.text for c in cells_of(table)] == ["", "2023", "2024", "North", "South", "1.5", "2", "3", "4"]
    assert table.box[0].tolist() == pytest.approx([10, 20, 310, 220])


@settings(max_examples=30, deadline=None)
@given(spanned_grids())
def test_any_opendocument_table_on_a_slide_comes_back(grid: list[Spanned]) -> None:
    size = 'svg:x="1in" svg:y="2in" svg:width="5in" svg:height="3in"'
    content = f'<draw:page draw:name="a"><draw:frame {size}>{odf_table(grid)}</draw:frame></draw:page>'
    (found,) = read(odf(content, kind="presentation"), "x.odp").parsed.tables
    assert cells_of(found) == grid
    assert found.box[0].tolist()[:2] == [72.0, 144.0]
    assert found.box[:, 2].max() == pytest.approx(72 * 6)


def test_binary_slides_in_order_with_boxes() -> None:
    first = [text_shape("low", 4, (80, 4000, 800, 4200)), text_shape("Title", 0, (80, 1000, 800, 1200))]
    found = read(ppt([first, [text_shape("one\rtwo", 1, (0, 0, 80, 80))]]), "x.ppt").parsed
    assert [[(b.kind, b.text) for b in page.blocks] for page in found.pages] == [
        [("heading", "Title"), ("paragraph", "low")],
        [("list", "one"), ("list", "two")],
    ]
    assert found.pages[0].blocks[0].box == (10.0, 125.0, 100.0, 150.0)
    assert (found.pages[0].width, found.pages[0].height) == (720.0, 540.0)


def test_a_binary_presentation_without_records_is_refused() -> None:
    with pytest.raises(InputError) as refused:
        _ = read(ole({"PowerPoint Document": b"\xff" * 100}), "x.ppt").parsed
    assert refused.value.code == "E203"
