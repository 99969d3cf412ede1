"""Does a target that hangs delay nobody: no other target, and not the dock?"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import pytest

from bwvdock.config.notify.targets import Rules
from bwvdock.core.ports import Clock
from bwvdock.delivery.backoff import Backoff, DecorrelatedJitter
from bwvdock.errors import DestinationUnavailableError
from bwvdock.log import say_nothing
from bwvdock.notify.notifier import Notifier
from bwvdock.notify.outbox import Outbox, outbox_file
from bwvdock.notify.target import FAILURES, Dock, Target
from bwvdock.notify.values import Message, Sender
from bwvdock.status.alerts.dock import notify_failing
from tests.fakes.clock import FakeClock
from tests.notify.targets import failed, never

PATIENCE = 60.0  # seconds; for a machine under load


@pytest.fixture(autouse=True)
def _threads_end(tmp_path: Path) -> Iterator[None]:
    """See every thread end: one that was not waited for still writes what it keeps."""
    yield
    for thread in threading.enumerate():
        if thread.name.startswith("notify-"):
            thread.join(PATIENCE)
            assert not thread.is_alive(), thread.name


@dataclass
class Counting:
    """Takes messages, once it may."""

    may: threading.Event = field(default_factory=threading.Event)
    begun: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    taken: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def send(self, _: Message) -> str:
        self.begun.release()
        self.may.wait(PATIENCE)
        self.taken.release()
        return "taken"


class Broken:
    """Raises what nobody is prepared for, once; then takes messages."""

    def __init__(self) -> None:
        self.taken = threading.Event()
        self._fails = True

    def send(self, _: Message) -> str:
        if self._fails:
            self._fails = False
            raise KeyError("a mistake")
        self.taken.set()
        return "taken"


def target(name: str, sender: Sender, folder: Path, clock: Clock, *, wait: float = 0.0) -> Target:
    return Target(
        rules=Rules(name=name, delay_seconds=0),
        sender=sender,
        file=outbox_file(folder, name),
        dock=Dock(id="LEW-03", site=""),
        clock=clock,
        quiet=never,
        new_id=lambda: name,
        say=say_nothing,
        unexpected=lambda _what, _error: None,
        backoff=Backoff(clock, DecorrelatedJitter(lambda _least, _most: wait)),
    )


@pytest.mark.slow
def test_a_target_that_hangs_delays_no_other_and_not_the_end(tmp_path: Path) -> None:
    clock, hangs, works = FakeClock(), Counting(), Counting()
    works.may.set()
    notifier = Notifier(
        [target("hangs", hangs, tmp_path, clock), target("works", works, tmp_path, clock)],
        clock,
        lambda *_: None,
    )
    notifier.start()
    for number in range(3):
        clock.pass_ms(60_000)
        notifier.hear([failed(f"CAM-{n}") for n in range(number + 1)], complete=True)
        assert works.taken.acquire(timeout=PATIENCE)
    assert hangs.begun.acquire(timeout=PATIENCE)
    assert not hangs.taken.acquire(blocking=False)
    notifier.stop()  # does not wait for it
    hangs.may.set()


def test_a_mistake_in_a_sender_costs_a_wait_and_no_message(tmp_path: Path) -> None:
    clock, broken = FakeClock(), Broken()
    notifier = Notifier([target("broken", broken, tmp_path, clock)], clock, lambda *_: None)
    notifier.start()
    notifier.hear([failed("CAM-1")], complete=True)
    assert broken.taken.wait(PATIENCE)
    notifier.stop()


def _mistake(_: object) -> None:
    raise KeyError("a mistake")


def test_a_mistake_in_reading_what_was_kept_costs_no_message(tmp_path: Path) -> None:
    clock, counting, seen = FakeClock(), Counting(), list[str]()
    counting.may.set()
    good = target("hq", counting, tmp_path, clock)
    good.file.write(Outbox())
    broken = replace(good, file=replace(good.file, require=_mistake))
    notifier = Notifier([broken], clock, lambda _, error: seen.append(str(error)))
    notifier.start()
    notifier.hear([failed("CAM-1")], complete=True)
    assert counting.taken.acquire(timeout=PATIENCE)
    notifier.stop()
    assert seen == ["'a mistake'"]


@dataclass
class Away:
    """Takes nothing."""

    asked: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def send(self, _: Message) -> str:
        self.asked.release()
        raise DestinationUnavailableError("It is away.", remedy="Wait for it")


def test_a_mistake_that_is_made_again_and_again_keeps_the_thread_from_no_look(tmp_path: Path) -> None:
    clock, looked = FakeClock(), threading.Semaphore(0)

    def quiet(_: datetime) -> bool:
        looked.release()
        return False

    def jitter(_least: float, _most: float) -> float:
        raise KeyError("a mistake")

    backoff = Backoff(clock, DecorrelatedJitter(jitter))
    broken = replace(target("hq", Away(), tmp_path, clock), quiet=quiet, backoff=backoff)
    notifier = Notifier([broken], clock, lambda *_: None)
    notifier.start()
    for number in range(3):
        clock.pass_ms(60_000)
        notifier.hear([failed(f"CAM-{number}")], complete=True)
        assert looked.acquire(timeout=PATIENCE)
    notifier.stop()


def test_a_target_that_takes_nothing_is_an_alert_for_whoever_asks(tmp_path: Path) -> None:
    clock, away = FakeClock(), Away()
    notifier = Notifier([target("hq", away, tmp_path, clock, wait=1.0)], clock, lambda *_: None)
    notifier.start()
    for _ in range(FAILURES + 1):  # the last is asked after what came of the one before was noted
        clock.pass_ms(60_000)
        notifier.hear([failed("CAM-1")], complete=True)
        assert away.asked.acquire(timeout=PATIENCE)
    [alert] = notify_failing(notifier.failing())
    assert (alert.code, alert.subject, alert.severity) == ("notify-failing", "hq", "warning")
    assert (alert.message, alert.remedy) == ("Alerts do not reach hq: It is away.", "Wait for it")
    notifier.stop()


def test_without_targets_nothing_is_done() -> None:
    notifier = Notifier([], FakeClock(), lambda *_: None)
    notifier.start()
    notifier.hear([failed("CAM-1")], complete=True)
    assert notifier.failing() == []
    notifier.stop()
