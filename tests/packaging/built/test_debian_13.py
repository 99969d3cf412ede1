"""Does the package for Debian 13 install and work there? In a root file system, without a running systemd."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator

import pytest

from tests.extent import EXTENT, Extent
from tests.packaging.built.building import TARGETS, Package, Target
from tests.packaging.built.debian import Root, debian

[TRIXIE] = [target for target in TARGETS if str(target) == "trixie-amd64"]

pytestmark = [
    pytest.mark.needs_root,
    pytest.mark.skipif(EXTENT is not Extent.NIGHTLY, reason="only make nightly makes a Debian 13"),
    pytest.mark.skipif(os.geteuid() != 0, reason="NOT TESTED: a root file system needs root"),
]


@pytest.fixture(scope="module")
def root(built: Callable[[Target], Package]) -> Iterator[Root]:
    """A Debian 13 on which the package was installed, with answers given beforehand."""
    package = built(TRIXIE)
    with debian("trixie") as made:
        shutil.copy(package.deb, made.folder / "root/bwvdock.deb")
        answers = "bwvdock bwvdock/dock-id string LEW-77\nbwvdock bwvdock/site string North Gate\n"
        (made.folder / "root/answers").write_text(answers)
        said = made.run("debconf-set-selections /root/answers; apt-get install -q -y /root/bwvdock.deb 2>&1")
        assert said.returncode == 0, said.stdout + said.stderr
        yield made


def test_it_has_the_name_that_it_was_given_and_its_bytecode(root: Root) -> None:
    checked = root.run("bwvdock config check; find /usr/lib/bwvdock -name '*.cpython-313.pyc' | wc -l")
    assert checked.returncode == 0, checked.stderr
    assert "is valid" in checked.stdout
    assert "dock LEW-77" in checked.stdout
    assert int(checked.stdout.split()[-1]) > 500


def test_the_whole_journey_works(root: Root) -> None:
    shown = root.run(
        "bwvdock demo --keep /root/demo && bwvdock custody verify --config /root/demo/bwvdock.toml"
    )
    assert shown.returncode == 0, shown.stdout[-2000:] + shown.stderr[-2000:]
    assert "Journal consistent." in shown.stdout
    checked = root.run("bwvdock-verify journal /root/demo/state/journal.sqlite3")
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_removed_it_leaves_the_configuration_and_nothing_of_itself(root: Root) -> None:
    removed = root.run("apt-get remove -q -y bwvdock 2>&1")
    assert removed.returncode == 0, removed.stdout
    assert "not empty" not in removed.stdout
    assert sorted(path.name for path in (root.folder / "etc/bwvdock").iterdir()) == ["bwvdock.toml"]
    assert not (root.folder / "usr/lib/bwvdock").exists()
    purged = root.run("apt-get purge -q -y bwvdock 2>&1")
    assert re.search(r"/var/lib/bwvdock contains evidence and was kept", purged.stdout)
    assert not (root.folder / "etc/bwvdock").exists()
