"""Rows of a wrong length put right by what stands in the columns of the others.

Every column has a profile: the forms of its values in rows of the usual length. A row that has too many or too few
fields is cut anew so that its values fit the profiles best; when no cut is clearly better than the row as it stands,
it is left alone.
"""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from locus_dbt.parsers.value_form import is_date, is_number, is_typed

_PROFILE_ROWS = 1000
_LEAST_ROWS = 5
#: Wider tables are left as they are: cutting anew costs the square of the width.
_MAX_WIDTH = 120
_MAX_EXTRA = 60
#: Pieces weighed for one row; beyond them a row is left as it is.
_MAX_PIECES = 40_000
_MAX_ALL_PIECES = 1_000_000
#: A length that this share of the rows has is a way to write the rows, not damage.
_HABIT = 0.05
_TYPICAL_ROWS = 50
#: How much worse than a usual row a mended one may fit: it must look like one of the others.
_WORSE = 7.0
#: How much better (in log probability) a new cut must be than the row as it stands.
_MARGIN = 3.0
_DROP, _JOIN, _SPLIT, _WHOLE, _VALUE = 1.0, 0.7, 2.0, 4.0, 4.0
_LONG_TEXT = 30
_TEXTS = ("word", "words", "text")
#: Fewer fields come out of any line of words.
_LEAST_FIELDS = 3

Fields = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cut:
    """A row cut anew and the rule that did it."""

    fields: Fields
    rule: str


@dataclass(frozen=True, slots=True)
class Reading:
    """The fields of a line read with ``delimiter`` in the place of the file's own, and the ones that were quoted."""

    rule: str
    delimiter: str
    fields: Fields
    whole: frozenset[str] = frozenset()


class Profiles:
    """Forms of the values of each column."""

    def __init__(self, rows: Sequence[Fields], width: int) -> None:
        """``rows`` all have ``width`` fields; ``least`` is how well a mended row must fit, near a usual one."""
        self.width = width
        #: How many pieces may still be weighed in this file; without it, a hostile one could take hours.
        self.pieces_left = _MAX_ALL_PIECES
        sample = _scattered(rows, _PROFILE_ROWS)
        self._exact = [Counter(_shape(row[col]) for row in sample) for col in range(width)]
        self._kind = [Counter(_kind(row[col]) for row in sample) for col in range(width)]
        self._n = max(len(sample), 1)
        few = _scattered(sample, _TYPICAL_ROWS)
        self.least = sum(map(self.fits, few)) / max(len(few), 1) - _WORSE

    def fit(self, text: str, col: int) -> float:
        """Log probability of the value's form in the column."""
        exact = self._exact[col][_shape(text)] / self._n
        kind = _kind(text)
        same = self._kind[col][kind] / self._n
        alike = sum(self._kind[col][one] for one in _TEXTS) / self._n if kind in _TEXTS else same
        return math.log(0.5 * exact + 0.35 * same + 0.1 * alike + 0.002)

    def fits(self, fields: Fields) -> float:
        """The whole row; fields beyond the width count as values without a column."""
        beyond = (len(fields) - self.width) * math.log(0.002)
        padded = (*fields, *("",) * (self.width - len(fields)))
        return sum(self.fit(text, col) for col, text in enumerate(padded[: self.width])) + min(beyond, 0.0)


