"""The dialect of a delimited text: delimiter, quote and escape, and the records they give."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

from locus_dbt.parsers.delimited_records import Dialect, records
from locus_dbt.parsers.value_form import is_typed, looks_clean

_DELIMITERS = (",", ";", "\t", "|", "~", "^", ":", " ")
#: Signs that any line of words has: they part fields only where several lines agree.
_ALSO_IN_TEXT = (" ", ":")
_IN_TEXT_COUNTS = 0.6
#: A delimiter without a blank behind it, or two numbers with a blank between: not how words are written.
_STUCK = re.compile(r"[,;|\t]\S|\d \d")
_UNCUT = 0.7
_MIN_LINES = 3
_SAMPLE_LINES = 300
_SAMPLE_CHARS = 200_000


def sniff(lines: Sequence[str], *, delimiter: str | None = None, quote: str | None = None) -> Dialect:
    """The dialect under which the sample falls into rows of one length holding values of known forms.

    ``delimiter`` and ``quote``, where given, are not looked for; empty means none.
    """
    sample = _sample(lines)
    text = "\n".join(sample)
    best, best_score = Dialect(delimiter or "", '"' if quote is None else quote), -1.0
    if not delimiter:
        best_score = _score(sample, best)
    for candidate in _candidates(sample, text) if delimiter is None else (delimiter,):
        if not candidate:
            continue
        for one in _quotes(text, candidate) if quote is None else (quote,):
            for escape in _escapes(text, one):
                dialect = Dialect(candidate, one, escape)
                score = _score(sample, dialect)
                if score > best_score * 1.0001:
                    best, best_score = dialect, score
    return best


def _sample(lines: Sequence[str]) -> list[str]:
    sample: list[str] = []
    size = 0
    for line in lines[:_SAMPLE_LINES]:
        size += len(line)
        if size > _SAMPLE_CHARS and sample:
            break
        if line.strip():
            sample.append(line)
    return sample


def _candidates(sample: Sequence[str], text: str) -> list[str]:
    """Signs that may part fields: single ones, and runs of signs that hardly ever stand alone (``||``, ``::``)."""
    runs = Counter(re.findall(r"[|~^#;:$%&*]{2,3}", text))
    found = [run for run, n in runs.most_common(2) if _stands_for_one(run, n, sample, text)]
    parts = {run[0] for run in found}
    single = [
        d for d in _DELIMITERS if d in text and d not in parts and not (d in _ALSO_IN_TEXT and len(sample) < _MIN_LINES)
    ]
    return [*single, *found]


def _stands_for_one(run: str, n: int, sample: Sequence[str], text: str) -> bool:
    """Whether a run of signs is in nearly every line, and its signs are hardly anywhere else."""
    having = [line for line in sample if run[0] in line]
    return (
        len(having) >= 0.9 * len(sample)
        and all(run in line for line in having)
        and text.count(run[0]) <= 1.2 * n * run.count(run[0])
    )


def _quotes(text: str, delimiter: str) -> tuple[str, ...]:
    """Quotes that open a field behind a delimiter or line start and close one before the next."""
    found = []
    for quote in ('"', "'"):
        around = re.escape(delimiter)
        opens = re.search(rf"(?:^|{around}) {{0,8}}{quote}", text, re.MULTILINE)
        closes = re.search(rf"{quote} {{0,8}}(?:$|{around})", text, re.MULTILINE)
        if opens and closes:
            found.append(quote)
    return (*found, "")


def _escapes(text: str, quote: str) -> tuple[str, ...]:
    """The characters that may escape quotes, the likeliest first; none is always one of them."""
    if not quote:
        return ("",)
    return (*(escape for escape in ("\\", "\0") if escape + quote in text), "")


def _score(lines: Sequence[str], dialect: Dialect) -> float:
    """Consistency of row lengths times the share of cells that look like values."""
    rows = [record.fields for record in records(lines, dialect) if any(record.fields)]
    if not rows:
        return 0.0
    lengths = Counter(len(fields) for fields in rows)
    pattern = sum(n * max(1e-3, length - 1) / length for length, n in lengths.items()) / len(lengths)
    # one odd row among hundreds must not halve the score, so the most common length counts by its share too
    pattern *= math.sqrt(lengths.most_common(1)[0][1] / len(rows))
    cells = [cell for fields in rows for cell in fields]
    pattern *= _IN_TEXT_COUNTS if dialect.delimiter in _ALSO_IN_TEXT else 1.0
    return pattern / len(rows) * (sum(map(_worth, cells)) / len(cells))


def _worth(cell: str) -> float:
    """1 for a value of a known form, 0 for none, less than 1 for words in which another delimiter seems to stand."""
    if not looks_clean(cell):
        return 0.0
    return _UNCUT if _STUCK.search(cell) and not is_typed(cell) else 1.0
