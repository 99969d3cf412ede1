"""How may a clip be erased from a camera, and what came of it? The one door that changes a camera."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable

from bwvdock.core.clips.permit import ErasePermit
from bwvdock.core.ports import CameraVolume


class EraseOutcome(StrEnum):
    """What became of one file."""

    ERASED = "erased"  # it stood there as it was taken, and was seen not to be there afterwards
    ALREADY_GONE = "already_gone"
    REFUSED = "refused"  # it stands there still, or something else does under its name


@dataclass(frozen=True, kw_only=True, slots=True)
class Erasure:
    """What became of one file; `reason` says why it was refused."""

    outcome: EraseOutcome
    reason: str = ""


@runtime_checkable
class ErasableVolume(CameraVolume, Protocol):
    """A CameraVolume from which files can be erased."""

    def erase(self, permit: ErasePermit) -> Sequence[Erasure]:
        """Erase the permit's files, one after the other, in its order; tell of each what became of it.

        A file goes only if it is what the permit says: path, size, time of change, and fingerprint where
        the transport can take one. Nothing else is erased, and no folder. May be called again after any cut.

        Raises:
            EraseRefusedError: this camera, or its card, lets nothing be erased.
            CameraGoneError: the camera was pulled out. Which of the files are gone is not known.
            UnreadableError: the card gives errors. Likewise.
            MounterUnavailableError: the mounter does not answer. Likewise.
        """
        ...
