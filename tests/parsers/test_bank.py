"""Statements in the formats of banks: MT940 in its dialects, OFX in both forms, CAMT; types told by content."""

# ruff: noqa: E501 - a printed line is easier to read whole

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locus_dbt.errors import InputError
from locus_dbt.parsers.bank import camt, mt940, ofx
from locus_dbt.parsers.bank.statement import Statement, Transaction, balanced, iban_is_valid, plain_amount
from locus_dbt.parsers.detect import CSV, HTML, JSON, MT940, OFX, XML, media_type
from tests.make_fixtures.run_image import read

STATEMENT = """\
:20:REF1
:25:10020030/1234567
:28C:00005/002
:60F:C251230EUR100,00
:61:2512310102DR25,5NTRFNONREF//BANK1
Rent
:86:116?00TRANSFER?20EREF+E-1?21SVWZ+Rent Ja?22nuary?32Land?33lord?31DE89370400440532013000
:62F:C260102EUR74,50
-
"""


def one(text: str) -> Statement:
    (statement,) = mt940.read_statements(text.encode())
    return statement


def entry(line: str, *more: str) -> Transaction:
    return one("\n".join((":20:X", ":60F:C260101EUR0,", line, *more))).transactions[0]


def test_statement_as_a_whole() -> None:
    statement = one(STATEMENT)
    assert statement.value("account") == "10020030/1234567"
    assert (statement.value("statement_no"), statement.value("sequence_no")) == ("00005", "002")
    (made,) = statement.transactions
    expected: dict[str, Any] = {
        "value_date": date(2025, 12, 31), "booking_date": date(2026, 1, 2), "amount": Decimal("-25.5"),
        "currency": "EUR", "transaction_code": "NTRF", "bank_reference": "BANK1", "supplement": "Rent",
        "booking_text": "TRANSFER", "purpose": "Rent January", "counterparty_name": "Landlord",
        "counterparty_account": "DE89370400440532013000", "end_to_end_id": "E-1",
    }  # fmt: skip
    assert {name: made.value(name) for name in expected} == expected
    assert made.facts["amount"].at.place == "line 5"
    assert made.facts["purpose"].at.place == "line 7"
    assert balanced(statement) == (True, "100.00 + -25.5 = 74.50")


@pytest.mark.parametrize(
    ("line", "amount", "code"),
    [
        (":61:260105C1,00NTRFA", "1.00", "NTRF"),
        (":61:2601050105CR1,NTRFA", "1", "NTRF"),
        (":61:260105D,5NTRFA", "-0.5", "NTRF"),
        (":61:260105RC2,00NCHGA", "-2.00", "NCHG"),
        (":61:260105RD2,00NCHGA", "2.00", "NCHG"),
        (":61:260105DF000000001234,56S051A", "-1234.56", "S051"),
        (":61:260105C1.234,56NTRFA", "1234.56", "NTRF"),
        (":61:2601050105C12,00FMSCA//B", "12.00", "FMSC"),
        (":61:2601050105CR\n12,00NTRFA", "12.00", "NTRF"),
    ],
)
def test_entries_of_many_banks(line: str, amount: str, code: str) -> None:
    made = entry(line)
    assert made.value("amount") == Decimal(amount)
    assert made.value("transaction_code") == code


@pytest.mark.parametrize(
    ("value", "booked", "expected"),
    [("251231", "0102", date(2026, 1, 2)), ("260102", "1231", date(2025, 12, 31)), ("260615", "0616", date(2026, 6, 16)),
     ("240301", "0229", date(2024, 2, 29)), ("250301", "0230", date(2025, 2, 28))],
)  # fmt: skip
def test_booking_day_takes_the_nearest_year(value: str, booked: str, expected: date) -> None:
    made = entry(f":61:{value}{booked}C1,00NTRFA")
    assert made.value("booking_date") == expected


