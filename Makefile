# Each target makes what it needs on first use; nothing but Python 3.10 or later has to be there.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# npm and node come from a Python package, so they live in the environment too.
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Material announces its successor at every build; docs/ and mkdocs.yml are pinned to versions that work.
export NO_MKDOCS_2_WARNING := 1
PIP := $(BIN)/pip install --quiet

.PHONY: help site serve test compare test-oldest check bench bench-quick bench-cuda bench-pages long-run record translations experiments experiments-quick notebooks figures pins clean

help:  ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 20

site: $(VENV)/.site  ## build the site into site/
	mkdocs build --strict
	@echo "Done. Open site/index.html, or run 'make serve' and open http://127.0.0.1:8000"

serve: $(VENV)/.site  ## serve the site, reloading when a source file changes
	mkdocs serve --strict

test: $(VENV)/.test check  ## run everything: format, lint, types, translations, tests
	python -m sidebyside translations --check
	pytest -n 2 --dist loadscope --no-loadscope-reorder

compare: $(VENV)/.test  ## compare the pages of whole installed packages with their sources, word by word (ten minutes)
	python -m tests.packages.compare

test-oldest: .venv-oldest/.done  ## run the optimizers' tests on the oldest torch that we declare
	PYTHONPATH=. .venv-oldest/bin/python -m pytest -q --noconftest -p no:cacheprovider tests/labml_nn_optim tests/parity

check: $(VENV)/.test  ## format, lint and types only
	ruff format --check .
	ruff check .
	mypy

bench: $(VENV)/.test  ## measure steps beside other people's (ten minutes on an idle machine)
	python -m benchmarks

bench-quick: $(VENV)/.test  ## the same with tiny tensors: does everything work?
	python -m benchmarks --quick

bench-cuda: $(VENV)/.test  ## the same on a GPU, in the environment that has one: steps, and CUDA graphs of them
	python -m benchmarks.cuda

bench-pages: site $(VENV)/.test  ## how long each page keeps a reader waiting, in a browser made four times slower
	python -m benchmarks.pages site

long-run: $(VENV)/.test  ## a million steps: is the count right, the memory flat, the pace the same?
	python -m benchmarks.long_run --to docs/facts/long-run-plain.json
	python -m benchmarks.long_run --fused --to docs/facts/long-run-fused.json

record: $(VENV)/.test  ## run all formulas against the code again, and record what the pages say of them
	python -m sidebyside check --record

translations: $(VENV)/.site  ## write new and changed messages into the catalogs of all languages
	python -m sidebyside translations

experiments: $(VENV)/.test  ## run all experiments, or go on where they stopped (within an hour)
	python -m experiments
	python -m experiments.timing

experiments-quick: $(VENV)/.test  ## a rehearsal of all experiments; records nothing
	python -m experiments --quick

notebooks: $(VENV)/.test  ## run the notebooks anew, and record what they show
	python -m notebooks.make

figures: $(VENV)/.test  ## take the pictures of the site that the README shows
	python docs/figures/make.py

$(VENV)/bin/pip:
	$(PYTHON) -c 'import sys; assert sys.version_info >= (3, 10), "Python 3.10 or later is needed"'
	$(PYTHON) -m venv $(VENV)

# Editable, and without dependencies: the pins above are complete, and the site needs no torch.
$(VENV)/.site: requirements/site.txt package-lock.json pyproject.toml | $(VENV)/bin/pip
	$(PIP) --no-deps -r requirements/site.txt
	$(PIP) --no-deps --editable .
	npm ci --silent
	@touch $@

$(VENV)/.test: $(VENV)/.site requirements/test.txt requirements/torch.txt requirements/no-deps.txt
	$(PIP) -r requirements/torch.txt
	$(PIP) --no-deps -r requirements/test.txt -r requirements/no-deps.txt
	@touch $@

# A second environment, of some gigabytes: torch of that age comes with its GPU libraries.
.venv-oldest/.done: requirements/oldest.txt requirements/oldest-no-deps.txt
	$(PYTHON) -m venv .venv-oldest
	.venv-oldest/bin/pip install --quiet -r requirements/oldest.txt
	.venv-oldest/bin/pip install --quiet --no-deps -r requirements/oldest-no-deps.txt
	@touch $@

pins:  ## resolve the pinned requirements anew (needs uv)
	uv pip compile --quiet --universal --python-version 3.10 --no-annotate --custom-compile-command 'make pins' \
		--override requirements/no-torch.txt --upgrade pyproject.toml --extra site -o requirements/site.txt
	uv pip compile --quiet --universal --python-version 3.10 --no-annotate --custom-compile-command 'make pins' \
		--override requirements/no-torch.txt --constraint requirements/site.txt --upgrade \
		--group test --group peers -o requirements/test.txt

clean:  ## remove what was built; keeps the environment
	rm -rf site dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis
