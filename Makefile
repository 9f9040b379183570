# Everything is installed into .venv by these commands; nothing else on the machine is touched.
SHELL := /bin/bash
PYTHON ?= python3
RUN := .venv/bin/python
export PIP_DISABLE_PIP_VERSION_CHECK := 1
PORT ?= 8000
export PORT

.PHONY: demo sandbox serve test check bench fuzz examples clients lock openapi lint-openapi compatible release clean

demo: .venv/.runtime  ## Play the whole year 2021 on a fresh database under var/demo
	@$(RUN) -m app demo

sandbox: .venv/.runtime  ## Run a throw-away service with sample data, on a free port or PORT
	@exec $(RUN) -m app sandbox --port $(if $(filter file,$(origin PORT)),0,$(PORT))

serve: .venv/.runtime  ## Run the API and a worker in the foreground (PORT, 8000 by default)
	@exec $(RUN) -m app serve

test: check clients  ## Everything CI runs
	$(RUN) -m pytest -n 4

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

# Node.js is no need of the service: without npm the TypeScript client's tests say that they skip.
clients: openapi/clients/.venv/.made  ## Install what makes the clients; see openapi/README.md
	@if command -v npm >/dev/null; then $(MAKE) -s openapi/clients/node_modules/.made; \
	else echo "No npm: the TypeScript client is not tried." >&2; fi

openapi: .venv/.runtime  ## Write openapi/: the document and its examples
	$(RUN) -m app openapi

lint-openapi: .venv/.dev openapi/lint/node_modules/.installed  ## Lint the document; needs Node 20
	@$(RUN) -m tests.lint

compatible: .venv/.dev  ## Compare the document with the last released one
	@$(RUN) -m tests.compatibility

release: .venv/.dev  ## Keep the document as a released one: make release VERSION=1.4.0
	@$(RUN) -m tests.compatibility release $(VERSION)

lock: .venv/.dev  ## Pin all dependencies anew, with hashes and without addresses
	.venv/bin/uv pip compile --quiet --upgrade --universal --generate-hashes --no-header \
		--no-annotate pyproject.toml -o requirements.lock
	.venv/bin/uv pip compile --quiet --upgrade --universal --generate-hashes --no-header \
		--no-annotate pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock
	.venv/bin/uv pip compile --quiet --upgrade --universal --generate-hashes --no-header \
		--no-annotate openapi/clients/requirements.in -o openapi/clients/requirements.lock

clean:  ## Remove what was installed and made
	rm -rf openapi/clients/.venv openapi/clients/node_modules
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

openapi/lint/node_modules/.installed: openapi/lint/package-lock.json openapi/lint/package.json
	@command -v npm >/dev/null || { echo "The linters need Node 20 and npm; neither is here." >&2; exit 1; }
	@echo "Installing into openapi/lint/node_modules: the linters …" >&2
	@cd openapi/lint && npm ci --ignore-scripts --silent >&2
	@touch $@

# Apart from .venv: the generator's bounds (typer) clash with the service's.
openapi/clients/.venv/.made: openapi/clients/requirements.lock
	@echo "Installing into openapi/clients/.venv: what makes the Python client …" >&2
	@$(PYTHON) -m venv openapi/clients/.venv
	@openapi/clients/.venv/bin/pip install --quiet --require-hashes -r $< >&2
	@touch $@

openapi/clients/node_modules/.made: openapi/clients/package-lock.json
	@echo "Installing into openapi/clients/node_modules: what makes the TypeScript client …" >&2
	@if npm ci --ignore-scripts --prefix openapi/clients >/dev/null; then touch $@; \
	else echo "npm ci failed: the TypeScript client is not tried." >&2; fi
