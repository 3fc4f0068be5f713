"""A log file as records: header fields, message, and the lines that go on with it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from locus_dbt.images.log_parser.access_log import AccessLayout, is_access_log
from locus_dbt.images.log_parser.log_header import Format, Header, Layout, learn

FIELDS = ("time", "level", "component", "process", "host")
_BREAK = re.compile(r"\r\n|\n|\r")
#: Keys of JSON lines by field, the usual ones first; compared in lower case.
_KEYS = {
    "message": ("message", "msg", "text", "event", "log", "body", "short_message"),
    "time": ("time", "timestamp", "ts", "@timestamp", "datetime", "date", "t", "@t"),
    "level": ("level", "severity", "lvl", "loglevel", "log.level", "levelname", "@l"),
    "component": ("component", "logger", "module", "service", "name", "category"),
    "process": ("pid", "process", "thread", "tid", "threadname", "thread_name"),
    "host": ("host", "hostname", "server", "node"),
}


@dataclass(slots=True)
class Records:
    """Columns of the records of a log: record ``i`` begins in line ``line_no[i]`` (from 1).

    ``message`` is what is mined: the first line of the content. It begins at character ``offset[i]`` of its line; -1
    where it is no part of the line as it is (a JSON text). ``fields`` are the printed header texts.
    """

    line_no: list[int] = field(default_factory=list)
    n_lines: list[int] = field(default_factory=list)
    header: list[str | None] = field(default_factory=list)
    message: list[str] = field(default_factory=list)
    content: list[str] = field(default_factory=list)
    offset: list[int] = field(default_factory=list)
    fields: dict[str, list[str | None]] = field(default_factory=lambda: {name: [] for name in FIELDS})

    def add(self, line_no: int, header: str | None, message: str, offset: int, found: Mapping[str, str]) -> None:
        """Append a record."""
        self.line_no.append(line_no)
        self.n_lines.append(1)
        self.header.append(header or None)
        self.message.append(message)
        self.content.append(message)
        self.offset.append(offset)
        for name, column in self.fields.items():
            column.append(found.get(name) or None)


class _Reader(Protocol):
    def read(self, line: str) -> Header | None: ...


def split_lines(text: str) -> list[str]:
    """The lines of a text, however they end."""
    lines = _BREAK.split(text.replace("\0", ""))
    return lines[:-1] if lines and not lines[-1] else lines


def read_records(lines: Sequence[str], header: str) -> Records:
    """The records of a plain text log; ``header`` is ``auto``, ``none`` or a format with named fields."""
    return _read(lines, _reader(lines, header))


def _reader(lines: Sequence[str], header: str) -> _Reader:
    if header == "none":
        return Layout()
    if header != "auto":
        return Format(header)
    return AccessLayout() if is_access_log(lines) else learn(lines)


def _read(lines: Sequence[str], reader: _Reader) -> Records:
    """A line without header goes on with the record above; blank lines do so between such lines only."""
    records = Records()
    going_on: list[str] = []
    blank = 0

    def close() -> None:
        if going_on:
            records.content[-1] = "\n".join((records.content[-1], *going_on))
            records.n_lines[-1] += len(going_on)
            going_on.clear()

    for number, line in enumerate(lines, 1):
        if not line.strip():
            blank += 1
            continue
        found = reader.read(line)
        if found is None and records.line_no:
            going_on.extend([""] * blank)
            going_on.append(line.rstrip())
        else:
            close()
            found = found or Header()
            message = line[found.content :].rstrip()
            lead = len(message) - len(message.lstrip())
            texts = {name: line[a:b] for name, (a, b) in found.fields.items()}
            records.add(number, line[: found.content].strip(), message[lead:], found.content + lead, texts)
        blank = 0
    close()
    return records


def read_json_records(lines: Sequence[str]) -> tuple[Records, list[int]]:
    """The records of JSON lines, and the numbers of the lines that are no JSON object.

    Without a key for messages the whole object is the message.
    """
    records, bad = Records(), []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        one = _object(line)
        if one is None:
            bad.append(number)
            continue
        keys = {key.lower(): key for key in one}
        found = {name: _text(one, keys, wanted) for name, wanted in _KEYS.items()}
        message = found.pop("message")
        texts = {name: text for name, text in found.items() if text}
        if message is None:
            records.add(number, None, line.strip(), len(line) - len(line.lstrip()), texts)
            continue
        first, *more = split_lines(message) or [""]
        at = line.find(first) if first else -1
        records.add(number, None, first, at, texts)
        records.content[-1] = "\n".join((first, *more))
    return records, bad


def _object(line: str) -> dict[str, Any] | None:
    try:
        one = json.loads(line, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return None
    return one if isinstance(one, dict) else None


def _text(one: Mapping[str, Any], keys: Mapping[str, str], wanted: Sequence[str]) -> str | None:
    """The first of the wanted keys that holds a text or a number."""
    for name in wanted:
        value = one.get(keys[name]) if name in keys else None
        if isinstance(value, str) and value:
            return value
    return None
