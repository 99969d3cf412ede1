"""A card reader with several slots: are cards taken, whichever slot they are in and whenever they come?"""

import random
from pathlib import Path

from tests.vm.cameras import MIB, make_vfat
from tests.vm.station import Station, footage
from tests.vm.test_straight import make_tree
from tests.vm.usb import Reader


def test_a_card_in_the_second_slot_then_one_put_into_the_empty_first(
    station: Station, workshop: Path
) -> None:
    rng = random.Random(12)
    cards = [
        make_vfat(
            workshop / f"card{number}.img",
            make_tree(
                workshop / f"card{number}",
                {f"DCIM/10{number}BWCAM/BWC_000{n}.MP4": rng.randbytes(40_000) for n in range(3)},
            ),
            size=48 * MIB,
        )
        for number in range(3)
    ]
    station.enrol("SN-READER")
    station.dock.plug(Reader(name="sn-reader", slots=(None, cards[0].path), serial="SN-READER", bay=14))
    try:
        station.wait_for_state("SN-READER", "safe-to-remove")
        station.wait_until_stored("SN-READER", 3)
        station.dock.usb.insert_medium("sn-reader", cards[1].path)
        station.wait_until_stored("SN-READER", 6)
        station.wait_for_state("SN-READER", "safe-to-remove")
        station.dock.usb.eject_medium("sn-reader")
        empty = station.dock.disk("sn-reader", lun=0)
        station.dock.wait_until(f"[ $(cat /sys/block/{empty}/size) = 0 ]")
        station.dock.usb.insert_medium("sn-reader", cards[2].path)
        station.wait_until_stored("SN-READER", 9)
        station.wait_for_state("SN-READER", "safe-to-remove")
    finally:
        station.unplug("SN-READER")
    station.prove_stored("SN-READER", {k: v for card in cards for k, v in footage(card).items()})
    (sheet,) = station.dockings("SN-READER")
    assert (sheet["complete"], sheet["copied"], sheet["residual"]) == (True, 9, 0)
    assert all(card.untouched() for card in cards)
    station.prove_custody()
