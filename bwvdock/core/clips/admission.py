"""Is this camera admitted?

Pure rules: they decide on what they are given and fetch nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

# Serials that whole production runs share: 14 devices in libmtp's collection of logs report the
# first one. Such a serial does not identify one camera, so it cannot be enrolled.
SHARED_SERIALS = frozenset({"", "0", "0123456789abcdef", "123456789abc", "1234567890", "123456789012"})
_SHORTEST_SERIAL = 4


REVOKED = "revoked"
"""Why a revoked camera is refused; the operator's reason is in the entry of the revocation alone."""


class Admission(StrEnum):
    """Which cameras a dock admits."""

    ENROLLED = "enrolled"
    KNOWN_MODELS = "known-models"
    ANY = "any"


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """Whether a camera is admitted; `why` is the rule, or the reason for the refusal.

    `why` goes into an entry as it is, so it quotes neither the serial nor what a person typed.
    """

    admitted: bool
    why: str


def shown_refusal(why: str, revoked: str | None) -> str:
    """Return why a camera is refused, for the operator's eyes: with the reason that was given, if any."""
    return f"{why}: {revoked}" if why == REVOKED and revoked else why


def is_shared_serial(serial: str) -> bool:
    """Return whether a serial cannot identify one camera."""
    return bool(wrong_with_serial(serial))


def wrong_with_serial(serial: str) -> str:
    """Return why a serial cannot identify one camera, or "" if it can."""
    bare = serial.strip().lower()
    if not bare:
        return "is empty"
    if bare in SHARED_SERIALS:
        return "is a placeholder that many cameras share"
    if len(bare) < _SHORTEST_SERIAL:
        return f"is too short (minimum {_SHORTEST_SERIAL} characters)"
    return "repeats a single character" if len(set(bare)) == 1 else ""


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
        return Verdict(admitted=False, why=REVOKED)
    if wrong := wrong_with_serial(serial):
        return Verdict(admitted=False, why=f"its serial {wrong}" if serial else "it has no serial")
    if enrolled:
        return Verdict(admitted=True, why="enrolled")
    if mode is Admission.ANY:
        return Verdict(admitted=True, why="any camera is admitted")
    if mode is Admission.KNOWN_MODELS and known_model:
        return Verdict(admitted=True, why="known model")
    if mode is Admission.KNOWN_MODELS:
        return Verdict(admitted=False, why="not enrolled, and no profile names its model")
    return Verdict(admitted=False, why="not enrolled")
