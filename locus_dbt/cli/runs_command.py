"""``locus runs`` and ``locus gc``: the store's run records."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from locus_dbt.core.store import Store

_ROOT = typer.Option(Path(), "--root", help="The folder that holds the store .locus.", file_okay=False)
#: A part of an object this old was left by a killed process: no write takes so long.
_STALE_SECONDS = 3600
_DAY = 86_400


def runs(
    root: Path = _ROOT,
    limit: int = typer.Option(20, "--limit", "-n", min=0, help="The newest so many; 0 shows all."),
    as_json: bool = typer.Option(False, "--json", help="Print one JSON object a line."),
) -> None:
    """List the runs in the store: state, counts, files that failed."""
    from locus_dbt.cli.failures import printable  # noqa: PLC0415
    from locus_dbt.cli.terminal import console, print_rows  # noqa: PLC0415

    found = sorted(_runs(_store(root)), key=lambda r: (str(r["at"]), str(r["run"])), reverse=True)
    found = found[:limit] if limit else found
    if as_json:
        for record in found:
            typer.echo(json.dumps(record, ensure_ascii=False))
        return
    if not found:
        typer.echo("no runs in the store")
        return
    rows = []
    for record in found:
        numbers = [record["counts"].get(kind, 0) for kind in ("documents", "rows", "rejected")]
        at = record["at"][:16].replace("T", " ")
        rows.append((record["run"][:8], at, record["image"], record["state"], *numbers))
    names = ("run", "at (UTC)", "image", "state", "documents", "rows", "rejected")
    print_rows(console(), names, rows, numbers=[False] * 4 + [True] * 3)
    for record in found:
        for failed in record["failed"]:
            line = f"{record['run'][:8]} {failed['filename']}: [{failed['code']}] {failed['message']}"
            typer.echo(printable(line))


def gc(
    root: Path = _ROOT,
    days: int = typer.Option(30, "--days", min=0, help="Forget runs older than this."),
    dry_run: bool = typer.Option(False, "--dry-run", help="Only say what would go."),
    database: Path | None = typer.Option(
        None, "--database", "-d", help="The DuckDB file whose old lineage goes; default: that of the dbt profile."
    ),
) -> None:
    """Remove old run records, old lineage and what killed processes left.

    Results and snapshots stay, and so does every run that a model stands at or was built on: no answer about a model
    changes.
    """
    from locus_dbt.core.runs import forget_run  # noqa: PLC0415

    store = _store(root)
    now = time.time()
    parts = [p for p in store.root.rglob(".part-*") if p.is_file() and now - p.stat().st_mtime > _STALE_SECONDS]
    old = sorted(
        {p.name.split(".")[0] for p in (store.root / "runs").glob("*/*.json") if now - p.stat().st_mtime > days * _DAY}
    )
    if not dry_run:
        for part in parts:
            part.unlink(missing_ok=True)
        for run in old:
            forget_run(store, run)
    verb = "would remove" if dry_run else "removed"
    typer.echo(f"{verb} {len(old)} run records older than {days} days and {len(parts)} leftover parts")
    _collect_lineage(database, root, days=days, dry_run=dry_run)


def _collect_lineage(database: Path | None, root: Path, *, days: int, dry_run: bool) -> None:
    """Old runs of the lineage, where there is a database with lineage."""
    from locus_dbt.cli.database import has_lineage, project_database, writable  # noqa: PLC0415
    from locus_dbt.engine.collect import collect_runs  # noqa: PLC0415
    from locus_dbt.model.errors import RequestError  # noqa: PLC0415

    if database is None:
        try:
            database = project_database(root)
        except RequestError:
            return  # no dbt project here: only the store was meant
        if not database.is_file():
            return
    with writable(database) as connection:
        if not has_lineage(connection):
            return
        before = datetime.fromtimestamp(time.time() - days * _DAY, UTC)
        gone = collect_runs(connection, before=before, dry_run=dry_run)
    verb = "would remove" if dry_run else "removed"
    typer.echo(f"{verb} {gone['runs']} runs and {gone['readings']} readings of documents from {database.name}")


def _store(root: Path) -> Store:
    from locus_dbt.core.settings import load_settings  # noqa: PLC0415
    from locus_dbt.core.store import Store  # noqa: PLC0415

    return Store(load_settings(root=root).store_root)


def _runs(store: Store) -> Iterator[dict[str, Any]]:
    """Finished runs with their summary; a run without one was stopped, and its record says what it was to read."""
    from locus_dbt.core.runs import summaries  # noqa: PLC0415

    finished = {str(s["run"]): s for s in summaries(store)}
    for run, record in store.records("runs"):
        at = datetime.fromtimestamp((store.root / "runs" / run[:2] / f"{run}.json").stat().st_mtime, UTC)
        summary = finished.get(run)
        yield {
            "run": run,
            "at": at.isoformat(timespec="seconds"),
            "image": record["image"],
            "state": summary["state"] if summary else "unfinished",
            "counts": summary["counts"] if summary else {"documents": sum(len(s) for s in record["shards"])},
            "failed": summary["failed"] if summary else [],
        }
