"""Which letters and small words belong to which language, read from ``alphabets.yaml``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import yaml


@dataclass(frozen=True, slots=True)
class Habits:
    """How one language is written, and how widely; ``letters`` is ``None`` where they are not known."""

    letters: frozenset[str] | None = None
    needed: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    spread: Literal["common", "regional", "rare"] = "common"


_UNKNOWN = Habits()


def habits_of(code: str) -> Habits:
    """The habits of a language by its ISO 639-1 code."""
    return _all().get(code, _UNKNOWN)


@cache
def _all() -> dict[str, Habits]:
    given = yaml.safe_load(Path(__file__).with_name("alphabets.yaml").read_text("utf-8"))
    letters, needed, words = given["letters"], given["needed"], given["words"]
    regional, rare = given["regional"].split(), given["rare"].split()
    return {
        code: Habits(
            letters=frozenset(letters[code]) if code in letters else None,
            needed=frozenset(needed.get(code, "")),
            words=frozenset(words.get(code, "").split()),
            spread="regional" if code in regional else "rare" if code in rare else "common",
        )
        for code in {*letters, *needed, *words, *regional, *rare}
    }
