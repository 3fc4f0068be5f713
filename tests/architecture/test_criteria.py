"""Every criterion that is due has a test that names it."""

from __future__ import annotations

import subprocess
import sys

from tests import criteria


def test_every_criterion_that_is_due_is_shown_by_a_test() -> None:
    found = criteria.shown()
    assert [c for c in criteria.due() if c not in found] == []


def test_the_table_names_tests_that_exist() -> None:
    for criterion, tests in criteria.shown().items():
        criteria.order(criterion)
        for test in tests:
            path, _, name = test.partition("::")
            assert f"def {name.split('::')[-1]}(" in (criteria.TESTS / path).read_text("utf-8")


def test_it_prints_a_table() -> None:
    done = subprocess.run([sys.executable, criteria.__file__], capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    assert lines[0] == "| criterion | tests |"
    assert any(line.startswith("| S5 | `core/") for line in lines)
    assert not any(line.endswith("| none |") for line in lines)
