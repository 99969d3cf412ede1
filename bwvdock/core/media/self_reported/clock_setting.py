"""May a camera's clock be set, by how much is it off, and what is it given?

A clock that the dock sets is a witness that the dock changes. So this is decided only of a clock that was
read in this docking, against a dock's clock that is synchronised; and what was found before a clock was set
is never corrected by what the clock shows afterwards (docs/adr/0048).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from enum import StrEnum

from bwvdock.core.clips.dates.date_evidence import Docked, compare_clocks
from bwvdock.core.clips.dates.file_times import FileTimes
from bwvdock.core.facts import CameraClockRead

_MS = 10**6
_LEAST_MS = 2_000  # beyond what the reading is uncertain by; less is no reason to touch a camera
_SHOWN = re.compile(r"\d{8}T\d{6}(?:\.\d+)?(?:(Z)|([+-])(\d{2}):?(\d{2}))?", re.ASCII)


class SetClock(StrEnum):
    """When a profile has the clock of its cameras set."""

    NEVER = "never"
    AFTER_COPY = "after-copy"  # once nothing more is to be read from the camera


@dataclass(frozen=True, kw_only=True, slots=True)
class Off:
    """How far a clock is ahead of the dock's, in milliseconds, as the `times` that it is taken to keep."""

    times: FileTimes
    ahead_ms: int
    uncertainty_ms: int

    @property
    def is_worth_it(self) -> bool:
        """Whether the clock is farther off than the reading is uncertain by."""
        return abs(self.ahead_ms) > self.uncertainty_ms + _LEAST_MS


def off(docked: Docked, *, times: FileTimes, zone: tzinfo) -> Off | None:
    """Return how far off the clock is that was read at a docking; None where nothing can be said of that.

    Args:
        docked: the docking.
        times: what times of such cameras are, by their profile or because they are MTP cameras.
        zone: the dock's, for local times.
    """
    clock = docked.clock
    times, ahead_ns = compare_clocks(docked, times, zone)
    if clock is None or ahead_ns is None or not docked.trusted:
        return None
    kept = FileTimes.ZONED if clock.zoned else times
    if kept is FileTimes.ZONED and not clock.zoned:
        return None  # its files have a zone and its clock has none: nobody knows which one it keeps
    return Off(times=kept, ahead_ms=ahead_ns // _MS, uncertainty_ms=clock.uncertainty_ms)


def written(now: datetime, *, shown: str, times: FileTimes, zone: tzinfo) -> str:
    """Return a time as a camera's clock is given it: in the form in which the clock showed its own.

    Source: USB-IF Media Transfer Protocol 1.1, 3.2.5 (DateTime), to the nearest second.

    Args:
        now: the time.
        shown: what the clock showed.
        times: what it is taken to keep.
        zone: the dock's, for local times.
    """
    moment = (now + timedelta(milliseconds=500)).astimezone(zone if times is FileTimes.LOCAL else UTC)
    match = _SHOWN.fullmatch(shown.strip())
    suffix = ""
    if match and match[1]:
        moment, suffix = moment.astimezone(UTC), "Z"
    elif match and match[2]:
        apart = timedelta(hours=int(match[3]), minutes=int(match[4]))
        moment = moment.astimezone(timezone(apart if match[2] == "+" else -apart))
        suffix = f"{match[2]}{match[3]}{match[4]}"
    return f"{moment:%Y%m%dT%H%M%S}{suffix}"


def clock_for(
    clock: CameraClockRead | None, *, found_in: str, docking: str, set_in: Collection[str]
) -> CameraClockRead | None:
    """Return the reading by which a clip's time may be corrected; None for none.

    Footage bears the time of the clock as it was when it was recorded. Once a clock was set, or this was
    intended, only footage that was found in a later docking, for the first time, was recorded by the clock
    that is read there.

    Args:
        clock: what was read in this docking.
        found_in: the docking that found the clip, or acquired it earlier.
        docking: this docking.
        set_in: the dockings in which the camera's clock was to be set.
    """
    if not set_in or (found_in == docking and docking not in set_in):
        return clock
    return None
