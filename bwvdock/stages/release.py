"""Release: does the camera still have what was copied from it, and is it gone after erasing?

Before erasing, each file is read a second time and compared with the hash taken at ingest; afterwards a new
listing shows whether it is gone. Sidecars are erased first and the footage last: while the footage is there,
the next docking recognises the clip by it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.core.clips.permit import ErasePermit
from bwvdock.core.facts import ClipQuarantined, ClipReleased, SourceFile
from bwvdock.core.health.seen import OTHER_BYTES
from bwvdock.core.ports import CameraFile, CameraVolume
from bwvdock.core.ports.erasing import ErasableVolume, EraseOutcome, Erasure
from bwvdock.errors import NotReadyError

Heed = Callable[[], None]
"""A function called between two chunks and between two clips; raises HaltedError to stop."""

Digests = tuple[str | None, ...]
"""The digests of a clip's files, the footage first; None for one that is not there as it was copied."""

_CHUNK = 1024 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class Permitted:
    """A clip whose ReleaseIntended is journalled, and the permit to erase it."""

    clip: Clip
    permit: ErasePermit


def reread(clip: Clip, volume: CameraVolume, heed: Heed) -> Digests:
    """Read each of a clip's files completely from the camera and return their digests.

    Raises:
        CameraGoneError: the camera was unplugged.
        UnreadableError: the card gives errors for one of them.
        HaltedError: it was halted.
    """
    return tuple(_digest(file, volume, heed) for file in clip.files)


def _digest(file: SourceFile, volume: CameraVolume, heed: Heed) -> str | None:
    digest, buffer = hashlib.sha256(), memoryview(bytearray(min(_CHUNK, max(file.size, 1))))
    entry = CameraFile(path=file.path, size=file.size, mtime_ns=file.mtime_ns)
    try:
        with volume.open(entry) as source:
            while count := source.readinto(buffer):
                heed()
                digest.update(buffer[:count])
    except NotReadyError:
        return None
    return digest.hexdigest()


def difference(clip: Clip, found: Digests) -> ClipQuarantined | None:
    """Return how a second read differs from the first, or ""; a file that is no longer there does not."""
    for number, (part, digest) in enumerate(zip(clip.parts, found, strict=True)):
        if digest is not None and digest != part.sha256:
            what = f"sidecar {number}" if number else "footage"
            return ClipQuarantined(
                clip=clip.id,
                reason=(
                    f"{OTHER_BYTES} for the {what}: SHA-256 {digest} "
                    f"instead of {part.sha256} taken at ingest; nothing was erased"
                ),
            )
    return None


def release(
    orders: Sequence[Permitted], volume: ErasableVolume, heed: Heed
) -> tuple[ClipReleased | ClipQuarantined, ...]:
    """Erase clips from their camera, then list it again: only what is no longer listed is gone.

    Raises:
        HaltedError: it was halted, between two clips; which are gone, a later listing shows.
        CameraGoneError: the camera was unplugged; the next docking shows which files are gone.
        EraseRefusedError: this camera, or its card, does not allow erasing.
        CameraError, MounterUnavailableError: it is unknown what was erased.
    """
    told = [(order, _erase(order, volume, heed)) for order in orders]
    on_camera = {(file.path, file.size, file.mtime_ns) for file in volume.list()}
    return tuple(_fact(order.clip, erasures, on_camera) for order, erasures in told)


def _erase(order: Permitted, volume: ErasableVolume, heed: Heed) -> Sequence[Erasure]:
    clip, permit = order.clip, order.permit
    if (permit.clip, permit.sha256) != (clip.id, clip.sha256) or clip.state is not ClipState.RELEASING:
        raise RuntimeError(f"a permit for clip {permit.clip} came with clip {clip.id}, which is {clip.state}")
    heed()
    return volume.erase(permit)


def _fact(
    clip: Clip, erasures: Sequence[Erasure], on_camera: Collection[tuple[str, int, int]]
) -> ClipReleased | ClipQuarantined:
    refused = [erasure.reason for erasure in erasures if erasure.outcome is EraseOutcome.REFUSED]
    if refused:
        return _doubtful(clip, f"one of its files was not erased: {refused[0]}")
    if len(erasures) != len(clip.files):
        return _doubtful(clip, f"{len(erasures)} answers came for its {len(clip.files)} files")
    if any((file.path, file.size, file.mtime_ns) in on_camera for file in clip.files):
        return _doubtful(clip, "the camera reported that it was erased, but still lists it")
    return ClipReleased(clip=clip.id, kept=False)


def _doubtful(clip: Clip, why: str) -> ClipQuarantined:
    return ClipQuarantined(clip=clip.id, reason=f"erasing it from the camera: {why}")
