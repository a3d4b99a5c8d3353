# The two commands are `make demo` and `make test`; `make help` lists the others.
# Wanted on the machine: Python 3.11 or newer (with pip or venv), Node.js 20, make, and the way to PyPI, npm and apt.

.DEFAULT_GOAL := help
.PHONY: help demo dev test test-python test-frontend check bench screens fmt clean distclean install frontend browser \
	check-ruff check-format check-types check-imports check-dependencies check-openapi check-frontend
SHELL := /bin/sh
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
GUANXI := $(BIN)/guanxi
UV := var/tools/uv/bin/uv
INSTALLED := $(VENV)/.installed
# Workers of the test run; each takes a database of its own.
TEST_WORKERS ?= 2
PYTEST_ARGS ?=

export UV_PYTHON_DOWNLOADS := never
export UV_PROJECT_ENVIRONMENT := $(VENV)
# Networks with certificates of their own tell the system about them, not uv.
export UV_SYSTEM_CERTS ?= 1
unexport VIRTUAL_ENV PYTHONPATH PYTHONHOME

help:
	@echo 'make demo      install, build, start everything, fill it, print addresses and logins'
	@echo 'make test      install what is needed (a browser too) and run every test'
	@echo 'make check     linters, types, contracts between packages'
	@echo 'make bench     measurements'
	@echo 'make screens   pictures of the pages, in var/screens'
	@echo 'make dev       like demo, starting programs again when their code changes'
	@echo 'make fmt       format the code'
	@echo 'make clean     remove the data of the demo and what was built (make distclean: what was installed, too)'

# --- installing: each step leaves a stamp, so that it costs nothing the next time --------------------------------------

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Python 3.11 or newer is needed, and '$(PYTHON)' is not that: $$($(PYTHON) --version 2>&1)."; \
	  echo "Install it, or name it: make PYTHON=/path/to/python3.11"; exit 1; }
	@echo '  Installing uv, which installs the Python packages'
	@mkdir -p var/tools var/log
	@rm -rf var/tools/uv var/tools/uv-venv
	@if $(PYTHON) -m pip --version >/dev/null 2>&1; then \
	  $(PYTHON) -m pip install --quiet --no-user --no-deps --target var/tools/uv 'uv>=0.9,<1' >var/log/uv.log 2>&1; \
	elif $(PYTHON) -m venv var/tools/uv-venv >var/log/uv.log 2>&1; then \
	  var/tools/uv-venv/bin/python -m pip install --quiet --no-deps --target var/tools/uv 'uv>=0.9,<1' >>var/log/uv.log 2>&1 \
	    && rm -rf var/tools/uv-venv; \
	else \
	  echo "$(PYTHON) has neither pip nor a working venv."; \
	  echo "Install one of them (Debian and Ubuntu: apt install python3-venv), and try again."; exit 1; \
	fi || { tail -n 15 var/log/uv.log; echo 'uv could not be installed from PyPI; the lines above say why.'; exit 1; }

$(INSTALLED): $(UV) pyproject.toml uv.lock
	@echo '  Installing the Python packages'
	@$(UV) sync --quiet --frozen --extra embedded --python "$$(command -v $(PYTHON))"
	@touch $@

install: $(INSTALLED)

frontend: $(INSTALLED)
	@$(GUANXI) frontend

browser: $(INSTALLED)
	@$(GUANXI) browser

# --- running ---------------------------------------------------------------------------------------------------------

demo: frontend
	@exec $(GUANXI) demo --tied $(DEMO_ARGS)

dev: frontend
	@exec $(GUANXI) dev --tied $(DEMO_ARGS)

screens: frontend browser
	@$(GUANXI) screens

# --- testing: both halves run even when the first fails ------------------------------------------------------------------

test: frontend browser
	@failed=; \
	$(MAKE) test-python || failed="$$failed python"; \
	$(MAKE) test-frontend || failed="$$failed frontend"; \
	if [ -n "$$failed" ]; then echo "make test: failed in:$$failed"; exit 1; fi; echo 'make test: everything passed'

test-python: $(INSTALLED)
	@$(BIN)/python -m pytest -n $(TEST_WORKERS) --dist loadgroup -m 'not load' $(PYTEST_ARGS)

test-frontend: $(INSTALLED)
	@if [ ! -f frontend/package.json ]; then echo 'There is no frontend/package.json yet; its tests are left out.'; exit 0; fi; \
	$(GUANXI) frontend --install-only && cd frontend && npm test </dev/null

bench: frontend
	@$(BIN)/python -m pytest -p no:xdist -q -s -m load $(PYTEST_ARGS)

check: $(INSTALLED)
	@$(MAKE) -k check-ruff check-format check-types check-imports check-dependencies check-openapi check-frontend \
	  && echo 'make check: everything is in order'

check-ruff:
	$(BIN)/ruff check .

check-format:
	$(BIN)/ruff format --check .

check-types:
	$(BIN)/mypy

check-imports:
	$(BIN)/lint-imports

check-dependencies:
	$(BIN)/deptry .

check-openapi:
	$(GUANXI) manage openapi --check

check-frontend:
	@if [ ! -f frontend/package.json ]; then echo 'There is no frontend/package.json yet; it is not checked.'; exit 0; fi; \
	$(GUANXI) frontend --install-only && cd frontend && npm run lint </dev/null && npm run typecheck </dev/null

fmt: $(INSTALLED)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	@if [ -d frontend/node_modules ]; then cd frontend && npm run lint -- --fix </dev/null; fi

clean:
	@if [ -x $(GUANXI) ]; then $(GUANXI) clean $(if $(YES),--yes); else rm -rf var/log var/run var/test; fi

distclean: clean
	rm -rf $(VENV) var/tools var/stamps frontend/node_modules
