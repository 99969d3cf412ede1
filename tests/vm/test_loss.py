"""Is a journal that is gone, an unmounted vault or a single disk noticed before anything is lost?"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.vm.cameras import MIB, make_vfat
from tests.vm.station import CONFIG, STATE, Station, footage
from tests.vm.test_straight import FIXTURES

SHARE = "/mnt/share"
OTHER_VAULT = f"""
[[destination]]
name = "vault"
kind = "directory"
path = "{STATE}/vault"

[[destination]]
name = "share"
kind = "directory"
path = "{SHARE}/vault"
"""


@contextmanager
def configured(station: Station, change: str) -> Iterator[None]:
    """The configuration as a shell command changes it, and then as it was; the daemon is started again."""
    station.note_memory()
    station.dock.run(f"cp {CONFIG} /root/right.toml")
    try:
        station.dock.run(change)
        yield
    finally:
        station.dock.run(f"cp /root/right.toml {CONFIG}; systemctl reset-failed bwvdock", check=False)
        station.systemctl("restart")


@pytest.mark.extra
def test_where_all_copies_are_on_one_disk_no_camera_is_erased(station: Station, workshop: Path) -> None:
    camera = make_vfat(workshop / "one-disk.img", FIXTURES / "generic-dcf", size=48 * MIB)
    station.enrol("SN-ONE")
    with configured(station, f"sed -i 's/^erase = .*/erase = \"after-verified\"/' {CONFIG}"):
        checked = station.dock.run("bwvdock config check", check=False)
        assert checked.rc == 78
        assert "single_disk" in checked.stdout + checked.stderr
        station.systemctl("restart")
        with station.docked("SN-ONE", camera):  # which ends with the card as it was
            station.wait_until_stored("SN-ONE", 5)
            station.wait_for_state("SN-ONE", "safe-to-remove")
            assert "erase-one-disk" in station.alerts()
    station.prove_stored("SN-ONE", footage(camera, "DCIM"))
    station.prove_custody()


def test_a_journal_that_is_gone_is_not_begun_anew(station: Station) -> None:
    before = json.loads(station.run("custody verify --json").stdout)
    station.note_memory()
    station.systemctl("stop")
    station.dock.run(f"mkdir /root/gone && mv {STATE}/journal.sqlite3* /root/gone/")
    try:
        station.dock.run("systemctl start bwvdock", check=False, timeout=300)
        station.wait(lambda: "init --after-loss" in station.log_text(), what="the daemon says what to do")
        assert station.run("custody verify", check=False).rc != 0
        told = station.run("status", check=False)
        assert told.rc != 0
        assert "had one" in told.stdout + told.stderr
        assert station.run("init", check=False).rc != 0
    finally:
        station.systemctl("stop")
        station.dock.run(f"rm -f {STATE}/journal.sqlite3*; mv /root/gone/* {STATE}/")
        station.systemctl("start")
    after = json.loads(station.run("custody verify --json").stdout)
    assert after["entries"] > before["entries"]
    station.prove_custody()


def test_no_vault_is_made_in_the_empty_folder_of_a_share_that_is_not_mounted(
    station: Station, workshop: Path
) -> None:
    camera = make_vfat(workshop / "share.img", FIXTURES / "generic-dcf", size=48 * MIB)
    disk = workshop / "share-disk.img"
    with disk.open("wb") as file:
        file.truncate(64 * MIB)
    station.enrol("SN-SHARE")
    station.dock.run(f"mkdir -p {SHARE} && chown bwvdock: {SHARE}")
    station.dock.push("/root/other.toml", OTHER_VAULT.encode())
    with (
        configured(station, f"cat /root/other.toml >>{CONFIG} && bwvdock config check"),
        station.dock.workbench("share", disk) as device,
    ):
        station.systemctl("restart")
        with station.docked("SN-SHARE", camera):
            station.wait_for_state("SN-SHARE", "safe-to-remove")
        station.wait(lambda: "destination-unreachable" in station.alerts(), what="the share is missing")
        assert station.dock.run(f"find {SHARE} -mindepth 1").stdout == ""
        mount = f"mount {device} {SHARE} && chown bwvdock: {SHARE}"
        station.dock.run(f"mkfs.ext4 -q {device} && {mount} && bwvdock init")
        try:
            station.wait_until_stored("SN-SHARE", 5)
            same = f"cmp $copy {STATE}/vault/$copy || exit 1; echo $copy"
            copies = f"for copy in $(find 2* -type f ! -name '*.json'); do {same}; done"
            shared = station.dock.run(f"cd {SHARE}/vault && {copies}").stdout
            assert all(clip["id"] in shared for clip in station.clips("SN-SHARE"))
            station.systemctl("stop")
        finally:
            station.dock.run(f"umount {SHARE}", check=False)
        station.systemctl("start")
        station.wait(lambda: "destination-unreachable" in station.alerts(), what="the share is gone again")
        assert station.dock.run(f"find {SHARE} -mindepth 1").stdout == ""
    station.prove_custody()
