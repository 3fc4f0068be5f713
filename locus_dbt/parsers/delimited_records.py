"""Lines of a delimited text to records: quotes, escapes, fields over several lines, quotes that never close."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

#: A quoted field may run over lines; one that runs further was never closed.
_MAX_RECORD_LINES = 500
_SHORT_RECORD_LINES = 3
_MENDED_QUOTES = 12


@dataclass(frozen=True, slots=True)
class Dialect:
    """``delimiter`` empty: one column. ``quote`` and ``escape`` empty: none. A doubled quote is a quote.

    ``lax``: a doubled quote before a delimiter is a quote and the end of the field, as careless writers mean it.
    """

    delimiter: str
    quote: str = '"'
    escape: str = ""
    lax: bool = False


@dataclass(slots=True)
class _Reach:
    """How many characters may still be read in vain after quotes that are never closed.

    Without it, a file of such quotes would be read again from each of its lines.
    """

    left: int


@dataclass(frozen=True, slots=True)
class Record:
    """The fields of one record and the line it begins on, from 1.

    ``rule`` names what mended it, empty for a record as it is printed. ``after_gap``: a blank line stands before it.
    """

    line: int
    fields: tuple[str, ...]
    rule: str = ""
    after_gap: bool = False


def records(lines: Sequence[str], dialect: Dialect, *, width: int = 0) -> Iterator[Record]:
    """The records of ``lines``; blank lines give none.

    ``width``, when known, decides whether a quote that swallows following lines was meant as one: if the
    first line alone has that many fields, it was not.
    """
    at, gap = 0, False
    reach = _Reach(2 * sum(map(len, lines)) + 10_000)
    quick = _quick(dialect)
    while at < len(lines):
        line = lines[at]
        if not line.strip(" \0\x1a") and (dialect.delimiter not in line or not dialect.delimiter):
            at, gap = at + 1, True
            continue
        if not dialect.quote or dialect.quote not in line:
            yield Record(at + 1, _plain(line, dialect.delimiter), after_gap=gap)
            at, gap = at + 1, False
            continue
        fast = quick(line)
        if fast is not None and (not width or len(fast) == width):
            yield Record(at + 1, fast, after_gap=gap)
            at, gap = at + 1, False
            continue
        fields, stop = _quoted(lines, at, dialect, reach)
        rule = ""
        # the delimiter right before a quote, inside a field: that quote was to open a field of its own
        swallowed = stop > at + 1 or any(dialect.delimiter + dialect.quote in field for field in fields)
        if width and len(fields) != width and swallowed:
            mended = _mended(lines, at, dialect, width, reach)
            if mended is not None:
                (fields, stop), rule = mended, "quote_as_text"
        if not rule and not dialect.escape and sum(one.count(dialect.quote) for one in lines[at:stop]) % 2:
            rule = "quote_as_text"
        yield Record(at + 1, fields, rule, after_gap=gap)
        at, gap = stop, False


def _quick(dialect: Dialect) -> Callable[[str], tuple[str, ...] | None]:
    """A reader of the lines on which every field is written by the book; ``None`` from it for any other line."""
    if len(dialect.delimiter) != 1 or dialect.escape or dialect.lax:
        return lambda _: None
    delimiter, quote = dialect.delimiter, dialect.quote

    def read(line: str) -> tuple[str, ...] | None:
        try:
            fields = next(csv.reader((line,), delimiter=delimiter, quotechar=quote, strict=True))
        except csv.Error:
            return None
        # blanks around a field go, those inside quotes stay: only the thorough reader can tell them apart
        return tuple(fields) if all(field == field.strip() for field in fields) else None

    return read


def _mended(
    lines: Sequence[str], at: int, dialect: Dialect, width: int, reach: _Reach
) -> tuple[tuple[str, ...], int] | None:
    """The record read so that it has ``width`` fields: with one of its quotes taken as text."""
    for literal in range(min(lines[at].count(dialect.quote), _MENDED_QUOTES)):
        fields, stop = _quoted(lines, at, dialect, reach, literal=literal)
        if len(fields) == width:
            return fields, stop
    fields, stop = _quoted(lines, at, replace(dialect, lax=True), reach)
    return (fields, stop) if len(fields) == width else None


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
        elif line.startswith(quote, end + 1) and not (dialect.lax and _ends(line, end + 2, dialect)):
            pieces.append(line[pos : end + 1])
            pos = end + 2
        else:
            if line.startswith(quote, end + 1):
                end += 1
            after = end + 1
            while after < len(line) and line[after] == " " and dialect.delimiter != " ":
                after += 1
            if after >= len(line) or (dialect.delimiter and line.startswith(dialect.delimiter, after)):
                pieces.append(line[pos:end])
                return "".join(pieces), at, after
            pieces.append(line[pos : end + 1])
            pos = end + 1


def _ends(line: str, pos: int, dialect: Dialect) -> bool:
    """Whether a field may end at ``pos``."""
    return pos >= len(line) or bool(dialect.delimiter and line.startswith(dialect.delimiter, pos))
