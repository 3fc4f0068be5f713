"""Word documents (DOCX, DOCM, DOTX, DOTM, Strict) to ``ir/v1``.

Places are XPaths of the part without namespaces (``/body/tbl[2]/tr[3]/tc[1]``), for other parts behind their name
(``header1/p[1]``, ``footnote 3``, ``comment 1``). Insertions under change tracking are kept, deletions left out, both
counted in the warnings. Headers come first and footers after the body, equal ones once.
"""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from dataclasses import replace

from lxml import etree

from locus_dbt.errors import InputError
from locus_dbt.model.document import Document
from locus_dbt.model.element import Block, BlockKind, Parsed
from locus_dbt.parsers.cells import Flow
from locus_dbt.parsers.limits import over
from locus_dbt.parsers.office.docx_story import Reading, Story
from locus_dbt.parsers.office.docx_styles import Numbering, Styles, W
from locus_dbt.parsers.office.docx_text import RunReader
from locus_dbt.parsers.office.package import Package, Tally


def parse(document: Document) -> Parsed:
    """Parse a Word document; raises ``InputError`` E203 when its main part is missing or damaged."""
    try:
        return _parse(document)
    except RecursionError as error:
        raise over("the document is nested too deeply", where=document.filename) from error


def _parse(document: Document) -> Parsed:
    package = Package(document)
    main = package.main_part if package.has(package.main_part) else "word/document.xml"
    body = package.xml(main).find(f"{W}body")
    if body is None:
        raise InputError(f"the Word document has no body: {document.filename}", code="E203", fix="repair the file")
    tally = Tally()
    styles = Styles(package.xml_or_none(package.related(main, "styles")))
    numbering = Numbering(package.xml_or_none(package.related(main, "numbering")), styles)
    reading = Reading(package, Flow(), styles, numbering, RunReader(tally), tally)
    _margins(reading, main, "header")
    Story(reading, package.relations(main)).blocks(body, "/body")
    _notes(reading, main)
    _comments(reading, main)
    _margins(reading, main, "footer")
    for relation in package.relations(main).values():
        if relation.kind in ("oleObject", "package") and not relation.external:
            package.attach(relation.target)
    page = reading.flow.page()
    return Parsed(
        document.media_type,
        (replace(page, blocks=_once(page.blocks)),),
        tuple(reading.flow.tables),
        attachments=tuple(package.attachments),
        metadata=package.properties(),
        warnings=tuple(tally.sentences()),
        repairs=tuple(reading.runs.repairs),
    )


def _margins(reading: Reading, main: str, kind: BlockKind) -> None:
    for relation in reading.package.relations(main).values():
        root = reading.package.xml_or_none(relation.target) if relation.kind == kind else None
        if root is not None:
            name = posixpath.splitext(posixpath.basename(relation.target))[0]
            Story(reading, reading.package.relations(relation.target), kind=kind).blocks(root, name)


def _notes(reading: Reading, main: str) -> None:
    """Footnotes and endnotes in the order of their marks in the text, labelled with their numbers."""
    for kind in ("footnote", "endnote"):
        part = reading.package.related(main, f"{kind}s")
        root = reading.package.xml_or_none(part)
        if root is None or part is None:
            continue
        notes = {note.get(f"{W}id") or "": note for note in root.iterfind(f"{W}{kind}") if _is_note(note)}
        story = Story(reading, reading.package.relations(part))
        numbers = {key: label for (of, key), label in reading.runs.notes.items() if of == kind}
        for key in sorted(notes, key=lambda key: int(numbers.get(key, len(numbers) + 1))):
            label = numbers.get(key, "")
            _one(story, notes[key], "footnote", label, f"{kind} {label or key}")


def _is_note(note: etree._Element) -> bool:
    return note.get(f"{W}type") in (None, "normal")


def _comments(reading: Reading, main: str) -> None:
    part = reading.package.related(main, "comments")
    root = reading.package.xml_or_none(part)
    if root is None or part is None:
        return
    story = Story(reading, reading.package.relations(part))
    for number, comment in enumerate(root.iterfind(f"{W}comment"), 1):
        _one(story, comment, "comment", comment.get(f"{W}author") or "", f"comment {number}")


def _one(story: Story, note: etree._Element, kind: BlockKind, label: str, place: str) -> None:
    """A note or comment as one block where it is only paragraphs, else as its paragraphs and tables."""
    if any(child.tag != W + "p" for child in note):
        story.of(kind, label).blocks(note, place)
        return
    read = [story.reading.runs.read(paragraph, place) for paragraph in note]
    text = "\n".join(filter(None, (str(parts).strip() for parts in read)))
    story.reading.flow.block(kind, text, place=place, label=label)


def _once(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """Headers and footers of several sections mostly say the same: each text is kept once."""
    seen: set[tuple[str, str]] = set()
    kept: list[Block] = []
    for block in blocks:
        if block.kind in ("header", "footer"):
            if (block.kind, block.text) in seen:
                continue
            seen.add((block.kind, block.text))
        kept.append(block)
    return tuple(kept)
