"""How is one answer of a camera read without taking a wrong byte for a right one?

A data phase is read to a counted length: the one in its header, which must be the one we expect.
That a packet is short, or that an empty one comes, ends nothing and is needed for nothing: of the
stacks in the field some send an empty packet after a full last one, some never, some always, and
some a single byte. What comes after the counted bytes must be the response, and it must say OK.
"""

from __future__ import annotations

from typing import Final

from bwvdock.edges.cameras.mtp import codes, wire
from bwvdock.edges.cameras.mtp.codes import UNKNOWN, Op, ResponseCode
from bwvdock.edges.cameras.mtp.transport import READ_BYTES, Pipe
from bwvdock.errors import NotReadyError, UnreadableError

_SKIPS: Final = 3  # stale responses, stray short packets, empty reads: so many of each, and no more
_STRAY_BYTES: Final = 4  # some send one byte in the place of an empty packet, some two to four
_RESPONSE_CODES: Final = frozenset({0x2, 0xA})  # the upper four bits: the standard's, and vendors'
_RESPONSE_READ: Final = 512


class RefusedError(UnreadableError):
    """The camera answered with a code other than OK."""

    def __init__(self, code: int) -> None:
        super().__init__(
            f"The camera refused: {codes.words(code)}.",
            remedy="Dock it again; if it stays so, report its model and firmware.",
        )
        self.code = code


class BusyError(NotReadyError):
    """The camera reports that it is busy."""

    def __init__(self) -> None:
        super().__init__("The camera is busy.", remedy="None needed: the dock tries again.")


class LengthError(wire.WireError):
    """The data has the wrong length; none of it was used."""


def check(answer: wire.Response) -> wire.Response:
    """Return the response if it is OK.

    Raises:
        BusyError, RefusedError: it does not.
        WireError: its code is none of a response: data that calls itself one.
    """
    if answer.code == ResponseCode.DEVICE_BUSY:
        raise BusyError
    if answer.code >> 12 not in _RESPONSE_CODES:
        raise wire.WireError(f"a response with the code 0x{answer.code:04X}")
    if not answer.ok:
        raise RefusedError(answer.code)
    return answer


def receive_response(
    pipe: Pipe, *, op: int, transaction: int, timeout_ms: int, first: bytes = b"", stray: int = _STRAY_BYTES
) -> wire.Response:
    """Read the response of a transaction, past what is left of earlier ones.

    Args:
        pipe: the camera.
        op: the operation.
        transaction: the transaction it must belong to.
        timeout_ms: for each read.
        first: what came in the last packet of the data and can only be its beginning.
        stray: the largest packet that may come before it and mean nothing.

    Raises:
        WireError: something else came.
        CameraGoneError, PipeError: see Pipe.
    """
    strays = stale = 0
    while True:
        data = _whole(pipe, first, timeout_ms=timeout_ms)
        first = b""
        if len(data) < wire.HEADER:  # an empty packet, or what some send in its place
            strays += 1
            if strays > _SKIPS or len(data) > stray:
                raise wire.WireError(f"{len(data)} bytes where the response should be")
            continue
        answer = wire.response(data)
        if answer.transaction == transaction or (op == Op.CLOSE_SESSION and not answer.transaction):
            return answer
        stale += 1
        if answer.transaction > transaction or stale > _SKIPS:
            raise wire.WireError(f"the response to transaction {answer.transaction}, not to {transaction}")


def _whole(pipe: Pipe, begun: bytes, *, timeout_ms: int) -> bytes:
    """Read a packet; or the rest of a response that began in the packet with the data's last byte."""
    while not begun or len(begun) < wire.HEADER or len(begun) < wire.header(begun).length:
        more = pipe.receive(max(_RESPONSE_READ, pipe.packet), timeout_ms=timeout_ms)
        if not begun:
            return bytes(more)
        if not more or len(begun) + len(more) > wire.HEADER + 4 * wire.MAX_PARAMS:
            raise wire.WireError(f"{len(begun)} bytes too many")
        begun += more
    return begun


