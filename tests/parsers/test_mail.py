"""Mail as it is written and as it arrives: old syntax, split words, wrong encodings, lost boundaries."""

# ruff: noqa: E501 - a printed line is easier to read whole

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta, timezone
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from locus_dbt.errors import InputError
from locus_dbt.parsers.mail_addresses import mailboxes
from locus_dbt.parsers.mail_dates import mail_date
from locus_dbt.parsers.mail_encodings import base64_decoded, quoted_printable_decoded, text_in
from locus_dbt.parsers.mail_headers import decoded_words, structured
from locus_dbt.parsers.mail_message import MailMessage, read_message
from tests.make_fixtures.run_image import read


def mail(text: str, encoding: str = "utf-8") -> MailMessage:
    return read_message(text.encode(encoding))


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("jdoe@example.org", [("", "jdoe@example.org")]),
        ("John Q. Public <jqp@example.org>", [("John Q. Public", "jqp@example.org")]),
        ('"Brandt, Jens" <jens@example.org>', [("Brandt, Jens", "jens@example.org")]),
        ("jdoe@example.org (John Doe)", [("John Doe", "jdoe@example.org")]),
        ('"Joe \\"Q\\" Public" <a@b.c>', [('Joe "Q" Public', "a@b.c")]),
        ("A Group:Chris <c@public.example>,joe@example.org;", [("Chris", "c@public.example"), ("", "joe@example.org")]),
        ("Undisclosed recipients:;", []),
        ("Mary Smith <@node.test:mary@example.net>, , jdoe@test  . example",
         [("Mary Smith", "mary@example.net"), ("", "jdoe@test.example")]),
        ("Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>", [("Pete", "pete@silly.test")]),
        ("=?utf-8?B?SsO8cmdlbg==?= <j@x.de>", [("Jürgen", "j@x.de")]),
        ("'Quoted' <q@x.de>; second@x.de", [("Quoted", "q@x.de"), ("", "second@x.de")]),
        ('"open quote <a@x.de>, b@x.de', [("open quote", "a@x.de"), ("", "b@x.de")]),
        ("Nobody", [("Nobody", "")]),
        ("<only@x.de>", [("", "only@x.de")]),
    ],
)  # fmt: skip
def test_mailboxes(raw: str, expected: list[tuple[str, str]]) -> None:
    assert [(one.name, one.address) for one in mailboxes(raw)] == expected


