"""What is true of each clip of a station, by the facts that were recorded and by what people know.

Nothing here asks the rules of the dock: it is what somebody would write down who watches everything.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bwvdock.core.facts import (
    ClipClassified,
    ClipDated,
    ClipHeld,
    ClipHoldExcepted,
    ClipHoldMatched,
    ClipHoldOver,
    ClipMatched,
    ClipUnheld,
    ClipVerified,
    DisposalIntended,
    DisposalNoticed,
    Fact,
    VerificationFailed,
    VerifiedAgain,
)

NOBODY = ""
SLACK = timedelta(minutes=10)  # footage is some minutes older than its docking


@dataclass
class Seen:
    """One clip: when it was recorded in truth and by which camera, and what was recorded of it since."""

    camera: str
    at: datetime
    docked_at: datetime
    promised: int
    own_hold: bool = False
    evidence: bool = False
    said: bool = False  # a person said what it is
    classes: dict[str, int] = field(default_factory=dict)
    stores: frozenset[str] = frozenset()  # the only ones, by its class
    proven: set[str] = field(default_factory=set)
    again: set[str] = field(default_factory=set)
    certain: bool = False  # to be of an event
    noticed: list[tuple[datetime, int]] = field(default_factory=list)
    early: bool = False

    def kept_days(self) -> int:
        """Return for how many days it was promised to be kept."""
        return max(self.classes.values()) if self.classes else self.promised

    def learn(self, fact: Fact, *, days: int) -> None:
        """Take in what was recorded; `days` are those of the configuration."""
        match fact:
            case ClipDated(retain_until=until) if until:
                self.promised = days
            case ClipVerified(destination=name):
                self.proven.add(name)
                self.again.discard(name)
            case VerificationFailed(destination=name):
                self.proven.discard(name)
                self.again.discard(name)
            case VerifiedAgain(destination=name, scheduled=True):
                self.again.add(name)
            case ClipClassified(destinations=names) if names:
                self.stores = frozenset(names)
            case ClipHeld() | ClipUnheld() | ClipHoldMatched() | ClipHoldOver() | ClipHoldExcepted():
                self.noticed = []
            case ClipMatched(events=events):
                certain = any(match.basis == "certain" for match in events)
                self.noticed = self.noticed if certain is self.certain else []
                self.certain = certain
            case DisposalNoticed():
                self.noticed.append((datetime.fromisoformat(fact.at), fact.days))
            case DisposalIntended(place="spool"):
                self.early = fact.early
            case _:
                pass

    def wrong(
        self, place: str, now: datetime, *, required: Collection[str], notice: int, wait: timedelta
    ) -> Iterator[str]:
        """Yield why its copy should not have gone; `wait`: for how long past its date stores are asked."""
        early = place == "spool" and self.early
        required = self.stores or frozenset(required)
        over = self.docked_at + timedelta(days=self.kept_days()) - SLACK
        if self.own_hold:
            yield "held"
        if self.evidence:
            yield "evidence"
        if not required <= self.proven:
            yield f"not proven by {', '.join(sorted(required - self.proven))}, where its class has it"
        unasked = required - self.again - ({"vault"} if early else set())
        if unasked and now <= over + wait:
            yield f"not verified again by {', '.join(sorted(unasked))}"
        if early:
            return
        if now < over:
            yield "before its date"
        if notice and not (self.said or self.certain) and not self._is_noticed(now, notice):
            yield "unreviewed, without notice"

    def _is_noticed(self, now: datetime, notice: int) -> bool:
        return any(now - at >= timedelta(days=max(notice, days)) for at, days in self.noticed)


@dataclass(frozen=True, kw_only=True)
class Call:
    """An event from dispatch, as dispatch knows it: whom it sent, from when until when."""

    officer: str
    begins: datetime
    ends: datetime


@dataclass(frozen=True, kw_only=True)
class Frozen:
    """What a standing hold is about: an officer, an event or a camera."""

    officer: str = ""
    event: str = ""
    camera: str = ""


@dataclass
class Duties:
    """Who had which camera, as somebody entered it, and which calls dispatch has told the dock of."""

    roster: list[tuple[str, str, datetime]] = field(default_factory=list)
    calls: dict[str, Call] = field(default_factory=dict)

    def officer(self, clip: Seen) -> str:
        """Return who had a clip's camera: of those that began before, the one that began last."""
        begun = [(at, n, who) for n, (camera, who, at) in enumerate(self.roster) if camera == clip.camera]
        return max((row for row in begun if row[0] <= clip.at), default=(None, 0, NOBODY))[2]

    def is_about(self, hold: Frozen, clip: Seen) -> bool:
        """Return whether a hold is about a clip, or may be: what nobody had may be of anybody."""
        whose = self.officer(clip)
        if hold.camera and hold.camera != clip.camera:
            return False
        if hold.officer and whose not in {NOBODY, hold.officer}:
            return False
        if hold.event:
            call = self.calls.get(hold.event)
            return (
                call is not None and call.begins <= clip.at <= call.ends and whose in {NOBODY, call.officer}
            )
        return True
