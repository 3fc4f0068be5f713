"""Probing an extract image: its fixtures and made documents go through the real runner, and every cell is asked."""

from __future__ import annotations

import importlib
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from locus_dbt.core.conformance import Probe
from locus_dbt.core.fixtures import cases_of
from locus_dbt.core.params import canonical, check_params, select_output
from locus_dbt.core.plan import make_plan
from locus_dbt.core.read_options import options_state
from locus_dbt.core.registry import Image
from locus_dbt.core.runner import DocumentResult, Runner
from locus_dbt.core.settings import Settings
from locus_dbt.engine.probing.documents import empty_documents, probe_documents
from locus_dbt.engine.probing.findings import Findings, probes_of
from locus_dbt.model.document import AS_USUAL, Document, ReadOptions
from locus_dbt.model.errors import LocusError

if TYPE_CHECKING:
    import pyarrow as pa

#: Fixtures larger than this are for tests, not for probes.
_LARGEST = 2 * 1_048_576

#: Fixtures that take longer (pictures of text) are read once only; in seconds.
_QUICK = 1.0

#: At most this share of cells may have a cited text in which their value does not stand.
_UNGROUNDED = 0.05

#: Boxes are in single precision, pages are not: half a point is no other place.
_EDGE = 0.5

#: Codes of rejects that are a failure of the image: it raised, or its worker died.
_OF_THE_IMAGE = ("E207", "E209")

_BOX = ("x0", "y0", "x1", "y1")


@dataclass(frozen=True, slots=True)
class _Trial:
    """One document with params; ``empty``: a well-formed one without a word."""

    name: str
    path: Path
    params: Mapping[str, Any]
    options: ReadOptions = AS_USUAL
    empty: bool = False

    @property
    def made(self) -> bool:
        """Whether it was made here."""
        return self.name.startswith(("probe.", "empty."))

    @property
    def group(self) -> str:
        return canonical(self.params) + options_state(self.options)


class _Questions:
    """What is asked of the cells of all trials."""

    def __init__(self) -> None:
        self.runs = Findings("every document gives rows or is refused by a rule", "documents")
        self.spans = Findings("every value cites its place", "cells")
        self.places = Findings("every span says where", "spans")
        self.boxes = Findings("boxes lie on pages of the document", "spans")
        self.texts = Findings("the cited box holds the cited text", "spans")
        self.values = Findings("values stand in the text they cite", "values")
        self.nulls = Findings("a null cites nothing", "cells and rejects")
        self.empty = Findings("a document without words gives no value", "documents")
        self.again = Findings("the same document gives the same again", "documents")

    def all(self) -> list[Findings]:
        return [
            self.runs,
            self.spans,
            self.places,
            self.boxes,
            self.texts,
            self.values,
            self.nulls,
            self.empty,
            self.again,
        ]


def probe_extract(image: Image, settings: Settings) -> list[Probe]:
    """The outcomes for an extract image; its own failures are findings, never errors of the probe."""
    asked = _Questions()
    with tempfile.TemporaryDirectory(prefix="locus-probe-") as folder:
        trials = [*_fixtures(image), *_made(image, Path(folder))]
        first = _run(image, trials, settings, Path(folder) / "first")
        again = [t for t in trials if t.name in first and (t.made or _seconds(first[t.name]) < _QUICK)]
        second = _run(image, again, settings, Path(folder) / "second")
        for trial in trials:
            result = first.get(trial.name)
            if result is not None:
                _ask(asked, image, trial, result)
                if trial in again:
                    same = _content(result) == _content(second.get(trial.name))
                    asked.again.check(same, f"{trial.name}: another result the second time")
    return probes_of(asked.all())


def _fixtures(image: Image) -> Iterator[_Trial]:
    for case in cases_of(image):
        if case.input.stat().st_size <= _LARGEST:
            yield _Trial(f"fixture {case.folder.name}", case.input, case.params, case.options)


def _made(image: Image, folder: Path) -> Iterator[_Trial]:
    """The made documents, once for each output of the image; none where a param must be given."""
    manifest = image.manifest
    chosen: list[dict[str, Any]] = [{}]
    if manifest.emits.select:
        chosen = [{manifest.emits.select: name} for name in manifest.emits.outputs]
    full, empty = probe_documents(manifest.media_types), empty_documents(manifest.media_types)
    for name, data in {**full, **empty}.items():
        (folder / name).write_bytes(data)
    for given in chosen:
        try:
            params = check_params(manifest, given)
        except LocusError:
            continue
        what = "".join(f" as {output}" for output in given.values())
        for name in (*full, *empty):
            yield _Trial(f"{name}{what}", folder / name, params, empty=name in empty)


def _run(image: Image, trials: Sequence[_Trial], settings: Settings, store: Path) -> dict[str, DocumentResult]:
    """Results by trial, from a store of their own: nothing here is in the project's runs or cache."""
    own = settings.model_copy(
        update={"root": store.parent, "store": store, "parsers": {}, "media_types": {}, "strict": False}
    )
    groups: dict[str, list[_Trial]] = {}
    for trial in trials:
        groups.setdefault(trial.group, []).append(trial)
    found: dict[str, DocumentResult] = {}
    for members in groups.values():
        one = members[0]
        paths = [str(t.path) for t in members]
        plan = make_plan(image, paths, one.params, settings=own, options=one.options, members="none")
        by_path = {result.task.path: result for result in Runner(own).run(plan)}
        found |= {t.name: by_path[str(t.path)] for t in members if str(t.path) in by_path}
    return found


def _seconds(result: DocumentResult) -> float:
    return float(result.facts.get("seconds", 0))


