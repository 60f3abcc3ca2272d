# make repro   set up, and run the main job on the default data
# make test    set up, lint, and run the tests
# make setup   set up .venv alone, to work on data of your own
# make bench   set up, and run the benchmarks' quick form
# make lint    ruff, mypy, the import contracts, params.yaml as committed
# make docs    build the site of docs/ and docstrings into build/site, with every link checked, without a network
# make lock    write requirements.lock anew from pyproject.toml

VENV ?= .venv
PYTHON ?= python3
BIN := $(VENV)/bin
DEPENDENCIES := $(VENV)/.dependencies
INSTALLED := $(VENV)/.installed

.PHONY: repro test setup bench lint docs lock

repro: $(INSTALLED)
	PATH="$(abspath $(BIN)):$$PATH" dvc repro

setup: $(INSTALLED)

test: lint
	$(BIN)/python -m pytest -n auto

bench: $(INSTALLED)
	$(BIN)/python -m benchmarks.art --quick
	$(BIN)/python -m benchmarks.open_vocabulary --quick
	$(BIN)/python -m benchmarks.judging --images 5000 --labels 100 --draws 200

lint: $(DEPENDENCIES)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	PYTHONPATH=. $(BIN)/lint-imports
	PYTHONPATH=. $(BIN)/python -m pytest -q -n 0 tests/project/test_default.py

docs: $(DEPENDENCIES)
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet

lock: $(DEPENDENCIES)
	$(BIN)/pip-compile --quiet --upgrade --extra dev --extra docs --strip-extras --no-header --no-emit-index-url \
	    --no-emit-trusted-host --no-emit-find-links --output-file requirements.lock pyproject.toml
	{ printf '%s\n' '# Exact versions for Python 3.11 on Linux, with the extras "dev" and "docs". Written by `make lock`; elsewhere:' \
	    "# pip install -e '.[dev,docs]'"; cat requirements.lock; } > requirements.lock.new
	mv requirements.lock.new requirements.lock

$(DEPENDENCIES): requirements.lock
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --requirement requirements.lock
	touch $@

# The project itself, for the command `protoweave`; tests import it from the checkout they are in.
$(INSTALLED): $(DEPENDENCIES) pyproject.toml
	$(BIN)/pip install --quiet --no-deps --editable .
	touch $@
