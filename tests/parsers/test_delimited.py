"""Delimited text: the dialect is found, nothing is lost, each cell knows its line."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locus_dbt.model.element import Parsed, Table
from locus_dbt.parsers.delimited_records import Dialect, records
from tests.make_fixtures.run_image import read


def parsed(text: str | bytes, name: str = "x.csv") -> Parsed:
    return read(text.encode() if isinstance(text, str) else text, name).parsed


def rows(table: Table) -> list[list[str]]:
    out: list[list[str]] = [[] for _ in range(table.n_rows)]
    for row, text in zip(table.row.tolist(), table.text, strict=True):
        out[row].append(text)
    return out


FIELDS = st.text(st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from(',"\n'), max_size=12)


@pytest.mark.criterion("E3.2", "E3.3")
@given(st.lists(st.lists(FIELDS, min_size=2, max_size=5), min_size=1, max_size=6))
def test_what_a_writer_quotes_comes_back(grid: list[list[str]]) -> None:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(grid)
    found = list(records(out.getvalue().split("\n"), Dialect(",", '"')))
    assert [list(record.fields) for record in found] == grid
    line = 1
    for record, fields in zip(found, grid, strict=True):
        assert record.line == line
        line += 1 + sum(field.count("\n") for field in fields)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_dialects(delimiter: str, line_end: str) -> None:
    lines = [["id", "name", "price"], ["1", "Anna B.", "1,50"], ["2", "Carl", "12,00"], ["3", "Dora", "7,25"]]
    text = line_end.join(delimiter.join(f'"{f}"' if delimiter in f else f for f in line) for line in lines)
    result = parsed(text + line_end)
    assert rows(result.tables[0]) == lines
    assert result.tables[0].is_header.tolist() == [True] * 3 + [False] * 9
    assert result.tables[0].place[3] == "line 2"


def test_ragged_rows_keep_every_field_and_warn() -> None:
    result = parsed("a,b,c\n1,2,3\n4,5\n6,7,8,9\n10\n")
    assert rows(result.tables[0]) == [
        ["a", "b", "c"],
        ["1", "2", "3"],
        ["4", "5"],
        ["6", "7", "8", "9"],
        ["10"],
    ]
    assert result.warnings == ("3 of 5 records have not 3 fields (lines 3, 4, 5)",)


def test_preamble_becomes_text_and_the_table_begins_below() -> None:
    result = parsed("Report of May\nprinted today\n\nid;qty\na;1\nb;2\nc;3\n")
    assert [(b.text, b.place) for b in result.pages[0].blocks] == [
        ("Report of May", "line 1"),
        ("printed today", "line 2"),
    ]
    assert rows(result.tables[0])[0] == ["id", "qty"]


def test_second_table_in_the_same_file() -> None:
    result = parsed(
        "id,qty,day\na,1,2024-01-01\nb,2,2024-01-02\nc,3,2024-01-03\nname,size,day\nx,9,2024-02-01\ny,8,2024-02-02\n"
    )
    assert [table.n_rows for table in result.tables] == [4, 3]
    assert result.tables[1].place[0] == "line 5"


def test_quote_that_is_never_closed_swallows_one_field_only() -> None:
    text = "id,name,n\n" + "".join(f"{i},name {i},{i * 2}\n" for i in range(20))
    result = parsed(text.replace("name 7", '"name 7'))
    assert result.tables[0].n_rows == 21
    assert "name 8" in result.tables[0].text


@pytest.mark.parametrize(
    ("encoding", "wanted"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("cp1252", "cp1252"),
    ],
)
def test_encodings(encoding: str, wanted: str) -> None:
    result = parsed("id,name\n1,Jürgen Groß\n2,François\n".encode(encoding))
    assert result.metadata["encoding"] == wanted
    assert rows(result.tables[0]) == [["id", "name"], ["1", "Jürgen Groß"], ["2", "François"]]


def test_files_glued_together_keep_their_names() -> None:
    data = "id,name\n1,Müller\n2,Zoë\n".encode() + "3,Müller\n".encode("latin-1")
    assert [row[1] for row in rows(parsed(data).tables[0])[1:]] == ["Müller", "Zoë", "Müller"]


def test_single_column_of_words_has_no_header() -> None:
    assert not parsed("Anna\nBert\nCarla\n").tables[0].is_header.any()
    assert parsed("amount\n1.50\n2.00\n").tables[0].is_header.tolist() == [True, False, False]


def test_numbers_alone_are_no_header() -> None:
    assert not parsed("1,2,3\n4,5,6\n").tables[0].is_header.any()
