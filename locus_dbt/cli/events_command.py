"""``locus events``: the event log of a store."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from datetime import datetime

    from locus_dbt.core.events import Entry


def events(
    root: Path = typer.Option(Path(), "--root", help="The folder that holds the store .locus.", file_okay=False),
    run: str | None = typer.Option(None, "--run", help="Only those of a run; the first characters of its id will do."),
    since: str | None = typer.Option(None, "--since", help="Only from this day or time on (ISO; UTC)."),
    limit: int = typer.Option(100, "--limit", "-n", min=0, help="The newest so many; 0 shows all."),
    as_json: bool = typer.Option(False, "--json", help="Print one JSON object a line."),
) -> None:
    """List the event log. What is locked (its key is not here) or damaged is listed as that, with the reason."""
    from locus_dbt.cli.moments import moment_of  # noqa: PLC0415
    from locus_dbt.cli.terminal import note  # noqa: PLC0415
    from locus_dbt.core.event_codec import reading_codec  # noqa: PLC0415
    from locus_dbt.core.events import read_entries  # noqa: PLC0415
    from locus_dbt.core.settings import load_settings  # noqa: PLC0415
    from locus_dbt.core.store import Store  # noqa: PLC0415

    settings = load_settings(root=root)
    start = moment_of(since) if since else None
    codec = reading_codec(settings)
    found = [e for e in read_entries(Store(settings.store_root), codec) if _is_wanted(e, run, start)]
    shown = found[-limit:] if limit else found
    if as_json:
        for entry in shown:
            typer.echo(json.dumps(_record(entry), default=str))
    elif shown:
        _print(shown)
    else:
        typer.echo("no events in the store" if not (run or since) else "no such events in the store")
    if len(shown) < len(found):
        note(f"{len(found) - len(shown)} earlier ones are not shown (-n 0 shows all)")


def _is_wanted(entry: Entry, run: str | None, start: datetime | None) -> bool:
    """A line that is no event belongs to no run and no time: it is shown unless one is asked for."""
    if entry.event is None:
        return run is None and start is None
    if run is not None and not entry.event.run.startswith(run):
        return False
    return start is None or _is_since(entry.event.at, start)


def _is_since(at: str, start: datetime) -> bool:
    """A time that cannot be read is not left out silently."""
    from locus_dbt.cli.moments import moment_of  # noqa: PLC0415
    from locus_dbt.model.errors import RequestError  # noqa: PLC0415

    try:
        return moment_of(at) >= start
    except RequestError:
        return True


def _record(entry: Entry) -> dict[str, Any]:
    from locus_dbt.core.secrets import mask_all  # noqa: PLC0415

    known = entry.event.record() if entry.event else {}
    about = {"line": entry.line, "state": entry.state, "codec": entry.codec, "reason": entry.reason}
    masked: dict[str, Any] = mask_all({**known, **{k: v for k, v in about.items() if v}})
    return masked


def _print(entries: list[Entry]) -> None:
    from locus_dbt.cli.terminal import console, print_rows  # noqa: PLC0415

    rows = []
    for entry in entries:
        record = _record(entry)
        data = json.dumps(record.get("data"), ensure_ascii=False, default=str) if entry.state == "open" else None
        said = data or f"{entry.state}: {entry.reason} ({entry.line})"
        at = str(record.get("at", ""))[:23].replace("T", " ")
        rows.append((at, record.get("run", ""), record.get("name", ""), said))
    print_rows(console(), ("at (UTC)", "run", "event", "data"), rows)
