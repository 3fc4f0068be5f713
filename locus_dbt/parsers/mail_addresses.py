"""Mailboxes in a header field: RFC 5322 with its obsolete forms, groups and comments, and what programs make of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from locus_dbt.parsers.mail_headers import decoded_words, scanned

_MAX_MAILBOXES = 100_000
_ANGLE = re.compile(r"<([^<>]*)>?")


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A person: display name and address, either may be empty; ``text`` is what is printed."""

    name: str
    address: str
    text: str
    group: str = ""


def mailboxes(raw: str) -> list[Mailbox]:
    """The mailboxes of a field; a group's members are listed one by one."""
    found: list[Mailbox] = []
    for group, piece in _pieces(raw):
        one = _mailbox(piece, group)
        if one is not None:
            found.append(one)
        if len(found) >= _MAX_MAILBOXES:
            break
    return found


def _pieces(raw: str) -> Iterator[tuple[str, str]]:
    """``(group, text)`` of each mailbox: parted by commas outside quotes, comments and angles."""
    group, angle, addressed = "", False, False
    buffer: list[str] = []
    if raw.count('"') % 2:  # a quote without end would swallow all that follows
        at = raw.rindex('"')
        raw = raw[:at] + raw[at + 1 :]
    closing = raw.rfind(">")
    for i, (char, depth, literal) in enumerate(scanned(raw)):
        special = not (depth or literal)
        addressed = addressed or char == "@"
        if special and char in "<>":
            angle = char == "<" and i < closing
        elif special and not angle and char == ":" and not addressed:
            group, buffer = " ".join("".join(buffer).split()).strip('"'), []
            continue
        elif special and not angle and char in ",;":
            yield group, "".join(buffer)
            buffer, addressed = [], False
            group = "" if char == ";" else group
            continue
        buffer.append(char)
    yield group, "".join(buffer)


def _mailbox(piece: str, group: str) -> Mailbox | None:
    printed = " ".join(piece.split())
    if not printed:
        return None
    plain, comments = _parted(printed)
    angles = [m for m in _ANGLE.finditer(plain) if not _in_quotes(plain, m.start())]
    if angles:
        last = angles[-1]
        name = _phrase(plain[: last.start()]) or _phrase(plain[last.end() :])
        address = _address(last[1])
        if not address and "@" in name:  # "a@b.c" <>
            name, address = "", name
    else:
        name, address = _bare(plain)
    name = name or _phrase(" ".join(comments))
    if not name and not address:
        return None
    return Mailbox(name, address, printed, decoded_words(group))


def _in_quotes(text: str, at: int) -> bool:
    return text.count('"', 0, at) % 2 == 1 and '"' in text[at:]


def _bare(plain: str) -> tuple[str, str]:
    """A mailbox without angles: an address, words beside one, or a name alone."""
    if "@" not in decoded_words(plain):
        return _phrase(plain), ""
    tight = re.sub(r"\s*([@.])\s*", r"\1", plain) if not re.search(r'"', plain) else plain
    words = tight.split() if '"' not in tight else re.findall(r'"(?:[^"\\]|\\.)*"(?:@\S+)?|\S+', tight)
    with_at = [i for i, word in enumerate(words) if "@" in word]
    if not with_at:
        return _phrase(plain), ""
    at = with_at[-1]
    return _phrase(" ".join(words[:at] + words[at + 1 :])), _address(words[at].strip("<>[]'"))


def _parted(text: str) -> tuple[str, list[str]]:
    """The text without its comments, and the comments; one left open is none."""
    if "(" not in text:
        return text, []
    plain: list[str] = []
    comments: list[str] = []
    inside: list[str] = []
    level = 0
    for char, depth, literal in scanned(text):
        closing = char == ")" and not literal
        level = depth - closing
        if not depth:
            plain.append(char)
        elif depth == 1 and closing:
            comments.append("".join(inside))
            inside = []
        elif not (depth == 1 and char == "(" and not literal) and not (literal and char == "\\"):
            inside.append(char)
    return (text, []) if level > 0 else ("".join(plain), comments)


def _phrase(text: str) -> str:
    """A display name: quotes taken off, escapes undone, encoded words decoded."""
    text = text.strip().strip(",;")
    pieces = re.findall(r'"((?:[^"\\]|\\.)*)"|([^"]+)|"', text)
    plain = "".join(re.sub(r"\\(.)", r"\1", quoted) if quoted else bare for quoted, bare in pieces)
    name = decoded_words(plain).strip()
    if len(name) > 1 and name[0] == name[-1] and name[0] in "'\"":
        name = name[1:-1].strip()
    return name


def _address(text: str) -> str:
    """An address without source route, blanks around its dots and scheme."""
    address = _parted(text)[0].strip()
    if address.startswith("@") and ":" in address:
        address = address.rsplit(":", 1)[1]
    if address.lower().startswith(("mailto:", "smtp:")):
        address = address.split(":", 1)[1]
    if "=?" in address:
        address = decoded_words(address)
    if not address.startswith('"'):
        address = "".join(address.split())
    return address.strip("<>,; ")
