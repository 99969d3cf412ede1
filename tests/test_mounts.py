"""Is the file system of a path found without touching it, wherever links lead?"""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from itertools import product
from pathlib import Path

import pytest

from bwvdock.mounts import NOTHING, is_for_mounts, missing_mount, mount_of
from tests.fakes.fuse import hanging_folder
from tests.places import another_filesystem

TABLE = """\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 0:40 / /srv/nas rw shared:2 - nfs4 server:/bwv rw
31 22 0:41 / /srv/my\\040card rw - fuse.exfat /dev/sdb1 rw
32 30 0:42 / /srv/nas/local rw - tmpfs tmpfs rw
33 22 0:43 / /srv/twice rw - ext4 /dev/sdc1 rw
34 22 0:44 / /srv/twice rw - fuse.sshfs user@host: rw
a line of another kind
"""


@pytest.mark.parametrize(
    "path,kind,device",
    [
        ("/", "ext4", "8:1"),
        ("/srv", "ext4", "8:1"),
        ("/srv/nas", "nfs4", "0:40"),
        ("/srv/nas/cam", "nfs4", "0:40"),
        ("/srv/nas/../nas/cam/.", "nfs4", "0:40"),
        ("/srv/nasty", "ext4", "8:1"),
        ("/srv/nas/local/x", "tmpfs", "0:42"),
        ("/srv/my card/DCIM", "fuse.exfat", "0:41"),
        ("/srv/twice", "fuse.sshfs", "0:44"),
    ],
)
def test_the_nearest_mount_says_which_file_system(path: str, kind: str, device: str) -> None:
    found = mount_of(path, table=TABLE)
    assert (found.kind, found.device) == (kind, device)


FSTAB = """\
# /srv/old nfs was here: /srv/gone
UUID=1 / ext4 errors=remount-ro 0 1
UUID=2 none swap sw 0 0
server:/bwv /srv/nas nfs4 _netdev,nofail 0 0
/dev/sdb1 /srv/my\\040disk ext4 noauto 0 2
/data /srv/bound none bind 0 0
"""


@pytest.mark.parametrize(
    "path,meant",
    [
        ("/mnt/vault", True),
        ("/media/usb", True),
        ("/run/media/ann/DISK/vault", True),
        ("/srv/nas", True),
        ("/srv/nas/deep/vault", True),
        ("/srv/my disk/vault", True),
        ("/srv/nasty", False),
        ("/srv/bound/vault", False),
        ("/srv/gone", False),
        ("/var/lib/bwvdock/vault", False),
    ],
)
def test_a_place_for_mounts_is_known_by_custom_or_by_fstab(path: str, meant: bool) -> None:
    assert is_for_mounts(Path(path), fstab=FSTAB) is meant


@pytest.mark.parametrize(
    "path,missing",
    [
        ("/srv/nas/state", ""),
        ("/srv/my disk", "/srv/my disk"),
        ("/srv/my disk/state", "/srv/my disk"),
        ("/srv/my disks", ""),
        ("/srv/bound/deep/state", "/srv/bound"),
        ("/var/lib/bwvdock", ""),
    ],
)
def test_what_is_to_be_mounted_above_a_path_and_is_not_is_known(path: str, missing: str) -> None:
    assert missing_mount(Path(path), fstab=FSTAB, table=TABLE) == missing
    assert missing_mount(Path(path), fstab=FSTAB, table="") == ""
    assert missing_mount(Path(path), fstab="", table=TABLE) == ""


def test_a_link_to_what_is_to_be_mounted_is_followed(tmp_path: Path) -> None:
    (tmp_path / "state").symlink_to("/srv/my disk/state")
    assert missing_mount(tmp_path / "state", fstab=FSTAB, table=TABLE) == "/srv/my disk"


def test_a_link_to_a_place_for_mounts_is_followed(tmp_path: Path) -> None:
    (tmp_path / "nas").symlink_to("/mnt/never-there")
    assert is_for_mounts(tmp_path / "nas", fstab="")
    assert is_for_mounts(tmp_path / "nas/vault", fstab="")
    assert not is_for_mounts(tmp_path, fstab="")


def test_where_no_mount_is_known_nothing_is_said() -> None:
    assert mount_of("/srv", table="") is NOTHING
    assert not NOTHING.is_local


def test_this_machines_memory_is_local() -> None:
    assert mount_of("/dev/shm").is_local
    assert not mount_of("/proc/self").is_local


def device_that_stat_says(path: Path) -> str:
    device = path.stat().st_dev
    return f"{os.major(device)}:{os.minor(device)}"


@pytest.mark.needs_root
@pytest.mark.slow
def test_a_path_of_links_is_where_the_kernel_says(tmp_path: Path) -> None:
    with another_filesystem(tmp_path) as other:
        (tmp_path / "a" / "b").mkdir(parents=True)
        (other / "a" / "b").mkdir(parents=True)
        (tmp_path / "in").symlink_to(other / "a")
        (tmp_path / "round").symlink_to("round")
        (other / "a" / "out").symlink_to(tmp_path / "a")
        (other / "a" / "up").symlink_to("./..")
        (tmp_path / "a" / "over").symlink_to("../in/up/../a")
        tried = 0
        for steps in product(["a", "b", "..", ".", "in", "out", "round", "up", "over"], repeat=4):
            path = tmp_path.joinpath(*steps)
            with suppress(OSError):
                said = device_that_stat_says(path)
                tried += 1
                assert mount_of(path).device == said
        assert tried > 100


@pytest.mark.needs_root
def test_what_answers_nothing_is_not_touched(tmp_path: Path) -> None:
    found: list[str] = []
    with hanging_folder(tmp_path / "hangs") as hangs:
        (tmp_path / "link").symlink_to(hangs / "vault")
        asking = threading.Thread(
            target=lambda: found.extend(mount_of(path).kind for path in (hangs / "vault", tmp_path / "link"))
        )
        asking.start()
        asking.join(60)
        assert found == ["fuse", "fuse"]
