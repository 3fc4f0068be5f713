"""``locus sql`` and ``locus run``: a statement with all images at hand, on the terminal or into a file."""

from __future__ import annotations

import contextlib
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    import duckdb

    from locus_dbt.core.registry import Image
    from locus_dbt.engine.session import Session

#: Exit code for ``--strict`` when something was rejected.
REJECTED = 3


class Form(StrEnum):
    """How rows are printed."""

    auto = "auto"
    table = "table"
    vertical = "vertical"
    csv = "csv"
    json = "json"


_DATABASE = typer.Option(None, "--database", "-d", help="A DuckDB file; without it, a database in memory.")
_OUTPUT = typer.Option(None, "--output", "-o", help="Write the rows to FILE: .parquet, .csv, .json or .jsonl.")
_ROOT = typer.Option(Path(), "--root", help="The folder that paths and the store .locus start from.", file_okay=False)
_FORM = typer.Option(
    Form.auto, "--format", "-f", help="auto: a table, or a block a row on a narrow terminal; json: an object a line."
)
_LIMIT = typer.Option(40, "--limit", "-n", min=0, help="Print at most this many rows; 0 prints all.")
_STRICT = typer.Option(False, "--strict", help="Exit with 3 when a document or cell was rejected.")
_REJECTS = typer.Option(False, "--rejects", help="List what was rejected, a line each, on stderr.")


def sql(
    statement: str = typer.Argument(..., help="SQL; every image is a table function: from locus_x('documents/*.pdf')."),
    database: Path | None = _DATABASE,
    output: Path | None = _OUTPUT,
    root: Path = _ROOT,
    form: Form = _FORM,
    limit: int = _LIMIT,
    strict: bool = _STRICT,
    rejects: bool = _REJECTS,
) -> None:
    """Run SQL with all images; print the rows or write them to a file."""
    _disclose(statement)
    _run(
        statement,
        database=database,
        output=output,
        root=root,
        form=form,
        limit=limit,
        strict=strict,
        list_rejects=rejects,
    )


def run(
    image: str = typer.Argument(..., help="The image's name; list: locus images."),
    sources: list[str] = typer.Argument(
        ...,
        metavar="FILES...",
        help="Files or globs; for a relational image a relation or a CSV, Parquet or JSON file.",
    ),
    param: list[str] | None = typer.Option(
        None, "--param", "-p", metavar="NAME=VALUE", help="A param; may be repeated."
    ),
    spans: bool = typer.Option(False, "--spans", help="Give the place of every cell instead of the rows."),
    database: Path | None = _DATABASE,
    output: Path | None = _OUTPUT,
    root: Path = _ROOT,
    form: Form = _FORM,
    limit: int = _LIMIT,
    strict: bool = _STRICT,
    rejects: bool = _REJECTS,
) -> None:
    """Run one image over files; the short form of its table function."""
    from locus_dbt.core.registry import registry  # noqa: PLC0415

    found = registry().image(image)
    prelude = ""
    if found.manifest.kind == "relational" and database is None:
        prelude, sources = _load_file(root, sources)
    statement = prelude + call_sql(found, sources, read_params(found, param or []), spans=spans)
    disclose(found)
    _run(
        statement,
        database=database,
        output=output,
        root=root,
        form=form,
        limit=limit,
        strict=strict,
        list_rejects=rejects,
    )


def _load_file(root: Path, sources: list[str]) -> tuple[str, list[str]]:
    """A file given where a relation is wanted becomes a table of that name, in the memory of this run."""
    from locus_dbt.model.relation import literal, quote  # noqa: PLC0415

    path = root / sources[0]
    if len(sources) != 1 or path.suffix.lower() not in (".csv", ".parquet", ".json") or not path.is_file():
        return "", sources
    table = quote(path.stem)
    return f"CREATE TABLE {table} AS FROM {literal(str(path))};\n", [table]


def read_params(image: Image, given: list[str]) -> dict[str, Any]:
    """``name=value`` texts as typed values, by the types of the manifest. Names are checked when the call is bound."""
    from locus_dbt.model.errors import RequestError  # noqa: PLC0415

    out: dict[str, Any] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise RequestError(f"--param '{text}': expected NAME=VALUE", code="E103")
        param = image.manifest.params.get(name)
        out[name] = value
        if param is not None and param.type != "string":
            with contextlib.suppress(ValueError):  # left as text: the binder says what it expected
                out[name] = json.loads(value)
    return out


def call_sql(image: Image, sources: list[str], params: Mapping[str, Any], *, spans: bool = False) -> str:
    """The table function's call as SQL; E102 and E103 for params that do not fit."""
    from locus_dbt.core.params import check_params  # noqa: PLC0415
    from locus_dbt.model.errors import RequestError  # noqa: PLC0415
    from locus_dbt.model.relation import literal, quote  # noqa: PLC0415

    manifest = image.manifest
    check_params(manifest, params)
    values = {name: f"{literal(json.dumps(value, ensure_ascii=False))}::JSON" for name, value in params.items()}
    named = "".join(f", {quote(name)} := {value}" for name, value in values.items())
    if manifest.kind == "extract":
        files = ", ".join(literal(s) for s in sources)
        return f"FROM {manifest.function}{'_spans' if spans else ''}([{files}]{named})"
    if spans or len(sources) != 1:
        what = "has no spans of its own" if spans else "takes one relation"
        raise RequestError(f"image '{manifest.name}' {what}", code="E109")
    return f"FROM {manifest.function}({literal(sources[0])}{named})"


def disclose(image: Image) -> None:
    """Say the image's privacy class before it runs."""
    from locus_dbt.cli.images_command import PRIVACY  # noqa: PLC0415
    from locus_dbt.cli.terminal import note  # noqa: PLC0415

    manifest = image.manifest
    note(f"{manifest.name} {manifest.version}: privacy class {manifest.privacy} ({PRIVACY[manifest.privacy]})")


