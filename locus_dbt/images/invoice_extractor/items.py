"""Line items: the header row tells the columns, the rows under it are read into them, page after page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache

from locus_dbt.core.values import NUMBER, fold_name, read_decimal, unit_code
from locus_dbt.images.invoice_extractor.labels import Hit
from locus_dbt.images.invoice_extractor.layout import Row, Sheet
from locus_dbt.images.invoice_extractor.reading import Found

#: role -> what its column is called; ``-`` are columns that are known but not wanted.
COLUMNS: dict[str, str] = {
    "line_no": "pos|position|pos.-nr|pos. nr|posnr|lfd. nr|lfd.-nr|lfdnr|nr|no|#|line|line no|ligne|n°|num|item no.|zeile|sl no|s.no|pos no|p",
    "description": (
        "beschreibung|bezeichnung|artikelbezeichnung|artikel|produkt|leistung|leistungen|text|description|designation"
        "|désignation|libellé|product|item|items|details|service|services|material/beschreibung|leistungsbeschreibung|produkte"
        "|warenbezeichnung|item description|prestation|prestations|artikelbeschreibung|ware|produktbezeichnung|gegenstand"
        "|product description|description of goods|goods|positionsbeschreibung|article|produit|service description|tätigkeit"
        "|art der leistung|bezeichnung der leistung|description of services|artikel/leistung|artikel / leistung|désignations"
    ),
    "item_id": (
        "art-nr|art.-nr|artikelnr|artikelnummer|artikel-nr|art.nr|artnr|sku|item number|product code|code|référence|réf|ref|gtin"
        "|ean|material|art-nr-lieferant|product no|part no|part number|item code|artikel nr|art. no|article no|art-nr-lief|art-nr-kunde"
        "|art-nr-kunde art-nr-lief. art-nr (art)|art-nr-kunde art-nr-lief art-nr|bestellnr|artikelnr.|materialnummer|code article|reference"
        "|sachnummer|produktnummer|produkt-nr|teilenummer|item id|product id|n° article|réf. article|artikelcode|item no"
    ),
    "quantity": "menge|anzahl|quantity|qty|qté|quantité|stunden|hours|nombre|mge|qte|quant|units|anz|menge einheit|menge/einheit|quantités|qty.|stückzahl|std|stk",
    "unit_code": "einheit|me|un|unit|unité|eh|mengeneinheit|uom|einh|unit of measure|meh|u",
    "unit_price": (
        "preis|einzelpreis|nettopreis|e-preis|epreis|ep|stückpreis|unit price|price|prix unitaire|prix unitaire ht|pu ht|p.u. ht|p.u|pu"
        "|rate|einzelpreis netto|preis/einheit|preis pro einheit|einzelbetrag|unit cost|prix|stundensatz|einzel|e.-preis|einzelpreis eur"
        "|preis je einheit|preis in eur|einzelpreis in eur|prix u. ht|prix u|price per unit|price/unit|preis/stk|ep netto|einzelpreis (netto)"
        "|unit price eur|net price|unit price net|p.u. h.t.|prix unit|prix unit. ht|cost|preis (eur)|einheitspreis|preis eur|net unit price"
    ),
    "net_amount": (
        "betrag|gesamt|gesamtpreis|nettobetrag|positionsbetrag|positionsbetrag ohne ust|gesamtbetrag|summe|amount|total|total ht|prix ht"
        "|montant ht|montant|line total|nettowert|entgelt|price w/o tax|net amount|gesamt netto|g-preis|betrag eur|wert|gp|nettosumme"
        "|gesamtpreis netto|betrag in eur|gesamt eur|total net|total price|amount eur|betrag netto|total h.t.|gesamtpreis eur|netto|preis gesamt"
        "|line amount|extended price|ext. price|total eur|gesamt (eur)|gesamtsumme|total excl. vat|net total|positionssumme|line net amount|betrag (eur)"
        "|zeilenbetrag|mt ht|net|gesamtpreis in eur|nettogesamt|montant h.t.|prix total|prix total ht|total line|gesamtbetrag netto|subtotal|sous-total"
    ),
    "tax_rate": (
        "ust|mwst|ust %|mwst-%|steuer|steuersatz|vat|vat %|tax|tva|tva %|taux|tax rate|vat rate|mwst.-satz|mwst-satz|ust-satz|taux tva|ust.-satz"
        "|mwst %|% mwst|% ust|taux de tva|tax %|% tva|mwst.|steuer %|steuer-%|ust. in %|vat in %|gst|steuersatz [%]|vat-%"
    ),
    "-": (
        "rabatt|disc|discount|rem|remise|rab|vke/geb|bruttopreis|total ttc|gross|brutto|datum|date|geb|vpe|montant tva|ust-betrag|mwst-betrag"
        "|steuerbetrag|tax amount|vat amount|gross amount|bruttobetrag|rabatt %|% rabatt|rem %|disc %|liefertermin|lieferdatum|gewicht|weight"
        "|kategorie|basisbetrag|warenwert|base|zu-/abschlag|lieferschein|fälligkeit|teilzahlung|prix ttc|montant ttc|gesamt brutto|serial no|remise %|discount %"
    ),
}
_NUMERIC = ("quantity", "unit_price", "net_amount", "tax_rate")
_CARRY = re.compile(r"übertrag|uebertrag|carried\s?(?:forward|over)|brought\s?forward|carry\s?over|à\s?reporter|report\s?(?:à|de|page)|^report\b|zwischensumme\s?seite", re.IGNORECASE)  # fmt: skip
_STOPPERS = ("net_total", "tax_total", "gross_total", "amount_due", "prepaid_amount")
_GTIN = re.compile(r"\d{8}|\d{12,14}")
_MAX_ITEMS = 5000


@dataclass
class Column:
    """A column by its header: roles from top to bottom, and where the header stands."""

    roles: list[str]
    x0: float
    x1: float
    words: str = ""

    @property
    def role(self) -> str:
        """The column's first meaning."""
        return self.roles[0]


