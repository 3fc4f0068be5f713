"""Outlook messages and mailboxes: what is in them, and what damage does."""

# ruff: noqa: E501 - a printed line is easier to read whole

from __future__ import annotations

import contextlib
import struct
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from locus_dbt.errors import InputError
from locus_dbt.parsers.detect import EML, MBOX, MSG, media_type
from locus_dbt.parsers.mail_message import read_message
from locus_dbt.parsers.mbox import messages
from locus_dbt.parsers.msg import read_msg
from locus_dbt.parsers.msg_rtf import unpacked, wrapped
from tests.make_fixtures.ole import container, outlook
from tests.make_fixtures.run_image import read

SENT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
INSIDE = outlook(
    {0x0037: "Inside: größer", 0x1000: "inner body", 0x0C1A: "In Ner", 0x0C1F: "in@example.org"},
    inside=True,
    sent=SENT,
    attachments=[{0x3707: "zahlen.txt", 0x3701: b"1 2 3"}],
)
MESSAGE = container(
    outlook(
        {0x0037: "Offer ä", 0x1000: "Hello\r\nWorld", 0x0042: "Erika", 0x5D02: "e@example.org", 0x1035: "<a@b>"},
        sent=SENT,
        recipients=[
            {0x3001: "Hans", 0x39FE: "hans@example.org", 0x0C15: 1},
            {0x3001: "c@example.org", 0x3003: "c@example.org", 0x0C15: 2},
            {0x3001: "Secret", 0x3003: "/O=ORG/CN=SECRET", 0x0C15: 3},
        ],
        attachments=[
            {0x3707: "plan.pdf", 0x370E: "application/pdf", 0x3701: b"%PDF-" + b"x" * 9000},
            {0x3001: "Inside", 0x3701: INSIDE},
        ],
    )
)
BOX = b"""From a@example.org Mon Jan  5 10:00:00 2026
Subject: one
From: a@example.org

>From here on
>>From there

From the start of a paragraph: no message
From b@example.org Mon Jan  5 11:00:00 2026
not a header, so no message either

From b@example.org Mon Jan  5 11:00:00 2026
Subject: two
From: b@example.org

bye
"""


def test_outlook_message() -> None:
    assert media_type(MESSAGE, "x") == MSG
    found = read_msg(MESSAGE)
    assert found.subject is not None
    assert found.subject.text == "Offer ä"
    assert found.date == SENT
    assert [(one.role, one.name, one.address) for one in found.people] == [
        ("from", "Erika", "e@example.org"), ("to", "Hans", "hans@example.org"), ("cc", "", "c@example.org"),
        ("bcc", "Secret", "/O=ORG/CN=SECRET"),
    ]  # fmt: skip
    assert found.text[0].text == "Hello\nWorld"
    assert [(one.name, one.media_type) for one in found.enclosed] == [
        ("plan.pdf", "application/pdf"), ("Inside", "message/rfc822"),
    ]  # fmt: skip


def test_message_inside_an_outlook_message_is_a_mail_of_its_own() -> None:
    parsed = read(MESSAGE, "x.msg").parsed
    child = read_message(parsed.attachments[1].data)
    assert child.subject is not None
    assert child.subject.text == "Inside: größer"
    assert child.date == SENT
    assert [(one.name, one.address) for one in child.people] == [("In Ner", "in@example.org")]
    assert child.text[0].text == "inner body"
    assert [(one.name, one.data) for one in child.enclosed] == [("zahlen.txt", b"1 2 3")]


def test_transport_headers_tell_the_senders_clock() -> None:
    headers = "Received: x\r\nDate: Sun, 1 Mar 2026 13:00:00 +0100\r\nReply-To: r@example.org\r\n"
    found = read_msg(container(outlook({0x0037: "x", 0x007D: headers}, sent=SENT)))
    assert found.date is not None
    assert found.date.isoformat() == "2026-03-01T13:00:00+01:00"
    assert found.of("reply_to")[0].address == "r@example.org"


