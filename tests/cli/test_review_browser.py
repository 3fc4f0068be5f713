"""The page in a real browser: by keyboard alone, at two sizes, without a request and without a complaint."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from locus_dbt.cli.review.facts import Picture, Row
from locus_dbt.cli.review.page import explain_page

from .browser import CHROMIUM, Browser
from .review_facts import HOSTILE, PRINTED, ROW, cell, page, review

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: the page is not looked at")

CURRENT = "(document.querySelector('.cell[aria-current]') || {}).id"
FOCUSED = "(document.activeElement.closest('.cell') || {}).id"


@pytest.fixture(params=[(1400, 900), (480, 900)], ids=["wide", "narrow"])
def browser(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Browser]:
    width, height = request.param
    opened = Browser(tmp_path / "profile", width=width, height=height)
    yield opened
    opened.close()


def shown(browser: Browser, tmp_path: Path, made: Any) -> None:
    path = tmp_path / "review.html"
    path.write_text(explain_page(made), "utf-8")
    browser.open(path)


def visible(browser: Browser, selector: str) -> bool:
    """Whether the middle of an element lies in the window and in its pane."""
    script = f"""(() => {{
      const box = document.querySelector({selector!r}).getBoundingClientRect();
      const pane = document.querySelector('#papers').getBoundingClientRect();
      const x = box.left + box.width / 2, y = box.top + box.height / 2;
      return x > pane.left && x < pane.right && y > pane.top && y < pane.bottom && y > 0 && y < innerHeight;
    }})()"""
    return bool(browser.run(script))


def test_the_whole_page_works_by_keyboard(browser: Browser, tmp_path: Path) -> None:
    shown(browser, tmp_path, review())
    assert browser.run(CURRENT) == "cell-1"
    browser.press("n")
    assert browser.run(CURRENT) == browser.run(FOCUSED) == "cell-2"
    assert visible(browser, ".box.chosen")
    assert "2 of 7: date = 2025-11-01" in browser.run("document.getElementById('live').textContent")
    browser.press("ArrowDown")
    browser.press("n")
    assert browser.run(CURRENT) == "cell-4"
    browser.press("p")
    browser.press("ArrowUp")
    assert browser.run(CURRENT) == browser.run(FOCUSED) == "cell-2"
    browser.press("p")
    browser.press("p")
    assert browser.run(CURRENT) == "cell-1"  # it stays at the first
    browser.press("End")
    assert browser.run(CURRENT) == "cell-7"
    browser.press("f")
    assert browser.run("document.activeElement.id") == "filter"
    for letter in "line 3":
        browser.press(letter)
    assert browser.run("[...document.querySelectorAll('.cell:not([hidden])')].length") == 1
    browser.press("Enter")
    assert "supplier" in browser.run("document.activeElement.textContent")
    browser.press("Escape")
    assert browser.run("document.querySelectorAll('.cell[hidden]').length") == 0
    browser.press("?")
    assert browser.run("document.getElementById('help').open") is True
    browser.press("Enter")
    browser.wait("!document.getElementById('help').open")
    assert [r for r in browser.requests if not r.startswith(("file:", "data:"))] == []
    assert browser.problems == []


def test_click_and_hover_join_cell_and_box(browser: Browser, tmp_path: Path) -> None:
    shown(browser, tmp_path, review())
    browser.press("n")  # brings the page with the boxes into its pane
    at = "(() => { const b = document.querySelectorAll('.box .area')[%d].getBoundingClientRect(); return %s })()"
    x, y = (browser.run(at % (1, part)) for part in ("b.left + b.width / 2", "b.top + b.height / 2"))
    browser.hover(x, y)
    browser.wait("!document.getElementById('tip').hidden")
    tip = browser.run("document.getElementById('tip').textContent")
    assert "due = 119.00" in tip
    assert "total = 119.00" in tip
    browser.click(x, y)
    first = browser.run(CURRENT)
    browser.click(x, y)
    assert {first, browser.run(CURRENT)} == {"cell-3", "cell-4"}  # each click goes to the next cell of the box
    assert browser.problems == []


def test_only_one_verdict_is_shown_when_asked(browser: Browser, tmp_path: Path) -> None:
    shown(browser, tmp_path, review())
    browser.run("document.querySelector('.legend button[data-verdict=check]').click()")
    assert browser.run("[...document.querySelectorAll('.cell:not([hidden])')].map((c) => c.id)") == ["cell-3"]
    browser.press("n")
    assert browser.run(CURRENT) == "cell-3"


def test_hostile_texts_do_nothing(browser: Browser, tmp_path: Path) -> None:
    source = replace(PRINTED, document=HOSTILE, text=HOSTILE, reason=HOSTILE)
    rows = (Row(HOSTILE, ROW, (cell(HOSTILE, HOSTILE, source), cell("x", HOSTILE, None, gap=HOSTILE))),)
    shown(browser, tmp_path, replace(review(), rows=rows, pictures={(HOSTILE, 1): page()}))
    for key in ("n", "n", "p"):
        browser.press(key)
    assert browser.run("document.querySelectorAll('script').length") == 1
    assert [r for r in browser.requests if not r.startswith(("file:", "data:"))] == []
    assert browser.problems == []


def test_the_policy_stops_what_would_be_fetched(browser: Browser, tmp_path: Path) -> None:
    """If a text did get through: the browser refuses to load and to run anything."""
    path = tmp_path / "review.html"
    text = explain_page(review()).replace(
        "</main>", "<img src='https://evil.example/x'><script>document.title = 'taken'</script></main>"
    )
    path.write_text(text, "utf-8")
    browser.open(path)
    assert browser.run("document.title") != "taken"
    assert browser.run("document.querySelector('main img').naturalWidth") == 0
    assert any("Content" in problem for problem in browser.problems)


def test_boxes_lie_where_the_print_is(browser: Browser, tmp_path: Path) -> None:
    """The drawn frame surrounds what is printed: a black bar stands for the words."""
    import numpy as np
    from PIL import Image, ImageDraw

    paper = Image.new("RGB", (600, 400), "white")
    ImageDraw.Draw(paper).rectangle((200, 160, 279, 183), fill="black")  # twice the points of the box
    out = io.BytesIO()
    paper.save(out, "PNG")
    made = replace(review(), pictures={("a.pdf", 1): Picture(300.0, 200.0, "image/png", out.getvalue())})
    only = Row("main.mart", ROW, (cell("total", "119.00", PRINTED),))
    shown(browser, tmp_path, replace(made, rows=(only,)))
    browser.press("n")
    with Image.open(io.BytesIO(browser.screenshot())) as taken:
        pixels = np.asarray(taken.convert("RGB")).astype(int)
    left, top, right, bottom = (
        round(browser.run(f"document.querySelector('.box .frame').getBoundingClientRect().{side}"))
        for side in ("left", "top", "right", "bottom")
    )
    inside = pixels[top + 4 : bottom - 4, left + 4 : right - 4]
    assert (inside.sum(axis=2) < 60).mean() > 0.9
    around = pixels[top - 12 : top - 8, left:right]
    assert (around.min(axis=2) > 200).mean() > 0.5
