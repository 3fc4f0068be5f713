"""``locus report``: what a build did, three rows, and one cell followed to its page."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from locus_dbt.cli.provenance import Place
    from locus_dbt.cli.report_facts import Facts

#: The report is set for this width; a wider terminal does not stretch it.
_WIDTH = 100


def report(
    database: Path | None = typer.Option(
        None, "--database", "-d", help="The DuckDB file; default: that of the dbt profile."
    ),
    model: str | None = typer.Option(
        None, "--model", "-m", help="The model to show; default: the last one of the longest chain."
    ),
    png: Path | None = typer.Option(None, "--png", help="Draw the shown cell's page with its box to this file."),
    root: Path = typer.Option(
        Path(), "--root", help="The dbt project's folder; documents are found from here.", file_okay=False
    ),
) -> None:
    """Sum up a build: documents, rejects, cells with provenance, three rows, and one cell on its page."""
    from locus_dbt.cli.database import lineage_of  # noqa: PLC0415
    from locus_dbt.cli.provenance import chains, find_model  # noqa: PLC0415
    from locus_dbt.cli.report_facts import last_model, read_facts  # noqa: PLC0415
    from locus_dbt.cli.terminal import console, print_rows, shown  # noqa: PLC0415

    out = console()
    if out.is_terminal:
        out.width = min(out.width, _WIDTH)
    with lineage_of(database, root) as connection:
        key = find_model(connection, model) if model else last_model(connection)
        facts = read_facts(connection, key)
        ways = chains(connection, key, facts.cell.column, most=1) if facts.cell else []
    _counts(out, facts)
    if facts.rows:
        _head(out, f"{len(facts.rows)} of {facts.row_count} rows of {key}")
        names, rows = fitting(facts, min(out.width, _WIDTH))
        print_rows(out, names, rows, numbers=[n in facts.numeric for n in names])
    if facts.cell is None:
        return
    _head(out, f"Where {key}.{facts.cell.column} = {shown(facts.cell_value)} was read")

    line = partial(_labelled, out)
    for way in ways:
        line("comes from", " <- ".join(way))
    _print_place(line, facts.cell)
    line("row", facts.cell_row)
    if png is not None:
        line("picture", _picture(facts.cell, root, png))


def _print_place(line: Callable[[str, str], None], place: Place) -> None:
    """One place, a line a fact."""
    from locus_dbt.cli.explain_text import place_in_words, score  # noqa: PLC0415
    from locus_dbt.cli.terminal import shown  # noqa: PLC0415

    line("document", place.document or "unknown")
    line("place", place_in_words(place))
    if place.text is not None:
        line("printed", shown(place.text))
    native = place.document is not None and place.faithfulness is None
    line("score", "not compared (DuckDB read the file itself)" if native else score(place))
    if place.confidence is not None and place.confidence < 1:
        line("confidence", f"{place.confidence:.2f}")
    if place.changed:
        line("changed", "computed from the printed value on the way to this model")
    if place.reason:
        line("reason", place.reason)


def _picture(place: Place, root: Path, png: Path) -> str:
    from locus_dbt.cli.explain_command import draw, drawn_of  # noqa: PLC0415
    from locus_dbt.cli.review.facts import Source  # noqa: PLC0415
    from locus_dbt.cli.review.papers import Papers  # noqa: PLC0415
    from locus_dbt.model.document import AS_USUAL  # noqa: PLC0415

    source = Source(
        place.column,
        place.document,
        page=place.page,
        box=place.box,
        grounding=place.grounding,
        faithfulness=place.faithfulness,
    )
    return draw(drawn_of([source]), Papers(root, AS_USUAL), png)


def fitting(facts: Facts, width: int) -> tuple[list[str], list[list[object]]]:
    """The columns to show, in their order: those that are filled in every shown row, as many as fit the width."""
    from locus_dbt.cli.terminal import shown  # noqa: PLC0415

    def need(name: str) -> int:
        return max(len(name), *(len(shown(row[name])) for row in facts.rows)) + 3

    filled = [n for n in facts.columns if all(row[n] not in (None, "") for row in facts.rows)]
    room, chosen = width + 3, set[str]()
    for name in _ranked(facts, filled, need):
        if need(name) <= room and len(chosen) < 8:
            chosen.add(name)
            room -= need(name)
    names = [n for n in facts.columns if n in chosen] or list(filled[:1] or facts.columns[:3])
    return names, [[row[n] for n in names] for row in facts.rows]


def _ranked(facts: Facts, names: Sequence[str], need: Callable[[str], int]) -> list[str]:
    """The most telling columns first: the shown cell's, then each type in turn; what is the same in all rows last."""
    first = facts.cell.column if facts.cell else None
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(type(facts.rows[0][name]).__name__, []).append(name)
    for kind, group in groups.items():
        if kind == "str":  # after the leading column, names and words say more than codes
            groups[kind] = [*group[:1], *sorted(group[1:], key=lambda n: need(n) > 36 or -need(n))]
    turns = {name: i for group in groups.values() for i, name in enumerate(group)}
    same = {n for n in names if len(facts.rows) > 1 and len({str(row[n]) for row in facts.rows}) == 1}
    return sorted(names, key=lambda n: (n != first, n in same, turns[n]))


def _labelled(out: Console, label: str, text: str) -> None:
    """A label and its text; what does not fit goes on below the text."""
    for i, part in enumerate(text.split("\n")):
        lines = textwrap.wrap(part, max(min(out.width, _WIDTH) - 12, 24), break_on_hyphens=False) or [""]
        for j, piece in enumerate(lines):
            out.print(f"{'' if i or j else label:<12}{piece}", markup=False)


def _counts(out: Console, facts: Facts) -> None:
    from locus_dbt.model.errors import CODES  # noqa: PLC0415

    line = partial(_labelled, out)
    line("documents", f"{facts.read} read, {facts.rejected_count} rejected")
    for code, names in sorted(facts.rejected.items()):
        line("", f"{code} {CODES.get(code, '')}: {_few(names)}")
    if facts.cell_rejects:
        by_code = ", ".join(f"{code} × {n}" for code, n in sorted(facts.cell_rejects.items()))
        line("", f"cells rejected: {by_code}")
    line("rows", f"{facts.row_count} in {facts.key}")
    mean = "" if facts.mean is None else f", mean faithfulness {facts.mean:.3f}"
    line("cells", f"{facts.cells} with their place in a document{mean}")
    if facts.record_rows:
        line("", f"{facts.record_rows} rows with their record number (files that DuckDB read itself)")


def _few(names: Sequence[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more


def _head(out: Console, text: str) -> None:
    out.print()
    out.print(text, style="bold", markup=False)
