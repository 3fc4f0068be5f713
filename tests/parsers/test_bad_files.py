"""A folder of broken and hostile files with what must come of each: ``LOCUS_BAD_FILES`` names it, else this is skipped.

The folder holds ``files/`` and ``expectations.csv`` (name, kind, must); ``make hostile BAD_FILES=DIR`` runs this.
"""

from __future__ import annotations

import csv
import os
import unicodedata
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Attached

FOLDER = os.environ.get("LOCUS_BAD_FILES", "")


@pytest.mark.slow
@pytest.mark.criterion("E1.5", "E2.5", "E3.5")
@pytest.mark.skipif(not FOLDER, reason="LOCUS_BAD_FILES names no folder of bad files")
def test_every_bad_file_gives_rows_or_a_reject(attach_to: Callable[..., Attached]) -> None:
    files = Path(FOLDER) / "files"
    before = {path: path.lstat().st_mtime_ns for path in files.parent.rglob("*")}
    attached = attach_to(files, timeout_seconds=20.0, memory_mb=1024)
    rows = dict(attached.rows("SELECT filename, count(*) FROM locus_doc_to_tables('*') GROUP BY ALL"))
    words = dict(attached.rows("SELECT filename, words FROM locus_doc_to_tables_documents('*')"))
    rejects: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for name, code, message, hint in attached.rows("SELECT filename, code, message, hint FROM locus_rejects()"):
        rejects[name.split("!/")[0]].append((code, message, hint))
    faults = []
    for expected in csv.DictReader((files.parent / "expectations.csv").open(encoding="utf-8", newline="")):
        name = unicodedata.normalize("NFC", expected["name"])
        given = sum(n for key, n in rows.items() if key.split("!/")[0] == name)
        refused = rejects.get(name, [])
        silent = not given and not refused
        wrong = (expected["must"] == "reject" and not refused) or (
            expected["must"] == "rows" and not given and not words.get(name)
        )
        unforeseen = [r for r in refused if r[0] == "E209" or "took longer" in r[1] or not r[2]]
        if silent or wrong or unforeseen:
            faults.append((name, expected["must"], given, refused))
    assert faults == []
    assert {path: path.lstat().st_mtime_ns for path in files.parent.rglob("*")} == before, "something was written"
