"""Criteria of the requirements against the tests that show them: ``python tests/criteria.py`` prints a table.

The markers ``@pytest.mark.criterion("E1.3", …)`` are read from the text of the tests, so that no test runs for it.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parent

#: What this version owes, area by area.
DUE: dict[str, str] = {
    "E1 Ingest": "E1.3 E1.4 E1.5",
    "E2 Route": "E2.1 E2.3 E2.4 E2.5 E2.6",
    "E3 Represent": "E3.1 E3.2 E3.3 E3.4 E3.5",
    "E4 Extract": "E4.2 E4.4 E4.7",
    "E5 Clean": "E5.1 E5.2 E5.3 E5.4",
    "E6 Match": "E6.1 E6.2 E6.3 E6.4",
    "E7 Ground": "E7.1 E7.2 E7.3 E7.4 E7.5 E7.6 E7.7 E7.8 E7.9 E7.10",
    "E8 Emit": "E8.1 E8.2 E8.3 E8.4 E8.5 E8.6 E8.7",
    "E9 Review": "E9.1",
    "E10 Extend": "E10.1 E10.2 E10.3 E10.4 E10.5",
    "E11 Observe": "E11.1 E11.2 E11.3 E11.4 E11.5",
    "E12 Configure": "E12.2 E12.3 E12.4 E12.5",
    "R1 Install": "R1.1 R1.2 R1.3",
    "R5 Compose": "R5.1 R5.2 R5.3 R5.4 R5.5 R5.6 R5.7 R5.8",
    "R6 Typed interchange": "R6.1 R6.2 R6.3 R6.4 R6.5 R6.6",
    "R7 Provenance across stages": "R7.1 R7.2 R7.3 R7.4 R7.5 R7.6 R7.7 R7.8",
    "R9 Author": "R9.1 R9.4 R9.5",
    "R12 Disclose": "R12.2",
    "S Store and runs": "S1 S2 S3 S4 S5 S6 S7 S8 S10 S11 S12",
    "D Drafting and discovery": "D5 D6 D9",
    "V Events and security": "V1 V2 V3 V8",
}


def shown() -> dict[str, list[str]]:
    """Criterion to the tests that name it, as ``file::test``; sorted by the criterion's number."""
    found: dict[str, list[str]] = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        module = ast.parse(path.read_text("utf-8"))
        for name, criteria in _marked(module):
            for criterion in criteria:
                found.setdefault(criterion, []).append(f"{path.relative_to(TESTS).as_posix()}::{name}")
    return dict(sorted(found.items(), key=lambda item: order(item[0])))


def order(criterion: str) -> tuple[str, int, int]:
    """``E10.2`` after ``E9.1``."""
    match = re.fullmatch(r"([A-Z])(\d+)(?:\.(\d+))?", criterion)
    if match is None:
        raise ValueError(f"not a criterion: '{criterion}'")
    return match[1], int(match[2]), int(match[3] or 0)


def due() -> list[str]:
    """Every criterion that is owed."""
    return [criterion for area in DUE.values() for criterion in area.split()]


def table() -> str:
    """Markdown: a row for each criterion that is owed or shown."""
    found = shown()
    lines = ["| criterion | tests |", "|---|---|"]
    for criterion in sorted({*found, *due()}, key=order):
        tests = "<br>".join(f"`{test}`" for test in found.get(criterion, [])) or "none"
        lines.append(f"| {criterion} | {tests} |")
    return "\n".join(lines)


def _marked(module: ast.Module) -> Iterator[tuple[str, list[str]]]:
    """Tests with their criteria; a mark on the module or class holds for every test in it."""
    everywhere = [
        c
        for node in module.body
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "pytestmark" for t in node.targets)
        for c in _criteria(node.value)
    ]
    yield from _in(module.body, everywhere, "")


def _in(body: list[ast.stmt], inherited: list[str], prefix: str) -> Iterator[tuple[str, list[str]]]:
    for node in body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            own = [*inherited, *(c for d in node.decorator_list for c in _criteria(d))]
            if isinstance(node, ast.ClassDef):
                yield from _in(node.body, own, f"{prefix}{node.name}::")
            elif node.name.startswith("test_") and own:
                yield prefix + node.name, list(dict.fromkeys(own))


def _criteria(node: ast.AST) -> list[str]:
    """The texts in every ``….criterion("…", …)`` of an expression."""
    out: list[str] = []
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "criterion":
            out += [a.value for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
    return out


if __name__ == "__main__":
    sys.stdout.write(table() + "\n")
