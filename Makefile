# Every way to run, check and measure Attune. `make` alone lists the targets.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
TRAIN := .venv-train
PORT ?= 8000
DATA ?= ../shared/data
OUT ?= runs/smoke
MEMBERS := services/lib/contracts services/lib/safety services/lib/kit services/inference services/emotion \
	services/dialogue services/gateway services/local training
PACKAGES := attune_contracts attune_safety attune_kit attune_inference attune_emotion attune_dialogue attune_gateway \
	attune_local

.PHONY: help
help: ## list the targets
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

##@ Run
.PHONY: setup
setup: $(VENV)/.ready ## make .venv with every package of the repository

$(VENV)/.ready: requirements/dev.lock uv.toml $(MEMBERS:%=%/pyproject.toml)
	@command -v $(PYTHON) >/dev/null || { echo "setup: $(PYTHON) is not installed; Attune needs Python 3.11 (or set PYTHON=)" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "setup: $(PYTHON) is older than 3.11; set PYTHON= to a newer one" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@test -x $(BIN)/uv || $(BIN)/pip install --quiet --disable-pip-version-check uv
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip sync --quiet --require-hashes requirements/dev.lock || { \
		command -v gcc >/dev/null && echo "setup: installing the packages failed; see the lines above" >&2 \
		|| echo "setup: a package has no wheel for this machine and no compiler was found; install gcc and try again" >&2; exit 1; }
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --no-deps --no-build-isolation $(MEMBERS:%=--editable %)
	@touch $@

.PHONY: run
run: setup ## start everything on loopback (PORT=8000) until Ctrl-C
	@exec $(BIN)/python -m attune_local --port $(PORT)

.PHONY: up
up: ## the same in containers
	docker compose up --build --detach --wait
	@echo "Attune is ready: http://127.0.0.1:$(PORT)"

.PHONY: down
down: ## stop the containers; conversations stay in their volume
	docker compose down

##@ Check
.PHONY: test
test: setup ## all tests that need no training environment
	$(BIN)/pytest -n 2 --dist loadgroup

.PHONY: check
check: setup ## format, lint, types, floors, links, committed files
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy $(PACKAGES:%=-p %)
	$(BIN)/lint-imports --no-cache
	$(BIN)/pytest -q tests/architecture
	node --test frontend/test/*.test.mjs

.PHONY: format
format: setup ## format and fix what can be fixed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

.PHONY: release-check
release-check: setup ## refuse a release whose crisis lines nobody has checked lately
	$(BIN)/python -m attune_safety.release_check

.PHONY: lock
lock: setup ## resolve requirements/*.in into *.lock
	@cd requirements && for name in kit gateway dialogue emotion inference dev; do \
		../$(BIN)/uv pip compile --quiet --no-header --python-version 3.11 --config-file ../uv.toml \
			--generate-hashes $$name.in -o $$name.lock || exit 1; done

##@ Measure
.PHONY: bench
bench: setup ## speed and memory as ratios, measured in one run
	$(BIN)/python -m tests.bench

.PHONY: safety-report
safety-report: setup ## recall and false alarms by family and language (DATA=folder of the public sets)
	$(BIN)/python -m tests.safety_report --data-root $(DATA)

.PHONY: chaos
chaos: setup ## 1,000 crisis messages while everything behind the edge is killed and restarted
	CHAOS_MESSAGES=1000 $(BIN)/pytest -q -s -n 0 tests/integration/test_safety_chaos.py

.PHONY: simulate
simulate: setup ## scripted people against the real stack: every reply read by rules, transcripts in reports/simulate
	$(BIN)/python -m tests.simulate --table training/results/simulate.md

##@ Train
.PHONY: setup-train
setup-train: $(TRAIN)/.ready ## make .venv-train with torch

# pip and not uv here: pip picks the CPU build where one is offered.
$(TRAIN)/.ready: requirements/training.lock training/pyproject.toml
	@test -x $(TRAIN)/bin/python || $(PYTHON) -m venv $(TRAIN)
	@$(TRAIN)/bin/pip install --quiet --disable-pip-version-check --no-deps -r requirements/training.lock
	@$(TRAIN)/bin/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation \
		$(patsubst %,--editable %,services/lib/contracts services/lib/safety services/lib/kit services/emotion services/local training)
	@touch $@

.PHONY: train-smoke
train-smoke: setup-train ## the whole training chain at small scale, in a few minutes (OUT=an empty folder)
	$(TRAIN)/bin/python -W ignore -m attune_training train-smoke --out $(OUT)

.PHONY: test-training
test-training: setup-train ## the tests that need torch, Optuna, Ray or pyarrow
	$(TRAIN)/bin/pytest -n 2 tests/unit/training tests/integration/test_training_sft.py tests/integration/test_training_sweep.py

.PHONY: report
report: setup-train ## Tables I, II and III of the paper from what was run (RUNS="--run NAME=FOLDER …")
	$(TRAIN)/bin/python -m attune_training report $(RUNS)

.PHONY: judge
judge: setup-train ## how to judge candidates with Gemini or another model
	$(TRAIN)/bin/python -m attune_training judge --help

.PHONY: train-emotion
train-emotion: setup-train ## train and export the emotion model (DATA=folder of the public sets)
	$(TRAIN)/bin/python -m attune_training.emotion all --data $(DATA)

.PHONY: clean
clean: ## remove environments and run data
	rm -rf $(VENV) $(TRAIN) var runs
