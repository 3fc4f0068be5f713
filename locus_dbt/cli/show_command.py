"""``locus show``: what a reader finds in one document, as lists or drawn on a page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from locus_dbt.core.completeness import Tally
    from locus_dbt.model.document import Document
    from locus_dbt.model.element import Block, Page, Parsed, Table

#: Texts are cut to this in lists.
_CUT = 100
_MOST = 200
_PAGE = ("page", "size", "words", "read by", "blocks", "tables")
_TABLE = ("table", "page", "rows", "columns", "title", "first row")


def show(
    file: str = typer.Argument(..., help="A file, a member (a.zip!/b.csv), or an address that a connector reads."),
    page: int | None = typer.Option(None, "--page", "-p", min=1, help="Only this page, from 1."),
    table: int | None = typer.Option(None, "--table", "-t", min=0, help="One table in full, by its number."),
    text: bool = typer.Option(False, "--text", help="The text in reading order, as Markdown."),
    png: Path | None = typer.Option(None, "--png", help="Draw words, tables and cells of the page to this file."),
    password: str | None = typer.Option(None, "--password", help="Opens an encrypted document; env:NAME."),
    ocr: str | None = typer.Option(None, "--ocr", help="auto, always or never."),
    root: Path = typer.Option(Path(), "--root", help="The folder that paths start from.", file_okay=False),
) -> None:
    """Show what is found in a document: pages, elements, tables, warnings; or draw it on a page."""
    from locus_dbt.cli.terminal import console  # noqa: PLC0415
    from locus_dbt.core.completeness import Tally  # noqa: PLC0415
    from locus_dbt.model.errors import RequestError  # noqa: PLC0415

    pages = page or (1 if png else None)
    document = open_document(file, root, {"pages": pages, "password": password, "ocr": ocr})
    parsed = document.parsed
    out = console()
    if png is not None:
        from locus_dbt.cli.page_picture import draw_page  # noqa: PLC0415

        found = next((p for p in parsed.pages if p.number == pages), None)
        if found is None:
            raise RequestError(f"{file} has no page {pages} to draw", code="E103", fix=f"locus show '{file}'")
        counts = draw_page(document, parsed, found, png)
        typer.echo(f"page {pages} of {file}: {counts}, drawn to {png}")
        return
    if table is not None:
        _print_table(out, file, parsed, table)
        return
    if text:
        _print_text(parsed)
        return
    tally = Tally()
    tally.add(parsed)
    _print_document(out, file, document, parsed, tally)


def open_document(file: str, root: Path, given: dict[str, object]) -> Document:
    """The document at a path or address, to be read as the options say; E104 when there is none."""
    import hashlib  # noqa: PLC0415

    from locus_dbt.core.plan import find_documents  # noqa: PLC0415
    from locus_dbt.core.read_options import read_options  # noqa: PLC0415
    from locus_dbt.core.settings import load_settings  # noqa: PLC0415
    from locus_dbt.model.document import Document  # noqa: PLC0415
    from locus_dbt.model.errors import InputError, RequestError  # noqa: PLC0415
    from locus_dbt.parsers import parse  # noqa: PLC0415
    from locus_dbt.parsers.detect import media_type  # noqa: PLC0415

    settings = load_settings(root=root)
    options = read_options(given)
    found = find_documents([file], settings=settings, options=options, members="none")
    if found.unreadable:
        first = found.unreadable[0]
        raise InputError(first.message, code=first.code)
    if len(found.files) != 1:
        names = ", ".join(one.filename for one, _ in found.files[:3])
        raise RequestError(f"{file} names {len(found.files)} documents ({names}, …)", code="E103", fix="name one")
    task, _ = found.files[0]
    data = Path(task.path).read_bytes()
    kind = media_type(data, task.filename)
    return Document(task.filename, kind, hashlib.sha256(data).hexdigest(), data, parse, options)


def _print_document(out: Console, file: str, document: Document, parsed: Parsed, tally: Tally) -> None:
    from locus_dbt.cli.terminal import shown  # noqa: PLC0415

    facts = tally.facts()
    out.print(f"{file}: {document.media_type}, {len(document.data)} bytes, {document.sha256[:12]}", markup=False)
    words = f"{facts['words']} words: {facts['words_in_tables']} in tables, {facts['words_in_text']} in text"
    out.print(f"{words}, {facts['words_left_over']} left over", markup=False)
    for name, value in (*sorted(parsed.metadata.items()), *sorted(parsed.cost.items())):
        out.print(f"{name}: {_cut(shown(value))}", markup=False)
    numbered = [p for p in parsed.pages if p.number > 0]
    blocks = [b for p in parsed.pages for b in p.blocks]
    _list(
        out, "pages", ("page", "size", "words", "read by", "blocks", "tables"), [_page_row(p, parsed) for p in numbered]
    )
    _list(
        out, "tables", ("table", "page", "rows", "columns", "title", "first row"), list(map(_table_row, parsed.tables))
    )
    _list(out, "elements", ("element", "where", "text"), list(map(_block_row, blocks)))
    lines = [f"inside: {shown(one.name)} ({one.media_type}, {len(one.data)} bytes)" for one in parsed.attachments]
    lines += [f"repair: {one.rule} at {one.place}: {_cut(shown(one.before))}" for one in parsed.repairs]
    lines += [f"warning: {shown(warning)}" for warning in parsed.warnings]
    for line in lines[:_MOST]:
        out.print(line, markup=False)


def _list(out: Console, what: str, names: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    from locus_dbt.cli.terminal import print_rows  # noqa: PLC0415

    if not rows:
        return
    numbers = [all(isinstance(row[i], int | None) for row in rows) for i in range(len(names))]
    print_rows(out, names, rows[:_MOST], numbers=numbers)
    if len(rows) > _MOST:
        out.print(f"… the first {_MOST} of {len(rows)} {what}", markup=False)


def _page_row(page: Page, parsed: Parsed) -> Sequence[object]:
    tables = sum(1 for t in parsed.tables if (t.page == page.number).any())
    size = f"{page.width:.0f} x {page.height:.0f}"
    return page.number, size, len(page.words), page.read_by, len(page.blocks), tables


def _table_row(table: Table) -> Sequence[object]:
    pages = [p for p in table.page.tolist() if p > 0]
    first = " | ".join(t.strip() for t, r in zip(table.text, table.row.tolist(), strict=True) if r == 0)
    return table.number, min(pages) if pages else None, table.n_rows, table.n_cols, _cut(table.title), _cut(first)


def _block_row(block: Block) -> Sequence[object]:
    kind = f"{block.kind} {block.level}" if block.level else block.kind
    return kind, f"page {block.page}" if block.page else block.place, _cut(block.text)


def _print_table(out: Console, file: str, parsed: Parsed, number: int) -> None:
    from locus_dbt.cli.terminal import print_rows  # noqa: PLC0415
    from locus_dbt.model.errors import RequestError  # noqa: PLC0415
    from locus_dbt.parsers.grid import to_grid  # noqa: PLC0415

    one = next((t for t in parsed.tables if t.number == number), None)
    if one is None:
        known = f"it has {len(parsed.tables)}"
        raise RequestError(f"{file} has no table {number}, {known}", code="E103", fix=f"locus show '{file}'")
    grid = to_grid(one)
    names = [str(col) for col in range(one.n_cols)]
    rows = [[one.text[cell] if cell >= 0 else "" for cell in row] for row in grid.slots]
    print_rows(out, names, rows, vertical=False)


def _print_text(parsed: Parsed) -> None:
    from locus_dbt.cli.failures import printable  # noqa: PLC0415
    from locus_dbt.images.any_to_markdown.render import render  # noqa: PLC0415
    from locus_dbt.parsers.reading_order import whole  # noqa: PLC0415

    for line in render(whole(parsed)).splitlines():
        typer.echo(printable(line))


def _cut(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _CUT else flat[: _CUT - 1] + "…"
