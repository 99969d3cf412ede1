"""How are the bytes of an object read, from its beginning or from the middle?

GetObject returns a whole object: every camera supports it, and it ends with the camera's confirmation.
GetPartialObject64 returns a window of it; it is used to resume in the middle, and for objects of 4 GiB and
more, whose length a container cannot express. GetPartialObject does the same below 4 GiB. Without either, an
object is read from its beginning and the known bytes are skipped.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import suppress
from typing import Final

from bwvdock.edges.cameras.mtp import wire
from bwvdock.edges.cameras.mtp.codes import UNKNOWN, Op, ResponseCode
from bwvdock.edges.cameras.mtp.objects import size_property
from bwvdock.edges.cameras.mtp.session import Session
from bwvdock.edges.cameras.mtp.transfer import MtpTransfer, RefusedError
from bwvdock.edges.cameras.mtp.transport import READ_BYTES
from bwvdock.errors import BwvdockError, UnreadableError, WithdrawnError

WINDOW_BYTES: Final = 64 * 1024 * 1024  # windows of 1 MiB are 2.5 times as slow
_SAMPLE_BYTES: Final = 4096
_NARROW: Final = UNKNOWN + 1  # where 32-bit offsets end
_AGAIN = "Dock the camera again; if it stays so, keep its card and have it examined."


class ObjectReader:
    """Reads objects of one camera. `partial` are the operations that return windows, best first.

    Args:
        session: the camera's session.
        operations: those that the camera supports.
        packet: the size of a full packet, in bytes.
    """

    def __init__(self, session: Session, *, operations: Collection[int], packet: int) -> None:
        self._session = session
        self._packet = packet
        self.partial = [op for op in (Op.GET_PARTIAL_OBJECT_64, Op.GET_PARTIAL_OBJECT) if op in operations]

    def whole(self, handle: int, size: int) -> MtpTransfer:
        """Begin to read an object from its beginning to its end."""
        return self._session.fetch(Op.GET_OBJECT, handle, exactly=size)

    def window(self, handle: int, size: int, at: int, length: int = WINDOW_BYTES) -> MtpTransfer | None:
        """Begin to read some bytes from `at` on; None where the camera cannot do that.

        The camera may return fewer than `length`, but not none. It is never asked past the end, which crashes
        some cameras.
        """
        wanted = min(length, size - at)
        if at + wanted == size and wanted > 1 and (wire.HEADER + wanted) % self._packet == 0:
            wanted -= 1  # Samsung's hangs when the last bytes of a file fill the last packet
        for op in tuple(self.partial):
            if op == Op.GET_PARTIAL_OBJECT and at >= _NARROW:
                continue
            offset = (at,) if op == Op.GET_PARTIAL_OBJECT else (at & UNKNOWN, at >> 32)
            try:
                transfer = self._session.fetch(op, handle, *offset, wanted, at_most=wanted)
            except RefusedError as error:
                if error.code != ResponseCode.OPERATION_NOT_SUPPORTED:
                    raise
                self.partial.remove(op)  # claims to support it, but does not
                continue
            if not transfer.length:
                self.finish(transfer)
                raise UnreadableError(f"The camera returns nothing at byte {at}.", remedy=_AGAIN)
            return transfer
        return None

    def looks_right(self, handle: int, size: int, at: int) -> bool:
        """Return whether windows of an object seem to be where they should be; False where there are none.

        Some cameras do not look at the offset, or not at its upper half. Their windows are those from
        the beginning, or from 4 GiB before: so what is here must differ from what is there. If it
        truly does not, reading from the beginning is slower and no less right.

        Nor does a window show where its object ends: a size that is too small would cut it off. So it
        is asked for a second time, in another way, and who cannot be asked so is not trusted;
        GetObject states it in its header.
        """
        if size_property(self._session, handle) != size:
            return False
        here = at or max(size - _SAMPLE_BYTES, 0)
        return self._differ(handle, size, here, 0) and (
            size <= _NARROW
            or Op.GET_PARTIAL_OBJECT_64 not in self.partial
            or self._differ(handle, size, max(here, _NARROW), max(here, _NARROW) & UNKNOWN)
        )

    def _differ(self, handle: int, size: int, one: int, other: int) -> bool:
        length = min(_SAMPLE_BYTES, size - one)
        first = self.piece(handle, size, one, length)
        return first is not None and first != self.piece(handle, size, other, length)

    def stride(self, size: int, at: int) -> int:
        """Return the length of the window to read next; 0 where windows do not lead to the end.

        With 32-bit offsets the last window must begin below 4 GiB, and be as long as it takes.
        """
        if size <= _NARROW or Op.GET_PARTIAL_OBJECT_64 in self.partial:
            return WINDOW_BYTES if self.partial else 0
        rest = size - at
        return rest if self.partial and at and at < _NARROW and rest < UNKNOWN - wire.HEADER else 0

    def piece(self, handle: int, size: int, at: int, length: int) -> bytes | None:
        """Return a few bytes from any offset; None if the camera cannot do that."""
        data = bytearray(length)
        done = 0
        while done < length:
            transfer = self.window(handle, size, at + done, length - done)
            if transfer is None:
                return None
            done += self.read(transfer, memoryview(data)[done:])
            self.finish(transfer)
        return bytes(data)

    def read(self, transfer: MtpTransfer, view: memoryview) -> int:
        """Continue a transfer.

        Raises:
            WithdrawnError: the camera stopped, or sent something that is not MTP.
            CameraGoneError, UnreadableError: see Session.
        """
        try:
            return self._session.read(transfer, view)
        except (RefusedError, wire.WireError) as error:
            raise _withdrawn(error) from error

    def holds(self, handle: int, size: int, at: int, data: bytes) -> bool:
        """Return whether the camera has these bytes at `at`; False if it has no windows."""
        return self.piece(handle, size, at, len(data)) == data

    def pass_over(self, transfer: MtpTransfer, count: int) -> Iterator[tuple[int, memoryview]]:
        """Skip bytes that were read before; yield each chunk with its offset, valid until the next."""
        scratch = memoryview(bytearray(min(count, READ_BYTES)))
        at = 0
        while at < count:
            got = self.read(transfer, scratch[: min(count - at, len(scratch))])
            yield at, scratch[:got]
            at += got

    def finish(self, transfer: MtpTransfer) -> None:
        """Read the camera's confirmation of a transfer.

        Raises:
            WithdrawnError: it was not right.
            CameraGoneError, UnreadableError: see Session.
        """
        try:
            params = self._session.finish(transfer)
        except (RefusedError, wire.WireError) as error:
            raise _withdrawn(error) from error
        if transfer.window and params and params[0] != transfer.length & UNKNOWN:
            raise _withdrawn(wire.WireError(f"{transfer.length} bytes, but it reports {params[0]}"))

    def abandon(self, transfer: MtpTransfer) -> None:
        """Abandon a transfer; raises no error, because a problem will show again."""
        with suppress(BwvdockError):
            self._session.abandon(transfer)


def _withdrawn(error: UnreadableError) -> WithdrawnError:
    return WithdrawnError(f"The data read from the file is invalid: {error.message}", remedy=_AGAIN)
