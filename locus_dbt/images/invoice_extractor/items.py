"""Line items: the rows under a table's header, read into its columns, page after page."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise

from locus_dbt.core.values import NUMBER, read_decimal, unit_code
from locus_dbt.images.invoice_extractor.columns import Column, Header
from locus_dbt.images.invoice_extractor.labels import Hit
from locus_dbt.images.invoice_extractor.layout import Row, Sheet
from locus_dbt.images.invoice_extractor.reading import Found

_NUMERIC = ("quantity", "unit_price", "net_amount", "tax_rate")
_CARRY = re.compile(
    r"übertrag|uebertrag|carried\s?(?:forward|over)|brought\s?forward|carry\s?over|à\s?reporter"
    r"|report\s?(?:à|de|page)|^report\b|zwischensumme\s?seite",
    re.IGNORECASE,
)
_STOPPERS = ("net_total", "tax_total", "gross_total", "amount_due", "prepaid_amount")
_GTIN = re.compile(r"\d{8}|\d{12,14}")
_MAX_ITEMS = 5000
#: Text farther under an item than so many type sizes is not about it.
_FAR = 2.5


@dataclass
class Item:
    """One line item: what was read, and the text cells of its rows by role (``note`` runs across columns).

    ``row`` is the row with its numbers, ``last`` the last one that was taken.
    """

    row: Row
    last: Row
    parts: dict[str, Found] = field(default_factory=dict)
    cells: dict[str, list[tuple[Row, int, int]]] = field(default_factory=dict)


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
        end = headers[n + 1].first if n + 1 < len(headers) else len(sheet.rows)
        last = _read_table(header, end, items, sheet, by_row)
        # rows after the last number are not the table's: sums may follow without a word that ends it
        used |= set(range(header.first, last + 1))
    items = [i for i in items if _is_item(i)]
    if "item_id" not in main:
        _numbers_under_names(items)
    return [_finish(i) for i in items], used


def _read_table(header: Header, end: int, items: list[Item], sheet: Sheet, by_row: dict[int, list[Hit]]) -> int:
    """Read the rows under one header, up to row ``end``, into ``items``; returns the last row with a number."""
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
        cells = _place(row, header.columns)
        if _ends(row, by_row[row.index], cells):
            if _goes_on(row, header, end, sheet, by_row):
                last = row.index
                continue
            break
        if _take(row, cells, header, items, sheet):
            last = row.index
    return last


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


def _place(row: Row, columns: list[Column]) -> list[tuple[Column | None, int, int]]:
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
    for (_, left), (a, b) in pairwise(words):
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
    return [(a, a + len(row.text[a:b].rstrip())) for a, b in pairwise(cuts)]


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


def _ends(row: Row, hits: list[Hit], cells: list[tuple[Column | None, int, int]]) -> bool:
    """A row of sums, or the heading of the next part, ends the table."""
    if len({h.field for h in hits if h.field in _STOPPERS and h.opens_cell}) >= 2 and not re.search(r"\d", row.text):
        return True  # the header of a table of sums
    for hit in hits:
        if not hit.opens_cell:
            continue
        cell = next(((a, b) for a, b in row.cells if a <= hit.start < b), (hit.start, hit.stop))
        rest = row.text[hit.stop : cell[1]].strip(" :.")
        if hit.field in _STOPPERS and (not rest or rest[:1].isdigit() or rest[:1] in "(-€%" or "%" in rest):
            amount = re.search(r"\d[.,]\d\d(?!\d)", row.text[hit.stop :])
            numbered = any(
                c is not None and c.role == "line_no" and row.text[a:b].strip(".").isdigit() for c, a, b in cells
            )
            if amount and not numbered:
                return True
        if hit.field == "section" and hit.start == 0 and not rest and len(row.cells) == 1:
            return True
    return False


def _goes_on(row: Row, header: Header, end: int, sheet: Sheet, by_row: dict[int, list[Hit]]) -> bool:
    """Whether numbered lines follow a sub-total (of a title or a page) before the real sums."""
    fields = {h.field: h.weak for h in by_row[row.index] if h.field in _STOPPERS}
    if "line_no" not in header.roles() or not fields or not all(fields.values()):
        return False
    for other in sheet.rows[row.index + 1 : min(end, row.index + 12)]:
        cells = _place(other, header.columns)
        if any(h.field in _STOPPERS and not h.weak and h.opens_cell for h in by_row[other.index]):
            return False
        numbered = any(
            c is not None and c.role == "line_no" and _LINE_NO.fullmatch(other.text[a:b].strip()) for c, a, b in cells
        )
        if (
            numbered
            and len(_numbers(other, cells, header, sheet).keys() & {"quantity", "unit_price", "net_amount"}) >= 2
        ):
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
    numbers = _numbers(row, cells, header, sheet)
    numbered = _line_number(row, cells)
    current = items[-1] if items else None
    starts = _starts(numbers.keys(), header, current, numbered=numbered is not None)
    if starts:
        current = Item(row, row)
        if not any(c is not None and "description" in c.roles for c, _, _ in cells):
            _take_over(current, items[-1] if items else None)
        items.append(current)
    if current is None:
        _keep_text_before(items, row, cells, numbers)
        return False
    if not starts and (row.page != current.last.page or row.y0 - current.last.y1 > _FAR * row.size) and not numbers:
        return False
    if not starts and numbers.keys() & {"quantity", "unit_price", "net_amount"} & current.parts.keys():
        numbers = {}
    if numbered is not None and starts:
        text = row.text[slice(*numbered)].strip().rstrip(".)")
        current.parts["line_no"] = Found(text, row, numbered[0], numbered[0] + len(text), 0.95)
    for role, (found, stop) in numbers.items():
        if role not in current.parts:
            current.parts[role] = found
            if role == "quantity":
                _unit_after(current, row, found, stop)
    _keep_text(current, row, cells)
    current.last = row
    return bool(numbers) or starts


def _keep_text_before(
    items: list[Item], row: Row, cells: list[tuple[Column | None, int, int]], numbers: dict[str, tuple[Found, int]]
) -> None:
    """Text over the first numbers: a heading, or the first lines of the first item's name."""
    if not numbers and any(c is not None and c.role == "description" for c, _, _ in cells):
        items.append(Item(row, row))
        _keep_text(items[-1], row, cells)


