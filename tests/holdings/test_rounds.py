"""Are stores asked again for what they have proven, and what is recorded of what they have?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.core.facts import (
    ClipFound,
    ClipVerified,
    CopiesDrawn,
    DeliveryResumed,
    VerificationFailed,
    VerifiedAgain,
)
from bwvdock.core.holdings.holding import with_difference
from bwvdock.core.holdings.rules import DAY, Pace, Reverify
from bwvdock.core.ports import FoundPart, Take, TransferControl
from bwvdock.edges.journal.read.reader import JournalReader
from bwvdock.edges.journal.verify.verify import verify_journal
from bwvdock.errors import DestinationUnavailableError, UsageError
from bwvdock.status.alerts import Alert, AlertCode, Severity
from bwvdock.status.alerts.copies import copy_lost
from tests.fakes.camera import camera_with
from tests.fakes.destination import FakeDestination
from tests.fakes.station import Station

HOUR = 3_600_000
RULES = Reverify(first=timedelta(hours=24), every=DAY * 10)


def content_of(root: Path) -> Callable[[Clip, int], bytes]:
    return lambda clip, number: next((root / "spool").glob(f"{clip.id}.{number}.[!p]*")).read_bytes()


class Remote(FakeDestination):
    """A store that may move what it was given."""

    kind = "tus"


def station_with(root: Path, names: tuple[str, ...] = ("nas", "county"), rules: Reverify = RULES) -> Station:
    """A dock that has proven one clip, with a sidecar, in these stores; its camera is gone."""
    stores = [Remote(content_of(root), name=name) for name in names]
    station = Station(root, destinations=stores, reverify=rules)
    station.stores = stores
    station.enrol()
    station.visit(camera_with({"DCIM/100TEST/A.MP4": b"footage", "DCIM/100TEST/A.GPS": b"here"}))
    return station


def only_clip(station: Station) -> Clip:
    [found] = [fact for fact in station.facts if isinstance(fact, ClipFound)]
    clip = station.journal.clip(found.clip)
    assert clip is not None
    return clip


def pass_hours(station: Station, hours: int) -> None:
    for _ in range(hours):
        station.clock.pass_ms(HOUR)
        station.turn()


def pass_days(station: Station, days: int) -> None:
    for _ in range(days * 2):
        station.clock.pass_ms(12 * HOUR)
        station.turn()


def found(station: Station) -> list[VerifiedAgain | VerificationFailed]:
    return [fact for fact in station.facts if isinstance(fact, VerifiedAgain | VerificationFailed)]


@pytest.mark.slow
def test_each_store_is_asked_after_the_first_hours_and_once_in_each_cycle(tmp_path: Path) -> None:
    station = station_with(tmp_path)
    pass_hours(station, 22)
    assert found(station) == []
    pass_hours(station, 4)
    again = [(fact.destination, fact.method) for fact in found(station) if isinstance(fact, VerifiedAgain)]
    assert sorted(again) == [("county", "read-back"), ("nas", "read-back")]
    assert only_clip(station).again == {"nas", "county"}
    asked = len(found(station))
    pass_days(station, 10)
    assert len(found(station)) >= asked + 2
    assert verify_journal(station.root / "journal.sqlite3").ok


@pytest.mark.slow
def test_the_spool_s_copy_does_not_go_early_before_that_nor_is_anything_disposed_of(tmp_path: Path) -> None:
    station = station_with(tmp_path)
    station.schedule.disposal.free()
    station.turn()
    assert "disposal_intended" not in station.kinds()
    pass_hours(station, 26)
    station.schedule.disposal.free()
    station.turn()
    assert only_clip(station).disposed == {"spool"}
    announced = station.kinds().index("disposal_intended")
    assert station.kinds()[:announced].count("verified_again") == 2


@pytest.mark.slow
def test_a_store_that_does_not_answer_shows_nothing_and_the_copy_here_waits_for_it(tmp_path: Path) -> None:
    station = station_with(tmp_path)
    station.stores[0].reachable = False
    pass_days(station, 34)  # its date is day 31
    assert {fact.destination for fact in found(station)} == {"county"}
    assert "disposal_intended" not in station.kinds()
    station.stores[0].reachable = True
    pass_hours(station, 3)
    assert {fact.destination for fact in found(station)} == {"county", "nas"}
    assert only_clip(station).disposed == {"spool"}


@pytest.mark.slow
def test_it_waits_no_longer_than_the_configuration_allows_and_then_says_what_was_not_asked(
    tmp_path: Path,
) -> None:
    station = station_with(tmp_path)
    station.stores[0].reachable = False
    pass_days(station, 39)
    assert only_clip(station).disposed == {"spool"}
    [said] = [fact for fact in station.facts if fact.kind == "disposal_intended"]
    assert "not verified again in nas" in getattr(said, "reason", "")


def lose(store: FakeDestination, clip: Clip) -> None:
    del store.objects[f"{clip.id}.0"]


def cut(store: FakeDestination, clip: Clip) -> None:
    store.objects[f"{clip.id}.0"] = b"foot"


def swap(store: FakeDestination, clip: Clip) -> None:
    store.objects[f"{clip.id}.0"] = b"FOOTAGE"


def lose_sidecar(store: FakeDestination, clip: Clip) -> None:
    del store.objects[f"{clip.id}.1"]


@pytest.mark.parametrize(
    "fault,finding",
    [(lose, "missing"), (cut, "changed"), (swap, "changed"), (lose_sidecar, "missing")],
)
@pytest.mark.slow
def test_a_copy_that_is_not_what_it_was_is_found_and_counts_as_none(
    tmp_path: Path, fault: Callable[[FakeDestination, Clip], None], finding: str
) -> None:
    station = station_with(tmp_path)
    fault(station.stores[0], only_clip(station))
    pass_hours(station, 27)
    failed = [fact for fact in found(station) if isinstance(fact, VerificationFailed)]
    assert [(fact.destination, fact.finding, fact.required) for fact in failed] == [("nas", finding, True)]


@pytest.mark.slow
def test_a_lost_copy_is_uploaded_from_the_spool_and_proven_anew(tmp_path: Path) -> None:
    station = station_with(tmp_path)
    lose(station.stores[0], only_clip(station))
    pass_hours(station, 27)
    clip = only_clip(station)
    assert (clip.state, clip.failed) == (ClipState.VERIFIED, {})
    assert station.stores[0].objects[f"{clip.id}.0"] == b"footage"
    proofs = [fact.destination for fact in station.facts if isinstance(fact, ClipVerified)]
    assert sorted(proofs) == ["county", "nas", "nas"]
    assert clip.again == {"county"}, "the new copy is to be asked for again, too"
    pass_hours(station, 26)
    assert only_clip(station).again == {"county", "nas"}
    assert verify_journal(station.root / "journal.sqlite3").ok


@pytest.mark.slow
def test_what_is_missing_only_once_was_no_loss(tmp_path: Path) -> None:
    station = station_with(tmp_path)
    clip = only_clip(station)
    kept = station.stores[0].objects.pop(f"{clip.id}.0")
    while "read" not in station.stores[0].asked:
        pass_hours(station, 1)
    station.stores[0].objects[f"{clip.id}.0"] = kept
    pass_hours(station, 2)
    assert {type(fact) for fact in found(station)} == {VerifiedAgain}


@pytest.mark.slow
def test_the_pace_holds_over_restarts_for_the_entries_say_what_was_asked_for(tmp_path: Path) -> None:
    rules = Reverify(first=timedelta(hours=1), every=DAY * 10, pace=Pace(clips=2))
    stores = [FakeDestination(content_of(tmp_path), name="nas")]
    station = Station(tmp_path, destinations=stores, reverify=rules)
    station.stores = stores
    station.enrol()
    station.visit(camera_with({f"DCIM/100TEST/{n}.MP4": f"footage {n}".encode() for n in range(5)}))
    by_night: dict[str, int] = {}
    for hour in range(48):
        pass_hours(station, 1)
        if hour % 5 == 0:
            station.restart()
    for fact in station.facts:
        if isinstance(fact, CopiesDrawn):
            by_night[fact.night] = by_night.get(fact.night, 0) + fact.first + fact.due + fact.sample
    assert max(by_night.values()) == 2
    assert len({fact.clip for fact in found(station)}) >= 4


@pytest.mark.slow
def test_nothing_is_asked_while_the_dock_is_paused(tmp_path: Path) -> None:
    station = station_with(tmp_path)
    station.dockings.paused = True
    pass_hours(station, 30)
    assert found(station) == []


def loss(station: Station) -> Alert | None:
    with JournalReader(station.root / "journal.sqlite3") as reader:
        failed = reader.summary().failed
    found = [alert for name in failed for alert in copy_lost(name, failed[name], station.clock.now())]
    return found[0] if found else None


def refuse(clip: Clip, transfer: TransferControl) -> None:
    raise DestinationUnavailableError("it is full", remedy="Wait")


@pytest.mark.slow
def test_a_loss_is_an_error_until_it_is_made_good_and_a_warning_for_a_week_after_that(tmp_path: Path) -> None:
    """Nashville, 2022: what had reached one server had never reached the other, and nobody was told."""
    station = station_with(tmp_path)
    lose(station.stores[0], only_clip(station))
    station.stores[0].on_store = refuse
    pass_hours(station, 27)
    error = loss(station)
    assert error is not None
    assert (error.severity, error.subject) == (Severity.ERROR, "nas")
    assert "1 copy missing" in error.message
    station.stores[0].on_store = lambda clip, transfer: None
    pass_hours(station, 2)
    warning = loss(station)
    assert warning is not None
    assert warning.severity is Severity.WARNING
    pass_days(station, 7)
    assert loss(station) is None


@pytest.mark.slow
def test_a_store_that_is_away_is_no_loss(tmp_path: Path) -> None:
    station = station_with(tmp_path)
    station.stores[0].objects.clear()
    station.stores[0].reachable = False
    pass_hours(station, 60)
    assert loss(station) is None


@pytest.mark.slow
def test_what_does_not_fit_into_a_night_is_said_and_comes_in_the_next(tmp_path: Path) -> None:
    rules = Reverify(first=timedelta(hours=1), every=DAY * 10, pace=Pace(clips=1))
    stores = [FakeDestination(content_of(tmp_path), name="nas")]
    station = Station(tmp_path, destinations=stores, reverify=rules)
    station.enrol()
    station.visit(camera_with({f"DCIM/100TEST/{n}.MP4": f"footage {n}".encode() for n in range(3)}))
    pass_hours(station, 3)
    assert "per_night" in station.alerts()[AlertCode.COPIES_NOT_ASKED].message
    pass_hours(station, 72)
    assert AlertCode.COPIES_NOT_ASKED not in station.alerts()
    assert len({fact.clip for fact in found(station)}) == 3


@pytest.mark.slow
def test_what_stands_in_the_place_of_a_changed_copy_is_left_and_keeps_the_clip_from_no_other_store(
    tmp_path: Path,
) -> None:
    station = station_with(tmp_path)
    clip = only_clip(station)
    swap(station.stores[0], clip)
    lose(station.stores[1], clip)
    pass_hours(station, 27)
    after = only_clip(station)
    assert station.stores[0].objects[f"{clip.id}.0"] == b"FOOTAGE", "it is left for whoever asks what it is"
    assert station.stores[1].objects[f"{clip.id}.0"] == b"footage"
    assert (set(after.failed), set(after.refused), after.state) == ({"nas"}, {"nas"}, ClipState.ACQUIRED)
    assert {AlertCode.CLIPS_REFUSED} <= set(station.alerts())
    lose(station.stores[0], clip)  # a person has moved it away, and says so
    station.ledger.record([DeliveryResumed(clip=clip.id, actor="0:root")])
    pass_hours(station, 2)
    assert (only_clip(station).failed, only_clip(station).state) == ({}, ClipState.VERIFIED)


class Mute(FakeDestination):
    """Answers for what it has, and gives nothing back."""

    def read_part(self, clip: Clip, number: int, transfer: TransferControl, take: Take) -> FoundPart | None:
        found = super().read_part(clip, number, transfer, lambda _: None)
        return found and replace(found, given=False)


@pytest.mark.slow
def test_a_store_that_gives_nothing_back_is_told_of_claims_nothing_and_keeps_nothing_waiting(
    tmp_path: Path,
) -> None:
    station = Station(tmp_path, destinations=[Mute(content_of(tmp_path), name="nas")], reverify=RULES)
    station.enrol()
    station.visit(camera_with({"DCIM/100TEST/A.MP4": b"footage"}))
    pass_hours(station, 48)
    assert found(station) == []
    assert "gives nothing back" in station.alerts()[AlertCode.COPIES_NOT_ASKED].message
    assert station.kinds().count("copies_drawn") <= 2
    pass_days(station, 31)
    assert only_clip(station).disposed == {"spool"}


@pytest.mark.slow
def test_everything_is_asked_for_when_a_person_wants_it_whatever_the_pace(tmp_path: Path) -> None:
    rules = Reverify(first=timedelta(hours=1), every=DAY * 90, pace=Pace(clips=1))
    stores = [FakeDestination(content_of(tmp_path), name=name) for name in ("nas", "county")]
    station = Station(tmp_path, destinations=stores, reverify=rules)
    station.enrol()
    station.visit(camera_with({f"DCIM/100TEST/{n}.MP4": f"footage {n}".encode() for n in range(4)}))
    station.clock.pass_ms(2 * HOUR)
    holdings = station.dock.holdings
    assert holdings is not None
    began = holdings.ask_for_all("nas", "1000:ann")
    assert holdings.waiting > 0
    station.turn()
    asked = {(fact.clip, fact.destination) for fact in found(station)}
    assert len({clip for clip, name in asked if name == "nas"}) == 4
    assert len({clip for clip, name in asked if name == "county"}) == 1, "the others at their pace"
    assert holdings.waiting == 0
    with JournalReader(station.root / "journal.sqlite3") as reader:
        known = reader.holdings(["nas", "county"], now=station.clock.now(), asked_since=began)
    rows = [with_difference(row, asked_since=began) for row in known]
    assert {row.difference for row in rows if row.destination == "nas"} == {""}
    assert sum(bool(row.difference) for row in rows if row.destination == "county") == 3
    with pytest.raises(UsageError, match="No destination is called"):
        holdings.ask_for_all("nobody", "1000:ann")


@pytest.mark.slow
def test_what_came_a_moment_ago_is_asked_for_too_and_that_does_not_count_as_asked_again(
    tmp_path: Path,
) -> None:
    """A store may not have moved it yet to where it is kept."""
    station = station_with(tmp_path)
    station.clock.pass_ms(HOUR)
    station.clock.is_synchronised = False
    lose(station.stores[0], only_clip(station))
    assert station.dock.holdings is not None
    began = station.dock.holdings.ask_for_all("", "1000:ann")
    station.turn()
    station.clock.pass_ms(60_000)
    station.turn()
    assert [fact.scheduled for fact in found(station) if isinstance(fact, VerifiedAgain)] == [False]
    assert only_clip(station).again == frozenset()
    assert only_clip(station).failed == {}, "and what is lost is made good at once"
    with JournalReader(station.root / "journal.sqlite3") as reader:
        known = reader.holdings(["nas", "county"], now=station.clock.now(), asked_since=began)
    said = {row.destination: with_difference(row, asked_since=began).difference for row in known}
    assert said == {"county": "", "nas": "missing when it was asked for, and proven anew since"}


def test_a_dock_with_a_vault_alone_makes_room_at_once_and_its_vault_is_read_before(tmp_path: Path) -> None:
    """A copy in a vault lies where it was put."""
    station = Station(tmp_path, reverify=RULES)
    station.enrol()
    station.visit(camera_with({"DCIM/100TEST/A.MP4": b"footage"}))
    station.schedule.disposal.free()
    station.turn()
    assert only_clip(station).disposed == {"spool"}
    kinds = station.kinds()
    assert kinds.index("verified_again") < kinds.index("clip_disposed")


def test_a_clock_that_was_set_makes_stores_asked_at_once(tmp_path: Path) -> None:
    station = station_with(tmp_path)
    station.clock.wrong_by = DAY * 10
    station.turn()
    assert {fact.destination for fact in found(station)} == {"nas", "county"}
