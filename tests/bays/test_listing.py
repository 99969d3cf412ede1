"""A camera is safe to remove once nothing on it is still being written; what was not taken is said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from bwvdock.bays.bay import display_state
from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.core.facts import ClipFound, ClipQuarantined, ClipRecalled
from bwvdock.core.ports import CameraFile, FileStatus
from bwvdock.edges.journal.read.reader import JournalReader
from bwvdock.edges.journal.verify.verify import verify_journal
from bwvdock.errors import CameraError, CameraGoneError, NotReadyError, UnreadableError
from bwvdock.status.alerts import AlertCode
from tests.fakes.camera import FakeFile, FakeSource, FakeVolume, camera_with
from tests.fakes.station import Station


@pytest.fixture
def station(tmp_path: Path) -> Station:
    here = Station(tmp_path)
    here.enrol()
    return here


@dataclass(kw_only=True, slots=True)
class Growing(FakeVolume):
    """Its files change whenever they are opened."""

    growing: bool = False

    def open(self, file: CameraFile, *, offset: int = 0) -> FakeSource:
        if self.growing:
            raise NotReadyError("The file changed since it was listed.", remedy="Wait.")
        return FakeVolume.open(self, file, offset=offset)


@dataclass(kw_only=True, slots=True)
class Failing(FakeVolume):
    """Cannot be listed while there is an error."""

    error: CameraError | None = None

    def list(self) -> Sequence[CameraFile]:
        listing = FakeVolume.list(self)
        if self.error is not None:
            raise self.error
        return listing


def being_written(data: bytes = b"half") -> FakeFile:
    return FakeFile(data=data, status=FileStatus.NOT_READY, reason="still being written")


def shown(station: Station, key: str) -> tuple[str, str]:
    return display_state(station.bay(key), paused=False)


def pass_time(station: Station, ms: int, *, step_ms: int = 5_000) -> None:
    for _ in range(ms // step_ms):
        station.clock.pass_ms(step_ms)
        station.turn()


@pytest.mark.slow
def test_a_file_that_is_still_being_written_is_waited_for_and_taken(station: Station) -> None:
    camera = camera_with({"DCIM/A.MP4": b"whole"})
    camera.files["DCIM/B.MP4"] = being_written()
    key = station.plug(camera)
    station.turn()
    assert shown(station, key) == ("waiting", "1 file is still being written")
    assert station.vault_files() == [b"whole"]
    pass_time(station, 60_000)
    assert shown(station, key)[0] == "waiting"
    entries = len(station.facts)
    pass_time(station, 60_000)
    assert len(station.facts) == entries  # looking again is no news
    camera.files["DCIM/B.MP4"] = FakeFile(data=b"whole by now")
    pass_time(station, 65_000)
    assert shown(station, key) == ("safe-to-remove", "")
    assert station.vault_files() == [b"whole", b"whole by now"]
    station.pull(key)
    station.turn()
    sheet = station.sheet()
    assert (sheet.seen, sheet.copied, sheet.not_ready, sheet.residual, sheet.complete) == (2, 2, 0, 0, True)
    assert verify_journal(station.root / "journal.sqlite3").ok


@pytest.mark.parametrize("error", [CameraGoneError("It is gone."), UnreadableError("Its card fails.")])
def test_a_listing_that_fails_is_not_repeated_at_once(station: Station, error: CameraError) -> None:
    """It left and the kernel has not said so yet, or its card fails: the next look is some seconds later."""
    camera = Failing(files={"DCIM/B.MP4": being_written()})
    key = station.plug(camera)
    station.turn()
    camera.error = error
    station.clock.pass_ms(60_000)
    looks = camera.listings
    for _ in range(50):
        station.dock.turn(timeout=0)
    assert camera.listings == looks + 1
    camera.error = None
    camera.files["DCIM/B.MP4"] = FakeFile(data=b"whole by now")
    pass_time(station, 65_000)
    assert shown(station, key) == ("safe-to-remove", "")


@pytest.mark.slow
def test_one_that_is_never_finished_is_named_and_the_camera_may_go_at_last(station: Station) -> None:
    camera = camera_with({"DCIM/A.MP4": b"whole"})
    camera.files["DCIM/B.MP4"] = being_written()
    key = station.plug(camera)
    station.turn()
    pass_time(station, 3_600_000, step_ms=30_000)
    assert shown(station, key) == ("safe-to-remove", "1 file was NOT taken")
    assert AlertCode.CLIPS_SKIPPED in {alert.code for alert in station.report().alerts}
    assert sum(fact.kind == "camera_relisted" for fact in station.facts) == 1
    station.pull(key)
    station.turn()
    sheet = station.sheet()
    assert (sheet.seen, sheet.copied, sheet.not_ready, sheet.complete) == (2, 1, 1, False)
    with JournalReader(station.root / "journal.sqlite3") as reader:
        (left,) = reader.docking(sheet.id).left
    assert (left.path, left.outcome) == ("DCIM/B.MP4", "not_ready")
    assert verify_journal(station.root / "journal.sqlite3").ok


@pytest.mark.slow
def test_one_that_is_finished_after_the_dock_stopped_waiting_is_taken_all_the_same(station: Station) -> None:
    camera = camera_with({})
    camera.files["DCIM/B.MP4"] = being_written()
    key = station.plug(camera)
    station.turn()
    pass_time(station, 900_000, step_ms=30_000)
    assert shown(station, key)[0] == "safe-to-remove"
    camera.files["DCIM/B.MP4"] = FakeFile(data=b"late")
    pass_time(station, 90_000)
    assert shown(station, key) == ("safe-to-remove", "")
    assert station.vault_files() == [b"late"]


def test_what_grew_while_it_was_copied_is_taken_again(station: Station) -> None:
    """Found as it was, gone when it is opened: waited for, and not counted as complete before it is taken."""
    camera = Growing(files={"DCIM/A.MP4": FakeFile(data=b"grows")}, growing=True)
    key = station.plug(camera)
    station.turn()
    assert shown(station, key) == ("waiting", "1 file is still being written")
    camera.growing = False
    pass_time(station, 30_000)
    assert shown(station, key) == ("safe-to-remove", "")
    assert station.vault_files() == [b"grows"]
    station.pull(key)
    station.turn()
    sheet = station.sheet()
    assert (sheet.seen, sheet.copied, sheet.not_ready, sheet.complete) == (1, 1, 0, True)


def test_nothing_is_safe_before_it_was_listed(station: Station) -> None:
    station.dock.dockings.set_paused(paused=True)
    key = station.plug(camera_with({"DCIM/A.MP4": b"a"}))
    station.turn()
    assert shown(station, key)[0] != "safe-to-remove"


def test_a_camera_that_changes_its_bay_is_let_in_as_soon_as_the_first_is_empty(station: Station) -> None:
    """Udev can show it in the second bay before it shows it gone from the first."""
    camera = camera_with({"DCIM/A.MP4": b"a"})
    first = station.plug(camera, bay="1-1")
    station.turn()
    second = station.plug(camera, bay="1-2")
    station.turn()
    assert shown(station, second)[0] == "refused"
    alert = next(a for a in station.report().alerts if a.code is AlertCode.CAMERA_REFUSED)
    assert "1-1" in alert.remedy
    assert "enrol" not in alert.remedy
    station.pull(first)
    camera.plugged = True
    station.turn()
    assert shown(station, second)[0] == "safe-to-remove"


def test_a_skipped_file_is_named_with_its_reason(station: Station) -> None:
    camera = camera_with({"DCIM/A.MP4": b"a"})
    camera.files["DCIM/LINK.MP4"] = FakeFile(status=FileStatus.REFUSED, reason="a link")
    camera.files["DCIM/BAD.MP4"] = FakeFile(status=FileStatus.UNREADABLE, reason="input/output error")
    key = station.plug(camera)
    station.turn()
    assert shown(station, key) == ("safe-to-remove", "2 files were NOT taken")
    with JournalReader(station.root / "journal.sqlite3") as reader:
        left = {(f.path, f.outcome, f.reason) for f in reader.docking(station.bay(key).docking).left}
    assert left == {
        ("DCIM/LINK.MP4", "refused", "a link"),
        ("DCIM/BAD.MP4", "unreadable", "input/output error"),
    }
    assert set(station.states().values()) == {ClipState.VERIFIED}


def test_a_file_of_unknown_kind_is_named_and_the_docking_is_not_complete(station: Station) -> None:
    key = station.plug(camera_with({"DCIM/100/A.MP4": b"a", "DCIM/100/BWC_0002": b"b"}))
    station.turn()
    assert station.bay(key).tally.files_unknown == 1
    shown = display_state(station.bay(key), paused=False)
    assert shown == ("safe-to-remove", "1 file of unknown kind was NOT taken")
    station.pull(key)
    station.turn()
    sheet = station.sheet()
    assert (sheet.seen, sheet.unknown, sheet.complete) == (1, 1, False)
    with JournalReader(station.root / "journal.sqlite3") as reader:
        (left,) = reader.docking(sheet.id).left
    assert (left.path, left.outcome) == ("DCIM/100/BWC_0002", "unknown")


@pytest.mark.slow
def test_marks_that_every_clip_has_are_no_evidence_and_raise_an_alert(station: Station) -> None:
    camera = camera_with({f"DCIM/100ABCDE/{n}.MP4": bytes([n]) for n in range(9)})
    for file in camera.files.values():
        file.read_only = True
    key = station.plug(camera)
    station.turn()
    assert station.bay(key).tally.marks_ignored == {"read-only bit"}
    assert AlertCode.MARKS_MEANINGLESS in {alert.code for alert in station.report().alerts}
    found = [station.journal.clip(fact.clip) for fact in station.facts if isinstance(fact, ClipFound)]
    assert [clip.evidential for clip in found if clip] == [False] * 9
    assert verify_journal(station.root / "journal.sqlite3").ok


@pytest.mark.slow
def test_marks_that_nearly_every_clip_has_are_evidence_and_raise_an_alert(station: Station) -> None:
    camera = camera_with({f"DCIM/100ABCDE/{n}.MP4": bytes([n]) for n in range(12)})
    for file in list(camera.files.values())[1:]:
        file.read_only = True
    key = station.plug(camera)
    station.turn()
    (alert,) = [a for a in station.report().alerts if a.code is AlertCode.MARKS_FREQUENT]
    assert "read-only bit of 11 of 12 clips" in alert.message
    found = [station.journal.clip(fact.clip) for fact in station.facts if isinstance(fact, ClipFound)]
    assert sum(clip.evidential for clip in found if clip) == 11, "no mark is lost"
    station.pull(key)
    station.turn()
    assert not [a for a in station.report().alerts if a.code is AlertCode.MARKS_FREQUENT]


@pytest.mark.slow
def test_cards_that_were_swapped_are_known_again(station: Station) -> None:
    one, other = camera_with({"DCIM/100/A.MP4": b"a"}), camera_with({"DCIM/100/A.MP4": b"b"})
    one.name, other.name = "lun0-part1", "lun1-part1"
    key = station.plug(one, other)
    station.turn()
    assert station.vault_files() == [b"a", b"b"]
    station.pull(key)
    station.turn()
    one.name, other.name = other.name, one.name
    key = station.plug(other, one)
    station.turn()
    station.pull(key)
    station.turn()
    assert station.vault_files() == [b"a", b"b"]
    sheet = station.sheet()
    assert (sheet.seen, sheet.already_held, sheet.copied, sheet.complete) == (2, 2, 0, True)
    assert verify_journal(station.root / "journal.sqlite3").ok


@pytest.mark.slow
def test_the_same_clip_on_both_cards_of_a_camera_is_accounted_for(station: Station) -> None:
    one, other = camera_with({"DCIM/100/A.MP4": b"a"}), camera_with({"DCIM/100/A.MP4": b"a"})
    one.name, other.name = "lun0-part1", "lun1-part1"
    key = station.plug(one, other)
    station.turn()
    station.pull(key)
    station.turn()
    assert (station.sheet().seen, station.sheet().residual, station.sheet().complete) == (2, 0, True)
    assert verify_journal(station.root / "journal.sqlite3").ok


def test_a_file_that_becomes_ready_and_is_a_clip_in_quarantine_is_counted_once(station: Station) -> None:
    """It was never copied; the sums must not say that more was copied than was seen, once it is recalled."""
    camera = camera_with({"DCIM/100/A.MP4": bytes(200_000)})
    file = camera.files["DCIM/100/A.MP4"]
    file.bad_at = 100_000  # beyond what its fingerprint covers
    station.visit(camera)
    [clip] = [fact.clip for fact in station.facts if isinstance(fact, ClipFound)]
    station.ledger.record([ClipQuarantined(clip=clip, reason="the disk did not keep it")])
    file.bad_at, file.status = None, FileStatus.NOT_READY
    key = station.plug(camera)
    station.turn()
    file.status = FileStatus.READY
    for _ in range(3):  # the last one finds nothing that was not counted
        station.clock.pass_ms(61_000)
        station.turn()
    sheet = station.sheet()
    assert (sheet.seen, sheet.copied, sheet.not_ready, sheet.residual) == (1, 0, 0, 1)
    recalled = ClipRecalled(clip=clip, actor="1000:ann")
    station.ledger.record([recalled])
    station.dock.rechecks.recalled(recalled)
    station.turn()
    sheet = station.sheet()
    assert (sheet.seen, sheet.copied, sheet.not_ready, sheet.residual) == (1, 1, 0, 0)
    assert display_state(station.bay(key), paused=False) == ("safe-to-remove", "")


def test_a_folder_that_changes_after_the_dock_gave_up_waiting_is_not_safe_until_it_is_listed(
    station: Station,
) -> None:
    camera = camera_with({"DCIM/100/A.MP4": b"a"})
    camera.files["DCIM/100/A.MP4"].status = FileStatus.NOT_READY
    key = station.plug(camera)
    station.turn()
    station.clock.pass_ms(700_000)
    station.turn()
    bay = station.bay(key)
    assert display_state(bay, paused=False) == ("safe-to-remove", "1 file was NOT taken")
    assert station.dockings.listing.look_again_now(bay), "as it is asked when a folder changes"
    assert display_state(bay, paused=False)[0] != "safe-to-remove"
    station.turn()
    assert display_state(bay, paused=False) == ("safe-to-remove", "1 file was NOT taken")
