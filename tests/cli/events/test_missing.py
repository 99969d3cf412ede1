"""Is what audits found too late in a list that anybody can print, and is no more said than this dock saw?"""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bwvdock.core.events.records import Lack
from bwvdock.core.facts import CameraDetached, CameraEnrolled, CameraSettled
from bwvdock.edges.journal.read.reader import JournalReader
from bwvdock.edges.journal.read.reports import Period
from tests.cli.docks import Dock, new_dock
from tests.cli.test_consultation import WHY, daemon, words
from tests.edges.journal import stories as tell
from tests.upkeep.matched import House, at

Capture = pytest.CaptureFixture[str]
HOUR = 60


@contextmanager
def history(dock: Dock) -> Iterator[House]:
    """Let things happen at a dock; all is compared in the end."""
    with House(dock.config.state_dir).open() as house:
        yield house
        house.look()


@pytest.fixture
def empty(tmp_path: Path) -> Dock:
    return new_dock(tmp_path)


def reported(dock: Dock, capsys: Capture, *options: str) -> list[dict[str, Any]]:
    capsys.readouterr()
    with daemon(dock):
        assert dock.run("report", "missing", "--json", *options) == 0
    rows: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    return rows


def figures(dock: Dock, capsys: Capture) -> dict[str, dict[str, Any]]:
    return {row["category"]: row for row in reported(dock, capsys, "--figures")}


def undock(house: House, number: int) -> None:
    docking = tell.docking_id(number)
    house.record(
        CameraSettled(docking=docking),
        CameraDetached(docking=docking, reason="removed", residual=0, complete=True),
    )


# --- what audits found --------------------------------------------------------------------------------


def calls(house: House, category: str, sent: int, filmed: int, *, first: int) -> None:
    """Send one officer to each of so many calls; the first of them record, all with right clocks."""
    for n in range(sent):
        officer, camera, minute = f"PC-{first + n}", f"CAM-{first + n}", 100 + n
        house.assign(camera, officer, 0, None)
        house.event(f"{category}-{n}", [officer], minute, minute + 30, category=category)
        if n < filmed:
            house.clip(first + n, camera, minute + 5)


@pytest.mark.slow
def test_san_diego_knows_which_officers_sent_to_an_arrest_have_no_video(empty: Dock, capsys: Capture) -> None:
    """City Auditor, July 2022: 15 to 40 % of dispatched officers without video; 29 % of arrests."""
    with history(empty) as house:
        calls(house, "arrest", 7, 5, first=100)
        calls(house, "radio call", 20, 17, first=200)
    found = figures(empty, capsys)
    assert (found["arrest"]["sent"], found["arrest"]["certain"], found["arrest"]["without"]) == (7, 5, 2)
    assert (found["radio call"]["sent"], found["radio call"]["without"]) == (20, 3)
    assert (found["all"]["sent"], found["all"]["without"]) == (27, 5)
    listed = [row for row in reported(empty, capsys, *WHY) if row["what"] == "footage"]
    assert {(row["event"], row["officer"]) for row in listed if row["category"] == "arrest"} == {
        ("arrest-5", "PC-105"),
        ("arrest-6", "PC-106"),
    }


@pytest.mark.slow
def test_kansas_city_has_a_list_of_dispatches_without_video(empty: Dock, capsys: Capture) -> None:
    """City Auditor, April 2022: 20 % of dispatches without video, and no list of them."""
    with history(empty) as house:
        calls(house, "", 10, 8, first=100)
    assert empty.run("events", "list", "--without-footage", "--json") == 0
    assert [one["event"] for one in json.loads(capsys.readouterr().out)] == ["-9", "-8"]
    assert empty.run("report", "missing", "--figures") == 0
    assert words(capsys.readouterr().out) >= {"all", "10", "8", "2"}


@pytest.mark.slow
def test_victoria_sees_how_often_cameras_were_started(empty: Dock, capsys: Capture) -> None:
    """VAGO, June 2022: 83.6 % activated. 51 of 61 is that."""
    with history(empty) as house:
        calls(house, "", 61, 51, first=100)
    [of_none, everything] = figures(empty, capsys).values()
    assert of_none["certain"] == everything["certain"] == 51
    assert round(100 * everything["certain"] / everything["sent"], 1) == 83.6


