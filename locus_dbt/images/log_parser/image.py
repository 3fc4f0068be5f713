"""Log files as events, templates, parameters, and requests."""

from __future__ import annotations

import gc
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from locus_dbt.core.builder import Located, TableBuilder
from locus_dbt.errors import InputError
from locus_dbt.images.log_parser.access_log import Field, request_fields
from locus_dbt.images.log_parser.log_records import Records, read_json_records, read_records, split_lines
from locus_dbt.images.log_parser.log_time import read_time
from locus_dbt.images.log_parser.template_miner import Mined, mine
from locus_dbt.images.log_parser.tokens import value_type
from locus_dbt.model.document import Document
from locus_dbt.model.locus import Locus
from locus_dbt.parsers.decoding import decode
from locus_dbt.parsers.detect import JSONL

_TIME_RULE = "the printed time in ISO form, without its zone"

#: What stands for a printed message by mining.
_MINED_RULES = {
    "template": "the message with its values taken out",
    "parameters": "the values of the message, in order",
}


def extract(document: Document, params: Mapping[str, Any], table: TableBuilder) -> None:
    """Append the log in the asked shape."""
    with _uncollected():
        _append(document, params, table)


@contextmanager
def _uncollected() -> Iterator[None]:
    """No garbage collection meanwhile: millions of small objects live on and none is in a cycle, half of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _append(document: Document, params: Mapping[str, Any], table: TableBuilder) -> None:
    text, _ = decode(document.data, declared=document.options.encoding, filename=document.filename)
    lines = split_lines(text)
    if params["shape"] == "requests":
        _append_requests(lines, document.filename, table)
        return
    records = _records(lines, document.media_type, params["header"], table)
    mined = mine(records.message)
    if params["shape"] == "templates":
        _append_templates(records, mined, table)
    elif params["shape"] == "parameters":
        _append_parameters(records, mined, table)
    else:
        _append_events(records, mined, params["year"], table)


def _records(lines: Sequence[str], media_type: str, header: str, table: TableBuilder) -> Records:
    if media_type != JSONL:
        return read_records(lines, header)
    records, bad = read_json_records(lines)
    for number in bad:
        table.reject(
            "E203", "the line is no JSON object", at=Locus(place=f"line {number}"), raw=lines[number - 1][:200]
        )
    return records


def _at(lines: Iterable[int]) -> Located:
    return None, None, [f"line {number}" for number in lines]


def _times(texts: Sequence[str | None], year: int | None) -> list[datetime | None]:
    known: dict[str, datetime | None] = {}
    return [
        None if t is None else known[t] if t in known else known.setdefault(t, read_time(t, year=year)) for t in texts
    ]


def _append_events(records: Records, mined: Mined, year: int | None, table: TableBuilder) -> None:
    at = _at(records.line_no)
    facts = [(one.event_id, one.text) for one in mined.templates]
    texts = records.fields
    located = ("logged_at", "level", "component", "process_id", "host", "content", "template", "parameters", "header")
    printed = {"logged_at": [text or "" for text in texts["time"]]} | dict.fromkeys(_MINED_RULES, records.message)
    table.extend(
        {
            "line_no": records.line_no,
            "n_lines": records.n_lines,
            "logged_at": _times(texts["time"], year),
            "level": texts["level"],
            "component": texts["component"],
            "process_id": texts["process"],
            "host": texts["host"],
            "content": [content or None for content in records.content],
            "event_id": [facts[group][0] for group in mined.group],
            "template": [facts[group][1] for group in mined.group],
            "parameters": [
                [message[a:b] for a, b in ranges] for message, ranges in zip(records.message, mined.ranges, strict=True)
            ],
            "header": records.header,
        },
        located=dict.fromkeys(located, at),
        texts=printed,
        rules={"logged_at": _TIME_RULE, **_MINED_RULES},
    )


def _append_templates(records: Records, mined: Mined, table: TableBuilder) -> None:
    """In the order of their first lines."""
    members: dict[int, list[int]] = defaultdict(list)
    for i, group in enumerate(mined.group):
        members[group].append(i)
    groups = list(members)
    first = [members[group][0] for group in groups]
    levels = [sorted({level for i in members[g] if (level := records.fields["level"][i])}) for g in groups]
    table.extend(
        {
            "event_id": [mined.templates[group].event_id for group in groups],
            "template": [mined.templates[group].text for group in groups],
            "n_records": [len(members[group]) for group in groups],
            "first_line": [records.line_no[i] for i in first],
            "last_line": [records.line_no[members[group][-1]] for group in groups],
            "levels": [one or None for one in levels],
            "example": [records.message[i] or None for i in first],
        },
        located={
            "template": _at(records.line_no[i] for i in first),
            "levels": (None, None, [_lines(records, members[group]) for group in groups]),
            "example": _at(records.line_no[i] for i in first),
        },
        texts={
            "template": [records.message[i] for i in first],
            "levels": [", ".join(one) for one in levels],
        },
        rules={"template": _MINED_RULES["template"], "levels": "the levels of all lines of the template"},
    )


def _lines(records: Records, members: Sequence[int]) -> str:
    """Where the lines of a template stand."""
    first, last = records.line_no[members[0]], records.line_no[members[-1]]
    return f"line {first}" if first == last else f"line {first} to line {last}"


def _append_parameters(records: Records, mined: Mined, table: TableBuilder) -> None:
    names = ("line_no", "event_id", "position", "value", "value_type", "char_start", "char_stop")
    columns: dict[str, list[Any]] = {name: [] for name in names}
    appends = [columns[name].append for name in names]
    ids = [one.event_id for one in mined.templates]
    for i, ranges in enumerate(mined.ranges):
        message, offset = records.message[i], records.offset[i]
        for position, (start, stop) in enumerate(ranges):
            edges = (offset + start, offset + stop) if offset >= 0 else (None, None)
            kind = value_type(message, start, stop)
            row = (records.line_no[i], ids[mined.group[i]], position, message[start:stop], kind, *edges)
            for append, value in zip(appends, row, strict=True):
                append(value)
    table.extend(columns, located={"value": _at(columns["line_no"])})


def _append_requests(lines: Sequence[str], filename: str, table: TableBuilder) -> None:
    found: list[tuple[int, Mapping[str, Field]]] = []
    for number, line in enumerate(lines, 1):
        if (fields := request_fields(line)) is not None:
            found.append((number, fields))
        elif line.strip():
            table.reject("E210", "the line is no request", at=Locus(place=f"line {number}"), raw=line[:200])
    if not found:
        raise InputError(f"no line is a request of an access log: {filename}", code="E210", fix="shape := 'events'")
    texts = {
        name: [fields[key].text if key in fields else None for _, fields in found]
        for name, key in (
            ("client", "client"), ("user_name", "user"), ("logged_at", "time"), ("request", "request"),
            ("method", "method"), ("path", "path"), ("protocol", "protocol"), ("status", "status"),
            ("bytes", "bytes"), ("referer", "referer"), ("agent", "agent"),
        )
    }  # fmt: skip
    values: dict[str, Sequence[Any]] = {**texts, "logged_at": _times(texts["logged_at"], None)}
    for name in ("status", "bytes"):
        values[name] = [None if text is None else int(text) for text in texts[name]]
    numbers = [number for number, _ in found]
    table.extend(
        {"line_no": numbers, **values},
        located=dict.fromkeys(texts, _at(numbers)),
        texts={name: [text or "" for text in column] for name, column in texts.items()},
        rules={"logged_at": _TIME_RULE},
    )
