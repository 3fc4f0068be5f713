"""Statements as pages: the printed header tells the columns, a date at the left begins a transaction."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Any

from locus_dbt.errors import InputError
from locus_dbt.images.bank_statement_extractor.assemble import DATES, NUMBERS, Cell, assemble, how_written
from locus_dbt.images.bank_statement_extractor.columns import Written, date_order, day, is_date
from locus_dbt.images.bank_statement_extractor.roles import balance_kind, is_enough, role_of
from locus_dbt.images.bank_statement_extractor.table_statement import read_head
from locus_dbt.model.document import Document
from locus_dbt.model.element import Page
from locus_dbt.model.locus import Box, Locus
from locus_dbt.parsers.bank.statement import Refused, Statement

_NUMBER_LIKE = re.compile(
    r"[(+\-\u2212]?(?:EUR|CHF|USD|GBP|€|£|\$)?\d[\d.,'\u2019]*[.,]\d{2}(?:[)+\-\u2212]|CR|DR|[SH])?"
)
_SPACED = re.compile(r"[+\-\u2212]?\d{1,3}(?: \d{3})+[.,]\d{2}[+\-\u2212]?")
_BEHIND = re.compile(r"[+\-\u2212]|CR|DR|S|H|EUR|CHF|USD|GBP|€|£")
_TOTAL = re.compile(r"\W*(?:sum(?:me|a)?|total|totaux|totaal|gesamt|zwischensumme|subtotal)\b", re.IGNORECASE)
#: A line further below than this many heights is no part of the transaction above.
_NEAR = 1.2
#: Words nearer than this many of their heights are of one phrase.
_PHRASE_GAP = 0.9


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    box: Box
    page: int


@dataclass(slots=True)
class _Column:
    role: str
    x0: float
    x1: float


@dataclass(slots=True)
class _Gathered:
    """What is read so far: cells of each row by role, and the texts that stand outside of the list."""

    rows: list[dict[str, Cell]] = field(default_factory=list)
    outside: list[Cell] = field(default_factory=list)
    left: list[Cell] = field(default_factory=list)


def read_statements(document: Document, params: Mapping[str, Any]) -> list[Statement]:
    """The statement on a document's pages; raises E210 when no header of a list of transactions is printed."""
    gathered = _Gathered()
    columns: list[_Column] = []
    for page in document.parsed.pages:
        columns = _page(page, columns, gathered)
    if not gathered.rows:
        raise InputError(
            f"no list of transactions with a date and an amount in {document.filename}",
            code="E210",
            fix="a statement needs a header over its columns; scanned pages need ocr",
        )
    first = next(iter(gathered.rows[0].values()))
    statement = Statement(Locus(page=first.at.page))
    head_order = date_order(t for cell in gathered.outside for t in cell.text.split())
    read_head(statement, gathered.outside, Written(None, head_order))
    period = _period(statement, gathered.outside, head_order)
    written = how_written(gathered.rows, decimals=params["decimals"], dates=params["dates"], period=period)
    if written.order is None and head_order is not None:
        written = Written(written.decimal, head_order, period)
    assemble(statement, gathered.rows, written)
    statement.refused += [
        Refused("line", "a number without a day, and no balance", c.text, c.at) for c in gathered.left
    ]
    return [statement]


