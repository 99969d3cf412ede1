"""Which files of this volume does a permit cover?"""

from __future__ import annotations

from collections.abc import Sequence

from bwvdock.core.clips.permit import ErasePermit
from bwvdock.core.facts import SourceFile
from bwvdock.errors import EraseRefusedError


def may_erase(permit: ErasePermit, volume: str) -> Sequence[SourceFile]:
    """Return the files that a permit covers; every edge calls this before it erases anything.

    Raises:
        TypeError: it is not a permit.
        EraseRefusedError: it is for another volume.
    """
    if not isinstance(permit, ErasePermit):
        raise TypeError("erasing needs a permit")
    if any(file.volume != volume for file in permit.files):
        raise EraseRefusedError(
            "The permit is for another volume; nothing was erased.",
            remedy="This is a bug in bwvdock; report it with the clip's history.",
        )
    return permit.files
