"""Logs of several styles through the image log-parser: what comes out, and what must hold for any log."""

# ruff: noqa: DTZ001 - a log prints local times; the image keeps them as printed

import datetime as dt
import hashlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from locus_dbt.core.builder import TableBuilder
from locus_dbt.core.params import check_params
from locus_dbt.images import log_parser
from locus_dbt.images.log_parser.image import extract
from locus_dbt.images.log_parser.log_header import learn
from locus_dbt.images.log_parser.log_time import read_time
from locus_dbt.images.log_parser.template_miner import mine
from locus_dbt.model.document import Document
from locus_dbt.model.element import Parsed
from locus_dbt.model.errors import InputError
from locus_dbt.parsers.decoding import decode
from locus_dbt.testing import load_image

IMAGE = load_image(Path(log_parser.__file__).parent)


def never(document: Document) -> Parsed:
    raise AssertionError(f"{document.filename} is not parsed")


def run(text: str | bytes, media_type: str = "text/plain", **given: Any) -> tuple[list[dict[str, Any]], TableBuilder]:
    data = text.encode() if isinstance(text, str) else text
    params = check_params(IMAGE.manifest, given)
    output = IMAGE.manifest.emits.outputs[params["shape"]]
    table = TableBuilder({c.name: c.type for c in output.columns})
    extract(Document("x.log", media_type, hashlib.sha256(data).hexdigest(), data, never), params, table)
    return table.rows_table().to_pylist(), table


# Each style: lines that one statement wrote stand in one row.
STYLES = {
    "cluster": [
        [f"unit unit-{n} has lost its link on network 10.5.{n}.0 over port ee{n % 3}" for n in range(5, 12)],
        [f"unit unit-{n} found a link on network 10.5.{n}.0 over port alt{n % 3}" for n in range(5, 12)],
        [f"fan speeds ( {n} {n + 7} {n * 2} {n} )" for n in range(3000, 3009)],
        [f"outside={n}" for n in range(25, 35)],
        [f"start (order {n})" for n in range(1900, 1906)],
        [f"stop (order {n})" for n in range(1900, 1906)],
    ],
    "map reduce": [
        [f"State of attempt_17{n}_0020_m_00000{n % 7}_0 is : 0.{n}" for n in range(10, 30)],
        [f"attempt_17{n}_0020_m_000001_0 moved from NEW to RUNNING" for n in range(10, 17)],
        [f"attempt_17{n}_0020_m_000001_0 moved from RUNNING to DONE" for n in range(10, 17)],
        [f"Retrying server: rack{n}.example.com/10.1.2.{n}:8030. Tried {n} time(s)" for n in range(1, 9)],
        [f"Recovery of BP-10{n}-10.0.0.1-144:blk_10{n}_77 on 10.0.0.1:5001, 10.0.0.{n}:5001" for n in range(1, 9)],
    ],
    "cloud": [
        [f"[instance: 8f14e45f-ceea-467f-a9b5-6b2f0c1d{n}] machine {state} (by event)" for n in range(4000, 4008)]
        for state in ("Started", "Stopped", "Paused")
    ]
    + [[f'10.11.10.{n} "GET /v3/{n}f/disks/list HTTP/1.1" status: 200 len: {n} time: 0.{n}' for n in range(1, 9)]]
    + [[f"Built machine {n} in {n}.5 seconds." for n in range(1, 9)]],
    "steps": [
        [f"onWalkChanged {n}" for n in range(1200, 1210)],
        [f"readTotals = 17140{n}##61{n}##52{n}##8100" for n in range(300, 310)],
        [f"SUMMARY : {n} {n + 2} 150 {n * 3}" for n in range(7000, 7009)],
        ["write out buffers"] * 3,
    ],
    "servicing": [
        [rf"Loaded stack v6.1.76{n} with core: C:\Windows\winsxs\amd64_{n}\core.dll" for n in range(10, 19)],
        [f"Read package: Update_for_QX31{n}55~31bf~amd64~~6.1.1.{n}, state: {n}" for n in range(10, 19)],
        [f"Could not send, flags: 0x{n} [RESULT = 0x80001234 - E_SEND]" for n in range(2, 9)],
        ["Starting the set-up."] * 3,
        ["Ending the set-up."] * 3,
    ],
    "mail": [
        [f"session opened for user {u} by (uid=0)" for u in ("root", "news", "anna", "root")],
        [f"session closed for user {u}" for u in ("root", "news", "anna", "root")],
        [f"jB{n}77: from={u}, size={n}, relay={u}@localhost" for n, u in ((101, "root"), (202, "anna"), (303, "root"))],
        [f"connection from 10.0.0.{n} ({h}) at Mon Jun  {n} 10:11:12 2026" for n, h in ((1, ""), (2, "a.example.com"))],
        [f"a.example.com:{n} closed, {s} sent, in <1 s" for n, s in ((80, "9 bytes"), (81, "2168 bytes (2.11 KB)"))],
    ],
}  # fmt: skip


