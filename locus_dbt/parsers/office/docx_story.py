"""One story of a Word document (body, header, note, text box): its paragraphs and tables in order."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from lxml import etree

from locus_dbt.model.element import BlockKind
from locus_dbt.parsers.cells import Flow
from locus_dbt.parsers.limits import over
from locus_dbt.parsers.office import docx_table as grid
from locus_dbt.parsers.office.chart import append_chart, diagram_texts
from locus_dbt.parsers.office.docx_styles import Numbering, ParagraphStyle, Styles, W
from locus_dbt.parsers.office.docx_text import (
    DELETED,
    INSERTED,
    MC,
    ParagraphParts,
    RunReader,
    control_title,
    is_placeholder,
)
from locus_dbt.parsers.office.merged import MergedCell, merged_cells
from locus_dbt.parsers.office.package import Package, Relation, Tally, alternative

_MAX_NESTED = 20
_DESCENDED = (W + "customXml", W + "smartTag", *INSERTED)


@dataclass(slots=True)
class Reading:
    """What all stories of one document share."""

    package: Package
    flow: Flow
    styles: Styles
    numbering: Numbering
    runs: RunReader
    tally: Tally
    depth: int = 0
    #: Tables met inside cells, read when their outer table is done.
    pending: list[tuple[etree._Element, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Story:
    """Reads one part; ``kind`` takes the place of paragraph where the whole story is a header, note or the like."""

    reading: Reading
    relations: dict[str, Relation]
    kind: BlockKind = "paragraph"
    label: str = ""

    def blocks(self, container: etree._Element, path: str) -> None:
        """Append the paragraphs and tables of a container, wrappers passed through."""
        joined = ""
        for child, at in grid.addressed(container, path):
            if child.tag == W + "p":
                joined = self._paragraph(child, at, joined)
                continue
            joined = self._flush(joined, at)
            self._other(child, at)
        self._flush(joined, path)

    def _flush(self, joined: str, at: str) -> str:
        self._add("paragraph", joined, at)
        return ""

    def _other(self, child: etree._Element, at: str) -> None:
        tag = child.tag
        if tag == W + "tbl":
            self.table(child, at)
        elif tag == W + "sdt":
            self._control(child, at)
        elif tag in DELETED:
            self.reading.runs.left_out(child, at)
        elif tag in _DESCENDED:
            self.blocks(child, at)
        elif tag == MC + "AlternateContent":
            branch = alternative(child)
            if branch is not None:
                self.blocks(branch, at)
        elif tag == W + "altChunk":
            self._chunk(child)
        elif child.find(f".//{W}p") is not None:
            self.blocks(child, at)  # a wrapper that we do not know: its text is read all the same

    def _control(self, control: etree._Element, at: str) -> None:
        content = control.find(f"{W}sdtContent")
        if content is None:
            return
        if is_placeholder(control):
            self.reading.tally.count("{n} content controls hold only their placeholder text, which is left out")
            return
        title = control_title(control)
        simple = title and all(e.tag == W + "p" for e in content) and self.kind == "paragraph"
        if not simple:
            self.blocks(content, f"{at}/sdtContent")
            return
        read = [self.reading.runs.read(p, at) for p in content]
        self._add("key_value", "\n".join(filter(None, (str(p).strip() for p in read))), at, label=title)
        for parts in read:
            self._beside(parts, at)

    def _chunk(self, chunk: etree._Element) -> None:
        """A whole file put in as it is; Word converts it when it opens the document."""
        for name, relation_id in chunk.attrib.items():
            relation = self.relations.get(str(relation_id)) if str(name).endswith("}id") else None
            if relation is not None:
                self.reading.package.attach(relation.target)
                self.reading.tally.count("{n} included files (altChunk) are given as attachments")

    def _paragraph(self, paragraph: etree._Element, at: str, joined: str) -> str:
        """Append a paragraph; returns its text where its own end was deleted, so that it runs on into the next."""
        reading = self.reading
        style = reading.styles.paragraph(paragraph.find(f"{W}pPr"))
        parts = reading.runs.read(paragraph, at)
        text = joined + str(parts)
        if paragraph.find(f"{W}pPr/{W}rPr/{W}del") is not None:
            self._beside(parts, at)
            return text
        marker = reading.numbering.marker(style.num_id, style.list_level)
        control = parts.controls[0] if len(parts.controls) == 1 else None
        if control and control[1].strip() == text.strip() and self.kind == "paragraph" and marker is None:
            self._add("key_value", text, at, label=control[0])
        else:
            self._styled(text, style, marker, at)
        self._beside(parts, at)
        return ""

    def _styled(self, text: str, style: ParagraphStyle, marker: str | None, at: str) -> None:
        if style.level:
            self._add("heading", text, at, level=style.level, label=marker or "")
        elif marker is not None:
            self._add("list", text, at, level=style.list_level + 1, label=marker)
        else:
            self._add("caption" if style.name == "caption" else "paragraph", text, at)

    def _add(self, kind: BlockKind, text: str, at: str, *, level: int = 0, label: str = "") -> None:
        if self.kind != "paragraph":
            kind, level, label = self.kind, 0, self.label
        self.reading.flow.block(kind, text.strip(), place=at, level=level, label=label)

    def _beside(self, parts: ParagraphParts, at: str) -> None:
        """What floats beside a paragraph: pictures, text boxes, charts, embedded files."""
        reading = self.reading
        for text in parts.pictures:
            reading.flow.block("picture", text, place=at)
        for number, box in enumerate(parts.boxes, 1):
            self._deeper(box, f"{at}/txbxContent[{number}]")
        for relation_id in parts.charts:
            if (target := self._target(relation_id)) is not None:
                append_chart(reading.package.xml_or_none(target), reading.flow, place=f"{at}/chart")
        for relation_id in parts.diagrams:
            root = reading.package.xml_or_none(self._target(relation_id))
            for number, text in enumerate(diagram_texts(root), 1):
                reading.flow.block("paragraph", text, place=f"{at}/diagram/point[{number}]")
        for relation_id in parts.objects:
            if (target := self._target(relation_id)) is not None:
                reading.package.attach(target)

    def _target(self, relation_id: str) -> str | None:
        relation = self.relations.get(relation_id)
        return None if relation is None or relation.external else relation.target

    def _deeper(self, container: etree._Element, path: str) -> None:
        reading = self.reading
        reading.depth += 1
        if reading.depth > _MAX_NESTED:
            raise over(f"tables or text boxes nested deeper than {_MAX_NESTED}", where=path[:200])
        self.blocks(container, path)
        reading.depth -= 1

    def table(self, table: etree._Element, path: str) -> None:
        """Append a table and, after it, the tables inside its cells."""
        reading = self.reading
        order = reading.flow.next_order()
        outer, reading.pending = reading.pending, []
        header = grid.first_row_is_header(table, reading.styles)
        rows: list[list[MergedCell]] = []
        for row, at in grid.parts(table, path, "tr"):
            if grid.is_deleted(row):
                reading.runs.left_out(row, at, what="{n} table rows deleted under change tracking are left out")
                continue
            is_header = grid.is_on(row.find(f"{W}trPr"), f"{W}tblHeader") or (header and not rows)
            rows.append(self._row(row, at, is_header=is_header))
        reading.flow.table(merged_cells(rows), order=order)
        inside, reading.pending = reading.pending, outer
        for nested, at in inside:
            reading.depth += 1
            if reading.depth > _MAX_NESTED:
                raise over(f"tables nested deeper than {_MAX_NESTED}", where=path[:200])
            self.table(nested, at)
            reading.depth -= 1

    def _row(self, row: etree._Element, path: str, *, is_header: bool) -> list[MergedCell]:
        cells: list[MergedCell] = []
        col = grid.before(row)
        for cell, at in grid.parts(row, path, "tc"):
            across = grid.span(cell)
            text = self._cell_text(cell, at)
            if grid.goes_on_left(cell) and cells:
                cells[-1].col_span += across
                cells[-1].text = "\n".join(filter(None, (cells[-1].text, text)))
            else:
                cells.append(MergedCell(text, col, across, at, grid.merge(cell), is_header))
            col += across
        return cells

    def _cell_text(self, cell: etree._Element, path: str) -> str:
        """Lines of the cell's paragraphs; numbers of lists stand before theirs, nested tables are put off."""
        lines: list[str] = []
        todo = list(grid.addressed(cell, path))[::-1]
        while todo:
            element, at = todo.pop()
            tag = element.tag
            if tag == W + "p":
                lines.append(self._cell_paragraph(element, at))
            elif tag == W + "tbl":
                self.reading.pending.append((element, at))
            elif tag in DELETED:
                self.reading.runs.left_out(element, at)
            elif tag == W + "sdt":
                if is_placeholder(element):
                    self.reading.tally.count("{n} content controls hold only their placeholder text, which is left out")
                elif (content := element.find(f"{W}sdtContent")) is not None:
                    todo.extend(list(grid.addressed(content, f"{at}/sdtContent"))[::-1])
            elif tag in _DESCENDED:
                todo.extend(list(grid.addressed(element, at))[::-1])
        return "\n".join(line for line in lines if line)

    def _cell_paragraph(self, paragraph: etree._Element, at: str) -> str:
        reading = self.reading
        style = reading.styles.paragraph(paragraph.find(f"{W}pPr"))
        parts = reading.runs.read(paragraph, at)
        marker = reading.numbering.marker(style.num_id, style.list_level)
        number = marker if marker and any(c.isalnum() for c in marker) else ""
        # text boxes and charts in a cell are read as blocks of their own, with the cell's place
        self._beside(parts, at)
        return " ".join(filter(None, (number, str(parts).strip())))

    def of(self, kind: BlockKind, label: str = "") -> Story:
        """The same story read as another kind."""
        return replace(self, kind=kind, label=label)
