"""Does a hurried clip go before all others, wherever it waits, and stop nothing needlessly?"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.core.clips.plan import Step
from bwvdock.core.facts import ClipFound, ClipHurried, UploadAttempts
from bwvdock.core.ports import TransferControl
from bwvdock.delivery.jobs import DeliveryJob
from bwvdock.delivery.rate_limit import Transfer
from bwvdock.delivery.under_way import WORTH_BYTES, UnderWay, make_way
from bwvdock.errors import DestinationUnavailableError, HaltedError
from bwvdock.log import Events
from tests.delivery.test_destination_queue import a_station
from tests.fakes.camera import camera_with
from tests.fakes.station import Station
from tests.fakes.worker import HeldWorker
from tests.places import in_memory

CLIPS = 18  # more than a queue gives to its threads ahead of time
SENDER = "upload store0"


def docked(root: Path, clips: int = CLIPS, size: int = 100) -> Station:
    station = a_station(root, True, held_up=(SENDER,))
    station.plug(camera_with({f"DCIM/100TEST/{n:02}.MP4": bytes([n]) * size for n in range(clips)}))
    station.turn()
    return station


def hurry(station: Station, *clips: str) -> None:
    """Order it as the daemon does (`RequestHandler`)."""
    station.ledger.record([ClipHurried(clip=clip, actor="1000:ann") for clip in clips])
    for clip in clips:
        station.delivery.resume(clip)


def sender(station: Station) -> HeldWorker:
    return station.held_up[SENDER]


def begun(station: Station) -> list[str]:
    """Return the clips whose upload was begun, in that order."""
    return [str(told["clip"]) for event, told in station.said if event is Events.UPLOAD_BEGUN]


def work(station: Station, times: int = 1) -> None:
    for _ in range(times):
        if sender(station).jobs:
            sender(station).do_next(station.inbox.put)
        station.turn()


def finish(station: Station) -> None:
    while sender(station).jobs:
        work(station)


def ids(station: Station) -> list[str]:
    """Return the clips, in the order in which they are uploaded where nobody hurries any."""
    return [fact.clip for fact in station.facts if isinstance(fact, ClipFound)]


def state(station: Station, clip: str) -> ClipState:
    known = station.ledger.clip(clip)
    assert known
    return known.state


@pytest.mark.slow
@settings(max_examples=25)
@given(
    st.lists(
        st.one_of(st.just(None), st.just(None), st.integers(0, CLIPS - 1), st.just("restart")), max_size=24
    )
)
def test_none_that_was_not_begun_is_begun_before_a_hurried_one(steps: Sequence[int | str | None]) -> None:
    with TemporaryDirectory(dir=in_memory()) as root:
        station = docked(Path(root))
        clips = ids(station)
        hurried: set[str] = set()
        seen: set[str] = set()
        for step in [*steps, *[None] * len(steps)]:
            if step == "restart":
                sender(station).jobs.clear()
                station.restart()
            elif isinstance(step, int):
                hurry(station, clips[step])
                station.turn()
                hurried.add(clips[step])
            before = len(begun(station))
            work(station)
            for clip in begun(station)[before:]:
                assert clip in hurried or clip in seen or hurried <= seen, "others waited for a hurried one"
                seen.add(clip)


@pytest.mark.slow
def test_it_is_the_next_to_be_begun_and_to_be_proven(tmp_path: Path) -> None:
    station = docked(tmp_path)
    last = ids(station)[-1]
    assert last not in [cast("DeliveryJob", job).clip.id for job in sender(station).jobs]
    work(station)
    hurry(station, last)
    station.turn()
    while begun(station)[-1] != last:
        work(station)
    assert len(begun(station)) == 2, "the one before it, and it"
    while state(station, last) is not ClipState.VERIFIED:
        work(station)
    assert len(begun(station)) == 2, "nor does its proof wait for others"


@pytest.mark.slow
def test_one_that_has_a_place_already_goes_before_those_that_have_one(tmp_path: Path) -> None:
    station = docked(tmp_path)
    ahead = [cast("DeliveryJob", job).clip.id for job in sender(station).jobs]
    hurry(station, ahead[-1])
    station.turn()
    while not begun(station):
        work(station)
    assert begun(station) == [ahead[-1]]
    finish(station)
    order = [clip for clip in dict.fromkeys(begun(station)) if clip != ahead[-1]]
    assert order == sorted(order), "the others keep their order"


@pytest.mark.slow
def test_after_a_restart_it_still_goes_first(tmp_path: Path) -> None:
    station = docked(tmp_path)
    last = ids(station)[-1]
    hurry(station, last)
    sender(station).jobs.clear()
    station.restart()
    station.turn()
    while not begun(station):
        work(station)
    assert begun(station) == [last]


@pytest.mark.slow
def test_one_that_keeps_failing_keeps_none_of_the_others_waiting(tmp_path: Path) -> None:
    station = docked(tmp_path, clips=4)
    last = ids(station)[-1]

    def fails(clip: Clip, _: TransferControl) -> None:
        if clip.id == last:
            raise DestinationUnavailableError("it is away", remedy="Wait")

    station.stores[0].on_store = fails
    hurry(station, last)
    for _ in range(60):
        work(station)
        station.clock.pass_ms(60_000)
    states = {clip: state(station, clip) for clip in ids(station)}
    assert states.pop(last) is ClipState.ACQUIRED
    assert set(states.values()) == {ClipState.VERIFIED}


@pytest.mark.slow
def test_it_waits_for_no_rest_after_all_were_put_in_order(tmp_path: Path) -> None:
    """With very many clips that takes long, and is not done again for a while."""
    station = docked(tmp_path)
    [queue_of] = station.delivery.queues.values()
    queue_of.stale, station.clock.step_ms = True, 1_000
    station.delivery.pump(paused=False)
    station.clock.step_ms = 0  # from now on no time passes, so that the rest lasts
    last = ids(station)[-1]
    hurry(station, last)
    station.turn()
    while not begun(station):
        work(station)
    assert begun(station) == [last]


@pytest.mark.slow
def test_status_counts_it_until_it_is_proven(tmp_path: Path) -> None:
    station = docked(tmp_path)
    assert station.report().queue.hurried == 0
    other, last = ids(station)[-2:]
    hurry(station, last, other)
    station.turn()
    assert station.report().queue.hurried == 2
    finish(station)
    assert station.report().queue.hurried == 0


@pytest.mark.slow
def test_on_its_camera_it_is_copied_before_others(tmp_path: Path) -> None:
    station = a_station(tmp_path, True, held_up=("bay 1-1",))
    station.plug(camera_with({f"DCIM/100TEST/{n:02}.MP4": bytes([n]) * 100 for n in range(70)}))
    bay = station.held_up["bay 1-1"]
    while "copy_intended" not in station.kinds():
        station.turn()
        bay.go_on(station.inbox.put)
    [docked_bay] = station.dockings.bays.values()
    waiting = [clip for clip in ids(station) if state(station, clip) is ClipState.FOUND]
    waiting = [clip for clip in waiting if clip not in docked_bay.in_hand]
    assert len(waiting) > 1
    station.ledger.record([ClipHurried(clip=waiting[-1], actor="1000:ann")])
    clip = station.ledger.clip(waiting[-1])
    assert clip
    docked_bay.prefer(clip)
    assert docked_bay.next_wanted() == waiting[-1]


# --- giving way ------------------------------------------------------------------------------------


def job(*, size: int = 0, held: int = 0, begun_at: str = "t", step: Step = Step.UPLOAD) -> UnderWay:
    transfer = Transfer(halt=threading.Event(), size=size)
    transfer.held = held
    return UnderWay(transfer=transfer, successes=0, step=step, begun_at=begun_at)


def giving_way(jobs: dict[str, UnderWay], *, threads: int = 1) -> set[str]:
    make_way(jobs, {"hurried"}, threads=threads)
    return {name for name, one in jobs.items() if one.transfer.gives_way.is_set()}


def test_what_no_thread_has_taken_gives_way() -> None:
    jobs = {"running": job(size=1), "waits": job(begun_at=""), "hurried": job(begun_at="")}
    assert giving_way(jobs) == {"waits"}


def test_an_upload_gives_way_only_where_no_thread_is_free_and_much_is_left() -> None:
    large, small, proof = job(size=2 * WORTH_BYTES), job(size=WORTH_BYTES - 1), job(size=0, step=Step.VERIFY)
    waits = job(begun_at="")
    assert giving_way({"large": large, "hurried": waits}, threads=2) == set()
    assert giving_way({"small": small, "proof": proof, "hurried": waits}, threads=2) == set()
    nearly = job(size=9 * WORTH_BYTES, held=8 * WORTH_BYTES + 1)
    assert giving_way({"nearly": nearly, "large": large, "hurried": waits}, threads=2) == {"large"}
    assert giving_way({"nearly": nearly, "large": large, "hurried": waits}, threads=2) == {"large"}


def test_nothing_gives_way_once_the_hurried_one_is_begun() -> None:
    assert giving_way({"large": job(size=2 * WORTH_BYTES), "hurried": job()}, threads=2) == set()
    assert giving_way({"large": job(size=2 * WORTH_BYTES), "other": job(begun_at="")}) == set()


def test_it_gives_way_between_two_pieces_alone() -> None:
    transfer = Transfer(halt=threading.Event(), size=100)
    transfer.take(10)
    transfer.gives_way.set()
    transfer.take(10)
    transfer.reached(20)
    with pytest.raises(HaltedError):
        transfer.take(10)
    assert (transfer.held, transfer.passed) == (20, 20)


@pytest.mark.slow
def test_a_large_upload_gives_way_at_the_next_piece_and_resumes_afterwards(tmp_path: Path) -> None:
    station = a_station(tmp_path, True, held_up=(SENDER,))
    large, small = "DCIM/100TEST/00.MP4", "DCIM/100TEST/01.MP4"
    station.plug(camera_with({large: bytes(2 * WORTH_BYTES), small: b"small"}))
    station.turn()
    [later] = [clip for clip, known in station.ledger.clips.items() if known.files[0].path == small]
    piece, sent = WORTH_BYTES // 4, list[int]()

    def send(clip: Clip, transfer: TransferControl) -> None:
        if clip.files[0].path == small:
            return
        transfer.reached(sum(sent))
        while sum(sent) < 2 * WORTH_BYTES:
            transfer.take(piece)
            sent.append(piece)
            if len(sent) == 2:
                hurry(station, later)
                station.turn()
            transfer.reached(sum(sent))

    station.stores[0].on_store = send
    work(station)
    assert len(sent) == 2, "the piece under way was still sent"
    finish(station)
    assert begun(station)[1] == later
    assert sum(sent) == 2 * WORTH_BYTES, "nothing was sent twice"
    assert set(station.states().values()) == {ClipState.VERIFIED}
    [told] = [fact for fact in station.facts if isinstance(fact, UploadAttempts)]
    assert (told.causes, told.bytes_again) == (("upload halted by the dock: 1",), 0)
    assert "hurried" in told.last_reason
