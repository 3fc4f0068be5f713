"""Claims against documents: where each value of a row stands, how true it is to that, and what speaks against it.

A claim is a row of values from anywhere. Without a citation its values are searched for; a citation that comes with it
(a text, a page) is taken at its word and checked twice: the value against it, and it against the document.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from locus_dbt.core.citation_fit import misplaced
from locus_dbt.core.citations import Citation, Fact, cite, cite_all
from locus_dbt.core.evidence import Evidence, Printed
from locus_dbt.core.grounding import compare
from locus_dbt.core.passages import Content, Hit, Passages
from locus_dbt.core.spellings import Spelling, scale_power
from locus_dbt.core.text_words import words_of

#: Faithfulness of a number whose scale word stands in a header, or of a share printed as a percentage.
_BY_RULE = 0.9

#: At most this much for a value that stands somewhere else than its context or its citation says.
_ELSEWHERE = 0.3

#: At most this much for a number that is a piece of an id or of a date.
_PART = 0.5

#: Quality of a spelling from which on a document counts as holding a value.
_HELD = 0.8


@dataclass(frozen=True, slots=True)
class Claim:
    """A row to check: values by column, ``question`` (words that say what is meant), and the citation if it has one."""

    names: Sequence[str]
    values: Sequence[str | None]
    question: str = ""
    page: int | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found out about one value."""

    column: str
    value: str
    filename: str | None
    printed: Printed
    text: str | None
    faithfulness: float
    grounding: str
    rule: str | None
    reason: str | None
    candidates: int


def check(claim: Claim, documents: Sequence[Evidence]) -> list[Finding]:
    """A finding for each value that is not null, in the order of the columns."""
    if claim.text is not None and claim.text.strip():
        return _check_cited(claim, documents)
    facts = _facts(claim)
    found = [(document, _cite_on_page(document, facts, claim.page)) for document in documents]
    found.sort(key=lambda pair: -sum(c.score for c in pair[1] if c is not None and c.quality >= _HELD))
    out = []
    for i, fact in enumerate(facts):
        home = next(((d, cs) for d, cs in found if cs[i] is not None and _holds(cs[i])), None)
        home = home or next(((d, cs) for d, cs in found if cs[i] is not None), None)
        if home is None:
            out.append(_nowhere(fact, documents))
            continue
        document, citations = home
        out.append(_judge(document, fact, i, facts, citations, page=claim.page))
    return out


def _facts(claim: Claim) -> list[Fact]:
    pairs = zip(claim.names, claim.values, strict=True)
    return [Fact(value, name=name, question=claim.question) for name, value in pairs if value is not None]


def _holds(citation: Citation | None) -> bool:
    return citation is not None and citation.quality >= _HELD


def _cite_on_page(document: Evidence, facts: Sequence[Fact], page: int | None) -> list[Citation | None]:
    """Places on the cited page; of values that are not there, places elsewhere."""
    if page is None:
        return cite_all(document.passages, facts)
    there = cite_all(document.passages, facts, only=_on_page(document, page))
    if all(c is not None for c in there):
        return there
    anywhere = cite_all(document.passages, facts)
    return [a if a is not None else b for a, b in zip(there, anywhere, strict=True)]


def _on_page(document: Evidence, page: int) -> Callable[[int], bool]:
    return lambda unit: document.page_of(unit) == page


def _nowhere(fact: Fact, documents: Sequence[Evidence]) -> Finding:
    what = documents[0].filename if len(documents) == 1 else f"{len(documents)} documents"
    reason = f"'{_short(fact.value)}' is not found in {what}"
    return Finding(fact.name, fact.value, None, Printed(), None, 0.0, "none", None, reason, 0)


def _judge(
    document: Evidence,
    fact: Fact,
    number: int,
    facts: Sequence[Fact],
    citations: Sequence[Citation | None],
    *,
    page: int | None,
) -> Finding:
    citation = citations[number]
    if citation is None:
        return _nowhere(fact, [document])
    kind, score, rule, reason = judged(document.passages, fact.value, citation)
    printed = document.printed(citation)
    if page is not None and printed.page != page:
        score, reason = min(score, _ELSEWHERE), f"stands on page {printed.page}, not on the cited page {page}"
    elif against := misplaced(document.passages, facts, citations, number):
        score, reason = min(score, _ELSEWHERE), against
    elif citation.rivals and score >= _HELD and reason is None:
        reason = f"{citation.rivals + 1} places fit equally well"
    return Finding(
        fact.name, fact.value, document.filename, printed, citation.text, score, kind, rule, reason,
        citation.candidates,
    )  # fmt: skip


