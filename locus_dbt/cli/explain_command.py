"""``locus explain``: where the cells of a row were read."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    import duckdb
    from rich.console import Console

    from locus_dbt.cli.provenance import Place

#: Places shown of one cell; a merged or aggregated cell may have many.
_MOST = 20


def explain(
    model: str = typer.Argument(..., help="The model's name, with or without its schema."),
    row_id: str | None = typer.Argument(None, metavar="ROW_ID", help="The value of _locus_row_id; or use --where."),
    where: str | None = typer.Option(
        None, "--where", "-w", help="SQL that holds for one row: \"invoice_number = 'A-1'\"."
    ),
    column: str | None = typer.Option(
        None, "--column", "-c", help="One cell in full; without it, every cell of the row."
    ),
    database: Path | None = typer.Option(
        None, "--database", "-d", help="The DuckDB file; default: that of the dbt profile."
    ),
    png: Path | None = typer.Option(None, "--png", help="Draw the page with the box to this file."),
    root: Path = typer.Option(
        Path(), "--root", help="The dbt project's folder; documents are found from here.", file_okay=False
    ),
) -> None:
    """Say where the cells of a row were read: models, document, page, box, printed text, score."""
    from locus_dbt.cli.database import lineage_of  # noqa: PLC0415
    from locus_dbt.cli.provenance import find_model, find_row, places, read_row, relation_sql  # noqa: PLC0415
    from locus_dbt.cli.terminal import console, note  # noqa: PLC0415
    from locus_dbt.model.errors import LineageError, RequestError, did_you_mean  # noqa: PLC0415

    out = console()
    with lineage_of(database, root) as connection:
        key = find_model(connection, model)
        relation = relation_sql(connection, key)
        if row_id is None or where is not None:
            row_id = find_row(connection, relation, where, row_id)
        row = read_row(connection, relation, row_id)
        if column is not None and column not in row:
            raise RequestError(f"'{key}' has no column '{column}'{did_you_mean(column, row)}", code="E107")
        found = places(connection, key, row_id, column)
        if column is None:
            _print_row(out, key, row_id, row, found)
        else:
            if not found:
                empty = row[column] is None
                raise LineageError(f"{key}.{column} of this row leads to no place" + (": it is null" if empty else ""))
            _print_cell(out, connection, key, row_id, row[column], found)
        _warn_of_changes(connection, root, found, note)
    if png is not None:
        out.print(f"{'picture':<12}{draw(found, root, png)}", markup=False)


def draw(found: Sequence[Place], root: Path, png: Path) -> Path:
    """Draw the boxes on the page that holds most of them; E502 when none of them lies on a page."""
    from locus_dbt.cli.picture import draw_boxes  # noqa: PLC0415
    from locus_dbt.model.errors import LineageError  # noqa: PLC0415

    on_pages = [p for p in found if p.box and p.page and p.document]
    if not on_pages:
        raise LineageError("no place here lies on a page", fix="a picture needs a PDF; read the place above")
    (document, page), _ = Counter((p.document, p.page) for p in on_pages).most_common(1)[0]
    boxes = [p.box for p in on_pages if (p.document, p.page) == (document, page) and p.box]
    assert document is not None
    assert page is not None
    return draw_boxes(root / document, page, boxes, png)


def place_in_words(place: Place) -> str:
    """Page and box, or the document's own address."""
    parts = [f"page {place.page}"] if place.page else []
    if place.box:
        parts.append("box {:.1f}, {:.1f} to {:.1f}, {:.1f}".format(*place.box))
    if place.place:
        parts.append(place.place)
    return ", ".join(parts) or "the whole document"


def _short(place: Place) -> str:
    return f"page {place.page}" if place.page else place.place or ""


def score(place: Place) -> str:
    """Faithfulness and how it was come by."""
    if place.faithfulness is None:
        return "not compared (DuckDB read the file itself)" if place.document else "none"
    return f"{place.faithfulness:.2f} ({place.grounding})"


def _print_row(out: Console, key: str, row_id: str, row: dict[str, Any], found: Sequence[Place]) -> None:
    from locus_dbt.cli.terminal import print_rows, shown  # noqa: PLC0415

    out.print(f"{key}, row {row_id}", style="bold", markup=False)
    documents = {place.document for place in found}
    single = len(documents) == 1
    if single:  # said once, the table stays narrow
        out.print(f"read from {next(iter(documents)) or 'no document'}", markup=False, soft_wrap=True)
    lines: list[list[object]] = []
    for name, value in row.items():
        mine = [p for p in found if p.column == name]
        for place in mine[:_MOST]:
            text = place.text if place.document else place.reason
            lines.append([name, shown(value), place.document or "", _short(place), shown(text or ""), score(place)])
        if not mine and value is not None and not name.startswith("_locus") and name != "filename":
            lines.append([name, shown(value), "", "", "no place recorded", ""])
    names = ["column", "value", "document", "place", "printed", "score"]
    shown_columns = [i for i in range(len(names)) if not (single and names[i] == "document")]
    print_rows(out, [names[i] for i in shown_columns], [[cells[i] for i in shown_columns] for cells in lines])


def _print_cell(
    out: Console,
    connection: duckdb.DuckDBPyConnection,
    key: str,
    row_id: str,
    value: Any,  # noqa: ANN401 - any SQL value
    found: Sequence[Place],
) -> None:
    from locus_dbt.cli.provenance import chains  # noqa: PLC0415
    from locus_dbt.cli.terminal import shown  # noqa: PLC0415

    column = found[0].column
    out.print(f"{key}.{column}, row {row_id}", style="bold", markup=False)

    def line(label: str, text: str) -> None:
        first, *more = text.split("\n")
        out.print(f"{label:<12}{first}", markup=False)
        for rest in more:
            out.print(f"{'':<12}{rest}", markup=False)

    line("value", shown(value))
    for i, chain in enumerate(chains(connection, key, column)):
        line("" if i else "comes from", " <- ".join(chain))
    for number, place in enumerate(found[:_MOST], start=1):
        if len(found) > 1:
            out.print(f"── place {number} of {len(found)} " + "─" * 10, style="dim")
        print_place(line, place)


def print_place(line: Any, place: Place) -> None:  # noqa: ANN401 - a function of label and text
    """One place, a line a fact."""
    from locus_dbt.cli.terminal import shown  # noqa: PLC0415

    line("document", place.document or "unknown")
    line("place", place_in_words(place))
    if place.text is not None:
        line("printed", shown(place.text))
    line("score", score(place))
    if place.confidence is not None and place.confidence < 1:
        line("confidence", f"{place.confidence:.2f}")
    if place.changed:
        line("changed", "computed from the printed value on the way to this model")
    if place.reason:
        line("reason", place.reason)


def _warn_of_changes(connection: duckdb.DuckDBPyConnection, root: Path, found: Sequence[Place], note: Any) -> None:  # noqa: ANN401
    """A document that is no longer the one that was read shows something else at the same place."""
    for name in sorted({p.document for p in found if p.document})[:_MOST]:
        known = {
            r[0] for r in connection.execute("SELECT sha256 FROM locus.documents WHERE filename = ?", [name]).fetchall()
        }
        path = root / name
        if path.is_file() and known and hashlib.sha256(path.read_bytes()).hexdigest() not in known:
            note(f"note: {name} changed since it was read; dbt build reads it again")
