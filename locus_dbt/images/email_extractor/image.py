"""Mail as rows: messages, their addresses, attachments and links."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import UTC
from typing import Any

from locus_dbt.core.builder import TableBuilder
from locus_dbt.images.email_extractor.links import links_of
from locus_dbt.images.email_extractor.reply import Piece, shown_text, split
from locus_dbt.model.document import Document
from locus_dbt.model.locus import Locus
from locus_dbt.parsers import detect
from locus_dbt.parsers.mail_message import Body, MailMessage, Person, Value, read_message
from locus_dbt.parsers.mbox import messages
from locus_dbt.parsers.msg import read_msg

_COUNTED = "counted by the image, printed nowhere"
_LISTS = {
    "from_addresses": "from",
    "to_addresses": "to",
    "cc_addresses": "cc",
    "bcc_addresses": "bcc",
    "reply_to": "reply_to",
}


def extract(document: Document, params: Mapping[str, Any], table: TableBuilder) -> None:
    """Append the rows of the asked grain for every message of the document."""
    append = {
        "messages": _append_message, "addresses": _append_addresses, "attachments": _append_attachments,
        "links": _append_links,
    }[params["grain"]]  # fmt: skip
    for number, (prefix, message) in enumerate(_messages(document), 1):
        append(_Row(table, number, prefix), message, params)


def _messages(document: Document) -> Iterator[tuple[str, MailMessage]]:
    """Each message, and what stands before its places in a mailbox."""
    name = document.filename
    if document.media_type == detect.MBOX:
        for line, data in messages(document.data, filename=name):
            yield f"message at line {line} ", read_message(data, filename=name, unlabelled=document.options.encoding)
    elif document.media_type == detect.MSG:
        yield "", read_msg(document.data, filename=name)
    else:
        yield "", read_message(document.data, filename=name, unlabelled=document.options.encoding)


class _Row:
    """Rows of one message: places get the message's prefix, the first columns are filled in."""

    def __init__(self, table: TableBuilder, number: int, prefix: str) -> None:
        self._table = table
        self._number = number
        self._prefix = prefix

    def start(self, message: MailMessage) -> None:
        """Open a row that says which message it belongs to."""
        self._table.start_row()
        self.inferred("message_no", self._number, "message", _COUNTED)
        self.value("message_id", message.message_id)

    def put(
        self,
        column: str,
        value: Any,  # noqa: ANN401 - any SQL value
        text: str,
        place: str,
        *,
        how: str | None = None,
        reason: str | None = None,
    ) -> None:
        """A value that is printed at ``place``."""
        if value not in (None, "", []):
            self._table.put(
                column, value, text=text, at=Locus(place=self._prefix + place), grounding=how, reason=reason
            )

    def value(self, column: str, value: Value | None) -> None:
        """A text with its place, where there is one."""
        if value is not None:
            self.put(column, value.text, value.text, value.place)

    def inferred(self, column: str, value: Any, place: str, reason: str) -> None:  # noqa: ANN401 - any SQL value
        """A value that is printed nowhere."""
        at = Locus(place=self._prefix + place)
        self._table.put(column, value, text=None, at=at, grounding="inferred", reason=reason)

    def damage(self, warning: str) -> None:
        """Something in the message that is damaged, and was read as far as it goes."""
        self._table.reject("E203", warning, at=Locus(place=self._prefix + "message"))

    def reject(self, column: str, message: str, value: Value) -> None:
        """A cell that cannot be taken."""
        at = Locus(place=self._prefix + value.place)
        self._table.reject("E210", message, column=column, at=at, raw=value.text[:200])


