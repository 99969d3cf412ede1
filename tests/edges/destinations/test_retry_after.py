"""Is a store that counts requests tried out all the same?"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bwvdock.edges.destinations.retry_after import patiently
from bwvdock.errors import DestinationUnavailableError, HaltedError
from tests.fakes.transfer import UNLIMITED
from tests.fakes.uploads import Watched

SOON, LATE = 0.1, 600.0  # seconds


def counting(*asked: float) -> Callable[[], str]:
    """Return a store that asks for these rests, one for each request, and then answers."""
    left = list(asked)

    def ask() -> str:
        if left:
            raise DestinationUnavailableError("one request too many", retry_after=left.pop(0))
        return "answer"

    return ask


@pytest.mark.slow
def test_a_rest_that_is_asked_for_is_taken_and_the_request_made_again() -> None:
    assert patiently(counting(SOON, SOON, SOON), UNLIMITED) == "answer"
    with pytest.raises(DestinationUnavailableError):
        patiently(counting(SOON, SOON, SOON, SOON), UNLIMITED)


@pytest.mark.parametrize("asked", [0.0, -1.0, LATE])
def test_who_asks_for_no_rest_or_a_long_one_is_left_alone(asked: float) -> None:
    ask = counting(asked)
    with pytest.raises(DestinationUnavailableError):
        patiently(ask, UNLIMITED)
    assert ask() == "answer", "it was asked once"


def test_an_order_to_stop_ends_the_rest() -> None:
    with pytest.raises(HaltedError):
        patiently(counting(SOON), Watched(halt_at=-1))