def _line_number(row: Row, cells: list[tuple[Column | None, int, int]]) -> tuple[int, int] | None:
    """The cell with the line's number."""
    for column, a, b in cells:
        if column is not None and column.role == "line_no" and _LINE_NO.fullmatch(row.text[a:b].strip()):
            return a, b
    return None


def _take_over(item: Item, before: Item | None) -> None:
    """A name set higher than its numbers (cells centred on one another): its first lines stand over the row."""
    if before is None:
        return
    cells = before.cells.get("description", [])
    edge = item.row
    while cells:
        row = cells[-1][0]
        if (row is before.row and before.parts) or row.page != edge.page or edge.y0 - row.y1 > 0.3 * row.size:
            break
        item.cells.setdefault("description", []).insert(0, cells.pop())
        edge = row


_LINE_NO = re.compile(r"\d{1,5}(?:[.\-]\d{1,3})*[.)]?")
_PERCENT = re.compile(r"(?<![\d.,])\d{1,2}(?:[.,]\d{1,2})?(?=\s?%)")


def _numbers(
    row: Row, cells: list[tuple[Column | None, int, int]], header: Header, sheet: Sheet
) -> dict[str, tuple[Found, int]]:
    """The numbers of a row by role, each with the end of its cell."""
    out: dict[str, tuple[Found, int]] = {}
    for column, a, b in cells:
        if column is not None and column.role in _NUMERIC and column.role not in out:
            found = _value(column.role, row, a, b, sheet)
            if found is not None:
                out[column.role] = (found, b)
    if "tax_rate" in header.roles() and "tax_rate" not in out and "quantity" in out:
        rate = _PERCENT.search(row.text, out["quantity"][0].stop)
        found = _value("tax_rate", row, rate.start(), rate.end(), sheet) if rate else None
        if rate and found is not None:
            out["tax_rate"] = (found, rate.end())
    return out


def _starts(roles: Iterable[str], header: Header, current: Item | None, *, numbered: bool) -> bool:
    """Whether a row with numbers of these roles begins an item."""
    have = set(roles)
    counted = len(have & {"quantity", "unit_price", "net_amount"})
    if "line_no" in header.roles():
        return numbered and (counted >= 2 or "net_amount" in have)
    return counted >= 2 or ("net_amount" in have and (current is None or "net_amount" in current.parts))


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
        if re.match(r"[-–•*·]\s", other.text[a:]):
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
        if re.fullmatch(r"-?[\d.]*\d,\d\d|-?[\d,]*\d\.\d\d", text):
            continue
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
