# The course's commands. A learner needs one of them: make lab
#
#   make lab          set up what is missing, then open the course in JupyterLab
#   make test         set up what is missing, then check everything
#   make lint         the style checks alone
#   make exercises    write exercises/ from solutions/
#   make notebooks    run every lesson and solution again, and store the outputs
#   make evidence     measure every claim of the course that is not measured yet; ARGS=NAME for one
#   make bench        time the interactive figures, the grading of a room, and every batch norm on the CPU
#   make bench-gpu    time every batch norm, our kernels among them, on a GPU
#   make bench-live   time the interactive figures in a real browser
#   make clean        remove the environment and the caches; nobody's work
#
# PYTHON=python3.12 chooses a Python; ARGS='...' goes on to the command: make lab ARGS=--no-browser

PYTHON ?= python3
RUN := .venv/bin/python
BEGUN := $(shell date +%s)

# The environment is of use when its Python starts and finds its packages, is the one asked for where
# one is asked for, and the folder is where it was: what is installed holds its path.
VERSION := import sys; print(sys.version_info[:2])
HEALTHY := $(shell exec 2>/dev/null; "$(RUN)" -c 'import pip' && \
	{ [ ! -e .venv/.path ] || [ "$$(cat .venv/.path)" = "$$(pwd -P)" ]; } && echo yes)
ifneq ($(origin PYTHON),file)
HEALTHY := $(HEALTHY)$(shell exec 2>/dev/null; \
	[ "$$("$(PYTHON)" -c '$(VERSION)')" = "$$("$(RUN)" -c '$(VERSION)')" ] || echo no)
endif

.NOTPARALLEL:
.PHONY: lab test lint exercises notebooks evidence bench bench-gpu bench-live clean new-environment

lab: .venv/.lab
	@"$(RUN)" -m bn_course.cli lab $(ARGS)

test: .venv/.test lint
	@BN_COURSE_BEGUN=$(BEGUN) "$(RUN)" -m pytest -n 2 --dist loadgroup $(ARGS)

lint: .venv/.test
	@"$(RUN)" -m ruff check .

exercises: .venv/.test
	@"$(RUN)" tools/exercises.py $(ARGS)

notebooks: .venv/.test
	@"$(RUN)" tools/execute.py $(ARGS)

evidence: .venv/.test
	@OMP_NUM_THREADS=1 "$(RUN)" -m bn_course.cli measure $(ARGS)

bench: bench-live
	@"$(RUN)" benchmarks/grading.py
	@"$(RUN)" benchmarks/norms.py

bench-gpu: .venv/.test
	@"$(RUN)" benchmarks/norms.py --gpu

bench-live: .venv/.test
	@"$(RUN)" benchmarks/live.py $(ARGS)

clean:
	rm -rf .venv build dist .pytest_cache .ruff_cache .hypothesis
	find bn_course tests tools benchmarks -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true

# What a learner needs, and what the tests need besides. The second holds the first.
.venv/.lab: pyproject.toml constraints.txt
	"$(RUN)" -m pip install --disable-pip-version-check -c constraints.txt -e .
	@pwd -P > .venv/.path
	@touch .venv/.lab

.venv/.test: pyproject.toml constraints.txt
	"$(RUN)" -m pip install --disable-pip-version-check -c constraints.txt -e '.[teach,test]'
	@pwd -P > .venv/.path
	@touch .venv/.lab .venv/.test

ifneq ($(HEALTHY),yes)
.venv/.lab .venv/.test: new-environment
endif

new-environment:
	@command -v "$(PYTHON)" >/dev/null || { \
		echo "There is no $(PYTHON) here. Name another Python, 3.11 or newer: make lab PYTHON=python3.12"; \
		exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "The course needs Python 3.11 or newer; $(PYTHON) is $$("$(PYTHON)" -V 2>&1)."; \
		echo "Name another: make lab PYTHON=python3.12"; exit 1; }
	@echo "Setting up .venv with $(PYTHON): some minutes, once."
	@"$(PYTHON)" -m venv --clear .venv
