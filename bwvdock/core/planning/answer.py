"""Does a plan work, and what would?

One day out of many alike is looked at: the second, once the night before it has left its work, with a third
behind it. Where a dock falls behind from day to day, no day is like the next: then it is the first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import accumulate

from bwvdock.core.planning import capacity
from bwvdock.core.planning.copying import Copying, Lump, Visit, unsafe
from bwvdock.core.planning.sending import proven
from bwvdock.core.planning.station import DAY, MICRO, Station

_MOST_LUMPS = 20_000  # in a day: where there are more clips, some are taken for one
_MOST_VISITS = 120_000  # of all days; beyond, only the first day is looked at
_TRIALS = 60_000  # visits of all runs that look for the number of ports
_POINTS = 480  # of a series: one in three minutes


class Lack(StrEnum):
    """What a plan lacks."""

    PORTS = "ports"
    COPYING = "copying"
    UPLINK = "uplink"
    DOCK = "dock"
    DISK = "disk"


@dataclass(frozen=True, kw_only=True, slots=True)
class Shortage:
    """One reason why a plan does not work.

    `needs` and `has` are cameras that wait and ports (PORTS), seconds (COPYING, UPLINK, DOCK), bytes (DISK);
    `would` is what would do: ports, docks for what is planned for one, bytes per second, bytes; None: nothing
    of that kind would.
    """

    lack: Lack
    needs: int
    has: int
    would: int | None

    @property
    def fails(self) -> bool:
        """Whether the plan does not work for it; cameras may wait for ports by intention."""
        return self.lack is not Lack.PORTS


@dataclass(frozen=True, kw_only=True, slots=True)
class ShiftAnswer:
    """The cameras of one shift: when the first, half, 95 in 100 and all are safe.

    In microseconds after it ended. `waited` counts those that waited for a port, `longest` is the longest
    such wait. `proven` is when all of the shift's clips are proven.
    """

    at: int
    cameras: int
    first: int
    half: int
    most: int
    last: int
    waited: int
    longest: int
    proven: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Series:
    """What changes in the course of the day: a value for each of `step` seconds."""

    step: int
    unsafe: tuple[int, ...]
    unproven_clips: tuple[int, ...]
    unproven_bytes: tuple[int, ...]
    disk: tuple[int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What follows from a plan. Bytes, bytes per second, seconds.

    `steady`: the day is like the days before and after it. `usual_wait` and `longest_wait` are microseconds
    from the arrival of a camera until it is safe: half of them wait no longer, and all. `proof` is how long
    the last clip to be proven took since it was on the disk. `outage` is how long the uplink may fail;
    `catching_up` how long the dock needs after the outage that was planned for, None if it never does.
    `store_...` are for all docks, and for each of the stores; `store_clips` are the clips that it holds.
    """

    shifts: tuple[ShiftAnswer, ...]
    steady: bool
    usual_wait: int
    longest_wait: int
    proof: int
    uplink_seconds: int
    disk_needed: int
    outage: int
    catching_up: int | None
    store_held: int
    store_clips: int
    store_mean: int
    store_peak: int
    shortages: tuple[Shortage, ...]
    series: Series

    @property
    def works(self) -> bool:
        """Whether nothing is lacking that makes it fail."""
        return not any(shortage.fails for shortage in self.shortages)


