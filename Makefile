# Two commands do everything on a fresh machine: make run, make test.
PYTHON ?= python3
PORT ?= 8501
VENV := .venv
# Each run starts several Python processes; from compiled modules they start three times as fast.
export PYTHONDONTWRITEBYTECODE :=
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.runtime-installed
DEV := $(VENV)/.dev-installed

.PHONY: install dev run test test-long chaos bench screenshots lint pins

install: $(RUNTIME)
dev: $(DEV)

$(RUNTIME): requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || \
		{ echo "Dailies needs Python 3.11, 3.12 or 3.13; name it: make run PYTHON=python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(DEV): $(RUNTIME) requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

run: $(RUNTIME)
	$(BIN)/python -m streamlit run streamlit_app.py --server.address 127.0.0.1 --server.port $(PORT) --server.headless true

test: $(DEV)
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not long" -q

test-long: $(DEV)
	$(BIN)/python -m pytest -q

chaos: $(DEV)
	$(BIN)/python -m tests.durability.chaos

bench: $(DEV)
	for script in benchmarks/bench_*.py; do $(BIN)/python $$script || exit 1; done

screenshots: $(DEV)
	$(BIN)/python -m tests.e2e.screenshots

lint: $(DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# After a change of pyproject.toml: both files again, with hashes, for Python 3.11 to 3.13.
pins: $(DEV)
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q -o requirements.txt
	$(BIN)/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q -o requirements-dev.txt
