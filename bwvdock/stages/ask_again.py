"""Does a store still have the copy that it proved, and is it what was taken from the camera?"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from threading import Event
from typing import Protocol

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.proof import ProofMethod
from bwvdock.core.facts import VerificationFailed, VerifiedAgain
from bwvdock.core.facts.holdings import CHANGED, MISSING
from bwvdock.core.media.part_names import part_name
from bwvdock.core.ports import FoundPart, ReadableStore, TransferControl
from bwvdock.errors import DestinationError, NotComparableError


class Ask(Protocol):
    """Asks a destination for its copy of a clip now (`ask_again`); the event stops it."""

    def __call__(
        self, clip: Clip, destination: str, halt: Event, *, required: bool, scheduled: bool
    ) -> VerifiedAgain | VerificationFailed:
        """Return what it has; raises what `ask_again` does."""
        ...


def ask_again(
    clip: Clip, store: ReadableStore, transfer: TransferControl, *, required: bool, scheduled: bool = True
) -> VerifiedAgain | VerificationFailed:
    """Read a store's copy whole and compare it with the digests taken at ingest.

    What the store remembers of its receipt (a checksum, an ETag) is not asked: it was computed when the clip
    came, and would be the same if the bytes were lost since. Nor is the length, where the store gives no
    bytes back: some answer for files that are gone.

    Args:
        clip: as the journal has it now; the store has proven its copy.
        store: the one that is asked.
        transfer: paces what is read back, and may stop it.
        required: whether it is a required destination.
        scheduled: whether it is due to be asked by now.

    Raises:
        DestinationUnavailableError: not now; nothing is known of the copy.
        NotComparableError: the store states its length, and gives nothing back: nobody can know.
        HaltedError: it was asked to stop.
    """
    found: list[_Part] = []
    for number in store.parts_there(clip):
        part = _look(clip, store, number, transfer)
        if part.finding:
            store.probe()  # of a store that is not well nothing is believed
            return VerificationFailed(
                clip=clip.id,
                destination=store.name,
                object=part.found.object if part.found else clip.receipts[store.name].object,
                finding=part.finding,
                words=part.words,
                sha256=part.sha256,
                required=required,
            )
        found.append(part)
    return _proven(clip, store, found, scheduled=scheduled)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Part:
    """What was found of one part. `finding` is "" where it is as it was taken."""

    found: FoundPart | None
    finding: str = ""
    words: str = ""
    sha256: str = ""


def _look(clip: Clip, store: ReadableStore, number: int, transfer: TransferControl) -> _Part:
    part, name, digest = clip.parts[number], part_name(clip, number), hashlib.sha256()
    try:
        found = store.read_part(clip, number, transfer, digest.update)
    except DestinationError as error:
        if error.retryable:
            raise
        return _Part(found=None, finding=CHANGED, words=error.message)
    if found is None:
        words = f"{name} is not there, and the store answers for others"
        return _Part(found=None, finding=MISSING, words=words)
    if found.size != part.size:
        words = f"{name} has {found.size} bytes instead of {part.size}{_said(found)}"
        return _Part(found=found, finding=CHANGED, words=words)
    if not found.given:
        return _Part(found=found)
    sha256 = digest.hexdigest()
    if sha256 != part.sha256:
        words = f"{name} was read back with SHA-256 {sha256} instead of {part.sha256}{_said(found)}"
        return _Part(found=found, finding=CHANGED, words=words, sha256=sha256)
    return _Part(found=found, sha256=sha256)


def _said(found: FoundPart) -> str:
    return f" ({found.words})" if found.words else ""


def _proven(clip: Clip, store: ReadableStore, found: list[_Part], *, scheduled: bool) -> VerifiedAgain:
    footage = found[0].found
    if footage is None or not all(part.sha256 for part in found):
        raise NotComparableError(
            f"destination {store.name} gives nothing back, so it cannot be asked again for clip {clip.id}",
            remedy="Allow downloads (GET) for the dock",
        )
    return VerifiedAgain(
        clip=clip.id,
        destination=store.name,
        object=footage.object,
        version=footage.version,
        sha256=clip.sha256,
        method=ProofMethod.READ_BACK.value,
        words=footage.words,
        scheduled=scheduled,
    )
