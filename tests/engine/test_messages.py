"""Every error that a call can end with: one line, a code, what, where, and what to do."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from tests.conftest import MISBEHAVE, Attached, write_pdf

_CALLS = [
    ("FROM locus_image('acme-total', '*.pdf')", "E101", ["no image named 'acme-total'", "did you mean 'acme-totals'?"]),
    (
        "FROM locus_image('acme-totals', '*.pdf', params := {'wrd': 'x'})",
        "E102",
        ["no param 'wrd'", "did you mean 'word'?"],
    ),
    (
        "FROM locus_image('acme-totals', '*.pdf', params := {'columns': ['x']}, columns := ['label'])",
        "E102",
        ["'columns' is given twice"],
    ),
    ("FROM locus_acme_totals('*.pdf', most := 0)", "E103", ["param 'most'", "0 is out of range (1 to 1000)"]),
    ("FROM locus_acme_totals('*.pdf', most := 'x')", "E103", ['expected integer, got "x"']),
    ("FROM locus_acme_totals('*.pdf', fail := 'nver')", "E103", ["one of never, crash", "did you mean 'never'?"]),
    ("FROM locus_acme_totals('*.pdf', max_files := 0)", "E103", ["max_files: expected a whole number above 0"]),
    ("FROM locus_acme_totals('*.pdf', max_files := 'x')", "E103", ["max_files"]),
    ("FROM locus_acme_totals('*.pdf', ignore_errors := 'x')", "E103", ["ignore_errors: expected true or false"]),
    ("FROM locus_acme_totals('*.pdf', removed := 'x')", "E103", ["removed: expected one of delete, keep"]),
    ("FROM locus_acme_totals('*.pdf', columns := 3)", "E103", ["columns: expected a list of names or a map"]),
    ("FROM locus_acme_totals('*.pdf', filename := 3)", "E103", ["filename: expected true, false or a column name"]),
    ("FROM locus_acme_totals('*.pdf', filename := 'label')", "E103", ["filename", "label"]),
    ("FROM locus_acme_totals(3)", "E103", ["files: expected a path, a glob or a list"]),
    ("FROM locus_acme_totals([])", "E103", ["files: expected"]),
    ("FROM locus_acme_totals(NULL)", "E103", ["files: expected"]),
    ("FROM locus_acme_totals('')", "E103", ["files: expected"]),
    (
        "FROM locus_acme_totals('nope/*.pdf')",
        "E104",
        ["no file matches 'nope/*.pdf' in 'documents'", "check the pattern"],
    ),
    ("FROM locus_acme_totals('sub')", "E104", ["'sub' is a folder", "use 'sub/**/*.pdf'"]),
    ("FROM locus_acme_totals('*.pdf', columns := ['amout'])", "E106", ["no column 'amout'", "did you mean 'amount'?"]),
    (
        "FROM locus_acme_totals('*.pdf', columns := {amount: 'DOUBLE); DROP TABLE x; --'})",
        "E103",
        ["not a type"],
    ),
    ("FROM locus_acme_upper('none', \"column\" := 'x')", "E107", ['cannot read "none"']),
    ("FROM locus_image_spans('acme-upper', 'x')", "E109", ["acme-upper"]),
    ("FROM locus_image_params('nope')", "E101", ["no image named 'nope'"]),
]


@pytest.mark.criterion("E12.3", "E12.4", "D9")
@pytest.mark.parametrize(("statement", "code", "parts"), _CALLS)
def test_a_wrong_call(attached: Attached, statement: str, code: str, parts: list[str]) -> None:
    message = attached.error(statement)
    assert f"[{code}]" in message
    ours = message[message.index(f"[{code}]") :].split("\n")
    if duckdb.__version__ >= "2":  # earlier versions put a traceback under every error of a Python function
        assert not [line for line in ours[1:] if line.strip() and not line.startswith(("LINE", " ", "^"))], message
    for part in parts:
        assert part in ours[0]
    assert attached.events() == []


_DOCUMENTS: list[tuple[str, Callable[[Path], object], str, list[str]]] = [
    ("cut.pdf", lambda p: p.write_bytes(b"%PDF-1.7\nnothing\n"), "E203", ["cut.pdf", "damaged or truncated"]),
    ("noise.bin", lambda p: p.write_bytes(bytes(range(256)) * 8), "E204", ["noise.bin"]),
    ("page.html", lambda p: p.write_text("<html><body>x</body></html>"), "E205", ["page.html", "takes no text/html"]),
    ("empty.pdf", lambda p: p.write_bytes(b""), "E2", ["empty.pdf"]),
]


@pytest.mark.criterion("E2.5", "E2.6", "E3.5", "D9")
@pytest.mark.parametrize(("name", "make", "code", "parts"), _DOCUMENTS)
def test_a_bad_document(
    attached: Attached, documents: Path, name: str, make: Callable[[Path], object], code: str, parts: list[str]
) -> None:
    make(documents / name)
    ((found, message, hint),) = attached.rows(f"SELECT code, message, hint FROM locus_acme_totals_rejects('{name}')")
    assert found.startswith(code)
    for part in parts:
        assert part in message
    assert "\n" not in message + (hint or "")
    raised = attached.error(f"FROM locus_acme_totals('{name}', ignore_errors := false)")
    assert f"[{found}]" in raised


@pytest.mark.parametrize(("fail", "code"), [("crash", "E207"), ("raise", "E209"), ("memory", "E206")])
def test_a_document_on_which_the_image_fails(attached: Attached, documents: Path, fail: str, code: str) -> None:
    write_pdf(documents / "bad.pdf", ["Total 1.00"], tail=MISBEHAVE)
    rows = attached.rows(f"SELECT count(*) FROM locus_acme_totals('*.pdf', fail := '{fail}')")
    assert rows == [(3,)]
    found = attached.rows(f"SELECT filename, code FROM locus_acme_totals_rejects('*.pdf', fail := '{fail}')")
    assert sorted(found) == [("bad.pdf", code), ("broken.pdf", "E203")]


def test_an_encrypted_document(attached: Attached, documents: Path) -> None:
    pikepdf = pytest.importorskip("pikepdf")
    with pikepdf.open(documents / "a.pdf") as pdf:
        pdf.save(documents / "locked.pdf", encryption=pikepdf.Encryption(owner="o", user="u"))
    ((code, message),) = attached.rows("SELECT code, message FROM locus_acme_totals_rejects('locked.pdf')")
    assert code == "E202"
    assert "locked.pdf" in message


@pytest.mark.criterion("E1.4")
def test_an_address_that_no_connector_reads(attached: Attached) -> None:
    rows = attached.rows("SELECT filename, code FROM locus_acme_totals_rejects(['nosuch://x/y.pdf', 'a.pdf'])")
    assert rows == [("nosuch://x/y.pdf", "E211")]
    assert attached.one("SELECT count(*) FROM locus_acme_totals(['nosuch://x/y.pdf', 'a.pdf'])") == 1


def test_a_setting_out_of_range(third_party: Path, documents: Path, attach_to: Callable[..., Attached]) -> None:
    from locus_dbt.errors import RequestError

    with pytest.raises(RequestError, match=r"\[E103\] setting 'max_pages' from arguments"):
        attach_to(documents, max_pages=0)


@pytest.mark.criterion("E11.5")
def test_strict_mode_ends_at_the_first_reject(
    third_party: Path, documents: Path, attach_to: Callable[..., Attached]
) -> None:
    strict = attach_to(documents, strict=True)
    assert re.search(r"\[E203\].*broken\.pdf", strict.error("FROM locus_acme_totals('*.pdf')"))


@pytest.mark.criterion("E5.3", "S10")
def test_a_value_that_breaks_a_rule_is_a_reject(attached: Attached) -> None:
    attached.rows("CREATE TABLE t AS FROM (VALUES (1, 'a'), (2, NULL)) AS v(n, name)")
    rules = "[{'check': 'not_null', 'column': 'name'}]"
    rows = attached.rows(f"FROM locus_data_validator('t', rules := {rules}, output := 'rows')")
    assert [r[2] for r in sorted(rows)] == [True, False]
    found = attached.rows(
        f"SELECT code, column_name FROM locus_data_validator_rejects('t', rules := {rules}, output := 'rows')"
    )
    assert found == [("E302", "name")]
