"""A message's values as a mail (EML): how a message inside an Outlook message becomes a document of its own."""

from __future__ import annotations

import base64
from email.header import Header
from email.utils import format_datetime

from locus_dbt.parsers.mail_message import ROLES, Body, Enclosed, MailMessage

_BOUNDARY = "=_part_of_the_message_{}"


def written(message: MailMessage) -> bytes:
    """The message in RFC 5322 form, the same bytes for the same values; bodies and attachments are in base64."""
    head: list[str] = []
    for role, name in ROLES.items():
        people = message.of(role)
        if people:
            boxes = [f"{_phrase(p.name)} <{p.address}>" if p.name else p.address for p in people]
            head.append(f"{name}: " + ",\r\n ".join(box.strip() for box in boxes))
    if message.subject:
        head.append(f"Subject: {_encoded(message.subject.text)}")
    if message.date:
        head.append(f"Date: {format_datetime(message.date)}")
    if message.message_id:
        head.append(f"Message-ID: <{_one_line(message.message_id.text)}>")
    parts = [_text_part(body) for body in {id(b): b for b in (*message.text, *message.html)}.values()]
    body = _alternative(parts)
    if message.enclosed:
        body = _multipart("mixed", [body, *map(_file_part, message.enclosed)], 2)
    return ("\r\n".join(head) + "\r\nMIME-Version: 1.0\r\n" + body).encode("ascii", "replace")


def _alternative(parts: list[str]) -> str:
    if not parts:
        return "Content-Type: text/plain\r\n\r\n"
    return parts[0] if len(parts) == 1 else _multipart("alternative", parts, 1)


def _multipart(kind: str, parts: list[str], number: int) -> str:
    boundary = _BOUNDARY.format(number)
    inside = "".join(f"--{boundary}\r\n{part}\r\n" for part in parts)
    return f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n{inside}--{boundary}--\r\n'


def _text_part(body: Body) -> str:
    return f"Content-Type: {body.kind}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n" + _base64(
        body.text.encode("utf-8", "replace")
    )


def _file_part(file: Enclosed) -> str:
    name = file.name.encode("utf-8", "replace")
    shown = "".join(chr(b) if chr(b).isalnum() and b < 128 else f"%{b:02X}" for b in name)
    cid = f"Content-ID: <{_one_line(file.content_id)}>\r\n" if file.content_id else ""
    kind = "inline" if file.inline else "attachment"
    return (
        f"Content-Type: {_one_line(file.media_type)}\r\nContent-Disposition: {kind}; filename*=utf-8''{shown}\r\n"
        f"{cid}Content-Transfer-Encoding: base64\r\n\r\n" + _base64(file.data)
    )


def _base64(data: bytes) -> str:
    return base64.encodebytes(data).decode("ascii").replace("\n", "\r\n")


def _encoded(text: str) -> str:
    clean = _one_line(text)
    return clean if clean.isascii() else Header(clean, "utf-8").encode(linesep="\r\n")


def _phrase(name: str) -> str:
    clean = _one_line(name).replace('"', "'")
    return f'"{clean}"' if clean.isascii() and any(c in clean for c in "<>,;:@()[].\\") else _encoded(clean)


def _one_line(text: str) -> str:
    return " ".join(text.split())
