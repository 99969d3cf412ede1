"""Does the thread that owns the journal compute first, and does nobody wait for it for long?"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from threading import Event, Thread

import pytest

from bwvdock.core.ports import CameraFile
from bwvdock.runtime.turn_priority import TurnPriority, look_for_garbage_rarely
from tests.fakes.camera import FakeFile, FakeVolume
from tests.fakes.station import Station

FOR_EVER = 3600.0


@pytest.mark.slow
def test_who_gives_way_waits_until_the_turn_is_over() -> None:
    priority, went_on = TurnPriority(most_seconds=FOR_EVER), Event()

    def compute() -> None:
        priority.give_way()
        went_on.set()

    priority.begin()
    other = Thread(target=compute, daemon=True)
    other.start()
    assert not went_on.wait(0.05)
    priority.end()
    assert went_on.wait(60)
    other.join()


def ends(work: Callable[[], object]) -> bool:
    """Return whether a piece of work comes to its end, in a thread that nobody waits for if it does not."""
    other = Thread(target=work, daemon=True)
    other.start()
    other.join(60)
    return not other.is_alive()


def test_nobody_waits_for_nothing_nor_for_itself_nor_for_long() -> None:
    priority = TurnPriority(most_seconds=FOR_EVER)
    assert ends(priority.give_way)  # before the first turn

    def turn() -> None:
        priority.begin()
        priority.give_way()

    assert ends(turn)
    priority.end()
    assert ends(priority.give_way)
    busy = TurnPriority(most_seconds=0.001)
    busy.begin()
    assert ends(busy.give_way)


def test_a_turn_is_under_way_while_the_dock_works_and_not_while_it_waits(tmp_path: Path) -> None:
    station, seen = Station(tmp_path), []

    class Card(FakeVolume):
        def list(self) -> Sequence[CameraFile]:
            seen.append(station.dock.turn_priority.under_way)
            return super().list()

    station.enrol()
    station.plug(Card(files={"A.MP4": FakeFile(data=b"footage")}))
    station.turn()
    assert set(seen) == {True}
    assert not station.dock.turn_priority.under_way


@pytest.fixture
def collections() -> Iterator[list[int]]:
    """Which generations were looked through; what governs it is as it was afterwards."""
    looked: list[int] = []

    def note(phase: str, info: dict[str, int]) -> None:
        if phase == "stop":
            looked.append(info["generation"])

    before = gc.get_threshold()
    gc.callbacks.append(note)
    yield looked
    gc.callbacks.remove(note)
    gc.set_threshold(*before)


def test_a_long_listing_does_not_have_all_objects_looked_through(collections: list[int]) -> None:
    gc.set_threshold(700, 10, 10)  # as it is in a new process
    look_for_garbage_rarely()
    listing = [[number] for number in range(150_000)]
    assert collections
    assert 2 not in collections, len(listing)
