# Set-up, demonstration, tests and benchmarks: each is one command.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# What VENV is for: `dev`, or `smoke` for what that target needs and no more. An environment that is used once has only
# what it imports compiled.
FOR := dev
# Where this is set, each process that a test starts compiles every module anew, which takes it a second.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: setup demo schema test test-aws test-inner test-over-time test-edges test-programs test-databases laws smoke lint types fuzz bench-import bench-log bench-history bench-growth bench-reach bench-incident bench-use bench-proof bench-engine bench-engine-compiled bench-http bench-http-compiled bench-iam bench-iam-compiled test-compiled fuzz-edges kill-runs load clean
setup: $(READY)

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("Erstwhile needs Python 3.11 or newer, this is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	@echo "Setting up $(VENV) (about a minute, once)…"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check $(if $(filter smoke,$(FOR)),--no-compile) --constraint constraints.txt --editable '.[$(FOR)]'
	@touch $@

demo: setup
	@$(BIN)/erstwhile demo

lint: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: setup
	@$(BIN)/mypy

# Six at a time: tests of programs and servers wait most of the time, the others compute. Those of AWS's protocol stay
# together: what they were answered is counted at their end, and no documented error may be missing.
OVER_TIME := tests/laws tests/domain/history tests/domain/reach tests/domain/what_if
INNER := tests/domain tests/event_log tests/projections
PROGRAMS := tests/api/cli tests/test_package.py tests/test_architecture.py
DATABASES := tests/api/database tests/api/imports tests/resilience
test: lint
	@$(MAKE) --no-print-directory --jobs 6 types test-programs test-databases test-edges test-over-time test-inner test-aws

test-aws: setup
	@$(BIN)/pytest tests/api/aws

test-inner: setup
	@$(BIN)/pytest $(INNER) $(addprefix --ignore ,$(OVER_TIME))

test-over-time: setup
	@$(BIN)/pytest $(OVER_TIME)

test-programs: setup
	@$(BIN)/pytest $(PROGRAMS)

test-databases: setup
	@$(BIN)/pytest $(DATABASES)

test-edges: setup
	@$(BIN)/pytest tests $(addprefix --ignore ,tests/api/aws $(INNER) $(OVER_TIME) $(PROGRAMS) $(DATABASES))

# The laws with all of their examples, others each time. A run of all tests tries few of them, the same each time.
laws: setup
	@ERSTWHILE_EXAMPLES=all $(BIN)/pytest $(OVER_TIME) tests/domain/policy tests/projections/columns

# What differs between versions of Python: threads, the event loop, the database's process, the command line.
# For another one: make smoke FOR=smoke PYTHON=python3.13 VENV=build/python3.13
smoke: setup
	@$(BIN)/pytest -q tests/api/cli/test_commands.py tests/api/cli/test_visible.py tests/api/cli/test_times.py tests/api/aws/test_ephemeral.py tests/api/aws/test_life.py tests/event_log/test_concurrency.py $(addprefix tests/domain/,commands directory replay vocabulary)

# migrations/schema.sql: what the migrations make of an empty database.
schema: setup
	@$(BIN)/python -m tests.support.schema

bench-import: setup
	@$(BIN)/python -m benchmarks.import_cloudtrail

bench-log: setup
	@$(BIN)/python -m benchmarks.event_log

# The past at growing sizes: SIZES=all adds a million events; EVENTS= one size, COMPANY=deep or wide one company.
bench-history: setup
	@$(BIN)/python -m benchmarks.history

# How the cost of all sorts of questions grows: EVENTS=10000,1000000 for other sizes, COMPANY=deep, ONLY= some rows.
bench-growth: setup
	@$(BIN)/python -m benchmarks.growth

bench-reach: setup
	@$(BIN)/python -m benchmarks.reach

# What the ledger costs, proves and verifies; EVENTS=1000000 for the full size.
bench-proof: setup
	@$(BIN)/python -m benchmarks.proof

bench-use: setup
	@$(BIN)/python -m benchmarks.use

# SIZE=full: a million events and ten million recorded calls, written once (11 GB under build/).
bench-incident: setup
	@$(BIN)/python -m benchmarks.incident

# What auditors ask for. SIZE=middle, SIZE=full; the first run writes the database.
bench-reports: setup
	@$(BIN)/python -m benchmarks.reports

bench-engine: setup
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[bench]'
	@$(BIN)/python -m benchmarks.engine

# The compiled wheel, in an environment of its own; tests and benchmarks are copied away from the sources beside it.
COMPILED := build/compiled
$(COMPILED)/.ready: setup.py pyproject.toml constraints.txt $(shell find domain projections api migrations -name '*.py' -o -name '*.sql')
	@rm -rf $(COMPILED) && mkdir -p $(COMPILED)
	@$(PYTHON) -m venv $(COMPILED)/venv
	@echo "Compiling…"
	@$(COMPILED)/venv/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt 'setuptools>=77,<82' wheel '.[dev,bench]'
	@ERSTWHILE_COMPILE=1 $(COMPILED)/venv/bin/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --force-reinstall .
	@cd $(COMPILED) && venv/bin/python -c 'import sys; from erstwhile.domain.policy.engine import decision_engine as m; sys.exit("mypyc compiled nothing: python setup.py build_ext with ERSTWHILE_COMPILE=1 says why" if m.__file__.endswith(".py") else 0)'
	@cp -r tests benchmarks pyproject.toml *.md $(COMPILED)/
	@touch $@

test-compiled: $(COMPILED)/.ready
	@cd $(COMPILED) && venv/bin/pytest -m 'not sources'

bench-engine-compiled: $(COMPILED)/.ready
	@cd $(COMPILED) && venv/bin/python -m benchmarks.engine

bench-iam: setup
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[bench]'
	@$(BIN)/python -m benchmarks.iam

bench-iam-compiled: $(COMPILED)/.ready
	@cd $(COMPILED) && venv/bin/python -m benchmarks.iam

# WORKERS=2: one process against several.
bench-http: setup
	@$(BIN)/python -m $(if $(WORKERS),benchmarks.http_workers $(WORKERS),benchmarks.http)

# Mixed traffic at 70 % of saturation: no error, memory flat. MINUTES=10 WORKERS=2.
load: setup
	@MINUTES=$(MINUTES) WORKERS=$(WORKERS) SEED=$(SEED) $(BIN)/python -m benchmarks.load

bench-http-compiled: $(COMPILED)/.ready
	@cd $(COMPILED) && venv/bin/python -m benchmarks.http

fuzz: setup
	@$(BIN)/python -m tests.laws.fuzz

# Both edges for long: ten minutes of requests made of the OpenAPI description, and as many of AWS's shapes.
fuzz-edges: setup
	@ERSTWHILE_FUZZ_SECONDS=600 ERSTWHILE_FUZZ_EXAMPLES=50000 $(BIN)/pytest tests/api/http/test_schemathesis.py tests/api/aws/test_fuzz.py

kill-runs: setup
	@$(BIN)/python -m tests.resilience.kill_runs

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
