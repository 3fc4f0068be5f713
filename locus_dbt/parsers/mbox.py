"""A mailbox file (mbox): each message a child document, and a table of who wrote what when."""

from __future__ import annotations

import re
from collections.abc import Iterator

from locus_dbt.errors import InputError
from locus_dbt.model.document import Document
from locus_dbt.model.element import Attachment, Parsed
from locus_dbt.parsers.cells import CellColumns, Flow
from locus_dbt.parsers.limits import MAX_MEMBERS, over
from locus_dbt.parsers.mail_headers import Headers, read_headers

_COLUMNS = ("from", "to", "date", "subject")
#: A line that begins a message: after a blank line or at the start, with a header field behind it. It names the time
#: of arrival, which parts it from prose; mailboxes whose first line has none are read without that.
_LINE = rb"(?:\A|\n\r?\n)(From %s[^\r\n]{0,400}\r?\n)(?=>?[!-9;-~]{1,80}[ \t]*:)"
_BEGIN = re.compile(_LINE % rb"[^\r\n]{1,100}\d:\d\d")
_BEGIN_UNTIMED = re.compile(_LINE % rb"[^\r\n]")
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)
#: Mailboxes hold more messages than archives members.
_MAX_MESSAGES = 10 * MAX_MEMBERS


def messages(data: bytes, *, filename: str = "") -> Iterator[tuple[int, bytes]]:
    """The messages of a mailbox: the line each begins on, and its bytes with ``>From `` unquoted.

    Raises:
        InputError: E203 when no message begins in it, E206 beyond the limit of messages.
    """
    start: int | None = None
    line, counted = 1, 0
    begin = _BEGIN if _BEGIN.match(data) else _BEGIN_UNTIMED
    for number, match in enumerate(begin.finditer(data), 1):
        if start is not None:
            yield line, _unquoted(data[start : match.start(1)])
        line += data.count(b"\n", counted, match.end())
        counted = start = match.end()
        if number > _MAX_MESSAGES:
            raise over(f"more than {_MAX_MESSAGES} messages", where=filename)
    if start is None:
        raise InputError(f"no message begins in the mailbox: {filename}", code="E203")
    yield line, _unquoted(data[start:])


def _unquoted(message: bytes) -> bytes:
    """The message as it was before it was put into the mailbox."""
    return _QUOTED.sub(rb"\1", message).rstrip(b"\r\n") + b"\n"


def parse(document: Document) -> Parsed:
    """Parse a mailbox; its messages are child documents ``0001.eml`` and so on."""
    children: list[Attachment] = []
    cells = CellColumns()
    for col, name in enumerate(_COLUMNS):
        cells.add(name, 0, col, place="line 1", is_header=True)
    for number, (line, data) in enumerate(messages(document.data, filename=document.filename), 1):
        children.append(Attachment(f"{number:04d}.eml", "message/rfc822", data))
        headers = read_headers(data, 0, len(data), line=line)
        for col, name in enumerate(_COLUMNS):
            cells.add(_shown(headers, name), number, col, place=f"line {line} header {name.title()}")
    flow = Flow()
    flow.table(cells, title="messages")
    metadata = {"messages": str(len(children))}
    return Parsed(document.media_type, (flow.page(),), tuple(flow.tables), tuple(children), metadata)


def _shown(headers: Headers, name: str) -> str:
    found = headers.last(name)
    return found.text if found else ""