@given(
    st.lists(
        st.tuples(
            st.text(st.characters(categories=["L", "N"], include_characters=' ,;:<>@().-"\\'), max_size=20),
            st.from_regex(r"[a-z][a-z0-9.]{0,8}[a-z]@[a-z]{2,8}\.org", fullmatch=True),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_quoted_names_come_back(people: list[tuple[str, str]]) -> None:
    def quoted(name: str) -> str:
        return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '" '

    raw = ", ".join(f"{quoted(name)}<{address}>" for name, address in people)
    found = mailboxes(raw)
    assert [one.address for one in found] == [address for _, address in people]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Fri, 21 Nov 1997 09:55:06 -0600", "1997-11-21T09:55:06-06:00"),
        ("21 Nov 97 09:55:06 GMT", "1997-11-21T09:55:06+00:00"),
        ("Fri, 21 Nov 1997 09(comment):   55  :  06 -0600", "1997-11-21T09:55:06-06:00"),
        ("Thu,\r\n 13\r\n  Feb\r\n    1969\r\n 23:32 (A comment)\r\n -0330 (Newfoundland Time)", "1969-02-13T23:32:00-03:30"),
        ("Wed May 17 19:35:05 2000", "2000-05-17T19:35:05"),
        ("Wed May 17 19:35:05 PDT 2000", "2000-05-17T19:35:05-07:00"),
        ("1 Jan 2020 10:00:00 Z", "2020-01-01T10:00:00+00:00"),
        ("Di, 3 Mär 2020 10:00:00 MEZ", "2020-03-03T10:00:00+01:00"),
        ("2020-03-03T10:00:00+01:00", "2020-03-03T10:00:00+01:00"),
        ("Mon, 3 Mar 2020 10:00:60 +0000", "2020-03-03T10:00:59+00:00"),
        ("Mon, 3 Mar 2020 10:00:00 GMT+0200", "2020-03-03T10:00:00+02:00"),
        ("31 Feb 2020 10:00:00 +0000", None),
        ("yesterday", None),
    ],
)  # fmt: skip
def test_dates(raw: str, expected: str | None) -> None:
    found = mail_date(raw)
    assert (found.isoformat() if found else None) == expected


@given(st.datetimes(datetime(1971, 1, 1), datetime(2069, 1, 1)), st.integers(-14 * 60, 14 * 60))  # noqa: DTZ001
def test_written_dates_come_back(moment: datetime, minutes: int) -> None:
    made = moment.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=minutes)))
    sign = "-" if minutes < 0 else "+"
    zone = f"{sign}{abs(minutes) // 60:02d}{abs(minutes) % 60:02d}"
    month = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][made.month - 1]
    assert mail_date(f"{made.day} {month} {made.year} {made:%H:%M:%S} {zone}") == made


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("=?iso-8859-1?Q?a?= b", "a b"),
        ("=?iso-8859-1?Q?a?=\r\n =?iso-8859-1?Q?_b?=", "a b"),
        ("=?utf-8?B?w4M=?= =?utf-8?B?w7w=?=", "Ãü"),
        ("=?utf-8?Q?=C3?= =?utf-8?Q?=BC?=", "ü"),  # a letter split between two words
        ("=?utf-8?B?w7?= x", "\ufffd x"),
        ("=?x-unknown?Q?caf=C3=A9?=", "café"),
        ("=?utf-8*de?Q?T=C3=BCr?=", "Tür"),
        ("=?us-ascii?Q?plain", "=?us-ascii?Q?plain"),
        ("=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=", "日本"),
        ("=?utf-7?Q?+APw-ber?=", "über"),
    ],
)
def test_encoded_words(raw: str, expected: str) -> None:
    found = decoded_words(raw)
    assert found == expected or (expected.startswith("\ufffd") and found.endswith(" x"))


@given(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=60))
def test_subjects_of_the_standard_library_come_back(subject: str) -> None:
    message = EmailMessage(policy=SMTP)
    message["Subject"] = subject
    message.set_content("x")
    found = read_message(message.as_bytes()).subject
    assert found is not None
    if "=?" not in subject:
        assert found.text == " ".join(subject.split())


@pytest.mark.parametrize(
    ("raw", "params"),
    [
        ('text/plain; charset="utf-8" (a comment); format=flowed', {"charset": "utf-8", "format": "flowed"}),
        ("application/x; name*0*=utf-8''T%C3%BC; name*1=r.pdf", {"name": "Tür.pdf"}),
        ("application/x; filename*=iso-8859-1'de'T%FCr.txt; filename=T_r.txt", {"filename": "Tür.txt"}),
        ("application/x; name=my file.pdf; x=1", {"name": "my file.pdf", "x": "1"}),
        ('message/external-body; access-type=mail-server server="a@b"', {"access-type": "mail-server", "server": "a@b"}),
        ('text/plain; name="C:\\reports\\may.txt"', {"name": "C:\\reports\\may.txt"}),
        ('text/plain; name="=?utf-8?Q?T=C3=BCr?="', {"name": "Tür"}),
    ],
)  # fmt: skip
def test_parameters(raw: str, params: dict[str, str]) -> None:
    assert structured(raw).params == params


