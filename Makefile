# Two commands: `make demo` shows what it does, `make test` checks everything.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: demo test lint types imports unit docs-check test-matrix kill-test bench fuzz hostile clean

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $(STAMP)

demo: $(STAMP)
	@$(BIN)/python example_project/scripts/make_documents.py --out example_project/documents
	@echo 'dbt build in example_project …'
	@cd example_project && export PATH="$(CURDIR)/$(BIN):$$PATH" && dbt deps --quiet && dbt build --quiet --full-refresh
	@$(BIN)/locus report --database example_project/accounts_payable.duckdb --model fct_invoices \
		--root example_project --png docs/page-with-box.png

test: lint types imports unit docs-check

lint: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(STAMP)
	$(BIN)/mypy

imports: $(STAMP)
	$(BIN)/lint-imports

unit: $(STAMP)
	$(BIN)/python -m pytest -n 2 -q

docs-check: $(STAMP)
	$(BIN)/python docs/generate.py --check

# The DuckDB part of the suite on every supported DuckDB line; dbt stays out of these environments.
MATRIX := 1.4.5 1.5.6 2.0.0
ENGINE := pyarrow numpy pydantic pyyaml pypdfium2 pdfplumber sqlglot lxml openpyxl python-calamine pillow rapidfuzz \
	typer rich chardet olefile httpx fsspec sqlalchemy ftfy py3langid trafilatura rapidocr-onnxruntime onnxruntime \
	pytest pytest-xdist hypothesis reportlab pikepdf hatchling python-docx python-pptx python-dotenv cryptography jsonschema \
	openlineage-python
test-matrix: $(addprefix matrix-,$(MATRIX))
matrix-%:
	test -d .venv-$* || $(PYTHON) -m venv .venv-$*
	grep -v '^duckdb==' constraints.txt > .venv-$*/constraints.txt
	.venv-$*/bin/python -m pip install --quiet --constraint .venv-$*/constraints.txt 'duckdb==$*' $(ENGINE)
	.venv-$*/bin/python -m pip install --quiet --no-deps --editable .
	.venv-$*/bin/python -m pytest -n 2 -q tests/core tests/engine tests/lineage tests/images

# `dbt build` killed at 20 random moments must end in the tables of an undisturbed run.
kill-test: $(STAMP)
	LOCUS_KILLS=20 $(BIN)/python -m pytest -q tests/dbt/test_kill.py

# An hour of damaged documents over every parser; `make test` does a minute of it.
fuzz: $(STAMP)
	LOCUS_FUZZ_SECONDS=3600 LOCUS_FUZZ_SEED=$$(date +%s) $(BIN)/python -m pytest -q tests/parsers/test_fuzz.py

# A folder of broken and hostile files with what must come of each.
hostile: $(STAMP)
	LOCUS_BAD_FILES=$(BAD_FILES) $(BIN)/python -m pytest -q tests/parsers/test_bad_files.py

bench: $(STAMP)
	$(BIN)/python benchmarks/run.py

clean:
	rm -rf .venv .venv-* build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
