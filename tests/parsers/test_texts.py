"""Plain text, Markdown and mail."""

from __future__ import annotations

from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locus_dbt.errors import InputError
from locus_dbt.model.element import Parsed, Table
from locus_dbt.parsers.markdown import fields
from tests.make_fixtures.run_image import read


def parsed(text: str | bytes, name: str) -> Parsed:
    return read(text.encode() if isinstance(text, str) else text, name).parsed


def rows(table: Table) -> list[list[str]]:
    out: list[list[str]] = [[] for _ in range(table.n_rows)]
    for row, text in zip(table.row.tolist(), table.text, strict=True):
        out[row].append(text)
    return out


FIXED = """Dear all,
the list follows.

Article    Name          Price
------------------------------
S-100      Hex bolt       0.42
S-101      Hex nut M8     0.11
S-1        Washer        12.00

- first
- second
  goes on
"""


def test_plain_text_with_a_table_set_in_columns() -> None:
    result = parsed(FIXED, "x.txt")
    (table,) = result.tables
    assert rows(table) == [
        ["Article", "Name", "Price"],
        ["S-100", "Hex bolt", "0.42"],
        ["S-101", "Hex nut M8", "0.11"],
        ["S-1", "Washer", "12.00"],
    ]
    assert table.place[3] == "line 6"
    assert [(b.kind, b.text, b.place) for b in result.pages[0].blocks] == [
        ("paragraph", "Dear all,\nthe list follows.", "line 1"),
        ("list", "- first", "line 10"),
        ("list", "- second\ngoes on", "line 11"),
    ]


def test_drawn_table() -> None:
    (table,) = parsed("+---+-----+\n| a | qty |\n+---+-----+\n| x | 1   |\n+---+-----+\n", "x.txt").tables
    assert rows(table) == [["a", "qty"], ["x", "1"]]


def test_prose_is_no_table() -> None:
    text = "It was late  and the rain fell.\nNobody came, so  they left.\nThe end was near  for all of them.\n"
    assert parsed(text, "x.txt").tables == ()


TOTALLED = """Sales by region
Region      Q1     Q2
North       12    1.5
South      100   22.0
All of the regions  23.5
"""
DASHED = """Name           Amount  Remark
----           ------  -----------
Meyer and Sons 345.00 paid  late
Otto                    open
"""
WRAPPED = """+-----+-------+
| a   | b     |
+=====+=======+
| one | first |
| two | line  |
+-----+-------+
| x   |       |
+-----+-------+
"""
HEAVY = "┏━━━┳━━━┓\n┃ a ┃ b ┃\n┡━━━╇━━━┩\n│ 1 │ x │\n└───┴───┘\n"
SHELL = " id | name\n----+------\n  1 | x\n  2 |\n(2 rows)\n"
RIGHT = "         2024    2023\nSales   1,200   1,100\nCosts   (300)   (250)\n"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            TOTALLED,
            [
                ["Region", "Q1", "Q2"],
                ["North", "12", "1.5"],
                ["South", "100", "22.0"],
                ["All of the regions", "", "23.5"],
            ],
        ),
        (DASHED, [["Name", "Amount", "Remark"], ["Meyer and Sons", "345.00", "paid late"], ["Otto", "", "open"]]),
        (WRAPPED, [["a", "b"], ["one\ntwo", "first\nline"], ["x", ""]]),
        (HEAVY, [["a", "b"], ["1", "x"]]),
        (SHELL, [["id", "name"], ["1", "x"], ["2", ""]]),
        (RIGHT, [["", "2024", "2023"], ["Sales", "1,200", "1,100"], ["Costs", "(300)", "(250)"]]),
    ],
    ids=["title and total", "dashes", "wrapped cells", "heavy box", "database shell", "right-aligned"],
)
def test_tables_in_plain_text(text: str, wanted: list[list[str]]) -> None:
    (table,) = parsed(text, "x.txt").tables
    assert rows(table) == wanted


@given(
    st.lists(
        st.tuples(st.text("abcdef", min_size=1, max_size=9), st.integers(0, 99_999), st.text("xyz ", max_size=20)),
        min_size=3,
        max_size=12,
    )
)
def test_columns_set_with_blanks_come_back(records: list[tuple[str, int, str]]) -> None:
    text = f"{'Name':<10}  {'Number':>8}  Remark\n"
    text += "".join(f"{name:<10}  {number:>8}  {' '.join(remark.split())}\n" for name, number, remark in records)
    (table,) = parsed(text, "x.txt").tables
    found = rows(table)
    assert [row[:2] for row in found[1:]] == [[name, str(number)] for name, number, _ in records]
    assert found[0][:2] == ["Name", "Number"]


