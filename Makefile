# make run     the whole site on this machine; needs Python >= 3.11 and make, nothing else
# make test    everything the gate checks: lint, types, layers, tests
# make help    the rest

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help run demo test coverage lint format bench pictures clean venv browser

# The first Python that is new enough; override with `make run PYTHON=/path/to/python`.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
PYTEST_WORKERS ?= 2

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: venv ## start everything; PORT, HOST, JISHAN_HOME, DATABASE_URL and REDIS_URL are honoured
	@exec $(BIN)/python manage.py up

demo: venv ## forget this home's data and start with a fresh demo community
	@exec $(BIN)/python manage.py up --reset

PYTEST := $(BIN)/python -m pytest -n $(PYTEST_WORKERS) --dist loadgroup

test: venv browser lint ## the gate: lint, types, layers, tests
	$(PYTEST)

# Apart from the gate: to trace every line takes a third longer and finds no fault the tests do not.
coverage: venv browser ## the tests once more, and which lines and branches they miss; at least 90 % are met
	$(PYTEST) --cov --cov-report=term:skip-covered

lint: venv ## ruff, formatting, mypy, import layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: venv ## let ruff tidy up
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: venv ## measure the budgets on durable servers of its own; QUICK=1 takes under a minute
	@exec $(BIN)/python -m tests.benchmarks

pictures: venv browser ## take the README's pictures again, beside a `make run`
	$(BIN)/python -m tests.journeys.pictures

clean: ## remove the virtual environment and caches; data in var/ stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage build *.egg-info
	find . -name __pycache__ -type d -not -path './var/*' -prune -exec rm -rf {} +

# Installs the locked packages, and again only when the lock has changed.
venv:
	@if [ -z "$(PYTHON)" ] || ! $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
		echo "需要 Python 3.11 或更新版本，请先安装。 Python 3.11 or newer is required." >&2; exit 1; fi
	@if ! cmp -s requirements.lock $(VENV)/installed.lock || ! $(BIN)/python -c '' 2>/dev/null; then \
		$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
			echo "Python 缺少 venv 模块，请安装（Debian/Ubuntu：apt install python3-venv）。" \
				"Python's venv module is missing." >&2; exit 1; }; \
		echo "正在安装依赖（仅首次或版本更新时）… Installing the locked packages…" >&2; \
		$(BIN)/python -c '' 2>/dev/null || $(PYTHON) -m venv --clear $(VENV) || exit 1; \
		$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes \
			-r requirements.lock || exit 1; \
		cp requirements.lock $(VENV)/installed.lock; fi

# The journeys drive a real Chromium; Chinese pages need a Chinese font.
browser:
	@if [ ! -x /usr/bin/chromium ] || ! fc-list :lang=zh 2>/dev/null | grep -q .; then \
		sudo=""; [ "$$(id -u)" = 0 ] || sudo="sudo -n"; \
		if command -v apt-get >/dev/null && $$sudo true 2>/dev/null; then \
			$$sudo apt-get update -qq && \
			DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -y -qq --no-install-recommends \
				chromium fonts-noto-cjk >/dev/null; \
		else \
			echo "浏览器测试需要 chromium 和 fonts-noto-cjk，请用系统的软件包管理器安装后重试。" \
				"Please install chromium and fonts-noto-cjk." >&2; exit 1; fi; fi
