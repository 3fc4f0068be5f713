"""Documents from elsewhere, with real servers on this machine: HTTP, paginated JSON, SQLite, an fsspec file system."""

from __future__ import annotations

import json
import socket
import sqlite3
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest

from locus_dbt.connectors import network
from locus_dbt.connectors.configured import checked_sources
from locus_dbt.connectors.database import check_select
from locus_dbt.connectors.fetched import forget_recent
from locus_dbt.errors import InputError, RequestError
from tests.conftest import Attached

CSV = b"item,quantity\nbolt,3\n"
PEOPLE = [{"id": i, "name": f"Person {i}", "town": {"name": "Ulm"}} for i in range(7)]


class Handler(BaseHTTPRequestHandler):
    """What the servers of these tests answer, by path."""

    seen: ClassVar[list[tuple[str, dict[str, str]]]] = []

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {k: v[0] for k, v in parse_qs(parts.query).items()}
        Handler.seen.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
        answer = getattr(self, "_" + parts.path.strip("/").replace(".", "_").replace("/", "_"), None)
        if answer is None:
            self._send(404, b"nothing here")
        else:
            answer(query)

    def _send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _list_csv(self, _query: dict[str, str]) -> None:
        if self.headers.get("If-None-Match") == '"v1"':
            self._send(304, b"")
        else:
            self._send(200, CSV, ETag='"v1"')

    def _moved(self, query: dict[str, str]) -> None:
        self._send(302, b"", Location=query["to"])

    def _loop(self, _query: dict[str, str]) -> None:
        self._send(302, b"", Location="/loop")

    def _endless(self, _query: dict[str, str]) -> None:
        self.send_response(200)
        self.end_headers()
        try:
            for _ in range(64):
                self.wfile.write(b"0" * 1_048_576)
        except OSError:
            pass

    def _slow(self, _query: dict[str, str]) -> None:
        self.send_response(200)
        self.end_headers()
        try:
            for _ in range(100):
                self.wfile.write(b"x")
                self.wfile.flush()
                threading.Event().wait(0.1)
        except OSError:
            pass

    def _people(self, query: dict[str, str]) -> None:
        at = int(query.get("start", 0))
        more = at + 3 < len(PEOPLE)
        link = {"Link": f'<{self.path.split("?")[0]}?start={at + 3}>; rel="next"'} if more else {}
        self._send(200, json.dumps(PEOPLE[at : at + 3]).encode(), **link)

    def _numbered(self, query: dict[str, str]) -> None:
        at = (int(query["page"]) - 1) * 3
        self._send(200, json.dumps({"data": {"people": PEOPLE[at : at + 3]}}).encode())

    def _offsets(self, query: dict[str, str]) -> None:
        at = int(query["from"])
        self._send(200, json.dumps({"rows": PEOPLE[at : at + int(query["n"])]}).encode())

    def _cursors(self, query: dict[str, str]) -> None:
        at = int(query.get("after", 0))
        cursor = at + 3 if at + 3 < len(PEOPLE) else None
        self._send(200, json.dumps({"rows": PEOPLE[at : at + 3], "meta": {"cursor": cursor}}).encode())

    def _secured(self, _query: dict[str, str]) -> None:
        good = self.headers.get("Authorization") == "Bearer t0p-s3cret-value"
        self._send(200 if good else 401, json.dumps(PEOPLE[:2]).encode())


@pytest.fixture
def server() -> Iterator[str]:
    Handler.seen = []
    forget_recent()
    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{running.server_port}"
    running.shutdown()
    running.server_close()


@pytest.fixture
def here(tmp_path: Path, attach_to: Callable[..., Attached]) -> Callable[..., Attached]:
    """A connection that may reach this machine; ``sources`` go into locus.yml as they would."""

    def make(**settings: Any) -> Attached:
        return attach_to(tmp_path, allow_private_addresses=True, fetch_again_seconds=0, **settings)

    return make


def _texts(attached: Attached, files: str) -> list[str]:
    return [row[0] for row in attached.rows(f"SELECT text FROM locus_doc_to_tables({files}) WHERE text IS NOT NULL")]


@pytest.mark.criterion("E1.2", "S2")
def test_a_web_address_is_a_document(server: str, here: Callable[..., Attached]) -> None:
    attached = here()
    assert _texts(attached, f"'{server}/list.csv'") == ["item", "quantity", "bolt", "3"]
    assert attached.rows(f"SELECT DISTINCT filename FROM locus_doc_to_tables('{server}/list.csv')") == [
        (f"{server}/list.csv",)
    ]
    assert Handler.seen[-1][1]["if-none-match"] == '"v1"'