#: Grounding, faithfulness, rule and reason.
Judgement = tuple[str, float, str | None, str | None]


def judged(passages: Passages, value: str, citation: Citation) -> Judgement:
    """How a value stands to the text cited for it, the headers over it as context."""
    kind, score, rule, reason = _compared(value, citation.text)
    printed = f"printed as '{_short(citation.text)}'"
    if citation.rule == "part":
        return kind, min(score, _PART), "part", f"only as a part of '{_short(_around(citation))}'"
    if kind in ("exact", "normalized"):
        return kind, score, (rule or citation.rule) if kind == "normalized" else None, reason
    by_rule: dict[str, Judgement] = {
        "percent": ("normalized", _BY_RULE, "percent", printed),
        "sign differs": ("none", min(score, _ELSEWHERE), "sign", f"{printed}: the sign differs"),
        "likeness": (kind, score, "likeness", reason or printed),
    }
    if citation.rule == "scale":
        return _scaled(passages, citation, printed)
    return by_rule.get(citation.rule, (kind, score, rule, reason))


def _compared(value: str, text: str | None) -> Judgement:
    """What :func:`compare` says, with the rule if it names one."""
    verdict: Sequence[Any] = compare(value, text)
    kind, score, reason = verdict[:3]
    return kind, score, verdict[3] if len(verdict) > 3 else None, reason


def _scaled(passages: Passages, citation: Citation, printed: str) -> Judgement:
    """A number that is the value at another scale: a scale word must say so."""
    if citation.power == 0:
        return "normalized", _BY_RULE, "scale", printed
    beside = Spelling.of(citation.text).power
    if (beside or _scale_around(passages, citation)) == citation.power:
        return "normalized", _BY_RULE, "scale", f"{printed}, the scale {'beside it' if beside else 'in its header'}"
    return "none", _ELSEWHERE, "scale", f"{printed}: no scale word stands for the difference"


def _around(citation: Citation) -> str:
    """The cited text with the words before and behind it."""
    text = citation.unit.text
    before, after = text[: citation.start].split(" ")[-2:], text[citation.stop :].split(" ")[:3]
    return f"{' '.join(before)}{citation.text}{' '.join(after)}".strip()


def faithful(value: str, text: str | None) -> Judgement:
    """How a value stands to a text that is cited for it.

    The text may be the printed value or a sentence that holds it; a sentence counts by the part that says the value.
    """
    kind, score, rule, reason = _compared(value, text)
    if text is None or kind in ("exact", "normalized"):
        return kind, score, rule, reason
    passages = Passages(Content((), (text,)))
    inside = cite(passages, Fact(value))
    if inside is None or (inside.start, inside.stop) == (0, len(text)):
        return kind, score, rule, reason
    part = judged(passages, value, inside)
    return part if part[1] > score else (kind, score, rule, reason)


def _scale_around(passages: Passages, citation: Citation) -> int:
    """The scale that headers or caption state for a cell, as a power of ten; 0 without one."""
    if not citation.unit.is_cell:
        return 0
    for text in passages.heads(citation.unit):
        if power := scale_power(text):
            return power
    return 0


# ---------------------------------------------------------------- citations that come with the claim
def _check_cited(claim: Claim, documents: Sequence[Evidence]) -> list[Finding]:
    quoted = claim.text or ""
    place = _find_quote(quoted, documents, claim.page)
    own = Passages(Content((), (quoted,)))
    return [_check_quote(fact, quoted, own, place, claim, documents) for fact in _facts(claim)]


@dataclass(frozen=True, slots=True)
class _Quote:
    """Where a quoted text stands: units of one document that hold it, and how well."""

    document: Evidence
    citation: Citation
    units: frozenset[int]
    likeness: float
    wrong_page: bool


