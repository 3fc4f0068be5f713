"""``locus review``: the cells that somebody should look at, and what was found."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    import duckdb

    from locus_dbt.engine.reviews import Standing

_NAMES = ("column", "value", "document", "place", "printed", "stated", "why", "row")


def review(
    model: str = typer.Argument(..., help="The model's name, with or without its schema."),
    max_error: float | None = typer.Option(
        None, "--max-error", help="Of all cells, the share that may be accepted unseen and wrong: 0.01."
    ),
    threshold: float = typer.Option(
        0.7, "--threshold", min=0, max=1, help="Without --max-error: cells stated to be less sure than this."
    ),
    limit: int = typer.Option(20, "--limit", "-n", min=0, help="List so many; 0 lists all."),
    sample: int | None = typer.Option(None, "--sample", min=1, help="Have so many cells drawn at random for review."),
    row: str | None = typer.Option(None, "--row", help="Record a verdict: the value of _locus_row_id."),
    column: str | None = typer.Option(None, "--column", "-c", help="Record a verdict: the column."),
    right: bool = typer.Option(False, "--right", help="The cell is right."),
    wrong: bool = typer.Option(False, "--wrong", help="The cell is wrong."),
    value: str | None = typer.Option(None, "--value", help="The cell is wrong, and this is right."),
    reviewer: str | None = typer.Option(None, "--reviewer", help="Who looked."),
    as_json: bool = typer.Option(False, "--json", help="Print one JSON object."),
    database: Path | None = typer.Option(
        None, "--database", "-d", help="The DuckDB file; default: that of the dbt profile."
    ),
    root: Path = typer.Option(Path(), "--root", help="The dbt project's folder.", file_okay=False),
) -> None:
    """List the cells to look at, worst first, or record what was found of one."""
    from locus_dbt.cli.database import reviewed_database  # noqa: PLC0415
    from locus_dbt.cli.provenance import find_model  # noqa: PLC0415
    from locus_dbt.engine.reviews import draw  # noqa: PLC0415
    from locus_dbt.model.errors import RequestError  # noqa: PLC0415

    if max_error is not None and not 0 < max_error < 1:
        raise RequestError(f"--max-error is a share between 0 and 1, not {max_error:g}", fix="--max-error 0.01")
    verdicts = [right, wrong, value is not None]
    with reviewed_database(database, root) as connection:
        key = find_model(connection, model)
        if row is not None or column is not None or any(verdicts):
            _record(connection, key, row, column, verdicts, value, reviewer)
            return
        if sample is not None:
            draw(connection, key, sample)
        _list(connection, key, max_error=max_error, least=threshold, limit=limit, as_json=as_json)


def _record(
    connection: duckdb.DuckDBPyConnection,
    key: str,
    row: str | None,
    column: str | None,
    verdicts: list[bool],
    value: str | None,
    reviewer: str | None,
) -> None:
    from uuid import UUID  # noqa: PLC0415

    from locus_dbt.cli.terminal import shown  # noqa: PLC0415
    from locus_dbt.engine.reviews import record  # noqa: PLC0415
    from locus_dbt.model.errors import RequestError  # noqa: PLC0415

    if not row or not column or not reviewer or sum(verdicts) != 1:
        raise RequestError(
            "a verdict takes --row, --column, --reviewer and one of --right, --wrong, --value",
            fix="--row ID --column NAME --right --reviewer NAME",
        )
    try:
        UUID(row)
    except ValueError as error:
        raise RequestError(
            f"not a row id: '{row}'", code="E107", fix="take it from the column _locus_row_id"
        ) from error
    read = record(connection, key, row, column, right=verdicts[0], corrected=value, reviewer=reviewer)
    said = "right" if verdicts[0] else "wrong" + (f", right is {shown(value)}" if value is not None else "")
    typer.echo(f"{key}.{column}, row {row}: {shown(read)} is {said} ({reviewer})")


def _list(
    connection: duckdb.DuckDBPyConnection,
    key: str,
    *,
    max_error: float | None,
    least: float,
    limit: int,
    as_json: bool,
) -> None:
    from locus_dbt.cli.terminal import console, print_rows  # noqa: PLC0415
    from locus_dbt.engine.reviews import queue, standing  # noqa: PLC0415

    found = standing(connection, key, max_error=max_error, least=least)
    cells = queue(connection, key, max_error=max_error, least=least, limit=limit or None)
    if as_json:
        typer.echo(
            json.dumps({**_facts(key, found, max_error), "queue": [_plain(c) for c in cells]}, ensure_ascii=False)
        )
        return
    out = console()
    for line in in_words(key, found, max_error=max_error, least=least):
        out.print(line, markup=False, soft_wrap=True)
    if cells:
        out.print()
        print_rows(out, _NAMES, [_shown(c) for c in cells])
    if len(cells) < found.waiting:
        out.print(f"{found.waiting - len(cells)} more: --limit 0 lists all", markup=False)


def in_words(key: str, found: Standing, *, max_error: float | None, least: float) -> list[str]:
    """How many cells wait, and what is promised of the others."""
    lines = [f"{key}: {found.waiting} of {found.cells} cells wait for review"]
    if found.threshold is None or max_error is None:
        lines[0] += f" (stated to be less sure than {least:g}, or drawn for review)"
        return lines
    bound = found.threshold
    seen = f"{found.drawn} cells drawn at random, {found.wrong} wrong"
    if found.unseen:
        seen += f", {found.unseen} not seen yet (they count as wrong)"
    if bound.missing:
        lines.append(
            f"nothing can be promised yet: {seen}; {bound.missing} more are needed for at most {max_error:g}: "
            f"locus review {key} --sample {found.drawn + bound.missing}"
        )
    elif math.isinf(bound.above):
        lines.append(f"nothing can be promised yet: {seen}")
    else:
        above = "all cells" if bound.above < 0 else f"cells with a confidence above {bound.above:.4g}"
        lines.append(
            f"{above} pass unseen: the expected share of cells that pass and are wrong is at most {max_error:g} "
            f"({seen})"
        )
    return lines


def _facts(key: str, found: Standing, max_error: float | None) -> dict[str, Any]:
    bound = found.threshold
    return {
        "model": key,
        "cells": found.cells,
        "waiting": found.waiting,
        "drawn": found.drawn,
        "wrong": found.wrong,
        "not_seen": found.unseen,
        "max_error": max_error,
        "promised": bound is not None and not math.isinf(bound.above),
        "above": None if bound is None or math.isinf(bound.above) else bound.above,
        "missing": 0 if bound is None else bound.missing,
    }


def _plain(cell: dict[str, Any]) -> dict[str, Any]:
    kept = {k: v for k, v in cell.items() if k not in ("model", "above", "reviewed", "missing")}
    return {k: str(v) if k == "_locus_row_id" else v for k, v in kept.items()}


def _shown(cell: dict[str, Any]) -> list[object]:
    from locus_dbt.cli.explain_text import place_in_words  # noqa: PLC0415
    from locus_dbt.cli.provenance import Place  # noqa: PLC0415

    box = None if cell["x0"] is None else (cell["x0"], cell["y0"], cell["x1"], cell["y1"])
    at = Place(cell["column_name"], page=cell["page"], box=box, place=cell["place"])
    stated = "" if cell["stated"] is None else f"{cell['stated']:.2f}"
    why = cell["reason"] or ("drawn for review" if cell["drawn"] else "")
    return [
        *(cell["column_name"], cell["value"], cell["filename"], place_in_words(at), cell["text"], stated, why),
        str(cell["_locus_row_id"]),
    ]
