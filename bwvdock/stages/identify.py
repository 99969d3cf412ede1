"""Identify: how does an opened camera identify itself, and what did its clock show before anything set it?

The serial by which a camera is admitted is read before: from USB (`edges/udev.py`), or from a file on its
card (`told_serial` in `stages/find/camera_files.py`).
"""

from __future__ import annotations

from datetime import timedelta

from bwvdock.core.facts import CameraClockRead, CameraIdentified
from bwvdock.core.media.clock_file import ClockTold
from bwvdock.core.media.sightings import ClockSeen, Introduction
from bwvdock.core.moments import moment_of_ns

_EPOCH_NS_PER_MS = 1_000_000
_SECOND_MS = 1000  # such clocks show whole seconds


def identify(introduction: Introduction, *, docking: str) -> CameraIdentified:
    """Return the fact of how the camera identified itself."""
    return CameraIdentified(
        docking=docking,
        manufacturer=introduction.manufacturer,
        model=introduction.model,
        version=introduction.version,
        serial=introduction.serial,
    )


def clock_told(told: ClockTold, *, docking: str, docked_ns: int, dock_synchronised: bool) -> CameraClockRead:
    """Return the fact of a clock that a file of the camera showed, written just before the dock saw it.

    Args:
        told: what the file showed.
        docking: the docking.
        docked_ns: when the camera was seen, in nanoseconds since 1970.
        dock_synchronised: whether the dock's own clock was synchronised then.
    """
    docked = moment_of_ns(docked_ns)
    seen = ClockSeen(
        source=told.source,
        raw=told.raw,
        shown_ns=told.shown_ns,
        before=docked - timedelta(seconds=told.within_s),
        after=docked,
        zoned=told.zoned,
    )
    return read_clock(seen, docking=docking, dock_synchronised=dock_synchronised)


def read_clock(clock: ClockSeen, *, docking: str, dock_synchronised: bool) -> CameraClockRead:
    """Return the fact of how far the camera's clock was ahead of the dock's.

    The reading happened at an unknown time between `before` and `after`; the middle is taken.
    """
    took = clock.after - clock.before
    middle_ms = int((clock.before + took / 2).timestamp() * 1000)
    shown_ms = None if clock.shown_ns is None else clock.shown_ns // _EPOCH_NS_PER_MS
    return CameraClockRead(
        docking=docking,
        source=clock.source,
        raw=clock.raw,
        understood=shown_ms is not None,
        offset_ms=0 if shown_ms is None else shown_ms - middle_ms,
        uncertainty_ms=took // timedelta(milliseconds=1) // 2 + _SECOND_MS,
        dock_synchronised=dock_synchronised,
        zoned=clock.zoned,
    )
