"""Is a camera called safe to remove while it may have the only good copy of a clip?

The dock's copy rots, or is altered or removed, before any required store has proven another.
"""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bwvdock.bays.bay import display_state
from bwvdock.bays.jobs import ListVolume
from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.core.facts import CameraDetached, ClipFound, ClipQuarantined, ClipRecalled, ClipRetried
from bwvdock.core.media.part_names import part_name
from bwvdock.edges.journal.verify.verify import verify_journal
from bwvdock.errors import DurabilityError, ObjectConflictError
from bwvdock.status.alerts import AlertCode
from tests.fakes.camera import FakeVolume, camera_with
from tests.fakes.destination import FakeDestination
from tests.fakes.station import SERIAL, Station

pytestmark = pytest.mark.slow

PATH, CONTENT = "DCIM/100TEST/A.MP4", b"good footage"


class Doubts:
    """A dock with a store that is away until told otherwise, and a docked camera whose clip is copied.

    `others`: how many required stores have proven it. `conflicts`: the store has other content; `rots_again`:
    each copy in the spool is bad when it is read.
    """

    def __init__(
        self, root: Path, *, held_up: tuple[str, ...] = (), others: int = 0, erases: bool = False
    ) -> None:
        self.root = root
        self.conflicts = self.rots_again = False
        self.store = FakeDestination(self._fetch, name="away")
        self.store.reachable = False
        self.store.on_store = self._on_store
        proven = [FakeDestination(self._fetch, name=f"proven{n}") for n in range(others)]
        self.others = proven
        self.station = Station(root, destinations=[self.store, *proven], held_up=held_up, erases=erases)
        self.station.enrol()
        self.camera: FakeVolume = camera_with({PATH: CONTENT})
        self.key = self.station.plug(self.camera)
        self.station.turn()
        assert self.state() == ("safe-to-remove", "")

    def _fetch(self, clip: Clip, number: int) -> bytes:
        try:
            return (self.root / "spool" / part_name(clip, number)).read_bytes()
        except FileNotFoundError:
            raise DurabilityError("it is missing from the spool") from None

    def _on_store(self, *_: object) -> None:
        if self.rots_again:
            self.rot()
        if self.conflicts:
            raise ObjectConflictError("other content stands there", remedy="Look at it")

    def copy(self) -> Path:
        return next((self.root / "spool").glob("*.mp4"))

    def rot(self) -> None:
        self.copy().chmod(0o600)
        self.copy().write_bytes(b"evil" + CONTENT[4:])

    def store_is_back(self) -> None:
        self.store.reachable = True
        self.station.clock.pass_ms(301_000)
        self.station.turn()

    def until(self, state: ClipState) -> None:
        """Turn until the clip has a state, and no further."""
        for _ in range(20):
            if self.clip() is state:
                return
            self.station.dock.turn(timeout=0)
        raise AssertionError(f"it never was {state}")

    def leave(self) -> CameraDetached:
        self.station.pull(self.key)
        self.station.turn()
        return next(f for f in reversed(self.station.facts) if isinstance(f, CameraDetached))

    def state(self) -> tuple[str, str]:
        return display_state(self.station.bay(self.key), paused=False)

    def clip(self) -> ClipState:
        return self.station.states()[PATH]

    def recalls(self) -> list[str]:
        return [fact.actor for fact in self.station.facts if isinstance(fact, ClipRecalled)]

    def alerts(self) -> dict[AlertCode, str]:
        return {alert.code: alert.message for alert in self.station.report().alerts}


@pytest.fixture
def doubts(tmp_path: Path) -> Iterator[Doubts]:
    """A doubtful copy is read at once."""
    made = Doubts(tmp_path)
    yield made
    assert verify_journal(made.station.root / "journal.sqlite3").ok


@pytest.fixture
def waiting(tmp_path: Path) -> Iterator[Doubts]:
    """The thread that reads a doubtful copy again waits to be told."""
    made = Doubts(tmp_path, held_up=("recheck",))
    yield made
    assert verify_journal(made.station.root / "journal.sqlite3").ok


