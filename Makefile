# The one entry. `make help` lists what there is; CI runs nothing else.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

ROOT := $(CURDIR)
# One folder and one target for cargo, maturin and napi, so that the cryptography is compiled once.
export CARGO_TARGET_DIR := $(ROOT)/target
export CARGO_BUILD_TARGET := $(shell rustc -vV | sed -n 's/^host: //p')
export CARGO_TERM_PROGRESS_WHEN ?= never
# What the other tools download stays in the project folder too.
export npm_config_cache := $(ROOT)/target/npm-cache
export npm_config_update_notifier := false
export npm_config_fund := false
export npm_config_audit := false
export PIP_CACHE_DIR := $(ROOT)/target/pip-cache
export PIP_DISABLE_PIP_VERSION_CHECK := 1

RELEASE := target/$(CARGO_BUILD_TARGET)/release
DRIVERS := target/drivers
PREFIX := $(ROOT)/target/c-install
PYTHON ?= python3
VENV := $(ROOT)/.venv
PY := $(VENV)/bin/python

# The faces that are built and shown: all of them, or `ONLY=python`.
FACES := $(or $(ONLY),rust python node c)
DEMO_DRIVERS := $(patsubst c,c cpp,$(FACES))

.PHONY: help
help: ## Lists the targets
	@grep -hE '^[a-z][a-z-]*:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 22

## Building

.PHONY: build build-rust build-python build-node build-c
build: $(FACES:%=build-%) ## Builds and installs every package into target/ and .venv/ (ONLY=rust|python|node|c for one)

build-rust:
	@echo "== Rust: the crate and its driver"
	cargo build --locked --release -p at9068-driver
	mkdir -p $(DRIVERS) && cp $(RELEASE)/at9068-driver $(DRIVERS)/rust

build-python: $(VENV)/tools
	@echo "== Python: the wheel, installed into .venv"
	cp LICENSE-* bindings-python/
	rm -f target/dist/at9068-*.whl
	$(VENV)/bin/maturin build --locked --release -m bindings-python/Cargo.toml --out target/dist
	$(PY) -m pip install --quiet --force-reinstall --no-deps target/dist/at9068-*.whl

build-node: bindings-node/node_modules/.installed
	@echo "== Node: the npm package, installed into target/node-driver"
	cd bindings-node && npm run --silent build -- --locked
	cp LICENSE-* bindings-node/
	./tests/drivers/node/install.sh

build-c:
	@echo "== C and C++: libat9068, installed into target/c-install, and the drivers"
	$(MAKE) --no-print-directory -C bindings-c drivers PREFIX=$(PREFIX)

# Of all packages only this one is installed into a system; the others have package managers of their own.
.PHONY: install uninstall
install: ## Installs libat9068 into PREFIX, /usr/local unless given, and there into LIBDIR (DESTDIR for packagers)
uninstall: ## Removes it again
install uninstall:
	$(MAKE) --no-print-directory -C bindings-c $@ PREFIX=$(if $(filter command,$(firstword $(origin PREFIX))),$(PREFIX),/usr/local)

# Not part of `build`: only tests need it.
.PHONY: build-test-issuer
build-test-issuer: ## The authorization server for tests, as target/drivers/test-issuer
	cargo build --locked --release -p at9068-test-issuer
	mkdir -p $(DRIVERS) && cp $(RELEASE)/at9068-test-issuer $(DRIVERS)/test-issuer

