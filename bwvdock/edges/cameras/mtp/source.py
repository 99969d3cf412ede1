"""How is one listed object read forwards, so that its last byte comes only if all of them are right?"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from types import TracebackType
from typing import Final, Self

from bwvdock.core.ports import CameraFile
from bwvdock.edges.cameras.mtp import wire
from bwvdock.edges.cameras.mtp.codes import UNKNOWN
from bwvdock.edges.cameras.mtp.reading import Reader
from bwvdock.edges.cameras.mtp.transfer import LengthError, Transfer
from bwvdock.edges.cameras.mtp.transport import PipeError
from bwvdock.errors import CameraGoneError, WithdrawnError

_TRIES: Final = 3  # at the same bytes; each begins with a stronger measure against what went wrong


class MtpSource:
    """One open object. See core/ports.py, Source, for the contract.

    `dropped` counts bytes that had to be read again because the camera cannot begin in the midst.

    Args:
        reader: reads from the camera.
        file: what was listed.
        handle: gives the object's handle now; raises NotReadyError if it is not what was listed.
        offset: where to begin.
        using: keeps the camera open while a call is under way.
    """

    def __init__(
        self,
        reader: Reader,
        file: CameraFile,
        *,
        handle: Callable[[], int],
        offset: int,
        using: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self.dropped = 0
        self._reader = reader
        self._file = file
        self._handle = handle
        self._at = offset
        self._using = using
        self._transfer: Transfer | None = None
        self._withdrawn: WithdrawnError | None = None
        self._windows: bool | None = None  # whether windows may be used; asked when it matters

    def readinto(self, buffer: memoryview) -> int:
        """Read on from where the last read ended."""
        wanted = min(len(buffer), self._file.size - self._at)
        if wanted <= 0:
            return 0
        if self._withdrawn is not None:
            raise self._withdrawn  # what was handed over before does not count either
        with self._using():
            for _ in range(_TRIES - 1):
                with suppress(PipeError):  # the camera was brought back; what had come is read on from
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
            self._at, self._transfer = begin, None
            if isinstance(error, WithdrawnError):
                self._withdrawn = error
            raise
        return done

    def _fill(self, view: memoryview) -> int:
        """Read what the transfer under way still gives, and hear at its end whether it was right."""
        transfer = self._going()
        count = self._reader.read(transfer, view)
        self._at += count
        if not transfer.left:
            self._transfer = None
            self._reader.finish(transfer)
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

    def _going(self) -> Transfer:
        """Give the transfer that is under way, or begin one: something else may have ended the last."""
        if self._transfer is None or self._transfer.dead:
            handle = self._handle()
            try:
                self._transfer = self._window(handle) or self._whole(handle)
            except LengthError:
                self._handle()  # it may have changed in between; if not, the camera is wrong
                raise
        return self._transfer

    def _window(self, handle: int) -> Transfer | None:
        """Begin a window, where that is better than the whole: in the midst, or of what is very large."""
        size = self._file.size
        stride = self._reader.stride(size, self._at)
        if not stride or not (self._at or size >= UNKNOWN - wire.HEADER):
            return None
        if self._windows is None:
            self._windows = self._reader.looks_right(handle, size, self._at)
        return self._reader.window(handle, size, self._at, stride) if self._windows else None

    def _whole(self, handle: int) -> Transfer:
        transfer = self._reader.whole(handle, self._file.size)
        self._reader.drop(transfer, self._at)
        self.dropped += self._at
        return transfer
