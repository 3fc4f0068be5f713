"""Mail (RFC 5322) to ``ir/v1``: headers as key-value blocks, the body as text or HTML, attachments kept."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from locus_dbt.model.document import Document
from locus_dbt.model.element import Attachment, Parsed
from locus_dbt.parsers.cells import Flow
from locus_dbt.parsers.html import read_html
from locus_dbt.parsers.mail_message import Body, MailMessage, read_message
from locus_dbt.parsers.plain_text import read_text

_WORD = re.compile(r"\w{2,40}")
#: A plain version of fewer different words is a note ("this mail needs HTML"), not a text.
_A_TEXT = 5


def parse(document: Document) -> Parsed:
    """Parse one mail; of a body that comes as text and as HTML, the HTML is read (it keeps tables).

    Where the text says something else than the HTML, both are read.
    """
    return as_parsed(
        read_message(document.data, filename=document.filename, unlabelled=document.options.encoding), document
    )


def as_parsed(message: MailMessage, document: Document) -> Parsed:
    """A message's values as ``ir/v1``; its attachments are child documents, named so that no name holds a path."""
    flow = Flow()
    for name, value in message.fields:
        flow.block("key_value", f"{name}: {value.text}", place=value.place)
    bodies = message.html if any(body.text.strip() for body in message.html) else message.text
    warnings = list(message.warnings)
    if bodies is message.html and _tells_more(message.text, message.html):
        bodies = [*message.html, *(body for body in message.text if body not in message.html)]
        warnings.append("the plain text and the HTML of the mail say different things: both are read")
    for number, body in enumerate(bodies):
        place = "body" if number == 0 else f"body {number + 1}"
        if body.kind == "text/html":
            read_html(body.text, flow, filename=document.filename, place=place)
        else:
            read_text(body.text, flow, place=place)
    attachments = tuple(
        Attachment(child_name(one.name, one.media_type, number), one.media_type, one.data)
        for number, one in enumerate(message.enclosed, 1)
    )
    metadata = {"subject": message.subject.text if message.subject else ""}
    return Parsed(document.media_type, (flow.page(),), tuple(flow.tables), attachments, metadata, tuple(warnings))


def _tells_more(plain: Sequence[Body], rich: Sequence[Body]) -> bool:
    """Whether most words of the plain version stand nowhere in the rich one: it is another text, not another form."""
    said = {word for body in plain for word in _WORD.findall(body.text.lower())}
    shown = {word for body in rich for word in _WORD.findall(html.unescape(body.text).lower())}
    return len(said) >= _A_TEXT and len(said - shown) * 2 > len(said)


def child_name(printed: str, media_type: str, number: int) -> str:
    """The name of a child document: the attachment's own without its path, or its number."""
    ending = ".eml" if media_type == "message/rfc822" else ""
    return safe_name(printed) or f"part-{number}{ending}"


def safe_name(name: str) -> str:
    """The last part of a file name, without path, control characters or leading dots."""
    last = re.split(r"[\\/]", name)[-1]
    return re.sub(r"[\x00-\x1f\x7f]", "", last).lstrip(".").strip()[:200]
