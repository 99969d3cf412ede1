"""Whatever a tus server answers, to whichever request: a result or an error of that store, in time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bwvdock.edges.destinations.connections import Patience
from tests.edges.destinations.outcomes import strays
from tests.edges.destinations.tus_world import NO_CHECKSUMS, World, world
from tests.extent import SEED, drawn
from tests.fakes.transfer import UNLIMITED
from tests.servers.hostile import ANY, TUS
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


@pytest.mark.parametrize("words", ANY | TUS)
def test_any_answer_is_a_result_or_an_error_of_this_store(tmp_path: Path, words: str) -> None:
    """To one of the requests, another for each answer and in each run; in `make nightly` to every one."""
    with LyingTus(NO_CHECKSUMS, downloads=True) as server, world(tmp_path, server) as made:
        made.destination.assess(UNLIMITED)
        made.destination.store(made.clip(number=1), UNLIMITED)
        made.restart(HASTY)
        for number, method in enumerate(drawn(REQUESTS, 1, of=words), start=2):
            server.lie(Lie(method, instead=True, raw=(ANY | TUS)[words]))
            assert strays(calls(made, number)) == {}, f"{method}, {SEED=}"
