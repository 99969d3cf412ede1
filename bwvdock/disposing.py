"""Whose time is over? Disposing of copies in the spool and in vaults that are directories.

Asked again and again, like everything here: what is due is found, announced in the journal, taken away by
a worker, and recorded as gone. A cut anywhere leads back to the same question; what was announced and not
recorded as gone is taken away again, which is no error.

Left out here: who may go (core/retention.py), and evidence stores elsewhere, which keep footage until the
date that they were given with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bwvdock.core.clip import Clip
from bwvdock.core.facts import ClipDisposed, ClipFact, ClipReleased, ClipRetired, DisposalIntended
from bwvdock.core.lifecycle import ClipState
from bwvdock.core.ports import Clock, Keeper
from bwvdock.core.retention import SPOOL, DisposalPermit, permit_disposal
from bwvdock.errors import BwvdockError
from bwvdock.ledger import Ledger
from bwvdock.messages import Disposed
from bwvdock.workers import Post, Worker

_AT_ONCE = 64  # clips: a round that finds a month's footage due does not hold the journal's thread up


class DueClips(Protocol):
    """What the journal knows of retention."""

    def due(self, now: str, *, most: int) -> Sequence[Clip]:
        """Give clips that are no evidence and not held, and whose date is past; the oldest date first."""
        ...


class Disposing:
    """Owned by the thread that owns the ledger."""

    def __init__(
        self,
        ledger: Ledger,
        journal: DueClips,
        keepers: Mapping[str, Keeper],
        worker: Worker,
        clock: Clock,
        *,
        erases: bool,
    ) -> None:
        """Wire it up.

        Args:
            ledger: the one way facts become true.
            journal: finds what is due.
            keepers: the places that bwvdock disposes in, by name; the spool is one of them.
            worker: takes copies away.
            clock: the dock's clocks.
            erases: whether this dock erases cameras, so that a clip's life goes on until that is done.
        """
        self._ledger = ledger
        self._journal = journal
        self._keepers = keepers
        self._worker = worker
        self._clock = clock
        self._erases = erases
        self.in_hand: set[tuple[str, str]] = set()
        self.error: BwvdockError | None = None

    def round(self, *, paused: bool) -> None:
        """Announce what is due and have it taken away."""
        if paused or self.in_hand or not self._clock.synchronised():
            return
        errands = [errand for clip in self._due() for errand in self._errands(clip)]
        self._ledger.record([e.intended for e in errands if e.place not in e.clip.disposing])
        for errand in errands:
            self.in_hand.add((errand.clip.id, errand.place))
            self._worker.submit(errand)

    def _due(self) -> Sequence[Clip]:
        now = self._clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return self._journal.due(now, most=_AT_ONCE)

    def _errands(self, clip: Clip) -> Iterator[_Errand]:
        required = [target.name for target in self._ledger.targets if target.required]
        for place, keeper in self._keepers.items():
            # A vault that is no destination of this clip holds nothing of it.
            if place in clip.disposed or (place != SPOOL and place not in clip.uploaded):
                continue
            permit = permit_disposal(
                clip,
                place=place,
                required=required,
                now=self._clock.now(),
                clock_trusted=self._clock.synchronised(),
            )
            if permit is not None:
                yield _Errand(clip, permit, keeper)

    def disposed(self, message: Disposed) -> None:
        """Record that a copy is gone, or see why it is not."""
        self.in_hand.discard((message.clip, message.place))
        self.error = message.error
        clip = self._ledger.clip(message.clip)
        if message.error is None and clip is not None:
            self._ledger.record(list(self._facts(clip, message.place)))

    def _facts(self, clip: Clip, place: str) -> Iterator[ClipFact]:
        yield ClipDisposed(clip=clip.id, place=place, sha256=clip.sha256)
        if place != SPOOL:
            return
        if clip.state is ClipState.VERIFIED and not self._erases:
            yield ClipReleased(clip=clip.id, kept=True)
            yield ClipRetired(clip=clip.id)
        elif clip.state is ClipState.RELEASED:
            yield ClipRetired(clip=clip.id)


@dataclass(frozen=True, slots=True)
class _Errand:
    """One copy to be taken away."""

    clip: Clip
    permit: DisposalPermit
    keeper: Keeper

    @property
    def place(self) -> str:
        return self.permit.place

    @property
    def intended(self) -> DisposalIntended:
        return DisposalIntended(clip=self.clip.id, place=self.place, reason=self.permit.reason)

    def __call__(self, post: Post) -> None:
        failure: BwvdockError | None = None
        try:
            self.keeper.dispose(self.clip, self.permit)
        except BwvdockError as error:
            failure = error.without_frames()
        post(Disposed(clip=self.clip.id, place=self.place, error=failure))
