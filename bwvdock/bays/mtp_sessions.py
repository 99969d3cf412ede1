"""When is a camera that serves its volumes itself (MTP) opened, asked again and kept awake?

Owned by the thread that owns the ledger; the camera itself is accessed in the bay's own thread.
"""

from __future__ import annotations

from bwvdock.bays import jobs
from bwvdock.bays.bay import Bay, Medium
from bwvdock.bays.messages import Opened
from bwvdock.bays.setting.clock import ClockRecords, ClockSettings
from bwvdock.bays.tools import BayTools
from bwvdock.core.facts import CameraClockRead, CameraIdentified
from bwvdock.core.media.self_reported.battery import BatterySource
from bwvdock.core.media.sightings import Transport
from bwvdock.core.ports import Clock
from bwvdock.errors import BwvdockError, NotPermittedError
from bwvdock.runtime.ledger import Ledger

_LOCKED_MS = 2_000  # between two checks of a camera that waits to be unlocked
_SOON_MS = 500  # until the second try to open a camera whose node udev has not given us; then twice as long
_LATER_MS = 60_000  # at most
_BATTERY_MS = 60_000  # between two questions for the battery: it charges in hours
_IDLE_MS = 5_000  # between two checks of an idle camera: some switch off without requests


class MtpSessions:
    """Reads a camera's identity once, and its volumes repeatedly."""

    def __init__(self, ledger: Ledger, clock: Clock, records: ClockRecords) -> None:
        """Record what cameras report."""
        self.clocks = ClockSettings(ledger, clock, records)
        self._ledger = ledger
        self._clock = clock
        self._refusals: dict[str, int] = {}  # by docking: milliseconds to the next attempt but one

    def begin(self, bay: Bay, tools: BayTools, *, paused: bool) -> None:
        """Have a camera opened, or asked again for its stores."""
        if bay.sighting.transport is not Transport.MTP or bay.opening or paused or not bay.readable:
            return
        if not bay.rests(self._clock):
            bay.opening = True
            self._ask(bay, tools)

    def keep_awake(self, bay: Bay, tools: BayTools, *, paused: bool) -> None:
        """Ask an idle camera for its stores from time to time: it stays awake, and a new card is noticed.

        Its clock is set once nothing more is to be read, if its profile says so.
        """
        if not paused and bay.identified and bay.readable:
            self.clocks.begin(bay, tools)
        idle = not bay.in_hand and self._clock.boottime_ms() >= bay.look_again_ms
        if bay.sighting.transport is Transport.MTP and bay.identified and bay.readable and idle:
            self._look_later(bay)
            self._ask(bay, tools)

    def _ask(self, bay: Bay, tools: BayTools) -> None:
        due = self._clock.boottime_ms() >= bay.battery_due_ms
        bay.worker.submit(jobs.OpenCamera(bay.sighting, bay.docking, tools, battery=due))

    def opened(self, bay: Bay, message: Opened) -> bool:
        """Record the camera's identity and volumes; return whether there is something to list."""
        if not bay.readable:  # it was refused meanwhile; once it is admitted again, it is asked again
            bay.opening = False
            return False
        self._look_later(bay)
        if message.error is not None and bay.media:
            # One that passes is not worth a word: it is asked again, and what prevents copying appears there.
            # Any other is shown until it answers again: meanwhile a new card would not be seen.
            bay.trouble = bay.trouble if message.error.retryable else message.error
            return False
        bay.trouble = message.error
        if message.error is not None:
            # Locked or busy: it is asked again; udev reports a camera that left.
            bay.opening = False
            bay.let_rest(self._clock, ms=self._rest_ms(bay, message.error))
            return False
        self._refusals.pop(bay.docking, None)
        if message.asked:
            bay.battery_due_ms = self._clock.boottime_ms() + _BATTERY_MS
            bay.take_battery(message.battery, BatterySource.CAMERA)
        if not bay.identified:
            bay.identified = True
            said = bay.battery_at_docking(message.battery, BatterySource.CAMERA)
            self._ledger.record([*message.facts, *said])
            bay.clock = next((f for f in message.facts if isinstance(f, CameraClockRead)), None)
            bay.version = next((f.version for f in message.facts if isinstance(f, CameraIdentified)), "")
            self.clocks.identified(bay)
        for arrival in message.arrivals:
            if arrival.device not in bay.media:
                bay.media[arrival.device] = Medium(arrival=arrival)
        return True

    def closed(self, bay: Bay, medium: Medium) -> None:
        """Forget a volume that is closed while its camera stays: only the camera itself opens it again."""
        if bay.sighting.transport is Transport.MTP:
            bay.media.pop(medium.arrival.device, None)
            bay.opening = False

    def _rest_ms(self, bay: Bay, error: BwvdockError) -> int | None:
        if not isinstance(error, NotPermittedError):
            return _LOCKED_MS if error.retryable else None
        pause = min(self._refusals.get(bay.docking, _SOON_MS), _LATER_MS)
        self._refusals[bay.docking] = 2 * pause
        return pause

    def _look_later(self, bay: Bay) -> None:
        bay.look_again_ms = self._clock.boottime_ms() + _IDLE_MS
