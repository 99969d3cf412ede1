"""May this camera in?

Rules only: they are given what is known and answer; they fetch nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

# Serials that whole production runs share: 14 devices in libmtp's collection of logs say the
# first one. Such a serial tells no camera from another, so it cannot be enrolled.
SHARED_SERIALS = frozenset({"", "0", "0123456789abcdef", "123456789abc", "1234567890", "123456789012"})
_SHORTEST_SERIAL = 4


class Admission(StrEnum):
    """Which cameras a dock admits."""

    ENROLLED = "enrolled"
    KNOWN_MODELS = "known-models"
    ANY = "any"


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """Whether a camera is admitted; `why` is the rule, or the reason for the refusal."""

    admitted: bool
    why: str


def is_shared_serial(serial: str) -> bool:
    """Return whether a serial is one that cannot tell two cameras apart."""
    bare = serial.strip().lower()
    return bare in SHARED_SERIALS or len(bare) < _SHORTEST_SERIAL or len(set(bare)) == 1


def admit(serial: str, *, mode: Admission, enrolled: bool, known_model: bool, revoked: str | None) -> Verdict:
    """Decide whether a camera may be listed and read.

    Args:
        serial: the serial that identifies the camera.
        mode: the dock's rule of admission.
        enrolled: an operator enrolled this serial.
        known_model: a profile names this camera's USB ids.
        revoked: why an operator revoked it, or None. A revocation beats every mode.
    """
    if revoked is not None:
        return Verdict(admitted=False, why=f"revoked: {revoked}")
    if is_shared_serial(serial):
        shown = serial or "(none)"
        return Verdict(admitted=False, why=f"its serial {shown} does not tell one camera from another")
    if enrolled:
        return Verdict(admitted=True, why="enrolled")
    if mode is Admission.ANY:
        return Verdict(admitted=True, why="any camera is admitted")
    if mode is Admission.KNOWN_MODELS and known_model:
        return Verdict(admitted=True, why="known model")
    if mode is Admission.KNOWN_MODELS:
        return Verdict(admitted=False, why="not enrolled, and no profile names its model")
    return Verdict(admitted=False, why="not enrolled")
