"""A camera's digest is not that of its footage: somebody is told, and the footage is taken like any other."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.core.facts import CameraDigestCompared, ClipAcquired, ClipHeld, ClipQuarantined, ClipRecalled
from bwvdock.edges.journal.verify.verify import verify_journal
from bwvdock.status.alerts import Alert, AlertCode, Severity
from bwvdock.status.values import CameraState
from tests.fakes.camera import camera_with
from tests.fakes.station import SERIAL, Station

FOOTAGE = b"footage" * 1000
NAME = "DCIM/100TEST/C.MP4"


@pytest.fixture
def station(tmp_path: Path) -> Station:
    here = Station(tmp_path)
    here.enrol()
    return here


def listed(content: bytes) -> dict[str, bytes]:
    """Return a clip whose digest file is right for this content."""
    digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
    return {NAME: FOOTAGE, "DCIM/100TEST/C.MD5": f"{digest} *C.MP4\r\n".encode()}


def alerts(station: Station) -> dict[AlertCode, Alert]:
    return {alert.code: alert for alert in station.report().alerts}


def compared(station: Station) -> list[CameraDigestCompared]:
    return [fact for fact in station.facts if isinstance(fact, CameraDigestCompared)]


@pytest.mark.slow
def test_footage_that_matches_is_an_entry_and_no_alert(station: Station) -> None:
    station.visit(camera_with(listed(FOOTAGE)))
    [told] = compared(station)
    assert told.outcome == "match"
    kinds = station.kinds()
    assert kinds.index("camera_digest_compared") == kinds.index("clip_acquired") + 1, "in the same commit"
    assert AlertCode.CAMERA_DIGEST_DIFFERS not in alerts(station)
    assert verify_journal(station.root / "journal.sqlite3").ok


def test_footage_that_differs_is_delivered_and_its_camera_is_safe_to_remove(
    station: Station,
) -> None:
    key = station.plug(camera_with(listed(b"other")))
    station.turn()
    [shown] = [camera for camera in station.report().cameras if camera.serial == SERIAL]
    assert shown.state is CameraState.SAFE_TO_REMOVE
    station.pull(key)
    station.turn()
    [told] = compared(station)
    assert told.outcome == "differs"
    assert station.states() == {NAME: ClipState.VERIFIED}
    assert FOOTAGE in station.vault_files()
    alert = alerts(station)[AlertCode.CAMERA_DIGEST_DIFFERS]
    assert (alert.severity, alert.subject) == (Severity.ERROR, SERIAL)
    assert told.clip in alert.message
    assert SERIAL in alert.message
    assert not any(isinstance(fact, ClipQuarantined) for fact in station.facts)
    assert verify_journal(station.root / "journal.sqlite3").ok


def test_the_alert_lasts_over_a_restart_until_a_person_has_the_clip_kept(station: Station) -> None:
    station.visit(camera_with(listed(b"other")))
    [told] = compared(station)
    station.restart()
    assert AlertCode.CAMERA_DIGEST_DIFFERS in alerts(station)
    station.ledger.record([ClipHeld(clip=told.clip, reason="asked the maker", actor="1000:ann")])
    assert AlertCode.CAMERA_DIGEST_DIFFERS not in alerts(station)


@pytest.mark.slow
def test_what_differed_is_compared_anew_when_the_clip_is_copied_again(station: Station) -> None:
    camera = camera_with(listed(b"other"))
    station.visit(camera)
    [told] = compared(station)
    station.ledger.record(
        [ClipQuarantined(clip=told.clip, reason="r"), ClipRecalled(clip=told.clip, actor="1000:ann")]
    )
    clip = station.journal.clip(told.clip)
    assert clip is not None
    assert clip.camera_digest == ""
    assert AlertCode.CAMERA_DIGEST_DIFFERS not in alerts(station)
    station.visit(camera)
    assert len([fact for fact in station.facts if isinstance(fact, ClipAcquired)]) == 2
    assert [one.outcome for one in compared(station)] == ["differs", "differs"]
    assert AlertCode.CAMERA_DIGEST_DIFFERS in alerts(station)
    assert verify_journal(station.root / "journal.sqlite3").ok


@pytest.mark.slow
def test_a_few_clips_of_a_docking_are_read_a_second_time_however_many_batches_it_takes(
    station: Station,
) -> None:
    files: dict[str, bytes] = {}
    digest = hashlib.md5(b"other", usedforsecurity=False).hexdigest().encode()
    for number in range(100):  # more than a batch
        files[f"DCIM/100TEST/C{number:03}.MP4"] = FOOTAGE + bytes([number])
        files[f"DCIM/100TEST/C{number:03}.MD5"] = digest
    for _ in range(2):
        station.visit(camera_with(files))
        again = [told.read_again for told in compared(station)]
        assert len(again) == 100, "and nothing new is found at the second docking"
        assert again.count("same") == 3
