"""Which checkpoints does a store have, whatever the witnesses do?"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bwvdock.core.custody.checkpoints import SizedNote
from bwvdock.upkeep.messages import NoteStored
from bwvdock.upkeep.publishing import Publishing
from tests.fakes.clock import FakeClock
from tests.fakes.worker import InlineWorker

HOUR_MS = 3_600_000


class Store:
    """A journal of which so much is signed and confirmed, and a store that keeps its notes."""

    def __init__(self) -> None:
        self.signed = self.confirmed = 0
        self.kept: list[int] = []
        self.clock = FakeClock()
        self.publishing = Publishing(
            {"vault": self}, lambda _: InlineWorker(self._hear), self.clock, read=self._read
        )

    def keep_note(self, log: str, size: int, note: bytes) -> str:
        self.kept.append(size)
        return f"{log} {note!r}"

    def hours(self, count: int) -> None:
        for _ in range(count):
            self.clock.pass_ms(HOUR_MS)
            self.publishing.turn(self.signed, paused=False)

    def _hear(self, message: object) -> None:
        assert isinstance(message, NoteStored)
        self.publishing.hear(message)

    def _read(self) -> list[SizedNote]:
        sizes = sorted({self.confirmed, self.signed} - {0})
        return [
            SizedNote(size, f"log/1\n{size}\n{'A' * 43}=\n\n\u2014 log/1 AAAAAAA=\n", size == self.confirmed)
            for size in sizes
        ]


def test_a_witness_that_stopped_keeps_no_later_checkpoint_from_a_store() -> None:
    store = Store()
    for store.signed, store.confirmed in (
        (10, 10),
        (20, 10),
        (30, 10),
        (30, 10),
        (40, 20),
        (40, 40),
        (40, 40),
    ):
        store.hours(1)
    assert store.kept == [10, 20, 30, 20, 40]


Growth = st.tuples(st.integers(0, 3), st.integers(0, 6))


@given(st.lists(Growth, max_size=12))
def test_a_store_has_the_quorum_s_latest_and_the_latest_within_two_hours_and_each_once(
    grown: list[tuple[int, int]],
) -> None:
    store = Store()
    for more, confirmed in grown:
        store.signed += more
        store.confirmed = min(store.signed, store.confirmed + confirmed)
        store.hours(1)
    store.hours(2)
    assert {store.signed, store.confirmed} - {0} <= set(store.kept)
    kept = list(store.kept)
    store.hours(5)
    assert store.kept == kept