def compressed(raw: bytes) -> bytes:
    """RTF in its compressed form, literals only."""
    body = b"".join(b"\0" + raw[i : i + 8] for i in range(0, len(raw), 8))
    return struct.pack("<IIII", len(body) + 12, len(raw), 0x75465A4C, 0) + body


def test_html_wrapped_in_compressed_rtf() -> None:
    rtf = (
        rb"{\rtf1\ansi\ansicpg1252\fromhtml1 {\fonttbl{\f0 Arial;}}{\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 Gr\'fc\'dfe \u8364?5"
        rb"\htmlrtf\par}\htmlrtf0 {\*\htmltag72 </p>}}"
    )
    found = read_msg(container(outlook({0x0037: "x", 0x1009: compressed(rtf)})))
    assert [(one.kind, one.text) for one in found.html] == [("text/html", "<p>Grüße €5</p>")]


def test_compressed_rtf_of_the_specification() -> None:
    """The two examples of MS-OXRTFCP 3.1 and 3.2: plain runs, and a reference that overlaps what it writes."""
    simple = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af82066656c0a0362 74206c696e".replace(" ", "")
    )  # the beginning of the first example: what is cut ends early
    assert (unpacked(simple) or b"").startswith(b"{\\rtf1\\ansi\\ansicpg1252\\pard")
    overlapping = bytes.fromhex("1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0")
    assert unpacked(overlapping) == b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}"


def test_plain_rtf_and_noise() -> None:
    assert wrapped(rb"{\rtf1\ansi{\fonttbl{\f0 Arial;}}Hello\par World}", codepage="cp1252") == (
        "text/plain", "Hello\nWorld",
    )  # fmt: skip
    assert unpacked(b"no rtf at all, just noise") is None


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(MESSAGE) - 1), st.integers(0, 255)), max_size=30), st.integers(0, 9000))
def test_damaged_outlook_message_is_read_or_refused(changes: list[tuple[int, int]], cut: int) -> None:
    data = bytearray(MESSAGE)
    for at, byte in changes:
        data[at] = byte
    with contextlib.suppress(InputError):
        read_msg(bytes(data[: len(data) - cut]))


def test_mailbox_parts_messages_and_undoes_its_quoting() -> None:
    assert media_type(BOX, "x") == MBOX
    found = list(messages(BOX))
    assert [line for line, _ in found] == [2, 13]
    first = read_message(found[0][1])
    assert first.text[0].text.startswith("From here on\n>From there\n")
    assert "not a header" in first.text[0].text


def test_prose_that_begins_with_from_is_no_mailbox() -> None:
    prose = b"From the beginning we knew\nNote: it was so\n\nFrom then on\nResult: none\n"
    assert media_type(prose, "x.txt") not in (MBOX, EML)
    assert media_type(b"From a@b.c\nSubject: one\nFrom: a@b.c\n\nx", "x") == EML
    box = BOX.replace(b"bye\n", prose)
    assert len(list(messages(box))) == 2
    untimed = b"From a@b.c\nSubject: one\n\nx\n\nFrom b@b.c\nSubject: two\n\ny\n"
    assert len(list(messages(untimed))) == 2


def test_mailbox_lists_its_messages_and_keeps_them_as_children() -> None:
    parsed = read(BOX, "x.mbox").parsed
    assert [one.name for one in parsed.attachments] == ["0001.eml", "0002.eml"]
    assert {one.media_type for one in parsed.attachments} == {EML}
    (table,) = parsed.tables
    assert table.text[-1] == "two"
    assert table.n_rows == 3


def test_message_file_with_an_envelope_line_is_a_message() -> None:
    data = b"From a@b.c Mon Jan  5 10:00:00 2026\nSubject: one\nFrom: a@b.c\n\nx\n"
    assert media_type(data, "x.eml") == EML
    found = read_message(data)
    assert found.subject is not None


def test_empty_container_is_refused() -> None:
    with pytest.raises(InputError):
        read_msg(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
