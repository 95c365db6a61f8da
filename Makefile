# `make help` lists the commands. Each does all that it needs, and only what has changed.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory --no-builtin-rules

PYTHON ?= python3
PORT ?= 8000
PY := .venv/bin/python
PYTEST := OMP_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE= $(PY) -m pytest -n 2
ASSIGNMENTS := $(notdir $(wildcard solutions/[0-9]*))
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export PYTHON TORCH_INDEX
unexport PYTHONPATH
export PYTHONDONTWRITEBYTECODE := 1
export OMP_NUM_THREADS ?= 2

.PHONY: help course test check setup setup-test site release class grade summary \
        constraints serve live lab benchmarks pictures clean FORCE

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

course: built summary ## everything: website, exercises, a sample class, its marks and feedback

test: setup-test lint built ## everything, tested: about three quarters of an hour on two cores
	@$(PYTEST)

.PHONY: built
built: setup # the website beside the class and its marks: neither keeps two cores busy
	@$(MAKE) -j2 site grade

check: setup-test lint ## the fast part: format, lint, types, fast tests
	@$(PYTEST) -m "not slow" -q

.PHONY: lint
lint: setup-test
	@ruff format --check --quiet . || { echo "lint: run 'ruff format .'"; exit 1; }
	@ruff check --quiet .
	@mypy book/attention autograder
	@lint-imports --no-logo --no-cache
	@oxlint --format=unix book

# --- what things are made from -------------------------------------------------------
# build/inputs/NAME holds a hash of each file that NAME is made from, and changes only if one of them does.

inputs_site := book _config.yml _toc.yml exercises benchmarks/results constraints.txt autograder/feedback/formulas.py
inputs_release := solutions autograder nbgrader_config.py constraints.txt
inputs_class := solutions autograder nbgrader_config.py

build/inputs/site: build/.release  # the exercises are part of the website

build/inputs/%: FORCE
	@mkdir -p $(@D)
	@find $(wildcard $(inputs_$*)) -type f ! -path '*/__pycache__/*' ! -path '*/.ipynb_checkpoints/*' \
	    ! -path '*/_build/*' -print0 | LC_ALL=C sort -z | xargs -0 sha256sum > $@.new
	@cmp -s $@ $@.new && rm $@.new || mv $@.new $@

# --- set-up --------------------------------------------------------------------------

setup: .venv/.ready-course ## .venv with all that the course uses
setup-test: .venv/.ready-test

.venv/.ready-%: pyproject.toml constraints.txt tools/setup.sh
	@tools/setup.sh $*

constraints: ## constraints.txt anew, with the newest packages that pyproject.toml allows
	@tools/renew_constraints.sh

# --- the website ---------------------------------------------------------------------

site: build/.site ## the website, every cell executed: _build/html

build/.site: .venv/.ready-course build/inputs/site build/.release
	@echo "site: building; chapters whose cells changed are run again"
	@$(PY) tools/build_site.py
	@touch $@

# --- assignments and the class -------------------------------------------------------

release: build/.release ## exercises/ from solutions/

build/.release: .venv/.ready-course build/inputs/release
	@$(PY) -m autograder release
	@touch $@

class: build/.class ## a made-up class hands in

build/.class: build/.release build/inputs/class
	@$(PY) -m autograder sample
	@touch $@

grade: build/.grade ## marks and feedback for the sample class

build/.grade: build/.class
	@for name in $(ASSIGNMENTS); do echo; echo "$$name"; \
	    $(PY) -m autograder grade $$name --cell-seconds 8 || [ $$? = 1 ]; done  # 1: some need a look; 8 s: its loops take long
	@$(PY) -m autograder feedback
	@$(PY) -m autograder marks
	@touch $@

summary:
	@echo
	@echo "The website    _build/html/index.html          make serve shows it on http://127.0.0.1:$(PORT)"
	@echo "The notebooks  exercises/                      make lab opens them in JupyterLab"
	@echo "The marks      build/grades.csv                one row a student and assignment"
	@echo "The feedback   build/feedback/                 one page a student and assignment; formgrader in make lab"

# --- to look at things ---------------------------------------------------------------

serve: site ## the website on 127.0.0.1 (PORT=8000)
	@$(PY) tools/serve.py --port $(PORT)

live: site ## the website, rebuilt and reloaded at each change of a chapter
	@$(PY) tools/serve.py --port $(PORT) --live

lab: release ## JupyterLab with nbgrader's tools over this course
	@jupyter lab --ServerApp.ip=127.0.0.1 $(if $(filter 0,$(shell id -u)),--allow-root)

benchmarks: setup-test release class ## measure again: benchmarks/results (takes an hour)
	@$(PY) -m benchmarks

pictures: site setup-test ## the README's pictures, from the built website
	@$(PY) tools/pictures.py

clean: ## remove what was built; submissions, marks and the gradebook stay
	rm -rf _build build/inputs build/source build/site.log build/.site build/.release build/.class build/.grade
