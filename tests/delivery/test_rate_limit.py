"""Bytes pass no faster than the limit of the hour, a change is felt at once, and an order to stop too."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.config.settings import UploadSettings, Window
from bwvdock.delivery.rate_limit import RateLimit, TokenBucket, Transfer, limit_at
from bwvdock.errors import HaltedError

NIGHT = Window(start=time(22), end=time(6), limit=None)
LUNCH = Window(start=time(12), end=time(13), limit=10)


def upload(limit: int | None, *windows: Window) -> UploadSettings:
    return UploadSettings(parallel=3, limit=limit, windows=windows)


@dataclass
class Hall:
    """A clock that moves only when somebody waits; `then` is what else happens at that moment."""

    now: float = 0.0
    hour: time = time(9)
    waits: list[float] = field(default_factory=list)
    then: Callable[[], None] = lambda: None

    def wait(self, event: threading.Event, seconds: float) -> None:
        """Let time pass, unless the event was set."""
        self.then()
        if not event.is_set():
            self.waits.append(seconds)
            self.now += seconds

    def rate_limit(self, given_: UploadSettings) -> RateLimit:
        """Make a pace in this hall."""
        return RateLimit(given_, monotonic=lambda: self.now, local_time=lambda: self.hour, wait=self.wait)


@given(
    rate=st.integers(1, 10**9),
    steps=st.lists(st.tuples(st.floats(0, 100), st.integers(0, 10**9)), max_size=50),
)
def test_a_bucket_gives_never_more_than_its_burst_and_what_came_in_meanwhile(
    rate: int, steps: list[tuple[float, int]]
) -> None:
    bucket, now, given_ = TokenBucket(rate=rate, now=0.0), 0.0, 0
    for elapsed, wanted in steps:
        now += elapsed
        count = min(wanted, bucket.burst)
        if bucket.draw(count, now) == 0.0:
            given_ += count
        assert given_ <= rate * now * (1 + 1e-9) + bucket.burst


@given(rate=st.integers(1, 10**9), count=st.integers(1, 10**9))
def test_what_a_bucket_asks_one_to_wait_is_enough_and_not_too_much(rate: int, count: int) -> None:
    bucket = TokenBucket(rate=rate, now=0.0)
    share = min(count, bucket.burst)
    seconds = bucket.draw(share, 0.0)
    assert bucket.draw(share, seconds * 0.99) > 0.0
    assert bucket.draw(share, seconds * (1 + 1e-9) + 1e-9) == 0.0


@given(
    rate=st.integers(100_000, 10**8),
    takes=st.lists(st.integers(0, 4_000_000), min_size=1, max_size=8),
)
def test_all_that_passes_keeps_the_limit_and_all_of_it_passes(rate: int, takes: list[int]) -> None:
    hall = Hall()
    rate_limit, halt, passed = hall.rate_limit(upload(rate)), threading.Event(), 0
    for count in takes:
        rate_limit.take(count, halt)
        passed += count
        assert passed <= rate * hall.now * (1 + 1e-6) + 1
    assert hall.now <= passed / rate * (1 + 1e-6) + 0.001 * len(hall.waits)


def test_without_a_limit_nobody_waits() -> None:
    hall = Hall()
    hall.rate_limit(upload(None)).take(10**12, threading.Event())
    assert hall.waits == []


@pytest.mark.parametrize(
    "hour,limit",
    [(time(21, 59), 100), (time(22), None), (time(3), None), (time(6), 100), (time(12, 30), 10)],
)
def test_the_limit_is_that_of_the_hour_and_windows_may_pass_midnight(hour: time, limit: int | None) -> None:
    assert limit_at(upload(100, NIGHT, LUNCH), hour) == limit


def test_a_window_that_opens_is_felt_by_who_waits_already() -> None:
    hall = Hall(hour=time(21, 59))

    def dusk() -> None:
        hall.hour = time(22) if hall.now > 30 else hall.hour

    hall.then = dusk
    hall.rate_limit(upload(1, NIGHT)).take(10**9, threading.Event())
    assert 30 < hall.now < 60


def test_a_changed_limit_is_felt_at_once_and_nothing_is_broken_off() -> None:
    hall = Hall()
    rate_limit = hall.rate_limit(upload(1))
    hall.then = lambda: rate_limit.change(upload(None))
    rate_limit.take(10**9, threading.Event())
    assert hall.waits == []


def test_an_order_to_stop_is_felt_while_waiting() -> None:
    hall = Hall()
    rate_limit, halt = hall.rate_limit(upload(1)), threading.Event()

    def stop() -> None:
        halt.set()
        rate_limit.stir()

    hall.then = stop
    with pytest.raises(HaltedError):
        rate_limit.take(10**9, halt)
    assert hall.waits == []


def test_a_real_thread_that_waits_for_hours_ends_when_it_is_told() -> None:
    """With the real event: the joining would never end if nobody woke it."""
    rate_limit = RateLimit(upload(1), monotonic=lambda: 0.0, local_time=lambda: time(9))
    halt, told = threading.Event(), list[str]()

    def carry() -> None:
        try:
            Transfer(halt=halt, rate_limit=rate_limit).take(10**9)
        except HaltedError:
            told.append("halted")

    threads = [threading.Thread(target=carry) for _ in range(3)]
    for thread in threads:
        thread.start()
    halt.set()
    rate_limit.stir()
    for thread in threads:
        thread.join()
    assert told == ["halted"] * 3


def test_a_journey_knows_whether_it_got_further_than_ever() -> None:
    transfer = Transfer(halt=threading.Event(), size=100, before=50)
    transfer.reached(50)
    assert not transfer.moved
    transfer.reached(51)
    assert transfer.moved


def test_what_was_sent_is_told_from_what_is_held() -> None:
    transfer = Transfer(halt=threading.Event(), size=100)
    transfer.take(30)
    assert (transfer.sent, transfer.held) == (30, 0)
    transfer.reached(20)  # a part of the request was lost
    assert (transfer.sent, transfer.held) == (20, 20)
    transfer.take(50)
    assert (transfer.sent, transfer.held) == (70, 20)
    transfer.take(90)  # sent again
    assert transfer.sent == 100
