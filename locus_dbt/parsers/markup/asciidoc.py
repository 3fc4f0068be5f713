"""AsciiDoc documents to ``ir/v1``: titles, lists, tables, blocks; places are lines."""

from __future__ import annotations

import re

from locus_dbt.model.document import Document
from locus_dbt.model.element import Parsed
from locus_dbt.parsers.cells import CellColumns
from locus_dbt.parsers.limits import MAX_COLUMNS, over
from locus_dbt.parsers.markup.lines import Lines

_TITLE = re.compile(r"^(={1,6}|#{1,6}) +(\S.*)$")
_ATTRIBUTES = re.compile(r"^\[([^\[\]]{0,1000})\]$")
_ITEM = re.compile(r"^ {0,80}(\*{1,6}|-|\.{1,6}|\d{1,9}\.) +(.*)$")
_TERM = re.compile(r"^(\S[^:]{0,300}?)::(?:\s+(.*))?$")
_ENTRY = re.compile(r"^:!?([\w-]{1,60})!?:\s*(.*)$")
_IMAGE = re.compile(r"^image::?([^\s\[]{1,1000})\[([^\]]{0,1000})\]$")
_CELL = re.compile(r"(?:(?<=\s)|^)(?:(\d{1,3})?(?:\.(\d{1,3}))?\+|(\d{1,4})\*)?([<^>.]{0,4}[adehlmsv]?)(?<!\\)\|")
_FENCES = {"----": "code", "....": "code", "====": "", "****": "", "____": "", "--": "", "```": "code", "++++": "code"}
_TABLES = ("|===", ",===", ":===", "!===")
_META = {"author": "author", "revdate": "created", "lang": "language", "keywords": "keywords"}


def parse(document: Document) -> Parsed:
    """Parse an AsciiDoc document."""
    lines = Lines(document)
    _Reader(lines).read()
    return Parsed(document.media_type, (lines.flow.page(),), tuple(lines.flow.tables), metadata=lines.metadata)


