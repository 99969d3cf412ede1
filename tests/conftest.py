"""What holds for every test."""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from inspect import isfunction
from pathlib import Path

import pytest
from hypothesis import settings

from tests.extent import EXTENT, SEED, Extent, some
from tests.places import another_filesystem, open_to_all
from tests.tables import in_one_test

# Tests say what must hold, not how fast: a busy machine is no failure. The same examples each time, that a
# failure speaks of the change; `make nightly` draws new ones.
for _extent, _examples in ((Extent.CHECK, 20), (Extent.TEST, 100), (Extent.NIGHTLY, 1000)):
    settings.register_profile(
        _extent.name,
        deadline=None,
        max_examples=_examples,
        derandomize=_extent is not Extent.NIGHTLY,
        print_blob=True,
    )
settings.load_profile(EXTENT.name)

# The words of argparse are English, and it does not look for translations on the disk at each of them.
os.environ["LANGUAGE"] = "C"


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


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out, in `make check`, what the mark `few` says."""
    if EXTENT is not Extent.CHECK:
        return
    cases: dict[str, list[pytest.Item]] = {}
    for item in items:
        if item.get_closest_marker("few"):
            cases.setdefault(item.nodeid.partition("[")[0], []).append(item)
    left = {item for found in cases.values() for item in set(found) - set(some(found, _most(found[0])))}
    config.hook.pytest_deselected(items=list(left))
    items[:] = [item for item in items if item not in left]


def _most(item: pytest.Item) -> int:
    mark = item.get_closest_marker("few")
    assert mark is not None
    most: int = mark.args[0]
    return most


def pytest_pycollect_makeitem(
    collector: pytest.Module | pytest.Class, name: str, obj: object
) -> pytest.Item | None:
    """Make one test, in `make check`, of a table of cases that need no set-up of their own."""
    if EXTENT is not Extent.CHECK or not isfunction(obj) or not collector.funcnamefilter(name):
        return None
    test = in_one_test(obj)
    return None if test is None else pytest.Function.from_parent(collector, name=name, callobj=test)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Leave what was collected, which stays to the end, out of the garbage that is looked for."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.freeze()


def pytest_report_header(config: pytest.Config) -> str:
    """Say how much is tried, and how the same is drawn again."""
    return f"extent: BWVDOCK_TESTS={EXTENT.name.lower()} BWVDOCK_SEED={SEED}"
