"""Outlook messages (MSG): an OLE container of MAPI properties, read to the same values as any mail."""

from __future__ import annotations

import io
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from locus_dbt.errors import InputError
from locus_dbt.model.document import Document
from locus_dbt.model.element import Parsed
from locus_dbt.parsers.limits import MAX_MEMBERS, MAX_UNPACKED, over
from locus_dbt.parsers.mail import as_parsed
from locus_dbt.parsers.mail_addresses import mailboxes
from locus_dbt.parsers.mail_dates import mail_date
from locus_dbt.parsers.mail_encodings import text_in
from locus_dbt.parsers.mail_headers import Headers, read_headers
from locus_dbt.parsers.mail_message import Body, Enclosed, MailMessage, Person, Value
from locus_dbt.parsers.mail_write import written
from locus_dbt.parsers.msg_rtf import unpacked, wrapped

_DAMAGED = (
    OSError, ValueError, IndexError, KeyError, TypeError, AttributeError, struct.error, RecursionError, OverflowError,
    MemoryError, UnicodeError,
)  # fmt: skip
_MAX_DEPTH = 10
_ROLES = {1: "to", 2: "cc", 3: "bcc"}
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
#: Code pages that are not called by their number.
_CODE_PAGES = {
    65001: "utf-8", 65000: "utf-7", 20127: "ascii", 1200: "utf-16-le", 50220: "iso-2022-jp", 50221: "iso-2022-jp",
    50222: "iso-2022-jp", 50225: "iso-2022-kr", 51932: "euc_jp", 51949: "euc_kr", 20866: "koi8-r", 21866: "koi8-u",
    54936: "gb18030", 52936: "hz", 10000: "mac_roman",
}  # fmt: skip


@dataclass(slots=True)
class _Storage:
    """One storage: its properties by id (streams with their type, small ones as numbers), and what it holds."""

    path: Sequence[str]
    streams: dict[int, tuple[int, bytes]] = field(default_factory=dict)
    numbers: dict[int, tuple[int, int]] = field(default_factory=dict)
    inside: dict[str, _Storage] = field(default_factory=dict)


def parse(document: Document) -> Parsed:
    """Parse an Outlook message; a message inside it is a child document in the form of any mail (EML)."""
    return as_parsed(read_msg(document.data, filename=document.filename), document)


def read_msg(data: bytes, *, filename: str = "") -> MailMessage:
    """The values of a message; raises E203 for a damaged container, E206 beyond the limits."""
    try:
        root = _open(data, filename)
        if 0x0037 not in root.streams and not root.numbers and not root.streams:
            raise InputError(f"no properties of a message in the container: {filename}", code="E203")
        return _MsgReader(root, filename).message()
    except _DAMAGED as error:
        raise InputError(f"not a readable Outlook message ({error}): {filename}", code="E203") from error


def _open(data: bytes, filename: str) -> _Storage:
    import olefile  # noqa: PLC0415 - needed for this format only

    container: Any = olefile.OleFileIO(io.BytesIO(data))
    root = _Storage(())
    entries = container.listdir(streams=True, storages=False)
    if len(entries) > 20 * MAX_MEMBERS:
        raise over(f"{len(entries)} streams in the message", where=filename)
    total = 0
    for path in entries:
        size = container.get_size(path)
        total += size
        if total > MAX_UNPACKED or size > len(data):
            raise over(f"streams of {total} bytes in a message of {len(data)}", where=filename)
        if len(path) > 2 * _MAX_DEPTH + 1:
            raise over(f"messages nested deeper than {_MAX_DEPTH}", where=filename)
        name = path[-1]
        if not name.startswith(("__substg1.0_", "__properties_version1.0")):
            continue
        with container.openstream(path) as stream:
            content = stream.read(size + 1)
        storage = _at(root, path[:-1])
        if name.startswith("__prop"):
            _numbers(storage, content)
        elif len(name) >= 20 and "-" not in name[12:]:
            tag = int(name[12:20], 16)
            storage.streams[tag >> 16] = (tag & 0xFFFF, content)
    return root


def _at(root: _Storage, path: Sequence[str]) -> _Storage:
    storage = root
    for i, name in enumerate(path):
        storage = storage.inside.setdefault(name, _Storage(tuple(path[: i + 1])))
    return storage


