# Two commands do nearly everything: `make build` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DBT_ARGS ?=
PYTEST_ARGS ?=
APP_ARGS ?=
USERS ?= 1000000

RUNTIME := $(VENV)/.runtime
DEVELOPMENT := $(VENV)/.development
SPARK := $(VENV)/.spark

.PHONY: help integration build test test-spark lint check soak newest mutants report app screenshots bench docs clean

help:  ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-11s %s\n", $$1, $$2}'

# The runtime packages, pinned and hashed; nothing is installed when the lock is unchanged.
$(RUNTIME): requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

$(DEVELOPMENT): $(RUNTIME) requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	touch $@

$(SPARK): $(DEVELOPMENT) requirements-spark.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-spark.lock
	touch $@

build: $(RUNTIME)  ## Build and publish segments: DBT_ARGS="--vars '{recipe: article}'"
	$(BIN)/segmentation build $(DBT_ARGS)

test: $(DEVELOPMENT) lint  ## Lint, then pytest, whose builds run dbt's unit and data tests
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

test-spark: $(SPARK)  ## Build the sample on Spark, compare it with DuckDB's: needs Java 17
	$(BIN)/python -m pytest tests/spark -n 2 --dist loadfile $(PYTEST_ARGS)

lint: $(DEVELOPMENT)  ## Check style: ruff and sqlfluff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m tools.lint_sql models macros tests/data

# Unit tests mock their parents, which must exist first: build, then test.
check: $(DEVELOPMENT)  ## Build the sample, then run dbt's unit tests
	$(BIN)/segmentation build
	$(BIN)/dbt test --select test_type:unit

integration: $(RUNTIME)  ## Segment three real tables from a project that installs this one
	$(MAKE) -C integration_tests BIN=../$(BIN)

report: $(RUNTIME)  ## Write serving/report.html from what was published
	$(BIN)/segmentation report

app: $(DEVELOPMENT)  ## Ask the segments in a browser: APP_ARGS="--port 8600"
	$(BIN)/segmentation app $(APP_ARGS)

screenshots: $(DEVELOPMENT)  ## Take pictures of report and app: desktop and phone, light and dark
	$(BIN)/python -m segmentation.report.screenshots
	$(BIN)/python -m segmentation.app.screenshots

soak: $(DEVELOPMENT)  ## Live through a whole year; die at 50 points of a build, be stopped at 10
	$(BIN)/python -m pytest -m soak tests/pipeline $(PYTEST_ARGS)

newest:  ## Test with the newest packages that the ranges allow, in an environment of its own
	$(PYTHON) -m venv --clear .newest
	.newest/bin/python -m pip install --quiet --disable-pip-version-check 'setuptools>=80'
	.newest/bin/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --editable '.[app,dev]'
	.newest/bin/python -m pip list --disable-pip-version-check
	.newest/bin/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

mutants: $(DEVELOPMENT)  ## Break important code on purpose, piece by piece: a test must notice each
	$(BIN)/python -m tools.mutants

bench: $(DEVELOPMENT)  ## Measure a build of USERS=1000000 generated users, stage by stage
	$(BIN)/python -m benchmarks.pipeline --users $(USERS)

# The site shows a report: build first. The variable leaves out a notice of the theme's makers.
docs: $(DEVELOPMENT)  ## Write the pages of tables and settings, and site/: everything, offline
	$(BIN)/segmentation docs
	$(BIN)/python -m docs.tools.tables
	$(BIN)/python -m docs.tools.settings
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

clean:  ## Remove what builds made: warehouse, published files, dbt's target
	rm -rf target logs warehouse/*.duckdb warehouse/*.wal serving site .pytest_cache .ruff_cache .hypothesis
