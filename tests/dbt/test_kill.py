"""Killed at any moment, the next build ends in the same tables as an undisturbed one.

``LOCUS_KILLS`` sets how many moments are tried (default 3), ``LOCUS_SEED`` which ones.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.dbt.conftest import STG, STG_YML, Repo

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="needs signals and groups")]

_DBT = "import sys; from dbt.cli.main import cli; sys.argv = ['dbt', *sys.argv[1:]]; cli()"
_DOCUMENTS = 40
_KILLS = int(os.environ.get("LOCUS_KILLS", "3"))


def _start(root: Path, third_party: Path) -> subprocess.Popen[bytes]:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(REPOSITORY), str(third_party)])}
    command = [sys.executable, "-c", _DBT, "--no-send-anonymous-usage-stats", "build"]
    with (root / "out.log").open("ab") as log:
        return subprocess.Popen(command, cwd=root, env=env, stdout=log, stderr=log, start_new_session=True)


def _build(root: Path, third_party: Path) -> float:
    """Seconds that an undisturbed build takes."""
    started = time.monotonic()
    assert _start(root, third_party).wait(120) == 0, (root / "out.log").read_text()[-2000:]
    return time.monotonic() - started


def _killed_build(root: Path, third_party: Path, after: float) -> None:
    process = _start(root, third_party)
    time.sleep(after)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _opened(root: Path) -> Repo:
    """The copy of a repository, to look at its database."""
    shop = Repo.__new__(Repo)
    shop.root, shop.database = root, str(root / "shop.duckdb")
    return shop


def _change_documents(shop: Repo) -> None:
    """The second day: some documents are new, changed, gone."""
    for i in range(10):
        shop.pdf(f"new{i:02d}.pdf", f"Total {i}.75", pages=4)
        shop.pdf(f"d{i:02d}.pdf", f"Total {i}.25", pages=4)
        (shop.root / "documents" / f"d{i + 20:02d}.pdf").unlink()


@pytest.mark.criterion("S5", "S3", "S7")
def test_a_killed_build_is_made_good_by_the_next(
    make_repo: Callable[..., Repo], third_party: Path, tmp_path: Path
) -> None:
    shop = make_repo()
    shop.write("profiles.yml", (shop.root / "profiles.yml").read_text().replace(shop.database, "shop.duckdb"))
    for i in range(_DOCUMENTS):
        shop.pdf(f"d{i:02d}.pdf", *(f"Total {i}.{k:02d}" for k in range(20)), pages=6)
    shop.write("models/stg.sql", STG)
    shop.write("models/stg.yml", STG_YML)
    shop.write(
        "models/mart.sql", "select amount as total, label, _locus_row_id from {{ ref('stg') }} where amount > 10"
    )
    shop.write("models/one.sql", "select * from {{ locus_dbt.image('acme-merge', relation=ref('mart'), key='total') }}")
    expected, seconds, start = {}, {}, {}
    start["first"] = Path(shutil.copytree(shop.root, tmp_path / "first", symlinks=True))
    seconds["first"] = _build(shop.root, third_party)
    expected["first"] = shop.content()
    _change_documents(shop)
    start["second"] = Path(shutil.copytree(shop.root, tmp_path / "second", symlinks=True))
    seconds["second"] = _build(shop.root, third_party)
    expected["second"] = shop.content()
    assert expected["first"]["main.stg"] != expected["second"]["main.stg"]
    moments = random.Random(os.environ.get("LOCUS_SEED", "locus"))
    for number in range(_KILLS):
        case = ("first", "second")[number % 2]
        root = Path(shutil.copytree(start[case], tmp_path / f"kill{number}", symlinks=True))
        after = moments.uniform(0.2, 1.0) * seconds[case]
        _killed_build(root, third_party, after)
        _build(root, third_party)
        copy = _opened(root)
        found = copy.content()
        where = f"{case} build, killed after {after:.2f} of {seconds[case]:.2f} s"
        assert found.keys() == expected[case].keys(), where
        for name, rows in expected[case].items():
            assert found[name] == rows, f"{name} differs: {where}"
        assert not any(copy.orphans().values()), where
        assert copy.leftovers() == [], where
        shutil.rmtree(root)
