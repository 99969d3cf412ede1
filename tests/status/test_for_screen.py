"""What does a screen hear of a dock? Never "safe" where status says otherwise, nobody's words, no clip."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.core.facts import CameraAssigned
from bwvdock.service.assemble import live_view
from bwvdock.status.alerts import Alert, AlertCode, Severity
from bwvdock.status.for_screen import Advice, Cause, ForScreen, ShownBay, for_screen, for_screen_from_json
from bwvdock.status.values import CameraState
from tests.architecture.tree import ROOT
from tests.fakes.camera import camera_with
from tests.fakes.station import SERIAL, Station

CLIPS = {"DCIM/100TEST/SECRET-NAME.MP4": b"x" * 1000}
CODES = ("disk-failed", "journal-damaged", "journal-full", "mounter-unavailable", "paused", "spool-full")
"""Of the alerts that LiveView.for_screen asks for."""
TEXTS = json.loads((ROOT / "bwvdock/screen/page/en.json").read_text(encoding="utf-8"))


def heard(station: Station, *, officers: bool = False) -> ForScreen:
    """Return what a screen hears, by way of the JSON; its answer is that of status for each camera."""
    view = live_view(station.dock, station.spool, station.clock)
    view.officers_on_screen = officers
    document = view.for_screen()
    found = for_screen_from_json(json.loads(json.dumps(document)))
    safe = [camera.state is CameraState.SAFE_TO_REMOVE for camera in view.live().cameras]
    assert [bay.advice is Advice.SAFE for bay in found.bays] == safe
    return found


def test_a_camera_that_was_copied_may_be_taken(tmp_path: Path) -> None:
    station = Station(tmp_path)
    station.enrol()
    key = station.plug(camera_with(CLIPS))
    station.turn()
    [bay] = heard(station).bays
    assert (bay.serial, bay.advice, bay.cause, bay.clips_copied) == (SERIAL, Advice.SAFE, Cause.NONE, 1)
    station.pull(key)
    station.turn()
    assert heard(station).bays == ()


def test_nobodys_words_no_file_and_no_officer_are_in_it(tmp_path: Path) -> None:
    """An officer is where the configuration says so."""
    station = Station(tmp_path)
    station.enrol()
    station.ledger.record([_assigned("4411-KELLY")])
    station.plug(camera_with(CLIPS))
    station.turn()
    clips = [fact.clip for fact in station.facts if hasattr(fact, "clip")]
    said = json.dumps(asdict(heard(station)))
    assert clips
    assert not [word for word in ("4411-KELLY", "SECRET-NAME", *clips) if word in said]
    assert "4411-KELLY" in json.dumps(asdict(heard(station, officers=True)))


def _assigned(officer: str) -> CameraAssigned:
    return CameraAssigned(
        camera=SERIAL, officer=officer, valid_from="2020-01-01T00:00:00.000Z", valid_to="", actor="0:root"
    )


def test_a_refused_camera_is_one_and_the_operators_words_are_not_there(tmp_path: Path) -> None:
    station = Station(tmp_path)
    station.plug(camera_with(CLIPS))
    station.turn()
    [bay] = heard(station).bays
    assert (bay.advice, bay.cause) == (Advice.REFUSED, Cause.NOT_ADMITTED)
    station.dock.dockings.bays[next(iter(station.dock.dockings.bays))].refuse("revoked", "stolen by Smith")
    [bay] = heard(station).bays
    assert (bay.advice, bay.cause) == (Advice.REFUSED, Cause.REVOKED)
    assert "Smith" not in json.dumps(asdict(heard(station)))


def test_why_a_camera_waits_is_a_code(tmp_path: Path) -> None:
    full = Station(tmp_path, min_free=2**60)
    full.enrol()
    full.plug(camera_with(CLIPS))
    full.turn()
    [bay] = heard(full).bays
    assert (bay.advice, bay.cause) == (Advice.DO_NOT_REMOVE, Cause.SPOOL_FULL)
    assert heard(full).problems == ("spool-full",)


def test_without_a_medium_and_while_the_dock_is_paused(tmp_path: Path) -> None:
    station = Station(tmp_path)
    station.enrol()
    key = station.plug()
    station.turn()
    [bay] = heard(station).bays
    assert (bay.advice, bay.cause) == (Advice.DO_NOT_REMOVE, Cause.NO_MEDIUM)
    station.pull(key)
    station.dockings.set_paused(paused=True)
    station.plug(camera_with(CLIPS))
    station.turn()
    found = heard(station)
    assert (found.bays[0].cause, found.paused, found.problems) == (Cause.PAUSED, True, ("paused",))


def test_a_camera_that_is_locked_or_fails(tmp_path: Path) -> None:
    station = Station(tmp_path)
    station.enrol()
    station.plug_mtp()
    station.turn()
    [bay] = heard(station).bays
    assert (bay.advice, bay.cause) == (Advice.DO_NOT_REMOVE, Cause.LOCKED)


def test_alerts_are_codes_each_once() -> None:
    alerts = [_alert_of(AlertCode.PAUSED), _alert_of(AlertCode.DISK_FAILED), _alert_of(AlertCode.PAUSED)]
    assert for_screen((), alerts, paused=True) == ForScreen(paused=True, problems=("disk-failed", "paused"))


def test_what_is_not_known_to_this_version_is_not_safe() -> None:
    document = asdict(ForScreen(bays=(ShownBay(bay="1", docking="d", serial="s", advice=Advice.SAFE),)))
    document["bays"] = list(document["bays"])
    assert for_screen_from_json(document).bays[0].advice is Advice.SAFE
    for advice in ("SAFE", "safe-ish", "", "take-this-one"):
        document["bays"][0] |= {"advice": advice, "cause": "of another version", "more": 1}
        [bay] = for_screen_from_json(document).bays
        assert (bay.advice, bay.cause) == (Advice.DO_NOT_REMOVE, Cause.WAITING)


@given(st.dictionaries(st.sampled_from(["paused", "bays", "problems"]), st.none() | st.integers()))
def test_what_is_no_report_is_not_taken_for_one(document: Mapping[str, Any]) -> None:
    with pytest.raises(ValueError, match="not a report for a screen"):
        for_screen_from_json(document)


def test_the_page_has_a_text_for_each_code() -> None:
    plain = {Cause.NONE, Cause.COPYING}  # the progress says it
    causes = {f"cause.{cause}" for cause in Cause if cause not in plain}
    problems = {f"problem.{code}" for code in (*CODES, "other")}
    answers = {f"advice.{advice}" for advice in (*Advice, "unknown")}
    for beginning, codes in (("cause.", causes), ("problem.", problems), ("advice.", answers)):
        named = {key for key in TEXTS if key.startswith(beginning)}
        assert named == codes


def _alert_of(code: AlertCode) -> Alert:
    return Alert(code=code, severity=Severity.ERROR, message="", remedy="")
