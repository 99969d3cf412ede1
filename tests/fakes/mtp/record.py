"""What did the host do? Everything that a test may want to hold against it afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(kw_only=True, slots=True)
class Transaction:
    """One command and what it was answered with. `code` is None while no response was made."""

    op: int
    params: tuple[int, ...]
    tid: int
    code: int | None = None
    data_bytes: int = 0  # of the data container that was promised, header and all


@dataclass(frozen=True, kw_only=True, slots=True)
class Read:
    """One bulk-IN read: bytes asked for, bytes given, and the errno instead, if any."""

    asked: int
    got: int = 0
    errno: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Control:
    """One control request of the class or of the standard; `data` is what the host sent or was given."""

    request_type: int
    request: int
    value: int
    index: int
    data: bytes = b""


@dataclass(kw_only=True, slots=True)
class Record:
    """`violations` are things that a host must never do, in words.

    `glued_reads` counts reads in which bytes of two containers came together. That is the camera's
    doing as often as the host's, so it is no violation; what the host makes of the bytes is the test.
    `waited_ms` is the time that a real host would have spent in reads and writes that timed out.
    """

    transactions: list[Transaction] = field(default_factory=list)
    reads: list[Read] = field(default_factory=list)
    controls: list[Control] = field(default_factory=list)
    events_read: int = 0
    halts_cleared: list[int] = field(default_factory=list)
    usb_resets: int = 0
    class_resets: int = 0
    cancels: list[int] = field(default_factory=list)
    claims: list[int] = field(default_factory=list)
    releases: list[int] = field(default_factory=list)
    opened: int = 0
    closed: int = 0
    overflows: int = 0
    glued_reads: int = 0
    waited_ms: int = 0
    deleted: list[int] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)

    def ops(self) -> Sequence[int]:
        """The operations, in order."""
        return [transaction.op for transaction in self.transactions]

    def of(self, op: int) -> Sequence[Transaction]:
        """The transactions with one operation."""
        return [transaction for transaction in self.transactions if transaction.op == op]

    def largest_read(self) -> int:
        """The largest number of bytes asked for at once."""
        return max((read.asked for read in self.reads), default=0)
