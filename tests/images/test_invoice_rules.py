"""What the invoice-extractor's rules promise: labels, geometry, arithmetic, citations, hostile XML."""

# ruff: noqa: E501 - a printed row is easier to read whole
from __future__ import annotations

import hashlib
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from locus_dbt.core.builder import TableBuilder
from locus_dbt.core.manifest_file import read_manifest
from locus_dbt.errors import InputError
from locus_dbt.images.invoice_extractor import image
from locus_dbt.images.invoice_extractor.einvoice import parse_einvoice
from locus_dbt.images.invoice_extractor.labels import find_labels
from locus_dbt.images.invoice_extractor.layout import Sheet, read_sheet
from locus_dbt.images.invoice_extractor.page_reader import Reading, read_pages
from locus_dbt.model.document import Document
from locus_dbt.model.element import Attachment, Page, Parsed, Words

MANIFEST = read_manifest(Path(image.__file__).with_name("manifest.yaml"))
HEAD = [(50, 60, "Rechnung Nr. 4711 vom 05.03.2024")]


def paper(lines: Sequence[tuple[float, float, str]], *, size: float = 10) -> Page:
    """A page of text lines ``(x, top, text)`` in a type whose letters are all half an em wide; ``|x`` begins a cell at x."""
    texts: list[str] = []
    boxes: list[list[float]] = []
    for x, top, line in lines:
        at = x
        for word in line.split():
            if word.startswith("|"):
                at = float(word[1:])
                continue
            width = len(word) * size / 2
            texts.append(word)
            boxes.append([at, top, at + width, top + size])
            at += width + size * 0.3
    n = len(texts)
    return Page(
        1, 595, 842,
        Words(tuple(texts), np.array(boxes, np.float32).reshape(n, 4), np.full(n, size, np.float32),
              np.zeros(n, np.int32), np.zeros(n, np.bool_)),
    )  # fmt: skip


def sheet(*lines: tuple[float, float, str]) -> Sheet:
    return read_sheet(Parsed("application/pdf", (paper(lines),)))


def read(*lines: tuple[float, float, str]) -> Reading:
    return read_pages(sheet(*lines))


def values(reading: Reading) -> dict[str, Any]:
    return {k: str(f.value) for k, f in reading.fields.items()}


def document(parsed: Parsed, data: bytes = b"%PDF", media_type: str = "application/pdf") -> Document:
    return Document("input.pdf", media_type, hashlib.sha256(data).hexdigest(), data, lambda _: parsed)


def extract(doc: Document, grain: str = "invoices", **params: Any) -> TableBuilder:
    table = TableBuilder({c.name: c.type for c in MANIFEST.emits.outputs[grain].columns})
    image.extract(doc, {"grain": grain, "use_attachments": True, **params}, table)
    return table


# ---------------------------------------------------------------- labels
def test_a_label_is_found_however_it_is_spelled() -> None:
    for spelling in ("Rechnungs-Nr.:", "RECHNUNGSNR", "Rechnungs nummer"):
        (row,) = sheet((50, 50, f"{spelling} 17")).rows
        assert "invoice_number" in {h.field for h in find_labels(row)}, spelling


def test_the_longest_phrase_wins_over_a_shorter_one_inside_it() -> None:
    (row,) = sheet((50, 50, "Gesamtbetrag der Zuschläge |300 5,00")).rows
    assert {h.field for h in find_labels(row)} == {"-"}


def test_a_value_stands_right_of_its_label_or_under_it() -> None:
    right = read((50, 50, "Invoice"), (50, 80, "Invoice number |200 A-17"), (50, 95, "Due date |200 2024-05-01"))
    under = read((50, 50, "Invoice"), (50, 80, "Invoice number |200 Due date"), (50, 92, "A-17 |200 2024-05-01"))
    for reading in (right, under):
        assert values(reading)["invoice_number"] == "A-17"
        assert values(reading)["due_date"] == "2024-05-01"


