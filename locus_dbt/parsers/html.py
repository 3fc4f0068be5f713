"""HTML to ``ir/v1``: headings, paragraphs, lists and data tables, each with an XPath-like address."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lxml import etree

from locus_dbt.errors import InputError
from locus_dbt.model.document import Document
from locus_dbt.model.element import BlockKind, Parsed
from locus_dbt.parsers.cells import Flow
from locus_dbt.parsers.declared_encoding import declared_in
from locus_dbt.parsers.decoding import Decoded, decode_document
from locus_dbt.parsers.html_list import list_depth, marker
from locus_dbt.parsers.html_meta import metadata
from locus_dbt.parsers.html_roles import read_role_table, role_tables
from locus_dbt.parsers.html_table import Addressed, addressed, is_layout, own_parts, read_table, table_rows
from locus_dbt.parsers.html_text import BLOCK_TAGS, SILENT_TAGS, TextPieces, hidden, is_footnote_mark, matching, text_of
from locus_dbt.parsers.limits import MAX_DEPTH, over
from locus_dbt.parsers.plain_text import read_text

_KINDS: dict[str, BlockKind] = {
    "h1": "heading", "h2": "heading", "h3": "heading", "h4": "heading", "h5": "heading", "h6": "heading",
    "li": "list", "pre": "code", "dt": "paragraph", "dd": "paragraph", "header": "header", "footer": "footer",
    "figcaption": "caption",
}  # fmt: skip
_TOO_DEEP = f"boolean(/{'/'.join('*' * (MAX_DEPTH + 1))})"
_MAYBE_HIDDEN = etree.XPath("//*[@hidden or contains(@style, 'none') or contains(@style, 'hidden')]")
#: A table or another block inside running text ends the paragraph before it.
_BREAKS = BLOCK_TAGS | {"table"}
#: What a definition is read as for itself when it holds more than a text.
_NOT_A_VALUE = ("table", "dl", "ul", "ol", "pre", "h1", "h2", "h3", "h4", "h5", "h6")


@dataclass(frozen=True, slots=True)
class _Run:
    """Running text between two blocks."""

    kind: BlockKind
    text: str
    place: str
    level: int
    label: str


def parse(document: Document) -> Parsed:
    """Parse an HTML document."""
    text = decoded(document)
    flow = Flow()
    root = html_tree(text.text, document.filename)
    if root is None:
        return Parsed(
            document.media_type, (flow.page(),), (), metadata={"encoding": text.encoding}, repairs=text.repairs
        )
    _Reader(flow, "", root).walk(root)
    return Parsed(
        document.media_type,
        (flow.page(),),
        tuple(flow.tables),
        metadata={"encoding": text.encoding} | metadata(root),
        warnings=_left_out(root),
        repairs=text.repairs,
    )


def decoded(document: Document) -> Decoded:
    """The page's text with the encoding it was read with; what the page declares is believed where it fits."""
    return decode_document(document, declared=declared_in(document.data))


def read_html(text: str, flow: Flow, *, filename: str, place: str = "") -> dict[str, str]:
    """Append the blocks and tables of an HTML text to ``flow``; ``place`` stands before every address.

    Returns the document's own metadata (:func:`metadata`). Raises ``InputError`` E203 for what is no HTML at all.
    """
    root = html_tree(text, filename)
    if root is None:
        return {}
    _Reader(flow, place, root).walk(root)
    return metadata(root)


def html_tree(text: str, filename: str) -> etree._Element | None:
    """The tree of a page; ``None`` for one with nothing but blanks or comments.

    Raises:
        InputError: E203 for what cannot be parsed, E206 for elements nested too deeply.
    """
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=True)
    clean = text.replace("\0", "").encode("utf-8", errors="replace")
    try:
        root: etree._Element | None = etree.fromstring(clean, parser=parser) if clean.strip() else None
    except etree.LxmlError as error:
        if "empty" in str(error).lower():
            return None
        raise InputError(f"the HTML cannot be parsed ({error}): {filename}", code="E203") from error
    if root is not None and root.xpath(_TOO_DEEP):
        raise over(f"HTML nested deeper than {MAX_DEPTH}", where=filename)
    return root


def _left_out(root: etree._Element) -> tuple[str, ...]:
    """What the reader passed over, in words."""
    unseen = sum(1 for e in matching(root, _MAYBE_HIDDEN) if e.tag not in SILENT_TAGS and hidden(e))
    marks = sum(1 for e in root.iter("sup") if is_footnote_mark(e) and next(e.iterancestors("table"), None) is not None)
    said = []
    if unseen:
        said.append(f"{unseen} elements that the page hides were left out")
    if marks:
        said.append(f"{marks} footnote marks were left out of table cells")
    return tuple(said)


