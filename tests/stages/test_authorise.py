"""Who is let in, and what the journal says of why."""

from __future__ import annotations

from typing import Any

from bwvdock.core.clips.admission import Admission
from bwvdock.core.facts import CameraAuthorised, CameraRefused
from bwvdock.core.media.sightings import Sighting, Transport
from bwvdock.stages.authorise import authorise
from bwvdock.stages.detect import detect

STRANGER: dict[str, Any] = {
    "docking": "d",
    "mode": Admission.ENROLLED,
    "enrolled": False,
    "configured": False,
    "known_model": False,
    "revoked": None,
    "docked_elsewhere": "",
}


def test_an_enrolled_camera_is_authorised_and_a_stranger_refused() -> None:
    """Each with its reason."""
    assert authorise("BWV-1", **STRANGER | {"enrolled": True}) == CameraAuthorised(
        docking="d", rule="enrolled"
    )
    assert authorise("BWV-1", **STRANGER) == CameraRefused(docking="d", reason="not enrolled")


def test_a_configured_folder_is_not_called_enrolled() -> None:
    """The journal claims only what was so; a revocation still beats it."""
    fact = authorise("CAM-17", **STRANGER | {"configured": True})
    assert fact == CameraAuthorised(docking="d", rule="named in the configuration")
    revoked = authorise("CAM-17", **STRANGER | {"configured": True, "revoked": "stolen"})
    assert isinstance(revoked, CameraRefused)


def test_a_serial_that_is_docked_already_is_refused_and_the_bay_is_named() -> None:
    """Two cameras cannot share one history."""
    fact = authorise("BWV-1", **STRANGER | {"enrolled": True, "docked_elsewhere": "1-4"})
    assert isinstance(fact, CameraRefused)
    assert "1-4" in fact.reason


def test_a_docking_begins_with_what_was_seen() -> None:
    """The serial may be a better one than the sighting's."""
    sighting = Sighting(
        key="k", bay="1-2", serial="0", transport=Transport.MASS_STORAGE, usb="4255:1000", model="M"
    )
    fact = detect(sighting, docking="d", serial="SER-1")
    assert (fact.camera, fact.bay, fact.usb, fact.model) == ("SER-1", "1-2", "4255:1000", "M")
