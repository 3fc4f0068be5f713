"""``locus explain``: where the cells of a row were read, as text, JSON, a picture or a page to go through."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    import duckdb
    from rich.console import Console

    from locus_dbt.cli.picture import Frame
    from locus_dbt.cli.review.facts import Review, Row, Source
    from locus_dbt.cli.review.papers import Papers

#: Documents named on stderr that are gone or changed.
_MOST_NOTES = 5

#: A source to draw, and how its frame looks.
Drawn = tuple["Source", "Frame"]


def explain(
    model: str = typer.Argument(..., help="The model's name, with or without its schema."),
    row_id: str | None = typer.Argument(
        None, metavar="ROW_ID", help="The value of _locus_row_id; or use --where. Neither, with --html: many rows."
    ),
    where: str | None = typer.Option(
        None, "--where", "-w", help="SQL that holds for one row: \"invoice_number = 'A-1'\"."
    ),
    column: str | None = typer.Option(
        None, "--column", "-c", help="One cell in full; without it, every cell of the row."
    ),
    database: Path | None = typer.Option(
        None, "--database", "-d", help="The DuckDB file; default: that of the dbt profile."
    ),
    json_output: bool = typer.Option(False, "--json", help="The same as one JSON document."),
    png: Path | None = typer.Option(None, "--png", help="Draw the page with the boxes to this file."),
    html: Path | None = typer.Option(
        None, "--html", help="Write one page with pictures, boxes and all cells, the ungrounded first; no network."
    ),
    limit: int = typer.Option(20, "--limit", min=1, max=500, help="Rows when no row is named, the worst first."),
    root: Path = typer.Option(
        Path(), "--root", help="The dbt project's folder; documents are found from here.", file_okay=False
    ),
    password: str | None = typer.Option(None, "--password", help="Opens encrypted documents to draw; env:NAME."),
) -> None:
    """Say where the cells of a row were read: models, document, page, box, printed text, score."""
    from locus_dbt.cli.database import lineage_of  # noqa: PLC0415
    from locus_dbt.cli.provenance import find_model  # noqa: PLC0415
    from locus_dbt.cli.review.papers import Papers  # noqa: PLC0415
    from locus_dbt.cli.terminal import console  # noqa: PLC0415
    from locus_dbt.core.read_options import read_options  # noqa: PLC0415
    from locus_dbt.model.errors import RequestError  # noqa: PLC0415

    papers = Papers(root, read_options({"password": password}))
    whole = row_id is None and where is None and (html is not None or json_output)
    if whole and (png is not None or column is not None):
        raise RequestError("--png and --column are for one row", fix="name it by ROW_ID or --where")
    with lineage_of(database, root) as connection:
        key = find_model(connection, model)
        rows, count = _rows(connection, key, row_id=row_id, where=where, column=column, limit=limit if whole else None)
    out = console()
    if json_output:
        out.file.write(_json(key, rows, count, whole=whole) + "\n")
    elif not whole:
        _print(out, rows[0], column)
    said = {}
    if html is not None:
        said["page"] = f"{html}: {_counted(write_page(key, rows, count, papers, html))}"
    if png is not None:
        ways = [way for row in rows for cell in row.cells for way in cell.ways]
        said["picture"] = draw(drawn_of(way.source for way in ways if way.source), papers, png)
    _look_again(rows, papers)
    troubles = [f"note: {name}: {trouble}" for name, trouble in sorted(papers.troubles.items())]
    _tell(out, {} if json_output else said, troubles)


def _tell(out: Console, said: Mapping[str, str], troubles: Sequence[str]) -> None:
    from locus_dbt.cli.failures import printable  # noqa: PLC0415
    from locus_dbt.cli.terminal import note  # noqa: PLC0415

    for label, text in said.items():
        out.print(f"{label:<12}{printable(text)}", markup=False, soft_wrap=True)
    for trouble in troubles[:_MOST_NOTES]:
        note(trouble)
    if len(troubles) > _MOST_NOTES:
        note(f"note: and {len(troubles) - _MOST_NOTES} more documents")


def _rows(
    connection: duckdb.DuckDBPyConnection,
    key: str,
    *,
    row_id: str | None,
    where: str | None,
    column: str | None,
    limit: int | None,
) -> tuple[list[Row], int]:
    """The one row that is named, or with ``limit`` the worst of the model; and the number of rows to choose from."""
    from locus_dbt.cli.provenance import column_types, find_row, known_row, relation_sql  # noqa: PLC0415
    from locus_dbt.cli.review.reading import read_rows  # noqa: PLC0415
    from locus_dbt.cli.review.worst import worst_rows  # noqa: PLC0415
    from locus_dbt.model.errors import RequestError, did_you_mean  # noqa: PLC0415

    relation = relation_sql(connection, key)
    names = [name for name in column_types(connection, relation) if not name.startswith("_locus")]
    if column is not None and column not in names:
        raise RequestError(f"'{key}' has no column '{column}'{did_you_mean(column, names)}", code="E107")
    if limit is not None:
        ids, count = worst_rows(connection, key, relation, limit=limit)
        return read_rows(connection, key, ids, names), count
    if row_id is None or where is not None:
        row_id = find_row(connection, relation, where, row_id)
    row_id = known_row(connection, relation, row_id)
    return read_rows(connection, key, [row_id], [column] if column else names), 1


def _json(key: str, rows: Sequence[Row], count: int, *, whole: bool) -> str:
    from locus_dbt.cli.explain_text import json_text  # noqa: PLC0415

    return json_text({"model": key, "rows_in_model": count, "rows": rows} if whole else rows[0])


def _print(out: Console, row: Row, column: str | None) -> None:
    from locus_dbt.cli.explain_text import cell_lines, review_lines  # noqa: PLC0415
    from locus_dbt.cli.failures import printable  # noqa: PLC0415
    from locus_dbt.model.errors import LineageError  # noqa: PLC0415

    if column is None:
        _print_row(out, row)
        for i, line in enumerate(review_lines(row)):
            out.print(("\n" if i == 0 else "") + printable(line), markup=False, soft_wrap=True)
        return
    if not row.cells:
        raise LineageError(f"{row.model}.{column} names the document and was not read in it", fix="explain the row")
    for i, line in enumerate(cell_lines(row, row.cells[0])):
        out.print(printable(line), markup=False, soft_wrap=True, style=None if i else "bold")


def _print_row(out: Console, row: Row) -> None:
    from locus_dbt.cli.explain_text import place_in_words, score  # noqa: PLC0415
    from locus_dbt.cli.terminal import print_rows, shown  # noqa: PLC0415

    out.print(f"{row.model}, row {row.row_id}", style="bold", markup=False)
    documents = row.documents
    single = len(documents) <= 1
    if single:  # said once, the table stays narrow
        out.print(f"read from {shown(documents[0]) if documents else 'no document'}", markup=False, soft_wrap=True)
    lines: list[list[object]] = []
    for cell in row.cells:
        if cell.value is None:
            if cell.refused:
                lines.append([cell.column, "∅", "", "", shown(cell.refused), ""])
            continue
        way = cell.ways[0] if cell.ways else None
        source = way.source if way else None
        if source is None:
            lines.append(
                [cell.column, shown(cell.value), "", "", f"({way.gap if way else 'no place recorded'})", "none"]
            )
            continue
        more = f", 1 of {cell.way_count}" if cell.way_count > 1 else ""
        place = (f"page {source.page}" if source.page else place_in_words(source)) + more
        lines.append(
            [cell.column, shown(cell.value), source.document or "", place, shown(source.text or ""), score(source)]
        )
    names = ["column", "value", "document", "place", "printed", "score"]
    kept = [i for i in range(len(names)) if not (single and names[i] == "document")]
    print_rows(out, [names[i] for i in kept], [[line[i] for i in kept] for line in lines])


def _look_again(rows: Sequence[Row], papers: Papers) -> None:
    """A document that is no longer the one that was read shows something else at the same place: to be said."""
    for row in rows:
        for cell in row.cells:
            for way in cell.ways:
                if way.source is not None and way.source.document:
                    papers.check(way.source)


def drawn_of(sources: Iterable[Source]) -> list[Drawn]:
    """Sources that lie on a page, each with its frame; the places of what it was computed from as well."""
    from locus_dbt.cli.picture import Frame  # noqa: PLC0415

    out: list[Drawn] = []
    for source in sources:
        out += [(s, Frame(s.box, s.verdict)) for s in (source, *source.inputs) if s.box and s.page and s.document]
    return out


def draw(drawn: Sequence[Drawn], papers: Papers, png: Path) -> str:
    """Draw the boxes on the page that holds most of them, and say in words what is in the picture and what is not.

    E502 when nothing lies on a page, E201 when the document is not there.
    """
    from locus_dbt.cli.picture import draw_boxes  # noqa: PLC0415
    from locus_dbt.model.errors import InputError, LineageError  # noqa: PLC0415

    drawn = list(dict.fromkeys(drawn))
    if not drawn:
        raise LineageError("no place here lies on a page", fix="a picture needs a PDF or a scan; read the place above")
    counts = Counter((source.document, source.page) for source, _ in drawn)
    (document, page), most = counts.most_common(1)[0]
    here = [(s, f) for s, f in drawn if (s.document, s.page) == (document, page)]
    paper = papers.open(here[0][0], changed=True)
    if paper is None:
        raise InputError(papers.troubles.get(document or "", f"cannot open '{document}'"), code="E201")
    draw_boxes(paper.document, page or 1, [frame for _, frame in here], png)
    if len(counts) == 1:
        return str(png)
    others = f"{len(counts) - 1} other page" + ("s" if len(counts) > 2 else "")
    return f"{png}: page {page} of {document} with {most} of {len(drawn)} boxes; the others are on {others}"


def write_page(key: str, rows: Sequence[Row], count: int, papers: Papers, html: Path) -> Review:
    """Write the page and give back what is on it."""
    from locus_dbt.cli.review.gathering import gather  # noqa: PLC0415
    from locus_dbt.cli.review.page import explain_page  # noqa: PLC0415
    from locus_dbt.model.errors import RunError  # noqa: PLC0415

    review = gather(key, rows, count, papers)
    part = html.with_name(f".part-{html.name}")
    try:
        part.write_text(explain_page(review), "utf-8")
        part.replace(html)
    except OSError as error:
        raise RunError(f"cannot write '{html}': {error.strerror or error}", code="E403") from error
    return review


def _counted(review: Review) -> str:
    cells = sum(len(row.cells) for row in review.rows)
    doubtful = sum(cell.verdict == "ungrounded" for row in review.rows for cell in row.cells)
    if not review.rows:
        return "the model has no rows"
    rows = f"{len(review.rows)} of {review.row_count} rows" if review.row_count > 1 else "1 row"
    pages = f"{len(review.pictures)} page" + ("" if len(review.pictures) == 1 else "s")
    return f"{rows}, {cells} cells, {doubtful} ungrounded, {pages} embedded"
