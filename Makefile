# make demo   everything on this machine, with two churches in it (PORT=8000)
# make test   lint, types, import rules and all tests
# make bench  measures speed, each figure against plain Django
# make serve  the production arrangement on one machine (see docs/operations.md)
#
# Needs Python 3.11 or later and nothing else; PYTHON=python3.12 chooses one. All packages go into .venv.

VENV ?= .venv
BIN := $(VENV)/bin

# Without PYTHON=…: the one of the environment that exists, else the first on the path that is new enough.
ifndef PYTHON
PYTHON := $(shell for python in $(BIN)/python python3 python3.13 python3.12 python3.11; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$python" && break; done)
endif
VERSION := $(shell "$(PYTHON)" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)

# A stamp's name holds what it stands for, so an environment is never taken for another.
RUNTIME := $(BIN)/.runtime-$(VERSION)-$(shell cat requirements.txt | cksum | tr ' ' '-')
DEVELOPMENT := $(BIN)/.development-$(VERSION)-$(shell cat requirements.txt requirements-dev.txt | cksum | tr ' ' '-')
# What is imported is compiled then, once; compiling everything now would take as long as installing it.
unexport PYTHONDONTWRITEBYTECODE
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile

.DEFAULT_GOAL := help
.PHONY: help demo serve test lint format types imports bench screenshots requirements clean

help:
	@sed -n '/^#/!q;s/^# \{0,1\}//p' Makefile

demo: $(RUNTIME)
	@exec $(BIN)/python -m churchsaas.demo

serve: $(RUNTIME)
	@exec $(BIN)/python -m churchsaas.serve

test: lint types imports
	$(BIN)/python -m pytest -n 2 --dist loadgroup --cov --cov-report=term:skip-covered

lint: $(DEVELOPMENT)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

# The checker imports the settings and must not start the embedded server for that.
types: $(DEVELOPMENT)
	DATABASE_URL=postgresql:///unused DEBUG=on VAR_DIR=.mypy_cache/var $(BIN)/mypy

imports: $(DEVELOPMENT)
	$(BIN)/lint-imports

format: $(DEVELOPMENT)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(DEVELOPMENT)
	$(BIN)/python -m bench

# Pictures for README and docs, of a demo of its own; needs chromium.
screenshots: $(DEVELOPMENT)
	$(BIN)/python -m tests.browser.screenshots

# After a change of requirements.in or requirements-dev.in; UPGRADE=--upgrade takes the newest versions.
COMPILE := CUSTOM_COMPILE_COMMAND="make requirements" $(BIN)/pip-compile --quiet --strip-extras \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options $(UPGRADE)
requirements: $(DEVELOPMENT)
	$(COMPILE) --output-file=requirements.txt requirements.in
	$(COMPILE) --output-file=requirements-dev.txt requirements-dev.in

# Leaves var/, which holds the data of the demo.
clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage*
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(RUNTIME):
	@test -n "$(VERSION)" || { echo "Python 3.11 or later is needed. PYTHON=… says where it is."; exit 1; }
	@test "$$($(BIN)/python -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)" = "$(VERSION)" \
		|| { echo "Making $(VENV) with Python $(VERSION) …"; "$(PYTHON)" -m venv --clear "$(VENV)"; }
	@echo "Installing packages …"
	@$(INSTALL) -r requirements.txt
	@rm -f $(BIN)/.runtime-* && touch $@

$(DEVELOPMENT): $(RUNTIME)
	@echo "Installing packages for tests and checks …"
	@$(INSTALL) -r requirements.txt -r requirements-dev.txt
	@rm -f $(BIN)/.development-* && touch $@
