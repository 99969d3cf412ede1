"""Which of the armed faults comes next, and what has happened of them: a relay's memory, without a socket."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tests.servers.faults import AtByte, Bandwidth, Direction, Fault, Flip, Latency, LostResponse, Mark


@dataclass
class Armed:
    """A fault of one byte: how many bytes are still before it, and how often it may still come."""

    fault: AtByte
    left: int
    times: int


class ArmedFaults:
    """The faults that are armed, over all connections, and how many requests there were, by method."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.fired: list[Fault | AtByte] = []
        self.latency = sum(fault.seconds for fault in faults if isinstance(fault, Latency))
        self._at_byte = [Armed(fault, fault.at, fault.times) for fault in faults if isinstance(fault, AtByte)]
        self._lost = [fault for fault in faults if isinstance(fault, LostResponse)]
        self._bandwidth = [fault for fault in faults if isinstance(fault, Bandwidth)]
        self.requests: Counter[str] = Counter()

    def within(self, direction: Direction, count: int) -> Armed | None:
        """Return the fault that comes first among the next so many bytes."""
        waiting = [
            armed
            for armed in self._at_byte
            if armed.times and armed.left < count and armed.fault.direction is direction
        ]
        return min(waiting, key=lambda armed: armed.left, default=None)

    def passed(self, direction: Direction, count: int) -> None:
        """Count bytes that pass."""
        for armed in self._at_byte:
            if armed.fault.direction is direction:
                armed.left -= count

    def fire(self, armed: Armed) -> None:
        """Note that a fault happens now, and when it comes again."""
        self.fired.append(armed.fault)
        armed.times -= 1
        armed.left = armed.fault.at
        if isinstance(armed.fault, Flip | Mark):  # the byte itself is still to pass
            armed.left += 1

    def rate(self, direction: Direction) -> float | None:
        """Return the bytes per second that may pass, None for any number."""
        rates = [fault.bytes_per_second for fault in self._bandwidth if fault.direction is direction]
        return min(rates, default=None)

    def loses_answer(self, method: str) -> bool:
        """Count a request that has passed whole, and say whether its answer is to be lost."""
        self.requests[method] += 1
        lost = [
            fault
            for fault in self._lost
            if fault.method == method and 0 <= self.requests[method] - fault.request < fault.times
        ]
        self.fired += lost
        return bool(lost)