@dataclass
class Header:
    """The header of a table of items."""

    columns: list[Column]
    first: int
    last: int

    def roles(self) -> set[str]:
        """The roles of all columns."""
        return {r for c in self.columns for r in c.roles}


@dataclass
class Item:
    """One line item; ``notes`` are rows under it."""

    parts: dict[str, Found] = field(default_factory=dict)
    cells: dict[str, list[tuple[Row, int, int]]] = field(default_factory=dict)
    rows: list[int] = field(default_factory=list)


@lru_cache(maxsize=1)
def _roles() -> dict[str, str]:
    out: dict[str, str] = {}
    for role, phrases in COLUMNS.items():
        for phrase in phrases.split("|"):
            out.setdefault(fold_name(phrase) or phrase, role)
    return out


# ---------------------------------------------------------------- headers
def find_headers(sheet: Sheet) -> list[Header]:
    """Header rows of item tables in the order of the document."""
    headers: list[Header] = []
    for row in sheet.rows:
        if headers and row.index <= headers[-1].last:
            continue
        columns = _columns_of(row)
        roles = {c.role for c in columns if c.role}
        known = [c for c in columns if c.role]
        if len(known) < 3 or len(columns) - len(known) > 3:
            continue
        header = _stack(row, columns, sheet)
        roles = header.roles()
        named = roles & {"description", "item_id"}
        if named and len(roles & {"quantity", "unit_price", "net_amount"}) >= 2:
            headers.append(header)
        elif "description" in roles and "net_amount" in roles and len(roles & {"line_no", "quantity", "tax_rate", "unit_price"}):
            headers.append(header)
    return headers


def _columns_of(row: Row) -> list[Column]:
    columns: list[Column] = []
    for start, stop in row.cells:
        columns += _segments(row, start, stop)
    return columns


def _segments(row: Row, start: int, stop: int) -> list[Column]:
    """One cell as header phrases: as few known phrases as cover it; unknown words join the phrase before."""
    known = _roles()
    words = [(m.start() + start, m.end() + start) for m in re.finditer(r"\S+", row.text[start:stop])]
    out: list[Column] = []
    i = 0
    while i < len(words):
        for j in range(len(words), i, -1):
            a, b = words[i][0], words[j - 1][1]
            text = row.text[a:b]
            role = known.get(fold_name(text) or text)
            if role:
                box = row.box(a, b)
                out.append(Column([role], box.x0, box.x1, text))
                break
        else:
            j = i + 1
            a, b = words[i]
            box = row.box(a, b)
            glued = _glued(row, a, b)
            if glued:
                out += glued
            elif out:
                out[-1].x1 = box.x1
                out[-1].words += " " + row.text[a:b]
            else:
                out.append(Column([""], box.x0, box.x1, row.text[a:b]))
        i = j
    return out


