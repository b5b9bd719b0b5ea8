# `make` alone lists the targets.

SWIFT ?= swift
PYTHON ?= python3
RDCODEC_DATA ?= ../shared/data
STEPS ?= 5000
MINUTES ?= 10
# Where `make install` puts the command; DESTDIR comes before it, for packages.
PREFIX ?= /usr/local
DESTDIR ?=
# The libraries' folder below PREFIX; of packages such as lib/x86_64-linux-gnu.
LIBDIR ?= lib
# What a short run may learn at without leaving what the shipped weights have reached; stages of an hour began with 8e-4.
PEAK ?= 1e-4

# Demo and tests share one build; -enable-testing lets the tests see inside the modules.
BUILD := -c release -Xswiftc -enable-testing
# Timings come from a build without it.
BENCH_BUILD := -c release --scratch-path .build-bench
BENCH_SETS = $(wildcard $(RDCODEC_DATA)/kodak $(RDCODEC_DATA)/valid)
VENV := .venv
PYTHON_SOURCES := $(wildcard conformance samples scripts training python reference)

# The C library of the tests' build, and what they need of Python.
LIBRARY := .build/library/librdcodec.so.0
TEST_VENV := .build/python

.PHONY: help demo test test-library test-python library wheel deb test-core test-machines test-flags program install uninstall man completions bench bench-parts fuzz train \
  samples format lint clean prerequisites

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## Compress and restore the sample images into demo-output/
	@echo "This takes about one minute, and the first time four more to build, on two cores."
	@scripts/prerequisites.sh
	$(SWIFT) build $(BUILD) --product rdcodec
	@scripts/demo.sh .build/release/rdcodec samples demo-output

test: prerequisites ## Build in release, run all tests, the core elsewhere, the conformance set, completions and README's command lines
	$(SWIFT) build $(BUILD) --build-tests
	$(SWIFT) test $(BUILD) --skip-build --disable-xctest
	scripts/check_completions.sh .build/release/rdcodec
	scripts/test_environment.sh .build/release/rdcodec
	PYTHON=$(PYTHON) scripts/test_core.sh .build/release/rdcodec
	@$(MAKE) --no-print-directory test-library test-python
	@if command -v $(PYTHON) >/dev/null; then \
	  PYTHON=$(PYTHON) scripts/test_conformance.sh .build/release/rdcodec && \
	  $(PYTHON) scripts/check_readme.py && $(PYTHON) scripts/check_versions.py; \
	else echo "Conformance set, README's command lines, versions: skipped, no $(PYTHON)"; fi

$(LIBRARY): FORCE
	@mkdir -p $(@D)
	@$(SWIFT) build $(BUILD) --product RDCodecC
	@SWIFT=$(SWIFT) scripts/link_library.sh .build/release $@
	@SWIFT=$(SWIFT) scripts/link_library.sh .build/release $(@D)/librdcodec.a

test-library: prerequisites $(LIBRARY) ## Try the C library from C, with AddressSanitizer and under valgrind
	scripts/test_library.sh $(LIBRARY)

test-python: prerequisites $(LIBRARY) ## Try the Python package, and the second decoder on the golden files
	scripts/test_python.sh $(LIBRARY) $(TEST_VENV)

library: prerequisites ## Build librdcodec.so.0 and librdcodec.a, with Swift's libraries inside, into .build-install/
	$(SWIFT) build -c release --scratch-path .build-install --product RDCodecC --static-swift-stdlib
	SWIFT=$(SWIFT) scripts/link_library.sh .build-install/release .build-install/librdcodec.so.0
	SWIFT=$(SWIFT) scripts/link_library.sh .build-install/release .build-install/librdcodec.a

wheel: library ## Build the Python wheel into python/dist/
	scripts/build_wheel.sh .build-install/librdcodec.so.0 python/dist

deb: ## Build Debian packages into .build-deb/ (needs dpkg-dev and debhelper)
	@SWIFT=$(SWIFT) scripts/build_deb.sh .build-deb

test-core: prerequisites ## Decode golden files and conformance set with the core as WebAssembly and on arm64
	$(SWIFT) build $(BUILD) --product rdcodec
	PYTHON=$(PYTHON) scripts/test_core.sh .build/release/rdcodec

test-machines: prerequisites ## Compare all kernels, and what the core decodes, on all machines that can be had
	$(SWIFT) build $(BUILD) --product rdcodec
	scripts/test_machines.sh
	PYTHON=$(PYTHON) scripts/test_core.sh .build/release/rdcodec

test-flags: ## Check that flags which make floats inexact are refused, noticed or without effect
	scripts/test_flags.sh

program: prerequisites ## Build the command for `make install`, with Swift's libraries inside
	@SWIFT=$(SWIFT) scripts/install.sh --build

install: ## Install command, C library, manual page, completions and what desktops need under PREFIX (/usr/local)
	@SWIFT=$(SWIFT) LIBDIR="$(LIBDIR)" scripts/install.sh "$(PREFIX)" "$(DESTDIR)"

