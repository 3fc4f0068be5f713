"""A mail as plain values: header fields, people, bodies, attachments, each with the place it was read at.

Which part is body and which is attachment follows RFC 8621 (JMAP) 4.1.4: what a mail program shows. A message inside
the message is an attachment. Nothing is fetched: a picture by address stays an address.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from locus_dbt.parsers.mail_addresses import mailboxes
from locus_dbt.parsers.mail_dates import mail_date
from locus_dbt.parsers.mail_encodings import text_in, uuencoded
from locus_dbt.parsers.mail_headers import decoded_words
from locus_dbt.parsers.mail_tree import Part, Tree, read_tree

#: Roles of people and the field each is read from.
ROLES = {"from": "From", "sender": "Sender", "reply_to": "Reply-To", "to": "To", "cc": "Cc", "bcc": "Bcc"}
SHOWN = ("From", "Sender", "To", "Cc", "Bcc", "Reply-To", "Date", "Subject", "Message-ID", "In-Reply-To", "References")
_MESSAGE_ID = re.compile(r"<([^<>\s]+)>|([^\s<>,]+)")
_MEDIA = ("image/", "audio/", "video/")
_WANTED = {"text/plain": "text", "text/html": "html"}


@dataclass(frozen=True, slots=True)
class Value:
    """A text and where it stands; ``printed`` is its form in the document where that differs."""

    text: str
    place: str
    printed: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """A name and address in a role (``from``, ``sender``, ``reply_to``, ``to``, ``cc``, ``bcc``)."""

    role: str
    name: str
    address: str
    text: str
    place: str
    group: str = ""


@dataclass(frozen=True, slots=True)
class Body:
    """A text part: ``text/plain`` or ``text/html``."""

    kind: str
    text: str
    place: str


@dataclass(frozen=True, slots=True)
class Enclosed:
    """An attachment: its name as printed (may be empty or hold a path), and whether the body shows it."""

    name: str
    media_type: str
    data: bytes
    place: str
    inline: bool = False
    content_id: str = ""


@dataclass(frozen=True, slots=True)
class MailMessage:
    """All that is read from a mail. ``date`` is naive where no zone is printed, ``None`` where there is no date."""

    fields: Sequence[tuple[str, Value]]
    people: Sequence[Person]
    text: Sequence[Body]
    html: Sequence[Body]
    enclosed: Sequence[Enclosed]
    subject: Value | None = None
    message_id: Value | None = None
    in_reply_to: Value | None = None
    references: Sequence[Value] = ()
    date: datetime | None = None
    date_value: Value | None = None
    warnings: Sequence[str] = ()

    def of(self, role: str) -> list[Person]:
        """The people in one role."""
        return [person for person in self.people if person.role == role]


@dataclass(slots=True)
class SortedParts:
    """Parts by what they are for (RFC 8621, 4.1.4)."""

    text: list[Part] = field(default_factory=list)
    html: list[Part] = field(default_factory=list)
    attached: list[Part] = field(default_factory=list)

    def take(self, parts: Sequence[Part], within: str, *, in_alternative: bool, want: str = "both") -> None:
        """Sort the parts of a multipart of the kind ``within``; ``want`` is the alternative that is being read."""
        texts, htmls = len(self.text), len(self.html)
        for i, part in enumerate(parts):
            if part.kind.startswith("multipart/") and (part.children or part.boundary):
                inner = part.kind[10:]
                self.take(part.children, inner, in_alternative=in_alternative or inner == "alternative", want=want)
            elif not _shown(part, i, within):
                self.attached.append(part)
            elif within == "alternative":
                {"text/plain": self.text, "text/html": self.html}.get(_text_kind(part), self.attached).append(part)
            else:
                want = _WANTED.get(_text_kind(part), want) if in_alternative else want
                self._show(part, want)
        if within == "alternative":
            self._complete(texts, htmls)

    def _show(self, part: Part, want: str) -> None:
        if part.kind.startswith(_MEDIA):
            self.attached.append(part)  # shown in the body, and a file all the same
            return
        if want != "html":
            self.text.append(part)
        if want != "text":
            self.html.append(part)

    def _complete(self, texts: int, htmls: int) -> None:
        """Alternatives of one kind only stand for the other kind too."""
        if texts == len(self.text) and htmls != len(self.html):
            self.text.extend(self.html[htmls:])
        elif htmls == len(self.html) and texts != len(self.text):
            self.html.extend(self.text[texts:])


def read_message(data: bytes, *, filename: str = "", unlabelled: str | None = None) -> MailMessage:
    """Read a mail from its bytes; raises E206 beyond the limits of parts, levels and fields.

    ``unlabelled`` is the encoding of 8-bit text that bears no label that fits; without it, it is found out.
    """
    data = _as_lines(data)
    tree = read_tree(data, unlabelled=unlabelled)
    return _MessageReader(data, tree, filename, unlabelled).message()


def _as_lines(data: bytes) -> bytes:
    """UTF-16 as UTF-8, old line ends as new ones: header and boundaries are found by bytes."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        data = data.decode("utf-16", errors="replace").encode("utf-8")
    data = data.removeprefix(b"\xef\xbb\xbf")
    return data if b"\n" in data else data.replace(b"\r", b"\n")