def _glued(row: Row, start: int, stop: int) -> list[Column]:
    """Two headers printed without a gap (``PosArt-Nr``), taken apart where both halves are known."""
    known = _roles()
    text = row.text[start:stop]
    for i in range(2, len(text) - 2):
        left, right = known.get(fold_name(text[:i])), known.get(fold_name(text[i:]))
        if left and right and left != right and text[i].isupper() and text[i - 1].islower():
            a, b = row.box(start, start + i), row.box(start + i, stop)
            return [Column([left], a.x0, a.x1, text[:i]), Column([right], b.x0, b.x1, text[i:])]
    return []


def _stack(core: Row, columns: list[Column], sheet: Sheet) -> Header:
    """Add the header's other lines over and under its core row to the columns they stand in."""
    first = last = core.index
    upper: list[Row] = []
    edge = core
    for row in sheet.above(core):
        if len(upper) >= 3 or edge.y0 - row.y1 > 0.5 * core.size or not _header_like(row, core):
            break
        upper.insert(0, row)
        edge = row
        first = row.index
    above = [*columns, *(Column([""], box.x0, box.x1) for r in upper for _, _, box in r.cell_boxes())]
    lower: list[Row] = []
    edge = core
    for row in sheet.below(core):
        if len(lower) >= 4 or row.y0 - edge.y1 > 0.5 * core.size or not _header_like(row, core):
            break
        if not _under_columns(row, above, core):
            break
        lower.append(row)
        edge = row
        last = row.index
    stacked: list[tuple[int, Column]] = [(0, c) for c in columns]
    for rank, rows in ((-1, upper), (1, lower)):
        for row in rows:
            for a, b, box in row.cell_boxes():
                role = _roles().get(fold_name(row.text[a:b]), "")
                stacked.append((rank * (1 + rows.index(row)) if rank > 0 else -len(rows) + rows.index(row), Column([role], box.x0, box.x1, row.text[a:b])))
    return Header(_merge(stacked), first, last)


def _header_like(row: Row, core: Row) -> bool:
    if re.search(r"\d", row.text) or len(row.text) > len(core.text) + 20:
        return False
    return abs(row.size - core.size) < 0.6 and row.tokens[0].bold == core.tokens[0].bold


def _under_columns(row: Row, columns: Sequence[Column], core: Row) -> bool:
    """Whether every cell stands under a header word or is a known header itself, and none is running text."""
    known = _roles()
    for a, b, box in row.cell_boxes():
        over = [c for c in columns if min(c.x1, box.x1) - max(c.x0, box.x0) > 0]
        if known.get(fold_name(row.text[a:b])):
            continue
        if not over or len(row.text[a:b].split()) > 3:
            return False
        text_column = all(c.role == "description" for c in over)
        if text_column and not core.tokens[0].bold:
            return False
    return True


def _merge(stacked: list[tuple[int, Column]]) -> list[Column]:
    """Header words that stand over one another are one column; its words read from top to bottom."""
    groups: list[list[tuple[int, Column]]] = []
    for entry in sorted(stacked, key=lambda e: (e[0] != 0, e[0])):
        column = entry[1]
        fits = [
            (min(g_col.x1, column.x1) - max(g_col.x0, column.x0), g)
            for g in groups
            for _, g_col in g[:1]
        ]  # fmt: skip
        over = max(fits, key=lambda f: f[0], default=(0.0, []))
        if over[0] > 0.2 * (column.x1 - column.x0) and entry[0] != 0:
            over[1].append(entry)
        else:
            groups.append([entry])
    out = []
    for group in groups:
        group.sort(key=lambda e: e[0])
        words = " ".join(c.words for _, c in group)
        whole = _roles().get(fold_name(words))
        roles = [whole] if whole else [r for _, c in group for r in c.roles if r]
        distinct = list(dict.fromkeys(roles)) or [""]
        out.append(Column(distinct, min(c.x0 for _, c in group), max(c.x1 for _, c in group), words))
    out.sort(key=lambda c: c.x0)
    _number_before_text(out)
    return out


def _number_before_text(columns: list[Column]) -> None:
    """Of two columns that both name the item (``Artikel | Text``) the left one holds its number."""
    texts = [c for c in columns if c.role == "description"]
    if len(texts) > 1 and not any("item_id" in c.roles for c in columns):
        texts[0].roles = ["item_id"]


