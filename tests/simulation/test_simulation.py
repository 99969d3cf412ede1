"""Is everything as it must be, whatever happens to a dock, in any order?

Each number is the seed of one history (history.py). A failure prints the history, and how to replay it.
"""

from __future__ import annotations

import re

import pytest

from tests.extent import EXTENT, SEED, Extent
from tests.simulation.history import History, simulate

SEEDS = {Extent.CHECK: 2, Extent.TEST: 100, Extent.NIGHTLY: 10_000}[EXTENT]
_PARTS = {Extent.CHECK: 2, Extent.TEST: 10, Extent.NIGHTLY: 200}[EXTENT]
# The same histories in each run but the nightly one's, which are new and whose seeds are printed.
_FIRST = int(SEED) * 10_000 if EXTENT is Extent.NIGHTLY else 0
_EACH = SEEDS // _PARTS

pytestmark = [] if EXTENT is Extent.CHECK else [pytest.mark.slow]


@pytest.mark.parametrize("part", range(_PARTS))
def test_whatever_happens_everything_is_as_it_must_be(part: int) -> None:
    for seed in range(_FIRST + part * _EACH, _FIRST + (part + 1) * _EACH):
        history = simulate(seed)
        assert not history.wrong, f"\n{history.told()}"
        if seed == _FIRST and EXTENT is not Extent.CHECK:  # and a seed draws the same history again
            assert _drawn(simulate(seed)) == _drawn(history)


def _drawn(history: History) -> str:
    """Return a history without the ids of holds and requests, which no seed draws, nor what hashes them."""
    return re.sub(r"\b[hr]-[0-9a-z]{26}|(journal: \d+) [0-9a-f]+", r"\1", history.told())
