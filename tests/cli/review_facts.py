"""Made-up facts for the page: what no document in the tests would give, and hostile texts above all."""

from __future__ import annotations

import io
from dataclasses import replace

from locus_dbt.cli.review.facts import Cell, Excerpt, Picture, Review, Row, Source, Step, Way, excerpt_key

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)> https://evil.example/ url(x) \u202eabc"
ROW = "00000000-0000-8000-8000-000000000001"

PRINTED = Source(
    "total", "a.pdf", sha256="0" * 64, media_type="application/pdf", image="acme-totals", image_version="1.0.0", page=1,
    box=(100.0, 80.0, 140.0, 92.0), text="119,00", value="119.00", rule="number, decimal comma", grounding="normalized",
    faithfulness=0.98, confidence=0.97, mode="degraded",
)  # fmt: skip


def cell(column: str, value: str | None, source: Source | None, *, gap: str | None = None) -> Cell:
    step = Step("main.mart", column, ROW, "identity", value)
    return Cell(column, value, (Way((step,), source, gap),), 1) if source or gap else Cell(column, value)


def page(width: int = 300, height: int = 200, color: str = "white") -> Picture:
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (width, height), color).save(out, "PNG")
    return Picture(float(width), float(height), "image/png", out.getvalue())


def review(**changes: object) -> Review:
    """A row with a cell of every verdict; a page with four boxes, two of them the same; an excerpt of a table."""
    doubtful = replace(
        PRINTED, column="date", text="11.01.2025", value="2025-11-01", grounding="none", faithfulness=0.2,
        box=(20.0, 20.0, 60.0, 32.0), reason="the cited text is '11.01.2025'",
    )  # fmt: skip
    inferred = replace(
        PRINTED, column="due", grounding="inferred", faithfulness=0.5, input_names=("total", "paid"), inputs=(PRINTED,),
        checks=("holds: net + tax = gross",), reason="nothing was paid",
    )  # fmt: skip
    listed = replace(
        PRINTED, column="supplier", document="list.csv", media_type="text/csv", page=None, box=None, place="line 3",
        text="Kessler", value="Kessler", faithfulness=1.0, grounding="exact",
    )  # fmt: skip
    native = replace(listed, column="since", document="big.csv", place="record 7", text=None, faithfulness=None,
                     grounding=None, compared=False, reason="DuckDB read the file itself and kept no text")  # fmt: skip
    cells = (
        cell("total", "119.00", PRINTED),
        cell("due", "119.00", inferred),
        cell("supplier", "Kessler", listed),
        cell("since", "2010", native),
        Cell("paid", None, refused="not a number [E301]: 'n/a'"),
        cell("date", "2025-11-01", doubtful),
        cell("joined", "70010", None, gap="it comes from a joined relation"),
    )
    excerpt = Excerpt("table 0", {1: ("no", "name"), 3: ("1", "Kessler"), 4: ("2", "Ostermoor")}, (3, 1))
    made = Review(
        "main.mart",
        (Row("main.mart", ROW, cells),),
        pictures={("a.pdf", 1): page()},
        excerpts={excerpt_key(listed): excerpt},
        troubles={"big.csv": "no file 'big.csv'"},
    )
    return replace(made, **changes)  # type: ignore[arg-type]
