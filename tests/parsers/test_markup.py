"""reStructuredText, Org, AsciiDoc and XML documents: headings, lists, tables with places."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings

from locus_dbt.errors import InputError
from locus_dbt.model.element import Parsed
from locus_dbt.parsers import detect
from tests.make_fixtures.run_image import read
from tests.parsers.grids import Spanned, cells_of, spanned_grids

RST = """=====
Title
=====

Intro with ``code``, *stress* and a `link <https://a.invalid>`_.

Part
----

- one
  goes on
- two

1. first

.. note:: Mind the gap.

.. code-block:: python

   x = 1

.. csv-table:: Prices
   :header: "Item", "Price"

   bolt, "1,5"

=====  =====
A      B
=====  =====
1      2
3      long text
       here
=====  =====

.. [1] A note.
"""
ORG = """#+TITLE: Plan
* Head :tag:
Some *bold* text and a [[https://a.invalid][link]].
- one
  goes on
1. first
#+CAPTION: Prices
| Item | Price |
|------+-------|
| bolt | 1.5   |
#+BEGIN_SRC python
x = 1
#+END_SRC
"""
ADOC = """= Plan
:author: Ada

== Head

Some *bold* text and https://a.invalid[link].

* one
** inner
. first

.Prices
[cols="1,1", options="header"]
|===
|Item |Price
|bolt |1.5
2+|none
|===

----
x = 1
----
"""
ARTICLE = """<?xml version="1.0"?>
<!DOCTYPE article PUBLIC "-//X" "x.dtd">
<article><front><article-meta><journal-id>J</journal-id><title-group><article-title>On bolts</article-title>
</title-group></article-meta></front><body><sec><label>1</label><title>Intro</title>
<p>Bolts hold <italic>many</italic> things together well.</p>
<p>Nuts hold bolts, and they do it rather well:<list list-type="order"><list-item>
<label>a</label><p>steel nuts</p></list-item></list></p>
<p>Washers are put between them so that nothing moves.</p>
<table-wrap><label>Table 1</label><caption><p>Sizes</p></caption><table><thead><tr><th>Size</th><th>mm</th></tr></thead>
<tbody><tr><td rowspan="2">M</td><td>8</td></tr><tr><td>9</td></tr></tbody></table></table-wrap></sec></body></article>
"""


def shown(found: Parsed) -> list[tuple[str, int, str, str]]:
    return [(b.kind, b.level, b.label, b.text) for b in found.pages[0].blocks]


def test_restructured_text() -> None:
    document = read(RST.encode(), "x.rst")
    found = document.parsed
    assert document.media_type == detect.RST
    assert shown(found) == [
        ("heading", 1, "", "Title"), ("paragraph", 0, "", "Intro with code, stress and a link."),
        ("heading", 2, "", "Part"), ("list", 1, "", "one goes on"), ("list", 1, "", "two"), ("list", 1, "1.", "first"),
        ("paragraph", 0, "", "Mind the gap."), ("code", 0, "", "x = 1"), ("footnote", 0, "1", "A note."),
    ]  # fmt: skip
    prices, simple = found.tables
    assert (prices.title, prices.text) == ("Prices", ("Item", "Price", "bolt", "1,5"))
    assert simple.text == ("A", "B", "1", "2", "3", "long text here")
    assert simple.is_header.tolist() == [True, True, False, False, False, False]
    assert simple.place[2] == "line 30"


def drawn(grid: list[Spanned]) -> str:
    """The grid as a drawing of reStructuredText."""
    wide = max(len(c.text) for c in grid) + 3
    height, width = 2 * max(c.row + c.row_span for c in grid) + 1, wide * max(c.col + c.col_span for c in grid) + 1
    signs = [[" "] * width for _ in range(height)]
    for c in grid:
        x0, y0, x1, y1 = c.col * wide, c.row * 2, (c.col + c.col_span) * wide, (c.row + c.row_span) * 2
        for x in range(x0, x1 + 1):
            for y in (y0, y1):
                signs[y][x] = signs[y][x] if signs[y][x] == "+" else "-"
        for y in range(y0, y1 + 1):
            for x in (x0, x1):
                signs[y][x] = signs[y][x] if signs[y][x] == "+" else "|"
        for x, y in ((x0, y0), (x1, y0), (x0, y1), (x1, y1)):
            signs[y][x] = "+"
        signs[y0 + 1][x0 + 2 : x0 + 2 + len(c.text)] = c.text
    return "\n".join("".join(line) for line in signs) + "\n"


@settings(max_examples=60, deadline=None)
@given(spanned_grids())
def test_any_drawn_table_comes_back(grid: list[Spanned]) -> None:
    # rows that only spanning cells begin in have no line of their own in a drawing
    plain = [Spanned(c.row, c.col, c.row_span, c.col_span, f"t{i}") for i, c in enumerate(grid)]
    rows = sorted({c.row for c in plain})
    (found,) = read(drawn(plain).encode(), "x.rst").parsed.tables
    wanted = [
        Spanned(rows.index(c.row), c.col, sum(1 for r in rows if c.row <= r < c.row + c.row_span), c.col_span, c.text)
        for c in plain
    ]
    assert cells_of(found) == wanted


@pytest.mark.parametrize(("text", "name"), [(ORG, "x.org"), (ADOC, "x.adoc")])
def test_org_and_asciidoc(text: str, name: str) -> None:
    found = read(text.encode(), name).parsed
    kinds = [(kind, text) for kind, _, _, text in shown(found)]
    assert [text for kind, text in kinds if kind == "heading"] == ["Plan", "Head"]
    assert [text for kind, text in kinds if kind == "list"][-1] == "first"
    assert ("code", "x = 1") in kinds
    assert any(text.startswith("Some bold text and") and text.endswith("link.") for _, text in kinds)
    (table,) = found.tables
    assert table.title == "Prices"
    assert table.text[:4] == ("Item", "Price", "bolt", "1.5")
    assert table.is_header.tolist()[:3] == [True, True, False]


def test_asciidoc_spans() -> None:
    (table,) = read(ADOC.encode(), "x.adoc").parsed.tables
    assert cells_of(table)[-1] == Spanned(2, 0, 1, 2, "none")


def test_xml_articles_are_text_and_tables() -> None:
    found = read(ARTICLE.encode(), "x.nxml").parsed
    assert shown(found) == [
        ("key_value", 0, "journal-id", "J"), ("heading", 1, "", "On bolts"), ("heading", 2, "1", "Intro"),
        ("paragraph", 0, "", "Bolts hold many things together well."),
        ("paragraph", 0, "", "Nuts hold bolts, and they do it rather well:"), ("list", 1, "a", "steel nuts"),
        ("paragraph", 0, "", "Washers are put between them so that nothing moves."),
    ]  # fmt: skip
    (table,) = found.tables
    assert table.title == "Table 1 Sizes"
    assert cells_of(table) == [
        Spanned(0, 0, 1, 1, "Size"), Spanned(0, 1, 1, 1, "mm"), Spanned(1, 0, 2, 1, "M"), Spanned(1, 1, 1, 1, "8"),
        Spanned(2, 1, 1, 1, "9"),
    ]  # fmt: skip
    assert table.place[0] == "/article/body[1]/sec[1]/table-wrap[1]/table[1]/thead[1]/tr[1]/th[1]"


def test_records_with_paragraphs_stay_records() -> None:
    prose = "<text><p>One <b>two</b> three four five six seven eight.</p></text>"
    data = "<shop>" + "".join(f"<item><id>{i}</id><price>{i}.5</price>{prose}</item>" for i in range(4)) + "</shop>"
    (table,) = read(data.encode(), "x.xml").parsed.tables
    assert table.n_rows == 5
    assert table.text[:2] == ("id", "price")


def test_records_stay_records() -> None:
    data = "<orders><order><id>1</id><p>short</p></order><order><id>2</id><p>text</p></order></orders>"
    (table,) = read(data.encode(), "x.xml").parsed.tables
    assert table.text == ("id", "p", "1", "short", "2", "text")


@pytest.mark.parametrize(
    "text",
    ["+-" * 20_000 + "+\n| x |\n", "= " * 30_000, "`" * 30_000, "*" * 30_000 + "a" * 30_000, "|" * 30_000 + "\n",
     "[" * 30_000,
     "+--+\n" * 3_000, "== ==\n" * 3_000, "- " * 20_000, ".. x\n" * 5_000, "|===\n" + "|a " * 30_000 + "\n|===\n"],
)  # fmt: skip
@pytest.mark.parametrize("name", ["x.rst", "x.org", "x.adoc"])
def test_no_text_makes_a_pattern_explode(text: str, name: str) -> None:
    with contextlib.suppress(InputError):  # too many columns is an answer as well
        assert read(text.encode(), name).parsed.pages
