"""How are bytes read that are to be sent? While those before them are on their way, each once.

A second thread reads, and has somebody look at what it has read, ahead of what is sent: reading, hashing and
sending overlap. It has a few blocks of memory, whatever the length of what is sent.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator
from queue import SimpleQueue
from typing import Protocol

from bwvdock.core.ports import PIECE_BYTES
from bwvdock.edges.destinations.connections import BLOCK_BYTES

_BLOCKS = 4  # of memory for each request: one is sent, one is hashed, one is read, one is in reserve


class Source(Protocol):
    """Bytes at rest."""

    def readinto(self, buffer: memoryview, offset: int) -> None:
        """Fill the buffer from `offset` on, or raise what is wrong."""
        ...


Look = Callable[[memoryview, int], object]
"""Called with each block and its offset, in order, before it is given; what it raises comes in its place."""


def no_look(_: memoryview, __: int) -> None:
    """Look at nothing."""


def read_ahead(
    source: Source, start: int, end: int, look: Look = no_look
) -> Generator[memoryview, None, None]:
    """Return the bytes from `start` to `end` in blocks. No block belongs to two pieces.

    A block is valid until the next is asked for. To be closed if it is not read to its end.

    Raises:
        BwvdockError: what `source` or `look` raised, once all blocks before have been given.
    """
    if end - start <= BLOCK_BYTES:  # no thread is worth its while
        yield from _one_by_one(source, start, end, look)
        return
    reader = _Reader(source, start, end, look)
    try:
        yield from reader.blocks()
    finally:
        reader.close()


def _lengths(start: int, end: int) -> Iterator[tuple[int, int]]:
    """Return offset and length of each block."""
    while start < end:
        line = (start // PIECE_BYTES + 1) * PIECE_BYTES
        length = min(BLOCK_BYTES, end - start, line - start)
        yield start, length
        start += length


def _one_by_one(source: Source, start: int, end: int, look: Look) -> Iterator[memoryview]:
    buffer = memoryview(bytearray(min(BLOCK_BYTES, end - start)))
    for at, length in _lengths(start, end):
        block = buffer[:length]
        source.readinto(block, at)
        look(block, at)
        yield block


class _Reader:
    """The thread that reads, and its memory."""

    def __init__(self, source: Source, start: int, end: int, look: Look) -> None:
        self._source, self._look = source, look
        self._start, self._end = start, end
        self._ended = threading.Event()
        self._free: SimpleQueue[memoryview | None] = SimpleQueue()
        self._read: SimpleQueue[memoryview | BaseException | None] = SimpleQueue()
        for _ in range(_BLOCKS):
            self._free.put(memoryview(bytearray(BLOCK_BYTES)))
        self._thread = threading.Thread(target=self._work, name="read ahead", daemon=True)
        self._thread.start()

    def blocks(self) -> Iterator[memoryview]:
        """Return what was read, and take the memory back."""
        while (found := self._read.get()) is not None:
            if isinstance(found, BaseException):
                raise found
            yield found
            self._free.put(memoryview(found.obj))

    def close(self) -> None:
        """End the thread: nobody closes what it reads from before it has."""
        self._ended.set()
        self._free.put(None)
        self._thread.join()

    def _work(self) -> None:
        try:
            for at, length in _lengths(self._start, self._end):
                buffer = self._free.get()
                if buffer is None or self._ended.is_set():
                    return
                block = buffer[:length]
                self._source.readinto(block, at)
                self._look(block, at)
                self._read.put(block)
        except BaseException as error:  # noqa: BLE001 - it is raised where the blocks are asked for
            self._read.put(error)
        else:
            self._read.put(None)
