"""A web page as this image sees it: its tables in ``ir/v1``, and its tree for what that form does not hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property

from lxml import etree

from locus_dbt.model.document import Document
from locus_dbt.model.element import Table
from locus_dbt.parsers.html import decoded, html_tree
from locus_dbt.parsers.html_links import Link, base_address, cell_links
from locus_dbt.parsers.html_main import boilerplate, inside, main_tables
from locus_dbt.parsers.html_records import record_tables
from locus_dbt.parsers.html_table import addressed


@dataclass(frozen=True, slots=True)
class Found:
    """A table, whether it was marked up as records, and whether it is content of the page."""

    table: Table
    is_records: bool
    is_main: bool


class WebPage:
    """The page of one document; its tree is built when first asked for."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self.filename = document.filename
        self.metadata: Mapping[str, str] = document.parsed.metadata

    @property
    def document(self) -> Document:
        """The document itself."""
        return self._document

    @cached_property
    def _text(self) -> str:
        return decoded(self._document).text

    @cached_property
    def _root(self) -> etree._Element | None:
        return html_tree(self._text, self.filename)

    @cached_property
    def base(self) -> str:
        """The address that relative links start from; empty when the page does not tell."""
        return base_address(self._root, self.metadata.get("url", "")) if self._root is not None else ""

    def tables(self, *, records: bool, by: str, judge: bool) -> list[Found]:
        """All tables, records behind the others; without ``judge`` all of them count as content."""
        marked = list(self._document.parsed.tables)
        mined = record_tables(self._root, first=len(marked)) if records and self._root is not None else []
        every = [one for one in (*marked, *mined) if len(one)]
        main = self._main(every, by) if judge else [True] * len(every)
        return [Found(one, one.number >= len(marked), is_main) for one, is_main in zip(every, main, strict=True)]

    def _main(self, every: Sequence[Table], by: str) -> list[bool]:
        if by == "trafilatura":
            return main_tables(self._text, every)
        parts = boilerplate(self._root) if self._root is not None else set()
        return [not inside(one.place[0], parts) for one in every]

    @cached_property
    def term_places(self) -> dict[str, str]:
        """For the address of each definition that of the term above it."""
        found: dict[str, str] = {}
        body = self._root.find("body") if self._root is not None else None
        todo = [(body, "/html/body")] if body is not None else []
        while todo:
            element, path = todo.pop()
            term = ""
            for child, at in addressed(element, path):
                term = at if child.tag == "dt" else term
                if child.tag == "dd" and term:
                    found[at] = term
                todo.append((child, at))
        return found

    def links(self, cells: AbstractSet[str]) -> Iterator[Link]:
        """The links in the cells with these addresses, in document order."""
        return cell_links(self._root, cells) if self._root is not None else iter(())

    def first_links(self, tables: Sequence[Table]) -> dict[str, Link]:
        """The first link of each cell that has one."""
        found: dict[str, Link] = {}
        for link in self.links({place for one in tables for place in one.place}):
            found.setdefault(link.cell, link)
        return found
