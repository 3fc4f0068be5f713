"""``locus openlineage`` and ``locus events``: files, pipes, a real server on this machine, and what the log holds."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import duckdb
import pytest

import locus_dbt
from locus_dbt.engine.build import build_model
from tests.cli.conftest import Locus
from tests.conftest import write_pdf
from tests.openlineage_schemas import errors_of


def _build(root: Path, *, fail: bool = False) -> None:
    connection = duckdb.connect(str(root / "shop.duckdb"))
    try:
        session = locus_dbt.attach(connection, root)
        build_model(connection, session, "stg", "select * from locus_acme_totals('documents/**/*.pdf')")
        build_model(connection, session, "mart", "select amount, _locus_row_id from stg where amount > 10")
        if fail:
            with pytest.raises(duckdb.Error):
                build_model(connection, session, "bad", "select error('password: hunter22'), _locus_row_id from stg")
    finally:
        connection.close()


@pytest.fixture
def shop(locus: Locus, tmp_path: Path) -> Path:
    write_pdf(tmp_path / "documents" / "a.pdf", ["Total 119.00"])
    write_pdf(tmp_path / "documents" / "b.pdf", ["Total 7.00"])
    _build(tmp_path, fail=True)
    return tmp_path


@dataclass
class Server:
    """A lineage server: what it got, and what it answers."""

    url: str
    got: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)


@pytest.fixture
def server() -> Iterator[Server]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.got.append((self.path, {k.lower(): v for k, v in self.headers.items()}, json.loads(body)))
            status = found.statuses.pop(0) if found.statuses else 201
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "/elsewhere")
            answer = b'{"error": "token=abcdefgh no"}' if status >= 400 else b""
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = Server(f"http://127.0.0.1:{listening.server_address[1]}")
    thread = threading.Thread(target=listening.serve_forever, daemon=True)
    thread.start()
    yield found
    listening.shutdown()
    listening.server_close()
    thread.join(5)


def _events(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def _kinds(events: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(e["job"]["name"], e["eventType"]) for e in events]


_ALL = [(f"main.{name}", kind) for name in ("stg", "mart") for kind in ("START", "COMPLETE")]
_FAILED = [("main.bad", "START"), ("main.bad", "FAIL")]


# --- openlineage -----------------------------------------------------------------------------------------------------


def test_json_lines_on_the_standard_output(locus: Locus, shop: Path) -> None:
    answer = locus("openlineage", "--database", shop / "shop.duckdb", "--namespace", "accounts")
    assert answer.code == 0, answer.err
    events = _events(answer.out)
    assert _kinds(events) == _ALL + _FAILED
    assert [errors_of(e) for e in events] == [[]] * 6
    assert {e["job"]["namespace"] for e in events} == {"accounts"}
    assert {(d["namespace"], d["name"]) for d in events[1]["outputs"]} == {("duckdb://shop.duckdb", "shop.main.stg")}
    message = events[-1]["run"]["facets"]["errorMessage"]["message"]
    assert "password" in message
    assert "hunter22" not in answer.out
    assert locus("openlineage", "--database", shop / "shop.duckdb", "--namespace", "accounts").out == answer.out


def test_one_model_from_a_moment_on_to_a_file(locus: Locus, shop: Path) -> None:
    found = locus("openlineage", "-d", shop / "shop.duckdb", "-m", "mart", "-o", "events.jsonl")
    assert (found.code, found.out, found.err) == (0, "", "2 events in events.jsonl\n")
    assert _kinds(_events((shop / "events.jsonl").read_text("utf-8"))) == _ALL[2:]
    assert [p.name for p in shop.iterdir() if p.name.startswith(".part-")] == []
    assert locus("openlineage", "-d", shop / "shop.duckdb", "--since", "2999-01-01").out == ""
    assert "not a time: 'soon'" in locus("openlineage", "-d", shop / "shop.duckdb", "--since", "soon").err
    assert "did you mean 'main.mart'?" in locus("openlineage", "-d", shop / "shop.duckdb", "-m", "main.mrt").err
    assert "[E403]" in locus("openlineage", "-d", shop / "shop.duckdb", "-o", "no/such/folder.jsonl").err


def test_a_server_gets_every_event_in_order(
    locus: Locus, shop: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENLINEAGE_API_KEY", "k-1")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")  # never asked
    answer = locus("openlineage", "-d", shop / "shop.duckdb", "--url", server.url, "--allow-private")
    assert (answer.code, answer.out) == (0, "")
    assert answer.err == f"6 events sent to {server.url}/api/v1/lineage\n"
    assert [path for path, _, _ in server.got] == ["/api/v1/lineage"] * 6
    assert {headers["authorization"] for _, headers, _ in server.got} == {"Bearer k-1"}
    assert {headers["content-type"] for _, headers, _ in server.got} == {"application/json"}
    events = [body for _, _, body in server.got]
    assert events == _events(locus("openlineage", "-d", shop / "shop.duckdb").out)
    assert [errors_of(e) for e in events] == [[]] * 6


def test_this_machine_is_no_destination_unless_it_is_meant(locus: Locus, shop: Path, server: Server) -> None:
    answer = locus("openlineage", "-d", shop / "shop.duckdb", "--url", server.url)
    assert answer.code == 1
    assert "[E213]" in answer.err
    assert server.got == []


@pytest.mark.parametrize("status", [302, 400, 401, 500])
def test_the_first_event_that_is_not_taken_ends_it(locus: Locus, shop: Path, server: Server, status: int) -> None:
    server.statuses = [201, 201, status]
    answer = locus("openlineage", "-d", shop / "shop.duckdb", "--url", server.url + "/lineage", "--allow-private")
    assert answer.code == 1
    assert f"[E403] the lineage server answers {status} to event 3" in answer.err
    assert "abcdefgh" not in answer.err
    assert [path for path, _, _ in server.got] == ["/lineage"] * 3


def test_no_server_is_one_error(locus: Locus, shop: Path) -> None:
    answer = locus("openlineage", "-d", shop / "shop.duckdb", "--url", "http://127.0.0.1:9", "--allow-private")
    assert answer.code == 1
    assert answer.err.startswith("[E212]")
    assert locus("openlineage", "-d", shop / "shop.duckdb", "--url", "ftp://host").err.startswith("[E213]")
    assert locus("openlineage", "-d", shop / "shop.duckdb", "--url", "http://me:pw@host/").err.startswith("[E213]")


def test_the_database_is_not_changed(locus: Locus, shop: Path) -> None:
    before = (shop / "shop.duckdb").read_bytes()
    assert locus("openlineage", "-d", shop / "shop.duckdb").code == 0
    assert (shop / "shop.duckdb").read_bytes() == before


# --- events ----------------------------------------------------------------------------------------------------------


@pytest.mark.criterion("V1")
def test_the_log_tells_of_builds_and_documents_in_order(locus: Locus, shop: Path) -> None:
    answer = locus("events", "--json")
    assert answer.code == 0
    found = _events(answer.out)
    assert {e["state"] for e in found} == {"open"}
    builds = [(e["name"].rsplit(".", 1)[-1], e["data"]["model"]) for e in found if e["name"].startswith("locus.build.")]
    assert builds == [
        ("started", "main.stg"),
        ("finished", "main.stg"),
        ("started", "main.mart"),
        ("finished", "main.mart"),
        ("started", "main.bad"),
        ("failed", "main.bad"),
    ]
    assert "hunter22" not in answer.out
    one = next(e for e in found if e["name"] == "locus.build.finished")
    only = _events(locus("events", "--json", "--run", one["run"][:-2]).out)
    assert [e["name"] for e in only] == ["locus.build.started", "locus.build.finished"]


def test_the_newest_are_listed_for_people(locus: Locus, shop: Path) -> None:
    answer = locus("events", "-n", "2")
    assert "locus.build.failed" in answer.out
    assert "locus.build.started" in answer.out
    assert "locus.document" not in answer.out
    assert "earlier ones are not shown" in answer.err
    assert locus("events", "--since", "2999-01-01").out == "no such events in the store\n"
    assert locus("events", "--root", shop / "documents").out == "no events in the store\n"


@pytest.mark.criterion("V3")
def test_locked_and_damaged_lines_are_listed_and_the_rest_is_read(
    locus: Locus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("cryptography")
    (tmp_path / "locus.yml").write_text("events: {key: june}\n")
    monkeypatch.setenv("LOCUS_EVENTS_KEY_JUNE", base64.b64encode(bytes(range(32))).decode())
    write_pdf(tmp_path / "documents" / "secret.pdf", ["Total 119.00"])
    _build(tmp_path)
    (log,) = (tmp_path / ".locus" / "events").iterdir()
    assert "secret.pdf" not in log.read_text("utf-8")
    assert "secret.pdf" in locus("events", "--json").out
    lines = log.read_text("utf-8").splitlines()
    records = [json.loads(line) for line in lines]
    records[0]["data"], records[1]["data"] = records[1]["data"], records[0]["data"]
    log.write_text("\n".join([*(json.dumps(r) for r in records), "not an event"]) + "\n", "utf-8")
    found = _events(locus("events", "--json").out)
    assert [e["state"] for e in found] == ["damaged"] * 2 + ["open"] * (len(lines) - 2) + ["unreadable"]
    assert found[0]["line"] == f"{log.name}:1"
    assert "changed, moved" in found[0]["reason"]
    monkeypatch.delenv("LOCUS_EVENTS_KEY_JUNE")
    answer = locus("events")
    assert answer.code == 0
    assert "locked: no key 'june' here (LOCUS_EVENTS_KEY_JUNE)" in answer.out
    assert "secret.pdf" not in answer.out
    failed = locus("sql", "select * from locus_acme_totals('documents/*.pdf')")
    assert (failed.code, "[E103] the events key 'june'" in failed.err) == (1, True)


@pytest.mark.criterion("V1")
def test_deleting_the_log_changes_no_answer(locus: Locus, shop: Path) -> None:
    def answers() -> list[Any]:
        connection = duckdb.connect(str(shop / "shop.duckdb"))
        try:
            locus_dbt.attach(connection, shop)
            tables = ("models", "runs", "documents", "columns", "completeness", "rejects", "spans", "edges", "cells")
            found = [connection.execute(f"FROM locus.{t} ORDER BY ALL").fetchall() for t in tables]
            traced = connection.execute("SELECT _locus_row_id FROM mart ORDER BY 1").fetchall()
            found += [
                connection.execute("FROM locus_trace('mart', ?) ORDER BY ALL", list(row)).fetchall() for row in traced
            ]
            rows = "select label, amount, _locus_row_id from locus_acme_totals('documents/**/*.pdf') order by all"
            return [*found, connection.execute(rows).fetchall()]
        finally:
            connection.close()

    before = answers()
    exported = locus("openlineage", "-d", shop / "shop.duckdb").out.splitlines()
    for file in (shop / ".locus" / "events").iterdir():
        file.unlink()
    (shop / ".locus" / "events").rmdir()
    assert answers() == before
    # a failed build has left nothing but its event: that it was tried is forgotten, what stands is not
    assert locus("openlineage", "-d", shop / "shop.duckdb").out.splitlines() == exported[:4]
