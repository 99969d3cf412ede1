"""How do the values of an entry read to a person: texts, people, and what a camera's clock showed?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from bwvdock.cli.moments import offset_ms
from bwvdock.core.facts.visibility.actors import badge_of

Data = Mapping[str, Any]
_ERASED, _WITHHELD = "(erased)", "(withheld)"


def text(data: Data, key: str) -> str:
    """Return a value, or that it was erased from the journal."""
    value = data.get(key)
    return _ERASED if value is None else str(value)


def person(data: Data, key: str) -> str:
    """Return who did something or why, or that this is not shown without a reason, or was erased."""
    if key not in data:
        return _WITHHELD
    said = text(data, key)
    officer = badge_of(said) if key == "actor" else ""
    return f"somebody with the badge of officer {officer}, at the dock" if officer else said


_STEPS = ((2 * 86_400_000, 86_400_000, "d"), (2 * 3_600_000, 3_600_000, "h"), (120_000, 60_000, "min"))


def camera_clock(data: Data, read_at: str = "") -> str:
    """Return what a camera's clock showed when it was docked, and how far it was off.

    Args:
        data: of the entry that records it.
        read_at: when the entry was written; a clock that is nearer to the dock's local time than to UTC
            shows local time.
    """
    off = _how_far_off(data, read_at)
    showed = f"the camera's clock showed {text(data, 'raw')}, {off} ({text(data, 'source')})"
    return showed if data["dock_synchronised"] else f"{showed}; the dock's clock was not synchronised"


def clock_to_be_set(data: Data) -> str:
    """Return by how much a clock is off that is about to be set."""
    zone = f" as local time ({text(data, 'zone')})" if data["zone"] else ""
    off = f"{_apart(data['ahead_ms'])}{zone}{within(data['uncertainty_ms'])}"
    return (
        f"the camera's clock, {off}, is about to be set, as its profile {text(data, 'profile')} says; all "
        "that was seen on the camera was copied before"
    )


def clock_set(data: Data) -> str:
    """Return what came of setting a clock, and what it showed afterwards."""
    earlier = "" if data["intended_in"] == data["docking"] else f" in docking {text(data, 'intended_in')}"
    failure = text(data, "failure") if data["failure"] else ""
    said = "the camera accepted the time that the dock gave it"
    if failure:
        said = f"the dock intended to set the camera's clock{earlier}: {failure}"
    if not data["raw"]:
        return said if failure else f"{said}; what its clock then showed was not read"
    off = "which was not understood"
    if data["understood"]:
        off = _apart(data["ahead_ms"]) + within(data["uncertainty_ms"])
    return f"{said}; its clock then showed {text(data, 'raw')}, {off}"


def _apart(ahead_ms: int) -> str:
    return f"{timedelta(seconds=abs(ahead_ms) // 1000)} {'ahead' if ahead_ms >= 0 else 'behind'}"


def _how_far_off(data: Data, read_at: str) -> str:
    if not data["understood"]:
        return "which was not understood, so no correction was made"
    as_utc = data["offset_ms"]
    as_local = as_utc if data.get("zoned") or not read_at else as_utc - offset_ms(read_at)
    off, kept = (as_local, " of local time") if abs(as_local) < abs(as_utc) else (as_utc, "")
    ahead_s = timedelta(seconds=abs(off) // 1000)
    return f"{ahead_s} {'ahead' if off >= 0 else 'behind'}{kept}{within(data['uncertainty_ms'])}"


def within(ms: int) -> str:
    """Return the accuracy of a time in milliseconds, rounded up; a negative one is not known."""
    if ms < 0:
        return " (accuracy unknown)"
    unit, name = next(((unit, name) for least, unit, name in _STEPS if ms >= least), (1000, "s"))
    return f" ±{-(-ms // unit)} {name}"