# --- what is known of each ----------------------------------------------------------------------------


def known(dock: Dock, capsys: Capture, *options: str) -> dict[tuple[str, str], str]:
    """Return what is known, by what is missing and of whom."""
    rows = reported(dock, capsys, *options, *WHY)
    return {(row["what"], row["event"] or row["officer"]): row["known"] for row in rows}


def test_each_call_without_footage_comes_with_what_is_known(empty: Dock, capsys: Capture) -> None:
    with history(empty) as house:
        house.record(CameraEnrolled(camera="CAM-1", model="", unit="Lewisham", actor="0:root"))
        for n in (1, 2, 3):
            house.assign(f"CAM-{n}", f"PC-{n}", 0, None)
        house.clip(1, "CAM-1", 100)
        undock(house, 1)
        house.clip(2, "CAM-2", 100, accuracy_ms=-1)
        house.event("seen", ["PC-1"], 90, 130)
        house.event("docked", ["PC-1"], 600, 630)
        house.event("unsure", ["PC-2"], 90, 130)
        house.event("out", ["PC-3"], 90, 130)
        house.event("nobody", ["PC-9"], 90, None)
        house.event("unit", [], 90, 130, units=["Lewisham"])
        house.event("no unit", [], 90, 130, units=["Croydon"])
    found = {key: text for key, text in known(empty, capsys).items() if key[0] == "footage"}
    # All dockings of this dock are later than all events: its clock is another day's.
    assert found.keys() == {("footage", event) for event in ("docked", "unsure", "out", "nobody", "no unit")}
    assert "camera CAM-1 was docked here" in found["footage", "docked"]
    assert "nothing was left on it, and no clip of it overlaps the event" in found["footage", "docked"]
    assert found["footage", "unsure"] == "1 clip may be of it, and none is certain"
    assert found["footage", "out"] == "camera CAM-3 was not docked here since: footage may be on it"
    assert found["footage", "nobody"] == (
        "no camera was assigned to the officer here at that time; not cleared yet"
    )
    assert found["footage", "no unit"] == "no clip of the unit overlaps it"


