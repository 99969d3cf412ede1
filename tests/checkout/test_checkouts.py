"""Who is assigned to a camera after a badge? The officer to whom it was offered before it was taken."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bwvdock.core.checkout.badges import Holder
from bwvdock.core.checkout.choice import Rules, WhenHeld
from bwvdock.core.custody.story import withheld_story
from bwvdock.core.facts import CameraAssigned, CameraCheckedOut, CameraReturned, ClipAttributed
from bwvdock.core.moments import iso
from bwvdock.edges.journal.read.reader import JournalReader
from bwvdock.errors import UsageError
from bwvdock.status.alerts import AlertCode
from tests.checkout.badged import ACTOR, ANN, BOB, Badged
from tests.fakes.camera import FakeFile, FakeVolume, camera_with


def test_the_camera_that_was_offered_and_taken_is_assigned_until_it_comes_back(tmp_path: Path) -> None:
    dock = Badged(tmp_path)
    first, _ = dock.put("CAM-0001", "1-1"), dock.put("CAM-0002", "1-2")
    assert dock.tap(ANN) == {"outcome": "take", "bay": "1-1", "until_seconds": 60}
    assert (dock.offered(), dock.shown()) == (["1-1"], "take")
    dock.clock.pass_ms(5000)
    dock.take(first)
    taken_at = iso(dock.clock.now())
    assert (dock.officer_of("CAM-0001"), dock.offered(), dock.shown()) == ("ann", [], "taken")
    [fact] = dock.of_kind(CameraCheckedOut)
    assert (fact.camera, fact.officer, fact.taken_at, fact.waited_ms) == ("CAM-0001", "ann", taken_at, 5000)
    dock.clock.pass_ms(8 * 3_600_000)
    dock.plug(camera_with({}), serial="CAM-0001", bay="1-3")
    dock.turn()
    assert (dock.officer_of("CAM-0001"), dock.shown()) == ("", "returned")
    [back] = dock.of_kind(CameraReturned)
    assert (back.how, back.bay, back.taken_at, back.ended) == ("docked", "1-3", taken_at, True)
    assert dock.otherwise() == []


def test_footage_of_the_shift_is_attributed_and_nothing_after_it(tmp_path: Path) -> None:
    dock = Badged(tmp_path)
    key = dock.put("CAM-0001", "1-1")
    dock.tap(ANN)
    dock.take(key)
    dock.clock.pass_ms(3_600_000)
    in_it = int(dock.clock.now().timestamp()) * 10**9
    dock.clock.pass_ms(3_600_000)
    footage = FakeFile(data=b"x" * 99, mtime_ns=in_it)
    dock.plug(FakeVolume(files={"DCIM/100TEST/A.MP4": footage}), serial="CAM-0001")
    dock.turn()
    assert [fact.officer for fact in dock.of_kind(ClipAttributed)] == ["ann"]


def test_no_number_of_a_badge_is_in_what_the_dock_keeps_or_says(tmp_path: Path) -> None:
    dock = Badged(tmp_path)
    key = dock.put("CAM-0001", "1-1")
    answer = dock.tap(ANN)
    shown = json.dumps(dock.view.for_screen()) + json.dumps(answer)
    dock.take(key)
    dock.tap("not-anybodys-badge")
    dock.journal.close()
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("journal.sqlite3*"))
    assert ANN.encode() not in kept
    assert b"not-anybodys" not in kept
    assert "ann" not in shown


def test_another_one_taken_is_nobodys(tmp_path: Path) -> None:
    dock = Badged(tmp_path)
    _, second = dock.put("CAM-0001", "1-1"), dock.put("CAM-0002", "1-2")
    dock.tap(ANN)
    dock.take(second)
    assert dock.otherwise() == [("CAM-0002", "another")]
    assert (dock.officer_of("CAM-0002"), dock.officer_of("CAM-0001")) == ("", "")
    assert (dock.offered(), dock.shown()) == ([], "taken-another")
    alert = dock.view_alerts()[AlertCode.CAMERA_TAKEN_OTHERWISE]
    assert "CAM-0002" in alert.message
    assert "bwvdock cameras assign CAM-0002" in alert.remedy


@pytest.mark.slow
@pytest.mark.parametrize("offered_first", [True, False])
def test_two_taken_after_one_badge_are_nobodys(tmp_path: Path, *, offered_first: bool) -> None:
    dock = Badged(tmp_path)
    keys = [dock.put("CAM-0001", "1-1"), dock.put("CAM-0002", "1-2")]
    dock.tap(ANN)
    for key in keys if offered_first else reversed(keys):
        dock.clock.pass_ms(1000)
        dock.take(key)
    assert dock.shown() == "taken-two"
    assert {camera for camera, _ in dock.otherwise()} == {"CAM-0001", "CAM-0002"}
    assert [dock.officer_of(camera) for camera in ("CAM-0001", "CAM-0002")] == ["", ""]


def test_none_taken_in_time_is_nobodys_and_one_taken_later_was_not_offered(tmp_path: Path) -> None:
    dock = Badged(tmp_path)
    key = dock.put("CAM-0001", "1-1")
    dock.tap(ANN)
    dock.clock.pass_ms(60_000)
    assert (dock.offered(), dock.shown()) == ([], "not-taken")
    dock.take(key)
    assert dock.otherwise() == [("CAM-0001", "without-badge")]
    assert dock.officer_of("CAM-0001") == ""


def test_one_without_a_badge_is_an_alert_until_somebody_has_it_or_it_is_back(
    tmp_path: Path,
) -> None:
    dock = Badged(tmp_path)
    keys = [dock.put("CAM-0001", "1-1"), dock.put("CAM-0002", "1-2")]
    for key in keys:
        dock.take(key)
    assert [one.camera for one in dock.checkouts.taken_otherwise()] == ["CAM-0001", "CAM-0002"]
    dock.restart()
    assert {one.camera for one in dock.checkouts.taken_otherwise()} == {"CAM-0001", "CAM-0002"}
    at = dock.checkouts.taken_otherwise()[0].at
    found = dock.checkouts.taken_otherwise()[0].camera
    dock.ledger.record(
        [CameraAssigned(camera=found, officer="ann", valid_from=at, valid_to="", actor="0:root")]
    )
    [left] = dock.checkouts.taken_otherwise()
    dock.put(left.camera, "1-1")
    assert dock.checkouts.taken_otherwise() == []
    dock.restart()
    assert dock.checkouts.taken_otherwise() == []


def test_a_second_badge_ends_the_first_offer_and_nobody_is_assigned(tmp_path: Path) -> None:
    dock = Badged(tmp_path)
    first, _ = dock.put("CAM-0001", "1-1"), dock.put("CAM-0002", "1-2")
    dock.tap(ANN)
    assert dock.tap(BOB)["outcome"] == "not-taken"
    assert dock.offered() == []
    assert dock.tap(BOB)["bay"] == "1-2"  # the other may be about to take the first
    dock.take(first)
    assert dock.officer_of("CAM-0001") == ""
    assert dock.otherwise() == [("CAM-0001", "another")]


@pytest.mark.parametrize("badge", ["unknown", "expired"])
def test_a_badge_that_is_not_valid_gets_none_and_ends_an_offer(tmp_path: Path, badge: str) -> None:
    until = "2020-01-01T00:00:00.000Z"
    holders = [(ANN, Holder(officer="ann")), ("expired", Holder(officer="eve", until=until))]
    dock = Badged(tmp_path, holders=holders)
    dock.put("CAM-0001", "1-1")
    dock.tap(ANN)
    assert dock.tap(badge) == {"outcome": "unknown-badge", "bay": "", "until_seconds": 0}
    assert (dock.offered(), dock.shown()) == ([], "unknown-badge")


def test_the_same_badge_again_offers_the_same_one_from_then_on(tmp_path: Path) -> None:
    dock = Badged(tmp_path)
    key = dock.put("CAM-0001", "1-1")
    dock.tap(ANN)
    dock.clock.pass_ms(59_000)
    assert dock.tap(ANN) == {"outcome": "take", "bay": "1-1", "until_seconds": 60}
    dock.clock.pass_ms(59_000)
    dock.take(key)
    assert dock.officer_of("CAM-0001") == "ann"


def test_an_offer_does_not_outlive_a_restart(tmp_path: Path) -> None:
    dock = Badged(tmp_path)
    dock.put("CAM-0001", "1-1")
    dock.tap(ANN)
    dock.restart()
    key = dock.put("CAM-0001", "1-1")
    assert dock.shown() == ""
    dock.take(key)
    assert (dock.officer_of("CAM-0001"), dock.otherwise()[-1:]) == ("", [("CAM-0001", "without-badge")])


def test_one_that_is_out_when_the_dock_restarts_is_returned_when_it_is_seen(tmp_path: Path) -> None:
    dock = Badged(tmp_path)
    key = dock.put("CAM-0001", "1-1")
    dock.tap(ANN)
    dock.take(key)
    dock.restart()
    assert dock.officer_of("CAM-0001") == "ann"
    dock.clock.pass_ms(1000)
    dock.put("CAM-0001", "1-1")
    assert dock.officer_of("CAM-0001") == ""


def test_an_officer_who_has_one_gets_no_other_unless_the_configuration_says_so(tmp_path: Path) -> None:
    dock = Badged(tmp_path)
    first, second = dock.put("CAM-0001", "1-1"), dock.put("CAM-0002", "1-2")
    dock.tap(ANN)
    dock.take(first)
    assert (dock.tap(ANN)["outcome"], dock.shown()) == ("has-one", "has-one")
    dock.checkouts.change(Rules(when_held=WhenHeld.EXCHANGE), dock.checkouts.badges, None)
    dock.clock.pass_ms(61_000)
    assert dock.tap(ANN)["bay"] == "1-2"
    assert dock.officer_of("CAM-0001") == "ann"  # until the other is taken
    dock.take(second)
    assert (dock.officer_of("CAM-0001"), dock.officer_of("CAM-0002")) == ("", "ann")
    assert [fact.how for fact in dock.of_kind(CameraReturned)] == ["exchanged"]


def test_a_personal_camera_is_offered_to_its_officer_alone_and_stays_theirs(tmp_path: Path) -> None:
    dock = Badged(tmp_path)
    dock.ledger.record([_of_ann("CAM-0002")])
    _, own = dock.put("CAM-0001", "1-1"), dock.put("CAM-0002", "1-2")
    assert dock.tap(ANN)["bay"] == "1-2"
    dock.take(own)
    [fact] = dock.of_kind(CameraCheckedOut)
    assert not fact.assigned
    dock.put("CAM-0002", "1-2")
    assert dock.officer_of("CAM-0002") == "ann"
    assert dock.tap(BOB)["bay"] == "1-1"


def test_a_personal_camera_that_is_taken_is_no_concern_of_an_offer(tmp_path: Path) -> None:
    dock = Badged(tmp_path)
    dock.ledger.record([_of_ann("CAM-0002")])
    pool, own = dock.put("CAM-0001", "1-1"), dock.put("CAM-0002", "1-2")
    dock.tap(BOB)
    dock.take(own)
    assert (dock.otherwise(), dock.offered()) == ([], ["1-1"])
    dock.take(pool)
    assert dock.officer_of("CAM-0001") == "bob"


def test_a_clock_that_was_set_back_attributes_nothing(tmp_path: Path) -> None:
    dock = Badged(tmp_path)
    key = dock.put("CAM-0001", "1-1")
    dock.tap(ANN)
    dock.take(key)
    [fact] = dock.of_kind(CameraCheckedOut)
    dock.clock.earlier_ms -= 86_400_000
    dock.put("CAM-0001", "1-1")
    ended = dock.of_kind(CameraAssigned)[-1]
    assert (ended.valid_from, ended.valid_to > ended.valid_from) == (fact.taken_at, True)
    dock.clock.earlier_ms += 86_400_000
    assert dock.officer_of("CAM-0001") == ""


def test_one_that_is_offered_and_not_safe_any_more_is_not_shown_to_be_taken(tmp_path: Path) -> None:
    dock = Badged(tmp_path)
    key = dock.put("CAM-0001", "1-1")
    dock.tap(ANN)
    dock.bay(key).list_again = True
    assert (dock.offered(), dock.shown()) == ([], "none-safe")


def test_badges_are_refused_that_are_no_text_too_long_or_too_many(tmp_path: Path) -> None:
    dock = Badged(tmp_path)
    for badge in ("", " ", "x" * 129, "a\nb", "a\x00"):
        with pytest.raises(UsageError, match="not a badge"):
            dock.tap(badge)
    for _ in range(10):
        dock.tap("nobodys")
    with pytest.raises(UsageError, match="one a second"):
        dock.tap(ANN)
    dock.clock.pass_ms(1000)
    assert dock.tap(ANN)["outcome"] == "none-suitable"


def test_nothing_is_offered_without_a_list_and_what_is_out_comes_back_all_the_same(tmp_path: Path) -> None:
    dock = Badged(tmp_path)
    first, second = dock.put("CAM-0001", "1-1"), dock.put("CAM-0002", "1-2")
    dock.tap(ANN)
    dock.take(first)
    dock.checkouts.change(Rules(), None, None)
    with pytest.raises(UsageError, match="no list of badges"):
        dock.checkouts.tap(ANN, ACTOR)
    dock.take(second)
    assert dock.otherwise() == []
    dock.put("CAM-0001", "1-1")
    assert dock.officer_of("CAM-0001") == ""


def _of_ann(serial: str) -> CameraAssigned:
    begins = "2020-01-01T00:00:00.000Z"
    return CameraAssigned(camera=serial, officer="ann", valid_from=begins, valid_to="", actor="0:root")


@pytest.mark.slow
@pytest.mark.parametrize("otherwise", [True, False])
def test_the_story_of_a_clip_says_how_its_camera_was_taken(tmp_path: Path, *, otherwise: bool) -> None:
    dock = Badged(tmp_path)
    key, _ = dock.put("CAM-0001", "1-1"), dock.put("CAM-0002", "1-2")
    dock.tap(BOB if otherwise else ANN)
    if otherwise:
        dock.take(dock.put("CAM-0003", "1-3"))
    dock.take(key)
    dock.clock.pass_ms(3_600_000)
    recorded = int(dock.clock.now().timestamp()) * 10**9
    dock.clock.pass_ms(3_600_000)
    footage = FakeFile(data=b"x" * 99, mtime_ns=recorded)
    dock.plug(FakeVolume(files={"DCIM/100TEST/A.MP4": footage}), serial="CAM-0001")
    dock.turn()
    [clip] = [fact.clip for fact in dock.of_kind(ClipAttributed)]
    with JournalReader(tmp_path / "journal.sqlite3") as reader:
        story = reader.story(clip)
    assert story is not None
    told = [
        entry.kind for entry in story.before if entry.kind.startswith(("camera_t", "camera_ch", "camera_re"))
    ]
    assert told == [
        "camera_taken_otherwise" if otherwise else "camera_checked_out",
        "camera_returned",
    ]
    secret = "bob" if otherwise else "ann"
    assert secret in repr(story)
    assert secret not in repr(withheld_story(story))


def test_one_that_was_assigned_to_somebody_else_meanwhile_is_not_said_to_be_taken(tmp_path: Path) -> None:
    dock = Badged(tmp_path)
    key = dock.put("CAM-0001", "1-1")
    dock.tap(BOB)
    dock.ledger.record([_of_ann("CAM-0001")])
    dock.take(key)
    assert (dock.otherwise(), dock.shown()) == ([("CAM-0001", "not-assigned")], "none-suitable")
    assert dock.officer_of("CAM-0001") == "ann"
