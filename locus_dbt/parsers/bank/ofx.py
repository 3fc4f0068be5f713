"""OFX and QFX statements: SGML (1.x, tags left open) and XML (2.x); places are lines. No entity is expanded."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from locus_dbt.errors import InputError
from locus_dbt.model.document import Document
from locus_dbt.model.element import Parsed
from locus_dbt.model.locus import Locus
from locus_dbt.parsers.bank.show import statements_as_parsed
from locus_dbt.parsers.bank.statement import Balance, Fact, Statement, Transaction, plain_amount
from locus_dbt.parsers.decoding import decode
from locus_dbt.parsers.limits import MAX_CELLS, MAX_DEPTH, over

_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9._-]{0,60})(?:\s[^<>]{0,500})?(/?)>([^<]*)")
_CHARSET = re.compile(rb"^\s*(CHARSET|ENCODING)\s*:\s*([\w-]+)", re.MULTILINE)
_XML_ENCODING = re.compile(rb"<\?xml[^>]{0,100}?encoding\s*=\s*[\"']([\w.-]+)")
_ENTITIES = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'", "nbsp": " "}
_STATEMENTS = {"STMTRS", "CCSTMTRS", "INVSTMTRS"}
_SECURITIES = re.compile(
    r"(?:BUY|SELL)[A-Z]+|REINVEST|INCOME|TRANSFER|INVEXPENSE|RETOFCAP|SPLIT|MARGININTEREST|CLOSUREOPT"
)


@dataclass(slots=True)
class _Node:
    """An aggregate: the values in it with their lines, and the aggregates in it."""

    name: str
    line: int
    values: dict[str, tuple[str, int]] = field(default_factory=dict)
    children: list[_Node] = field(default_factory=list)

    def find(self, *names: str) -> _Node | None:
        """The first aggregate of that name directly inside."""
        return next((child for child in self.children if child.name in names), None)

    def every(self, *names: str) -> Iterator[_Node]:
        """All aggregates of that name below, in the order of the file."""
        todo = [self]
        while todo:
            node = todo.pop()
            if node.name in names:
                yield node
            todo.extend(reversed(node.children))


def parse(document: Document) -> Parsed:
    """Parse an OFX file."""
    return statements_as_parsed(read_statements(document.data, filename=document.filename), document)


def read_statements(data: bytes, *, filename: str = "") -> list[Statement]:
    """The statements of bank accounts, credit cards and investments; raises E203 when it is no OFX."""
    text = _text(data, filename)
    start = re.search(r"<OFX\b[^<>]*>", text, re.IGNORECASE)
    if start is None:
        raise InputError(f"no <OFX> in the file: {filename}", code="E203")
    root = _tree(text, start.start(), filename)
    return [_statement(node) for node in root.every(*_STATEMENTS)]


def _text(data: bytes, filename: str) -> str:
    declared = None
    if found := _XML_ENCODING.search(data[:1000]):
        declared = found[1].decode("ascii", "ignore")
    else:
        head = {key.upper(): value for key, value in _CHARSET.findall(data[:2000])}
        charset = head.get(b"CHARSET", b"").decode("ascii", "ignore")
        declared = f"cp{charset}" if charset.isdigit() else charset or None
    return decode(data, declared=declared, filename=filename)[0].replace("\r\n", "\n").replace("\r", "\n")


def _tree(text: str, start: int, filename: str) -> _Node:
    closed = {name.upper() for name in re.findall(r"</([A-Za-z][\w.-]{0,60})", text)}
    ends = [match.start() for match in re.finditer("\n", text)]
    root = _Node("", 1)
    stack, count = [root], 0
    for match in _TAG.finditer(text, start):
        slash, name, empty, value = match[1], match[2].upper(), match[3], match[4].strip()
        if slash:
            depth = next((i for i in range(len(stack) - 1, 0, -1) if stack[i].name == name), 0)
            if depth:
                del stack[depth:]
            continue
        count += 1
        if count > MAX_CELLS:
            raise over(f"more than {MAX_CELLS} elements", where=filename)
        line = bisect_right(ends, match.start()) + 1
        if value:
            stack[-1].values.setdefault(name, (_unescaped(value), line))
        elif name in closed and not empty:
            if len(stack) > MAX_DEPTH:
                raise over(f"elements nested deeper than {MAX_DEPTH}", where=f"line {line}")
            node = _Node(name, line)
            stack[-1].children.append(node)
            stack.append(node)
    return root


def _unescaped(text: str) -> str:
    """The five entities of XML, the blank, and characters by number."""

    def one(match: re.Match[str]) -> str:
        name = match[1]
        if name.startswith("#"):
            number = int("0" + name[1:], 16) if name[1] in "xX" else int(name[1:])
            return chr(number) if 31 < number < 0xD800 or 0xE000 <= number < 0x110000 else ""
        return _ENTITIES.get(name.lower(), match[0])

    return " ".join(re.sub(r"&(#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]{2,4});", one, text).split())


def _statement(node: _Node) -> Statement:
    statement = Statement(Locus(place=f"line {node.line}"))
    _tell(statement, "currency", node, "CURDEF")
    account = next(node.every("BANKACCTFROM", "CCACCTFROM", "INVACCTFROM"), None)
    if account is not None:
        _tell(statement, "account", account, "ACCTID")
        _tell(statement, "bank", account, "BANKID", "BROKERID")
    entries = next(node.every("BANKTRANLIST", "INVTRANLIST"), None)
    if entries is not None:
        _tell_day(statement, "period_start", entries, "DTSTART")
        _tell_day(statement, "period_end", entries, "DTEND")
    for kind, name in (("closing", "LEDGERBAL"), ("available", "AVAILBAL")):
        if (found := next(node.every(name), None)) is not None:
            _balance(statement, kind, found)
    cash = next(node.every("INVBAL"), None)
    if cash is not None and "AVAILCASH" in cash.values:
        _balance(statement, "available", cash, amount="AVAILCASH")
    for entry in node.every("STMTTRN"):
        _transaction(statement, entry)
    securities = sum(1 for n in (entries.children if entries else ()) if _SECURITIES.fullmatch(n.name))
    if securities:
        statement.warnings.append(f"line {node.line}: {securities} movements of securities are not read")
    return statement


def _balance(statement: Statement, kind: str, node: _Node, *, amount: str = "BALAMT") -> None:
    text, line = node.values.get(amount, ("", node.line))
    value = plain_amount(text)
    if value is None:
        statement.warnings.append(f"line {line}: no balance can be read: {text[:60]}")
        return
    on = _day(node.values.get("DTASOF", ("", 0))[0])
    known = statement.value("currency") or ""
    statement.balances.append(Balance(kind, Fact(value, text, Locus(place=f"line {line}")), known, on))


def _transaction(statement: Statement, node: _Node) -> None:
    text, line = node.values.get("TRNAMT", ("", node.line))
    amount = plain_amount(text.replace(" ", ""))
    if amount is None:
        statement.warnings.append(f"line {line}: no amount can be read: {text[:60]}")
        return
    made = Transaction(Locus(place=f"line {node.line}"))
    statement.transactions.append(made)
    made.tell("amount", amount, text, Locus(place=f"line {line}"))
    _tell_day(made, "booking_date", node, "DTPOSTED")
    _tell_day(made, "value_date", node, "DTAVAIL", "DTUSER")
    _tell(made, "transaction_code", node, "TRNTYPE")
    _tell(made, "bank_reference", node, "FITID")
    _tell(made, "customer_reference", node, "CHECKNUM", "REFNUM")
    _tell(made, "purpose", node, "MEMO")
    _tell(made, "counterparty_name", node, "NAME")
    payee = node.find("PAYEE")
    if payee is not None and "counterparty_name" not in made.facts:
        _tell(made, "counterparty_name", payee, "NAME")
    other = node.find("BANKACCTTO", "CCACCTTO")
    if other is not None:
        _tell(made, "counterparty_account", other, "ACCTID")
        _tell(made, "counterparty_bank", other, "BANKID")
    currency = node.find("CURRENCY")
    if currency is not None and "CURSYM" in currency.values:
        _tell(made, "currency", currency, "CURSYM")
    elif "currency" in statement.facts:
        made.facts["currency"] = statement.facts["currency"]


def _tell(to: Statement | Transaction, name: str, node: _Node, *tags: str) -> None:
    """The first of these values that the aggregate has."""
    for tag in tags:
        if tag in node.values:
            text, line = node.values[tag]
            to.tell(name, text, text, Locus(place=f"line {line}"))
            return


def _tell_day(to: Statement | Transaction, name: str, node: _Node, *tags: str) -> None:
    for tag in tags:
        if tag in node.values:
            text, line = node.values[tag]
            to.tell(name, _day(text), text, Locus(place=f"line {line}"), reason="year, month and day without marks")
            return


def _day(text: str) -> date | None:
    """``YYYYMMDD`` with time and zone behind it, which statements are not asked about."""
    match = re.match(r"(\d{4})-?(\d{2})-?(\d{2})", text)
    try:
        return date(int(match[1]), int(match[2]), int(match[3])) if match else None
    except ValueError:
        return None