@pytest.mark.criterion("E1.5")
def test_what_cannot_be_fetched_is_a_reject_and_the_rest_goes_on(
    server: str, here: Callable[..., Attached], tmp_path: Path
) -> None:
    (tmp_path / "near.csv").write_bytes(CSV)
    attached = here()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{taken.getsockname()[1]}/x"
        files = f"['{server}/gone', '{nobody}', 'near.csv']"
        assert _texts(attached, files) == ["item", "quantity", "bolt", "3"]
    assert sorted(attached.rows("SELECT code, hint <> '' FROM locus_rejects()")) == [("E212", True), ("E212", True)]


def test_private_addresses_are_refused_unless_allowed(
    server: str, attach_to: Callable[..., Attached], tmp_path: Path
) -> None:
    attached = attach_to(tmp_path)
    assert _texts(attached, f"'{server}/list.csv'") == []
    code, message = attached.rows("SELECT code, message FROM locus_rejects()")[0]
    assert code == "E213"
    assert "127.0.0.1" in message
    assert Handler.seen == []


def test_a_redirect_is_checked_like_an_address(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first host passes for public; where it leads does not."""
    monkeypatch.setattr(network, "is_public", lambda number: number == "127.0.0.1")
    limits = network.Limits(5.0, 1000, private=False)
    assert network.get(f"{server}/moved?to=/list.csv", limits=limits).body == CSV
    for target in ("http://127.0.0.2:1/", "file:///etc/passwd", "ftp://127.0.0.1/"):
        with pytest.raises(InputError) as refused:
            network.get(f"{server}/moved?to={target}", limits=limits)
        assert refused.value.code == "E213"
    with pytest.raises(InputError, match="redirects"):
        network.get(f"{server}/loop", limits=limits)


def test_credentials_do_not_follow_to_another_host(server: str) -> None:
    other = server.replace("127.0.0.1", "localhost")
    limits = network.Limits(5.0, 1000, private=True)
    network.get(f"{server}/moved?to={other}/list.csv", limits=limits, headers={"Authorization": "Bearer x"})
    assert "authorization" in Handler.seen[0][1]
    assert "authorization" not in Handler.seen[1][1]


@pytest.mark.parametrize(
    ("number", "public"),
    [
        ("8.8.8.8", True), ("127.0.0.1", False), ("10.1.2.3", False), ("169.254.169.254", False), ("0.0.0.0", False),
        ("100.64.0.1", False), ("224.0.0.1", False), ("::1", False), ("fe80::1", False), ("fc00::1", False),
        ("::ffff:10.0.0.1", False), ("64:ff9b::a00:1", False), ("2002:a00:1::", False), ("2606:4700::1111", True),
    ],
)  # fmt: skip
def test_public_numbers(number: str, public: bool) -> None:  # noqa: FBT001 - a case
    assert network.is_public(number) is public


def test_limits_of_size_and_time(server: str) -> None:
    with pytest.raises(InputError, match="more than 2000000 bytes"):
        network.get(f"{server}/endless", limits=network.Limits(20.0, 2_000_000, private=True))
    with pytest.raises(InputError) as late:
        network.get(f"{server}/slow", limits=network.Limits(0.5, 1000, private=True))
    assert late.value.code == "E212"


SOURCES = {
    "linked": {"kind": "rest", "url": "SERVER/people"},
    "numbered": {"kind": "rest", "url": "SERVER/numbered", "records": "/data/people", "pagination": {"kind": "page"}},
    "offsets": {
        "kind": "rest", "url": "SERVER/offsets", "records": "/rows",
        "pagination": {"kind": "offset", "param": "from", "size_param": "n", "size": 2},
    },
    "cursors": {
        "kind": "rest", "url": "SERVER/cursors", "records": "/rows",
        "pagination": {"kind": "cursor", "param": "after", "next": "/meta/cursor"},
    },
}  # fmt: skip


@pytest.mark.criterion("E1.2", "E1.6")
@pytest.mark.parametrize("name", sorted(SOURCES))
def test_every_page_of_an_api_is_read(server: str, here: Callable[..., Attached], name: str) -> None:
    source = {**SOURCES[name], "url": SOURCES[name]["url"].replace("SERVER", server)}
    attached = here(sources={name: source})
    call = f"locus_doc_to_tables('source:{name}', shape := 'wide')"
    assert attached.rows(f"SELECT id, name, town_name FROM {call} ORDER BY id::INT") == [
        (str(p["id"]), p["name"], "Ulm") for p in PEOPLE
    ]
    files = [row[0] for row in attached.rows(f"SELECT DISTINCT filename FROM {call} ORDER BY filename")]
    assert files[0] == f"source:{name}#page=1"


def test_credentials_come_by_reference(
    server: str, here: Callable[..., Attached], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    source = {"kind": "rest", "url": f"{server}/secured", "headers": {"Authorization": "Bearer env:TOKEN_OF_TEST"}}
    monkeypatch.setenv("TOKEN_OF_TEST", "t0p-s3cret-value")
    attached = here(sources={"crm": source})
    assert "Person 1" in _texts(attached, "'source:crm'")
    written = b"".join(p.read_bytes() for p in (tmp_path / "store").rglob("*") if p.is_file())
    assert b"t0p-s3cret-value" not in written
    with pytest.raises(RequestError, match="write env:NAME"):
        checked_sources({"crm": {**source, "headers": {"Authorization": "Bearer t0p-s3cret-value"}}})


def test_what_a_source_lacks_is_named(here: Callable[..., Attached]) -> None:
    attached = here(sources={"ledger": {"kind": "sql", "url": "sqlite:///x.db", "query": "select 1"}})
    assert "did you mean 'ledger'?" in attached.error("FROM locus_doc_to_tables('source:leger')")
    with pytest.raises(RequestError, match=r"sources\.a\.rest\.max_pages"):
        checked_sources({"a": {"kind": "rest", "url": "x", "max_pages": 0}})


def test_a_query_is_a_document(here: Callable[..., Attached], tmp_path: Path) -> None:
    pytest.importorskip("sqlalchemy")
    with sqlite3.connect(tmp_path / "ledger.db") as db:
        db.execute("create table bookings (no int, day text, amount decimal(10,2), note text)")
        db.execute("insert into bookings values (1, '2026-01-31', 12.5, 'a:b'), (2, '2026-02-01', null, 'c')")
    db.close()
    query = "select no, day, amount, note from bookings where note <> ':x' order by no"
    attached = here(sources={"ledger": {"kind": "sql", "url": "sqlite:///ledger.db", "query": query}})
    rows = attached.rows("SELECT no, day, amount, note FROM locus_doc_to_tables('source:ledger', shape := 'wide')")
    assert rows == [("1", "2026-01-31", "12.5", "a:b"), ("2", "2026-02-01", None, "c")]


@pytest.mark.parametrize(
    "query",
    [
        "delete from t", "select 1; drop table t", "with x as (delete from t returning *) select * from x",
        "select * into u from t", "update t set a = 1", "create table u as select 1", "pragma writable_schema = 1",
        "attach 'x.db' as y", "select * from t for update", "insert into t select 1", "vacuum", "", "call f()",
    ],
)  # fmt: skip
@pytest.mark.parametrize("dialect", ["postgresql", "sqlite", "mysql"])
def test_only_reading_is_allowed(query: str, dialect: str) -> None:
    with pytest.raises(RequestError):
        check_select(query, dialect=dialect)


def test_reading_is_allowed() -> None:
    for query in ("select 1", "with a as (select 1 as x) select * from a union all select 2", "select 'delete from t'"):
        check_select(query, dialect="postgresql")


def test_the_transaction_is_read_only_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, here: Callable[..., Attached]
) -> None:
    """Were the text not checked, the database itself would still say no."""
    pytest.importorskip("sqlalchemy")
    from locus_dbt.connectors import database

    with sqlite3.connect(tmp_path / "ledger.db") as db:
        db.execute("create table t (a int)")
    db.close()
    monkeypatch.setattr(database, "check_select", lambda *_, **__: None)
    attached = here(
        sources={
            "ledger": {"kind": "sql", "url": "sqlite:///ledger.db", "query": "insert into t values (1) returning a"}
        }
    )
    assert _texts(attached, "'source:ledger'") == []
    assert "readonly" in attached.one("SELECT message FROM locus_rejects()")


def test_remote_file_systems(here: Callable[..., Attached]) -> None:
    fsspec = pytest.importorskip("fsspec")
    memory = fsspec.filesystem("memory")
    memory.pipe("/box/a.csv", CSV)
    memory.pipe("/box/in/b.csv", CSV)
    attached = here()
    found = attached.rows("SELECT DISTINCT filename FROM locus_doc_to_tables('memory://box/**/*.csv') ORDER BY 1")
    assert found == [("memory:///box/a.csv",), ("memory:///box/in/b.csv",)]
    memory.rm("/box", recursive=True)


@pytest.mark.parametrize("address", ["file:///etc/hostname", "nosuch://x/y", "zip::s3://a/b", "simplecache::http://x"])
def test_addresses_without_a_connector_are_recorded(here: Callable[..., Attached], address: str) -> None:
    attached = here()
    assert _texts(attached, f"'{address}'") == []
    assert attached.rows("SELECT filename, code FROM locus_rejects()") == [(address, "E211")]
