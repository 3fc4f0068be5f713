"""Makes the invoice-extractor's test documents: same bytes on every run, every party and number invented.

python -m tests.make_fixtures.invoice_extractor   (needs reportlab and pikepdf)
"""

# ruff: noqa: E501 - XML and the rows of a page are easier to read whole
from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path

import pikepdf
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

FIXTURES = Path(__file__).parents[2] / "locus_dbt" / "images" / "invoice_extractor" / "fixtures"
TOP = A4[1]


class Paper:
    """A canvas that counts from the top left corner and knows right-aligned text."""

    def __init__(self) -> None:
        self.buffer = io.BytesIO()
        self.canvas = Canvas(self.buffer, pagesize=A4, invariant=1, pageCompression=1)

    def text(self, x: float, y: float, text: str, size: float = 10, *, bold: bool = False, right: bool = False) -> None:
        """One line with its baseline at ``y`` from the top."""
        self.canvas.setFont("Helvetica-Bold" if bold else "Helvetica", size)
        (self.canvas.drawRightString if right else self.canvas.drawString)(x, TOP - y, text)

    def lines(self, x: float, y: float, texts: Sequence[str], size: float = 10, step: float = 13) -> float:
        """A block of lines; returns the next line's place."""
        for text in texts:
            self.text(x, y, text, size)
            y += step
        return y

    def row(self, y: float, cells: Sequence[tuple[float, str, bool]], size: float = 9, *, bold: bool = False) -> None:
        """Cells of a table: place, text, whether the place is the right edge."""
        for x, text, right in cells:
            self.text(x, y, text, size, bold=bold, right=right)

    def page(self) -> None:
        """Begin the next page."""
        self.canvas.showPage()

    def done(self) -> bytes:
        """The PDF."""
        self.canvas.save()
        return self.buffer.getvalue()


def german_letter() -> bytes:
    """Sender's line, address window, reference block; two pages with the sum carried over; two rates."""
    p = Paper()
    p.text(57, 120, "Mühlbach Gartenbedarf GmbH · Am Anger 7 · 06110 Halle (Saale)", 7)
    p.lines(57, 140, ["Stadtgärtnerei Lindenau", "Frau Ines Petzold", "Merseburger Weg 19a", "04177 Leipzig"])
    facts = (("Rechnungsnummer:", "2024-10077"), ("Rechnungsdatum:", "2. Mai 2024"), ("Kundennummer:", "K 4418"),
             ("Leistungsdatum:", "29.04.2024"), ("Ihre Bestellung:", "SL/24-118"))  # fmt: skip
    for i, (label, value) in enumerate(facts):
        p.text(350, 140 + 13 * i, label)
        p.text(450, 140 + 13 * i, value)
    p.text(57, 250, "Rechnung", 16, bold=True)
    p.lines(57, 275, ["Wir berechnen Ihnen für unsere Lieferung:"])
    _german_head(p, 305)
    y = 325.0
    for pos, name, more, amount, unit, price, rate, total in (
        ("1", "Pflanzerde torffrei, Sack 40 l", "auf Einwegpalette", "24", "Stk", "7,95", "7 %", "190,80"),
        ("2", "Rankgitter Lärche, 180 x 90 cm,", "unbehandelt", "6", "Stk", "38,50", "19 %", "231,00"),
        ("3", "Pflasterarbeiten Eingang", "", "12,5", "Std", "54,00", "19 %", "675,00"),
    ):
        p.row(y, [(60, pos, False), (85, name, False), (340, amount, True), (346, unit, False), (420, price, True),
                  (465, rate, True), (535, total, True)])  # fmt: skip
        if more:
            p.text(85, y + 11, more, 9)
        y += 32
    p.row(y + 6, [(340, "Übertrag", False), (535, "1.096,80", True)])
    p.text(270, 800, "Seite 1 von 2", 8)
    p.page()
    p.text(57, 60, "Rechnung 2024-10077 vom 2. Mai 2024", 9)
    _german_head(p, 95)
    p.row(113, [(85, "Übertrag von Seite 1", False), (535, "1.096,80", True)])
    p.row(133, [(60, "4", False), (85, "Düngekalk gekörnt", False), (340, "250", True), (346, "kg", False),
                (420, "0,32", True), (465, "7 %", True), (535, "80,00", True)])  # fmt: skip
    for i, (label, value) in enumerate((
        ("Nettobetrag", "1.176,80 €"), ("zzgl. 7 % MwSt. auf 270,80 €", "18,96 €"),
        ("zzgl. 19 % MwSt. auf 906,00 €", "172,14 €"), ("Rechnungsbetrag", "1.367,90 €"),
    )):  # fmt: skip
        p.row(170 + 15 * i, [(330, label, False), (535, value, True)], bold=i == 3)
    p.lines(57, 260, ["Bitte überweisen Sie den Betrag bis zum 16.05.2024 auf unser Konto."])
    p.lines(57, 770, ["Mühlbach Gartenbedarf GmbH, Amtsgericht Stendal HRB 90417", "USt-IdNr. DE987654324, St.-Nr. 110/432/55507",
                      "Saalebank, IBAN DE21 8005 0000 1234 5678 90"], 7, 9)  # fmt: skip
    return p.done()


