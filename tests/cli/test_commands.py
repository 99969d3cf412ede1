"""Does each command tell a person, and a program, what the journal knows?"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bwvdock.core.facts import (
    CameraAttached,
    CameraAuthorised,
    CameraClockRead,
    CameraListed,
    ClipFlagged,
    DeliveryRefused,
    DeliveryResumed,
    DocumentRefused,
)
from bwvdock.core.media.sightings import Transport
from tests.cli.docks import (
    CAMERA,
    DOCKING,
    LEFT,
    QUARANTINED,
    VERIFIED,
    Dock,
    keys_of,
    new_dock,
    used_dock,
    words,
)

Capture = pytest.CaptureFixture[str]


def array(dock: Dock, capsys: Capture, *arguments: str) -> list[dict[str, Any]]:
    assert dock.run(*arguments, "--json") == 0
    items: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    return items


def document(dock: Dock, capsys: Capture, *arguments: str) -> dict[str, Any]:
    assert dock.run(*arguments, "--json") == 0
    item: dict[str, Any] = json.loads(capsys.readouterr().out)
    return item


def shown(dock: Dock, capsys: Capture, *arguments: str, code: int = 0) -> str:
    assert dock.run(*arguments) == code
    return capsys.readouterr().out


@pytest.fixture(scope="module")
def dock(tmp_path_factory: pytest.TempPathFactory) -> Dock:
    """Return one dock for all tests here: they only look."""
    return used_dock(tmp_path_factory.mktemp("dock"))


# --- clips ---------------------------------------------------------------------------------------


def test_clips_have_the_shape_that_others_read(dock: Dock, capsys: Capture) -> None:
    clips = array(dock, capsys, "clips", "list")
    assert {clip["id"]: clip["state"] for clip in clips} == {
        VERIFIED: "verified",
        QUARANTINED: "quarantined",
        LEFT: "found",
    }
    assert keys_of(clips) >= words(
        "id camera officer docking path size sha256 recorded_at acquired_at state evidential case "
        "retain_until receipts"
    )
    [receipt] = next(clip for clip in clips if clip["id"] == VERIFIED)["receipts"]
    assert set(receipt) >= words("destination object version sha256 method received_at")


def test_clips_without_a_verb_lists(dock: Dock, capsys: Capture) -> None:
    assert array(dock, capsys, "clips") == array(dock, capsys, "clips", "list")
    narrowed = array(dock, capsys, "clips", "--state", "found")
    assert narrowed == array(dock, capsys, "clips", "list", "--state", "found")
    assert [clip["id"] for clip in narrowed] == [LEFT]


@pytest.mark.few(4)
@pytest.mark.parametrize(
    "narrowing,count",
    [
        (("--camera", CAMERA), 3),
        (("--camera", "CAM-18"), 0),
        (("--state", "verified"), 1),
        (("--since", "2023-11-14"), 3),
        (("--since", "2023-11-15"), 0),
        (("--until", "2023-11-14T22:13:20"), 3),
        (("--until", "2023-11-14T22:13:19"), 0),
        (("--unassigned",), 2),
        (("--evidential",), 0),
        (("--held",), 0),
        (("--case", "C-7"), 0),
    ],
)
def test_clips_are_narrowed(dock: Dock, capsys: Capture, narrowing: tuple[str, ...], count: int) -> None:
    assert len(array(dock, capsys, "clips", *narrowing)) == count


def test_a_table_of_clips_is_aligned_and_not_shortened(dock: Dock, capsys: Capture) -> None:
    lines = shown(dock, capsys, "clips").splitlines()
    assert len(lines) == 4
    column = lines[0].index("STATE")
    assert {line[column:].split()[0] for line in lines[1:]} == {"verified", "quarantined", "found"}
    assert all(re.search(r"DCIM/\w+\.MP4$", line) for line in lines[1:])
    assert "\x1b" not in "".join(lines)


def test_one_clip_tells_its_story(dock: Dock, capsys: Capture) -> None:
    story = shown(dock, capsys, "clips", "show", VERIFIED)
    clip = document(dock, capsys, "clips", "show", VERIFIED)
    assert [entry["kind"] for entry in clip["history"]] == [
        "clip_found",
        "copy_intended",
        "clip_acquired",
        "clip_uploaded",
        "clip_verified",
    ]
    for told in (CAMERA, DOCKING, clip["sha256"], f"DCIM/{VERIFIED}.MP4", "read-back", "17.6 KiB"):
        assert told in story
    assert [entry["kind"] for entry in clip["events"]] == []
    assert [entry["kind"] for entry in clip["before"]] == [
        "dock_started",
        "camera_attached",
        "camera_authorised",
        "camera_settled",
        "camera_detached",
    ]
    assert len(re.findall(r"#\d+", story)) == len(clip["history"]) + len(clip["before"])


def test_a_clip_that_was_left_tells_why(dock: Dock, capsys: Capture) -> None:
    assert "unreadable, sector 7 gives errors" in shown(dock, capsys, "clips", "show", LEFT)
    assert "QUARANTINED: the vault holds something else" in shown(dock, capsys, "clips", "show", QUARANTINED)


def test_a_prefix_that_names_several_is_refused(dock: Dock, capsys: Capture) -> None:
    assert dock.run("clips", "show", "01hq") == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert VERIFIED in said.err


@pytest.mark.parametrize("wrong", [("--state", "lost"), ("--since", "yesterday")])
def test_a_filter_that_means_nothing_is_refused(dock: Dock, capsys: Capture, wrong: tuple[str, str]) -> None:
    assert dock.run("clips", *wrong) == 2
    assert wrong[1] in capsys.readouterr().err


# --- dockings ------------------------------------------------------------------------------------


def test_dockings_have_the_shape_that_others_read(dock: Dock, capsys: Capture) -> None:
    [sheet] = array(dock, capsys, "dockings")
    assert set(sheet) >= words(
        "id camera bay attached_at detached_at seen copied already_held not_ready unreadable refused "
        "residual bytes_copied complete"
    )
    parts = ("copied", "already_held", "not_ready", "unreadable", "refused")
    assert sheet["seen"] == sum(sheet[part] for part in parts) == 3
    assert (sheet["residual"], sheet["complete"]) == (0, True)


def test_one_docking_tells_each_clips_outcome(dock: Dock, capsys: Capture) -> None:
    sheet = shown(dock, capsys, "dockings", "show", DOCKING)
    assert re.search(rf"{LEFT} +unreadable .*sector 7 gives errors", sheet)
    assert re.search(rf"{VERIFIED} +copied +17\.6 KiB", sheet)
    assert "Complete: every clip seen is accounted for." in sheet
    outcomes = document(dock, capsys, "dockings", "show", DOCKING)["outcomes"]
    assert {o["clip"]: o["outcome"] for o in outcomes} == {
        VERIFIED: "copied",
        QUARANTINED: "copied",
        LEFT: "unreadable",
    }


@pytest.mark.few(2)
@pytest.mark.parametrize(
    "read,said",
    [
        ({}, "showed 2026-03-14T11:15:00, 1:00:00 ahead ±31 s (clock file)"),
        ({"offset_ms": -90_000}, "0:01:30 behind ±31 s"),
        ({"offset_ms": 400 * 86_400_000, "uncertainty_ms": 1000}, "400 days, 0:00:00 ahead ±1 s"),
        ({"understood": False, "source": "clock file, which shows no time"}, "so no correction was made"),
        ({"dock_synchronised": False}, "the dock's clock was not synchronised"),
    ],
)
def test_how_far_off_a_camera_s_clock_was_is_told(
    tmp_path: Path, capsys: Capture, read: dict[str, Any], said: str
) -> None:
    dock = used_dock(tmp_path)
    told: dict[str, Any] = {
        "source": "clock file",
        "raw": "2026-03-14T11:15:00",
        "understood": True,
        "offset_ms": 3_600_000,
        "uncertainty_ms": 31_000,
        "dock_synchronised": True,
    } | read
    dock.record(
        CameraAttached(docking="d2", camera=CAMERA, bay="1-2", transport="mass-storage", model=""),
        CameraAuthorised(docking="d2", rule="enrolled"),
        CameraClockRead(docking="d2", **told),
    )
    assert said in shown(dock, capsys, "dockings", "show", "d2")
    assert document(dock, capsys, "dockings", "show", "d2")["clock"] == told
    assert document(dock, capsys, "dockings", "show", DOCKING)["clock"] is None


def test_files_of_no_known_kind_are_told_beside_the_balance(tmp_path: Path, capsys: Capture) -> None:
    """Of every volume. They are no clips, and the balance comes out without them."""
    dock = used_dock(tmp_path)
    assert "unknown kind" not in shown(dock, capsys, "dockings", "show", DOCKING)
    assert document(dock, capsys, "dockings", "show", DOCKING)["unknown"] == 0
    listed = CameraListed(
        docking="d2",
        volume="lun0",
        profile="generic-dcf",
        seen=0,
        new=0,
        already_held=0,
        not_ready=0,
        unreadable=0,
        refused=0,
        listing_sha256="00",
        unknown=2,
    )
    dock.record(
        CameraAttached(docking="d2", camera=CAMERA, bay="1-2", transport="mass-storage", model=""),
        CameraAuthorised(docking="d2", rule="enrolled"),
        listed,
        replace(listed, volume="lun1", unknown=1),
    )
    assert "3 more files of unknown kind" in shown(dock, capsys, "dockings", "show", "d2")
    found = document(dock, capsys, "dockings", "show", "d2")
    assert (found["unknown"], found["residual"]) == (3, 0)


def test_dockings_in_a_table(dock: Dock, capsys: Capture) -> None:
    head, row = shown(dock, capsys, "dockings").splitlines()
    assert row.startswith(DOCKING)
    assert row.endswith("complete")
    assert row[: head.index("SEEN") + 4].endswith("   3")


# --- cameras -------------------------------------------------------------------------------------


def test_cameras(dock: Dock, capsys: Capture) -> None:
    [camera] = array(dock, capsys, "cameras")
    assert (camera["serial"], camera["model"], camera["last_bay"]) == (CAMERA, "Fox", "1-2.3")
    assert re.search(r"CAM-17 +Fox +- +enrolled ", shown(dock, capsys, "cameras", "list"))


# --- nothing yet ---------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["clips", "dockings", "cameras"])
def test_a_dock_that_never_ran_has_a_remedy(empty_dock: Dock, capsys: Capture, command: str) -> None:
    assert empty_dock.run(command, "--json") == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert re.fullmatch(r"bwvdock: There is no journal at .*\n  .*\n", said.err)


def test_an_empty_list_is_still_a_array(empty_dock: Dock, capsys: Capture) -> None:
    empty_dock.record()
    for command in ("clips", "dockings", "cameras"):
        assert array(empty_dock, capsys, command) == []
        assert shown(empty_dock, capsys, command) == ""


@pytest.mark.slow
def test_a_clip_that_a_destination_refused_says_by_whom_and_why(tmp_path: Path, capsys: Capture) -> None:
    dock = used_dock(tmp_path)
    dock.record(DeliveryRefused(clip=VERIFIED, destination="county", reason="too large for it"))
    [line] = [line for line in shown(dock, capsys, "clips").splitlines() if VERIFIED in line]
    assert "verified, refused" in line
    assert "by county: too large for it" in shown(dock, capsys, "clips", "show", VERIFIED)
    refused = {clip["id"]: clip["refused"] for clip in array(dock, capsys, "clips")}
    assert refused[VERIFIED] == {"county": "too large for it"}
    assert refused[LEFT] == {}
    dock.record(DeliveryResumed(clip=VERIFIED, actor="0:root"))
    assert "refused" not in shown(dock, capsys, "clips")


@pytest.mark.slow
def test_a_document_that_a_destination_refused_is_said_with_its_receipt(
    tmp_path: Path, capsys: Capture
) -> None:
    dock = used_dock(tmp_path)
    dock.record(
        ClipFlagged(clip=VERIFIED, reason="seen", case="", actor="0:root"),
        DocumentRefused(clip=VERIFIED, destination="vault", reason="no tags here", revision=1),
    )
    assert "refused" not in shown(dock, capsys, "clips")
    told = shown(dock, capsys, "clips", "show", VERIFIED)
    assert "its custody document was refused there: no tags here" in told
    assert "custody document REFUSED by destination vault: no tags here" in told
    assert dock.run("status", "--json") == 3
    alerts = {alert["code"]: alert for alert in json.loads(capsys.readouterr().out)["alerts"]}
    assert alerts["documents-refused"]["severity"] == "error"
    assert VERIFIED in alerts["documents-refused"]["remedy"]
    assert dock.run("clips", "retry", VERIFIED) == 0
    assert "document will be offered to vault again" in capsys.readouterr().out
    assert "was refused there" not in shown(dock, capsys, "clips", "show", VERIFIED)


def test_a_folder_that_stands_for_a_camera_counts_as_enrolled(tmp_path: Path, capsys: Capture) -> None:
    dock = new_dock(tmp_path, f'[[source]]\nkind = "folder"\npath = "{tmp_path}/in"\nserial = "EXPORT-1"\n')
    dock.record(
        CameraAttached(docking="01hq00000000000dk9", camera="EXPORT-1", bay="in", transport=Transport.FOLDER)
    )
    assert dock.run("cameras") == 0
    shown = capsys.readouterr().out
    assert "not enrolled" not in shown
    assert "folder" in shown
