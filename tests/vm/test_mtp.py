"""Does footage from cameras that speak MTP reach the vault as that from mass storage does, byte by byte?"""

import random
import shutil
from pathlib import Path

import pytest

from tests.vm.cameras import MIB, make_vfat
from tests.vm.mtp_cameras import Emulated, Responder, digests, digests_of, docked, fill_card
from tests.vm.station import Station, footage
from tests.vm.test_straight import FIXTURES, make_tree

# Around the packets of full, high and super speed, and where a reader that waits for a short packet
# takes the response for footage: a container of 512 + k * 16384 bytes.
SIZES = (1, 51, 52, 53, 499, 500, 501, 1012, 16_884, 33_268, MIB - 12, MIB, 3 * MIB - 11)


def clips_of(sizes: tuple[int, ...], name: str, seed: int) -> dict[str, bytes]:
    """Path -> content; `name` has room for a number."""
    rng = random.Random(seed)
    return {
        f"DCIM/{100 + n % 3}BWCAM/{name.format(n + 1)}": rng.randbytes(size) for n, size in enumerate(sizes)
    }


def where(serial: str) -> str:
    """The sysfs folder of a docked camera, for a shell in the guest."""
    return f"$(dirname $(grep -lx {serial} /sys/bus/usb/devices/*/serial))"


@pytest.fixture(scope="module")
def mixed(workshop: Path) -> Path:
    """The folder of a camera: what the mass-storage scenarios use, and every awkward size."""
    folder = workshop / "mtp-mixed"
    shutil.copytree(FIXTURES / "generic-dcf", folder)
    return make_tree(folder, clips_of(SIZES, "SIZE_{:04}.MP4", seed=31))


def test_every_awkward_size_from_a_camera_that_never_sends_an_empty_packet(
    station: Station, mixed: Path
) -> None:
    station.enrol("MTP-MIXED")
    truth = digests_of(mixed, "DCIM")
    with docked(station, Emulated(serial="MTP-MIXED", folder=mixed, bay=30)):
        assert station.wait_for_state("MTP-MIXED", "safe-to-remove")["clips_copied"] == 5 + len(SIZES)
        station.wait_until_stored("MTP-MIXED", 5 + len(SIZES))
        # No user at the screen has a hand on it, though systemd and libgphoto2 would give them one.
        nodes = station.dock.run("stat -c '%G %a' /dev/bus/usb/*/*").stdout.splitlines()
        assert nodes.count("bwvdock 660") == 1
        # The daemon, as its unit lets it see the machine, may switch this very socket off and on.
        switch = f"{where('MTP-MIXED')}/port/disable"
        assert station.dock.run(f"stat -Lc '%G %a' {switch}").stdout == "bwvdock 664\n"
        daemon = f"nsenter -t {station.daemon()} -m setpriv --reuid bwvdock --regid bwvdock --clear-groups"
        station.dock.run(f"{daemon} test -w {switch}")
        assert station.dock.run(f"{daemon} test -w /sys/devices/system/cpu/online", check=False).rc == 1
        udev = station.dock.run(f"udevadm info {where('MTP-MIXED')}").stdout.splitlines()
        assert "E: BWVDOCK_TRANSPORT=mtp" in udev
        assert "E: CURRENT_TAGS=:bwvdock:" in udev
        assert not any(line.startswith("E: ID_GPHOTO2") for line in udev)
    station.prove_stored("MTP-MIXED", truth)
    (sheet,) = station.dockings("MTP-MIXED")
    assert (sheet["complete"], sheet["residual"]) == (True, 0)
    station.prove_custody()


def test_names_beyond_ascii_from_a_camera_that_always_sends_an_empty_packet(station: Station) -> None:
    """And has two stores, with a clip of its own on each."""
    clips = clips_of(SIZES, "ÜBUNG_録画_{:04}.MP4", seed=32)
    others = clips_of((70_000, 512), "SECOND_{:04}.MP4", seed=38)
    fill_card(station.dock, clips, second=others)
    station.enrol("MTP-NAMES")
    with docked(station, Responder(serial="MTP-NAMES", second=True)):
        station.wait_for_state("MTP-NAMES", "safe-to-remove")
        station.wait_until_stored("MTP-NAMES", len(clips) + len(others))
    stored = station.prove_stored("MTP-NAMES", digests(clips | others))
    assert {clip["path"] for clip in stored} == {*clips, *others}
    station.prove_custody()


def test_a_locked_camera_is_waited_for_and_goes_on_by_itself(station: Station) -> None:
    """And one that shows a vendor-specific interface, which it calls MTP."""
    clips = clips_of((100_000, 200_000), "BWC_{:04}.MP4", seed=33)
    fill_card(station.dock, clips)
    station.enrol("MTP-LOCKED")
    camera = Responder(serial="MTP-LOCKED", options="ro,notmounted", interface="0xFF 0x0 0x0")
    with docked(station, camera):
        shown = station.wait_for_state("MTP-LOCKED", "waiting")
        assert "locked" in shown["reason"]
        assert station.clips("MTP-LOCKED") == []
        camera.unlock(station.dock)
        station.wait_for_state("MTP-LOCKED", "safe-to-remove")
        station.wait_until_stored("MTP-LOCKED", len(clips))
    station.prove_stored("MTP-LOCKED", digests(clips))
    (sheet,) = station.dockings("MTP-LOCKED")
    assert (sheet["complete"], sheet["copied"]) == (True, 2)
    station.prove_custody()


@pytest.mark.extra
def test_two_of_them_and_two_disks_at_once(station: Station, workshop: Path) -> None:
    clips = {
        serial: clips_of((5 * MIB, 70_000, 3 * MIB), "BWC_{:04}.MP4", seed)
        for seed, serial in enumerate(("FOUR-EMULATED", "FOUR-RESPONDER", "FOUR-DISK-A", "FOUR-DISK-B"), 34)
    }
    folders = {serial: make_tree(workshop / serial, files) for serial, files in clips.items()}
    disks = {
        serial: make_vfat(workshop / f"{serial}.img", folders[serial], size=48 * MIB)
        for serial in ("FOUR-DISK-A", "FOUR-DISK-B")
    }
    fill_card(station.dock, clips["FOUR-RESPONDER"])
    for serial in clips:
        station.enrol(serial)
    emulated = Emulated(serial="FOUR-EMULATED", folder=folders["FOUR-EMULATED"], bay=31)
    with (
        docked(station, emulated),
        docked(station, Responder(serial="FOUR-RESPONDER")),
        station.docked("FOUR-DISK-A", disks["FOUR-DISK-A"], bay=3),
        station.docked("FOUR-DISK-B", disks["FOUR-DISK-B"], bay=18),
    ):
        for serial in clips:
            station.wait_for_state(serial, "safe-to-remove")
            station.wait_until_stored(serial, 3)
    for serial, files in clips.items():
        truth = footage(disks[serial]) if serial in disks else digests(files)
        station.prove_stored(serial, truth)
    station.prove_custody()
