"""ISO 20022 statements (camt.052, camt.053, camt.054); places are the paths of elements."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from lxml import etree

from locus_dbt.model.locus import Locus
from locus_dbt.parsers.bank.statement import Balance, Fact, Statement, Transaction, plain_amount
from locus_dbt.parsers.xml_tree import tree

_NAMESPACE = re.compile(rb"urn:iso:std:iso:20022:tech:xsd:camt\.05[234]\.")
_KINDS = {
    "OPBD": "opening", "PRCD": "opening", "CLBD": "closing", "CLAV": "available", "ITBD": "closing_intermediate",
    "FWAV": "forward_available", "OPAV": "available",
}  # fmt: skip


def is_camt(data: bytes) -> bool:
    """Whether an XML document is a bank's statement by its namespace."""
    return _NAMESPACE.search(data[:4096]) is not None


def read_statements(data: bytes, *, filename: str = "") -> list[Statement]:
    """The statements of a file; raises E203 for what is no XML."""
    root = tree(data, filename=filename)
    return [_statement(node) for node in root.iter() if _local(node) in ("Stmt", "Rpt", "Ntfctn")]


def _local(node: etree._Element) -> str:
    return etree.QName(node).localname if isinstance(node.tag, str) else ""


def _every(node: etree._Element, path: str) -> Iterator[etree._Element]:
    """Elements below ``node`` by local names."""
    name, _, rest = path.partition("/")
    for child in node:
        if _local(child) == name:
            if rest:
                yield from _every(child, rest)
            else:
                yield child


def _first(node: etree._Element | None, *paths: str) -> etree._Element | None:
    if node is None:
        return None
    return next((found for path in paths for found in _every(node, path) if _text(found)), None)


def _text(node: etree._Element) -> str:
    return " ".join("".join(str(piece) for piece in node.itertext()).split())


def _at(node: etree._Element) -> Locus:
    """The element's address by local names, counted among its namesakes."""
    steps: list[str] = []
    walk: etree._Element | None = node
    while walk is not None:
        name, above = _local(walk), walk.getparent()
        same = [child for child in above if _local(child) == name] if above is not None and name != "Ntry" else [walk]
        if name == "Ntry" and above is not None:
            steps.append(f"Ntry[line {walk.sourceline}]")
        else:
            steps.append(f"{name}[{same.index(walk) + 1}]" if len(same) > 1 else name)
        walk = above
    return Locus(place="/" + "/".join(reversed(steps)))


def _tell(to: Statement | Transaction, name: str, node: etree._Element | None, *paths: str) -> None:
    found = _first(node, *paths)
    if found is not None:
        text = _text(found)
        to.tell(name, text, text, _at(found))


def _tell_day(to: Statement | Transaction, name: str, node: etree._Element, *paths: str) -> None:
    found = _first(node, *paths)
    if found is not None:
        to.tell(name, _day(found.text or ""), (found.text or "").strip(), _at(found))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None


def _statement(node: etree._Element) -> Statement:
    statement = Statement(_at(node))
    _tell(statement, "account", node, "Acct/Id/IBAN", "Acct/Id/Othr/Id")
    _tell(statement, "bank", node, "Acct/Svcr/FinInstnId/BICFI", "Acct/Svcr/FinInstnId/BIC")
    _tell(statement, "reference", node, "Id")
    _tell(statement, "statement_no", node, "ElctrncSeqNb", "LglSeqNb")
    _tell(statement, "currency", node, "Acct/Ccy")
    _tell_day(statement, "period_start", node, "FrToDt/FrDtTm", "FrToDt/FrDt")
    _tell_day(statement, "period_end", node, "FrToDt/ToDtTm", "FrToDt/ToDt")
    for balance in _every(node, "Bal"):
        _balance(statement, balance)
    for entry in _every(node, "Ntry"):
        _transaction(statement, entry)
    return statement


