"""SWIFT MT940 and MT942 statements in the dialects of banks; places are lines."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from locus_dbt.errors import InputError
from locus_dbt.model.document import Document
from locus_dbt.model.element import Parsed
from locus_dbt.model.locus import Locus
from locus_dbt.parsers.bank.mt940_details import read_details, read_ns
from locus_dbt.parsers.bank.show import statements_as_parsed
from locus_dbt.parsers.bank.statement import Balance, Fact, Statement, Transaction, plain_amount
from locus_dbt.parsers.decoding import decode
from locus_dbt.parsers.limits import MAX_CELLS, over

#: The fields of MT940, MT941 and MT942; another ``:12:`` at a line's start is text (a time, say) that was wrapped.
_TAG = re.compile(r":(13D?|20|21|25P?|28C?|34F|60[FM]|61|62[FM]|64|65|86|90[CD]|NS):(.*)", re.DOTALL)
_BLOCKS = re.compile(r"\{[123]:[^{}\n]{0,300}\}|\{3:(?:\{[^{}\n]{0,100}\})*\}|\{4:|\{5:.*")
_BALANCE = re.compile(r"\s*(R?[CD])\s*(\d{6})([A-Z]{3})?\s*([\d,. ]*\d[\d,. ]*|,\d+)")
_ENTRY = re.compile(
    r"\s*(\d{6})(\d{4})?\s*([RE]?[CD])([A-Z])?\s*(\d[\d. ]*,?\d*|,\d+)\s*([A-Z][A-Z0-9 ]{3})?([^\n]*)(?:\n(.*))?",
    re.DOTALL,
)
_KINDS = {
    "60F": "opening", "60M": "opening_intermediate", "62F": "closing", "62M": "closing_intermediate",
    "64": "available", "65": "forward_available",
}  # fmt: skip
_LAST_CENTURY = 80
_WRITTEN = "year, month and day in two digits each"
_NEAREST = "month and day; the year nearest to the value date"
_NO_SUCH_DAY = "the month has no such day; its last day is meant"
_DOS = re.compile("[\u20ac\u201a-\u203a\u0152\u0153\u017d\u017e\u0160\u0161\u0178\u02c6\u02dc\u2122\xa0-\xa5\xad]")


@dataclass(frozen=True, slots=True)
class _Tagged:
    """A field: its tag, its lines and the number of the first."""

    tag: str
    lines: Sequence[str]
    line: int

    @property
    def text(self) -> str:
        return "\n".join(self.lines).strip()

    @property
    def at(self) -> Locus:
        last = self.line + len(self.lines) - 1
        return Locus(place=f"line {self.line}" if last == self.line else f"lines {self.line} to {last}")


def parse(document: Document) -> Parsed:
    """Parse a file of statements."""
    statements = read_statements(document.data, filename=document.filename)
    return statements_as_parsed(statements, document)


def read_statements(data: bytes, *, filename: str = "") -> list[Statement]:
    """The statements of a file; raises ``InputError`` E203 when no field of a statement stands in it."""
    text = _text(data, filename)
    found = list(_fields(text.split("\n")))
    if not found:
        raise InputError(f"no field of an MT940 statement: {filename}", code="E203")
    if len(found) > MAX_CELLS:
        raise over(f"more than {MAX_CELLS} fields", where=filename)
    reader = _StatementReader()
    for one in found:
        reader.take(one)
    return reader.finished()


def _text(data: bytes, filename: str) -> str:
    """The text with Unix line ends; a DOS code page where the Windows one puts signs inside of words."""
    text, encoding = decode(data, filename=filename)
    if encoding == "cp1252":
        letters = len(re.findall(r"[^\W\d_][^\x00-\x7f]|[^\x00-\x7f][^\W\d_]", text))
        odd = len(re.findall(rf"[A-Za-z]{_DOS.pattern}|{_DOS.pattern}[A-Za-z]", text))
        if odd * 2 > letters:
            text = data.decode("cp852")
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")


def _fields(lines: Sequence[str]) -> Iterator[_Tagged]:
    tag, kept, first = "", [""], 0
    held = ""  # a colon that was wrapped away from its tag
    for number, printed in enumerate(lines, 1):
        line = _BLOCKS.sub("", printed) if "{" in printed else printed
        line = held + re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", "", line)
        held = ""
        if line == ":":
            held = line
            continue
        if match := _TAG.match(line):
            if tag:
                yield _Tagged(tag, tuple(kept), first)
            tag, kept, first = match[1], [match[2]], number
        elif re.match(r"-\}?\s*$|-[A-Z]{3}\s*$", line):
            if tag:
                yield _Tagged(tag, tuple(kept), first)
            yield _Tagged("-", (line,), number)
            tag = ""
        elif tag:
            kept.append(line)
    if tag:
        yield _Tagged(tag, tuple(kept), first)


class _StatementReader:
    def __init__(self) -> None:
        self._statements: list[Statement] = []
        self._open: Statement | None = None
        self._after_closing = False
        self._lost = False  # whether the transaction that details would belong to could not be read

    def finished(self) -> list[Statement]:
        """All statements, their transactions' currency filled in from the balances."""
        for statement in self._statements:
            _fill_currency(statement)
        return self._statements

    def take(self, one: _Tagged) -> None:
        """Add one field to the statement it belongs to."""
        if one.tag == "-":
            self._open = None
            return
        if self._open is None or (one.tag == "20" and self._open.facts.keys() - {"currency"}):
            self._open = Statement(one.at)
            self._statements.append(self._open)
            self._after_closing = self._lost = False
        statement = self._open
        if one.tag == "61":
            self._after_closing = False
            self._entry(statement, one)
        elif one.tag == "86":
            self._details(statement, one)
        elif one.tag == "NS":
            self._ns(statement, one)
        elif one.tag in _KINDS:
            self._after_closing, self._lost = one.tag[:2] != "60", False
            self._balance(statement, one)
        else:
            self._head(statement, one)

    def _head(self, statement: Statement, one: _Tagged) -> None:
        text = one.text.split("\n")[0].strip()
        if one.tag in ("90C", "90D"):
            return  # number and sum of the entries of an interim report
        if one.tag in ("20", "21", "25", "25P"):
            name = {"20": "reference", "21": "related_reference"}.get(one.tag, "account")
            if name in statement.facts:
                statement.warnings.append(f"{one.at.place}: a second :{one.tag}: in one statement is left out: {text}")
            else:
                statement.tell(name, text, text, one.at)
        elif one.tag in ("28", "28C"):
            number, _, sequence = text.partition("/")
            statement.tell("statement_no", number.strip(), number.strip(), one.at)
            statement.tell("sequence_no", sequence.strip(), sequence.strip(), one.at)
        elif one.tag == "34F" and re.match(r"[A-Z]{3}", text):
            statement.tell("currency", text[:3], text[:3], one.at)

    def _balance(self, statement: Statement, one: _Tagged) -> None:
        match = _BALANCE.match(one.text)
        amount = plain_amount(match[4].replace(" ", "").rstrip(".")) if match else None
        if match is None or amount is None:
            statement.warnings.append(f"{one.at.place}: no balance can be read: {one.text[:60]}")
            return
        status, day, currency, digits = match.groups()
        on, at = _day(day), Locus(place=f"line {one.line}")
        from_signed = -amount if status in ("D", "RC") else amount
        mark = f"the mark {status} gives its sign"
        known = currency or statement.value("currency") or ""
        balance = Balance(_KINDS[one.tag], Fact(from_signed, digits.strip(), at, mark), known, on, status)
        statement.balances.append(balance)
        if known and "currency" not in statement.facts:
            statement.tell("currency", known, known, at)
        if on is not None and one.tag in ("60F", "60M"):
            statement.tell("period_start", on, day, at, reason=_WRITTEN)
        elif on is not None and one.tag in ("62F", "62M"):
            statement.tell("period_end", on, day, at, reason=_WRITTEN)

    def _entry(self, statement: Statement, one: _Tagged) -> None:
        match = _ENTRY.match(one.text)
        if match is None and len(one.lines) > 1:  # wrapped inside its first line
            match = _ENTRY.match("".join(one.lines[:2]) + "\n" + "\n".join(one.lines[2:]))
        amount = plain_amount(re.sub(r"[ .](?=.*,)", "", match[5]).replace(" ", "")) if match else None
        self._lost = match is None or amount is None
        if match is None or amount is None:
            statement.warnings.append(f"{one.at.place}: no transaction can be read: {one.text[:60]}")
            return
        _, _, status, _, _, code, references, extra = match.groups()
        at, below = Locus(place=f"line {one.line}"), Locus(place=f"line {one.line + 1}")
        made = Transaction(at)
        statement.transactions.append(made)
        if not _tell_days(made, match[1], match[2], at):
            statement.warnings.append(f"{one.at.place}: no day can be read: {match[1]}")
        made.tell("amount", _signed(amount, status), match[5].strip(), at, reason=f"the mark {status} gives its sign")
        made.tell("status", status, status, at)
        made.tell("transaction_code", code, code or "", at)
        customer, _, bank = references.partition("//")
        made.tell("customer_reference", customer.strip(), customer.strip(), at)
        made.tell("bank_reference", bank.strip(), bank.strip(), at)
        further = " ".join((extra or "").split())
        made.tell("supplement", further, further, below)
        made.tell("booking_text", further, further, below)

    def _details(self, statement: Statement, one: _Tagged) -> None:
        text = "\n".join(line.strip() for line in one.lines if line.strip())
        if self._lost:
            statement.warnings.append(f"{one.at.place}: details of a transaction that cannot be read: {text[:60]}")
            return
        if self._after_closing or not statement.transactions:
            statement.tell("information", text, text, one.at)
            return
        made = statement.transactions[-1]
        if "information" in made.facts:
            text = f"{made.value('information')}\n{text}"
        made.tell("information", text, text, one.at)
        found = read_details(one.lines)
        made.layout, made.sepa = found.separator or ("keys" if found.sepa or found.name else ""), found.sepa
        purpose = found.purpose + found.further_purpose
        told = {
            "counterparty_name": found.name, "counterparty_account": found.account, "counterparty_bank": found.bank,
            "purpose": purpose or ("" if found.separator or found.sepa or found.name else " ".join(text.split())),
            "end_to_end_id": found.sepa.get("EREF", ""), "mandate_id": found.sepa.get("MREF", ""),
            "creditor_id": found.sepa.get("CRED", ""),
        }  # fmt: skip
        if found.booking_text:
            told["booking_text"] = found.booking_text
        for name, value in told.items():
            made.tell(name, value.strip(), value, one.at)

    def _ns(self, statement: Statement, one: _Tagged) -> None:
        if self._lost or not statement.transactions:
            return
        made, codes = statement.transactions[-1], read_ns(one.lines)
        told = {
            "purpose": " ".join(codes[code] for code in sorted(codes) if "01" <= code <= "14"),
            "counterparty_name": codes.get("15", "") + codes.get("16", ""), "booking_text": codes.get("17", ""),
            "counterparty_bank": codes.get("33", ""), "counterparty_account": codes.get("34", ""),
        }  # fmt: skip
        made.layout = made.layout or "NS"
        if "information" not in made.facts:
            made.tell("information", one.text, one.text, one.at)
        for name, value in told.items():
            if name not in made.facts:
                made.tell(name, value, value, one.at)