def _scattered(rows: Sequence[Fields], most: int) -> list[Fields]:
    """Rows from all over the file, at uneven steps: what comes every third row must not be all or nothing."""
    step = max(1, len(rows) // most)
    return [rows[i * step + i * i % step] for i in range(len(rows) // step)]


@lru_cache(maxsize=20_000)
def _shape(text: str) -> str:
    """Digits as 9, runs of letters as a, the signs as they are; long texts are all alike."""
    if len(text) > _LONG_TEXT:
        return "text"
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d", "9", text))


@lru_cache(maxsize=20_000)
def _kind(text: str) -> str:
    if not text:
        return "blank"
    if is_number(text):
        return "number"
    if is_date(text):
        return "date"
    if "://" in text or "@" in text:
        return "address"
    return "text" if len(text) > _LONG_TEXT else "words" if " " in text else "word"


def profiles_of(rows: Sequence[Fields], width: int) -> Profiles | None:
    """Profiles from the rows of just ``width`` fields; ``None`` where there is too little to learn from."""
    usual = [row for row in rows if len(row) == width and sum(map(bool, row)) > 1]
    if not 2 <= width <= _MAX_WIDTH or len(usual) < max(_LEAST_ROWS, len(rows) // 2):
        return None
    return Profiles(usual[1:], width)  # the first one names the columns more often than not


def habits(rows: Sequence[Fields]) -> frozenset[int]:
    """Lengths so common that they are no damage."""
    lengths = Counter(map(len, rows))
    return frozenset(length for length, n in lengths.items() if n >= max(3, _HABIT * len(rows)))


def refit(
    fields: Fields, profiles: Profiles, *, joiner: str, whole: frozenset[str], others: Sequence[Reading]
) -> Cut | None:
    """The row cut anew to the usual width, or ``None`` when nothing is clearly better than the row as it is.

    ``whole``: fields that were quoted, so that they are hardly parts of a longer one. ``others``: the line read with
    other delimiters; they are asked only when the file's own gives too few fields.
    """
    width = profiles.width
    if not fields or len(fields) == width or len(fields) > width + _MAX_EXTRA:
        return None
    found = _joined(fields, profiles, joiner, whole) if len(fields) > width else _widened(fields, profiles)
    if len(fields) > width and not any(fields[width:]):  # blanks at the end go, whatever else there is
        bare = fields[:width]
        return found[1] if found and found[0] > profiles.fits(bare) + 1 else Cut(bare, "blank_field_dropped")
    best = None
    least = max(profiles.fits(fields) + _MARGIN, profiles.least)
    if found is not None and found[0] > least:
        least, best = found
    for reading in others if len(fields) < width else ():
        fit = _fits_anew(reading.fields, profiles, reading.delimiter, reading.whole)
        if fit is not None and fit[0] > least:
            least, best = fit[0], Cut(fit[1], reading.rule)
    return best


def _fits_anew(fields: Fields, profiles: Profiles, joiner: str, whole: frozenset[str]) -> tuple[float, Fields] | None:
    """Fields of another reading of the same line, joined to the usual width, and how well they fit."""
    if not _LEAST_FIELDS <= len(fields) <= profiles.width + _MAX_EXTRA:
        return None
    if len(fields) <= profiles.width:
        return profiles.fits(fields), (*fields, *("",) * (profiles.width - len(fields)))
    found = _joined(fields, profiles, joiner, whole)
    return None if found is None else (found[0], found[1].fields)


def _joined(fields: Fields, profiles: Profiles, joiner: str, whole: frozenset[str]) -> tuple[float, Cut] | None:
    """Neighbours joined or blank fields dropped so that ``width`` are left: the best way, by dynamic programming."""
    n, width = len(fields), profiles.width
    spare = n - width
    weighed = width * (spare + 1) ** 2
    if weighed > 2 * _MAX_PIECES or weighed > profiles.pieces_left:
        return None
    profiles.pieces_left -= weighed
    # best[i]: of fields[:i] as the columns so far; each entry (score, where the last column began)
    best = [-math.inf] * (n + 1)
    best[0] = 0.0
    chosen: list[list[int]] = []
    for col in range(width):
        following, begin = [-math.inf] * (n + 1), [0] * (n + 1)
        for stop in range(col + 1, col + spare + 2):
            for start in range(col, stop):
                if best[start] == -math.inf:
                    continue
                text, cost = _piece(fields[start:stop], joiner, whole)
                score = best[start] - cost + profiles.fit(text, col)
                if score > following[stop]:
                    following[stop], begin[stop] = score, start
        best = following
        chosen.append(begin)
    if best[n] == -math.inf:
        return None
    cuts, stop = [n], n
    for begin in reversed(chosen):
        stop = begin[stop]
        cuts.append(stop)
    cuts.reverse()
    pieces = tuple(_piece(fields[a:b], joiner, whole)[0] for a, b in itertools.pairwise(cuts))
    dropped = sum(map(bool, fields)) == sum(map(bool, pieces))
    return best[n], Cut(pieces, "blank_field_dropped" if dropped else "fields_joined")


def _piece(fields: Fields, joiner: str, whole: frozenset[str]) -> tuple[str, float]:
    """Fields as one value and what that costs: blanks are dropped, the others joined as they were printed."""
    filled = [field for field in fields if field]
    if len(filled) < 2:
        return (filled[0] if filled else ""), _DROP * (len(fields) - 1)
    text = joiner.join(fields)
    values = sum(map(is_typed, filled)) if not is_typed(text) else 0  # numbers and dates are seldom pieces of a text
    return text, _VALUE * values + _JOIN * (len(fields) - 1) + _WHOLE * sum(field in whole for field in filled)


def _widened(fields: Fields, profiles: Profiles) -> tuple[float, Cut] | None:
    """One field missing: a blank put in, or a field cut in two; the best way if it is the only one."""
    if len(fields) != profiles.width - 1:
        return None
    ranked = sorted(_wider(fields, profiles), key=lambda one: one[0], reverse=True)
    if len(ranked) > 1 and ranked[0][0] - ranked[1][0] < 0.5 and ranked[0][1].fields != ranked[1][1].fields:
        return None
    return ranked[0] if ranked else None


def _wider(fields: Fields, profiles: Profiles) -> Iterator[tuple[float, Cut]]:
    before = [0.0]
    for col, text in enumerate(fields):
        before.append(before[-1] + profiles.fit(text, col))
    after = [0.0]
    for col in range(len(fields) - 1, -1, -1):
        after.append(after[-1] + profiles.fit(fields[col], col + 1))
    after.reverse()
    for at in range(len(fields) + 1):
        score = before[at] + profiles.fit("", at) + after[at]
        yield score, Cut((*fields[:at], "", *fields[at:]), "blank_field_added")
    for at, text in enumerate(fields):
        for one, two in _halves(text):
            score = before[at] + profiles.fit(one, at) + profiles.fit(two, at + 1) + after[at + 1] - _SPLIT
            yield score, Cut((*fields[:at], one, two, *fields[at + 1 :]), "field_split")


def _halves(text: str) -> Iterator[tuple[str, str]]:
    """Places where two values may have run together: a digit beside anything."""
    if len(text) > 2 * _LONG_TEXT:
        return
    for at in range(1, len(text)):
        if text[at - 1].isdigit() or text[at].isdigit():
            yield text[:at].strip(), text[at:].strip()
