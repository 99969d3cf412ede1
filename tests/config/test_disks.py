"""Cameras are not erased while one disk has the only copies, unless somebody accepted that."""

from __future__ import annotations

from pathlib import Path

import pytest

from bwvdock.config.disks import ONE_DISK, forbids_erasing, on_one_disk, sole_keeper
from bwvdock.config.settings import Config, load
from tests.places import another_filesystem

HEAD = '[dock]\nid = "D-1"\nstate_dir = "{state}"\n'
ERASE = '[release]\nerase = "after-verified"\n'


def loaded(folder: Path, text: str) -> Config:
    file = folder / "bwvdock.toml"
    file.write_text(HEAD.format(state=folder / "state") + text)
    return load(file)


def vault(path: Path, *, name: str = "vault", required: bool = True) -> str:
    needed = "true" if required else "false"
    return (
        f'[[destination]]\nname = "{name}"\nkind = "directory"\npath = "{path}"\nrequired = {needed}\n'
        "must_be_mount = false\n"
    )


def test_the_default_vault_is_on_the_spool_s_disk(tmp_path: Path) -> None:
    assert on_one_disk(loaded(tmp_path, ""))
    assert not forbids_erasing(loaded(tmp_path, ""))
    assert forbids_erasing(loaded(tmp_path, ERASE))


def test_it_is_allowed_once_somebody_accepted_it(tmp_path: Path) -> None:
    assert not forbids_erasing(loaded(tmp_path, f'{ERASE}single_disk = "accepted"\n'))


def test_only_required_copies_count(tmp_path: Path) -> None:
    tus = '[[destination]]\nname = "far"\nkind = "tus"\nurl = "https://x.example/"\nrequired = {}\n'
    here = vault(tmp_path / "vault")
    assert on_one_disk(loaded(tmp_path, here + tus.format("false")))
    assert not on_one_disk(loaded(tmp_path, here + tus.format("true")))


@pytest.mark.needs_root
def test_another_file_system_is_another_disk(tmp_path: Path) -> None:
    with another_filesystem(tmp_path) as other:
        assert not on_one_disk(loaded(tmp_path, vault(other / "vault")))


@pytest.mark.parametrize(
    "required,accepted,said",
    [
        ((), False, ONE_DISK),
        (("here",), False, ONE_DISK),
        (("here", "there"), False, ONE_DISK),
        (("here",), True, ""),
        (("far",), False, "far is the only required destination"),
        (("far",), True, "far is the only required destination"),
        (("here", "far"), False, ""),
        (("far", "farther"), False, ""),
    ],
)
def test_who_has_all_required_copies(
    tmp_path: Path, required: tuple[str, ...], said: str, *, accepted: bool
) -> None:
    tus = '[[destination]]\nname = "{0}"\nkind = "tus"\nurl = "https://{0}.example/"\nrequired = {1}\n'
    text = '[release]\nsingle_disk = "accepted"\n' if accepted else ""
    if required:
        for name in ("here", "there"):
            text += vault(tmp_path / name, name=name, required=name in required)
        for name in ("far", "farther"):
            text += tus.format(name, str(name in required).lower())
    assert sole_keeper(loaded(tmp_path, text)).startswith(said)
    assert bool(sole_keeper(loaded(tmp_path, text))) is bool(said)
