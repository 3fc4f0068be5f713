"""The dialect of a delimited text: delimiter, quote and escape, and the records they give."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from locus_dbt.parsers.value_form import looks_clean

_DELIMITERS = (",", ";", "\t", "|", "~", "^", ":", " ")
#: Signs that any line of words has: they part fields only where several lines agree.
_ALSO_IN_TEXT = (" ", ":")
_MIN_LINES = 3
_SAMPLE_LINES = 300
_SAMPLE_CHARS = 200_000
#: A quoted field may run over lines; one that runs further was never closed.
_MAX_RECORD_LINES = 500
_SHORT_RECORD_LINES = 3
_MENDED_QUOTES = 12
_CHANCE_WIDTH = 3


@dataclass(frozen=True, slots=True)
class Dialect:
    """``delimiter`` empty: one column. ``quote`` and ``escape`` empty: none. A doubled quote is a quote."""

    delimiter: str
    quote: str = '"'
    escape: str = ""


@dataclass(slots=True)
class _Reach:
    """How many characters may still be read in vain after quotes that are never closed.

    Without it, a file of such quotes would be read again from each of its lines.
    """

    left: int


@dataclass(frozen=True, slots=True)
class Record:
    """The fields of one record and the line it begins on, from 1."""

    line: int
    fields: tuple[str, ...]


def sniff(lines: Sequence[str]) -> Dialect:
    """The dialect under which the sample falls into rows of one length holding values of known forms."""
    sample: list[str] = []
    size = 0
    for line in lines[:_SAMPLE_LINES]:
        size += len(line)
        if size > _SAMPLE_CHARS and sample:
            break
        if line.strip():
            sample.append(line)
    text = "\n".join(sample)
    best, best_score = Dialect("", '"'), _score(sample, Dialect("", '"'))
    for delimiter in _DELIMITERS:
        if delimiter not in text or (delimiter in _ALSO_IN_TEXT and len(sample) < _MIN_LINES):
            continue
        for quote in _quotes(text, delimiter):
            dialect = Dialect(delimiter, quote, _escape(text, quote))
            score = _score(sample, dialect)
            if score > best_score * 1.0001:
                best, best_score = dialect, score
    return best


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


def _escape(text: str, quote: str) -> str:
    """The character that stands before quotes inside fields, if one does so at all."""
    if not quote:
        return ""
    for escape in ("\\", "\0"):
        inside = re.search(rf"[^\s,;|]{re.escape(escape)}{quote}(?=[^,;|\t\n])", text)
        if inside:
            return escape
    return ""


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
    return pattern / len(rows) * (sum(map(looks_clean, cells)) / len(cells))


def records(lines: Sequence[str], dialect: Dialect, *, width: int = 0) -> Iterator[Record]:
    """The records of ``lines``; blank lines give none.

    ``width``, when known, decides whether a quote that swallows following lines was meant as one: if the
    first line alone has that many fields, it was not.
    """
    at = 0
    reach = _Reach(2 * sum(map(len, lines)) + 10_000)
    while at < len(lines):
        line = lines[at]
        if not line.strip(" \0\x1a") and (dialect.delimiter not in line or not dialect.delimiter):
            at += 1
            continue
        if not dialect.quote or dialect.quote not in line:
            yield Record(at + 1, _plain(line, dialect.delimiter))
            at += 1
            continue
        fields, stop = _quoted(lines, at, dialect, reach)
        # the delimiter right before a quote, inside a field: that quote was to open a field of its own
        swallowed = stop > at + 1 or any(dialect.delimiter + dialect.quote in field for field in fields)
        if width and len(fields) != width and swallowed:
            fields, stop = _mended(lines, at, dialect, width, reach) or (fields, stop)
        yield Record(at + 1, fields)
        at = stop


def _mended(
    lines: Sequence[str], at: int, dialect: Dialect, width: int, reach: _Reach
) -> tuple[tuple[str, ...], int] | None:
    """The record read so that it has ``width`` fields: with one of its opening quotes taken as text."""
    for literal in range(min(lines[at].count(dialect.quote), _MENDED_QUOTES)):
        fields, stop = _quoted(lines, at, dialect, reach, literal=literal)
        if len(fields) == width:
            return fields, stop
    return None


def mend_delimiters(found: Sequence[Record], lines: Sequence[str], dialect: Dialect, width: int) -> list[Record]:
    """Records of an odd length read with another delimiter where that gives just ``width`` fields.

    Files that were put together from several sources have such lines; with three or more fields that fit by
    chance is rare.
    """
    if width < _CHANCE_WIDTH or not dialect.delimiter:
        return list(found)
    others = [Dialect(d, dialect.quote, dialect.escape) for d in (",", ";", "\t", "|", " ") if d != dialect.delimiter]
    out: list[Record] = []
    for record in found:
        if len(record.fields) != width:
            line = lines[record.line - 1 : record.line]
            readings = (next(records(line, other), None) for other in others)
            fitting = next((r for r in readings if r is not None and len(r.fields) == width), None)
            record = Record(record.line, fitting.fields) if fitting else record  # noqa: PLW2901 - same record, read anew
        out.append(record)
    return out


def _plain(line: str, delimiter: str) -> tuple[str, ...]:
    parts = line.split(delimiter) if delimiter else [line]
    return tuple(part.strip() for part in parts)


def _quoted(
    lines: Sequence[str], at: int, dialect: Dialect, reach: _Reach, *, literal: int = -1
) -> tuple[tuple[str, ...], int]:
    """The fields of the record that begins on ``lines[at]`` and the index of the line after it.

    The opening quote number ``literal`` is read as a plain character.
    """
    fields: list[str] = []
    line, pos = lines[at], 0
    opened = -1
    while True:
        start = pos
        while start < len(line) and line[start] == " " and dialect.delimiter != " ":
            start += 1
        if line.startswith(dialect.quote, start):
            opened += 1
            taken = _quoted_field(lines, at, start + 1, dialect, reach) if opened != literal else None
            if taken is not None:
                text, at, pos = taken
                line = lines[at]
                fields.append(text)
                if pos >= len(line):
                    return tuple(fields), at + 1
                pos += len(dialect.delimiter)
                continue
        end = line.find(dialect.delimiter, pos) if dialect.delimiter else -1
        if end < 0:
            fields.append(line[pos:].strip())
            return tuple(fields), at + 1
        fields.append(line[pos:end].strip())
        pos = end + len(dialect.delimiter)


def _quoted_field(
    lines: Sequence[str], at: int, pos: int, dialect: Dialect, reach: _Reach
) -> tuple[str, int, int] | None:
    """Text of the field opened before ``pos``, the line it ends on, the position of the delimiter after it.

    A quote that no delimiter, line end or second quote follows is text. ``None``: the field is never closed.
    """
    pieces: list[str] = []
    first, last = at, min(len(lines), at + (_MAX_RECORD_LINES if reach.left > 0 else _SHORT_RECORD_LINES))
    quote, escape = dialect.quote, dialect.escape
    line = lines[at]
    while True:
        end = line.find(quote, pos)
        if end < 0:
            pieces.append(line[pos:])
            at += 1
            if at >= last:
                reach.left -= sum(len(one) for one in lines[first:last])
                return None
            line, pos = lines[at], 0
            pieces.append("\n")
        elif escape and end > pos and line[end - 1] == escape:
            pieces.append(line[pos : end - 1] + quote)
            pos = end + 1
        elif line.startswith(quote, end + 1):
            pieces.append(line[pos : end + 1])
            pos = end + 2
        else:
            after = end + 1
            while after < len(line) and line[after] == " " and dialect.delimiter != " ":
                after += 1
            if after >= len(line) or (dialect.delimiter and line.startswith(dialect.delimiter, after)):
                pieces.append(line[pos:end])
                return "".join(pieces), at, after
            pieces.append(line[pos : end + 1])
            pos = end + 1
