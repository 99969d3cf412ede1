"""What must be so of each clip of a station, by what people said, did and know, and what the dock announced?

Nothing here asks the rules of the dock. It is written from the documents: how long footage is kept, `clips
hold`, `[[retention.class]]`, `[reverify]`. What really happened is in it (when a clip was recorded, who had
the camera, what stores have), and of the entries only what they say to people: a date and how accurate it is,
a notice, a proof, a match.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bwvdock.core.facts import (
    BY_UNIT,
    ClipClassified,
    ClipDated,
    ClipHoldExcepted,
    ClipHoldMatched,
    ClipHoldOver,
    ClipMatched,
    ClipRestored,
    ClipVerified,
    CopyWithdrawn,
    DisposalIntended,
    DisposalNoticed,
    Fact,
    VerificationFailed,
    VerifiedAgain,
)

NOBODY = ""
SLACK = timedelta(minutes=10)  # by which dates may be off that are as accurate as the dock says
LENGTH = timedelta(hours=1)  # of a recording of unknown length, before its time or after it
MARGIN = timedelta(minutes=5)  # of an event
LONGEST = timedelta(hours=8)  # of an event that nobody was cleared from


@dataclass(frozen=True, kw_only=True)
class Given:
    """A class that a clip was given, and what it meant then."""

    days: int
    stores: frozenset[str] = frozenset()
    restricted: bool = False


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What the configuration says at a time: the stores and whether each is required, and the days."""

    stores: Mapping[str, bool]
    notice_days: int
    wait: timedelta


@dataclass
class Seen:
    """One clip: when it was recorded in truth and by which camera, and what was said of it since."""

    camera: str
    at: datetime
    docked_at: datetime
    promised: int
    own_hold: bool = False
    evidence: bool = False
    said: bool = False  # a person said what it is
    classed: bool = False  # a person gave it a class
    classes: dict[str, Given] = field(default_factory=dict)  # the last given last
    uncertain: bool = True  # no clock confirms when it was recorded
    date: str = ""
    proven: set[str] = field(default_factory=set)
    again: set[str] = field(default_factory=set)
    certain: bool = False  # to be of an event
    noticed: list[tuple[datetime, int]] = field(default_factory=list)
    early: bool = False
    aside_until: datetime | None = None

    # --- what people say ---

    def reviewed(self, name: str, given: Given, *, instead: bool) -> None:
        """Take in that a person gave it a class; of one that it has the stricter promise counts."""
        self.said = self.classed = True
        self._give(name, given, instead=instead)

    def _give(self, name: str, given: Given, *, instead: bool) -> None:
        before = None if instead else self.classes.pop(name, None)
        if before is not None:
            given = Given(
                days=max(given.days, before.days),
                stores=given.stores or before.stores,
                restricted=given.restricted or before.restricted,
            )
        self.classes = {name: given} if instead else {**self.classes, name: given}

    # --- what entries say ---

    def learn(self, fact: Fact, *, days: int) -> None:
        """Take in what was recorded; `days` are those of what nobody has reviewed."""
        match fact:
            case ClipDated(retain_until=until):
                self.uncertain = fact.uncertainty_ms < 0 or not until
                self.promised = days if until else self.promised
                self.noticed = self.noticed if until == self.date else []
                self.date = until
            case ClipVerified() | VerificationFailed() | VerifiedAgain():
                self._learn_of_proof(fact)
            case ClipClassified(basis=basis) if basis == BY_UNIT:
                self._give(fact.name, Given(days=fact.days), instead=False)
            case ClipHoldMatched() | ClipHoldOver() | ClipHoldExcepted():
                self.noticed = []
            case ClipMatched(events=events):
                certain = any(match.basis == "certain" for match in events)
                self.noticed = self.noticed if certain is self.certain else []
                self.certain = certain
            case DisposalNoticed():
                self.noticed.append((datetime.fromisoformat(fact.at), fact.days))
            case DisposalIntended(place="spool"):
                self.early = fact.early
            case CopyWithdrawn() | ClipRestored():
                until = fact.until if isinstance(fact, CopyWithdrawn) else ""
                self.aside_until = datetime.fromisoformat(until) if until else None
            case _:
                pass

    def _learn_of_proof(self, fact: ClipVerified | VerificationFailed | VerifiedAgain) -> None:
        name = fact.destination
        if isinstance(fact, VerifiedAgain):
            self.again |= {name} if fact.scheduled else set()
            return
        (self.proven.add if isinstance(fact, ClipVerified) else self.proven.discard)(name)
        self.again.discard(name)

    # --- what follows ---

    def kept_days(self) -> int:
        """Return for how many days after the recording it was promised to be kept."""
        longest = max((given.days for given in self.classes.values()), default=0)
        return longest if self.classed else max(self.promised, longest)

    def only_stores(self) -> frozenset[str]:
        """Return the only stores that its classes let have it: none for any."""
        routed = [given for given in self.classes.values() if given.stores]
        decides = [given for given in routed if given.restricted] or routed
        return decides[-1].stores if decides else frozenset()

    def required(self, terms: Terms) -> frozenset[str]:
        """Return the stores that must have it."""
        return self.only_stores() or frozenset(name for name, must in terms.stores.items() if must)

    def wrong(
        self, place: str, now: datetime, terms: Terms, *, truly: Collection[str], called: bool
    ) -> list[str]:
        """Return why its copy should not have gone from a place, empty if it may have.

        Args:
            place: "spool", "vault" or, for what a vault had moved aside, "aside".
            now: the time in truth.
            terms: what the configuration says.
            truly: the stores that have its content in truth.
            called: whether it is of a call in truth, by what is known now.
        """
        due = list(self._not_due(place, now, terms, called=called))
        if place == "spool" and self.early and due:
            return list(self._not_early(terms, truly))
        return due

    def _always(self, terms: Terms) -> Iterator[str]:
        required = self.required(terms)
        if self.own_hold:
            yield "held"
        if self.evidence:
            yield "evidence"
        if not required <= self.proven:
            yield f"not proven by {sorted(required - self.proven)}"
        if not required <= terms.stores.keys():
            yield f"its class names {sorted(required - terms.stores.keys())}, which are not configured"

    def _not_early(self, terms: Terms, truly: Collection[str]) -> Iterator[str]:
        yield from self._always(terms)
        required = self.required(terms)
        if not required <= {*truly}:
            yield f"not there in truth in {sorted(required - {*truly})}"
        if unasked := required - self.again - {"vault"}:
            yield f"not verified again by {sorted(unasked)}"

    def _not_due(self, place: str, now: datetime, terms: Terms, *, called: bool) -> Iterator[str]:
        yield from self._always(terms)
        over = self.at + timedelta(days=self.kept_days()) - SLACK
        unasked = self.required(terms) - self.again
        if now < over:
            yield "before its date"
        if unasked and now <= over + terms.wait:
            yield f"not verified again by {sorted(unasked)}"
        reviewed = self.said or (self.certain and called)
        if terms.notice_days and not reviewed and not self._is_noticed(now, terms.notice_days):
            yield "unreviewed, without notice"
        if place == "aside" and (self.aside_until is None or now <= self.aside_until):
            yield "removed while it could still be restored"

    def _is_noticed(self, now: datetime, notice: int) -> bool:
        return any(now - at >= timedelta(days=max(notice, days)) for at, days in self.noticed)


