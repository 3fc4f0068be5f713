"""The judge of the full mode: what the rules leave open is put before a model, whose answers move scores in bounds."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from locus_dbt.core.event_codec import codec_of
from locus_dbt.core.events import EventLog, logger
from locus_dbt.core.grounding import compare
from locus_dbt.core.settings import Settings
from locus_dbt.core.store import Store
from locus_dbt.llm.answers import Answer, Answers, read_answers
from locus_dbt.llm.bounds import Standing, settle
from locus_dbt.llm.budget import ModelFailed, ModelStopped
from locus_dbt.llm.client import Model
from locus_dbt.llm.consent import disclosure, require_consent
from locus_dbt.llm.keys import find_key, key_name
from locus_dbt.llm.questions import (
    MOST_TEXT,
    MOST_VALUE,
    PROMPT_VERSION,
    RESPONSE_FORMAT,
    Question,
    ids_of,
    messages,
)

#: What the rules leave open.
_OPEN = ("fuzzy", "inferred", "none")

#: Scores are kept in 32 bits.
_SAME_SCORE = 1e-3

#: Calls for the same items when answers do not fit: the first and two more.
_TRIES = 3


def make_judge(settings: Settings, store: Store, ask: Callable[[str], bool] | None = None) -> Judge | str:
    """The judge that the settings ask for, or in words why there is none and how to enable it. Opens no connection.

    Raises:
        RequestError: E110 without consent, E111 when the env file is tracked by git.
    """
    llm = settings.llm
    if not llm.model:
        return "no model is configured, so scores stay degraded; in locus.yml: llm: {model: PROVIDER/MODEL}"
    key = find_key(llm, settings.root)
    if key is None:
        name = key_name(llm)
        return (
            f"there is no key for '{llm.provider}', so scores stay degraded; put {name}=… into {llm.env_file} or the "
            f"environment, or store it: keyring set locus_dbt {name}"
        )
    require_consent(llm, ask)
    log = EventLog(store, f"judge-{uuid.uuid4().hex}", codec=codec_of(settings))
    return Judge(Model(llm, key, log), Answers(store), batch_size=llm.batch_size)


class Judge:
    """Second opinions on spans; safe for threads. ``state`` names all that its answers depend on."""

    def __init__(self, model: Model, answers: Answers, *, batch_size: int) -> None:
        llm = model.llm
        self.state = f"{llm.model}\0{llm.api_base or ''}\0{PROMPT_VERSION}"
        self.session = uuid.uuid4().hex
        self.disclosure = disclosure(llm)
        self._model = model
        self._answers = answers
        self._batch_size = batch_size
        self._unanswered: dict[str, str] = {}
        self._said: set[str] = set()
        self._lock = threading.Lock()

    def judge(self, spans: pa.Table, columns: Mapping[str, tuple[str, str]]) -> tuple[pa.Table, bool]:
        """The spans of one document with judged scores, and whether every open one got its answer.

        ``columns`` gives type and description of declared columns. Spans that are not open come back as they are.
        """
        open_spans = _open_spans(spans)
        if not open_spans:
            return spans, True
        questions = {i: _question(span, columns) for i, span in open_spans.items()}
        with self._lock:
            answers = self._answered(list(dict.fromkeys(q for q in questions.values() if q is not None)))
        settled: dict[int, tuple[Standing, bool]] = {}
        complete = True
        for i, span in open_spans.items():
            question = questions[i]
            before = Standing(span["grounding"], span["faithfulness"], span["reason"])
            answer = answers.get(question) if question else None
            if isinstance(answer, Answer):
                name = self._model.llm.model
                after = settle(before, answer, value=span["value"], text=span["text"], model=name)
                settled[i] = (after, True)
            elif question:
                why = f"not judged: {answer}"
                settled[i] = (_with_reason(before, why), False)
                complete = False
            else:
                settled[i] = (_with_reason(before, "not judged: too long to be sent"), False)
        return _settled(spans, settled), complete

    def _answered(self, questions: Sequence[Question]) -> dict[Question, Answer | str]:
        """Each question's answer, or why it has none. What failed in this session is not asked again in it."""
        found: dict[Question, Answer | str] = {}
        asked: list[Question] = []
        for question in questions:
            key = question.key(self.state)
            known = self._answers.get(key) or self._unanswered.get(key)
            if known is None:
                asked.append(question)
            else:
                found[question] = known
        for start in range(0, len(asked), self._batch_size):
            batch = asked[start : start + self._batch_size]
            for question, answer in self._ask(batch).items():
                found[question] = answer
                if isinstance(answer, Answer):
                    self._answers.put(question.key(self.state), answer, model=self._model.llm.model)
                else:
                    self._unanswered[question.key(self.state)] = answer
                    self._say(answer)
        return found

    def _ask(self, batch: Sequence[Question]) -> dict[Question, Answer | str]:
        left = dict(zip(ids_of(batch), batch, strict=True))
        found: dict[Question, Answer | str] = {}
        complaint = ""
        for _ in range(_TRIES):
            try:
                reply = self._model.ask(
                    messages(left, complaint=complaint), cells=len(left), response_format=RESPONSE_FORMAT
                )
            except (ModelFailed, ModelStopped) as error:
                return {**found, **dict.fromkeys(left.values(), str(error))}
            read = read_answers(reply, left)
            found.update({left.pop(name): answer for name, answer in read.answers.items()})
            complaint = read.complaint
            if not left:
                return found
        return {**found, **dict.fromkeys(left.values(), f"the model's answer was not usable: {complaint}")}

    def _say(self, reason: str) -> None:
        """Once a session for each reason."""
        if reason not in self._said:
            self._said.add(reason)
            logger.warning("full mode: %s; what is not judged keeps its degraded score", reason)