def asker() -> Callable[[str], bool] | None:
    """Asks a person at the terminal whether cells may be sent to a model; ``None`` where there is nobody to ask."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return None

    def ask(disclosure: str) -> bool:
        # typer.confirm() writes to stdout, where the rows go.
        typer.echo(f"{disclosure[:1].upper()}{disclosure[1:]}.\nSend them, this time? [y/N] ", err=True, nl=False)
        return sys.stdin.readline().strip().lower() in ("y", "yes")

    return ask


def _disclose(statement: str) -> None:
    """Say the privacy class of every image that the statement names."""
    from locus_dbt.core.registry import registry  # noqa: PLC0415

    words = set(re.findall(r"[A-Za-z0-9_-]+", statement.lower()))
    for image in registry():
        function = image.manifest.function
        names = {function, f"{function}_spans", f"{function}_rejects", f"{function}_value"}
        named = "locus_image" in statement.lower() and image.manifest.name in words
        if names & words or named:
            disclose(image)


def _run(
    statement: str,
    *,
    database: Path | None,
    output: Path | None,
    root: Path,
    form: Form,
    limit: int,
    strict: bool,
    list_rejects: bool,
) -> None:
    from locus_dbt.cli.database import attached  # noqa: PLC0415
    from locus_dbt.cli.destination import Destination  # noqa: PLC0415
    from locus_dbt.cli.progress import watched  # noqa: PLC0415
    from locus_dbt.cli.terminal import note  # noqa: PLC0415

    with contextlib.ExitStack() as stack:
        # Taken first: a place that cannot be written is known before anything is read.
        destination = stack.enter_context(Destination(output)) if output else None
        connection, session = stack.enter_context(attached(database, root))
        session.runner.ask = asker()
        if "locus_" in statement.lower():
            for line in session.disclosures():
                note(line)
        *before, last = _statements(connection, statement)
        with watched(session):
            for text in before:
                connection.execute(text)
            if destination is None:
                fetched = _fetch(connection, last, limit=0 if form in (Form.csv, Form.json) else limit)
            else:
                count = destination.write(connection, last)
        if destination is None:
            _print(fetched, form)
        else:
            typer.echo(f"{count} {'row' if count == 1 else 'rows'} written to {output}", err=True)
        rejected = _summary(session, listed=list_rejects)
    if strict and rejected:
        raise typer.Exit(REJECTED)


def _statements(connection: duckdb.DuckDBPyConnection, text: str) -> list[str]:
    from locus_dbt.model.errors import RequestError  # noqa: PLC0415

    found = [s.query.strip().rstrip(";") for s in connection.extract_statements(text)]
    if not found:
        raise RequestError("no statement given", code="E103", fix='locus sql "from locus_images()"')
    return found


class _Rows:
    """Fetched rows with names and kinds; ``more`` when the limit cut them."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, limit: int) -> None:
        about = connection.description or []
        self.names = [str(column[0]) for column in about]
        kinds = [str(column[1]).upper() for column in about]
        self.numbers = [
            k == "NUMBER" or k.startswith(("DECIMAL", "DOUBLE", "FLOAT")) or k.endswith(("INT", "INTEGER"))
            for k in kinds
        ]
        rows = connection.fetchmany(limit + 1) if limit else connection.fetchall()
        self.more = bool(limit) and len(rows) > limit
        self.rows = [_short_floats(row, kinds) for row in (rows[:limit] if limit else rows)]


def _short_floats(row: tuple[Any, ...], kinds: list[str]) -> tuple[Any, ...]:
    """Single-precision values with the digits they have, not those of their double."""
    return tuple(
        float(f"{v:.7g}") if k == "FLOAT" and isinstance(v, float) else v for v, k in zip(row, kinds, strict=True)
    )


def _fetch(connection: duckdb.DuckDBPyConnection, statement: str, *, limit: int) -> _Rows:
    connection.execute(statement)
    return _Rows(connection, limit)


def _print(fetched: _Rows, form: Form) -> None:
    from locus_dbt.cli.terminal import console, note, print_rows  # noqa: PLC0415

    if not fetched.names:
        return
    if form is Form.csv:
        import csv  # noqa: PLC0415

        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(fetched.names)
        writer.writerows(fetched.rows)
        return
    if form is Form.json:
        for row in fetched.rows:
            typer.echo(json.dumps(dict(zip(fetched.names, row, strict=True)), ensure_ascii=False, default=str))
        return
    vertical = None if form is Form.auto else form is Form.vertical
    print_rows(console(), fetched.names, fetched.rows, numbers=fetched.numbers, vertical=vertical)
    if fetched.more:
        note(f"first {len(fetched.rows)} rows; all of them: --limit 0, or -o FILE")


def _summary(session: Session, *, listed: bool) -> int:
    """Say on stderr what was rejected, if anything; returns how much."""
    from locus_dbt.cli.terminal import note  # noqa: PLC0415

    found = session.rejects()
    if not found:
        return 0
    if listed:
        for image, row in found:
            place = "".join(f" {k} {row[k]}" for k in ("page", "place") if row.get(k))
            note(f"  {row['filename']}{place}: [{row['code']}] {row['message']} ({image})")
    codes = Counter(str(row["code"]) for _, row in found)
    files = len({row["filename"] for _, row in found})
    by_code = ", ".join(f"{code} × {n}" for code, n in sorted(codes.items()))
    entries = "1 reject" if len(found) == 1 else f"{len(found)} rejects"
    note(
        f"{entries} in {files} {'document' if files == 1 else 'documents'}: {by_code}"
        + ("" if listed else "; list them with --rejects")
    )
    return len(found)
