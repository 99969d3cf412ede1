"""How pieces are read, hashed and sent: ahead of the sending, and several at once where that pays."""

from __future__ import annotations

import hashlib
import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.core.ports import PIECE_BYTES
from bwvdock.edges.destinations.read_ahead import read_ahead
from bwvdock.edges.destinations.s3.parallel import Share, send_all
from bwvdock.errors import DestinationUnavailableError, HaltedError
from tests.edges.destinations.s3_rig import RateLimit, S3Dock, keys_of
from tests.fakes.footage import footage
from tests.fakes.transfer import UNLIMITED
from tests.servers.lies import Lie
from tests.servers.lying_s3 import LyingS3

PATIENCE = 30.0  # seconds until a thread that never comes is a failure; never a measure


class BrokenError(RuntimeError):
    """What a piece, or the disk, fails with here."""


# --- reading ahead ------------------------------------------------------------------------------------


@dataclass
class Disk:
    """Gives numbered blocks in a few buffers that it fills again and again, as a disk file does."""

    blocks: int
    buffers: int
    breaks_at: int | None
    given: int = field(default=0)

    def read(self) -> Iterator[memoryview]:
        unused = itertools.cycle([bytearray(2) for _ in range(self.buffers)])
        for number in range(self.blocks):
            if number == self.breaks_at:
                raise BrokenError
            buffer = next(unused)
            buffer[:] = number.to_bytes(2, "big")
            self.given += 1
            yield memoryview(buffer)


@given(
    st.integers(0, 12),
    st.integers(2, 4),
    st.none() | st.integers(0, 12),
    st.none() | st.integers(0, 12),
)
def test_what_is_read_ahead_is_what_was_read(
    blocks: int, buffers: int, breaks_at: int | None, closed_at: int | None
) -> None:
    disk = Disk(blocks, buffers, breaks_at)
    before = threading.active_count()
    ahead = read_ahead(disk.read(), buffers)
    seen: list[int] = []
    broken = False
    try:
        for block in ahead:
            seen.append(int.from_bytes(block, "big"))
            assert disk.given <= len(seen) - 1 + buffers, "no buffer is filled while it is in use"
            if len(seen) == closed_at:
                break
    except BrokenError:
        broken = True
    ahead.close()
    whole = blocks if breaks_at is None else min(blocks, breaks_at)
    if closed_at is not None and 0 < closed_at <= whole:
        assert (seen, broken) == (list(range(closed_at)), False)
    else:
        assert (seen, broken) == (list(range(whole)), breaks_at is not None and breaks_at < blocks)
    assert threading.active_count() == before, "its thread has ended"


# --- several at once ----------------------------------------------------------------------------------


@given(st.integers(0, 20), st.integers(1, 4), st.integers(0, 4), st.sets(st.integers(0, 19), max_size=3))
def test_each_piece_is_sent_once_or_the_first_failure_is_raised(
    pieces: int, most: int, others: int, failing: set[int]
) -> None:
    share, lock = Share(most), threading.Lock()
    sent: list[int] = []
    at_once, largest = 0, 0

    def send(number: int) -> None:
        nonlocal at_once, largest
        with lock:
            at_once += 1
            largest = max(largest, at_once)
            sent.append(number)
        with lock:
            at_once -= 1
        if number in failing:
            raise BrokenError(number)

    with ExitStack() as busy:
        for _ in range(others + 1):  # uploaders that carry other clips, and this one
            busy.enter_context(share.working())
        if failing & set(range(pieces)):
            with pytest.raises(BrokenError) as caught:
                send_all(range(pieces), send, share)
            assert caught.value.args[0] in failing
        else:
            send_all(range(pieces), send, share)
            assert sorted(sent) == list(range(pieces))
    assert len(sent) == len(set(sent))
    assert largest <= max(1, most - others)
    assert at_once == 0, "nothing goes on behind the caller's back"
    assert sum(share.take_spare() for _ in range(most + 1)) == most, "every uploader was given back"


def test_a_spare_uploader_takes_a_piece_of_its_own() -> None:
    share, together = Share(2), threading.Barrier(2, timeout=PATIENCE)

    def send(number: int) -> None:
        if number:  # the first shows how long a piece takes
            together.wait()

    with share.working():
        send_all(range(5), send, share)


def test_a_slow_line_carries_one_piece_after_the_other() -> None:
    clock, threads = itertools.count(step=10), set[int]()
    share = Share(3)
    with share.working():
        send_all(
            range(4),
            lambda _: threads.add(threading.get_ident()),
            share,
            monotonic=lambda: float(next(clock)),
        )
    assert threads == {threading.get_ident()}


@pytest.mark.slow
def test_on_a_slow_line_the_pieces_of_all_clips_take_turns() -> None:
    """Two clips at once would be under way twice as long each, and both be lost with a line that breaks."""
    share, begun, waits = Share(3), threading.Event(), threading.Event()
    seen: list[tuple[str, int]] = []
    share.took(60)

    def first(number: int) -> None:
        begun.set()
        assert waits.wait(PATIENCE), "the other clip did not wait"
        seen.append(("first", number))

    def carry(send: Callable[[int], object], look: Callable[[], object]) -> None:
        with share.working():
            send_all(range(1), send, share, look=look, monotonic=itertools.count(step=10).__next__)

    other = threading.Thread(target=carry, args=(first, lambda: None))
    other.start()
    assert begun.wait(PATIENCE)
    carry(lambda number: seen.append(("second", number)), waits.set)
    other.join(PATIENCE)
    assert seen == [("first", 0), ("second", 0)]


