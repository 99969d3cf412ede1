"""When does a signed checkpoint go to the stores, beside the footage?

At most once an hour to each: the latest that the quorum of the policy confirmed, or, where that is there
already, the latest that was signed. So a witness that is away holds up neither. A store that is away is tried
again later: its own alerts say that it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bwvdock.core.custody.c2sp.checkpoint import read_signed_checkpoint
from bwvdock.core.custody.checkpoints import SizedNote
from bwvdock.core.ports import Clock, NoteKeeper
from bwvdock.errors import BwvdockError
from bwvdock.log import Events, Say, say_nothing
from bwvdock.runtime.jobs import Post
from bwvdock.runtime.workers import Worker
from bwvdock.upkeep.messages import NoteStored

_HOUR_MS = 3_600_000
_FIRST_MS = 120_000  # after the start, and between two attempts at a store that failed

HandedOut = Callable[[], Sequence[SizedNote]]
"""A function that reads the checkpoints to hand out, the larger last."""


@dataclass(frozen=True, slots=True)
class StoreNote:
    """Store a checkpoint at one destination, unless it has the present ones.

    `has` is the size of the largest there, `confirmed` that of the largest that the quorum confirmed.
    """

    destination: str
    keeper: NoteKeeper
    read: HandedOut
    has: int
    confirmed: int

    def work(self, _: Post) -> NoteStored:
        """Read them from the journal, and store the first that is not there."""
        for one in self.read():
            if one.size > (self.confirmed if one.confirmed else self.has):
                log = read_signed_checkpoint(one.note.encode()).checkpoint.origin
                self.keeper.keep_note(log, one.size, one.note.encode())
                confirmed = one.size if one.confirmed else 0
                return NoteStored(destination=self.destination, size=one.size, confirmed=confirmed)
        return NoteStored(destination=self.destination)

    def failed(self, error: BwvdockError) -> NoteStored:
        """Report why it is not there."""
        return NoteStored(destination=self.destination, error=error)


@dataclass(slots=True)
class _Store:
    keeper: NoteKeeper
    worker: Worker
    next_ms: int
    has: int = 0
    confirmed: int = 0
    busy: bool = False
    failing: bool = False


class Publishing:
    """Has workers store checkpoints; owned by the thread that owns the journal."""

    def __init__(
        self,
        keepers: Mapping[str, NoteKeeper],
        new_worker: Callable[[str], Worker],
        clock: Clock,
        *,
        read: HandedOut,
        say: Say = say_nothing,
    ) -> None:
        """Connect the parts.

        Args:
            keepers: the destinations that keep checkpoints, by name. Each has a thread of its own.
            new_worker: makes the thread of a name.
            clock: the dock's clocks.
            read: reads the checkpoints to hand out; called in those threads.
            say: logs what could not be stored, once.
        """
        self._clock = clock
        self._read = read
        self._say = say
        first = clock.boottime_ms() + _FIRST_MS
        self._stores = {
            name: _Store(keeper, new_worker(f"checkpoint {name}"), first) for name, keeper in keepers.items()
        }

    def turn(self, signed: int, *, paused: bool) -> None:
        """Have the checkpoint of so many entries stored wherever it is time for that."""
        now_ms = self._clock.boottime_ms()
        for name, store in self._stores.items():
            if not paused and not store.busy and signed > store.confirmed and now_ms >= store.next_ms:
                store.busy = True
                job = StoreNote(name, store.keeper, self._read, store.has, store.confirmed)
                store.worker.submit(job)

    def hear(self, message: NoteStored) -> None:
        """Note when the next one may go there."""
        store = self._stores[message.destination]
        store.busy = False
        pause = _FIRST_MS if message.error else _HOUR_MS
        store.next_ms = self._clock.boottime_ms() + pause
        store.has = max(store.has, message.size)
        store.confirmed = max(store.confirmed, message.confirmed)
        if message.error and not store.failing:
            told = {"destination": message.destination, "reason": message.error.message}
            self._say(Events.CHECKPOINT_NOT_STORED, **told, remedy=message.error.remedy)
        store.failing = message.error is not None
