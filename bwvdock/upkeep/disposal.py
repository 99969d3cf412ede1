"""How are copies past their retention date disposed of, in the spool and in directory vaults?

In rounds: what is due is found, announced in the journal, removed by a worker, and recorded as gone. After a
power cut the next round repeats what was announced and not recorded; removing a copy twice is not an error.
Each place has its own thread and queue, so that a vault that hangs does not delay other places; the thread
has one clip at a time, so that a hold still saves all the others.

An operator may have the spool's proven copies go before their date, to make room; vaults keep theirs. Every
required store is asked again first: a copy that was proven once may have been lost or altered since.
core/clips/retention.py decides what may go. Remote evidence stores dispose of footage by the date that they
were given with it.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.lifecycle import CLIP_TRANSITIONS, ClipState
from bwvdock.core.clips.retention import (
    AT_ONCE,
    DisposalPermit,
    Terms,
    Wait,
    being_freed,
    due_date,
    permit_disposal,
    places,
)
from bwvdock.core.clips.states import SPOOL
from bwvdock.core.facts import (
    ClipDisposed,
    ClipFact,
    ClipFlagged,
    ClipHeld,
    ClipQuarantined,
    ClipRecalled,
    ClipReleased,
    ClipRestored,
    ClipRetired,
    ClipRetried,
    CopyWithdrawn,
    DisposalIntended,
    Fact,
    RestoreIntended,
    VerifiedAgain,
)
from bwvdock.core.moments import iso
from bwvdock.core.ports import Clock, GracefulKeeper, Keeper
from bwvdock.errors import BwvdockError, UsageError
from bwvdock.runtime.ledger import Ledger
from bwvdock.runtime.workers import Worker
from bwvdock.stages.verify import ProveAgain
from bwvdock.upkeep.jobs import DisposeOfCopy, ProveOthers, RestoreCopy
from bwvdock.upkeep.messages import Disposed, Proven, Restored

_AT_ONCE = 64  # clips: a month's footage that falls due at once must not delay the journal's thread
_FROM_THE_FIRST = ("", "")
_AFTER_THE_FREED = (AT_ONCE, "~")  # which no id reaches


class DueClips(Protocol):
    """The part of the journal that knows what is due."""

    def due(self, now: str, *, most: int, after: tuple[str, str] = ...) -> Sequence[Clip]:
        """Return clips past their retention date, neither evidence nor held; the oldest date first.

        Clips whose early disposal was announced and not recorded come with them.
        """
        ...

    def spooled(self, *, most: int, after: str) -> Sequence[Clip]:
        """Return clips that are proven and may have a copy in the spool, by id, those after an id."""
        ...


@dataclass(slots=True)
class _Place:
    """One keeper, its thread, the clips announced there, and the clip that the thread works on.

    `proving`: the clip whose other copies are being proven; until that is done, nothing goes.
    """

    keeper: Keeper
    worker: Worker
    line: deque[str] = field(default_factory=deque)
    proving: str = ""
    in_hand: str = ""
    error: BwvdockError | None = None

    @property
    def busy(self) -> bool:
        return bool(self.proving or self.in_hand)

    def awaits(self, clip_id: str) -> bool:
        return clip_id in {self.proving, self.in_hand} or clip_id in self.line


class Disposal:
    """Disposes of copies; owned by the thread that owns the ledger."""

    def __init__(
        self,
        ledger: Ledger,
        journal: DueClips,
        keepers: Mapping[str, Keeper],
        new_worker: Callable[[str], Worker],
        clock: Clock,
        *,
        erases: bool,
        prove_again: ProveAgain,
        carried: Callable[[str], bool] = lambda _: False,
    ) -> None:
        """Connect the parts.

        Args:
            ledger: records facts.
            journal: finds what is due.
            keepers: the places that bwvdock disposes in, by name; the spool is one of them.
            new_worker: makes the thread that disposes of copies in a place.
            clock: the dock's clocks.
            erases: whether this dock erases cameras; then a clip is not finished until that is done.
            prove_again: asks the required stores before a copy goes early.
            carried: returns whether a clip is being uploaded at this moment.

        `contradicted` returns whether a witness or the signer contradicts the journal: then nothing is
        disposed of; `awaited` whether one is still to be asked since the start: then nothing is for now.
        `notice_days` is how long before notice must have been given of what nobody reviewed,
        `grace_days` how long a vault's copy is kept aside before it is removed.
        """
        self._ledger = ledger
        self._journal = journal
        self._places = {name: _Place(keeper, new_worker(name)) for name, keeper in keepers.items()}
        self._clock = clock
        self._erases = erases
        self._prove_again = prove_again
        self._halt = threading.Event()
        self._carried = carried
        self._after = _FROM_THE_FIRST
        self._freed_to: str | None = None
        self._again: dict[str, set[VerifiedAgain]] = {}  # of copies that are still there; recorded once each
        self.notice_days = 0
        self.grace_days = 0
        self.paused = False
        self.waits = self.some_due = False
        self.contradicted: Callable[[], bool] = lambda: False
        self.awaited: Callable[[], bool] = lambda: False
        self.wait: Callable[[], Wait | None] = lambda: None  # for copies to be verified again
        self.look_again: Callable[[str, str], None] | None = None  # with a clip, and where it seems lost

    # --- state ---------------------------------------------------------------------------------------

    @property
    def errors(self) -> dict[str, BwvdockError]:
        """The errors that prevent disposal, by place."""
        return {name: place.error for name, place in self._places.items() if place.error is not None}

    def in_hand(self, clip_id: str) -> list[str]:
        """Return the places where a copy of the clip is being disposed of at this moment."""
        return [name for name, place in self._places.items() if place.in_hand == clip_id]

    def waiting(self) -> int:
        """Return how many announced copies are not disposed of yet."""
        return sum(len(place.line) + place.busy for place in self._places.values())

    def halt(self) -> None:
        """Stop asking stores, because the daemon ends."""
        self._halt.set()

    def workers(self) -> Sequence[Worker]:
        """Return the threads that dispose of copies."""
        return [place.worker for place in self._places.values()]

    def require_free(self, facts: Sequence[Fact]) -> None:
        """Check that no clip to be kept is being disposed of, and that vaults to restore from are configured.

        Raises:
            UsageError: it is not so; none of the facts may be recorded.
        """
        vaults = {fact.place for fact in facts if isinstance(fact, RestoreIntended)}
        for missing in sorted(vaults - self._places.keys()):
            raise UsageError(
                f"The configuration has no vault {missing}, where the copy is. Nothing was recorded.",
                remedy=f"Add [[destination]] {missing} again, then: systemctl restart bwvdock",
            )
        kinds = ClipHeld | ClipFlagged | ClipRetried | ClipRecalled
        keeping = {fact.clip for fact in facts if isinstance(fact, kinds)}
        for place in self._places.values():
            clip = self._ledger.clip(place.in_hand) if place.in_hand else None
            if clip is not None and (clip.id in keeping or self._ledger.standing.would_keep(facts, clip)):
                going = f"is being disposed of at this moment ({', '.join(self.in_hand(clip.id))})"
                raise UsageError(
                    f"A copy of clip {clip.id} {going}. Nothing was recorded.",
                    remedy=f"Try again in a moment; to see what is left: bwvdock clips show {clip.id}",
                )

    # --- work ----------------------------------------------------------------------------------------

    def round(self) -> None:
        """Announce what is due and have it disposed of, a limited number of clips at a time."""
        trusted = self._clock.synchronised()
        # What is being freed has no date to wait for; what comes after it has.
        dated = self._journal.due(iso(self._clock.now()), most=1, after=_AFTER_THE_FREED)
        self.some_due = bool(dated)
        self.waits = not trusted and self.some_due
        if self.paused:
            return
        clips = self._due()
        permits = [p for clip in clips if not self._carried(clip.id) for p in self._permits(clip)]
        fresh = [p for p in permits if not self._announced(p)]
        self._ledger.record([DisposalIntended(clip=p.clip, place=p.place, reason=p.reason) for p in fresh])
        self._line_up(permits)

    def free(self) -> None:
        """Begin to dispose of the spool's copies that every required destination proves, early.

        Raises:
            UsageError: a witness or the signer contradicts the journal, which says what is proven.
        """
        if self.contradicted():
            raise UsageError(
                "A witness, or the signer, contradicts the journal. Until that is resolved, nothing is "
                "disposed of.",
                remedy="bwvdock status",
            )
        self._freed_to = ""
        self.free_more()

    def free_more(self) -> None:
        """Announce the next copies to be freed, once those before them are gone; nothing without an order."""
        if self._freed_to is None or self.paused:
            return
        spool = self._places[SPOOL]
        if spool.line or spool.busy:
            return
        clips = self._journal.spooled(most=_AT_ONCE, after=self._freed_to)
        self._freed_to = clips[-1].id if len(clips) == _AT_ONCE else None
        early = [
            (permit, tuple(place for place in places(clip, self._places) if place != SPOOL))
            for clip in clips
            if SPOOL not in clip.disposal_intended and not self._carried(clip.id)
            if (permit := self._permit(clip, SPOOL, early=True)) is not None
        ]
        self._ledger.record(
            [
                DisposalIntended(clip=p.clip, place=SPOOL, reason=p.reason, early=True, stay=stay)
                for p, stay in early
            ]
        )
        self._line_up([permit for permit, _ in early])

    def freeing(self) -> bool:
        """Return whether more copies are to be freed after those that are announced."""
        return self._freed_to is not None

    def _line_up(self, permits: Sequence[DisposalPermit]) -> None:
        for permit in permits:
            self._places[permit.place].line.append(permit.clip)
        for name in self._places:
            self._go_on(name)

    def _due(self) -> Sequence[Clip]:
        """Return the next clips that are due; a clip that cannot go now does not block those after it."""
        clips = self._journal.due(iso(self._clock.now()), most=_AT_ONCE, after=self._after)
        full = len(clips) == _AT_ONCE
        self._after = (due_date(clips[-1]), clips[-1].id) if full else _FROM_THE_FIRST
        return clips

    def _permits(self, clip: Clip) -> Iterator[DisposalPermit]:
        for name in places(clip, self._places):
            permit = self._permit(clip, name)
            if permit is not None and not self._places[name].awaits(clip.id):
                yield permit

    def _permit(self, clip: Clip, place: str, *, early: bool = False) -> DisposalPermit | None:
        if self.contradicted() or self.awaited():
            return None
        clip = self._ledger.kept(clip)  # a standing hold is in force before the clip's entry is there
        # What was announced to go early may have come to its date meanwhile, and its other copies have gone.
        for rule in (False, True) if early or being_freed(clip) else (False,):
            permit = permit_disposal(
                clip,
                place=place,
                stores=self._ledger.stores,
                now=self._clock.now(),
                clock_trusted=self._clock.synchronised(),
                terms=Terms(notice_days=self.notice_days, grace_days=self.grace_days),
                early=rule,
                wait=self.wait(),
            )
            if permit is not None:
                return permit
        return None

    def _announced(self, permit: DisposalPermit) -> bool:
        clip = self._ledger.clip(permit.clip)
        return clip is not None and permit.place in clip.disposal_intended

    def _go_on(self, name: str) -> None:
        """Submit the next clip of a place, if it may still go: it may have been held while it waited."""
        place = self._places[name]
        while place.line and not place.busy and not self.paused:
            clip = self._ledger.clip(place.line.popleft())
            permit = None if clip is None else self._permit(clip, name)
            if clip is None or permit is None:
                continue
            if permit.early:
                place.proving = clip.id
                place.worker.submit(ProveOthers(clip, name, self._prove_again, self._halt))
            else:
                self._dispose(clip, permit)

    def _dispose(self, clip: Clip, permit: DisposalPermit) -> None:
        place = self._places[permit.place]
        place.in_hand = clip.id
        place.worker.submit(DisposeOfCopy(clip, permit, place.keeper))

    def restore(self, fact: RestoreIntended) -> None:
        """Have a copy restored that was moved aside; its clip is on hold, so nothing removes it."""
        place, clip = self._places.get(fact.place), self._ledger.clip(fact.clip)
        if clip is not None and place is not None and isinstance(place.keeper, GracefulKeeper):
            place.worker.submit(RestoreCopy(clip, fact.place, place.keeper))

    def hear(self, message: Proven | Disposed | Restored) -> None:
        """Take in what a place's thread reports, and continue with the next copy there."""
        if isinstance(message, Proven):
            self._proven(message)
        elif isinstance(message, Restored):
            self._restored(message)
        else:
            self._disposed(message)
        self._go_on(message.place)

    def _proven(self, message: Proven) -> None:
        """Have a copy go whose others were proven, if it still may: it may have been held meanwhile."""
        place = self._places[message.place]
        place.proving, place.error = "", message.error
        clip = self._ledger.clip(message.clip)
        if message.error is not None:
            # What is past its date needs no proof, and does not wait for a store.
            place.line = deque(clip_id for clip_id in place.line if not self._goes_early(clip_id))
            self._freed_to = None
        elif message.wrong is not None and self.look_again is not None:
            self.look_again(message.clip, message.wrong.place)
        elif message.wrong is not None:
            if clip is not None and (clip.state, ClipQuarantined) in CLIP_TRANSITIONS:
                self._ledger.record([message.wrong])  # this copy stays: it may be the only good one
        elif clip is not None and (permit := self._permit(clip, message.place)) is not None:
            self._record_again(message)
            if self.paused:
                place.line.appendleft(clip.id)
            else:
                self._dispose(clip, permit)

    def _record_again(self, message: Proven) -> None:
        """Record what stores proved again; the same proof only once while the copy cannot be disposed of."""
        known = self._again.setdefault(message.clip, set())
        self._ledger.record([fact for fact in message.again if fact not in known])
        known.update(message.again)

    def _goes_early(self, clip_id: str) -> bool:
        clip = self._ledger.clip(clip_id)
        return clip is not None and being_freed(clip)

    def _disposed(self, message: Disposed) -> None:
        """Record that a copy is gone, or note why it is not."""
        place = self._places[message.place]
        place.in_hand, place.error = "", message.error
        clip = self._ledger.clip(message.clip)
        if message.error is not None:
            place.line.clear()  # the cause affects all of them; the next round tries again
            self._freed_to = None if message.place == SPOOL else self._freed_to
        elif clip is not None and (clip.state, ClipDisposed) in CLIP_TRANSITIONS:
            # Not of one that was recalled meanwhile: where its copies were is forgotten.
            self._again.pop(message.clip, None)
            self._ledger.record(list(self._facts(clip, message)))

    def _restored(self, message: Restored) -> None:
        self._places[message.place].error = message.error
        clip = self._ledger.clip(message.clip)
        if message.error is None and clip is not None and message.place in clip.withdrawn:
            self._ledger.record([ClipRestored(clip=clip.id, place=message.place, sha256=clip.sha256)])

    def _facts(self, clip: Clip, message: Disposed) -> Iterator[ClipFact]:
        place = message.place
        if message.aside_until:
            yield CopyWithdrawn(clip=clip.id, place=place, until=message.aside_until)
            return
        yield ClipDisposed(clip=clip.id, place=place, sha256=clip.sha256)
        if place != SPOOL:
            return
        if clip.state is ClipState.VERIFIED and not self._erases:
            yield ClipReleased(clip=clip.id, kept=True)
            yield ClipRetired(clip=clip.id)
        elif clip.state is ClipState.RELEASED:
            yield ClipRetired(clip=clip.id)
