"""Compiles matching and merging of a relation to SQL of named steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from locus_dbt.images.deduplicator import matching, merging, pairs
from locus_dbt.images.deduplicator.settings import settings
from locus_dbt.model.relation import Relation, RelationalPlan


def plan(relation: Relation, params: Mapping[str, Any]) -> RelationalPlan:
    """Rows that match become one; with ``output`` pairs, the matches themselves."""
    given = settings(relation, params)
    steps = [matching.keyed(relation, given), *matching.groups(given)]
    if given.output == "pairs":
        return pairs.plan_pairs(relation, given, steps)
    return merging.plan_rows(relation, given, steps)