def test_title_gives_number_and_date_even_over_the_line_break() -> None:
    got = values(read((50, 50, "Gutschrift (Storno) Nr. G-9/24 vom"), (50, 62, "17.04.2024")))
    assert (got["invoice_number"], got["issue_date"], got["type_code"]) == ("G-9/24", "2024-04-17", "381")


def test_month_first_where_another_date_leaves_no_doubt() -> None:
    got = values(read((50, 50, "Invoice A-1"), (50, 70, "Invoice date: 03/04/2024"), (50, 85, "Due date: 03/18/2024")))
    assert got["issue_date"] == "2024-03-04"


def test_a_period_is_no_delivery_date() -> None:
    got = values(read(*HEAD, (50, 80, "Leistungsdatum: 01.02.2024 bis 29.02.2024")))
    assert "delivery_date" not in got


def test_the_payers_own_account_is_not_the_account_to_pay_to() -> None:
    got = values(read(*HEAD, (50, 80, "Käufer-IBAN: DE89 3704 0044 0532 0130 00")))
    assert "iban" not in got
    got = values(read(*HEAD, (50, 80, "IBAN: DE89 3704 0044 0532 0130 00 BIC COBADEFFXXX")))
    assert got["iban"] == "DE89370400440532013000"


# ---------------------------------------------------------------- parties
def test_sender_line_and_address_window() -> None:
    got = values(read(
        (57, 100, "Beispiel GmbH · Hauptstr. 1 · 10115 Berlin"),
        (57, 130, "Muster AG"), (57, 143, "Erika Muster"), (57, 156, "Weg 2"), (57, 169, "20095 Hamburg"),
        (57, 300, "Rechnung Nr. 5"),
    ))  # fmt: skip
    assert (got["seller_name"], got["seller_postcode"], got["seller_city"]) == ("Beispiel GmbH", "10115", "Berlin")
    assert (got["buyer_name"], got["buyer_postcode"], got["buyer_city"]) == ("Muster AG", "20095", "Hamburg")


def test_a_delivery_address_is_not_the_buyer() -> None:
    got = values(read(
        (50, 50, "Facture F-1"), (50, 80, "Vendeur"), (50, 92, "Ici SARL"), (50, 104, "75002 Paris"),
        (50, 140, "Adresse de livraison |300 Facturé à"), (50, 152, "Dépôt Nord |300 La Boutique"),
        (50, 164, "59000 Lille |300 69001 Lyon"),
    ))  # fmt: skip
    assert (got["buyer_name"], got["buyer_city"]) == ("La Boutique", "Lyon")


def test_country_letters_before_the_postcode_and_british_addresses() -> None:
    got = values(read(
        (50, 50, "Invoice 7"), (50, 80, "Seller:"), (50, 92, "North Ltd"), (50, 104, "Leeds"), (50, 116, "LS5 3NG"),
        (50, 150, "Buyer:"), (50, 162, "Süd GmbH"), (50, 174, "AT 1010 Wien"),
    ))  # fmt: skip
    assert (got["seller_postcode"], got["seller_city"]) == ("LS5 3NG", "Leeds")
    assert (got["buyer_country"], got["buyer_postcode"], got["buyer_city"]) == ("AT", "1010", "Wien")


# ---------------------------------------------------------------- sums
SUMS = [
    (300, 400, "Nettobetrag |480 100,00"),
    (300, 412, "MwSt. 19 % |480 19,00"),
    (300, 424, "Gesamtbetrag |480 119,00"),
]


def test_sums_that_add_up_are_surer() -> None:
    good = read(*HEAD, *SUMS).fields
    wrong = read(*HEAD, *SUMS[:2], (300, 424, "Gesamtbetrag |480 120,00")).fields
    assert [str(good[k].value) for k in ("net_total", "tax_total", "gross_total")] == ["100.00", "19.00", "119.00"]
    assert str(wrong["gross_total"].value) == "120.00"
    assert wrong["gross_total"].score < 0.75 < good["gross_total"].score


def test_of_two_candidates_the_one_that_adds_up_is_taken() -> None:
    got = values(read(*HEAD, (300, 380, "Total |480 999,00"), *SUMS))
    assert got["gross_total"] == "119.00"


