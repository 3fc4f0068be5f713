"""``locus images``: what can be called."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from locus_dbt.core.registry import Image
    from locus_dbt.core.store import Store

#: What each privacy class means for the reader's documents.
PRIVACY = {
    "local": "read on this machine, the image sends nothing",
    "network": "calls out over the network",
    "model": "content is sent to a model provider, after your consent",
}


def images(
    name: str | None = typer.Argument(None, help="An image: shows its params, columns and privacy class."),
    as_json: bool = typer.Option(False, "--json", help="Print JSON."),
) -> None:
    """List the images, or show one of them."""
    from locus_dbt.cli.terminal import console, note, print_rows  # noqa: PLC0415
    from locus_dbt.core.conformance import conformance_of  # noqa: PLC0415
    from locus_dbt.core.registry import registry  # noqa: PLC0415

    found = registry()
    if name is not None:
        image = found.image(name)
        if as_json:
            typer.echo(json.dumps(facts(image), indent=2, ensure_ascii=False))
        else:
            _show(console(), image)
        return
    if as_json:
        typer.echo(json.dumps([facts(image) for image in found], indent=2, ensure_ascii=False))
        return
    store = _store()
    rows = [
        (
            i.manifest.name, i.manifest.version, i.manifest.kind, i.manifest.privacy, conformance_of(i, store),
            i.manifest.summary,
        )
        for i in found
    ]  # fmt: skip
    print_rows(console(), ("image", "version", "kind", "privacy", "conformance", "summary"), rows)
    for folder, error in found.refused.items():
        note(f"refused: {folder}: {error}")


def facts(image: Image) -> dict[str, Any]:
    """Everything the manifest declares, with the image's SQL function and where it comes from."""
    from locus_dbt.core.conformance import conformance_of, recorded  # noqa: PLC0415
    from locus_dbt.engine.request import FILE_ARGUMENTS  # noqa: PLC0415

    manifest, store = image.manifest, _store()
    record = recorded(image, store)
    declared = manifest.model_dump(mode="json", exclude_defaults=False)
    common = [{"name": n, "default": d, "description": text} for n, (d, text) in FILE_ARGUMENTS.items()]
    return {
        **declared,
        "function": manifest.function,
        "origin": image.origin,
        "digest": image.digest,
        "conformance": conformance_of(image, store),
        "conformance_record": record.sha256 if record else None,
        "arguments": common if manifest.kind == "extract" else [],
    }


def _store() -> Store:
    """The store of the project in the current folder; looking into it writes nothing."""
    from locus_dbt.core.settings import load_settings  # noqa: PLC0415
    from locus_dbt.core.store import Store  # noqa: PLC0415

    return Store(load_settings().store_root)


def _conformance(image: Image) -> str:
    from locus_dbt.core.conformance import conformance_of, recorded  # noqa: PLC0415

    store = _store()
    record = recorded(image, store)
    if record is None:
        return conformance_of(image, store)
    why = f": {record.reason()}" if record.failed else ""
    return f"{record.state} (record {record.sha256[:12]}, {record.at}){why}"


def _show(out: Console, image: Image) -> None:
    from locus_dbt.cli.terminal import print_rows  # noqa: PLC0415

    manifest = image.manifest
    out.print(f"{manifest.name} {manifest.version}", style="bold", markup=False)
    for line in textwrap.wrap(manifest.description or manifest.summary, min(out.width, 100)):
        out.print(line, markup=False)
    out.print()
    source = "files" if manifest.kind == "extract" else "relation"
    media = f" ({', '.join(manifest.media_types)})" if manifest.media_types else ""
    heads = [
        ("function", f"{manifest.function}({source}, …)"),
        ("kind", manifest.kind),
        ("reads", ", ".join(manifest.accepts) + media),
        ("gives", manifest.emits.type),
        ("engines", ", ".join(manifest.engines)),
        ("privacy", f"{manifest.privacy}: {PRIVACY[manifest.privacy]}"),
        ("provenance", manifest.provenance),
        ("conformance", _conformance(image)),
        ("from", image.origin),
    ]
    for label, text in heads:
        wrapped = textwrap.wrap(text, max(min(out.width, 100) - 12, 20)) or [""]
        out.print(f"{label:<12}{wrapped[0]}", markup=False)
        for line in wrapped[1:]:
            out.print(f"{'':<12}{line}", markup=False)
    if manifest.params:
        _head(out, "Params")
        rows = [
            (n, p.type, _default(p.default, required=p.required), _allowed(p), p.description)
            for n, p in manifest.params.items()
        ]
        print_rows(out, ("param", "type", "default", "allowed", "description"), rows)
    for name, output in manifest.emits.outputs.items():
        chosen = f" ({manifest.emits.select} := '{name}')" if manifest.emits.select else ""
        _head(out, f"Columns of {name}{chosen}: {output.grain}")
        if output.columns:
            columns = [(c.name, c.type, c.description) for c in output.columns]
            print_rows(out, ("column", "type", "description"), columns)
        else:
            out.print("decided by the input" if manifest.kind == "extract" else "those of the relation", markup=False)


def _head(out: Console, text: str) -> None:
    out.print()
    out.print(text, style="bold", markup=False)


def _default(value: Any, *, required: bool) -> str:  # noqa: ANN401 - any JSON value
    if required:
        return "required"
    return "" if value is None else json.dumps(value, ensure_ascii=False).strip('"')


def _allowed(param: Any) -> str:  # noqa: ANN401 - a manifest's Param
    if param.choices:
        return ", ".join(param.choices)
    low, high = param.minimum, param.maximum
    if low is None and high is None:
        return ""
    return f"{'' if low is None else f'{low:g}'}..{'' if high is None else f'{high:g}'}"
