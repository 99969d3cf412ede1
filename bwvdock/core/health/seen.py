"""What was seen of a camera's health at one docking, and what follows from it?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

OTHER_BYTES = "on a second read the camera returned other bytes"
"""How the reason of a quarantine begins that is the camera's: entries have it, so it never changes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DockingSeen:
    """One docking of a camera that was read.

    `at` is when it began (ISO 8601, UTC), by the dock's clock. `unreadable` counts the files that could not
    be read, `quarantined` the clips of it that went to quarantine, `differing` those of them whose second
    read gave other bytes. `left_early`: the camera was gone before it was safe to remove; `broke`: and
    it was back within a minute. `rate` is how fast it was read, in bytes a second, None where too little was
    read to say; `others` has the rates of other cameras of the same model, one of each, about the same time.
    `clock_ms` is how far the camera's clock was ahead of the dock's, None where that is not known;
    `clock_set`: the dock set it then, or tried to, and `clock_left_ms` is how far ahead it was after that.
    `battery` is how full the camera said its battery was, in percent, None where it did not say, or where
    nobody knows that it had just come.
    """

    docking: str
    bay: str
    at: str
    unreadable: int = 0
    quarantined: int = 0
    differing: int = 0
    left_early: bool = False
    broke: bool = False
    rate: int | None = None
    others: tuple[int, ...] = ()
    clock_ms: int | None = None
    clock_set: bool = False
    clock_left_ms: int | None = None
    battery: int | None = None


class Verdict(StrEnum):
    """What a camera's health is, by what was seen; the worst comes first."""

    SET_ASIDE = "set aside"
    WATCH = "watch"
    NOT_ENOUGH_SEEN = "not enough seen"
    GOOD = "good"


class Cause(StrEnum):
    """Why a camera is to be watched or set aside."""

    UNREADABLE = "unreadable"
    OTHER_BYTES = "other-bytes"
    BREAKS = "breaks"
    SLOW = "slow"
    SLOWER = "slower"
    CLOCK_JUMPS = "clock-jumps"
    CLOCK_DRIFTS = "clock-drifts"
    BATTERY_LOW = "battery-low"
    BATTERY_FALLS = "battery-falls"


@dataclass(frozen=True, kw_only=True, slots=True)
class Reason:
    """One reason of a verdict: at `dockings` of the last `of` it was so; `text` says it to a person.

    `verdict` is what it leads to by itself.
    """

    cause: Cause
    verdict: Verdict
    dockings: int
    of: int
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class BatteryThen:
    """How full a camera said its battery was, in percent, at a docking that began at a time."""

    at: str
    percent: int


@dataclass(frozen=True, kw_only=True, slots=True)
class CameraHealth:
    """A camera's health, by its last dockings at this dock; those at other docks are not known here.

    `dockings` were looked at, the first of them began at `since`, the last at `last_docked_at`: both "" for
    none. The counts and rates are those of these dockings: `rate` is the middle one of the latest, in bytes a
    second, `rate_before` that of the ones before, `others_rate` that of other cameras of its model at the
    time of the latest. `clock_ms_per_day` is how much its clock gained a day between its last two readings,
    `clock_set` whether the dock set it after the last one, `clock_left_ms` what it then showed.
    `battery_at_docking` is the middle one of what it said of its battery at the latest dockings, in percent,
    `battery_at_docking_before` that at the ones before; `batteries` has each of them, the latest first.
    """

    serial: str
    model: str = ""
    verdict: Verdict = Verdict.NOT_ENOUGH_SEEN
    reasons: tuple[Reason, ...] = ()
    dockings: int = 0
    since: str = ""
    last_docked_at: str = ""
    rate: int | None = None
    rate_before: int | None = None
    others_rate: int | None = None
    unreadable: int = 0
    left_early: int = 0
    breaks: int = 0
    quarantined: int = 0
    clock_ms: int | None = None
    clock_set: bool = False
    clock_left_ms: int | None = None
    clock_ms_per_day: int | None = None
    battery_at_docking: int | None = None
    battery_at_docking_before: int | None = None
    batteries: tuple[BatteryThen, ...] = ()