@pytest.mark.slow
@given(seed=st.integers(0, 2**32))
@settings(max_examples=12)
def test_a_unit_lacks_footage_where_no_clip_of_its_own_overlaps_the_event(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    """Whoever else was sent: a clip is matched by its officer first, and another unit's is another's."""
    draw = random.Random(seed)
    units = {camera: draw.choice(("Lewisham", "Croydon")) for camera in ("CAM-1", "CAM-2", "CAM-3")}
    began = {n: draw.randrange(10) * 30 for n in range(4)}
    sent: dict[str, tuple[int, set[str]]] = {}
    clips = []
    with House(tmp_path_factory.mktemp("drawn")).open() as house:
        for camera, unit in units.items():
            house.record(CameraEnrolled(camera=camera, model="", unit=unit, actor="0:root"))
            house.assign(camera, f"PC of {camera}", 0, None)
        for n, minute in began.items():
            there = draw.sample(("Lewisham", "Croydon", "Camden"), draw.randint(1, 3))
            officers = [f"PC of {camera}" for camera in units if draw.random() < 0.4]
            house.event(f"E{n}", officers, minute, minute + 20, units=there)
            sent[f"E{n}"] = minute, set(there)
        for n in range(5):
            clips.append((camera := draw.choice(list(units)), minute := draw.randrange(10) * 30 + 10))
            house.clip(n + 1, camera, minute)
        house.look()
        with JournalReader(house.file) as reader:
            rows = reader.missing(Period(), now=at(10**6), subject="")
    lacking = {(event, unit) for event, (_, there) in sent.items() for unit in there}
    lacking -= {
        (event, units[camera])
        for event, (minute, _) in sent.items()
        for camera, at_minute in clips
        if at_minute == minute + 10
    }
    found = {(row.event, row.unit) for row in rows if row.what is Lack.FOOTAGE and not row.officer}
    assert found == lacking


def test_officers_without_a_docking_and_cameras_that_are_out(empty: Dock, capsys: Capture) -> None:
    with history(empty) as house:
        house.assign("CAM-1", "PC-1", 0, None)
        house.assign("CAM-2", "PC-2", 0, None)
        house.assign("CAM-3", "PC-3", 0, 100)  # and given back: it is not out
        house.clip(1, "CAM-1", 100)
    found = known(empty, capsys)
    assert found == {
        ("docking", "PC-2"): "none of the officer's cameras was docked here since",
        ("docking", "PC-3"): "none of the officer's cameras was docked here since",
        ("camera", "PC-2"): "not docked here since it was assigned; never docked here",
    }


@pytest.mark.slow
def test_what_was_not_compared_yet_is_said(empty: Dock, capsys: Capture) -> None:
    with House(empty.config.state_dir).open() as house:
        house.assign("CAM-1", "PC-1", 0, None)
        house.clip(1, "CAM-1", 100)
        house.event("E1", ["PC-1"], 90, 130)
    [said] = [text for (what, _), text in known(empty, capsys).items() if what == "matching"]
    assert said.startswith("5 entries have not been compared yet")
    with history(empty):
        pass
    assert known(empty, capsys) == {}


@pytest.mark.slow
def test_by_unit_as_csv_and_for_a_period(empty: Dock, capsys: Capture) -> None:
    with history(empty) as house:
        for n, unit in ((1, "Lewisham"), (2, "=Croydon")):
            house.record(CameraEnrolled(camera=f"CAM-{n}", model="", unit=unit, actor="0:root"))
            house.assign(f"CAM-{n}", f"PC-{n}", 0, None)
            house.event(f"E{n}", [f"PC-{n}"], n * 48 * HOUR, n * 48 * HOUR + 30)
    calls_of = {"--unit=Lewisham": {"E1"}, "--until=2023-11-17": {"E1"}, "--since=2023-11-18": {"E2"}}
    for option, events in calls_of.items():
        rows = reported(empty, capsys, option, *WHY)
        assert {row["event"] for row in rows if row["what"] == "footage"} == events
    with daemon(empty):
        capsys.readouterr()
        assert empty.run("report", "missing", "--by-unit", "--csv", *WHY) == 0
        rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
        assert {row["unit"] for row in rows} == {"Lewisham", "'=Croydon"}
        assert empty.run("report", "missing") == 2
    assert "--reason" in capsys.readouterr().err


# --- clips of an event --------------------------------------------------------------------------------


@pytest.mark.slow
def test_clips_of_an_event_are_listed_and_shown_together(empty: Dock, capsys: Capture) -> None:
    with history(empty) as house:
        for n in (1, 2):
            house.assign(f"CAM-{n}", f"PC-{n}", 0, None)
        clips = [house.clip(1, "CAM-1", 100), house.clip(2, "CAM-2", 110), house.clip(3, "CAM-2", 600)]
        house.event("E1", ["PC-1", "PC-2"], 90, 130)
        house.event("E2", ["PC-1"], 95, 130)
    with daemon(empty):
        assert empty.run("clips", "list", "--event", "E1", "--json") == 0
        assert {clip["id"] for clip in json.loads(capsys.readouterr().out)} == set(clips[:2])
        assert empty.run("clips", "list", "--event", "E9", "--json") == 0
        assert json.loads(capsys.readouterr().out) == []
        assert empty.run("clips", "show", clips[0], *WHY) == 0
        shown = capsys.readouterr().out
        assert (
            "E1: certain, by officer: overlaps by 300 s as dated ±1 s; 1 other clip of 1 camera too" in shown
        )
        assert "E2: certain" in shown
        assert empty.run("clips", "show", clips[0], "--json", *WHY) == 0
        told = json.loads(capsys.readouterr().out)["of_events"]
        assert {one["event"]: [other["clip"] for other in one["clips"]] for one in told} == {
            "E1": [clips[1]],
            "E2": [],
        }
        assert empty.run("clips", "show", clips[0]) == 0
        shown = capsys.readouterr().out
        assert not words(shown) & {"E1", "E2", "PC"}
        assert "an event (withheld)" in shown
