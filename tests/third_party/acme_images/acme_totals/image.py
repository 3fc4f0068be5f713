"""Lines that start with a word, and the number at their end."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import time
import urllib.request
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from locus_dbt.core.builder import TableBuilder
from locus_dbt.model.document import Document
from locus_dbt.model.locus import Box, Locus

_AMOUNT = re.compile(r"^-?\d+\.\d{2}$")


def extract(document: Document, params: Mapping[str, Any], table: TableBuilder) -> None:
    """One row a line that starts with ``params['word']``."""
    _misbehave(str(params["fail"]), document)
    for page in document.parsed.pages:
        words = page.words
        for i, text in enumerate(words.text):
            if text.rstrip(":") != params["word"] or len(table) >= params["most"]:
                continue
            on_line = [k for k in range(i, len(words)) if words.line[k] == words.line[i]]
            amounts = [k for k in on_line if _AMOUNT.match(words.text[k])]
            table.start_row()
            table.put("label", text, text=text, at=_locus(page.number, words.box[i]))
            if amounts:
                k = amounts[-1]
                table.put("amount", Decimal(words.text[k]), text=words.text[k], at=_locus(page.number, words.box[k]))


def _locus(page: int, box: Any) -> Locus:
    return Locus(page, Box(*(float(v) for v in box)))


def _misbehave(how: str, document: Document) -> None:
    if b"%misbehave" not in document.data:
        return
    if how == "crash":
        os._exit(7)
    if how == "hang":
        time.sleep(600)
    if how == "slow":
        for _ in range(5):
            time.sleep(0.7)
            document.tick(10)
    if how == "memory":
        bytearray(64 * 1024**3)
    _overstep(how, document)
    if how == "raise":
        raise RuntimeError("on purpose")


def _overstep(how: str, document: Document) -> None:
    """What the manifest does not declare."""
    if how == "network":
        urllib.request.urlopen("http://127.0.0.1:9/")
    if how == "resolve":
        socket.getaddrinfo("localhost", 80)
    if how == "program":
        subprocess.run(["true"], check=True)
    if how == "write":
        Path(document.filename + ".stolen").write_bytes(document.data)
    if how == "remove":
        Path(__file__).with_name("nothing-there").unlink(missing_ok=True)