uninstall: ## Remove what `make install` put there
	@LIBDIR="$(LIBDIR)" scripts/install.sh --uninstall "$(PREFIX)" "$(DESTDIR)"

man: prerequisites ## Write the manual page, rdcodec.1
	$(SWIFT) build $(BUILD) --product rdcodec
	.build/release/rdcodec generate-manual >rdcodec.1

completions: prerequisites ## Try the completions in bash, zsh and fish, as far as they are here
	$(SWIFT) build $(BUILD) --product rdcodec
	scripts/check_completions.sh .build/release/rdcodec

bench: prerequisites ## Measure the image sets in RDCODEC_DATA, or samples/ without them
	$(SWIFT) build $(BENCH_BUILD) --product rdcodec
	.build-bench/release/rdcodec bench $(or $(BENCH_SETS),samples)

bench-parts: prerequisites ## Time every kernel and coder, in ns per sample (WORDS="convolve solve" for some)
	$(SWIFT) run $(BENCH_BUILD) benchmark-parts $(WORDS)

fuzz: prerequisites ## Feed hostile input to readers and decoder for MINUTES=10 (TARGETS="decode png" for some)
	SWIFT=$(SWIFT) RDCODEC_DATA=$(RDCODEC_DATA) scripts/fuzz.sh $(MINUTES) $(TARGETS)

train: $(VENV)/installed ## Train the shipped model for STEPS more, at PEAK, on the images in RDCODEC_DATA
	mkdir -p training/checkpoints
	$(VENV)/bin/python training/restore.py Sources/CKernels/weights.bin training/checkpoints/shipped.pt
	RDCODEC_DATA=$(RDCODEC_DATA) $(VENV)/bin/python training/train.py \
	  --steps $(STEPS) --seed 100 --peak $(PEAK) \
	  --resume training/checkpoints/shipped.pt --out training/checkpoints/model.pt

samples: $(VENV)/installed ## Draw the sample images again
	$(VENV)/bin/python samples/generate.py

format: ## Format the Swift sources, and the Python sources where ruff is installed
	$(SWIFT) format --in-place --recursive Package.swift Sources Tests Fuzz Benchmarks training
	if command -v ruff >/dev/null; then ruff format $(PYTHON_SOURCES); fi

lint: ## Check format and style of the Swift and Python sources
	$(SWIFT) format lint --strict --recursive Package.swift Sources Tests Fuzz Benchmarks training
	if command -v ruff >/dev/null; then ruff check $(PYTHON_SOURCES); fi

clean: ## Remove builds, $(VENV) and demo-output/
	rm -rf .build .build-bench .build-fuzz .build-core .build-install .build-deb build-web $(VENV) demo-output rdcodec.1 python/dist

prerequisites:
	@scripts/prerequisites.sh

$(VENV)/installed: training/requirements.txt scripts/requirements.txt
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/pip install --quiet $(addprefix -r ,$^)
	touch $@

.PHONY: web web-serve test-web test-desktop

test-desktop: prerequisites ## Try what desktops know the format by with file, gio, ImageMagick, as far as they are here
	$(SWIFT) build $(BUILD) --product rdcodec
	scripts/test_desktop.sh .build/release/rdcodec

web: ## Build the page that shows .rdc files, and the <rdc-img> element, into build-web/
	@scripts/build_web.sh build-web

web-serve: web ## Serve it at http://127.0.0.1:8000/ (PORT=8000)
	$(PYTHON) -m http.server --directory build-web --bind 127.0.0.1 $(or $(PORT),8000)

test-web: prerequisites web ## Try page and element in browsers that are here: Chromium, Firefox
	$(SWIFT) build $(BUILD) --product rdcodec
	scripts/test_web.sh .build/release/rdcodec build-web

.PHONY: FORCE check-readme check-format test-scripts

check-readme: ## Run the command lines of README and docs/USAGE.md
	$(SWIFT) build $(BUILD) --product rdcodec
	$(PYTHON) scripts/check_readme.py

check-format: $(VENV)/scripts ## Compare docs/FORMAT.md and its test vectors with the kernels
	$(VENV)/bin/python scripts/check_format.py

test-scripts: $(VENV)/scripts ## Run the tests of scripts/
	$(VENV)/bin/python -m pytest -q scripts

$(VENV)/scripts: scripts/requirements.txt
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/pip install --quiet -r $<
	touch $@

.PHONY: test-batch

test-batch: $(LIBRARY) ## Try rdcodec.batch on a cluster of two nodes (Ray from PyPI)
	scripts/test_python.sh $(LIBRARY) $(TEST_VENV) cluster

.PHONY: conformance

conformance: prerequisites ## Decode the conformance set by all sets of kernels that run here
	$(SWIFT) build $(BUILD) --product rdcodec
	PYTHON=$(PYTHON) scripts/test_conformance.sh .build/release/rdcodec
