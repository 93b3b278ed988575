PYTHON ?= python3
PAGES ?= doclayout/sample
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
READY_BENCH := $(VENV)/.ready-bench

.PHONY: demo test test-slow check bench

demo: $(READY)
	$(BIN)/doclayout predict source=doclayout/sample/sample.pdf format=json,png save_dir=runs/demo
	@echo "The result is runs/demo/sample.json; the pages with their regions drawn on them are:"
	@find runs/demo -name '*.png' | sort

test: $(READY)
	$(BIN)/python -m pytest

test-slow: $(READY)
	$(BIN)/python -m pytest -m slow

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(READY_BENCH)
	$(BIN)/python scripts/bench.py source=$(PAGES)

# Installs once, and again when pyproject.toml changes. A Python without ensurepip uses the pip beside it.
$(READY): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Python 3.10 or newer is needed" if sys.version_info < (3, 10) else 0)'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || $(PYTHON) -m venv --clear --without-pip $(VENV)
	if $(BIN)/python -m pip --version; then $(BIN)/python -m pip install -e '.[dev]'; \
	else $(PYTHON) -m pip --python $(BIN)/python install -e '.[dev]'; fi
	touch $@

$(READY_BENCH): $(READY)
	if $(BIN)/python -m pip --version; then $(BIN)/python -m pip install -e '.[bench]'; \
	else $(PYTHON) -m pip --python $(BIN)/python install -e '.[bench]'; fi
	touch $@
