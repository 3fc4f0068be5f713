"""What a printed line is by its words alone: list items with their marker, captions, notes."""

from __future__ import annotations

import re

_BULLETS = "•▪■●○◦‣·–—*➢➤►▶❖✓✔□▫‒−-\uf0b7\uf0a7"
_BULLET = re.compile(rf"^([{re.escape(_BULLETS)}])$")
_NUMBERED = re.compile(
    r"^(\(?\d{1,3}(?:\.\d{1,2}){0,3}[.)]|\d{1,2}(?:\.\d{1,2}){1,3}|\(?[a-zA-Z][.)]|\(?[ivxIVX]{1,5}[.)])$"
)
_CAPTION = re.compile(
    r"^(?:table|tab\.|figure|fig\.|tabelle|abbildung|abb\.|tableau|tabla|figura|tabela|tabella|tabel|figuur|taulukko|kuvio|"
    r"diagram|diagramm|chart|graph|graphique|grafik|exhibit|box|map|plate|scheme|photo|schaubild)\s?"
    r"(?:n[o°º]\.?\s?)?(?:[A-Z]{0,2}[-.]?\d{1,3}(?:[.\-–]\d{1,3}){0,3}[a-z]?|[IVX]{1,5})(?:\s?[:.–—|-](?:\s|$)|\s*$)",
    re.IGNORECASE,
)
_SECTION = re.compile(r"^\d{1,2}(?:\.\d{1,2}){1,3}\.?$")
_INITIAL = re.compile(r"^[A-Z]\.$")
_NOTE = re.compile(r"^(\(?\d{1,3}[.)]?|[*†‡§¶#]{1,4}\)?|\(?[a-z][.)])$")


def list_marker(first: str, n_words: int) -> str:
    """The marker that begins a list item, empty for a line that begins none."""
    if n_words < 2:
        return ""
    return first if _BULLET.match(first) or _NUMBERED.match(first) else ""


def is_initial(marker: str) -> bool:
    """Whether a marker may as well be the initial of a name ("S. Miller"): its neighbours tell."""
    return bool(_INITIAL.match(marker))


def names_section(text: str) -> bool:
    """Whether a line is a section's number and title ("8.6.1 Washing powders"), as far as words tell."""
    number, _, title = text.partition(" ")
    return bool(_SECTION.match(number)) and title[:1].isupper() and text[-1] not in ".,;:" and text.count(" ") <= 10


def is_caption(text: str) -> bool:
    """Whether the line names a table or a picture by its number: "Table 3: …", "Abb. 2 – …"."""
    return bool(_CAPTION.match(text))


def note_marker(first: str) -> str:
    """The mark that may begin a footnote, empty when the word cannot be one."""
    return first if _NOTE.match(first) else ""
