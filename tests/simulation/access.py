"""How does a simulated dock reach the cameras that are in its bays?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bwvdock.bays.access import VolumesOnly
from bwvdock.core.media.sightings import ClockSeen, Introduction, Sighting, VolumeArrived
from bwvdock.core.ports import CameraVolume, Clock
from bwvdock.edges.cameras.mtp.camera import MtpCamera
from bwvdock.errors import CameraGoneError
from tests.simulation.cameras import Camera


class SimulatedAccess(VolumesOnly):
    """Access of one dock, while it runs."""

    def __init__(self, cameras: Mapping[str, Camera], clock: Clock) -> None:
        super().__init__(self._open)
        self._cameras = cameras
        self._clock = clock
        self._sessions: dict[str, MtpCamera] = {}

    def _docked(self, sighting: Sighting) -> Camera:
        camera = self._cameras[sighting.serial]
        if not camera.volume.plugged or camera.bay != sighting.bay:
            raise CameraGoneError(f"{sighting.bay} is empty.", remedy="Dock it again.")
        return camera

    def _open(self, sighting: Sighting, _: VolumeArrived) -> CameraVolume:
        camera = self._docked(sighting)
        camera.opened.append(replace(camera.volume, closed=False))
        return camera.opened[-1]

    def open_camera(self, sighting: Sighting) -> tuple[Introduction, Sequence[CameraVolume]]:
        """Open an MTP camera, or ask it for its stores again."""
        camera = self._docked(sighting)
        assert camera.cable is not None
        camera.volume.supply("camera session")
        opened = self._sessions.get(sighting.key)
        if opened is None:
            opened = self._sessions[sighting.key] = camera.cable.open(self._clock.now)
        return camera.cable.volumes(opened)

    def battery(self, sighting: Sighting) -> int | None:
        """Ask an open one for its battery."""
        camera = self._docked(sighting)
        camera.volume.supply("camera session")
        return self._sessions[sighting.key].battery()

    def says(self, sighting: Sighting, code: int) -> str:
        """Ask an open one for a property."""
        self._docked(sighting)
        return self._sessions[sighting.key].says(code)

    def camera_clock(self, sighting: Sighting) -> ClockSeen | None:
        """Return nothing: the clock is read when the camera is opened."""
        self._docked(sighting)
        return None

    def may_set_clock(self, sighting: Sighting) -> bool:
        """Return that it may not."""
        self._docked(sighting)
        return False

    def close_camera(self, sighting: Sighting) -> None:
        """Close it, if it is open."""
        opened = self._sessions.pop(sighting.key, None)
        if opened is not None:
            opened.close()
