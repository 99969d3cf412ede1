"""How are bytes read that are to be sent? While those before them are on their way, each once.

A second thread reads, and has somebody look at what it has read, ahead of what is sent: reading, hashing and
sending overlap. It has a few blocks of memory, whatever the length of what is sent.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from itertools import cycle
from typing import Protocol

from bwvdock.core.ports import PIECE_BYTES
from bwvdock.edges.destinations.connections import BLOCK_BYTES

_BLOCKS = 4  # of memory for each request: one is sent, one is hashed, one is read, one is in reserve


def read_ahead(blocks: Iterator[memoryview], most: int) -> Generator[memoryview]:
    """Return what an iterator gives, asked by a thread of its own that keeps `most` blocks at once.

    To be closed; the thread has ended then.

    Args:
        blocks: each is valid until `most` more have been asked for.
        most: how many there are at once: the one that is made, and the one that was given last, among them.

    Raises what the iterator raises, when what it gave before has been used.
    """
    free, given = threading.Semaphore(most), queue.SimpleQueue[memoryview | BaseException | None]()
    stopped = threading.Event()

    def read() -> None:
        try:
            while free.acquire() and not stopped.is_set():
                given.put(block := next(blocks, None))
                if block is None:
                    return
        except BaseException as error:  # noqa: BLE001 - raised again by the thread that asked
            given.put(error)

    reader = threading.Thread(target=read, name="read ahead", daemon=True)
    reader.start()
    try:
        while (block := given.get()) is not None:
            if isinstance(block, BaseException):
                raise block
            yield block
            free.release()
    finally:
        stopped.set()
        free.release()
        reader.join()


class Source(Protocol):
    """Bytes at rest."""

    def readinto(self, buffer: memoryview, offset: int) -> None:
        """Fill the buffer from `offset` on, or raise what is wrong."""
        ...


Look = Callable[[memoryview, int], object]
"""Called with each block and its offset, in order, before it is given; what it raises comes in its place."""


def no_look(_: memoryview, __: int) -> None:
    """Look at nothing."""


def read_range_ahead(
    source: Source, start: int, end: int, look: Look = no_look
) -> Generator[memoryview, None, None]:
    """Return the bytes from `start` to `end` in blocks. No block belongs to two pieces.

    A block is valid until the next is asked for. To be closed if it is not read to its end.

    Raises:
        BwvdockError: what `source` or `look` raised, once all blocks before have been given.
    """
    if end - start <= BLOCK_BYTES:  # no thread is worth its while
        yield from _looked_at(source, start, end, look, buffers=1)
        return
    with closing(read_ahead(_looked_at(source, start, end, look, buffers=_BLOCKS), _BLOCKS)) as blocks:
        yield from blocks


def _lengths(start: int, end: int) -> Iterator[tuple[int, int]]:
    """Return offset and length of each block."""
    while start < end:
        line = (start // PIECE_BYTES + 1) * PIECE_BYTES
        length = min(BLOCK_BYTES, end - start, line - start)
        yield start, length
        start += length


def _looked_at(source: Source, start: int, end: int, look: Look, *, buffers: int) -> Iterator[memoryview]:
    """Return the blocks one after the other, in so many buffers used in turn."""
    unused = cycle([memoryview(bytearray(min(BLOCK_BYTES, end - start))) for _ in range(buffers)])
    for at, length in _lengths(start, end):
        block = next(unused)[:length]
        source.readinto(block, at)
        look(block, at)
        yield block
