"""How is a clip erased from a camera, and with what result? The only port that changes a camera."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable

from bwvdock.core.clips.permit import ErasePermit
from bwvdock.core.ports import CameraVolume


class EraseOutcome(StrEnum):
    """What became of one file."""

    ERASED = "erased"  # it was there as it was copied, and was confirmed gone afterwards
    ALREADY_GONE = "already_gone"
    REFUSED = "refused"  # it is still there, or something else has its name


@dataclass(frozen=True, kw_only=True, slots=True)
class Erasure:
    """The result for one file; `reason` says why it was refused."""

    outcome: EraseOutcome
    reason: str = ""


@runtime_checkable
class ErasableVolume(CameraVolume, Protocol):
    """A CameraVolume from which files can be erased."""

    def erase(self, permit: ErasePermit) -> Sequence[Erasure]:
        """Erase the permit's files, one after the other, in its order; return the result for each.

        A file is erased only if it matches the permit: path, size, time of change, and fingerprint where
        the transport can take one. Nothing else is erased, and no folder. May be called again after any
        interruption.

        Raises:
            EraseRefusedError: this camera, or its card, does not allow erasing.
            CameraGoneError: the camera was unplugged. It is unknown which of the files are gone.
            UnreadableError: the card reports errors. Likewise.
            MounterUnavailableError: the mounter does not answer. Likewise.
        """
        ...
