"""Do the auditor's reports say what the journal knows, as table, CSV and JSON?"""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest

from bwvdock.core.facts import (
    CameraAttached,
    CameraDetached,
    CameraEnrolled,
    ClipDated,
    ClipDisposed,
    ClipFlagged,
    ClipFound,
    ClipHeld,
    DisposalIntended,
    Fact,
    SourceFile,
)
from bwvdock.core.media.sightings import Transport
from tests.cli.docks import CAMERA, LEFT, VERIFIED, Dock, used_dock

Capture = pytest.CaptureFixture[str]
DUE = "2026-01-01T00:00:00.000Z"


@pytest.fixture
def dock(tmp_path: Path) -> Dock:
    return used_dock(tmp_path)


def report(dock: Dock, capsys: Capture, *arguments: str) -> list[dict[str, Any]]:
    capsys.readouterr()
    assert dock.run("report", *arguments, "--json") == 0
    rows: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    return rows


def dated(clip: str, until: str = DUE) -> ClipDated:
    return ClipDated(clip=clip, raw=DUE, recorded_at=DUE, uncertainty_ms=0, basis="b", retain_until=until)


def docking_of(camera: str, docking: str, *names: str, first: int) -> list[Fact]:
    """A docking that found footage with these names, and copied none of it."""
    facts: list[Fact] = [
        CameraAttached(docking=docking, camera=camera, bay="1", transport="mass-storage"),
    ]
    for number, name in enumerate(names, start=first):
        file = SourceFile(path=f"DCIM/{name}", size=1, mtime_ns=number * 10**9, fingerprint="")
        found = ClipFound(clip=f"01hqz{number:013}", docking=docking, camera=camera, files=(file,))
        facts.append(found)
    facts.append(CameraDetached(docking=docking, reason="removed", residual=0, complete=True))
    return facts


# --- absence -------------------------------------------------------------------------------------


def test_a_camera_that_nobody_docks_is_missed_after_its_days(dock: Dock, capsys: Capture) -> None:
    dock.record(CameraEnrolled(camera="CAM-99", model="Fox", actor="0:root"))
    rows = report(dock, capsys, "absence", "--days", "0")
    assert [(r["camera"], r["detail"]) for r in rows if r["what"] == "camera"] == [
        (CAMERA, "not docked here since"),
        ("CAM-99", "enrolled and never docked here"),
    ]
    assert report(dock, capsys, "absence", "--days", "36500") == []
    assert report(dock, capsys, "absence", "--days", "36500", "--to", "0099-01-01") == []


def test_a_clip_that_was_seen_once_and_never_came_is_named(dock: Dock, capsys: Capture) -> None:
    def lost() -> list[str]:
        return [r["detail"] for r in report(dock, capsys, "absence") if r["what"] == "clip"]

    assert lost() == []
    [attached, *_, detached] = docking_of(CAMERA, "01hq00000000000dk2", first=0)
    dock.record(attached, detached, later=60_000)
    [detail] = lost()
    assert LEFT in detail


def test_a_gap_in_a_camera_s_numbering_is_shown(dock: Dock, capsys: Capture) -> None:
    dock.record(*docking_of("CAM-7", "01hq00000000000dk3", "V0001.MP4", "V0002.MP4", "V0005.MP4", first=1))
    [row] = [r for r in report(dock, capsys, "absence") if r["what"] == "numbers"]
    assert row["camera"] == "CAM-7"
    assert row["detail"] == "2 between V0002.MP4 and V0005.MP4 never seen"


# --- retention and erasures ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "facts,fate",
    [
        ([], "undated"),
        ([dated(VERIFIED)], "due"),
        ([dated(VERIFIED, "2999-01-01T00:00:00.000Z")], "kept"),
        ([dated(VERIFIED), ClipHeld(clip=VERIFIED, reason="r", actor="a")], "held"),
        ([dated(VERIFIED), ClipFlagged(clip=VERIFIED, reason="r", case="", actor="a")], "evidence"),
    ],
)
def test_retention_says_what_becomes_of_each_clip(
    dock: Dock, capsys: Capture, facts: list[Fact], fate: str
) -> None:
    dock.record(*facts)
    fates = {row["clip"]: row["fate"] for row in report(dock, capsys, "retention")}
    assert fates[VERIFIED] == fate


def test_a_time_that_nobody_vouches_for_is_not_shown_plainly(dock: Dock, capsys: Capture) -> None:
    dock.record(dated(VERIFIED))
    doubts = {row["clip"]: row["recorded_uncertain"] for row in report(dock, capsys, "retention")}
    assert doubts.pop(VERIFIED) is False
    assert doubts
    assert all(doubts.values())
    dock.run("report", "retention")
    assert capsys.readouterr().out.count(" (uncertain)") == len(doubts)


def test_a_disposal_is_reported_with_the_entry_before_it(dock: Dock, capsys: Capture) -> None:
    dock.record(
        dated(VERIFIED),
        DisposalIntended(clip=VERIFIED, place="spool", reason="not evidence"),
        ClipDisposed(clip=VERIFIED, place="spool", sha256="00"),
    )
    rows = report(dock, capsys, "erasures")
    assert [(r["kind"], r["clip"], r["place"], r["reason"]) for r in rows] == [
        ("disposal_intended", VERIFIED, "spool", "not evidence"),
        ("clip_disposed", VERIFIED, "spool", ""),
    ]
    [row] = [r for r in report(dock, capsys, "retention") if r["clip"] == VERIFIED]
    assert (row["fate"], row["disposed"]) == ("disposed", "spool")


