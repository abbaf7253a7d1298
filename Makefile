# Two commands do nearly everything: `make build` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DBT_ARGS ?=
PYTEST_ARGS ?=
USERS ?= 1000000

RUNTIME := $(VENV)/.runtime
DEVELOPMENT := $(VENV)/.development

.PHONY: help build test lint check bench sample clean

help:  ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

# The runtime packages, pinned and hashed; nothing is installed when the lock is unchanged.
$(RUNTIME): requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

$(DEVELOPMENT): $(RUNTIME) requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	touch $@

build: $(RUNTIME)  ## Build and publish segments: DBT_ARGS="--vars '{recipe: article}'"
	$(BIN)/python -m segmentation.build $(DBT_ARGS)

test: $(DEVELOPMENT) lint check  ## Lint, build, run dbt's unit and data tests, then pytest
	$(BIN)/python -m pytest $(PYTEST_ARGS)

lint: $(DEVELOPMENT)  ## Check style: ruff and sqlfluff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/sqlfluff lint --processes 2 models tests/data

# Unit tests mock their parents, which must exist first: build, then test.
check: $(DEVELOPMENT)  ## Build the sample, then run dbt's unit tests
	$(BIN)/python -m segmentation.build
	$(BIN)/dbt test --select test_type:unit

bench: $(DEVELOPMENT)  ## Measure a build of USERS=1000000 generated users, stage by stage
	$(BIN)/python -m benchmarks.pipeline --users $(USERS)


clean:  ## Remove what builds made: warehouse, published files, dbt's target
	rm -rf target logs warehouse/*.duckdb warehouse/*.wal serving .pytest_cache .ruff_cache .hypothesis
