"""The header of a table of line items: which rows it is, which columns it names and where they stand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from locus_dbt.core.values import fold_name
from locus_dbt.images.invoice_extractor.layout import Row, Sheet


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


@lru_cache(maxsize=1)
def _roles() -> dict[str, str]:
    """Folded phrase to role, from ``columns.yaml``."""
    data = yaml.safe_load(Path(__file__).with_name("columns.yaml").read_text("utf-8"))
    out: dict[str, str] = {}
    for role, phrases in data.items():
        for phrase in phrases:
            out.setdefault(fold_name(phrase) or phrase, "-" if role == "ignored" else role)
    return out


def find_headers(sheet: Sheet) -> list[Header]:
    """Header rows of item tables in the order of the document."""
    headers: list[Header] = []
    for row in sheet.rows:
        if headers and row.index <= headers[-1].last:
            continue
        columns = _columns_of(row)
        known = [c for c in columns if c.role]
        if len(known) < 3 or len(columns) - len(known) > 3:
            continue
        header = _stack(row, columns, sheet)
        roles = header.roles()
        named = roles & {"description", "item_id"}
        counted = len(roles & {"quantity", "unit_price", "net_amount"})
        if (named and counted >= 2) or {"description", "net_amount"} <= roles:
            headers.append(header)
    return headers or _narrow_headers(sheet)


def _narrow_headers(sheet: Sheet) -> list[Header]:
    """Tables of two columns, name and amount, where there is no wider one."""
    for row in sheet.rows:
        cells = row.cells
        roles = [_roles().get(fold_name(row.text[a:b]), "") for a, b in cells]
        if roles not in (["description", "net_amount"], ["line_no", "net_amount"]):
            continue
        following = next(sheet.below(row), None)
        if following is not None and re.search(r"[^\W\d_].*\t.*\d[.,]\d\d(?!\d)", following.text):
            boxes = [row.box(a, b) for a, b in cells]
            columns = [Column([r], o.x0, o.x1, row.text[a:b]) for r, o, (a, b) in zip(roles, boxes, cells, strict=True)]
            return [Header(columns, row.index, row.index)]
    return []


#: A header names at most so many words, a column's name has at most so many.
_HEADER_WORDS = 60
_PHRASE = 7


def _columns_of(row: Row) -> list[Column]:
    """The row's cells as header phrases; empty for a row that is too long or too short for a header."""
    if not 3 <= len(row.tokens) <= _HEADER_WORDS:
        return []
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
        for j in range(min(len(words), i + _PHRASE), i, -1):
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
                stacked.append(
                    (
                        rank * (1 + rows.index(row)) if rank > 0 else -len(rows) + rows.index(row),
                        Column([role], box.x0, box.x1, row.text[a:b]),
                    )
                )
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
