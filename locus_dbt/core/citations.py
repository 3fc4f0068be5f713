"""Where a value stands in a document: the best cell or range of text, decided by what is known around the value.

A value is looked up by what all its spellings share, so a search costs the places that could be meant, not the
document. Of several places the context decides: the words of the row's label, the headers and the section against the
question and the column's name, the other values of the same claim on the same row, how close the question's words
stand in running text, and the unit. Whether a place really holds the value is for :mod:`locus_dbt.core.grounding`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from locus_dbt.core.passages import Hit, Passages, Unit
from locus_dbt.core.spellings import Spelling, Spotted, spot
from locus_dbt.core.text_words import stems_of

#: Places looked at more closely for one value.
_MOST = 400

#: A value with this few places says where its row is; of one with this many, not all places need a closer look.
_FEW, _MANY = 3, 24

#: Places of one value that are weighed against those of the others.
_KEPT = 12


@dataclass(frozen=True, slots=True)
class Fact:
    """A value to find, as printed or in canonical form, and what is known about it.

    ``name`` is what the value is called (a column's name), ``question`` words that say what is meant.
    """

    value: str
    name: str = ""
    question: str = ""


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a value stands: ``text`` is ``unit.text[start:stop]``, ``number`` the unit's in :class:`Passages`.

    ``score`` orders places (higher is likelier) and is no probability. ``rule`` names how the printed text is a
    spelling of the value, ``quality`` how good a one (0..1), ``power`` the power of ten that a scale word must account
    for. ``candidates`` counts the places that hold the value, ``rivals`` those among them that fit the context nearly
    as well. ``reasons`` say in words what decided.
    """

    unit: Unit
    number: int
    start: int
    stop: int
    text: str
    score: float
    rule: str
    quality: float
    power: int = 0
    candidates: int = 1
    rivals: int = 0
    reasons: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each kind of evidence counts beside the likeness of value and text (1)."""

    question: float = 1.0
    label: float = 0.25
    header: float = 0.2
    section: float = 0.7
    title: float = 0.3
    extra_label: float = 0.35
    near: float = 0.5
    far: float = 0.35
    distance: float = 12.0
    beside: float = 0.6
    name: float = 1.0
    order: float = 1e-4
    about: float = 0.9


WEIGHTS = Weights()


@dataclass
class _Place:
    """One place that could be meant, while it is weighed."""

    spotted: Spotted
    unit: Unit
    score: float
    reasons: list[str] = field(default_factory=list)

    @property
    def key(self) -> tuple[int, int]:
        return self.spotted.hit.unit, self.spotted.hit.start


def cite(passages: Passages, fact: Fact, *, weights: Weights = WEIGHTS) -> Citation | None:
    """The place of one value; ``None`` when the document holds it nowhere."""
    return cite_all(passages, [fact], weights=weights)[0]


def cite_all(
    passages: Passages,
    facts: Sequence[Fact],
    *,
    only: Callable[[int], bool] | None = None,
    weights: Weights = WEIGHTS,
) -> list[Citation | None]:
    """The places of the values of one claim (a row, an answer): they stand near each other, each in a place of its own.

    Equal values of facts about which the same is known take their places in reading order. ``only`` says of a unit's
    number whether it may be cited.
    """
    search = _Search(passages, weights, only)
    spotted = _narrowed(passages, [search.spotted(fact) for fact in facts])
    found = [search.places(fact, places) for fact, places in zip(facts, spotted, strict=True)]
    _draw_together(found, weights)
    chosen = _shared_out(facts, found)
    return [_citation(place, places) for place, places in zip(chosen, found, strict=True)]


def _citation(place: _Place | None, places: Sequence[_Place]) -> Citation | None:
    if place is None:
        return None
    spotted, hit = place.spotted, place.spotted.hit
    good = [p for p in places if p.spotted.quality >= spotted.quality - 0.05]
    rivals = sum(p.key != place.key and p.score > place.score - 0.05 for p in good)
    return Citation(
        unit=place.unit,
        number=hit.unit,
        start=hit.start,
        stop=hit.stop,
        text=place.unit.text[hit.start : hit.stop],
        score=place.score,
        rule=spotted.rule,
        quality=spotted.quality,
        power=spotted.power,
        candidates=len(good),
        rivals=rivals,
        reasons=tuple(place.reasons),
    )


def _narrowed(passages: Passages, spotted: Sequence[Sequence[Spotted]]) -> list[Sequence[Spotted]]:
    """Of values with very many places, those beside a value of the claim that has few, and some of the others."""
    rows = {
        (unit.grid, unit.row)
        for places in spotted
        if 0 < len(places) <= _FEW
        for unit in (passages.units[one.hit.unit] for one in places)
    }
    if not rows:
        return list(spotted)
    out: list[Sequence[Spotted]] = []
    for places in spotted:
        if len(places) > _MANY:
            units = [passages.units[one.hit.unit] for one in places]
            beside = [p for p, u in zip(places, units, strict=True) if (u.grid, u.row) in rows]
            places = list(dict.fromkeys([*beside, *places[:_MANY]]))  # noqa: PLW2901
        out.append(places)
    return out


class _Search:
    """Places of values, weighed each by itself."""

    def __init__(self, passages: Passages, weights: Weights, only: Callable[[int], bool] | None) -> None:
        self._passages = passages
        self._weights = weights
        self._only = only

    def spotted(self, fact: Fact) -> Sequence[Spotted]:
        """The places that hold the value and may be cited."""
        found = spot(self._passages, fact.value)
        return found if self._only is None else [one for one in found if self._only(one.hit.unit)]

    def places(self, fact: Fact, spotted: Sequence[Spotted]) -> list[_Place]:
        """The likeliest first."""
        asked = self._asked(fact)
        places = [self._weigh(one, asked) for one in spotted[:_MOST]]
        places.sort(key=lambda p: (-p.score, p.key))
        return places

    def _asked(self, fact: Fact) -> Mapping[str, float]:
        """The words that say what is meant, with what each tells; those of the value itself say nothing new."""
        words: dict[str, float] = {}
        for text, weight in ((fact.question, 1.0), (fact.name.replace("_", " "), self._weights.name)):
            for stemmed in stems_of(text):
                words[stemmed] = max(words.get(stemmed, 0.0), weight * self._passages.rarity(stemmed))
        return words

    def _weigh(self, spotted: Spotted, asked: Mapping[str, float]) -> _Place:
        unit = self._passages.units[spotted.hit.unit]
        score = spotted.quality - self._weights.order * spotted.hit.unit / max(1, len(self._passages.units))
        place = _Place(spotted, unit, score)
        if asked:
            if unit.is_cell:
                self._weigh_cell(place, asked)
            else:
                self._weigh_text(place, asked)
        return place

    def _weigh_cell(self, place: _Place, asked: Mapping[str, float]) -> None:
        passages, weights, unit = self._passages, self._weights, place.unit
        own = stems_of(unit.text)
        label, header, section = passages.label(unit), passages.header(unit), passages.section(unit)
        told: dict[str, float] = dict.fromkeys(passages.title(unit), weights.title)
        if passages.is_header(unit):  # a header speaks of every row, a row's name of every column
            header = header | own
            about = max(passages.labels(unit), key=lambda words: self._covered(words, asked), default=frozenset())
            told |= dict.fromkeys(about, weights.about)
        elif unit.column == 0:
            label = label | own
            told |= dict.fromkeys(passages.headers(unit), weights.about)
        for words, weight in ((section, weights.section), (header, 1.0), (label, 1.0)):
            for word in words:
                told[word] = max(told.get(word, 0.0), weight)
        total = sum(asked.values())
        covered = sum(w * told.get(word, 0.0) for word, w in asked.items())
        place.score += weights.question * covered / total
        place.score += weights.label * self._share(label, asked) + weights.header * self._share(header, asked)
        if hit := sorted(label & asked.keys()):
            place.reasons.append(f"its row is named by {', '.join(hit)}")
        if hit := sorted(header & asked.keys()):
            place.reasons.append(f"its column is headed by {', '.join(hit)}")

    def _covered(self, words: frozenset[str], asked: Mapping[str, float]) -> float:
        return sum(asked.get(w, 0.0) for w in words)

    def _share(self, words: frozenset[str], asked: Mapping[str, float]) -> float:
        """How much of a label the question says: a longer label with words that nobody asked for fits less."""
        total = sum(self._passages.rarity(w) for w in words)
        return sum(self._passages.rarity(w) for w in words if w in asked) / total if total else 0.0

    def _weigh_text(self, place: _Place, asked: Mapping[str, float]) -> None:
        weights, hit = self._weights, place.spotted.hit
        words = self._passages.words[hit.unit]
        first, last = self._sentence(hit)
        centre = next((i for i, s in enumerate(words.start) if s >= hit.start), len(words.start))
        told: dict[str, float] = {}
        for i, folded in enumerate(words.folded):
            word = next(iter(stems_of(folded)), None)
            if word is None or word not in asked:
                continue
            inside = first <= words.start[i] < last
            near = math.exp(-abs(i - centre) / weights.distance)
            told[word] = max(told.get(word, 0.0), weights.near + (1 - weights.near) * near if inside else weights.far)
        total = sum(asked.values())
        covered = sum(w * told.get(word, 0.0) for word, w in asked.items()) / total
        place.score += (weights.question + weights.extra_label) * covered
        if told:
            place.reasons.append(f"the text around it says {', '.join(sorted(told))}")

    def _sentence(self, hit: Hit) -> tuple[int, int]:
        text = self._passages.units[hit.unit].text
        before = max(text.rfind(mark, 0, hit.start) for mark in (". ", "; ", "? ", "! ", "\n"))
        after = [at for mark in (". ", "; ", "? ", "! ", "\n") if (at := text.find(mark, hit.stop)) >= 0]
        return before + 1, min(after, default=len(text))


def _draw_together(found: Sequence[list[_Place]], weights: Weights) -> None:
    """Raise the places that other values of the claim stand close to."""
    firm = [[(p.unit, p.spotted.hit, math.exp(4 * (p.score - ps[0].score))) for p in ps[:_KEPT]] for ps in found]
    for i, places in enumerate(found):
        others = [firm[j] for j in range(len(found)) if j != i and firm[j]]
        if not others:
            continue
        for place in places:
            near = [max(w * _closeness(place, unit, hit) for unit, hit, w in other) for other in others]
            pull = sum(near) / len(near)
            place.score += weights.beside * pull
            if pull >= 0.5:
                place.reasons.append("the other values stand beside it")
        places.sort(key=lambda p: (-p.score, p.key))


def _closeness(place: _Place, unit: Unit, hit: Hit) -> float:
    """How close two places are, 0..1: on one row, in one column, in one sentence."""
    own = place.unit
    if own.grid != unit.grid:
        return 0.0
    if own.is_cell:
        same = (own.row, own.column) == (unit.row, unit.column)
        if same:
            return 0.6 if place.spotted.hit != hit else 0.3
        return 1.0 if own.row == unit.row else 0.8 if own.column == unit.column else 0.3
    if own.row != unit.row:
        return 0.2
    gap = abs(place.spotted.hit.start - hit.start)
    return 0.3 if gap == 0 else 0.5 + 0.5 * math.exp(-gap / 120)


def _shared_out(facts: Sequence[Fact], found: Sequence[list[_Place]]) -> list[_Place | None]:
    """One place for each fact; equal values share theirs out."""
    chosen: list[_Place | None] = [places[0] if places else None for places in found]
    groups: dict[str, list[int]] = {}
    for i, fact in enumerate(facts):
        groups.setdefault(Spelling.of(fact.value).key, []).append(i)
    for members in groups.values():
        if len(members) > 1:
            _share(facts, found, members, chosen)
    return chosen


def _share(
    facts: Sequence[Fact], found: Sequence[list[_Place]], members: list[int], chosen: list[_Place | None]
) -> None:
    """The best distinct places for equal values, as long as there are good ones."""
    taken: dict[tuple[int, int], int] = {}
    pairs = sorted(
        ((p.score, -i, p) for i in members for p in found[i][: _KEPT + len(members)]), key=lambda x: (-x[0], -x[1])
    )
    given: dict[int, _Place] = {}
    for score, minus, place in pairs:
        i = -minus
        best = found[i][0]
        if i in given or place.key in taken or score < best.score - 1.0:
            continue
        given[i] = place
        taken[place.key] = i
    for i, place in given.items():
        chosen[i] = place
    alike = [i for i in members if i in given and _about(facts[i]) == _about(facts[members[0]])]
    if len(alike) > 1:
        ordered = sorted((given[i] for i in alike), key=lambda p: p.key)
        for i, place in zip(sorted(alike), ordered, strict=True):
            chosen[i] = place


def _about(fact: Fact) -> tuple[str, str]:
    return fact.name, fact.question
