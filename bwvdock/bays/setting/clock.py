"""When is a camera's clock set, and what is recorded of it?

Once in a docking, only where the profile says so, after everything that was on the camera was copied. The
intention is an entry before anything is sent; what the clock shows afterwards is another. Owned by the thread
that owns the ledger; the camera itself is accessed in the bay's own thread (docs/adr/0048).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

from bwvdock.bays.bay import Bay
from bwvdock.bays.setting.jobs import NOT_KNOWN, AskClock, SetClockJob
from bwvdock.bays.setting.messages import ClockAsked, ClockMessage, ClockWritten
from bwvdock.bays.tools import BayTools
from bwvdock.core.clips.dates.file_times import FileTimes
from bwvdock.core.clips.lifecycle import DockingState
from bwvdock.core.custody.records import ClockSetting
from bwvdock.core.facts import ClockSetEnded, ClockSetIntended
from bwvdock.core.media.profile import Profile
from bwvdock.core.media.self_reported.clock_setting import Off, SetClock, off, written
from bwvdock.core.media.sightings import Transport
from bwvdock.core.moments import nanoseconds
from bwvdock.core.ports import Clock
from bwvdock.runtime.ledger import Ledger
from bwvdock.stages.identify import read_clock

_UNSEEN = f"the dock did not see how that ended; {NOT_KNOWN}"


class ClockRecords(Protocol):
    """What the journal knows of clocks that were set."""

    def last_clock_setting(self, serial: str) -> ClockSetting | None:
        """Return the last docking in which a camera's clock was to be set; None if it never was."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class _Asked:
    """A clock that may be set, once the camera says so."""

    profile: str
    off: Off
    tools: BayTools


class ClockSettings:
    """Sets clocks."""

    def __init__(self, ledger: Ledger, clock: Clock, records: ClockRecords) -> None:
        """Start with no attempts."""
        self._ledger = ledger
        self._clock = clock
        self._records = records
        self._asked: dict[str, _Asked] = {}  # by docking, while the camera is asked or set

    def identified(self, bay: Bay) -> None:
        """Note when the camera's clock was set before; record that nobody saw how an attempt ended."""
        before = self._records.last_clock_setting(bay.serial)
        if before is None:
            return
        bay.set_in.add(before.docking)
        if not before.ended:
            unseen = ClockSetEnded(docking=bay.docking, intended_in=before.docking, failure=_UNSEEN)
            self._ledger.record([unseen])

    def begin(self, bay: Bay, tools: BayTools) -> None:
        """Have a camera asked whether its clock may be set, if that is to be done and was not tried."""
        if bay.clock_tried or bay.sighting.transport is not Transport.MTP or not _is_over(bay):
            return
        profile = _profile(bay, tools)
        if profile is None or profile.set_clock is not SetClock.AFTER_COPY or not self._clock.synchronised():
            return
        times = profile.times or FileTimes.LOCAL
        found = off(bay.docked(self._clock), times=times, zone=tools.zone)
        bay.clock_tried = True
        if found is None or not found.is_worth_it:
            return
        self._asked[bay.docking] = _Asked(profile=profile.name, off=found, tools=tools)
        bay.worker.submit(AskClock(bay.sighting, bay.docking, tools))

    def heard(self, bay: Bay | None, message: ClockMessage) -> None:
        """Take in what a camera said."""
        asked = self._asked.pop(message.docking, None)
        if asked is None or bay is None or bay.docking != message.docking:
            return
        if isinstance(message, ClockWritten):
            self._ended(bay, message, asked)
        elif message.error is not None and not message.error.retryable:
            bay.trouble = message.error  # until it answers the next question: it is asked every few seconds
        elif message.allowed:
            self._set(bay, message, asked)

    def _set(self, bay: Bay, message: ClockAsked, asked: _Asked) -> None:
        if not _is_over(bay) or bay.clock is None or not self._clock.synchronised():
            bay.clock_tried = False  # footage came meanwhile: this waits until it is copied
            return
        zone = asked.tools.zone
        self._ledger.record(
            [
                ClockSetIntended(
                    docking=bay.docking,
                    profile=asked.profile,
                    clock_times=asked.off.times,
                    zone=str(zone) if asked.off.times is FileTimes.LOCAL else "",
                    ahead_ms=asked.off.ahead_ms,
                    uncertainty_ms=asked.off.uncertainty_ms,
                )
            ]
        )
        bay.set_in.add(bay.docking)
        self._asked[message.docking] = asked
        as_shown = partial(written, shown=bay.clock.raw, times=asked.off.times, zone=zone)
        bay.worker.submit(SetClockJob(bay.sighting, bay.docking, as_shown, asked.tools))

    def _ended(self, bay: Bay, message: ClockWritten, asked: _Asked) -> None:
        ended = ClockSetEnded(docking=bay.docking, intended_in=bay.docking, failure=message.failure)
        if message.seen is not None:
            synchronised = self._clock.synchronised()
            read = read_clock(message.seen, docking=bay.docking, dock_synchronised=synchronised)
            # By the zone's offset of now: summer time may have begun since it was docked.
            now = replace(bay.docked(self._clock), at_ns=nanoseconds(self._clock.now()), clock=read)
            found = off(now, times=asked.off.times, zone=asked.tools.zone)
            ended = ClockSetEnded(
                docking=bay.docking,
                intended_in=bay.docking,
                raw=read.raw,
                understood=found is not None,
                ahead_ms=found.ahead_ms if found else 0,
                uncertainty_ms=found.uncertainty_ms if found else 0,
                failure=message.failure,
            )
            bay.clock_left_ms = found.ahead_ms if found else None
        self._ledger.record([ended])


def _is_over(bay: Bay) -> bool:
    """Return whether everything that was seen on a camera is copied, and nothing else is done with it."""
    seen = bay.observed
    if bay.state is not DockingState.SETTLED or bay.leaving or bay.in_hand or bay.release.in_hand:
        return False
    return seen.listed and not (seen.wanted or seen.settling or seen.left or seen.unknown)


def _profile(bay: Bay, tools: BayTools) -> Profile | None:
    """Return the one profile of all media of a camera; None if they have different ones."""
    names = {medium.profile for medium in bay.media.values()}
    found = [profile for profile in tools.profiles if names == {profile.name}]
    return found[0] if found else None