# ---------------------------------------------------------------- rows
def read_items(sheet: Sheet, headers: list[Header], by_row: dict[int, list[Hit]]) -> tuple[list[Item], set[int]]:
    """The items under the headers, and the indexes of all rows that belong to the tables."""
    items: list[Item] = []
    used: set[int] = set()
    if not headers:
        return items, used
    main = headers[0].roles()
    for n, header in enumerate(headers):
        if n and len(header.roles() & main) < min(3, len(main)):
            continue
        used |= set(range(header.first, header.last + 1))
        end = headers[n + 1].first if n + 1 < len(headers) else len(sheet.rows)
        last = header.last
        top = sheet.rows[end].page if end < len(sheet.rows) else 0
        for row in sheet.rows[header.last + 1 : end]:
            if row.page == top != sheet.rows[header.last].page:
                break  # the letterhead over the repeated header
            if len(items) >= _MAX_ITEMS:
                break
            if _CARRY.search(row.text):
                last = row.index
                continue
            cells = _place(row, header.columns, sheet)
            if _ends(row, by_row[row.index], cells, sheet):
                break
            if _take(row, cells, header, items, sheet):
                last = row.index
        # rows after the last number are not the table's: sums may follow without a word that ends it
        used |= set(range(header.first, last + 1))
    items = [i for i in items if _is_item(i)]
    if "item_id" not in main:
        _numbers_under_names(items)
    return [_finish(i) for i in items], used


_ITEM_CODE = re.compile(r"(?=.*\d|[A-Z]+-)[A-Z0-9][A-Z0-9./\-]{2,20}")


def _numbers_under_names(items: list[Item]) -> None:
    """Item numbers printed as the last line under the names, where most items have one."""
    under: list[tuple[Item, tuple[Row, int, int]]] = []
    for item in items:
        cells = item.cells.get("description", [])
        codes = [c for c in cells[1:] if _ITEM_CODE.fullmatch(c[0].text[c[1] : c[2]])]
        if codes and codes[-1][0].index != cells[0][0].index:
            under.append((item, codes[-1]))
    if len(under) >= max(1, 0.6 * len(items)):
        for item, cell in under:
            item.cells["description"].remove(cell)
            item.cells["item_id"] = [cell]


def _place(row: Row, columns: list[Column], sheet: Sheet) -> list[tuple[Column | None, int, int]]:
    """The row's cells, each with the column it stands in; ``None`` for text across several columns."""
    out: list[tuple[Column | None, int, int]] = []
    for start, stop in row.cells:
        for a, b in _split_cell(row, start, stop, columns):
            out.append((_column_of(row, a, b, columns), a, b))
    return out


def _split_cell(row: Row, start: int, stop: int, columns: list[Column]) -> list[tuple[int, int]]:
    """A cell parted where a number stands under another column than the words before it, or the other way round."""
    words = [(m.start() + start, m.end() + start) for m in re.finditer(r"\S+", row.text[start:stop])]
    cuts = [start]
    for (_, left), (a, b) in zip(words, words[1:], strict=False):
        before = _nearest(row, cuts[-1], left, columns)
        here = _nearest(row, a, b, columns)
        if before is here or before is None or here is None:
            continue
        text, lead = row.text[a:b], row.text[cuts[-1] : left]
        numeric = bool(NUMBER.fullmatch(text.strip("-€%$£")))
        texts = ("description", "item_id")
        at_edge = before.role in texts and here.role in texts and abs(row.box(a, b).x0 - here.x0) <= 8
        led = NUMBER.fullmatch(lead.strip()) and before.role == "line_no" and here.role in texts
        if (numeric and here.role in _NUMERIC) or led or at_edge:
            cuts.append(a)
    cuts.append(stop)
    return [(a, a + len(row.text[a:b].rstrip())) for a, b in zip(cuts, cuts[1:], strict=False)]


def _nearest(row: Row, start: int, stop: int, columns: list[Column]) -> Column | None:
    box = row.box(start, stop)
    best, most = None, 0.0
    for column in columns:
        over = min(column.x1, box.x1) - max(column.x0, box.x0)
        if over > most:
            best, most = column, over
    return best


def _column_of(row: Row, start: int, stop: int, columns: list[Column]) -> Column | None:
    """By overlap with the header; a number between columns by its right edge, words by their left edge."""
    box = row.box(start, stop)
    text = row.text[start:stop]
    over = [c for c in columns if min(c.x1, box.x1) - max(c.x0, box.x0) > 0]
    number = re.match(r"[-−€$£(]?\s?\d", text) is not None and len(text) < 25
    if len(over) > 1 and not number:
        if sum(c.role in _NUMERIC for c in over) >= 2:
            return None
        left = [c for c in over if c.role in ("description", "item_id", "line_no")]
        return max(left or over, key=lambda c: min(c.x1, box.x1) - max(c.x0, box.x0))
    if over and number and len(over) > 1:
        first = re.match(r"\S+", text)
        return _nearest(row, start, start + (first.end() if first else 1), columns) or over[0]
    if over:
        return max(over, key=lambda c: min(c.x1, box.x1) - max(c.x0, box.x0))
    if number:
        return min(columns, key=lambda c: min(abs(c.x1 - box.x1), abs(c.x0 - box.x0)), default=None)
    left = [c for c in columns if c.x0 <= box.x0 + 3]
    return left[-1] if left else min(columns, key=lambda c: abs(c.x0 - box.x0), default=None)


