"""Is a camera that is torn out in mid-copy, or in mid-listing, finished later, and never reported as done?"""

import random
from itertools import pairwise
from pathlib import Path

import pytest

from tests.vm.cameras import MIB, make_vfat
from tests.vm.station import Station, footage
from tests.vm.test_straight import make_tree

SLOW = 6 * MIB  # bytes per second
OVERHEAD = 6 * MIB  # what kernel, udev and one listing read besides the clips, on each docking


def read_on(station: Station, name: str, until: int) -> None:
    """Waits until so many bytes were read from a camera since it was plugged in."""
    station.dock.wait_until(lambda: station.dock.bytes_read(name) > until, 400)


def test_torn_out_at_three_moments_of_a_copy_it_goes_on_where_it_was(
    station: Station, workshop: Path
) -> None:
    size = 72 * MIB
    clip = {"DCIM/100BWCAM/BWC_0001.MP4": random.Random(7).randbytes(size)}
    camera = make_vfat(workshop / "torn.img", make_tree(workshop / "torn", clip), size=96 * MIB)
    station.enrol("SN-TORN")
    read = 0
    for part in (8 * MIB, 20 * MIB, 30 * MIB):
        with station.docked("SN-TORN", camera, bay=4, bytes_per_second=SLOW) as name:
            read_on(station, name, OVERHEAD // 2 + part)
            read += station.dock.bytes_read(name)
            station.unplug("SN-TORN")
        sheet = station.dockings("SN-TORN")[0]
        assert (sheet["complete"], sheet["copied"], sheet["residual"]) == (False, 0, 1)
    with station.docked("SN-TORN", camera, bay=5) as name:
        station.wait_for_state("SN-TORN", "safe-to-remove")
        station.wait_until_stored("SN-TORN", 1)
        read += station.dock.bytes_read(name)
    sheet = station.dockings("SN-TORN")[0]
    assert (sheet["complete"], sheet["copied"], sheet["residual"]) == (True, 1, 0)

    (stored,) = station.prove_stored("SN-TORN", footage(camera))
    (acquired,) = station.history(stored["id"], "clip_acquired")
    (copy,) = acquired["parts"]
    assert copy["resumed_at"] + copy["read_bytes"] == size
    assert copy["resumed_at"] > (8 + 20 + 30) * MIB - 4 * OVERHEAD
    assert read < size + 4 * OVERHEAD  # the camera's own count: no byte was read twice
    assert len(station.history(stored["id"], "copy_intended")) == 4
    station.prove_custody()


@pytest.mark.parametrize("moments", [(250,), pytest.param((60, 250, 600), marks=pytest.mark.extra)])
def test_torn_out_while_it_is_listed_it_is_never_complete(
    station: Station, workshop: Path, moments: tuple[int, ...]
) -> None:
    """A vfat volume without its camera lists as empty, and without an error: that must not count.

    `moments`: KiB into the listing; it takes about 1 MiB.
    """
    listed = f"SN-LISTED-{len(moments)}"
    rng = random.Random(8)
    clips = {f"DCIM/{100 + n % 40}BWCAM/BWC_{n:04}.MP4": rng.randbytes(2_000) for n in range(240)}
    camera = make_vfat(workshop / "listed.img", make_tree(workshop / "listed", clips), size=48 * MIB)
    for moment in moments:
        with station.docked(listed, camera, bay=6) as name:
            # Refused at first, so that what is read after it is let in is read by the listing alone.
            station.wait_for_state(listed, "refused")
            station.dock.disk(name)
            station.dock.throttle(name, 128 * 1024)
            start = station.dock.bytes_read(name)
            station.enrol(listed)
            read_on(station, name, start + moment * 1024)
            station.unplug(listed)
        sheet = station.dockings(listed)[0]
        assert sheet["complete"] is False
        assert sheet["seen"] == 0
        station.run(f"cameras revoke {listed} --reason 'the next moment'")
    assert station.clips(listed) == []
    station.enrol(listed)
    with station.docked(listed, camera, bay=6):
        station.wait_for_state(listed, "safe-to-remove")
        station.wait_until_stored(listed, 240)
    station.prove_stored(listed, footage(camera))
    sheets = station.dockings(listed)
    assert [sheet["complete"] for sheet in sheets] == [True, *(False for _ in moments)]
    assert all(later["attached_at"] > earlier["attached_at"] for later, earlier in pairwise(sheets))
    station.prove_custody()