class _MessageReader:
    def __init__(self, data: bytes, tree: Tree, filename: str, unlabelled: str | None) -> None:
        self._data = data
        self._unlabelled = unlabelled
        self._root = tree.root
        self._filename = filename
        self._warnings = list(tree.warnings)
        self._from_text: list[Enclosed] = []

    def message(self) -> MailMessage:
        parts = sort_parts(self._root)
        text = [self._body(part) for part in parts.text]
        seen = {body.place: body for body in text}
        html = [seen.get(self._place(part)) or self._body(part) for part in parts.html]
        enclosed = [*(self._enclosed(part) for part in parts.attached), *self._from_text]
        head = self._root.headers
        date = head.last("date")
        subject = self._value("Subject")
        return MailMessage(
            fields=[
                (name, Value(one.text, f"header {name}", one.raw)) for name in SHOWN for one in head.all(name.lower())
            ],
            people=[person for role in ROLES for person in self._people(role)],
            text=text,
            html=html,
            enclosed=enclosed,
            subject=subject,
            message_id=self._id("Message-ID"),
            in_reply_to=self._id("In-Reply-To"),
            references=self._ids("References"),
            date=mail_date(date.raw) if date else None,
            date_value=Value(date.text, "header Date") if date else None,
            warnings=self._warnings,
        )

    def _value(self, name: str) -> Value | None:
        found = self._root.headers.last(name.lower())
        return Value(found.text, f"header {name}", found.raw) if found and found.text else None

    def _ids(self, name: str) -> list[Value]:
        found = self._root.headers.last(name.lower())
        ids = [a or b for a, b in _MESSAGE_ID.findall(found.text)] if found else []
        return [Value(one, f"header {name}") for one in ids]

    def _id(self, name: str) -> Value | None:
        found = self._root.headers.last(name.lower())
        if found is None or not found.text:
            return None
        bracketed = re.search(r"<([^<>]+)>", found.text)
        return Value((bracketed[1] if bracketed else found.text).strip().strip("<>"), f"header {name}", found.text)

    def _people(self, role: str) -> list[Person]:
        place = f"header {ROLES[role]}"
        boxes = (box for one in self._root.headers.all(ROLES[role].lower()) for box in mailboxes(one.raw))
        found = (Person(role, box.name, box.address, box.text, place, box.group) for box in boxes)
        return list(dict.fromkeys(found))

    def _place(self, part: Part) -> str:
        return f"part {part.path} line {part.line}" if part.path else f"line {part.line}"

    def _content(self, part: Part) -> bytes:
        content, problem = part.content(self._data)
        if problem:
            self._warnings.append(f"{self._place(part)}: {problem}")
        if not part.ended:
            self._warnings.append(f"{self._place(part)}: the part ends with the file, not with its boundary")
        return content

    def _body(self, part: Part) -> Body:
        content = self._content(part)
        kind = "text/html" if part.kind == "text/html" else "text/plain"
        if kind == "text/plain" and b"\nbegin" in b"\n" + content:
            content = self._without_files(content, part)
        charset = part.content_type.params.get("charset")
        text = text_in(content, charset, filename=self._filename, unlabelled=self._unlabelled)
        if kind == "text/plain":
            text = text.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")
        return Body(kind, text, self._place(part))

    def _without_files(self, content: bytes, part: Part) -> bytes:
        """Uuencoded files inside a text are attachments."""
        kept, at = [], 0
        for (start, stop), name, data in uuencoded(content):
            kept.append(content[at:start])
            at = stop
            self._from_text.append(Enclosed(text_in(name, None), "application/octet-stream", data, self._place(part)))
        return b"".join([*kept, content[at:]])

    def _enclosed(self, part: Part) -> Enclosed:
        content = self._content(part)
        cid = part.headers.value("content-id").strip().strip("<>")
        inline = part.disposition.value == "inline" or (bool(cid) and part.disposition.value != "attachment")
        name = decoded_words(part.filename)
        return Enclosed(name, part.kind, content, self._place(part), inline, cid)


def sort_parts(root: Part) -> SortedParts:
    """Which parts are shown as text, which as HTML, and which are attached."""
    found = SortedParts()
    if root.is_multipart:
        found.take(root.children, root.kind[10:], in_alternative=root.kind == "multipart/alternative")
    elif not (root.kind.startswith("multipart/") and root.boundary):
        found.take([root], "mixed", in_alternative=False)
    return found


def _text_kind(part: Part) -> str:
    return "text/plain" if part.kind.startswith("multipart/") else part.kind


def _shown(part: Part, i: int, within: str) -> bool:
    """RFC 8621: text, HTML and media that are no attachment by name, place or their own word."""
    kind = _text_kind(part)
    media = kind.startswith(_MEDIA)
    if part.disposition.value == "attachment" or not (kind in ("text/plain", "text/html") or media):
        return False
    return i == 0 or (within != "related" and (media or not part.filename))
