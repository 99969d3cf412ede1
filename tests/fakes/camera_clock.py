"""The clock of a virtual camera: wrong by some time, and perhaps allowed to be set."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo

from bwvdock.core.media.sightings import ClockSeen
from bwvdock.core.moments import nanoseconds

FORM = "%Y%m%dT%H%M%S"


@dataclass(kw_only=True, slots=True)
class FakeCameraClock:
    """A clock that is `ahead` of the true time in its `zone`, without saying so.

    `ignores`: it accepts a time and keeps its own. `fails` is raised when it is set; `sets_first`: it was
    set all the same. It ends up `wrong_by` more than it was told. `given` is what it was set to.
    """

    ahead: timedelta
    zone: tzinfo = UTC
    settable: bool = True
    ignores: bool = False
    fails: BaseException | None = None
    sets_first: bool = False
    wrong_by: timedelta = timedelta()
    given: list[str] = field(default_factory=list)

    def shows(self, now: datetime) -> datetime:
        """Return what it shows, as if that were UTC."""
        return (now + self.ahead).astimezone(self.zone).replace(tzinfo=UTC)

    def seen(self, now: datetime) -> ClockSeen:
        """Return what a dock reads."""
        shown = self.shows(now).replace(microsecond=0)
        return ClockSeen(
            source="fake", raw=f"{shown:{FORM}}", shown_ns=nanoseconds(shown), before=now, after=now
        )

    def set(self, given: str, now: datetime) -> None:
        """Take a time."""
        self.given.append(given)
        if (self.fails is None or self.sets_first) and not self.ignores:
            told = datetime.strptime(given, FORM).replace(tzinfo=self.zone)
            self.ahead = told + self.wrong_by - now
        if self.fails is not None:
            raise self.fails
