"""JSON, JSON lines and XML: lists of records become tables whose cells say where they stand."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locus_dbt.errors import InputError
from locus_dbt.model.element import Parsed, Table
from tests.make_fixtures.run_image import read

NAMES = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=6)
VALUES = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=8) | st.integers() | st.booleans()


def parsed(text: str, name: str = "x.json") -> Parsed:
    return read(text.encode(), name).parsed


def rows(table: Table) -> list[list[str | None]]:
    out: list[list[str | None]] = [[None] * table.n_cols for _ in range(table.n_rows)]
    for row, col, text in zip(table.row.tolist(), table.col.tolist(), table.text, strict=True):
        out[row][col] = text
    return out


def follow(value: Any, pointer: str) -> Any:
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        value = value[int(key)] if isinstance(value, list) else value[key]
    return value


@pytest.mark.criterion("E3.2", "E3.3")
@given(st.lists(st.dictionaries(NAMES, VALUES, min_size=1, max_size=4), min_size=2, max_size=5))
def test_every_value_stands_once_at_its_pointer(data: list[dict[str, Any]]) -> None:
    (table,) = parsed(json.dumps(data)).tables
    body = [i for i in range(len(table)) if not table.is_header[i]]
    assert len(body) == sum(len(record) for record in data)
    for i in body:
        value = follow(data, table.place[i])
        assert table.text[i] == (json.dumps(value) if not isinstance(value, str) else value)


def test_nested_objects_become_dotted_columns_and_lists_tables() -> None:
    result = parsed(
        '{"by": "N", "orders": [{"id": 1, "to": {"city": "Kiel"}, "lines": [{"sku": "a"}, {"sku": "b"}]},'
        ' {"id": 2, "lines": [{"sku": "c"}]}]}'
    )
    assert [b.text for b in result.pages[0].blocks] == ["by: N"]
    orders, lines = result.tables
    assert rows(orders) == [["id", "to.city"], ["1", "Kiel"], ["2", None]]
    assert (lines.title, rows(lines)) == ("orders.lines", [["sku"], ["a"], ["b"], ["c"]])
    assert lines.place[-1] == "/orders/1/lines/0/sku"


def test_numbers_keep_their_digits() -> None:
    (table,) = parsed('[{"n": 119.00}, {"n": 12345678901234567890123}, {"n": 1e400}]').tables
    assert list(table.text) == ["n", "119.00", "12345678901234567890123", "1e400"]


def test_name_that_comes_twice_keeps_both_values() -> None:
    (table,) = parsed('[{"a": 1, "a": 2}]').tables
    assert rows(table) == [["a", "a_2"], ["1", "2"]]


def test_many_nested_lists_stay_quick() -> None:
    with pytest.raises(InputError, match="tables") as refused:
        parsed("[" + ",".join("[[[1]]]" for _ in range(11_000)) + "]")
    assert refused.value.code == "E206"


def test_lists_of_lists_are_rows() -> None:
    (table,) = parsed("[[1, 2], [3, 4, 5]]").tables
    assert rows(table) == [["1", "2", None], ["3", "4", "5"]]


def test_json_lines_name_their_line() -> None:
    result = parsed('{"a": 1}\n{"a": 2}\n\n{"a": 3}\n', "x.jsonl")
    assert result.tables[0].place == ("line 1 /a", "line 1 /a", "line 2 /a", "line 4 /a")


@pytest.mark.parametrize(
    ("text", "code"),
    [("[" * 100_000, "E206"), ('{"a":' * 300 + "1" + "}" * 300, "E206"), ('[{"a": 1}, {"a"', "E203")],
)
def test_refused_json(text: str, code: str) -> None:
    with pytest.raises(InputError) as refused:
        parsed(text)
    assert refused.value.code == code


XML = """<?xml version="1.0"?><shop xmlns="urn:x"><owner>Anna</owner>
<item id="1"><name>Bolt</name><price cur="EUR">0.42</price></item>
<item id="2"><name>Nut <b>M8</b></name></item></shop>"""


def test_repeated_elements_become_rows() -> None:
    result = parsed(XML, "x.xml")
    assert [b.text for b in result.pages[0].blocks] == ["shop.owner: Anna"]
    (table,) = result.tables
    assert rows(table) == [
        ["@id", "name", "price.@cur", "price"],
        ["1", "Bolt", "EUR", "0.42"],
        ["2", "Nut M8", None, None],
    ]
    assert table.place[4:8] == (
        "/shop/item[1]/@id",
        "/shop/item[1]/name[1]",
        "/shop/item[1]/price[1]/@cur",
        "/shop/item[1]/price[1]",
    )


def test_names_of_pictures_are_no_entities_to_expand() -> None:
    doctype = '<!DOCTYPE r [<!NOTATION TIF SYSTEM "tif"><!ENTITY p SYSTEM "p.tif" NDATA TIF>]>'
    result = parsed(f"<?xml version='1.0'?>{doctype}<r><a>1</a></r>", "x.xml")
    assert [b.text for b in result.pages[0].blocks] == ["r.a: 1"]


ENTITY = '<!DOCTYPE r [<!ENTITY a "lol"><!ENTITY x SYSTEM "file:///etc/hostname">]>'


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f"<?xml version='1.0'?>{ENTITY}<r><row>&a;</row><row>&x;</row></r>", "E203"),
        ("<r><row><a>1</a></row><row><a>2", "E203"),
        ("<a>" * 50_000 + "x" + "</a>" * 50_000, "E206"),
        ("<a>" * 254 + "x" + "</a>" * 254, "E206"),
    ],
)
def test_refused_xml(text: str, code: str) -> None:
    with pytest.raises(InputError) as refused:
        parsed(text, "x.xml")
    assert refused.value.code == code
