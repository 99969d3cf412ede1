"""How are clips read from the camera while the disk is still busy with earlier ones?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures import wait as wait_for
from dataclasses import dataclass, replace
from functools import partial

from bwvdock.core.clips.clip import Clip
from bwvdock.core.facts import CameraDigestCompared, ClipAcquired, ClipSkipped
from bwvdock.core.facts.comparing import DIFFERS, FAILED, OTHER, SAME
from bwvdock.core.media import mp4
from bwvdock.core.media.digest_files import MOST_BYTES, is_digest_file
from bwvdock.core.media.names import suffix
from bwvdock.core.ports import PIECE_BYTES, CameraFile, CameraVolume, FileStatus, Progress, Source, Spool
from bwvdock.errors import (
    BwvdockError,
    DurabilityError,
    NotReadyError,
    StorageError,
    UnreadableError,
    WithdrawnError,
)
from bwvdock.stages.acquire.camera_digests import Attested, Compared
from bwvdock.stages.acquire.copy_memory import RingBuffer
from bwvdock.stages.acquire.copy_threads import CopyThreads, outcome
from bwvdock.stages.acquire.part import BLOCK, Part, ReadBackError, Sealed
from bwvdock.stages.acquire.second_read import SECOND_READ_BYTES, read_again

_BATCH_PARTS, _BATCH_BYTES = 64, 64 * 1024 * 1024  # how much shares one sync of the directory


@dataclass(frozen=True, kw_only=True, slots=True)
class CopyOrder:
    """A clip to copy, its volume, and its files as listed now, in the clip's order."""

    clip: Clip
    volume: CameraVolume
    files: Sequence[CameraFile]


class _DoubtError(BwvdockError):
    """The camera does not confirm what an earlier attempt copied of a clip; `message` says why."""


@dataclass(slots=True)
class _Pending:
    """A clip whose bytes were all read, while the disk is still being checked."""

    order: CopyOrder
    parts: list[Future[Sealed]]
    attested: Attested

    def sealed(self) -> list[Sealed]:
        """Return the parts, whose jobs are done; none if the disk returned other bytes than were written."""
        try:
            return [outcome(part) for part in self.parts]
        except ReadBackError:
            return []


