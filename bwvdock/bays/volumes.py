"""Which volumes of the docked cameras are open?

Each is opened, used and closed by its bay's own thread alone; the thread that owns the journal names one by
the keys of its bay and its device. So no message carries a volume.
"""

from __future__ import annotations

from collections.abc import Sequence

from bwvdock.bays.access import CameraAccess
from bwvdock.core.media.sightings import Sighting, VolumeArrived
from bwvdock.core.ports import CameraVolume
from bwvdock.errors import CameraGoneError


class OpenVolumes:
    """The open volumes of every bay. One bay's entries belong to that bay's thread."""

    def __init__(self, access: CameraAccess) -> None:
        """Start with no open volume."""
        self._access = access
        self._open: dict[tuple[str, str], CameraVolume] = {}

    def open(self, sighting: Sighting, arrival: VolumeArrived) -> CameraVolume:
        """Return the volume, opened now unless it is open already.

        Raises:
            CameraError: it is gone, refused or unreadable.
            MounterUnavailableError: the mounter does not answer.
        """
        place = (sighting.key, arrival.device)
        if place not in self._open:
            self._open[place] = self._access.open_volume(sighting, arrival)
        return self._open[place]

    def adopt(self, key: str, volumes: Sequence[CameraVolume]) -> Sequence[VolumeArrived]:
        """Keep the volumes that a camera itself opened, and return them as arrivals."""
        for volume in volumes:
            self._open.setdefault((key, volume.name), volume)
        return [VolumeArrived(key=key, device=volume.name, name=volume.name) for volume in volumes]

    def get(self, key: str, device: str) -> CameraVolume:
        """Return an open volume.

        Raises:
            CameraGoneError: it was closed, because its medium or its camera left.
        """
        try:
            return self._open[key, device]
        except KeyError:
            raise CameraGoneError("The medium was taken out.", remedy="Dock the camera again.") from None

    def close(self, key: str, device: str) -> None:
        """Close one volume; one that is not open is ignored."""
        volume = self._open.pop((key, device), None)
        if volume is not None:
            volume.close()

    def devices(self, key: str) -> Sequence[str]:
        """Return the devices of a bay whose volumes are open."""
        return [device for bay, device in list(self._open) if bay == key]
