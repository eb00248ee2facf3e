# Every target prepares its own tools: a machine needs Python >= 3.12 and make, and nothing else.
.DEFAULT_GOAL := help
.PHONY: help run traffic test test-long bench lint lock

VENV := .venv
PYTHON := $(VENV)/bin/python
STAMP := $(VENV)/.synced
APPS := contacts campaigns callbacks agentdesk config
EXEC := $(PYTHON) -m config.devservices exec
COMPILE := $(VENV)/bin/uv pip compile pyproject.toml --quiet --universal --python-version 3.12 \
	--generate-hashes --no-header --no-annotate

help: ## list the targets
	@echo "make run     start Ringback with demo data (PORT=8000, DATABASE_URL=…, REDIS_URL=…)"
	@echo "make traffic in a second terminal: customers keep asking, demo agents work (ARGS=…)"
	@echo "make test    run all tests (ARGS=… goes to pytest)"
	@echo "make test-long  2,000 runs of 60 steps of the model of the queue (ARGS=… goes to pytest)"
	@echo "make lint    check style, types, imports, templates and security"
	@echo "make bench   measure the figures (ARGS=… goes to bench)"
	@echo "make lock    write both lock files from pyproject.toml (ARGS=--upgrade renews all)"

run: $(STAMP)
	@$(PYTHON) -m config.devrun

traffic: $(STAMP)
	@[ -f .dev/environment ] || { echo "Start make run first, in another terminal."; exit 1; }
	@set -a; . ./.dev/environment; exec $(PYTHON) manage.py traffic $(ARGS)

test: $(STAMP)
	@$(PYTHON) -m config.browser
	@$(EXEC) --data .dev/test -- $(PYTHON) -m pytest -n 2 --dist loadgroup $(ARGS)

test-long: $(STAMP)
	@RINGBACK_MODEL=model-long $(EXEC) --data .dev/test-long -- $(PYTHON) -m pytest tests/model $(ARGS)

bench: $(STAMP)
	@SECRET_KEY=bench DNC_KEY=bench $(EXEC) --durable --data .dev/bench -- $(PYTHON) -m bench $(ARGS)

lint: $(STAMP)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	DEBUG=1 $(VENV)/bin/mypy $(APPS) deploy manage.py
	$(VENV)/bin/lint-imports
	$(VENV)/bin/djlint --lint --quiet templates
	$(VENV)/bin/bandit -q -c pyproject.toml -r $(APPS)

lock: $(STAMP)
	$(COMPILE) $(ARGS) --output-file requirements.txt
	$(COMPILE) $(ARGS) --group dev --output-file requirements-dev.txt

# pip, which has no lock of its own, fetches uv alone, and by the hashes of our lock file.
$(STAMP): requirements-dev.txt
	@if ! $(PYTHON) -c "" 2>/dev/null; then \
		for name in python3 python3.13 python3.12 python3.14; do \
			if $$name -c "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 12))" \
				2>/dev/null; then found=$$name; break; fi; \
		done; \
		if [ -z "$$found" ]; then \
			echo "Ringback needs Python 3.12 or newer with its venv module; here is:" \
				"$$(python3 --version 2>&1 || echo no python3)."; \
			exit 1; \
		fi; \
		echo "Creating $(VENV) with $$($$found --version) …"; \
		$$found -m venv --clear $(VENV) || exit 1; \
	fi
	@echo "Installing the libraries of requirements-dev.txt …"
	@if ! [ -x $(VENV)/bin/uv ]; then \
		awk '/^[a-z]/ {own = /^uv==/} own' requirements-dev.txt > $(VENV)/uv.txt && \
		$(PYTHON) -m pip install -qq --disable-pip-version-check --require-hashes \
			--no-deps --requirement $(VENV)/uv.txt; \
	fi
	@$(VENV)/bin/uv pip sync --quiet --python $(PYTHON) --require-hashes requirements-dev.txt
	@touch $@
