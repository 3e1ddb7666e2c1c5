# make demo and make test set up all they need: a virtual environment with pinned, hashed packages.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --require-hashes

.PHONY: help demo test soak live tidy check format docs bench bench-peers pins clean

help:  ## say what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 10

$(VENV)/run: requirements/run.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Python 3.11 or later is needed: make PYTHON=python3.12 ..."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { \
		echo "A virtual environment could not be made. On Debian: apt install python3-venv"; exit 1; }
	@echo "Setting up (once) ..."
	@$(PIP) -r requirements/run.txt
	@$(BIN)/python -m pip --disable-pip-version-check install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev: requirements/dev.txt $(VENV)/run
	@echo "Setting up for tests (once) ..."
	@$(PIP) -r requirements/dev.txt
	@touch $@

demo: $(VENV)/run  ## triage believable leads, without an account
	@$(BIN)/triage demo $(ARGS)

# Four parts that take about as long, each for itself; what is in none of the first three is in the last.
VENDORS := $(addprefix tests/,hubspot salesforce odoo bottlecrm desk)
SCREENS := $(addprefix tests/,screens config store crm sync pack)
TERMINALS := $(addprefix tests/,pty kill journeys)
PARTS := test-vendors test-screens test-terminals test-others
.PHONY: $(PARTS) compiled

test: $(VENV)/dev  ## run the tests, in four parts at once; with ARGS: as they say
ifdef ARGS
	@$(BIN)/python -m pytest $(ARGS)
else
	@$(MAKE) --no-print-directory --jobs=4 --keep-going $(PARTS)
endif

compiled:  # hundreds of tests start the program, as installed: from its bytecode
	@$(BIN)/python -m compileall -q triage screens config

test-vendors: compiled
	@nice $(BIN)/python -m pytest $(VENDORS)

test-screens: compiled
	@nice $(BIN)/python -m pytest $(SCREENS)

test-terminals: compiled
	@$(BIN)/python -m pytest $(TERMINALS)

test-others: compiled
	@nice $(BIN)/python -m pytest $(addprefix --ignore=,$(VENDORS) $(SCREENS) $(TERMINALS))

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
