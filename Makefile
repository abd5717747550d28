# Every way to run, check and measure Attune. `make` alone lists the targets.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
MEMBERS := services/lib/contracts services/lib/safety services/lib/kit services/inference services/emotion \
	services/dialogue services/gateway services/local training

.PHONY: help
help: ## list the targets
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

##@ Run
.PHONY: setup
setup: $(VENV)/.ready ## make .venv with every package of the repository

$(VENV)/.ready: requirements/dev.lock uv.toml $(MEMBERS:%=%/pyproject.toml)
	@command -v $(PYTHON) >/dev/null || { echo "setup: $(PYTHON) is not installed; Attune needs Python 3.11 (or set PYTHON=)" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@test -x $(BIN)/uv || $(BIN)/pip install --quiet --disable-pip-version-check uv
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip sync --quiet --require-hashes requirements/dev.lock
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --no-deps --no-build-isolation $(MEMBERS:%=--editable %)
	@touch $@

.PHONY: run
run: setup ## start everything on loopback (PORT=8000) until Ctrl-C
	@exec $(BIN)/python -m attune_local --port $(PORT)
