"""What may a port raise that nobody is prepared for?"""

from __future__ import annotations

from collections.abc import Callable

NASTY: list[Callable[[], Exception]] = [
    lambda: ValueError("a parser met what it did not know"),
    lambda: UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"),
    lambda: OSError(5, "Input/output error"),
    lambda: TimeoutError("timed out"),
    MemoryError,
    lambda: RecursionError("maximum recursion depth exceeded"),
    lambda: KeyError("Location"),
    AssertionError,
    lambda: OverflowError("date value out of range"),
    lambda: RuntimeError("generator raised StopIteration"),
]
