"""Spans of documents in the form they are stored: narrow integers, and what repeats said once.

A row of a document is one stored row; its spans are a list, in the order of its *shape*: the names of the columns that
have a span, as one text (rows of a table have few shapes, so a dictionary holds them). How values were judged is a
*verdict* that a document's spans share. An address that follows from the row number (``Sheet1!B7``,
``/items/3/price``) is a rule for a stretch of rows. Boxes are whole quarters of a point.

Everything is done for many documents at once: a call of Arrow or NumPy costs as much as a hundred cells.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

#: Units of a stored box in one PDF point.
UNITS = 4

#: Between the names of a shape. A column whose name holds it is stored with the visible sign for it.
SEPARATOR = "\x1f"

#: A column with fewer rows, or more stretches of rows, keeps its addresses as they are.
_FEWEST_ROWS = 8
_MOST_STRETCHES = 64

_LARGEST = np.iinfo(np.uint16).max

CELL_TYPE = pa.struct(
    [
        ("verdict", pa.uint32()),
        ("page", pa.uint16()),
        ("x", pa.uint16()),
        ("y", pa.uint16()),
        ("w", pa.uint16()),
        ("h", pa.uint16()),
        ("text", pa.string()),
    ]
)

ROWS_SCHEMA = pa.schema([("ordinal", pa.int64()), ("shape", pa.string()), ("cells", pa.list_(CELL_TYPE))])

#: What only some cells have, by row and position in the row: a value that is not the text, a place that no rule gives,
#: a range of code points.
EXTRA_SCHEMA = pa.schema(
    [
        ("ordinal", pa.int64()),
        ("position", pa.int32()),
        ("value", pa.string()),
        ("place", pa.string()),
        ("start", pa.int32()),
        ("stop", pa.int32()),
    ]
)

#: What spans share, in this order: the verdict.
JUDGED = ("confidence", "faithfulness", "grounding", "rule", "mode", "inputs", "checks", "reason")

VERDICT_SCHEMA = pa.schema(
    [
        ("ordinal", pa.int64()),
        ("confidence", pa.float32()),
        ("faithfulness", pa.float32()),
        *((name, pa.string()) for name in ("grounding", "rule", "mode")),
        *((name, pa.list_(pa.string())) for name in ("inputs", "checks")),
        ("reason", pa.string()),
    ]
)

ADDRESS_SCHEMA = pa.schema(
    [
        ("ordinal", pa.int64()),
        ("column_name", pa.string()),
        ("first_row", pa.int64()),
        ("last_row", pa.int64()),
        ("prefix", pa.string()),
        ("base", pa.int64()),
        ("step", pa.int64()),
        ("suffix", pa.string()),
    ]
)

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Section:
    """One stored table of documents; ``counts`` tells how many of its rows each document has, in order."""

    table: pa.Table
    counts: Ints


@dataclass(frozen=True)
class Packed:
    """The spans of documents as tables.

    ``rows`` has ROWS_SCHEMA, ``extras`` EXTRA_SCHEMA, ``addresses`` ADDRESS_SCHEMA, and ``verdicts`` VERDICT_SCHEMA,
    numbered by ``ordinal`` within a document.
    """

    rows: Section
    extras: Section
    verdicts: Section
    addresses: Section


def pack(tables: Sequence[pa.Table]) -> Packed:
    """The stored form of documents' spans (tables of ``SPAN_SCHEMA``); nothing but the boxes' precision is lost."""
    spans = pa.concat_tables(tables).combine_chunks()
    names = _one(spans["column_name"]).dictionary_encode()
    owner = np.repeat(np.arange(len(tables)), [t.num_rows for t in tables])
    codes, ordinals = names.indices.to_numpy().astype(np.int64), spans["ordinal"].to_numpy()
    if not _sorted(owner, ordinals, codes):
        order = np.lexsort((codes, ordinals, owner))
        spans, codes, ordinals = _reordered(spans, order), codes[order], ordinals[order]
    starts = _changes(owner, ordinals)
    labels: list[str] = names.dictionary.to_pylist()
    place, addresses = _addresses(spans, (owner, codes, ordinals), labels, len(tables))
    verdict, verdicts = _verdicts(spans, owner, len(tables))
    cells = pa.StructArray.from_arrays([verdict, *_boxes(spans), _one(spans["text"])], fields=list(CELL_TYPE))
    offsets = pa.array(np.append(starts, len(ordinals)).astype(np.int32))
    shapes = _shapes(codes, starts, [name.replace(SEPARATOR, "\u241f") for name in labels])
    rows = pa.table(
        [pa.array(ordinals[starts]), shapes, pa.ListArray.from_arrays(offsets, cells)],
        schema=ROWS_SCHEMA,
    )
    extras = _extras(spans, place, (owner, ordinals, starts), len(tables))
    return Packed(Section(rows, np.bincount(owner[starts], minlength=len(tables))), extras, verdicts, addresses)


def _extras(spans: pa.Table, place: pa.Array, keys: tuple[Ints, Ints, Ints], documents: int) -> Section:
    owner, ordinals, starts = keys
    text, value = _one(spans["text"]), _one(spans["value"])
    other = pc.if_else(pc.fill_null(pc.equal(text, value), fill_value=False), pa.scalar(None, pa.string()), value)
    columns = {"value": other, "place": place, "start": _one(spans["start"]), "stop": _one(spans["stop"])}
    has = np.zeros(len(ordinals), bool)
    for column in columns.values():
        if column.null_count < len(column):
            has |= column.is_valid().to_numpy(zero_copy_only=False)
    at = np.flatnonzero(has)
    position = np.arange(len(ordinals)) - np.repeat(starts, np.diff(np.append(starts, len(ordinals))))
    arrays = [pa.array(ordinals[at]), pa.array(position[at].astype(np.int32))]
    arrays += [column.take(pa.array(at)) for column in columns.values()]
    return Section(pa.table(arrays, schema=EXTRA_SCHEMA), np.bincount(owner[at], minlength=documents))


def _sorted(owner: Ints, ordinals: Ints, codes: Ints) -> bool:
    later, row = np.diff(ordinals), np.diff(owner)
    return bool(((row > 0) | (later > 0) | ((later == 0) & (np.diff(codes) >= 0))).all())


def _reordered(spans: pa.Table, order: Ints) -> pa.Table:
    """The spans in another order; a column without any value has none."""
    at = pa.array(order)
    columns = [c if c.null_count == len(c) else c.take(at) for c in spans.columns]
    return pa.table(columns, schema=spans.schema)


def _changes(*keys: Ints) -> Ints:
    """Where a new combination of values begins."""
    if len(keys[0]) == 0:
        return np.empty(0, np.int64)
    changed = np.zeros(len(keys[0]), bool)
    changed[0] = True
    for key in keys:
        changed[1:] |= key[1:] != key[:-1]
    return np.flatnonzero(changed)


def _one(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks else pa.array([], column.type)


def _shapes(codes: Ints, starts: Ints, labels: Sequence[str]) -> pa.Array:
    """The names of each row's spans as one text. Rows are told apart by a hash, and then compared."""
    lengths = np.diff(np.append(starts, len(codes)))
    row = np.repeat(np.arange(len(starts)), lengths)
    position = np.arange(len(codes)) - starts[row]
    with np.errstate(over="ignore"):
        mixed = (codes + 1) * np.int64(0x5851F42D4C957F2D) + (position + 1) * np.int64(0x14057B7EF767814F)
        mixed ^= mixed >> 29
        mixed *= np.int64(0x2545F4914F6CDD1D)
        keys = np.add.reduceat(mixed, starts) if len(starts) else mixed
    found = pa.array(keys).dictionary_encode()
    shape = found.indices.to_numpy()
    _, first = np.unique(shape, return_index=True)
    like = first[shape]
    if (lengths != lengths[like]).any() or (codes != codes[starts[like[row]] + position]).any():
        shape, first = _slow_shapes(codes, starts)
    texts = [SEPARATOR.join(labels[c] for c in codes[starts[f] : starts[f] + lengths[f]]) for f in first]
    return pa.DictionaryArray.from_arrays(pa.array(shape, pa.int32()), pa.array(texts, pa.string())).cast(pa.string())