def _open_spans(spans: pa.Table) -> dict[int, dict[str, Any]]:
    """Spans that a model can say something about: open, with a cited text, and nothing but the text against them.

    A value that the rules doubt for another reason (the box, the row, a check) is not made better by its text.
    """
    kinds = pc.is_in(spans["grounding"], value_set=pa.array(_OPEN))
    asked = pc.and_(kinds, spans["text"].is_valid())
    at = np.flatnonzero(asked.to_numpy(zero_copy_only=False))
    names = ("column_name", "value", "text", "grounding", "faithfulness", "reason")
    found = spans.select(names).take(pa.array(at)).to_pylist()
    return {int(i): span for i, span in zip(at, found, strict=True) if _by_text_alone(span)}


def _by_text_alone(span: Mapping[str, Any]) -> bool:
    if span["value"] is None or span["faithfulness"] is None:
        return False
    if span["grounding"] == "inferred":
        return True
    alone = compare(span["value"], span["text"])
    same_words = (alone[0], alone[2]) == (span["grounding"], span["reason"])
    return same_words and abs(alone[1] - span["faithfulness"]) < _SAME_SCORE


def _question(span: Mapping[str, Any], columns: Mapping[str, tuple[str, str]]) -> Question | None:
    """The question about a span; ``None`` when value or text is longer than what is ever sent."""
    if len(span["value"]) > MOST_VALUE or len(span["text"]) > MOST_TEXT:
        return None
    kind, about = columns.get(span["column_name"], ("", ""))
    return Question(span["column_name"], span["value"], span["text"], kind, about)


def _with_reason(before: Standing, why: str) -> Standing:
    return Standing(before.grounding, before.faithfulness, f"{before.reason}; {why}" if before.reason else why)


def _settled(spans: pa.Table, settled: Mapping[int, tuple[Standing, bool]]) -> pa.Table:
    """The table with the settled spans' grounding, faithfulness, reason and mode."""
    scores = spans["faithfulness"].to_numpy(zero_copy_only=False).astype(np.float32)
    texts = {name: spans[name].to_pylist() for name in ("grounding", "reason", "mode")}
    for i, (after, judged) in settled.items():
        scores[i] = after.faithfulness
        texts["grounding"][i] = after.grounding
        texts["reason"][i] = after.reason
        texts["mode"][i] = "full" if judged else texts["mode"][i]
    at = spans.schema.get_field_index
    spans = spans.set_column(at("faithfulness"), "faithfulness", pa.array(scores, pa.float32()))
    for name, column in texts.items():
        spans = spans.set_column(at(name), name, pa.array(column, pa.string()))
    return spans
