"""Is each turn counted once, with the time that it took?"""

from __future__ import annotations

from bwvdock.runtime.turn_priority import TurnPriority
from bwvdock.runtime.turn_times import BOUNDS, TurnTimes


def test_a_turn_is_counted_when_it_is_over_and_once() -> None:
    moments = iter([10.0, 10.25, 20.0, 60.5])
    priority = TurnPriority(monotonic=lambda: next(moments))
    priority.end()  # of none
    priority.begin()
    assert sum(priority.turns.read()[0]) == 0
    priority.end()
    priority.end()
    priority.begin()
    priority.end()
    counts, seconds = priority.turns.read()
    assert {end: n for end, n in zip([*BOUNDS, None], counts, strict=True) if n} == {0.25: 1, None: 1}
    assert seconds == 40.75


def test_a_class_has_its_upper_end() -> None:
    """As Prometheus' `le` says: less or equal."""
    times = TurnTimes()
    for bound in BOUNDS:
        times.add(bound)
    assert times.read()[0] == (*(1 for _ in BOUNDS), 0)
