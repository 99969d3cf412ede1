"""How is one part of a clip copied to the spool: its bytes, their digests, and the check of the disk?"""

from __future__ import annotations

import hashlib
import secrets
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from concurrent.futures import wait as wait_for
from contextlib import suppress
from dataclasses import dataclass

from bwvdock.core.clips.dates.date_evidence import VideoHeader
from bwvdock.core.facts import AcquiredPart
from bwvdock.core.media import mp4
from bwvdock.core.ports import PIECE_BYTES, Checksum, Incoming
from bwvdock.errors import DurabilityError, StorageError
from bwvdock.stages.acquire.comparison_digests import ComparisonDigests
from bwvdock.stages.acquire.copy_threads import CopyThreads, outcome

BLOCK = 4096  # the spool's grid for writing
_SETTLE_PIECES = 4  # what a power cut may lose: 64 MiB, two seconds of a USB 2 camera
# Drawn at each start: no footage has it, and a disk that gives nothing back is found whatever was written.
_NOTHING_READ = memoryview(secrets.token_bytes(64 * 1024))
_REMEDY = "Check the dock's disk and memory (journalctl -k, smartctl -a, memtest86+)"


class ReadBackError(DurabilityError):
    """The disk returned other bytes than were written."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A part that is durable and whose bytes on the disk match those from the camera.

    `for_comparison` has what else was computed of its bytes.
    """

    part: AcquiredPart
    notes: tuple[str, ...]
    for_comparison: ComparisonDigests
    header: VideoHeader | None = None


class _Piece:
    """A piece's digest as it came from the camera, and the checksum that the disk must match."""

    def __init__(self, checksum: Checksum) -> None:
        self.sha256 = hashlib.sha256()
        self.checksum = checksum

    def update(self, data: memoryview) -> None:
        """Add bytes."""
        self.sha256.update(data)
        self.checksum.update(data)


@dataclass(frozen=True, slots=True)
class _Coming:
    """A chunk that jobs are busy with."""

    length: int
    jobs: Sequence[Future[None]]