class _Reader:
    """Each kind of block takes its lines and moves behind them."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self._title = ""
        self._attributes = ""

    def read(self) -> None:
        """Append every block."""
        lines = self._lines
        while lines.more:
            line = lines.line
            if not line.strip():
                self._attributes = ""
                lines.at += 1
            elif line.startswith("////"):
                lines.at += 1
                lines.take_while(lambda one: not one.startswith("////"))
                lines.at += 1
            elif line.startswith("//") or line in ("+", "<<<", "'''", "---"):
                lines.at += 1
            elif line.strip() in _TABLES:
                self._table()
            elif line.rstrip() in _FENCES or line.startswith("```"):
                self._fenced(line.rstrip())
            elif not self._one_line(line):
                self._paragraph()

    def _one_line(self, line: str) -> bool:  # noqa: C901 - one branch a kind
        """Whether the line is a block (or says something of the next) by itself."""
        lines = self._lines
        if title := _TITLE.match(line[:2000]):
            level = len(title[1])
            lines.put("heading", plain(title[2]), lines.at, level=level)
            if level == 1:
                lines.metadata.setdefault("title", plain(title[2]))
        elif attributes := _ATTRIBUTES.match(line):
            self._attributes += "," + attributes[1]
        elif entry := _ENTRY.match(line):
            if entry[1] in _META and entry[2]:
                lines.metadata[_META[entry[1]]] = entry[2]
        elif image := _IMAGE.match(line):
            lines.put("picture", image[2].split(",")[0].strip('" ') or self._title, lines.at)
            self._title = ""
        elif re.match(r"^\.[^\s.]", line):
            self._title = plain(line[1:])
            # the title of anything but a table or picture is a text of its own
            if not any(x.strip() in _TABLES or _IMAGE.match(x) for x in (lines.ahead(1), lines.ahead(2))):
                lines.put("caption", self._title, lines.at)
                self._title = ""
        elif _ITEM.match(line[:300]):
            self._item()
            return True
        elif term := _TERM.match(line[:500]):
            lines.put("paragraph", plain(" ".join(filter(None, (term[1] + ":", term[2])))), lines.at)
        else:
            return False
        lines.at += 1
        return True

    def _fenced(self, fence: str) -> None:
        lines = self._lines
        fence = "```" if fence.startswith("```") else fence
        if _FENCES[fence] != "code":
            lines.at += 1  # an open, example, side or quote block: its content is read as text
            return
        start = lines.at
        lines.at += 1
        inside = lines.take_while(lambda line: line.rstrip() != fence)
        lines.at += 1
        lines.put("code", "\n".join(inside), start)

    def _item(self) -> None:
        lines = self._lines
        start = lines.at
        match = _ITEM.match(lines.line)
        mark, first = (match[1], match[2]) if match else ("*", lines.line)
        lines.at += 1
        texts = [first, *lines.take_while(lambda line: bool(line.strip()) and not _starts_block(line))]
        label = mark if mark[0].isdigit() else ""
        level = len(mark) if mark[0] in "*." else 1
        lines.put("list", plain(" ".join(text.strip() for text in texts)), start, level=level, label=label)

    def _paragraph(self) -> None:
        lines = self._lines
        start = lines.at
        lines.at += 1
        texts = [lines.all[start], *lines.take_while(lambda line: bool(line.strip()) and not _starts_block(line))]
        lines.put("paragraph", plain(" ".join(text.strip() for text in texts)), start)

    def _table(self) -> None:
        """Cells between bars, laid out in rows of as many columns as stated, or as the first line has."""
        lines = self._lines
        fence = lines.line.strip()
        order = lines.flow.next_order()
        lines.at += 1
        start = lines.at
        inside = lines.take_while(lambda line: line.strip() != fence)
        lines.at += 1
        sign = fence[0]
        found: list[tuple[str, int, int, int]] = []
        per_line = 0
        for number, line in enumerate(inside, start):
            cells = _line_cells(line, sign)
            if cells is None:
                if found and line.strip():
                    text, at, down, across = found[-1]
                    found[-1] = (f"{text} {line.strip()}".strip(), at, down, across)
                continue
            found += [(text, number, down, across) for text, down, across in cells]
            per_line = per_line or sum(across for _, _, across in cells)
        width = _stated_columns(self._attributes) or per_line
        if width > MAX_COLUMNS:
            raise over(f"{width} columns, at most {MAX_COLUMNS}", where=f"line {start}")
        blank_after_first = len(inside) > 1 and bool(inside[0].strip()) and not inside[1].strip()
        header = ("header" in self._attributes and "noheader" not in self._attributes) or blank_after_first
        lines.flow.table(_laid_out(found, width, header=header), title=self._title, order=order)
        self._title = self._attributes = ""


def _line_cells(line: str, sign: str) -> list[tuple[str, int, int]] | None:
    """Text and spans of the cells that begin on a line; ``None`` when none does."""
    if sign in ",:":
        return [(plain(part.strip().strip('"')), 1, 1) for part in line.split(sign)] if line.strip() else None
    marks = list(_CELL.finditer(line.replace("!", "|") if sign == "!" else line))
    if not marks:
        return None
    cells: list[tuple[str, int, int]] = []
    for mark, following in zip(marks, [*marks[1:], None], strict=True):
        text = line[mark.end() : following.start() if following else len(line)].replace("\\|", "|")
        repeats = min(int(mark[3] or 1), 1000)
        cells += [(plain(text), max(int(mark[2] or 1), 1), max(int(mark[1] or 1), 1))] * repeats
    return cells


def _stated_columns(attributes: str) -> int:
    stated = re.search(r"cols\s*=\s*(?:\"([^\"]{1,500})\"|([^,\s\]]{1,100}))", attributes)
    if stated is None:
        return 0
    columns = 0
    for part in re.split("[,;]", stated[1] or stated[2]):
        times = re.match(r"\s*(\d{1,4})\*", part)
        columns += int(times[1]) if times else 1
    return columns


def _laid_out(found: list[tuple[str, int, int, int]], width: int, *, header: bool) -> CellColumns:
    cells = CellColumns()
    taken: dict[int, int] = {}
    placed: list[tuple[str, int, int, int, int, int]] = []
    row = col = 0
    for text, line, down, across in found:
        while True:
            while col < width and taken.get(col, 0) > row:
                col += 1
            if col < width:
                break
            row, col = row + 1, 0
        wide = min(across, width - col)
        for at in range(col, col + wide):
            taken[at] = row + down
        placed.append((text, line, row, col, down, wide))
        col += wide
    last = max((row for _, _, row, *_ in placed), default=0)
    for text, line, row, col, down, across in placed:
        cells.add(
            text, row, col, place=f"line {line + 1}", row_span=min(down, last - row + 1), col_span=across,
            is_header=header and row == 0,
        )  # fmt: skip
    return cells


def _starts_block(line: str) -> bool:
    return bool(
        line.startswith(("//", "|===", "```"))
        or line.rstrip() in _FENCES
        or line == "+"
        or _ATTRIBUTES.match(line)
        or _ITEM.match(line[:300])
        or _TITLE.match(line[:2000])
    )


def plain(text: str) -> str:
    """Text without link targets, anchors and emphasis marks."""
    if len(text) > 200_000:
        return text.strip()
    text = re.sub(r"\[\[[\w .:-]{1,200}\]\]", "", text)
    text = re.sub(r"<<[^<>,]{1,200}(?:,([^<>]{1,200}))?>>", lambda m: m[1] or "", text)
    text = re.sub(r"(?:link:|xref:)?(https?://[^\s\[\]]{1,1000}|[\w./#-]{1,300})\[([^\[\]]{1,500})\]", r"\2", text)
    text = re.sub(r"(?<![\w*_`#])([*_`#]{1,2})(?=\S)([^\n]{1,1000}?)(?<=\S)\1(?![\w*_`#])", r"\2", text)
    return text.strip()
