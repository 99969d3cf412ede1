"""A slice of the fault matrix: rows and moments drawn by a seed, ours only. `make faults` runs it all."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.faults.columns import COLUMNS
from tests.faults.matrix import TROUBLES, Then, Trouble, moments
from tests.faults.run import run_ours
from tests.faults.scene import scene
from tests.faults.verdict import Verdict
from tests.servers.process import Server

pytestmark = [pytest.mark.interop, pytest.mark.slow]

SEED = "slice 1"
_SLOW = {
    Then.EXPIRE,
    Then.FREEZE_SERVER,
}  # they wait for what takes time, as does a rate
_EACH = 4  # rows of a server
_DEATHS = {"@tus/server": 2, "resumable-upload": 1, "@uploadx/core": 1, "Swift": 1}


def _drawn() -> list[tuple[str, Trouble]]:
    draw, cells = random.Random(SEED), []
    for name, deaths in _DEATHS.items():
        column = COLUMNS[name]
        rows = [t for t in TROUBLES[1:] if column.has(t) and t.then not in _SLOW and "rate" not in t.nginx]
        cells += [(name, trouble) for trouble in draw.sample(rows, _EACH)]
        for what in (Then.KILL_SERVER, Then.KILL_CLIENT):
            cells += [(name, trouble) for trouble in moments(what, deaths, seed=f"{SEED}/{name}/{what}")]
    return cells


@pytest.fixture(scope="session")
def running() -> Iterator[Callable[[str], Server]]:
    """Return a server of the matrix, by its column's name: each starts once, when its first row comes."""
    known: dict[str, Server] = {}
    with ExitStack() as stack:

        def server(name: str) -> Server:
            if name not in known:
                known[name] = stack.enter_context(COLUMNS[name].make())
            return known[name]

        yield server


@pytest.mark.parametrize("name,trouble", _drawn(), ids=lambda value: getattr(value, "name", value))
def test_no_clip_is_corrupted_lost_or_stuck(
    running: Callable[[str], Server], name: str, trouble: Trouble
) -> None:
    if trouble.disk and os.geteuid() != 0:
        pytest.skip("mounts a small disk")
    with scene(COLUMNS[name], trouble, running(name)) as made:
        result = run_ours(made)
        assert bool(made.relay.fired or made.happened.is_set()) is bool(trouble.faults), "nothing happened"
    assert result.verdict in {Verdict.INTACT, Verdict.REFUSED}, result.said