def test_taxes_of_two_rates_are_summed_and_say_so() -> None:
    reading = read(
        *HEAD, (300, 400, "Nettobetrag |480 200,00"), (300, 412, "MwSt. 7 % |480 7,00"),
        (300, 424, "MwSt. 19 % |480 19,00"), (300, 436, "Gesamtbetrag |480 226,00"),
    )  # fmt: skip
    tax = reading.fields["tax_total"]
    assert (str(tax.value), bool(tax.inferred), tax.text) == ("26.00", True, "7,00 19,00")


def test_a_deposit_is_the_difference_between_gross_and_due() -> None:
    got = read(*HEAD, *SUMS, (300, 436, "Anzahlung |480 -50,00"), (300, 448, "Zahlbetrag |480 69,00")).fields
    assert (str(got["prepaid_amount"].value), str(got["amount_due"].value)) == ("50.00", "69.00")
    assert got["prepaid_amount"].inferred  # printed with a minus


def test_days_are_no_sum() -> None:
    got = values(read(*HEAD, *SUMS, (50, 500, "Please pay within 30 days of receipt.")))
    assert got["amount_due"] == "119.00"


# ---------------------------------------------------------------- lines
TABLE_HEAD = (50, 200, "Pos |80 Bezeichnung |300 Menge |370 Preis |430 MwSt |490 Betrag")


def test_lines_of_a_borderless_table_with_wrapped_names_and_carried_sums() -> None:
    reading = read(
        *HEAD, TABLE_HEAD,
        (50, 214, "1 |80 Ein langer Name, der |300 2 Stk |370 10,00 |430 19 % |490 20,00"), (80, 226, "umbricht"),
        (50, 244, "2 |80 Arbeit |300 1,5 Std |370 60,00 |430 19 % |490 90,00"), (80, 262, "Übertrag |490 110,00"),
        (80, 400, "Nettobetrag |490 110,00"), (80, 412, "MwSt. 19 % |490 20,90"), (80, 424, "Gesamtbetrag |490 130,90"),
    )  # fmt: skip
    lines = [{k: str(f.value) for k, f in line.items()} for line in reading.lines]
    assert [x["description"] for x in lines] == ["Ein langer Name, der umbricht", "Arbeit"]
    assert [(x["quantity"], x["unit_code"], x["net_amount"]) for x in lines] == [
        ("2", "H87", "20.00"),
        ("1.5", "HUR", "90.00"),
    ]
    assert str(reading.fields["net_total"].value) == "110.00"


def test_quantity_times_price_makes_a_line_surer() -> None:
    fits = read(*HEAD, TABLE_HEAD, (50, 214, "1 |80 Ware |300 2 |370 10,00 |430 19 % |490 20,00"), *SUMS).lines[0]
    not_so = read(*HEAD, TABLE_HEAD, (50, 214, "1 |80 Ware |300 2 |370 10,00 |430 19 % |490 25,00"), *SUMS).lines[0]
    assert fits["net_amount"].score > not_so["net_amount"].score


def test_the_only_rate_is_given_to_lines_without_one_and_marked() -> None:
    reading = read(
        *HEAD,
        (50, 200, "Bezeichnung |300 Menge |370 Preis |490 Betrag"),
        (50, 214, "Ware |300 10 |370 10,00 |490 100,00"),
        *SUMS,
    )
    rate = reading.lines[0]["tax_rate"]
    assert (str(rate.value), bool(rate.inferred)) == ("19", True)


# ---------------------------------------------------------------- the image
@pytest.mark.criterion("E4.4")
def test_every_cell_has_text_box_and_confidence() -> None:
    lines = (*HEAD, (57, 100, "Beispiel GmbH · Hauptstr. 1 · 10115 Berlin"), *SUMS)
    table = extract(document(Parsed("application/pdf", (paper(lines),))))
    spans = table.spans_table().to_pylist()
    (row,) = table.rows_table().to_pylist()
    assert {s["column_name"] for s in spans} == {k for k, v in row.items() if v is not None} - {"ordinal"}
    for span in spans:
        assert span["page"] == 1
        assert span["text"]
        assert 0 < span["confidence"] <= 1
        assert span["x0"] < span["x1"]
    assert row["gross_total"] == Decimal("119.00")