class MtpTransfer:
    """The data phase and the response of one transaction whose command has been sent.

    `over` is whether the response has come: only then may the next command be sent. `length` is
    the number of bytes of data. `op` is the operation.

    Args:
        pipe: the camera.
        op: the operation.
        transaction: its number.
        exactly: the bytes of data that there must be, or None if the camera says.
        at_most: the bytes of data that there may be, where the camera says.
        timeout_ms: for each read.
    """

    def __init__(
        self,
        pipe: Pipe,
        *,
        op: int,
        transaction: int,
        exactly: int | None = None,
        at_most: int,
        timeout_ms: int,
    ) -> None:
        self.over = False
        self.dead = False  # something else was begun, or it failed: nothing more can be had
        self.transaction = transaction
        self.window = exactly is None  # the camera said how much it gives, and says it again at the end
        self._pipe = pipe
        self.op = op
        self._timeout_ms = timeout_ms
        self._came = 0  # bytes of data that were received
        self._given = 0  # bytes of data that were handed on
        self._carry = memoryview(b"")  # received and not yet handed on: less than a packet
        self._response = b""  # what came with the data's last bytes
        self.length = self._begin(exactly, at_most)

    @property
    def left(self) -> int:
        """The bytes of data that were not handed on yet."""
        return self.length - self._given

    def readinto(self, view: memoryview) -> int:
        """Fill the view with data, or with all that is left of it.

        Raises:
            RefusedError, BusyError: the response came in the middle of the data.
            WireError: what came cannot be the data.
            CameraGoneError, PipeError: see Pipe.
        """
        wanted = min(len(view), self.left)
        done = 0
        while done < wanted:
            if not self._carry:
                self._carry = self._more(wanted - done)
            piece = self._carry[: wanted - done]
            view[done : done + len(piece)] = piece
            done += len(piece)
            self._carry = self._carry[len(piece) :]
        # What a buffer holds lasts only until the next read, which may be somebody else's.
        self._carry = memoryview(bytes(self._carry))
        self._given += done
        return done

    def finish(self) -> wire.Response:
        """Read the response; all data must have been handed on.

        Raises:
            RefusedError, BusyError: it is not OK, so the data is none.
            WireError: something else comes: more data, for example.
            CameraGoneError, PipeError: see Pipe.
        """
        if self.left:
            raise RuntimeError("a transfer was finished before its data was read")
        answer = receive_response(
            self._pipe,
            op=self.op,
            transaction=self.transaction,
            timeout_ms=self._timeout_ms,
            first=self._response,
            stray=_STRAY_BYTES if self._stated else 0,
        )
        self.over = True
        return check(answer)

    def _begin(self, exactly: int | None, at_most: int) -> int:
        """Read the first packet, and give the bytes of data that will come.

        One packet, so that a small answer's response is not swallowed with it.
        """
        data = self._first()
        head = wire.header(data)
        if (head.kind, head.code, head.transaction) != (wire.ContainerKind.DATA, self.op, self.transaction):
            raise wire.WireError(
                f"type {head.kind} of 0x{head.code:04X} in transaction {head.transaction}, where the data "
                f"of 0x{self.op:04X} in {self.transaction} should be"
            )
        length = _length(head.length, exactly, at_most)
        # Where the camera does not say where its data ends, a byte after what we expect may be footage.
        self._stated = head.length == wire.HEADER + length
        self._carry = memoryview(bytes(self._within(data[wire.HEADER :], length)))
        return length

    def _first(self) -> memoryview:
        """Read up to the first packet that is neither stray nor a stale response."""
        strays = stale = 0
        while max(strays, stale) <= _SKIPS:
            data = self._pipe.receive(self._pipe.packet, timeout_ms=self._timeout_ms)
            if len(data) < wire.HEADER:
                strays += 1
            elif wire.header(data).kind != wire.ContainerKind.RESPONSE:
                return data
            elif self._is_stale(wire.response(data)):
                stale += 1
        raise wire.WireError("leftovers where a container should be, again and again")

    def _is_stale(self, answer: wire.Response) -> bool:
        if answer.transaction < self.transaction:
            return True
        if answer.transaction > self.transaction:
            raise wire.WireError(f"a response to transaction {answer.transaction}")
        check(answer)
        raise wire.WireError("OK, and no data")

    def _more(self, wanted: int) -> memoryview:
        """Read at most what is wanted, up to the end of its packet."""
        for _ in range(_SKIPS + 1):
            ask = min(wanted, self.length - self._came, READ_BYTES)
            data = self._pipe.receive(ask, timeout_ms=self._timeout_ms)
            if data:
                self._not_a_response(data)
                return self._within(data, self.length)
        raise wire.WireError(f"no more data after {self._came} of {self.length} bytes")

    def _within(self, data: memoryview, length: int) -> memoryview:
        """Count data; what came beyond its length is the response, or a stray byte, or a failure."""
        room = length - self._came
        data, surplus = data[:room], bytes(data[room:])
        self._came += len(data)
        self._response = surplus
        return data

    def _not_a_response(self, data: memoryview) -> None:
        """Data that breaks off with a short packet, which is a response, is the end of the transaction."""
        if self._came + len(data) >= self.length or not len(data) % self._pipe.packet:
            return
        try:
            answer = wire.response(data)
        except wire.WireError:
            return
        if answer.transaction == self.transaction and wire.header(data).length == len(data):
            self.over = True
            check(answer)
            raise wire.WireError(f"OK after {self._came} of {self.length} bytes")


def _length(stated: int, exactly: int | None, at_most: int) -> int:
    """Return the bytes of data that will come, from what the header states and what we know."""
    data = stated - wire.HEADER
    if exactly is not None:
        whole = wire.HEADER + exactly
        # A length that does not fit 32 bits is 0xFFFFFFFF; its low 32 bits are tolerated as well.
        if stated in {whole, UNKNOWN} or (whole >= UNKNOWN and stated == whole & UNKNOWN):
            return exactly
        raise LengthError(f"{data} bytes of data, where there should be {exactly}")
    if stated == UNKNOWN or not 0 <= data <= at_most:
        raise wire.WireError(f"data of unlikely length ({stated})")
    return data
