"""What a column of a statement holds, told by its header in German, English, French, Spanish and Dutch."""

from __future__ import annotations

import re
import unicodedata

_NAMES: dict[str, str] = {
    "booking_date": (
        "buchungstag buchungsdatum buchung datum tag date booking_date posting_date transaction_date posted "
        "date_operation date_de_l_operation date_d_operation date_comptable date_de_comptabilisation date_ope "
        "fecha fecha_operacion fecha_de_operacion fecha_contable f_operacion boekdatum boekingsdatum "
        "transactiedatum bu_tag buchung_valuta"
    ),
    "value_date": (
        "valuta valutadatum wertstellung wertstellungstag wert wertdatum value_date value date_valeur "
        "date_de_valeur valeur fecha_valor f_valor fecha_de_valor rentedatum valutadatum_rente interest_date "
        "wertstellungsdatum"
    ),
    "amount": (
        "betrag umsatz amount montant importe bedrag transaktionsbetrag transaction_amount betrag_der_buchung umsatz_in"
    ),
    "debit": (
        "soll belastung belastungen lastschrift debit debits paid_out money_out withdrawal withdrawals "
        "ausgang ausgaben debe cargo cargos adeudo payments debet debito lasten zu_ihren_lasten "
        "betrag_soll soll_betrag debits_out payments_out lastschriften"
    ),
    "credit": (
        "haben gutschrift gutschriften credit credits paid_in money_in deposit deposits eingang einnahmen "
        "haber abono abonos ingreso receipts credito gunsten zu_ihren_gunsten betrag_haben haben_betrag "
        "payments_in"
    ),
    "sign": (
        "soll_haben s_h sh debit_credit credit_debit dr_cr cr_dr d_c sens af_bij bij_af "
        "soll_haben_kennzeichen debet_credit"
    ),
    "balance_after": (
        "saldo kontostand balance solde running_balance saldo_nach_buchung saldo_na_mutatie account_balance "
        "saldo_disponible neuer_saldo resterend_saldo running_bal bal"
    ),
    "currency": ("wahrung waehrung currency devise divisa moneda munt ccy monnaie valutasoort"),
    "counterparty_name": (
        "auftraggeber_empfanger auftraggeber_empfaenger empfanger empfaenger begunstigter_zahlungspflichtiger "
        "beguenstigter_zahlungspflichtiger name_zahlungsbeteiligter zahlungsbeteiligter zahlungsempfanger "
        "zahlungsempfaenger zahlungspflichtiger auftraggeber name payee payee_name beneficiary counterparty "
        "counterparty_name payer_payee beneficiaire tiers nom beneficiario ordenante tegenpartij naam "
        "naam_tegenpartij naam_omschrijving name_description partner partner_name zahlungspflichtige_r "
        "zahlungsempfanger_in"
    ),
    "counterparty_account": (
        "iban kontonummer kontonummer_iban iban_zahlungsbeteiligter iban_des_zahlungspartners tegenrekening "
        "tegenrekening_iban_bban counterparty_iban counterparty_account counterparty_account_number "
        "partner_iban compte_beneficiaire iban_beneficiaire cuenta_beneficiario kontonummer_des_partners "
        "account_number_counterparty"
    ),
    "counterparty_bank": ("bic blz bic_swift_code bic_zahlungsbeteiligter bank bic_tegenpartij banque partner_bic"),
    "purpose": (
        "verwendungszweck zweck description memo purpose reference_text libelle libelle_operation concepto "
        "omschrijving mededelingen mededeling details transaction_details narrative particulars "
        "payment_reference remittance_information buchungsdetails vorgang_verwendungszweck detail "
        "nature_de_l_operation descripcion erlauterung text vorgang_erlauterung buchungstext_verwendungszweck "
        "transaction nature libelle_de_l_operation payment_type_and_details payment_details description_of_transaction "
        "transaction_description buchung_verwendungszweck wir_haben_fur_sie_gebucht angaben_zu_den_umsatzen "
        "vorgang_buchungsinformation buchungsinformation detail_des_operations detalle operacion"
    ),
    "booking_text": (
        "buchungstext umsatzart transaktionstyp type transaction_type vorgang tipo art mutatiesoort "
        "buchungsart type_d_operation soort code"
    ),
    "end_to_end_id": (
        "kundenreferenz_end_to_end end_to_end_id end_to_end_referenz end_to_end_reference e2e_referenz "
        "ende_zu_ende_referenz"
    ),
    "mandate_id": ("mandatsreferenz mandate_reference mandate_id mandaat_id reference_de_mandat"),
    "creditor_id": ("glaubiger_id glaeubiger_id creditor_id creditor_identifier incassant_id"),
    "customer_reference": (
        "kundenreferenz customer_reference reference referenz referencia kenmerk betalingskenmerk ref"
    ),
    "bank_reference": ("bankreferenz bank_reference transaction_id transaktions_id transactiereferentie volgnr"),
    "account": (
        "auftragskonto konto iban_auftragskonto account account_number own_account rekening rekeningnummer "
        "iban_bban compte cuenta bezeichnung_auftragskonto iban_kontoinhaber"
    ),
}
_ROLE = {name: role for role, names in _NAMES.items() for name in names.split()}
_UNIT = re.compile(r"[(\[][^)\]]*[)\]]|\b(?:in\s+)?(?:EUR|CHF|USD|GBP|€|£|\$)(?=$|\W)")
#: Lines that state a balance, not a movement, and which.
_BALANCES = {
    "carried": (
        r"übertrag|uebertrag|zwischensaldo|"
        r"(?:balance |total )?(?:carried forward|brought forward|[cb]/f|carried over)|à reporter|"
        r"a reporter|report (?:de|à) (?:la )?page|report$|suma y sigue|suma anterior|transport$|"
        r"vortrag auf|saldo op vorige"
    ),
    "opening": (
        r"alter (?:konto)?saldo|alter kontostand|anfangssaldo|saldovortrag|anfangsbestand|opening balance|"
        r"previous balance|start(?:ing)? balance|balance from last|ancien solde|"
        r"solde (?:précédent|initial|au début)|saldo (?:anterior|inicial)|beginsaldo|vorig saldo|"
        r"letzter kontostand|kontostand alt"
    ),
    "closing": (
        r"neuer (?:konto)?saldo|neuer kontostand|endsaldo|schlusssaldo|closing balance|new balance|"
        r"end(?:ing)? balance|nouveau solde|solde (?:final|en fin)|saldo (?:final|nuevo|actual)|eindsaldo|"
        r"nieuw saldo|kontostand neu"
    ),
    "balance": (
        r"kontostand|kontosaldo|solde (?:au|créditeur|débiteur)|saldo (?:am|per|al|a|op|vom|zum)\b|"
        r"balance (?:on|at|as of)\b"
    ),
}
_BALANCE = [(kind, re.compile(rf"^\W*(?:{pattern})", re.IGNORECASE)) for kind, pattern in _BALANCES.items()]


def plain(text: str) -> str:
    """A header in one form: no marks, no units, words joined by underscores.

    >>> plain("Betrag (EUR)")
    'betrag'
    """
    bare = _UNIT.sub(" ", text)
    folded = unicodedata.normalize("NFKD", bare.replace("ß", "ss"))
    letters = "".join(c for c in folded if not unicodedata.combining(c)).lower()
    return re.sub(r"[^a-z0-9]+", "_", letters).strip("_")


def role_of(header: str) -> str | None:
    """The role of a column, ``None`` when its header tells none."""
    return _ROLE.get(plain(header))


def balance_kind(text: str) -> str | None:
    """Which balance a line states: ``opening``, ``closing``, ``carried``, or ``balance`` where only its place tells."""
    return next((kind for kind, pattern in _BALANCE if pattern.search(text[:200])), None)


def is_enough(roles: set[str]) -> bool:
    """Whether columns of these roles make a list of transactions."""
    dated = bool(roles & {"booking_date", "value_date"})
    return dated and ("amount" in roles or bool(roles & {"debit", "credit"}))
