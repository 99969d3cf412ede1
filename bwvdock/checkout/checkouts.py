"""How are cameras checked out? Badges and desk in, cameras that leave and come; offers and facts out.

The rules are core/checkout/; this asks the dock what they need to know, and has recorded what follows.
Belongs to the thread that owns the ledger. An offer does not outlive the process: after a restart the badge
is shown again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from typing import Any, Protocol

from bwvdock.bays.bay import Bay
from bwvdock.bays.docking import Dockings
from bwvdock.checkout.assignments import Assignments, CheckoutJournal
from bwvdock.checkout.candidates import Candidates, is_at_work
from bwvdock.checkout.own import OwnClipsAtDock
from bwvdock.core.checkout.badges import Badges, Holder, badge_proof, may_be_badge
from bwvdock.core.checkout.choice import Candidate, Outcome, Rules, WhenHeld, choose
from bwvdock.core.checkout.offers import How, Offer, Offers
from bwvdock.core.clips.classes.rules import unit_class
from bwvdock.core.clips.classes.veil import Veil
from bwvdock.core.facts import Fact
from bwvdock.core.moments import iso
from bwvdock.core.ports import Clock
from bwvdock.edges.journal.checkout.questions import Out
from bwvdock.errors import BwvdockError, UsageError
from bwvdock.operators.checkout.requests import CheckOut, CheckoutRequest, GiveBack, Tap
from bwvdock.operators.decisions import printable
from bwvdock.runtime.ledger import Ledger
from bwvdock.status.alerts.checkout import TakenOtherwise
from bwvdock.status.for_screen import ShownCheckout, ShownWindow

SALT_BYTES = 32
_BURST, _REFILL_MS = 10, 1000  # badges: so many at once, then one a second
_DESK = {
    Outcome.NOT_TAKEN: "A camera was being offered to somebody else; that offer has ended. Try again.",
    Outcome.UNKNOWN_BADGE: "The list of badges does not have this badge, or it is no longer valid.",
    Outcome.NONE_SAFE: "None of the cameras that may be offered is safe to remove yet.",
    Outcome.NONE_CHARGED: "None of the cameras that may be offered is known to be charged enough.",
    Outcome.NONE_SUITABLE: "No camera that is docked here may be offered to this officer.",
    Outcome.HAS_ONE: "A camera is already assigned to this officer.",
}
_REMEDY = {
    Outcome.NOT_TAKEN: "Give the order again",
    Outcome.UNKNOWN_BADGE: "Use --officer ID, or add the badge to the list; then: systemctl reload bwvdock",
    Outcome.HAS_ONE: "If it was handed in: bwvdock cameras return SERIAL",
}


class Randomness(Protocol):
    """Returns so many random bytes."""

    def __call__(self, count: int, /) -> bytes: ...  # noqa: D102 - its class says it


@dataclass(kw_only=True, slots=True)
class Checkouts:
    """Offers cameras, and has recorded what becomes of them.

    `badges` is None while nothing is checked out here: cameras that are out are taken back all the same.
    `safe` is the judgement that `bwvdock status` shows; `set_aside` whether a camera's health speaks against
    it. `zone` is the dock's, for cameras whose clocks keep local time. `last_entry_at` is when the
    journal's last entry before this start was written.
    """

    ledger: Ledger
    journal: CheckoutJournal
    dockings: Dockings
    clock: Clock
    random: Randomness
    safe: Callable[[Bay], bool]
    set_aside: Callable[[str], bool] = lambda _: False
    zone: tzinfo = UTC
    rules: Rules = field(default_factory=Rules)
    badges: Badges | None = None
    error: BwvdockError | None = None
    last_entry_at: str = ""
    own: OwnClipsAtDock = field(init=False)
    _offers: Offers = field(default_factory=Offers)
    _otherwise: dict[str, TakenOtherwise] = field(default_factory=dict)
    _tokens: int = _BURST
    _refilled_ms: int = 0

    def __post_init__(self) -> None:
        """Hear of cameras, and remember those that were taken otherwise before this start."""
        self.dockings.left, self.dockings.came = self.left, self.came
        self.dockings.switched = self.switched
        self.own = OwnClipsAtDock(
            ledger=self.ledger,
            dockings=self.dockings,
            clock=self.clock,
            random=self.random,
        )
        self.ledger.heed_checkouts(self._out_since)
        for out in self.journal.checkouts.taken_otherwise():
            self._otherwise[out.camera] = TakenOtherwise(
                camera=out.camera, bay=out.bay, how=out.how, at=out.taken_at
            )

    def change(self, rules: Rules, badges: Badges | None, error: BwvdockError | None) -> None:
        """Use other rules, and other badges unless these could not be read; what is offered ends."""
        self.rules, self.error = rules, error
        if error is None:
            self.badges = badges
        self._offers.offer = None

    def _out_since(self, serial: str) -> str:
        out = self.journal.checkouts.out(serial)
        return out.taken_at if out is not None and out.assigned else ""

    # --- what is asked ------------------------------------------------------------------------------

    def asked(self, request: CheckoutRequest, actor: str, veil: Veil | None) -> dict[str, Any]:
        """Answer a request.

        Raises:
            UsageError: it cannot be carried out, and why.
        """
        match request:
            case Tap():
                return self.tap(request.badge, actor)
            case CheckOut():
                return self.desk(request, actor, veil)
            case GiveBack():
                return self.give_back(request.serial, actor, veil)

    def tap(self, badge: str, actor: str) -> dict[str, Any]:
        """Return what came of a badge that a reader read: no name is in it.

        Raises:
            UsageError: nothing is checked out here, the text cannot be a badge, or there were too many.
        """
        badges = self._require_badges()
        if not may_be_badge(badge):
            raise UsageError("This is not a badge: 1 to 128 printable characters are.")
        if not self._may_ask():
            raise UsageError("Badges are read faster than one a second.", remedy="Wait a moment")
        holder = badges.holder(badge, iso(self.clock.now()))
        self.own.badge(holder.officer if holder else "")
        outcome, offer = self._by_badge(badge, holder, actor, self._candidates())
        left_ms = offer.ends_ms - self.clock.boottime_ms() if offer else 0
        return {
            "outcome": outcome.value,
            "bay": offer.bay if offer else "",
            "until_seconds": max(0, left_ms) // 1000,
        }

    def desk(self, order: CheckOut, actor: str, veil: Veil | None) -> dict[str, Any]:
        """Return which camera an officer at the desk may take.

        Raises:
            UsageError: none is offered, and why.
        """
        badges = self._require_badges()
        if bool(order.badge) is bool(order.officer):
            raise UsageError(
                "Exactly one of --badge and --officer is required.",
                remedy="bwvdock cameras checkout --officer ID",
            )
        candidates = [one for one in self._candidates() if not self._is_hidden(one.unit, veil)]
        if order.camera:
            candidates = [one for one in candidates if one.serial == order.camera]
            if not candidates:
                raise UsageError(
                    f"Camera {order.camera} is not docked here, or not admitted.",
                    remedy="bwvdock status; to record a camera that is handed out without a dock: "
                    "bwvdock cameras assign SERIAL --officer ID",
                )
        if order.badge:
            holder = badges.holder(order.badge, iso(self.clock.now()))
            outcome, offer = self._by_badge(order.badge, holder, actor, candidates)
        else:
            named = badges.holder_of(printable(order.officer, "officer"), iso(self.clock.now()))
            outcome, offer = self._offer(named, "", actor, candidates)
        if offer is None:
            raise UsageError(_DESK[outcome], remedy=_REMEDY.get(outcome, "bwvdock status"))
        seconds = (offer.ends_ms - offer.began_ms) // 1000
        return {
            "message": f"Take camera {offer.serial} from bay {offer.bay} within {seconds} seconds. It is "
            f"assigned to {offer.officer} once the dock sees it leave.",
            "outcome": outcome.value,
            "camera": offer.serial,
            "bay": offer.bay,
            "until_seconds": seconds,
        }

    def give_back(self, serial: str, actor: str, veil: Veil | None) -> dict[str, Any]:
        """Have recorded that a camera that is out was returned at the desk.

        Raises:
            UsageError: it is not out.
        """
        out = self.journal.checkouts.out(serial)
        if out is None or self._is_hidden(self.ledger.unit_of(serial, iso(self.clock.now())), veil):
            raise UsageError(
                f"Camera {serial} is not checked out here.", remedy="bwvdock cameras roster SERIAL --reason R"
            )
        facts = self._returned(out, "desk", actor)
        self.ledger.record(facts, patient=False)
        self._otherwise.pop(serial, None)
        ended = "; its assignment has ended" if len(facts) > 1 else ""
        return {
            "message": f"Camera {serial} is recorded as returned{ended}. Dock it, so that its footage is "
            "copied.",
            "recorded": list(dict.fromkeys(fact.kind for fact in facts)),
        }

    def _by_badge(
        self, badge: str, holder: Holder | None, actor: str, candidates: Sequence[Candidate]
    ) -> tuple[Outcome, Offer | None]:
        if holder is None:  # whoever it is may take what is offered to somebody else
            at_ms = self.clock.boottime_ms()
            self._offers.contested("", at_ms)
            self._offers.refuse(Outcome.UNKNOWN_BADGE, at_ms)
            return Outcome.UNKNOWN_BADGE, None
        return self._offer(
            holder, badge_proof(badge, holder.officer, self.random(SALT_BYTES)), actor, candidates
        )

    def _offer(
        self, holder: Holder, proof: str, actor: str, candidates: Sequence[Candidate]
    ) -> tuple[Outcome, Offer | None]:
        at_ms = self.clock.boottime_ms()
        if self._offers.contested(holder.officer, at_ms):
            return Outcome.NOT_TAKEN, None
        if not self.clock.synchronised() and iso(self.clock.now()) < self.last_entry_at:
            # An assignment would begin when others had the camera.
            self._offers.refuse(Outcome.NONE_SUITABLE, at_ms)
            return Outcome.NONE_SUITABLE, None
        docked = {one.serial for one in candidates}
        held = self.journal.checkouts.held(holder.officer, iso(self.clock.now()))
        choice = choose(
            candidates,
            officer=holder.officer,
            unit=holder.unit,
            held=[serial for serial in held if serial not in docked],
            rules=self.rules,
            but=self._offers.not_offered(holder.officer, at_ms),
        )
        if choice.camera is None:
            self._offers.refuse(choice.outcome, at_ms)
            return choice.outcome, None
        offer = Offer(
            serial=choice.camera.serial,
            bay=choice.camera.bay,
            officer=holder.officer,
            unit=holder.unit,
            proof=proof,
            actor=actor,
            began_ms=at_ms,
            ends_ms=at_ms + self.rules.take_within_ms,
        )
        self._offers.begin(offer)
        return choice.outcome, offer

    def _require_badges(self) -> Badges:
        if self.badges is None:
            raise UsageError(
                "No cameras are checked out on this dock: it has no list of badges.",
                remedy='write badges = "/etc/bwvdock/badges.csv" under [checkout]; then: '
                "systemctl reload bwvdock",
            )
        return self.badges

    def _may_ask(self) -> bool:
        now_ms = self.clock.boottime_ms()
        more = (now_ms - self._refilled_ms) // _REFILL_MS
        self._tokens = min(_BURST, self._tokens + more)
        self._refilled_ms += more * _REFILL_MS
        self._tokens -= 1 if (may := self._tokens > 0) else 0
        return may

    # --- what is seen -------------------------------------------------------------------------------

    def left(self, bay: Bay) -> None:
        """Take in that a camera left its bay."""
        if self.badges is None or not is_at_work(bay):
            return
        now, at_ms = self.clock.now(), self.clock.boottime_ms()
        pool = not self.ledger.officer_of(bay.serial, iso(now))
        seen = self._offers.left(bay.serial, pool=pool, at_ms=at_ms)
        if seen is None:
            return
        records, how = self._assignments(), seen.how
        if how is How.OFFERED and seen.offer is not None:
            offer = seen.offer
            try:
                facts = records.checked_out(
                    offer, by="badge" if offer.proof else "desk", now=now, waited_ms=at_ms - offer.began_ms
                )
                self.ledger.record([*self._exchanged(offer), *facts])
            except UsageError:
                how = How.NOT_ASSIGNED
                self._offers.refuse(Outcome.NONE_SUITABLE, at_ms)
        if how is not How.OFFERED:
            self._undo(seen.undone, seen.offer)
            self._taken(bay.serial, bay.sighting.bay, how, seen.offer)

    def switched(self, bay: Bay) -> None:
        """Take in that a camera left because the dock switched its socket: nobody took it."""
        self._offers.ended(bay.serial, self.clock.boottime_ms())

    def came(self, bay: Bay) -> None:
        """Take in that a camera was docked and admitted: if it was out, it came back."""
        out = self.journal.checkouts.out(bay.serial)
        at_ms = self.clock.boottime_ms()
        self._offers.came(
            bay.serial, bay.sighting.bay, checked_out=out is not None and not out.how, at_ms=at_ms
        )
        if out is not None:
            self.ledger.record(self._returned(out, "docked", bay=bay.sighting.bay))
            self._otherwise.pop(bay.serial, None)

    def _returned(self, out: Out, how: str, actor: str = "", bay: str = "") -> list[Fact]:
        """Return what is recorded where a camera is not out any more."""
        return self._assignments().returned(out, how, now=self.clock.now(), actor=actor or "dock", bay=bay)

    def _exchanged(self, offer: Offer) -> Iterator[Fact]:
        """Yield what ends the officer's earlier check-outs, where that is the rule."""
        if self.rules.when_held is WhenHeld.EXCHANGE:
            for serial in self.journal.checkouts.held(offer.officer, iso(self.clock.now())):
                out = self.journal.checkouts.out(serial) if serial != offer.serial else None
                if out is not None and out.assigned:
                    yield from self._returned(out, "exchanged", offer.actor)

    def _undo(self, serial: str, offer: Offer | None) -> None:
        """Have the assignment ended of a camera that was taken with another: who has which was not seen."""
        out = self.journal.checkouts.out(serial) if serial else None
        if out is not None and out.assigned:
            self.ledger.record(self._returned(out, "doubtful"))
            self._taken(serial, offer.bay if offer else "", How.TWO, offer)

    def _taken(self, serial: str, bay: str, how: How, offer: Offer | None) -> None:
        now = self.clock.now()
        self.ledger.record(self._assignments().taken_otherwise(serial, bay, how, offer, now))
        self._otherwise[serial] = TakenOtherwise(camera=serial, bay=bay, how=how, at=iso(now))

    def _assignments(self) -> Assignments:
        rules = self.ledger.classing
        return Assignments(journal=self.journal, retention=lambda: rules.rules, clock=self.clock)

    def _candidates(self) -> list[Candidate]:
        found = Candidates(
            ledger=self.ledger,
            journal=self.journal,
            dockings=self.dockings,
            clock=self.clock,
            safe=self.safe,
            set_aside=self.set_aside,
            zone=self.zone,
        )
        return found.docked()

    def _is_hidden(self, unit: str, veil: Veil | None) -> bool:
        of = unit_class(self.ledger.classing.rules.classes, unit)
        return veil is not None and of is not None and of.name in veil.closed

    # --- what is shown ------------------------------------------------------------------------------

    def offered(self, bay: Bay) -> bool:
        """Return whether the camera in a bay is offered now."""
        self._offers.passes(self.clock.boottime_ms())
        offer = self._offers.offer
        return offer is not None and is_at_work(bay) and offer.serial == bay.serial

    def shown(self) -> ShownCheckout | None:
        """Return what a screen shows of the last badge or camera; None where there is nothing to show."""
        at_ms = self.clock.boottime_ms()
        said = self._offers.said(at_ms)
        if said is None:
            return None
        left = -(-(said.until_ms - at_ms) // 1000)
        return ShownCheckout(outcome=said.outcome.value, bay=said.bay, seconds_left=left)

    def own_clips(self) -> ShownWindow | None:
        """Return the window in which an officer may see and mark their own clips, if one is open."""
        return self.own.shown()

    def taken_otherwise(self) -> list[TakenOtherwise]:
        """Return the cameras that are out and assigned to nobody since they were taken."""
        officer_of = self.ledger.officer_of
        return [one for one in self._otherwise.values() if not officer_of(one.camera, one.at)]