MARKDOWN = """---
title: x
---
Heading one
===========

Some *text* with [a link](http://example.invalid) and `code`.
More of it.

## Two ##

| a | b \\| c |
|---|:-----:|
| 1 | **2** |
| 3 |

```sql
| no | table |
|----|-------|
```
1. first
2. second
"""


def test_markdown() -> None:
    result = parsed(MARKDOWN, "x.md")
    assert result.metadata["title"] == "x"
    assert [(b.kind, b.level, b.text, b.place) for b in result.pages[0].blocks] == [
        ("key_value", 0, "title: x", "line 2 /title"),
        ("heading", 1, "Heading one", "line 4"),
        ("paragraph", 0, "Some text with a link and code. More of it.", "line 7"),
        ("heading", 2, "Two", "line 10"),
        ("code", 0, "| no | table |\n|----|-------|", "line 17"),
        ("list", 1, "first", "line 21"),
        ("list", 1, "second", "line 22"),
    ]
    assert [b.label for b in result.pages[0].blocks if b.kind == "list"] == ["1.", "2."]
    (table,) = result.tables
    assert rows(table) == [["a", "b | c"], ["1", "2"], ["3"]]
    assert table.place[2] == "line 14"


def test_markdown_lists_quotes_and_references() -> None:
    result = parsed(
        "- a\n  - b\n    more\n    3. c\n- d\n> a [page][p] & `<b>`\n> | k |\n> |---|\n> | a<br>b |\n\n"
        "[p]: https://example.invalid 'title'\n\nText[^1]\n\n[^1]: A note\n\n    code\n",
        "x.md",
    )
    assert [(b.kind, b.level, b.label, b.text) for b in result.pages[0].blocks] == [
        ("list", 1, "•", "a"),
        ("list", 2, "•", "b more"),
        ("list", 3, "3.", "c"),
        ("list", 1, "•", "d"),
        ("paragraph", 0, "", "a page & <b>"),
        ("paragraph", 0, "", "Text[^1]"),
        ("footnote", 0, "1", "A note"),
        ("code", 0, "", "code"),
    ]
    assert rows(result.tables[0]) == [["k"], ["a\nb"]]


def test_markdown_html_table_with_blank_lines_is_one() -> None:
    (table,) = parsed("<table>\n\n<tr><th>h</th></tr>\n\n<tr><td>1</td></tr>\n</table>\n\ntext\n", "x.md").tables
    assert rows(table) == [["h"], ["1"]]


@given(
    st.lists(
        st.text(st.characters(exclude_characters="\\|\n\r", exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp"))),
        min_size=2,
        max_size=6,
    )
)
def test_fields_of_a_table_line_come_back(texts: list[str]) -> None:
    if texts[-1]:
        assert fields("| " + " | ".join(texts) + " |") == texts


def mail() -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Anna Öz <a@example.invalid>"
    message["To"] = "b@example.invalid"
    message["Subject"] = "Prüfung"
    message.set_content("plain words\n")
    message.add_alternative(
        "<p>rich words</p><table><tr><th>k</th><th>v</th></tr><tr><td>a</td><td>1</td></tr></table>",
        subtype="html",
    )
    message.add_attachment(b"id\n1\n", maintype="text", subtype="csv", filename="../../list.csv")
    return message


def test_mail() -> None:
    result = parsed(mail().as_bytes(), "x.eml")
    texts = [(b.kind, b.text, b.place) for b in result.pages[0].blocks]
    assert texts == [
        ("key_value", "From: Anna Öz <a@example.invalid>", "header From"),
        ("key_value", "To: b@example.invalid", "header To"),
        ("key_value", "Subject: Prüfung", "header Subject"),
        ("paragraph", "rich words", "body /html/body/p[1]"),
    ]
    assert result.tables[0].place[2] == "body /html/body/table[1]/tr[2]/td[1]"
    (attachment,) = result.attachments
    assert (attachment.name, attachment.media_type, attachment.data) == ("list.csv", "text/csv", b"id\n1\n")


def test_encoded_line_break_in_a_header_stays_one_line() -> None:
    result = parsed(
        "Subject: hello =?utf-8?q?=0ABcc:_x=40example.invalid?=\nFrom: a@example.invalid\n\nbody\n", "x.eml"
    )
    assert result.metadata["subject"] == "hello Bcc: x@example.invalid"


def test_parts_without_end_are_refused() -> None:
    head = "From: a@example.invalid\nSubject: loop\nContent-Type: multipart/mixed; boundary=x\n\n"
    deep = "".join(f"--x{i}\nContent-Type: multipart/mixed; boundary=x{i + 1}\n\n" for i in range(100))
    with pytest.raises(InputError) as refused:
        parsed(head.replace("=x", "=x0") + deep, "x.eml")
    assert refused.value.code == "E206"
