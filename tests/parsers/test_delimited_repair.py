"""Damaged delimited text: what is mended, what is left alone, and that each repair is told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locus_dbt.model.document import Document
from locus_dbt.model.element import Parsed
from locus_dbt.parsers import delimited
from locus_dbt.parsers.grid import to_grid
from tests.make_fixtures.run_image import read

ROWS = [[f"{i}", f"2024-03-{i:02d}", f"{name}", f"{i}.25"] for i, name in enumerate(["Anna", "Bob", "Carl"] * 6, 1)]
HEADER = ["id", "paid_on", "name", "amount"]


def parsed(text: str | bytes) -> Parsed:
    return read(text.encode() if isinstance(text, str) else text, "x.csv").parsed


def table(result: Parsed, number: int = 0) -> list[list[str | None]]:
    one = result.tables[number]
    grid = to_grid(one)
    return [[grid.text(row, col) for col in range(one.n_cols)] for row in range(one.n_rows)]


def written(rows: list[list[str]], *, at: int = 0, line: str | None = None, delimiter: str = ",") -> str:
    lines = [delimiter.join(row) for row in [HEADER, *rows]]
    if line is not None:
        lines[at] = line
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("5,,2024-03-05,Bob,5.25", "blank_field_dropped"),
        ("5,2024-03-05Bob,5.25", "field_split"),
        ("5;2024-03-05;Bob;5.25", "row_delimiter_;"),
        ("5\t2024-03-05\tBob\t5.25", "row_delimiter_tab"),
        ("5 2024-03-05 Bob 5.25", "row_delimiter_space"),
        ("5,2024-03-05,Bob,5.25,", "blank_field_dropped"),
    ],
)
def test_one_damaged_row_is_mended_and_told(line: str, rule: str) -> None:
    result = parsed(written(ROWS, at=5, line=line))
    assert table(result) == [HEADER, *ROWS]
    assert [(r.rule, r.place, r.before, r.after) for r in result.repairs] == [
        (rule, "line 6", line, "5,2024-03-05,Bob,5.25")
    ]


def test_a_delimiter_inside_a_text_is_joined_as_printed() -> None:
    result = parsed(written(ROWS, at=5, line="5,2024-03-05,Bob, the younger,5.25"))
    assert table(result)[5] == ["5", "2024-03-05", "Bob, the younger", "5.25"]
    assert [r.rule for r in result.repairs] == ["fields_joined"]


@pytest.mark.parametrize("line", ["5,2024-03-05,Bob,5.25,see the back", "5,2024-03-05,Bob,5.25,77.10"])
def test_a_further_value_is_kept_and_joined_to_nothing(line: str) -> None:
    result = parsed(written(ROWS, at=5, line=line))
    assert table(result)[5] == line.split(",")
    assert result.repairs == ()
    assert "records have not 4 fields (lines 6)" in result.warnings[0]


def test_a_short_row_is_padded_and_told() -> None:
    result = parsed(written(ROWS, at=5, line="5,2024-03-05"))
    assert table(result)[5] == ["5", "2024-03-05", None, None]
    assert [(r.rule, r.after) for r in result.repairs] == [("short_row_padded", "5,2024-03-05,,")]


@given(st.lists(st.sampled_from(["1", "x y", "", "2024-01-02", "a-1"]), min_size=3, max_size=5), st.data())
def test_regular_files_are_never_repaired(row: list[str], data: st.DataObject) -> None:
    n = data.draw(st.integers(2, 12))
    rows = [[*row[:-1], str(i)] for i in range(n)]
    text = "\n".join(";".join(one) for one in [[f"h{i}" for i in range(len(row))], *rows])
    result = parsed(text)
    assert result.repairs == ()
    assert [[field or "" for field in one] for one in table(result)[1:]] == rows


def test_notes_below_a_blank_line_are_no_rows() -> None:
    result = parsed(written(ROWS) + "\nTotal of 18 payments\nPrices without VAT, in euros\n")
    assert table(result) == [HEADER, *ROWS]
    assert [(b.text, b.place) for b in result.pages[0].blocks] == [
        ("Total of 18 payments", "line 21"),
        ("Prices without VAT in euros", "line 22"),
    ]


def test_stacked_tables_are_parted() -> None:
    result = parsed("id,qty\n1,2\n2,3\n3,4\n\nname,city,zip\nAnna,Bonn,53111\nBob,Kiel,24103\n")
    assert [t.n_cols for t in result.tables] == [2, 3]
    assert table(result, 1)[0] == ["name", "city", "zip"]


@pytest.mark.parametrize("delimiter", ["||", "::", "~", "^", "|~|"])
def test_rare_delimiters(delimiter: str) -> None:
    result = parsed(written(ROWS, delimiter=delimiter))
    assert result.metadata["delimiter"] == delimiter
    assert table(result) == [HEADER, *ROWS]


def test_group_names_reach_over_their_columns() -> None:
    result = parsed("Item,,Price,\nNo,Name,net,gross\n1,Bolt,1.00,1.19\n2,Nut,2.00,2.38\n3,Hook,3.00,3.57\n")
    assert to_grid(result.tables[0]).header == ["Item No", "Item Name", "Price net", "Price gross"]


def test_years_may_be_names() -> None:
    result = parsed("country,2019,2020\nFrance,1.2,1.3\nSpain,2.2,2.4\n")
    assert to_grid(result.tables[0]).header == ["country", "2019", "2020"]


def test_row_names_without_a_header_move_it() -> None:
    result = parsed('"x" "y"\n"1" 2.5 3\n"2" 3.5 4\n"3" 1 2\n')
    assert to_grid(result.tables[0]).header == ["", "x", "y"]
    assert [r.rule for r in result.repairs] == ["row_names_unnamed"]


def test_separator_line_nul_and_mixed_line_ends_are_told() -> None:
    result = parsed(b"\xef\xbb\xbfsep=;\r\na;b\r\n1,5;x\0y\n3;4\r\n")
    assert table(result) == [["a", "b"], ["1,5", "xy"], ["3", "4"]]
    assert [(r.rule, r.place) for r in result.repairs] == [
        ("line_ends", "the whole file"),
        ("separator_line", "line 1"),
        ("nul_removed", "line 3"),
    ]


def test_backslashes_before_quotes() -> None:
    assert table(parsed('a,b\n1,"say \\"hi\\", you"\n2,"x"\n'))[1] == ["1", 'say "hi", you']


def test_what_is_known_is_not_looked_for() -> None:
    data = b"a,b;c\n1,2;3\n"
    document = Document("x.csv", "text/csv", "0", data, delimited.parse)
    result = delimited.read(document, settings=delimited.Settings(delimiter=";", header=0))
    assert table(result) == [["a,b", "c"], ["1,2", "3"]]
    assert not result.tables[0].is_header.any()
