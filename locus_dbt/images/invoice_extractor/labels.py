"""What invoices call things, in German, English and French, and where these labels stand in a row.

A phrase is compared by its letters and digits alone (see :func:`locus_dbt.core.values.fold_name`), so blanks,
dots, hyphens, accents and words set in pieces make no difference. The longest phrase at a place wins: that is
why phrases that mean nothing to us are listed too (``-``), they keep shorter ones from matching inside them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from locus_dbt.core.values import fold_name
from locus_dbt.images.invoice_extractor.layout import Row

#: field -> phrases; the part after ``?`` holds weaker ones, taken when no strong one gives a value.
LABELS: dict[str, str] = {
    "invoice_number": (
        "rechnungsnummer|rechnungs-nr|rechnungsnr|rechnung nr|rechnung nummer|rechnung no|rechn.-nr|rg-nr|re-nr|belegnummer"
        "|beleg-nr|belegnr|rechnungs nummer|gutschriftsnummer|gutschrift nr|gutschrift-nr|faktura nr|fakturanummer"
        "|faktura-nr|rechnungsnummer / datum|invoice number|invoice no|invoice nr|invoice #|invoice id|invoice num"
        "|credit note number|credit note no|credit note nr|credit memo no|document number|document no|bill number"
        "|bill no|numéro de facture|numero facture|n° de facture|n° facture|no facture|facture n°|facture no"
        "|facture numéro|facture n|numéro d'avoir|n° d'avoir|n° avoir|avoir n°|avoir n|avoir no|réf. facture"
        "|référence facture|numéro de la facture|tax invoice number|tax invoice no|schlussrechnung nr"
        "|korrekturrechnung nr|stornorechnung nr|dokumentnummer|dokument-nr"
        "?document|nummer|belegnr./datum|credit note|credit memo"
    ),
    "issue_date": (
        "rechnungsdatum|rechnungs-datum|datum der rechnung|belegdatum|beleg-datum|ausstellungsdatum|rechnung vom"
        "|fakturadatum|datum rechnung|gutschriftsdatum|invoice date|date of invoice|date of issue|issue date|issued"
        "|issued on|bill date|credit note date|document date|tax date|date de facture|date de la facture"
        "|date facture|date de facturation|date d'émission|date d'avoir|date de l'avoir|facture du|avoir du|dokumentdatum"
        "|re-datum|rg-datum|rech.-datum|invoice dated"
        "?datum|date|den|le|en date du"
    ),
    "due_date": (
        "fälligkeitsdatum|fälligkeit|fällig am|fällig|zahlbar bis|zahlbar bis zum|zahlungsziel|zahlungsfrist"
        "|zu zahlen bis|zahlbar spätestens|zahlbar spätestens am|zahlungstermin|fällig bis|fällig zum|netto fällig am"
        "|due date|payment due|payment due date|due|due by|due on|pay by|payment date due|date due|payable by"
        "|date d'échéance|échéance|date limite de paiement|à payer avant le|payable avant le|échéance le"
        "|à régler avant le|date échéance|date de paiement|payable au plus tard le|payment deadline"
    ),
    "delivery_date": (
        "lieferdatum|leistungsdatum|liefer-/leistungsdatum|liefer- und leistungsdatum|leistungs-datum|liefer-datum"
        "|datum der lieferung|tag der lieferung|lieferung am|leistung am|datum der leistung|lieferung vom|liefertermin"
        "|liefertag|leistungstag|lieferzeitpunkt|leistungszeitpunkt|lieferscheindatum|lieferdatum = rechnungsdatum"
        "|delivery date|date of delivery|date of supply|supply date|delivered on|shipping date|ship date|service date"
        "|date of service|tax point|date de livraison|livré le|date de livraison/prestation|date de prestation"
        "|delivered|supplied on|performed on|livraison du|prestation du|livré|date livraison|date d'exécution|livraison le|date d'expédition"
    ),
    "currency": "währung|rechnungswährung|currency|invoice currency|devise|monnaie|belegwährung|währungscode",
    "order_reference": (
        "bestellung|bestell-nr|bestellnummer|bestellnr|ihre bestellung|ihre bestellnummer|ihre bestell-nr"
        "|ihre bestell nr|bestellung nr|ihre bestellung nr|kundenbestellnummer|bestellreferenz|bestellung vom"
        "|ihr auftrag|order number|order no|purchase order|purchase order number|purchase order no"
        "|your order|your order number|your order no|po number|po no|po nr|po #|p.o. number|p.o. no|p.o.|customer po"
        "|customer order|customer order no|order reference|order ref|numéro de commande|n° de commande|n° commande"
        "|commande n°|commande client|bon de commande|réf. commande|référence commande|votre commande|commande no"
        "|référence de commande|n° bon de commande|votre n° de commande|your purchase order"
        "|order #|auftragsreferenz des käufers"
        "?votre référence|your reference|your ref|votre réf|order|commande|po"
    ),
    "buyer_reference": (
        "leitweg-id|leitwege-id|leitweg id|referenz des käufers|käuferreferenz|buyer reference|buyer's reference"
        "|référence acheteur|référence de l'acheteur|service exécutant|code service|ihr zeichen|ihre referenz"
        "|ihr zeichen/bestellung|kundenreferenz|customer reference|référence client"
        "?your reference|your ref|votre référence|votre réf"
    ),
    "seller_tax_id": (
        "steuernummer|steuer-nr|steuernr|st.-nr|st.nr|stnr|steuer nr|unsere steuernummer|steuernummer verkäufer"
        "|finanzamt steuernummer|tax number|tax no|tax id|tax registration number|st.-nr.|steuer-nummer"
        "|numéro fiscal|steuernummer lieferant|utr"
    ),
    "vat": (
        "ust-idnr|ust-id|ust.-id.-nr|ust-id-nr|ust id|ust.id|ust.-idnr|ustid|ust-id nr|umsatzsteuer-id|uid-nr|uid"
        "|umsatzsteuer-identifikationsnummer|umsatzsteueridentifikationsnummer|umsatzsteuer-id-nr|mwst-nr|mwst nr"
        "|umsatzsteuer-identnummer|vat id|vat no|vat number|vat reg no|vat registration number|vat registration no"
        "|vat reg. no|vat|vat reg|vat registration|vat-id|eu vat id|n° tva|no tva|numéro de tva|numéro tva|tva intracommunautaire"
        "|n° tva intracommunautaire|n° de tva intracommunautaire|tva intra|tva|n° tva intra|n° de tva|identifiant tva"
        "|numéro de tva intracommunautaire|id tva|gst no|gstin|uid nr|ust-identnr|ust-ident-nr|mehrwertsteuernummer"
        "|unsere ust-idnr|unsere ust-id|our vat no|our vat id|seller vat id|ust-idnr verkäufer|ust-idnr lieferant|ustidnr"
    ),
    "buyer_vat": (
        "n° tva client|tva client|customer vat number|customer vat|customer vat id|customer vat no|ihre ust-idnr|ihre ust-id"
        "|ihre ust-id-nr|ust-idnr kunde|ust-id kunde|kunden ust-id|ust-idnr. des kunden|ust-idnr empfänger|your vat id"
        "|your vat no|your vat number|client vat|buyer vat|buyer vat id|votre n° tva|votre n° de tva|votre numéro de tva"
        "|ihre uid|ihre uid-nr|n° tva intracommunautaire client|n° de tva client|ihre ust.-id.-nr|kunden-ust-id"
        "|ust-idnr. käufer|ihre umsatzsteuer-id|ihre ust-identnr|tva intracommunautaire client|ust-id des kunden"
        "|vat number customer|ust-idnr. leistungsempfänger"
    ),
    "iban": (
        "iban|iban-nr|iban nr|iban no|iban code|code iban|verkäufer-iban|unsere iban|iban verkäufer|iban number"
        "|compte iban|iban lieferant"
    ),
    # ------------------------------------------------------------------ sums
    "net_total": (
        "nettobetrag|nettosumme|netto|summe netto|gesamt netto|gesamtbetrag netto|gesamtnetto|netto gesamt"
        "|gesamtsumme netto|rechnungssumme ohne ust|rechnungssumme netto|rechnungsbetrag netto|zwischensumme netto"
        "|zwischensumme (netto)|summe ohne ust|summe ohne mwst|summe exkl. mwst|summe ohne umsatzsteuer|total netto"
        "|gesamtsumme ohne mwst|nettogesamtbetrag|netto-betrag|nettowert|gesamtnettobetrag|gesamtpreis netto"
        "|total exkl. mwst|total excl. vat|total ex vat|total excluding vat|net total|net amount|total net|net"
        "|total net amount|amount excl. vat|subtotal excl. vat|total before tax|amount before tax|taxable amount"
        "|subtotal (net)|net subtotal|subtotal net|total without vat|total ht|montant ht|total hors taxes|total h.t."
        "|montant total ht|sous-total ht|total net ht|net ht|montant hors taxe|montant net ht|total hors taxe|total hors tva"
        "|total net h.t.|total excl. tax|total excluding tax|nettorechnungsbetrag|invoice net total"
        "|summe positionen netto|rechnungs-nettobetrag|bemessungsgrundlage|steuerpflichtiger betrag"
        "?zwischensumme|subtotal|sub total|sub-total|sous-total|summe|warenwert|positionssumme|summe positionen|gesamtwarenwert"
        "|entgelt|basisbetrag|total lines|lines total|total des lignes|warenwert netto|summe der positionen"
    ),
    "tax_total": (
        "steuerbetrag|ust. gesamt|ust gesamt|umsatzsteuer|mehrwertsteuer|mwst|ust|mwst-betrag|mwst.-betrag|ust-betrag"
        "|umsatzsteuerbetrag|mehrwertsteuerbetrag|mwst gesamt|gesamt mwst|summe mwst|summe ust|summe umsatzsteuer"
        "|gesamtbetrag mwst|gesamtbetrag ust|gesamtsteuer|gesamtsteuerbetrag|zzgl. mwst|zzgl. ust|zzgl. umsatzsteuer"
        "|zzgl. mehrwertsteuer|zuzüglich mwst|zuzüglich ust|zuzügl. mwst|plus mwst|plus ust|enthaltene mwst|inkl. mwst"
        "|steuer|steuern|steuern gesamt|steuerbetrag in eur|steuerbetrag in|summe steuern|vat amount|total vat"
        "|vat total|tax amount|tax total|total tax|total taxes|sales tax|tax|vat|gst|total vat amount|invoice vat total"
        "|montant tva|total tva|tva|montant de la tva|dont tva|total taxe|total des taxes|tva totale|montant total tva"
        "|zuzüglich umsatzsteuer|zuzüglich mehrwertsteuer|zzgl. gesetzlicher mwst|zzgl. gesetzl. mwst|plus vat|zzgl. gesetzl. ust"
        "|zzgl. gesetzliche mwst|zzgl. gesetzliche umsatzsteuer|mwst.|total mwst|montant des taxes|umsatzsteuer gesamt"
    ),
    "gross_total": (
        "bruttosumme|bruttobetrag|gesamtbetrag|rechnungsbetrag|gesamtsumme|endbetrag|rechnungssumme|gesamtbetrag brutto"
        "|summe brutto|gesamt brutto|brutto gesamt|gesamtbetrag inkl. mwst|gesamtbetrag inkl. ust|rechnungsendbetrag"
        "|rechnungsbetrag brutto|rechnungsgesamtbetrag|endsumme|total inkl. mwst|total brutto|gesamtpreis brutto"
        "|summe inkl. mwst|summe inkl. ust|gesamtpreis|rechnungstotal|gesamtbetrag (brutto)|gutschriftbetrag"
        "|gutschriftsbetrag|total incl. vat|total inc vat|total including vat|grand total|invoice total|gross total"
        "|total gross|gross amount|total amount|amount total|total incl. tax|total including tax|total invoice amount"
        "|total ttc|montant ttc|total t.t.c.|montant total ttc|net ttc|total toutes taxes comprises|montant total"
        "|total facture|montant de la facture|rechnungsbetrag inkl. mwst|total with vat|total général|total ttc eur"
        "|rechnungsbruttobetrag|bruttogesamtbetrag|gesamtsumme brutto|invoice amount|total amount incl. vat|brutto"
        "?total|gesamt|summe gesamt|gesamttotal|totalbetrag|betrag|montant|total eur"
    ),
    "prepaid_amount": (
        "erhaltene anzahlungen|erhaltene anzahlung|anzahlung|anzahlungen|bereits gezahlt|bereits bezahlt|abzgl. anzahlung"
        "|abzüglich anzahlung|abzüglich erhaltene anzahlungen|abzgl. erhaltener anzahlungen|geleistete anzahlung"
        "|geleistete anzahlungen|vorauszahlung|vorauszahlungen|geleistete vorauszahlungen|abschlagszahlungen"
        "|abzgl. vorauszahlung|gezahlt|vorausbezahlter betrag|prepaid|prepaid amount|amount paid|paid|already paid"
        "|deposit|deposit paid|advance payment|paid amount|payments received|less deposit|less advance payment"
        "|less payments|total paid|acompte|acompte versé|acomptes|acomptes versés|déjà payé|déjà réglé|montant payé"
        "|montant déjà payé|avance|acompte reçu|total payé|montant réglé|less paid|payment received|teilzahlung erhalten"
        "|abzgl. abschlagszahlungen|acompte déjà versé"
    ),
    "amount_due": (
        "zahlbetrag|offener betrag|offener rechnungsbetrag|noch zu zahlen|zu zahlen|zu zahlender betrag|restbetrag"
        "|fälliger betrag|restzahlung|zahlungsbetrag|offene summe|zu überweisen|zu überweisender betrag|forderung"
        "|nachzahlung|guthaben|verbleibender betrag|auszahlungsbetrag|fälliger gesamtbetrag|überweisungsbetrag"
        "|noch zu zahlender betrag|abbuchungsbetrag|erstattungsbetrag|amount due|balance due|total due|balance"
        "|amount payable|total payable|due amount|please pay|outstanding|outstanding amount|residual|amount to pay"
        "|total amount due|payable amount|balance to pay|to pay|outstanding balance|net à payer|solde à payer|reste à payer"
        "|montant à payer|solde dû|total à payer|à payer|montant dû|solde|net a payer|net à payer ttc|montant net à payer"
        "|reste dû|solde à régler|montant à régler|total dû|zahllast|remaining balance|amount outstanding"
    ),
    # ------------------------------------------------------------------ parties (headings of address blocks)
    "seller": (
        "verkäufer|lieferant|rechnungssteller|leistungserbringer|auftragnehmer|absender|leistender|seller|vendor"
        "|supplier|from|bill from|invoice from|sold by|issued by|vendeur|fournisseur|émetteur|prestataire|de la part de"
        "|rechnungsaussteller|verkäufer/leistungserbringer|invoicing party|biller|service provider|expéditeur|kreditor"
    ),
    "buyer": (
        "käufer|käufer/leistungsempfänger|leistungsempfänger|rechnungsempfänger|kunde|auftraggeber|rechnung an"
        "|rechnungsadresse|rechnungsanschrift|empfänger|buyer|customer|bill to|billed to|invoice to|sold to|client"
        "|billing address|invoice address|bill-to|acheteur|facturé à|facturer à|adresse de facturation|destinataire"
        "|adressé à|client facturé|käufer / leistungsempfänger|invoiced to|invoice recipient|für|to|debitor|kundenanschrift"
        "|adresse du client|à l'attention de|bill to address|facture à|buyer/customer|invoice for|gutschrift an"
    ),
    "other_party": (
        "warenempfänger|abweichender warenempfänger|lieferadresse|lieferanschrift|lieferung an|abweichender zahlungsempfänger"
        "|zahlungsempfänger|steuerbevollmächtigter des verkäufers|steuervertreter|versandadresse|ship to|deliver to"
        "|delivery address|shipping address|shipped to|ship-to|remit to|payee|adresse de livraison|livré à|livraison"
        "|livrer à|lieu de livraison|leistungsort|abweichende lieferadresse|endkunde|contact commercial|sales contact"
        "|ansprechpartner|kontakt|contact|ihr ansprechpartner|votre contact|your contact|lieferort|steuerbevollmächtigter"
        "|abweichender rechnungsempfänger|bei rückfragen|objekt|leistungsempfänger abweichend|shipping information|bezahlt von"
        "|warenlieferant|abweichender lieferant|versender|consignee|warehouse|notify party|bankverbindung|bank"
    ),
    "section": (
        "bemerkungen|bemerkung|positionsdaten|belegsummen|zahlungsbedingungen|zahlungsart|umsatzsteueraufschlüsselung"
        "|steueraufschlüsselung|notes|note|remarks|remarques|payment terms|terms of payment|conditions de paiement|information"
        "|informations|rechnungsbegleitende unterlagen|zu- und abschläge|terms|description|notice|hinweis|hinweise|betreff"
        "|qualifizierung der textart|taxe|payment|règlement|zahlungsinformationen|bank details|coordonnées bancaires"
        "|incoterms|zahlungsweise|mode de paiement|payment method"
    ),
    # ------------------------------------------------------------------ lines inside a party block
    "name": "name|firma|firmenname|nom|raison sociale|company|company name|société",
    "address": "anschrift|adresse|address|straße|strasse|street|postanschrift|rue",
    "party_detail": (
        "nummer|globale nummer|gln|lief-nr|kunden-nr|kundennr|kundennummer|kunden nr|telefon|tel|telefax|fax|e-mail|email|mail|web"
        "|mobil|handy|phone|fon|internet|www|ansprechpartner|abteilung|einheit|kontakt|contact|customer no|customer number|siret"
        "|siren|rcs|ape|naf|capital|geschäftsführer|geschäftsführung|hrb|hra|handelsregister|handelsregisternummer|amtsgericht"
        "|z. hd.|z.hd.|zu händen|attn|attention|c/o|lieferantennummer|lieferantennr|unsere gln|ihre gln|client n°|code client"
        "|numéro client|n° client|tél|téléphone|courriel|customer id|vendor no|debitorennummer|debitor-nr|debitor nr|rechtsform"
        "|company no|company number|registration number|eori|duns|mandatsreferenz|ihre kundennummer|steuernummer"
        "|portable|website|homepage|registergericht|vorstand|ceo|managing director"
    ),
    # ------------------------------------------------------------------ phrases that must not be read as something shorter
    "-": (
        "gesamtbetrag der zuschläge|gesamtbetrag der abschläge|gesamtbetrag zuschläge|gesamtbetrag abschläge|betrag skonto"
        "|summe skonto|skonto sofort|skonto|skontobetrag|rabattbetrag|rabatt|ust. satz|ust-satz|mwst-satz|steuersatz|mwst %|ust. %"
        "|mwst-%|taux tva|vat rate|tax rate|tva %|vat %|bestelldatum|bestell-datum|order date|date de commande|auftragsdatum"
        "|lieferschein-datum|lieferscheindatum|lieferschein-nr|lieferscheinnummer|lieferscheinnr|lieferschein|delivery note"
        "|delivery note no|bon de livraison|auftrag-nr|auftragsnummer|auftrags-nr|auftragsnr|auftrag-nr-lief|auftrag-datum-lief"
        "|ursprungsbeleg-nr|original invoice|original invoice no|facture liée|rechnungsbezug|ursprüngliche rechnung|reklamationsnummer"
        "|storno zu rechnung|gutschrift zu rechnung|zu rechnung nr|bezug rechnung|käufer-iban|iban käufer|iban des kunden|ihre iban"
        "|handelsregisternummer|zahlungsbedingungen|vertragsnummer|vertrag|contract number|contract no|projektnummer|projekt"
        "|total ht net|anzahl|total pages|total quantity|total qty|total weight|gesamtgewicht|gesamtmenge|total poids"
        "|réf. marché|agreement ref|référence marché|numéro de contrat|nummer/datum|lieferscheinnr./-datum|print date|druckdatum"
        "|mandatsreferenz|gläubiger-id|gläubiger id|rechnungswert|statistik|zolltarifnummer|herkunftsland|versandart|versanddatum"
        "|abrechnungszeitraum|liefer-/leistungszeitraum|leistungszeitraum|lieferzeitraum|billing period|période de facturation"
        "|weitere referenz|art der referenz|geschäftsprozess|anwendungsempfehlung|testkennzeichen|steuernummer finanzamt|basisbetrag skonto"
        "|artikelgesamtrabatt|bruttopreis|nettopreis|basismenge|preisbasis|rechnungsrabatt|artikelrabatt|due in|bank|bic|swift|blz|konto|kontonummer"
        "|konto-nr|rechnungs- und lieferadresse|valid until|gültig bis|date of birth|geburtsdatum|date de naissance|page|seite|zahlungsdatum"
        "|payment date|date de règlement|rabattbetrag gesamt|delivery terms|lieferbedingungen|versandkosten|shipping|frais de port|porto"
        "|port|discount|remise|escompte|rem|rundung|rounding|arrondi|sozialversicherungsnummer|zuschlag|abschlag|zu-/abschlag|fracht-verp-vers"
        "|rechnung gemäß|gemäß bestellung|rechnung gemäß bestellung|vat exempt|tax exempt|tva non applicable|vat breakdown|steuerfrei"
        "|amount due date|due date terms|capital|au capital de|sarl au capital de|order confirmation|auftragsbestätigung"
        "|valuta|wertstellung|verwendungszweck|codelisten-version|stylesheet-version|zugferd-version|referenz|kontoname"
    ),
}


@dataclass(frozen=True, slots=True)
class Hit:
    """A label in a row: ``row.text[start:stop]``; ``weak`` ones count only where nothing better is found."""

    field: str
    row: Row
    start: int
    stop: int
    weak: bool

    @property
    def opens_cell(self) -> bool:
        """Whether the label is the first thing in its cell."""
        return self.start == 0 or self.row.text[: self.start].rstrip(" :#(.").endswith("\t") or not (
            self.row.text[: self.start].strip(" :#(.\t")
        )


@lru_cache(maxsize=1)
def _index() -> tuple[dict[str, tuple[tuple[str, bool], ...]], tuple[int, ...]]:
    out: dict[str, dict[str, bool]] = {}
    for field, phrases in LABELS.items():
        strong, _, weak = phrases.partition("?")
        for part, is_weak in ((strong, False), (weak, True)):
            for phrase in filter(None, part.split("|")):
                out.setdefault(fold_name(phrase), {}).setdefault(field, is_weak)
    lengths = sorted({len(k) for k in out}, reverse=True)
    return {k: tuple(v.items()) for k, v in out.items()}, tuple(lengths)


def find_labels(row: Row) -> list[Hit]:
    """The labels of a row from left to right; a phrase of several fields gives a hit for each."""
    known, lengths = _index()
    flat, where = _flatten(row.text)
    starts = {i for i, at in enumerate(where) if at == 0 or row.text[at - 1] in " \t:#(/·|•,;"}
    ends = {i for i, at in enumerate(where) if _closes(row.text, at)}
    hits: list[Hit] = []
    i = 0
    while i < len(flat):
        step = 1
        if i in starts:
            for n in lengths:
                stop = i + n
                if stop - 1 not in ends or stop > len(flat):
                    continue
                fields = known.get(flat[i:stop])
                if fields and "\t" not in row.text[where[i] : where[stop - 1]]:
                    hits += [Hit(f, row, where[i], where[stop - 1] + 1, weak) for f, weak in fields]
                    step = n
                    break
        i += step
    return hits


def _closes(text: str, at: int) -> bool:
    """Whether a label may end after ``text[at]``: at a blank, the end or punctuation, but not before a hyphenated part."""
    rest = text[at + 1 : at + 3]
    return not rest or not (rest[0].isalnum() or (rest[0] in "-'’" and len(rest) > 1 and rest[1].isalnum()))


def _flatten(text: str) -> tuple[str, list[int]]:
    flat: list[str] = []
    where: list[int] = []
    for at, char in enumerate(text):
        for folded in fold_name(char):
            flat.append(folded)
            where.append(at)
    return "".join(flat), where
