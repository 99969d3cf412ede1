"""What do a day's bytes need: of the uplink, the dock, the disk, the stores?

Closed forms: what holds on average, whatever the order of events. Bytes, bytes per second and seconds.
"""

from __future__ import annotations

from collections.abc import Callable

from bwvdock.core.planning import figures
from bwvdock.core.planning.station import DAY, MICRO, Hours, Station

MOST_RATE = 1 << 50
"""More than any line: bytes per second."""


def demand(station: Station) -> int:
    """Return the bytes that pass the uplink for a day's footage."""
    return station.daily * sum(store.passes for store in station.remote)


def supply(station: Station, uplink: int | None = None) -> int:
    """Return the bytes that may pass in a day; with another uplink, at that rate where any is allowed.

    Where the configuration limits some hours, `hours` have that limit: with another uplink it stays.
    """
    most = station.parallel * len(station.remote) * station.upload_rate
    return sum((part.end - part.start) * min(most, _with(part, uplink)) for part in station.hours)


def _with(part: Hours, uplink: int | None) -> int:
    return part.rate if uplink is None else min(part.limit, uplink)


def thread_seconds(station: Station) -> int:
    """Return the seconds of the dock's thread that a day's clips take at their stores."""
    clips = station.cameras * station.clips_per_camera
    return clips * len(station.stores) * figures.SEND_CLIP.value // MICRO


def allowed_seconds(station: Station) -> int:
    """Return for how many seconds of a day anything may pass the uplink."""
    return sum(part.end - part.start for part in station.hours if part.rate)


def uplink_seconds(station: Station) -> int:
    """Return for how many seconds of allowed time a day's footage is on the uplink, rounded up."""
    needed, passes = demand(station), supply(station)
    return -(-needed * allowed_seconds(station) // passes) if needed else 0


def smallest_uplink(station: Station) -> int | None:
    """Return the least uplink with which a day's footage passes in a day; None: limits or dock forbid it."""
    needed = demand(station)
    return least(lambda rate: supply(station, rate) >= needed, MOST_RATE)


def least(does: Callable[[int], bool], most: int) -> int | None:
    """Return the least number from 1 to `most` that does, None if `most` does not.

    What one number does, every greater one does too.
    """
    if not does(most):
        return None
    low, high = 1, most
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if does(middle) else (middle + 1, high)
    return low


def copying_seconds(station: Station) -> int:
    """Return how long disk and dock need at the least to copy a day's footage."""
    clips = station.cameras * station.clips_per_camera
    work = station.daily + clips * figures.ACQUIRE_CLIP.value
    return -(-work // station.acquire_rate)


def kept_longer(station: Station) -> int:
    """Return the bytes of evidence that are kept although the retention of the rest is over."""
    days = max(0, station.evidence_days - station.retention_days)
    return station.daily * station.evidence * days // 100


def disk_needed(station: Station, proof_seconds: int) -> int:
    """Return the bytes that the dock's disk must have.

    A copy stays until its retention is over and it is proven. While the uplink fails nothing is proven: what
    is not by then stays, from before it failed until it works again.

    Args:
        station: what is planned.
        proof_seconds: how long the last clip takes until it is proven, while the uplink works.
    """
    return _kept(station, proof_seconds) + _beside(station)


def _kept(station: Station, proof_seconds: int) -> int:
    unproven = station.outage_days * DAY + proof_seconds
    return station.daily * max(station.retention_days * DAY, unproven) // DAY


def _beside(station: Station) -> int:
    """Return what is on the disk beside copies in retention: evidence, copies being made, what stays free."""
    copied = station.ports * min(station.clip, station.per_shift)
    return kept_longer(station) + copied + station.min_free


def outage_seconds(station: Station, proof_seconds: int) -> int:
    """Return how long the uplink may fail before the spool takes no more, 0 if it is too small as it is."""
    room = station.disk - _beside(station)
    if room < station.daily * station.retention_days:
        return 0
    return max(0, room * DAY // station.daily - proof_seconds)


def catching_up_seconds(station: Station) -> int | None:
    """Return how long after an outage of `outage_days` more waits than usual; None: for ever."""
    spare = supply(station) - demand(station)
    missed = demand(station) * station.outage_days
    if not missed:
        return 0
    return -(-missed * DAY // spare) if spare > 0 else None


def held_clips(station: Station) -> int:
    """Return how many clips each store must hold for all docks."""
    longer = max(0, station.evidence_days - station.retention_days) * station.evidence
    days = station.retention_days * 100 + longer
    return station.cameras * station.clips_per_camera * station.docks * days // 100


def held(station: Station) -> int:
    """Return the bytes that each store must hold for all docks."""
    return (station.daily * station.retention_days + kept_longer(station)) * station.docks
