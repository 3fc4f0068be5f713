"""Arguments of an image against its manifest."""

from __future__ import annotations

from typing import Any

import pytest

from locus_dbt.core.params import canonical, check_params, select_output
from locus_dbt.errors import RequestError
from locus_dbt.model.manifest import Manifest

_PARAMS: dict[str, Any] = {
    "word": {"type": "string", "default": "Total", "description": "A word."},
    "form": {"type": "string", "choices": ["wide", "long"], "default": "wide", "description": "The form."},
    "most": {"type": "integer", "default": 10, "minimum": 1, "maximum": 99, "description": "How many."},
    "share": {"type": "number", "minimum": 0.5, "description": "How much."},
    "deep": {"type": "boolean", "default": False, "description": "Whether."},
    "keys": {"type": "list", "description": "Columns."},
    "rules": {"type": "map", "description": "Rules."},
}


def _manifest(**params: Any) -> Manifest:
    column = {"name": "a", "type": "VARCHAR", "description": "Text."}
    output = {"grain": "one row per thing", "columns": [column]}
    return Manifest.model_validate(
        {
            "name": "acme-x",
            "version": "1.0.0",
            "summary": "An image of the tests.",
            "kind": "extract",
            "accepts": ["ir/v1"],
            "emits": {"outputs": {"wide": output, "long": output}, "default": "wide", "select": "form"},
            "params": {**_PARAMS, **params},
        }
    )


@pytest.mark.criterion("E12.2")
def test_defaults_are_filled_in() -> None:
    assert check_params(_manifest(), {}) == {
        "word": "Total",
        "form": "wide",
        "most": 10,
        "share": None,
        "deep": False,
        "keys": None,
        "rules": None,
    }


def test_null_means_the_default() -> None:
    assert check_params(_manifest(), {"most": None})["most"] == 10


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"most": 3.0}, 3),
        ({"share": 1}, 1.0),
        ({"keys": "one"}, ["one"]),
        ({"keys": ["a", "b"]}, ["a", "b"]),
        ({"rules": {"a": 1}}, {"a": 1}),
        ({"deep": True}, True),
    ],
)
def test_values_are_taken(given: dict[str, Any], expected: Any) -> None:
    (name,) = given
    found = check_params(_manifest(), given)[name]
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.criterion("E12.3")
@pytest.mark.parametrize(
    ("given", "code", "parts"),
    [
        ({"wrd": "x"}, "E102", ["no param 'wrd'", "did you mean 'word'?"]),
        ({"zzz": 1}, "E102", ["known: deep, form, keys, most, rules, share, word"]),
        ({"most": 0}, "E103", ["param 'most'", "0 is out of range (1 to 99)"]),
        ({"most": 100}, "E103", ["100 is out of range (1 to 99)"]),
        ({"share": 0.4}, "E103", ["0.4 is out of range (0.5 to ∞)"]),
        ({"share": float("nan")}, "E103", ["out of range"]),
        ({"most": float("inf")}, "E103", ["param 'most'"]),
        ({"most": 1.5}, "E103", ["expected integer, got 1.5"]),
        ({"most": True}, "E103", ["expected integer, got true"]),
        ({"most": "3"}, "E103", ['expected integer, got "3"']),
        ({"word": 3}, "E103", ["expected string, got 3"]),
        ({"deep": 1}, "E103", ["expected boolean, got 1"]),
        ({"keys": 1}, "E103", ["expected list, got 1"]),
        ({"rules": []}, "E103", ["expected map, got []"]),
        ({"form": "wid"}, "E103", ["'wid' is not allowed; one of wide, long", "did you mean 'wide'?"]),
    ],
)
def test_what_does_not_fit_is_named(given: dict[str, Any], code: str, parts: list[str]) -> None:
    with pytest.raises(RequestError) as caught:
        check_params(_manifest(), given)
    assert caught.value.code == code
    assert "acme-x" in str(caught.value)
    for part in parts:
        assert part in str(caught.value)


def test_a_required_param_is_asked_for_with_its_meaning() -> None:
    manifest = _manifest(what={"type": "string", "required": True, "description": "What to look for."})
    with pytest.raises(RequestError, match=r"needs the param 'what': What to look for\."):
        check_params(manifest, {})


def test_the_output_follows_the_selecting_param() -> None:
    manifest = _manifest()
    assert select_output(manifest, check_params(manifest, {}))[0] == "wide"
    assert select_output(manifest, check_params(manifest, {"form": "long"}))[0] == "long"


def test_equal_params_have_one_canonical_form() -> None:
    assert canonical({"b": 1, "a": {"y": "ü", "x": None}}) == canonical({"a": {"x": None, "y": "ü"}, "b": 1})
    assert canonical({"a": 1}) != canonical({"a": "1"})