def _period(statement: Statement, outside: Sequence[Cell], order: Any) -> tuple[date, date] | None:  # noqa: ANN401
    """The days the statement names, which days without a year lie within or near to."""
    start, end = statement.value("period_start"), statement.value("period_end")
    if start is not None and end is not None:
        return start, end
    words = [word.strip(",;:") for cell in outside for word in cell.text.split()]
    days = [found for word in words if (found := day(word, Written(None, order))[0]) is not None]
    return (min(days), max(days)) if days and (max(days) - min(days)).days < 200 else None


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the list: its cells by role, which of them are days, and its words that are neither day nor number."""

    cells: dict[str, Cell]
    days: tuple[str, ...]
    has_number: bool
    words: str
    at: Locus

    @property
    def text(self) -> str:
        """All of the line."""
        return " ".join(cell.text for cell in self.cells.values())


def _page(page: Page, columns: list[_Column], gathered: _Gathered) -> list[_Column]:
    """Read one page; the columns of the page before hold where this one prints no header."""
    lines = list(_lines(page))
    inside = bool(columns) and not any(_columns(line) for line in lines)
    bottom, last = 0.0, None
    for i, line in enumerate(lines):
        found = _columns(line)
        if found:
            columns, inside, last = found, True, None
        elif not inside:
            gathered.outside.append(Cell(" ".join(word.text for word in line), _locus(line)))
        else:
            near = line[0].box.y0 - bottom < _NEAR * (line[0].box.y1 - line[0].box.y0)
            one = _read_line(line, columns)
            opens = bool(one.days) and (one.has_number or _number_below(lines[i + 1 : i + 6], columns))
            last = _take(one, gathered, last if near or opens else None, opens=opens)
        bottom = line[0].box.y1
    return columns


def _read_line(line: Sequence[_Word], columns: Sequence[_Column]) -> _Line:
    cells = _cells(line, columns)
    days = tuple(role for role in DATES if role in cells and is_date(cells[role].text))
    words = " ".join(cell.text for role, cell in cells.items() if role not in (*NUMBERS, *days))
    return _Line(cells, days, any(role in cells for role in NUMBERS), words, _locus(line))


def _number_below(lines: Sequence[Sequence[_Word]], columns: Sequence[_Column]) -> bool:
    """Whether the next line with a number has no day: then it belongs to the line above that has one."""
    for line in lines:
        one = _read_line(line, columns)
        if one.days or one.has_number:
            stated = balance_kind(one.words) is not None or _TOTAL.match(one.words) is not None
            return one.has_number and not one.days and not stated
    return False


def _take(one: _Line, gathered: _Gathered, last: dict[str, Cell] | None, *, opens: bool) -> dict[str, Cell] | None:
    """Read one line; ``last`` is the transaction above it, and what is given back the one it belongs to.

    A transaction begins with a day, or with a number below one that has its own (the day is printed once then). A
    second day below it is the value date.
    """
    if one.has_number and balance_kind(one.words) is not None:
        gathered.rows.append(_as_balance(one.cells))
        return None
    if opens:
        if one.has_number:
            gathered.rows.append(one.cells)
        return one.cells
    if last is not None and not one.has_number:
        _continue(last, one.cells)
        return last
    if last is not None and one.words and not _TOTAL.match(one.words):
        if any(role in last for role in NUMBERS):
            gathered.rows.append(one.cells | {role: last[role] for role in DATES if role in last})
            return gathered.rows[-1]
        _continue(last, one.cells)  # the number stands on the last line of its transaction
        gathered.rows.append(last)
        return last
    gathered.outside.append(Cell(one.text, one.at))
    if one.has_number and one.words and not _TOTAL.match(one.words):
        gathered.left.append(gathered.outside[-1])
    return None


def _as_balance(cells: dict[str, Cell]) -> dict[str, Cell]:
    """A line of a balance: its words in one cell whatever columns they stand under."""
    words = [cell for role, cell in cells.items() if role not in NUMBERS and not is_date(cell.text)]
    kept = {role: cell for role, cell in cells.items() if role in NUMBERS or is_date(cell.text)}
    return {"purpose": Cell(" ".join(w.text for w in words), words[0].at)} | kept


def _continue(row: dict[str, Cell], cells: Mapping[str, Cell]) -> None:
    """A line below a transaction carries its text on; a day in it is the value date if none is there."""
    for role, cell in cells.items():
        target = role
        if role in DATES:
            target = "value_date" if "value_date" not in row and is_date(cell.text) else "purpose"
        if target in row:
            at = Locus(row[target].at.page, _union(row[target].at, cell.at))
            row[target] = Cell(f"{row[target].text} {cell.text}", at)
        else:
            row[target] = cell


def _union(first: Locus, second: Locus) -> Box | None:
    if first.box is None or second.box is None or first.page != second.page:
        return first.box
    return first.box.union(second.box)


def _lines(page: Page) -> Iterator[list[_Word]]:
    """The words of each printed line from left to right: those whose middles lie at one height."""
    words = [
        _Word(text, Box(*(float(edge) for edge in box)), page.number)
        for text, box in zip(page.words.text, page.words.box, strict=True)
        if text.strip() and not any(edge != edge for edge in box)  # noqa: PLR0124 - NaN
    ]
    words.sort(key=lambda word: (word.box.y0 + word.box.y1) / 2)
    line: list[_Word] = []
    for word in words:
        middle = (word.box.y0 + word.box.y1) / 2
        if line and middle - (line[0].box.y0 + line[0].box.y1) / 2 > 0.5 * (line[0].box.y1 - line[0].box.y0):
            yield _joined(sorted(line, key=lambda one: one.box.x0))
            line = []
        line.append(word)
    if line:
        yield _joined(sorted(line, key=lambda one: one.box.x0))


def _joined(line: list[_Word]) -> list[_Word]:
    """Words that make one date (``2 Mar 2026``) or one number (``2 140,00``) as one."""
    out: list[_Word] = []
    at = 0
    while at < len(line):
        taken = 1
        for size in (4, 3, 2):
            piece = line[at : at + size]
            text = " ".join(word.text for word in piece)
            if len(piece) == size and _near(piece) and (_SPACED.fullmatch(text) or (size < 4 and is_date(text))):
                taken = size
                break
        piece = line[at : at + taken]
        box = piece[0].box
        for word in piece[1:]:
            box = box.union(word.box)
        out.append(_Word(" ".join(word.text for word in piece), box, piece[0].page) if taken > 1 else piece[0])
        at += taken
    return out


def _columns(line: Sequence[_Word]) -> list[_Column]:
    """The columns a printed header names; empty for a line that is none."""
    columns: list[_Column] = []
    at = 0
    while at < len(line):
        taken = 1
        for size in (6, 5, 4, 3, 2, 1):
            phrase = line[at : at + size]
            if len(phrase) < size or not _near(phrase):
                continue
            role = role_of(" ".join(word.text for word in phrase))
            if role is not None:
                columns.append(_Column(role, phrase[0].box.x0, phrase[-1].box.x1))
                taken = size
                break
        at += taken
    roles = [column.role for column in columns]
    enough = is_enough(set(roles)) and len(columns) >= 3 and len(columns) * 2 >= len(line) / 1.5
    return columns if enough else []


def _near(phrase: Sequence[_Word]) -> bool:
    return all(b.box.x0 - a.box.x1 < _PHRASE_GAP * (a.box.y1 - a.box.y0) for a, b in pairwise(phrase))


def _cells(line: Sequence[_Word], columns: Sequence[_Column]) -> dict[str, Cell]:
    """The words of a line by column: numbers by their right edge, dates and texts by their left one."""
    parts: dict[str, list[_Word]] = {}
    numeric = [column for column in columns if column.role in NUMBERS]
    first_number = min(column.x0 for column in numeric)
    previous: str | None = None
    for word in line:
        role = None
        if _NUMBER_LIKE.fullmatch(word.text.replace(" ", "")) and word.box.x1 > first_number - 40:
            role = min(numeric, key=lambda c: min(abs(c.x1 - word.box.x1), abs(c.x0 - word.box.x0))).role
        elif previous in NUMBERS and _BEHIND.fullmatch(word.text):
            role = previous
        else:
            role = _left_column(word, columns)
        parts.setdefault(role, []).append(word)
        previous = role
    return {role: Cell(" ".join(word.text for word in words), _locus(words)) for role, words in parts.items()}


def _left_column(word: _Word, columns: Sequence[_Column]) -> str:
    """The text or date column that begins last before the word; a date column takes dates only."""
    left = [c for c in columns if c.role not in NUMBERS and c.x0 <= word.box.x0 + 6]
    for column in reversed(left):
        if column.role not in ("booking_date", "value_date"):
            return column.role
        if is_date(word.text):
            return column.role
    texts = [c.role for c in columns if c.role not in (*NUMBERS, "booking_date", "value_date")]
    return texts[0] if texts else "purpose"


def _locus(words: Sequence[_Word]) -> Locus:
    box = words[0].box
    for word in words[1:]:
        box = box.union(word.box)
    return Locus(words[0].page, box)