class Copier:
    """Copies clips. The ring of its threads is all the memory that copying uses."""

    def __init__(
        self,
        docking: str,
        spool: Spool,
        progress: Progress,
        threads: CopyThreads,
        compared: Compared,
        second_reads: int,
    ) -> None:
        self._docking = docking
        self._second_reads = second_reads
        self._compared = compared
        self._spool = spool
        self._progress = progress
        self._threads = threads
        self._pending: list[_Pending] = []

    @property
    def has_batch(self) -> bool:
        """Whether enough is pending to be committed together."""
        clips = [p.order.clip for p in self._pending]
        return sum(len(c.files) for c in clips) >= _BATCH_PARTS or sum(c.size for c in clips) >= _BATCH_BYTES

    def take(self, order: CopyOrder) -> ClipSkipped | None:
        """Read a clip, and have its parts sealed while the next is read; or return why not."""
        try:
            try:
                self._pending.append(self._begin(order))
            except ReadBackError:
                self._pending.append(self._begin(order))
        except (UnreadableError, NotReadyError) as error:
            return self._skipped(order, error)
        return None

    def commit(self) -> Iterator[ClipAcquired | ClipSkipped]:
        """Wait for the disk, rename the pending clips, and only then return their facts."""
        pending, self._pending = self._pending, []
        wait_for([part for p in pending for part in p.parts])
        sealed: list[tuple[_Pending, list[Sealed]]] = []
        errors: list[StorageError] = []
        for p in pending:
            try:
                sealed.append((p, p.sealed()))
            except DurabilityError:
                raise
            except StorageError as error:  # the disk is full, say: that takes nothing from the others
                errors.append(error)
        yield from self._publish([(p, parts) for p, parts in sealed if parts])
        if errors:
            raise errors[0]
        for order in [p.order for p, parts in sealed if not parts]:
            yield from self._once_more(order)

    def _once_more(self, order: CopyOrder) -> Iterator[ClipAcquired | ClipSkipped]:
        """Copy a clip again for which the disk returned other bytes; there is no third time."""
        try:
            pending = self._begin(order)
            parts = [outcome(part) for part in pending.parts]
        except (UnreadableError, NotReadyError) as error:
            yield self._skipped(order, error)
        else:
            yield from self._publish([(pending, parts)])

    def _publish(self, sealed: Sequence[tuple[_Pending, Sequence[Sealed]]]) -> Iterator[ClipAcquired]:
        if sealed:
            self._spool.publish([p.order.clip for p, _ in sealed])
        for p, parts in sealed:
            order, header = p.order, parts[0].header
            if told := p.attested.compared(order.clip, parts):
                self._compared(self._read_again(order, told, parts))
            yield ClipAcquired(
                clip=order.clip.id,
                docking=self._docking,
                parts=tuple(s.part for s in parts),
                notes=tuple(note for s in parts for note in s.notes),
                header_s=header.created_s if header else 0,
                length_ms=header.length_ms if header else 0,
            )

    def _read_again(
        self, order: CopyOrder, told: CameraDigestCompared, parts: Sequence[Sealed]
    ) -> CameraDigestCompared:
        """Return a comparison, with what a second read shows where the camera's digest differs.

        A few of one docking are read, for a camera that states all wrongly must not take twice as long.
        """
        differing = {one.part for one in told.compared if one.outcome == DIFFERS}
        size = sum(parts[number].part.size for number in differing)
        if not differing or self._second_reads <= 0 or size > SECOND_READ_BYTES:
            return told
        self._second_reads -= 1
        heed = partial(self._progress, order.clip.id, order.clip.size)
        same = [
            read_again(order.volume, order.files[number], parts[number].part, heed)
            for number in sorted(differing)
        ]
        return replace(told, read_again=next(one for one in (OTHER, FAILED, SAME) if one in same))

    def _skipped(self, order: CopyOrder, error: UnreadableError | NotReadyError) -> ClipSkipped:
        unreadable = isinstance(error, UnreadableError)
        outcome = FileStatus.UNREADABLE if unreadable else FileStatus.NOT_READY
        return ClipSkipped(
            docking=self._docking, clip=order.clip.id, outcome=outcome.value, reason=error.message
        )

    def _begin(self, order: CopyOrder) -> _Pending:
        """Copy a clip, from its beginning if the camera does not confirm what an earlier attempt copied."""
        try:
            return self._copy(order)
        except _DoubtError as doubt:
            return self._copy(order, doubt.message)

    def _copy(self, order: CopyOrder, *remarks: str) -> _Pending:
        clip = order.clip
        parts = [
            Part(incoming, self._threads, f"clip {clip.id}, part {number}")
            for number, incoming in enumerate(self._spool.receive(clip))
        ]
        parts[0].remark(*remarks)
        sealing: dict[int, Future[Sealed]] = {}
        attested, before = Attested(clip), 0
        try:
            for number in attested.turns:
                part = parts[number]
                attested.prepare(number, part)
                part.prove_prefix()
                sealing[number] = self._take(order, number, part, before, attested)
                before += part.size
                self._progress(clip.id, before)
        except (DurabilityError, WithdrawnError, _DoubtError):
            # The copy must not be resumed: the disk did not keep it, or the camera withdrew it.
            wait_for(sealing.values())
            for part in parts:
                part.discard()
            raise
        except BaseException:
            wait_for(sealing.values())
            for part in parts:
                part.suspend()
            raise
        return _Pending(order, [sealing[number] for number in range(len(parts))], attested)

    def _take(
        self, order: CopyOrder, number: int, part: Part, before: int, attested: Attested
    ) -> Future[Sealed]:
        """Read a part, and return the job that seals it."""
        sanity = number == 0 and _is_mp4(order.clip)
        try:
            held = self._read(order, number, part, before)
        except (UnreadableError, NotReadyError) as error:
            if number == 0:
                raise
            part.give_up(error.message)  # an unreadable sidecar does not prevent taking its footage
            held = None
        if is_digest_file(order.clip.files[number].path):
            attested.read(number, _beginning(part, held, listed=order.clip.files[number].size))
        if held is not None:
            sealing = self._threads.disk.submit(part.take_whole, held[: part.size], held, sanity=sanity)
            self._threads.ring.lend(part.size, [sealing])
            return sealing
        part.finish()
        return self._threads.read_back(part.seal, sanity=sanity)

    def _read(self, order: CopyOrder, number: int, part: Part, before: int) -> memoryview | None:
        """Hand a part's chunks to the threads; or return all of it where that is one small chunk.

        Nothing of such a part is written before its source was closed without an objection: one job does all.
        """
        if part.at == part.size:
            return None
        file, ring, held = order.files[number], self._threads.ring, None
        if part.at and (why := order.volume.doubt(file, part.at, part.peek)):
            raise _DoubtError(f"read again from the beginning instead of from byte {part.at}: {why}")
        with order.volume.open(file, offset=part.at) as source:
            for memory, filled in _chunks(source, part.at, part.size, ring):
                if filled == part.size and not self._threads.is_one_of_many:
                    held = memory
                else:
                    ring.lend(filled, part.take(memory[:filled]))
                    self._progress(order.clip.id, before + part.at)
            part.remark(*source.notes)
        return held


def _beginning(part: Part, held: memoryview | None, *, listed: int) -> bytes | None:
    """Return a part's beginning, all of a short one; None of one that could not be read."""
    length = min(part.size, MOST_BYTES + 1)
    if held is not None:
        return bytes(held[:length])
    if not length:
        return None if listed else b""
    part.finish()
    return part.peek(0, length)


def _is_mp4(clip: Clip) -> bool:
    return suffix(clip.files[0].path, allowed=mp4.EXTENSIONS) in mp4.EXTENSIONS


def _chunks(source: Source, at: int, size: int, ring: RingBuffer) -> Iterator[tuple[memoryview, int]]:
    """Read from `at` to the end, in chunks that never span two pieces: memory, and how much is filled."""
    while at < size:
        ring.fit()
        wanted = min(ring.chunk, size - at, PIECE_BYTES - at % PIECE_BYTES)
        memory, filled = ring.room(wanted), 0
        try:
            while filled < wanted and (got := source.readinto(memory[filled:wanted])):
                filled += got
        except Exception:
            yield memory, filled // BLOCK * BLOCK  # what came before unplugging need not be read again
            raise
        if filled < wanted:
            raise UnreadableError(f"the file ends after {at + filled} bytes, but {size} were listed")
        yield memory, filled
        at += filled
