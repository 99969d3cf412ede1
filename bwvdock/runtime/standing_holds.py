"""Which clips do the standing holds keep, given what is recorded? The ledger asks with all that it records.

Two things make it impossible that a clip goes which a hold is about. The code that decides about a copy asks
`kept`, which compares the clip as it is now with every hold: a hold is in force with its own entry. And each
match is an entry of the clip, which stays until a person ends the hold, whatever becomes known later:
what is recorded is compared at once, and what was there before a hold, or before a roster was changed, part
by part (`go_on`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from functools import reduce
from typing import Protocol

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.history import apply
from bwvdock.core.clips.holds.hold_matching import HoldQuery, Known, Match, StandingHold, known_of, matches
from bwvdock.core.clips.roster import Assignment, Roster
from bwvdock.core.custody.records import Enrolment
from bwvdock.core.events.matching import Rules
from bwvdock.core.facts import (
    AttributionDisputed,
    AttributionUpheld,
    CameraAssigned,
    CameraEnrolled,
    ClipAcquired,
    ClipAttributed,
    ClipDated,
    ClipFact,
    ClipHoldMatched,
    ClipHoldOver,
    ClipMatched,
    EventRecorded,
    Fact,
    HoldEnded,
    HoldOpened,
    ValuesErased,
)
from bwvdock.core.facts.events import BY_OFFICER, BY_UNIT
from bwvdock.core.moments import nanoseconds

AT_ONCE = 32
"""Clips that are compared in one part: ten milliseconds for the thread that writes the journal."""

_OFFICER = (ClipAttributed, AttributionDisputed, AttributionUpheld)
_CHANGING: tuple[type[ClipFact], ...] = (ClipAcquired, ClipDated, *_OFFICER, ClipMatched)
"""The facts after which a clip may match another hold."""

_RULES = Rules(before_ms=300_000, after_ms=300_000, longest_ms=28_800_000)
_MS = 10**6
_REMEMBERED = 256
_ALL = ""  # cameras

ClipOf = Callable[[str], Clip | None]


class HoldAnswers(Protocol):
    """What the journal says of standing holds."""

    def standing(self) -> Sequence[StandingHold]:
        """Return the holds that nobody has ended."""
        ...

    def kept_for_ended(self, *, most: int) -> Sequence[tuple[str, str]]:
        """Return (hold, clip) of clips that are still on a hold which was ended."""
        ...

    def acquired_clips(self, *, camera: str = "", after: str, most: int) -> Sequence[Clip]:
        """Return clips that were acquired, by id, those after an id; of one camera, or ("") of all."""
        ...

    def bay_of(self, docking: str) -> str:
        """Return the bay of a docking."""
        ...

    def dated_by(self, clip: str) -> str:
        """Return when a clip was dated last, by a clock that was synchronised; "" if it was not."""
        ...

    def events_of(self, clip: str) -> Mapping[str, bool]:
        """Return the events that a clip is certain to be of, or may be."""
        ...

    def sent_to(self, event: str) -> Sequence[tuple[str, str, str, str]]:
        """Return who was sent to an event: role, id ("" if erased), when dispatched, when cleared."""
        ...

    def uncompared(self, clip: str, rules: Rules) -> bool:
        """Return whether anything is recorded that may make a clip one of an event, and was not compared."""
        ...


class StandingJournal(Protocol):
    """The part of the journal that standing holds need."""

    @property
    def holds(self) -> HoldAnswers:
        """What it says of them."""
        ...

    def assignments(self, camera: str) -> Sequence[Assignment]:
        """Return the assignments of a camera, in the order in which they were recorded."""
        ...

    def enrolment(self, serial: str) -> Enrolment:
        """Return what operators decided about a serial."""
        ...


@dataclass(slots=True)
class _Around:
    """What the journal knows around clips; rosters are remembered until one changes."""

    journal: StandingJournal
    rosters: dict[str, Roster] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    bays: dict[str, str] = field(default_factory=dict)

    def roster(self, camera: str) -> Roster:
        if camera not in self.rosters:
            if len(self.rosters) >= _REMEMBERED:
                self.rosters.clear()
            self.rosters[camera] = Roster(self.journal.assignments(camera))
        return self.rosters[camera]

    def enrolled_unit(self, camera: str) -> str:
        if camera not in self.units:
            if len(self.units) >= _REMEMBERED:
                self.units.clear()
            self.units[camera] = self.journal.enrolment(camera).unit
        return self.units[camera]

    def bay(self, docking: str) -> str:
        if docking not in self.bays:
            if len(self.bays) >= _REMEMBERED:
                self.bays.clear()
            self.bays[docking] = self.journal.holds.bay_of(docking)
        return self.bays[docking]

    def events(self, clip: str) -> Mapping[str, bool]:
        return self.journal.holds.events_of(clip)

    def dated_ns(self, clip: str) -> int | None:
        said = self.journal.holds.dated_by(clip)
        return nanoseconds(datetime.fromisoformat(said)) if said else None


class StandingHolds:
    """The holds that nobody has ended; owned by the thread that owns the journal."""

    def __init__(self, journal: StandingJournal, rules: Rules = _RULES) -> None:
        """Load them. What matches is found anew: a roster may have been changed while no dock ran.

        Args:
            journal: says what is known.
            rules: those by which clips and events are compared.
        """
        self._journal = journal
        self.rules = rules
        self._around = _Around(journal)
        self._holds: Sequence[StandingHold] = journal.holds.standing()
        self._begun: dict[str, str] = {_ALL: ""} if self._holds else {}  # camera: the id reached
        self._ending = bool(journal.holds.kept_for_ended(most=1))

    @property
    def busy(self) -> bool:
        """Whether clips are still to be compared, or to be let go because a hold ended."""
        return bool(self._begun) or self._ending

    def matching(self, clip: Clip) -> Mapping[str, bool]:
        """Return the standing holds that a clip is on, or should be, and whether it surely matches each."""
        found = {m.hold: m.certain or clip.standing.get(m.hold, False) for m in self._matches(clip)}
        return {**clip.standing, **found}

    def kept(self, clip: Clip) -> Clip:
        """Return a clip as it is to be seen where its copies are decided on: on each hold that it matches.

        Until it is compared with all events that are known, it may be of any that a hold is about, and is
        certain to be of none: a match that says what it is may be withdrawn.
        """
        standing = self.matching(clip) if self._holds else clip.standing
        of_events = [hold.id for hold in self._holds if hold.query.event and hold.id not in clip.excepted]
        events = clip.events
        if (of_events or clip.matched) and self._journal.holds.uncompared(clip.id, self.rules):
            standing = {**dict.fromkeys(of_events, False), **standing}
            events = ()
        same = standing == clip.standing and events == clip.events
        return clip if same else replace(clip, standing=standing, events=events)

    def would_keep(self, facts: Sequence[Fact], clip: Clip) -> bool:
        """Return whether a standing hold would keep a clip once these facts were recorded.

        One of them begins a hold, or attributes the clip to somebody whom a hold is about.
        """
        begun = [
            StandingHold(id=fact.hold, query=_query(fact)) for fact in facts if isinstance(fact, HoldOpened)
        ]
        said = [fact for fact in facts if isinstance(fact, _OFFICER) and fact.clip == clip.id]
        after = reduce(apply, said, clip)
        known = known_of(after, self._around) if begun or said else None
        return known is not None and any(True for _ in matches([*begun, *self._holds], known))

    def _matches(self, clip: Clip) -> Iterator[Match]:
        """Yield how a clip matches the holds, or may: it is footage, and nobody took it out of them."""
        if not self._holds or not (clip.parts or clip.former):
            return
        holds = [hold for hold in self._holds if hold.id not in clip.excepted]
        if holds:
            known = known_of(clip, self._around)
            unsure = {hold.query.event: False for hold in holds if self._may_be_of(hold.query.event, known)}
            yield from matches(holds, replace(known, events={**unsure, **known.events}))

    def _may_be_of(self, event: str, known: Known) -> bool:
        """Return whether a clip may be of an event: by its time, and by those who may have recorded it."""
        whose = {BY_OFFICER: known.officers, BY_UNIT: known.units}
        before, after = self.rules.before_ms * _MS, self.rules.after_ms * _MS
        for role, who, dispatched, cleared in self._journal.holds.sent_to(event) if event else ():
            begins = _ns(dispatched)
            ends = _ns(cleared) if cleared else begins + self.rules.longest_ms * _MS
            too_late = known.begin_ns is not None and known.begin_ns > ends + after
            too_early = known.end_ns is not None and known.end_ns < begins - before
            if not too_late and not too_early and not whose[role].isdisjoint({who, ""}):
                return True
        return False

    def _new(self, clip: Clip | None) -> Iterator[ClipHoldMatched]:
        for one in self._matches(clip) if clip else ():
            assert clip is not None  # noqa: S101 - as above
            if not clip.standing.get(one.hold, False) and (one.certain or one.hold not in clip.standing):
                yield ClipHoldMatched(clip=clip.id, hold=one.hold, certain=one.certain, basis=one.basis)

    # --- with what is recorded -----------------------------------------------------------------------

    def before(self, facts: Sequence[Fact], clip_of: ClipOf) -> Sequence[ClipHoldMatched]:
        """Return the matches to record before these facts, which may change what is known of their clips.

        Those of clips that were not compared yet: what they match now stays with them.
        """
        if not self._begun:
            return ()
        clips = [clip_of(clip) for clip in _changed(facts)]
        if self._asks_for_event(facts):
            clips += self._uncompared()
        for camera in sorted(
            {fact.camera for fact in facts if isinstance(fact, CameraAssigned | CameraEnrolled)}
        ):
            clips += self._clips_of(camera)
        seen = {clip.id: clip for clip in clips if clip}
        return [match for clip in seen.values() for match in self._new(clip)]

    def after(self, facts: Sequence[Fact], clip_of: ClipOf) -> Sequence[ClipHoldMatched]:
        """Return the matches to record after these facts, which are recorded."""
        for fact in facts:
            self._learn(fact)
        if not self._holds:
            return ()
        return [match for clip in _changed(facts) for match in self._new(clip_of(clip))]

    def _learn(self, fact: Fact) -> None:
        match fact:
            case HoldOpened() | HoldEnded():
                self._holds = self._journal.holds.standing()
                self._begun = {_ALL: ""} if self._holds and isinstance(fact, HoldOpened) else self._begun
                self._ending |= isinstance(fact, HoldEnded)
            case CameraAssigned(camera=camera) | CameraEnrolled(camera=camera):
                self._around.rosters.pop(camera, None)
                self._around.units.pop(camera, None)
                if self._asks_for_people():
                    self._begun[camera] = ""
            case EventRecorded() if self._asks_for_event([fact]):
                self._begun[_ALL] = ""
            case ValuesErased():
                self._around.rosters.clear()
                self._around.units.clear()
            case _:
                pass

    def _asks_for_people(self) -> bool:
        """Return whether a hold is about people, or about an event, to which people were sent."""
        return any(hold.query.officer or hold.query.unit or hold.query.event for hold in self._holds)

    def _asks_for_event(self, facts: Sequence[Fact]) -> bool:
        said = {fact.event for fact in facts if isinstance(fact, EventRecorded)}
        return bool(said) and any(hold.query.event in said for hold in self._holds)

    def _uncompared(self) -> Iterator[Clip]:
        """Yield the clips that are still to be compared, part by part."""
        for camera, after in self._begun.items():
            yield from self._clips_of(camera, after=after)

    def _clips_of(self, camera: str, *, after: str = "") -> Iterator[Clip]:
        while page := self._journal.holds.acquired_clips(camera=camera, after=after, most=AT_ONCE):
            yield from page
            after = page[-1].id

    # --- part by part --------------------------------------------------------------------------------

    def go_on(self) -> Sequence[ClipHoldMatched | ClipHoldOver]:
        """Return the next part of what follows from the holds for clips that were here already."""
        over = self._journal.holds.kept_for_ended(most=AT_ONCE) if self._ending else ()
        self._ending = bool(over)
        facts: list[ClipHoldMatched | ClipHoldOver] = [
            ClipHoldOver(clip=clip, hold=hold) for hold, clip in over
        ]
        for camera in list(self._begun)[:1]:
            page = self._journal.holds.acquired_clips(camera=camera, after=self._begun[camera], most=AT_ONCE)
            if len(page) == AT_ONCE and self._holds:
                self._begun[camera] = page[-1].id
            else:
                del self._begun[camera]
            facts += [match for clip in page for match in self._new(clip)]
        return facts


class _Writer(StandingJournal, Protocol):
    """The journal of a dock that does not run."""

    def append(self, facts: Sequence[Fact]) -> object:
        """Record facts."""
        ...


def catch_up(journal: _Writer, rules: Rules) -> None:
    """Record all that follows from standing holds, where no dock runs that would do so part by part.

    Args:
        journal: what is known, and where it is recorded.
        rules: those by which clips and events are compared.

    Raises:
        JournalError: it cannot be recorded.
    """
    standing = StandingHolds(journal, rules)
    while standing.busy:
        journal.append(standing.go_on())


def _ns(moment: str) -> int:
    return nanoseconds(datetime.fromisoformat(moment))


def _query(fact: HoldOpened) -> HoldQuery:
    return HoldQuery(**{one.name: getattr(fact, one.name) for one in fields(HoldQuery)})


def _changed(facts: Sequence[Fact]) -> Sequence[str]:
    return list(dict.fromkeys(fact.clip for fact in facts if isinstance(fact, _CHANGING)))
