# `make play` and `make test` set up everything they need. The rest is for contributors.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv

.DEFAULT_GOAL := play
.PHONY: init play test test-long test-all image-check check lint format lock bench eval-search docs screenshots zones clean

# Asks for what a bot in Discord or Slack needs.
init: $(VENV)/app
	@$(BIN)/studyhall init

play: $(VENV)/app
	@$(BIN)/studyhall play

# For every change: takes a few minutes, needs no network.
test: $(VENV)/dev
	@$(BIN)/python -m pytest -n auto

test-long: $(VENV)/dev
	@$(BIN)/python -m pytest -n auto -m long

test-all: test test-long

# Runs the Dockerfile's steps without a container engine. Needs the network.
image-check: $(VENV)/dev
	@$(BIN)/python -m pytest -m image

check: lint test

lint: $(VENV)/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/studyhall pack check dp100

format: $(VENV)/dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: $(VENV)/dev
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	  --no-emit-index-url --extra build pyproject.toml --output-file requirements.lock
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	  --no-emit-index-url --extra build --extra dev --constraints requirements.lock pyproject.toml \
	  --output-file requirements-dev.lock

bench: $(VENV)/dev
	@$(BIN)/python -m benchmarks

eval-search: $(VENV)/dev
	@$(BIN)/python -m benchmarks.search

docs: $(VENV)/dev
	@$(BIN)/python -m tools.docs

zones: $(VENV)/dev
	$(BIN)/python -m tools.zones.build

screenshots: $(VENV)/dev
	@$(BIN)/python -m tools.screenshots

clean:
	rm -rf .venv* .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# Setup doesn't read standard input, which is for the quiz. An environment without pip was left
# half-made, as by a Python without its venv package.
$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Studyhall needs Python 3.11 or newer: make PYTHON=python3.11 ...")'
	@echo "Setting up in $(VENV): about a minute, once." >&2
	@$(PYTHON) -m venv $(if $(wildcard $(VENV)/pyvenv.cfg),--clear) $(VENV) >&2 && test -x $@ || { \
	  echo "$(PYTHON) can't set up $(VENV). On Debian and Ubuntu: sudo apt install python3-venv" >&2; \
	  exit 1; }

$(VENV)/app: requirements.lock pyproject.toml | $(BIN)/pip
	@echo "Installing packages: up to a minute." >&2
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock </dev/null
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable . </dev/null
	@# Compile and cache the packs now, so that the first question comes fast.
	@$(BIN)/python -m compileall -q adapters bot content storage
	@$(BIN)/studyhall pack list >/dev/null
	@touch $@

$(VENV)/dev: requirements-dev.lock $(VENV)/app
	@echo "Installing what contributors need: up to a minute." >&2
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock </dev/null
	@touch $@
