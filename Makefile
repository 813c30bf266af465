# The course's commands. A learner needs one of them: make lab
#
#   make lab          set up what is missing, then open the course in JupyterLab
#   make test         set up what is missing, then check everything
#   make lint         the style checks alone
#   make anywhere     the tests a year on, in another zone and locale, without root, read-only, without HOME, in 4 GB
#   make outside      run the tests that others wrote, ONNX, PyTorch and Keras, and count them
#   make portable     run all that prints as on other processors: does it print the same?
#   make properties   try the properties of the norms on many more drawn cases
#   make misconceptions  write docs/misconceptions.md from the questions
#   make items        write docs/items.md: every item of a review, with its computed answer
#   make slides       write slides of every lesson, which need no network, build/slides/
#   make diagnosis  grade hundreds of right answers and thousands of mistakes for every question
#   make ward         inspect every healthy model and every planted fault, in all batch sizes
#   make mutants      change the norms and the grader in thousands of places: do the tests notice?
#   make exercises    write exercises/ from solutions/
#   make notebooks    run every lesson and solution again, and store the outputs
#   make evidence     measure every claim of the course that is not measured yet; ARGS=NAME for one
#   make bench        time the interactive figures, the grading of a room, and every batch norm on the CPU
#   make bench-room   500 learners in a room on this machine; then kill its server, lock its database, fill its disk
#   make bench-gpu    time every batch norm, our kernels among them, on a GPU
#   make gpu          all that a GPU is needed for, step by step; goes on where it was (--rehearse: without one)
#   make pictures     take the README's pictures from a real browser
#   make bench-live   time the interactive figures in a real browser
#   make hub-test     put two learners into a real JupyterHub on this machine, as root
#   make bench-hub    measure what a room of learners takes in memory, likewise
#   make site         write the course as a static site, build/site/; with the browser edition, after `make lite`
#   make lite         write the course for a browser's tab, build/lite/: needs npm and a network, once
#   make lite-test    grade in Pyodide as here, and work in build/lite/ with Chromium and Firefox
#   make bench-lite   time the first check in a browser's tab, on a machine that does nothing else
#   make accessibility  examine all that is interactive with axe-core, and print what it finds
#   make lock         write constraints.txt: a version of everything that is installed; ARGS=--newest for a release
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
.PHONY: lab test lint anywhere outside portable properties ward diagnosis mutants exercises misconceptions items slides notebooks evidence bench bench-room bench-gpu gpu bench-live pictures hub-test bench-hub needs-root site lite lite-test bench-lite accessibility lock clean new-environment

lab: .venv/.lab
	@"$(RUN)" -m bn_course.cli lab $(ARGS)

test: .venv/.test lint
	@BN_COURSE_BEGUN=$(BEGUN) "$(RUN)" -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

lint: .venv/.test
	@"$(RUN)" -m ruff check .

anywhere: .venv/.test
	@"$(RUN)" tools/anywhere.py $(ARGS)

outside: .venv/.test
	@"$(RUN)" -m pytest -q -n 0 tests/outside $(ARGS)

portable: .venv/.test
	@"$(RUN)" tools/portable.py $(ARGS)

properties: .venv/.test
	@HYPOTHESIS_PROFILE=deep "$(RUN)" -m pytest -q -n 0 tests/norms/test_properties.py $(ARGS)

ward: .venv/.test
	@BN_COURSE_WARD=all "$(RUN)" -m pytest -q -n 2 tests/inspect/test_ward.py $(ARGS)

mutants: .venv/.test
	@"$(RUN)" -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[mutants]'
	@"$(RUN)" tools/mutants.py $(ARGS)

diagnosis: .venv/.test
	@OMP_NUM_THREADS=1 "$(RUN)" benchmarks/diagnosis.py $(ARGS)

exercises: .venv/.test
	@"$(RUN)" tools/exercises.py $(ARGS)

misconceptions: .venv/.test
	@"$(RUN)" tools/misconceptions.py

items: .venv/.test
	@"$(RUN)" tools/items.py

slides: .venv/.test
	@"$(RUN)" -m bn_course.cli slides --to build/slides $(ARGS)

lock: .venv/.test
	@"$(RUN)" tools/lock.py $(ARGS)

notebooks: .venv/.test
	@"$(RUN)" tools/execute.py $(ARGS)

evidence: .venv/.test
	@OMP_NUM_THREADS=1 "$(RUN)" -m bn_course.cli measure $(ARGS)

