"""Which docked cameras could be checked out, and what is known of each?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import tzinfo

from bwvdock.bays.bay import Bay
from bwvdock.bays.docking import Dockings
from bwvdock.checkout.assignments import CheckoutJournal
from bwvdock.core.checkout.choice import Candidate
from bwvdock.core.clips.classes.rules import unit_class
from bwvdock.core.clips.dates.date_evidence import compare_clocks
from bwvdock.core.clips.dates.file_times import FileTimes
from bwvdock.core.media.sightings import Transport
from bwvdock.core.moments import iso
from bwvdock.core.ports import Clock
from bwvdock.runtime.ledger import Ledger

_USB = frozenset({Transport.MASS_STORAGE, Transport.MTP})


def is_at_work(bay: Bay) -> bool:
    """Return whether a bay has an admitted camera that shows its footage by USB."""
    return bay.readable and bay.sighting.transport in _USB


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidates:
    """The docked cameras, as the rules of core/checkout/choice.py look at them.

    `safe` is the judgement that `bwvdock status` shows; `set_aside` whether a camera's health speaks against
    it. `zone` is the dock's, for cameras whose clocks keep local time.
    """

    ledger: Ledger
    journal: CheckoutJournal
    dockings: Dockings
    clock: Clock
    safe: Callable[[Bay], bool]
    set_aside: Callable[[str], bool]
    zone: tzinfo

    def docked(self) -> list[Candidate]:
        """Return every camera that is docked and at work."""
        return [self._candidate(bay) for bay in self.dockings.docked() if is_at_work(bay)]

    def _candidate(self, bay: Bay) -> Candidate:
        now, known = iso(self.clock.now()), self.journal.enrolment(bay.serial)
        of = unit_class(self.ledger.classing.rules.classes, known.unit)
        return Candidate(
            serial=bay.serial,
            bay=bay.sighting.bay,
            safe=self.safe(bay),
            docked_ms=bay.docked_ms,
            battery=bay.battery,
            offset_ms=self._offset_ms(bay),
            models=frozenset(name for name in (known.model, bay.sighting.model) if name),
            unit=known.unit,
            restricted=bool(of and of.restricted),
            officer=self.ledger.officer_of(bay.serial, now),
            set_aside=self.set_aside(bay.serial),
        )

    def _offset_ms(self, bay: Bay) -> int | None:
        """Return how far off a camera's clock was when it was read last; None if it was not."""
        if bay.clock_left_ms is not None:
            return bay.clock_left_ms
        # Also if it was set since: what came of that was not seen.
        docked = replace(bay.docked(self.clock), clock=bay.clock)
        _, ahead_ns = compare_clocks(docked, FileTimes.LOCAL, self.zone)
        return None if ahead_ns is None else ahead_ns // 1_000_000