$(VENV)/tools: bindings-python/requirements-dev.txt tests/requirements.txt tests/interop/requirements.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and "Python 3.10 or later is needed")'
	$(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --quiet -r bindings-python/requirements-dev.txt -r tests/interop/requirements.txt
	touch $@

bindings-node/node_modules/.installed: bindings-node/package-lock.json
	cd bindings-node && npm ci --silent
	touch $@

docs/examples/node_modules/.installed: docs/examples/package-lock.json
	cd docs/examples && npm ci --silent
	touch $@

# The npm package as users have it, put into a node_modules.
PUT_NPM = rm -rf $(1)/at9068 $(1)/@at9068 && cp -R target/node-driver/node_modules/at9068 target/node-driver/node_modules/@at9068 $(1)/

# Beside the frameworks of Node's examples; and what is compiled of them.
.PHONY: build-examples
build-examples: build-node docs/examples/node_modules/.installed
	$(call PUT_NPM,docs/examples/node_modules)
	cd docs/examples && npm run --silent build

# No `npm ci`, as with the benchmarks: Jest and Vitest are built for many systems too.
tests/node-loaders/node_modules/.installed: tests/node-loaders/package-lock.json
	cd tests/node-loaders && npm install --no-save --silent
	touch $@

tests/interop/node_modules/.installed: tests/interop/package-lock.json
	cd tests/interop && npm ci --silent
	touch $@

tests/docs/node_modules/.installed: tests/docs/package-lock.json
	cd tests/docs && npm ci --silent
	touch $@

tests/suites/node_modules/.installed: tests/suites/package-lock.json
	cd tests/suites && npm ci --silent
	touch $@

release/node_modules/.installed: release/package-lock.json
	cd release && npm ci --silent
	touch $@

## Packages of a release

# Not part of `test`: everything is compiled once more, for older systems than this one.
.PHONY: dist
dist: ## Builds every package, installs each where nothing else is, and tries it (RECORD=1 writes docs/packages.md)
	$(PYTHON) release/run.py --reproduce $(if $(RECORD),--record)

.PHONY: supply
supply: $(VENV)/tools release/node_modules/.installed ## Versions, licences, where dependencies come from, the workflows
	$(PY) release/versions.py
	$(PY) release/licences.py
	$(PY) release/sources.py
	node release/workflows.mjs
	$(PY) -m pytest -q tests/dist

## Showing

.PHONY: demo
demo: ## Builds what is missing, mints sample tokens in every language and validates each in every language
	@echo "Building: $(FACES). From nothing this takes about 3 minutes on 2 cores, later seconds."
	@echo "Everything is put into target/, .venv/ and node_modules/ of this folder."
	@$(MAKE) --no-print-directory build
	@$(PYTHON) tests/demo/demo.py $(DEMO_DRIVERS)

.PHONY: bench bench-core soak
bench: build build-bench bench/node/node_modules/.installed target/bench-venv/.installed ## Every language beside its peers and the limit; writes bench/latest.json, docs/performance.md (QUICK=1 to try it)
	target/bench-venv/bin/python -m pip install --quiet --force-reinstall --no-deps target/dist/at9068-*.whl
	target/bench-venv/bin/python bench/run.py $(if $(QUICK),--quick)

bench-core: ## The core beside the bare signature verification and jsonwebtoken, in seconds
	$(BENCH_CARGO) --bin at9068-bench-quick --bin revocations
	@$(RELEASE)/at9068-bench-quick
	@$(RELEASE)/revocations

soak: ## A long run, 10 million validations (COUNT=n); writes bench/soak.json, which `make bench` tells of
	$(BENCH_CARGO) --bin at9068-bench-soak
	$(PYTHON) bench/soak.py $(if $(COUNT),--count $(COUNT))

# josekit, a peer, is built over the system's OpenSSL, where that is installed.
BENCH_CARGO = cargo build --locked --release --quiet --manifest-path bench/rust/Cargo.toml \
	$(shell pkg-config --exists openssl 2>/dev/null || echo --no-default-features)

# Of a workspace of its own; not part of `lint`, since all those libraries would have to be compiled for it.
.PHONY: lint-bench
lint-bench: ## Lints of the Rust benchmarks
	cargo clippy --locked --release --all-targets --manifest-path bench/rust/Cargo.toml -- -D warnings

.PHONY: build-bench
build-bench: build-c
	@echo "== Benchmarks: the workers of Rust and C"
	$(BENCH_CARGO)
	CC="$(CC)" PREFIX=$(PREFIX) bench/c/build.sh

target/bench-venv/.installed: bench/requirements.txt bench/python/requirements.txt
	$(PYTHON) -m venv target/bench-venv
	target/bench-venv/bin/python -m pip install --quiet -r bench/requirements.txt -r bench/python/requirements.txt
	touch $@

# No `npm ci`: it wants the lock file to have those packages of @node-rs that are for other systems, which not every
# registry has. This takes the locked versions too, and leaves the file as it is.
bench/node/node_modules/.installed: bench/node/package-lock.json
	cd bench/node && npm install --no-save --silent
	touch $@

## Testing

.PHONY: test test-rust test-python test-node test-c suite suites native threats sanitized interop frameworks
test: build test-rust test-python test-node test-c test-issuer suite suites faults-check native threats sanitized interop frameworks ## All tests of all languages and the shared suite

test-rust:
	cargo test --locked --release -p at9068 --all-features
	cargo test --locked --release --quiet -p at9068-driver

test-python: build-python
	cd bindings-python && $(PY) -m pytest -q

test-node: build-node tests/node-loaders/node_modules/.installed
	cd bindings-node && npm test --silent
	$(call PUT_NPM,tests/node-loaders/node_modules)
	cd tests/node-loaders && npm test --silent

test-c: build-c
	$(MAKE) --no-print-directory -C bindings-c test PREFIX=$(PREFIX)

suite: build build-test-issuer tests/docs/node_modules/.installed ## Every vector through every driver; the code of the documentation
	$(PY) -m pytest -q tests/runner tests/docs tests/bench
	$(PY) tests/runner

native: build build-test-issuer ## What no vector holds: forks, threads, limits, symbols, bad issuers, and what is never told
	$(PY) -m pytest -q tests/native
	cd tests/native && AT9068_MODULE=$(ROOT)/target/node-driver/node_modules/at9068/lib.mjs \
		AT9068_TEST_ISSUER=$(ROOT)/$(DRIVERS)/test-issuer node --test

threats: $(VENV)/tools ## The register of threats, each row with its vectors and tests
	$(PY) tests/threats.py

suites: tests/suites/node_modules/.installed ## Suites of others: RFC examples, Wycheproof, JSONTestSuite
	cargo test --locked --release --quiet -p at9068-suites

sanitized: build-c $(VENV)/tools ## Every vector through C and C++ under AddressSanitizer, leaks included
	$(MAKE) --no-print-directory -C bindings-c drivers-sanitized PREFIX=$(PREFIX)
	$(PY) tests/runner --drivers c-sanitized,cpp-sanitized

.PHONY: faults faults-check
faults: build build-test-issuer $(VENV)/tools ## Every fault of an issuer, by cache state and through every driver; writes docs/faults.md
	$(PY) tests/faults/live.py
	cargo run --locked --release --quiet -p at9068-faults

faults-check: build build-test-issuer $(VENV)/tools
	cargo run --locked --release --quiet -p at9068-faults -- --check
	$(PY) tests/faults/live.py --fast

.PHONY: test-issuer
test-issuer: build-test-issuer $(VENV)/tools ## The authorization server for tests, each of its faults, and its helpers
	cargo test --locked --release -p at9068-test-issuer
	AT9068_TEST_ISSUER=$(ROOT)/$(DRIVERS)/test-issuer $(PY) -m pytest -q tests/issuer
	AT9068_TEST_ISSUER=$(ROOT)/$(DRIVERS)/test-issuer node --test tests/issuer/test-issuer.test.mjs

# Needs what Debian calls nginx, nginx-dev, wrk and valgrind; build.sh tells what of the first two is missing.
.PHONY: gateway build-gateway
gateway: build-gateway build-test-issuer $(VENV)/tools ## The nginx module, behind the real nginx: the table of the frameworks, keys, reloads under load, valgrind
	$(PY) -m pytest -q tests/gateway

.PHONY: gateway-bench
gateway-bench: build-gateway frameworks-venv ## The nginx module beside nginx alone and auth_request; writes docs/gateway-performance.md (QUICK=1 to try it)
	target/frameworks-venv/bin/python bench/gateway/run.py $(if $(QUICK),--quick)

build-gateway: build-c
	PKG_CONFIG_PATH=$(PREFIX)/lib/pkgconfig EXTRA_LDFLAGS=-Wl,-rpath,$(PREFIX)/lib \
		bindings-c/gateways/nginx/build.sh target/gateway

.PHONY: valgrind
valgrind: build-c $(VENV)/tools ## Every vector through C and C++ under valgrind, leaks included
	$(PY) tests/runner --drivers c-valgrind,cpp-valgrind

interop: build tests/interop/node_modules/.installed ## PyJWT, Authlib, jose, jsonwebtoken, both ways; servers of oidc-provider and Authlib, by discovery
	$(PY) -m pytest -q tests/interop
	cd tests/interop && AT9068_MODULE=$(ROOT)/target/node-driver/node_modules/at9068/lib.mjs node --test

.PHONY: frameworks-venv
frameworks: build build-examples build-test-issuer frameworks-venv ## The examples of every framework, behind their servers, before one table of requests
	target/frameworks-venv/bin/python -m pytest -q tests/frameworks

frameworks-venv: build-python target/frameworks-venv/.installed
	target/frameworks-venv/bin/python -m pip install --quiet --force-reinstall --no-deps target/dist/at9068-*.whl

target/frameworks-venv/.installed: tests/frameworks/requirements.txt
	$(PYTHON) -m venv target/frameworks-venv
	target/frameworks-venv/bin/python -m pip install --quiet -r $<
	touch $@

# The drivers of other libraries. jsonwebtoken's is of this workspace; the others' libraries are installed.
.PHONY: peers
peers: build-rust $(VENV)/tools target/peers-venv/.installed tests/drivers/peers/node_modules/.installed ## Every validate vector through ten other libraries; writes docs/conformance.md (CHECK=1 compares)
	cargo build --locked --release -p at9068-peer-jsonwebtoken-rs
	cp $(RELEASE)/at9068-peer-jsonwebtoken-rs $(DRIVERS)/peer-jsonwebtoken-rs
	$(PY) tests/drivers/peers/report.py $(if $(CHECK),--check)

target/peers-venv/.installed: tests/drivers/peers/requirements.txt
	$(PYTHON) -m venv target/peers-venv
	target/peers-venv/bin/python -m pip install --quiet -r $<
	touch $@

tests/drivers/peers/node_modules/.installed: tests/drivers/peers/package-lock.json
	cd tests/drivers/peers && npm ci --silent
	touch $@

# Seconds for each target of `make fuzz`.
TIME ?= 60

.PHONY: fuzz fuzz-smoke fuzz-replay
fuzz: ## Every fuzz target for TIME seconds (default 60)
	fuzz/run $(TIME)

fuzz-smoke: ## Every fuzz target for 10 seconds
	fuzz/run 10

fuzz-replay: ## Every fuzz target over the inputs at hand, nothing by chance
	fuzz/run 0

# Locks, atomics and threads of a scheduler take the place of the usual ones, so that everything is built once more.
.PHONY: models
models: ## What threads share, under thousands of orders of events
	RUSTFLAGS="--cfg shuttle" cargo test --locked --target-dir target/models -p at9068 --no-default-features --features async --test models

# cargo-mutants builds copies of the tree, each with a target folder of its own. `--baseline=skip`, since the first line is
# the baseline; RE chooses mutants by their names.
.PHONY: mutants
mutants: ## Mutants of the validating modules, which the vectors must kill; takes an hour, needs cargo-mutants (RE=jws for some)
	cargo test --locked --quiet --profile mutants -p at9068-driver --test vectors
	mkdir -p target/mutants
	env -u CARGO_TARGET_DIR -u CARGO_BUILD_TARGET cargo mutants --baseline=skip --timeout 15 --output target/mutants $(if $(RE),--re '$(RE)')

## Checking

.PHONY: check static format lint drift doc docs
check: static test fuzz-smoke ## Everything

static: format lint drift doc docs supply ## Formats, lints, documentation, and that generated files are current

format: $(VENV)/tools
	cargo fmt --all --check
	rustfmt --edition 2024 --check fuzz/src/lib.rs fuzz/src/bin/*.rs fuzz/libat9068/c_abi.rs
	rustfmt --edition 2024 --check bench/rust/src/lib.rs bench/rust/src/bin/*.rs
	$(VENV)/bin/ruff format --check bindings-python bindings-c tests fuzz bench docs/examples release
	$(VENV)/bin/ruff check bindings-python bindings-c tests fuzz bench docs/examples release

lint: build-python types
	cargo clippy --locked --release --workspace --all-targets --all-features -- -D warnings
	cd bindings-python && $(VENV)/bin/mypy --strict examples tests
	$(MAKE) --no-print-directory lint-frameworks
	cd tests/issuer && $(VENV)/bin/mypy --strict .
	cd release && $(VENV)/bin/mypy --strict --ignore-missing-imports .
	cd bindings-c/tools && $(VENV)/bin/mypy --strict .
	cd tests && MYPYPATH=issuer $(VENV)/bin/mypy --strict gateway

# Typings over their own tests and over the examples; what is packed, for what resolvers of types and of modules find in it.
.PHONY: types
types: build-examples ## tsc --strict over Node's typings and examples; publint and are-the-types-wrong over the tarball
	cd bindings-node && npm run --silent types && npm run --silent types:packed
	cd docs/examples && npm run --silent types

# With the frameworks at hand, so that the adapters' types are judged beside theirs.
FRAMEWORKS_BIN := $(ROOT)/target/frameworks-venv/bin

.PHONY: lint-frameworks
lint-frameworks: frameworks-venv
	cd bindings-python && $(FRAMEWORKS_BIN)/mypy --strict python/at9068/contrib
	cd bindings-python/examples && $(FRAMEWORKS_BIN)/pyright --pythonpath $(FRAMEWORKS_BIN)/python .
	cd target && $(FRAMEWORKS_BIN)/python -m mypy.stubtest at9068
	cd tests && MYPYPATH=issuer $(FRAMEWORKS_BIN)/mypy --strict frameworks
	for folder in $$(dirname docs/examples/*/*.py | sort -u); do (cd $$folder && \
		$(FRAMEWORKS_BIN)/mypy --strict . && $(FRAMEWORKS_BIN)/pyright --pythonpath $(FRAMEWORKS_BIN)/python .); done

