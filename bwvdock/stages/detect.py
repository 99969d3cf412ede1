"""Detect: a camera was docked; a docking begins."""

from __future__ import annotations

from bwvdock.core.facts import CameraAttached
from bwvdock.core.media.sightings import Sighting


def detect(sighting: Sighting, *, docking: str, serial: str) -> CameraAttached:
    """State that a docking began.

    `serial` identifies the camera; it is the sighting's own unless a profile knows a better one.
    """
    return CameraAttached(
        docking=docking,
        camera=serial,
        bay=sighting.bay,
        transport=sighting.transport,
        usb=sighting.usb,
        model=sighting.model,
    )
