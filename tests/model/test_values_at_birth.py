"""Model values refuse nonsense at birth."""

from __future__ import annotations

import numpy as np
import pytest

from locus_dbt.model.artifact import KINDS, ArtifactType, fit
from locus_dbt.model.element import Page, Words, no_boxes, page_text
from locus_dbt.model.locus import Box, Locus, Span
from locus_dbt.model.relation import literal, quote


@pytest.mark.criterion("R6.1", "R6.2")
def test_the_set_of_artifact_types_is_fixed() -> None:
    assert KINDS == ("ir", "table", "chunks", "embeddings", "graph", "file")
    assert str(ArtifactType.parse("table/v1")) == "table/v1"
    assert str(ArtifactType.parse("chunks/v2.3")) == "chunks/v2.3"
    for wrong in ("table", "table/1", "tables/v1", "table/v1.", "TABLE/v1", ""):
        with pytest.raises(ValueError, match=r"not an artifact type.*one of ir, table, chunks"):
            ArtifactType.parse(wrong)


@pytest.mark.criterion("R6.6")
@pytest.mark.parametrize(
    ("emitted", "accepted", "expected"),
    [
        ("table/v1", "table/v1", "same"),
        ("table/v1.2", "table/v1", "minor"),
        ("table/v2", "table/v1", "no"),
        ("chunks/v1", "table/v1", "no"),
    ],
)
def test_a_minor_difference_fits_and_a_major_one_does_not(emitted: str, accepted: str, expected: str) -> None:
    assert fit(ArtifactType.parse(emitted), ArtifactType.parse(accepted)) == expected


def test_places_refuse_nonsense() -> None:
    for wrong in (lambda: Box(2, 0, 1, 1), lambda: Box(0, 2, 1, 1), lambda: Span(-1, 2), lambda: Span(3, 2)):
        with pytest.raises(ValueError, match="not a"):
            wrong()
    with pytest.raises(ValueError, match="count from 1"):
        Locus(0)
    with pytest.raises(ValueError, match="needs its page"):
        Locus(box=Box(0, 0, 1, 1))
    with pytest.raises(ValueError, match="not a box"):
        Box(float("nan"), 0, 1, 1)
    assert Box(0, 0, 1, 1).union(Box(5, 5, 6, 6)) == Box(0, 0, 6, 6)


def test_columns_of_unequal_length_are_refused() -> None:
    one = np.zeros(1, np.float32)
    with pytest.raises(ValueError, match="unequal length"):
        Words(("a", "b"), no_boxes(2), one, np.zeros(2, np.int32), np.zeros(2, bool))


def test_a_page_reads_line_by_line() -> None:
    words = Words(
        ("a", "b", "c"), no_boxes(3), np.zeros(3, np.float32), np.array([0, 0, 1], np.int32), np.zeros(3, bool)
    )
    assert page_text(Page(1, 1, 1, words)) == "a b\nc"


@pytest.mark.parametrize("name", ["a", 'a"b', "a;b", "ä ö", '"; drop table x; --', "a.b", "SELECT"])
def test_names_and_texts_are_quoted(name: str) -> None:
    assert quote(name) == '"' + name.replace('"', '""') + '"'
    assert literal(name) == "'" + name + "'"
    assert literal("it's") == "'it''s'"
