"""Does the dock hold a copy of this clip that a power cut cannot take back?

A clip is read from the camera once. As its bytes pass they are hashed, whole and in pieces of
16 MiB, and written; each piece is read back from the disk while the next one comes. When every part
of a clip is durable and was found to be on the disk as it came from the camera, the parts get their
names, and only then is there a fact. Small clips do the last steps together.

What was begun earlier goes on where the disk still proves it: the digests an earlier attempt noted
are compared with what the disk holds now, and the first piece that differs is where reading starts.
"""

from __future__ import annotations

import hashlib
import mmap
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from contextlib import suppress
from dataclasses import dataclass

from bwvdock.core import mp4
from bwvdock.core.clip import Clip
from bwvdock.core.facts import AcquiredPart, ClipAcquired, ClipSkipped
from bwvdock.core.names import suffix
from bwvdock.core.ports import (
    PIECE_BYTES,
    CameraFile,
    CameraVolume,
    FileStatus,
    Incoming,
    Progress,
    Source,
    Spool,
)
from bwvdock.errors import DurabilityError, NotReadyError, StorageError, UnreadableError

_CHUNK = 4 * 1024 * 1024  # divides a piece; two of these are nearly all the memory that copying takes
_BLOCK = 4096  # the spool's grid for writing
_SETTLE_PIECES = 4  # what a power cut may cost: 64 MiB, two seconds of a USB 2 camera
_CREW = 8  # threads of one copier: hashing, writing and syncing release the interpreter's lock
_BATCH_PARTS, _BATCH_BYTES = 64, 64 * 1024 * 1024  # how much shares one sync of the directory
_REMEDY = "Look at the dock's disk and memory (journalctl -k, smartctl -a, memtest86+)"


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """A clip to copy, the volume it stands on, and its files as listed now, in the clip's order."""

    clip: Clip
    volume: CameraVolume
    files: Sequence[CameraFile]


def acquire(
    orders: Iterable[Order], *, docking: str, spool: Spool, progress: Progress
) -> Iterator[ClipAcquired | ClipSkipped]:
    """Copy clips into the spool, one after the other, and give a fact for each.

    A clip that cannot be read now is skipped, and its neighbours go on. Facts of small clips come
    together, some time after they were read. Whatever ends it, what was copied and not yet given
    as a fact goes on from there the next time. CopyIntended must be journalled for every order.

    Args:
        orders: the clips, in the order in which they are to be taken.
        docking: the docking that reads them.
        spool: where they go.
        progress: told as bytes arrive; may raise to stop.

    Raises:
        CameraGoneError: it was pulled out; the clips that had come whole were given before.
        SpoolFullError: the next clip does not fit; likewise.
        DurabilityError: the disk does not keep what it is given, not even the second time.
    """
    with ThreadPoolExecutor(_CREW, thread_name_prefix="acquire") as crew:
        copier = _Copier(docking, spool, progress, crew)
        try:
            for order in orders:
                if skipped := copier.take(order):
                    yield skipped
                if copier.has_batch:
                    yield from copier.commit()
        except DurabilityError:
            raise  # a disk that fails is asked for nothing more
        except Exception:
            yield from copier.commit()
            raise
        yield from copier.commit()


class _ReadBackError(DurabilityError):
    """The disk gave other bytes back than it had been given."""


@dataclass(slots=True)
class _Pending:
    """A clip whose bytes have all been read, while the disk is still being asked about them."""

    order: Order
    parts: list[Future[_Sealed]]

    def sealed(self) -> list[_Sealed]:
        """Wait for the disk; give nothing if it gave other bytes back than it had been given."""
        wait_for(self.parts)
        try:
            return [part.result() for part in self.parts]
        except _ReadBackError:
            return []


@dataclass(frozen=True, slots=True)
class _Sealed:
    part: AcquiredPart
    notes: tuple[str, ...]


