"""Stations for tests: a usual one, and any."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from bwvdock.core.planning.station import DAY, Hours, Shift, Station, StoreKind

MB, GB = 10**6, 10**9


def all_day(rate: int) -> tuple[Hours, ...]:
    """Return hours in which one rate holds."""
    return (Hours(start=0, end=DAY, rate=rate, limit=1 << 40),)


USUAL = Station(
    shifts=(Shift(at=7 * 3600, cameras=10, within=0),),
    per_shift=4 * GB,
    clip=500 * MB,
    ports=10,
    port_rate=40 * MB,
    hub_ports=0,
    hub_rate=40 * MB,
    disk=32_000 * GB,
    disk_rate=2000 * MB,
    min_free=5 * GB,
    hours=all_day(25 * MB),
    stores=(StoreKind.S3,),
    parallel=3,
    retention_days=31,
    evidence=0,
    evidence_days=31,
    outage_days=0,
    docks=1,
)


def usual(**other: Any) -> Station:  # noqa: ANN401 - any of its fields
    """Return the usual station with other values."""
    return replace(USUAL, **other)


@st.composite
def stations(draw: st.DrawFn) -> Station:
    """Draw a small station whose day is over in some minutes."""
    hours = all_day(draw(st.integers(10 * MB, 80 * MB)))
    if draw(st.booleans()):
        ends = draw(st.integers(10, 60))
        rate = draw(st.sampled_from([0, 3 * MB]))
        hours = (
            Hours(start=0, end=ends, rate=rate, limit=rate),
            replace(hours[0], start=ends),
        )
    clip = draw(st.integers(8 * MB, 80 * MB))
    return usual(
        shifts=(Shift(at=0, cameras=draw(st.integers(1, 7)), within=draw(st.integers(0, 20))),),
        clip=clip,
        per_shift=draw(st.integers(1, 4)) * clip - draw(st.integers(0, clip // 2)),
        ports=draw(st.integers(2, 8)),
        hub_ports=draw(st.integers(0, 4)),
        port_rate=draw(st.integers(20 * MB, 60 * MB)),
        hub_rate=draw(st.integers(20 * MB, 60 * MB)),
        disk_rate=draw(st.integers(60 * MB, 600 * MB)),
        hours=hours,
        stores=tuple(draw(st.lists(st.sampled_from(list(StoreKind)[:4]), min_size=1, max_size=2))),
        parallel=draw(st.integers(1, 4)),
    )
