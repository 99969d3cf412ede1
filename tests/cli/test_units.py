"""Is footage found by its unit, shown only to those who say why, and named nowhere in an entry?"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from bwvdock.cli.roster_file import parse_roster
from bwvdock.core.clips.roster import Assignment, Roster, unit_at
from bwvdock.core.facts import CameraAssigned, CameraEnrolled
from bwvdock.edges.journal import JournalReader
from tests.cli.docks import CAMERA, QUARANTINED, VERIFIED, Dock
from tests.cli.test_consultation import WHY, daemon
from tests.edges.journal import stories as tell

Capture = pytest.CaptureFixture[str]
TAKEN = "2023-11-14T22:13:20.000Z"  # when the clips of the dock were recorded
LATER = "2023-11-14T23:00:00.000Z"


def enrolled(unit: str) -> CameraEnrolled:
    return CameraEnrolled(camera=CAMERA, model="Fox", actor="0:root", unit=unit)


def assigned(unit: str, begins: str = "2023-11-01T00:00:00.000Z", ends: str = "") -> CameraAssigned:
    return CameraAssigned(
        camera=CAMERA, officer="4411", valid_from=begins, valid_to=ends, actor="0:root", unit=unit
    )


def found(dock: Dock, capsys: Capture, unit: str) -> set[str]:
    capsys.readouterr()
    with daemon(dock):
        assert dock.run("clips", "list", "--unit", unit, "--json", *WHY) == 0
    return {clip["id"] for clip in json.loads(capsys.readouterr().out)}


@pytest.mark.slow
def test_a_clip_is_of_the_unit_with_which_its_camera_is_enrolled(dock: Dock, capsys: Capture) -> None:
    dock.record(enrolled("Lewisham"))
    assert {VERIFIED, QUARANTINED} < found(dock, capsys, "Lewisham")
    assert found(dock, capsys, "Croydon") == set()
    dock.record(enrolled("Croydon"), later=1000)
    assert found(dock, capsys, "Lewisham") == set()
    assert {VERIFIED, QUARANTINED} < found(dock, capsys, "Croydon")


@pytest.mark.slow
def test_the_unit_of_the_assignment_comes_first_for_as_long_as_it_lasts(dock: Dock, capsys: Capture) -> None:
    dock.record(enrolled("Lewisham"), assigned("Team 7", ends=LATER))
    assert VERIFIED in found(dock, capsys, "Team 7")
    assert found(dock, capsys, "Lewisham") == set()
    dock.record(assigned("Team 9", begins=LATER), later=1000)
    assert VERIFIED in found(dock, capsys, "Team 7")
    assert found(dock, capsys, "Team 9") == set()


@pytest.mark.slow
def test_finding_by_unit_needs_a_reason_and_is_an_entry(dock: Dock, capsys: Capture) -> None:
    dock.record(enrolled("Team 7"))
    with daemon(dock) as desk:
        for command in (
            ("clips", "--unit", "Team 7"),
            ("report", "dockings", "--unit", "Team 7"),
            ("report", "retention", "--by-unit"),
        ):
            capsys.readouterr()
            assert dock.run(*command) == 2
            complaint = capsys.readouterr()
            assert complaint.out == ""
            assert "--reason" in complaint.err
            assert "by unit" not in complaint.err  # nobody can type that
            assert dock.run(*command, *WHY) == 0
    said = [(fact.command, fact.subject) for fact in desk.said]
    assert said == [
        ("clips --unit", "Team 7"),
        ("report dockings --unit", "Team 7"),
        ("report retention --by-unit", "units"),
    ]


def report(dock: Dock, capsys: Capture, *command: str) -> list[dict[str, Any]]:
    capsys.readouterr()
    with daemon(dock):
        assert dock.run("report", *command, "--json", *WHY) == 0
    rows: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    return rows


@pytest.mark.slow
@pytest.mark.parametrize("name", ["dockings", "retention"])
def test_a_report_by_unit_names_it_and_one_of_a_unit_has_its_lines_alone(
    name: str, dock: Dock, capsys: Capture
) -> None:
    dock.record(enrolled("Lewisham"))
    lines = report(dock, capsys, name, "--by-unit")
    assert lines
    assert {line["unit"] for line in lines} == {"Lewisham"}
    assert len(report(dock, capsys, name, "--unit", "Lewisham")) == len(lines)
    assert report(dock, capsys, name, "--unit", "Croydon") == []
    assert "unit" not in report(dock, capsys, name)[0]


@pytest.mark.slow
def test_the_sums_of_a_report_are_those_of_its_lines(dock: Dock, capsys: Capture) -> None:
    dock.record(enrolled("Lewisham"))
    for name, by in (("dockings", "complete"), ("retention", "fate"), ("erasures", "kind")):
        lines = report(dock, capsys, name, "--by-unit")
        sums = report(dock, capsys, name, "--by-unit", "--sums")
        assert sum(line["lines"] for line in sums) == len(lines)
        assert {(line["unit"], line[by]) for line in sums} == {(line["unit"], line[by]) for line in lines}
        for summed in sums:
            same = [line for line in lines if line[by] == summed[by] and line["unit"] == summed["unit"]]
            numbers = {n: v for n, v in summed.items() if n not in {"unit", by, "lines"}}
            assert numbers == {n: sum(line[n] for line in same) for n in numbers}
        assert name != "dockings" or {"seen", "copied", "bytes_copied"} <= {*sums[0]}
    with daemon(dock):
        assert dock.run("report", "dockings", "--by-unit", "--sums", *WHY) == 0
        assert "LINES" in capsys.readouterr().out
        assert dock.run("report", "dockings", "--sums", *WHY) == 2
        assert "--by-unit" in capsys.readouterr().err


@pytest.mark.slow
def test_it_is_shown_with_the_camera_and_in_the_roster(dock: Dock, capsys: Capture) -> None:
    with daemon(dock):
        assert dock.run("cameras", "enrol", CAMERA, "--unit", "Lewisham") == 0
        assert "unit Lewisham" in capsys.readouterr().out
        assert dock.run("cameras", "enrol", CAMERA, "--unit", "Lewisham") == 0
        assert "nothing changed" in capsys.readouterr().out
        who = ("cameras", "assign", CAMERA, "--officer", "4411", "--unit", "Team 7")
        assert dock.run(*who, "--from", "2026-03-01T06:00Z") == 0
        capsys.readouterr()
        assert dock.run("cameras", "roster", CAMERA, "--json", *WHY) == 0
        [span] = json.loads(capsys.readouterr().out)
    assert span["unit"] == "Team 7"
    assert dock.run("cameras", "list", "--json") == 0
    [camera] = json.loads(capsys.readouterr().out)
    assert (camera["unit"], camera["model"]) == ("Lewisham", "Fox")


def texts_of(dock: Dock) -> str:
    return " ".join(text for (text,) in tell.ask(dock.config.journal, "SELECT leaf FROM entry"))


@pytest.mark.slow
def test_an_entry_only_commits_to_it_each_time_anew_and_it_can_be_erased(dock: Dock, capsys: Capture) -> None:
    dock.record(enrolled("Smith and Jones"), assigned("Smith and Jones"))
    assert "Smith" not in texts_of(dock)
    stored = tell.ask(dock.config.journal, "SELECT DISTINCT commitment FROM private WHERE field = 'unit'")
    assert len(stored) == 2, "nobody sees in two entries that they name one unit"
    with daemon(dock):
        erase = ("custody", "erase-values", "--unit", "Smith and Jones", "--basis", "DPA 2018 s.47")
        assert dock.run(*erase) == 0
    assert tell.ask(dock.config.journal, "SELECT * FROM private WHERE field = 'unit'") == []
    assert found(dock, capsys, "Smith and Jones") == set()
    capsys.readouterr()
    assert dock.run("custody", "verify", "--journal-only") == 0


@pytest.mark.slow
def test_the_tables_follow_the_entries(dock: Dock) -> None:
    dock.record(enrolled("Lewisham"), assigned("Team 7"))
    assert dock.run("custody", "verify", "--journal-only") == 0
    tell.tamper(dock.config.journal, "UPDATE camera SET unit = ''")
    assert dock.run("custody", "verify", "--journal-only") == 4
    tell.tamper(dock.config.journal, "UPDATE camera SET unit = (SELECT unit FROM camera)")


def test_its_history_shows_it_to_nobody_without_a_reason(dock: Dock, capsys: Capture) -> None:
    dock.record(assigned("Team 7"))
    assert dock.run("clips", "show", VERIFIED) == 0
    assert "Team 7" not in capsys.readouterr().out


# --- rosters ---------------------------------------------------------------------------------------


def test_a_roster_may_name_units() -> None:
    text = "serial,officer,from,to,unit\nC-17,4411,2026-03-01T06:00Z,,Team 7\nC-18,5512,2026-03-01T06:00Z,,\n"
    first, second = parse_roster(text.encode(), name="roster.csv")
    assert first[-1] == "Team 7"
    assert len(second) == 5


def spans_of(rows: Sequence[tuple[str, str, str]]) -> Roster:
    return Roster(Assignment(officer=officer, begins=begins, unit=unit) for officer, begins, unit in rows)


def test_a_roster_that_names_no_unit_says_nothing_about_one() -> None:
    roster = spans_of([("4411", TAKEN, "Team 7")])
    assert roster.knows(Assignment(officer="4411", begins=TAKEN))
    assert roster.knows(Assignment(officer="4411", begins=TAKEN, unit="Team 7"))
    assert not roster.knows(Assignment(officer="4411", begins=TAKEN, unit="Team 9"))
    assert roster.clash(Assignment(officer="4411", begins=TAKEN, unit="Team 9")) is None


def test_the_same_by_serials_as_by_the_table(tmp_path: Path, dock: Dock) -> None:
    dock.record(enrolled("Lewisham"), assigned("Team 7", ends=LATER))
    with JournalReader(dock.config.journal) as reader:
        spans = reader.unit_spans()
    assert {span.camera for span in spans} == {CAMERA}
    assert unit_at(spans, TAKEN) == "Team 7"
    assert unit_at(spans, LATER) == "Lewisham"