class _Copier:
    """The clips in hand. Its buffers are all the memory that copying takes."""

    def __init__(self, docking: str, spool: Spool, progress: Progress, crew: ThreadPoolExecutor) -> None:
        self._docking = docking
        self._spool = spool
        self._progress = progress
        self._crew = crew
        self._buffers = [memoryview(mmap.mmap(-1, _CHUNK)) for _ in range(2)]
        self._pending: list[_Pending] = []

    @property
    def has_batch(self) -> bool:
        """Whether enough is pending to be committed together."""
        clips = [p.order.clip for p in self._pending]
        return sum(len(c.files) for c in clips) >= _BATCH_PARTS or sum(c.size for c in clips) >= _BATCH_BYTES

    def take(self, order: Order) -> ClipSkipped | None:
        """Read a clip, and have its parts sealed while the next is being read; or say why not."""
        try:
            try:
                self._pending.append(self._copy(order))
            except _ReadBackError:
                self._pending.append(self._copy(order))
        except (UnreadableError, NotReadyError) as error:
            return self._skipped(order, error)
        return None

    def commit(self) -> Iterator[ClipAcquired | ClipSkipped]:
        """Wait for the disk, give the pending clips their names, and only then say so."""
        pending, self._pending = self._pending, []
        sealed = [(p.order, p.sealed()) for p in pending]
        yield from self._publish([(order, parts) for order, parts in sealed if parts])
        for order in [order for order, parts in sealed if not parts]:
            yield from self._once_more(order)

    def _once_more(self, order: Order) -> Iterator[ClipAcquired | ClipSkipped]:
        """Copy a clip again, of which the disk gave other bytes back; there is no third time."""
        try:
            parts = [part.result() for part in self._copy(order).parts]
        except (UnreadableError, NotReadyError) as error:
            yield self._skipped(order, error)
        else:
            yield from self._publish([(order, parts)])

    def _publish(self, sealed: Sequence[tuple[Order, Sequence[_Sealed]]]) -> Iterator[ClipAcquired]:
        if sealed:
            self._spool.publish([order.clip for order, _ in sealed])
        for order, parts in sealed:
            yield ClipAcquired(
                clip=order.clip.id,
                docking=self._docking,
                parts=tuple(s.part for s in parts),
                notes=tuple(note for s in parts for note in s.notes),
            )

    def _skipped(self, order: Order, error: UnreadableError | NotReadyError) -> ClipSkipped:
        unreadable = isinstance(error, UnreadableError)
        outcome = FileStatus.UNREADABLE if unreadable else FileStatus.NOT_READY
        return ClipSkipped(
            docking=self._docking, clip=order.clip.id, outcome=outcome.value, reason=error.message
        )

    def _copy(self, order: Order) -> _Pending:
        clip = order.clip
        parts = [
            _Part(incoming, self._crew, f"clip {clip.id}, part {number}")
            for number, incoming in enumerate(self._spool.receive(clip))
        ]
        sealing: list[Future[_Sealed]] = []
        try:
            for number, part in enumerate(parts):
                before = sum(p.size for p in parts[:number])
                part.prove_prefix()
                try:
                    self._read(order, number, part, before)
                except (UnreadableError, NotReadyError) as error:
                    if number == 0:
                        raise
                    part.give_up(error.message)  # a sidecar does not keep its footage on the camera
                part.finish()
                self._progress(clip.id, before + part.size)
                sealing.append(self._crew.submit(part.seal, sanity=number == 0 and _is_mp4(clip)))
        except DurabilityError:
            wait_for(sealing)
            for part in parts:
                part.discard()
            raise
        except BaseException:
            wait_for(sealing)
            for part in parts:
                part.suspend()
            raise
        return _Pending(order, sealing)

    def _read(self, order: Order, number: int, part: _Part, before: int) -> None:
        if part.at == part.size:
            return
        with order.volume.open(order.files[number], offset=part.at) as source:
            for chunk in _chunks(source, part.at, part.size, self._buffers):
                part.take(chunk)
                self._progress(order.clip.id, before + part.at)


def _is_mp4(clip: Clip) -> bool:
    return suffix(clip.files[0].path, allowed=mp4.EXTENSIONS) in mp4.EXTENSIONS