class Part:
    """One part being copied: the bytes so far, their digests, and what was found on the disk.

    `at` counts the bytes that were hashed and written.
    """

    def __init__(self, incoming: Incoming, threads: CopyThreads, name: str) -> None:
        self._name = name
        self._incoming = incoming
        self._threads = threads
        self._whole: hashlib._Hash | None = None  # none while there is one piece, whose digest is the same
        self._pieces: list[_Piece] = []
        self._coming: deque[_Coming] = deque()
        self._begun = 0  # bytes that were given to jobs
        self._proven = 0  # pieces whose check has begun
        self._proof: Future[None] | None = None
        self._failed = False  # a chunk could not be hashed or written
        self._resumed_at = 0
        self._notes: list[str] = []
        self.for_comparison = ComparisonDigests()
        self.size = incoming.size
        self.at = 0

    # --- what an earlier attempt copied ---

    def prove_prefix(self) -> None:
        """Keep what an earlier attempt copied, up to where the disk no longer matches its log."""
        if not self._incoming.recorded:
            return
        for length, claimed in self._incoming.recorded:
            if not outcome(self._threads.read_back(self._prove_piece, length, claimed)):
                break
        self._begun = self._resumed_at = self.at
        self._proven = self.at // PIECE_BYTES

    def _prove_piece(self, memory: memoryview, length: int, claimed: str) -> bool:
        """Compare one piece with its claim; return whether more may follow."""
        end = self.at + length
        if end > self.size or (end % BLOCK and end != self.size) or not 0 < length <= PIECE_BYTES:
            return False
        whole, piece = self._whole and self._whole.copy(), _Piece(self._incoming.new_checksum())
        for_comparison = self.for_comparison.copy()
        try:
            for data in self._incoming.read_back(self.at, length, into=memory):
                if whole:
                    whole.update(data)
                piece.update(data)
                for_comparison.update(data)
        except DurabilityError:
            return False  # a piece that the disk lost is read from the camera again
        if piece.sha256.hexdigest() != claimed:
            return False
        self.for_comparison = for_comparison
        if length == PIECE_BYTES:
            self._whole = whole or piece.sha256.copy()
        else:
            self._whole = whole
        self._pieces.append(piece)
        self.at = end
        return length == PIECE_BYTES

    # --- chunks from the camera ---

    def take(self, chunk: memoryview) -> Sequence[Future[None]]:
        """Have a chunk hashed and written; return the jobs that need its memory. Look at earlier ones."""
        if self._threads.is_one_of_many:
            self._take_alone(chunk)
            return ()
        offset = self._begin_chunk(chunk)
        jobs = self._submit(chunk, offset)
        self._coming.append(_Coming(len(chunk), jobs))
        while self._coming and all(job.done() for job in self._coming[0].jobs):
            self._settle_chunk()
        return jobs

    def _take_alone(self, chunk: memoryview) -> None:
        """Hash and write a chunk in this thread; it may hold something else then."""
        self._settle_chunks()  # from when there were fewer copiers
        offset = self._begin_chunk(chunk)
        try:
            self._absorb(chunk, self._pieces[-1], offset)
        except BaseException:
            self._failed = True
            raise
        self._count(len(chunk))

    def _begin_chunk(self, chunk: memoryview) -> int:
        """Count a chunk as begun, and begin a piece with it if it is the first; return where it goes."""
        offset, self._begun = self._begun, self._begun + len(chunk)
        if offset == len(self._pieces) * PIECE_BYTES:
            self._begin_piece()
        return offset

    def _begin_piece(self) -> None:
        if len(self._pieces) == 1 and self._whole is None:
            self._settle_chunks()
            self._whole = self._pieces[0].sha256.copy()
        self._pieces.append(_Piece(self._incoming.new_checksum()))

    def _submit(self, chunk: memoryview, offset: int) -> Sequence[Future[None]]:
        piece = self._pieces[-1]
        if not self._threads.is_alone:
            return (self._threads.pieces.submit(self._absorb, chunk, piece, offset),)
        jobs = [
            self._threads.disk.submit(self._incoming.write, chunk, offset),
            self._threads.pieces.submit(piece.update, chunk),
        ]
        if self._whole:
            jobs.append(self._threads.whole.submit(self._whole.update, chunk))
        if self.for_comparison.is_wanted:
            jobs.append(self._threads.whole.submit(self.for_comparison.update, chunk))
        return jobs

    def _absorb(self, chunk: memoryview, piece: _Piece, offset: int) -> None:
        """Write and hash a chunk."""
        self._incoming.write(chunk, offset)
        piece.update(chunk)
        if self._whole:
            self._whole.update(chunk)
        self.for_comparison.update(chunk)

    def _settle_chunks(self) -> None:
        while self._coming:
            self._settle_chunk()

    def _settle_chunk(self) -> None:
        """Wait for the oldest chunk."""
        for job in self._coming[0].jobs:
            outcome(job)
        self._count(self._coming.popleft().length)

    def _count(self, length: int) -> None:
        """Count bytes as hashed and written; if a piece is complete with them, have that read back."""
        self.at += length
        if self.at % PIECE_BYTES == 0 and self.at < self.size and self._proven * PIECE_BYTES < self.at:
            self._start_proof()

    # --- reading back ---

    def _start_proof(self) -> None:
        """Have the complete piece read back while the next one is read: one at a time."""
        self._finish_proof()
        index, self._proven = self._proven, self._proven + 1
        self._proof = self._threads.read_back(self._prove, index)

    def _finish_proof(self) -> None:
        if self._proof is not None:
            outcome(self._proof)
        self._proof = None

    def _prove(self, memory: memoryview, index: int) -> None:
        self._compare(index, memory)
        if index % _SETTLE_PIECES == _SETTLE_PIECES - 1:
            self._incoming.settle()

    def _compare(self, index: int, memory: memoryview) -> None:
        """Read one piece back from the disk, compare it with what came from the camera, and record it."""
        start = index * PIECE_BYTES
        length = min(PIECE_BYTES, self.size - start)
        piece = self._pieces[index]
        _overwrite(memory)  # a read that fills nothing must not find what was written
        found, got = self._incoming.new_checksum(), 0
        for data in self._incoming.read_back(start, length, into=memory):
            found.update(data)
            got += len(data)
        if (got, found.digest()) != (length, piece.checksum.digest()):
            raise ReadBackError(
                f"{self._name}: from byte {start} on, the disk has other bytes than came from the camera",
                remedy=_REMEDY,
            )
        if self.size > PIECE_BYTES:
            self._incoming.record(index, length, piece.sha256.hexdigest())

    # --- its end ---

    def give_up(self, reason: str) -> None:
        """Leave the part empty, with a note that says why."""
        self.remark(f"a sidecar of {self.size} bytes could not be copied and is empty here: {reason}")
        self._wait()
        with suppress(DurabilityError, StorageError):  # its bytes are no longer needed
            self._settle_chunks()
            self._finish_proof()
        self._coming.clear()
        self._whole, self._pieces, self._proof, self.for_comparison = None, [], None, ComparisonDigests()
        self.size = self.at = self._begun = self._proven = self._resumed_at = 0
        self._incoming.give_up()

    def peek(self, offset: int, length: int) -> bytes:
        """Return bytes already copied."""
        return self._incoming.peek(offset, length)

    def remark(self, *notes: str) -> None:
        """Add notes for people about how it was read."""
        self._notes += notes

    def finish(self) -> None:
        """Finish the digests: every byte was read. What is left of it is for `seal`."""
        self._settle_chunks()
        self._finish_proof()
        self._proven = len(self._pieces)

    def take_whole(self, chunk: memoryview, memory: memoryview, *, sanity: bool) -> Sealed:
        """Hash, write and seal a part that came in one chunk; `memory` is the chunk's, in whole pages."""
        self._begin_piece()
        self._proven, self._begun = 1, len(chunk)
        try:
            seen = _look(
                lambda offset, length: bytes(chunk[offset : offset + length]), self.size, sanity=sanity
            )
            self._absorb(chunk, self._pieces[0], 0)
        except BaseException:
            self._incoming.close()
            raise
        self.at = self._begun
        self._make_durable(memory)
        return self._sealed(*seen)

    def seal(self, memory: memoryview, *, sanity: bool) -> Sealed:
        """Make the part durable and compare the disk with what came from the camera, through this memory."""
        self._make_durable(memory)
        return self._sealed(*_look(self._incoming.peek, self.size, sanity=sanity))

    def _make_durable(self, memory: memoryview) -> None:
        try:
            self._incoming.seal()
            if self._pieces:
                self._compare(len(self._pieces) - 1, memory)
        except DurabilityError:
            self._incoming.discard()
            raise

    def _sealed(self, notes: Sequence[str], header: VideoHeader | None) -> Sealed:
        self._incoming.close()
        return Sealed(self._facts(), (*notes, *self._notes), self.for_comparison, header)

    def _facts(self) -> AcquiredPart:
        pieces = tuple(piece.sha256.hexdigest() for piece in self._pieces)
        one_piece = pieces[0] if pieces else hashlib.sha256().hexdigest()
        return AcquiredPart(
            size=self.size,
            sha256=self._whole.hexdigest() if self._whole else one_piece,
            pieces=pieces,
            resumed_at=self._resumed_at,
            read_bytes=self.size - self._resumed_at,
        )

    def suspend(self) -> None:
        """Keep it so that it can resume from here later; or delete it, if the disk does not keep it.

        What a failed sync lost may still be read from the cache, so nothing may be resumed after one.
        """
        self._wait()
        lost = self._proof.exception() if self._proof is not None else None
        try:
            if isinstance(lost, DurabilityError):
                raise lost
            jobs = [job for chunk in self._coming for job in chunk.jobs]
            if not self._failed and not any(job.exception() is not None for job in jobs):
                self._settle_rest()
        except DurabilityError:
            self._incoming.discard()
        else:
            self._incoming.close()

    def _settle_rest(self) -> None:
        self._settle_chunks()
        self._finish_proof()
        length = self.at - self._proven * PIECE_BYTES
        if length > 0:
            self._incoming.record(self._proven, length, self._pieces[-1].sha256.hexdigest())
            self._incoming.settle()

    def discard(self) -> None:
        """Delete it: the disk did not keep it."""
        self._wait()
        self._incoming.discard()

    def _wait(self) -> None:
        """Wait until no job uses it."""
        wait_for([job for chunk in self._coming for job in chunk.jobs])
        if self._proof is not None:
            wait_for([self._proof])


def _overwrite(memory: memoryview) -> None:
    for start in range(0, len(memory), len(_NOTHING_READ)):
        part = memory[start : start + len(_NOTHING_READ)]
        part[:] = _NOTHING_READ[: len(part)]


def _look(read_at: mp4.ReadAt, size: int, *, sanity: bool) -> tuple[Sequence[str], VideoHeader | None]:
    """Return notes on a part and its movie header, if it is one in which to look for them."""
    if not sanity:
        return (), None
    return mp4.notes(read_at, size), mp4.header(read_at, size)
