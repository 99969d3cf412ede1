"""How does a bay reach its camera?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from bwvdock.core.media.sightings import ClockSeen, Introduction, Sighting, VolumeArrived
from bwvdock.core.media.unlock import UnlockRule
from bwvdock.core.ports import CameraVolume

OpenVolume = Callable[[Sighting, VolumeArrived], CameraVolume]

Written = Callable[[datetime], str]
"""A function that returns a time as a camera's clock is to be given it."""


class CameraAccess(Protocol):
    """Access to cameras; each method is called in its bay's own thread. Errors as in core/ports/."""

    def open_volume(self, sighting: Sighting, arrival: VolumeArrived) -> CameraVolume:
        """Open a medium that was announced.

        Raises:
            CameraError: it is gone, refused or unreadable.
            MounterUnavailableError: the mounter does not answer.
        """
        ...

    def open_camera(self, sighting: Sighting) -> tuple[Introduction, Sequence[CameraVolume]]:
        """Open a camera that serves its volumes itself (MTP), or ask it for them again.

        Raises:
            LockedError: it shows none yet; it stays open and may be asked again.
            CameraError: it is gone, refused or unreadable.
        """
        ...

    def battery(self, sighting: Sighting) -> int | None:
        """Return how full such a camera says its battery is, in percent; None where it does not say.

        Raises:
            CameraGoneError: it is gone, or was never opened.
        """
        ...

    def says(self, sighting: Sighting, code: int) -> str:
        """Return what such a camera says of an MTP property, escaped; "" for nothing. Raises as `battery`."""
        ...

    def camera_clock(self, sighting: Sighting) -> ClockSeen | None:
        """Return what the clock of such a camera shows now; None if it shows none. Raises as `battery`."""
        ...

    def may_set_clock(self, sighting: Sighting) -> bool:
        """Return whether such a camera says that its clock may be set. Raises as `battery`."""
        ...

    def set_clock(self, sighting: Sighting, written: Written) -> None:
        """Set the clock of such a camera, once.

        Raises:
            UnreadableError, NotReadyError: it refuses, or does not say that it is done.
            CameraGoneError: it is gone; whether its clock was set is not known.
        """
        ...

    def close_camera(self, sighting: Sighting) -> None:
        """Close such a camera; closing twice, or one that was never opened, is allowed."""
        ...

    def ready_to_unlock(self, rule: UnlockRule) -> None:
        """Check that the secret is available. The camera is not touched.

        Raises:
            SecretMissingError: it is not.
        """
        ...

    def unlock(self, sighting: Sighting, rule: UnlockRule) -> None:
        """Send a camera the steps that make it show its disk; at most once for each docking.

        Raises:
            CameraError: it is gone, may not be opened, or rejected a step.
        """
        ...


class VolumesOnly:
    """Access to media alone: for docks at which no MTP camera is ever docked."""

    def __init__(self, open_volume: OpenVolume) -> None:
        """Open media with this function."""
        self._open_volume = open_volume

    def open_volume(self, sighting: Sighting, arrival: VolumeArrived) -> CameraVolume:
        """Open it with that function."""
        return self._open_volume(sighting, arrival)

    def open_camera(self, sighting: Sighting) -> tuple[Introduction, Sequence[CameraVolume]]:
        """Raise: this is never to be called."""
        raise RuntimeError(f"no camera of transport {sighting.transport} was ever to be docked here")

    def battery(self, sighting: Sighting) -> int | None:
        """Raise: this is never to be called."""
        raise RuntimeError(f"no camera of transport {sighting.transport} was ever to be docked here")

    def says(self, sighting: Sighting, code: int) -> str:
        """Raise: this is never to be called."""
        raise RuntimeError(f"no camera of transport {sighting.transport} was ever to be docked here: {code}")

    def camera_clock(self, sighting: Sighting) -> ClockSeen | None:
        """Raise: this is never to be called."""
        raise RuntimeError(f"no camera of transport {sighting.transport} was ever to be docked here")

    def may_set_clock(self, sighting: Sighting) -> bool:
        """Raise: this is never to be called."""
        raise RuntimeError(f"no camera of transport {sighting.transport} was ever to be docked here")

    def set_clock(self, sighting: Sighting, written: Written) -> None:
        """Raise: this is never to be called."""
        raise RuntimeError(f"no clock was ever to be set here: {sighting.key}, {written}")

    def close_camera(self, sighting: Sighting) -> None:
        """Do nothing: none is ever open."""

    def ready_to_unlock(self, rule: UnlockRule) -> None:
        """Raise: this is never to be called."""
        raise RuntimeError(f"no camera was ever to be unlocked here: {rule.credential}")

    def unlock(self, sighting: Sighting, rule: UnlockRule) -> None:
        """Raise: this is never to be called."""
        raise RuntimeError(f"no camera was ever to be unlocked here: {sighting.key}, {rule.credential}")
