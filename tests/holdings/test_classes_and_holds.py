"""Are the stores asked again that a clip's class names, and for what is held or can still be restored?"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bwvdock.core.clips.classes.rules import RetentionClass, RetentionRules
from bwvdock.core.clips.clip import Clip
from bwvdock.core.facts import (
    CameraEnrolled,
    ClipFound,
    ClipHeld,
    CopyWithdrawn,
    HoldOpened,
    RestoreIntended,
    VerificationFailed,
    VerifiedAgain,
)
from bwvdock.core.holdings.holding import Holding, Standing
from bwvdock.core.holdings.rules import DAY, Reverify
from bwvdock.edges.journal.read.holdings import holdings
from bwvdock.edges.journal.read.reader import JournalReader
from bwvdock.edges.journal.verify.verify import verify_journal
from tests.fakes.camera import FakeFile, FakeVolume
from tests.fakes.station import SERIAL, Station
from tests.holdings.test_rounds import Remote

pytestmark = pytest.mark.slow

HOUR = 3_600_000
RULES = Reverify(first=timedelta(hours=24), every=DAY * 10)
FIREARMS = RetentionClass(
    name="firearms", days=90, restricted=True, destinations=("vault-b",), units=("Firearms",)
)
STORES = ("county", "vault-b")


def station_with(root: Path, retention: RetentionRules, *, unit: str = "", remote: bool = True) -> Station:
    """Return a dock with one clip, verified where it must be; both stores are required, or a vault is."""

    def content(clip: Clip, number: int) -> bytes:
        return next((root / "spool").glob(f"{clip.id}.{number}.[!p]*")).read_bytes()

    stores = [Remote(content, name=name) for name in STORES] if remote else None
    station = Station(root, destinations=stores, reverify=RULES, retention=retention)
    station.stores = stores or []
    station.enrol()
    station.ledger.record([CameraEnrolled(camera=SERIAL, model="", actor="0:root", unit=unit)])
    station.visit(FakeVolume(files={"DCIM/100TEST/A.MP4": FakeFile(data=b"footage", mtime_ns=10**18)}))
    return station


def pass_hours(station: Station, hours: int, step: int = 1) -> None:
    for _ in range(0, hours, step):
        station.clock.pass_ms(step * HOUR)
        station.turn()


def the_clip(station: Station) -> Clip:
    [found] = [fact for fact in station.facts if isinstance(fact, ClipFound)]
    clip = station.journal.clip(found.clip)
    assert clip is not None
    return clip


def report(station: Station) -> list[Holding]:
    """Return what `report holdings` lists where every store of this dock is required."""
    now = station.clock.now()
    with JournalReader(station.root / "journal.sqlite3") as reader:
        return reader.report(lambda db: list(holdings(db, [t.name for t in station.ledger.targets], now=now)))


def proven_again(station: Station) -> list[str]:
    return [fact.destination for fact in station.facts if isinstance(fact, VerifiedAgain) and fact.scheduled]


def test_what_goes_to_one_store_is_asked_of_that_one_waits_for_that_one_and_is_expected_there(
    tmp_path: Path,
) -> None:
    station = station_with(tmp_path, RetentionRules(classes=(FIREARMS,)), unit="Firearms")
    assert set(the_clip(station).receipts) == {"vault-b"}
    assert [(one.destination, one.required, one.standing) for one in report(station)] == [
        ("vault-b", True, Standing.PROVEN)
    ]
    station.schedule.disposal.free()
    station.turn()
    assert "disposal_intended" not in station.kinds(), "its one store was not asked again"
    pass_hours(station, 26)
    assert proven_again(station) == ["vault-b"]
    station.schedule.disposal.free()
    station.turn()
    assert the_clip(station).disposed == {"spool"}
    assert verify_journal(tmp_path / "journal.sqlite3").problems == ()


@pytest.mark.parametrize("by_query", [False, True])
def test_what_is_held_past_its_date_is_still_asked_for(tmp_path: Path, by_query: bool) -> None:
    station = station_with(tmp_path, RetentionRules(days=3))
    clip = the_clip(station).id
    if by_query:
        hold = HoldOpened(hold="h-1", camera=SERIAL, reason="r", actor="1000:sgt")
        station.ledger.record([hold])
    else:
        station.ledger.record([ClipHeld(clip=clip, reason="r", actor="1000:sgt")])
    pass_hours(station, 24 * 15, step=6)
    assert station.clock.now().isoformat() > the_clip(station).retain_until
    before = len(proven_again(station))
    pass_hours(station, 24 * 11, step=6)
    assert set(proven_again(station)[before:]) == {*STORES}, "each once in ten days"
    assert the_clip(station).disposed == frozenset()
    assert {one.standing for one in report(station)} == {Standing.PROVEN}


def test_a_copy_that_can_still_be_restored_is_not_lost_and_is_asked_for_again_once_it_was(
    tmp_path: Path,
) -> None:
    station = station_with(tmp_path, RetentionRules(days=3, grace_days=7), remote=False)
    pass_hours(station, 24 * 5, step=6)
    assert any(isinstance(fact, CopyWithdrawn) for fact in station.facts)
    pass_hours(station, 24 * 4, step=6)
    assert not any(isinstance(fact, VerificationFailed) for fact in station.facts)
    assert {one.standing for one in report(station)} <= {Standing.PAST}, "neither lost nor waiting"
    clip = the_clip(station).id
    restore = RestoreIntended(clip=clip, place="vault", reason="r", actor="1000:sgt")
    station.ledger.record([ClipHeld(clip=clip, reason="r", actor="1000:sgt"), restore])
    station.schedule.disposal.restore(restore)
    station.turn()
    before = len(proven_again(station))
    pass_hours(station, 24 * 12, step=6)
    assert len(proven_again(station)) > before
    assert not any(isinstance(fact, VerificationFailed) for fact in station.facts)
    assert {one.standing for one in report(station)} == {Standing.PROVEN}
    assert verify_journal(tmp_path / "journal.sqlite3").problems == ()
