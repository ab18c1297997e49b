# frailty-risk. `make demo` and `make test` each work as the only command on a machine with Python 3.11, make and git.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
UV_VERSION := 0.13.8
UV := .tools/bin/uv
BIN := .venv/bin
export UV_PYTHON_DOWNLOADS := never
export PYTHONDONTWRITEBYTECODE := 1

.DEFAULT_GOAL := help
.PHONY: help setup demo test check docs bench bench-features bench-models bench-explain bench-run bench-score bench-serve bench-page accept accept-cms accept-omop accept-scale accept-sources accept-linkage accept-weeks accept-schemathesis accept-soak accept-exports clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

setup: .venv/.ready ## make .venv with the locked versions, and bring the parts that tests need

.tools/.uv-$(UV_VERSION):
	@echo "setup: bootstrapping uv $(UV_VERSION)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "setup: expected Python 3.11 or newer, found $$($(PYTHON) --version); set PYTHON=/path/to/python3.11"; exit 5; }
	@$(PYTHON) -m venv .tools || { echo "setup: $(PYTHON) cannot make a virtual environment; on Debian install python3.11-venv"; exit 5; }
	@.tools/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@touch $@

.venv/.ready: .tools/.uv-$(UV_VERSION) pyproject.toml uv.lock checks/parts.py tests/mesh/sandbox.txt tests/fhir_validator/package-lock.json
	@echo "setup: installing the locked versions into .venv"
	@$(UV) sync --frozen --quiet --python $(PYTHON)
	@$(BIN)/python checks/parts.py
	@touch $@

demo: setup ## simulate 20,000 people, train, publish a list and serve it (CHECK=1: call it as a client and exit)
	@$(BIN)/frailty demo $(if $(CHECK),--check)

test: setup ## the whole test suite
	@$(BIN)/python -m pytest -n 2 --dist loadgroup $(ARGS)

check: setup ## style, types, the one-way contract, documents, hazards, lock file: all failures at once
	@$(BIN)/python -m checks.all

docs: setup ## write the reference pages from the commands and settings, and build all pages into site/
	@$(BIN)/python -m checks.reference
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict

bench: bench-features ## every benchmark

bench-features: setup ## predictors beside the floor of reading their columns, beside others, and as people grow (ARGS="--people 100000")
	@$(BIN)/python -m benchmarks.features $(ARGS)

bench-models: setup ## how near the best possible model ours comes, on simulated people (ARGS="--people 5000 --judge-people 5000 --times 2")
	@$(BIN)/python -m benchmarks.models $(ARGS)

bench-explain: setup ## what reasons for everybody cost, beside the scores and others (ARGS="--rows 20000 --rounds 1")
	@$(BIN)/python -m benchmarks.explain $(ARGS)

bench-run: setup ## a weekly run of 1,000,000 generated people, each stage beside its floor (ARGS="--people 20000 --trees 50")
	@$(BIN)/python -m benchmarks.run $(ARGS)

bench-score: setup ## one person scored on demand, whole and by stage, on what `make demo` left (ARGS="--home DIR --record DIR")
	@$(BIN)/python -m benchmarks.score_now $(ARGS)

bench-serve: setup ## the service under load beside two floors, on SQLite and PostgreSQL (ARGS="--home demo/home --record demo/record": scores too)
	@$(BIN)/python -m benchmarks.serve $(ARGS)

bench-page: setup ## write docs/performance.md from what bench-features measured
	@$(BIN)/python -m benchmarks.page $(ARGS)

accept: accept-cms accept-omop accept-scale accept-sources ## the long campaigns, on real data and at scale

accept-cms: setup ## CMS DE-SynPUF (DATA=folder): ingest, cross-validated accuracy, leak test, a list over HTTP
	@$(BIN)/python -m pytest -s tests/acceptance/test_cms.py $(ARGS)

accept-omop: setup ## the OMOP sample: ingest, defects caught, a list over HTTP
	@$(BIN)/python -m pytest -s tests/acceptance/test_omop.py $(ARGS)

accept-scale: setup ## 100,000 simulated people: simulate, ingest, train, run
	@$(BIN)/python -m pytest -s tests/acceptance/test_scale.py $(ARGS)

accept-sources: setup ## 100,000 simulated people (PEOPLE=number): dirty extracts of every source, one record, what the dirt hid
	@$(BIN)/python -m pytest -s tests/acceptance/test_sources.py $(ARGS)

accept-linkage: setup ## 100,000 simulated people, 10,000 of a council's without an NHS number: links right and missed
	@$(BIN)/python -m pytest -s tests/acceptance/test_linkage.py $(ARGS)

accept-weeks: setup ## twelve weeks in a row of 2,000 people (WEEKS=12 PEOPLE=2000): every register reconciles person by person
	@$(BIN)/python -m pytest -s tests/acceptance/test_weeks.py $(ARGS)

accept-schemathesis: setup ## every operation of the API called 200 times and more (EXAMPLES=200) with what fits it and what does not
	@EXAMPLES=$(or $(EXAMPLES),200) $(BIN)/python -m pytest tests/integration/test_schemathesis.py $(ARGS)

accept-soak: setup ## the service for MINUTES (10) at 70% of its peak: memory flat, no errors, on both databases
	@$(BIN)/python -m pytest -s tests/acceptance/test_soak.py $(ARGS)

accept-exports: setup ## a practice of 100,000 people (PEOPLE=number) as CSV and as Excel: how much memory a file takes, on both databases
	@$(BIN)/python -m pytest -s tests/acceptance/test_exports.py $(ARGS)

clean: ## remove what the targets made (not .venv)
	rm -rf demo .mypy_cache .ruff_cache .import_linter_cache .hypothesis dist build
