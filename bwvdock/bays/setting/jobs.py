"""Which jobs has a bay's worker to set a camera's clock?"""

from __future__ import annotations

from dataclasses import dataclass

from bwvdock.bays.access import Written
from bwvdock.bays.setting.messages import ClockAsked, ClockWritten
from bwvdock.bays.tools import BayTools
from bwvdock.core.media.sightings import Sighting
from bwvdock.errors import BwvdockError, CameraGoneError, NotReadyError, UnreadableError
from bwvdock.runtime.jobs import Post

NOT_KNOWN = "whether its clock was set is not known"


@dataclass(frozen=True, slots=True)
class AskClock:
    """Ask a camera whether its clock may be set."""

    sighting: Sighting
    docking: str
    tools: BayTools

    def work(self, _: Post) -> ClockAsked:
        """Return what the camera says."""
        allowed = self.tools.access.may_set_clock(self.sighting)
        return ClockAsked(key=self.sighting.key, docking=self.docking, allowed=allowed)

    def failed(self, error: BwvdockError) -> ClockAsked:
        """Report why the camera does not say that it may be set."""
        return ClockAsked(key=self.sighting.key, docking=self.docking, error=error)


@dataclass(frozen=True, slots=True)
class SetClockJob:
    """Set a camera's clock once, and read it."""

    sighting: Sighting
    docking: str
    written: Written
    tools: BayTools

    def work(self, _: Post) -> ClockWritten:
        """Return what the clock shows afterwards."""
        access, failure = self.tools.access, ""
        try:
            access.set_clock(self.sighting, self.written)
        except CameraGoneError:
            raise
        except (UnreadableError, NotReadyError) as error:
            failure = error.message
        seen = access.camera_clock(self.sighting)
        return ClockWritten(key=self.sighting.key, docking=self.docking, seen=seen, failure=failure)

    def failed(self, error: BwvdockError) -> ClockWritten:
        """Report what stopped it."""
        why = f"{error.message} ({NOT_KNOWN})"
        return ClockWritten(key=self.sighting.key, docking=self.docking, failure=why)
