"""Mail (RFC 5322) to ``ir/v1``: headers as key-value blocks, the body as text or HTML, attachments kept."""

from __future__ import annotations

import email
import email.policy
import re
from email.header import decode_header
from email.message import Message

from locus_dbt.errors import InputError
from locus_dbt.model.document import Document
from locus_dbt.model.element import Attachment, Parsed
from locus_dbt.parsers.cells import Flow
from locus_dbt.parsers.decoding import decode
from locus_dbt.parsers.html import read_html
from locus_dbt.parsers.limits import over
from locus_dbt.parsers.plain_text import read_text

_SHOWN = ("From", "To", "Cc", "Bcc", "Reply-To", "Date", "Subject", "Message-ID", "In-Reply-To")
_MAX_PARTS = 1000
_MAX_DEPTH = 30


def parse(document: Document) -> Parsed:
    """Parse one mail; of a body that comes as text and as HTML, the HTML is read (it keeps tables)."""
    try:
        message = email.message_from_bytes(document.data, policy=email.policy.compat32)
    except RecursionError as error:
        raise over("a mail with parts nested too deeply", where=document.filename) from error
    except (ValueError, LookupError, TypeError) as error:
        raise InputError(f"not a readable mail ({error}): {document.filename}", code="E203") from error
    flow = Flow()
    for name in _SHOWN:
        for value in message.get_all(name, []):
            flow.block("key_value", f"{name}: {header_text(value)}", place=f"header {name}")
    reader = _Reader(flow, document.filename)
    reader.part(message, depth=0)
    metadata = {"subject": header_text(message.get("Subject", ""))}
    return Parsed(
        document.media_type, (flow.page(),), tuple(flow.tables), tuple(reader.attachments), metadata,
        tuple(reader.warnings),
    )  # fmt: skip


def header_text(value: object) -> str:
    """A header in Unicode on one line; what cannot be decoded is kept as it stands."""
    raw = str(value)
    try:
        pieces = decode_header(raw)
    except (ValueError, LookupError, TypeError):
        pieces = [(raw, None)]
    except email.errors.HeaderParseError:
        pieces = [(raw, None)]
    texts = [p if isinstance(p, str) else decode(p, declared=charset)[0] for p, charset in pieces]
    return " ".join("".join(texts).split())


class _Reader:
    def __init__(self, flow: Flow, filename: str) -> None:
        self._flow = flow
        self._filename = filename
        self._parts = 0
        self.attachments: list[Attachment] = []
        self.warnings: list[str] = []

    def part(self, message: Message, *, depth: int) -> None:
        """Read one part and the parts inside it."""
        self._parts += 1
        if depth > _MAX_DEPTH or self._parts > _MAX_PARTS:
            raise over(f"a mail of more than {_MAX_DEPTH} levels or {_MAX_PARTS} parts", where=self._filename)
        kind = message.get_content_type()
        if self._is_attachment(message, depth):
            self._attach(message, kind)
        elif kind == "multipart/alternative" and message.is_multipart():
            self.part(self._best(message), depth=depth + 1)
        elif message.is_multipart():
            for inner in message.get_payload():
                if isinstance(inner, Message):
                    self.part(inner, depth=depth + 1)
        else:
            self._body(message, kind)

    def _is_attachment(self, message: Message, depth: int) -> bool:
        if depth == 0 and not message.get_filename():
            return not message.is_multipart() and message.get_content_maintype() not in ("text", "multipart")
        if message.get_content_type() == "message/rfc822":
            return True
        named = message.get_filename() is not None or message.get_content_disposition() == "attachment"
        return named or (not message.is_multipart() and message.get_content_maintype() != "text")

    def _best(self, message: Message) -> Message:
        """HTML, or what holds it, before plain text."""
        inner = [part for part in message.get_payload() if isinstance(part, Message)]
        rich = [part for part in inner if part.get_content_type() in ("text/html", "multipart/related")]
        return (rich or inner or [message])[0]

    def _body(self, message: Message, kind: str) -> None:
        raw = message.get_payload(decode=True)
        data = raw if isinstance(raw, bytes) else str(message.get_payload()).encode("utf-8", "surrogateescape")
        text, _ = decode(data, declared=message.get_content_charset(), filename=self._filename)
        for defect in message.defects:
            self.warnings.append(f"{type(defect).__name__} in the {kind} part")
        if kind == "text/html":
            read_html(text, self._flow, filename=self._filename, place="body")
        else:
            read_text(text, self._flow, place="body")

    def _attach(self, message: Message, kind: str) -> None:
        number = len(self.attachments) + 1
        if kind == "message/rfc822":
            inner = message.get_payload()
            first = inner[0] if isinstance(inner, list) and inner else message
            data = first.as_bytes() if isinstance(first, Message) else b""
        else:
            payload = message.get_payload(decode=True)
            data = payload if isinstance(payload, bytes) else b""
        given = header_text(message.get_filename() or "")
        self.attachments.append(Attachment(safe_name(given) or f"part-{number}", kind, data))


def safe_name(name: str) -> str:
    """The last part of a file name, without path, control characters or leading dots."""
    last = re.split(r"[\\/]", name)[-1]
    return re.sub(r"[\x00-\x1f\x7f]", "", last).lstrip(".").strip()[:200]
