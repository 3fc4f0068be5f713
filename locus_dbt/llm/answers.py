"""The model's answers: held to a schema, item by item, and kept in the store."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from locus_dbt.core.store import Store

_KIND = "answers"

Score = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class Answer(BaseModel):
    """Whether the cited text supports the value, how surely, and why."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    supported: Literal["yes", "no", "unsure"]
    score: Score
    reason: str = Field(max_length=200)

    @model_validator(mode="after")
    def _of_one_mind(self) -> Self:
        if (self.supported == "yes" and self.score < 0.5) or (self.supported == "no" and self.score > 0.5):
            raise ValueError("word and score contradict each other")
        return self


@dataclass(frozen=True)
class Read:
    """The usable answers by id, and what was wrong with the rest (empty: nothing)."""

    answers: Mapping[str, Answer]
    complaint: str = ""


def read_answers(text: str, ids: Collection[str]) -> Read:
    """Take the answers for ``ids`` out of a reply. An id that was not asked for, or stands twice, answers nothing."""
    try:
        whole = json.loads(_unfenced(text))
    except (ValueError, RecursionError):
        return Read({}, "it is not JSON")
    entries = whole.get("answers") if isinstance(whole, dict) else None
    if not isinstance(entries, list):
        return Read({}, "it has no list 'answers'")
    named = [e for e in entries if isinstance(e, dict) and isinstance(e.get("id"), str)]
    counts = Counter(e["id"] for e in named)
    found: dict[str, Answer] = {}
    complaint = ""
    for entry in named:
        name = entry["id"]
        if name not in ids:
            continue
        if counts[name] > 1:
            complaint = "an id stands twice"
            continue
        try:
            found[name] = Answer.model_validate({k: v for k, v in entry.items() if k != "id"})
        except ValidationError as error:
            first = error.errors()[0]
            complaint = f"an entry does not fit the schema ({'.'.join(map(str, first['loc'])) or 'score'})"
    if not complaint and len(found) < len(ids):
        complaint = "an item has no answer"
    return Read(found, complaint)


def _unfenced(text: str) -> str:
    """Without the fence that some models put around JSON."""
    bare = text.strip()
    if bare.startswith("```") and bare.endswith("```"):
        return bare[3:-3].removeprefix("json").strip()
    return bare


class Answers:
    """Answers that were given before, by the key of their question. They hold no value and no text."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, key: str) -> Answer | None:
        """The answer, or ``None`` when there is none that fits the schema."""
        record = self._store.record(_KIND, key)
        if record is None:
            return None
        try:
            kept: dict[str, Any] = {n: record.get(n) for n in ("supported", "score", "reason")}
            return Answer.model_validate(kept)
        except ValidationError:
            return None

    def put(self, key: str, answer: Answer, *, model: str) -> None:
        """Keep an answer."""
        self._store.put_record(_KIND, key, {**answer.model_dump(), "model": model})
