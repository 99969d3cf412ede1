"""How is one listed object read forwards, so that its last byte is only returned if all of them are valid?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from types import TracebackType
from typing import Final, Self

from bwvdock.core.ports import CameraFile
from bwvdock.edges.cameras.mtp import wire
from bwvdock.edges.cameras.mtp.codes import UNKNOWN, title
from bwvdock.edges.cameras.mtp.reading import ObjectReader
from bwvdock.edges.cameras.mtp.transfer import LengthError, MtpTransfer
from bwvdock.edges.cameras.mtp.transport import PipeError
from bwvdock.edges.cameras.mtp.unconfirmed import Holds, Trail
from bwvdock.errors import CameraGoneError, WithdrawnError

_TRIES: Final = 3  # at the same bytes; each begins with a stronger measure against what went wrong
_MOST_NOTES: Final = 8


class MtpSource:
    """One open object. See core/ports/, Source, for the contract.

    Args:
        reader: reads from the camera.
        file: what was listed.
        handle: gives the object's handle now; raises NotReadyError if it is not what was listed.
        offset: where to begin.
        using: keeps the camera open while a call is under way.
    """

    def __init__(
        self,
        reader: ObjectReader,
        file: CameraFile,
        *,
        handle: Callable[[], int],
        offset: int,
        using: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self._reader = reader
        self._file = file
        self._handle = handle
        self._at = offset
        self._using = using
        self._transfer: MtpTransfer | None = None
        self._trail = Trail()
        self._notes: list[str] = []
        self._withdrawn: WithdrawnError | None = None
        self._goes_on = bool(offset)  # the next transfer begins where another broke off
        self._windows: bool | None = None  # whether windows may be used; asked when it matters

    @property
    def notes(self) -> Sequence[str]:
        """Notes on where, and by which operation, reading was resumed."""
        return tuple(self._notes)

    def readinto(self, buffer: memoryview) -> int:
        """Continue from where the last read ended."""
        wanted = min(len(buffer), self._file.size - self._at)
        if wanted <= 0:
            return 0
        if self._withdrawn is not None:
            raise self._withdrawn  # what was handed over before does not count either
        with self._using():
            for _ in range(_TRIES - 1):
                with suppress(PipeError):  # the camera was recovered; reading resumes after what had come
                    return self._take(buffer[:wanted])
            return self._take(buffer[:wanted])

    def _take(self, buffer: memoryview) -> int:
        begin, done = self._at, 0
        try:
            while done < len(buffer):
                done += self._fill(buffer[done:])
            if self._at >= self._file.size:
                self._handle()
        except BaseException as error:
            # Nothing was handed over: who asks again must get these bytes, not those after them.
            self._at, self._transfer, self._goes_on = begin, None, True
            if isinstance(error, WithdrawnError):
                self._withdrawn = error
            raise
        if self._transfer is not None:
            self._trail.add(begin, buffer[:done])
        return done

    def _fill(self, view: memoryview) -> int:
        """Read what the transfer under way still gives, and hear at its end whether it was right."""
        transfer = self._going()
        count = self._reader.read(transfer, view)
        self._at += count
        if not transfer.left:
            self._transfer = None
            self._reader.finish(transfer)
            self._trail.clear()
        return count

    def close(self) -> None:
        """Close it; a transfer that was not read to its end is cancelled."""
        transfer, self._transfer = self._transfer, None
        if transfer is None or transfer.dead:
            return
        try:
            with self._using():
                self._reader.abandon(transfer)
        except CameraGoneError:
            return

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _going(self) -> MtpTransfer:
        """Return the transfer that is under way, or begin one: something else may have ended the last."""
        if self._transfer is None or self._transfer.dead:
            handle = self._handle()
            try:
                self._transfer = self._window(handle) or self._whole(handle)
            except LengthError:
                self._handle()  # it may have changed in between; if not, the camera is wrong
                raise
            self._trail.begin(self._at)
            self._goes_on = False
        return self._transfer

    def _window(self, handle: int) -> MtpTransfer | None:
        """Begin a window, where that is better than the whole: in the middle, or of what is very large."""
        size, reader = self._file.size, self._reader
        stride = reader.stride(size, self._at)
        if not stride or not (self._at or size >= UNKNOWN - wire.HEADER):
            return None
        if self._windows is None:
            self._windows = reader.looks_right(handle, size, self._at)
        if not self._windows:
            return None
        self._prove(lambda at, data: reader.holds(handle, size, at, data))
        transfer = reader.window(handle, size, self._at, stride)
        if transfer is not None and self._goes_on:
            self._note(f"resumed at byte {self._at} by {title(transfer.op)}")
        return transfer

    def _whole(self, handle: int) -> MtpTransfer:
        """Begin the whole; what was had before is passed over, and must be what it was."""
        transfer = self._reader.whole(handle, self._file.size)
        if not self._at:
            return transfer
        found = self._trail.blanks()
        for at, data in self._reader.pass_over(transfer, self._at):
            for begin, end in found:
                found[begin, end] += data[max(begin - at, 0) : max(end - at, 0)]
        self._prove(lambda at, data: found[at, at + len(data)] == data)
        self._note(
            f"read again from its beginning up to byte {self._at}: the camera cannot start in the middle"
        )
        return transfer

    def _prove(self, holds: Holds) -> None:
        """See that the camera still holds what it gave in a transaction that it has not vouched for."""
        if self._trail and not self._trail.stands(holds):
            raise WithdrawnError(
                f"The data up to byte {self._at}, read before the camera failed, cannot be proven.",
                remedy="Dock it again; the clip is then read from its beginning.",
            )

    def _note(self, note: str) -> None:
        if len(self._notes) < _MOST_NOTES:
            self._notes.append(note)
