"""When is which store asked again for its copies, and what is recorded of what it has?

Once a minute it is chosen what each store is asked for (core/holdings/draw.py); a thread for each store asks
for one copy after the other. What a store proves is an entry. A copy that seems lost or changed is asked for
once more some minutes later: only then is that an entry, and the copy counts as none. A store that does not
answer shows nothing of its copies.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo

from bwvdock.core.clips.classes.routing import required_of
from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.lifecycle import CLIP_TRANSITIONS
from bwvdock.core.facts import CopiesAsked, CopiesDrawn, VerificationFailed
from bwvdock.core.holdings.rules import Reverify
from bwvdock.core.moments import iso
from bwvdock.core.paced import GiveWay, go_on
from bwvdock.core.ports import Clock
from bwvdock.errors import (
    BwvdockError,
    HaltedError,
    NotComparableError,
    UsageError,
)
from bwvdock.holdings.jobs import AskAgain, Choose, ChooseCopies, Night
from bwvdock.holdings.losses import Losses
from bwvdock.holdings.messages import AskedAgain, CopiesChosen, OfHoldings, Retrieved
from bwvdock.log import Events, Say, say_nothing
from bwvdock.runtime.jobs import say_failed
from bwvdock.runtime.ledger import Ledger
from bwvdock.runtime.workers import Worker
from bwvdock.stages.ask_again import Ask

_MINUTE_MS = 60_000
_HOUR_MS = (
    3_600_000  # until a store is asked again that did not answer, or a clip that could not be asked for
)
_DAY_MS = 24 * _HOUR_MS  # until a store that gives nothing back is tried again
_ONCE_MORE_MS = 600_000  # after which a copy that seems lost is asked for again
_SOON_MS = 5_000  # where somebody waits
_IN_A_ROW = 3  # failures, after which a store is not asked for the others
_A_WHILE = timedelta(minutes=5)
_NOON = timedelta(hours=12)
_NEVER = datetime.min.replace(tzinfo=UTC)


def night_of(now: datetime, zone: tzinfo) -> str:
    """Return the date on which the present night began, or begins: a night goes from noon to noon."""
    return (now.astimezone(zone) - _NOON).date().isoformat()


@dataclass(frozen=True, kw_only=True, slots=True)
class Asking:
    """What is needed to ask stores again: the rules, how copies are chosen, and how a store is asked.

    `carried` returns whether a clip is being uploaded or verified at this moment, `disposed_of` where a copy
    of it is being disposed of. `give_way` lets others go first. `vaults` are directories: what is not there
    is not there, and is looked at once more at once.
    """

    rules: Reverify
    choose: Choose
    ask: Ask
    zone: tzinfo
    carried: Callable[[str], bool]
    disposed_of: Callable[[str], Sequence[str]]
    give_way: GiveWay = go_on
    vaults: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Store:
    """One destination: its threads, the clips that it is to be asked for, and those that seem lost.

    `doubts` has when each of these is asked for again. `left` counts the copies that were due and are left
    for another night.
    """

    name: str
    reader: Worker
    asker: Worker
    choosing: bool = False
    sampled: str = ""  # the night whose sample was drawn
    next_ms: int = 0
    zero: datetime = _NEVER  # when the machine started, by the clock as it was when that was last done
    line: deque[str] = field(default_factory=deque)
    doubts: dict[str, int] = field(default_factory=dict)
    in_hand: str = ""
    left: int = 0
    failures: int = 0  # in a row
    mute: bool = False
    everything: bool = False  # it is to be asked for all that it has
    urgent: bool = False  # somebody waits for what it has
    young: frozenset[str] = frozenset()  # clips that it is asked for before they are due
    error: BwvdockError | None = None


class Holdings:
    """Has stores asked again; owned by the thread that owns the ledger."""

    def __init__(
        self,
        ledger: Ledger,
        clock: Clock,
        asking: Asking,
        new_worker: Callable[[str], Worker],
        *,
        head: Callable[[], tuple[int, str]],
        losses: Losses,
        say: Say = say_nothing,
    ) -> None:
        """Connect the parts.

        Args:
            ledger: records facts.
            clock: the dock's clocks.
            asking: the rules, and the functions that the threads call.
            new_worker: makes one thread of a name.
            head: returns how many entries the journal has, and its root.
            losses: has lost copies made good.
            say: logs what could not be read.
        """
        self._ledger = ledger
        self._clock = clock
        self._asking = asking
        self._head = head
        self.losses = losses
        self._say = say
        self._halt = threading.Event()
        self._stores: Mapping[str, _Store] = {
            target.name: _Store(
                target.name, new_worker(f"choose {target.name}"), new_worker(f"ask again {target.name}")
            )
            for target in ledger.targets
        }

    # --- state ---------------------------------------------------------------------------------------

    @property
    def left(self) -> Mapping[str, int]:
        """How many copies were due and are left for another night, by destination."""
        return {store.name: store.left for store in self._stores.values() if store.left}

    @property
    def mute(self) -> frozenset[str]:
        """The destinations that gave nothing back when they were last asked: asking them shows nothing."""
        return frozenset(store.name for store in self._stores.values() if store.mute)

    @property
    def errors(self) -> Mapping[str, BwvdockError]:
        """Why a destination could not be asked the last time, by its name."""
        known = {store.name: store.error for store in self._stores.values()}
        return {name: error for name, error in known.items() if error is not None}

    @property
    def waiting(self) -> int:
        """How many copies are still to be asked for of those that were chosen."""
        return sum(
            len(store.line) + bool(store.in_hand) + len(store.doubts) + store.everything + store.choosing
            for store in self._stores.values()
        )

    def workers(self) -> Sequence[Worker]:
        """Return all threads."""
        of_stores = [worker for store in self._stores.values() for worker in (store.reader, store.asker)]
        return [*of_stores, self.losses.worker]

    def halt(self) -> None:
        """Stop asking, because the daemon ends."""
        self._halt.set()
        self.losses.halt.set()

    # --- work ----------------------------------------------------------------------------------------

    def turn(self, *, paused: bool) -> None:
        """Choose what is to be asked for, once an hour, and ask for the next copy of each store."""
        if paused or self._halt.is_set():
            return
        for store in self._stores.values():
            self._choose(store)
            self._go_on(store)
        self.losses.turn()

    def ask_for_all(self, destination: str, actor: str) -> str:
        """Have one destination, or every one (""), asked for all that it has proven; return the time.

        Raises:
            UsageError: there is no such destination.
            JournalFullError: the order cannot be recorded.
        """
        names = tuple(name for name in self._stores if destination in {"", name})
        if not names:
            raise UsageError(
                f"No destination is called {destination!r}.", remedy=f"One of: {', '.join(self._stores)}"
            )
        began = iso(self._clock.now())
        self._ledger.record([CopiesAsked(destinations=names, actor=actor)], patient=False)
        for name in names:
            self._stores[name].everything = True
        return began

    def look_again(self, clip: str, destination: str) -> None:
        """Ask a destination for a copy that was just found to be lost or changed, before that is recorded."""
        self._stores[destination].doubts[clip] = self._clock.boottime_ms()

    def _choose(self, store: _Store) -> None:
        now_ms = self._clock.boottime_ms()
        # By a clock that was never set, everything or nothing would be due.
        now = self._clock.now()
        # A clock that was set makes things due for which no time has passed.
        zero = now - timedelta(milliseconds=now_ms)
        passed = now_ms >= store.next_ms or (store.error is None and abs(zero - store.zero) >= _A_WHILE)
        due = store.everything or (passed and not store.line and not store.doubts)
        known = store.everything or self._clock.synchronised()
        if not due or store.choosing or not known:
            return
        store.next_ms, store.choosing = now_ms + (_DAY_MS if store.mute else _MINUTE_MS), True
        store.zero = zero
        entries, root = self._head()
        night = Night(
            destination=store.name,
            night=night_of(now, self._asking.zone),
            now=now,
            entries=entries,
            root=root,
            rules=self._asking.rules,
            sampled=store.sampled == night_of(now, self._asking.zone),
            everything=store.everything,
        )
        store.everything = False
        store.reader.submit(ChooseCopies(night, self._asking.choose, self._asking.give_way))

    def _go_on(self, store: _Store) -> None:
        """Ask for the next copy, if it may still be asked for: it may have been disposed of meanwhile."""
        while not store.in_hand and (clip_id := self._next(store)):
            clip = self._ledger.clip(clip_id)
            if clip is None or not self._may_ask(clip, store.name):
                store.doubts.pop(clip_id, None)
                store.next_ms = self._clock.boottime_ms() + _HOUR_MS
                continue
            store.in_hand = clip.id
            required = store.name in required_of(clip, self._ledger.required)
            store.asker.submit(
                AskAgain(
                    clip=clip,
                    destination=store.name,
                    required=required,
                    scheduled=clip.id not in store.young and self._clock.synchronised(),
                    ask=self._asking.ask,
                    halt=self._halt,
                )
            )

    def _next(self, store: _Store) -> str:
        now_ms = self._clock.boottime_ms()
        for clip_id, due_ms in store.doubts.items():
            if due_ms <= now_ms:
                return clip_id
        while store.line:
            if (clip_id := store.line.popleft()) not in store.doubts:
                return clip_id
        return ""

    def _may_ask(self, clip: Clip, destination: str) -> bool:
        proven = clip.is_proven(destination) and not clip.leaving(destination)
        return proven and bool(clip.parts) and not self._asking.carried(clip.id)

    def hear(self, message: OfHoldings) -> None:
        """Take in what a thread reports, and ask for the next copy."""
        if isinstance(message, Retrieved):
            self.losses.hear(message)
            return
        store = self._stores[message.destination]
        if isinstance(message, CopiesChosen):
            self._chosen(store, message)
        else:
            self._asked(store, message)
        if not self._halt.is_set():
            self._go_on(store)

    def _chosen(self, store: _Store, message: CopiesChosen) -> None:
        store.choosing = False
        if message.error is not None:
            say_failed(self._say, "ChooseCopies", message.error)
            return
        drawn = message.drawn
        if message.everything:
            store.line, store.young, store.urgent = deque(drawn.clips), drawn.young, True
            return
        store.young, store.urgent = frozenset(), False
        store.sampled = message.night
        store.left = drawn.left
        store.line.extend(drawn.clips)
        if not drawn.clips:
            return
        self._ledger.record(
            [
                CopiesDrawn(
                    destination=store.name,
                    night=message.night,
                    entries=message.entries,
                    root=message.root,
                    copies=drawn.copies,
                    first=drawn.first,
                    due=drawn.due,
                    sample=drawn.sample,
                    left=drawn.left,
                    bytes=drawn.bytes,
                )
            ]
        )

    def _asked(self, store: _Store, message: AskedAgain) -> None:
        store.in_hand = ""
        if not isinstance(message.error, HaltedError):
            store.error = message.error
        clip = self._ledger.clip(message.clip)
        store.mute = isinstance(message.error, NotComparableError)
        if store.mute:
            store.next_ms = self._clock.boottime_ms() + _DAY_MS
            store.doubts.pop(message.clip, None)
            return
        if message.error is not None:
            if not message.error.retryable:  # the next clip that is asked for may hide it
                say_failed(self._say, "AskAgain", message.error)
            store.failures += 1
            store.next_ms = self._clock.boottime_ms() + _HOUR_MS
            if store.failures >= _IN_A_ROW:  # the cause affects all of them
                store.line.clear()
            store.doubts.update(dict.fromkeys(store.doubts, self._clock.boottime_ms() + _ONCE_MORE_MS))
            return
        store.failures = 0
        if clip is None or message.found is None or not self._may_ask(clip, store.name):
            store.doubts.pop(message.clip, None)
            return
        if isinstance(message.found, VerificationFailed) and self._is_doubted_first(store, clip):
            self._say_doubted(message.found)
            return
        store.doubts.pop(clip.id, None)
        if (clip.state, type(message.found)) in CLIP_TRANSITIONS:
            self._ledger.record([message.found])

    def _say_doubted(self, found: VerificationFailed) -> None:
        """Log what a store has otherwise than was taken: if it is well the second time, nothing else does."""
        why = f"destination {found.destination}, clip {found.clip}: {found.words or found.finding}"
        remedy = "nothing now: it is asked for once more, and is an alert if it is not well then"
        self._say(Events.JOB_FAILED, job="AskAgain", reason=why, remedy=remedy)

    def _is_doubted_first(self, store: _Store, clip: Clip) -> bool:
        """Return whether a finding waits to be seen once more: it is the first, or the clip is in hand."""
        if clip.id in store.doubts and not self._asking.disposed_of(clip.id):
            return False
        wait = 0 if store.name in self._asking.vaults else _SOON_MS if store.urgent else _ONCE_MORE_MS
        store.doubts[clip.id] = self._clock.boottime_ms() + wait
        return True
