# Each target sets up what it needs from a fresh clone, and is quick the second time.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
export HF_HUB_DISABLE_TELEMETRY := 1
export DO_NOT_TRACK := 1

.PHONY: demo test check bench clean

demo: .venv/run.stamp
	$(BIN)/lore demo --dir demo

test: .venv/dev.stamp
	$(BIN)/python -m pytest -n 2 --dist worksteal -q

check: .venv/dev.stamp
	$(BIN)/ruff check src tests benchmarks
	$(BIN)/ruff format --check src tests benchmarks
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q tests/docs

bench: .venv/dev.stamp
	$(BIN)/python benchmarks/help_time.py
	$(BIN)/python benchmarks/parse_corpora.py docs src

clean:
	rm -rf .venv demo

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "lorewright needs Python 3.11 or newer; say which: make PYTHON=/path/to/python3.11")'
	$(PYTHON) -m venv .venv

.venv/run.stamp: .venv/bin/python pyproject.toml constraints.txt
	@echo "Installing what the demo needs (about 1.5 GB, some minutes, once) ..."
	$(INSTALL) --editable '.[all]'
	@touch $@

.venv/dev.stamp: .venv/run.stamp
	@echo "Installing what tests and checks need ..."
	$(INSTALL) --editable '.[all,dev]'
	@touch $@