def _slow_shapes(codes: Ints, starts: Ints) -> tuple[Ints, Ints]:
    """For rows of different shapes with the same hash."""
    known: dict[bytes, int] = {}
    first: list[int] = []
    shape = np.empty(len(starts), np.int64)
    for i, block in enumerate(np.split(codes, starts[1:])):
        shape[i] = known.setdefault(block.tobytes(), len(known))
        if shape[i] == len(first):
            first.append(i)
    return shape, np.array(first, np.int64)


def _boxes(spans: pa.Table) -> list[pa.Array]:
    """Page, and the box as left, top, width and height in quarters of a point; all 0 where there is none."""
    page = np.nan_to_num(spans["page"].to_numpy().astype(np.float32))
    x0, y0, x1, y1 = (
        np.clip(np.rint(np.nan_to_num(spans[n].to_numpy()) * UNITS), 0, _LARGEST) for n in ("x0", "y0", "x1", "y1")
    )
    sides = (np.minimum(page, _LARGEST), x0, y0, np.maximum(x1 - x0, 0), np.maximum(y1 - y0, 0))
    return [pa.array(side.astype(np.uint16)) for side in sides]


def _verdicts(spans: pa.Table, owner: Ints, documents: int) -> tuple[pa.Array, Section]:
    """For each span the number of its verdict, and the verdicts."""
    code, size = owner, max(documents, 1)
    for name in JUDGED:
        column = _one(spans[name])
        if column.null_count == len(column):
            continue
        if pa.types.is_list(column.type):
            column = pa.array([None if v is None else SEPARATOR.join(v) for v in column.to_pylist()], pa.string())
        encoded = column.dictionary_encode(null_encoding="encode")
        size *= len(encoded.dictionary)
        if size >= 2**62:
            code = pa.array(code).dictionary_encode().indices.to_numpy().astype(np.int64)
            size = (int(code.max()) + 1) * len(encoded.dictionary)
        code = code * len(encoded.dictionary) + encoded.indices.to_numpy()
    # Numbered as they appear, and documents come one after the other: so are their verdicts.
    number = pa.array(code).dictionary_encode().indices.to_numpy().astype(np.int64)
    first = np.empty(int(number.max()) + 1 if len(number) else 0, np.int64)
    first[number[::-1]] = np.arange(len(number))[::-1]
    counts = np.bincount(owner[first], minlength=documents)
    before = np.cumsum(counts) - counts
    judged = spans.select(list(JUDGED)).take(pa.array(first))
    ordinal = pa.array(np.arange(len(first)) - before[owner[first]])
    table = pa.table([ordinal, *(judged[n] for n in VERDICT_SCHEMA.names[1:])], schema=VERDICT_SCHEMA)
    return pa.array((number - before[owner]).astype(np.uint32)), Section(table, counts)


