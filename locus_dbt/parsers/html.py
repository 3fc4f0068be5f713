"""HTML to ``ir/v1``: headings, paragraphs, lists and data tables, each with an XPath-like address."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree
from lxml import html as lxml_html

from locus_dbt.errors import InputError
from locus_dbt.model.document import Document
from locus_dbt.model.element import BlockKind, Parsed
from locus_dbt.parsers.cells import Flow
from locus_dbt.parsers.declared_encoding import declared_in
from locus_dbt.parsers.decoding import decode_document
from locus_dbt.parsers.html_table import Addressed, addressed, is_layout, own_parts, read_table
from locus_dbt.parsers.html_text import BLOCK_TAGS, SILENT_TAGS, TextPieces, hidden, text_of

_KINDS: dict[str, BlockKind] = {
    "h1": "heading", "h2": "heading", "h3": "heading", "h4": "heading", "h5": "heading", "h6": "heading",
    "li": "list", "pre": "code", "dt": "paragraph", "dd": "paragraph", "header": "header", "footer": "footer",
}  # fmt: skip
#: A table or another block inside running text ends the paragraph before it.
_BREAKS = BLOCK_TAGS | {"table"}


@dataclass(frozen=True, slots=True)
class _Run:
    """Running text between two blocks."""

    kind: BlockKind
    text: str
    place: str
    level: int


def parse(document: Document) -> Parsed:
    """Parse an HTML document."""
    decoded = decode_document(document, declared=declared_in(document.data))
    flow = Flow()
    metadata = {"encoding": decoded.encoding} | read_html(decoded.text, flow, filename=document.filename)
    return Parsed(document.media_type, (flow.page(),), tuple(flow.tables), metadata=metadata, repairs=decoded.repairs)


def read_html(text: str, flow: Flow, *, filename: str, place: str = "") -> dict[str, str]:
    """Append the blocks and tables of an HTML text to ``flow``; ``place`` stands before every address.

    Returns the document's own metadata (its title). Raises ``InputError`` E203 for what is no HTML at all.
    """
    root = _tree(text, filename)
    if root is None:
        return {}
    _Reader(flow, place, root).walk(root)
    title = root.findtext(".//title")
    return {"title": " ".join(title.split())} if title and title.strip() else {}


def _tree(text: str, filename: str) -> lxml_html.HtmlElement | None:
    parser = lxml_html.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=False
    )
    clean = text.replace("\0", "").encode("utf-8", errors="replace")
    try:
        root = lxml_html.document_fromstring(clean, parser=parser)
    except etree.ParserError:
        return None  # only blanks or comments: a document without content
    except (etree.LxmlError, ValueError, RecursionError) as error:
        raise InputError(f"the HTML cannot be parsed ({error}): {filename}", code="E203") from error
    return root


class _Reader:
    """Walks the tree once, in document order, without recursion (depth is the document's choice)."""

    def __init__(self, flow: Flow, prefix: str, root: lxml_html.HtmlElement) -> None:
        self._flow = flow
        self._prefix = f"{prefix} " if prefix else ""
        self._mixed = _holding_blocks(root)

    def walk(self, root: lxml_html.HtmlElement) -> None:
        """Append everything under ``root``."""
        body = root.find("body")
        start = body if body is not None else root
        todo: list[Addressed | _Run] = [(start, "/html/body" if body is not None else "/html")]
        while todo:
            item = todo.pop()
            if isinstance(item, _Run):
                self._flow.block(item.kind, item.text, place=item.place, level=item.level)
            else:
                todo.extend(reversed(list(self._element(*item))))

    def _element(self, element: lxml_html.HtmlElement, path: str) -> Iterator[Addressed | _Run]:
        """Read ``element`` itself; yields what it holds and is still to be read."""
        tag = str(element.tag)
        if tag in SILENT_TAGS or hidden(element):
            return
        if tag == "table" and not is_layout(element):
            order = self._flow.next_order()
            cells, title, nested = read_table(element, path, prefix=self._prefix)
            self._flow.table(cells, title=title, order=order)
            yield from nested
        elif tag == "img":
            self._flow.block("picture", element.get("alt") or "", place=self._prefix + path)
        elif element in self._mixed:
            yield from self._children(element, path)
        else:
            kind, level = _kind(tag)
            self._flow.block(kind, text_of(element, keep_blanks=tag == "pre"), place=self._prefix + path, level=level)
            for picture, at in own_parts(element, path, ("img",)):
                self._flow.block("picture", picture.get("alt") or "", place=self._prefix + at)

    def _children(self, element: lxml_html.HtmlElement, path: str) -> Iterator[Addressed | _Run]:
        """Block children for themselves; the running text between them as paragraphs of the parent's kind."""
        kind, level = _kind(str(element.tag))
        pieces = TextPieces()
        pieces.text(element.text)
        places = dict(addressed(element, path))
        for child in element:
            if child in self._mixed or child.tag in _BREAKS or child.tag == "img":
                yield _Run(kind, str(pieces), self._prefix + path, level)
                pieces = TextPieces()
                yield child, places[child]
            else:
                pieces.element(child)
            pieces.text(child.tail)
        yield _Run(kind, str(pieces), self._prefix + path, level)


def _kind(tag: str) -> tuple[BlockKind, int]:
    kind = _KINDS.get(tag, "paragraph")
    return kind, int(tag[1]) if kind == "heading" else 0


def _holding_blocks(root: lxml_html.HtmlElement) -> set[lxml_html.HtmlElement]:
    """The elements with a block or table somewhere inside them."""
    holding: set[lxml_html.HtmlElement] = set()
    for element in root.iter(*_BREAKS):
        above = element.getparent()
        while above is not None and above not in holding:
            holding.add(above)
            above = above.getparent()
    return holding
