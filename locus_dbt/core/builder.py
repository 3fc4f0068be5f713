"""Columnar builders: an extract image appends values with their place, Arrow tables come out."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from locus_dbt.model.element import FloatArray, IntArray
from locus_dbt.model.locus import Locus

GROUNDINGS = ("exact", "normalized", "fuzzy", "inferred", "none")

SPAN_SCHEMA = pa.schema(
    [
        ("ordinal", pa.int64()),
        ("column_name", pa.string()),
        ("value", pa.string()),
        ("text", pa.string()),
        ("page", pa.int32()),
        ("x0", pa.float32()),
        ("y0", pa.float32()),
        ("x1", pa.float32()),
        ("y1", pa.float32()),
        ("place", pa.string()),
        ("start", pa.int32()),
        ("stop", pa.int32()),
        ("confidence", pa.float32()),
        ("faithfulness", pa.float32()),
        ("grounding", pa.string()),
        ("rule", pa.string()),
        ("mode", pa.string()),
        ("inputs", pa.list_(pa.string())),
        ("checks", pa.list_(pa.string())),
        ("reason", pa.string()),
    ]
)


#: Page, box and place of each row of a bulk append; ``None`` where the format has none of them.
Located = tuple[IntArray | None, FloatArray | None, Sequence[str] | None]


def arrow_type(sql_type: str) -> pa.DataType:
    """The Arrow type of a manifest's column type."""
    if sql_type.endswith("[]"):
        return pa.list_(arrow_type(sql_type[:-2]))
    if sql_type.startswith("DECIMAL"):
        precision, scale = sql_type[8:-1].split(",")
        return pa.decimal128(int(precision), int(scale))
    return {
        "VARCHAR": pa.string(),
        "BIGINT": pa.int64(),
        "INTEGER": pa.int32(),
        "SMALLINT": pa.int16(),
        "DOUBLE": pa.float64(),
        "FLOAT": pa.float32(),
        "BOOLEAN": pa.bool_(),
        "DATE": pa.date32(),
        "TIMESTAMP": pa.timestamp("us"),
        "UUID": pa.string(),
        "BLOB": pa.binary(),
    }[sql_type]