def test_a_document_that_is_no_invoice_is_refused() -> None:
    letter = Parsed("application/pdf", (paper([(50, 50, "Dear Sir, we thank you for your letter of 5 March 2024.")]),))
    for parsed in (letter, Parsed("application/pdf", ())):
        with pytest.raises(InputError) as refused:
            extract(document(parsed))
        assert refused.value.code == "E210"


def test_words_without_end_are_bounded() -> None:
    lines = [(50.0, 60.0, "Rechnung " + "rechnung" * 20000), (50.0, 80.0, "a " * 5000)]
    with pytest.raises(InputError):
        extract(document(Parsed("application/pdf", (paper(lines),))))


# ---------------------------------------------------------------- e-invoice XML
XML = b"""<rsm:CrossIndustryInvoice xmlns:rsm="a" xmlns:ram="b">
<rsm:ExchangedDocument><ram:ID>4711</ram:ID><ram:TypeCode>380</ram:TypeCode></rsm:ExchangedDocument>
<rsm:SupplyChainTradeTransaction><ram:ApplicableHeaderTradeAgreement><ram:BuyerReference>ABC-1</ram:BuyerReference>
<ram:SellerTradeParty><ram:Name>Beispiel GmbH</ram:Name></ram:SellerTradeParty></ram:ApplicableHeaderTradeAgreement>
<ram:ApplicableHeaderTradeSettlement><ram:InvoiceCurrencyCode>EUR</ram:InvoiceCurrencyCode>
<ram:SpecifiedTradeSettlementHeaderMonetarySummation><ram:TaxTotalAmount currencyID="GBP">16.00</ram:TaxTotalAmount>
<ram:TaxTotalAmount currencyID="EUR">19.00</ram:TaxTotalAmount><ram:GrandTotalAmount>119.00</ram:GrandTotalAmount>
</ram:SpecifiedTradeSettlementHeaderMonetarySummation></ram:ApplicableHeaderTradeSettlement>
</rsm:SupplyChainTradeTransaction></rsm:CrossIndustryInvoice>"""


def hybrid() -> Document:
    page = paper([*HEAD, (57, 100, "Beispiel GmbH · Hauptstr. 1 · 10115 Berlin"), *SUMS])
    return document(Parsed("application/pdf", (page,), attachments=(Attachment("factur-x.xml", "text/xml", XML),)))


def test_attached_xml_cites_the_printed_box_or_its_own_path() -> None:
    table = extract(hybrid())
    spans = {s["column_name"]: s for s in table.spans_table().to_pylist()}
    assert spans["gross_total"]["x0"] is not None
    assert spans["gross_total"]["text"] == "119,00"
    reference = spans["buyer_reference"]
    assert (reference["page"], reference["x0"], reference["value"]) == (None, None, "ABC-1")
    assert reference["place"].startswith("attachment factur-x.xml /")
    assert spans["tax_total"]["value"] == "19.00"


def test_attachments_can_be_left_alone() -> None:
    spans = extract(hybrid(), use_attachments=False).spans_table().to_pylist()
    assert {s["place"] for s in spans} == {None}


@pytest.mark.parametrize(
    "bad",
    [
        b'<!DOCTYPE x [<!ENTITY e "boom">]><Invoice><ID>&e;</ID></Invoice>',
        '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><Invoice><ID>&e;</ID></Invoice>'.encode("utf-16"),
        b"<Invoice><ID>",
        b"not xml at all",
        b"<html><ID>1</ID></html>",
    ],
)  # fmt: skip
def test_hostile_or_foreign_xml_is_no_invoice(bad: bytes) -> None:
    assert parse_einvoice(bad, "x.xml") is None


def test_number_and_date_under_one_label() -> None:
    got = values(read((50, 50, "Rechnung"), (50, 80, "Rechnungsnummer / Datum: 4711 / 05.03.2024")))
    assert (got["invoice_number"], got["issue_date"]) == ("4711", "2024-03-05")


