"""Flagged cells where a person sees them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from locus_dbt.engine.build import build_model
from tests.conftest import Attached


@pytest.mark.criterion("E7.6", "E11.4")
def test_the_report_counts_flagged_cells_and_rejected_ones(
    locus: Callable[..., Any], third_party: Path, tmp_path: Path, attach_to: Callable[..., Attached]
) -> None:
    (tmp_path / "a.txt").write_text("party = Meyer | Meyer\n\nparty = Smith | Miller\namount = 7.00 | 9.50")
    for below, line in (("retain", "2 of them below the threshold"), ("reject", "cells rejected: E303 × 2")):
        file = tmp_path / f"{below}.duckdb"
        db = attach_to(tmp_path, str(file))
        build_model(db.connection, db.session, "stg", f"SELECT * FROM locus_acme_claims('a.txt', below := '{below}')")
        db.connection.close()
        answer = locus("report", "-d", file, "--root", tmp_path)
        assert answer.code == 0, answer.err
        assert line in answer.out
        assert ("below the threshold" in answer.out) == (below == "retain")
