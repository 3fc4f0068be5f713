"""A review as one HTML page that loads nothing: pictures are in it, and a policy keeps the browser from fetching more.

What documents say is data: every text is escaped, none becomes markup, an address, a style or a script.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from locus_dbt.cli.explain_text import changed_at, source_facts, step_in_words, why
from locus_dbt.cli.failures import printable
from locus_dbt.cli.review.facts import (
    VERDICTS,
    Box,
    Cell,
    Picture,
    Review,
    Row,
    Source,
    Verdict,
    Way,
    excerpt_key,
)
from locus_dbt.cli.review.verdicts import LOOKS

_HERE = Path(__file__).parent
#: Characters of a printed text shown in the list; the whole of it is in the details.
_SHORT = 160


def explain_page(review: Review) -> str:
    """The page: cells on one side, the ungrounded first, and the documents they were read from on the other."""
    css = _look_rules() + _HERE.joinpath("page.css").read_text("utf-8")
    js = _HERE.joinpath("page.js").read_text("utf-8")
    marks = _Marks(review)
    return Template(_HERE.joinpath("page.html").read_text("utf-8")).substitute(
        policy=(
            f"default-src 'none'; img-src data:; style-src '{_digest(css)}'; script-src '{_digest(js)}'; "
            "base-uri 'none'; form-action 'none'"
        ),
        css=css,
        js=js,
        title=_text(_title(review)),
        sums=_text(_sums(review)),
        legend=_legend(review),
        notes="".join(f'<p class="note">{_text(note)}</p>' for note in _notes(review)),
        cells="\n".join(_groups(review, marks)),
        papers="\n".join(_papers(review, marks)) or '<p class="note">No document can be shown for these cells.</p>',
    )


@dataclass
class _Mark:
    """A box on a page, or a cell of an excerpt, and the numbers of the cells that were read there."""

    id: str
    verdict: Verdict
    cells: list[int] = field(default_factory=list)

    def attributes(self, kind: str) -> str:
        """The attributes of its link: to the first of its cells; the script knows all of them."""
        cells = " ".join(f"cell-{number}" for number in self.cells)
        return f'class="mark {kind} v-{self.verdict}" id="{self.id}" href="#cell-{self.cells[0]}" data-cells="{cells}"'


@dataclass
class _Figure:
    """Excerpts of one table or text, put together; marks by line and position."""

    lines: dict[int, Sequence[str]] = field(default_factory=dict)
    marks: dict[tuple[int, int], _Mark] = field(default_factory=dict)


class _Marks:
    """Where each cell is marked: one mark for all cells that were read at the same place."""

    def __init__(self, review: Review) -> None:
        self.boxes: dict[tuple[str, int], dict[Box, _Mark]] = {}
        self.figures: dict[tuple[str, str], _Figure] = {}
        self.numbers: dict[int, int] = {}
        self._review = review
        self._count = 0
        for number, (_, cell) in enumerate(review.in_order, start=1):
            self.numbers[id(cell)] = number
            for way in cell.ways:
                if way.source is not None and (found := self._slot(way.source)) is not None:
                    self._add(*found, number, way.verdict)

    def of(self, source: Source) -> _Mark | None:
        """The mark of a place, where it is on the page."""
        found = self._slot(source)
        return found[0].get(found[1]) if found else None

    def _slot(self, source: Source) -> tuple[dict[Any, _Mark], tuple[float, ...]] | None:
        """Where the mark of a source is kept."""
        key = (source.document or "", source.page or 0)
        if source.box and key in self._review.pictures:
            return self.boxes.setdefault(key, {}), tuple(round(v, 1) for v in source.box)
        excerpt = self._review.excerpts.get(excerpt_key(source))
        if excerpt is None:
            return None
        figure = self.figures.setdefault((source.document or "", excerpt.part), _Figure())
        figure.lines.update(excerpt.lines)
        return figure.marks, excerpt.cited

    def _add(self, marks: dict[Any, _Mark], key: tuple[float, ...], number: int, verdict: Verdict) -> None:
        if key not in marks:
            self._count += 1
            marks[key] = _Mark(f"mark-{self._count}", verdict)
        mark = marks[key]
        mark.verdict = min(mark.verdict, verdict, key=VERDICTS.index)
        if number not in mark.cells:
            mark.cells.append(number)


def _groups(review: Review, marks: _Marks) -> Iterator[str]:
    """The list: what nothing supports, then each row."""
    first = review.ungrounded
    several = len(review.rows) > 1
    yield f'<section class="group"><h2>Ungrounded values ({len(first)})</h2>'
    if first:
        yield _list([_cell(row, cell, marks, names_row=several) for row, cell in first])
    elif any(row.cells for row in review.rows):
        yield '<p class="note">None: every value here leads to a place that says the same, or nearly so.</p>'
    else:
        yield '<p class="note">There are no cells to show.</p>'
    yield "</section>"
    for row in review.rows:
        rest = [cell for cell in row.worst_first if cell.verdict != "ungrounded"]
        if rest:
            heading = _text(_row_name(row)) if several else "All other values, the lowest score first"
            yield f'<section class="group"><h2>{heading}</h2>'
            yield _list([_cell(row, cell, marks, names_row=False) for cell in rest])
            yield "</section>"


def _list(items: Sequence[str]) -> str:
    return "<ol>" + "\n".join(items) + "</ol>"


def _cell(row: Row, cell: Cell, marks: _Marks, *, names_row: bool) -> str:
    number = marks.numbers[id(cell)]
    placed = [mark for way in cell.ways if way.source and (mark := marks.of(way.source))]
    ids = " ".join(dict.fromkeys(mark.id for mark in placed))
    target = placed[0].id if placed else f"cell-{number}"
    known = "" if cell.faithfulness is None else f"{cell.faithfulness:.2f}"
    return (
        f'<li class="cell" id="cell-{number}" data-verdict="{cell.verdict}" data-at="{ids}">'
        f'<a class="pick" href="#{target}">{_badge(cell.verdict)}'
        f'<span class="column">{number}. <bdi>{_text(cell.column)}</bdi></span><span class="score">{known}</span>'
        f'<span class="value"><bdi>{_text(cell.value if cell.value is not None else "∅")}</bdi></span></a>'
        f"{_under(row, cell, names_row=names_row)}{_details(cell, marks)}</li>"
    )


def _badge(verdict: Verdict) -> str:
    look = LOOKS[verdict]
    return f'<span class="badge v-{verdict}"><span aria-hidden="true">{look.sign}</span> {look.word}</span>'


def _under(row: Row, cell: Cell, *, names_row: bool) -> str:
    """The line below a value: what is printed, where, by which rule, and why it is not simply that."""
    parts = []
    way = cell.ways[0] if cell.ways else None
    source = way.source if way else None
    if source is not None and source.text is not None:
        short = source.text if len(source.text) <= _SHORT else source.text[: _SHORT - 1] + "…"
        parts.append(f"printed <bdi>{_text(short)}</bdi>")
    if source is not None:
        parts.append(_text(f"page {source.page}" if source.page else source.place or "the whole document"))
        if source.rule:
            parts.append(f"rule {_text(source.rule)}")
    if cell.way_count > 1:
        parts.append(f"the worst of {cell.way_count} places")
    if cell.verdict in ("ungrounded", "check") or (source is not None and source.reason):
        parts.append(_text(why(cell)))
    if cell.value is None:
        parts.append(_text(cell.refused or "nothing was read here, and nothing refused"))
    if names_row:
        parts.append(_text(_row_name(row)))
    return f'<p class="under">{" · ".join(parts)}</p>' if parts else ""


def _details(cell: Cell, marks: _Marks) -> str:
    if not cell.ways:
        return ""
    ways = "".join(_way(way, number, cell, marks) for number, way in enumerate(cell.ways, start=1))
    more = cell.way_count - len(cell.ways)
    rest = f'<p class="under">… and {more} more places with better scores</p>' if more else ""
    return f"<details><summary>Way from the cell to the paper</summary>{ways}{rest}</details>"


def _way(way: Way, number: int, cell: Cell, marks: _Marks) -> str:
    mark = marks.of(way.source) if way.source else None
    parts = ['<div class="way">']
    if cell.way_count > 1:
        parts.append(f"<p>{_badge(way.verdict)} place {number} of {cell.way_count}</p>")
    parts.append('<ol class="steps">')
    for i, step in enumerate(way.steps):
        value = step.unknown or ("∅" if step.value is None else step.value)
        changed = ' <span class="changed">changed here</span>' if changed_at(way, i) else ""
        name = _text(f"{step.model}.{step.column}")
        parts.append(f"<li>{name}: {_text(step_in_words(step))}, <bdi>{_text(value)}</bdi>{changed}</li>")
    parts.append("</ol><dl>")
    if way.gap:
        parts.append(f"<dt>{'broken' if way.source else 'stops here'}</dt><dd>{_text(way.gap)}</dd>")
    for label, text in source_facts(way.source) if way.source else ():
        parts.append(f"<dt>{label}</dt><dd><bdi>{_text(text)}</bdi></dd>")
    parts.append("</dl>")
    if mark is not None:
        parts.append(f'<a class="to" href="#{mark.id}">Show this place</a>')
    parts.append("</div>")
    return "".join(parts)


def _papers(review: Review, marks: _Marks) -> Iterator[str]:
    """Pages in the order in which the list comes to them, then excerpts, then what cannot be shown."""
    for (document, page), picture in review.pictures.items():
        yield _page(document, page, picture, marks.boxes.get((document, page), {}))
    for (document, _), figure in marks.figures.items():
        yield _excerpt(document, figure)
    for document, trouble in sorted(review.troubles.items()):
        yield f'<p class="note"><bdi>{_text(document)}</bdi> is not shown: {_text(trouble)}</p>'


def _page(document: str, page: int, picture: Picture, boxes: dict[Box, _Mark]) -> str:
    """The picture and its boxes in one drawing, so that a tint can let the print through."""
    data = base64.b64encode(picture.data).decode()
    size = f'width="{picture.width:.1f}" height="{picture.height:.1f}"'
    taken = list(boxes)
    drawn = [_box(box, mark, taken) for box, mark in sorted(boxes.items(), key=lambda b: (b[0][1], b[0][0]))]
    return (
        f'<figure class="page"><figcaption><bdi>{_text(document)}</bdi>, page {page}</figcaption>'
        f'<svg class="sheet" viewBox="0 0 {picture.width:.1f} {picture.height:.1f}" {size} role="group" '
        f'aria-label="Page {page} with its boxes"><image {size} preserveAspectRatio="none" '
        f'href="data:{picture.media_type};base64,{data}"/>' + "".join(drawn) + "</svg></figure>"
    )


def _box(box: Box, mark: _Mark, taken: list[Box]) -> str:
    x0, y0, x1, y1 = box
    look = LOOKS[mark.verdict]
    numbers = ", ".join(str(n) for n in mark.cells[:4]) + ("…" if len(mark.cells) > 4 else "")
    where = f'x="{x0 - 1:.1f}" y="{y0 - 1:.1f}" width="{max(x1 - x0, 0) + 2:.1f}" height="{max(y1 - y0, 0) + 2:.1f}"'
    tag = f"{numbers} {look.sign}"
    x, y = _tag_place(box, len(tag), taken)
    return (
        f'<a {mark.attributes("box")} aria-label="cell {numbers}: {look.word}">'
        f'<rect class="area" {where}/><rect class="casing" {where}/><rect class="frame" {where}/>'
        f'<text x="{x:.1f}" y="{y:.1f}">{tag}</text></a>'
    )


def _tag_place(box: Box, letters: int, taken: list[Box]) -> tuple[float, float]:
    """The first place above, below, left or right of a box where its tag covers no box and no other tag."""
    x0, y0, x1, y1 = box
    wide, tall = 3.0 * letters + 1, 5.0
    middle = (y0 + y1) / 2 + 2
    places = [(x0 - 1, y0 - 2.5), (x0 - 1, y1 + tall + 2.5), (x0 - wide - 3, middle), (x1 + 3, middle)]
    free = (
        (x, y)
        for x, y in places
        if not any(b[0] < x + wide and x < b[2] and b[1] < y and y - tall < b[3] for b in taken)
    )
    x, y = next(free, places[0])
    taken.append((x, y - tall, x + wide, y))
    return x, y


def _excerpt(document: str, figure: _Figure) -> str:
    parts = [f'<figure class="excerpt"><figcaption><bdi>{_text(document)}</bdi>, around the cited places</figcaption>']
    parts.append('<div class="scroll"><table>')
    before = 0
    for number, line in sorted(figure.lines.items()):
        if number > before + 1:
            parts.append(f'<tr><th>⋮</th><td colspan="{len(line)}"></td></tr>')
        before = number
        parts.append(f'<tr><th scope="row">{number}</th>')
        for position, text in enumerate(line):
            mark = figure.marks.get((number, position))
            if mark is None:
                parts.append(f"<td><bdi>{_text(text)}</bdi></td>")
            else:
                sign = f'<span aria-hidden="true">{LOOKS[mark.verdict].sign}</span>'
                parts.append(f"<td><a {mark.attributes('cited')}>{sign} <bdi>{_text(text)}</bdi></a></td>")
        parts.append("</tr>")
    return "".join([*parts, "</table></div></figure>"])


def _title(review: Review) -> str:
    if len(review.rows) == 1 and review.row_count == 1:
        return f"{review.model}, row {review.rows[0].row_id}"
    return f"{review.model}: {len(review.rows)} of {review.row_count} rows"


def _sums(review: Review) -> str:
    cells = [cell for _, cell in review.in_order]
    documents = {name for row in review.rows for name in row.documents}
    one = next(iter(documents)) if len(documents) == 1 else f"{len(documents)} documents"
    pages = len(review.pictures)
    return f"{len(cells)} cells, read from {one}; {pages} page{'' if pages == 1 else 's'} embedded"


def _legend(review: Review) -> str:
    counts = Counter(cell.verdict for _, cell in review.in_order)
    return "".join(
        f'<button type="button" aria-pressed="false" data-verdict="{verdict}" '
        f'title="{_text(LOOKS[verdict].meaning)}">{_badge(verdict)} {counts[verdict]}</button>'
        for verdict in VERDICTS
        if counts[verdict]
    )


def _notes(review: Review) -> list[str]:
    gone = [f"{name} is not shown: {why}" for name, why in sorted(review.troubles.items())[:3]]
    if len(review.troubles) > len(gone):
        gone.append(f"{len(review.troubles) - len(gone)} more documents are not shown; the reasons stand by the pages")
    return [*review.left_out, *gone]


def _row_name(row: Row) -> str:
    """What a person knows a row by: its first values, and its id."""
    first = [cell.value for cell in row.cells if cell.value][:2]
    return "row " + ", ".join([v[:40] for v in first] + [row.row_id])


def _look_rules() -> str:
    """Colours and lines of the verdicts, written from the one list of them."""
    rules = []
    for verdict, look in LOOKS.items():
        bright = look.color[1] >= 120
        ink = "#1c1c1c" if bright else "#ffffff"
        rules.append(f".badge.v-{verdict} {{ background: {look.hex}; color: {ink}; border-color: {look.hex}; }}")
        dash = " ".join(map(str, look.dash))
        dashes = f" stroke-dasharray: {dash};" if dash else ""
        rules.append(f".v-{verdict} .frame {{ stroke: {look.hex};{dashes} }}")
        line = {0: "solid", 2: "dotted", 6: "dashed", 1: "dotted"}[look.dash[0] if look.dash else 0]
        rules.append(f".cited.v-{verdict} {{ border: 2px {line} {look.hex}; padding: 0 3px; }}")
    return "\n".join(rules) + "\n"


def _text(value: str) -> str:
    return escape(printable(value), quote=True)


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
