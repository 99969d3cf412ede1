"""Is only mounted what the operator allows, with options that change nothing?"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bwvdock.mounter import filesystems
from bwvdock.mounter.refusal import Refusal, RefusalCode


def allowed(path: Path) -> frozenset[str]:
    return filesystems.allowed(path, owner=os.getuid())


def test_without_a_file_only_what_writes_nothing_by_itself_is_allowed(tmp_path: Path) -> None:
    assert allowed(tmp_path / "none.toml") == {"vfat", "exfat"}


def test_the_file_names_all_that_is_allowed(tmp_path: Path) -> None:
    path = tmp_path / "mounter.toml"
    path.write_text('filesystems = ["vfat", "ext4"]')
    assert allowed(path) == {"vfat", "ext4"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "filesystems",
        'filesystems = "vfat"',
        "filesystems = [1]",
        "filesystems = [[]]",
        'filesystems = ["ntfs"]',
        'filesystems = ["vfat"]\nfilesystem = []',
        'filesystems = ["auto"]',
    ],
)
def test_a_file_that_says_anything_else_allows_nothing_and_names_itself(tmp_path: Path, text: str) -> None:
    path = tmp_path / "mounter.toml"
    path.write_text(text)
    with pytest.raises(Refusal, match=r"mounter\.toml") as caught:
        allowed(path)
    assert caught.value.code is RefusalCode.MISCONFIGURED


def test_bytes_that_are_no_text_allow_nothing(tmp_path: Path) -> None:
    path = tmp_path / "mounter.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(Refusal):
        allowed(path)


@pytest.mark.parametrize("mode", [0o664, 0o646, 0o666])
def test_a_file_that_others_may_write_allows_nothing(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "mounter.toml"
    path.write_text('filesystems = ["vfat"]')
    path.chmod(mode)
    with pytest.raises(Refusal, match="only root may write"):
        allowed(path)


def test_a_file_that_belongs_to_somebody_else_allows_nothing(tmp_path: Path) -> None:
    path = tmp_path / "mounter.toml"
    path.write_text('filesystems = ["vfat"]')
    with pytest.raises(Refusal, match="belong to root"):
        filesystems.allowed(path, owner=os.getuid() + 1)


@pytest.mark.parametrize("filesystem", ["vfat", "exfat"])
def test_files_belong_to_whoever_asks_and_keep_their_read_only_bit(filesystem: str) -> None:
    options = dict(filesystems.options(filesystem, uid=993, gid=992))
    assert (options["uid"], options["gid"]) == ("993", "992")
    for mask, rights in (("fmask", 0o640), ("dmask", 0o550)):
        value = options[mask]
        assert value is not None
        assert 0o777 & ~int(value, 8) == rights


@pytest.mark.parametrize("filesystem,flag", [("ext4", "noload"), ("xfs", "norecovery")])
def test_a_log_is_never_replayed(filesystem: str, flag: str) -> None:
    assert (flag, None) in filesystems.options(filesystem, uid=0, gid=0)
