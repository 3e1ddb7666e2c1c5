# make demo and make test set up all they need: a virtual environment with pinned, hashed packages.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --require-hashes

.PHONY: help demo test terminals screens vendors others compiled soak live tidy check format docs bench bench-peers pins clean

help:  ## say what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 10

$(BIN)/pip:  # the last that is made there
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Python 3.11 or later is needed: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { \
		echo "A virtual environment could not be made. On Debian: apt install python3-venv"; exit 1; }

$(VENV)/run: requirements/run.txt | $(BIN)/pip
	@echo "Setting up (once) ..."
	@$(PIP) -r $<
	@$(BIN)/python -m pip --disable-pip-version-check install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev: requirements/dev.txt $(VENV)/run
	@echo "Setting up for tests (once) ..."
	@$(PIP) -r $<
	@touch $@

demo: $(VENV)/run  ## triage believable leads, without an account
	@$(BIN)/triage demo $(ARGS)

# Four parts of about the same work. What waits for terminals and screens goes before what only counts.
TERMINALS := $(addprefix tests/,pty kill journeys config)
SCREENS := $(addprefix tests/,screens store sync crm)
VENDORS := $(addprefix tests/,hubspot salesforce odoo bottlecrm desk)
PARTS := terminals screens vendors others
test: $(VENV)/dev  ## run the tests, in four parts at once
ifdef ARGS
	@$(BIN)/python -m pytest $(ARGS)
else
	@$(MAKE) --no-print-directory --jobs=4 --keep-going $(PARTS)
endif

$(PARTS): compiled
terminals:
	@$(BIN)/python -m pytest $(TERMINALS)
screens:
	@$(BIN)/python -m pytest $(SCREENS)
vendors:
	@nice $(BIN)/python -m pytest $(VENDORS)
others:
	@nice $(BIN)/python -m pytest $(addprefix --ignore=,$(TERMINALS) $(SCREENS) $(VENDORS))

compiled: $(VENV)/dev
	@$(BIN)/python -m compileall -q triage screens config  # hundreds of tests start the program, as installed

SOAK := --hypothesis-profile=soak --timeout 3600
soak: $(VENV)/dev  ## run the long form of the fault suites and laws: a thousand kills and more (about an hour)
	@$(BIN)/python -m pytest -m soak -rs --capture=tee-sys $(SOAK) $(ARGS)
ifndef ARGS
	@$(BIN)/python -m pytest tests/domain tests/insights $(SOAK)
endif

live: $(VENV)/dev  ## bring up a real BottleCRM on loopback and play on it what is promised (Linux, root, a Python 3.12 or later)
	@$(BIN)/python -m tests.live $(ARGS)

tidy: $(VENV)/dev  ## formatting, lint, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check --output-format concise .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: $(VENV)/dev  ## tidy and test, beside each other: all that CI runs
	@$(MAKE) --no-print-directory --jobs=5 --keep-going tidy $(PARTS)

format: $(VENV)/dev  ## put the code into its form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(VENV)/dev  ## write docs/keys.md, commands.md and filter.md from the registries
	$(BIN)/python -m docs.generate

bench: $(VENV)/dev  ## print ratios against things run beside it, on a quiet machine
	$(BIN)/python -m bench $(ARGS)

bench-peers: $(VENV)/dev  ## set up the programs that `make bench` runs beside ours
	$(BIN)/python -m bench.peers

pins: $(VENV)/dev  ## renew requirements/*.txt (needs uv)
	@for set in run dev; do \
		group="--group build"; [ $$set = dev ] && group="--group build --group dev"; \
		uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --no-annotate \
			--python-version 3.11 --upgrade pyproject.toml $$group --output-file requirements/$$set.txt; \
		sed -i '1i # Pinned with hashes; made by: make pins' requirements/$$set.txt; done

clean:  ## remove what was set up and built
	rm -rf $(VENV) bench/.peers bench/.runs build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
