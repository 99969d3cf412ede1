"""Does the dock carry a night's worth: many small clips, and a large one beside them?"""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.vm.cameras import MIB, make_vfat
from tests.vm.station import Station, footage
from tests.vm.test_straight import make_tree


@pytest.mark.extra
def test_many_small_clips_and_a_large_one_at_once(
    station: Station, workshop: Path, record_property: Callable[[str, object], None]
) -> None:
    clips, megabytes = 1000, 300
    rng = random.Random(9)
    many_serial, one_serial = f"SN-{clips}", f"SN-{megabytes}"
    small = {
        f"DCIM/{100 + n // 250}BWCAM/BWC_{n:04}.MP4": rng.randbytes(rng.randrange(500, 6_000))
        for n in range(clips)
    }
    large = {"DCIM/100BWCAM/BWC_0001.MP4": b"".join(rng.randbytes(1_000_000) for _ in range(megabytes))}
    many = make_vfat(workshop / "many.img", make_tree(workshop / "many", small), size=64 * MIB)
    one = make_vfat(workshop / "one.img", make_tree(workshop / "one", large), size=(megabytes + 20) * MIB)
    station.enrol(many_serial)
    station.enrol(one_serial)
    with station.docked(many_serial, many, bay=9), station.docked(one_serial, one, bay=31):
        assert station.wait_for_state(one_serial, "safe-to-remove", 1200)["clips_copied"] == 1
        assert station.wait_for_state(many_serial, "safe-to-remove", 1200)["clips_copied"] == clips
        station.wait_until_stored(many_serial, clips, 1200)
        station.wait_until_stored(one_serial, 1, 1200)
    station.prove_stored(many_serial, footage(many))
    station.prove_stored(one_serial, footage(one))
    for serial in (many_serial, one_serial):
        sheet = station.dockings(serial)[0]
        assert (sheet["complete"], sheet["bytes_read"]) == (True, sheet["bytes_copied"])
    station.prove_custody()
    record_property("daemon_peak_kib", max(station.peak.values()))
