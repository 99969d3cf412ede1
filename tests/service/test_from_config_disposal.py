"""The real house, with real threads: what is an operator told who wants footage kept that is just going?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event

import pytest

from bwvdock.bays.access import VolumesOnly
from bwvdock.core.clips.classes.rules import NO_CLASSES
from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.edges.system import SystemClock
from bwvdock.errors import BwvdockError, UsageError
from bwvdock.operators.requests import Dispose, Enrol, Flag, Hold, Pause
from bwvdock.runtime.jobs import Post
from bwvdock.service.from_config import ConfiguredDock, dock_from_config
from tests.service.desk import SERIAL, Desk, until


class MovedClock(SystemClock):
    """The real one, so much later, and synchronised."""

    ahead = timedelta(0)

    def now(self) -> datetime:
        return super().now() + self.ahead

    def boottime_ms(self) -> int:
        return super().boottime_ms() + self.ahead // timedelta(milliseconds=1)

    def synchronised(self) -> bool:
        return True


@dataclass
class Hall:
    """A house with one clip, verified, and the threads that dispose kept from beginning."""

    desk: Desk
    configured: ConfiguredDock
    clock: MovedClock
    gate: Event = field(default_factory=Event)

    def work(self, _: Post) -> None:
        """As a job: keep a thread until the gate is opened."""
        self.gate.wait(60)

    def failed(self, error: BwvdockError) -> None:
        raise error

    @property
    def clip(self) -> str:
        return self.desk.clips()[-1].id

    def files(self) -> int:
        """Count the footage in spool and vault."""
        return len(list((self.desk.state / "spool").glob("*.mp4"))) + len(
            list((self.desk.state / "vault").rglob("*.mp4"))
        )


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    desk, clock = Desk(tmp_path), MovedClock()
    (desk.camera / "A.MP4").write_bytes(b"footage")
    config = replace(desk.config, retention=NO_CLASSES)  # no notice: here it is about who comes too late
    with dock_from_config(config, clock=clock, access=VolumesOnly(desk.open), tell=desk.tell) as configured:
        configured.open()
        made = Hall(desk, configured, clock)
        desk.ask(configured, Enrol(serial=SERIAL))
        desk.plug(configured)
        until(configured, lambda: any(c.state is ClipState.VERIFIED and not c.owing for c in desk.clips()))
        for worker in configured.dock.schedule.disposal.workers():
            worker.submit(made)
        clock.ahead = timedelta(days=40)
        yield made
        made.gate.set()
        configured.dock.stop()


def test_who_comes_too_late_is_told_so_and_nothing_is_recorded(hall: Hall) -> None:
    assert hall.desk.ask(hall.configured, Dispose())["copies"] == 2
    for order in (
        Hold(clips=(hall.clip,), reason="inquiry"),
        Flag(clips=(hall.clip,), reason="assault"),
    ):
        with pytest.raises(UsageError, match="being disposed of at this"):
            hall.desk.ask(hall.configured, order)
    hall.gate.set()
    until(hall.configured, lambda: hall.desk.clips()[-1].disposed == {"spool", "vault"})
    assert hall.files() == 0
    assert not hall.desk.clips()[-1].held
    assert (
        "already disposed of: spool, vault"
        in hall.desk.ask(hall.configured, Hold(clips=(hall.clip,), reason="r"))["message"]
    )


@pytest.mark.slow
def test_who_comes_in_time_is_told_that_it_is_held_and_it_is(hall: Hall) -> None:
    hall.desk.ask(hall.configured, Hold(clips=(hall.clip,), reason="inquiry"))
    assert hall.desk.ask(hall.configured, Dispose()) == {"message": "Nothing is due.", "copies": 0}
    hall.gate.set()
    assert hall.files() == 2


@pytest.mark.slow
def test_a_paused_dock_disposes_of_nothing(hall: Hall) -> None:
    hall.desk.ask(hall.configured, Pause())
    with pytest.raises(UsageError, match="paused"):
        hall.desk.ask(hall.configured, Dispose())
    hall.gate.set()
    assert hall.files() == 2
