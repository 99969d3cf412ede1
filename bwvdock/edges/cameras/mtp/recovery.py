"""How is a failed transaction ended so that both sides agree?

USB Still Image Capture Device Definition 1.0, 5.2: the host cancels with a class request, asks for the
status until the device is ready, and takes off the endpoint what was already on its way. Leaving
that out froze a camera for good.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from bwvdock.edges.cameras.mtp import wire
from bwvdock.edges.cameras.mtp.codes import ResponseCode
from bwvdock.edges.cameras.mtp.transport import READ_BYTES, Fault, Pipe, PipeError

_CANCEL, _STATUS = 0x64, 0x67
_STATUS_BYTES: Final = 36  # what other hosts ask for; the answer is shorter
_CANCELLED: Final = 0x201F
_POLL_SECONDS: Final = 0.2
_POLLS: Final = 50
_MOST_READS: Final = 256  # of 1 MiB: a camera that still sends then has not understood


@dataclass(frozen=True, kw_only=True, slots=True)
class Timing:
    """How long to wait for what, in milliseconds.

    `open_ms` for the first sign of life, `answer_ms` for anything else, `slow_ms` for anything
    else from Android, `drain_ms` until nothing more is on its way, `control_ms` for requests.
    """

    open_ms: int = 5_000
    answer_ms: int = 20_000
    slow_ms: int = 60_000
    drain_ms: int = 300
    control_ms: int = 2_000


def cancel(pipe: Pipe, transaction: int, *, timing: Timing, sleep: Callable[[float], None]) -> None:
    """Cancel a transaction, wait until the camera is ready, and drain.

    Raises:
        CameraGoneError: the camera was unplugged.
        PipeError: the endpoint is halted, or the camera does not stop sending.
    """
    with suppress(PipeError):
        pipe.tell(_CANCEL, wire.cancel_request(transaction), timeout_ms=timing.control_ms)
    for _ in range(_POLLS):
        if _status(pipe, timing) not in {ResponseCode.DEVICE_BUSY, _CANCELLED}:
            break
        sleep(_POLL_SECONDS)
    drain(pipe, timing=timing)


def drain(pipe: Pipe, *, timing: Timing) -> None:
    """Read and forget whatever is on its way.

    Raises:
        CameraGoneError: the camera was unplugged.
        PipeError: the endpoint is halted, or there is no end of it.
    """
    for _ in range(_MOST_READS):
        try:
            pipe.receive(READ_BYTES, timeout_ms=timing.drain_ms)
        except PipeError as error:
            if error.fault is Fault.SILENT:
                return
            raise
    raise PipeError(Fault.BROKEN, "it does not stop sending")


def _status(pipe: Pipe, timing: Timing) -> int | None:
    """Return what GetDeviceStatus says; None, for "continue", where it says nothing, as some devices do."""
    try:
        return wire.status_code(pipe.ask(_STATUS, _STATUS_BYTES, timeout_ms=timing.control_ms))
    except PipeError:
        return None