def test_details_of_several_schools() -> None:
    dutch = entry(
        ":61:260105C1,00NTRFA", ":86:/TRTP/SEPA OVERBOEKING/IBAN/NL91ABNA0417164300/BIC/ABNANL2A/NAME/J DE VRIES/REMI/",
        "FACTUUR 12/EREF/NOTPROVIDED",
    )  # fmt: skip
    assert dutch.value("counterparty_name") == "J DE VRIES"
    assert dutch.value("counterparty_account") == "NL91ABNA0417164300"
    assert dutch.value("purpose") == "FACTUUR 12"
    tilde = entry(":61:260105C1,00NTRFA", ":86:020~00VIR~20Rent ~21January~32Smith")
    assert (tilde.value("purpose"), tilde.value("counterparty_name")) == ("Rent January", "Smith")
    old = entry(":61:260105C1,00S051A", ":NS:01Rent", "02January", "15Smith & Co", "17Transfer", "3310020030")
    assert (old.value("purpose"), old.value("counterparty_name")) == ("Rent January", "Smith & Co")
    free = entry(":61:260105C1,00NTRFA", ":86:Rent January", "Smith")
    assert free.value("purpose") == "Rent January Smith"
    wrapped = entry(":61:260105C1,00NTRFA", ":86:106?20at 10", ":15:30 h?21 paid")
    assert wrapped.value("purpose") == "at 10:15:30 h paid"


def test_details_behind_the_closing_balance_are_the_statements() -> None:
    statement = one(STATEMENT.replace("-\n", ":86:Thank you\n-\n"))
    assert statement.value("information") == "Thank you"
    assert "Thank you" not in statement.transactions[0].value("information")


def test_several_statements_and_snippets() -> None:
    two = mt940.read_statements((STATEMENT + STATEMENT.replace("REF1", "REF2")).encode())
    assert [s.value("reference") for s in two] == ["REF1", "REF2"]
    without_end = mt940.read_statements((STATEMENT.replace("-\n", "") * 2).encode())
    assert [len(s.transactions) for s in without_end] == [1, 1]
    assert one(":62F:D260102EUR74,50").closing is not None
    swift = "{1:F01BANKDEFFXXXX0000000000}{2:O9400000000000}{4:\n" + STATEMENT.replace("-\n", "-}\n")
    assert one(swift).value("reference") == "REF1"


def test_dos_code_page_is_seen() -> None:
    text = ":20:X\n:60F:C260101HUF1,00\n:61:260105C1,00NTRFA\n:86:Számlájára jóváírás árvíztűrő\n"
    (statement,) = mt940.read_statements(text.encode("cp852"))
    assert statement.transactions[0].value("purpose") == "Számlájára jóváírás árvíztűrő"
    (statement,) = mt940.read_statements(text.replace("ű", "ü").replace("ő", "ö").encode("cp1252"))
    assert statement.transactions[0].value("purpose") == "Számlájára jóváírás árvíztürö"


def test_what_cannot_be_read_is_told() -> None:
    statement = one(":20:X\n:61:nonsense\n:60F:C26\n:25:A\n:25:B")
    assert len(statement.warnings) == 3
    statement = one(":20:X\n:61:260105C1,00NTRFA\n:86:first\n:61:26X\n:86:lost\n:61:261399C3,00NTRFB\n:86:third\n")
    assert [made.value("information") for made in statement.transactions] == ["first", "third"]
    assert [made.value("amount") for made in statement.transactions] == [Decimal(1), Decimal(3)]
    assert len(statement.warnings) == 3
    statement = one(":20:X\n:61:nonsense\n:60F:C26\n:25:A\n:25:B")
    assert statement.value("account") == "A"
    with pytest.raises(InputError):
        mt940.read_statements(b"no statement")


