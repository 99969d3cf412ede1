"""Does a breaker say what was seen last of its destination?"""

from __future__ import annotations

from tenacity.wait import wait_fixed

from bwvdock.delivery.circuit_breaker import CircuitBreaker
from bwvdock.errors import DestinationUnavailableError
from bwvdock.log import say_nothing
from tests.fakes.clock import FakeClock


def test_a_store_that_took_a_clip_can_be_reached_whatever_the_last_probe_found() -> None:
    breaker = CircuitBreaker("store0", FakeClock(), wait_fixed(5), say_nothing)
    assert breaker.begin_probe()
    breaker.probed(DestinationUnavailableError("it is away"), idle=False)
    seen = [breaker.reachable]
    breaker.got_through()
    assert [*seen, breaker.reachable] == [False, True]
    assert breaker.error is None
