"""What holds for every test."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.extent import EXTENT, SEED, Extent
from tests.places import another_filesystem, open_to_all

# Tests say what must hold, not how fast: a busy machine is no failure.
for _extent, _examples in ((Extent.CHECK, 20), (Extent.TEST, 100), (Extent.NIGHTLY, 1000)):
    settings.register_profile(_extent.name, deadline=None, max_examples=_examples)
settings.load_profile(EXTENT.name)


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Path]:
    """A new folder on another file system than the test's own."""
    with another_filesystem(tmp_path) as folder:
        yield folder


@pytest.fixture
def open_path() -> Iterator[Path]:
    """A new folder that every user may enter and read."""
    with open_to_all() as folder:
        yield folder


_MEMORY = "/dev/shm"
_ENOUGH = 1 << 30


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Have `make check` write to memory, where there is some: what only a disk does, `make test` shows."""
    chosen = hasattr(config, "workerinput") or config.option.basetemp
    if EXTENT is not Extent.CHECK or chosen or not os.access(_MEMORY, os.W_OK):
        return
    if os.statvfs(_MEMORY).f_bavail * os.statvfs(_MEMORY).f_frsize >= _ENOUGH:
        config.option.basetemp = folder = tempfile.mkdtemp(prefix="bwvdock-check-", dir=_MEMORY)
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


def pytest_report_header(config: pytest.Config) -> str:
    """Say how much is tried, and how the same is drawn again."""
    return f"extent: BWVDOCK_TESTS={EXTENT.name.lower()} BWVDOCK_SEED={SEED}"