def _balance(statement: Statement, node: etree._Element) -> None:
    code, amount = _first(node, "Tp/CdOrPrtry/Cd"), _first(node, "Amt")
    kind = _KINDS.get((code.text or "").strip()) if code is not None else None
    value = plain_amount(amount.text or "") if amount is not None else None
    if kind is None or value is None or amount is None:
        return
    debit = _first(node, "CdtDbtInd")
    status = "D" if debit is not None and (debit.text or "").strip() == "DBIT" else "C"
    on = _first(node, "Dt/Dt", "Dt/DtTm")
    fact = Fact(
        -value if status == "D" else value, (amount.text or "").strip(), _at(amount), "its indicator gives its sign"
    )
    day = _day(on.text or "") if on is not None else None
    statement.balances.append(Balance(kind, fact, amount.get("Ccy") or "", day, status))
    if amount.get("Ccy") and "currency" not in statement.facts:
        statement.tell("currency", amount.get("Ccy"), amount.get("Ccy") or "", _at(amount))


def _transaction(statement: Statement, node: etree._Element) -> None:
    amount = _first(node, "Amt")
    value = plain_amount(amount.text or "") if amount is not None else None
    if amount is None or value is None:
        statement.warnings.append(f"line {node.sourceline}: an entry without amount")
        return
    debit, reversal = _first(node, "CdtDbtInd"), _first(node, "RvslInd")
    is_debit = debit is not None and (debit.text or "").strip() == "DBIT"
    is_reversal = reversal is not None and (reversal.text or "").strip() == "true"
    made = Transaction(_at(node))
    statement.transactions.append(made)
    # the indicator of a reversal tells how the money moved, as that of any entry
    sign = "the indicator of debit gives its sign" if is_debit else ""
    made.tell("amount", -value if is_debit else value, (amount.text or "").strip(), _at(amount), reason=sign)
    made.tell("currency", amount.get("Ccy"), amount.get("Ccy") or "", _at(amount))
    made.tell("status", ("R" if is_reversal else "") + ("D" if is_debit else "C"), "", _at(node))
    _tell_day(made, "booking_date", node, "BookgDt/Dt", "BookgDt/DtTm")
    _tell_day(made, "value_date", node, "ValDt/Dt", "ValDt/DtTm")
    _tell(made, "transaction_code", node, "BkTxCd/Prtry/Cd", "BkTxCd/Domn/Fmly/SubFmlyCd")
    _tell(made, "bank_reference", node, "AcctSvcrRef")
    _tell(made, "booking_text", node, "AddtlNtryInf")
    details = list(_every(node, "NtryDtls/TxDtls"))
    if len(details) > 1:
        statement.warnings.append(f"line {node.sourceline}: the {len(details)} payments of one entry are one row")
    elif details:
        _details(made, details[0], is_debit=is_debit)


def _details(made: Transaction, node: etree._Element, *, is_debit: bool) -> None:
    _tell(made, "end_to_end_id", node, "Refs/EndToEndId")
    _tell(made, "mandate_id", node, "Refs/MndtId")
    other = "Cdtr" if is_debit else "Dbtr"
    names = (f"RltdPties/{other}/Nm", f"RltdPties/{other}/Pty/Nm")
    _tell(made, "counterparty_name", node, *names)
    _tell(made, "counterparty_account", node, f"RltdPties/{other}Acct/Id/IBAN", f"RltdPties/{other}Acct/Id/Othr/Id")
    agent = f"RltdAgts/{other}Agt/FinInstnId"
    _tell(made, "counterparty_bank", node, f"{agent}/BICFI", f"{agent}/BIC")
    pieces = list(_every(node, "RmtInf/Ustrd")) or list(_every(node, "RmtInf/Strd/CdtrRefInf/Ref"))
    if pieces:
        text = " ".join(" ".join((piece.text or "").split()) for piece in pieces)
        made.tell("purpose", text, text, _at(pieces[0]))
