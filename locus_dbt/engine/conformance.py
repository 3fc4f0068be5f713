"""What follows from an image's conformance: strict refuses it before anything runs, permissive marks what it made.

The images of this package count as conformant (its test suite probes them); others are probed when they are first used
and whenever their code changes.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from locus_dbt.core.conformance import BUILT_IN, Conformance, keep, recorded
from locus_dbt.core.registry import Image
from locus_dbt.core.runner import Runner
from locus_dbt.lineage.derivation import Derivation
from locus_dbt.model.errors import LineageError, RunError

if TYPE_CHECKING:
    from locus_dbt.engine.session import Session

#: The kind of a column whose provenance an image does not keep.
BROKEN = "lineage_broken"

_probed: dict[str, Conformance] = {}
_lock = threading.Lock()


def known_or_probed(runner: Runner, image: Image) -> Conformance | None:
    """The record of an image, made now where there is none; ``None`` for an image of this package without a record."""
    found = recorded(image, runner.store)
    if found is not None or image.origin == BUILT_IN:
        return found
    with _lock:
        if image.digest not in _probed:
            from locus_dbt.engine.probing.certify import certify  # noqa: PLC0415 - most projects use no foreign image

            _probed[image.digest] = certify(image, runner.settings)
        found = _probed[image.digest]
    with contextlib.suppress(RunError):  # a store that cannot be written changes no answer
        keep(runner.store, found)
    return found


def problem(runner: Runner, image: Image) -> str | None:
    """In words what is wrong with an image that is not conformant."""
    found = known_or_probed(runner, image)
    if found is None or found.state != "non-conformant":
        return None
    return f"image '{found.image}' {found.version} is not conformant: {found.reason()}"


def require_conformant(session: Session, image: Image) -> None:
    """Refuse an image that is not conformant (E503), unless the setting ``conformance`` is permissive."""
    require(session.runner, image)


def require(runner: Runner, image: Image) -> None:
    """The same without a database."""
    if runner.settings.conformance == "permissive":
        return
    wrong = problem(runner, image)
    if wrong:
        raise LineageError(wrong, code="E503", fix=_fix(image))


def check_images(session: Session, images: Iterable[Image]) -> tuple[list[str], list[str]]:
    """Errors (strict) or warnings (permissive) about the images that a project will run."""
    found: list[str] = []
    warnings: list[str] = []
    for image in images:
        wrong = problem(session.runner, image)
        if wrong:
            found.append(str(LineageError(wrong, code="E503", fix=_fix(image))))
            continue
        record = recorded(image, session.runner.store)
        if record is not None and record.state == "not certified":
            what = f"image '{record.image}' {record.version} is not certified: no probe reached it"
            warnings.append(str(LineageError(what, code="E503", fix="give it fixtures")))
    if session.settings.conformance == "permissive":
        return [], [*found, *warnings]
    return found, warnings


def _fix(image: Image) -> str:
    return f"locus certify {image.manifest.name}; or conformance: permissive, which marks its cells {BROKEN}"


def mark_broken(
    session: Session, model: str, derived: Mapping[str, Derivation], images: Iterable[Image]
) -> dict[str, Derivation]:
    """The columns of a model, those marked whose provenance some image does not keep.

    ``images`` are those that the model calls. A relational image that is not conformant makes the model's rows, so
    every column is marked; an extract image its own columns; a column of another model that is marked marks on.
    """
    reasons = _inherited(session, model)
    everything: str | None = None
    for image in images:
        wrong = problem(session.runner, image)
        if wrong and image.manifest.kind == "relational":
            everything = everything or wrong
        elif wrong:
            reasons[f"image:{image.manifest.name}", None] = wrong
    return {name: _marked(d, everything or _reason(d, reasons)) for name, d in derived.items()}


def untraced_reason(session: Session, reason: str, images: Iterable[Image]) -> str:
    """The reason of a model that cannot be traced, with what is wrong with the images that it calls."""
    return "; ".join(dict.fromkeys([reason, *filter(None, (problem(session.runner, image) for image in images))]))


def _marked(derivation: Derivation, reason: str | None) -> Derivation:
    return replace(derivation, kind=BROKEN, gap=reason) if reason else derivation


def _reason(derivation: Derivation, reasons: Mapping[tuple[str, str | None], str]) -> str | None:
    for origin in sorted(derivation.origins, key=lambda o: (o.source, o.column)):
        found = reasons.get((origin.source, None)) or reasons.get((origin.source, origin.column))
        if found:
            return found
    return None


def _inherited(session: Session, model: str) -> dict[tuple[str, str | None], str]:
    """Marked columns of all other models, with the reasons."""
    import duckdb  # noqa: PLC0415 - imported by the session's owner already

    query = f"SELECT DISTINCT model, column_name, reason FROM locus.columns WHERE kind = '{BROKEN}' AND model <> ?"
    with session.cursor() as cursor:
        try:
            rows = cursor.execute(query, [model]).fetchall()
        except duckdb.Error:
            return {}  # no lineage yet
    return {(source, column): reason for source, column, reason in rows}
