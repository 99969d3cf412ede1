"""What does a host see of a bulk-IN endpoint? Packets: a read ends when it is full or at a short packet.

Nothing here knows MTP. A pipe holds runs of bytes, which are cut into packets of wMaxPacketSize, and
between them the things that happen to packets: none comes, the endpoint halts, the device is gone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import usb.core

from tests.fakes.mtp.contents import Content, Part
from tests.fakes.mtp.record import Record


def timed_out() -> Exception:
    """As libusb: errno 110."""
    error: Exception = usb.core.USBTimeoutError("Operation timed out", -7, 110)
    return error


def failed(code: int, errno: int, text: str) -> Exception:
    """Any other error of libusb."""
    error: Exception = usb.core.USBError(text, code, errno)
    return error


def stalled() -> Exception:
    """As libusb: errno 32."""
    return failed(-9, 32, "Pipe error")


def gone() -> Exception:
    """As libusb: errno 19."""
    return failed(-4, 19, "No such device (it may have been disconnected)")


@dataclass(kw_only=True, slots=True)
class Run:
    """Bytes that begin with a packet of their own. `owner` says whose they are, for the record."""

    content: Content
    owner: int = 0
    at: int = 0

    @property
    def left(self) -> int:
        return self.content.size - self.at


@dataclass(frozen=True, slots=True)
class Zero:
    """A packet of no bytes."""


@dataclass(slots=True)
class Pause:
    """No packet comes for so many reads."""

    times: int


@dataclass(frozen=True, slots=True)
class Silence:
    """No packet comes any more."""


@dataclass(frozen=True, slots=True)
class Halt:
    """The endpoint answers STALL from here on."""


@dataclass(frozen=True, slots=True)
class Act:
    """Something happens on the camera when the host has come this far. No packet."""

    what: Callable[[], None]


Step = Run | Zero | Pause | Silence | Halt | Act


class Pipe:
    """The IN endpoint."""

    def __init__(self, packet: int, record: Record) -> None:
        self.packet = packet
        self.halted = False
        self._record = record
        self._steps: deque[Step] = deque()

    def push(self, *steps: Step) -> None:
        """Put steps at the end."""
        self._steps.extend(steps)

    def flush(self) -> None:
        """Forget all that was to come."""
        self._steps.clear()

    def truncate(self, keep: int) -> None:
        """Keep only about so many of the bytes to come, whole packets."""
        front = next((step for step in self._steps if isinstance(step, Run)), None)
        self._steps.clear()
        if front is None or keep <= 0:
            return
        self.push(Run(content=Part(front.content, front.at, min(keep, front.left)), owner=front.owner))

    @property
    def pending(self) -> int:
        """The bytes that nobody has read yet."""
        return sum(step.left for step in self._steps if isinstance(step, Run))

    @property
    def busy(self) -> bool:
        """Return whether anything at all is still to come, a packet of no bytes excepted."""
        return any(not isinstance(step, Zero) for step in self._steps)

    def read(self, view: memoryview) -> int:
        """Fill the view as a bulk read would; raises as libusb does."""
        got, owner = 0, None
        while got < len(view):
            step = self._ahead(got)
            if step is None:
                return got
            if isinstance(step, Zero):
                self._steps.popleft()
                return got
            if owner is not None and owner != step.owner:
                self._record.glued_reads += 1
            owner = step.owner
            count = self._take(step, view[got:])
            got += count
            if count % self.packet:
                return got
        return got

    def _ahead(self, got: int) -> Run | Zero | None:
        """Return the next packets; None if none comes and some were had (pyusb calls that a success)."""
        while True:
            step = self._steps[0] if self._steps else None
            if self.halted or isinstance(step, Halt):
                self.halted = True
                raise stalled()  # and what came before in the same read is lost, as in libusb
            if isinstance(step, Run | Zero):
                return step
            if isinstance(step, Act):
                self._steps.popleft()
                step.what()
                continue
            if isinstance(step, Pause):
                step.times -= 1
                if step.times <= 0:
                    self._steps.popleft()
            if got:
                return None
            raise timed_out()

    def _take(self, run: Run, step: memoryview) -> int:
        count = run.left if run.left <= len(step) else len(step) // self.packet * self.packet
        run.content.fill(run.at, step[:count])
        run.at += count
        if not run.left:
            self._steps.popleft()
        elif count < len(step):  # the next packet holds more than there is room for
            self._record.overflows += 1
            run.at += min(self.packet, run.left)
            if not run.left:
                self._steps.popleft()
            raise failed(-8, 75, "Overflow")
        return count