def _addresses(
    spans: pa.Table, keys: tuple[Ints, Ints, Ints], labels: Sequence[str], documents: int
) -> tuple[pa.Array, Section]:
    """The places that no rule gives, and the rules for the rest."""
    place = _one(spans["place"])
    owner, codes, ordinals = keys
    rules: list[dict[str, Any]] = []
    counts = np.zeros(documents, np.int64)
    if place.null_count == len(place):
        return place, Section(ADDRESS_SCHEMA.empty_table(), counts)
    ruled = np.zeros(len(place), bool)
    order = np.lexsort((ordinals, codes, owner))
    starts = _changes(owner[order], codes[order])
    lengths = np.diff(np.append(starts, len(order)))
    placed = np.logical_and.reduceat(place.is_valid().to_numpy(zero_copy_only=False)[order], starts)
    for group in np.flatnonzero((lengths >= _FEWEST_ROWS) & placed):
        at = order[starts[group] : starts[group] + lengths[group]]
        found = _stretches(place.take(pa.array(at)), ordinals[at])
        if found is not None:
            ruled[at] = True
            counts[owner[at[0]]] += len(found)
            rules += [{"ordinal": 0, "column_name": labels[codes[at[0]]], **rule} for rule in found]
    rest = pc.if_else(pa.array(ruled), pa.scalar(None, pa.string()), place)
    return rest, Section(pa.Table.from_pylist(rules, ADDRESS_SCHEMA), counts)


