"""Running text: paragraphs, lists, headings with their level, captions, notes, running heads and feet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from locus_dbt.model.element import Block, BlockKind
from locus_dbt.parsers.pdf.grid import Rect
from locus_dbt.parsers.pdf.kinds import is_caption, list_marker, note_marker
from locus_dbt.parsers.pdf.rows import TextRow
from locus_dbt.parsers.pdf.running import page_number

Rank = tuple[float, bool]

_MOST_LEVELS = 6
_NEAR = 3.0  # points: indents this near are one depth


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

    ``body`` is the size most characters are set in; ``levels`` gives headings their level by size and weight;
    ``outline`` holds the level of each bookmark by page and title (letters and figures only, lower case).
    """

    body: float = 0.0
    levels: dict[Rank, int] = field(default_factory=dict)
    outline: Mapping[tuple[int, str], int] = field(default_factory=dict)

    def learn(self, pages: Sequence[Sequence[TextRow]], running: AbstractSet[int]) -> None:
        """Take size and levels from the first pages that have text; later calls change nothing."""
        if self.body or not any(pages):
            return
        self.body = _body_size(pages)
        ranks: set[Rank] = set()
        votes: dict[Rank, Counter[int]] = {}
        for rows in pages:
            for group in group_rows(rows, running, self):
                if group.kind == "heading" and group.level:
                    votes.setdefault(_rank(group.rows[0]), Counter())[group.level] += 1
                elif group.kind == "heading":
                    ranks.add(_rank(group.rows[0]))
        ordered = sorted(ranks | set(votes), reverse=True)
        self.levels = {rank: min(_MOST_LEVELS, k + 1) for k, rank in enumerate(ordered)}
        self.levels |= {rank: levels.most_common(1)[0][0] for rank, levels in votes.items()}

    def level(self, row: TextRow) -> int:
        """The level of a heading by its print; one of a print not seen before lies between its neighbours."""
        rank = _rank(row)
        if rank in self.levels:
            return self.levels[rank]
        larger = [level for known, level in self.levels.items() if known > rank]
        return min(_MOST_LEVELS, max(larger, default=0) + 1)


def build_blocks(
    rows: Sequence[TextRow], running: AbstractSet[int], style: Style, lexicon: AbstractSet[str] = frozenset()
) -> list[Block]:
    """Blocks of one page, ``order`` counted from 0; ``lexicon`` holds whole words of the pages around it."""
    out = []
    for group in group_rows(rows, running, style):
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


def group_rows(rows: Sequence[TextRow], running: AbstractSet[int], style: Style) -> list[Group]:
    """The free lines of a page in groups, each of one kind."""
    out: list[Group] = []
    last: TextRow | None = None
    notes = _note_rows(rows, running, style.body)
    depths: list[float] = []
    for row in rows:
        if not row.free:
            last = None
            continue
        new = _begin(row, running, notes, style)
        if last is not None and _goes_on(out[-1], new, last, row):
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


def _begin(row: TextRow, running: AbstractSet[int], notes: Mapping[int, str], style: Style) -> Group:
    """The group that a line would begin."""
    if id(row) in running:
        number = page_number(row)
        if number is not None:
            return Group("page_number", [row], label=number)
        return Group("header" if row.edge == 1 else "footer", [row])
    if row.edge and row.tag == "Artifact":
        return Group("header" if row.edge == 1 else "footer", [row])
    if id(row) in notes:
        return Group("footnote", [row], label=notes[id(row)])
    if is_caption(row.text) or row.tag == "Caption":
        return Group("caption", [row])
    level = _heading_level(row, style)
    if level is not None:
        return Group("heading", [row], level=level)
    marker = list_marker(row.first, row.n_words)
    if marker:
        return Group("list", [row], label=marker)
    return Group("paragraph", [row])


def _heading_level(row: TextRow, style: Style) -> int | None:
    """The level of a line that is a heading, 0 when only its print tells it, ``None`` for other lines."""
    if not any(c.isalpha() for c in row.text) or row.n_words > 16:
        return None
    marked = style.outline.get((row.page, title_key(row.text)), 0)
    if marked:
        return min(_MOST_LEVELS, marked)
    if row.tag[:1] == "H" and row.tag[1:].isdigit() and row.text[-1] not in ",;":
        return min(_MOST_LEVELS, max(1, int(row.tag[1:])))
    large = row.size > 1.15 * style.body
    return 0 if (large or (row.bold and row.size > 0.95 * style.body)) and row.text[-1] not in ".,;" else None


def title_key(text: str) -> str:
    """Letters and figures of a title in lower case: what a bookmark and the heading it leads to share."""
    return "".join(c for c in text.lower() if c.isalnum())


def _note_rows(rows: Sequence[TextRow], running: AbstractSet[int], body: float) -> dict[int, str]:
    """Lines that begin a footnote, with its mark: in small print, with nothing of the body below them."""
    out: dict[int, str] = {}
    free = [r for r in rows if r.free and id(r) not in running]
    for row in free:
        marker = note_marker(row.first) if row.n_words > 1 else ""
        if not marker or row.size > (1.02 if row.raised else 0.92) * body or is_caption(row.text):
            continue
        below = (r for r in free if r.box[1] > row.box[1] + 1 and r.box[0] < row.box[2] and r.box[2] > row.box[0])
        if any(r.box[1] < row.box[1] for r in free) and all(r.size < 0.95 * body or r.raised for r in below):
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


def _goes_on(group: Group, new: Group, last: TextRow, row: TextRow) -> bool:
    """Whether a line belongs to the block of the line before it."""
    step = row.box[1] - last.box[1]
    even = abs(row.size - last.size) <= 0.12 * last.size
    if not 0 < step <= 1.75 * max(last.size, row.size) or min(row.box[2], last.box[2]) < max(row.box[0], last.box[0]):
        return False
    kind = group.kind
    if kind == new.kind and kind in ("heading", "header", "footer"):
        return even and row.bold == last.bold and (new.level == 0 or new.level == group.level)
    if new.kind != "paragraph":
        return False
    begun = group.rows[0]
    if kind == "list":
        hanging = row.box[0] >= min(begun.indent, begun.box[0] + 4 * row.size) - 2
        return even and (hanging or (row.box[0] >= begun.box[0] - 2 and last.text[-1:] not in ".:;!?"))
    if kind == "footnote":
        return even
    if kind == "caption":
        return even and row.bold == last.bold and last.text[-1:] not in ".!?"
    indented = row.box[0] - last.box[0] > 1.2 * row.size and last.text[-1:] in ".:!?"
    return kind == "paragraph" and even and not indented


def _rank(row: TextRow) -> Rank:
    return (round(row.size * 2) / 2, row.bold)


def around(rows: Sequence[TextRow]) -> Rect:
    """The box around some lines."""
    x0, y0 = min(r.box[0] for r in rows), min(r.box[1] for r in rows)
    return (x0, y0, max(r.box[2] for r in rows), max(r.box[3] for r in rows))
