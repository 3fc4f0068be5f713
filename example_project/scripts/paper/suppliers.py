"""The invented company, its invented suppliers and what they sell.

Every name, street, number and account is made up; VAT numbers and IBANs carry correct check digits over
number ranges that are not given out, so that a validator has something to agree with.
"""

# ruff: noqa: E501 - these tables read better wide
from __future__ import annotations

from decimal import Decimal

from paper.invoice import Article, Party, Supplier

BUYERS = {
    "de": Party("Nordlicht Werkzeugbau GmbH", "Am Speicherhof 14", "28217", "Bremen", "DE", "DE999010107"),
    "gb": Party("Northlight Tools Ltd", "Unit 6, Kirkstall Forge", "LS5 3NG", "Leeds", "GB", "GB999110038"),
    "fr": Party("Nordlicht Outillage SAS", "27 rue des Tanneurs", "59000", "Lille", "FR", "FR69999100019"),
    "us": Party("Northlight Tools Inc.", "1180 Olentangy Road", "43212", "Columbus", "US", None, None, "OH"),
    "ch": Party(
        "Nordlicht Werkzeuge (Schweiz) AG",
        "Industriestrasse 9",
        "8404",
        "Winterthur",
        "CH",
        "CHE-999.100.000",
    ),
}


def _goods(unit_rate: str, *rows: tuple[str, str, str, str, str]) -> tuple[Article, ...]:
    """Articles from ``(item, description, unit, price, typical quantity)``; ``unit@rate`` overrides the rate."""
    made = []
    for item, description, unit, price, typical in rows:
        code, _, rate = unit.partition("@")
        made.append(Article(item, description, code, Decimal(price), Decimal(rate or unit_rate), Decimal(typical)))
    return tuple(made)