def _append_message(row: _Row, message: MailMessage, params: Mapping[str, Any]) -> None:
    row.start(message)
    row.value("in_reply_to", message.in_reply_to)
    references = [one.text for one in message.references]
    if references:
        row.put("reference_ids", references, " ".join(references), message.references[0].place)
    _put_date(row, message)
    authors = message.of("from")
    if authors:
        row.put("from_name", authors[0].name, authors[0].name, authors[0].place)
        row.put("from_address", authors[0].address, authors[0].address, authors[0].place)
    for column, role in _LISTS.items():
        people = [person for person in message.of(role) if person.address]
        if people:
            addresses = [person.address for person in people]
            row.put(column, addresses, ", ".join(addresses), people[0].place)
    row.value("subject", message.subject)
    _put_bodies(row, message, params)
    row.inferred("n_attachments", len(message.enclosed), "message", _COUNTED)
    for warning in message.warnings:
        row.damage(warning)
    named = [one for one in message.enclosed if one.name]
    if named:
        row.put("attachment_names", [one.name for one in named], " ".join(one.name for one in named), named[0].place)


def _put_date(row: _Row, message: MailMessage) -> None:
    printed, moment = message.date_value, message.date
    if printed is None:
        return
    if moment is None:
        row.reject("sent_at", "the date cannot be read", printed)
        return
    if moment.tzinfo is None:
        how, reason = "inferred", "no zone is printed; UTC is assumed"
        row.put("sent_at", moment, printed.text, printed.place, how=how, reason=reason)
        return
    utc = moment.astimezone(UTC).replace(tzinfo=None)
    how, reason = "normalized", "the printed moment in UTC"
    row.put("sent_at", utc, printed.text, printed.place, how=how, reason=reason)
    offset = moment.isoformat()[-6:]
    how, reason = "normalized", "the printed zone as an offset"
    row.put("sent_at_offset", offset, printed.text, printed.place, how=how, reason=reason)


def _put_bodies(row: _Row, message: MailMessage, params: Mapping[str, Any]) -> None:
    bodies = [body for body in message.text if body.text.strip()]
    texts = [_shown(body) for body in bodies]
    text = "\n".join(texts).strip("\n")
    if text.strip():
        row.put("body_text", text, text, bodies[0].place)
        if params["split"]:
            parts = split(text)
            _put_piece(row, "reply_text", parts.reply, bodies[0])
            _put_piece(row, "quoted_text", parts.quoted, bodies[0])
            _put_piece(row, "signature", parts.signature, bodies[0])
    html = [body for body in message.html if body.kind == "text/html"]
    if params["html"] and html:
        source = "\n".join(body.text for body in html)
        row.put("body_html", source, source, html[0].place)


def _put_piece(row: _Row, column: str, piece: Piece | None, body: Body) -> None:
    if piece is not None:
        row.put(column, piece.text, piece.text, f"{body.place}, line {piece.line} of the text")


def _shown(body: Body) -> str:
    return shown_text(body.text) if body.kind == "text/html" else body.text


def _append_addresses(row: _Row, message: MailMessage, _: Mapping[str, Any]) -> None:
    for person in message.people:
        row.start(message)
        _put_role(row, person)
        row.put("name", person.name, person.name, person.place)
        row.put("address", person.address, person.address, person.place)
        row.put("group_name", person.group, person.group, person.place)


def _put_role(row: _Row, person: Person) -> None:
    row.inferred("role", person.role, person.place, "told by the field the address stands in")


def _append_attachments(row: _Row, message: MailMessage, _: Mapping[str, Any]) -> None:
    for number, one in enumerate(message.enclosed, 1):
        row.start(message)
        row.inferred("attachment_no", number, one.place, _COUNTED)
        row.put("name", one.name, one.name, one.place)
        row.put("media_type", one.media_type, one.media_type, one.place)
        row.inferred("size", len(one.data), one.place, "counted without the transfer encoding")
        row.inferred("sha256", hashlib.sha256(one.data).hexdigest(), one.place, "computed from the bytes")
        row.inferred("is_inline", one.inline, one.place, "told by the disposition and identity of the part")
        row.put("content_id", one.content_id, one.content_id, one.place)


def _append_links(row: _Row, message: MailMessage, _: Mapping[str, Any]) -> None:
    for link in links_of(message):
        row.start(message)
        row.put("url", link.url, link.url, link.place)
        row.put("text", link.text, link.text, link.place)
