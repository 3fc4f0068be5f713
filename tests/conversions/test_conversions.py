"""What the conversion images write can be read back, and every value cites where it came from."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given

from locus_dbt.errors import InputError
from tests.make_fixtures.formats import IMAGES, ORDERS_JSON, PRICES_HTML, STOCK_CSV, orders_workbook
from tests.make_fixtures.run_image import Rows, extract, read
from tests.make_fixtures.workbooks import rents
from tests.parsers.grids import Spanned, spanned_grids


def run(image: str, data: str | bytes, name: str, **params: Any) -> tuple[Rows, Rows, Rows]:
    raw = data.encode() if isinstance(data, str) else data
    return extract(IMAGES / image, read(raw, name), params)


@pytest.mark.criterion("E3.2", "E4.7")
def test_cells_have_the_promised_columns_and_a_place_for_each_text() -> None:
    rows, spans, rejects = run("doc_to_tables", orders_workbook(), "o.xlsx")
    names = "page table_no row_no col_no row_span col_span is_header text typed x0 y0 x1 y1"
    assert list(rows[0])[1:] == names.split()
    assert rejects == []
    assert len(spans) == len(rows)
    assert {span["place"] for span in spans if span["value"] == "Nordwerk GmbH"} == {"Orders!B3", "Orders!A8"}
    assert {span["faithfulness"] for span in spans} == {1.0}


def test_wide_gives_the_table_with_its_own_columns_and_rejects_the_others() -> None:
    rows, spans, rejects = run("doc_to_tables", PRICES_HTML, "p.html", shape="wide")
    assert [row["price_from_1"] for row in rows] == ["0.42", "0.11", "on request"]
    assert rows[2]["price_from_100"] is None
    assert all(span["place"].startswith("/html/body/table[2]/tr") for span in spans)
    assert [(r["code"], "table := 1" in r["message"]) for r in rejects] == [("E210", True)]


def test_wide_repeats_a_cell_down_its_rows_and_cites_it_each_time() -> None:
    rows, spans, _ = run("doc_to_tables", orders_workbook(), "o.xlsx", shape="wide", table=0)
    assert [row["supplier"] for row in rows] == ["Nordwerk GmbH", "Nordwerk GmbH", "Süd & Co"]
    assert [span["place"] for span in spans if span["column_name"] == "supplier"] == [
        "Orders!B3",
        "Orders!B3",
        "Orders!B5",
    ]


def test_header_alone_gives_its_columns_and_no_rows() -> None:
    rows, _, rejects = run("doc_to_tables", "id,name\n", "h.csv", shape="wide")
    assert (rows, rejects) == ([], [])
    (described,), _, _ = run("any_to_parquet", "id,name\n", "h.csv")
    assert described["columns"] == ["id VARCHAR", "name VARCHAR"]


def test_tables_with_the_same_header_follow_each_other() -> None:
    part = "<table><tr><th>k</th><th>v</th></tr><tr><td>{}</td><td>1</td></tr></table>"
    rows, _, rejects = run("doc_to_tables", part.format("a") + part.format("b"), "p.html", shape="wide")
    assert [row["k"] for row in rows] == ["a", "b"]
    assert rejects == []


def test_table_that_is_not_there_is_named_with_what_is() -> None:
    with pytest.raises(InputError, match=r"no table 7 in p\.html, which has 2") as refused:
        run("doc_to_tables", PRICES_HTML, "p.html", table=7)
    assert refused.value.code == "E210"


@pytest.mark.parametrize("image", ["doc_to_tables", "any_to_csv", "any_to_parquet"])
def test_document_without_tables_gives_no_rows_and_says_so(image: str) -> None:
    rows, _, rejects = run(image, "<p>only words</p>", "p.html")
    assert rows == []
    assert [reject["code"] for reject in rejects] == ["E210"]


@given(spanned_grids())
def test_csv_read_back_has_each_cell_in_its_first_slot(cells: list[Spanned]) -> None:
    lines = [""] * max(c.row + c.row_span for c in cells)
    for c in cells:
        lines[c.row] += f"<td rowspan={c.row_span} colspan={c.col_span}>{_escaped(c.text)}</td>"
    rows = "".join(f"<tr>{line}</tr>" for line in lines)
    (row,), spans, _ = run("any_to_csv", f"<html><table>{rows}</table>", "p.html")
    back = list(csv.reader(io.StringIO(row["csv"])))
    assert len({len(fields) for fields in back}) == 1
    assert {(r, c, text) for r, fields in enumerate(back) for c, text in enumerate(fields) if text} == {
        (c.row, c.col, c.text) for c in cells
    }
    assert spans[-1]["grounding"] in ("exact", "normalized")


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def test_csv_can_guard_against_formulas() -> None:
    data = "name,v\n=1+1,-2\n@x,+3\n"
    (row,), _, _ = run("any_to_csv", data, "x.csv", escape_formulas=True)
    assert row["csv"] == "name,v\n'=1+1,-2\n'@x,+3\n"


def test_parquet_of_a_workbook_has_the_stored_types_and_not_the_displayed_texts() -> None:
    rows, _, _ = run("any_to_parquet", rents(), "r.xlsx", table=0)
    data = pq.read_table(io.BytesIO(rows[0]["parquet"]))
    assert {field.name: str(field.type) for field in data.schema} == {
        "flat": "string", "paid_on": "timestamp[us]", "rent": "double", "share": "double", "booked_at": "string",
        "open": "string",
    }  # fmt: skip
    assert data["rent"].to_pylist() == [1250.5, -80, 0]


def test_parquet_reads_back_with_types() -> None:
    rows, spans, _ = run("any_to_parquet", STOCK_CSV, "s.csv")
    table = pq.read_table(io.BytesIO(rows[0]["parquet"]))
    assert [f"{f.name} {f.type}" for f in table.schema] == [
        "article string", "name string", "quantity int64", "counted_on date32[day]", "column_5 string",
    ]  # fmt: skip
    assert table["quantity"].to_pylist() == [120, 35, None, 7]
    assert spans[-1]["grounding"] == "inferred"


def test_codes_and_local_numbers_stay_text() -> None:
    rows, _, _ = run("any_to_parquet", "zip;price;ok\n01067;1.234,50;true\n24103;7,00;FALSE\n", "s.csv")
    assert rows[0]["columns"] == ["zip VARCHAR", "price VARCHAR", "ok BOOLEAN"]


def test_json_holds_every_cell_with_its_place() -> None:
    (row,), _, _ = run("any_to_json", PRICES_HTML, "p.html")
    document = json.loads(row["json"])
    cell = next(c for c in document["tables"][0]["cells"] if c["text"] == "on request")
    assert (cell["col_span"], cell["place"]) == (2, "/html/body/table[2]/tr[3]/td[3]")
    assert document["pages"][0]["blocks"][0]["kind"] == "heading"


def test_json_rows() -> None:
    (row,), _, _ = run("any_to_json", ORDERS_JSON, "o.json", what="rows")
    assert [record["ship_to.city"] for record in json.loads(row["json"])] == ["Kiel", "Bremen"]


def test_markdown_escapes_what_would_be_marks() -> None:
    (row,), spans, _ = run("any_to_markdown", "<h2>1 * 2 * 3</h2><p># no heading</p><p>1. no [list]</p>", "p.html")
    assert row["markdown"] == "## 1 \\* 2 \\* 3\n\n\\# no heading\n\n1\\. no \\[list\\]"
    assert spans[0]["grounding"] == "normalized"


def test_markdown_shows_a_title_inside_the_table_once() -> None:
    (row,), spans, _ = run("any_to_markdown", orders_workbook(), "o.xlsx")
    assert row["markdown"].startswith("**Purchase orders May**\n\n| Order | Supplier | Net | Tax |\n| ---")
    assert row["markdown"].count("Purchase orders May") == 1
    assert spans[0]["grounding"] == "normalized"


def test_markdown_of_markdown_keeps_its_structure() -> None:
    text = "# T\n\nwords\n\n- a\n- b\n\n| k | v |\n| --- | --- |\n| x \\| y | 1 |\n\n```\ncode | x\n```"
    (row,), _, _ = run("any_to_markdown", text, "x.md")
    assert row["markdown"] == text