def _german_head(p: Paper, y: float) -> None:
    p.row(y, [(60, "Pos", False), (85, "Bezeichnung", False), (340, "Menge", True), (420, "Einzelpreis", True),
              (465, "MwSt", True), (535, "Gesamt", True)], bold=True)  # fmt: skip


def english_credit_note() -> bytes:
    """Letterhead in large type, facts in a row of boxes, month first, negative sums, no line numbers."""
    p = Paper()
    p.text(50, 60, "Pinewood Audio Inc.", 18, bold=True)
    p.lines(50, 78, ["88 Harbor Street, Suite 4", "Burlington, VT 05401"], 9, 11)
    p.text(545, 60, "CREDIT NOTE", 18, bold=True, right=True)
    p.text(50, 130, "Bill to", 8, bold=True)
    p.lines(50, 143, ["Larkfield Radio LLC", "12 Mill Road", "Keene, NH 03431", "USA"], 9, 11)
    heads = ("Credit note no.", "Date", "Original invoice", "PO number")
    for i, (head, value) in enumerate(zip(heads, ("CN-0093", "09/23/2024", "INV-3310", "LR-7781"), strict=True)):
        p.text(50 + 125 * i, 215, head, 8, bold=True)
        p.text(50 + 125 * i, 227, value, 9)
    p.row(265, [(50, "Item", False), (120, "Description", False), (370, "Qty", True), (450, "Unit price", True), (545, "Amount", True)],
          bold=True)  # fmt: skip
    p.row(283, [(50, "MX-8", False), (120, "Mixing desk, 8 channels, returned", False), (370, "-1", True), (450, "640.00", True),
                (545, "-640.00", True)])  # fmt: skip
    p.row(299, [(50, "CB-15", False), (120, "Cable drum 15 m", False), (370, "-3", True), (450, "39.90", True),
                (545, "-119.70", True)])  # fmt: skip
    for i, (label, value) in enumerate((("Subtotal", "-$759.70"), ("Sales tax 6%", "-$45.58"), ("Total", "-$805.28"))):
        p.row(335 + 15 * i, [(380, label, False), (545, value, True)], bold=i == 2)
    p.lines(50, 420, ["Federal Tax ID: 84-5550199"], 8)
    return p.done()


def french_invoice() -> bytes:
    """Two labelled blocks side by side, blanks between thousands, a deposit, no ruling."""
    p = Paper()
    p.text(297, 60, "FACTURE N° F-2024-0412", 15, bold=True)
    p.text(50, 105, "Vendeur", 8, bold=True)
    p.text(320, 105, "Facturé à", 8, bold=True)
    p.lines(
        50,
        118,
        ["Atelier Bois & Lumière SARL", "4 quai des Tanneurs", "67000 Strasbourg", "N° TVA : FR38552100019"],
        9,
        12,
    )
    p.lines(
        320,
        118,
        ["Mairie de Brumecourt", "1 place de l'Église", "54110 Brumecourt", "N° TVA client : FR61215400779"],
        9,
        12,
    )
    p.lines(50, 190, ["Date de facture : 14 mars 2024", "Date d'échéance : 13/04/2024", "Bon de commande : BC-2024-77",
                      "Code service : SERV-URB-02"], 9, 12)  # fmt: skip
    p.row(265, [(50, "Réf.", False), (110, "Désignation", False), (345, "Qté", True), (360, "Unité", False),
                (450, "P.U. HT", True), (545, "Montant HT", True)], bold=True)  # fmt: skip
    p.row(283, [(50, "BAN-3", False), (110, "Banc public en robinier", False), (345, "8", True), (360, "pièce", False),
                (450, "412,50", True), (545, "3 300,00", True)])  # fmt: skip
    p.row(299, [(50, "POS-1", False), (110, "Pose et scellement", False), (345, "6,5", True), (360, "heures", False),
                (450, "58,00", True), (545, "377,00", True)])  # fmt: skip
    sums = (("Total HT", "3 677,00 €"), ("TVA 20 %", "735,40 €"), ("Total TTC", "4 412,40 €"), ("Acompte versé", "1 000,00 €"),
            ("Net à payer", "3 412,40 €"))  # fmt: skip
    for i, (label, value) in enumerate(sums):
        p.row(330 + 15 * i, [(370, label, False), (545, value, True)], bold=i == 4)
    p.lines(50, 430, ["IBAN : FR76 1027 8000 0100 0200 0300 497"], 9)
    return p.done()


