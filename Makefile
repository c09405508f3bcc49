# Every target sets up what it needs in .venv; Python >= 3.11, git and make are enough. PIP_* variables are honoured.

VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.stamp-runtime
DEV := $(VENV)/.stamp-dev
TOOLS := $(VENV)/.stamp-tools
BENCH := $(VENV)/.stamp-bench

.PHONY: help demo test check lint types coverage format report surfaces bench clean

help:
	@echo "make demo   preview the migration of examples/fleet; changes nothing"
	@echo "make test   run all tests"
	@echo "make check  all of CI: lint, format, types, tests with coverage"
	@echo "make format format and mend what ruff can mend"
	@echo "make report write migration-report.md anew, the report of a run over examples/fleet"
	@echo "make surfaces write docs/surfaces.md anew, the page of what the marked tests show"
	@echo "make bench  speed against ripgrep on the same tree (TREE=DIR for a Git checkout of yours)"
	@echo "make clean  remove .venv and all caches"

demo: $(RUNTIME)
	@$(BIN)/unfloat preview examples/fleet --offline --digests examples/digests.yaml > $(VENV)/demo.diff
	@echo
	@head -n 48 $(VENV)/demo.diff
	@echo
	@echo "The whole diff ($$(wc -l < $(VENV)/demo.diff | tr -d ' ') lines) is in $(VENV)/demo.diff; nothing was changed."

test: $(DEV) $(TOOLS)
	$(BIN)/python -m pytest -q

check: lint types coverage

lint: $(DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(DEV)
	$(BIN)/mypy --strict

coverage: $(DEV) $(TOOLS)
	$(BIN)/python -m pytest -q --cov --cov-report=term

format: $(DEV)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

report: $(RUNTIME)
	$(BIN)/python tests/committed_report.py

surfaces: $(RUNTIME)
	$(BIN)/python tests/surfaces_page.py

bench: $(BENCH)
	$(BIN)/python bench/speed.py --tree $(or $(TREE),.)

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage build dist

$(BIN)/python:
	@python=""; \
	for candidate in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11 python; do \
	  if $$candidate -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    python=$$candidate; break; \
	  fi; \
	done; \
	if [ -z "$$python" ]; then \
	  echo "unfloat needs Python 3.11 or newer with the venv module; name one with: make PYTHON=/path/to/python3" >&2; \
	  exit 1; \
	fi; \
	echo "setting up $(VENV) with $$python"; \
	$$python -m venv $(VENV)

$(RUNTIME): pyproject.toml codemod/__init__.py | $(BIN)/python
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@$(BIN)/python -m compileall -q codemod transforms
	@touch $@

$(DEV): $(RUNTIME)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

$(TOOLS): tests/toolchain.py | $(BIN)/python
	@$(BIN)/python tests/toolchain.py
	@touch $@

$(BENCH): $(RUNTIME)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[bench]'
	@touch $@
