"""The power goes, in mid-copy and in mid-vaulting: does everything complete by itself afterwards?"""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.vm.cameras import MIB, make_vfat
from tests.vm.station import Station, footage
from tests.vm.test_straight import make_tree
from tests.vm.test_torn import read_on
from tests.vm.usb import HELD


def test_a_power_cut_during_the_copy_of_one_camera_and_the_vaulting_of_another(
    station: Station, workshop: Path
) -> None:
    size = 112 * MIB
    clip = {"DCIM/100BWCAM/BWC_0001.MP4": random.Random(10).randbytes(size)}
    camera = make_vfat(workshop / "cut.img", make_tree(workshop / "cut", clip), size=144 * MIB)
    clip = {"DCIM/100BWCAM/BWC_0001.MP4": random.Random(11).randbytes(30 * MIB)}
    other = make_vfat(workshop / "vaulting.img", make_tree(workshop / "vaulting", clip), size=48 * MIB)
    station.enrol("SN-CUT")
    station.enrol("SN-VAULTING")
    with station.docked("SN-CUT", camera, bay=11, bytes_per_second=12 * MIB) as name:
        station.dock.wait_until(lambda: station.dock.bytes_read(name) > 92 * MIB, 400)
        station.dock.throttle(name, MIB // 16)  # the rest would take five minutes
        # A slow disk: what is read back from it, to prove that the vault holds it, takes its time.
        station.dock.run("systemctl set-property --runtime bwvdock 'IOReadBandwidthMax=/dev/vda 3M'")
        with station.docked("SN-VAULTING", other, bay=12):
            station.wait(
                lambda: (
                    {c["state"] for c in station.clips("SN-VAULTING")} & {"acquired", "uploaded"} != set()
                ),
                what="its clip is on the way to the vault",
            )
            station.note_memory()
            station.dock.power_cut()
            station.dock.start()
            station.dock.throttle(name, None)
            for serial in ("SN-CUT", "SN-VAULTING"):
                station.wait_for_state(serial, "safe-to-remove")
                station.wait_until_stored(serial, 1)

    (stored,) = station.prove_stored("SN-CUT", footage(camera))
    (acquired,) = station.history(stored["id"], "clip_acquired")
    (copy,) = acquired["parts"]
    assert copy["resumed_at"] + copy["read_bytes"] == size
    assert copy["resumed_at"] >= 64 * MIB  # what was made durable on the way
    after, before = station.dockings("SN-CUT")
    assert (before["complete"], before["reason"]) == (False, "dock stopped while docked")
    assert (after["complete"], after["copied"], after["residual"]) == (True, 1, 0)

    (stored,) = station.prove_stored("SN-VAULTING", footage(other))
    assert len(station.history(stored["id"], "clip_acquired")) == 1
    after, before = station.dockings("SN-VAULTING")
    assert (before["copied"], before["reason"]) == (1, "dock stopped while docked")
    assert (after["complete"], after["copied"], after["already_held"]) == (True, 0, 1)
    station.prove_custody()


@pytest.mark.extra
def test_seeded_power_cuts_of_one_ingest(new_station: Callable[..., Station], workshop: Path) -> None:
    """After each of them: what was called verified is in the vault; in the end everything is."""
    cuts = 20
    rng = random.Random(cuts)
    clips = {
        f"DCIM/100BWCAM/BWC_{n:04}.MP4": rng.randbytes(rng.randrange(1000, MIB)) for n in range(5 * cuts)
    }
    for n in range(1 + cuts // 5):
        clips[f"DCIM/100BWCAM/BWC_{9000 + n}.MP4"] = rng.randbytes(34 * MIB)  # pieces of it are kept
    tree = make_tree(workshop / f"cuts-{cuts}", clips)
    camera = make_vfat(workshop / f"cuts-{cuts}.img", tree, size=sum(map(len, clips.values())) + 20 * MIB)
    truth = footage(camera)
    station = new_station()
    station.enrol("SN-CUTS")
    # Held back at each start: on however slow a machine, nothing is done before the next cut.
    with station.docked("SN-CUTS", camera, bay=11, bytes_per_second=HELD) as name:
        for _ in range(cuts):
            until = 3 * MIB + rng.randrange(8 * MIB)  # the kernel and udev read the first 3
            station.dock.throttle(name, 2 * MIB)
            read_on(station, name, until)
            station.dock.power_cut()
            station.dock.start()
            known = [clip for clip in station.clips("SN-CUTS") if clip["state"] == "verified"]
            vault = station.vault([clip["id"] for clip in known])
            for clip in known:
                assert vault[clip["receipts"][0]["object"]] == truth[clip["path"]] == clip["sha256"], clip
        station.dock.throttle(name, None)
        station.wait_for_state("SN-CUTS", "safe-to-remove")
        station.wait_until_stored("SN-CUTS", len(clips))
    station.prove_stored("SN-CUTS", truth)
    for sheet in station.dockings("SN-CUTS")[1:]:
        assert (sheet["complete"], sheet["reason"]) == (False, "dock stopped while docked")
    station.prove_custody()
    station.dock.remove()
