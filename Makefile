# Every command of this project. `make help` lists them; each builds the environment it needs, once.

SHELL := /bin/sh
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory --no-builtin-rules

VENV := .venv
PYTHON ?=
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --quiet --disable-pip-version-check --no-input
REQUIREMENTS := pyproject.toml constraints.txt

# The first interpreter that runs, is 3.11 or later and can make environments (a name on PATH may be an empty shim).
CANDIDATES := $(PYTHON) python3.13 python3.12 python3.11 python3.14 python3 python
SUITABLE := import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))

.PHONY: help demo test check fix pytest bench bench-smoke soak matrix docs build changelog constraints clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/.installed-demo ## install into .venv and watch a crew of agents being recorded
	@$(BIN)/agentops demo

test: check ## every check and the whole test suite
	@$(BIN)/python -m pytest --numprocesses auto --dist loadfile $(ARGS)

check: $(VENV)/.installed-dev ## lint, format, types and import rules
	@echo "ruff check";        $(BIN)/ruff check --quiet .
	@echo "ruff format";       $(BIN)/ruff format --quiet --check .
	@echo "basedpyright";      $(BIN)/basedpyright
	@echo "lint-imports";      contracts=$$($(BIN)/lint-imports --no-cache 2>&1) || { echo "$$contracts"; exit 1; }

fix: $(VENV)/.installed-dev ## let ruff mend what it can
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

pytest: $(VENV)/.installed-dev ## only the tests (ARGS="-k name")
	@$(BIN)/python -m pytest $(ARGS)

bench: $(VENV)/.installed-dev ## the speed table, as ratios against the OpenTelemetry SDK
	@$(BIN)/python benchmarks/run.py $(ARGS)

bench-smoke: $(VENV)/.installed-dev ## run every benchmark briefly, to see that it runs
	@$(BIN)/python benchmarks/run.py --smoke $(ARGS)

soak: $(VENV)/.installed-dev ## the long proofs at their full count
	@AGENTOPS_SOAK=1 $(BIN)/python -m pytest -m soak --timeout 3600 $(ARGS)

matrix: $(VENV)/.installed-dev ## every plugin with the oldest and newest libraries it is for (ARGS="mistralai --again")
	@$(BIN)/python tests/matrix/run.py $(ARGS); status=$$?; \
	$(BIN)/python scripts/describe_plugins.py > docs/reference/plugins.md && exit $$status

docs: $(VENV)/.installed-dev ## run every snippet of README and docs, and look for names they leave out
	@$(BIN)/python -m pytest tests/test_docs.py tests/test_public_api.py $(ARGS)

build: $(VENV)/.installed-dev ## the wheel and the source archive, in dist/
	@rm -rf dist
	@log=$$($(BIN)/python -m build --outdir dist . 2>&1) || { echo "$$log"; exit 1; }
	@ls dist

changelog: $(VENV)/.installed-dev ## gather changelog.d/ into CHANGELOG.md (VERSION=1.2.3)
	@$(BIN)/towncrier build --yes --version "$(VERSION)"

constraints: ## renew the pins of constraints.txt from what the index offers today
	@$(MAKE) VENV=.venv-constraints pins
	@rm -rf .venv-constraints

.PHONY: pins
pins: $(BIN)/python
	@$(PIP) install --upgrade pip
	@$(PIP) install --group dev '.[otlp,serve,mcp,parquet,testing,demo]'
	@echo "# What the commands of the Makefile install; renewed by \`make constraints\`." > constraints.txt
	@$(BIN)/python -m pip freeze --all --exclude agentops --exclude setuptools >> constraints.txt

clean: ## remove the environment, caches and built files
	@rm -rf $(VENV) .venv-* dist build .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@for candidate in $(CANDIDATES); do \
	   if "$$candidate" -c '$(SUITABLE)' >/dev/null 2>&1; then found="$$candidate"; break; fi; \
	 done; \
	 if [ -z "$$found" ]; then \
	   echo "agentops needs Python 3.11 or later with its venv module." >&2; \
	   echo "Install it (on Debian and Ubuntu: apt install python3 python3-venv), or name one: make PYTHON=/path/to/python3" >&2; \
	   exit 1; \
	 fi; \
	 echo "Making $(VENV) with $$("$$found" --version)"; \
	 "$$found" -m venv --clear $(VENV)

# pip learnt --group in 25.1, and new environments may come with an older one.
$(VENV)/.pip: constraints.txt | $(BIN)/python
	@$(PIP) install --upgrade "$$(grep '^pip==' constraints.txt)"
	@touch $@

$(VENV)/.installed-demo: $(REQUIREMENTS) | $(VENV)/.pip
	@echo "Installing agentops and the client libraries of the demo (once)"
	@$(PIP) install --constraint constraints.txt --editable '.[demo]'
	@touch $@

$(VENV)/.installed-dev: $(REQUIREMENTS) | $(VENV)/.pip
	@echo "Installing agentops, its tests and its checks (once; a few minutes)"
	@$(PIP) install --constraint constraints.txt --group dev --editable '.[otlp,serve,mcp,parquet,testing,demo]'
	@touch $@ $(VENV)/.installed-demo
