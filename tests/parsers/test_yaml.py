"""YAML: lists of mappings become tables, every value once at its line and pointer; hostile streams are refused."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from locus_dbt.errors import InputError
from locus_dbt.model.element import Parsed, Table
from tests.make_fixtures.run_image import read

NAMES = st.text("abcxyz/~ é", min_size=1, max_size=6).filter(lambda s: s == s.strip())
VALUES = st.text("abc: #é'-[", min_size=1, max_size=8) | st.integers()


def parsed(text: str) -> Parsed:
    return read(text.encode(), "x.yaml").parsed


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


@given(st.lists(st.dictionaries(NAMES, VALUES, min_size=1, max_size=4), min_size=2, max_size=5))
def test_every_value_stands_once_at_its_pointer(data: list[dict[str, Any]]) -> None:
    text = yaml.safe_dump(data, allow_unicode=True)
    (table,) = parsed(text).tables
    body = [i for i in range(len(table)) if not table.is_header[i]]
    assert len(body) == sum(len(record) for record in data)
    for i in body:
        line, pointer = table.place[i].removeprefix("line ").split(" ", 1)
        assert table.text[i] == str(follow(data, pointer))
        assert 1 <= int(line) <= text.count("\n")


def test_scalars_keep_the_form_that_was_written() -> None:
    (table,) = parsed("- {code: 0123, ok: yes, at: 2026-01-02, none: ~}\n- {code: 1.10}\n").tables
    assert rows(table) == [
        ["code", "ok", "at", "none"],
        ["0123", "yes", "2026-01-02", None],
        ["1.10", None, None, None],
    ]


def test_merged_members_and_aliases_are_read_where_they_are_used() -> None:
    result = parsed("base: &b {x: 1, y: 2}\nlist:\n- <<: *b\n  y: 3\n- *b\n")
    assert [b.text for b in result.pages[0].blocks] == ["base.x: 1", "base.y: 2"]
    assert rows(result.tables[0]) == [["y", "x"], ["3", "1"], ["2", "1"]]


def test_documents_of_a_stream_are_rows() -> None:
    (table,) = parsed("---\nkind: a\nn: 1\n---\nkind: b\n").tables
    assert rows(table) == [["kind", "n"], ["a", "1"], ["b", None]]
    assert table.place[-1] == "line 5 /1/kind"


BOMB = "a: &a [x, x]\n" + "".join(
    f"{b}: &{b} [{', '.join(f'*{a}' for _ in range(9))}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        (BOMB, "E206", "aliases"),
        ("a: &x [*x]\n", "E203", "contains itself"),
        ("[" * 50_000, "E206", "deeper"),
        ("- " * 3000 + "x", "E206", "deeper"),
        ("a: 1\nb: [1, 2\nc: 3\n", "E203", "line 3"),
    ],
    ids=["billion laughs", "loop", "depth", "depth of blocks", "no YAML"],
)
def test_refused_yaml(text: str, code: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as refused:
        parsed(text)
    assert refused.value.code == code


def test_tags_make_no_objects() -> None:
    result = parsed("run: !!python/object/apply:os.system ['echo hi']\n")
    assert rows(result.tables[0])[-1] == ["echo hi"]
