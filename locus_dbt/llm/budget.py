"""What one session may spend on a model: calls, tokens, seconds."""

from __future__ import annotations

from dataclasses import dataclass

from locus_dbt.core.settings import Llm


class ModelStopped(Exception):  # noqa: N818 - a state, told to the user as a reason
    """The model is not asked any more in this session; the message says why."""


class ModelFailed(Exception):  # noqa: N818
    """This call gave no answer; another one may."""


@dataclass
class Budget:
    """Spent so far, against the settings. Not safe for threads: the judge asks one question at a time."""

    llm: Llm
    calls: int = 0
    tokens: int = 0
    seconds: float = 0.0

    def check(self, expected_tokens: int) -> None:
        """Raise :class:`ModelStopped` when another call of so many tokens is not covered."""
        llm = self.llm
        if self.calls >= llm.max_calls:
            raise ModelStopped(f"the budget of {llm.max_calls} calls (llm.max_calls) is spent")
        if self.tokens + expected_tokens > llm.max_tokens:
            raise ModelStopped(f"the budget of {llm.max_tokens} tokens (llm.max_tokens) is spent")
        if self.seconds >= llm.max_seconds:
            raise ModelStopped(f"the budget of {llm.max_seconds:g} seconds (llm.max_seconds) is spent")

    @property
    def seconds_left(self) -> float:
        """Time that may still be spent on waiting."""
        return max(self.llm.max_seconds - self.seconds, 0.0)
