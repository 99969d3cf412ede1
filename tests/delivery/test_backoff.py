"""What failed rests for a while: longer as a rule, never in step with others, as long as a store asks."""

from __future__ import annotations

from itertools import chain, repeat
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.delivery.backoff import Backoff, DecorrelatedJitter, asked_for
from bwvdock.errors import AccessDeniedError, DestinationUnavailableError, StorageError
from tests.fakes.clock import FakeClock

DOWN = DestinationUnavailableError("down")


@given(draws=st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_a_wait_is_between_a_second_and_five_minutes_and_at_most_thrice_the_last_or_a_minute(
    draws: list[float],
) -> None:
    given_ = iter(draws)
    backoff = Backoff(
        FakeClock(), DecorrelatedJitter(lambda least, most: least + next(given_) * (most - least))
    )
    last = 0.0
    for least, most in chain([(1, 3), (1, 60)], repeat((60, 60))):
        if backoff.failures == len(draws):
            break
        seconds = backoff.fail(DOWN)
        assert least <= seconds <= min(300.0, max(most, 3 * last))
        last = seconds


def test_an_outage_comes_to_five_minutes_and_is_forgotten_afterwards() -> None:
    backoff = Backoff(FakeClock(), DecorrelatedJitter(lambda least, most: most))
    assert [backoff.fail(DOWN) for _ in range(7)] == [3, 60, 180, 300, 300, 300, 300]
    backoff.clear()
    assert (backoff.failures, backoff.resting, backoff.fail(DOWN)) == (0, False, 3)


def test_docks_do_not_come_back_in_step() -> None:
    waits = {Backoff(FakeClock(), DecorrelatedJitter()).fail(DOWN) for _ in range(40)}
    assert len(waits) == 40


@pytest.mark.parametrize(
    "asked,heeded",
    [(0, 0), (7.5, 7.5), (-3, 0), (3600, 3600), (10**9, 3600), (inf, 3600), (nan, 0)],
)
def test_what_a_store_asks_for_is_a_floor_as_far_as_that_is_sensible(asked: float, heeded: float) -> None:
    error = AccessDeniedError("later", retry_after=asked)
    assert asked_for(error) == heeded
    backoff = Backoff(FakeClock(), DecorrelatedJitter(lambda least, most: least))
    assert backoff.fail(error) == max(1.0, heeded)


def test_an_hour_that_was_asked_for_makes_no_rest_after_it_longer_than_five_minutes() -> None:
    backoff = Backoff(FakeClock(), DecorrelatedJitter(lambda least, most: most))
    assert backoff.fail(DestinationUnavailableError("x", retry_after=3600)) == 3600
    assert backoff.fail(DOWN) == 300


def test_it_rests_until_then_and_no_longer() -> None:
    clock = FakeClock()
    backoff = Backoff(clock, DecorrelatedJitter(lambda least, most: most))
    backoff.fail(StorageError("the disk"))
    clock.pass_ms(2_999)
    before = backoff.resting
    clock.pass_ms(1)
    assert (before, backoff.resting) == (True, False)
    backoff.fail(DOWN)
    backoff.wake()
    assert (backoff.resting, backoff.failures) == (False, 2)
