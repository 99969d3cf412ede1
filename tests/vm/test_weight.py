"""Does the dock carry a night's worth: a thousand small clips, and a large one beside them?"""

import random
from collections.abc import Callable
from pathlib import Path

from tests.vm.cameras import MIB, make_vfat
from tests.vm.station import Station, footage
from tests.vm.test_straight import make_tree


def test_a_thousand_small_clips_and_one_of_300_mb_at_once(
    station: Station, workshop: Path, record_property: Callable[[str, object], None]
) -> None:
    rng = random.Random(9)
    small = {
        f"DCIM/{100 + n // 250}BWCAM/BWC_{n:04}.MP4": rng.randbytes(rng.randrange(500, 6_000))
        for n in range(1000)
    }
    large = {"DCIM/100BWCAM/BWC_0001.MP4": b"".join(rng.randbytes(1_000_000) for _ in range(300))}
    many = make_vfat(workshop / "many.img", make_tree(workshop / "many", small), size=64 * MIB)
    one = make_vfat(workshop / "one.img", make_tree(workshop / "one", large), size=320 * MIB)
    station.enrol("SN-MANY")
    station.enrol("SN-ONE")
    with station.docked("SN-MANY", many, bay=9), station.docked("SN-ONE", one, bay=31):
        assert station.wait_for_state("SN-ONE", "safe-to-remove", 1200)["clips_copied"] == 1
        assert station.wait_for_state("SN-MANY", "safe-to-remove", 1200)["clips_copied"] == 1000
        station.wait_until_stored("SN-MANY", 1000, 1200)
        station.wait_until_stored("SN-ONE", 1, 1200)
    station.prove_stored("SN-MANY", footage(many))
    station.prove_stored("SN-ONE", footage(one))
    for serial in ("SN-MANY", "SN-ONE"):
        sheet = station.dockings(serial)[0]
        assert (sheet["complete"], sheet["bytes_read"]) == (True, sheet["bytes_copied"])
    station.prove_custody()
    record_property("daemon_peak_kib", max(station.peak.values()))
