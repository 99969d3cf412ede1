"""The dock's own disk is small, fails a sync, or fails altogether: is nothing claimed, and all there later?

The failing disk is dm-flakey's, below the spool or below the whole state directory.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.vm.cameras import MIB, make_vfat
from tests.vm.station import CONFIG, STATE, Station, footage
from tests.vm.test_straight import make_tree
from tests.vm.test_torn import read_on
from tests.vm.usb import HELD

UNUSED = 2048  # sectors at the disk's end that its file system does not reach
MAPPED = "/dev/mapper/flaky"


@pytest.fixture(name="own")
def _own(new_station: Callable[..., Station]) -> Iterator[Station]:
    """A dock of its own: its state directory is exchanged."""
    station = new_station()
    yield station
    station.dock.remove()


@contextmanager
def another_disk(
    station: Station, image: Path, size: int, place: str, *, journal: bool = True
) -> Iterator[str]:
    """Lets the dock work on a new, empty disk at `place`, which can be made to fail; yields its name."""
    with image.open("wb") as file:
        file.truncate(size)
    dock = station.dock
    station.systemctl("stop")
    dock.run(f"sed -i '/min_free/d' {CONFIG} && printf '[spool]\\nmin_free = \"0 MiB\"\\n' >>{CONFIG}")
    with dock.workbench("flaky", image) as disk:
        behave(station, disk, "create")
        features = "" if journal else "-O ^has_journal"
        blocks = (size // 512 - UNUSED) // 2
        dock.run(f"mkfs.ext4 -q -F -m 0 {features} -E lazy_itable_init=0 {MAPPED} {blocks}k")
        dock.run(f"mount {MAPPED} {place} && chown bwvdock: {place} && chmod 0700 {place}")
        station.systemctl("start")
        try:
            yield disk
        finally:
            behave(station, disk)
            station.systemctl("stop")
            dock.run(f"umount {place} && dmsetup remove flaky")


def behave(
    station: Station, disk: str, verb: str = "", *, syncs_fail: bool = False, all_fail: bool = False
) -> None:
    """Has the disk fail every flush of its cache, or every write; or neither of them.

    A flush goes to every target of the table: one that fails writes fails it, though no file is there.
    """
    sectors = int(station.dock.run(f"blockdev --getsz {disk}").stdout)
    used = sectors - UNUSED
    failing = "0 60 1 error_writes"  # for 0 s it works, for 60 s it does not
    table = f"0 {used} linear {disk} 0\n{used} {UNUSED} linear {disk} {used}\n"
    if syncs_fail:
        table = f"0 {used} linear {disk} 0\n{used} {UNUSED} flakey {disk} {used} {failing}\n"
    if all_fail:
        table = f"0 {sectors} flakey {disk} 0 {failing}\n"
    if verb:
        station.dock.run(f"modprobe dm-flakey && dmsetup {verb} flaky", stdin=table.encode())
    else:
        change = "dmsetup suspend --nolockfs --noflush flaky && dmsetup load flaky && dmsetup resume flaky"
        station.dock.run(change, stdin=table.encode())


def test_a_copy_whose_sync_failed_is_made_anew(own: Station, workshop: Path) -> None:
    """The disk kept the data all the same, and would say so if it was asked a second time."""
    rng = random.Random(41)
    clips = {f"DCIM/100BWCAM/BWC_{n:04}.MP4": rng.randbytes(5 * MIB) for n in range(3)}
    several = make_vfat(workshop / "several.img", make_tree(workshop / "several", clips), size=40 * MIB)
    clip = {"DCIM/100BWCAM/BWC_0001.MP4": rng.randbytes(20 * MIB)}
    single = make_vfat(workshop / "single.img", make_tree(workshop / "single", clip), size=40 * MIB)
    place = f"{STATE}/spool"
    with another_disk(own, workshop / "spool.disk", 128 * MIB, place, journal=False) as disk:
        for serial in ("SN-SEVERAL", "SN-SINGLE"):
            own.enrol(serial)
        with own.docked("SN-SEVERAL", several, bay=3, bytes_per_second=4 * MIB) as name:
            read_on(own, name, 8 * MIB)
            own.dock.throttle(name, HELD)
            behave(own, disk, syncs_fail=True)
            own.dock.throttle(name, None)
            own.wait(lambda: "disk-failed" in own.alerts(), what="the dock says that its disk fails")
            assert "did not keep" in own.alerts()["disk-failed"]["message"]
            assert own.camera("SN-SEVERAL")["state"] != "safe-to-remove"
            behave(own, disk)
            own.wait(
                lambda: own.camera("SN-SEVERAL").get("state") == "safe-to-remove", 400, what="it is served"
            )
        with own.docked("SN-SINGLE", single, bay=4, bytes_per_second=8 * MIB) as name:
            read_on(own, name, 8 * MIB)
            own.dock.throttle(name, HELD)
            behave(own, disk, syncs_fail=True)
            own.dock.throttle(name, None)
            # Of this camera: of the other one a clip may be in quarantine since before.
            own.wait(
                lambda: [c["state"] for c in own.clips("SN-SINGLE")] == ["quarantined"],
                what="it is set aside",
            )
            assert "clips-quarantined" in own.alerts()
            behave(own, disk)
        assert own.dockings("SN-SINGLE")[0]["complete"] is False
        for found in own.clips("SN-SEVERAL") + own.clips("SN-SINGLE"):
            if found["state"] == "quarantined":
                assert own.history(found["id"], "clip_acquired") == []
                own.run(f"clips retry {found['id']}")
        for serial, image, count in (("SN-SEVERAL", several, 3), ("SN-SINGLE", single, 1)):
            with own.docked(serial, image, bay=4):
                own.wait_for_state(serial, "safe-to-remove")
                own.wait_until_stored(serial, count)
            for stored in own.prove_stored(serial, footage(image)):
                (acquired,) = own.history(stored["id"], "clip_acquired")
                assert [part["resumed_at"] for part in acquired["parts"]] == [0]  # from its first byte
        own.prove_custody()


def test_a_disk_that_fails_below_journal_and_spool(own: Station, workshop: Path) -> None:
    rng = random.Random(42)
    clips = {f"DCIM/100BWCAM/BWC_{n:04}.MP4": rng.randbytes(2 * MIB) for n in range(8)}
    camera = make_vfat(workshop / "below.img", make_tree(workshop / "below", clips), size=40 * MIB)
    with another_disk(own, workshop / "state.disk", 128 * MIB, STATE) as disk:
        own.enrol("SN-BELOW")
        with own.docked("SN-BELOW", camera, bay=3, bytes_per_second=3 * MIB) as name:
            read_on(own, name, 10 * MIB)
            own.dock.throttle(name, HELD)
            own.note_memory()
            behave(own, disk, all_fail=True)
            own.dock.throttle(name, None)
            own.wait(
                lambda: own.run("status", check=False).rc != 0, what="the dock says that something is wrong"
            )
            assert own.camera("SN-BELOW").get("state") != "safe-to-remove"
            own.systemctl("stop")
            own.dock.run(f"umount {STATE}")
            behave(own, disk)
            own.dock.run(f"fsck.ext4 -f -y {MAPPED} || test $? = 1")
            own.dock.run(f"mount {MAPPED} {STATE} && systemctl reset-failed bwvdock")
            own.systemctl("start")
            own.wait_for_state("SN-BELOW", "safe-to-remove")
            own.wait_until_stored("SN-BELOW", 8)
        [row] = [row for row in own.ask("doctor")["checks"] if row["id"] == "kernel-disk"]
        assert row["result"] == "error", row
        own.prove_stored("SN-BELOW", footage(camera))
        own.prove_custody()


@pytest.mark.extra
def test_a_small_disk_without_room_for_spool_or_journal(own: Station, workshop: Path) -> None:
    rng = random.Random(43)
    clips = {f"DCIM/100BWCAM/BWC_{n:04}.MP4": rng.randbytes(5 * MIB) for n in range(3)}
    camera = make_vfat(workshop / "small.img", make_tree(workshop / "small", clips), size=40 * MIB)
    late = {"DCIM/100BWCAM/BWC_0009.MP4": rng.randbytes(MIB)}
    other = make_vfat(workshop / "late.img", make_tree(workshop / "late", late), size=34 * MIB)
    with another_disk(own, workshop / "small.disk", 40 * MIB, STATE):
        for serial in ("SN-SMALL", "SN-LATE"):
            own.enrol(serial)
        own.dock.run(f"fallocate -l {20 * MIB} {STATE}/ballast")
        with own.docked("SN-SMALL", camera, bay=3), own.docked("SN-LATE", other, bay=4):
            own.wait(lambda: "spool-full" in own.alerts(), what="the dock says that it is full")
            assert own.camera("SN-SMALL")["state"] == "waiting"
            own.wait_until_stored("SN-LATE", 1)  # there is room for this one
            own.dock.run(f"cat /dev/zero >{STATE}/more-ballast", check=False)
            orders = (own.run(f"cameras enrol SN-{n:04}", check=False) for n in range(500))
            assert "is full" in next(said.stderr for said in orders if said.rc)
            own.wait(lambda: own.run("status", check=False).rc != 0, what="it says so")
            own.dock.run(f"rm {STATE}/ballast {STATE}/more-ballast")  # and nothing else
            own.wait_for_state("SN-SMALL", "safe-to-remove")
            own.wait_until_stored("SN-SMALL", 3)
        assert {"spool-full", "journal-full"} & own.alerts().keys() == set()
        own.prove_stored("SN-SMALL", footage(camera))
        own.prove_stored("SN-LATE", footage(other))
        own.prove_custody()
