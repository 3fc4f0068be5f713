"""Certifying: probing an image and keeping what was found under its digest."""

from __future__ import annotations

import datetime as dt

from locus_dbt import __version__
from locus_dbt.core.conformance import Conformance, Probe, keep
from locus_dbt.core.registry import Image
from locus_dbt.core.settings import Settings
from locus_dbt.core.store import Store
from locus_dbt.model.errors import LocusError


def certify(image: Image, settings: Settings, *, store: Store | None = None) -> Conformance:
    """Probe an image; with a ``store`` the record is kept there.

    An image that raises is non-conformant, with the error as the finding.
    """
    try:
        probes = _probe(image, settings)
    except LocusError as error:
        if error.code == "E105":
            raise
        probes = [Probe("the image can be run", held=False, words=error.what)]
    except Exception as error:  # noqa: BLE001 - a foreign image may raise anything
        probes = [Probe("the image can be run", held=False, words=f"it raised {type(error).__name__}: {error}")]
    manifest = image.manifest
    at = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    found = Conformance(manifest.name, manifest.version, image.digest, __version__, at, tuple(probes))
    if store is not None:
        keep(store, found)
    return found


def _probe(image: Image, settings: Settings) -> list[Probe]:
    if image.manifest.kind == "extract":
        from locus_dbt.engine.probing.extract import probe_extract  # noqa: PLC0415 - only the kind that is asked for

        image.function("extract")
        return probe_extract(image, settings)
    from locus_dbt.engine.probing.relational import probe_relational  # noqa: PLC0415

    image.function("plan")
    return probe_relational(image)