def test_transfer_encodings_take_damage() -> None:
    assert base64_decoded(b"SGVs\r\n!bG8=\r\n")[0] == b"Hello"
    assert base64_decoded(b"SGVsbG8")[0] == b"Hello"
    assert base64_decoded(b"SGk=SGk=")[0] == b"HiHi"
    assert base64_decoded(b"SGVsbG8= ignored?")[1] != ""
    assert quoted_printable_decoded(b"a=20\r\nb =\r\nc=ZZ=") == b"a \r\nb c=ZZ"
    assert text_in(b"+APw-ber", "utf-7") == "über"
    assert text_in("über".encode("utf-16-le"), "utf-16-le") == "über"
    assert text_in(b"caf\xe9", "no-such-set") == "café"


def test_header_of_raw_letters_and_a_missing_blank_line() -> None:
    found = mail("Subject: Grüße\r\nFrom: Jörg <j@x.de>\r\nHello there\r\nSecond line\r\n", "latin-1")
    assert found.subject is not None
    assert found.subject.text == "Grüße"
    assert found.of("from")[0].name == "Jörg"
    assert found.text[0].text.startswith("Hello there")
    assert any("no blank line" in warning for warning in found.warnings)


def test_field_that_stands_twice_is_the_senders() -> None:
    found = mail("Subject: relay\nFrom: a@x\nFrom: b@x\nSubject: sender\n\nx")
    assert found.subject is not None
    assert found.subject.text == "sender"
    assert [one.address for one in found.of("from")] == ["a@x", "b@x"]


NESTED = """\
Subject: nested
Content-Type: multipart/mixed; boundary=out

preamble
--out
Content-Type: multipart/alternative; boundary="in ner"

--in ner
Content-Type: text/plain

Hello
--in ner
Content-Type: text/html

<p>Hello</p>
--in ner--
--out
Content-Type: message/rfc822

Subject: inside

inner text
--out
Content-Type: text/plain; name=notes.txt

a file
--out
Content-Disposition: attachment; filename="../../etc/passwd"

x
--out--
epilogue
"""


def test_parts_are_sorted_as_mail_programs_do() -> None:
    found = mail(NESTED)
    assert [body.text for body in found.text] == ["Hello"]
    assert [body.text for body in found.html] == ["<p>Hello</p>"]
    assert [(one.media_type, one.name) for one in found.enclosed] == [
        ("message/rfc822", ""), ("text/plain", "notes.txt"), ("text/plain", "../../etc/passwd"),
    ]  # fmt: skip
    assert found.text[0].place == "part 1.1 line 11"
    assert not found.warnings


def test_child_documents_have_no_path_in_their_name() -> None:
    parsed = read(NESTED.encode(), "x.eml").parsed
    assert [one.name for one in parsed.attachments] == ["part-1.eml", "notes.txt", "passwd"]
    assert parsed.attachments[0].data.startswith(b"Subject: inside")


@pytest.mark.parametrize("cut", [b"--out--\nepilogue\n", b"--in ner--\n"])
def test_missing_closing_boundary_loses_nothing(cut: bytes) -> None:
    found = read_message(NESTED.encode().replace(cut, b""))
    assert [body.text for body in found.text] == ["Hello"]
    assert len(found.enclosed) == 3
    assert any("boundary" in warning for warning in found.warnings)


def test_message_cut_in_its_text_keeps_what_is_there() -> None:
    found = read_message(NESTED.encode()[: NESTED.index("<p>Hello") + 5])
    assert [body.text for body in found.text] == ["Hello"]
    assert found.html[0].text == "<p>He"
    assert found.warnings


def test_wrong_and_lost_boundaries() -> None:
    body = "\n\n--real\nContent-Type: text/plain\n\none\n--real\nContent-Type: text/plain\n\ntwo\n--real--\n"
    for declared in ("multipart/mixed; boundary=other", "multipart/mixed"):
        found = mail(f"Content-Type: {declared}{body}")
        assert [one.text for one in found.text] == ["one", "two"]
        assert found.warnings
    found = mail("Content-Type: multipart/mixed; boundary=none\n\nonly a text")
    assert found.text[0].text == "only a text"
    assert found.warnings