def _content(result: DocumentResult | None) -> object:
    if result is None:
        return None
    return result.record.get("rows"), result.record.get("spans"), canonical({"r": result.rejects})


def _ask(asked: _Questions, image: Image, trial: _Trial, result: DocumentResult) -> None:
    rows, spans = result.table("rows"), result.table("spans")
    lost = next((r for r in result.rejects if r.get("code") in _OF_THE_IMAGE), None)
    asked.runs.check(lost is None, _told(trial, lost))
    for reject in result.rejects:
        said = bool(reject.get("code") and reject.get("message"))
        asked.nulls.check(said, f"{trial.name}: a reject without code or message")
    if rows is None or spans is None:
        if trial.empty:
            asked.empty.check(bool(result.rejects), f"{trial.name}: neither columns nor a reason")
        return
    _, output = select_output(image.manifest, trial.params)
    if trial.empty:
        missing = [c.name for c in output.columns if c.name not in rows.column_names]
        asked.empty.check(not missing, f"{trial.name}: column '{(missing or [''])[0]}' is missing")
    _ask_cells(asked, trial.name, rows, spans, output.derived_columns)
    _ask_spans(asked, trial, spans)


def _told(trial: _Trial, reject: Mapping[str, Any] | None) -> str:
    """A reject's message without the folder of this attempt."""
    message = str((reject or {}).get("message"))
    return f"{trial.name}: {message.replace(f'{trial.path.parent.as_posix()}/', '')}"


def _ask_cells(asked: _Questions, name: str, rows: pa.Table, spans: pa.Table, derived: frozenset[str]) -> None:
    """Cells without a span, spans without a cell."""
    cited = set(zip(spans["ordinal"].to_pylist(), spans["column_name"].to_pylist(), strict=True))
    ordinals = rows["ordinal"].to_pylist()
    filled: set[tuple[int, str]] = set()
    for column in rows.column_names[1:]:
        present = [o for o, v in zip(ordinals, rows[column].to_pylist(), strict=True) if v is not None]
        filled.update((o, column) for o in present)
        if column in derived:
            continue
        asked.spans.ask(count=len(present))
        bare = [o for o in present if (o, column) not in cited]
        if bare:
            asked.spans.fail(
                f"{name}: column '{column}' has {len(bare)} of {len(present)} values without a span "
                "(declare 'derived: true' if they are printed nowhere)"
            )
    asked.nulls.ask(count=len(cited))
    for ordinal, column in sorted(cited - filled)[:3]:
        asked.nulls.fail(f"{name}: row {ordinal} cites a place for '{column}', which is null or missing")


def _ask_spans(asked: _Questions, trial: _Trial, spans: pa.Table) -> None:
    pages = _pages(trial) if spans.num_rows else {}
    ungrounded: list[str] = []
    for span in spans.to_pylist():
        cell = f"{trial.name}: '{span['column_name']}' of row {span['ordinal']}"
        boxed = span["x0"] is not None
        asked.places.check(
            span["page"] is not None or bool(span["place"]) or boxed, f"{cell} has neither page nor place"
        )
        if boxed or span["page"] is not None:
            problem = _misplaced(span, pages)
            asked.boxes.check(problem is None, f"{cell}: {problem}")
        reason = span["reason"] or ""
        asked.texts.check(not reason.startswith("the cited box does not hold"), f"{cell}: {reason}")
        asked.values.ask()
        if span["grounding"] == "none":
            ungrounded.append(f"{cell} is '{_short(span['value'])}', {reason or 'no reason is given'}")
        elif span["grounding"] == "inferred":
            asked.values.check(bool(reason), f"{cell} is inferred and does not say from what")
    if len(ungrounded) > _UNGROUNDED * spans.num_rows:
        asked.values.fail(f"{ungrounded[0]}; {len(ungrounded)} of {spans.num_rows} values of this document")


def _misplaced(span: Mapping[str, Any], pages: Mapping[int, tuple[float, float]]) -> str | None:
    """What is wrong with page and box; formats without pages have page 0 or none, and no size."""
    page = span["page"]
    if page is not None and page != 0 and pages and page not in pages:
        return f"there is no page {page}"
    if span["x0"] is None:
        return None
    x0, y0, x1, y1 = (span[k] for k in _BOX)
    if not (x0 <= x1 and y0 <= y1):
        return f"the box {x0:.1f}, {y0:.1f} to {x1:.1f}, {y1:.1f} is turned inside out"
    if page is None:
        return "a box without a page"
    width, height = pages.get(page, (0.0, 0.0))
    if width and not (x0 >= -_EDGE and y0 >= -_EDGE and x1 <= width + _EDGE and y1 <= height + _EDGE):
        return f"the box {x0:.1f}, {y0:.1f} to {x1:.1f}, {y1:.1f} leaves the page ({width:.0f} by {height:.0f})"
    return None


def _pages(trial: _Trial) -> dict[int, tuple[float, float]]:
    """Page number to width and height; empty for formats without pages."""
    data = trial.path.read_bytes()
    parsers = importlib.import_module("locus_dbt.parsers")
    kind = importlib.import_module("locus_dbt.parsers.detect").media_type(data, trial.path.name)
    if not (kind == "application/pdf" or kind.startswith("image/")):
        return {}
    options = replace(trial.options, ocr="never")  # sizes only
    try:
        parsed = Document(trial.path.name, kind, "", data, parsers.parse, options).parsed
    except LocusError:
        return {}
    return {page.number: (page.width, page.height) for page in parsed.pages}


def _short(value: str | None) -> str:
    text = value or ""
    return text if len(text) <= 40 else text[:39] + "…"