_SCREWS = _goods(
    "19",
    ("SK-0412", "Sechskantschraube M8 x 40, verzinkt, 8.8", "H87", "0.0815", "500"),
    ("SK-0620", "Sechskantschraube M10 x 60, Edelstahl A2", "H87", "0.3140", "250"),
    ("MU-0080", "Sechskantmutter M8, selbstsichernd", "H87", "0.0390", "1000"),
    ("US-0080", "Unterlegscheibe M8, DIN 125", "H87", "0.0125", "2000"),
    ("GS-1000", "Gewindestange M10, 1 m, verzinkt", "MTR", "2.35", "24"),
    ("DU-0810", "Universaldübel 8 x 50 mit Schraube, Karton zu 50 Stück", "H87", "11.90", "12"),
    ("BO-0065", "Spiralbohrer HSS-G 6,5 mm", "H87", "3.48", "30"),
    ("BL-2200", "Blindniete Alu/Stahl 4 x 10", "H87", "0.0560", "1500"),
)
_BOXES = _goods(
    "19",
    ("40110", "Faltkarton 300 x 200 x 150 mm, einwellig", "H87", "0.48", "400"),
    ("40125", "Faltkarton 600 x 400 x 400 mm, zweiwellig, Qualität 2.40 BC", "H87", "1.92", "150"),
    ("40310", "Luftpolsterfolie 1,0 x 100 m, 60 my", "H87", "27.40", "6"),
    ("40420", "Packband PP leise, braun, 50 mm x 66 m", "H87", "1.15", "72"),
    ("40515", "Kantenschutzwinkel 45 x 45 x 3 mm", "MTR", "0.62", "120"),
    ("40610", "Stretchfolie 500 mm x 300 m, 20 my", "H87", "6.85", "36"),
    ("40705", "Füllmaterial aus Papier", "KGM", "1.74", "85.5"),
    ("40990", "Europalette, gebraucht, Klasse B", "H87", "9.80", "20"),
)
_ENERGY = _goods(
    "19",
    ("HT", "Elektrische Arbeit Hochtarif", "KWH", "0.2418", "11840"),
    ("NT", "Elektrische Arbeit Niedertarif", "KWH", "0.1986", "6320"),
    ("GP", "Grundpreis Gewerbeanschluss 63 A", "MON", "42.50", "1"),
    ("MS", "Messstellenbetrieb", "MON", "8.40", "1"),
    ("FW", "Fernwärme, Holzhackschnitzel", "KWH@7", "0.1024", "9150"),
    ("WA", "Trinkwasser laut Zähler 4471", "MTQ@7", "2.06", "38"),
)
_FREIGHT_AT = _goods(
    "20",
    ("T100", "Stückgut Linz-Bremen bis 500 kg", "H87", "184.00", "2"),
    ("T200", "Teilladung Graz-Bremen, 4 Lademeter", "H87", "640.00", "1"),
    ("M010", "Mautzuschlag", "H87", "37.20", "2"),
    ("D020", "Dieselzuschlag", "H87", "21.15", "2"),
    ("W005", "Standzeit an der Rampe", "HUR", "58.00", "1.5"),
    ("L030", "Lagerplatz je Palette und Monat", "MON", "9.60", "14"),
)
_PRECISION_CH = _goods(
    "8.1",
    ("P-7701", "Passstift gehärtet 6 m6 x 24", "H87", "1.85", "200"),
    ("P-7715", "Spannzange ER25, 10-9 mm, Rundlauf 5 my", "H87", "38.40", "12"),
    ("P-7722", "Messuhr 0-10 mm, Ablesung 0.01", "H87", "146.00", "3"),
    ("P-7730", "Lehrdorn 12 H7, gut/ausschuss", "H87", "92.50", "4"),
    ("P-7745", "Vollhartmetall-Fräser 8 mm, 4 Schneiden", "H87", "64.20", "15"),
    ("S-0100", "Nachschleifen von Fräsern", "HUR", "112.00", "6.5"),
)
_OFFICE_GB = _goods(
    "20",
    ("TF1042", "Copier paper A4 80 gsm, box of 5 reams", "H87", "18.95", "20"),
    ("TF1187", "Lever arch file, A4, black", "H87", "2.49", "40"),
    ("TF2210", "Desk lamp LED with clamp", "H87", "34.50", "6"),
    ("TF2304", "Task chair, mesh back, adjustable arms, including assembly on site", "H87", "189.00", "4"),
    ("TF3305", "Whiteboard markers, assorted, pack of 12", "H87", "7.80", "15"),
    ("TF4021", "Network cable Cat 6a, blue", "MTR", "0.85", "250"),
    ("TF5110", "Safety data binders, printed set", "H87@0", "12.00", "10"),
)
_CONSULTING_GB = _goods(
    "20",
    ("CONS-P", "Process review, partner", "DAY", "1450.00", "2"),
    ("CONS-S", "Shop floor interviews, senior consultant", "DAY", "980.00", "4.5"),
    ("CONS-A", "Data preparation, analyst", "HUR", "85.00", "22.5"),
    ("EXP-T", "Travel at cost, Leeds to Bremen", "H87", "312.40", "1"),
    ("RPT", "Final report, printed and bound", "H87", "240.00", "2"),
)
_SOFTWARE_US = _goods(
    "7.5",
    ("CR-SEAT", "Cedar Plan, named user, monthly", "H87", "49.00", "35"),
    ("CR-VIEW", "Cedar Plan, viewer, monthly", "H87", "9.00", "60"),
    ("CR-SUP", "Priority support", "MON", "650.00", "1"),
    ("CR-IMP", "Implementation services", "HUR", "165.00", "18"),
    ("CR-TRN", "Remote training session, up to 12 attendees", "H87", "890.00", "2"),
)
_PAPER_FR = _goods(
    "20",
    ("PT-110", "Ramette papier recyclé A4 80 g", "H87", "4.35", "120"),
    ("PT-145", "Étiquettes d'expédition 105 x 148 mm, boîte de 400", "H87", "22.80", "14"),
    (
        "PT-201",
        "Carnet de bons de livraison autocopiants, 50 feuillets en 3 exemplaires",
        "H87",
        "8.90",
        "60",
    ),
    ("PT-330", "Agrafeuse de bureau, capacité 30 feuilles", "H87", "13.60", "10"),
    ("PT-412", "Manuel de sécurité machines, édition 2025", "H87@5.5", "31.50", "8"),
    ("PT-518", "Encre pour tampon, noire", "H87", "3.95", "24"),
)
_HAULAGE_FR = _goods(
    "20",
    ("TR-01", "Transport Lille - Lyon, lot complet 13,6 m", "H87", "1085.00", "1"),
    ("TR-02", "Transport régional, palette", "H87", "46.50", "18"),
    ("TR-05", "Livraison avec hayon élévateur", "H87", "65.00", "3"),
    ("TR-08", "Heure d'attente au déchargement", "HUR", "54.00", "2.5"),
    ("TR-11", "Participation gazole", "H87", "38.75", "1"),
)
_MACHINES_SE = _goods(
    "0",
    ("BM-3000", "Linear guide rail HX25", "MTR", "1480.00", "6"),
    ("BM-3010", "Carriage HX25, preloaded", "H87", "912.50", "12"),
    ("BM-3050", "Ball screw 25 x 10, rolled, with nut and end machining to drawing", "H87", "4250.00", "2"),
    ("BM-3090", "Lubrication unit, automatic", "H87", "1795.00", "3"),
    ("BM-9000", "Freight and packing", "H87", "640.00", "1"),
)
_GLUE_NL = _goods(
    "0",
    ("VR 21-5", "Two-component epoxy, 5 kg set", "H87", "128.60", "8"),
    ("VR 30-1", "Contact adhesive, solvent free", "LTR", "14.25", "60"),
    ("VR 44-2", "Hot melt granulate", "KGM", "6.38", "125"),
    ("VR 50-0", "Cleaner and primer spray 400 ml", "H87", "9.15", "48"),
    ("VR 99-1", "Dispensing gun, manual, 10:1", "H87", "74.00", "3"),
)

