"""Statements as tables (CSV and workbooks): the header tells the columns, the lines above it the account."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from locus_dbt.errors import InputError
from locus_dbt.images.bank_statement_extractor.assemble import Cell, Row, assemble, how_written
from locus_dbt.images.bank_statement_extractor.columns import Written, date_order, day
from locus_dbt.images.bank_statement_extractor.roles import is_enough, role_of
from locus_dbt.model.document import Document
from locus_dbt.model.locus import Box, Locus
from locus_dbt.parsers.bank.statement import Statement, iban_is_valid
from locus_dbt.parsers.grid import Grid, to_grid

_HEADER_WITHIN = 60
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{2,4}){3,8}\b")
_CURRENCY = re.compile(r"(?:^|[\s(\[])(EUR|CHF|USD|GBP|SEK|NOK|DKK|PLN|CZK|HUF|€|£)(?:[)\]\s]|$)")
_SINGLE = ("amount", "debit", "credit", "balance_after", "booking_date", "value_date", "currency", "sign", "account")
_PERIOD = re.compile(
    r"(\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}-\d{2}-\d{2})\D{1,12}(\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}-\d{2}-\d{2})"
)


def read_statements(document: Document, params: Mapping[str, Any]) -> list[Statement]:
    """The statements in a document's tables; raises E210 when no table has columns for dates and amounts."""
    found: list[Statement] = []
    for table in document.parsed.tables:
        grid = to_grid(table)
        head = _header(grid)
        if head is not None:
            found.extend(_statements(grid, *head, params))
    if not found:
        raise InputError(
            f"no table with a date and an amount in {document.filename}",
            code="E210",
            fix="name the columns in the first line (Date, Amount or Debit and Credit)",
        )
    return found


def _header(grid: Grid) -> tuple[int, dict[int, str]] | None:
    """The row that names the columns, and the role of each."""
    best: tuple[int, dict[int, str]] | None = None
    for row in range(min(grid.table.n_rows, _HEADER_WITHIN)):
        roles: dict[int, str] = {}
        for col in range(grid.table.n_cols):
            role = role_of(grid.text(row, col) or "")
            if role is not None and not (role in _SINGLE and role in roles.values()):
                roles[col] = role
        if is_enough(set(roles.values())) and (best is None or len(roles) > len(best[1])):
            best = row, roles
    return best


def _statements(grid: Grid, head: int, roles: dict[int, str], params: Mapping[str, Any]) -> list[Statement]:
    _mend_roles(grid, head, roles)
    rows = [_row(grid, row, roles) for row in range(head + 1, grid.table.n_rows) if not grid.blank(row)]
    rows = [row for row in rows if row]
    above = [cell for row in range(head) for cell in _cells(grid, row)]
    names = [Cell(grid.text(head, col) or "", _locus(grid, head, col)) for col in roles]
    written = how_written(rows, decimals=params["decimals"], dates=params["dates"], period=None)
    found: list[Statement] = []
    for account, mine in _by_account(rows).items():
        statement = Statement(_locus(grid, head, 0))
        if account:
            cell = mine[0]["account"]
            statement.tell("account", account, cell.text, cell.at)
        _read_head(statement, [*above, *names], written)
        assemble(statement, mine, written)
        found.append(statement)
    return found


def _mend_roles(grid: Grid, head: int, roles: dict[int, str]) -> None:
    """A column of currency codes is one whatever it is called ('Valuta' means both)."""
    for col, role in list(roles.items()):
        texts = [text for row in range(head + 1, grid.table.n_rows) if (text := grid.text(row, col))][:50]
        if texts and all(re.fullmatch("[A-Z]{3}", text) for text in texts) and role in ("value_date", "sign"):
            roles[col] = "currency"


def _by_account(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """The rows of each account; a file may hold several."""
    parts: dict[str, list[Row]] = {}
    for row in rows:
        parts.setdefault(row["account"].text.strip() if "account" in row else "", []).append(row)
    return parts


def _row(grid: Grid, row: int, roles: Mapping[int, str]) -> Row:
    """The cells by role; texts of several columns of one role are joined."""
    cells: dict[str, Cell] = {}
    for col, role in roles.items():
        text = grid.text(row, col)
        if text is None:
            continue
        if role in cells:
            cells[role] = Cell(f"{cells[role].text} {text}", cells[role].at)
        else:
            cells[role] = Cell(text, _locus(grid, row, col))
    return cells


def _cells(grid: Grid, row: int) -> Iterator[Cell]:
    for col in range(grid.table.n_cols):
        text = grid.text(row, col)
        if text:
            yield Cell(text, _locus(grid, row, col))


def _locus(grid: Grid, row: int, col: int) -> Locus:
    cell = grid.slots[row][col]
    if cell < 0:
        return Locus(place=f"row {row + 1}")
    table = grid.table
    page, box = int(table.page[cell]), [float(edge) for edge in table.box[cell]]
    known = page > 0 and all(edge == edge for edge in box)  # noqa: PLR0124 - NaN
    return Locus(page or None, Box(*box) if known else None, table.place[cell] if table.place else None)


def _read_head(statement: Statement, cells: Sequence[Cell], written: Written) -> None:
    """IBAN, currency and period in the lines above the list and in its header."""
    read_head(statement, cells, Written(written.decimal, written.order))


def read_head(statement: Statement, cells: Sequence[Cell], written: Written) -> None:
    """Take account, currency and period from texts, the first of each that is there."""
    for cell in cells:
        if "account" not in statement.facts and (iban := _iban(cell.text)) is not None:
            statement.tell("account", "".join(iban.split()), iban, cell.at)
        if "currency" not in statement.facts and (code := _CURRENCY.search(cell.text)):
            statement.tell("currency", {"€": "EUR", "£": "GBP"}.get(code[1], code[1]), code[1], cell.at)
        period = _PERIOD.search(cell.text)
        if period and "period_start" not in statement.facts:
            start, end = _days(period, written)
            if start and end and start <= end:
                statement.tell("period_start", start, period[1], cell.at)
                statement.tell("period_end", end, period[2], cell.at)


def _iban(text: str) -> str | None:
    """The first IBAN in a text whose check digits are right; words behind it may look like a part of it."""
    for match in _IBAN.finditer(text):
        pieces = match[0].split()
        for stop in range(len(pieces), 0, -1):
            candidate = " ".join(pieces[:stop])
            if iban_is_valid(candidate):
                return candidate
    return None


def _days(period: re.Match[str], written: Written) -> tuple[date | None, date | None]:
    order = written.order or date_order([period[1], period[2]])
    known = Written(written.decimal, order)
    return day(period[1], known)[0], day(period[2], known)[0]
