"""The page of ``locus explain --html``: whole in itself, safe against what documents say, the ungrounded first."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from locus_dbt.cli.review.facts import VERDICTS, Cell, Review, Row
from locus_dbt.cli.review.page import explain_page
from locus_dbt.cli.review.verdicts import LOOKS

from .review_facts import HOSTILE, PRINTED, ROW, cell, page, review


def read(text: str) -> Any:
    return html.document_fromstring(text)


def loads(tree: Any) -> list[str]:
    """Every address that a browser would fetch by itself, and every link."""
    names = ("src", "href", "action", "data", "poster", "srcset", "background", "formaction")
    return [v for e in tree.iter() for k, v in e.attrib.items() if k.split("}")[-1] in names]


def test_the_page_needs_nothing_but_itself() -> None:
    text = explain_page(review())
    tree = read(text)
    assert all(v.startswith(("#", "data:image/png;base64,")) for v in loads(tree))
    assert not tree.xpath("//link | //iframe | //object | //embed | //base | //form[@action]")
    style, script = (tree.xpath(f"string(//{name})") for name in ("style", "script"))
    assert not re.search(r"url\(|@import|https?:|//[a-z]", style)
    assert not re.search(r"fetch\(|XMLHttpRequest|import\(|WebSocket|https?:|innerHTML|insertAdjacent|eval\(", script)
    assert "http" not in re.sub(r"base64,[^\"]*", "", text).replace("http-equiv", "")


def test_its_policy_allows_its_own_style_script_and_pictures_and_no_more() -> None:
    text = explain_page(review())
    tree = read(text)
    (policy,) = tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["img-src"] == "data:"
    for name in ("style", "script"):
        (own,) = re.findall(rf"<{name}>(.*?)</{name}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(own.encode()).digest()).decode()
        assert rules[f"{name}-src"] == f"'sha256-{digest}'"
    assert not [k for e in tree.iter() for k in e.attrib if k == "style" or k.startswith("on")]


def hostile(text: str) -> Review:
    """The same text everywhere a text can stand."""
    source = replace(
        PRINTED, column=text, document=text, image=text, image_version=text, place=text, text=text, value=text,
        rule=text, grounding=text, mode=text, checks=(text,), reason=text, input_names=(text, text + "2"),
    )  # fmt: skip
    source = replace(source, inputs=(replace(source, inputs=()),))
    one = cell(text, text, source)
    way = replace(one.ways[0], steps=(replace(one.ways[0].steps[0], model=text, image=text, kind=text, unknown=text),))
    cells = (replace(one, ways=(way,)), cell(text, text, None, gap=text), Cell(text, None, refused=text))
    return Review(
        text, (Row(text, text, cells), Row(text, text, cells)), 2, {(text, 1): page()}, {}, {text: text}, (text,)
    )


def skeleton(text: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(e.tag, tuple(sorted(e.attrib))) for e in read(text).iter() if isinstance(e.tag, str)]


def test_what_a_document_says_never_becomes_markup() -> None:
    text = explain_page(hostile(HOSTILE))
    assert skeleton(text) == skeleton(explain_page(hostile("harmless")))
    assert "&lt;script&gt;alert(1)" in text
    assert "\u202e" not in text  # a text must not turn round the order of what is printed beside it
    assert len(read(text).xpath("//script")) == 1


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=40))
def test_no_text_changes_the_form_of_the_page(said: str) -> None:
    assert skeleton(explain_page(hostile("x" + said))) == skeleton(explain_page(hostile("harmless")))


def test_every_cell_is_there_with_value_print_score_rule_and_reason_and_the_ungrounded_come_first() -> None:
    made = review()
    tree = read(explain_page(made))
    items = tree.xpath("//li[contains(@class, 'cell')]")
    assert [i.get("data-verdict") for i in items] == [
        "ungrounded", "ungrounded", "check", "printed", "printed", "uncompared", "empty",
    ]  # fmt: skip
    texts = {i.xpath("string(.//*[@class='column'])").split(". ", 1)[1]: i.text_content() for i in items}
    assert set(texts) == {c.column for row in made.rows for c in row.cells}
    assert "stops here" in texts["joined"]
    assert "it comes from a joined relation" in texts["joined"]
    for said in ("ungrounded", "2025-11-01", "printed 11.01.2025", "page 1", "0.20", "the cited text is"):
        assert said in texts["date"]
    for said in ("to check", "rule number, decimal comma", "nothing was paid", "holds: net + tax = gross"):
        assert said in texts["due"]
    assert "total = 119.00: page 1, box 100.0, 80.0 to 140.0, 92.0, printed 119,00, score 0.98" in texts["due"]
    assert "paid: no place is recorded" in texts["due"]
    assert "not a number [E301]: 'n/a'" in texts["paid"]
    assert "DuckDB read the file itself" in texts["since"]


def test_cell_and_box_lead_to_each_other_and_a_box_of_two_cells_to_both() -> None:
    tree = read(explain_page(review()))
    ids = tree.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert {v[1:] for v in loads(tree) if v.startswith("#")} <= set(ids)
    for item in tree.xpath("//li[contains(@class, 'cell')]"):
        for mark_id in item.get("data-at").split():
            (mark,) = tree.xpath(f"//*[@id='{mark_id}']")
            assert item.get("id") in mark.get("data-cells").split()
    shared = [m for m in tree.xpath("//*[contains(@class, 'box')]") if len((m.get("data-cells") or "").split()) == 2]
    assert len(shared) == 1
    assert "v-check" in shared[0].get("class")  # the worse of the two
    (frame,) = shared[0].xpath(".//*[@class='frame']")
    assert [float(frame.get(k)) for k in ("x", "y", "width", "height")] == pytest.approx([99, 79, 42, 14])


def test_verdicts_are_told_apart_by_word_sign_and_line_not_only_by_colour() -> None:
    assert len({look.word for look in LOOKS.values()}) == len(VERDICTS)
    assert len({look.sign for look in LOOKS.values()}) == len(VERDICTS)
    drawn = [LOOKS[v].dash for v in ("ungrounded", "check", "printed", "uncompared")]
    assert len(set(drawn)) == len(drawn)
    tree = read(explain_page(review()))
    for mark in tree.xpath("//svg/a"):
        assert mark.xpath("string(.//text)").strip()[-1] in {look.sign for look in LOOKS.values()}
        assert mark.get("aria-label")


def test_formats_without_pages_show_what_stands_around_the_place() -> None:
    tree = read(explain_page(review()))
    (figure,) = tree.xpath("//figure[contains(@class, 'excerpt')]")
    lines = [[c.text_content().strip() for c in row] for row in figure.xpath(".//tr")]
    assert lines == [["1", "no", "name"], ["⋮", ""], ["3", "1", "✓ Kessler"], ["4", "2", "Ostermoor"]]


def test_nothing_to_show_is_said_in_words() -> None:
    fine = replace(review(), rows=(Row("main.mart", ROW, (cell("total", "119.00", PRINTED),)),))
    assert "None: every value here leads to a place" in explain_page(fine)
    assert "There are no cells to show." in explain_page(Review("main.mart", (Row("main.mart", ROW, ()),)))
    assert "There are no cells to show." in explain_page(Review("main.mart", (), 0))
    assert "No document can be shown" in explain_page(replace(review(), pictures={}, excerpts={}, troubles={}))
    gone = explain_page(replace(review(), pictures={}, troubles={"a.pdf": "it changed since it was read"}))
    assert "<bdi>a.pdf</bdi> is not shown: it changed since it was read" in gone
    assert "7 pages are not embedded" in explain_page(replace(review(), left_out=("7 pages are not embedded",)))