def _ends(row: Row, hits: list[Hit], cells: list[tuple[Column | None, int, int]], sheet: Sheet) -> bool:
    """A row of sums, or the heading of the next part, ends the table."""
    for hit in hits:
        if not hit.opens_cell:
            continue
        cell = next(((a, b) for a, b in row.cells if a <= hit.start < b), (hit.start, hit.stop))
        rest = row.text[hit.stop : cell[1]].strip(" :.")
        if hit.field in _STOPPERS and (not rest or rest[:1].isdigit() or rest[:1] in "(-€%" or "%" in rest):
            amount = re.search(r"\d[.,]\d\d(?!\d)", row.text[hit.stop :])
            numbered = any(c is not None and c.role == "line_no" and row.text[a:b].strip(".").isdigit() for c, a, b in cells)
            if amount and not numbered:
                return True
        if hit.field == "section" and hit.start == 0 and not rest and len(row.cells) == 1:
            return True
    return False


def _value(role: str, row: Row, start: int, stop: int, sheet: Sheet) -> Found | None:
    """The number of a numeric cell."""
    text = row.text[start:stop]
    match = re.match(rf"[^\d\-−–(]{{0,4}}(?P<number>[-−–]?\s?(?:{NUMBER.pattern})-?)", text)
    if match is None:
        return None
    value = read_decimal(match["number"], style=sheet.style)
    if value is None:
        return None
    a, b = match.span("number")
    rest = text[b:].strip()
    if role in ("unit_price", "net_amount") and re.match(r"%|[.:/]?\d", rest):
        return None
    if role == "tax_rate" and not 0 <= value < 50:
        return None
    return Found(value, row, start + a, start + b, 0.9)


def _take(
    row: Row, cells: list[tuple[Column | None, int, int]], header: Header, items: list[Item], sheet: Sheet
) -> bool:
    """Put a row's cells into a new item or the one before; says whether a number was taken."""
    numbers: dict[str, Found] = {}
    number_cells: dict[str, tuple[int, int]] = {}
    for column, a, b in cells:
        if column is not None and column.role in _NUMERIC and column.role not in numbers:
            found = _value(column.role, row, a, b, sheet)
            if found is not None:
                numbers[column.role] = found
                number_cells[column.role] = (a, b)
    if "tax_rate" in header.roles() and "tax_rate" not in numbers and "quantity" in numbers:
        rate = re.compile(r"(?<![\d.,])\d{1,2}(?:[.,]\d{1,2})?(?=\s?%)").search(row.text, numbers["quantity"].stop)
        found = _value("tax_rate", row, rate.start(), rate.end(), sheet) if rate else None
        if found is not None:
            numbers["tax_rate"] = found
    numbered = next(
        ((a, b) for c, a, b in cells if c is not None and c.role == "line_no" and re.fullmatch(r"\d{1,5}(?:[.\-]\d{1,3})*[.)]?", row.text[a:b].strip())),
        None,
    )
    has_numbers_column = "line_no" in header.roles()
    current = items[-1] if items else None
    counted = len(set(numbers) & {"quantity", "unit_price", "net_amount"})
    if has_numbers_column:
        starts = numbered is not None and (counted >= 2 or "net_amount" in numbers)
    else:
        starts = counted >= 2 or ("net_amount" in numbers and (current is None or "net_amount" in current.parts))
    if starts:
        current = Item()
        items.append(current)
    if current is None:
        return False
    if not starts and set(numbers) & {"quantity", "unit_price", "net_amount"} & set(current.parts):
        numbers = {}
    current.rows.append(row.index)
    if numbered is not None and starts:
        text = row.text[slice(*numbered)].strip()
        current.parts["line_no"] = Found(text.rstrip(".)"), row, numbered[0], numbered[0] + len(text.rstrip(".)")), 0.95)
    for role, found in numbers.items():
        if role not in current.parts:
            current.parts[role] = found
            if role == "quantity":
                _unit_after(current, row, found, number_cells[role][1])
    _keep_text(current, row, cells)
    return bool(numbers) or starts


