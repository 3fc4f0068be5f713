"""Reads a folder of documents through the product and looks for stated fragments of their texts.

python benchmarks/office_fragments.py --docs DIR --fragments CSV [--formats docx,pptx] [--out FILE]

CSV has the columns filename, format, fragment_no, fragment (fragment_no -1: none stated). For each format it prints
how many files were read, refused (with the code) or failed otherwise, how many fragments are in the text of the
document itself (blocks, tables, metadata are told apart; attachments do not count), and how many of those are in a
table's cell. ``found`` compares after folding blanks to one; ``found_without_blanks`` leaves all blanks out, because
fragments cut from markup have no blank where the markup has a tab.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from locus_dbt.errors import InputError
from locus_dbt.model.document import Document
from locus_dbt.model.element import Parsed
from locus_dbt.parsers import parse
from locus_dbt.parsers.detect import EML, media_type
from locus_dbt.parsers.mail_message import read_message


def main() -> None:
    """Print one JSON object: a part per format, and what was missed."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--docs", type=Path, required=True)
    arguments.add_argument("--fragments", type=Path, required=True)
    arguments.add_argument("--formats", default="")
    arguments.add_argument("--out", type=Path)
    given = arguments.parse_args()
    wanted = set(filter(None, given.formats.split(",")))
    stated: dict[tuple[str, str], list[str]] = defaultdict(list)
    with given.fragments.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if not wanted or row["format"] in wanted:
                stated[row["format"], row["filename"]] += [row["fragment"]] if int(row["fragment_no"]) >= 0 else []
    report: dict[str, dict[str, Any]] = defaultdict(lambda: defaultdict(int))
    missed: list[dict[str, str]] = []
    for (kind, name), fragments in sorted(stated.items()):
        one(given.docs / name, fragments, report[kind], missed)
    total: dict[str, float] = defaultdict(int)
    for part in report.values():
        for key, value in part.items():
            total[key] += value
    text = json.dumps({"formats": report, "total": total, "missed": missed}, indent=1, ensure_ascii=False)
    if given.out:
        given.out.write_text(text, encoding="utf-8")
    print(text)


def one(path: Path, fragments: list[str], part: dict[str, Any], missed: list[dict[str, str]]) -> None:
    """Read one file and count."""
    part["files"] += 1
    part["fragments"] += len(fragments)
    data = path.read_bytes()
    started = time.process_time()
    try:
        kind = media_type(data, path.name)
        parsed = Document(path.name, kind, hashlib.sha256(data).hexdigest(), data, parse).parsed
    except InputError as error:
        part[f"refused {error.code}"] += 1
        missed.append({"file": path.name, "why": str(error)})
        return
    except Exception as error:  # noqa: BLE001 - the report names what must never happen
        part["failed"] += 1
        missed.append({"file": path.name, "why": f"{type(error).__name__}: {error}"})
        return
    part["read"] += 1
    part["seconds"] = round(part["seconds"] + time.process_time() - started, 3)
    running, cells, metadata = texts(parsed)
    if kind == EML:  # of two forms of one text ir/v1 has one, email-extractor both
        running += [body.text for body in read_message(data, filename=path.name).text]
    for fragment in fragments:
        in_text, in_cell = holds(fragment, running), holds(fragment, cells)
        part["found"] += in_text or in_cell
        part["found_in_table"] += in_cell
        packed = "".join(fragment.split())
        without = any(packed in "".join(text.split()) for text in (*running, *cells))
        part["found_without_blanks"] += without
        if not (in_text or in_cell):
            why = "without blanks only" if without else "metadata only" if holds(fragment, metadata) else "not found"
            missed.append({"file": path.name, "fragment": fragment, "why": why})


def texts(parsed: Parsed) -> tuple[list[str], list[str], list[str]]:
    """Running text (one text, so that a fragment may go over lines), cells, and metadata."""
    blocks = [
        " ".join(filter(None, (block.label, block.text)))
        if block.label and block.kind in ("list", "heading")
        else block.text
        for page in parsed.pages
        for block in page.blocks
    ]
    words = [" ".join(page.words.text) for page in parsed.pages if len(page.words)]
    titles = [table.title for table in parsed.tables]
    running = ["\n".join(blocks), *blocks, *words, *titles, *(b.text for p in parsed.pages for b in p.blocks)]
    return running, [text for table in parsed.tables for text in table.text], list(parsed.metadata.values())


def holds(fragment: str, found: list[str]) -> bool:
    """Whether the fragment is in one of the texts, blanks folded."""
    folded = " ".join(fragment.split())
    return any(folded in " ".join(text.split()) for text in found)


if __name__ == "__main__":
    main()
