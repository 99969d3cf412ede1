"""Is every time shown in one way, and does what is shown find its clip when it is typed back?"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bwvdock.core.facts import ClipDated, ClipFlagged
from tests.cli.docks import CAMERA, VERIFIED, Dock, new_dock, used_dock
from tests.edges.journal.stories import tamper

pytestmark = pytest.mark.slow

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def dated_dock(tmp_path: Path) -> Dock:
    dock = used_dock(tmp_path)
    for clip, recorded in ((VERIFIED, "2026-07-01T05:30:00.250Z"),):
        dock.record(
            ClipDated(
                clip=clip, raw=recorded, recorded_at=recorded, uncertainty_ms=0, basis="b", retain_until=""
            )
        )
    return dock


def shown(dock: Dock, capsys: Capture, *arguments: str) -> str:
    capsys.readouterr()
    assert dock.run(*arguments) == 0
    return capsys.readouterr().out


@pytest.mark.usefixtures("in_london")
@pytest.mark.parametrize("command", ["clips list", f"clips show {VERIFIED}", "report retention"])
def test_a_recording_is_shown_in_the_docks_zone(dated_dock: Dock, capsys: Capture, command: str) -> None:
    assert "2026-07-01 06:30:00+01:00" in shown(dated_dock, capsys, *command.split())


@pytest.mark.few(2)
@pytest.mark.usefixtures("in_london")
@pytest.mark.parametrize(
    "typed", ["2026-07-01 06:30:00+01:00", "2026-07-01 06:30:00", "2026-07-01T05:30:00Z", "2026-07-01"]
)
def test_what_is_shown_finds_its_clip_when_it_is_typed_back(
    dated_dock: Dock, capsys: Capture, typed: str
) -> None:
    out = shown(dated_dock, capsys, "clips", "--since", typed, "--until", typed, "--json")
    assert [clip["id"] for clip in json.loads(out)] == [VERIFIED]


@pytest.mark.usefixtures("in_london")
@pytest.mark.parametrize(
    "uncertainty_ms, rule, certain",
    [
        (0, "", True),
        (3_600_000, "between-dockings", True),
        (2000, "clock-read", True),
        (-1, "camera-time", False),
        (-1, "dock-clock-unknown", False),
        (86_400_000, "docking-time", False),
    ],
)
def test_a_date_that_nothing_confirms_is_shown_as_uncertain(
    dock: Dock, capsys: Capture, uncertainty_ms: int, rule: str, *, certain: bool
) -> None:
    assert "1970-" not in shown(dock, capsys, "clips", "show", VERIFIED)
    first = ClipDated(
        clip=VERIFIED,
        raw="1970-01-01T00:00:00.000Z",
        recorded_at="1970-01-01T00:00:00.000Z",
        uncertainty_ms=0 if not certain else -1,
        basis="b",
        retain_until="",
        rule="",
    )
    dock.record(first, replace(first, uncertainty_ms=uncertainty_ms, rule=rule))  # the latest counts
    mark = "" if certain else " (uncertain)"
    assert f"Recorded:   1970-01-01 01:00:00+01:00{mark}\n" in shown(dock, capsys, "clips", "show", VERIFIED)
    line = next(line for line in shown(dock, capsys, "clips").splitlines() if VERIFIED in line)
    assert (" (uncertain) " in line) is not certain
    told = json.loads(shown(dock, capsys, "clips", "show", VERIFIED, "--json"))
    assert (told["recorded_at"], told["recorded_uncertain"]) == ("1970-01-01T00:00:00.000Z", not certain)


def test_a_clip_that_was_not_dated_is_uncertain_and_its_end_not_known(dock: Dock, capsys: Capture) -> None:
    text = shown(dock, capsys, "clips", "show", VERIFIED)
    assert "(uncertain)\n" in text
    assert "Kept until: not known yet\n" in text
    dock.record(ClipFlagged(clip=VERIFIED, reason="seen", case="", actor="0:root"))
    assert "Kept until: no date (evidence)\n" in shown(dock, capsys, "clips", "show", VERIFIED)


def test_an_altered_entry_does_not_take_the_list_away(dated_dock: Dock, capsys: Capture) -> None:
    change = "UPDATE entry SET leaf = '{' WHERE kind = 'clip_dated'"
    tamper(dated_dock.config.journal, change)
    assert "(uncertain)" in shown(dated_dock, capsys, "clips")


@pytest.mark.usefixtures("in_london")
def test_json_stays_utc(dated_dock: Dock, capsys: Capture) -> None:
    [clip] = json.loads(shown(dated_dock, capsys, "clips", "--since", "2026-07-01", "--json"))
    assert clip["recorded_at"] == "2026-07-01T05:30:00.250Z"


@pytest.mark.parametrize("time", ["0206-03-01T06:00+00:00", "2300-03-01T06:00+00:00", "1999-12-31T23:00Z"])
def test_an_assignment_in_an_impossible_year_is_refused(dock: Dock, capsys: Capture, time: str) -> None:
    capsys.readouterr()
    assert dock.run("cameras", "assign", CAMERA, "--officer", "1", "--from", time) == 2
    assert "year" in capsys.readouterr().err


def test_a_roster_with_an_impossible_year_is_refused_with_its_line(
    tmp_path: Path, dock: Dock, capsys: Capture
) -> None:
    file = tmp_path / "roster.csv"
    file.write_text("serial,officer,from,to\nC-1,1,2026-03-01T06:00Z,\nC-1,2,0206-03-01T06:00Z,\n")
    assert dock.run("cameras", "assign", "--import", str(file)) == 2
    told = capsys.readouterr().err
    assert "line 3" in told
    assert "year" in told


@pytest.mark.usefixtures("in_london")
def test_the_docks_zone_is_the_configured_one(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "ny").mkdir()
    dock = new_dock(tmp_path / "ny", 'time_zone = "America/New_York"\n')
    told = shown(dock, capsys, "cameras", "assign", "C-1700", "--officer", "1", "--from", "2026-07-01T06:00")
    assert "from 2026-07-01 06:00:00-04:00" in told
    with dock.reader() as reader:
        assert reader.assignments("C-1700")[0].begins == "2026-07-01T10:00:00.000Z"
