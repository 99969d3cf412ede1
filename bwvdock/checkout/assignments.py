"""Which facts are recorded where a camera is checked out, taken otherwise or returned?

An assignment begins and ends by the roster's own rules (operators/roster.py), so that footage is attributed
by them and by nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bwvdock.core.checkout.offers import How, Offer
from bwvdock.core.clips.classes.rules import RetentionRules
from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.roster import Assignment, Roster
from bwvdock.core.custody.entries import Stamp
from bwvdock.core.custody.records import CameraRow, Enrolment, RecordedClip
from bwvdock.core.facts import (
    CameraCheckedOut,
    CameraReturned,
    CameraTakenOtherwise,
    ClipAttributed,
    Fact,
)
from bwvdock.core.moments import iso
from bwvdock.core.ports import Clock
from bwvdock.edges.journal.checkout.questions import CheckoutQuestions, Out
from bwvdock.errors import UsageError
from bwvdock.operators.retention.units import classes_given
from bwvdock.operators.roster import facts_of_assignment

_SHORTEST = timedelta(milliseconds=1)
_SLEWED, _SLEWED_SHARE = timedelta(minutes=1), 0.001
"""By so much, and so much of the time that passes, a clock may be corrected that counts as not set."""


class CheckoutJournal(Protocol):
    """The part of the journal's writer that this needs."""

    @property
    def checkouts(self) -> CheckoutQuestions:
        """What the journal says of cameras that are out."""
        ...

    def assignments(self, camera: str) -> Sequence[Assignment]:
        """Return the assignments of a camera, in the order in which they were recorded."""
        ...

    def enrolment(self, serial: str) -> Enrolment:
        """Return what operators decided about a serial."""
        ...

    def clip(self, clip_id: str) -> Clip | None:
        """Return one clip."""
        ...


@dataclass(frozen=True, slots=True)
class _Reader:
    """The writer as a reader of what it has not committed yet; of no clip recorded before `earliest`."""

    journal: CheckoutJournal
    earliest: str
    veil: None = None

    def cameras(self) -> Iterable[CameraRow]:
        return ()

    def resolve_clip(self, prefix: str, /) -> str:
        return prefix

    def assignments(self, camera: str, /) -> Sequence[Assignment]:
        return self.journal.assignments(camera)

    def recorded_clips(self, camera: str, /, *, since: str) -> Iterable[RecordedClip]:
        return self.journal.checkouts.recorded_clips(camera, since=max(since, self.earliest))


@dataclass(frozen=True, kw_only=True, slots=True)
class Assignments:
    """Makes the facts; `retention` returns the rules that are in force."""

    journal: CheckoutJournal
    retention: Callable[[], RetentionRules]
    clock: Clock

    def checked_out(self, offer: Offer, *, by: str, now: datetime, waited_ms: int) -> list[Fact]:
        """Return what is recorded where a camera was taken that was offered.

        Raises:
            UsageError: its assignment cannot be recorded.
        """
        at = iso(now)
        holder = Roster(self.journal.assignments(offer.serial)).officer_at(at)
        if holder not in {"", offer.officer}:
            raise UsageError(f"Camera {offer.serial} is assigned to somebody else by now.")
        assigned: Sequence[Fact] = ()
        if not holder:
            new = Assignment(officer=offer.officer, begins=at, unit=offer.unit)
            assigned = self._assign(offer.serial, new, offer.actor)
        fact = CameraCheckedOut(
            by=by,
            bay=offer.bay,
            taken_at=at,
            waited_ms=waited_ms,
            assigned=bool(assigned),
            camera=offer.serial,
            officer=offer.officer,
            badge=offer.proof,
            actor=offer.actor,
        )
        return [fact, *assigned]

    def taken_otherwise(
        self, serial: str, bay: str, how: How, offer: Offer | None, now: datetime
    ) -> list[Fact]:
        """Return what is recorded where a camera was taken that is assigned to nobody."""
        return [
            CameraTakenOtherwise(
                how=how,
                bay=bay,
                taken_at=iso(now),
                offered_bay=offer.bay if offer else "",
                camera=serial,
                officer=offer.officer if offer else "",
                badge=offer.proof if offer else "",
            )
        ]

    def returned(self, out: Out, how: str, *, now: datetime, actor: str, bay: str = "") -> list[Fact]:
        """Return what is recorded where a camera that was out is not any more; its assignment ends."""
        ended = self._end(out, now, actor) if out.assigned else []
        fact = CameraReturned(
            how=how,
            bay=bay,
            taken_at=out.taken_at,
            returned_at=iso(now),
            ended=bool(ended),
            camera=out.camera,
            officer="" if out.how else out.officer,
            actor="" if how == "docked" else actor,
        )
        return [fact, *ended]

    def _end(self, out: Out, now: datetime, actor: str) -> list[Fact]:
        """Return what ends the assignment of a check-out, unless somebody has changed it since.

        Where the dock's clock was set since the check-out, for how long the officer had the camera, or from
        when on, is not known: the shortest period is recorded, so that no footage is attributed by it.
        """
        span = Roster(self.journal.assignments(out.camera)).span_at(out.taken_at)
        if span is None or not span.open or (span.officer, span.start) != (out.officer, out.taken_at):
            return []
        begun = datetime.fromisoformat(out.taken_at)
        known = now > begun and _is_kept(out.stamp, now, self.clock)
        ends = iso(now if known else begun + _SHORTEST)
        if span.end <= ends:
            return []  # it ended before, where the next began
        told = Assignment(officer=out.officer, begins=out.taken_at, ends=ends, unit=span.told.unit)
        try:
            return self._assign(out.camera, told, actor)
        except UsageError:
            return []

    def _assign(self, camera: str, new: Assignment, actor: str) -> list[Fact]:
        reader = _Reader(self.journal, new.begins)
        # What the journal has of this camera was recorded before it was taken, whatever its dates say.
        facts: list[Fact] = [
            fact
            for fact in facts_of_assignment(camera, new, reader, actor)
            if not (isinstance(fact, ClipAttributed) and fact.officer == new.officer)
        ]
        given = classes_given(
            facts, reader, self.retention(), enrolment=self.journal.enrolment, clip_of=self.journal.clip
        )
        return [*facts, *given]


def _is_kept(then: Stamp, now: datetime, clock: Clock) -> bool:
    """Return whether nothing shows that the dock's wall clock was set since an entry.

    Within one boot the clock that cannot be set says it. After another, a clock that was not synchronised
    then and is now may have been set by any time.
    """
    if then.boot != clock.boot_id():
        return then.ntp or not clock.synchronised()
    apart = now - datetime.fromisoformat(then.t)
    passed = timedelta(milliseconds=clock.boottime_ms() - then.bt)
    return abs(apart - passed) <= _SLEWED + abs(passed) * _SLEWED_SHARE
