"""Is what is free said only of vaults that are there, and does one that hangs keep nobody waiting?"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from bwvdock.config.settings import Config, parse
from bwvdock.edges.destinations.vault import Vault, VaultRules
from bwvdock.metrics.vaults import Vaults
from tests.fakes.fuse import hanging_folder


def config(folder: Path, *names: str) -> Config:
    stores = [{"name": name, "kind": "directory", "path": str(folder / name)} for name in names]
    document = {"dock": {"id": "LEW-03", "state_dir": str(folder / "state")}, "destination": stores}
    return parse(document, file=folder / "f", content=b"")


def make(given: Config) -> None:
    """Make the vaults, as the dock does."""
    given.vault_marks.mkdir(parents=True)
    for store in given.vaults:
        store.path.mkdir(exist_ok=True)
        vault = Vault(store.path, name=store.name, marks=given.vault_marks, rules=VaultRules())
        vault.make()


def test_a_vault_that_is_there_has_what_is_free_on_its_disk(tmp_path: Path) -> None:
    given = config(tmp_path, "one", "two")
    make(given)
    free = Vaults(given).free()
    disk = os.statvfs(tmp_path)
    assert free.keys() == {"one", "two"}
    assert all(0 < bytes_ <= disk.f_blocks * disk.f_frsize for bytes_ in free.values())


def test_the_empty_place_of_a_share_that_is_not_mounted_is_not_the_vault(tmp_path: Path) -> None:
    given = config(tmp_path, "share", "here")
    make(given)
    shutil.rmtree(tmp_path / "share")
    (tmp_path / "share").mkdir()
    assert Vaults(given).free().keys() == {"here"}
    assert os.listdir(tmp_path / "share") == []


def test_a_vault_that_was_never_made_is_not_made(tmp_path: Path) -> None:
    given = config(tmp_path, "one")
    (tmp_path / "one").mkdir()
    assert Vaults(given).free() == {}
    assert os.listdir(tmp_path / "one") == []


@pytest.mark.slow
@pytest.mark.needs_root
@pytest.mark.skipif(os.geteuid() != 0 or not os.path.exists("/dev/fuse"), reason="only root can mount FUSE")
def test_a_share_that_hangs_has_no_figure_and_is_asked_once(tmp_path: Path) -> None:
    given = config(tmp_path, "share", "here")
    make(given)
    shutil.rmtree(tmp_path / "share")
    with hanging_folder(tmp_path / "share"):
        vaults = Vaults(given, seconds=0.5)
        assert vaults.free().keys() == {"here"}
        assert vaults.free().keys() == {"here"}
