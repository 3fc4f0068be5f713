"""The body of an RTF document and the stories beside it: paragraphs, tables, notes, in order."""

from __future__ import annotations

import re

from locus_dbt.model.element import BlockKind
from locus_dbt.parsers.cells import Flow
from locus_dbt.parsers.limits import over
from locus_dbt.parsers.office.docx_styles import bullet
from locus_dbt.parsers.office.rtf_state import Paragraph, State, Story
from locus_dbt.parsers.office.rtf_table import OpenTable, RowShape

_MAX_NESTED = 20
_HEADING = re.compile(r"^heading ([1-9])$", re.IGNORECASE)
#: Groups that are stories of their own, by the words that open them.
STORIES: dict[str, BlockKind] = {
    "header": "header", "headerl": "header", "headerr": "header", "headerf": "header", "footer": "footer",
    "footerl": "footer", "footerr": "footer", "footerf": "footer", "footnote": "footnote", "annotation": "comment",
    "shptxt": "paragraph", "dptxbxtext": "paragraph",
}  # fmt: skip


class Body:
    """Takes text and marks in the order of the document and appends blocks and tables to ``flow``.

    ``styles`` maps a style's number to its outline level, the style it is based on, and its name.
    """

    def __init__(self, filename: str) -> None:
        self._filename = filename
        self.flow = Flow()
        self.styles: dict[int, tuple[int | None, int | None, str]] = {}
        self.stories = [Story("paragraph", "")]
        self.author = ""
        self._numbers: dict[str, int] = {}
        self._later: list[tuple[BlockKind, str, str, str]] = []
        self._seen_margins: set[tuple[str, str]] = set()

    def finish(self) -> None:
        """Close what an early end leaves open; notes, comments and footers follow the text."""
        self.end_paragraph(State(), last=True)
        self._close_tables(self.stories[0])
        for kind, text, place, label in sorted(self._later, key=lambda one: one[0] == "footer"):
            self.flow.block(kind, text, place=place, label=label)

    @property
    def paragraph(self) -> Paragraph:
        """The paragraph that is being read."""
        return self.stories[-1].paragraph

    def place(self, kind: str, *, peek: bool = False) -> str:
        """The next place of a kind; ``peek`` does not count it."""
        number = self._numbers.get(kind, 0) + 1
        if not peek:
            self._numbers[kind] = number
        return f"{kind} {number}"

    def end_paragraph(self, state: State, *, last: bool = False) -> None:
        """The paragraph is complete: a block, or a line of the cell that it stands in."""
        story = self.stories[-1]
        paragraph, story.paragraph = story.paragraph, Paragraph()
        text = paragraph.text.strip()
        level = self._level(state)
        if level and not last:
            self._line(self._table(story, level), paragraph)
            return
        if story.tables and (text or not last):
            self._close_tables(story)
        if story.kind != "paragraph":
            story.lines.append(text)
            return
        place = self.place("paragraph")
        outline = self._outline(state)
        marker = paragraph.marker
        if outline:
            self.flow.block("heading", text, place=place, level=outline, label=marker)
        elif marker:
            label = marker if any(c.isalnum() for c in marker) else bullet(marker)
            self.flow.block("list", text, place=place, level=state.list_level + 1, label=label)
        else:
            self.flow.block("paragraph", text, place=place)

    def _level(self, state: State) -> int:
        """How many tables the paragraph stands in."""
        if state.nesting > _MAX_NESTED:
            raise over(f"tables nested deeper than {_MAX_NESTED}", where=self._filename)
        return max(state.nesting, 1) if state.in_table else 0

    def _outline(self, state: State) -> int:
        if state.outline is not None:
            return state.outline + 1 if 0 <= state.outline < 9 else 0
        style: int | None = state.style
        for _ in range(30):
            outline, base, name = self.styles.get(-1 if style is None else style, (None, None, ""))
            if outline is not None:
                return outline + 1 if 0 <= outline < 9 else 0
            if match := _HEADING.match(name):
                return int(match[1])
            if name.lower() == "title":
                return 1
            if base is None or base == style:
                return 0
            style = base
        return 0

    @staticmethod
    def _line(table: OpenTable, paragraph: Paragraph) -> None:
        number = paragraph.marker if any(c.isalnum() for c in paragraph.marker) else ""
        table.lines.append(" ".join(filter(None, (number, paragraph.text.strip()))))

    def _table(self, story: Story, level: int) -> OpenTable:
        """The open table of a level; those between it and the text are opened, deeper ones stay pending."""
        while len(story.tables) < level:
            outer = story.tables[-1] if story.tables else None
            if outer is None:
                place = self.place("table") if story.kind == "paragraph" else f"{story.place} table"
            else:
                place = f"{outer.cell_place} table {len(outer.inside) + 1}"
            table = OpenTable(self.flow.next_order() if outer is None else -1, place)
            if outer is not None:
                outer.inside.append(table)
            story.tables.append(table)
        return story.tables[level - 1]

    def end_cell(self, state: State, *, nested: bool) -> None:
        """The paragraph is the last of its cell."""
        story = self.stories[-1]
        level = max(state.nesting, 2) if nested else 1
        if level > _MAX_NESTED:
            raise over(f"tables nested deeper than {_MAX_NESTED}", where=self._filename)
        paragraph, story.paragraph = story.paragraph, Paragraph()
        table = self._table(story, level)
        self._line(table, paragraph)
        del story.tables[level:]
        table.end_cell()

    def end_row(self, state: State, *, nested: bool) -> None:
        """The cells so far are a row."""
        story = self.stories[-1]
        level = max(state.nesting, 2) if nested else 1
        if len(story.tables) >= level:
            story.tables[level - 1].end_row(story.shapes.get(level, RowShape()))

    def _close_tables(self, story: Story) -> None:
        if not story.tables:
            return
        todo = [story.tables[0]]
        story.tables = []
        while todo:
            table = todo.pop()
            self.flow.table(table.cells(), order=table.order if table.order >= 0 else None)
            todo.extend(reversed(table.inside))

    def begin_story(self, state: State, name: str) -> None:
        """A note, margin or text box begins."""
        kind = STORIES[name]
        word = {"footnote": "footnote", "comment": "comment"}.get(kind, "text box" if kind == "paragraph" else kind)
        if len(self.stories) > _MAX_NESTED:
            raise over(f"notes and text boxes nested deeper than {_MAX_NESTED}", where=self._filename)
        label = self.author if kind == "comment" else ""
        # a footnote and an endnote are told apart only inside: they are counted when they end
        self.stories.append(Story(kind, self.place(word, peek=word == "footnote"), label))
        state.closes = "story"
        state.in_table, state.nesting, state.style, state.outline, state.list_level = False, 0, 0, None, 0

    def end_story(self) -> None:
        """A note or header as one block; a text box has put its paragraphs already."""
        story = self.stories[-1]
        if story.paragraph.text.strip():
            self.end_paragraph(State())
        self._close_tables(story)
        self.stories.pop()
        text = "\n".join(line for line in story.lines if line)
        label, place = story.label, story.place
        if story.kind == "footnote":
            place = self.place("endnote" if story.is_endnote else "footnote")
            label = place.rsplit(" ", 1)[-1]
        if story.kind in ("header", "footer"):
            if (story.kind, text) in self._seen_margins:
                return
            self._seen_margins.add((story.kind, text))
        if story.kind == "header":
            self.flow.block("header", text, place=place)
        elif story.kind != "paragraph":
            # notes and footers follow the text that they belong to
            self._later.append((story.kind, text, place, label))

    def row_word(self, state: State, name: str, number: int | None) -> None:
        """A word of a row's definition."""
        level = max(state.nesting, 1)
        story = self.stories[-1]
        if name == "trowd":
            story.shapes[level] = RowShape()
            return
        shape = story.shapes.get(level)
        if shape is None:
            return
        if name == "cellx" and number is not None:
            shape.edge(number)
        elif name == "trleft" and number is not None:
            shape.left = number
        elif name == "trhdr":
            shape.is_header = True
        elif name in ("clmgf", "clmrg"):
            shape.next_cell.across = "begins" if name == "clmgf" else "goes_on"
        elif name in ("clvmgf", "clvmrg"):
            shape.next_cell.down = "begins" if name == "clvmgf" else "goes_on"