class TableBuilder:
    """Rows of one output, with a span for each non-null cell.

    Row-wise for images that find single facts::

        row = table.start_row()
        table.put("gross_total", Decimal("119.00"), text="119,00 EUR", at=Locus(1, box))

    In bulk for images that lift whole tables: :meth:`extend`. ``columns`` maps names to SQL types.
    """

    def __init__(self, columns: Mapping[str, str]) -> None:
        self.columns = dict(columns)
        self._types = {name: arrow_type(t) for name, t in columns.items()}
        self._values: dict[str, list[Any]] = {name: [] for name in columns}
        self._rows = 0
        self._taken = 0
        self._spans = _SpanColumns()
        self._bulk_spans: list[pa.Table] = []
        self.rejects: list[dict[str, Any]] = []
        self.verdicts: list[tuple[int, Sequence[str], str, bool]] = []

    def __len__(self) -> int:
        return self._rows

    def declare(self, columns: Mapping[str, str]) -> None:
        """Set the columns of a dynamic output, before the first row."""
        if self._rows:
            raise ValueError("columns are declared before the first row")
        self.columns = dict(columns)
        self._types = {name: arrow_type(t) for name, t in columns.items()}
        self._values = {name: [] for name in columns}

    def start_row(self) -> int:
        """Open a row whose cells are all null; returns its number within the document."""
        for values in self._values.values():
            values.append(None)
        self._rows += 1
        return self._rows - 1

    def put(
        self,
        column: str,
        value: Any,  # noqa: ANN401 - any SQL value
        *,
        text: str | None,
        at: Locus,
        confidence: float = 1.0,
        grounding: str | None = None,
        reason: str | None = None,
        inputs: Sequence[str] | None = None,
    ) -> None:
        """Set ``column`` of the open row, read as ``text`` (as printed) at ``at``.

        ``grounding`` is left to the engine (it compares value and text) in all but two cases: ``"inferred"`` for a
        value that was not printed, and ``"normalized"`` for a code that stands for the printed word; both with the
        ``reason`` in words. ``inputs`` names the columns of the row that an inferred value was computed from. A null
        value is not recorded.
        """
        if self._rows == self._taken:
            raise ValueError("start_row() comes before put()")
        if value is None:
            return
        self._values[column][-1] = value
        if grounding == "inferred" and not reason and not inputs:
            reason = "not printed: the image inferred it"
        self._spans.add(
            self._rows - 1,
            column,
            value,
            text=text,
            at=at,
            confidence=confidence,
            grounding=grounding,
            reason=reason,
            inputs=inputs,
        )

    def check(self, text: str, *, holds: bool, columns: Sequence[str], row: int | None = None) -> None:
        """Say that a cross-check made by the image holds or fails for cells of the open row (or of ``row``).

        For what cannot be declared in the manifest because an operand is no column of the output, such as the sum of
        the lines in a table of invoices. ``text`` names the relation: ``"lines sum to net_total"``.
        """
        self.verdicts.append((self._rows - 1 if row is None else row, columns, text, holds))

    def reject(
        self,
        code: str,
        message: str,
        *,
        column: str | None = None,
        at: Locus | None = None,
        raw: str | None = None,
    ) -> None:
        """Record a cell (or finding) that could not be taken; the run goes on."""
        box = at.box if at else None
        self.rejects.append(
            {
                "code": code,
                "message": message,
                "column_name": column,
                "row": self._rows - 1 if self._rows else None,
                "page": at.page if at else None,
                "box": [box.x0, box.y0, box.x1, box.y1] if box else None,
                "place": at.place if at else None,
                "raw": raw,
            }
        )

    def extend(
        self,
        values: Mapping[str, Sequence[Any]],
        *,
        located: Mapping[str, Located] | None = None,
        texts: Mapping[str, Sequence[str]] | None = None,
        confidence: Mapping[str, Sequence[float]] | None = None,
        rules: Mapping[str, str] | None = None,
    ) -> None:
        """Append many rows at once.

        ``located`` maps a column to ``(page, box, place)`` arrays as long as the rows (page 0 and NaN boxes
        mean: none); columns left out of it get no spans (derived facts such as ``row_no``). ``texts`` gives the
        printed text where it differs from the value, ``confidence`` how sure the image is of each cell where it is
        not wholly (1). ``rules`` says of a column by which rule its values stand for the printed texts: grounding
        ``"normalized"`` where the engine sees no likeness.
        """
        n = len(next(iter(values.values()))) if values else 0
        for name, column in self._values.items():
            given = values.get(name)
            if given is not None and len(given) != n:
                raise ValueError(f"column '{name}' has {len(given)} values, not {n}")
            column.extend(given if given is not None else [None] * n)
        for name, where in (located or {}).items():
            printed = (texts or {}).get(name, values[name])
            sure, rule = (confidence or {}).get(name), (rules or {}).get(name)
            self._bulk_spans.append(_bulk(name, self._rows, values[name], printed, where, confidence=sure, rule=rule))
        self._rows += n

    def take(self) -> tuple[pa.Table, pa.Table]:
        """Rows and spans since the last take; they are not held any longer, the row numbers go on."""
        taken = self.rows_table(), self.spans_table()
        self._taken = self._rows
        self._values = {name: [] for name in self.columns}
        self._spans = _SpanColumns()
        self._bulk_spans = []
        return taken

    def rows_table(self) -> pa.Table:
        """The rows (those not taken yet) with ``ordinal`` first."""
        arrays = [pa.array(np.arange(self._taken, self._rows, dtype=np.int64))]
        arrays += [_array(self._values[n], self._types[n]) for n in self.columns]
        return pa.table(arrays, names=["ordinal", *self.columns])

    def spans_table(self) -> pa.Table:
        """The spans in long form (``SPAN_SCHEMA``), sorted by row, then column in declared order."""
        table = pa.concat_tables([self._spans.table(), *self._bulk_spans])
        rank = {name: i for i, name in enumerate(self.columns)}
        order = pa.array([rank[c] for c in table["column_name"].to_pylist()], pa.int32())
        keyed = table.append_column("_rank", order).sort_by([("ordinal", "ascending"), ("_rank", "ascending")])
        return keyed.drop_columns(["_rank"])


