"""The packages, built once for all tests of them."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.packaging.built.building import TARGETS, Package, Target, build, copy_of_the_tree


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Callable[[Target], Package]:
    """Returns the package for a target; whichever process of this run needs it first builds it."""
    here = tmp_path_factory.getbasetemp()
    shared = (here if worker_id == "master" else here.parent) / "packages"
    shared.mkdir(exist_ok=True)

    def package(target: Target) -> Package:
        deb = shared / f"{target}.deb"
        with (shared / f"{target}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not deb.exists():
                tree = copy_of_the_tree(shared / f"tree-{target}")
                shutil.move(build(tree, target, **target.maintainer).deb, deb)
                shutil.rmtree(tree)
            made = Package(deb, target)
            assert made.tree.exists()
        return made

    return package


@pytest.fixture(scope="session")
def package(built: Callable[[Target], Package]) -> Package:
    """The one for Debian 12 on amd64."""
    return built(TARGETS[0])
