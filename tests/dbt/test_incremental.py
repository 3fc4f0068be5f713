"""An incremental model equals the same model built anew, whatever happens to its documents."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import Any

import pytest

from tests.dbt.conftest import Repo

_CALL = "select * from {{ locus_dbt.image('acme-totals', files='documents/**/*.pdf') }}"
_INCREMENTAL = "{{ config(materialized='incremental', unique_key='_locus_row_id') }} " + _CALL


def _of(shop: Repo, model: str) -> dict[str, Any]:
    """Rows and lineage of a model, without its name."""
    found: dict[str, Any] = {"rows": shop.rows(f"SELECT * FROM {model} ORDER BY ALL")}
    of_the_run = {
        "documents": ", run_id, reading",
        "rejects": ", run_id",
        "completeness": ", run_id, seconds, ocr_seconds",
    }
    for table in ("documents", "completeness", "spans", "rejects", "columns"):
        kept = f"* EXCLUDE (model{of_the_run.get(table, '')})"
        found[table] = shop.rows(f"SELECT {kept} FROM locus.{table} WHERE model = 'main.{model}' ORDER BY ALL")
    return found


def _same(shop: Repo, what: str) -> None:
    added, anew = _of(shop, "added"), _of(shop, "anew")
    for name in anew:
        assert added[name] == anew[name], f"{name} after {what}"


@pytest.fixture
def shop(make_repo: Callable[..., Repo]) -> Repo:
    made = make_repo()
    made.pdf("b.pdf", "Total 20.50", "Sum 1.00")
    made.pdf("c.pdf", "Total 33.10")
    made.write("models/added.sql", _INCREMENTAL)
    made.write("models/anew.sql", _CALL)
    return made


@pytest.mark.criterion("S8", "R5.8")
def test_whatever_happens_to_the_documents(shop: Repo) -> None:  # noqa: C901 - a step a function
    folder = shop.root / "documents"

    def rename() -> None:
        (folder / "b.pdf").rename(folder / "renamed.pdf")

    def copy_before() -> None:
        shutil.copy(folder / "c.pdf", folder / "0 copy.pdf")

    def first_copy_goes() -> None:
        (folder / "0 copy.pdf").unlink()

    def breaks() -> None:
        (folder / "c.pdf").write_bytes(b"%PDF-1.7\nno more\n")

    def is_mended() -> None:
        shop.pdf("c.pdf", "Total 33.10", "Total 2.00")

    def swap() -> None:
        (folder / "c.pdf").rename(folder / "x")
        (folder / "renamed.pdf").rename(folder / "c.pdf")
        (folder / "x").rename(folder / "renamed.pdf")

    def other_params() -> None:
        for name in ("added", "anew"):
            text = (shop.root / "models" / f"{name}.sql").read_text()
            shop.write(f"models/{name}.sql", text.replace("'acme-totals', ", "'acme-totals', word='Sum', "))

    def store_is_lost() -> None:
        shutil.rmtree(shop.root / ".locus")

    def nothing() -> None:
        pass

    steps = (nothing, rename, copy_before, first_copy_goes, breaks, is_mended, swap, other_params, store_is_lost)
    for step in steps:
        step()
        shop.dbt("build")
        _same(shop, step.__name__)
        assert not any(shop.orphans().values()), step.__name__


def test_rows_of_removed_documents_may_be_kept(shop: Repo) -> None:
    (shop.root / "models" / "anew.sql").unlink()
    shop.write("models/added.sql", _INCREMENTAL.replace("'acme-totals', ", "'acme-totals', removed='keep', "))
    shop.dbt("build")
    (shop.root / "documents" / "b.pdf").unlink()
    shop.pdf("c.pdf", "Total 1.00")
    shop.dbt("build")
    rows = sorted((r[0], float(r[1])) for r in shop.rows("SELECT filename, amount FROM added"))
    assert rows == [("documents/b.pdf", 20.5), ("documents/c.pdf", 1.0)]
    assert not any(shop.orphans().values())
    assert shop.one("SELECT count(*) FROM added JOIN locus.cells USING (_locus_row_id)") == 4


def test_two_calls_in_one_incremental_model(shop: Repo) -> None:
    two = (
        "select filename, amount, _locus_row_id from {{ locus_dbt.image('acme-totals', files='documents/b*.pdf') }} "
        "union all "
        "select filename, amount, _locus_row_id from {{ locus_dbt.image('acme-totals', files='documents/c*.pdf') }}"
    )
    shop.write("models/added.sql", "{{ config(materialized='incremental', unique_key='_locus_row_id') }} " + two)
    shop.write("models/anew.sql", two)
    for number in range(3):
        shop.dbt("build")
        _same(shop, f"build {number}")
        shop.pdf(f"b{number}.pdf", f"Total {number}.00")
        if number == 1:
            (shop.root / "documents" / "c.pdf").unlink()
            shop.pdf("c1.pdf", "Total 7.00")


def test_an_empty_run_takes_nothing_away(shop: Repo) -> None:
    shop.dbt("build")
    before = _of(shop, "added")
    shop.dbt("build", "--empty", "--select", "added")
    assert _of(shop, "added") == before