@pytest.mark.parametrize("style", STYLES)
def test_lines_of_one_statement_are_one_event(style: str) -> None:
    messages = [(number, line) for number, lines in enumerate(STYLES[style]) for line in lines]
    groups = mine([line for _, line in messages]).group
    made = {(number, group) for (number, _), group in zip(messages, groups, strict=True)}
    assert len(made) == len(STYLES[style]) == len(set(groups)), sorted(made)


def test_order_of_lines_changes_no_template() -> None:
    messages = [line for rows in STYLES.values() for lines in rows for line in lines]
    there = mine(messages)
    back = mine(messages[::-1])
    assert [there.templates[g] for g in there.group] == [back.templates[g] for g in back.group][::-1]


def test_lines_of_another_program_leave_the_events_as_they_are() -> None:
    messages = [line for lines in STYLES["servicing"] for line in lines]
    more = [line for lines in STYLES["map reduce"] for line in lines]
    alone, together = mine(messages), mine(messages + more)
    before = [alone.templates[g].event_id for g in alone.group]
    after = [together.templates[g].event_id for g in together.group][: len(messages)]
    assert before == after


WORDS = st.sampled_from(
    r"""start stop user root for from a.example.com:80 = ( ) [ ] { } , ; : ' " 10.0.0.1 /a/b.c 0xff 12 ms 3.5KB x7 -
    key=value key= Mon Jun 5 10:11:12 2026 <*> # | é 8f14e45f-ceea-467f-a9b5-6b2f0c1d9e77 ... C:\a\b""".split()  # noqa: SIM905 - forty quotation marks say nothing
)
LINES = st.lists(st.lists(WORDS, max_size=8).map(" ".join) | st.text(max_size=30), max_size=20)


def blanks_as_one(text: str) -> str:
    return "".join(text.split())


@settings(max_examples=200, deadline=None)
@given(LINES)
def test_template_with_its_parameters_is_the_message(messages: list[str]) -> None:
    mined = mine(messages)
    for message, group, ranges in zip(messages, mined.group, mined.ranges, strict=True):
        values = [message[start:stop] for start, stop in ranges]
        assert list(ranges) == sorted(ranges)
        assert blanks_as_one(mined.templates[group].render(values)) == blanks_as_one(message)
    assert mine(messages) == mined


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.text(max_size=60) | st.just("2026-01-02 03:04:05 INFO a.B: x"), max_size=30),
    st.sampled_from(["auto", "none"]),
)
def test_no_character_of_a_log_is_lost(lines: list[str], header: str) -> None:
    rows, _ = run("\n".join(lines).encode("utf-8", "replace"), header=header)
    printed = "".join((row["header"] or "") + (row["content"] or "") for row in rows)
    text, _ = decode("\n".join(lines).encode("utf-8", "replace"))
    assert blanks_as_one(printed) == blanks_as_one(text.replace("\0", ""))


HEADERS = {
    "[Sun Mar 01 05:06:07 2026] [notice] ready": (dt.datetime(2026, 3, 1, 5, 6, 7), "notice", None, None, None),
    "260301 050607 52 INFO store.Shelf$Box: ready": (
        dt.datetime(2026, 3, 1, 5, 6, 7), "INFO", "store.Shelf$Box", "52", None,
    ),
    "26/03/01 05:06:07 WARN a.B: ready": (dt.datetime(2026, 3, 1, 5, 6, 7), "WARN", "a.B", None, None),
    "2026-03-01 05:06:07, Info                  PKG    ready": (
        dt.datetime(2026, 3, 1, 5, 6, 7), "Info", "PKG", None, None,
    ),
    "03-01 05:06:07.089  410  411 D Lamp: ready": (None, "D", "Lamp", "410", None),
    "Mar  1 05:06:07 harbor login(pam)[812]: ready": (None, None, "login(pam)", "812", "harbor"),
    "20260301-05:06:07:089|Walk|40012|ready": (
        dt.datetime(2026, 3, 1, 5, 6, 7, 89000), None, "Walk", "40012", None,
    ),
    "2026-03-01 05:06:07,089 - INFO  [Peer[id=4]/0:0:0:0:9000:Vote@12] - ready": (
        dt.datetime(2026, 3, 1, 5, 6, 7, 89000), "INFO", "Peer[id=4]/0:0:0:0:9000:Vote@12", None, None,
    ),
    "2026-03-01 05:06:07,089 INFO [main] org.example.App: ready": (
        dt.datetime(2026, 3, 1, 5, 6, 7, 89000), "INFO", "org.example.App", "main", None,
    ),
    "[03.01 05:06:07] viewer.exe - ready": (None, None, "viewer.exe", None, None),
    "1733000000.250 INFO ready": (dt.datetime(2024, 11, 30, 20, 53, 20, 250000), "INFO", None, None, None),
    "2026-01-05T10:00:00.5+02:00 web-1 nginx[7]: ready": (
        dt.datetime(2026, 1, 5, 10, 0, 0, 500000), None, "nginx", "7", "web-1",
    ),
    "ERROR: ready": (None, "ERROR", None, None, None),
    "ready": (None, None, None, None, None),
}  # fmt: skip


