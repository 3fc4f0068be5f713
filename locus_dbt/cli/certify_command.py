"""``locus certify``: whether an image keeps provenance, found by probing it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from locus_dbt.core.conformance import Conformance


def certify(
    image: str | None = typer.Argument(None, help="The image to probe; or --all."),
    everything: bool = typer.Option(False, "--all", help="Probe every image that is installed."),
    as_json: bool = typer.Option(False, "--json", help="Print the records as JSON, one line an image."),
    write: bool = typer.Option(
        True, "--write/--no-write", help="Keep the record in the project's store, where runs look for it."
    ),
    root: Path = typer.Option(Path(), "--root", help="The project's folder, with its store.", file_okay=False),
) -> None:
    """Probe an image with known input: does every value lead back to its place. Exit with 1 when one does not."""
    from locus_dbt.cli.terminal import note  # noqa: PLC0415
    from locus_dbt.core.pool import close_pools  # noqa: PLC0415
    from locus_dbt.core.registry import registry  # noqa: PLC0415
    from locus_dbt.core.settings import load_settings  # noqa: PLC0415
    from locus_dbt.core.store import Store  # noqa: PLC0415
    from locus_dbt.engine.probing.certify import certify as probe  # noqa: PLC0415
    from locus_dbt.model.errors import LocusError, RequestError  # noqa: PLC0415

    if (image is None) == (not everything):
        raise RequestError("name one image, or pass --all", fix="list: locus images")
    known = registry()
    settings = load_settings(root=root)
    store = Store(settings.store_root) if write else None
    bad = False
    try:
        for one in known if image is None else [known.image(image)]:
            try:
                found = probe(one, settings, store=store)
            except LocusError as error:  # a package that an image needs is not installed: nothing is known of it
                if image is not None:
                    raise
                note(f"{one.manifest.name}: not probed: {error}")
                continue
            bad = bad or found.state == "non-conformant"
            if as_json:
                typer.echo(json.dumps({**found.facts(), "sha256": found.sha256}, ensure_ascii=False))
            else:
                _show(found)
    finally:
        close_pools()
    if bad:
        raise typer.Exit(1)


def _show(found: Conformance) -> None:
    from locus_dbt.cli.terminal import console  # noqa: PLC0415

    out = console()
    out.print(f"{found.image} {found.version}: {found.state}", style="bold", markup=False)
    for probe in found.probes:
        sign = {True: "=", False: "!", None: "-"}[probe.held]
        out.print(f"  {sign} {probe.name}: {probe.words}", markup=False, soft_wrap=True)
