"""One guarded call of a model through litellm: a time limit, few tries, a budget, an event, no content in any of it."""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from locus_dbt.core.events import EventLog
from locus_dbt.core.settings import Llm
from locus_dbt.llm.budget import Budget, ModelFailed, ModelStopped
from locus_dbt.llm.keys import Key

#: Tries of one call when the provider is busy, fails or does not answer.
_TRIES = 3

#: Calls that fail one after the other before the provider is left alone.
_FAILURES = 3

#: Wait before the second try; doubled for the third.
_PAUSE_SECONDS = 0.5

#: What a provider may ask for at most by Retry-After.
_LONGEST_PAUSE = 10.0

#: Time that litellm's own limit may be late before the call is given up.
_GRACE_SECONDS = 2.0

_BUSY = (408, 409, 425, 429)
_NOT_UNDERSTOOD = (400, 422)

#: Read by litellm when it is imported: no look at the network for prices, no reading of .env files on its own.
_ENVIRONMENT = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_MODE": "PRODUCTION"}


class Model:
    """A model behind its guards. ``ask`` is for one thread at a time."""

    def __init__(self, llm: Llm, key: Key, log: EventLog) -> None:
        self.llm = llm
        self.budget = Budget(llm)
        self._key = key
        self._log = log
        self._failures = 0
        self._schema = True
        self._stopped: str | None = None

    def ask(self, messages: Sequence[Mapping[str, str]], *, cells: int, response_format: Mapping[str, Any]) -> str:
        """The reply's text.

        Raises:
            ModelFailed: This call gave no reply.
            ModelStopped: No further call is made in this session: a budget is spent, or the provider refuses.
        """
        if self._stopped:
            raise ModelStopped(self._stopped)
        try:
            reply = self._tried(messages, cells=cells, response_format=response_format)
        except ModelStopped as stop:
            self._stop(str(stop))
            raise
        except ModelFailed as failure:
            self._failures += 1
            if self._failures >= _FAILURES:
                self._stop(f"the provider failed {_FAILURES} times in a row: {failure}")
            raise
        self._failures = 0
        return reply

    def _stop(self, reason: str) -> None:
        self._stopped = reason
        self._log.emit("locus.model.stopped", model=self.llm.model, provider=self.llm.provider, reason=reason)

    def _tried(self, messages: Sequence[Mapping[str, str]], *, cells: int, response_format: Mapping[str, Any]) -> str:
        most = 64 + 120 * cells
        expected = sum(len(m["content"]) for m in messages) // 3 + most
        failure = ""
        self.budget.check(expected)
        completion = _litellm().completion  # loaded before the clock runs
        for attempt in range(_TRIES):
            self.budget.check(expected)
            started = time.monotonic()
            self.budget.calls += 1
            try:
                reply = _within(self._limit, lambda: self._complete(completion, messages, most, response_format))
                text, sent, received = _content(reply)
            except Exception as error:  # noqa: BLE001 - litellm raises the errors of every provider's client
                status = getattr(error, "status_code", None)
                failure = type(error).__name__ + (f" ({status})" if status else "")
                self._note(started, cells, attempt, failure, sent=expected - most, received=0)
                if status in _NOT_UNDERSTOOD and self._schema:
                    self._schema = False  # an older server may know no response formats; answers are checked anyway
                    continue
                if isinstance(status, int) and status < 500 and status not in _BUSY:
                    raise ModelStopped(f"the provider refuses: {failure}") from None
                if attempt + 1 < _TRIES:
                    self._pause(attempt, error)
            else:
                self._note(started, cells, attempt, "answered", sent=sent or expected - most, received=received)
                return text
        raise ModelFailed(f"the provider gave no answer: {failure}")

    @property
    def _limit(self) -> float:
        return max(min(self.llm.timeout, self.budget.seconds_left), 0.01)

    def _complete(
        self,
        completion: Callable[..., Any],
        messages: Sequence[Mapping[str, str]],
        most: int,
        response_format: Mapping[str, Any],
    ) -> Any:  # noqa: ANN401
        return completion(
            model=self.llm.model if "/" in self.llm.model else f"openai/{self.llm.model}",
            messages=[dict(m) for m in messages],
            api_key=self._key.secret,
            api_base=self.llm.api_base,
            temperature=0,
            max_tokens=most,
            timeout=self._limit,
            max_retries=0,
            num_retries=0,
            response_format=dict(response_format) if self._schema else None,
            drop_params=True,
        )

    def _note(self, started: float, cells: int, attempt: int, outcome: str, *, sent: int, received: int) -> None:
        """Count what was spent and say so; what is not counted by the provider is estimated."""
        seconds = time.monotonic() - started
        self.budget.seconds += seconds
        self.budget.tokens += sent + received
        self._log.emit(
            "locus.model.called",
            model=self.llm.model,
            provider=self.llm.provider,
            cells=cells,
            attempt=attempt + 1,
            outcome=outcome,
            prompt_tokens=sent,
            completion_tokens=received,
            seconds=round(seconds, 3),
        )

    def _pause(self, attempt: int, error: Exception) -> None:
        seconds = _PAUSE_SECONDS * 2**attempt
        with contextlib.suppress(AttributeError, LookupError, TypeError, ValueError):
            seconds = max(seconds, float(error.response.headers["retry-after"]))  # type: ignore[attr-defined]
        seconds = min(seconds, _LONGEST_PAUSE, self.budget.seconds_left)
        self.budget.seconds += seconds
        time.sleep(seconds)


def _content(reply: Any) -> tuple[str, int, int]:  # noqa: ANN401 - a litellm response
    """Text and token counts; a reply without text is an empty text, which the reader refuses."""
    usage = getattr(reply, "usage", None)
    sent, received = (int(getattr(usage, name, 0) or 0) for name in ("prompt_tokens", "completion_tokens"))
    return str(reply.choices[0].message.content or ""), sent, received


class _TooSlow(Exception):  # noqa: N818 - its name is shown
    status_code = 408


def _within(seconds: float, call: Any) -> Any:  # noqa: ANN401
    """The call's result, or :class:`_TooSlow`: a server that sends a byte now and then keeps other limits waiting."""
    done: queue.Queue[tuple[bool, Any]] = queue.Queue(1)

    def work() -> None:
        try:
            done.put((True, call()))
        except Exception as error:  # noqa: BLE001 - handed to the caller
            done.put((False, error))

    threading.Thread(target=work, daemon=True, name="locus-model").start()
    try:
        good, result = done.get(timeout=seconds + _GRACE_SECONDS)
    except queue.Empty:
        raise _TooSlow from None
    if not good:
        raise result
    return result


_loading = threading.Lock()


def _litellm() -> Any:  # noqa: ANN401 - a module without types
    """litellm, loaded at the first call: without telemetry, without messages of its own, without a look at .env."""
    with _loading, _variables(_ENVIRONMENT):
        import litellm  # noqa: PLC0415 - takes seconds, and is wanted by the full mode only
    litellm.telemetry = False
    litellm.suppress_debug_info = True
    logging.getLogger("LiteLLM").disabled = True  # it writes to stderr on its own, messages included when told to debug
    return litellm


@contextlib.contextmanager
def _variables(given: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in given}
    os.environ.update(given)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
