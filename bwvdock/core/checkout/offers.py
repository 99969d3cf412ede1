"""What follows when a badge is shown, a camera leaves its bay, or comes back? The rules, in one place.

docs/how-to/check-cameras-out-by-badge.md has them as a table. One camera is offered at a time, so that it is
plain to whom the one that is taken was offered. Where it is not plain who took what, nobody is assigned.

Times are milliseconds of the clock since boot, which never jumps.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from bwvdock.core.checkout.choice import Outcome

SHOWN_MS = 15_000
"""For how long what came of a badge is shown, except an offer."""


class How(StrEnum):
    """How a camera left its bay."""

    OFFERED = "offered"
    WITHOUT_BADGE = "without-badge"
    ANOTHER = "another"
    TWO = "two"
    NOT_ASSIGNED = "not-assigned"


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """A camera that is offered to an officer from `began_ms` until `ends_ms` (not included).

    `proof` is what an entry commits to about the badge, "" where none was read; `actor` who asked; `unit` is
    the officer's.
    """

    serial: str
    bay: str
    officer: str
    unit: str
    proof: str
    actor: str
    began_ms: int
    ends_ms: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Left:
    """How a camera left, and the offer that it has to do with, if any.

    `undone` is the serial of a camera that was taken just before and assigned: that is not sure any more.
    """

    how: How
    offer: Offer | None = None
    undone: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """What came of a badge or a camera, to be shown until a time. `bay` is "" where none is meant."""

    outcome: Outcome
    bay: str
    until_ms: int


@dataclass(slots=True)
class Offers:
    """The offer, if there is one, and the last one until its time is over. Nothing outlives the process.

    Attributes:
        offer: what is offered now.
        taken: the offer whose camera was taken, until the end of its time or the next badge.
        spent: one that ended because another camera was taken, or another badge was shown, likewise.
        withheld: that was offered when another badge was shown: it is offered to nobody else for a while.
    """

    offer: Offer | None = None
    taken: Offer | None = None
    spent: Offer | None = None
    withheld: Offer | None = None
    _said: Said | None = field(default=None)

    def passes(self, at_ms: int) -> None:
        """Take in what time it is: an offer may be over."""
        if self.offer is not None and at_ms >= self.offer.ends_ms:
            self._say(Outcome.NOT_TAKEN, self.offer.bay, self.offer.ends_ms)
            self.offer = None
        for name in ("taken", "spent", "withheld"):
            one: Offer | None = getattr(self, name)
            if one is not None and at_ms >= one.ends_ms:
                setattr(self, name, None)
        if self._said is not None and at_ms >= self._said.until_ms:
            self._said = None

    def contested(self, officer: str, at_ms: int) -> bool:
        """Return whether an officer shows a badge while a camera is offered to another; that offer ends.

        Neither is offered it: who would then take it would not be plain.
        """
        self.passes(at_ms)
        if self.offer is None or self.offer.officer == officer:
            return False
        self._say(Outcome.NOT_TAKEN, self.offer.bay, at_ms)
        self.withheld, self.offer = self.offer, None
        return True

    def not_offered(self, officer: str, at_ms: int) -> frozenset[str]:
        """Return the serial of the camera that must not be offered to an officer yet, if there is one."""
        self.passes(at_ms)
        held = self.withheld
        return frozenset({held.serial}) if held is not None and held.officer != officer else frozenset()

    def begin(self, offer: Offer) -> None:
        """Offer a camera; what was offered to the same officer before is not any more."""
        self.offer, self.taken, self.spent = offer, None, None
        self._said = None

    def refuse(self, outcome: Outcome, at_ms: int) -> None:
        """Take in that a badge led to no offer. One that the same officer had ends."""
        self.offer = None
        self._say(outcome, "", at_ms)

    def ended(self, serial: str, at_ms: int) -> None:
        """End the offer of a camera that nobody took, and that cannot be taken now."""
        self.passes(at_ms)
        if self.offer is not None and self.offer.serial == serial:
            self._say(Outcome.NOT_TAKEN, self.offer.bay, at_ms)
            self.offer = None

    def left(self, serial: str, *, pool: bool, at_ms: int) -> Left | None:
        """Return how a camera left its bay; None where that concerns nobody: it is an officer's own.

        Args:
            serial: the camera.
            pool: it is assigned to nobody.
            at_ms: when.
        """
        self.passes(at_ms)
        offer = self.offer
        if offer is not None and serial == offer.serial:
            self.offer, self.taken = None, offer
            self._say(Outcome.TAKEN, offer.bay, at_ms)
            return Left(how=How.OFFERED, offer=offer)
        if not pool:
            return None
        if offer is not None:
            self.offer, self.spent = None, offer
            self._say(Outcome.TAKEN_ANOTHER, offer.bay, at_ms)
            return Left(how=How.ANOTHER, offer=offer)
        if self.taken is not None:
            taken, self.taken, self.spent = self.taken, None, self.taken
            self._say(Outcome.TAKEN_TWO, taken.bay, at_ms)
            return Left(how=How.TWO, offer=taken, undone=taken.serial)
        if self.spent is not None:
            self._say(Outcome.TAKEN_TWO, self.spent.bay, at_ms)
            return Left(how=How.TWO, offer=self.spent)
        return Left(how=How.WITHOUT_BADGE)

    def came(self, serial: str, bay: str, *, checked_out: bool, at_ms: int) -> None:
        """Take in that a camera was docked; it may have been checked out."""
        self.passes(at_ms)
        if self.taken is not None and self.taken.serial == serial:
            self.taken = None
        if checked_out:
            self._say(Outcome.RETURNED, bay, at_ms)

    def said(self, at_ms: int) -> Said | None:
        """Return what is to be shown now."""
        self.passes(at_ms)
        if self.offer is not None:
            return Said(outcome=Outcome.TAKE, bay=self.offer.bay, until_ms=self.offer.ends_ms)
        return self._said

    def _say(self, outcome: Outcome, bay: str, at_ms: int) -> None:
        self._said = Said(outcome=outcome, bay=bay, until_ms=at_ms + SHOWN_MS)
