"""Does a camera give the same bytes once more, where its own digest is not that of what it gave first?"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from bwvdock.core.facts import AcquiredPart
from bwvdock.core.facts.comparing import FAILED, OTHER, SAME
from bwvdock.core.ports import CameraFile, CameraVolume
from bwvdock.errors import BwvdockError

SECOND_READ_BYTES = 1024 * 1024 * 1024
"""Bytes beyond which nothing is read again: nobody waits that long for a camera."""
_CHUNK = 128 * 1024


def read_again(volume: CameraVolume, file: CameraFile, part: AcquiredPart, heed: Callable[[], None]) -> str:
    """Return whether a file has the digest of what was received: SAME, OTHER, or FAILED if it cannot be read.

    Whatever stops it, the copy that was made is whole: nothing is raised.

    Args:
        volume: where it is.
        file: as it was listed.
        part: what was received of it.
        heed: called as bytes arrive; may raise an error to stop.
    """
    digest, memory, at = hashlib.sha256(), memoryview(bytearray(_CHUNK)), 0
    try:
        with volume.open(file) as source:
            while at < part.size and (got := source.readinto(memory[: part.size - at])):
                digest.update(memory[:got])
                at += got
                heed()
    except BwvdockError:
        return FAILED
    return SAME if digest.hexdigest() == part.sha256 else OTHER
