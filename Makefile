# `make` alone lists what there is to do. Everything is made in .venv/ (packages) and var/ (state).

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

BIN := .venv/bin
PYTHON_VENV := $(BIN)/python
checksum = $(shell cat $(1) | cksum | cut -d ' ' -f 1)
RUNTIME := .venv/.runtime-$(call checksum,.ci/install requirements-bootstrap.txt requirements.txt)
DEVELOPMENT := .venv/.development-$(call checksum,.ci/install requirements-bootstrap.txt requirements-dev.txt)

# Neither a developer's .env nor ./var may change what a check says.
CHECKED := env -u CLIS_DATABASE_URL -u CLIS_BROKER_URL -u CLIS_REDIS_URL \
	CLIS_ENV_FILE=/dev/null CLIS_DEBUG=1 CLIS_VAR=$(CURDIR)/var/test
# As in production, but for the key: what is measured must not pay for DEBUG.
MEASURED := env -u CLIS_BROKER_URL -u CLIS_REDIS_URL CLIS_ENV_FILE=/dev/null CLIS_DEBUG=0 CLIS_VAR=$(CURDIR)/var/test \
	CLIS_SECRET_KEY=only-for-measuring-0123456789-abcdefghijklmnopqrstuvwxyz
PRODUCTION := env -u CLIS_DEBUG CLIS_ENV_FILE=/dev/null CLIS_VAR=$(CURDIR)/var/test CLIS_BASE_URL=https://clis.example.org \
	CLIS_ALLOWED_HOSTS=clis.example.org CLIS_SECRET_KEY=only-for-the-deployment-check-0123456789-abcdefghijklmnop
step = @printf '%-8s | %s\n' "$(1)" "$(2)"
# Some tests mostly wait (for programs that start, for leases that end): three at a time keep two cores busy.
PYTEST := $(PYTHON_VENV) -m pytest -n $(or $(TEST_PROCESSES),3) $(PYTEST_ARGS)
# Once is enough, on SQLite, for what asks no database: the domain and the decoders. And for what a browser makes of a
# page: how pages are made is tested on both.
ON_SQLITE_ALONE := --ignore=tests/domain --ignore=tests/formats -m 'not browser'

.PHONY: help demo run test test-sqlite test-postgresql lint openapi bench faults fuzz lock screenshots messages clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(RUNTIME) .env ## one command to a running system with demo data, on SQLite; Ctrl-C stops it
	@exec $(PYTHON_VENV) manage.py run --demo

run: $(RUNTIME) .env ## the same without demo data; settings from the environment or .env
	@exec $(PYTHON_VENV) manage.py run

test: lint test-sqlite test-postgresql ## every check and every test, on SQLite and on PostgreSQL with Redis

test-sqlite: $(DEVELOPMENT) ## the tests on the embedded default: SQLite and the file broker
	$(call step,test,on SQLite with the file broker)
	@$(CHECKED) CLIS_DATABASE_URL=sqlite:///$(CURDIR)/var/test/clis.sqlite3 $(PYTEST)

test-postgresql: $(DEVELOPMENT) ## the tests on PostgreSQL and Redis, where these are found (required if CI is set)
	@services=$$($(CHECKED) $(PYTHON_VENV) -m tests.services) || exit 1; \
	if [ -z "$$services" ]; then \
		printf '%-8s | %s\n' test "SKIPPED on PostgreSQL and Redis: not found on this machine (see CONTRIBUTING.md)"; \
		exit 0; \
	fi; \
	printf '%-8s | %s\n' test "on PostgreSQL and Redis: $$services"; \
	$(CHECKED) $$services $(PYTEST) $(ON_SQLITE_ALONE)