@dataclass(frozen=True, kw_only=True)
class Call:
    """An event from dispatch, as dispatch knows it: whom or which unit it sent, from when until when."""

    begins: datetime
    ends: datetime | None
    officer: str = ""
    unit: str = ""

    def over(self) -> datetime:
        """Return until when it may have lasted."""
        return self.ends or self.begins + LONGEST


@dataclass(frozen=True, kw_only=True)
class Frozen:
    """What a standing hold is about: all of it must match."""

    officer: str = ""
    unit: str = ""
    event: str = ""
    camera: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass
class Duties:
    """Who had which camera, as somebody entered it, and which calls dispatch has told the dock of."""

    units: Mapping[str, str]
    roster: list[tuple[str, str, datetime]] = field(default_factory=list)
    calls: dict[str, Call] = field(default_factory=dict)

    def officer(self, camera: str, at: datetime) -> str:
        """Return who had a camera at a time: of those that began before, the one that began last."""
        begun = [(begin, n, who) for n, (one, who, begin) in enumerate(self.roster) if one == camera]
        return max((row for row in begun if row[0] <= at), default=(None, 0, NOBODY))[2]

    def may_be(self, clip: Seen, officer: str) -> bool:
        """Return whether an officer may have recorded a clip: what nobody had may be of anybody."""
        if clip.uncertain or self.officer(clip.camera, clip.at) in {NOBODY, officer}:
            return True
        first, last = clip.at - LENGTH, clip.at + LENGTH
        begun = [begin for one, _, begin in self.roster if one == clip.camera and first < begin <= last]
        return officer in {self.officer(clip.camera, at) for at in (first, *begun)}

    def is_of(self, clip: Seen, call: Call) -> bool:
        """Return whether a clip may be of a call: its time fits, and who was sent may have recorded it."""
        begin, end = _span(clip)
        fits = begin <= call.over() + MARGIN and end >= call.begins - MARGIN
        return fits and (self.may_be(clip, call.officer) if call.officer else self._is_unit(clip, call.unit))

    def is_called(self, clip: Seen) -> bool:
        """Return whether a clip is of a call in truth, by the roster and the calls as they are known now."""
        whose = self.officer(clip.camera, clip.at)
        return any(
            call.ends is not None
            and whose == call.officer != NOBODY
            and call.begins - LENGTH <= clip.at <= call.ends + LENGTH
            for call in self.calls.values()
        )

    def is_about(self, hold: Frozen, clip: Seen) -> bool:
        """Return whether a hold is about a clip, or may be."""
        begin, end = _span(clip)
        call = self.calls.get(hold.event)
        return (
            hold.camera in {"", clip.camera}
            and (not hold.unit or self._is_unit(clip, hold.unit))
            and (not hold.officer or self.may_be(clip, hold.officer))
            and (not hold.event or (call is not None and self.is_of(clip, call)))
            and (hold.since is None or end >= hold.since)
            and (hold.until is None or begin <= hold.until)
        )

    def _is_unit(self, clip: Seen, unit: str) -> bool:
        return self.units.get(clip.camera, NOBODY) in {NOBODY, unit}


def _span(clip: Seen) -> tuple[datetime, datetime]:
    """Return between which times it may have been recorded, by what is known of it."""
    if clip.uncertain:
        return datetime.min.replace(tzinfo=clip.at.tzinfo), clip.docked_at
    return clip.at - LENGTH, clip.at + LENGTH
