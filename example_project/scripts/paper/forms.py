"""How each language writes numbers, dates, money, units and the words of an invoice."""

# ruff: noqa: E501 - these tables read better wide
from __future__ import annotations

from datetime import date
from decimal import Decimal

MONTHS = {
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    "de": [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ],
    "fr": [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
}

#: Thousands and decimal sign. The French group with a no-break space.
SIGNS = {"en": (",", "."), "de": (".", ","), "de-CH": ("'", "."), "fr": ("\u00a0", ",")}

SYMBOLS = {"EUR": "€", "GBP": "£", "USD": "$"}

UNITS = {
    "en": {
        "H87": "pcs",
        "HUR": "hrs",
        "DAY": "days",
        "KGM": "kg",
        "MTR": "m",
        "LTR": "l",
        "MON": "months",
        "KWH": "kWh",
        "MTQ": "m³",
    },
    "de": {
        "H87": "Stk",
        "HUR": "Std",
        "DAY": "Tage",
        "KGM": "kg",
        "MTR": "m",
        "LTR": "l",
        "MON": "Monate",
        "KWH": "kWh",
        "MTQ": "m³",
    },
    "fr": {
        "H87": "pce",
        "HUR": "h",
        "DAY": "jours",
        "KGM": "kg",
        "MTR": "m",
        "LTR": "l",
        "MON": "mois",
        "KWH": "kWh",
        "MTQ": "m³",
    },
}

COUNTRIES = {
    "en": {
        "DE": "Germany", "AT": "Austria", "CH": "Switzerland", "GB": "United Kingdom", "US": "USA",
        "FR": "France", "SE": "Sweden", "NL": "Netherlands",
    },
    "de": {
        "DE": "Deutschland", "AT": "Österreich", "CH": "Schweiz", "GB": "Großbritannien", "US": "USA",
        "FR": "Frankreich", "SE": "Schweden", "NL": "Niederlande",
    },
    "fr": {
        "DE": "Allemagne", "AT": "Autriche", "CH": "Suisse", "GB": "Royaume-Uni", "US": "États-Unis",
        "FR": "France", "SE": "Suède", "NL": "Pays-Bas",
    },
}  # fmt: skip

#: Each word in the spellings that suppliers of one language use; a supplier keeps to one (its variant).
WORDS: dict[str, dict[str, tuple[str, ...]]] = {
    "en": {
        "380": ("Invoice", "INVOICE", "Invoice"),
        "381": ("Credit Note", "CREDIT NOTE", "Credit Note"),
        "invoice_number": ("Invoice number", "Invoice No.", "Invoice #"),
        "credit_number": ("Credit note number", "Credit note No.", "Credit note #"),
        "issue_date": ("Invoice date", "Date of issue", "Date"),
        "due_date": ("Due date", "Payment due", "Due"),
        "delivery_date": ("Delivery date", "Date of supply", "Delivered"),
        "order_reference": ("Purchase order", "PO number", "Your order No."),
        "buyer_reference": ("Your reference", "Customer reference", "Your ref."),
        "customer_no": ("Customer number", "Account No.", "Customer ID"),
        "seller_vat_id": ("VAT number", "VAT Reg. No.", "VAT ID"),
        "seller_tax_id": ("Tax ID", "Tax ID", "Federal Tax ID (EIN)"),
        "buyer_vat_id": ("Your VAT number", "Customer VAT No.", "Customer VAT ID"),
        "bill_to": ("Bill to", "Invoice to", "Billed to"),
        "seller": ("From", "Supplier", "From"),
        "line_no": ("No.", "Pos.", "#"),
        "item_id": ("Item", "Item code", "Article No."),
        "description": ("Description", "Description", "Details"),
        "quantity": ("Qty", "Quantity", "Qty"),
        "unit_code": ("Unit", "UoM", "Unit"),
        "unit_price": ("Unit price", "Price", "Rate"),
        "net_amount": ("Amount", "Line total", "Net amount"),
        "tax_rate": ("VAT %", "VAT", "Tax"),
        "net_total": ("Subtotal", "Total net", "Net total"),
        "tax": ("VAT", "VAT", "Tax"),
        "tax_total": ("Total VAT", "Total VAT", "Total tax"),
        "gross_total": ("Total", "Invoice total", "Grand total"),
        "prepaid_amount": ("Deposit paid", "Less: paid in advance", "Already paid"),
        "amount_due": ("Amount due", "Balance due", "Amount payable"),
        "carried": ("Carried forward", "Carried over", "Carried forward"),
        "brought": ("Brought forward", "Brought over", "Brought forward"),
        "page": ("Page {0} of {1}", "Page {0}/{1}", "{0} / {1}"),
        "bank": ("Bank", "Bank", "Bank"),
        "continued": ("continued", "continued", "cont."),
        "pay": ("Please pay within {0} days, quoting the number above.", "Payment terms: {0} days net.", "Net {0} days."),
        "refund": ("This amount will be credited to your account.", "The credit will be set off against your next invoice.",
                   "This credit will be refunded."),
        "reverse": ("Reverse charge: VAT is to be accounted for by the recipient.",) * 3,
        "all_in": ("All amounts in {0}", "All amounts in {0}", "Amounts in {0}"),
    },
    "de": {
        "380": ("Rechnung", "RECHNUNG", "Rechnung"),
        "381": ("Gutschrift", "GUTSCHRIFT", "Gutschrift"),
        "invoice_number": ("Rechnungsnummer", "Rechnungs-Nr.", "Rechnung Nr."),
        "credit_number": ("Belegnummer", "Gutschrift-Nr.", "Gutschrift Nr."),
        "issue_date": ("Rechnungsdatum", "Datum", "Belegdatum"),
        "due_date": ("Fällig am", "Zahlbar bis", "Fälligkeit"),
        "delivery_date": ("Lieferdatum", "Leistungsdatum", "Lieferung am"),
        "order_reference": ("Bestellnummer", "Ihre Bestellung", "Ihre Bestell-Nr."),
        "buyer_reference": ("Ihr Zeichen", "Ihre Referenz", "Ihr Zeichen"),
        "customer_no": ("Kundennummer", "Kunden-Nr.", "Kd.-Nr."),
        "seller_vat_id": ("USt-IdNr.", "USt-ID", "UID"),
        "seller_tax_id": ("Steuernummer", "St.-Nr.", "Steuer-Nr."),
        "buyer_vat_id": ("Ihre USt-IdNr.", "Ihre USt-ID", "Ihre UID"),
        "bill_to": ("Rechnungsempfänger", "Rechnung an", "An"),
        "seller": ("Absender", "Lieferant", "Von"),
        "line_no": ("Pos.", "Pos", "Nr."),
        "item_id": ("Artikel-Nr.", "Art.-Nr.", "Artikel"),
        "description": ("Bezeichnung", "Beschreibung", "Text"),
        "quantity": ("Menge", "Menge", "Anzahl"),
        "unit_code": ("Einheit", "ME", "Einh."),
        "unit_price": ("Einzelpreis", "E-Preis", "Preis"),
        "net_amount": ("Gesamtpreis", "Betrag", "Summe"),
        "tax_rate": ("USt %", "MwSt.", "MWST"),
        "net_total": ("Nettobetrag", "Summe netto", "Zwischensumme"),
        "tax": ("USt.", "MwSt.", "MWST"),
        "tax_total": ("USt. gesamt", "MwSt. gesamt", "MWST total"),
        "gross_total": ("Rechnungsbetrag", "Gesamtbetrag", "Total"),
        "prepaid_amount": ("abzgl. Anzahlung", "Bereits gezahlt", "Anzahlung"),
        "amount_due": ("Zahlbetrag", "Offener Betrag", "Zu bezahlen"),
        "carried": ("Übertrag", "Übertrag", "Zwischensumme Übertrag"),
        "brought": ("Übertrag von Vorseite", "Übertrag", "Übertrag"),
        "page": ("Seite {0} von {1}", "Seite {0}/{1}", "Blatt {0} / {1}"),
        "bank": ("Bankverbindung", "Bank", "Bank"),
        "continued": ("Fortsetzung", "Fortsetzung", "Forts."),
        "pay": ("Zahlbar innerhalb von {0} Tagen ohne Abzug.", "Zahlungsziel: {0} Tage netto.", "{0} Tage netto."),
        "refund": ("Der Betrag wird mit Ihrer nächsten Zahlung verrechnet.",) * 3,
        "reverse": ("Steuerschuldnerschaft des Leistungsempfängers.",) * 3,
        "all_in": ("Alle Beträge in {0}", "Alle Beträge in {0}", "Beträge in {0}"),
    },
    "fr": {
        "380": ("Facture", "FACTURE", "Facture"),
        "381": ("Avoir", "AVOIR", "Avoir"),
        "invoice_number": ("Facture n°", "N° de facture", "Numéro de facture"),
        "credit_number": ("Avoir n°", "N° d'avoir", "Numéro d'avoir"),
        "issue_date": ("Date de facture", "Date d'émission", "Date"),
        "due_date": ("Date d'échéance", "Échéance", "À régler le"),
        "delivery_date": ("Date de livraison", "Livraison du", "Livré le"),
        "order_reference": ("Votre commande", "N° de commande", "Bon de commande"),
        "buyer_reference": ("Votre référence", "V/Réf.", "Votre référence"),
        "customer_no": ("N° client", "Code client", "Client n°"),
        "seller_vat_id": ("N° TVA intracommunautaire", "N° TVA", "TVA intracom."),
        "seller_tax_id": ("N° fiscal", "N° fiscal", "N° fiscal"),
        "buyer_vat_id": ("Votre n° TVA", "N° TVA client", "TVA client"),
        "bill_to": ("Facturé à", "Client", "Adresse de facturation"),
        "seller": ("Émetteur", "Fournisseur", "De"),
        "line_no": ("N°", "Pos.", "#"),
        "item_id": ("Référence", "Réf.", "Code article"),
        "description": ("Désignation", "Désignation", "Description"),
        "quantity": ("Quantité", "Qté", "Qté"),
        "unit_code": ("Unité", "Un.", "Unité"),
        "unit_price": ("Prix unitaire HT", "P.U. HT", "Prix HT"),
        "net_amount": ("Montant HT", "Total HT", "Montant"),
        "tax_rate": ("TVA %", "TVA", "Taux TVA"),
        "net_total": ("Total HT", "Montant HT", "Sous-total HT"),
        "tax": ("TVA", "TVA", "TVA"),
        "tax_total": ("Total TVA", "Montant TVA", "Total TVA"),
        "gross_total": ("Total TTC", "Montant TTC", "Total TTC"),
        "prepaid_amount": ("Acompte versé", "Déjà réglé", "Acompte"),
        "amount_due": ("Net à payer", "Reste à payer", "Net à payer"),
        "carried": ("À reporter", "Report", "À reporter"),
        "brought": ("Report", "Report", "Report"),
        "page": ("Page {0} sur {1}", "Page {0}/{1}", "{0}/{1}"),
        "bank": ("Banque", "Coordonnées bancaires", "Banque"),
        "continued": ("suite", "suite", "suite"),
        "pay": ("Règlement à {0} jours par virement.", "Paiement à {0} jours net.", "Conditions : {0} jours."),
        "refund": ("Ce montant sera déduit de votre prochaine facture.",) * 3,
        "reverse": ("Autoliquidation de la TVA par le preneur.",) * 3,
        "all_in": ("Montants en {0}", "Montants en {0}", "Montants en {0}"),
    },
}  # fmt: skip


def word(language: str, key: str, variant: int) -> str:
    """A label in the supplier's own spelling."""
    options = WORDS[language[:2]][key]
    return options[variant % len(options)]


def number(language: str, value: Decimal, places: int) -> str:
    """``value`` with ``places`` decimals in the language's signs: ``1.234,50``."""
    thousands, point = SIGNS[language if language in SIGNS else language[:2]]
    whole, _, rest = f"{value:,.{places}f}".partition(".")
    return whole.replace(",", thousands) + (point + rest if rest else "")


def quantity(language: str, value: Decimal) -> str:
    """A quantity without needless zeros: ``12``, ``7,5``."""
    value = value.normalize()
    exponent = value.as_tuple().exponent
    return number(language, value, max(0, -exponent) if isinstance(exponent, int) else 0)


def money(language: str, form: str, currency: str, value: Decimal, places: int = 2) -> str:
    """An amount; ``form`` is ``bare``, ``code_after``, ``code_before``, ``symbol_after`` or ``symbol_before``."""
    plain = number(language, value, places)
    sign = SYMBOLS.get(currency, currency) if form.startswith("symbol") else currency
    gap = "" if form == "symbol_before" and sign in SYMBOLS.values() else " "
    if form == "bare":
        return plain
    return f"{plain} {sign}" if form.endswith("after") else f"{sign}{gap}{plain}"


def day(language: str, form: str, value: date) -> str:
    """A date; ``form`` is ``iso``, ``dots``, ``slash``, ``us`` (month first) or ``long``."""
    month = MONTHS[language[:2]][value.month - 1]
    long_forms = {
        "en": f"{value.day} {month} {value.year}",
        "de": f"{value.day}. {month} {value.year}",
        "fr": f"{'1er' if value.day == 1 else value.day} {month} {value.year}",
    }
    return {
        "iso": value.isoformat(),
        "dots": f"{value:%d.%m.%Y}",
        "slash": f"{value:%d/%m/%Y}",
        "us": f"{month[:3]} {value.day}, {value.year}",
        "long": long_forms[language[:2]],
    }[form]
