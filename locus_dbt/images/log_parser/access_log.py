"""Access logs of web servers (common and combined format): the fields of a request."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from locus_dbt.images.log_parser.log_header import Header
from locus_dbt.images.log_parser.log_time import TIME

_QUOTED = r'"((?:[^"\\]|\\.)*)"'
_ACCESS = re.compile(
    rf"(?:(?P<vhost>[\w.-]+:\d+) )?(?P<client>\S+) (?P<ident>\S+) (?P<user>\S+(?: \S+)?) \[(?P<time>{TIME.pattern})\] "
    rf"(?P<request>{_QUOTED}) (?P<status>\d{{3}}) (?P<bytes>\d{{1,18}}|-)"
    rf"(?: (?P<referer>{_QUOTED}) (?P<agent>{_QUOTED}))?"
)
_REQUEST = re.compile(r"(?P<method>[A-Z]{2,20}) (?P<path>\S+)(?: (?P<protocol>[A-Z]+/[\d.]+))?")
_SAMPLE, _AGREE = 500, 0.8


class Field(NamedTuple):
    """A text with its range of characters in the line."""

    text: str
    start: int
    stop: int


class AccessLayout:
    """Reads lines of an access log as records whose message begins with the request."""

    def read(self, line: str) -> Header | None:
        """The header of ``line``: client and time; ``None`` for a line of another form."""
        match = _ACCESS.match(line)
        if match is None:
            return None
        return Header(match.start("request"), {"host": match.span("client"), "time": match.span("time")})


def is_access_log(lines: Sequence[str]) -> bool:
    """Whether nearly all lines (of a sample) are requests."""
    sample = [line for line in lines[:: max(1, len(lines) // _SAMPLE)] if line.strip()]
    return bool(sample) and sum(1 for line in sample if _ACCESS.match(line)) >= _AGREE * len(sample)


def request_fields(line: str) -> dict[str, Field] | None:
    """The fields of one request; ``-`` and empty texts are left out; ``None`` for a line of another form."""
    match = _ACCESS.match(line)
    if match is None:
        return None
    spans = {name: match.span(name) for name in ("client", "user", "time", "status", "bytes")}
    for name in ("request", "referer", "agent"):
        start, stop = match.span(name)
        if start >= 0:
            spans[name] = (start + 1, stop - 1)
    if parts := _REQUEST.fullmatch(line, *spans["request"]):
        spans |= {name: parts.span(name) for name in ("method", "path", "protocol")}
    fields = {name: Field(line[a:b], a, b) for name, (a, b) in spans.items() if a >= 0}
    return {name: one for name, one in fields.items() if one.text not in ("", "-")}
