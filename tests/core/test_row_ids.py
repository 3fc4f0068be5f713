"""Row ids: deterministic, unique, ordered, one range a document."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locus_dbt.core.row_ids import prefix_range, row_id, row_prefix

_ORDINAL = st.integers(0, 2**40 - 1)
_PART = st.text(max_size=20)


@given(_PART, _PART, _PART, st.integers(0, 5), _ORDINAL)
@pytest.mark.criterion("S8")
def test_a_row_id_is_a_uuid_of_version_8(document: str, image: str, params: str, copy: int, ordinal: int) -> None:
    text = row_id(row_prefix(document, image, params, copy=copy), ordinal)
    assert uuid.UUID(text).version == 8
    assert uuid.UUID(text).variant == uuid.RFC_4122
    assert text == row_id(row_prefix(document, image, params, copy=copy), ordinal)


@given(st.tuples(_PART, _PART, _PART, st.integers(0, 5)), st.tuples(_PART, _PART, _PART, st.integers(0, 5)))
def test_another_document_image_params_or_copy_has_another_prefix(
    one: tuple[str, str, str, int], two: tuple[str, str, str, int]
) -> None:
    def prefix(parts: tuple[str, str, str, int]) -> str:
        return row_prefix(*("".join(c for c in p if c != "\0") for p in parts[:3]), copy=parts[3])

    same = [p.replace("\0", "") for p in one[:3]] + [one[3]] == [p.replace("\0", "") for p in two[:3]] + [two[3]]
    assert (prefix(one) == prefix(two)) is same


@given(_ORDINAL, _ORDINAL)
def test_ids_sort_as_their_rows_do(a: int, b: int) -> None:
    prefix = row_prefix("d", "i", "p")
    assert (row_id(prefix, a) < row_id(prefix, b)) is (a < b)
    assert (uuid.UUID(row_id(prefix, a)).int < uuid.UUID(row_id(prefix, b)).int) is (a < b)


@given(_PART, _ORDINAL)
def test_all_ids_of_a_document_lie_in_its_range(document: str, ordinal: int) -> None:
    prefix = row_prefix(document, "image", "{}")
    first, last = prefix_range(prefix)
    assert first <= row_id(prefix, ordinal) <= last
    assert first == row_id(prefix, 0)


def test_the_id_has_not_changed() -> None:
    """Ids are stored in users' databases: another value for the same row is a breaking change."""
    assert row_id(row_prefix("00ff", "image", "{}"), 7) == "8bbdec4d-4637-801a-9900-9e0000000007"