# --- times and forms -----------------------------------------------------------------------------


def test_a_day_that_is_named_is_meant_whole(dock: Dock, capsys: Capture) -> None:
    assert len(report(dock, capsys, "dockings", "--from", "2026-03-14", "--to", "2026-03-14")) == 1
    assert report(dock, capsys, "dockings", "--to", "2026-03-13") == []
    assert report(dock, capsys, "dockings", "--from", "2026-03-15") == []


def test_filters_have_one_name_everywhere_and_the_old_one_still_works(dock: Dock, capsys: Capture) -> None:
    period = ("2026-03-14", "2026-03-14")
    both = report(dock, capsys, "dockings", "--since", period[0], "--until", period[1])
    assert report(dock, capsys, "dockings", "--from", period[0], "--to", period[1]) == both != []
    assert dock.run("dockings", "--since", period[0], "--until", period[1], "--json") == 0
    assert [sheet["id"] for sheet in json.loads(capsys.readouterr().out)] == [sheet["id"] for sheet in both]
    assert dock.run("dockings", "list", "--since", "2026-03-15", "--json") == 0
    assert json.loads(capsys.readouterr().out) == []


def test_csv_has_what_json_has_and_no_formula(dock: Dock, capsys: Capture) -> None:
    dock.record(*docking_of("=CMD()", "01hq00000000000dk3", "V0001.MP4", first=1))
    rows = report(dock, capsys, "dockings")
    assert dock.run("report", "dockings", "--csv") == 0
    read = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [r["id"] for r in read] == [r["id"] for r in rows]
    assert {r["camera"] for r in read} == {CAMERA, "'=CMD()"}


@pytest.mark.parametrize("name", ["absence", "dockings", "retention", "erasures"])
def test_each_has_a_table_and_says_when_there_is_nothing(dock: Dock, capsys: Capture, name: str) -> None:
    assert dock.run("report", name, "--from", "2999-01-01", "--to", "2999-01-02") == 0
    shown = capsys.readouterr()
    assert shown.out or shown.err


@pytest.mark.parametrize("arguments", [("--from", "yesterday"), ("--days", "few"), ("--days", "-1")])
def test_what_cannot_be_read_is_wrong_usage(dock: Dock, capsys: Capture, arguments: tuple[str, ...]) -> None:
    assert dock.run("report", "absence", *arguments) == 2
    assert "bwvdock report" in capsys.readouterr().err


def test_the_balance_is_a_number_in_every_cell_and_names_its_camera(dock: Dock, capsys: Capture) -> None:
    """A list has no cell: the files that were left are named by `dockings show`."""
    capsys.readouterr()
    assert dock.run("report", "dockings", "--csv") == 0
    [row] = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert not [value for value in row.values() if "(" in value]
    assert row["unreadable"] == "1"
    assert dock.run("report", "dockings") == 0
    said = capsys.readouterr().out
    assert "()" not in said
    assert CAMERA in said


def test_a_camera_that_is_still_docked_is_not_called_incomplete(dock: Dock, capsys: Capture) -> None:
    dock.record(
        CameraAttached(
            docking="01hq00000000000dk2", camera=CAMERA, bay="1-2.3", transport=Transport.MASS_STORAGE
        )
    )
    assert [row["complete"] for row in report(dock, capsys, "dockings")].count(False) >= 1
    for command in (("report", "dockings"), ("dockings", "list")):
        assert dock.run(*command) == 0
        lines = capsys.readouterr().out.splitlines()
        assert ["NOT COMPLETE" in line for line in lines if "dk2" in line or "dk1" in line] == [False, False]
        assert [line.split().count("attached") for line in lines if "dk2" in line] == [
            1 + ("STATE" in lines[0])
        ]


def test_the_report_and_the_list_of_dockings_name_the_same_columns_alike(dock: Dock, capsys: Capture) -> None:
    """But LEFT, which sums up what the report has apart."""
    heads = []
    for command in (("dockings", "list"), ("report", "dockings")):
        assert dock.run(*command) == 0
        heads.append(re.split("  +", capsys.readouterr().out.splitlines()[0]))
    listed, reported = heads
    assert [name for name in listed if name not in reported] == ["LEFT"]
    assert [name for name in reported if name in listed] == [name for name in listed if name in reported]


def test_no_docking_in_a_period_does_not_say_that_there_never_was_one(dock: Dock, capsys: Capture) -> None:
    assert dock.run("dockings", "list", "--until", "2000-01-01") == 0
    assert capsys.readouterr().err == "No camera was docked in this period.\n"


def test_a_period_that_ends_before_it_begins_is_pointed_out(dock: Dock, capsys: Capture) -> None:
    assert dock.run("clips", "--since", "2026-03-02", "--until", "2026-03-01") == 0
    assert "--since 2026-03-02 is later than --until 2026-03-01" in capsys.readouterr().err
    assert dock.run("clips", "--since", "2026-03-01", "--until", "2026-03-01") == 0
    assert "later" not in capsys.readouterr().err
