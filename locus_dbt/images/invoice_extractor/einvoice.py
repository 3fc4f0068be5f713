"""E-invoice XML (UN/CEFACT CII as in ZUGFeRD, Factur-X and XRechnung; OASIS UBL) to named values with their paths.

Namespaces change between versions, local names do not: paths are written in local names. The parser resolves
no entities, loads nothing and refuses a document type declaration.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from locus_dbt.core import values
from locus_dbt.images.invoice_extractor.citing import cite_all
from locus_dbt.images.invoice_extractor.page_reader import Reading
from locus_dbt.model.document import Document

_LIMIT = 30_000_000
_XML_TYPES = ("application/xml", "text/xml")
_ROOTS = ("CrossIndustryInvoice", "CrossIndustryDocument", "Invoice", "CreditNote")
_KNOWN_NAMES = re.compile(r"^(?:factur-?x|zugferd-?invoice|xrechnung|order-?x|invoice|ubl).*\.xml$", re.IGNORECASE)


@dataclass(frozen=True)
class Stated:
    """A value as the XML states it, with the path of its element; ``inferred`` says how it follows from the text."""

    value: Any
    text: str
    path: str
    inferred: str = ""


@dataclass(frozen=True)
class EInvoice:
    """All values of an e-invoice; ``name`` is the attachment's, empty when the document itself is the XML."""

    name: str
    fields: Mapping[str, Stated]
    lines: Sequence[Mapping[str, Stated]]


def read_einvoice(document: Document) -> Reading | None:
    """The e-invoice of a document with the printed places of its values; ``None`` when it carries none."""
    if document.media_type in _XML_TYPES:
        invoice = parse_einvoice(document.data, "")
        return cite_all(invoice.fields, invoice.lines, None, "") if invoice else None
    if document.media_type != "application/pdf":
        return None
    attached = [a for a in document.parsed.attachments if b"<" in a.data[:200] and len(a.data) <= _LIMIT]
    for attachment in sorted(attached, key=lambda a: (not _KNOWN_NAMES.match(a.name), a.name)):
        invoice = parse_einvoice(attachment.data, attachment.name)
        if invoice is not None and "invoice_number" in invoice.fields:
            return cite_all(invoice.fields, invoice.lines, document.parsed, attachment.name)
    return None


def parse_einvoice(data: bytes, name: str) -> EInvoice | None:
    """Read CII or UBL; ``None`` when the bytes are no such XML."""
    from lxml import etree  # noqa: PLC0415 - heavy, and only this reader needs it

    if len(data) > _LIMIT or b"<!DOCTYPE" in data[:4096].upper():
        return None
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    kind = _local(root)
    if kind not in _ROOTS or root.getroottree().docinfo.internalDTD is not None:
        return None
    fields, line_paths, line_fields = (
        (UBL, UBL_LINES, UBL_LINE) if kind in ("Invoice", "CreditNote") else (CII, CII_LINES, CII_LINE)
    )
    tree = root.getroottree()
    head = {k: found for k, paths in fields.items() if (found := _first(root, paths, _type_of(k), tree)) is not None}
    _tax_in_currency(root, fields["tax_total"], head, tree)
    lines = []
    for element in _walk(root, line_paths):
        line = {
            k: f for k, paths in line_fields.items() if (f := _first(element, paths, _type_of(k), tree)) is not None
        }
        _per_unit(element, line)
        if {"description", "net_amount", "quantity"} & line.keys():
            lines.append(line)
    return EInvoice(name, head, lines)


def _local(element: Any) -> str:  # noqa: ANN401 - lxml has no exported element type at run time
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _walk(element: Any, path: str) -> Iterator[Any]:  # noqa: ANN401
    """Elements at a path of local names; ``A|B`` is either, ``A[@x=v]`` has an attribute, ``A[B=v]`` a child's text."""
    match = re.match(r"([\w|]+)(?:\[(@?)([\w/]+)=([\w|]+)\])?(?:/|$)", path)
    assert match is not None, path
    rest = path[match.end() :]
    for child in element:
        if _local(child) not in match[1].split("|"):
            continue
        if match[3] and not _fits(child, match[2] == "@", match[3], match[4].split("|")):
            continue
        if rest:
            yield from _walk(child, rest)
        else:
            yield child


def _fits(element: Any, attribute: bool, name: str, wanted: list[str]) -> bool:  # noqa: ANN401, FBT001
    if attribute:
        return element.get(name) in wanted
    return any((e.text or "").strip() in wanted for e in _walk(element, name))


