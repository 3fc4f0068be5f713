"""What a document holds, as rows: each table cell and each passage of text with its place.

The engine's own image (never listed): documents are read in worker processes and kept in the store like those of any
image, so whoever needs a relation *and* documents asks for rows of this one and opens no file.
"""

from __future__ import annotations

from pathlib import Path

from locus_dbt.core.registry import Image
from locus_dbt.model.manifest import Manifest

#: The rows' columns: SQL type and meaning.
COLUMNS: dict[str, tuple[str, str]] = {
    "grid": ("INTEGER", "Number of the table, -1 for running text."),
    "row_no": ("INTEGER", "Row of the cell in its table; number of the passage in the document."),
    "col_no": ("INTEGER", "Column of the cell in its table."),
    "row_span": ("INTEGER", "Rows that the cell covers."),
    "col_span": ("INTEGER", "Columns that the cell covers."),
    "is_header": ("BOOLEAN", "Whether the format or the reader takes the cell for a header."),
    "page": ("INTEGER", "Page, null without pages."),
    "x0": ("FLOAT", "Left edge in points."),
    "y0": ("FLOAT", "Upper edge in points."),
    "x1": ("FLOAT", "Right edge in points."),
    "y1": ("FLOAT", "Lower edge in points."),
    "place": ("VARCHAR", "The format's own address, null without one."),
    "title": ("VARCHAR", "Caption of the table."),
    "text": ("VARCHAR", "As printed."),
    "word_start": ("INTEGER[]", "Of a text of several words with boxes: where each word starts."),
    "word_box": ("FLOAT[]", "Of a text of several words with boxes: four edges for each word."),
}


def contents_image() -> Image:
    """The image whose rows are the units of a document."""
    columns = [{"name": name, "type": kind, "description": about} for name, (kind, about) in COLUMNS.items()]
    manifest = Manifest.model_validate(
        {
            "name": "document-contents",
            "version": "0.1.0",
            "summary": "Each cell and each passage of a document with its place.",
            "kind": "extract",
            "accepts": ["ir/v1"],
            "emits": {"default": "units", "outputs": {"units": {"grain": "one row per unit", "columns": columns}}},
        }
    )
    return Image(manifest, Path(__file__).parent, __name__, "locus-dbt")
