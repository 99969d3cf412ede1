"""How are clips read from the camera while the disk is still busy with earlier ones?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures import wait as wait_for
from dataclasses import dataclass

from bwvdock.core.clips.clip import Clip
from bwvdock.core.facts import ClipAcquired, ClipSkipped
from bwvdock.core.media import mp4
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
from bwvdock.stages.acquire.crew import Crew, outcome
from bwvdock.stages.acquire.part import BLOCK, Part, ReadBackError, Sealed
from bwvdock.stages.acquire.ring import Ring

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
        """Return the parts, whose jobs are done; none if the disk returned other bytes than were written."""
        try:
            return [outcome(part) for part in self.parts]
        except ReadBackError:
            return []


class Copier:
    """Copies clips. The ring of its crew is all the memory that copying uses."""

    def __init__(self, docking: str, spool: Spool, progress: Progress, crew: Crew) -> None:
        self._docking = docking
        self._spool = spool
        self._progress = progress
        self._crew = crew
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
        sealed: list[tuple[CopyOrder, list[Sealed]]] = []
        errors: list[StorageError] = []
        for p in pending:
            try:
                sealed.append((p.order, p.sealed()))
            except DurabilityError:
                raise
            except StorageError as error:  # the disk is full, say: that takes nothing from the others
                errors.append(error)
        yield from self._publish([(order, parts) for order, parts in sealed if parts])
        if errors:
            raise errors[0]
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
                sealing.append(self._take(order, number, part, before))
                self._progress(clip.id, before + part.size)
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

    def _take(self, order: CopyOrder, number: int, part: Part, before: int) -> Future[Sealed]:
        """Read a part, and return the job that seals it."""
        sanity = number == 0 and _is_mp4(order.clip)
        try:
            held = self._read(order, number, part, before)
        except (UnreadableError, NotReadyError) as error:
            if number == 0:
                raise
            part.give_up(error.message)  # an unreadable sidecar does not prevent taking its footage
            held = None
        if held is not None:
            sealing = self._crew.disk.submit(part.take_whole, held[: part.size], held, sanity=sanity)
            self._crew.ring.lend(part.size, [sealing])
            return sealing
        part.finish()
        return self._crew.read_back(part.seal, sanity=sanity)

    def _read(self, order: CopyOrder, number: int, part: Part, before: int) -> memoryview | None:
        """Hand a part's chunks to the crew; or return all of it where that is one small chunk.

        Nothing of such a part is written before its source was closed without an objection: one job does all.
        """
        if part.at == part.size:
            return None
        file, ring, held = order.files[number], self._crew.ring, None
        if part.at and (why := order.volume.doubt(file, part.at, part.peek)):
            raise _DoubtError(f"read again from the beginning instead of from byte {part.at}: {why}")
        with order.volume.open(file, offset=part.at) as source:
            for memory, filled in _chunks(source, part.at, part.size, ring):
                if filled == part.size and not self._crew.is_one_of_many:
                    held = memory
                else:
                    ring.lend(filled, part.take(memory[:filled]))
                    self._progress(order.clip.id, before + part.at)
            part.remark(*source.notes)
        return held


def _is_mp4(clip: Clip) -> bool:
    return suffix(clip.files[0].path, allowed=mp4.EXTENSIONS) in mp4.EXTENSIONS


def _chunks(source: Source, at: int, size: int, ring: Ring) -> Iterator[tuple[memoryview, int]]:
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
