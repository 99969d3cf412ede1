"""Is what is sent what was read, in order and once, and does nothing of the reading outlive it?"""

from __future__ import annotations

import threading
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.core.ports import PIECE_BYTES
from bwvdock.edges.destinations.connections import BLOCK_BYTES
from bwvdock.edges.destinations.read_ahead import read_range_ahead
from bwvdock.errors import DurabilityError
from tests.fakes.footage import footage

CONTENT = footage(3 * BLOCK_BYTES + 77)
MANY = footage(9 * BLOCK_BYTES)


class Bytes:
    """Content at rest, whose bytes from `lost` on cannot be read; counts what was read."""

    def __init__(self, content: bytes, lost: int) -> None:
        self._content, self._lost, self.read = content, lost, 0

    def readinto(self, buffer: memoryview, offset: int) -> None:
        """Fill the buffer."""
        if offset + len(buffer) > self._lost:
            raise DurabilityError("it cannot be read")
        buffer[:] = self._content[offset : offset + len(buffer)]
        self.read += len(buffer)


def readers() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "read ahead"]


@given(st.integers(0, len(CONTENT)), st.integers(0, len(CONTENT)), st.integers(0, 2 * len(CONTENT)))
def test_every_byte_is_given_once_in_order_after_it_was_looked_at(one: int, other: int, lost: int) -> None:
    start, end = sorted((one, other))
    source, seen, given_bytes = Bytes(CONTENT, lost), bytearray(), bytearray()
    try:
        for block in read_range_ahead(source, start, end, lambda block, at: seen.extend(block)):
            given_bytes += block
            assert len(seen) >= len(given_bytes)
    except DurabilityError:
        assert lost < end
    else:
        assert len(given_bytes) == end - start
    assert source.read == len(seen) == len(given_bytes), "all that was read before was given"
    assert CONTENT[start:end].startswith(given_bytes)
    assert not readers()


@given(st.integers(0, 8))
def test_nothing_is_read_any_more_once_nobody_sends(taken: int) -> None:
    source = Bytes(MANY, len(MANY))
    with closing(read_range_ahead(source, 0, len(MANY))) as blocks:
        for _ in range(taken):
            next(blocks)
    assert not readers()
    assert source.read <= (taken + 4) * BLOCK_BYTES, "as far ahead as its memory goes"


@pytest.mark.slow
def test_no_block_belongs_to_two_pieces() -> None:
    content, start = footage(2 * PIECE_BYTES), PIECE_BYTES - BLOCK_BYTES // 2
    lengths = [len(block) for block in read_range_ahead(Bytes(content, len(content)), start, len(content))]
    assert lengths[0] == BLOCK_BYTES // 2
    assert sum(lengths) == len(content) - start
