# make run: the whole hub on this machine. make test: all tests. Needs Python 3.11+ and nothing else.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
PYTHON := $(VENV)/bin/python
INNOHUB := $(VENV)/bin/innohub
INSTALL := $(PYTHON) -m pip install --disable-pip-version-check --require-hashes --only-binary=:all:

# Stamps: made by a finished step, older than what the step read when it has to be done again.
MADE := $(VENV)/.made
RUN := $(VENV)/.installed-run
TEST := $(VENV)/.installed-test
COUNTERPARTS := $(VENV)/.installed-counterparts

.NOTPARALLEL:

.PHONY: help
help:
	@echo "make run    run the hub here: databases, web and worker, with a demonstration market"
	@echo "make demo   drive the main job against the hub that runs"
	@echo "make test   run all tests (ARGS=... for pytest)"
	@echo "make check  style, types, layers, schema and migrations, bandit"
	@echo "make bandit make sbom make vulnerabilities   judge the supply chain; sbom writes CycloneDX"
	@echo "make lock   renew the lock files (UPGRADE=1: with newer releases)"
	@echo "make clean  remove what was installed and built; the data stays in .data"

.PHONY: run
run: $(RUN)
	@$(INNOHUB) assets
	@$(INNOHUB) run

.PHONY: demo
demo: $(RUN)
	@$(INNOHUB) demo

.PHONY: test
test: $(TEST) $(COUNTERPARTS)
	@$(INNOHUB) assets --tests
	@$(PYTHON) -m pytest --numprocesses=2 --dist=loadfile $(ARGS)

.PHONY: check
check: $(TEST)
	$(PYTHON) -m ruff check
	$(PYTHON) -m ruff format --check
	$(PYTHON) -m mypy
	$(VENV)/bin/lint-imports
	$(INNOHUB) schema --check
	$(INNOHUB) migrate --check
	@$(MAKE) --no-print-directory bandit

# The newest Python we support that starts, unless named: make run PYTHON3=/path/to/python3
$(MADE):
	@for python in $(PYTHON3) python3 python3.13 python3.12 python3.11; do \
		if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			echo "Making $(VENV) with $$($$python --version)"; \
			$$python -m venv $(VENV) && touch $@ && exit 0; \
			echo "A virtual environment could not be made. On Debian and Ubuntu: apt install python3-venv" >&2; \
			exit 1; \
		fi; \
	done; \
	echo "Python 3.11 or newer is needed, and was not found." >&2; exit 1

# The package itself, in place, built by the locked hatchling.
PACKAGE = $(PYTHON) -m pip install --disable-pip-version-check --quiet --no-deps \
	--no-build-isolation --editable .

$(RUN): requirements/embedded.txt pyproject.toml | $(MADE)
	@echo "Installing what the hub needs: a minute or two, the first time"
	@$(INSTALL) --requirement requirements/embedded.txt
	@$(PACKAGE)
	@touch $@

$(TEST): requirements/dev.txt pyproject.toml | $(MADE)
	@echo "Installing what the tests need: a minute or two, the first time"
	@$(INSTALL) --requirement requirements/dev.txt
	@$(PACKAGE)
	@touch $@ $(RUN)

# Other people's servers that tests deliver to, apart from ours: their libraries are not ours.
$(COUNTERPARTS): requirements/counterparts.txt requirements/counterparts-source.txt | $(MADE)
	@echo "Installing the independent systems that tests deliver to: half a minute, the first time"
	@rm -rf $(VENV)/counterparts && $(PYTHON) -m venv $(VENV)/counterparts
	@$(VENV)/counterparts/bin/python -m pip install --disable-pip-version-check --quiet \
		--require-hashes --only-binary=:all: --requirement requirements/counterparts.txt
	@$(VENV)/counterparts/bin/python -m pip install --disable-pip-version-check --quiet \
		--require-hashes --no-deps --no-build-isolation \
		--requirement requirements/counterparts-source.txt
	@touch $@

# Judges of the supply chain: their libraries are not ours either.
SECURITY := $(VENV)/security
JUDGES := $(VENV)/.installed-security
$(JUDGES): requirements/security.txt | $(MADE)
	@rm -rf $(SECURITY) && $(PYTHON) -m venv $(SECURITY)
	@$(SECURITY)/bin/python -m pip install --disable-pip-version-check --quiet \
		--require-hashes --only-binary=:all: --requirement requirements/security.txt
	@touch $@

.PHONY: bandit
bandit: $(JUDGES)
	@$(SECURITY)/bin/bandit --quiet --recursive src connectors --configfile pyproject.toml

.PHONY: sbom
sbom: $(JUDGES)
	@mkdir -p dist
	@$(SECURITY)/bin/cyclonedx-py requirements requirements/runtime.txt --pyproject pyproject.toml \
		--of JSON --output-reproducible -o dist/sbom.json
	@echo "Wrote dist/sbom.json (CycloneDX)"

.PHONY: vulnerabilities
vulnerabilities: $(JUDGES)
	@$(SECURITY)/bin/pip-audit --requirement requirements/runtime.txt --disable-pip --require-hashes \
		--strict --format json --output $(SECURITY)/found.json --progress-spinner off || true
	@$(PYTHON) requirements/judged.py $(SECURITY)/found.json requirements/runtime.txt

LOCK := $(PYTHON) -m uv pip compile --quiet --universal --python-version=3.11 --generate-hashes \
	--no-emit-index-url --no-annotate --custom-compile-command="make lock" $(if $(UPGRADE),--upgrade)

# dev holds all of it; the smaller locks take their versions from it, so that they cannot disagree.
.PHONY: lock
lock: $(MADE)
	$(if $(wildcard $(VENV)/bin/uv),,$(INSTALL) --requirement requirements/tools.txt)
	$(LOCK) pyproject.toml requirements/build.in --extra=embedded --extra=dev --output-file=requirements/dev.txt
	$(LOCK) pyproject.toml requirements/build.in --extra=embedded --constraints=requirements/dev.txt --output-file=requirements/embedded.txt
	$(LOCK) pyproject.toml requirements/build.in --constraints=requirements/dev.txt --output-file=requirements/runtime.txt
	$(LOCK) requirements/node.in --output-file=requirements/node.txt
	$(LOCK) requirements/tools.in --output-file=requirements/tools.txt
	$(LOCK) requirements/security.in --output-file=requirements/security.txt
	$(LOCK) requirements/counterparts.in --output-file=requirements/counterparts.txt
	$(LOCK) requirements/counterparts-source.in --output-file=requirements/counterparts-source.txt

.PHONY: clean
clean:
	rm -rf $(VENV) node_modules src/innohub/web/static/vendor dist
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
