"""Is inotify relied upon only where the kernel makes every change itself?"""

from __future__ import annotations

import pytest

from bwvdock.edges.cameras.mounts import file_system_of, tells_inotify

MOUNTS = """\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 0:40 / /srv/nas rw shared:2 - nfs4 server:/bwv rw
31 22 0:41 / /srv/my\\040card rw - fuse.exfat /dev/sdb1 rw
32 30 0:42 / /srv/nas/local rw - tmpfs tmpfs rw
33 22 0:43 / /srv/twice rw - ext4 /dev/sdc1 rw
34 22 0:44 / /srv/twice rw - fuse.sshfs user@host: rw
a line of another kind
"""


@pytest.mark.parametrize(
    "path,kind",
    [
        ("/", "ext4"),
        ("/srv", "ext4"),
        ("/srv/nas", "nfs4"),
        ("/srv/nas/cam", "nfs4"),
        ("/srv/nasty", "ext4"),
        ("/srv/nas/local/x", "tmpfs"),
        ("/srv/my card/DCIM", "fuse.exfat"),
        ("/srv/twice", "fuse.sshfs"),
    ],
)
def test_the_nearest_mount_says_which_file_system(path: str, kind: str) -> None:
    assert file_system_of(path, MOUNTS) == kind


def test_where_no_mount_is_known_nothing_is_relied_upon() -> None:
    assert file_system_of("/srv", "") == ""


def test_this_machines_memory_is_local() -> None:
    assert tells_inotify("/dev/shm")
    assert not tells_inotify("/proc/self")