def answer(station: Station) -> Answer:
    """Return what follows from a plan."""
    steady = _keeps_up(station)
    whole = steady and 3 * station.cameras <= _MOST_VISITS
    days, day = (3, 1) if whole else (1, 0)
    copying = Copying(station, days=days, most_lumps=_MOST_LUMPS)
    copying.run()
    times = proven(station, copying.lumps)
    shifts = tuple(_shifts(station, copying.visits, copying.lumps, times, day))
    proof = max(t - lump.at for t, lump in zip(times, copying.lumps, strict=True) if lump.day == day)
    proof_seconds = -(-proof // MICRO)
    waits = sorted(visit.safe - visit.arrived for visit in copying.visits if visit.day == day)
    usual = proof_seconds if steady else 0  # else it grows from day to day, and so does what is on the disk
    return Answer(
        shifts=shifts,
        steady=steady,
        usual_wait=nearest_rank(waits, 50),
        longest_wait=waits[-1],
        proof=proof_seconds,
        uplink_seconds=capacity.uplink_seconds(station),
        disk_needed=capacity.disk_needed(station, usual),
        outage=capacity.outage_seconds(station, usual) if steady else 0,
        catching_up=capacity.catching_up_seconds(station),
        store_held=capacity.held(station),
        store_clips=capacity.held_clips(station),
        store_mean=min(-(-station.daily // DAY), _peak(station)) * station.docks,
        store_peak=_peak(station) * station.docks,
        shortages=tuple(_shortages(station, shifts, usual)),
        series=_series(station, copying, times, day),
    )


def _keeps_up(station: Station) -> bool:
    return (
        capacity.demand(station) <= capacity.supply(station)
        and capacity.thread_seconds(station) <= DAY
        and capacity.copying_seconds(station) <= DAY
    )


def _shifts(
    station: Station, visits: Sequence[Visit], lumps: Sequence[Lump], times: Sequence[int], day: int
) -> Iterator[ShiftAnswer]:
    for number, shift in enumerate(station.shifts):
        here = [visit for visit in visits if (visit.day, visit.shift) == (day, number)]
        begins = (day * DAY + shift.at) * MICRO
        safe = sorted(visit.safe - begins for visit in here)
        waits = [visit.docked - visit.arrived for visit in here if visit.docked > visit.arrived]
        yield ShiftAnswer(
            at=shift.at,
            cameras=len(here),
            first=safe[0],
            half=nearest_rank(safe, 50),
            most=nearest_rank(safe, 95),
            last=safe[-1],
            waited=len(waits),
            longest=max(waits, default=0),
            proven=max(t for t, lump in zip(times, lumps, strict=True) if _is_of(lump, day, number)) - begins,
        )


def _is_of(lump: Lump, day: int, shift: int) -> bool:
    return lump.day == day and lump.shift == shift


def nearest_rank(ordered: Sequence[int], percent: int) -> int:
    """Return the least of these values that so many in a hundred of them do not exceed."""
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


def _peak(station: Station) -> int:
    """Return the most that one dock sends to a store in a second."""
    if not station.remote:
        return station.acquire_rate
    most = station.parallel * len(station.remote) * station.upload_rate
    return min(most, max(part.rate for part in station.hours))


def _shortages(station: Station, shifts: Sequence[ShiftAnswer], proof: int) -> Iterator[Shortage]:
    if waited := sum(shift.waited for shift in shifts):
        would = smallest_ports(station, days=2 if _keeps_up(station) else 1)
        yield Shortage(lack=Lack.PORTS, needs=waited, has=station.ports, would=would)
    for number, shift in enumerate(shifts):
        gap = (shifts[(number + 1) % len(shifts)].at - shift.at - 1) % DAY + 1
        if shift.last > gap * MICRO:
            yield Shortage(
                lack=Lack.COPYING, needs=shift.last // MICRO, has=gap, would=-(-shift.last // (gap * MICRO))
            )
            break
    if capacity.demand(station) > capacity.supply(station):
        needs, has = capacity.uplink_seconds(station), capacity.allowed_seconds(station)
        yield Shortage(lack=Lack.UPLINK, needs=needs, has=has, would=capacity.smallest_uplink(station))
    if (needs := capacity.thread_seconds(station)) > DAY:
        yield Shortage(lack=Lack.DOCK, needs=needs, has=DAY, would=-(-needs // DAY))
    if (needs := capacity.disk_needed(station, proof)) > station.disk:
        yield Shortage(lack=Lack.DISK, needs=needs, has=station.disk, would=needs)


def smallest_ports(station: Station, *, days: int) -> int:
    """Return a number of ports with which no camera waits: the least, unless that takes too long to find.

    Without shared hubs, it is as many as are in use at once where every camera has a port.
    """
    if not station.hub_ports:
        visits = _visits(replace(station, ports=days * station.cameras), days)
        changes = sorted([(v.docked, 1) for v in visits] + [(v.safe, -1) for v in visits])
        return max(accumulate(change for _, change in changes))
    low, high = station.ports + 1, max(station.ports + 1, days * station.cameras)
    for _ in range(_TRIALS // (days * station.cameras)):
        if low >= high:
            break
        middle = (low + high) // 2
        if any(v.docked > v.arrived for v in _visits(replace(station, ports=middle), days)):
            low = middle + 1
        else:
            high = middle
    return high


def _visits(station: Station, days: int) -> list[Visit]:
    copying = Copying(station, days=days, most_lumps=0)
    copying.run()
    return copying.visits


def _series(station: Station, copying: Copying, times: Sequence[int], day: int) -> Series:
    clips = [(lump.at, lump.clips) for lump in copying.lumps]
    sizes = [(lump.at, lump.size) for lump in copying.lumps]
    clips += [(t, -lump.clips) for t, lump in zip(times, copying.lumps, strict=True)]
    sizes += [(t, -lump.size) for t, lump in zip(times, copying.lumps, strict=True)]
    unproven = _sampled(sizes, day)
    # What is older than the retention goes as what is new comes: every day is like the last.
    kept = station.daily * station.retention_days + capacity.kept_longer(station)
    return Series(
        step=DAY // _POINTS,
        unsafe=_sampled(list(unsafe(copying.visits)), day),
        unproven_clips=_sampled(clips, day),
        unproven_bytes=unproven,
        disk=tuple(max(kept, waiting) for waiting in unproven),
    )


def _sampled(changes: list[tuple[int, int]], day: int) -> tuple[int, ...]:
    """Return the sum of all changes until the end of each part of the day; the greatest within it."""
    step = DAY // _POINTS * MICRO
    changes.sort()
    level, at, found = 0, 0, []
    for number in range(_POINTS):
        end = day * DAY * MICRO + (number + 1) * step
        greatest = level
        while at < len(changes) and changes[at][0] < end:
            level += changes[at][1]
            greatest = max(greatest, level) if changes[at][0] >= end - step else level
            at += 1
        found.append(greatest)
    return tuple(found)
