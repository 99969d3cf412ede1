"""Cameras that come and go at a dock, told to a journal: for tests of what is seen of their health."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from bwvdock.core.facts import (
    CameraAttached,
    CameraAuthorised,
    CameraBatteryRead,
    CameraClockRead,
    CameraDetached,
    CameraRefused,
    CameraSettled,
    ClipQuarantined,
    ClipSkipped,
    ClockSetEnded,
    ClockSetIntended,
    CopyIntended,
    Fact,
    UnlockEnded,
    UnlockIntended,
)
from bwvdock.core.health.seen import CameraHealth
from bwvdock.edges.journal import JournalReader
from tests.edges.journal import stories as tell

MB = 1_000_000
DAY_MS = 86_400_000


@dataclass(frozen=True, kw_only=True)
class Told:
    """How one docking went: of `clips` each has `size` bytes, read at `rate` bytes a second."""

    bay: str = "1-1"
    model: str = "X100"
    transport: str = "mass-storage"
    rate: int = 10 * MB
    clips: int = 4
    size: int = 50 * MB
    unreadable: int = 0
    quarantined: Sequence[str] = ()
    clock_ms: int | None = None
    set_to_ms: int | None = None  # the dock set its clock, and then it showed this
    set_unseen: bool = False  # and what it showed then was not read
    battery: int | None = None
    battery_ms: int = 0  # after docking
    early: bool = False
    refused: bool = False
    unlocked: bool = False
    reason: str = "removed"


class Docks:
    """A journal to which dockings are told. A context manager."""

    def __init__(self, path: Path) -> None:
        """Begin with an empty journal."""
        self.path = path
        self.clock = tell.SteadyClock(step=0, born=datetime(2026, 3, 1, tzinfo=UTC))
        self._journal = tell.journal_at(path, self.clock)
        self._dockings = self._clips = 0

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the journal."""
        self._journal.close()

    def dock(self, camera: str, **told: Any) -> str:  # noqa: ANN401 - the fields of Told
        """Tell one docking, from plug to pull; return its id."""
        went, self._dockings = Told(**told), self._dockings + 1
        docking = tell.docking_id(self._dockings)
        read = not went.refused and not went.unlocked
        self._journal.append(list(_begun(camera, docking, went)))
        if read:
            self.wait(went.battery_ms)
            self._journal.append([*_battery(docking, went)])
            self._journal.append([*_listed(docking, went)])
            self._copy(camera, docking, went)
        self.wait(5000)
        self._journal.append(list(_clock_set(docking, went)))
        self._journal.append(
            [CameraDetached(docking=docking, reason=went.reason, residual=0, complete=False)]
        )
        return docking

    def _copy(self, camera: str, docking: str, went: Told) -> None:
        numbers = range(self._clips, self._clips + went.clips + went.unreadable)
        self._clips = numbers.stop
        copied, left = numbers[: went.clips], numbers[went.clips :]
        found = [tell.found(tell.clip_id(n), docking, n, camera=camera, size=went.size) for n in numbers]
        self._journal.append(found)
        self._journal.append([CopyIntended(clip=one.clip, docking=docking) for one in found])
        for n in copied:
            self.wait(went.size * 1000 // went.rate)
            self._journal.append([tell.acquired(tell.clip_id(n), docking, n, size=went.size)])
        odd: list[Fact] = [
            ClipSkipped(docking=docking, clip=tell.clip_id(n), outcome="unreadable", reason="I/O error")
            for n in left
        ]
        for n, why in zip(copied, went.quarantined, strict=False):
            odd.append(ClipQuarantined(clip=tell.clip_id(n), reason=why))
        self._journal.append([*odd, *([] if went.early else [CameraSettled(docking=docking)])])

    def wait(self, ms: int) -> None:
        """Let time pass."""
        self.clock.ticks += ms

    def next_day(self) -> None:
        """Let it become the same time of the next day."""
        self.clock.ticks += DAY_MS - self.clock.ticks % DAY_MS

    def health(self, camera: str) -> CameraHealth:
        """Return what a reader says of a camera."""
        with JournalReader(self.path) as reader:
            [found] = reader.camera_health([camera])
        return found


def _begun(camera: str, docking: str, went: Told) -> list[Fact]:
    attached, admitted = tell.attached(docking, camera=camera, bay=went.bay)
    assert isinstance(attached, CameraAttached)
    attached = replace(attached, model=went.model, transport=went.transport)
    if went.refused:
        return [attached, CameraRefused(docking=docking, reason="not enrolled")]
    assert isinstance(admitted, CameraAuthorised)
    if went.unlocked:
        intended = UnlockIntended(docking=docking, profile="p", reason="r")
        return [attached, admitted, intended, UnlockEnded(docking=docking, profile="p")]
    return [attached, admitted]


def _battery(docking: str, went: Told) -> Iterator[Fact]:
    if went.battery is not None:
        yield CameraBatteryRead(docking=docking, source="camera", percent=went.battery)


def _clock_set(docking: str, went: Told) -> Iterator[Fact]:
    """As it is taken to keep the time of a zone, an hour ahead of UTC."""
    if went.set_to_ms is None and not went.set_unseen:
        return
    yield ClockSetIntended(
        docking=docking,
        profile="p",
        clock_times="local",
        zone="Etc/GMT-1",
        ahead_ms=(went.clock_ms or 0) - 3_600_000,
        uncertainty_ms=1000,
    )
    if went.set_to_ms is None:
        yield ClockSetEnded(docking=docking, intended_in=docking, failure="it did not answer")
    else:
        yield ClockSetEnded(
            docking=docking,
            intended_in=docking,
            raw="20260301T060000",
            understood=True,
            ahead_ms=went.set_to_ms - 3_600_000,
            uncertainty_ms=1000,
        )


def _listed(docking: str, went: Told) -> list[Fact]:
    listed: list[Fact] = [tell.listed(docking, new=went.clips + went.unreadable)]
    if went.clock_ms is None:
        return listed
    clock = CameraClockRead(
        docking=docking,
        source="mtp",
        raw="20260301T060000",
        understood=True,
        offset_ms=went.clock_ms,
        uncertainty_ms=1000,
        dock_synchronised=True,
    )
    return [*listed, clock]