def _stretches(places: pa.Array, rows: Ints) -> list[dict[str, Any]] | None:
    """Rules that give a column's places from its row numbers; ``None`` where they would be no shorter."""
    if places.null_count or len(places) == 0 or (np.diff(rows) <= 0).any():
        return None
    skeleton = pc.replace_substring_regex(places, r"\d+", SEPARATOR).dictionary_encode()
    digits = pc.list_flatten(pc.split_pattern_regex(places, r"\D+"))
    digits = digits.filter(pc.not_equal(digits, ""))
    plain = not pc.any(pc.match_substring_regex(digits, r"^0\d|^\d{18,}")).as_py()
    counts = np.array([text.count(SEPARATOR) for text in skeleton.dictionary.to_pylist()])[skeleton.indices.to_numpy()]
    if not plain or counts.sum() != len(digits):
        return None
    numbers = np.zeros((len(places), max(int(counts.max()), 1)), np.int64)
    ends = np.cumsum(counts)
    at_row = np.repeat(np.arange(len(places)), counts)
    numbers[at_row, np.arange(len(digits)) - np.repeat(ends - counts, counts)] = digits.cast(pa.int64()).to_numpy()
    steps = _steps(numbers, rows)
    if (steps != 0).sum() > 1:
        return None
    keys = np.column_stack([numbers - steps * rows[:, None], skeleton.indices.to_numpy()])
    begins = np.flatnonzero(np.r_[True, (keys[1:] != keys[:-1]).any(axis=1)])
    if len(begins) > min(_MOST_STRETCHES, max(1, len(places) // 4)):
        return None
    stops = np.append(begins[1:], len(rows)) - 1
    return [
        _rule(places[int(b)].as_py(), int(rows[b]), int(rows[e]), steps) for b, e in zip(begins, stops, strict=True)
    ]


def _steps(numbers: Ints, rows: Ints) -> Ints:
    """How much each number of an address grows from row to row, as it mostly does."""
    if len(rows) < 2:
        return np.zeros(numbers.shape[1], np.int64)
    grown = np.diff(numbers, axis=0) / np.diff(rows)[:, None]
    return np.array([round(float(np.median(column))) for column in grown.T], np.int64)


def _rule(place: str, first: int, last: int, steps: Ints) -> dict[str, Any]:
    pieces = re.split(r"(\d+)", place)
    moving = [i for i in range(len(pieces) // 2) if steps[i]]
    if not moving:
        return {"first_row": first, "last_row": last, "prefix": place, "base": None, "step": None, "suffix": ""}
    at = 2 * moving[0] + 1
    step = int(steps[moving[0]])
    return {
        "first_row": first,
        "last_row": last,
        "prefix": "".join(pieces[:at]),
        "base": int(pieces[at]) - step * first,
        "step": step,
        "suffix": "".join(pieces[at + 1 :]),
    }


def packed_bytes(packed: Packed) -> bytes:
    """The stored form of one document as bytes: four Arrow streams one behind the other."""
    sink = io.BytesIO()
    for part in (packed.rows, packed.extras, packed.verdicts, packed.addresses):
        with pa.ipc.new_stream(sink, part.table.schema) as writer:
            writer.write_table(part.table)
    return sink.getvalue()


def packed_of(data: bytes) -> Packed:
    """What :func:`packed_bytes` wrote."""
    source = pa.BufferReader(data)
    tables = [pa.ipc.open_stream(source).read_all() for _ in range(4)]
    return Packed(*(Section(table, np.array([table.num_rows])) for table in tables))


def joined(documents: Sequence[Packed]) -> Packed:
    """Several packed sets of documents as one."""
    if len(documents) == 1:
        return documents[0]

    def one(name: str) -> Section:
        parts = [getattr(d, name) for d in documents]
        return Section(pa.concat_tables([p.table for p in parts]), np.concatenate([p.counts for p in parts]))

    return Packed(one("rows"), one("extras"), one("verdicts"), one("addresses"))