class _SpanColumns:
    """One buffer a column."""

    def __init__(self) -> None:
        self.ordinal = array("q")
        self.column: list[str] = []
        self.value: list[str] = []
        self.text: list[str | None] = []
        self.page: list[int | None] = []
        self.box = array("f")
        self.place: list[str | None] = []
        self.start: list[int | None] = []
        self.stop: list[int | None] = []
        self.confidence = array("f")
        self.grounding: list[str | None] = []
        self.inputs: list[list[str] | None] = []
        self.reason: list[str | None] = []

    def add(
        self,
        ordinal: int,
        column: str,
        value: Any,  # noqa: ANN401
        *,
        text: str | None,
        at: Locus,
        confidence: float,
        grounding: str | None,
        reason: str | None,
        inputs: Sequence[str] | None,
    ) -> None:
        self.ordinal.append(ordinal)
        self.column.append(column)
        self.value.append(as_text(value))
        self.text.append(text)
        self.page.append(at.page)
        nan = float("nan")
        self.box.extend((at.box.x0, at.box.y0, at.box.x1, at.box.y1) if at.box else (nan, nan, nan, nan))
        self.place.append(at.place)
        self.start.append(at.span.start if at.span else None)
        self.stop.append(at.span.stop if at.span else None)
        self.confidence.append(confidence)
        self.grounding.append(grounding)
        self.inputs.append(list(inputs) if inputs else None)
        self.reason.append(reason)

    def table(self) -> pa.Table:
        n = len(self.ordinal)
        box = np.frombuffer(self.box, dtype=np.float32).reshape(n, 4) if n else np.empty((0, 4), np.float32)
        return pa.table(
            [
                pa.array(np.array(self.ordinal, dtype=np.int64)),
                pa.array(self.column, pa.string()),
                _array(self.value, pa.string()),
                _array(self.text, pa.string()),
                pa.array(self.page, pa.int32()),
                *(pa.array(np.ascontiguousarray(box[:, i]), pa.float32(), from_pandas=True) for i in range(4)),
                pa.array(self.place, pa.string()),
                pa.array(self.start, pa.int32()),
                pa.array(self.stop, pa.int32()),
                pa.array(np.array(self.confidence, dtype=np.float32)),
                pa.nulls(n, pa.float32()),
                pa.array(self.grounding, pa.string()),
                pa.nulls(n, pa.string()),
                pa.nulls(n, pa.string()),
                pa.array(self.inputs, pa.list_(pa.string())),
                pa.nulls(n, pa.list_(pa.string())),
                pa.array(self.reason, pa.string()),
            ],
            schema=SPAN_SCHEMA,
        )


def as_text(value: Any) -> str:  # noqa: ANN401
    """A value as the text DuckDB would print for it; of bytes only what they begin with (a file's magic)."""
    if isinstance(value, bytes):
        return f"blob {value[:4]!r}"
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else str(value)


def _array(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    """Values as an Arrow array; half of a surrogate pair, which no encoding has, becomes the replacement sign."""
    try:
        return pa.array(values, kind)
    except UnicodeEncodeError:
        return pa.array([_whole(v) for v in values], kind)


def _whole(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, list):
        return [_whole(v) for v in value]
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if isinstance(value, str) else value


def _bulk(
    name: str,
    start: int,
    values: Sequence[Any],
    printed: Sequence[str],
    located: Located,
    *,
    confidence: Sequence[float] | None,
    rule: str | None,
) -> pa.Table:
    page, box, place = located
    value = _array([None if v is None else as_text(v) for v in values], pa.string())
    n = len(value)
    pages = pa.array(page, mask=np.asarray(page) == 0) if page is not None else pa.nulls(n, pa.int32())
    boxes = (
        [pa.array(np.ascontiguousarray(box[:, i]), from_pandas=True) for i in range(4)]
        if box is not None
        else [pa.nulls(n, pa.float32())] * 4
    )
    table = pa.table(
        [
            pa.array(np.arange(start, start + n, dtype=np.int64)),
            pa.array([name] * n, pa.string()),
            value,
            _array(printed, pa.string()),
            pages.cast(pa.int32()),
            *(b.cast(pa.float32()) for b in boxes),
            pa.array(place, pa.string()) if place is not None else pa.nulls(n, pa.string()),
            pa.nulls(n, pa.int32()),
            pa.nulls(n, pa.int32()),
            pa.array(np.ones(n, np.float32) if confidence is None else np.asarray(confidence, np.float32)),
            pa.nulls(n, pa.float32()),
            pa.array(["normalized"] * n) if rule else pa.nulls(n, pa.string()),
            pa.nulls(n, pa.string()),
            pa.nulls(n, pa.string()),
            pa.nulls(n, pa.list_(pa.string())),
            pa.nulls(n, pa.list_(pa.string())),
            pa.array([rule] * n) if rule else pa.nulls(n, pa.string()),
        ],
        schema=SPAN_SCHEMA,
    )
    return table.filter(value.is_valid())
