"""Does another simulation of the same words come to the same times?"""

from __future__ import annotations

import pytest
from hypothesis import example, given

from bwvdock.core.planning import figures
from bwvdock.core.planning.copying import Copying
from bwvdock.core.planning.sending import proven
from bwvdock.core.planning.station import MICRO, Shift, Station, StoreKind
from tests.core.planning.stations import MB, stations, usual
from tests.core.planning.stepped import NO_HUB, STEP, World, copy, send


def world_of(station: Station) -> World:
    whole, rest = divmod(station.ports, station.hub_ports or station.ports)
    last = station.per_shift - (station.clips_per_camera - 1) * station.clip
    return World(
        arrivals=[at / MICRO for at in station.shifts[0].arrivals()],
        clips=[station.clip] * (station.clips_per_camera - 1) + [last],
        hubs=[station.hub_ports or station.ports] * whole + [rest] * bool(rest),
        port=station.port_rate,
        hub=station.hub_rate if station.hub_ports else NO_HUB,
        copied=min(station.disk_rate / 2, figures.ACQUIRE.value),
        attach=station.attach / MICRO,
        commit=station.commit / MICRO,
        uplink=[(hours.end, hours.rate) for hours in station.hours],
        upload=min(_upload(kind) for kind in station.stores),
        passes=[2 if kind.endswith("read-back") else 1 for kind in station.stores],
        parallel=station.parallel,
    )


def _upload(kind: StoreKind) -> int:
    return (figures.TUS if kind.startswith("tus") else figures.S3).value


def worst(one: list[float], other: list[float]) -> float:
    """Return by how much two lists differ beyond what steps explain, as a part of the whole time."""
    assert len(one) == len(other)
    steps = STEP * (4 + 2 * len(one))  # each thing that happens is seen up to a step late, one after another
    apart = max(abs(a - b) for a, b in zip(sorted(one), sorted(other), strict=True))
    return max(0.0, apart - steps) / max(other)


_SHORT_LAST = usual(
    shifts=(Shift(at=0, cameras=1, within=0),),
    per_shift=64 * 1024 * 1024,
    clip=32 * 1024 * 1024 + 1,
    port_rate=20 * MB,
    disk_rate=60 * MB,
)
"""Its last clip goes into the batch of the one before, as two of the usual length do not."""


@pytest.mark.slow
@given(station=stations())
@example(station=_SHORT_LAST)
def test_a_simulation_in_small_steps_agrees(station: Station) -> None:
    copying = Copying(station, days=1, most_lumps=MICRO)
    copying.run()
    world = world_of(station)
    safe, copied = copy(world)
    assert worst([visit.safe / MICRO for visit in copying.visits], safe) < 0.02
    assert worst([lump.at / MICRO for lump in copying.lumps], copied) < 0.02
    ready, sizes = [lump.at / MICRO for lump in copying.lumps], [lump.size for lump in copying.lumps]
    times = [at / MICRO for at in proven(station, copying.lumps)]
    assert worst(times, send(world, ready, sizes)) < 0.02
