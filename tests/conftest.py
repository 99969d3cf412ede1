"""What holds for every test."""

from __future__ import annotations

import gc
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from inspect import isfunction
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests.extent import EXTENT, SEED, Extent, some
from tests.memory import collect_if_grown
from tests.places import another_filesystem, in_memory, needs_disk, open_to_all
from tests.tables import in_one_test

if TYPE_CHECKING:
    from pyfakefs.fake_filesystem import FakeFilesystem

# Tests say what must hold, not how fast: a busy machine is no failure. The same examples each time, that a
# failure speaks of the change; `make nightly` draws new ones.
for _extent, _examples in ((Extent.CHECK, 6), (Extent.TEST, 100), (Extent.NIGHTLY, 1000)):
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
def tmp_path(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """A new folder: pytest's own, or, in `make test` for what is about rules and not about a disk, in memory.

    A dock commits several times for each step: on a disk, such a test mostly waits for that. `make nightly`
    has all of them write to the disk, `make check` none.
    """
    if EXTENT is not Extent.TEST or needs_disk(request.node) or (memory := in_memory()) is None:
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(prefix="bwvdock-test-", dir=memory) as folder:
        yield Path(folder)


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


# As in pyfakefs' own plugin.
_NOT_FAKED: list[str | ModuleType] = ["pytest", "_pytest.pathlib", "_pytest.capture", "coverage.python"]


@pytest.fixture
def fs() -> Iterator[FakeFilesystem]:
    """A file system in memory in the place of the machine's.

    It is loaded for the few tests that want it: its own plugin has every process load it, with asyncio,
    unittest.mock and all of coverage.
    """
    from pyfakefs.fake_filesystem_unittest import Patcher  # noqa: PLC0415

    with Patcher(additional_skip_names=_NOT_FAKED) as patcher:
        assert patcher.fs is not None
        yield patcher.fs


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Have `make check` write to memory, where there is some: what only a disk does, `make test` shows."""
    chosen = hasattr(config, "workerinput") or config.option.basetemp
    if EXTENT is not Extent.CHECK or chosen:
        return
    if (memory := in_memory()) is not None:
        config.option.basetemp = folder = tempfile.mkdtemp(prefix="bwvdock-check-", dir=memory)
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out unloaded, in `make check`, a file whose own mark says that all of it is left out."""
    if EXTENT is not Extent.CHECK or not collection_path.match("test_*.py"):
        return None
    marks = "|".join(_left_out(config))
    own = rf"^pytestmark = (\[[^\]]*)?pytest\.mark\.({marks})\b"
    return True if marks and re.search(own, collection_path.read_text(), re.MULTILINE) else None


def _left_out(config: pytest.Config) -> set[str]:
    return set(re.findall(r"\bnot (\w+)", config.option.markexpr))


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
) -> pytest.Item | list[pytest.Item] | None:
    """Make one test of a table of cases that need no set-up of their own; in `make nightly` each is one.

    Each that is slow is one too: several processes share them. In `make check` those are not even made.
    """
    if EXTENT is Extent.NIGHTLY or not isfunction(obj) or not collector.funcnamefilter(name):
        return None
    marks = {mark.name for mark in (*collector.iter_markers(), *getattr(obj, "pytestmark", ()))}
    if EXTENT is Extent.CHECK and marks & _left_out(collector.config):
        return []
    test = None if "slow" in marks else in_one_test(obj)
    return None if test is None else pytest.Function.from_parent(collector, name=name, callobj=test)


_RARELY = 50_000, 10, 10  # objects before garbage is looked for: a collection costs more than it frees


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Leave what was collected, which stays to the end, out of the garbage that is looked for."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.freeze()
        gc.set_threshold(*_RARELY)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown() -> Iterator[None]:
    """Free what a test has left in cycles before it is gigabytes: several processes share the machine."""
    try:
        return (yield)
    finally:
        collect_if_grown()


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish() -> None:
    """Look once for what tests have left open, which fails the run; pytest itself looks ten times more."""
    gc.collect()
    gc.freeze()


def pytest_report_header(config: pytest.Config) -> str:
    """Say how much is tried, and how the same is drawn again."""
    return f"extent: BWVDOCK_TESTS={EXTENT.name.lower()} BWVDOCK_SEED={SEED}"
