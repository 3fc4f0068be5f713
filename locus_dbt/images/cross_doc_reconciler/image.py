"""Compiles the comparison of what several documents say to SQL of named steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from locus_dbt.core.places_sql import with_recursive
from locus_dbt.images.cross_doc_reconciler import comparing, resolving, shaping
from locus_dbt.images.cross_doc_reconciler.settings import settings
from locus_dbt.model.relation import Relation, RelationalPlan


def plan(relation: Relation, params: Mapping[str, Any]) -> RelationalPlan:
    """Each fact once, with all who state it; all rows of a key are edges of what comes of them."""
    given = settings(relation, params)
    grouped = comparing.sources(relation, given)
    steps = [*grouped, *comparing.compared(relation, given), *resolving.resolved(given)]
    shaped = shaping.wide if given.shape == "wide" else shaping.long
    return shaped(relation, given, with_recursive(grouped), with_recursive(steps))
