"""Is a clip whose class names destinations sent there alone, and what does `required` mean for it then?

From its unit's class, which it has before anything of it is sent; and from a review that comes later.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from bwvdock.core.clips.classes.given import classify
from bwvdock.core.clips.classes.rules import RetentionClass, RetentionRules
from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.core.clips.plan import Target
from bwvdock.core.facts import BY_PERSON, CameraEnrolled, ClipClassified, ClipFound
from bwvdock.service.assemble import Parts
from tests.fakes.camera import FakeFile, FakeVolume
from tests.fakes.destination import FakeDestination
from tests.fakes.station import Station

DAY = 24 * 3600 * 1000
FIREARMS = RetentionClass(
    name="firearms", days=90, restricted=True, destinations=("safe",), units=("Trojan",), priority=3
)
RULES = RetentionRules(days=31, classes=(FIREARMS,))


class Routed(Station):
    """A dock with two stores; `safe` gets only clips whose class names it."""

    def outside(self, parts: Parts) -> Parts:
        targets = [
            Target(name="county", required=True),
            Target(name="safe", required=False, classes_only=True),
        ]
        return replace(parts, targets=targets)


@pytest.fixture
def station(tmp_path: Path) -> Station:
    stores = [FakeDestination(lambda c, n: b"footage", name=name) for name in ("county", "safe")]
    here = Routed(tmp_path, destinations=stores, retention=RULES, erases=True)
    here.stores = stores
    for serial, unit in (("BWV-00001", "Trojan"), ("BWV-00002", "Camden")):
        here.ledger.record([CameraEnrolled(camera=serial, model="", actor="0:root", unit=unit)])
        here.dockings.judge_again(serial)
    return here


@contextmanager
def docked(station: Station, serial: str) -> Iterator[FakeVolume]:
    card = FakeVolume(files={f"DCIM/100TEST/{serial}.MP4": FakeFile(data=b"footage")})
    key = station.plug(card, serial=serial, bay=f"1-{serial[-1]}")
    station.turn()
    yield card
    station.pull(key)
    station.turn()


def clip(station: Station, serial: str) -> Clip:
    found = next(f for f in station.facts if isinstance(f, ClipFound) and f.camera == serial)
    known = station.journal.clip(found.clip)
    assert known is not None
    return known


@pytest.mark.slow
def test_a_unit_s_class_sends_its_footage_to_its_store_alone(station: Station) -> None:
    county, safe = station.stores
    with docked(station, "BWV-00001") as card:
        known = clip(station, "BWV-00001")
        assert (known.state, set(known.receipts)) == (ClipState.RELEASED, {"safe"})
        assert not known.reviewed
        assert card.files == {}, "erased: the store that must have it proved it"
    with docked(station, "BWV-00002"):
        assert set(clip(station, "BWV-00002").receipts) == {"county"}
    assert known.id not in "".join(county.asked)
    assert clip(station, "BWV-00002").id not in "".join(safe.asked)
    kinds = [f.kind for f in station.facts if getattr(f, "clip", "") == known.id]
    assert kinds.index(ClipClassified.kind) < kinds.index("clip_uploaded")


def test_without_the_store_that_it_must_go_to_nothing_is_erased_or_disposed_of(station: Station) -> None:
    station.stores[1].reachable = False
    with docked(station, "BWV-00001") as card:
        assert clip(station, "BWV-00001").state is ClipState.ACQUIRED
        assert len(card.files) == 1, "county has nothing to do with it"
    station.clock.pass_ms(200 * DAY)
    station.turn()
    assert (station.root / "spool" / f"{clip(station, 'BWV-00001').id}.0.mp4").exists()


@pytest.mark.slow
def test_a_review_that_comes_later_sends_it_there_too_and_erases_nothing_before(station: Station) -> None:
    station.stores[1].reachable = False
    station.dockings.erasing.rules = replace(station.dockings.erasing.rules, erase=False)
    with docked(station, "BWV-00002") as card:
        known = clip(station, "BWV-00002")
        assert (known.state, set(known.receipts)) == (ClipState.VERIFIED, {"county"})
        station.ledger.record([classify(known.id, FIREARMS, basis=BY_PERSON, actor="1000:ann")])
        station.dockings.erasing.rules = replace(station.dockings.erasing.rules, erase=True)
        station.dockings.erasing.think_again()
        station.turn()
        assert len(card.files) == 1, "the store that must have it now has no proven copy"
        station.stores[1].reachable = True
        station.clock.pass_ms(3600 * 1000)
        station.turn()
        assert set(clip(station, "BWV-00002").receipts) == {"county", "safe"}


def test_after_its_camera_s_copy_is_gone_it_goes_from_the_spool(station: Station) -> None:
    with docked(station, "BWV-00002") as card:
        assert card.files == {}
        known = clip(station, "BWV-00002")
        station.ledger.record([classify(known.id, FIREARMS, basis=BY_PERSON, actor="1000:ann")])
        station.turn()
        assert set(clip(station, "BWV-00002").receipts) == {"county", "safe"}


def test_a_store_that_the_configuration_no_longer_has_keeps_everything(station: Station) -> None:
    gone = replace(FIREARMS, destinations=("gone",))
    with docked(station, "BWV-00002"):
        known = clip(station, "BWV-00002")
    station.ledger.record([classify(known.id, gone, basis=BY_PERSON, actor="1000:ann")])
    station.turn()
    station.clock.pass_ms(200 * DAY)
    station.turn()
    assert (station.root / "spool" / f"{known.id}.0.mp4").exists()