@pytest.mark.parametrize("line", HEADERS)
def test_header_is_learned_from_the_lines(line: str) -> None:
    rows, _ = run("\n".join([line] * 5))
    row = rows[2]
    assert row["content"] == "ready"
    assert tuple(row[c] for c in ("logged_at", "level", "component", "process_id", "host")) == HEADERS[line]


def test_components_of_several_words_and_records_without_one() -> None:
    usual = [f"Jul  1 09:00:{n} desk kernel[0]: en{n % 2}: link {n}" for n in range(10, 20)]
    odd = ["Jul  1 09:01:00 desk Note Pad Helper[71]: saved 3", "Jul  1 09:01:01 desk launchd[1] (a.b.c[9]): exited 4"]
    rows, _ = run("\n".join([*usual, *odd, "Jul  1 09:01:02 desk last message repeated 2 times"]))
    assert [(r["component"], r["process_id"], r["content"]) for r in rows[-3:]] == [
        ("Note Pad Helper", "71", "saved 3"),
        ("launchd", "1", "exited 4"),
        (None, None, "last message repeated 2 times"),
    ]


def test_year_completes_times_without_one() -> None:
    rows, _ = run("Jun 14 05:06:01 harbor cron[1]: a\nJun 14 05:06:02 harbor cron[1]: b", year=2025)
    assert [row["logged_at"] for row in rows] == [dt.datetime(2025, 6, 14, 5, 6, s) for s in (1, 2)]
    assert read_time("Feb 29 01:02:03", year=2025) is None
    assert read_time("5/6/2016 01:02:03") is None
    assert read_time("13/6/2016 01:02:03") == dt.datetime(2016, 6, 13, 1, 2, 3)


def test_format_with_named_fields() -> None:
    text = "2026-01-05 10:00:00 <7> lamp/on: bright 7\n2026-01-05 10:00:01 <8> lamp/off: dark 8\n  and more"
    rows, _ = run(text, header="<date> <time> <<pid>> <component>: <content>")
    assert [(r["logged_at"].second, r["process_id"], r["component"]) for r in rows] == [
        (0, "7", "lamp/on"),
        (1, "8", "lamp/off"),
    ]
    assert rows[1]["content"] == "dark 8\n  and more"
    with pytest.raises(InputError, match="no format"):
        run(text, header="<date> <time>")


def test_parameters_point_at_their_characters() -> None:
    text = "2026-01-05 10:00:00 INFO a.B: took 5 ms for /a/b\n2026-01-05 10:00:01 INFO a.B: took 71 ms for /a/c\n"
    rows, _ = run(text, shape="parameters")
    lines = text.splitlines()
    assert [(r["value"], r["value_type"]) for r in rows] == [
        ("5", "duration"), ("/a/b", "path"), ("71", "duration"), ("/a/c", "path"),
    ]  # fmt: skip
    assert all(lines[r["line_no"] - 1][r["char_start"] : r["char_stop"]] == r["value"] for r in rows)


def test_encodings_and_line_ends() -> None:
    text = "2026-01-05 10:00:00 INFO Tür 5 offen\r\n2026-01-05 10:00:01 INFO Tür 6 offen\r\n"
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le"):
        rows, _ = run(text.encode(encoding))
        assert [row["template"] for row in rows] == ["Tür <*> offen"] * 2


def test_lines_that_are_no_json_are_told() -> None:
    rows, table = run('{"msg": "a 1"}\n{"msg": \n[1]\n{"msg": "a 2"}', "application/x-ndjson")
    assert [row["template"] for row in rows] == ["a <*>"] * 2
    assert [reject["place"] for reject in table.rejects] == ["line 2", "line 3"]


@pytest.mark.parametrize(
    "line",
    ["1,234" * 4000, "a=" * 8000, "((((" * 4000, " " * 40_000 + "x", "[" * 20_000, "a.b:1 " * 5000, "/a" * 20_000,
     "9:" * 20_000],
)  # fmt: skip
def test_long_lines_take_linear_time(line: str) -> None:
    rows, _ = run("\n".join([line, line + "y"]))
    assert len(rows) == 2


def test_what_is_no_log_has_no_header() -> None:
    assert learn(["Dear reader,", "this is a letter of 2026.", "Yours"]).kinds == ()
    with pytest.raises(InputError, match="no line is a request"):
        run("Dear reader,\nthis is a letter.", shape="requests")
