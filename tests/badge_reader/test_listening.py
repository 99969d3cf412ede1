"""Are readers followed that come and go, and does a badge get to the daemon and nowhere else?"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bwvdock.badge_reader.listening import LOOK_SECONDS, Listening
from bwvdock.errors import NotRunningError, UsageError
from tests.badge_reader.typing import typed
from tests.fakes.badge_readers import FakeReaders


class Desk:
    """Readers, a listener beside them, and what it told the daemon; time passes when the test says so."""

    def __init__(self, *names: str) -> None:
        self.readers = FakeReaders(*names)
        self.badges: list[str] = []
        self.said: list[str] = []
        self.time = 100.0
        self.error: Exception | None = None
        self.listening = Listening(self.readers, self._tap, say=self.said.append, now=lambda: self.time)
        self.turn()
        self.time += 5

    def _tap(self, badge: str) -> None:
        self.badges.append(badge)
        if self.error is not None:
            raise self.error

    def turn(self) -> None:
        """Have it look at all there is."""
        self.time += LOOK_SECONDS
        self.listening.turn(0)
        self.listening.turn(0)

    def show(self, badge: str, *, at: str = "r1") -> None:
        """Have a reader type a badge."""
        self.readers.press(at, typed(badge, self.time))
        self.turn()
        self.time += 5


@pytest.fixture
def desk() -> Iterator[Desk]:
    """One reader."""
    made = Desk("r1")
    yield made
    made.listening.close()
    assert made.readers.opened == {}


def test_a_badge_is_told_once(desk: Desk) -> None:
    desk.show("4711")
    desk.turn()
    assert (desk.badges, desk.said) == (["4711"], [])


def test_two_readers_at_once_mix_nothing(desk: Desk) -> None:
    desk.readers.plugged.add("r2")
    desk.turn()
    desk.time += 5
    one, other = typed("1111", desk.time), typed("2222", desk.time)
    for first, second in zip(one, other, strict=True):
        desk.readers.press("r1", [first])
        desk.readers.press("r2", [second])
        desk.listening.turn(0)
    assert sorted(desk.badges) == ["1111", "2222"]


def test_a_reader_that_is_unplugged_and_back_is_heard_again(desk: Desk) -> None:
    desk.readers.press("r1", typed("47", desk.time)[:-2])
    desk.readers.unplug("r1")
    desk.turn()
    assert desk.readers.opened == {}
    desk.readers.plugged.add("r1")
    desk.turn()
    desk.time += 5
    desk.show("11")
    assert desk.badges == ["11"]


def test_a_reader_that_is_back_before_anybody_looked_is_heard(desk: Desk) -> None:
    desk.readers.unplug("r1")
    desk.readers.plugged.add("r1")
    desk.turn()
    desk.turn()
    desk.time += 5
    desk.show("11")
    assert desk.badges == ["11"]


def test_one_that_leaves_while_it_is_not_waited_for_is_given_back(desk: Desk) -> None:
    desk.readers.plugged.clear()
    desk.turn()
    assert desk.readers.opened == {}


def test_one_that_cannot_be_opened_is_said_once_and_tried_again(desk: Desk) -> None:
    desk.readers.taken.add("r2")
    desk.readers.plugged.add("r2")
    for _ in range(3):
        desk.turn()
    assert len(desk.said) == 1
    desk.readers.taken.clear()
    desk.turn()
    desk.time += 5
    desk.show("12", at="r2")
    assert desk.badges == ["12"]
    desk.show("4711")
    assert desk.badges == ["12", "4711"]


def test_a_reader_that_types_badges_without_end_is_heeded_twice_a_second(desk: Desk) -> None:
    desk.error = UsageError("no", remedy="")
    begun = desk.time
    for number in range(200):
        desk.readers.press("r1", typed(f"{number:03}", desk.time))
        desk.listening.turn(0)
        desk.time += 0.03
    assert 3 <= len(desk.badges) <= 2 * (desk.time - begun) + 1
    assert len(desk.said) == 1


@pytest.mark.parametrize(
    "error", [NotRunningError("4711 no", remedy="4711"), UsageError("4711 is unknown", remedy="4711")]
)
def test_a_badge_is_in_no_message_whatever_the_daemon_says(desk: Desk, error: Exception) -> None:
    desk.error = error
    desk.show("4711")
    desk.show("4711")
    assert desk.badges == ["4711", "4711"]
    assert desk.said
    assert "4711" not in "".join(desk.said)
