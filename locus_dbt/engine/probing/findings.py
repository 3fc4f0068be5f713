"""Collecting what probes find, and saying it in words."""

from __future__ import annotations

from collections.abc import Sequence

from locus_dbt.core.conformance import Probe


class Findings:
    """One probe over many cases: how often it was asked (of how many ``what``), and where it does not hold."""

    def __init__(self, name: str, what: str) -> None:
        self.name = name
        self._what = what
        self._asked = 0
        self._bad: dict[str, int] = {}

    def ask(self, *, count: int = 1) -> None:
        """Count questions that were put."""
        self._asked += count

    def fail(self, words: str) -> None:
        """Note where it does not hold; the same words are said once."""
        self._bad[words] = self._bad.get(words, 0) + 1

    def check(self, holds: bool, words: str) -> None:  # noqa: FBT001 - a fact, not an option
        """Put one question."""
        self.ask()
        if not holds:
            self.fail(words)

    @property
    def asked(self) -> int:
        """How many questions were put."""
        return self._asked

    @property
    def failures(self) -> int:
        """How many of them failed."""
        return sum(self._bad.values())

    def probe(self) -> Probe:
        """The outcome with its words."""
        if self._bad:
            first, *more = self._bad
            others = f" (and {len(more)} more findings)" if more else ""
            return Probe(self.name, held=False, words=f"{first}{others}")
        if not self._asked:
            return Probe(self.name, held=None, words="no probe reached it")
        return Probe(self.name, held=True, words=f"{self._asked} {self._what} asked")


def probes_of(findings: Sequence[Findings]) -> list[Probe]:
    """The outcomes in order."""
    return [f.probe() for f in findings]
