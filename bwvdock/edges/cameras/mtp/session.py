"""How are operations on a camera carried out reliably, one after the other?

A session numbers its transactions, has one of them under way at a time, asks again while the camera
is busy, and brings a camera back that hangs: by one measure after the other, from the mildest on,
until it answers. A measure that opens a new session ends the meaning of every object handle; who
holds handles looks at `generation`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, TypeVar

from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from bwvdock.edges.cameras.mtp import wire
from bwvdock.edges.cameras.mtp.codes import Op, ResponseCode
from bwvdock.edges.cameras.mtp.recovery import Timing, cancel, drain
from bwvdock.edges.cameras.mtp.transfer import (
    BusyError,
    LengthError,
    MtpTransfer,
    RefusedError,
    check,
    receive_response,
)
from bwvdock.edges.cameras.mtp.transport import READ_BYTES, Fault, Pipe, PipeError
from bwvdock.errors import CameraGoneError, NotReadyError, UnreadableError

_SESSION_ID: Final = 1
_DATASET_BYTES: Final = 16 * 1024 * 1024  # four million handles
_LAST_TRANSACTION: Final = 0xFFFF_FFFE
_BUSY_TRIES: Final = 9  # waits of 0.1 s, 0.2 s ... 10 s: 23 s together
_TRIES: Final = 3
_FREE_OF_HANDLES: Final = frozenset(
    {Op.GET_DEVICE_INFO, Op.GET_STORAGE_IDS, Op.GET_STORAGE_INFO, Op.GET_DEVICE_PROP_VALUE}
)
_CLASS_RESET: Final = 0x66
_HARMLESS: Final = 3  # rungs that nobody but this session notices
_POWER_SECONDS: Final = 30

T = TypeVar("T")

PowerCycle = Callable[[], None]


class RestartedError(NotReadyError):
    """The session had to be opened again, so the handles that were used are invalid."""

    def __init__(self) -> None:
        super().__init__(
            "The camera had to be restarted during the operation.",
            remedy="None needed: the camera is listed again.",
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Rung:
    """A measure that may bring a camera back. `opens` is whether it ends with a new session."""

    measure: Callable[[], None]
    opens: bool


class Session:
    """The one session on a camera. For one thread at a time.

    Every call may raise CameraGoneError; UnreadableError when the camera does not answer, after it was
    recovered if possible; BusyError when it stays busy. RestartedError comes in the place of UnreadableError
    when handles have lost their meaning.

    Args:
        pipe: the camera.
        timing: how long to wait for what.
        sleep: waits for so many seconds.
        power_cycle: takes the power from the camera's port and gives it back, if the dock can.
    """

    def __init__(
        self,
        pipe: Pipe,
        *,
        timing: Timing | None = None,
        sleep: Callable[[float], None] = time.sleep,
        power_cycle: PowerCycle | None = None,
    ) -> None:
        self.generation = 0
        self.slow = False  # Android: waits longer, its media server may be busy
        self._pipe = pipe
        self._timing = timing or Timing()
        self._sleep = sleep
        self._power_cycle = power_cycle
        self._transaction = 0
        self._under_way: MtpTransfer | None = None
        self._failures = 0  # transfers since the last one that went well
        self._rungs = (
            _Rung(measure=self._cancel, opens=False),
            _Rung(measure=self._clear, opens=False),
            _Rung(measure=self._reopen, opens=True),
            _Rung(measure=self._class_reset, opens=True),
            _Rung(measure=self._usb_reset, opens=True),
            _Rung(measure=self._power, opens=True),
        )

    # --- open and close ---

    def open(self) -> None:
        """Open the session, whatever a host that died has left behind."""
        try:
            self._open_once(timeout_ms=self._timing.open_ms)
        except PipeError as error:
            # A camera that takes a command and never answers it: waiting does not help, a reset does.
            self._climb(4 if error.fault is Fault.SILENT else 0, fresh=True)
        except (wire.WireError, RefusedError, BusyError):
            self._climb(0, fresh=True)

    def renew(self) -> None:
        """Close the session and open another: all handles become invalid."""
        self._settle()
        self._open_once()

    def close(self) -> None:
        """Close the session. Never raises: the camera may be gone."""
        with suppress(CameraGoneError, UnreadableError, NotReadyError):
            self._settle()
            self._exchange(Op.CLOSE_SESSION, (), self._timing.open_ms)

    def _open_once(self, *, timeout_ms: int | None = None) -> None:
        patience = self._timing.open_ms if timeout_ms is None else timeout_ms
        answer = self._begin_session(patience)
        if answer.code == ResponseCode.SESSION_ALREADY_OPEN:
            with suppress(RefusedError):
                check(self._exchange(Op.CLOSE_SESSION, (), patience))
            answer = self._begin_session(patience)
        check(answer)
        self.generation += 1

    def _begin_session(self, timeout_ms: int) -> wire.Response:
        self._transaction = -1  # OpenSession is transaction 0
        return self._exchange(Op.OPEN_SESSION, (_SESSION_ID,), timeout_ms)

    # --- operations ---

    def ask(self, op: Op, *params: int) -> bytes:
        """Carry out an operation that returns a dataset."""
        return self._persistently(op, lambda: self._dataset(op, params))

    def ask_once(self, op: Op, *params: int) -> bytes:
        """Carry out an operation that returns a dataset and that nothing depends on: one attempt.

        Raises:
            RefusedError: the camera refuses it.
        """
        self._settle()
        try:
            return self._dataset(op, params)
        except (PipeError, wire.WireError):
            self.recover()
            raise

    def order(self, op: Op, *params: int) -> tuple[int, ...]:
        """Carry out an operation without data; not repeated once the camera may have begun it.

        Raises:
            RefusedError: the camera refuses it.
        """
        self._settle()
        try:
            return self._when_free(lambda: check(self._exchange(op, params, self._timeout_ms))).params
        except (PipeError, wire.WireError):
            self.recover()
            raise

    def put(self, op: Op, *params: int, payload: bytes) -> None:
        """Carry out an operation that takes data: one attempt, whether or not the camera has begun it.

        Raises:
            RefusedError: the camera refuses it.
        """
        self._settle()
        try:
            transaction = self._send(op, params)
            self._pipe.send(wire.data(op, transaction, payload), timeout_ms=self._timing.open_ms)
            check(receive_response(self._pipe, op=op, transaction=transaction, timeout_ms=self._timeout_ms))
        except (PipeError, wire.WireError):
            self.recover()
            raise

    def fetch(self, op: Op, *params: int, exactly: int | None = None, at_most: int = 0) -> MtpTransfer:
        """Begin an operation that returns bytes of an object; continue with `read` and `finish`.

        Args:
            op: the operation.
            params: its parameters.
            exactly: the number of bytes, or None if the camera may return fewer than `at_most`.
            at_most: the largest number of bytes that was asked for.
        """
        transfer = self._persistently(op, lambda: self._start(op, params, exactly=exactly, at_most=at_most))
        self._under_way = transfer
        return transfer

    def read(self, transfer: MtpTransfer, view: memoryview) -> int:
        """Continue a transfer; after a failure it is over, and the camera was recovered."""
        try:
            return transfer.readinto(view)
        except (RefusedError, BusyError):
            self._lost(transfer)
            raise
        except (PipeError, wire.WireError):
            self._lost(transfer)
            if not transfer.over:
                self.recover()
            raise

    def finish(self, transfer: MtpTransfer) -> tuple[int, ...]:
        """Read a transfer's response; return its parameters."""
        try:
            params = transfer.finish().params
        except (RefusedError, BusyError):
            self._lost(transfer)
            raise
        except (PipeError, wire.WireError):
            self._lost(transfer)
            self.recover()
            raise
        self._failures = 0
        self._under_way = None
        return params

    def abandon(self, transfer: MtpTransfer) -> None:
        """Abandon an unfinished transfer: it is cancelled, or read to its end."""
        if transfer is self._under_way:
            self._settle()

    # --- inside ---

    @property
    def _timeout_ms(self) -> int:
        return self._timing.slow_ms if self.slow else self._timing.answer_ms

    def _start(
        self, op: Op, params: tuple[int, ...], *, exactly: int | None = None, at_most: int = 0
    ) -> MtpTransfer:
        transaction = self._send(op, params)
        return MtpTransfer(
            self._pipe,
            op=op,
            transaction=transaction,
            exactly=exactly,
            at_most=at_most,
            timeout_ms=self._timeout_ms,
        )

    def _dataset(self, op: Op, params: tuple[int, ...]) -> bytes:
        transfer = self._start(op, params, at_most=_DATASET_BYTES)
        data = bytearray(transfer.length)
        transfer.readinto(memoryview(data))
        transfer.finish()
        return bytes(data)

    def _exchange(self, op: Op, params: tuple[int, ...], timeout_ms: int) -> wire.Response:
        transaction = self._send(op, params)
        return receive_response(self._pipe, op=op, transaction=transaction, timeout_ms=timeout_ms)

    def _send(self, op: Op, params: tuple[int, ...]) -> int:
        self._transaction = 1 if self._transaction >= _LAST_TRANSACTION else self._transaction + 1
        self._pipe.send(wire.command(op, self._transaction, params), timeout_ms=self._timing.open_ms)
        return self._transaction

    def _persistently(self, op: Op, once: Callable[[], T]) -> T:
        """Do something that may be done twice, until it is done or nothing helps."""
        self._settle()
        for attempt in range(_TRIES):
            generation = self.generation
            try:
                done = self._when_free(once)
            except (RefusedError, PipeError, wire.WireError) as error:
                self._repair(error)
                if attempt == _TRIES - 1 or isinstance(error, LengthError):
                    raise
            else:
                self._failures = self._failures if attempt == 0 else 0
                return done
            if self.generation != generation and op not in _FREE_OF_HANDLES:
                raise RestartedError
        raise RuntimeError("the last attempt neither succeeded nor failed")

    def _repair(self, error: RefusedError | PipeError | wire.WireError) -> None:
        """Do what may help against an error before the next try; raise it if nothing can."""
        if not isinstance(error, RefusedError):
            self.recover()
        elif error.code == ResponseCode.INVALID_TRANSACTION:
            self._transaction += 10  # it has seen higher ones
        elif error.code == ResponseCode.SESSION_NOT_OPEN:
            self._open_once()
        else:
            raise error

    def _when_free(self, once: Callable[[], T]) -> T:
        retrying = Retrying(
            retry=retry_if_exception_type(BusyError),
            wait=wait_exponential(multiplier=0.1, max=10),
            stop=stop_after_attempt(_BUSY_TRIES),
            sleep=self._sleep,
            reraise=True,
        )
        return retrying(once)

    def _settle(self) -> None:
        """End what is running: the next command may be sent only then."""
        transfer, self._under_way = self._under_way, None
        if transfer is None:
            return
        transfer.dead = True
        if transfer.left <= READ_BYTES:  # sooner read than cancelled
            with suppress(RefusedError, BusyError, PipeError, wire.WireError):
                transfer.readinto(memoryview(bytearray(transfer.left)))
                transfer.finish()
        if not transfer.over:
            self._climb(0)

    def _lost(self, transfer: MtpTransfer) -> None:
        transfer.dead = True
        self._under_way = None

    # --- recovery ---

    def recover(self) -> None:
        """Recover the camera, by one measure after the other until it answers.

        Where the last transfers failed as well it does not begin with the mildest; but what
        disturbs others, a reset, is only for a camera that does not answer.

        Raises:
            CameraGoneError: it was unplugged, or nothing helps: to us that is the same.
        """
        self._under_way = None
        first = self._failures % _HARMLESS
        self._failures += 1
        self._climb(first)

    def _climb(self, first: int, *, fresh: bool = False) -> None:
        for rung in self._rungs[first:]:
            try:
                rung.measure()
                if not fresh:
                    self._probe()
                elif not rung.opens:
                    self._open_once()
            except (UnreadableError, NotReadyError):
                continue
            return
        raise CameraGoneError(
            "The camera no longer answers.",
            remedy="Unplug the camera, switch it off and on, and dock it again.",
        )

    def _probe(self) -> None:
        """Find out whether the camera answers; what it says does not matter."""
        try:
            self._dataset(Op.GET_STORAGE_IDS, ())
        except RefusedError as error:
            if error.code == ResponseCode.SESSION_NOT_OPEN:
                self._open_once()
        except BusyError:
            pass

    def _cancel(self) -> None:
        cancel(self._pipe, max(self._transaction, 0), timing=self._timing, sleep=self._sleep)

    def _clear(self) -> None:
        self._pipe.clear_halts()
        drain(self._pipe, timing=self._timing)

    def _reopen(self) -> None:
        """Close and open; what is under way must be ended first, for a command in its midst is an error."""
        for end in (self._cancel, self._clear):
            with suppress(PipeError):
                end()
        self._open_once()

    def _class_reset(self) -> None:
        self._pipe.tell(_CLASS_RESET, timeout_ms=self._timing.control_ms)
        self._open_once()

    def _usb_reset(self) -> None:
        self._pipe.reset()
        self._open_once()

    def _power(self) -> None:
        if self._power_cycle is None:
            raise PipeError(Fault.BROKEN, "the dock cannot switch its port")
        self._power_cycle()
        self._pipe.find_again(seconds=_POWER_SECONDS)
        self._open_once()