SUPPLIERS: tuple[Supplier, ...] = (
    Supplier(
        "70010", Party("Hallbrück Befestigungstechnik GmbH", "Drahtzieherweg 31", "58119", "Hagen", "DE", "DE999020106",
                       "321/5720/0914"),
        "de", "DE73 9990 0001 0000 1234 01", "Volmebank Hagen", "rechnung@hallbrueck.example", "de", "EUR", "code_after",
        "dots", "ruled", "RE-2025-{0:04d}", _SCREWS, 30, 0, "#7a1f1f", "Helvetica", "104882"),
    Supplier(
        "70011", Party("Kessler Verpackungen GmbH", "Papiermühle 3", "32049", "Herford", "DE", "DE999030101"),
        "de", "DE98 9990 0002 0004 7110 02", "Werrebank eG", "buchhaltung@kessler.example", "de", "EUR", "symbol_after",
        "dots", "letter", "25{0:05d}", _BOXES, 14, 1, "#205a38", "Helvetica", "K-2077"),
    Supplier(
        "70012", Party("Ostermoor Energie eG", "Torfkanal 2", "26871", "Papenburg", "DE", "DE999040102"),
        "de", "DE16 9990 0003 0008 1503 03", "Hümmlinger Genossenschaftsbank", "service@ostermoor.example", "de", "EUR",
        "symbol_after", "long", "sidebar", "VE-{0:06d}", _ENERGY, 21, 0, "#0f5c6e", "Helvetica", "9004471"),
    Supplier(
        "70013", Party("Alpenspedition Thurner OG", "Hafenstraße 61", "4020", "Linz", "AT", "ATU99910007"),
        "de", "AT05 9900 1000 1234 5604", "Donaukreditbank", "fracht@thurner.example", "de", "EUR", "code_before",
        "dots", "typewriter", "F{0:05d}/25", _FREIGHT_AT, 10, 2, "#333333", "Courier", "5512"),
    Supplier(
        "70014", Party("Meisterli Präzision AG", "Uhrmachergasse 8", "2502", "Biel", "CH", "CHE-999.100.017"),
        "ch", "CH90 9900 1000 1234 5670 5", "Seelandbank", "verkauf@meisterli.example", "de-CH", "CHF", "code_before",
        "dots", "landscape", "{0:06d}", _PRECISION_CH, 30, 2, "#8a1c2b", "Helvetica", "21-884"),
    Supplier(
        "70020", Party("Thornfield Office Supplies Ltd", "14 Castle Yard", "YO1 9RL", "York", "GB", "GB999120034"),
        "gb", "GB59 XXXX 9900 0112 3456 06", "Ouse & Derwent Bank", "accounts@thornfield.example", "en", "GBP",
        "symbol_before", "slash", "borderless", "INV-{0:05d}", _OFFICE_GB, 30, 0, "#274690", "Helvetica", "NLT01"),
    Supplier(
        "70021", Party("Harrow & Finch Consulting LLP", "3rd Floor, 22 Colmore Row", "B3 2QD", "Birmingham", "GB",
                       "GB999130030"),
        "gb", "GB36 XXXX 9900 0223 4567 07", "Midland Mutual Bank", "billing@harrowfinch.example", "en", "GBP",
        "symbol_before", "long", "minimal", "HF-2025-{0:03d}", _CONSULTING_GB, 14, 1, "#111111", "Helvetica", "C-118"),
    Supplier(
        "70030", Party("Cedar Ridge Software Inc.", "455 Larkspur Avenue, Suite 200", "97205", "Portland", "US", None,
                       "98-7654321", "OR"),
        "us", "", "Tualatin Trust, routing 999000019, account 4471102", "ar@cedarridge.example", "en", "USD",
        "symbol_before", "us", "totals_left", "{0:07d}", _SOFTWARE_US, 30, 2, "#4a2f7a", "Times-Roman", "NL-0093"),
    Supplier(
        "70040", Party("Papeterie des Tilleuls SARL", "8 allée des Tilleuls", "37000", "Tours", "FR", "FR42999200017"),
        "fr", "FR45 9990 0000 0100 0012 3450 811", "Banque du Val", "compta@tilleuls.example", "fr", "EUR",
        "symbol_after", "slash", "two_columns", "FA25-{0:04d}", _PAPER_FR, 45, 0, "#5b4636", "Times-Roman", "C00318"),
    Supplier(
        "70041", Party("Transports Vauquelin & Fils SAS", "ZI de la Lys, 4 rue du Port", "59280", "Armentières", "FR",
                       "FR15999300015"),
        "fr", "FR34 9990 0000 0200 0076 5430 944", "Crédit des Flandres", "facturation@vauquelin.example", "fr", "EUR",
        "bare", "long", "boxes", "2025-{0:04d}", _HAULAGE_FR, 30, 1, "#14507a", "Vera", "NORDL59"),
    Supplier(
        "70050", Party("Björkvik Maskin AB", "Verkstadsgatan 12", "722 12", "Västerås", "SE", "SE999100010101"),
        "de", "SE59 9990 0000 0123 4567 8911", "Mälarbanken", "invoice@bjorkvik.example", "en", "SEK", "code_before",
        "iso", "band", "{0:05d}", _MACHINES_SE, 30, 1, "#0b3c5d", "Helvetica", "30142"),
    Supplier(
        "70051", Party("Van Rooyen Lijmtechniek B.V.", "Kanaaldijk 77", "5705 CM", "Helmond", "NL", "NL999100002B01"),
        "de", "NL13 XXXX 0912 3456 12", "Brabantse Handelsbank", "debiteuren@vanrooyen.example", "en", "EUR",
        "code_before", "dots", "centred", "VR{0:06d}", _GLUE_NL, 30, 2, "#a04000", "Times-Roman", "D-4410"),
)  # fmt: skip
