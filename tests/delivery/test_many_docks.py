"""Many docks, one store that was away: they come back one by one, and none of them late.

Each dock here is a breaker that is asked as the queue and the daemon ask it: whether to upload in every turn,
whether to probe in every round of ten seconds.
"""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from bwvdock.delivery.backoff import DecorrelatedJitter
from bwvdock.delivery.circuit_breaker import CircuitBreaker
from bwvdock.errors import DestinationUnavailableError
from bwvdock.log import say_nothing
from tests.fakes.clock import FakeClock

AWAY = DestinationUnavailableError("it is away")
_TURN_MS, _ROUND_MS = 1_000, 10_000
_LATEST_MS = 60_000 + _ROUND_MS


class Dock:
    """A breaker in the hands of a queue that has clips to send, or has none."""

    def __init__(self, chance: Random, *, idle: bool, round_ms: int) -> None:
        self._clock = FakeClock()
        self._breaker = CircuitBreaker("store", self._clock, DecorrelatedJitter(chance.uniform), say_nothing)
        self._idle = idle
        self._round_ms = round_ms

    def back_after(self, outage_ms: int) -> int:
        """Return how many ms after the end of an outage, which begins now, it makes its first request."""
        for now in range(0, outage_ms + _LATEST_MS + _TURN_MS, _TURN_MS):
            asks = self._asks_to_upload() + self._asks_to_probe(now, away=now < outage_ms)
            if asks and now >= outage_ms:
                return now - outage_ms
            self._clock.pass_ms(_TURN_MS)
        raise AssertionError(f"not back {_LATEST_MS} ms after an outage of {outage_ms} ms")

    def _asks_to_upload(self) -> bool:
        if self._idle or self._breaker.resting:
            return False
        self._breaker.failed(AWAY)
        return True

    def _asks_to_probe(self, now: int, *, away: bool) -> bool:
        if now % _ROUND_MS != self._round_ms or not self._breaker.begin_probe():
            return False
        self._breaker.probed(AWAY if away else None, idle=self._idle)
        return True


@given(
    seed=st.integers(0, 2**32),
    docks=st.integers(32, 40),
    outage_ms=st.integers(4, 120).map(lambda turns: turns * _TURN_MS),
    in_step=st.booleans(),
)
def test_docks_come_back_over_half_a_minute_and_each_within_little_more_than_one(
    seed: int, docks: int, outage_ms: int, in_step: bool
) -> None:
    chance = Random(seed)
    rounds = [0 if in_step else chance.randrange(0, _ROUND_MS, _TURN_MS) for _ in range(docks)]
    back = sorted(
        Dock(Random(f"{seed}/{n}"), idle=False, round_ms=round_ms).back_after(outage_ms)
        for n, round_ms in enumerate(rounds)
    )
    assert back[-1] - back[0] >= 30_000
    most = max(sum(first <= other < first + 10_000 for other in back) for first in back)
    assert most <= docks / 2, "a crowd in ten seconds"


@given(seed=st.integers(0, 2**32), outage_ms=st.integers(30, 120).map(lambda turns: turns * _TURN_MS))
def test_docks_without_work_do_not_all_ask_in_one_round(seed: int, outage_ms: int) -> None:
    back = [Dock(Random(f"{seed}/{n}"), idle=True, round_ms=0).back_after(outage_ms) for n in range(32)]
    assert max(back) - min(back) >= 30_000
