"""Whatever a tus server answers, to whichever request: a result or an error of that store, in time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bwvdock.edges.destinations.connections import Patience
from tests.edges.destinations.outcomes import strays
from tests.edges.destinations.tus_world import NO_CHECKSUMS, World, world
from tests.fakes.transfer import UNLIMITED
from tests.servers.hostile import ANY, TUS, Raw
from tests.servers.lies import Lie
from tests.servers.lying_tus import LyingTus

HASTY = Patience(connect=60.0, stall=5.0, answer=0.25)  # an answer that drips takes a piece each 0.05 s
REQUESTS = ("OPTIONS", "POST", "HEAD", "PATCH", "GET", "DELETE")

pytestmark = pytest.mark.slow


def calls(made: World, number: int) -> dict[str, Callable[[], object]]:
    """Return every call of the port; clip 1 is stored there, the other is not."""
    stored, fresh = made.clip(number=1), made.clip(b"x" * 300_000, b"sidecar", number=number)
    port = made.destination
    return {
        "probe": port.probe,
        "assess": lambda: port.assess(UNLIMITED),
        "store": lambda: port.store(fresh, UNLIMITED),
        "prove": lambda: port.prove(stored, UNLIMITED),
        "describe": lambda: port.describe(fresh, b"{}", UNLIMITED),
    }


@pytest.mark.parametrize("answer", (ANY | TUS).values(), ids=ANY | TUS)
def test_any_answer_is_a_result_or_an_error_of_this_store(tmp_path: Path, answer: Raw) -> None:
    with LyingTus(NO_CHECKSUMS, downloads=True) as server, world(tmp_path, server) as made:
        made.destination.assess(UNLIMITED)
        made.destination.store(made.clip(number=1), UNLIMITED)
        made.restart(HASTY)
        for number, method in enumerate(REQUESTS, start=2):
            server.lie(Lie(method, instead=True, raw=answer))
            assert strays(calls(made, number)) == {}, method