def _numbers(storage: _Storage, content: bytes) -> None:
    """The fixed-size properties, behind a head whose size tells what kind of storage it is."""
    name = storage.path[-1] if storage.path else ""
    head = 32 if not storage.path else 8 if name.startswith(("__attach", "__recip")) else 24
    for at in range(head, len(content) - 15, 16):
        kind, tag = struct.unpack_from("<HH", content, at)
        if kind in (0x0002, 0x0003, 0x000B, 0x0040):
            width = {0x0002: "<h", 0x0003: "<i", 0x000B: "<H", 0x0040: "<Q"}[kind]
            storage.numbers[tag] = (kind, struct.unpack_from(width, content, at + 8)[0])


class _MsgReader:
    def __init__(self, root: _Storage, filename: str, *, depth: int = 0) -> None:
        self._root = root
        self._filename = filename
        self._depth = depth
        self._warnings: list[str] = []
        self._codec = _codec(self._number(root, 0x3FFD)) or "cp1252"

    def message(self) -> MailMessage:
        """All values; the transport headers, where they were kept, tell date and identity as the sender wrote them."""
        headers = self._transport()
        people = [*self._sender(headers), *self._recipients()]
        subject, date = self._value(0x0037, "Subject"), headers.last("date")
        moment = mail_date(date.raw) if date else None
        shown = Value(date.text, "property 007D Date") if date else None
        if moment is None:
            moment, shown = self._time()
        message_id = self._id(0x1035, headers, "message-id")
        fields = [(_FIELD[p.role], Value(p.text, p.place)) for p in people]
        for name, value in (("Date", shown), ("Subject", subject), ("Message-ID", message_id)):
            if value is not None:
                fields.append((name, value))
        text, html = self._bodies()
        references = self._id(0x1039, headers, "references", whole=True)
        return MailMessage(
            fields, people, text, html, self._enclosed(), subject, message_id, self._id(0x1042, headers, "in-reply-to"),
            [Value(one.strip("<>"), references.place) for one in references.text.split()] if references else (),
            moment, shown, self._warnings,
        )  # fmt: skip

    def _transport(self) -> Headers:
        raw = self._text(self._root, 0x007D).encode("utf-8", "replace")
        return read_headers(raw, 0, len(raw), line=1, envelope=True)

    def _sender(self, headers: Headers) -> list[Person]:
        people: list[Person] = []
        for role, name_tag, tags in (("from", 0x0042, (0x5D02, 0x0065)), ("sender", 0x0C1A, (0x5D01, 0x0C1F))):
            name, address = self._text(self._root, name_tag), self._address(self._root, *tags)
            if name or address:
                people.append(_person(role, name, address, f"property {name_tag:04X}"))
        if people and people[0].role == "sender":
            one = people[0]
            people = [Person("from", one.name, one.address, one.text, one.place)]
        elif len(people) == 2 and people[0].address.lower() == people[1].address.lower():
            people = people[:1]
        if not people or not people[0].address:
            printed = headers.last("from")
            boxes = mailboxes(printed.raw) if printed else []
            people = [Person("from", b.name, b.address, b.text, "property 007D From") for b in boxes] or people
        replies = headers.last("reply-to")
        boxes = mailboxes(replies.raw) if replies else []
        people.extend(Person("reply_to", box.name, box.address, box.text, "property 007D Reply-To") for box in boxes)
        return people

    def _recipients(self) -> list[Person]:
        people: list[Person] = []
        for name, storage in sorted(self._root.inside.items()):
            if not name.startswith("__recip_version1.0"):
                continue
            role = _ROLES.get(self._number(storage, 0x0C15) & 0xF, "to")
            address = self._address(storage, 0x39FE, 0x3003)
            people.append(
                _person(role, self._text(storage, 0x3001), address, f"recipient {_number(name)} property 3001")
            )
        if not people:
            for role, tag in (("to", 0x0E04), ("cc", 0x0E03), ("bcc", 0x0E02)):
                names = (name.strip() for name in self._text(self._root, tag).split(";"))
                people.extend(_shown_name(role, name, f"property {tag:04X}") for name in names if name)
        return people

    def _address(self, storage: _Storage, *tags: int) -> str:
        """The first that is an address of the internet; an Exchange path is none."""
        found = [self._text(storage, tag).strip("'<> ") for tag in tags]
        return next((one for one in found if "@" in one), "") or next((one for one in found if one), "")

    def _bodies(self) -> tuple[list[Body], list[Body]]:
        text, html = [], []
        if plain := self._text(self._root, 0x1000, keep=True):
            text.append(Body("text/plain", plain.replace("\r\n", "\n"), "property 1000"))
        kind, raw = self._root.streams.get(0x1013, (0, b""))
        if raw:
            codec = _codec(self._number(self._root, 0x3FDE)) or self._codec
            shown = self._text(self._root, 0x1013, keep=True) if kind == 0x001F else text_in(raw, codec)
            html.append(Body("text/html", shown, "property 1013"))
        packed = self._root.streams.get(0x1009, (0, b""))[1]
        if packed and not (text and html):
            rtf = unpacked(packed)
            if rtf is None:
                self._warnings.append("property 1009: the compressed RTF is damaged")
            else:
                media, shown = wrapped(rtf, codepage=self._codec)
                target = html if media == "text/html" else text
                if not target and shown.strip():
                    target.append(Body(media, shown, "property 1009"))
        return text or html, html or text

    def _enclosed(self) -> list[Enclosed]:
        found: list[Enclosed] = []
        for name, storage in sorted(self._root.inside.items()):
            if name.startswith("__attach_version1.0"):
                found.append(self._attachment(f"attachment {_number(name)}", storage))
        return found

    def _attachment(self, place: str, storage: _Storage) -> Enclosed:
        printed = next((t for tag in (0x3707, 0x3704, 0x3001) if (t := self._text(storage, tag))), "")
        media = self._text(storage, 0x370E).lower() or "application/octet-stream"
        cid = self._text(storage, 0x3712).strip("<>")
        inline = bool(cid) and bool(self._number(storage, 0x3714) & 4 or self._number(storage, 0x7FFE))
        inner = storage.inside.get("__substg1.0_3701000D")
        if inner is None:
            data = storage.streams.get(0x3701, (0, b""))[1]
            return Enclosed(printed, media, data, place, inline, cid)
        if not inner.streams and not inner.numbers:
            self._warnings.append(f"{place}: an object of another program is left out")
            return Enclosed(printed, "application/octet-stream", b"", place, inline, cid)
        if self._depth >= _MAX_DEPTH:
            raise over(f"messages nested deeper than {_MAX_DEPTH}", where=self._filename)
        rest = _Storage((), inner.streams, inner.numbers, inner.inside)
        reader = _MsgReader(rest, self._filename, depth=self._depth + 1)
        message = written(reader.message())
        return Enclosed(printed, "message/rfc822", message, place)

    def _time(self) -> tuple[datetime | None, Value | None]:
        for tag in (0x0039, 0x0E06):
            ticks = self._number(self._root, tag)
            if 0 < ticks < 1 << 62:
                moment = _EPOCH + timedelta(microseconds=ticks // 10)
                return moment, Value(moment.isoformat(), f"property {tag:04X}")
        return None, None

    def _value(self, tag: int, name: str) -> Value | None:
        text = " ".join(self._text(self._root, tag).split())
        return Value(text, f"property {tag:04X} {name}") if text else None

    def _id(self, tag: int, headers: Headers, name: str, *, whole: bool = False) -> Value | None:
        text, place = self._text(self._root, tag), f"property {tag:04X}"
        if not text and (found := headers.last(name)) is not None:
            text, place = found.text, f"property 007D {found.name}"
        clean = text.strip() if whole else text.strip().strip("<>")
        return Value(clean, place, text) if clean else None

    def _text(self, storage: _Storage, tag: int, *, keep: bool = False) -> str:
        kind, raw = storage.streams.get(tag, (0, b""))
        if kind == 0x001F:
            text = raw.decode("utf-16-le", "replace")
        elif kind == 0x001E or (kind == 0x0102 and tag in (0x1000, 0x007D)):
            text = text_in(raw, self._codec)
        else:
            return ""
        text = text.rstrip("\0").replace("\0", "")
        return text if keep else text.strip()

    def _number(self, storage: _Storage, tag: int) -> int:
        return storage.numbers.get(tag, (0, 0))[1]


_FIELD: Mapping[str, str] = {
    "from": "From", "sender": "Sender", "reply_to": "Reply-To", "to": "To", "cc": "Cc", "bcc": "Bcc",
}  # fmt: skip


def _person(role: str, name: str, address: str, place: str) -> Person:
    name = "" if name.strip("'\"").lower() == address.lower() else name
    text = f"{name} <{address}>" if name and address else name or address
    return Person(role, name.strip(), address, text, place)


def _number(storage: str) -> int:
    """The number in a storage's name (``__attach_version1.0_#0000000A``), from 1."""
    return int(storage.rsplit("#", 1)[-1], 16) + 1


def _shown_name(role: str, text: str, place: str) -> Person:
    return _person(role, "" if "@" in text else text, text if "@" in text else "", place)


def _codec(page: int) -> str | None:
    if page in _CODE_PAGES:
        return _CODE_PAGES[page]
    if 28591 <= page <= 28606:
        return f"iso-8859-{page - 28590}"
    return f"cp{page}" if page > 0 else None
