"""Which of the docked cameras are to be set aside, by what was seen of them?

A worker reads it: when a camera was docked, and again when all of it was read. A question, such as at each
tap of a badge, is answered at once with what was found last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bwvdock.core.health.seen import CameraHealth, Verdict
from bwvdock.core.paced import GiveWay, go_on
from bwvdock.core.ports import Clock
from bwvdock.edges.journal.read.health.reads import KnownDockings
from bwvdock.edges.journal.read.reader import JournalReader
from bwvdock.errors import BwvdockError
from bwvdock.log import Say, say_nothing
from bwvdock.runtime.jobs import Post, say_failed
from bwvdock.runtime.workers import Worker
from bwvdock.upkeep.health.messages import HealthRead

_AT_ONCE = 8  # cameras in one job: the dock stops between two
_AGAIN_MS = 60_000  # after which a question that failed is asked again

ReadHealth = Callable[[Sequence[str]], Sequence[CameraHealth]]
"""Reads from the journal the health of cameras, by their serials; called in a worker's thread."""

Docked = Callable[[], Iterable[tuple[str, str]]]
"""Returns each docked camera that is read: its serial, and what changes once there is more to see."""


class HealthReader:
    """Reads the health of cameras from a journal, one thread at a time; remembers dockings that are over."""

    def __init__(self, journal: Path, give_way: GiveWay = go_on) -> None:
        """Take the journal's file, and what is called between two cameras."""
        self._journal = journal
        self._give_way = give_way
        self._known = KnownDockings()

    def __call__(self, serials: Sequence[str]) -> Sequence[CameraHealth]:
        """Return the health of these cameras.

        Raises:
            JournalError: the journal cannot be read.
        """
        with JournalReader(self._journal) as reader:
            return reader.camera_health(serials, known=self._known, give_way=self._give_way)


@dataclass(frozen=True, slots=True)
class ReadCameraHealth:
    """Read it."""

    read: ReadHealth
    serials: Sequence[str]

    def work(self, _: Post) -> HealthRead:
        """Report the health of the cameras."""
        return HealthRead(found=self.read(self.serials))

    def failed(self, error: BwvdockError) -> HealthRead:
        """Report why it is not known."""
        return HealthRead(error=error)


class HealthSurvey:
    """Has a worker read the health of docked cameras; owned by the thread that owns the ledger.

    `found` is what was found last of each docked camera, by serial.
    """

    def __init__(
        self, worker: Worker, clock: Clock, read: ReadHealth, docked: Docked, say: Say = say_nothing
    ) -> None:
        """Connect the parts; nothing is known yet."""
        self.found: dict[str, CameraHealth] = {}
        self._worker = worker
        self._clock = clock
        self._read = read
        self._docked = docked
        self._say = say
        self._asked: dict[str, str] = {}
        self._asking: Mapping[str, str] = {}
        self._next_ms = 0

    def set_aside(self, serial: str) -> bool:
        """Return whether a docked camera is to be set aside; False while nothing is known of it."""
        health = self.found.get(serial)
        return health is not None and health.verdict is Verdict.SET_ASIDE

    def turn(self) -> None:
        """Have a worker look at cameras that were docked, or were read whole, since it looked."""
        docked = dict(self._docked())
        for serial in self.found.keys() - docked.keys():
            del self.found[serial]
        self._asked = {serial: stage for serial, stage in self._asked.items() if serial in docked}
        if self._asking or self._clock.boottime_ms() < self._next_ms:
            return
        due = sorted(serial for serial, stage in docked.items() if self._asked.get(serial) != stage)
        if due:
            self._asking = {serial: docked[serial] for serial in due[:_AT_ONCE]}
            self._worker.submit(ReadCameraHealth(self._read, tuple(self._asking)))

    def hear(self, message: HealthRead) -> None:
        """Take in what the worker found."""
        asked, self._asking = self._asking, {}
        if message.error is None:
            self._asked |= asked
            self.found |= {health.serial: health for health in message.found}
            return
        self._next_ms = self._clock.boottime_ms() + _AGAIN_MS
        say_failed(self._say, "ReadCameraHealth", message.error)