def _chunks(source: Source, at: int, size: int, buffers: Sequence[memoryview]) -> Iterator[memoryview]:
    """Read on from `at` to the end, in chunks that never span two pieces; two are valid at a time."""
    turn = 0
    while at < size:
        chunk = buffers[turn][: min(_CHUNK, size - at, PIECE_BYTES - at % PIECE_BYTES)]
        filled = 0
        try:
            while filled < len(chunk) and (got := source.readinto(chunk[filled:])):
                filled += got
        except Exception:
            yield chunk[: filled // _BLOCK * _BLOCK]  # what came before the yank need not come again
            raise
        if filled < len(chunk):
            raise UnreadableError(f"the file ends after {at + filled} bytes; its listing says {size}")
        yield chunk
        at += filled
        turn = 1 - turn


class _Part:
    """One part on its way: the bytes so far, their digests, and what the disk was found to hold."""

    def __init__(self, incoming: Incoming, crew: ThreadPoolExecutor, name: str) -> None:
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
        self._note = ""
        self.size = incoming.size
        self.at = 0

    def prove_prefix(self) -> None:
        """Take over what an earlier attempt left, as far as the disk proves what its log claims."""
        if not self._incoming.recorded:
            return
        for length, claimed in self._incoming.recorded:
            if not self._prove_piece(length, claimed):
                break
        self._resumed_at = self.at

    def _prove_piece(self, length: int, claimed: str) -> bool:
        """Compare one piece with its claim; say whether more may follow."""
        end = self.at + length
        if end > self.size or (end % _BLOCK and end != self.size) or not 0 < length <= PIECE_BYTES:
            return False
        whole, piece = self._whole.copy(), hashlib.sha256()
        try:
            for data in self._incoming.read_back(self.at, length):
                whole.update(data)
                piece.update(data)
        except DurabilityError:
            return False  # a piece that the disk has lost is read from the camera again
        if piece.hexdigest() != claimed:
            return False
        self._whole, self._piece, self.at = whole, piece, end
        if length == PIECE_BYTES:
            self._end_piece()
        return length == PIECE_BYTES

    def take(self, chunk: memoryview) -> None:
        """Hash and write a chunk, while the camera gives the next; the one before is done with now."""
        self._finish_jobs()
        if self.at and self.at % PIECE_BYTES == 0 and len(self._pieces) * PIECE_BYTES < self.at:
            self._end_piece()
            self._start_proof()
        updates = [self._piece.update]
        if self.size > PIECE_BYTES:  # else the piece is the whole, and one digest serves for both
            updates.append(self._whole.update)
        self._jobs = [self._crew.submit(update, chunk) for update in updates]
        self._jobs.append(self._crew.submit(self._incoming.write, chunk, self.at + self._coming))
        self._coming = len(chunk)

    def _finish_jobs(self) -> None:
        wait_for(self._jobs)
        for job in self._jobs:
            job.result()
        self._jobs = []
        self.at, self._coming = self.at + self._coming, 0

    def _end_piece(self) -> None:
        self._pieces.append(self._piece.hexdigest())
        self._piece = hashlib.sha256()

    def _start_proof(self) -> None:
        """Have the piece that is complete read back while the next one comes: one at a time."""
        self._finish_proof()
        self._proof = self._crew.submit(self._prove, len(self._pieces) - 1)

    def _finish_proof(self) -> None:
        if self._proof is not None:
            self._proof.result()
        self._proof = None

    def _prove(self, index: int) -> None:
        self._compare(index)
        if index % _SETTLE_PIECES == _SETTLE_PIECES - 1:
            self._incoming.settle()

    def _compare(self, index: int) -> None:
        """Read one piece back from the disk, compare it with what came from the camera, note it."""
        start = index * PIECE_BYTES
        length = min(PIECE_BYTES, self.size - start)
        found, got = hashlib.sha256(), 0
        for data in self._incoming.read_back(start, length):
            found.update(data)
            got += len(data)
        if (got, found.hexdigest()) != (length, self._pieces[index]):
            raise _ReadBackError(
                f"{self._name}: the disk holds other bytes from {start} on than came from the camera",
                remedy=_REMEDY,
            )
        if self.size > PIECE_BYTES:
            self._incoming.record(index, length, self._pieces[index])

    def give_up(self, reason: str) -> None:
        """Let the part stand empty, with a note that says why."""
        self._note = f"a sidecar of {self.size} bytes could not be taken and stands here empty: {reason}"
        with suppress(DurabilityError, StorageError):  # of bytes that nobody wants any more
            self._finish_jobs()
            self._finish_proof()
        self._jobs, self._proof = [], None
        self._whole, self._piece, self._pieces = hashlib.sha256(), hashlib.sha256(), []
        self.size = self.at = self._coming = self._resumed_at = 0
        self._incoming.give_up()

    def finish(self) -> None:
        """Close the digests: every byte has come."""
        self._finish_jobs()
        self._finish_proof()
        if len(self._pieces) * PIECE_BYTES < self.size:
            self._end_piece()

    def seal(self, *, sanity: bool) -> _Sealed:
        """Make the part durable and compare what the disk holds with what came from the camera."""
        try:
            self._incoming.seal()
            if self._pieces:
                self._compare(len(self._pieces) - 1)
        except DurabilityError:
            self._incoming.discard()
            raise
        notes = mp4.notes(self._incoming.peek, self.size) if sanity else ()
        if self._note:
            notes = (*notes, self._note)
        self._incoming.close()
        return _Sealed(self._facts(), notes)

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
        """Leave it so that it can go on from here another time."""
        wait_for(self._jobs if self._proof is None else [*self._jobs, self._proof])
        if not any(job.exception() for job in self._jobs):
            length = self.at + self._coming - len(self._pieces) * PIECE_BYTES
            if length > 0:
                self._incoming.record(len(self._pieces), length, self._piece.hexdigest())
                self._incoming.settle()
        self._incoming.close()

    def discard(self) -> None:
        """Throw it away: its disk did not keep it."""
        wait_for(self._jobs if self._proof is None else [*self._jobs, self._proof])
        self._incoming.discard()