def read_again(doubts: Doubts) -> None:
    doubts.station.held_up["recheck"].do_next(doubts.station.inbox.put)


@contextmanager
def no_file_can_be_opened() -> Iterator[None]:
    """Let the process have no more files open than it has: the next to be opened meets EMFILE."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize("docked", [False, True])
@pytest.mark.parametrize("good", [False, True])
def test_a_copy_that_cannot_be_read_now_is_neither_good_nor_bad_and_is_read_again(
    waiting: Doubts, *, docked: bool, good: bool
) -> None:
    if good:
        waiting.conflicts = True
    else:
        waiting.rot()
    if not docked:
        waiting.leave()
    waiting.store_is_back()
    for _ in range(3):
        with no_file_can_be_opened():
            read_again(waiting)
        waiting.station.turn()
        assert (waiting.clip(), waiting.recalls()) == (ClipState.QUARANTINED, [])
        assert not docked or waiting.state() == ("copying", "")
        assert waiting.station.held_up["recheck"].jobs == [], "not at once"
        waiting.station.clock.pass_ms(61_000)
        waiting.station.turn()
    read_again(waiting)
    waiting.station.turn()
    assert waiting.recalls() == ([] if good else [""])
    if docked:
        assert waiting.state() == ("safe-to-remove", "")
        assert waiting.clip() is (ClipState.QUARANTINED if good else ClipState.VERIFIED)


def test_what_a_person_decides_while_a_copy_cannot_be_read_lets_the_camera_go(waiting: Doubts) -> None:
    waiting.conflicts = True
    waiting.store_is_back()
    with no_file_can_be_opened():
        read_again(waiting)
    waiting.station.turn()
    waiting.conflicts = False
    [clip] = [fact.clip for fact in waiting.station.facts if isinstance(fact, ClipFound)]
    waiting.station.ledger.record([ClipRetried(clip=clip, actor="1000:ann")])
    waiting.station.clock.pass_ms(61_000)
    waiting.station.turn()
    assert waiting.state() == ("safe-to-remove", "")


@pytest.mark.parametrize("how", ["altered", "removed"])
def test_what_the_spool_lost_is_copied_from_the_docked_camera_again(doubts: Doubts, how: str) -> None:
    doubts.rot() if how == "altered" else doubts.copy().unlink()
    doubts.store_is_back()
    assert doubts.recalls() == [""], "by the dock itself"
    assert doubts.clip() is ClipState.VERIFIED
    assert list(doubts.store.objects.values()) == [CONTENT]
    assert doubts.state() == ("safe-to-remove", "")
    ended, sheet = doubts.leave(), doubts.station.sheet()
    assert (ended.complete, sheet.seen, sheet.copied, sheet.residual) == (True, 1, 1, 0)


def test_until_the_copy_was_read_again_the_camera_is_not_safe_to_remove(waiting: Doubts) -> None:
    waiting.rot()
    waiting.store_is_back()
    assert waiting.clip() is ClipState.QUARANTINED
    assert waiting.state() == ("copying", "")
    read_again(waiting)
    waiting.station.turn()
    assert waiting.state() == ("safe-to-remove", "")
    assert waiting.clip() is ClipState.VERIFIED


def test_a_good_copy_leaves_the_camera_safe_and_the_clip_to_a_person(waiting: Doubts) -> None:
    """The store has other content under the clip's name: the dock's copy is as it was."""
    waiting.conflicts = True
    waiting.store_is_back()
    assert waiting.state() == ("copying", ""), "nobody knows yet"
    read_again(waiting)
    waiting.station.turn()
    assert waiting.state() == ("safe-to-remove", "")
    assert (waiting.clip(), waiting.recalls()) == (ClipState.QUARANTINED, [])
    assert waiting.leave().complete


def test_a_camera_that_left_meanwhile_is_wanted_back_and_its_clip_is_taken_again(doubts: Doubts) -> None:
    assert doubts.leave().complete, "as far as anybody knew"
    doubts.rot()
    doubts.store_is_back()
    assert doubts.clip() is ClipState.FOUND
    said = doubts.alerts()[AlertCode.CLIPS_RECALLED]
    assert "1 clip" in said
    assert SERIAL in said
    doubts.station.plug(doubts.camera)
    doubts.station.turn()
    assert AlertCode.CLIPS_RECALLED not in doubts.alerts()
    assert doubts.clip() is ClipState.VERIFIED
    assert list(doubts.store.objects.values()) == [CONTENT]


def test_what_the_camera_no_longer_has_is_lost_and_not_waited_for(doubts: Doubts) -> None:
    """Its dockings before the recall say nothing: nobody looked for the clip then."""
    doubts.leave()
    doubts.station.clock.pass_ms(60_000)
    doubts.key = doubts.station.plug(doubts.camera)
    doubts.station.turn()
    assert doubts.leave().complete
    doubts.rot()
    doubts.store_is_back()
    doubts.station.clock.pass_ms(3_601_000)
    doubts.station.turn()
    assert AlertCode.CLIPS_RECALLED in doubts.alerts()
    assert AlertCode.CLIPS_LOST not in doubts.alerts()
    doubts.camera.files.clear()
    doubts.key = doubts.station.plug(doubts.camera)
    doubts.station.turn()
    assert doubts.leave().complete
    doubts.station.clock.pass_ms(3_601_000)
    doubts.station.turn()
    assert AlertCode.CLIPS_RECALLED not in doubts.alerts()
    assert AlertCode.CLIPS_LOST in doubts.alerts()


def test_what_another_store_has_proven_is_not_waited_for(tmp_path: Path) -> None:
    doubts = Doubts(tmp_path, others=1)
    doubts.leave()
    doubts.rot()
    doubts.store_is_back()
    [clip] = [fact.clip for fact in doubts.station.facts if isinstance(fact, ClipFound)]
    doubts.station.ledger.record([ClipRecalled(clip=clip, actor="1000:ann")])
    known = doubts.station.journal.clip(clip)
    assert known is not None
    assert list(known.receipts) == ["proven0"]
    assert AlertCode.CLIPS_RECALLED not in doubts.alerts()


def test_a_camera_that_leaves_before_the_copy_was_read_has_no_complete_docking(waiting: Doubts) -> None:
    waiting.rot()
    waiting.store_is_back()
    assert not waiting.leave().complete
    read_again(waiting)
    waiting.station.turn()
    assert AlertCode.CLIPS_RECALLED in waiting.alerts()


def test_a_disk_that_keeps_nothing_is_not_asked_for_ever(doubts: Doubts) -> None:
    """Copied once more in a docking; then the dock says that it does not have it."""
    doubts.rots_again = True
    doubts.rot()
    doubts.store_is_back()
    assert (doubts.clip(), doubts.recalls()) == (ClipState.QUARANTINED, [""])
    assert doubts.state() == ("safe-to-remove", "1 file was NOT taken")
    assert not doubts.leave().complete
    doubts.rots_again = False
    doubts.station.plug(doubts.camera)
    doubts.station.turn()
    assert (doubts.clip(), doubts.recalls()) == (ClipState.VERIFIED, ["", ""])


@pytest.mark.parametrize("read", [False, True])
def test_a_dock_that_is_cut_off_while_a_copy_is_bad_calls_no_docking_complete(
    waiting: Doubts, *, read: bool
) -> None:
    """Neither before the copy was read, nor between the recall and the next listing."""
    waiting.rot()
    waiting.store.reachable = True
    waiting.station.clock.pass_ms(301_000)
    waiting.until(ClipState.QUARANTINED)
    if read:
        read_again(waiting)
        waiting.until(ClipState.FOUND)
    waiting.station.restart()
    ended = [fact for fact in waiting.station.facts if isinstance(fact, CameraDetached)]
    assert [(fact.reason, fact.complete) for fact in ended] == [("dock stopped while docked", False)]


def test_a_dock_that_is_cut_off_after_copying_again_failed_calls_no_docking_complete(
    waiting: Doubts,
) -> None:
    """Recalled, and the disk did not keep the second copy either: the dock has none at all."""
    waiting.rot()
    waiting.store.reachable = True
    waiting.station.clock.pass_ms(301_000)
    waiting.until(ClipState.QUARANTINED)
    read_again(waiting)
    waiting.until(ClipState.FOUND)
    [clip] = [fact.clip for fact in waiting.station.facts if isinstance(fact, ClipFound)]
    waiting.station.ledger.record([ClipQuarantined(clip=clip, reason="the disk did not keep it")])
    waiting.station.restart()
    ended = [fact for fact in waiting.station.facts if isinstance(fact, CameraDetached)]
    assert [(fact.reason, fact.complete) for fact in ended] == [("dock stopped while docked", False)]


def test_a_store_that_proved_the_clip_lets_the_camera_go(tmp_path: Path) -> None:
    """What another store finds out of the spool's copy is for a person: the footage is proven."""
    doubts = Doubts(tmp_path, others=1)
    doubts.rot()
    doubts.store_is_back()
    assert (doubts.clip(), doubts.recalls()) == (ClipState.QUARANTINED, [])
    assert doubts.state() == ("safe-to-remove", "")


