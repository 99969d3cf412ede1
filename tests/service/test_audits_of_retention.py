"""What auditors found elsewhere: which alert or figure of a dock would have said so in time?

Kansas City, April 2022: "not evidence" was the default for what nobody had looked at. Surrey, April 2022:
footage that was watched for a complaint, never marked, and deleted at 30 days. Queensland, October 2023:
the share of uncategorised footage rose from 13 to 31 %, most of it in one region.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from bwvdock.core.clips.classes.given import classify
from bwvdock.core.clips.classes.rules import RetentionClass, RetentionRules
from bwvdock.core.facts import (
    BY_PERSON,
    BY_UNIT,
    CameraEnrolled,
    ClipFlagged,
    ClipFound,
    ClipHeld,
    Fact,
    FootageConsulted,
    FootageExported,
)
from bwvdock.edges.journal.read.due_footage import DueFootage
from bwvdock.status.alerts import Alert, AlertCode
from tests.fakes.camera import FakeFile, FakeVolume
from tests.fakes.station import Station

DAY = 24 * 3600 * 1000
RULES = RetentionRules(days=31, notice_days=7, consulted_days=7)
NOTHING = RetentionClass(name="", days=31)
SERGEANT = "1000:sergeant"


def station_of(root: Path, units: Sequence[tuple[str, int]], rules: RetentionRules = RULES) -> Station:
    """Return a dock that took so many clips of each unit on one day."""
    station = Station(root, retention=rules)
    for number, (unit, clips) in enumerate(units):
        serial = f"BWV-0000{number}"
        station.ledger.record([CameraEnrolled(camera=serial, model="", actor="0:root", unit=unit)])
        station.dockings.judge_again(serial)
        files = {
            f"DCIM/100TEST/{serial}-{n}.MP4": FakeFile(data=b"%d %d" % (number, n)) for n in range(clips)
        }
        key = station.plug(FakeVolume(files=files), serial=serial, bay=f"1-{number}")
        station.turn()
        station.pull(key)
        station.turn()
    return station


def days(station: Station, number: int) -> None:
    station.clock.pass_ms(number * DAY)
    station.turn()


def clips(station: Station) -> list[str]:
    return [fact.clip for fact in station.facts if isinstance(fact, ClipFound)]


def alert(station: Station, code: AlertCode) -> Alert | None:
    return station.alerts().get(code)


def said(station: Station, code: AlertCode) -> str:
    found = alert(station, code)
    return f"{found.message} {found.remedy}" if found else ""


def record(station: Station, *facts: Fact) -> None:
    station.ledger.record(facts)
    station.turn()


def looked_at(*ids: str) -> FootageConsulted:
    return FootageConsulted(
        command="clips show", subject=ids[0], reason="complaint 12/26", actor=SERGEANT, clips=ids
    )


def vault(station: Station) -> int:
    return len(list((station.root / "vault").rglob("*.0.mp4")))


@pytest.mark.slow
def test_kansas_city_what_nobody_looked_at_is_not_gone_because_of_a_default(tmp_path: Path) -> None:
    ceiling = RetentionClass(name="not-looked-at", days=365, until_reviewed=True)
    rules = RetentionRules(days=31, unreviewed=ceiling, notice_days=14, classes=(ceiling,))
    station = station_of(tmp_path, [("Central", 2)], rules)
    days(station, 40)
    assert vault(station) == 2
    record(station, classify(clips(station)[0], NOTHING, basis=BY_PERSON, actor=SERGEANT))
    days(station, 1)
    assert vault(station) == 1, "somebody looked at it, and it needs no class"
    assert said(station, AlertCode.FOOTAGE_DUE) == ""
    days(station, 365 - 41 - 13)
    assert "Nobody has reviewed 1 clip that falls due soon" in said(station, AlertCode.FOOTAGE_DUE)


@pytest.mark.slow
def test_queensland_unreviewed_footage_is_counted_by_unit_before_it_falls_due(tmp_path: Path) -> None:
    station = station_of(tmp_path, [("Brisbane", 4), ("Cairns", 1), ("", 2)])
    days(station, 20)
    assert alert(station, AlertCode.FOOTAGE_DUE) is None
    days(station, 5)
    told = said(station, AlertCode.FOOTAGE_DUE)
    assert "Nobody has reviewed 7 clips that fall due soon" in told
    assert "Brisbane 4, Cairns 1, without a unit 2." in told
    assert "bwvdock clips list --unreviewed" in told
    record(station, *(classify(c, NOTHING, basis=BY_PERSON, actor=SERGEANT) for c in clips(station)[:4]))
    days(station, 1)
    assert "Cairns 1, without a unit 2." in said(station, AlertCode.FOOTAGE_DUE)


@pytest.mark.slow
def test_surrey_what_somebody_watched_for_a_complaint_falls_due_with_an_alert_that_offers_a_hold(
    tmp_path: Path,
) -> None:
    station = station_of(tmp_path, [("Woking", 3)])
    watched, exported, other = clips(station)
    record(station, looked_at(watched))
    days(station, 20)
    assert alert(station, AlertCode.CONSULTED_DUE) is None
    days(station, 5)
    told = said(station, AlertCode.CONSULTED_DUE)
    assert f"Somebody looked at clip {watched} with a reason" in told
    assert f"bwvdock clips hold {watched} --reason R" in told
    assert SERGEANT not in told
    assert "complaint" not in told
    record(
        station,
        FootageExported(clips=(exported,), tagmanifest_sha256="00", reason="disclosure", actor=SERGEANT),
    )
    days(station, 1)
    assert "The same is true of 1 other clip." in said(station, AlertCode.CONSULTED_DUE)
    record(station, ClipHeld(clip=watched, reason="complaint 12/26", actor=SERGEANT))
    days(station, 1)
    assert f"looked at clip {exported}" in said(station, AlertCode.CONSULTED_DUE)
    days(station, 10)
    assert vault(station) == 1, "the one that was watched"
    assert other not in said(station, AlertCode.CONSULTED_DUE)


@pytest.mark.slow
@pytest.mark.parametrize("decided", [ClipFlagged, None])
def test_whoever_decides_after_looking_is_not_asked_again_until_somebody_looks_again(
    tmp_path: Path, decided: type[ClipFlagged] | None
) -> None:
    station = station_of(tmp_path, [("Woking", 1)])
    [clip] = clips(station)
    record(station, looked_at(clip))
    if decided:
        record(station, ClipFlagged(clip=clip, reason="assault", case="", actor=SERGEANT))
    else:
        record(station, classify(clip, NOTHING, basis=BY_PERSON, actor=SERGEANT))
    days(station, 25)
    assert alert(station, AlertCode.CONSULTED_DUE) is None
    record(station, looked_at(clip))
    days(station, 1)
    assert (alert(station, AlertCode.CONSULTED_DUE) is None) == bool(decided), "evidence has no date"


def test_a_unit_s_class_decides_nothing_for_a_person(tmp_path: Path) -> None:
    station = station_of(tmp_path, [("Firearms", 1)])
    [clip] = clips(station)
    record(station, looked_at(clip), classify(clip, NOTHING, basis=BY_UNIT))
    days(station, 25)
    assert alert(station, AlertCode.CONSULTED_DUE) is not None


@pytest.mark.slow
def test_restricted_footage_is_counted_and_its_unit_not_named(tmp_path: Path) -> None:
    station = station_of(tmp_path, [("Firearms", 2), ("Camden", 1)])
    of = RetentionClass(name="firearms", days=31, restricted=True)
    record(station, *(classify(clip, of, basis=BY_UNIT) for clip in clips(station)[:2]))
    days(station, 25)
    told = said(station, AlertCode.FOOTAGE_DUE)
    assert "Camden 1, restricted 2." in told
    assert "irearms" not in told
    station.schedule.change(non_evidential_days=31)
    assert station.surveys.due is not None
    now = RetentionClass(name="camden-only", days=31, restricted=True)
    record(station, classify(clips(station)[2], RetentionClass(name="camden-only", days=31), basis=BY_UNIT))
    station.surveys.due.change(RetentionRules(notice_days=7, classes=(now,)))
    station.turn()
    assert "Camden" not in said(station, AlertCode.FOOTAGE_DUE), "a class that was restricted later"


def test_by_a_clock_that_nobody_set_nothing_is_said_to_fall_due(tmp_path: Path) -> None:
    station = station_of(tmp_path, [("Woking", 1)])
    station.clock.wrong_by, station.clock.is_synchronised = timedelta(days=400), False
    days(station, 1)
    assert station.surveys.due is not None
    assert station.surveys.due.found == DueFootage()