def test_delivery_on_the_date_of_issue_is_inferred() -> None:
    found = read(*HEAD, (50, 80, "Das Leistungsdatum entspricht dem Rechnungsdatum.")).fields["delivery_date"]
    assert (str(found.value), bool(found.inferred)) == ("2024-03-05", True)


def test_an_unlabelled_difference_is_no_tax() -> None:
    got = values(
        read(
            (50, 50, "Invoice A-1"),
            (300, 400, "Net total |480 85.00"),
            (300, 412, "Fee |480 15.00"),
            (300, 424, "Total |480 100.00"),
        )
    )
    assert "tax_total" not in got


def test_a_street_with_a_long_number_is_no_town() -> None:
    got = values(
        read(
            (50, 50, "Invoice 7"),
            (50, 80, "Seller:"),
            (50, 92, "West Inc."),
            (50, 104, "5000 Riverside Drive"),
            (50, 116, "Irving, TX 75039"),
        )
    )
    assert (got["seller_postcode"], got["seller_city"]) == ("75039", "Irving")


def names(reading: Reading) -> list[str]:
    return [str(line["description"].value) for line in reading.lines]


def test_names_centred_on_their_numbers() -> None:
    assert names(read(
        *HEAD, TABLE_HEAD, (80, 214, "Ein langer Name der über"), (50, 220, "1 |300 2 Stk |370 10,00 |430 19 % |490 20,00"),
        (80, 226, "zwei Zeilen geht"), (80, 250, "Noch ein Name mit"), (50, 256, "2 |300 8 Stk |370 10,00 |430 19 % |490 80,00"), *SUMS,
    )) == ["Ein langer Name der über zwei Zeilen geht", "Noch ein Name mit"]  # fmt: skip


def test_lines_set_without_a_gap_keep_their_own_names() -> None:
    assert names(read(
        *HEAD, TABLE_HEAD, (50, 214, "1 |80 Erstens ein langer Name |300 2 Stk |370 10,00 |430 19 % |490 20,00"), (80, 226, "mit Fortsetzung"),
        (50, 238, "2 |80 Zweitens |300 8 Stk |370 10,00 |430 19 % |490 80,00"), *SUMS,
    )) == ["Erstens ein langer Name mit Fortsetzung", "Zweitens"]  # fmt: skip


def test_sub_totals_of_titles_do_not_end_the_table() -> None:
    assert names(read(
        *HEAD, TABLE_HEAD, (50, 226, "1.1 |80 Aushub |300 2 |370 10,00 |430 19 % |490 20,00"), (300, 240, "Zwischensumme |490 20,00"),
        (80, 256, "Titel 2"), (50, 270, "2.1 |80 Mauern |300 8 |370 10,00 |430 19 % |490 80,00"), (300, 284, "Zwischensumme |490 80,00"), *SUMS,
    )) == ["Aushub", "Mauern"]  # fmt: skip


def test_the_year_of_an_act_is_no_sum() -> None:
    contract = [
        (50.0, 60.0, "Agreement No. 9"),
        (50.0, 80.0, "The amount due under the Securities Act 1934 is to pay 1934 on demand."),
    ]
    with pytest.raises(InputError):
        extract(document(Parsed("application/pdf", (paper(contract),))))


def test_a_table_of_sums_in_columns_is_no_table_of_lines() -> None:
    reading = read(
        *HEAD, (40, 200, "Art-Nr |140 Bezeichnung |300 Menge |370 Nettopreis |500 Nettowert"), (40, 214, "ZS997 |140 Kaffee |300 10 |370 10,00 |500 100,00"),
        (40, 240, "Warenwert |140 Nettobetrag |300 MwSt-Betrag |500 Endbetrag"), (40, 252, "100,00 |140 100,00 |300 19,00 |500 119,00"),
    )  # fmt: skip
    assert len(reading.lines) == 1
    assert values(reading)["gross_total"] == "119.00"
