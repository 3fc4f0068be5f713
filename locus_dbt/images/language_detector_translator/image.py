"""Language and script of documents or their paragraphs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from locus_dbt.core.builder import TableBuilder
from locus_dbt.images.language_detector_translator.identify import Language, identify, script_of
from locus_dbt.images.language_detector_translator.pieces import Piece, pieces
from locus_dbt.model.document import Document
from locus_dbt.model.locus import Locus

_WHOLE = Locus(place="the whole document")
_WHY = "letter statistics of the text"
_SHARE = 0.1
#: Titles and cells are often too short to tell; they count for no language.
_SURE = 0.9


def extract(document: Document, params: Mapping[str, Any], table: TableBuilder) -> None:
    """Append a row for the document, or one for each paragraph."""
    found = list(pieces(document.parsed))
    only = tuple(params["candidates"] or ())
    if params["grain"] == "paragraph":
        for number, piece in enumerate(found):
            _append_paragraph(piece, number, table, only=only, least=params["min_letters"])
        return
    text = "\n".join(piece.text for piece in found)
    if not text.strip():
        table.reject("E210", f"no text in {document.filename}")
        return
    table.start_row()
    language = _language(text, only=only, least=params["min_letters"])
    _put_language(language, text, table, _WHOLE)
    names = _languages(found, only=only, least=params["min_letters"])
    table.put("languages", names or None, text=None, at=_WHOLE, grounding="inferred", reason=_WHY)
    table.put("text", text, text=text, at=_WHOLE)


def _append_paragraph(piece: Piece, number: int, table: TableBuilder, *, only: Collection[str], least: int) -> None:
    table.extend({"page": [piece.at.page], "paragraph_no": [number], "kind": [piece.kind]})
    _put_language(_language(piece.text, only=only, least=least), piece.text, table, piece.at)
    table.put("text", piece.text, text=piece.text, at=piece.at)


def _put_language(language: Language | None, text: str, table: TableBuilder, at: Locus) -> None:
    if language is not None:
        for column, value in (("language", language.code), ("score", round(language.score, 3))):
            table.put(column, value, text=None, at=at, grounding="inferred", reason=_WHY)
    table.put("script", script_of(text), text=None, at=at, grounding="inferred", reason="most of the letters")


def _language(text: str, *, only: Collection[str], least: int) -> Language | None:
    return identify(text, only=only) if _letters(text) >= least else None


def _letters(text: str) -> int:
    return sum(map(str.isalpha, text))


def _languages(found: Sequence[Piece], *, only: Collection[str], least: int) -> list[str]:
    """Languages by their share of the letters, the largest first."""
    letters: Counter[str] = Counter()
    for piece in found:
        language = _language(piece.text, only=only, least=least)
        if language is not None and language.score >= _SURE:
            letters[language.code] += _letters(piece.text)
    total = letters.total()
    return [code for code, n in letters.most_common() if n >= _SHARE * total]
