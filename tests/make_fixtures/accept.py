"""Writes ``expected.jsonl`` and ``spans.jsonl`` of the conversion images' fixtures from what they give now.

python -m tests.make_fixtures.accept IMAGE …   (folder names; look at the diff before it is committed)
"""

from __future__ import annotations

import datetime as dt
import json
import sys
from pathlib import Path
from typing import Any

from tests.make_fixtures.formats import IMAGES
from tests.make_fixtures.run_image import run_image


def plain(value: Any) -> Any:
    """A value as JSON: floats to a tenth, dates in ISO form, bytes by their first four."""
    if isinstance(value, float):
        return round(value, 1)
    if isinstance(value, bytes):
        return f"blob {value[:4]!r}"
    return value.isoformat() if isinstance(value, dt.date) else value


def accept(case: Path) -> None:
    """One fixture."""
    rows, spans, _ = run_image(case)
    lines = [{key: plain(value) for key, value in row.items() if key != "ordinal"} for row in rows]
    located = [
        {
            "row": span["ordinal"],
            "column": span["column_name"],
            "value": span["value"],
            "text": span["text"],
            "page": span["page"],
            "box": box(span),
            "place": span["place"],
            "grounding": span["grounding"],
        }
        for span in spans
    ]
    for name, records in (("expected.jsonl", lines), ("spans.jsonl", located)):
        text = "".join(json.dumps(r, ensure_ascii=False, sort_keys=True) + "\n" for r in records)
        (case / name).write_text(text, encoding="utf-8")


def box(span: dict[str, Any]) -> list[float] | None:
    """The span's box to a tenth of a point."""
    edges = [span[name] for name in ("x0", "y0", "x1", "y1")]
    return None if edges[0] is None else [round(edge, 1) for edge in edges]


if __name__ == "__main__":
    for image in sys.argv[1:]:
        for folder in sorted((IMAGES / image / "fixtures").iterdir()):
            accept(folder)
