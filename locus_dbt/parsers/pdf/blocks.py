"""Running text: paragraphs, lists, headings with their level, captions, notes, running heads and feet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import pairwise

from locus_dbt.model.element import Block, BlockKind
from locus_dbt.parsers.pdf.grid import Rect
from locus_dbt.parsers.pdf.kinds import is_caption, is_initial, list_marker, names_section, note_marker
from locus_dbt.parsers.pdf.printed import TextRow
from locus_dbt.parsers.pdf.running import page_number

Rank = tuple[float, bool]

_MOST_LEVELS = 6
_NEAR = 3.0  # points: indents this near are one depth
_LINE_STEP = 1.75  # em: lines further apart are two paragraphs, unless the document is set wider
_WIDEST_STEP = 2.6


@dataclass(slots=True)
class Group:
    """Lines that make one block, with its level and label."""

    kind: BlockKind
    rows: list[TextRow]
    level: int = 0
    label: str = ""


@dataclass(slots=True)
class Style:
    """How a document is set, learned from its first window of pages and kept for all others.

    ``body`` is the size most characters are set in; ``step`` the distance (em) up to which lines are one paragraph;
    ``levels`` gives headings their level by size and weight;
    ``outline`` holds the level of each bookmark by page and title (letters and figures only, lower case).
    """

    body: float = 0.0
    step: float = _LINE_STEP
    levels: dict[Rank, int] = field(default_factory=dict)
    outline: Mapping[tuple[int, str], int] = field(default_factory=dict)

    def learn(self, pages: Sequence[Sequence[TextRow]], running: AbstractSet[int]) -> list[list[Group]]:
        """The groups of each page; size and levels are taken from the first pages that have text, and kept."""
        first = not self.body and any(pages)
        if first:
            self.body = _body_size(pages)
            self.step = _line_step(pages, self.body)
        groups = [group_rows(rows, running, self) for rows in pages]
        if first:
            self._learn_levels([g for page in groups for g in page if g.kind == "heading"])
        return groups

    def _learn_levels(self, headings: Sequence[Group]) -> None:
        """Levels by size and weight, largest first; where bookmarks or tags tell the level, what most of them say."""
        votes: dict[Rank, Counter[int]] = {}
        for group in headings:
            votes.setdefault(_rank(group.rows[0]), Counter())[group.level] += 1
        self.levels = {rank: min(_MOST_LEVELS, k + 1) for k, rank in enumerate(sorted(votes, reverse=True))}
        for rank, levels in votes.items():
            told = [(n, level) for level, n in levels.items() if level]
            if told:
                self.levels[rank] = max(told)[1]

    def level(self, row: TextRow) -> int:
        """The level of a heading by its print; one of a print not seen before lies between its neighbours."""
        rank = _rank(row)
        if rank in self.levels:
            return self.levels[rank]
        larger = [level for known, level in self.levels.items() if known > rank]
        return min(_MOST_LEVELS, max(larger, default=0) + 1)


def build_blocks(groups: Sequence[Group], style: Style, lexicon: AbstractSet[str] = frozenset()) -> list[Block]:
    """Blocks of one page, ``order`` counted from 0; ``lexicon`` holds whole words of the pages around it."""
    out: list[Block] = []
    for group in groups:
        level = group.level or (style.level(group.rows[0]) if group.kind == "heading" else 0)
        text = join_lines([r.text for r in group.rows], lexicon)
        out.append(Block(group.kind, text, len(out), group.rows[0].page, around(group.rows), level, "", group.label))
    return out


def lexicon_of(pages: Sequence[Sequence[TextRow]]) -> frozenset[str]:
    """The words of some pages, when one of their lines ends in a hyphen: what tells which hyphens belong to a word."""
    if not any(r.text.endswith("-") for rows in pages for r in rows):
        return frozenset()
    return frozenset(word.strip(".,;:!?()\"'").lower() for rows in pages for r in rows for word in r.text.split())


def join_lines(lines: Sequence[str], lexicon: AbstractSet[str]) -> str:
    """Lines put together; a word parted at a line's end becomes one, its hyphen kept where it belongs to the word."""
    out = lines[0]
    for line in lines[1:]:
        if not (out.endswith("-") and out[-2:-1].isalpha() and line[:1].islower()):
            out += " " + line
            continue
        left, right = out.rsplit(" ", 1)[-1], line.split(" ", 1)[0].rstrip(".,;:!?()\"'")
        with_hyphen, without = (left + right).lower(), (left[:-1] + right).lower()
        keeps = (with_hyphen in lexicon and without not in lexicon) or "-" in left[:-1]
        out = (out if keeps else out[:-1]) + line
    return out


