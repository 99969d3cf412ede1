"""How does a clip get back into the spool from a store that has proven its copy?"""

from __future__ import annotations

import hashlib
import mmap
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from threading import Event
from typing import Protocol

from bwvdock.core.clips.clip import Clip
from bwvdock.core.facts import ClipRetrieved
from bwvdock.core.media.part_names import part_name
from bwvdock.core.ports import PIECE_BYTES, Incoming, ReadableStore, Spool, TransferControl
from bwvdock.errors import DurabilityError, ObjectConflictError


class Fetch(Protocol):
    """Reads a clip from a destination into the spool (`retrieve`); the event stops it."""

    def __call__(self, clip: Clip, destination: str, halt: Event) -> ClipRetrieved:
        """Return that it is there; raises what `retrieve` does."""
        ...


def retrieve(clip: Clip, store: ReadableStore, spool: Spool, transfer: TransferControl) -> ClipRetrieved:
    """Read every part of a store's proven copy into the spool, compared with the digests taken at ingest.

    A part is hashed while it is read, and nothing of the clip has its name in the spool before all of it was
    found to be what was taken and was read back from the spool's disk. May be repeated after any
    interruption.

    Args:
        clip: as the journal has it now; the store has proven its copy, and the spool has none.
        store: the one that is read.
        spool: the dock's own disk.
        transfer: paces what is read, and may stop it.

    Raises:
        DestinationUnavailableError: not now.
        ObjectConflictError: the store does not have all of it, or something else.
        SpoolFullError: there is no room for it.
        StorageError: the spool's disk reports an error.
        HaltedError: it was asked to stop.
    """
    if set(store.parts_there(clip)) != set(range(len(clip.parts))):
        raise ObjectConflictError(
            f"destination {store.name}: not every part of clip {clip.id} can be found there any more",
            remedy=f"bwvdock clips show {clip.id}",
        )
    sized = tuple(replace(file, size=part.size) for file, part in zip(clip.files, clip.parts, strict=True))
    with ExitStack() as stack:
        incoming = spool.receive(replace(clip, files=sized))
        for part in incoming:
            stack.callback(part.close)
        _fill(clip, store, incoming, transfer)
    spool.publish([clip])
    return ClipRetrieved(clip=clip.id, destination=store.name, sha256=clip.sha256)


def _fill(clip: Clip, store: ReadableStore, incoming: Sequence[Incoming], transfer: TransferControl) -> None:
    try:
        for number, part in enumerate(incoming):
            _read(clip, number, store, part, transfer)
            _compare(clip, number, part)
            part.seal()
    except BaseException:
        for part in incoming:
            with suppress(OSError):
                part.discard()
        raise


def _read(
    clip: Clip, number: int, store: ReadableStore, incoming: Incoming, transfer: TransferControl
) -> None:
    writing = _Writing(incoming)
    found = store.read_part(clip, number, transfer, writing.take)
    writing.end()
    if found is None or not found.given or writing.sha256.hexdigest() != clip.parts[number].sha256:
        raise ObjectConflictError(
            f"destination {store.name}: {part_name(clip, number)} is missing there or does not match the "
            "hash taken at ingest, so nothing was taken from it",
            remedy=f"bwvdock clips show {clip.id}",
        )


class _Writing:
    """What was read so far: hashed, and written in blocks that the spool takes."""

    def __init__(self, incoming: Incoming) -> None:
        self.sha256 = hashlib.sha256()
        self._incoming = incoming
        self._memory = memoryview(mmap.mmap(-1, PIECE_BYTES))
        self._at = self._filled = 0

    def take(self, data: memoryview) -> None:
        """Add bytes; more than the part must have are not written."""
        self.sha256.update(data)
        while data:
            room = min(len(data), PIECE_BYTES - self._filled)
            self._memory[self._filled : self._filled + room] = data[:room]
            self._filled, data = self._filled + room, data[room:]
            if self._filled == PIECE_BYTES:
                self.end()

    def end(self) -> None:
        """Write what is left."""
        length = min(self._filled, self._incoming.size - self._at)
        if length > 0:
            self._incoming.write(self._memory[:length], self._at)
            self._at += length
        self._filled = 0


def _compare(clip: Clip, number: int, incoming: Incoming) -> None:
    incoming.settle()
    digest, expected = hashlib.sha256(), clip.parts[number]
    for data in incoming.read_back(0, expected.size):
        digest.update(data)
    if digest.hexdigest() != expected.sha256:
        raise DurabilityError(
            f"the spool's disk returned other bytes of {part_name(clip, number)} than were written",
            remedy="Check the dock's disk and memory (journalctl -k, smartctl -a, memtest86+)",
        )