class _Reader:
    """Walks the tree once, in document order, without recursion (depth is the document's choice)."""

    def __init__(self, flow: Flow, prefix: str, root: etree._Element) -> None:
        self._flow = flow
        self._prefix = f"{prefix} " if prefix else ""
        self._roles = role_tables(root)
        self._mixed = _holding_blocks(root)

    def walk(self, root: etree._Element) -> None:
        """Append everything under ``root``."""
        body = root.find("body")
        start = body if body is not None else root
        todo: list[Addressed | _Run] = [(start, "/html/body" if body is not None else "/html")]
        while todo:
            item = todo.pop()
            if isinstance(item, _Run):
                self._flow.block(item.kind, item.text, place=item.place, level=item.level, label=item.label)
            else:
                todo.extend(reversed(list(self._element(*item))))

    def _element(self, element: etree._Element, path: str) -> Iterator[Addressed | _Run]:
        """Read ``element`` itself; yields what it holds and is still to be read."""
        tag = str(element.tag)
        if tag in SILENT_TAGS or hidden(element):
            return
        rows = table_rows(element, path) if tag == "table" else []
        if tag == "table" and not is_layout(element, rows):
            order = self._flow.next_order()
            cells, title, nested = read_table(element, rows, prefix=self._prefix)
            self._flow.table(cells, title=title, order=order)
            yield from nested
        elif element in self._roles:
            title = " ".join((element.get("aria-label") or "").split())
            cells = read_role_table(element, path, self._roles[element], prefix=self._prefix)
            self._flow.table(cells, title=title)
        elif tag == "img":
            self._flow.block("picture", element.get("alt") or "", place=self._prefix + path)
        elif tag == "dl":
            yield from self._definitions(element, path)
        elif element in self._mixed:
            yield from self._children(element, path)
        elif tag == "pre":
            self._preformatted(element, path)
        else:
            kind, level, label = _kind(element, path)
            self._flow.block(kind, text_of(element), place=self._prefix + path, level=level, label=label)
            for picture, at in (
                own_parts(element, path, ("img",)) if next(element.iter("img"), None) is not None else ()
            ):
                self._flow.block("picture", picture.get("alt") or "", place=self._prefix + at)

    def _definitions(self, element: etree._Element, path: str) -> Iterator[Addressed | _Run]:
        """A definition list: each definition with the term above it; one that holds more than a text for itself."""
        term = ""
        for part, at in own_parts(element, path, ("dt", "dd", "dl")):
            if hidden(part):
                continue
            if part.tag == "dt":
                term = text_of(part).replace("\n", " ")
            elif part.tag == "dl" or next(part.iter(*_NOT_A_VALUE), None) is not None:
                yield _Run("paragraph", term, self._prefix + at, 0, "")
                yield part, at
            else:
                text = text_of(part)
                kind: BlockKind = "key_value" if term and text else "paragraph"
                shown = f"{term}: {text}" if term and text else term or text
                yield _Run(kind, shown, self._prefix + at, 0, term if text else "")

    def _preformatted(self, element: etree._Element, path: str) -> None:
        """Code, unless tables are set in it with blanks or drawn with bars."""
        text = text_of(element, keep_blanks=True)
        inside = Flow()
        if next(element.iter("code"), None) is None:
            read_text(text, inside)
        if not inside.tables:
            self._flow.block("code", text, place=self._prefix + path)
            return
        read_text(text, self._flow, place=self._prefix + path)

    def _children(self, element: etree._Element, path: str) -> Iterator[Addressed | _Run]:
        """Block children for themselves; the running text between them as paragraphs of the parent's kind."""
        kind, level, label = _kind(element, path)
        pieces = TextPieces()
        pieces.text(element.text)
        for child, at in _all_addressed(element, path):
            if child in self._mixed or child.tag in _BREAKS or child.tag == "img" or child in self._roles:
                yield _Run(kind, str(pieces), self._prefix + path, level, label)
                pieces = TextPieces()
                yield child, at
            else:
                pieces.element(child)
            pieces.text(child.tail)
        yield _Run(kind, str(pieces), self._prefix + path, level, label)


def _all_addressed(element: etree._Element, path: str) -> Sequence[Addressed]:
    """As :func:`addressed`, with the nodes that are no elements (their tails are text)."""
    places = dict(addressed(element, path))
    return [(child, places.get(child, path)) for child in element]


def _kind(element: etree._Element, path: str) -> tuple[BlockKind, int, str]:
    """Kind, level and label of the block that ``element`` makes."""
    kind = _KINDS.get(str(element.tag), "paragraph")
    if kind == "list":
        return kind, list_depth(element), marker(element, path)
    if element.get("role") == "heading":
        level = (element.get("aria-level") or "2").strip()
        return "heading", int(level) if level in "123456" and level else 2, ""
    return kind, int(element.tag[1]) if kind == "heading" else 0, ""


def _holding_blocks(root: etree._Element) -> set[etree._Element]:
    """The elements with a block or table somewhere inside them."""
    holding: set[etree._Element] = set()
    for element in root.iter(*_BREAKS):
        above = element.getparent()
        while above is not None and above not in holding:
            holding.add(above)
            above = above.getparent()
    return holding
