"""Authorise: may this camera be listed and read? A refused camera is neither."""

from __future__ import annotations

from bwvdock.core.clips.admission import Admission, Verdict, admit
from bwvdock.core.facts import CameraAuthorised, CameraRefused


def authorise(
    serial: str,
    *,
    docking: str,
    mode: Admission,
    enrolled: bool,
    configured: bool,
    known_model: bool,
    revoked: str | None,
    docked_elsewhere: str,
) -> CameraAuthorised | CameraRefused:
    """Return the decision about a camera that was docked, or whose enrolment has changed.

    Args:
        serial: the serial that identifies the camera.
        docking: the docking that the decision is about.
        mode: the dock's rule of admission.
        enrolled: an operator enrolled this serial.
        configured: it is a folder that the configuration treats as a camera with this serial.
        known_model: a profile names this camera's USB ids.
        revoked: why an operator revoked it, or None.
        docked_elsewhere: the bay in which a camera with the same serial is already docked, or "".
    """
    verdict = admit(
        serial, mode=mode, enrolled=enrolled or configured, known_model=known_model, revoked=revoked
    )
    if verdict.admitted and configured:
        verdict = Verdict(admitted=True, why="named in the configuration")
    if verdict.admitted and docked_elsewhere:
        verdict = Verdict(
            admitted=False, why=f"a camera with the same serial is docked in bay {docked_elsewhere}"
        )
    if verdict.admitted:
        return CameraAuthorised(docking=docking, rule=verdict.why)
    return CameraRefused(docking=docking, reason=verdict.why)