def _keep_text(current: Item, row: Row, cells: list[tuple[Column | None, int, int]]) -> None:
    for column, a, b in cells:
        if column is None:
            current.cells.setdefault("note", []).append((row, a, b))
        elif column.role == "unit_code" and "unit_code" not in current.parts:
            _put_unit(current, row, a, b)
        else:
            for role in column.roles:
                if role in ("description", "item_id"):
                    key = role if len(column.roles) == 1 else "mixed"
                    current.cells.setdefault(key, []).append((row, a, b))
                    break


def _unit_after(item: Item, row: Row, quantity: Found, stop: int) -> None:
    match = re.match(r"\s*([^\s\d][^\s]*)", row.text[quantity.stop : stop])
    if match:
        a = quantity.stop + match.start(1)
        _put_unit(item, row, a, a + len(match[1]))


def _put_unit(item: Item, row: Row, start: int, stop: int) -> None:
    code = unit_code(row.text[start:stop])
    if code:
        item.parts["unit_code"] = Found(code, row, start, stop, 0.9)


# ---------------------------------------------------------------- what an item says
def _is_item(item: Item) -> bool:
    has_text = bool(item.cells.keys() & {"description", "item_id", "mixed"})
    return has_text and bool(item.parts.keys() & {"net_amount", "unit_price"})


def _finish(item: Item) -> Item:
    mixed = item.cells.get("mixed", [])
    if mixed:
        item.cells.setdefault("item_id", []).append(mixed[0])
        item.cells.setdefault("description", []).extend(mixed[1:])
    _describe(item)
    _identify(item)
    _check(item)
    return item


def _describe(item: Item) -> None:
    """The first paragraph in the description's column: lines that follow closely, not indented."""
    cells = item.cells.get("description", [])
    if not cells:
        return
    row, start, stop = cells[0]
    x0 = row.box(start, stop).x0
    more: list[tuple[Row, int, int]] = []
    last = row
    for other, a, b in cells[1:]:
        if other.index == last.index:
            more.append((other, a, b))
            continue
        if other.page != last.page or other.y0 - last.y1 > 0.45 * last.size or abs(other.box(a, b).x0 - x0) > 4:
            break
        attribute = re.match(r"[^:]{2,30}\s:(?:\s|$)", other.text[a:]) is not None
        if attribute or other.size < 0.85 * row.size or _crosses(other, a, item):
            break
        more.append((other, a, b))
        last = other
    text = row.text[start:stop]
    for other, a, b in more:
        part = other.text[a:b]
        hyphen = text.endswith("-") and (len(text) > 2)
        text = text + part if hyphen or part.startswith("-") else f"{text} {part}"
    text = text.strip().rstrip(":").strip()
    item.parts["description"] = Found(text, row, start, stop, 0.88, more=tuple(more))


def _crosses(row: Row, start: int, item: Item) -> bool:
    """Whether the row is a note: text that runs across the table, seen by what follows in the same row."""
    return any(r.index == row.index and a != start for r, a, _ in item.cells.get("note", []))


def _identify(item: Item) -> None:
    """The seller's own number; with the buyer's before it (two in a stack) the second; a GTIN if there is no other."""
    cells = item.cells.get("item_id", [])
    found: list[Found] = []
    for row, a, b in cells:
        text = row.text[a:b].strip()
        if text.startswith("(") or ":" in text:
            break
        if not any(c.isdigit() for c in text) and not _ITEM_CODE.fullmatch(text):
            continue
        found.append(Found(text, row, a, a + len(text), 0.88))
    own = [f for f in found if not _GTIN.fullmatch(str(f.value))]
    if len(own) >= 2 and own[1].row.index != own[0].row.index:
        item.parts["item_id"] = own[1].scored(0.7)
    elif own or found:
        item.parts["item_id"] = (own or found)[0]


def _check(item: Item) -> None:
    """Quantity times price is the amount: then all three are surer."""
    parts = item.parts
    if not {"quantity", "unit_price", "net_amount"} <= parts.keys():
        return
    quantity, price, amount = (parts[k].value for k in ("quantity", "unit_price", "net_amount"))
    if abs(quantity * price - amount) <= max(Decimal("0.02"), abs(amount) * Decimal("0.001")):
        for key in ("quantity", "unit_price", "net_amount"):
            parts[key] = parts[key].scored(0.98)
