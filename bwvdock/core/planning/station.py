"""What is a station's equipment, and what arrives there each day?

Values only. Bytes, bytes per second, and seconds of the day; the command line checks them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from bwvdock.core.planning import figures

DAY = 86_400
MICRO = 1_000_000


class StoreKind(StrEnum):
    """What a required store is. `+read-back`: it must be read to be believed, so all bytes pass twice."""

    S3 = "s3"
    S3_READ_BACK = "s3+read-back"
    TUS = "tus"
    TUS_READ_BACK = "tus+read-back"
    DIRECTORY = "directory"

    @property
    def passes(self) -> int:
        """How often a clip's bytes pass the uplink; 0 for a directory, which is on a disk of the dock's."""
        return 0 if self is StoreKind.DIRECTORY else 2 if self.endswith("+read-back") else 1

    @property
    def most(self) -> int:
        """The most that one upload sends, in bytes per second."""
        return figures.TUS.value if self.startswith("tus") else figures.S3.value


@dataclass(frozen=True, kw_only=True, slots=True)
class Shift:
    """So many cameras arrive from `at` on, evenly within so many seconds. `at` is a second of the day."""

    at: int
    cameras: int
    within: int

    def arrivals(self) -> Iterator[int]:
        """Yield the microsecond of the day at which each camera arrives."""
        yield from (self.at * MICRO + n * self.within * MICRO // self.cameras for n in range(self.cameras))


@dataclass(frozen=True, kw_only=True, slots=True)
class Hours:
    """A part of the day, and what may pass the uplink in it, in bytes per second.

    `rate` is what does pass, 0 for nothing; `limit` what the dock would let pass on a faster line.
    """

    start: int
    end: int
    rate: int
    limit: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Station:
    """One dock, what is connected to it, and a day that is like every other.

    `per_shift` are the bytes on each camera that arrives, in clips of `clip` bytes (the last may be smaller).
    `hub_ports` is how many ports share a hub, 0 where none does; `disk_rate` what the disk writes, or reads.
    `hours` cover the day in order, without gaps. `evidence` is the percentage of footage that is kept for
    `evidence_days`; the rest is kept for `retention_days`. `docks` is how many such docks there are.
    """

    shifts: tuple[Shift, ...]
    per_shift: int
    clip: int
    ports: int
    port_rate: int
    hub_ports: int
    hub_rate: int
    disk: int
    disk_rate: int
    min_free: int
    hours: tuple[Hours, ...]
    stores: tuple[StoreKind, ...]
    parallel: int
    retention_days: int
    evidence: int
    evidence_days: int
    outage_days: int
    docks: int
    attach: int = figures.ATTACH.value
    commit: int = figures.COMMIT.value

    @property
    def clips_per_camera(self) -> int:
        """How many clips each camera has."""
        return -(-self.per_shift // self.clip)

    @property
    def cameras(self) -> int:
        """How many cameras arrive in a day; one that comes with each of three shifts counts three times."""
        return sum(shift.cameras for shift in self.shifts)

    @property
    def daily(self) -> int:
        """The bytes of a day."""
        return self.cameras * self.per_shift

    @property
    def acquire_rate(self) -> int:
        """The most that is copied, all cameras together: what the disk takes, or what the dock does."""
        return max(1, min(self.disk_rate // figures.DISK_PASSES.value, figures.ACQUIRE.value))

    @property
    def upload_rate(self) -> int:
        """The most that one upload to any of the stores behind the uplink sends."""
        return min((store.most for store in self.remote), default=0)

    @property
    def remote(self) -> tuple[StoreKind, ...]:
        """The stores behind the uplink."""
        return tuple(store for store in self.stores if store.passes)