CII = """<?xml version="1.0" encoding="UTF-8"?>
<rsm:CrossIndustryInvoice xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
 xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
 xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100">
<rsm:ExchangedDocument><ram:ID>W-118</ram:ID><ram:TypeCode>380</ram:TypeCode>
<ram:IssueDateTime><udt:DateTimeString format="102">20240603</udt:DateTimeString></ram:IssueDateTime></rsm:ExchangedDocument>
<rsm:SupplyChainTradeTransaction>
<ram:IncludedSupplyChainTradeLineItem>
<ram:AssociatedDocumentLineDocument><ram:LineID>1</ram:LineID></ram:AssociatedDocumentLineDocument>
<ram:SpecifiedTradeProduct><ram:SellerAssignedID>SV-12</ram:SellerAssignedID><ram:Name>Wartung Aufzug</ram:Name></ram:SpecifiedTradeProduct>
<ram:SpecifiedLineTradeAgreement><ram:NetPriceProductTradePrice><ram:ChargeAmount>240.00</ram:ChargeAmount></ram:NetPriceProductTradePrice></ram:SpecifiedLineTradeAgreement>
<ram:SpecifiedLineTradeDelivery><ram:BilledQuantity unitCode="MON">3</ram:BilledQuantity></ram:SpecifiedLineTradeDelivery>
<ram:SpecifiedLineTradeSettlement><ram:ApplicableTradeTax><ram:RateApplicablePercent>19.00</ram:RateApplicablePercent></ram:ApplicableTradeTax>
<ram:SpecifiedTradeSettlementLineMonetarySummation><ram:LineTotalAmount>720.00</ram:LineTotalAmount></ram:SpecifiedTradeSettlementLineMonetarySummation></ram:SpecifiedLineTradeSettlement>
</ram:IncludedSupplyChainTradeLineItem>
<ram:ApplicableHeaderTradeAgreement><ram:BuyerReference>04-9910-77</ram:BuyerReference>
<ram:SellerTradeParty><ram:Name>Hebewerk Aufzüge AG</ram:Name><ram:PostalTradeAddress><ram:PostcodeCode>44135</ram:PostcodeCode>
<ram:CityName>Dortmund</ram:CityName><ram:CountryID>DE</ram:CountryID></ram:PostalTradeAddress>
<ram:SpecifiedTaxRegistration><ram:ID schemeID="VA">DE456456456</ram:ID></ram:SpecifiedTaxRegistration></ram:SellerTradeParty>
<ram:BuyerTradeParty><ram:Name>Wohnbau Ruhrtal eG</ram:Name><ram:PostalTradeAddress><ram:PostcodeCode>45355</ram:PostcodeCode>
<ram:CityName>Essen</ram:CityName><ram:CountryID>DE</ram:CountryID></ram:PostalTradeAddress></ram:BuyerTradeParty>
</ram:ApplicableHeaderTradeAgreement><ram:ApplicableHeaderTradeDelivery/>
<ram:ApplicableHeaderTradeSettlement><ram:InvoiceCurrencyCode>EUR</ram:InvoiceCurrencyCode>
<ram:SpecifiedTradeSettlementHeaderMonetarySummation><ram:TaxBasisTotalAmount>720.00</ram:TaxBasisTotalAmount>
<ram:TaxTotalAmount currencyID="EUR">136.80</ram:TaxTotalAmount><ram:GrandTotalAmount>856.80</ram:GrandTotalAmount>
<ram:DuePayableAmount>856.80</ram:DuePayableAmount></ram:SpecifiedTradeSettlementHeaderMonetarySummation>
</ram:ApplicableHeaderTradeSettlement></rsm:SupplyChainTradeTransaction></rsm:CrossIndustryInvoice>
"""

