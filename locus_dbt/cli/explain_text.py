"""A cell's way back to the paper as lines of text, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from locus_dbt.cli.failures import printable
from locus_dbt.cli.review.facts import Cell, Row, Source, Step, Way
from locus_dbt.cli.review.verdicts import LOOKS

if TYPE_CHECKING:
    from locus_dbt.cli.provenance import Place

#: Width of the labels.
_LABEL = 12
_MODES = {
    "degraded": "degraded: compared by rules, no model was asked",
    "full": "full: a model judged it too",
}


def place_in_words(place: Place | Source) -> str:
    """Page and box, or the document's own address."""
    parts = [f"page {place.page}"] if place.page else []
    if place.box:
        parts.append("box {:.1f}, {:.1f} to {:.1f}, {:.1f}".format(*place.box))
    if place.place:
        parts.append(place.place)
    return ", ".join(parts) or "the whole document"


def score(place: Place | Source) -> str:
    """Faithfulness and how it was come by."""
    if place.faithfulness is None:
        return "not compared" if place.document else "none"
    return f"{place.faithfulness:.2f} ({place.grounding})"


def shown_text(value: str | None) -> str:
    """A value or a printed text on as few lines as it has, null as a sign."""
    return "∅" if value is None else printable(value)


def labelled(label: str, text: str) -> Iterator[str]:
    """A label and a text; further lines of the text stand below its first."""
    for i, line in enumerate(text.split("\n")):
        yield f"{'' if i else label:<{_LABEL}}{line}".rstrip()


def cell_lines(row: Row, cell: Cell) -> Iterator[str]:
    """A cell in full: its value, then each way back, the worst first."""
    yield f"{row.model}.{cell.column}, row {row.row_id}"
    yield from labelled("value", shown_text(cell.value))
    if cell.value is None:
        yield from labelled("empty", cell.refused or "null: nothing was read, and nothing refused")
        return
    look = LOOKS[cell.verdict]
    yield from labelled("verdict", f"{look.word} ({look.meaning})")
    for number, way in enumerate(cell.ways, start=1):
        if cell.way_count > 1:
            worst = ", the worst first" if number == 1 else ""
            yield f"── place {number} of {cell.way_count}{worst} " + "─" * 10
        yield from way_lines(way)
    if cell.way_count > len(cell.ways):
        yield f"… and {cell.way_count - len(cell.ways)} more with better scores"


def way_lines(way: Way) -> Iterator[str]:
    """One way: every model it goes through with the value there, then the place it ends at."""
    names = [f"{step.model}.{step.column}" for step in way.steps]
    kinds = [step_in_words(step) for step in way.steps]
    wide, kind_wide = max(map(len, names), default=0), max(map(len, kinds), default=0)
    for i, (step, name, kind) in enumerate(zip(way.steps, names, kinds, strict=True)):
        value = step.unknown or shown_text(step.value).replace("\n", " ")
        mark = "   <- changed here" if changed_at(way, i) else ""
        yield from labelled("" if i else "steps", f"{name:<{wide}}   {kind:<{kind_wide}}   {value}{mark}")
    if way.gap:
        yield from labelled("stops here" if way.source is None else "broken", printable(way.gap))
    if way.source is not None:
        yield from source_lines(way.source)


def step_in_words(step: Step) -> str:
    """What a step does to the value, and the image that does it."""
    kind = step.kind.replace("_", " ")
    text = f"{kind} of {step.merged} rows" if step.merged > 1 else kind
    return f"{text}, {step.image}" if step.image else text


def changed_at(way: Way, at: int) -> bool:
    """Whether the value at a step is another than at the next one (or than the image read)."""
    step = way.steps[at]
    if step.unknown or step.value is None:
        return False
    if at + 1 < len(way.steps):
        below = way.steps[at + 1]
        return not below.unknown and not _same(step.value, below.value)
    return way.source is not None and way.source.value is not None and not _same(step.value, way.source.value)


def source_lines(source: Source) -> Iterator[str]:
    """A place, a line a fact."""
    for label, text in source_facts(source):
        yield from labelled(label, text)


def source_facts(source: Source) -> Iterator[tuple[str, str]]:
    """What is known of a place, as labels and texts; a label that is empty goes on with the one before."""
    if source.image:
        yield "read by", f"image {source.image} {source.image_version or ''}".rstrip()
    yield "document", printable(source.document or "unknown")
    yield "place", printable(place_in_words(source))
    if source.text is not None:
        yield "printed", shown_text(source.text)
    if source.value is not None:
        yield "read as", shown_text(source.value)
    if source.rule:
        yield "rule", printable(source.rule)
    yield "score", score(source)
    if source.confidence is not None:
        yield "confidence", f"{source.confidence:.2f}"
    if source.mode:
        yield "mode", _MODES.get(source.mode, source.mode)
    for i, check in enumerate(source.checks):
        yield "" if i else "checks", printable(check)
    for i, line in enumerate(_inputs(source)):
        yield "" if i else "inputs", line.replace("\n", " ")
    if source.reason:
        yield "reason", printable(source.reason)


def _inputs(source: Source) -> list[str]:
    placed = {one.column for one in source.inputs}
    lines = [
        f"{one.column} = {shown_text(one.value)}: {place_in_words(one)}, "
        f"printed {shown_text(one.text)}, score {score(one)}"
        for one in source.inputs
    ]
    return lines + [f"{name}: no place is recorded" for name in source.input_names if name not in placed]


def review_lines(row: Row) -> Iterator[str]:
    """The cells of a row that a person should look at, the worst first, each with its reason."""
    order = ("ungrounded", "check")
    cells = sorted((c for c in row.cells if c.verdict in order), key=lambda c: order.index(c.verdict))
    for cell in cells:
        yield f"{LOOKS[cell.verdict].sign} {cell.column}: {LOOKS[cell.verdict].word}, {why(cell)}"


def why(cell: Cell) -> str:
    """Why a cell has its verdict, in words."""
    if not cell.ways:
        return cell.refused or "it leads to no place"
    way = cell.ways[0]
    if way.gap:
        return printable(way.gap)
    if way.source is None:
        return "it leads to no place"
    reason = printable(way.source.reason or "")
    if way.source.input_names:
        reason = f"{reason + '; ' if reason else ''}computed from {', '.join(way.source.input_names)}"
    return f"{score(way.source)}{': ' + reason if reason else ''}"


def json_text(value: Any) -> str:  # noqa: ANN401 - facts of any kind
    """Facts as one JSON document; what could steer a terminal is escaped in it."""
    text = json.dumps(to_json(value), ensure_ascii=False, indent=2)
    return "".join(c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in text)


def to_json(value: Any) -> Any:  # noqa: ANN401 - facts of any kind
    """Facts as JSON values, with the verdicts that are worked out from them."""
    if is_dataclass(value):
        out = {f.name: to_json(getattr(value, f.name)) for f in fields(value)}
        if isinstance(value, Cell | Way | Source):
            out["verdict"] = value.verdict
        return out
    if isinstance(value, float):
        return round(value, 6)
    if isinstance(value, Mapping):
        return {name: to_json(one) for name, one in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [to_json(one) for one in value]
    return value


def _same(one: str, other: str | None) -> bool:
    if other is None or one == other:
        return one == other
    try:
        return Decimal(one) == Decimal(other)
    except InvalidOperation:
        return False
