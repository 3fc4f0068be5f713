"""``locus sql`` and ``locus run``: rows on the terminal and in files, exit codes, what is said on stderr."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import REPOSITORY, Locus

ALL = "from locus_acme_totals('documents/**/*.pdf')"


def test_rows_go_to_stdout_and_the_rest_to_stderr(locus: Locus, documents: Path) -> None:
    answer = locus("sql", f"select filename, amount {ALL} order by 1, 2")
    assert answer.code == 0
    assert [line.split() for line in answer.out.splitlines()[2:]] == [
        ["documents/a.pdf", "119.00"],
        ["documents/b.pdf", "7.00"],
        ["documents/b.pdf", "20.50"],
        ["documents/sub/c.pdf", "33.10"],
    ]
    assert "1 reject in 1 document: E203 × 1" in answer.err


@pytest.mark.criterion("R12.2", "R12.3")
def test_privacy_class_is_said_before_the_run(locus: Locus, documents: Path) -> None:
    for answer in (locus("sql", ALL), locus("run", "acme-totals", "documents/*.pdf")):
        assert answer.err.splitlines()[0].startswith("acme-totals 1.0.0: privacy class local")
    assert locus("sql", "select 1").err == ""


@pytest.mark.criterion("E11.4", "E11.5", "E12.5")
def test_rejects_are_counted_and_listed_and_strict_says_so_in_the_exit_code(locus: Locus, documents: Path) -> None:
    assert locus("sql", ALL, "--strict").code == 3
    answer = locus("run", "acme-totals", "documents/**/*.pdf", "--rejects")
    assert answer.code == 0
    assert "documents/broken.pdf: [E203]" in answer.err
    assert locus("run", "acme-totals", "documents/a.pdf", "--strict").code == 0


@pytest.mark.criterion("E8.1")
@pytest.mark.parametrize("ending", [".csv", ".json", ".jsonl", ".parquet"])
def test_rows_go_to_a_file_in_the_format_of_its_ending(
    locus: Locus, documents: Path, tmp_path: Path, ending: str
) -> None:
    import duckdb

    answer = locus("sql", f"select filename, amount {ALL} order by all", "-o", f"rows{ending}")
    assert (answer.code, answer.out) == (0, "")
    assert "4 rows written to rows" in answer.err
    connection = duckdb.connect()
    rows = connection.execute(
        f"SELECT filename, amount::DECIMAL(18,2)::VARCHAR FROM '{tmp_path}/rows{ending}' ORDER BY ALL"
    ).fetchall()
    connection.close()
    assert rows[0] == ("documents/a.pdf", "119.00")
    assert len(rows) == 4
    assert not list(tmp_path.glob(".part-*"))


@pytest.mark.criterion("E8.7")
def test_a_place_that_cannot_be_written_is_an_error_before_anything_is_read(
    locus: Locus, documents: Path, tmp_path: Path
) -> None:
    answer = locus("sql", ALL, "-o", "nowhere/rows.csv")
    assert answer.code == 1
    assert answer.err.splitlines()[-1].startswith("[E403] cannot write 'nowhere/rows.csv': No such file or directory")
    assert not (tmp_path / ".locus").exists()
    assert locus("sql", "select 1", "-o", "rows.xlsx").err.startswith("[E103]")


def test_a_failed_statement_leaves_an_older_file_as_it_was(locus: Locus, documents: Path, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("kept")
    assert locus("sql", "from locus_acme_totals('no/*.pdf')", "-o", "rows.csv").code == 1
    assert (tmp_path / "rows.csv").read_text() == "kept"
    assert not list(tmp_path.glob(".part-*"))


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("from locus_acme_totals('no/*.pdf')", "[E104] no file matches 'no/*.pdf'"),
        ("from locus_image('acme-total', 'a.pdf')", "[E101] no image named 'acme-total'; did you mean 'acme-totals'?"),
        ("selec 1", "Parser Error: syntax error"),
        ("from missing", "Catalog Error: Table with name missing does not exist!"),
        ("", "[E103] no statement given"),
    ],
)
def test_an_error_is_one_line_without_what_duckdb_wraps_around_it(locus: Locus, statement: str, message: str) -> None:
    answer = locus("sql", statement)
    assert answer.code == 1
    assert answer.out == ""
    assert answer.err.splitlines()[-1].startswith(message)
    assert "UDF" not in answer.err
    assert "LINE 1" not in answer.err


@pytest.mark.criterion("D8")
def test_secrets_do_not_reach_the_output(locus: Locus) -> None:
    secret = "sk-" + "abcdefgh12345678"
    for statement in (
        f"from locus_image('{secret}', 'a.pdf')",
        f"from locus_acme_totals('{secret}.pdf')",
        f"select {secret}(",
    ):
        answer = locus("sql", statement)
        assert answer.code == 1
        assert "12345678" not in answer.out + answer.err


def test_params_are_read_by_the_types_of_the_manifest(locus: Locus, documents: Path) -> None:
    answer = locus("run", "acme_totals", "documents/b.pdf", "-p", "most=1", "--param", "word=Total", "-f", "json")
    assert [json.loads(line)["amount"] for line in answer.out.splitlines()] == ["20.50"]
    assert "[E103] param 'most'" in locus("run", "acme-totals", "documents/b.pdf", "-p", "most=x").err
    assert "did you mean 'most'" in locus("run", "acme-totals", "documents/b.pdf", "-p", "mots=1").err
    assert "expected NAME=VALUE" in locus("run", "acme-totals", "documents/b.pdf", "-p", "most").err


def test_spans_give_the_place_of_every_cell(locus: Locus, documents: Path) -> None:
    answer = locus("run", "acme-totals", "documents/a.pdf", "--spans", "-f", "csv")
    rows = list(csv.DictReader(io.StringIO(answer.out)))
    assert [(r["column_name"], r["page"], r["grounding"]) for r in rows] == [
        ("label", "1", "exact"),
        ("amount", "1", "exact"),
    ]
    assert float(rows[0]["x0"]) == pytest.approx(72, abs=1)


def test_a_relational_image_takes_a_file_as_its_relation(locus: Locus, tmp_path: Path) -> None:
    ids = [f"00000000-0000-8000-8000-00000000000{i}" for i in range(3)]
    rows = [f"{k},1,{i}" for k, i in zip("aab", ids, strict=True)]
    (tmp_path / "in.csv").write_text("\n".join(["k,v,_locus_row_id", *rows]) + "\n")
    answer = locus("run", "acme-merge", "in.csv", "-p", "key=k", "-f", "csv")
    assert answer.code == 0, answer.err
    assert len(answer.out.splitlines()) == 3
    assert locus("run", "acme-merge", "in.csv", "-p", "key=k", "--spans").err.startswith("[E109]")


def test_statements_before_the_last_are_run_and_the_database_keeps_them(locus: Locus, tmp_path: Path) -> None:
    assert locus("sql", "create table t as select 1 as a; insert into t values (2)", "-d", "new.duckdb").code == 0
    answer = locus("sql", "select sum(a) as s from t;", "-d", "new.duckdb", "-f", "csv")
    assert answer.out == "s\n3\n"


def test_long_results_are_cut_and_say_so(locus: Locus) -> None:
    answer = locus("sql", "from range(50)")
    assert len(answer.out.splitlines()) == 42
    assert "first 40 rows" in answer.err
    assert len(locus("sql", "from range(50)", "-n", "0").out.splitlines()) == 52


def test_a_process_ends_with_the_code_and_nothing_but_our_lines(locus_process: Locus, documents: Path) -> None:
    answer = locus_process("sql", "from locus_acme_totals('**/*.pdf')", "--strict", cwd=documents)
    assert answer.code == 3
    assert len(answer.out.splitlines()) == 6
    assert len(answer.err.splitlines()) == 2, answer.err  # no progress in a pipe, no complaint of DuckDB at exit
    assert locus_process("sql", cwd=documents).code == 2
    failed = locus_process("sql", "from locus_acme_totals('none')", cwd=documents)
    assert failed.code == 1
    assert failed.err.splitlines()[-1].startswith("[E104]")


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX systems")
def test_a_stopped_run_ends_soon_and_goes_on_from_there(
    third_party_dir: Path, tmp_path: Path, make_pdf: Callable[..., Path], locus: Locus
) -> None:
    for i in range(12):
        # Each misbehaving document holds its worker until the time limit: enough time to stop the run.
        make_pdf(tmp_path / "d" / f"{i:02}.pdf", [f"Total {i}.00"], tail=b"" if i < 2 else b"\n%misbehave\n")
    statement = "from locus_acme_totals('d/*.pdf', fail := 'hang')"
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(REPOSITORY), str(third_party_dir)])}
    env |= {"LOCUS_WORKERS": "1", "LOCUS_TIMEOUT_SECONDS": "2"}
    command = [sys.executable, "-m", "locus_dbt.cli.app", "sql", statement]
    with subprocess.Popen(
        command, cwd=tmp_path, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and len(list((tmp_path / ".locus" / "results").rglob("*.json"))) < 2:
            time.sleep(0.1)
        started = time.monotonic()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert time.monotonic() - started < 10  # not the twenty seconds that the other ten documents would take
    assert process.returncode == 130
    assert out == ""
    assert err.splitlines()[-1].startswith("stopped; what is done is kept")
    assert "Traceback" not in err
    (run,) = [json.loads(line) for line in locus("runs", "--json").out.splitlines()]
    assert run["state"] == "unfinished"
