# bwvdock: what a person types here. `make` alone prints the list.
#
# Everything below works on a fresh Debian 12 with git, make and python3. What else is needed is installed on the way:
# system packages through apt (said in one line, nothing when nothing is missing), Python packages from the hashed locks
# in requirements/ into .venv. Stamp files in .venv make the second time free.

SHELL       := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS   += --no-print-directory
# What was compiled is kept, whatever the environment says: compiling the tests anew takes longer than running them.
unexport PYTHONDONTWRITEBYTECODE

# Debian's own python3 first: it is what an installed dock runs on.
PYTHON := $(shell for p in /usr/bin/python3 python3; do \
            $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
PY     := .venv/bin/python
PIP    := $(PY) -m pip --no-input --disable-pip-version-check install --quiet --require-hashes --only-binary :all:
NEED   := packaging/system-packages.sh

RUNTIME := .venv/.runtime-is-in
DEV     := .venv/.dev-is-in
MANUAL  := .venv/.manual-is-in
INVENTORY := .venv/.inventory-is-in
SERVERS := build/servers/.is-in
ANSIBLE := build/ansible/.is-in

FAST := not slow and not crash and not interop and not needs_root and not vm
REAL := not vm and not rgw
# Twice as many as there are processors: many tests wait for a disk or for another process.
WORKERS := $(shell echo $$((2 * $$(nproc))))

# What builds packages for both processors, and judges them.
PACKAGED := binutils binutils-aarch64-linux-gnu dpkg-dev lintian mmdebstrap xz-utils

# A dock is one busy processor. The scenarios of a file share one.
VM_WORKERS := 2

# From `make deb ARCH=arm64 DISTRO=trixie` to packaging/target.sh.
export ARCH DISTRO

.PHONY: help setup demo check audit lint test simulate nightly coverage vm-test bench bench-million fleet deb entries tampering metrics faults interop-rgw servers package-tools browser pictures lock clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | \
	    while IFS=$$'\t' read -r target what; do printf '  make %-11s %s\n' "$$target" "$$what"; done

setup: $(DEV) ## install all that development and tests need

demo: $(RUNTIME) ## the whole journey on this machine: no hardware, no root
	@$(PY) -m bwvdock demo

check: $(DEV) ## the fast tests: seconds
	@BWVDOCK_TESTS=check $(PY) -m pytest -q --numprocesses $$(nproc) --ignore=tests/vm -m "$(FAST)"

test: $(DEV) $(SERVERS) package-tools browser lint ## lint, types and every test that needs no virtual machine
	@BWVDOCK_TESTS=test $(PY) -m pytest -q --numprocesses $(WORKERS) --ignore=tests/vm -m "$(REAL)"

nightly: $(DEV) $(SERVERS) package-tools browser ## all there is: every combination and cut, the whole virtual dock, the table of faults
	@WORKERS=$(WORKERS) .ci/nightly

SEEDS := 200
simulate: $(DEV) ## a whole dock in simulation: SEEDS=n histories, or SEED=n to replay one
	@$(PY) -m tests.simulation $(if $(SEED),--seed $(SEED),--seeds $(SEEDS))

coverage: $(DEV) $(SERVERS) browser ## which lines and branches of bwvdock/ the tests of `make test` reach
	@rm -rf build/coverage && mkdir -p build/coverage
	@BWVDOCK_TESTS=test $(PY) -m coverage run -m pytest -q --numprocesses $(WORKERS) --ignore=tests/vm -m "$(REAL)"
	@$(PY) -m coverage combine --quiet && $(PY) -m coverage report

lint: $(DEV) ## style and types
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy

vm-test: $(DEV) $(SERVERS) $(ANSIBLE) deb ## install the .deb in the virtual dock and plug cameras into it
	@if [ -x tests/vm/setup.sh ]; then tests/vm/setup.sh; fi
	@$(PY) -m pytest tests/vm --numprocesses $(VM_WORKERS) --dist loadfile --no-loadscope-reorder \
		$(VM_ARGS)

audit: $(RUNTIME) ## ask OSV, on the Internet, for known vulnerabilities of the locks; it says so if it cannot
	@$(PY) -m tests.packaging.audit

entries: $(DEV) ## write docs/reference/entries.md from the declarations of the facts
	@$(PY) -m tests.core.custody.table_of_entries

tampering: $(DEV) ## write docs/reference/tampering.md from the attacks that the tests carry out
	@$(PY) -m tests.tampering.page

metrics: $(DEV) ## write docs/reference/metrics.md from the catalogue of metrics
	@$(PY) -m tests.metrics.page

interop-rgw: $(DEV) ## uploads to a store that really locks: Ceph's RadosGW
	@$(NEED) ceph-common ceph-mgr ceph-mon ceph-osd radosgw
	@$(PY) -m pytest tests/interop -m rgw

pictures: browser ## take the pictures of the screen's page in docs/images
	@$(PY) -m tests.screen.pictures

faults: $(DEV) $(SERVERS) ## everything that can go wrong with an upload; writes docs/reference/upload-faults.md
	@$(PY) -m tests.faults

bench: $(DEV) $(SERVERS) ## measure, beside cp, rsync, curl and others; writes docs/benchmarks.md
	@$(NEED) rsync curl
	@$(PY) -m benchmarks.run

bench-million: $(DEV) ## measure a journal of a million clips: a quarter of an hour, 7 GB below build/
	@$(PY) -m benchmarks.run million

fleet: $(DEV) ## measure many docks and one store that is away for a while: DOCKS=n MINUTES=n; 4 GB below build/
	@$(NEED) ceph-common ceph-mgr ceph-mon ceph-osd curl radosgw rsync
	@$(if $(DOCKS),DOCKS=$(DOCKS)) $(if $(MINUTES),MINUTES=$(MINUTES)) $(PY) -m benchmarks.run fleet

deb: $(RUNTIME) $(MANUAL) $(INVENTORY) ## build dist/bwvdock_VERSION_amd64.deb; or with ARCH=arm64, DISTRO=trixie
	@packaging/build-deb.sh

# ---------------------------------------------------------------- set-up

$(RUNTIME): requirements/runtime.txt
	@if [ -z "$(PYTHON)" ]; then echo "bwvdock needs Python 3.11 or later: apt install python3" >&2; exit 1; fi
	@case "$(PYTHON)" in /usr/bin/*) $(NEED) python3-venv ;; esac
	@echo "Setting up .venv with $(PYTHON)" >&2
	@$(PYTHON) -m venv .venv
	@$(PIP) -r requirements/runtime.txt
	@$(PY) -c 'import sysconfig; print(sysconfig.get_path("purelib"))' | \
	    { read -r packages; echo "$(CURDIR)" > "$$packages/bwvdock-checkout.pth"; }
	@touch $@

$(DEV): requirements/dev.txt $(RUNTIME)
	@$(NEED) bash-completion e2fsprogs fish jq man-db mount openssl sqlite3 strace systemd systemd-journal-remote xfsprogs zsh
	@$(PIP) -r requirements/dev.txt
	@touch $@

# What writes man pages and completion for the package.
$(MANUAL): requirements/manual.txt $(RUNTIME)
	@$(PIP) -r requirements/manual.txt
	@touch $@

# What writes the list of what is in the package.
$(INVENTORY): requirements/inventory.txt $(RUNTIME)
	@$(PIP) -r requirements/inventory.txt
	@touch $@

servers: $(SERVERS) ## install the servers that uploads are tested against into build/servers

# Nothing of it enters .venv.
$(SERVERS): $(wildcard tests/servers/requirements*.txt) $(wildcard tests/servers/node/package*.json)
	@case "$(PYTHON)" in /usr/bin/*) $(NEED) python3-venv ;; esac
	@echo "Setting up build/servers: the servers that uploads are tested against" >&2
	@mkdir -p build/servers
	@$(PYTHON) -m venv --clear build/servers/venv
	@build/servers/venv/bin/$(subst $(PY),python,$(PIP)) -r tests/servers/requirements.txt
	@build/servers/venv/bin/$(subst $(PY),python,$(PIP)) --no-deps --ignore-requires-python \
	    -r tests/servers/requirements-witness.txt
	@tests/servers/node/install.sh build/servers
	@touch $@

package-tools: $(ANSIBLE) ## install what builds packages for both processors, and what they are judged with
	@$(NEED) $(PACKAGED)

browser: $(DEV) ## install the browser that the screen's page is tested in
	@$(NEED) chromium fonts-dejavu-core

# What tries the role in packaging/ansible; it takes 90 MB and enters no other environment.
$(ANSIBLE): requirements/ansible.txt
	@case "$(PYTHON)" in /usr/bin/*) $(NEED) python3-venv ;; esac
	@echo "Setting up build/ansible: what the role for Ansible is tried with" >&2
	@mkdir -p build/ansible
	@$(PYTHON) -m venv --clear build/ansible/venv
	@build/ansible/venv/bin/$(subst $(PY),python,$(PIP)) -r requirements/ansible.txt
	@touch $@

# Takes the newest versions that pyproject.toml allows. --upgrade, so that it does the same for everyone.
LOCK = build/lock/bin/uv pip compile --quiet --no-config --upgrade --generate-hashes --python-version 3.11 \
       --python-platform x86_64-manylinux_2_28 --no-emit-index-url --no-emit-find-links \
       --custom-compile-command 'make lock'

lock: $(RUNTIME) ## renew the pinned and hashed locks in requirements/
	@$(PYTHON) -m venv build/lock
	@build/lock/bin/python -m pip --disable-pip-version-check install --quiet uv
	@$(LOCK) pyproject.toml --extra s3 --extra screen -o requirements/runtime.txt
	@$(LOCK) pyproject.toml --extra s3 --extra screen --group dev --group manual --group inventory -c requirements/runtime.txt \
	    -o requirements/dev.txt
	@$(LOCK) --group manual -c requirements/dev.txt -o requirements/manual.txt
	@$(LOCK) --group inventory -c requirements/dev.txt -o requirements/inventory.txt
	@$(LOCK) --group ansible -o requirements/ansible.txt
	@$(LOCK) tests/servers/requirements.in -o tests/servers/requirements.txt

clean: ## remove all that was built, .venv included
	@rm -rf .venv build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