drift: build ## Vectors, schemas, error reference, header, symbols and typings are those of the code
	$(PY) tests/vectors/generate.py --check
	cargo test --locked --release -p at9068 --all-features --test schema --test error_reference
	cargo test --locked --release -p at9068-c --test header
	$(MAKE) --no-print-directory -C bindings-c check-symbols check-abi check-man
	$(PY) tests/docs/readme.py --check
	$(PY) tests/docs/reference.py --check

doc:
	RUSTDOCFLAGS='-D warnings' cargo doc --locked --no-deps -p at9068 --all-features

# Not --quiet: MkDocs then hears nothing of what would end a strict build.
docs: target/docs-venv/.installed ## The site over docs/, into target/docs: every link and anchor, and nothing from other hosts
	target/docs-venv/bin/mkdocs build --strict
	$(PYTHON) tests/docs/built.py target/docs

target/docs-venv/.installed: docs/requirements.txt
	$(PYTHON) -m venv target/docs-venv
	target/docs-venv/bin/python -m pip install --quiet -r $<
	touch $@

.PHONY: clean
clean: ## Removes everything that was built or installed
	rm -rf target .venv release/node_modules bench/node/node_modules bindings-node/node_modules docs/examples/node_modules docs/examples/dist tests/node-loaders/node_modules tests/interop/node_modules tests/docs/node_modules tests/suites/node_modules tests/drivers/peers/node_modules bindings-node/*.node
