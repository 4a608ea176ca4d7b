# The verbs for people, hooks and CI alike. `make setup` needs Python 3.11 and a package index, nothing else.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
STAMP := .venv/.installed
# Two processes, each with whole files, so that what a file sets up is set up once; in order, because the slowest (a browser, flows) come early.
PYTEST_ARGS ?= -n 2 --dist loadfile --no-loadscope-reorder
# Some machines forbid bytecode caches: then every process compiles its libraries anew, and importing them takes twice as long.
unexport PYTHONDONTWRITEBYTECODE
comma := ,
empty :=
space := $(empty) $(empty)

# uv does not read pip's settings: hand on a folder of local wheels, an index and a certificate where there are some.
export UV_FIND_LINKS ?= $(subst $(space),$(comma),$(strip $(PIP_FIND_LINKS)))
ifdef PIP_INDEX_URL
export UV_DEFAULT_INDEX ?= $(PIP_INDEX_URL)
endif
ifdef PIP_CERT
export SSL_CERT_FILE ?= $(PIP_CERT)
endif

.PHONY: help setup demo test lint bench up clean

help:            ## what there is
	@grep -hE '^[a-z]+: .*##|^[a-z]+:  *##' $(MAKEFILE_LIST) | sed 's/:[^#]*##/\t/' | expand -t 12

setup: $(STAMP)  ## the environment in .venv, nothing else

$(STAMP): pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || \
	  { echo "CreatorLens needs Python 3.11; $(PYTHON) is another. Set PYTHON=/path/to/python3.11"; exit 2; }
	@test -x $(BIN)/python || { echo "Making .venv"; $(PYTHON) -m venv .venv; }
	@echo "Installing (about a minute; torch is large)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check 'uv>=0.9'
	@# the lock as constraints: its torch build may lack what another machine's needs
	@VIRTUAL_ENV=$(CURDIR)/.venv $(BIN)/uv pip install --quiet -e '.[dev]' -c requirements.lock
	@touch $@

demo: setup      ## the main job on a sample corpus; DATA=FOLDER runs it on canonical tables of your own
	@$(BIN)/creatorlens demo $(if $(DATA),--data $(DATA))

# Two workers with as many threads each wait for one another, for seconds where one thread needs a hundredth of one.
test: export OMP_NUM_THREADS ?= 1
test: export OPENBLAS_NUM_THREADS ?= 1
test: setup lint ## lint, types, import contract and tests
	$(BIN)/python -m pytest $(PYTEST_ARGS)

lint: setup      ## ruff, mypy, the arrows between the rooms
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup     ## every benchmark, one JSON line each (BENCH=name for one)
	@for name in $(or $(BENCH),cold_start scale serving forecast media bulk revision grading edge titles hashtags thumbnails timing experiments strategy advice quality); do \
	  $(BIN)/python -m benchmarks $$name --json || exit $$?; done

up: setup        ## API, dashboard, Prefect and MLflow on 127.0.0.1
	@$(BIN)/creatorlens up

clean:           ## remove the environment; state under .creatorlens/ stays
	rm -rf .venv build *.egg-info
