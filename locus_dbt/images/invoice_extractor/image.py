"""Invoices to rows: from the e-invoice XML where there is one, from the printed pages otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from locus_dbt.core.builder import TableBuilder
from locus_dbt.errors import InputError
from locus_dbt.images.invoice_extractor.einvoice import read_einvoice
from locus_dbt.images.invoice_extractor.layout import read_sheet
from locus_dbt.images.invoice_extractor.page_reader import Reading, read_pages
from locus_dbt.images.invoice_extractor.reading import Found
from locus_dbt.images.invoice_extractor.totals import TOLERANCE
from locus_dbt.images.invoice_extractor.xml_values import Cited
from locus_dbt.model.document import Document

#: What is less sure than this does not make an invoice of a document.
_SURE = 0.5
#: Without one of these there is no invoice to speak of.
_ESSENTIAL = ("invoice_number", "gross_total", "net_total", "amount_due")


def extract(document: Document, params: Mapping[str, Any], table: TableBuilder) -> None:
    """Put one row per invoice, or one per line item, as ``params['grain']`` says.

    Raises:
        InputError: E210 when neither a number with an invoice's label nor a total is found.
    """
    reading = None
    if document.media_type != "application/pdf" or params.get("use_attachments", True):
        reading = read_einvoice(document)
    if reading is None and document.media_type == "application/pdf":
        reading = read_pages(read_sheet(document.parsed))
    if reading is None or not _is_invoice(reading):
        raise InputError(
            f"no invoice found: {document.filename} shows no invoice number and no total",
            code="E210",
            fix="leave the file out of the glob, or use doc-to-tables for other documents",
        )
    sums = _lines_make_total(reading)
    if params.get("grain", "invoices") == "invoices":
        _put(table, reading.fields)
        if sums is not None:
            table.check("lines sum to net_total", holds=sums, columns=("net_total",))
    else:
        number = reading.fields.get("invoice_number")
        for line in reading.lines:
            _put(table, {"invoice_number": number, **line} if number is not None else line)
            if sums is not None:
                table.check("lines sum to net_total", holds=sums, columns=("net_amount",))


def _lines_make_total(reading: Reading) -> bool | None:
    """Whether the lines' amounts add up to the total without tax; ``None`` where one of them is not known."""
    total = reading.fields.get("net_total")
    amounts = [line["net_amount"].value for line in reading.lines if "net_amount" in line]
    if total is None or not amounts or len(amounts) < len(reading.lines):
        return None
    return bool(abs(sum(amounts) - total.value) <= TOLERANCE)


def _is_invoice(reading: Reading) -> bool:
    found = [k for k in _ESSENTIAL if k in reading.fields and reading.fields[k].score >= _SURE]
    kind = "type_code" in reading.fields
    if "invoice_number" in found:
        return kind or len(found) > 1
    return kind and (len(found) > 1 or bool(found and reading.lines))


def _put(table: TableBuilder, values: Mapping[str, Found | Cited]) -> None:
    table.start_row()
    for column, sql_type in table.columns.items():
        found = values.get(column)
        if found is None:
            continue
        value = _typed(found.value, sql_type)
        if value is None:
            table.reject(
                "E301", f"'{found.text}' does not fit {sql_type}", column=column, at=found.locus, raw=found.text
            )
            continue
        grounding, reason = ("inferred", found.inferred) if found.inferred else (None, None)
        if column == "type_code" and found.text != value and found.locus.box is not None:
            grounding, reason = "normalized", f"'{found.text}' is the document kind {value} (UNTDID 1001)"
        table.put(
            column,
            value,
            text=found.text,
            at=found.locus,
            confidence=round(float(found.score), 3),
            grounding=grounding,
            reason=reason,
        )
        if isinstance(found, Cited) and found.locus.box is not None and not found.inferred:
            table.check("the e-invoice and the page say the same", holds=True, columns=(column,))


def _typed(value: Any, sql_type: str) -> Any:  # noqa: ANN401 - any SQL value
    """The value as the column's type holds it; ``None`` when it does not fit."""
    if sql_type.startswith("DECIMAL"):
        precision, scale = (int(x) for x in sql_type[8:-1].split(","))
        rounded = Decimal(value).quantize(Decimal(1).scaleb(-scale), rounding=ROUND_HALF_EVEN)
        return rounded if rounded.adjusted() < precision - scale else None
    if sql_type == "DATE":
        return value if isinstance(value, date) else None
    return str(value)
