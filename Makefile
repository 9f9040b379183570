# Everything is installed into .venv by these commands; nothing else on the machine is touched.
SHELL := /bin/bash
PYTHON ?= python3
RUN := .venv/bin/python
export PIP_DISABLE_PIP_VERSION_CHECK := 1
PORT ?= 8000
export PORT

.PHONY: demo serve test check bench fuzz examples lock openapi clean

demo: .venv/.runtime  ## Play the whole year 2021 on a fresh database under var/demo
	@$(RUN) -m app demo

serve: .venv/.runtime  ## Run the API and a worker in the foreground (PORT, 8000 by default)
	@exec $(RUN) -m app serve

test: check  ## Everything CI runs
	$(RUN) -m pytest -n 2

check: .venv/.dev  ## Format, lint, types, walls between the rooms
	$(RUN) -m ruff format --check .
	$(RUN) -m ruff check .
	$(RUN) -m mypy
	.venv/bin/lint-imports

bench: .venv/.dev  ## Ratios, one JSON line each: make bench, or make bench BENCH=name
	@$(RUN) -m tests.bench $(BENCH)

examples: .venv/.dev  ## Play a year against the real app and write down the examples of the document
	$(RUN) -m tests.examples
	$(RUN) -m app openapi

fuzz: .venv/.dev  ## Schemathesis on both databases: make fuzz MINUTES=10 SEED=1
	$(RUN) -m tests.schemathesis $(or $(MINUTES),10) $(or $(SEED),1)

openapi: .venv/.runtime  ## Write openapi/: the document and its examples
	$(RUN) -m app openapi

lock: .venv/.dev  ## Pin all dependencies anew, with hashes and without addresses
	.venv/bin/uv pip compile --quiet --upgrade --universal --generate-hashes --no-header \
		--no-annotate pyproject.toml -o requirements.lock
	.venv/bin/uv pip compile --quiet --upgrade --universal --generate-hashes --no-header \
		--no-annotate pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock

clean:  ## Remove what was installed and made
	rm -rf .venv var .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.venv/.runtime: requirements.lock
	@echo "Installing into .venv: what the service needs …" >&2
	@$(PYTHON) -m venv .venv
	@.venv/bin/pip install --quiet --require-hashes -r requirements.lock >&2
	@touch $@

.venv/.dev: requirements-dev.lock .venv/.runtime
	@echo "Installing into .venv: what the tests need …" >&2
	@.venv/bin/pip install --quiet --require-hashes -r requirements-dev.lock >&2
	@touch $@