def test_uuencoded_file_in_a_text_is_an_attachment() -> None:
    import binascii

    line = binascii.b2a_uu(b"hello world").decode()
    found = mail(f"Subject: x\n\nSee below.\n\nbegin 644 hello.txt\n{line}`\nend\nBye\n")
    assert [(one.name, one.data) for one in found.enclosed] == [("hello.txt", b"hello world")]
    assert "begin" not in found.text[0].text
    assert "Bye" in found.text[0].text


def test_mail_in_utf_16_and_with_old_line_ends() -> None:
    text = "Subject: Grüße\nFrom: a@b.c\n\nHallo\n"
    for data in (text.encode("utf-16"), text.replace("\n", "\r").encode(), b"\xef\xbb\xbf" + text.encode()):
        found = read_message(data)
        assert found.subject is not None
        assert found.subject.text == "Grüße"
        assert found.text[0].text.strip() == "Hallo"


def test_limits_are_kept() -> None:
    many = "Content-Type: multipart/mixed; boundary=a\n\n" + "--a\n\nx\n" * 1100
    with pytest.raises(InputError, match="parts") as refused:
        mail(many)
    assert refused.value.code == "E206"
    deep = "".join(f"Content-Type: multipart/mixed; boundary=b{i}\n\n--b{i}\n" for i in range(50))
    with pytest.raises(InputError, match="levels"):
        mail(deep)


def test_hostile_repetition_ends_soon() -> None:
    for text in ("(" * 50_000, '"' * 50_001, "<" * 50_000, "=?utf-8?Q?" * 20_000, "a@" * 50_000, ";" * 50_000):
        read_message(f"From: {text}\nContent-Type: text/plain; x={text}\nDate: {text}\nSubject: {text}\n\nx".encode())


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(InputError):
        read_message(b"Content-Type: multipart/mixed; boundary=a\n--a\n" + data)


def test_moment_has_the_printed_offset() -> None:
    found = mail("Date: Mon, 5 Jan 2026 10:00:00 -0500\n\nx")
    assert found.date is not None
    assert found.date.astimezone(UTC) == datetime(2026, 1, 5, 15, tzinfo=UTC)


def test_the_encoding_that_the_user_knows_is_that_of_bytes_without_a_label() -> None:
    """A label that fits stays; a body's label says nothing of the header."""
    raw = (
        b"From: Zo\xeb <z@example.org>\nSubject: caf\xe9 =?iso-8859-1?Q?na\xefve?=\n"
        b"Content-Type: text/plain; charset=iso-8859-1\n\nd\xe9j\xe0\n"
    )
    guessed = read_message(raw)
    assert guessed.subject is not None
    assert guessed.subject.text == "café naïve"
    told = read_message(raw, unlabelled="cp1251")
    assert told.subject is not None
    assert told.subject.text == "cafй naïve"
    assert told.of("from")[0].name == "Zoл"
    assert told.text[0].text == "déjà\n"


def _alternative(plain: str, rich: str) -> bytes:
    message = EmailMessage()
    message["From"], message["Subject"] = "a@example.org", "x"
    message.set_content(plain)
    message.add_alternative(rich, subtype="html")
    return message.as_bytes()


def test_of_two_forms_of_one_text_one_is_read_and_of_two_texts_both() -> None:
    rich = "<p>The hall opens on Monday at nine &amp; closes at six.</p>"
    same = read(_alternative("The hall opens on Monday at nine & closes at six.\n", rich), "x.eml").parsed
    assert sum("hall opens" in block.text for block in same.pages[0].blocks) == 1
    other = read(_alternative("Our prices rise next year by three percent, see the list.\n", rich), "x.eml").parsed
    assert any("prices rise" in block.text for block in other.pages[0].blocks)
    assert any("hall opens" in block.text for block in other.pages[0].blocks)
    assert any("both are read" in warning for warning in other.warnings)