@given(
    st.lists(
        st.tuples(
            st.dates(date(1990, 1, 1), date(2070, 1, 1)),
            st.decimals(Decimal(0), Decimal(9999999999), places=2),
            st.sampled_from(["C", "D", "RC", "RD"]),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_written_entries_come_back(entries: list[tuple[date, Decimal, str]]) -> None:
    lines = [
        f":61:{day:%y%m%d}{day:%m%d}{mark}{amount}NTRFREF{i}".replace(".", ",")
        for i, (day, amount, mark) in enumerate(entries)
    ]
    statement = one("\n".join([":20:X", *lines]))
    for made, (day, amount, mark) in zip(statement.transactions, entries, strict=True):
        year = day.year if 1980 <= day.year < 2080 else None
        assert year is None or made.value("value_date") == day
        assert made.value("amount") == (-amount if mark in ("D", "RC") else amount)


SGML = """\
OFXHEADER:100
CHARSET:1252

<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>EUR
<BANKACCTFROM><BANKID>10020030<ACCTID>1234567<ACCTTYPE>CHECKING</BANKACCTFROM>
<BANKTRANLIST><DTSTART>20260101<DTEND>20260131
<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20260105<TRNAMT>-12,50<FITID>1<NAME>Café &amp; Co<MEMO>
<CHECKNUM>77</STMTTRN>
</BANKTRANLIST><LEDGERBAL><BALAMT>87.50<DTASOF>20260131</LEDGERBAL></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>
"""
XML_FORM = """\
<?xml version="1.0" encoding="UTF-8"?><?OFX OFXHEADER="200" VERSION="211"?>
<!DOCTYPE OFX [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>
<OFX><INVSTMTMSGSRSV1><INVSTMTTRNRS><INVSTMTRS><CURDEF>USD</CURDEF><INVACCTFROM><BROKERID>b</BROKERID><ACCTID>9</ACCTID>
</INVACCTFROM><INVTRANLIST><DTSTART>20260101</DTSTART><DTEND>20260131</DTEND><BUYSTOCK><INVBUY></INVBUY></BUYSTOCK>
<INVBANKTRAN><STMTTRN><TRNTYPE>CREDIT</TRNTYPE><DTPOSTED>20260105120000.000[-5:EST]</DTPOSTED><TRNAMT>5</TRNAMT>
<FITID>x</FITID><NAME>Interest &b;</NAME><MEMO></MEMO></STMTTRN></INVBANKTRAN></INVTRANLIST>
<INVBAL><AVAILCASH>10.00</AVAILCASH></INVBAL></INVSTMTRS></INVSTMTTRNRS></INVSTMTMSGSRSV1></OFX>
"""


def test_ofx_with_tags_left_open() -> None:
    (statement,) = ofx.read_statements(SGML.encode("cp1252"))
    (made,) = statement.transactions
    assert made.value("amount") == Decimal("-12.50")
    assert made.value("counterparty_name") == "Café & Co"
    assert made.value("customer_reference") == "77"
    assert made.facts["counterparty_name"].at.place == "line 7"
    assert statement.closing is not None
    assert statement.value("account") == "1234567"


def test_ofx_as_xml_expands_no_entity() -> None:
    (statement,) = ofx.read_statements(XML_FORM.encode())
    (made,) = statement.transactions
    assert made.value("counterparty_name") == "Interest &b;"
    assert made.value("booking_date") == date(2026, 1, 5)
    assert statement.balance("available") is not None
    assert any("securities" in warning for warning in statement.warnings)


def test_camt_refuses_entities() -> None:
    data = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'
    with pytest.raises(InputError):
        camt.read_statements(data)


def test_types_are_told_by_content() -> None:
    expected = {
        STATEMENT: MT940, SGML: OFX, XML_FORM: OFX, ":60F:C260101EUR1,00\n": MT940,
        "{1:F01BANK}{2:O940}{4:\n:20:A\n:25:B\n-}": MT940, "<html><body>:61:</body></html>": HTML,
        '<?xml version="1.0"?><a><OFX/></a>': XML, '{"a": ":20:"}': JSON, "a,b\n1,2\n": CSV,
    }  # fmt: skip
    assert {text: media_type(text.encode("utf-8"), "x") for text in expected} == expected


def test_statement_as_a_table() -> None:
    parsed = read(STATEMENT.encode(), "x").parsed
    (table,) = parsed.tables
    assert "Rent January" in table.text
    assert all(table.place)
    assert any(block.text == "opening balance: 100.00 EUR 2025-12-30" for block in parsed.pages[0].blocks)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("12,", "12"), (",5", "0.5"), ("1.50", "1.50"), ("-3", "-3"), ("", None), ("1,2,3", None), ("NaN", None), ("1e99", None)],
)  # fmt: skip
def test_plain_amounts(text: str, expected: str | None) -> None:
    assert plain_amount(text) == (Decimal(expected) if expected else None)


def test_iban_check_digits() -> None:
    assert iban_is_valid("GB82 WEST 1234 5698 7654 32")
    assert not iban_is_valid("GB83 WEST 1234 5698 7654 32")
    assert not iban_is_valid("DE00 x")
