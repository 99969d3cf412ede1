"""A card that was moved from one camera to another: its footage is taken again, and somebody is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.core.facts import ClipAcquired, ClipFound
from bwvdock.edges.journal.verify.verify import verify_journal
from bwvdock.runtime.duplicates import LEAST_BYTES
from bwvdock.status.alerts import AlertCode
from tests.fakes.camera import camera_with
from tests.fakes.station import Station

A, B = "CAM-00001", "CAM-00002"
FOOTAGE = {f"DCIM/100TEST/{n}.MP4": bytes([n]) * LEAST_BYTES for n in range(2)}


@pytest.fixture
def station(tmp_path: Path) -> Station:
    """A dock at which two cameras are enrolled, and the footage of A was taken."""
    here = Station(tmp_path)
    for serial in (A, B):
        here.enrol(serial)
    visit(here, A, FOOTAGE)
    return here


def visit(station: Station, serial: str, files: dict[str, bytes]) -> None:
    key = station.plug(camera_with(files), serial=serial)
    station.turn()
    station.pull(key)
    station.turn()


def notes(station: Station) -> list[str]:
    told = [note for fact in station.facts if isinstance(fact, ClipAcquired) for note in fact.notes]
    return [note for note in told if "received before" in note]


@pytest.mark.slow
def test_a_moved_card_is_taken_again_and_both_cameras_are_named(station: Station) -> None:
    received = [fact.clip for fact in station.facts if isinstance(fact, ClipFound)]
    visit(station, B, {**FOOTAGE, "DCIM/100TEST/9.MP4": bytes([9]) * LEAST_BYTES})
    assert AlertCode.CLIPS_DUPLICATED in station.alerts()
    said = station.alerts()[AlertCode.CLIPS_DUPLICATED].message
    assert said.startswith(f"Footage of camera {A} was found on camera {B}: 2 clips ")
    told = sorted(notes(station))
    same = "the same bytes were received before, from another camera, as clip"
    assert told == [f"{same} {clip}" for clip in sorted(received)]
    assert A not in "".join(told), "a serial is personal, and a note is not"
    clips = [station.journal.clip(fact.clip) for fact in station.facts if isinstance(fact, ClipFound)]
    assert [(clip.camera, clip.state) for clip in clips if clip] == [
        *[(A, ClipState.VERIFIED)] * 2,
        *[(B, ClipState.VERIFIED)] * 3,
    ]
    assert verify_journal(station.root / "journal.sqlite3").ok
    visit(station, B, {"DCIM/100TEST/10.MP4": bytes([10]) * LEAST_BYTES})
    assert AlertCode.CLIPS_DUPLICATED not in station.alerts(), "its next docking has only its own"


@pytest.mark.slow
@pytest.mark.parametrize(
    "serial,files",
    [
        (A, {path.replace("100TEST", "101TEST"): data for path, data in FOOTAGE.items()}),
        (B, {"DCIM/100TEST/0.MP4": b"other" * LEAST_BYTES}),
    ],
    ids=["the same camera", "other footage"],
)
def test_what_is_no_duplicate_of_another_camera_raises_nothing(
    station: Station, serial: str, files: dict[str, bytes]
) -> None:
    visit(station, serial, files)
    assert AlertCode.CLIPS_DUPLICATED not in station.alerts()
    assert notes(station) == []


@pytest.mark.slow
@pytest.mark.few(1)
@pytest.mark.parametrize("size", [0, 1, LEAST_BYTES - 1])
def test_equal_files_of_less_than_a_second_are_placeholders(station: Station, size: int) -> None:
    for serial in (A, B):
        visit(station, serial, {"DCIM/100TEST/7.MP4": bytes(size)})
    assert AlertCode.CLIPS_DUPLICATED not in station.alerts()
    assert notes(station) == []