def _first(element: Any, paths: Sequence[str], kind: str, tree: Any) -> Stated | None:  # noqa: ANN401
    for path in paths:
        steps, _, attribute = path.partition("@@")
        for found in _walk(element, steps.rstrip("/")):
            text = found.get(attribute) if attribute else found.text
            text = " ".join((text or "").split())
            value = _typed(text, kind)
            if value is not None:
                where = tree.getpath(found) + (f"/@{attribute}" if attribute else "")
                return Stated(value, text, where)
    return None


def _tax_in_currency(root: Any, paths: Sequence[str], head: dict[str, Stated], tree: Any) -> None:  # noqa: ANN401
    """Of two tax totals (one in the currency of account) the one in the invoice's currency."""
    if "currency" not in head:
        return
    for path in paths:
        for found in _walk(root, path):
            value = _typed((found.text or "").strip(), "decimal")
            if value is not None and found.get("currencyID") == head["currency"].value:
                head["tax_total"] = Stated(value, (found.text or "").strip(), tree.getpath(found))
                return


def _type_of(name: str) -> str:
    if name.endswith("_date"):
        return "date"
    if name.endswith(("_total", "_amount", "_price", "_rate")) or name in ("quantity", "amount_due"):
        return "decimal"
    return "iban" if name == "iban" else "text"


def _typed(text: str, kind: str) -> Any:  # noqa: ANN401, PLR0911 - a kind of value a return
    if not text:
        return None
    if kind == "decimal":
        try:
            number = Decimal(text)
        except InvalidOperation:
            return None
        return number if number.is_finite() else None
    if kind == "date":
        match = re.match(r"(\d{4})-?(\d{2})-?(\d{2})", text)
        try:
            return date(int(match[1]), int(match[2]), int(match[3])) if match else None
        except ValueError:
            return None
    if kind == "iban":
        return values.read_iban(text)
    return text


def _per_unit(element: Any, line: dict[str, Stated]) -> None:  # noqa: ANN401
    """A price for a larger base quantity, as the price of one unit."""
    price = line.get("unit_price")
    if price is None:
        return
    base = price.path.rpartition("/")[0]
    found = next((e for p in ("BasisQuantity", "BaseQuantity") for e in element.iter() if _local(e) == p), None)
    if found is None or not element.getroottree().getpath(found).startswith(base):
        return
    quantity = _typed((found.text or "").strip(), "decimal")
    if quantity and quantity > 1:
        line["unit_price"] = Stated(
            price.value / quantity, price.text, price.path, f"price of one, from the price of {quantity.normalize():f}"
        )


# ---------------------------------------------------------------- where the fields are
_T = "SupplyChainTradeTransaction|SpecifiedSupplyChainTradeTransaction"
_A = f"{_T}/ApplicableHeaderTradeAgreement|ApplicableSupplyChainTradeAgreement"
_D = f"{_T}/ApplicableHeaderTradeDelivery|ApplicableSupplyChainTradeDelivery"
_S = f"{_T}/ApplicableHeaderTradeSettlement|ApplicableSupplyChainTradeSettlement"
_SUMS = f"{_S}/SpecifiedTradeSettlementHeaderMonetarySummation|SpecifiedTradeSettlementMonetarySummation"
_DOC = "ExchangedDocument|HeaderExchangedDocument"


def _cii_party(role: str) -> dict[str, tuple[str, ...]]:
    party = f"{_A}/{role.capitalize()}TradeParty"
    return {
        f"{role}_name": (f"{party}/Name",),
        f"{role}_vat_id": (f"{party}/SpecifiedTaxRegistration/ID[@schemeID=VA]",),
        f"{role}_postcode": (f"{party}/PostalTradeAddress/PostcodeCode",),
        f"{role}_city": (f"{party}/PostalTradeAddress/CityName",),
        f"{role}_country": (f"{party}/PostalTradeAddress/CountryID",),
    }