def _body_size(pages: Sequence[Sequence[TextRow]]) -> float:
    """The size most characters are set in, to half a point."""
    count: Counter[float] = Counter()
    for rows in pages:
        for row in rows:
            count[round(row.size * 2) / 2] += len(row.text)
    return max(count.items(), key=lambda kv: (kv[1], kv[0]))[0] if count else 10.0


def _line_step(pages: Sequence[Sequence[TextRow]], body: float) -> float:
    """How far lines of one paragraph may be apart: a little more than the lines of the body usually are."""
    count: Counter[float] = Counter()
    for rows in pages:
        for a, b in pairwise(rows):
            if (
                a.free
                and b.free
                and abs(a.size - body) < 1
                and abs(b.size - body) < 1
                and a.n_words > 5
                and b.n_words > 5
            ):
                step = (b.box[1] - a.box[1]) / body
                if 0.8 < step < _WIDEST_STEP:
                    count[round(step, 1)] += 1
    if not count:
        return _LINE_STEP
    usual = max(count.items(), key=lambda kv: (kv[1], -kv[0]))[0]
    return min(_WIDEST_STEP, max(_LINE_STEP, 1.15 * usual))


def group_rows(rows: Sequence[TextRow], running: AbstractSet[int], style: Style) -> list[Group]:
    """The free lines of a page in groups, each of one kind."""
    page = _PageKinds(rows, running, style)
    out: list[Group] = []
    last: TextRow | None = None
    depths: list[float] = []
    for row in rows:
        if not row.free:
            last = None
            continue
        new = page.begin(row)
        if last is not None and _goes_on(out[-1], new, last, row, style.step):
            out[-1].rows.append(row)
        else:
            if new.kind == "list":
                new.level = _depth(row, last, depths)
            elif new.kind == "heading" or (new.kind == "paragraph" and depths and row.box[0] <= depths[0] + _NEAR):
                depths.clear()
            out.append(new)
        last = row
    for group in out:
        if group.kind == "heading" and len(group.rows) > 4:
            group.kind, group.level = "paragraph", 0
    return out


class _PageKinds:
    """Tells what group a line of one page would begin."""

    def __init__(self, rows: Sequence[TextRow], running: AbstractSet[int], style: Style) -> None:
        self._running, self._style = running, style
        self._notes = _note_rows(rows, running, style.body)
        self._firsts = {r.first for r in rows if r.free}
        self._right = max((r.box[2] for r in rows if r.free), default=0.0)

    def begin(self, row: TextRow) -> Group:
        """The group that a line would begin."""
        furniture = self._furniture(row)
        if furniture is not None:
            return furniture
        note = self._notes.get(id(row)) or (note_marker(row.first) if row.tag == "Note" else "")
        if note:
            return Group("footnote", [row], label=note)
        if is_caption(row.text) or row.tag == "Caption":
            return Group("caption", [row])
        level = self._heading_level(row)
        if level is not None:
            return Group("heading", [row], level=level)
        marker = self._marker(row)
        return Group("list", [row], label=marker) if marker else Group("paragraph", [row])

    def _furniture(self, row: TextRow) -> Group | None:
        if id(row) in self._running:
            number = page_number(row)
            if number is not None:
                return Group("page_number", [row], label=number)
        elif not (row.edge and row.tag == "Artifact"):
            return None
        return Group("header" if row.edge == 1 else "footer", [row])

    def _marker(self, row: TextRow) -> str:
        if row.tag == "Lbl" and row.n_words > 1:
            return row.first
        marker = list_marker(row.first, row.n_words)
        if marker and is_initial(marker):
            return marker if {f"{chr(ord(marker[0]) + k)}." for k in (-1, 1)} & self._firsts else ""
        return marker

    def _heading_level(self, row: TextRow) -> int | None:
        """The level of a line that is a heading, 0 when only its print tells it, ``None`` for other lines."""
        if row.n_words > 16 or not any(c.isalpha() for c in row.text):
            return None
        marked = self._style.outline.get((row.page, title_key(row.text)), 0)
        if not marked and row.tag[:1] == "H" and row.tag[1:].isdigit() and row.text[-1] not in ",;":
            marked = max(1, int(row.tag[1:]))
        if marked:
            return min(_MOST_LEVELS, marked)
        body = self._style.body
        set_apart = row.size > 1.15 * body or (row.bold and row.size > 0.95 * body)
        if set_apart and row.text[-1] not in ".,;":
            return 0
        return 0 if names_section(row.text) and row.box[2] < 0.85 * self._right else None


