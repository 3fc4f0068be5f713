"""The columns of a document as arrays for its cross-checks: numbers, printed decimals, groups, places of spans."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

#: Decimals of a number that no text is cited for.
_DECIMALS_UNKNOWN = 2
_FRACTION = r"[.,'’٫](?P<d>[0-9]+)[^0-9.,]*$"


class Operands:
    """Arrays as long as the rows, made once for each column that takes part in a check; null is NaN."""

    def __init__(self, rows: pa.Table, spans: pa.Table) -> None:
        self.rows = rows
        self.first = int(rows["ordinal"][0].as_py()) if rows.num_rows else 0
        self._spans = spans
        self._values: dict[str, Any] = {}
        self._decimals: dict[str, Any] = {}
        self._places: dict[str, Any] = {}
        self._ordinal = spans["ordinal"].to_numpy() - self.first

    def __len__(self) -> int:
        return int(self.rows.num_rows)

    def __contains__(self, name: str) -> bool:
        return name in self.rows.column_names

    def values(self, name: str) -> Any:  # noqa: ANN401 - a float64 array
        """Numbers, or days and microseconds for dates and times."""
        if name not in self._values:
            column = self.rows[name]
            if pa.types.is_date32(column.type):
                column = column.cast(pa.int32())
            elif pa.types.is_timestamp(column.type):
                column = column.cast(pa.int64())
            self._values[name] = column.cast(pa.float64()).to_numpy(zero_copy_only=False).astype(np.float64)
        return self._values[name]

    def texts(self, name: str) -> pa.Array:
        """The column as one array of texts."""
        return self.rows[name].cast(pa.string()).combine_chunks()

    def groups(self, name: str) -> Any:  # noqa: ANN401 - an int64 array
        """A number for each row, the same for rows with the same value; null is a group too."""
        coded = self.rows[name].combine_chunks().dictionary_encode()
        indices = coded.indices.fill_null(len(coded.dictionary))
        return indices.to_numpy(zero_copy_only=False).astype(np.int64)

    def places(self, name: str) -> Any:  # noqa: ANN401 - an int64 array
        """The span of each row's cell in this column, -1 where it has none."""
        if name not in self._places:
            mine = np.flatnonzero(pc.equal(self._spans["column_name"], name).to_numpy(zero_copy_only=False))
            at = np.full(len(self), -1, np.int64)
            at[self._ordinal[mine]] = mine
            self._places[name] = at
        return self._places[name]

    def decimals(self, name: str) -> Any:  # noqa: ANN401 - an int64 array
        """How many decimals of each number are printed: the digits after the last sign that are its fraction."""
        if name not in self._decimals:
            found = np.full(len(self), _DECIMALS_UNKNOWN, np.int64)
            at = self.places(name)
            has = np.flatnonzero(at >= 0)
            texts = self._spans["text"].take(pa.array(at[has]))
            digits = pc.struct_field(pc.extract_regex(texts, _FRACTION), "d").to_pylist()
            values = np.abs(self.values(name)[has])
            found[has] = [_printed(d, v) for d, v in zip(digits, values, strict=True)]
            self._decimals[name] = found
        return self._decimals[name]

    def half_unit(self, name: str) -> Any:  # noqa: ANN401 - a float64 array
        """Half a unit of the last printed decimal: what rounding may have taken."""
        return 0.5 * 10.0 ** -self.decimals(name)

    def rounding(self, name: str) -> Any:  # noqa: ANN401 - a float64 array
        """As :meth:`half_unit`, but a number printed without decimals is exact."""
        return np.where(self.decimals(name) > 0, self.half_unit(name), 0.0)


def _printed(digits: str | None, value: float) -> int:
    if not digits or len(digits) > 12 or np.isnan(value):
        return 0
    fraction = round((value % 1) * 10 ** len(digits)) % 10 ** len(digits)
    return len(digits) if fraction == int(digits) else 0  # else they are a group of thousands
