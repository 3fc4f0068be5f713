"""``locus openlineage``: the lineage of a database as OpenLineage events, to a file, a pipe or a server."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    import duckdb

    from locus_dbt.core.settings import Settings
    from locus_dbt.engine.openlineage_facts import Wanted
    from locus_dbt.lineage.openlineage_builds import Build

#: The variable that holds the token of the server; OpenLineage's own clients read it too.
_API_KEY = "OPENLINEAGE_API_KEY"
#: Kinds of dbt nodes that stand in the database.
_RELATIONS = ("model", "seed", "snapshot", "source")


def openlineage(
    database: Path | None = typer.Option(
        None, "--database", "-d", help="The DuckDB file; default: that of the dbt profile."
    ),
    output: Path = typer.Option(Path("-"), "--output", "-o", help="File for JSON lines; - is the standard output."),
    url: str | None = typer.Option(None, "--url", help="Send to this server instead; without a path: /api/v1/lineage."),
    model: str | None = typer.Option(None, "--model", "-m", help="Only the builds of this model."),
    since: str | None = typer.Option(None, "--since", help="Only builds from this day or time on (ISO; UTC)."),
    namespace: str = typer.Option("locus", "--namespace", help="Namespace of the jobs."),
    dataset_namespace: str | None = typer.Option(
        None, "--dataset-namespace", help="Namespace of the tables; default: duckdb:// and the file's name."
    ),
    most_documents: int = typer.Option(
        100, "--most-documents", min=0, help="A model of more documents has their folders as inputs."
    ),
    quality: bool = typer.Option(
        True, "--quality/--no-quality", help="Count rows, nulls and faithfulness: reads every table once."
    ),
    allow_private: bool = typer.Option(
        False, "--allow-private", help="The server may be on this machine or in a private network."
    ),
    root: Path = typer.Option(
        Path(), "--root", help="The dbt project's folder, which holds the store .locus.", file_okay=False
    ),
) -> None:
    """Export builds as OpenLineage run events: START, then COMPLETE or FAIL. The same builds give the same events."""
    from locus_dbt.cli.database import lineage_of, project_database  # noqa: PLC0415
    from locus_dbt.cli.moments import moment_of  # noqa: PLC0415
    from locus_dbt.core.settings import load_settings  # noqa: PLC0415
    from locus_dbt.engine.openlineage_facts import Wanted  # noqa: PLC0415
    from locus_dbt.lineage.openlineage_builds import Naming  # noqa: PLC0415

    settings = load_settings({"allow_private_addresses": True} if allow_private else {}, root=root)
    file = database or project_database(root)
    invocation, nodes = _dbt_nodes(root)
    with lineage_of(file, root) as connection:
        key = _model(connection, model) if model else None
        wanted = Wanted(key, moment_of(since) if since else None, quality, invocation, nodes)
        naming = Naming(namespace, dataset_namespace or f"duckdb://{file.name}", _database(connection))
        lines = _lines(_builds(connection, wanted, settings), naming, most_documents)
        if url is None:
            _write(lines, output)
        else:
            _send(lines, url, settings)


def _lines(builds: Iterable[Build], naming: Any, most_documents: int) -> Iterator[str]:  # noqa: ANN401 - Naming
    import duckdb  # noqa: PLC0415

    from locus_dbt import __version__  # noqa: PLC0415
    from locus_dbt.lineage.openlineage import run_events, to_line  # noqa: PLC0415
    from locus_dbt.lineage.openlineage_builds import Software  # noqa: PLC0415

    software = Software(duckdb.__version__, __version__)
    for build in builds:
        for event in run_events(build, naming, software, most_documents=most_documents):
            yield to_line(event)


def _builds(connection: duckdb.DuckDBPyConnection, wanted: Wanted, settings: Settings) -> Iterator[Build]:
    """Builds in the lineage tables, and after them those that failed: they are in the event log only."""
    from locus_dbt.engine.openlineage_facts import read_builds  # noqa: PLC0415

    known = {str(row[0]) for row in connection.execute("SELECT run_id FROM locus.runs").fetchall()}
    yield from read_builds(connection, wanted)
    yield from (build for build in _failed(settings, wanted) if build.run_id not in known)


def _failed(settings: Settings, wanted: Wanted) -> Iterator[Build]:
    from locus_dbt.cli.moments import moment_of  # noqa: PLC0415
    from locus_dbt.core.event_codec import reading_codec  # noqa: PLC0415
    from locus_dbt.core.events import read_events  # noqa: PLC0415
    from locus_dbt.core.store import Store  # noqa: PLC0415
    from locus_dbt.engine.openlineage_facts import moment  # noqa: PLC0415
    from locus_dbt.lineage.openlineage_builds import Build  # noqa: PLC0415

    for event in read_events(Store(settings.store_root), codec=reading_codec(settings)):
        if event.name != "locus.build.failed" or wanted.model not in (None, event.data.get("model")):
            continue
        at = moment_of(event.at)
        if wanted.since is None or at >= wanted.since:
            yield Build(
                event.run,
                str(event.data.get("model")),
                moment(at),
                invocation=event.data.get("invocation"),
                node=event.data.get("node"),
                error=str(event.data.get("reason")),
            )


def _model(connection: duckdb.DuckDBPyConnection, name: str) -> str:
    """The key of a model that was ever built, named with or without its schema."""
    from locus_dbt.model.errors import LineageError, did_you_mean  # noqa: PLC0415

    keys = [str(row[0]) for row in connection.execute("SELECT DISTINCT model FROM locus.runs ORDER BY 1").fetchall()]
    wanted = name.lower().replace('"', "")
    found = [key for key in keys if key == wanted] or [key for key in keys if key.partition(".")[2] == wanted]
    if len(found) == 1:
        return found[0]
    if found:
        raise LineageError(f"'{name}' is in several schemas: {', '.join(found)}", fix="name the schema too")
    raise LineageError(f"model '{name}' has no lineage{did_you_mean(wanted, keys)}")


def _database(connection: duckdb.DuckDBPyConnection) -> str:
    row = connection.execute("SELECT current_database()").fetchone()
    return str(row[0]) if row else ""


def _dbt_nodes(root: Path) -> tuple[str | None, dict[str, Any]]:
    """What dbt left of its models in ``target/manifest.json``, and the invocation that it is of."""
    from locus_dbt.engine.openlineage_facts import Node  # noqa: PLC0415

    try:
        manifest = json.loads((root / "target" / "manifest.json").read_bytes())
        invocation = manifest["metadata"]["invocation_id"]
        relations = {
            name: f"{node['schema']}.{node.get('identifier') or node.get('alias') or node['name']}".lower()
            for name, node in {**manifest["nodes"], **manifest["sources"]}.items()
            if node["resource_type"] in _RELATIONS and node.get("config", {}).get("materialized") != "ephemeral"
        }
        nodes = {
            name: Node(node.get("compiled_code"), node.get("description") or None, _reads(node, relations))
            for name, node in manifest["nodes"].items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None, {}  # no dbt project, or artifacts of another form
    return invocation, nodes


def _reads(node: dict[str, Any], relations: dict[str, str]) -> tuple[str, ...]:
    parents = node.get("depends_on", {}).get("nodes", [])
    return tuple(sorted({relations[name] for name in parents if name in relations}))


def _write(lines: Iterable[str], output: Path) -> None:
    from locus_dbt.cli.terminal import note  # noqa: PLC0415
    from locus_dbt.model.errors import RunError  # noqa: PLC0415

    if str(output) == "-":
        for line in lines:
            typer.echo(line)
        return
    part = output.with_name(f".part-{output.name}")
    with ExitStack() as stack:
        stack.callback(part.unlink, missing_ok=True)
        try:
            file = stack.enter_context(part.open("w", encoding="utf-8", newline="\n"))
        except OSError as error:
            raise RunError(
                f"cannot write {output}: {error.strerror}", code="E403", fix="choose another file"
            ) from error
        count = sum(file.write(line + "\n") > 0 for line in lines)
        file.close()
        part.replace(output)
    note(f"{count} events in {output}")


def _send(lines: Iterable[str], url: str, settings: Settings) -> None:
    from locus_dbt.cli.terminal import note  # noqa: PLC0415
    from locus_dbt.connectors.http import limits_of  # noqa: PLC0415
    from locus_dbt.connectors.lineage_endpoint import endpoint, send  # noqa: PLC0415

    count = send(lines, url, limits=limits_of(settings), api_key=os.environ.get(_API_KEY))
    note(f"{count} events sent to {endpoint(url)}")
