"""Every parser on damaged documents, in a worker as users run it: rows or a reject of ours, in time.

``LOCUS_FUZZ_SECONDS`` says how long (default 60; ``make fuzz`` takes an hour, with a new ``LOCUS_FUZZ_SEED``). A
document that breaks a parser is kept in the folder of the test run and named.
"""

from __future__ import annotations

import hashlib
import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from locus_dbt.core.executor import Job, Outcome, Request
from locus_dbt.core.pool import LocalExecutor
from locus_dbt.core.registry import registry
from locus_dbt.errors import InputError
from locus_dbt.parsers import PARSERS
from locus_dbt.parsers.detect import media_type
from tests.conftest import REPOSITORY
from tests.parsers.test_hostile import SEEDS

SECONDS = float(os.environ.get("LOCUS_FUZZ_SECONDS", "60"))
#: Readers written in C or Rust may die on damage that their authors did not foresee: the worker is there for that.
NATIVE = ("locus_dbt.parsers.pdf", "locus_dbt.parsers.ocr", "locus_dbt.parsers.spreadsheet")
_SIGNS = (
    b"\0",
    b'"',
    b"'",
    b"<",
    b">",
    b"&",
    b"|",
    b"\n",
    b"{",
    b"}",
    b"[",
    b"\xff",
    b"--",
    b"\\",
    b"%",
    b"<<",
    b"]]>",
    b"\r\n\r\n",
)
_NUMBERS = (b"0", b"-1", b"65535", b"2147483647", b"4294967295", b"9" * 20)
_LARGEST_SEED = 80_000


def seeds() -> dict[str, tuple[str, bytes]]:
    """File name to (parser, content): the inputs of all cases that are small enough, and one of each format."""
    found = {f"seed-{name}": (PARSERS[media_type(data, name)], data) for name, data in SEEDS.items()}
    for path in sorted((REPOSITORY / "locus_dbt" / "images").glob("*/fixtures/*/input.*")):
        data = path.read_bytes()
        if len(data) > _LARGEST_SEED:
            continue
        try:
            kind = media_type(data, path.name)
        except InputError:
            continue
        if kind in PARSERS:
            found[f"{path.parents[2].name}-{path.parent.name}{path.suffix}"] = (PARSERS[kind], data)
    return found


def damaged(data: bytes, chance: random.Random) -> bytes:
    """The content with a few bytes changed, put in, doubled, cut, or a number made extreme."""
    out = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        at = chance.randrange(len(out) + 1)
        what = chance.randrange(7)
        if what == 0 and at < len(out):
            out[at] ^= 1 << chance.randrange(8)
        elif what == 1 and at < len(out):
            out[at] = chance.randrange(256)
        elif what == 2:
            out[at:at] = chance.choice(_SIGNS)
        elif what == 3:
            out[at:at] = out[at : at + chance.randrange(1, 300)] * chance.choice((1, 1, 2, 50))
        elif what == 4:
            del out[at : at + chance.randrange(1, 300)]
        elif what == 5:
            out[at : at + chance.randrange(1, 6)] = chance.choice(_NUMBERS)
        else:
            del out[at:]
    return bytes(out[: 4 * _LARGEST_SEED])


def test_there_is_a_seed_for_every_parser() -> None:
    assert set(PARSERS.values()) - {parser for parser, _ in seeds().values()} == set()


@pytest.mark.slow
@pytest.mark.criterion("E1.5", "E2.6", "E3.5")
def test_damaged_documents_are_read_or_refused(settings_for: Callable[..., Any], tmp_path: Path) -> None:
    seed = int(os.environ.get("LOCUS_FUZZ_SEED", "0"))
    chance = random.Random(seed)
    known = sorted(seeds().items())
    manifest = registry().image("format-detector").manifest
    columns = {c.name: c.type for c in manifest.emits.outputs["documents"].columns}
    job = Job("locus_dbt.images.format_detector", columns, {"parse": True}, image="format-detector")
    executor = LocalExecutor(settings_for(tmp_path, timeout_seconds=20.0, memory_mb=1024, workers=1))
    executor.prepare(job)
    sent: dict[str, tuple[str, str, bytes]] = {}
    counts: Counter[str] = Counter()
    faults: list[str] = []
    for outcome in _outcomes(executor, _documents(known, chance), sent):
        name, parser, data = sent.pop(outcome.key)
        fault = _fault(outcome, parser)
        counts["read" if outcome.rows else "refused"] += 1
        if fault:
            kept = tmp_path / f"{len(faults)}-{name}"
            kept.write_bytes(data)
            faults.append(f"{fault} ({kept}, seed {seed})")
    assert faults == [], f"{len(faults)} of {counts.total()}: " + "\n".join(faults[:5])
    assert counts.total() > len(known), "too slow to have tried each document once"


def _documents(known: list[tuple[str, tuple[str, bytes]]], chance: random.Random) -> Iterator[tuple[str, str, bytes]]:
    """Each seed in turn, so that a slow parser takes no more turns than a quick one; stops when the time is over."""
    end = time.monotonic() + SECONDS
    while True:
        for name, (parser, data) in known:
            if time.monotonic() > end:
                return
            yield name, parser, damaged(data, chance)


def _outcomes(
    executor: LocalExecutor, documents: Iterator[tuple[str, str, bytes]], sent: dict[str, tuple[str, str, bytes]]
) -> Iterator[Outcome]:
    """One after the other: a document in hand is all that is lost when the test is stopped."""
    for number, (name, parser, data) in enumerate(documents):
        key = f"{number}"
        sent[key] = (name, parser, data)
        executor.execute([Request(key, name, "", hashlib.sha256(data).hexdigest(), data=data)])
        yield from (item for item in executor.collect() if isinstance(item, Outcome))


def _fault(outcome: Outcome, parser: str) -> str:
    for reject in outcome.rejects:
        text = f"[{reject['code']}] {reject['message']}"
        if reject["code"] == "E209" or "took longer" in text:
            return text
        if reject["code"] == "E207" and parser not in NATIVE:
            return text
    return ""
