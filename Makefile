# Everything here runs from a fresh clone with python3 (3.11 or newer), pip and make; no root needed.
PYTHON ?= python3
VENV ?= .venv
PORT ?= 8000
HOST ?= 127.0.0.1
ARGS ?=
# Most tests wait for a socket, so more of them than cores run side by side.
JOBS ?= 4
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help demo test test-fast lint format messages bench lock packages clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## Run the panel with example data (PORT=8000 HOST=127.0.0.1, RESET=1 starts over)
	@$(PYTHON) tools/bootstrap.py demo --venv $(VENV)
	@PORT=$(PORT) HOST=$(HOST) RESET=$(RESET) $(BIN)/python -m demo.supervisor

test: packages ## Run all tests on PostgreSQL and Valkey (ARGS="-k name")
	@$(BIN)/python -m tools.services -- $(BIN)/python -m pytest -n $(JOBS) $(ARGS)

test-fast: packages ## Run the tests on SQLite alone, without what needs PostgreSQL
	@env -u DATABASE_URL -u REDIS_URL -u CACHE_URL $(BIN)/python -m pytest -n $(JOBS) -m "not postgres and not redis" $(ARGS)

lint: packages ## Check style, types, imports, templates, translations, migrations and vendored files
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	$(BIN)/lint-imports
	$(BIN)/djlint templates --lint --quiet
	$(BIN)/python -m tools.vendored
	$(BIN)/python -m tools.messages --check
	DEBUG=1 ENV_FILE=/dev/null $(BIN)/python manage.py makemigrations --check --dry-run

format: packages ## Put the code into the house style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

messages: packages ## Gather what customers read into locale/ (needs xgettext) and compile it
	@$(BIN)/python -m tools.messages

bench: packages ## Measure pages, usage sync and billing on PostgreSQL and Valkey
	@$(BIN)/python -m tools.services -- $(BIN)/python -m bench $(ARGS)

lock: packages ## Pin the packages of requirements/*.in with their hashes
	@for set in runtime demo dev; do \
	  $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-annotate --no-header --output-file requirements/$$set.txt \
	    requirements/$$set.in || exit 1; \
	done

packages:
	@$(PYTHON) tools/bootstrap.py dev --venv $(VENV)

clean: ## Remove what these commands made (not the demo's data: make demo RESET=1)
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache \
	  htmlcov .coverage staticfiles
