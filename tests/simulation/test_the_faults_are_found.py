"""Would the simulation notice? A dock is given a part that is broken on purpose, and a seed must show it."""

from __future__ import annotations

import re

import pytest

from tests.simulation.breaks import BROKEN
from tests.simulation.history import first_wrong

pytestmark = pytest.mark.slow

MOST = 1_000


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_part_is_found_within_a_thousand_seeds(broken: str) -> None:
    """And for the reason that it is: `python -m tests.simulation --breaks` prints the first seed of each."""
    breaks, told = BROKEN[broken]
    history = first_wrong(range(MOST), breaks)
    assert history is not None, "no seed shows it"
    assert any(re.search(told, problem) for problem in history.wrong), history.told()