lint: $(DEVELOPMENT) ## style, types, import contracts, deployment check, migrations, OpenAPI, container files
	$(call step,lint,ruff)
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	$(call step,lint,import contracts)
	@$(CHECKED) $(BIN)/lint-imports --no-cache --config pyproject.toml > var/lint-imports.log 2>&1 || { cat var/lint-imports.log; exit 1; }
	@tail -n 3 var/lint-imports.log
	$(call step,lint,types)
	@$(CHECKED) $(BIN)/mypy
	$(call step,lint,django checks and migrations)
	@$(CHECKED) $(PYTHON_VENV) manage.py check --fail-level WARNING
	@$(PRODUCTION) $(PYTHON_VENV) manage.py check --deploy --fail-level WARNING
	@$(CHECKED) $(PYTHON_VENV) manage.py makemigrations --check --dry-run
	@$(MAKE) openapi
	$(call step,lint,container and workflow files)
	@$(BIN)/hadolint docker/Dockerfile
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.compose-spec docker/compose.yml
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/ci.yml

openapi: $(DEVELOPMENT) ## write the API's description to var/openapi.json and validate it
	$(call step,lint,OpenAPI description)
	@$(CHECKED) $(PYTHON_VENV) manage.py spectacular --validate --fail-on-warn --format openapi-json --file var/openapi.json
	@$(BIN)/openapi-spec-validator var/openapi.json

bench: $(DEVELOPMENT) ## what CLIS costs, as ratios measured in one run
	@$(MEASURED) $$($(CHECKED) $(PYTHON_VENV) -m tests.services) $(PYTHON_VENV) -m tests.bench

faults: $(DEVELOPMENT) ## kill, flush, fill, shuffle: and what was lost
	@$(MEASURED) $$($(CHECKED) $(PYTHON_VENV) -m tests.services) $(PYTHON_VENV) -m tests.faults

fuzz: $(DEVELOPMENT) ## a million spoiled messages through every decoder
	@$(MEASURED) $(PYTHON_VENV) -m tests.fuzz $(FUZZ_ARGS)

screenshots: $(DEVELOPMENT) ## pictures of a running demo for the README (needs Chromium)
	@$(CHECKED) $(PYTHON_VENV) -m tests.screenshots

messages: $(DEVELOPMENT) ## collect and compile the texts of both languages (needs gettext)
	@$(CHECKED) $(PYTHON_VENV) manage.py makemessages --locale ko --no-obsolete --no-location
	@$(CHECKED) $(PYTHON_VENV) manage.py compilemessages --locale ko

lock: $(DEVELOPMENT) ## newest versions that pyproject.toml allows, as hashed requirements without addresses
	@$(BIN)/uv lock --quiet --upgrade
	@$(BIN)/uv export --quiet --no-emit-project --no-default-groups --format requirements-txt -o requirements.txt > /dev/null
	@$(BIN)/uv export --quiet --no-emit-project --group test --group dev --format requirements-txt -o requirements-dev.txt > /dev/null
	@{ echo '# The installer that `make` puts into .venv first. Made by "make lock".'; \
		grep -o '^uv==[0-9.]*' requirements-bootstrap.txt | $(BIN)/uv pip compile - --generate-hashes --no-header --no-annotate --quiet; \
	} > requirements-bootstrap.new && mv requirements-bootstrap.new requirements-bootstrap.txt
	$(call step,lock,requirements.txt requirements-dev.txt requirements-bootstrap.txt)

clean: ## remove .venv and everything made by checks; the data in var/ stays
	@rm -rf .venv var/test var/static var/openapi.json var/lint-imports.log .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(RUNTIME):
	@.ci/install requirements.txt
	@rm -f .venv/.runtime-* && touch $@ && mkdir -p var

$(DEVELOPMENT):
	@.ci/install requirements-dev.txt
	@rm -f .venv/.development-* && touch $@ && mkdir -p var

.env:
	@(umask 077 && $(PYTHON_VENV) -c 'import secrets; print("CLIS_SECRET_KEY=" + secrets.token_urlsafe(50))' > .env)
	$(call step,setup,wrote .env with a new CLIS_SECRET_KEY; more settings: docker/.env.example)
