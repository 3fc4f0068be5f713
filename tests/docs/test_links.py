"""Every relative link and anchor in README, changelog and docs leads somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.fences import ROOT, documents

_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
_ANCHOR = re.compile(r'<a id="([^"]+)">')


def prose(path: Path) -> str:
    return re.sub(r"^ *```.*?^ *```", "", path.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)


def anchors(path: Path) -> set[str]:
    """As GitHub makes them: lower case, punctuation dropped, blanks to hyphens, doubles numbered."""
    text = prose(path)
    found: set[str] = set(_ANCHOR.findall(text))
    for heading in _HEADING.findall(text):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "")
        slug = re.sub(r"[^\w\- ]", "", plain.strip().lower()).replace(" ", "-")
        n = 0
        while (numbered := slug if n == 0 else f"{slug}-{n}") in found:
            n += 1
        found.add(numbered)
    return found


READMES = [ROOT / "example_project" / "README.md", *sorted((ROOT / "locus_dbt" / "images").glob("*/README.md"))]


@pytest.mark.parametrize("path", [*documents(), *READMES], ids=lambda p: p.relative_to(ROOT).as_posix())
def test_links(path: Path) -> None:
    broken = []
    for target in _LINK.findall(re.sub(r"`[^`\n]*`", "", prose(path))):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        there = (path.parent / name).resolve() if name else path
        if not there.exists() or not there.is_relative_to(ROOT):
            broken.append(target)
        elif anchor and there.suffix == ".md" and anchor not in anchors(there):
            broken.append(f"{target} (no such heading)")
    assert not broken


@pytest.mark.parametrize("path", documents(), ids=lambda p: p.relative_to(ROOT).as_posix())
def test_pages_name_no_machine_path(path: Path) -> None:
    assert not re.search(r"(?<![\w.])/(?:home|work|tmp|root|Users)/", path.read_text("utf-8"))


def test_every_page_can_be_reached() -> None:
    """Over links; one to a folder reaches the pages in it and in the folders below, as a reader sees them there."""
    reached, todo = set(), [ROOT / "README.md"]
    while todo:
        path = todo.pop()
        if path in reached:
            continue
        reached.add(path)
        for target in _LINK.findall(prose(path)):
            name = target.partition("#")[0]
            there = (path.parent / name).resolve() if name and not re.match(r"[a-z]+:", name) else None
            if there is None or not there.is_relative_to(ROOT):
                continue
            if there.suffix == ".md":
                todo.append(there)
            elif there.is_dir():
                todo += [*there.glob("*.md"), *there.glob("*/*.md")]
    assert not {p.relative_to(ROOT).as_posix() for p in documents()} - {
        p.relative_to(ROOT).as_posix() for p in reached if p.exists()
    }
