"""How is one part of a clip copied to the spool: its bytes, their digests, and the check of the disk?"""

from __future__ import annotations

import hashlib
from concurrent.futures import Executor, Future
from concurrent.futures import wait as wait_for
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from bwvdock.core.clips.date_evidence import VideoHeader
from bwvdock.core.facts import AcquiredPart
from bwvdock.core.media import mp4
from bwvdock.core.ports import PIECE_BYTES, Incoming
from bwvdock.errors import DurabilityError, StorageError

T = TypeVar("T")

BLOCK = 4096  # the spool's grid for writing
_SETTLE_PIECES = 4  # what a power cut may lose: 64 MiB, two seconds of a USB 2 camera
_REMEDY = "Check the dock's disk and memory (journalctl -k, smartctl -a, memtest86+)"


def outcome(job: Future[T]) -> T:
    """Return what a job of the crew returned, or raise what it raised.

    `Future.result` takes an exception whose class counts as false for none at all.
    """
    error = job.exception()
    if error is not None:
        raise error
    return job.result()


class ReadBackError(DurabilityError):
    """The disk returned other bytes than were written."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A part that is durable and whose bytes on the disk match those from the camera."""

    part: AcquiredPart
    notes: tuple[str, ...]
    header: VideoHeader | None = None


class Part:
    """One part being copied: the bytes so far, their digests, and what was found on the disk."""

    def __init__(self, incoming: Incoming, crew: Executor, name: str) -> None:
        self._name = name
        self._incoming = incoming
        self._crew = crew
        self._whole = hashlib.sha256()
        self._piece = hashlib.sha256()
        self._pieces: list[str] = []
        self._jobs: list[Future[None]] = []
        self._coming = 0  # bytes that the jobs are busy with
        self._proof: Future[None] | None = None
        self._resumed_at = 0
        self._notes: list[str] = []
        self.size = incoming.size
        self.at = 0

    def prove_prefix(self) -> None:
        """Keep what an earlier attempt copied, up to where the disk no longer matches its log."""
        if not self._incoming.recorded:
            return
        for length, claimed in self._incoming.recorded:
            if not self._prove_piece(length, claimed):
                break
        self._resumed_at = self.at

    def _prove_piece(self, length: int, claimed: str) -> bool:
        """Compare one piece with its claim; return whether more may follow."""
        end = self.at + length
        if end > self.size or (end % BLOCK and end != self.size) or not 0 < length <= PIECE_BYTES:
            return False
        whole, piece = self._whole.copy(), hashlib.sha256()
        try:
            for data in self._incoming.read_back(self.at, length):
                whole.update(data)
                piece.update(data)
        except DurabilityError:
            return False  # a piece that the disk lost is read from the camera again
        if piece.hexdigest() != claimed:
            return False
        self._whole, self._piece, self.at = whole, piece, end
        if length == PIECE_BYTES:
            self._end_piece()
        return length == PIECE_BYTES

    def take(self, chunk: memoryview) -> None:
        """Hash and write a chunk while the next is read; the previous one is finished now."""
        self._finish_jobs()
        if self.at and self.at % PIECE_BYTES == 0 and len(self._pieces) * PIECE_BYTES < self.at:
            self._end_piece()
            self._start_proof()
        updates = [self._piece.update]
        if self.size > PIECE_BYTES:  # otherwise the piece is the whole part, and one digest is enough
            updates.append(self._whole.update)
        self._jobs = [self._crew.submit(update, chunk) for update in updates]
        self._jobs.append(self._crew.submit(self._incoming.write, chunk, self.at + self._coming))
        self._coming = len(chunk)

    def _finish_jobs(self) -> None:
        wait_for(self._jobs)
        for job in self._jobs:
            outcome(job)
        self._jobs = []
        self.at, self._coming = self.at + self._coming, 0

    def _end_piece(self) -> None:
        self._pieces.append(self._piece.hexdigest())
        self._piece = hashlib.sha256()

    def _start_proof(self) -> None:
        """Have the complete piece read back while the next one is read: one at a time."""
        self._finish_proof()
        self._proof = self._crew.submit(self._prove, len(self._pieces) - 1)

    def _finish_proof(self) -> None:
        if self._proof is not None:
            outcome(self._proof)
        self._proof = None

    def _prove(self, index: int) -> None:
        self._compare(index)
        if index % _SETTLE_PIECES == _SETTLE_PIECES - 1:
            self._incoming.settle()

    def _compare(self, index: int) -> None:
        """Read one piece back from the disk, compare it with what came from the camera, and record it."""
        start = index * PIECE_BYTES
        length = min(PIECE_BYTES, self.size - start)
        found, got = hashlib.sha256(), 0
        for data in self._incoming.read_back(start, length):
            found.update(data)
            got += len(data)
        if (got, found.hexdigest()) != (length, self._pieces[index]):
            raise ReadBackError(
                f"{self._name}: from byte {start} on, the disk has other bytes than came from the camera",
                remedy=_REMEDY,
            )
        if self.size > PIECE_BYTES:
            self._incoming.record(index, length, self._pieces[index])

    def give_up(self, reason: str) -> None:
        """Leave the part empty, with a note that says why."""
        self.remark(f"a sidecar of {self.size} bytes could not be copied and is empty here: {reason}")
        with suppress(DurabilityError, StorageError):  # its bytes are no longer needed
            self._finish_jobs()
            self._finish_proof()
        self._jobs, self._proof = [], None
        self._whole, self._piece, self._pieces = hashlib.sha256(), hashlib.sha256(), []
        self.size = self.at = self._coming = self._resumed_at = 0
        self._incoming.give_up()

    def peek(self, offset: int, length: int) -> bytes:
        """Return bytes already copied."""
        return self._incoming.peek(offset, length)

    def remark(self, *notes: str) -> None:
        """Add notes for people about how it was read."""
        self._notes += notes

    def finish(self) -> None:
        """Finish the digests: every byte was read."""
        self._finish_jobs()
        self._finish_proof()
        if len(self._pieces) * PIECE_BYTES < self.size:
            self._end_piece()

    def seal(self, *, sanity: bool) -> Sealed:
        """Make the part durable and compare the disk with what came from the camera."""
        try:
            self._incoming.seal()
            if self._pieces:
                self._compare(len(self._pieces) - 1)
        except DurabilityError:
            self._incoming.discard()
            raise
        notes = mp4.notes(self._incoming.peek, self.size) if sanity else ()
        header = mp4.header(self._incoming.peek, self.size) if sanity else None
        self._incoming.close()
        return Sealed(self._facts(), (*notes, *self._notes), header)

    def _facts(self) -> AcquiredPart:
        one_piece = self._pieces[0] if self._pieces else hashlib.sha256().hexdigest()
        return AcquiredPart(
            size=self.size,
            sha256=self._whole.hexdigest() if self.size > PIECE_BYTES else one_piece,
            pieces=tuple(self._pieces),
            resumed_at=self._resumed_at,
            read_bytes=self.size - self._resumed_at,
        )

    def suspend(self) -> None:
        """Keep it so that it can resume from here later; or delete it, if the disk does not keep it.

        What a failed sync lost may still be read from the cache, so nothing may be resumed after one.
        """
        wait_for(self._jobs if self._proof is None else [*self._jobs, self._proof])
        try:
            if self._proof is not None and isinstance(lost := self._proof.exception(), DurabilityError):
                raise lost
            if not any(job.exception() is not None for job in self._jobs):
                self._settle_rest()
        except DurabilityError:
            self._incoming.discard()
        else:
            self._incoming.close()

    def _settle_rest(self) -> None:
        length = self.at + self._coming - len(self._pieces) * PIECE_BYTES
        if length > 0:
            self._incoming.record(len(self._pieces), length, self._piece.hexdigest())
            self._incoming.settle()

    def discard(self) -> None:
        """Delete it: the disk did not keep it."""
        wait_for(self._jobs if self._proof is None else [*self._jobs, self._proof])
        self._incoming.discard()
