"""The error tree and its codes."""

from __future__ import annotations

import inspect
import pickle
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

import locus_dbt.model.errors as tree
from locus_dbt import errors


@pytest.mark.criterion("D9")
def test_every_error_has_a_code_of_its_family() -> None:
    families = {"Manifest": "E0", "Request": "E1", "Input": "E2", "Cell": "E3", "Run": "E4", "Lineage": "E5"}
    for name, family in families.items():
        kind = getattr(errors, f"{name}Error")
        assert issubclass(kind, errors.LocusError)
        assert kind("x").code.startswith(family)
        assert kind.__name__ in (tree.__doc__ or "")
    assert issubclass(errors.UntracedSQL, errors.LineageError)


@pytest.mark.criterion("D9")
def test_codes_are_well_formed_and_mean_something() -> None:
    for code, meaning in errors.CODES.items():
        assert re.fullmatch(r"E[0-5]\d\d", code)
        assert len(meaning) > 10
    with pytest.raises(ValueError, match="not an error code"):
        errors.LocusError("x", code="E999")


@given(st.text(), st.text())
def test_a_message_is_one_line(what: str, fix: str) -> None:
    assert len(str(errors.InputError(what, fix=fix)).splitlines()) == 1


def test_errors_cross_process_boundaries() -> None:
    for _, kind in inspect.getmembers(errors, inspect.isclass):
        error = kind("what", code="E104", fix="how")
        again = pickle.loads(pickle.dumps(error))
        assert (type(again), str(again), again.code) == (kind, "[E104] what (how)", "E104")


@pytest.mark.parametrize(
    ("name", "known", "expected"),
    [
        ("invoce", ["invoice", "table"], "; did you mean 'invoice'?"),
        ("zzz", ["b", "a"], "; known: a, b"),
        ("zzz", [], ""),
        ("zzz", [f"n{i:02d}" for i in range(20)], "n10, n11, …"),
    ],
)
def test_did_you_mean(name: str, known: list[str], expected: str) -> None:
    assert tree.did_you_mean(name, known).endswith(expected)