def _find_quote(text: str, documents: Sequence[Evidence], page: int | None) -> _Quote | None:
    best: _Quote | None = None
    for document in documents:
        for wrong, only in ((False, _on_page(document, page) if page is not None else None), (True, None)):
            if wrong and page is None:
                continue
            found = _quote_in(document, text, only, wrong_page=wrong)
            if found and (best is None or (found.likeness, not wrong) > (best.likeness, not best.wrong_page)):
                best = found
            if found and found.likeness >= 1:
                break
    return best


def _quote_in(document: Evidence, text: str, only: Callable[[int], bool] | None, *, wrong_page: bool) -> _Quote | None:
    (citation,) = cite_all(document.passages, [Fact(text)], only=only)
    if citation is not None and citation.quality >= 0.85:
        return _Quote(document, citation, frozenset({citation.number}), 1.0, wrong_page)
    row = _row_quote(document.passages, text, only)
    if row:
        units = frozenset(hit.unit for hit in row)
        return _Quote(document, _as_citation(document.passages, row[0]), units, 1.0, wrong_page)
    if citation is not None and citation.rule == "likeness":
        return _Quote(document, citation, frozenset({citation.number}), citation.quality, wrong_page)
    return None


def _row_quote(passages: Passages, text: str, only: Callable[[int], bool] | None) -> list[Hit]:
    """A table row that was quoted: its cells, when all words of the text stand in them in that order."""
    wanted = list(words_of(text).folded)
    if len(wanted) < 2:
        return []
    seen: set[tuple[int, int]] = set()
    for unit in passages.holding(wanted):
        cell = passages.units[unit]
        if not cell.is_cell or (cell.grid, cell.row) in seen or (only and not only(unit)):
            continue
        seen.add((cell.grid, cell.row))
        row = passages.row(cell)
        words = [(word, u) for u in row for word in passages.words[u].folded]
        said = [word for word, _ in words]
        for at in range(len(said) - len(wanted) + 1):
            if said[at : at + len(wanted)] == wanted:
                held = dict.fromkeys(u for _, u in words[at : at + len(wanted)])
                return [Hit(u, 0, len(passages.units[u].text)) for u in held]
    return []


def _as_citation(passages: Passages, hit: Hit) -> Citation:
    unit = passages.units[hit.unit]
    return Citation(unit, hit.unit, hit.start, hit.stop, unit.text[hit.start : hit.stop], 1.0, "words", 1.0)


def _check_quote(
    fact: Fact, quoted: str, own: Passages, place: _Quote | None, claim: Claim, documents: Sequence[Evidence]
) -> Finding:
    inside = cite(own, fact)
    kind, score, rule, reason = ("none", 0.0, None, None) if inside is None else judged(own, fact.value, inside)
    if score < _HELD:
        reason = f"the cited text does not say '{_short(fact.value)}'"
        if inside is not None:
            reason += f" but '{inside.text}'"
        score = min(score, _ELSEWHERE)
    found = Finding(fact.name, fact.value, None, Printed(), quoted, score, kind, rule, reason, int(inside is not None))
    if place is None:
        what = documents[0].filename if len(documents) == 1 else f"{len(documents)} documents"
        return replace(found, faithfulness=min(score, 0.2), reason=reason or f"the cited text is not found in {what}")
    exact = _within(place, fact)
    printed = place.document.printed(exact or place.citation)
    found = replace(found, filename=place.document.filename, printed=printed, text=exact.text if exact else quoted)
    if place.wrong_page:
        told = f"the cited text stands on page {printed.page}, not on page {claim.page}"
        return replace(found, faithfulness=min(score, _ELSEWHERE), reason=reason or told)
    if place.likeness < 1 and score >= _HELD:
        told = f"the cited text is printed as '{_short(place.citation.text)}'"
        return replace(found, faithfulness=round(score * place.likeness, 4), reason=reason or told)
    return found


def _within(place: _Quote, fact: Fact) -> Citation | None:
    """The value inside the place of the quote, not elsewhere in the same paragraph."""
    if len(place.units) > 1:
        (inside,) = cite_all(place.document.passages, [fact], only=place.units.__contains__)
    else:
        quote = place.citation
        inside = cite(Passages(Content((), (quote.text,))), fact)
        if inside is not None:
            start, stop = quote.start + inside.start, quote.start + inside.stop
            inside = replace(inside, unit=quote.unit, number=quote.number, start=start, stop=stop)
    return inside if inside is not None and inside.quality >= _HELD else None


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}…"