CII: dict[str, tuple[str, ...]] = {
    "invoice_number": (f"{_DOC}/ID",),
    "type_code": (f"{_DOC}/TypeCode",),
    "issue_date": (f"{_DOC}/IssueDateTime/DateTimeString|DateTime", f"{_DOC}/IssueDateTime"),
    "due_date": (
        f"{_S}/SpecifiedTradePaymentTerms/DueDateDateTime/DateTimeString|DateTime",
        f"{_S}/SpecifiedTradePaymentTerms/DueDateDateTime",
    ),
    "delivery_date": (f"{_D}/ActualDeliverySupplyChainEvent/OccurrenceDateTime/DateTimeString|DateTime",),
    "currency": (f"{_S}/InvoiceCurrencyCode",),
    **_cii_party("seller"),
    "seller_tax_id": (f"{_A}/SellerTradeParty/SpecifiedTaxRegistration/ID[@schemeID=FC]",),
    **_cii_party("buyer"),
    "buyer_reference": (f"{_A}/BuyerReference",),
    "order_reference": (f"{_A}/BuyerOrderReferencedDocument/IssuerAssignedID|ID",),
    "iban": (f"{_S}/SpecifiedTradeSettlementPaymentMeans/PayeePartyCreditorFinancialAccount/IBANID",),
    "net_total": (f"{_SUMS}/TaxBasisTotalAmount",),
    "tax_total": (f"{_SUMS}/TaxTotalAmount",),
    "gross_total": (f"{_SUMS}/GrandTotalAmount",),
    "prepaid_amount": (f"{_SUMS}/TotalPrepaidAmount",),
    "amount_due": (f"{_SUMS}/DuePayableAmount",),
}
CII_LINES = f"{_T}/IncludedSupplyChainTradeLineItem"
_LA = "SpecifiedLineTradeAgreement|SpecifiedSupplyChainTradeAgreement"
_LD = "SpecifiedLineTradeDelivery|SpecifiedSupplyChainTradeDelivery"
_LS = "SpecifiedLineTradeSettlement|SpecifiedSupplyChainTradeSettlement"
CII_LINE: dict[str, tuple[str, ...]] = {
    "line_no": ("AssociatedDocumentLineDocument/LineID",),
    "description": ("SpecifiedTradeProduct/Name", "SpecifiedTradeProduct/Description"),
    "item_id": ("SpecifiedTradeProduct/SellerAssignedID", "SpecifiedTradeProduct/GlobalID"),
    "quantity": (f"{_LD}/BilledQuantity",),
    "unit_code": (f"{_LD}/BilledQuantity/@@unitCode",),
    "unit_price": (f"{_LA}/NetPriceProductTradePrice/ChargeAmount", f"{_LA}/GrossPriceProductTradePrice/ChargeAmount"),
    "net_amount": (
        f"{_LS}/SpecifiedTradeSettlementLineMonetarySummation|SpecifiedTradeSettlementMonetarySummation/LineTotalAmount",
    ),
    "tax_rate": (f"{_LS}/ApplicableTradeTax/RateApplicablePercent|ApplicablePercent",),
}


def _ubl_party(role: str, element: str) -> dict[str, tuple[str, ...]]:
    party = f"{element}/Party"
    return {
        f"{role}_name": (f"{party}/PartyLegalEntity/RegistrationName", f"{party}/PartyName/Name"),
        f"{role}_vat_id": (f"{party}/PartyTaxScheme[TaxScheme/ID=VAT]/CompanyID",),
        f"{role}_postcode": (f"{party}/PostalAddress/PostalZone",),
        f"{role}_city": (f"{party}/PostalAddress/CityName",),
        f"{role}_country": (f"{party}/PostalAddress/Country/IdentificationCode",),
    }


UBL: dict[str, tuple[str, ...]] = {
    "invoice_number": ("ID",),
    "type_code": ("InvoiceTypeCode|CreditNoteTypeCode",),
    "issue_date": ("IssueDate",),
    "due_date": ("DueDate", "PaymentMeans/PaymentDueDate"),
    "delivery_date": ("Delivery/ActualDeliveryDate",),
    "currency": ("DocumentCurrencyCode",),
    **_ubl_party("seller", "AccountingSupplierParty"),
    "seller_tax_id": ("AccountingSupplierParty/Party/PartyTaxScheme[TaxScheme/ID=FC|TAX]/CompanyID",),
    **_ubl_party("buyer", "AccountingCustomerParty"),
    "buyer_reference": ("BuyerReference",),
    "order_reference": ("OrderReference/ID",),
    "iban": ("PaymentMeans/PayeeFinancialAccount/ID",),
    "net_total": ("LegalMonetaryTotal/TaxExclusiveAmount",),
    "tax_total": ("TaxTotal/TaxAmount",),
    "gross_total": ("LegalMonetaryTotal/TaxInclusiveAmount",),
    "prepaid_amount": ("LegalMonetaryTotal/PrepaidAmount",),
    "amount_due": ("LegalMonetaryTotal/PayableAmount",),
}
UBL_LINES = "InvoiceLine|CreditNoteLine"
UBL_LINE: dict[str, tuple[str, ...]] = {
    "line_no": ("ID",),
    "description": ("Item/Name", "Item/Description"),
    "item_id": ("Item/SellersItemIdentification/ID", "Item/StandardItemIdentification/ID"),
    "quantity": ("InvoicedQuantity|CreditedQuantity",),
    "unit_code": ("InvoicedQuantity|CreditedQuantity/@@unitCode",),
    "unit_price": ("Price/PriceAmount",),
    "net_amount": ("LineExtensionAmount",),
    "tax_rate": ("Item/ClassifiedTaxCategory/Percent",),
}
