# `make help` says what there is. Everything happens in .venv, made on first use.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
AXE    := .axe/node_modules/axe-core/axe.min.js

.PHONY: help demo test test-slow lint bench axe clean

help:  ## What can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

$(READY): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev,clients,dask,coach]'
	@touch $@

demo: $(READY)  ## Judge kata 4: a first wrong attempt (rejected, explained), then an accepted answer
	@echo '$$ kata check 4 --file solutions/04_gather_readings/rejected/awaited_in_a_loop.py'
	@$(BIN)/kata check 4 --file solutions/04_gather_readings/rejected/awaited_in_a_loop.py; test $$? -eq 1
	@echo '$$ kata check 4 --file solutions/04_gather_readings/accepted/gather.py'
	@$(BIN)/kata check 4 --file solutions/04_gather_readings/accepted/gather.py

test: $(READY)  ## The tests, but for what is slow and rare
	$(BIN)/python -m pytest -n 2 -m "not slow"

test-slow: $(READY)  ## The slow and rare ones: other Pythons, platforms, wheel, browser, real clock
	$(BIN)/python -m pytest -n 2 -m slow

axe: $(AXE)  ## Fetch axe-core with npm: with it and Chromium, `make test-slow` tries whether pages are accessible

# The Makefile names the version, so another version is another file.
$(AXE): Makefile
	npm install --prefix .axe --no-save --no-audit --no-fund --ignore-scripts axe-core@4.14.1
	@touch $@

lint: $(READY)  ## Formatting aside: ruff, mypy --strict, and the order of the shelves
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(READY)  ## Speed and memory as ratios within one run
	$(BIN)/python -m tests.bench

clean:  ## Remove .venv and caches
	rm -rf $(VENV) .axe .nox .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
