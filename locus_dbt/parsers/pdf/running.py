"""Running heads and feet: the same text at the same height on several pages, and page numbers at the edge."""

from __future__ import annotations

import re
from collections.abc import Sequence

from locus_dbt.parsers.pdf.printed import TextRow

_BAND = 6  # points: how far a running line may move up and down
_BARE_NUMBER = re.compile(r"^[\W_]*(\d{1,4}|[ivxlc]{1,7})[\W_]*$")
# "page" and "of" in the languages that we meet most; a number beside any other word is no page number by itself.
_NAMED = re.compile(
    r"^\W*(?:page|pages|p|pg|seite|s|blatt|pagina|página|pág|pag|side|sida|sid|sivu|strona|str|strana|oldal|lk|"
    r"страница|стр|σελίδα|sayfa|第)\W{0,3}(\d{1,4})(?:\s*(?:/|von|of|de|di|van|af|av|sur|z|ze|od|из|-|–)\s*\d{1,4})?\W*$",
    re.IGNORECASE,
)
_OF = re.compile(r"^\W*(\d{1,4})\s*(?:/|von|of|de|di|van|af|av|sur|z|ze|od|из)\s*\d{1,4}\W*$", re.IGNORECASE)


class Running:
    """What runs through the pages of a document, learned window by window.

    A line that ran through an earlier window is known in all later ones, so that a short last window has its heads
    too; the windows have a fixed length, so that the parts a document is asked for in change nothing.
    """

    def __init__(self) -> None:
        self._known: set[tuple[str, int, int]] = set()

    def settle(self, pages: Sequence[Sequence[TextRow]]) -> set[int]:
        """Ids (``id(row)``) of the running lines of a window of pages."""
        seen: dict[tuple[str, int, int], list[TextRow]] = {}
        for rows in pages:
            for row in rows:
                for key in _keys(row):
                    seen.setdefault(key, []).append(row)
        least = max(2, int(0.3 * len(pages)))
        self._known |= {key for key, rows in seen.items() if len({r.page for r in rows}) >= least}
        out = {id(r) for key, rows in seen.items() if key in self._known for r in rows}
        for rows in pages:
            out |= {id(r) for r in _outermost(rows) if page_number(r) is not None}
        return out


def _keys(row: TextRow) -> list[tuple[str, int, int]]:
    if not row.edge:
        return []
    band = int(row.box[1] // _BAND)
    return [(row.pattern, row.edge, band), (row.pattern, row.edge, band + 1)]


def _outermost(rows: Sequence[TextRow]) -> list[TextRow]:
    """The highest line at the upper edge and the lowest at the lower one."""
    top = [r for r in rows if r.edge == 1 and r.free]
    bottom = [r for r in rows if r.edge == -1 and r.free]
    return [*sorted(top, key=lambda r: r.box[1])[:1], *sorted(bottom, key=lambda r: -r.box[3])[:1]]


def page_number(row: TextRow) -> str | None:
    """The number printed when the line is nothing but a page number: "7", "- 7 -", "Page 7 of 9", "vii"."""
    for form in (_BARE_NUMBER, _NAMED, _OF):
        match = form.match(row.text)
        if match:
            return match[1]
    return None