bench: bench-live
	@"$(RUN)" benchmarks/grading.py
	@OMP_NUM_THREADS=1 "$(RUN)" benchmarks/strangers.py second --store
	@"$(RUN)" benchmarks/norms.py

bench-room: .venv/.test
	@"$(RUN)" benchmarks/room.py $(ARGS)

bench-gpu: .venv/.test
	@"$(RUN)" benchmarks/norms.py --gpu

gpu: .venv/.test
	@"$(RUN)" benchmarks/gpu.py $(ARGS)

bench-live: .venv/.test
	@"$(RUN)" benchmarks/live.py $(ARGS)

pictures: .venv/.test
	@"$(RUN)" tools/pictures.py

# A hub runs as root and starts servers as other accounts, which may not read a home: it has an environment of
# its own, as deploy/README.md sets one up, with the system's Python.
HUB ?= /opt/bn-course
HUB_PYTHON ?= /usr/bin/python3

hub-test: needs-root .venv/.test $(HUB)/.hub
	"$(HUB)/bin/pip" install --disable-pip-version-check --quiet --no-deps --force-reinstall .
	@HUB="$(HUB)" OMP_NUM_THREADS=1 "$(RUN)" -m pytest -n 0 deploy $(ARGS)

bench-hub: needs-root .venv/.test $(HUB)/.hub
	"$(HUB)/bin/pip" install --disable-pip-version-check --quiet --no-deps --force-reinstall .
	@HUB="$(HUB)" OMP_NUM_THREADS=1 "$(RUN)" benchmarks/hub.py

needs-root:
	@[ "$$(id -u)" = 0 ] || { echo "A hub starts servers as other accounts: this needs root."; exit 1; }

$(HUB)/.hub: pyproject.toml constraints.txt
	"$(HUB_PYTHON)" -m venv "$(HUB)"
	"$(HUB)/bin/pip" install --disable-pip-version-check -c constraints.txt '.[hub]'
	npm install --global --no-fund --no-audit --prefix "$(HUB)" configurable-http-proxy@5.3.0
	@touch "$(HUB)/.hub"

# -E: the ledger and the reference come from files that Sphinx does not watch. -W: a warning is an error.
# The browser edition comes to stand in build/site/lite/, where it has been built.
site: LITE = $(if $(wildcard build/lite/index.html),-D lite=build/lite)
site: .venv/.site
	@"$(RUN)" -m sphinx -b html -c docs -d build/doctrees -E -W --keep-going -q $(LITE) $(ARGS) . build/site
	@echo "The site is in build/site/; begin with index.html."

lite: .venv/.lite
	@"$(RUN)" lite/build_lite.py $(ARGS)

bench-lite: .venv/.lite .venv/.test
	@[ -e build/lite/index.html ] || "$(RUN)" lite/build_lite.py
	@"$(RUN)" benchmarks/lite.py

lite-test: .venv/.lite .venv/.test
	@[ -e build/lite/index.html ] || "$(RUN)" lite/build_lite.py
	@OMP_NUM_THREADS=1 "$(RUN)" -m pytest -q -n 0 -s lite $(ARGS)

accessibility: .venv/.test
	@"$(RUN)" -m pytest -q -s tests/browser/test_accessibility.py $(ARGS)

clean:
	rm -rf .venv build dist mutants .pytest_cache .ruff_cache .hypothesis
	find bn_course deploy docs tests tools benchmarks -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true

# What a learner needs, what the site needs besides, and what the tests need. Each holds those before it.
.venv/.lab: pyproject.toml constraints.txt
	"$(RUN)" -m pip install --disable-pip-version-check -c constraints.txt -e .
	@pwd -P > .venv/.path
	@touch .venv/.lab

.venv/.site: pyproject.toml constraints.txt
	"$(RUN)" -m pip install --disable-pip-version-check -c constraints.txt -e '.[site]'
	@pwd -P > .venv/.path
	@touch .venv/.lab .venv/.site

.venv/.lite: pyproject.toml constraints.txt
	"$(RUN)" -m pip install --disable-pip-version-check -c constraints.txt -e '.[lite]'
	@pwd -P > .venv/.path
	@touch .venv/.lab .venv/.lite

.venv/.test: pyproject.toml constraints.txt
	"$(RUN)" -m pip install --disable-pip-version-check -c constraints.txt -e '.[cluster,site,teach,test]'
	@pwd -P > .venv/.path
	@touch .venv/.lab .venv/.site .venv/.test

ifneq ($(HEALTHY),yes)
.venv/.lab .venv/.site .venv/.lite .venv/.test: new-environment
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