def title_key(text: str) -> str:
    """Letters and figures of a title in lower case: what a bookmark and the heading it leads to share."""
    return "".join(c for c in text.lower() if c.isalnum())


def _note_rows(rows: Sequence[TextRow], running: AbstractSet[int], body: float) -> dict[int, str]:
    """Lines that begin a note, with its mark: small print below all text of the body, or right below a table."""
    out: dict[int, str] = {}
    large = [r for r in rows if r.free and id(r) not in running and r.size >= 0.95 * body and not r.raised]
    top = min((r.box[1] for r in rows), default=0.0)
    under_table = False
    for row in rows:
        if not row.free:
            under_table = True
            continue
        small = row.size <= (1.02 if row.raised else 0.92) * body
        marker = note_marker(row.first) if row.n_words > 1 else ""
        if not small:
            under_table = False
        elif marker and id(row) not in running and not is_caption(row.text) and row.box[1] > top:
            x0, y0, x1, _ = row.box
            if under_table or not any(r.box[1] > y0 + 1 and r.box[0] < x1 and r.box[2] > x0 for r in large):
                out[id(row)] = marker
    return out


def _depth(row: TextRow, last: TextRow | None, depths: list[float]) -> int:
    """The nesting of a list item by the indent of its marker, from 1."""
    if last is not None and row.box[1] < last.box[1] - row.size:  # the next column
        depths.clear()
    while depths and row.box[0] < depths[-1] - _NEAR:
        depths.pop()
    if not depths or row.box[0] > depths[-1] + _NEAR:
        depths.append(row.box[0])
    return min(_MOST_LEVELS, len(depths))


def _goes_on(group: Group, new: Group, last: TextRow, row: TextRow, most: float) -> bool:
    """Whether a line belongs to the block of the line before it."""
    step = row.box[1] - last.box[1]
    even = abs(row.size - last.size) <= 0.12 * last.size
    if not 0 < step <= most * max(last.size, row.size) or min(row.box[2], last.box[2]) < max(row.box[0], last.box[0]):
        return False
    if not even:
        return False
    kind = group.kind
    if kind == new.kind and kind in ("heading", "header", "footer"):
        return row.bold == last.bold and new.level in {0, group.level}
    return new.kind == "paragraph" and _continues_text(group, last, row)


def _continues_text(group: Group, last: TextRow, row: TextRow) -> bool:
    """Whether a line of plain text goes on with the text of ``group``, by its indent and by how the last line ends."""
    ended = last.text[-1:] in ".:;!?"
    if group.kind == "list":
        begun = group.rows[0]
        hanging = row.box[0] >= min(begun.indent, begun.box[0] + 4 * row.size) - 2
        return hanging or (row.box[0] >= begun.box[0] - 2 and not ended)
    if group.kind == "caption":
        return row.bold == last.bold and not ended
    if group.kind == "paragraph":
        return not (row.box[0] - last.box[0] > 1.2 * row.size and ended)
    return group.kind == "footnote"


def _rank(row: TextRow) -> Rank:
    return (round(row.size * 2) / 2, row.bold)


def around(rows: Sequence[TextRow]) -> Rect:
    """The box around some lines."""
    x0, y0 = min(r.box[0] for r in rows), min(r.box[1] for r in rows)
    return (x0, y0, max(r.box[2] for r in rows), max(r.box[3] for r in rows))