def test_a_store_that_proved_the_clip_before_it_was_recalled_proves_it_again_before_it_is_erased(
    tmp_path: Path,
) -> None:
    doubts = Doubts(tmp_path, others=1, erases=True)
    doubts.rot()
    doubts.store_is_back()
    [clip] = [fact.clip for fact in doubts.station.facts if isinstance(fact, ClipFound)]
    recalled = ClipRecalled(clip=clip, actor="1000:ann")
    doubts.station.ledger.record([recalled])
    known = doubts.station.journal.clip(clip)
    assert known is not None
    assert list(known.receipts) == ["proven0"]
    doubts.station.dock.rechecks.recalled(recalled)
    assert doubts.state() == ("attached", ""), "the camera has what the other store is to get"
    doubts.station.turn()
    assert doubts.clip() is ClipState.RELEASED
    assert doubts.others[0].asked.count("prove") == 2
    assert doubts.camera.files == {}


@pytest.mark.parametrize("when", ["before the listing", "while it is listed"])
def test_a_listing_that_was_under_way_says_nothing_about_a_clip_recalled_meanwhile(
    tmp_path: Path, when: str
) -> None:
    doubts = Doubts(tmp_path, held_up=("recheck", "bay 1-2"))
    station, bay, late = doubts.station, doubts.station.held_up["bay 1-2"], list[object]()
    doubts.leave()
    if when == "before the listing":
        doubts.rot()
        doubts.store_is_back()
    doubts.key = station.plug(doubts.camera, bay="1-2")
    station.turn()
    while not isinstance(bay.jobs[0], ListVolume):
        bay.do_next(station.inbox.put)
        station.turn()
    bay.do_next(late.append)  # it has asked the journal what is known, and its report is still to come
    if when == "while it is listed":
        doubts.rot()
        doubts.store_is_back()
    read_again(doubts)
    station.turn()
    assert doubts.clip() is ClipState.FOUND
    for message in late:
        station.inbox.put(message)
    station.turn()
    assert doubts.state()[0] != "safe-to-remove"
    while bay.jobs:
        bay.go_on(station.inbox.put)
        station.turn()
    assert (doubts.clip(), doubts.state()) == (ClipState.VERIFIED, ("safe-to-remove", ""))
    station.pull(doubts.key)
    station.turn()
    bay.go_on(station.inbox.put)
    station.turn()
    assert station.sheet().complete
