"""A value of an e-invoice with where it stands in the XML, and where it is printed if it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from locus_dbt.model.locus import Locus


@dataclass(frozen=True)
class Cited:
    """A typed value, its text, its place, and how sure the place is."""

    value: Any
    text: str
    locus: Locus
    score: float = 1.0
    inferred: str = ""
