"""Does a breaker say what was seen last of its destination?"""

from __future__ import annotations

from tenacity.wait import wait_fixed

from bwvdock.delivery.backoff import DecorrelatedJitter
from bwvdock.delivery.circuit_breaker import CircuitBreaker
from bwvdock.errors import DestinationUnavailableError
from bwvdock.log import say_nothing
from tests.fakes.clock import FakeClock

LATER = DestinationUnavailableError("it is overloaded", retry_after=600)


def test_a_store_that_took_a_clip_can_be_reached_whatever_the_last_probe_found() -> None:
    breaker = CircuitBreaker("store0", FakeClock(), wait_fixed(5), say_nothing)
    assert breaker.begin_probe()
    breaker.probed(DestinationUnavailableError("it is away"), idle=False)
    seen = [breaker.reachable]
    breaker.got_through()
    assert [*seen, breaker.reachable] == [False, True]
    assert breaker.error is None


def test_a_wait_that_the_store_asked_for_is_ended_by_no_probe() -> None:
    clock = FakeClock()
    breaker = CircuitBreaker("store0", clock, DecorrelatedJitter(), say_nothing)
    assert breaker.begin_probe()
    breaker.failed(LATER)
    breaker.probed(DestinationUnavailableError("it is away"), idle=False)
    for ms in (100_000, 499_000):
        clock.pass_ms(ms)
        assert (breaker.resting, breaker.begin_probe()) == (True, False)
    clock.pass_ms(1_000)
    assert (breaker.resting, breaker.begin_probe()) == (False, True)


def test_a_long_wait_is_probed_and_lasts_a_minute_at_most_once_the_store_does_not_answer() -> None:
    clock = FakeClock()
    breaker = CircuitBreaker("store0", clock, wait_fixed(300), say_nothing)
    breaker.failed(DestinationUnavailableError("500"))
    assert breaker.begin_probe()
    breaker.probed(DestinationUnavailableError("it is away"), idle=False)
    clock.pass_ms(59_000)
    waits = (breaker.resting, breaker.begin_probe())
    clock.pass_ms(1_000)
    assert (waits, breaker.resting, breaker.begin_probe()) == ((True, False), False, True)
    breaker.probed(None, idle=False)
    assert not breaker.resting


def test_an_outage_that_only_probes_met_is_over_with_the_first_that_gets_through() -> None:
    breaker = CircuitBreaker("store0", FakeClock(), wait_fixed(5), say_nothing)
    assert breaker.begin_probe()
    breaker.probed(DestinationUnavailableError("it is away"), idle=True)
    during = (breaker.resting, breaker.doubtful)
    breaker.probed(None, idle=True)
    assert (during, breaker.resting, breaker.doubtful) == ((True, True), False, False)