UBL = """<?xml version="1.0" encoding="UTF-8"?>
<CreditNote xmlns="urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2"
 xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
<cbc:ID>NC-55</cbc:ID><cbc:IssueDate>2024-07-01</cbc:IssueDate><cbc:CreditNoteTypeCode>381</cbc:CreditNoteTypeCode>
<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>
<cac:AccountingSupplierParty><cac:Party><cac:PartyName><cbc:Name>Verger du Lac</cbc:Name></cac:PartyName></cac:Party></cac:AccountingSupplierParty>
<cac:TaxTotal><cbc:TaxAmount currencyID="EUR">1.10</cbc:TaxAmount></cac:TaxTotal>
<cac:LegalMonetaryTotal><cbc:TaxExclusiveAmount currencyID="EUR">20.00</cbc:TaxExclusiveAmount>
<cbc:TaxInclusiveAmount currencyID="EUR">21.10</cbc:TaxInclusiveAmount><cbc:PayableAmount currencyID="EUR">21.10</cbc:PayableAmount></cac:LegalMonetaryTotal>
<cac:CreditNoteLine><cbc:ID>1</cbc:ID><cbc:CreditedQuantity unitCode="KGM">8</cbc:CreditedQuantity>
<cbc:LineExtensionAmount currencyID="EUR">20.00</cbc:LineExtensionAmount>
<cac:Item><cbc:Name>Pommes à cidre</cbc:Name><cac:SellersItemIdentification><cbc:ID>PC-2</cbc:ID></cac:SellersItemIdentification>
<cac:ClassifiedTaxCategory><cbc:Percent>5.5</cbc:Percent></cac:ClassifiedTaxCategory></cac:Item>
<cac:Price><cbc:PriceAmount currencyID="EUR">25.00</cbc:PriceAmount><cbc:BaseQuantity unitCode="KGM">10</cbc:BaseQuantity></cac:Price>
</cac:CreditNoteLine></CreditNote>
"""


def hybrid() -> bytes:
    """A plain page with e-invoice XML inside; the buyer's reference is in the XML only."""
    p = Paper()
    p.lines(60, 70, ["Hebewerk Aufzüge AG", "Rheinische Straße 90", "44135 Dortmund"])
    p.lines(60, 150, ["Wohnbau Ruhrtal eG", "Germaniastraße 2", "45355 Essen"])
    p.text(60, 230, "Rechnung Nr. W-118 vom 03.06.2024", 13, bold=True)
    p.text(60, 245, "USt-IdNr.: DE456456456", 9)
    p.row(280, [(60, "Artikel", False), (300, "Menge", True), (400, "Preis", True), (540, "Betrag", True)], bold=True)
    p.row(
        296,
        [
            (60, "Wartung Aufzug", False),
            (270, "3", True),
            (274, "Monate", False),
            (400, "240,00", True),
            (540, "720,00", True),
        ],
    )
    for i, (label, value) in enumerate(
        (("Summe netto", "720,00 EUR"), ("USt. 19 %", "136,80 EUR"), ("Gesamtbetrag", "856,80 EUR"))
    ):
        p.row(330 + 15 * i, [(380, label, False), (540, value, True)])
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(p.done())) as pdf:
        spec = pikepdf.AttachedFileSpec(
            pdf, CII.encode("utf-8"), filename="factur-x.xml", mime_type="text/xml", creation_date="D:20240603000000Z",
            mod_date="D:20240603000000Z",
        )  # fmt: skip
        pdf.attachments["factur-x.xml"] = spec
        pdf.save(out, deterministic_id=True)
    return out.getvalue()


DOCUMENTS: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "german_letter": ("input.pdf", german_letter, ""),
    "german_letter_lines": ("input.pdf", german_letter, "grain: lines\n"),
    "english_credit_note": ("input.pdf", english_credit_note, ""),
    "english_credit_note_lines": ("input.pdf", english_credit_note, "grain: lines\n"),
    "french_invoice": ("input.pdf", french_invoice, ""),
    "french_invoice_lines": ("input.pdf", french_invoice, "grain: lines\n"),
    "hybrid": ("input.pdf", hybrid, ""),
    "hybrid_lines": ("input.pdf", hybrid, "grain: lines\n"),
    "ubl_credit_note": ("input.xml", lambda: UBL.encode("utf-8"), ""),
    "ubl_credit_note_lines": ("input.xml", lambda: UBL.encode("utf-8"), "grain: lines\n"),
}


def main() -> None:
    """Write all inputs and params."""
    for case, (name, make, params) in DOCUMENTS.items():
        folder = FIXTURES / case
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(make())
        if params:
            (folder / "params.yaml").write_text(params, "utf-8")


if __name__ == "__main__":
    main()