def _tell_days(made: Transaction, value: str, entry: str | None, at: Locus) -> bool:
    """Value date and booking date; whether the value date is one."""
    day = _day(value)
    if day is None:
        return False
    made.tell("value_date", day, value, at, reason=_WRITTEN if day.day == int(value[4:]) else _NO_SUCH_DAY)
    booked = _entry_date(day, entry)
    if booked is not None and entry is not None:
        exact = booked.day == int(entry[2:])
        made.tell("booking_date", booked, entry, at, reason=_NEAREST if exact else _NO_SUCH_DAY)
    return True


def _signed(amount: Decimal, status: str) -> Decimal:
    """Debits and reversed credits take money out."""
    return -amount if status in ("D", "RC", "ED") else amount


def _day(digits: str) -> date | None:
    year = int(digits[:2])
    return _in_month(year + (1900 if year >= _LAST_CENTURY else 2000), digits[2:4], digits[4:6])


def _in_month(year: int, month: str, day: str) -> date | None:
    """The day, or the month's last one for a day beyond it: banks that count 30 days a month book on 30 February."""
    if not (1 <= int(month) <= 12 and 1 <= int(day) <= 31):
        return None
    return date(year, int(month), min(int(day), monthrange(year, int(month))[1]))


def _entry_date(value: date, entry: str | None) -> date | None:
    """The entry date has no year: the one that lies nearest to the value date."""
    if not entry:
        return None
    years = (value.year - 1, value.year, value.year + 1)
    near = [day for year in years if (day := _in_month(year, entry[:2], entry[2:])) is not None]
    return min(near, key=lambda day: abs((day - value).days), default=None)


def _fill_currency(statement: Statement) -> None:
    """Entries have no currency of their own: it is that of the balances."""
    fact = statement.facts.get("currency")
    if fact is None:
        return
    for made in statement.transactions:
        made.tell("currency", fact.value, fact.text, fact.at)
