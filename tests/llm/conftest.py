"""A server on loopback that speaks the chat-completions API, and documents whose cells the rules leave open."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Attached

KEY = "test-key-of-no-known-form-4711"

#: What the rules leave open: a name in another language, an inferred note, a wrong amount, a name that differs.
CLAIMS = """party = Germany | Deutschland
amount = 119.00 | 119,00 EUR

party = Meyer | Meyer
amount = 20.50 | 25.20
note = due in December | within ten days | counted from the date"""


@dataclass
class Reply:
    """What the server says: ``content`` of the message, or ``raw`` as the whole body."""

    content: str = ""
    status: int = 200
    raw: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    drip: bool = False


@dataclass
class Server:
    """Answers by ``respond(items, number of the call)``; keeps what it was sent."""

    port: int = 0
    respond: Callable[[list[dict[str, Any]], int], Reply] = field(default=lambda items, _: yes(items))
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def items(self, call: int = -1) -> list[dict[str, Any]]:
        return items_of(self.requests[call])


def items_of(request: Mapping[str, Any]) -> list[dict[str, Any]]:
    user = request["messages"][1]["content"]
    found: list[dict[str, Any]] = json.loads(user.splitlines()[1])
    return found


def answers(*entries: Mapping[str, Any]) -> Reply:
    return Reply(json.dumps({"answers": entries}))


def one(item: Mapping[str, Any], supported: str = "yes", score: float = 0.95, reason: str = "as printed") -> Any:
    return {"id": item["id"], "supported": supported, "score": score, "reason": reason}


def yes(items: list[dict[str, Any]]) -> Reply:
    return answers(*(one(i) for i in items))


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    state: Server

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.state.requests.append(body)
        self.state.headers.append(dict(self.headers))
        reply = self.state.respond(items_of(body), len(self.state.requests))
        time.sleep(reply.delay)
        whole = {
            "id": "x",
            "object": "chat.completion",
            "created": 1,
            "model": body["model"],
            "choices": [
                {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": reply.content}}
            ],
            "usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120},
        }
        data = (reply.raw if reply.raw is not None else json.dumps(whole)).encode()
        try:
            self.send_response(reply.status)
            for name, value in {"Content-Type": "application/json", **reply.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            for i in range(0, len(data), 1 if reply.drip else len(data)):
                self.wfile.write(data[i : i + (1 if reply.drip else len(data))])
                self.wfile.flush()
                time.sleep(0.2 if reply.drip else 0)
        except OSError:
            pass  # the client has given up

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    state = Server()
    handler = type("Handler", (_Handler,), {"state": state})
    http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    http.daemon_threads = True
    state.port = http.server_address[1]
    thread = threading.Thread(target=http.serve_forever, daemon=True)
    thread.start()
    yield state
    http.shutdown()
    http.server_close()


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """No waiting between tries, and nothing of the machine's own keys."""
    from locus_dbt.llm import client

    monkeypatch.setattr(client, "_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(client, "_GRACE_SECONDS", 0.3)
    for name in ("OPENAI_API_KEY", "LOCUS_CONSENT"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def folder(tmp_path: Path, third_party: Path) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    (root / "a.txt").write_text(CLAIMS)
    return root


@pytest.fixture
def full(
    folder: Path, server: Server, attach_to: Callable[..., Attached], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Attached]:
    """Attached in the full mode, with key and consent; ``llm`` settings by name."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)

    def make(*, grounding: Mapping[str, Any] | None = None, database: str = ":memory:", **llm: Any) -> Attached:
        given = {"model": "openai/judge", "api_base": server.address, "consent": True, "timeout": 20, **llm}
        return attach_to(folder, database, grounding={"mode": "full", **(grounding or {})}, llm=given)

    return make


def cells(db: Attached, files: str = "a.txt") -> dict[tuple[str, str], Any]:
    """Grounding, faithfulness, mode and reason by column and value."""
    rows = db.rows(
        "SELECT column_name, value, grounding, round(faithfulness::DOUBLE, 3), mode, reason "
        f"FROM locus_acme_claims_spans('{files}')"
    )
    return {(r[0], r[1]): r[2:] for r in rows}
