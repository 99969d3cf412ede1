"""How are clips read from the camera while the disk is still busy with earlier ones?"""

from __future__ import annotations

import mmap
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future
from concurrent.futures import wait as wait_for
from dataclasses import dataclass

from bwvdock.core.clips.clip import Clip
from bwvdock.core.facts import ClipAcquired, ClipSkipped
from bwvdock.core.media import mp4
from bwvdock.core.media.names import suffix
from bwvdock.core.ports import PIECE_BYTES, CameraFile, CameraVolume, FileStatus, Progress, Source, Spool
from bwvdock.errors import BwvdockError, DurabilityError, NotReadyError, UnreadableError, WithdrawnError
from bwvdock.stages.acquire.part import BLOCK, Part, ReadBackError, Sealed, outcome

_LARGEST_CHUNK, _SMALLEST_CHUNK = 2 * 1024 * 1024, 256 * 1024  # all between divide a piece
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

    def sealed(self) -> list[Sealed]:
        """Wait for the disk; return None if it returned other bytes than were written."""
        wait_for(self.parts)
        try:
            return [outcome(part) for part in self.parts]
        except ReadBackError:
            return []


def chunk_for(others: int) -> int:
    """Return the size of a chunk while so many other cameras are being copied.

    A single camera is copied fastest in large chunks; forty share the disk and the dock's memory anyway.
    """
    return max(_SMALLEST_CHUNK, _LARGEST_CHUNK >> others.bit_length())


class Copier:
    """Copies clips. Its two buffers are all the memory that copying uses."""

    def __init__(self, docking: str, spool: Spool, progress: Progress, crew: Executor, *, chunk: int) -> None:
        self._docking = docking
        self._spool = spool
        self._progress = progress
        self._crew = crew
        self._buffers = [memoryview(mmap.mmap(-1, chunk)) for _ in range(2)]
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
        sealed = [(p.order, p.sealed()) for p in pending]
        yield from self._publish([(order, parts) for order, parts in sealed if parts])
        for order in [order for order, parts in sealed if not parts]:
            yield from self._once_more(order)

    def _once_more(self, order: CopyOrder) -> Iterator[ClipAcquired | ClipSkipped]:
        """Copy a clip again for which the disk returned other bytes; there is no third time."""
        try:
            parts = [outcome(part) for part in self._begin(order).parts]
        except (UnreadableError, NotReadyError) as error:
            yield self._skipped(order, error)
        else:
            yield from self._publish([(order, parts)])

    def _publish(self, sealed: Sequence[tuple[CopyOrder, Sequence[Sealed]]]) -> Iterator[ClipAcquired]:
        if sealed:
            self._spool.publish([order.clip for order, _ in sealed])
        for order, parts in sealed:
            header = parts[0].header
            yield ClipAcquired(
                clip=order.clip.id,
                docking=self._docking,
                parts=tuple(s.part for s in parts),
                notes=tuple(note for s in parts for note in s.notes),
                header_s=header.created_s if header else 0,
                length_ms=header.length_ms if header else 0,
            )

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
            Part(incoming, self._crew, f"clip {clip.id}, part {number}")
            for number, incoming in enumerate(self._spool.receive(clip))
        ]
        parts[0].remark(*remarks)
        sealing: list[Future[Sealed]] = []
        try:
            for number, part in enumerate(parts):
                before = sum(p.size for p in parts[:number])
                part.prove_prefix()
                try:
                    self._read(order, number, part, before)
                except (UnreadableError, NotReadyError) as error:
                    if number == 0:
                        raise
                    part.give_up(error.message)  # an unreadable sidecar does not prevent taking its footage
                part.finish()
                self._progress(clip.id, before + part.size)
                sealing.append(self._crew.submit(part.seal, sanity=number == 0 and _is_mp4(clip)))
        except (DurabilityError, WithdrawnError, _DoubtError):
            # The copy must not be resumed: the disk did not keep it, or the camera withdrew it.
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

    def _read(self, order: CopyOrder, number: int, part: Part, before: int) -> None:
        if part.at == part.size:
            return
        file = order.files[number]
        if part.at and (why := order.volume.doubt(file, part.at, part.peek)):
            raise _DoubtError(f"read again from the beginning instead of from byte {part.at}: {why}")
        with order.volume.open(file, offset=part.at) as source:
            for chunk in _chunks(source, part.at, part.size, self._buffers):
                part.take(chunk)
                self._progress(order.clip.id, before + part.at)
            part.remark(*source.notes)


def _is_mp4(clip: Clip) -> bool:
    return suffix(clip.files[0].path, allowed=mp4.EXTENSIONS) in mp4.EXTENSIONS


def _chunks(source: Source, at: int, size: int, buffers: Sequence[memoryview]) -> Iterator[memoryview]:
    """Read from `at` to the end, in chunks that never span two pieces; two are valid at a time."""
    turn = 0
    while at < size:
        chunk = buffers[turn][: min(len(buffers[turn]), size - at, PIECE_BYTES - at % PIECE_BYTES)]
        filled = 0
        try:
            while filled < len(chunk) and (got := source.readinto(chunk[filled:])):
                filled += got
        except Exception:
            yield chunk[: filled // BLOCK * BLOCK]  # what came before unplugging need not be read again
            raise
        if filled < len(chunk):
            raise UnreadableError(f"the file ends after {at + filled} bytes, but {size} were listed")
        yield chunk
        at += filled
        turn = 1 - turn
