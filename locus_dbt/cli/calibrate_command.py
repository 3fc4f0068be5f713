"""``locus calibrate``: stated confidence against gold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from locus_dbt.core.reliability import Reliability
    from locus_dbt.engine.gold import Fit, Judged


def calibrate(
    model: str = typer.Argument(..., help="The model's name, with or without its schema."),
    gold: str = typer.Option(..., "--gold", help="A CSV, Parquet or JSON file, or a relation of the database."),
    key: list[str] = typer.Option([], "--key", "-k", help="Columns that name a row in both; default: filename."),
    fit: bool = typer.Option(False, "--fit", help="Keep a map for this model; the review queue states by it."),
    as_review: bool = typer.Option(False, "--as-review", help="Let the gold count as reviews of these cells."),
    as_json: bool = typer.Option(False, "--json", help="Print one JSON object."),
    database: Path | None = typer.Option(
        None, "--database", "-d", help="The DuckDB file; default: that of the dbt profile."
    ),
    root: Path = typer.Option(Path(), "--root", help="The dbt project's folder.", file_okay=False),
) -> None:
    """Say how well stated confidence agrees with gold: reliability, expected calibration error, Brier score."""
    from locus_dbt.cli.database import reviewed_database  # noqa: PLC0415
    from locus_dbt.cli.provenance import find_model, relation_sql  # noqa: PLC0415
    from locus_dbt.cli.terminal import console  # noqa: PLC0415
    from locus_dbt.core.reliability import reliability  # noqa: PLC0415
    from locus_dbt.engine.gold import compare, gold_sql, store_fit, store_reviews  # noqa: PLC0415
    from locus_dbt.engine.gold import fit as fit_map  # noqa: PLC0415

    names = [name.strip() for one in key for name in one.split(",") if name.strip()]
    with reviewed_database(database, root) as connection:
        found = find_model(connection, model)
        judged = compare(connection, found, relation_sql(connection, found), gold_sql(connection, gold), key=names)
        measured = reliability(judged.stated, judged.right)
        made = fit_map(judged) if fit else None
        if made is not None:
            store_fit(connection, judged, made)
        reviewed = store_reviews(connection, judged, reviewer=f"gold {Path(gold).name}") if as_review else 0
    if as_json:
        typer.echo(json.dumps(_facts(judged, measured, made, reviewed), ensure_ascii=False))
        return
    _print(console(), judged, measured, made, reviewed)


def _facts(judged: Judged, measured: Reliability, made: Fit | None, reviewed: int) -> dict[str, Any]:
    facts = {"model": judged.model, "columns": list(judged.columns), "key": list(judged.key), **_figures(measured)}
    facts["documents"] = _documents(judged)
    facts["bins"] = [{"n": b.n, "stated": b.stated, "right": b.right} for b in measured.bins]
    if made is not None:
        facts["fitted"] = {
            "stated": list(made.stated), "probability": list(made.probability), **_figures(made.measured),
        }  # fmt: skip
    return {**facts, "reviewed": reviewed}


def _figures(measured: Reliability) -> dict[str, Any]:
    return {
        "n": measured.n,
        "right": measured.right,
        "stated_mean": measured.stated,
        "ece": measured.ece,
        "ece_equal_width": measured.ece_width,
        "brier": measured.brier,
    }


def _documents(judged: Judged) -> int:
    return len(set(judged.document.tolist()))


def _print(out: Console, judged: Judged, measured: Reliability, made: Fit | None, reviewed: int) -> None:
    from locus_dbt.cli.terminal import print_rows  # noqa: PLC0415

    out.print(
        f"{judged.model}: {measured.n} cells of {_documents(judged)} documents with gold, {measured.right:.4f} right, "
        f"stated {measured.stated:.4f} on average",
        markup=False,
        soft_wrap=True,
    )
    out.print(_in_words(measured), markup=False)
    out.print()
    rows = [[n, f"{p:.4f}", f"{right:.4f}", f"{right - p:+.4f}"] for n, p, right in _told(measured)]
    print_rows(out, ("cells", "stated", "right", "difference"), rows, numbers=[True] * 4)
    if made is not None:
        out.print(
            f"a map of {len(made.stated)} points is kept for {judged.model}; on documents it was not fitted on: "
            + _in_words(made.measured),
            markup=False,
            soft_wrap=True,
        )
    if reviewed:
        out.print(f"{reviewed} cells count as reviewed", markup=False)


def _told(measured: Reliability) -> list[tuple[int, float, float]]:
    """Bins for a reader: those of cells that are stated alike are one."""
    out: list[tuple[int, float, float]] = []
    for one in measured.bins:
        same = out and (round(out[-1][1], 6), round(out[-1][2], 6)) == (round(one.stated, 6), round(one.right, 6))
        out.append((out.pop()[0] + one.n if same else one.n, one.stated, one.right))
    return out


def _in_words(measured: Reliability) -> str:
    return (
        f"ECE {measured.ece:.4f} (ten bins of equal mass), {measured.ece_width:.4f} (of equal width), "
        f"Brier {measured.brier:.4f}"
    )
