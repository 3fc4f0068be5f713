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
    assert [(b.kind, b.level, b.text, b.place) for b in result.pages[0].blocks] == [
        ("code", 0, "title: x", "line 1"),
        ("heading", 1, "Heading one", "line 4"),
        ("paragraph", 0, "Some text with a link and code. More of it.", "line 7"),
        ("heading", 2, "Two", "line 10"),
        ("code", 0, "| no | table |\n|----|-------|", "line 17"),
        ("list", 0, "1. first", "line 21"),
        ("list", 0, "2. second", "line 22"),
    ]
    (table,) = result.tables
    assert rows(table) == [["a", "b | c"], ["1", "2"], ["3"]]
    assert table.place[2] == "line 14"


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