@pytest.mark.slow
def test_a_piece_that_is_lost_after_long_shows_a_slow_line_too() -> None:
    share, clock = Share(2), itertools.count(step=10)

    def lose(_: int) -> None:
        raise BrokenError

    with pytest.raises(BrokenError):
        send_all(range(1), lose, share, monotonic=clock.__next__)
    with share.turn(stop), pytest.raises(HaltedError), share.turn(stop):
        raise AssertionError("two had a turn at once")


@pytest.mark.slow
def test_a_piece_that_is_lost_at_once_does_not_show_a_fast_line() -> None:
    share = Share(2)
    share.took(60)

    def lose(_: int) -> None:
        raise BrokenError

    with pytest.raises(BrokenError):
        send_all(range(1), lose, share)
    with share.turn(stop), pytest.raises(HaltedError), share.turn(stop):
        raise AssertionError("two had a turn at once")


@pytest.mark.slow
def test_who_waits_for_a_turn_gives_up_when_the_dock_stops() -> None:
    share = Share(2)
    share.took(60)
    with share.turn(stop), pytest.raises(HaltedError), share.turn(stop):
        raise AssertionError("two had a turn at once")


def test_a_line_that_is_quick_again_makes_nobody_wait() -> None:
    share = Share(2)
    share.took(60)
    share.took(0.1)
    with share.turn(stop), share.turn(stop):
        pass


def test_a_helper_goes_back_to_work_of_its_own() -> None:
    """Once every uploader has a clip to carry, a long one has no more than its own."""
    share, threads = Share(2), list[int]()
    together, others = threading.Barrier(2, timeout=PATIENCE), share.working()
    before = set(threading.enumerate())

    def send(number: int) -> None:
        threads.append(threading.get_ident())
        if number in {1, 2}:
            together.wait()
            if number == 2:
                others.__enter__()
            together.wait()
        if number == 3:
            for helper in set(threading.enumerate()) - before - {threading.current_thread()}:
                helper.join(PATIENCE)  # it has ended, or has sent all the others

    with share.working():
        send_all(range(8), send, share)
    assert threads[3:] == [threading.get_ident()] * 5


# --- at a store ---------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_long_clip_arrives_whole_by_several_uploaders(dock: S3Dock) -> None:
    content = footage(3 * PIECE_BYTES + 5000)
    clip, rate_limit = dock.clip(content), RateLimit()
    with LyingS3() as server:
        destination = dock.destination(server.url, parallel=3)
        destination.assess(UNLIMITED)
        destination.store(clip, rate_limit)
        assert server.stored(server.bucket, keys_of(clip)[0]) == content
        assert destination.prove(clip, UNLIMITED).method == "pieces-checked"
    assert rate_limit.taken == len(content), "each byte was sent once"
    assert rate_limit.held == sorted(rate_limit.held)
    assert rate_limit.held[-1] == len(content)


def stop() -> None:
    raise HaltedError("the dock is stopping")


@pytest.mark.slow
@pytest.mark.parametrize("at", [PIECE_BYTES // 2, 2 * PIECE_BYTES, 3 * PIECE_BYTES])
def test_after_a_halt_only_what_was_not_confirmed_is_sent_again(dock: S3Dock, at: int) -> None:
    content = footage(3 * PIECE_BYTES + 5000)
    clip = dock.clip(content)
    with LyingS3() as server:
        destination = dock.destination(server.url, parallel=3)
        destination.assess(UNLIMITED)
        with pytest.raises(HaltedError):
            destination.store(clip, RateLimit(at, stop))
        (upload,) = server.uploads.values()
        confirmed = {
            number
            for number, part in upload.parts.items()
            if hashlib.sha256(part).hexdigest() == clip.parts[0].pieces[number - 1]
        }
        server.requests.clear()
        destination.store(clip, UNLIMITED)
        whole = [len(content[n * PIECE_BYTES :][:PIECE_BYTES]) for n in range(4)]
        puts = [(int(put.query["partNumber"]), len(put.body)) for put in server.asked("PUT")]
        again = [number for number, length in puts if length == whole[number - 1]]
        assert sorted(again) == sorted({1, 2, 3, 4} - confirmed)
        assert server.stored(server.bucket, keys_of(clip)[0]) == content
        assert destination.prove(clip, UNLIMITED).method == "pieces-checked"


@pytest.mark.slow
def test_a_small_clip_is_sent_at_once_to_a_store_that_replaces_nothing(dock: S3Dock) -> None:
    clip, sent_before = dock.clip(b"footage"), RateLimit()
    with LyingS3() as server:
        destination = dock.destination(server.url)
        destination.assess(UNLIMITED)
        server.requests.clear()
        destination.store(clip, sent_before)
        assert [request.method for request in server.requests] == ["PUT", "HEAD"]
        assert server.requests[0].headers["if-none-match"] == "*"
        destination.store(clip, sent_before)
        assert sent_before.taken == len(b"footage"), "what is known to be there is not sent again"


@pytest.mark.slow
def test_after_a_lost_answer_the_store_is_asked_before_anything_is_sent_again(dock: S3Dock) -> None:
    clip, rate_limit = dock.clip(b"footage"), RateLimit()
    with LyingS3() as server:
        destination = dock.destination(server.url)
        destination.assess(UNLIMITED)
        server.lie(Lie("PUT", hang_up=True, times=1))
        with pytest.raises(DestinationUnavailableError):
            destination.store(clip, rate_limit)
        destination.store(clip, rate_limit)
    assert rate_limit.taken == len(b"footage")
