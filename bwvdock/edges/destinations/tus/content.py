"""What is to be sent: bytes at rest whose digests were taken before, and the part of them in one request."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Protocol, Self

from bwvdock.core.clips.clip import Clip
from bwvdock.core.ports import PIECE_BYTES, TransferControl
from bwvdock.edges import durable
from bwvdock.edges.destinations.connections import BLOCK_BYTES
from bwvdock.edges.spool import FileSpool, found_name
from bwvdock.errors import DurabilityError


class Content(Protocol):
    """Bytes with the digests that they had when they were taken; pieces are of 16 MiB, the last shorter."""

    @property
    def size(self) -> int:
        """Its length in bytes."""
        ...

    @property
    def sha256(self) -> str:
        """The digest of all of it."""
        ...

    @property
    def pieces(self) -> Sequence[str]:
        """The digests of its pieces."""
        ...

    def readinto(self, buffer: memoryview, offset: int) -> None:
        """Fill the buffer.

        Raises:
            DurabilityError: the bytes are not there any more.
        """
        ...


class SpooledPart:
    """One part of a clip in the spool. A context manager."""

    def __init__(self, spool: FileSpool, clip: Clip, number: int) -> None:
        """Open it.

        Raises:
            DurabilityError: it is not there, or not as long as it was.
        """
        self.name = found_name(spool.directory, clip, number)
        part = clip.parts[number]
        self.size, self.sha256, self.pieces = part.size, part.sha256, part.pieces
        self._clip = clip.id
        try:
            self._file = durable.DiskFile.read(spool.directory, self.name)
        except OSError as error:
            raise self._lost(f"cannot be opened ({error.strerror})") from error
        found = self._file.size
        if found != self.size:
            self._file.close()
            raise self._lost(f"has {found} bytes, not {self.size}")

    def readinto(self, buffer: memoryview, offset: int) -> None:
        """Fill the buffer from `offset` on."""
        filled = 0
        while filled < len(buffer):
            try:
                got = os.preadv(self._file.fileno(), [buffer[filled:]], offset + filled)
            except OSError as error:
                raise self._lost(f"cannot be read ({error.strerror})") from error
            if got == 0:
                raise self._lost(f"ends at byte {offset + filled}")
            filled += got

    def _lost(self, what: str) -> DurabilityError:
        return DurabilityError(
            f"the dock's copy ({self.name} in the spool) no longer matches the hash taken at ingest: "
            f"it {what}",
            remedy=f"See its history with `bwvdock clips show {self._clip}`, and check the disk (journalctl "
            "-k, smartctl -a); the camera may still have it",
        )

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self._file.close()


class Document:
    """A short text of ours, in memory."""

    def __init__(self, text: bytes) -> None:
        """Take its digests."""
        self._text = memoryview(text)
        self.size = len(text)
        self.sha256 = hashlib.sha256(text).hexdigest()
        starts = range(0, self.size, PIECE_BYTES)
        self.pieces = tuple(hashlib.sha256(self._text[i : i + PIECE_BYTES]).hexdigest() for i in starts)

    def readinto(self, buffer: memoryview, offset: int) -> None:
        """Fill the buffer."""
        buffer[:] = self._text[offset : offset + len(buffer)]


class Stretch:
    """The bytes from `start` to `end` of some content as the body of a request, at the pace of a transfer.

    With `prove` each piece is read and compared with its digest before the first of its bytes goes: a
    server that compares nothing must not be given what the disk has lost.
    """

    def __init__(
        self, content: Content, start: int, end: int, transfer: TransferControl, *, prove: bool
    ) -> None:
        self._content = content
        self._start = start
        self._end = end
        self._transfer = transfer
        self._prove = prove

    def __len__(self) -> int:
        return self._end - self._start

    def __iter__(self) -> Iterator[memoryview]:
        buffer, at, proven = memoryview(bytearray(BLOCK_BYTES)), self._start, -1
        while at < self._end:
            piece = at // PIECE_BYTES
            if self._prove and piece != proven:
                require_piece(self._content, piece)
                proven = piece
            line = (piece + 1) * PIECE_BYTES  # no block belongs to two pieces
            block = buffer[: min(BLOCK_BYTES, self._end - at, line - at)]
            self._transfer.take(len(block))
            self._content.readinto(block, at)
            yield block
            at += len(block)


def require_piece(content: Content, piece: int) -> None:
    """Read a piece and compare it with the digest taken at ingest.

    Raises:
        DurabilityError: it has another now, or is not there.
    """
    digest_of(content, piece * PIECE_BYTES, min((piece + 1) * PIECE_BYTES, content.size))


def digest_of(content: Content, start: int, end: int) -> str:
    """Return the digest of some bytes of one piece, which is compared with its own digest first.

    Raises:
        DurabilityError: the piece is not what was acquired.
    """
    piece = start // PIECE_BYTES
    first, last = piece * PIECE_BYTES, min((piece + 1) * PIECE_BYTES, content.size)
    whole, wanted = hashlib.sha256(), hashlib.sha256()
    buffer, at = memoryview(bytearray(BLOCK_BYTES)), first
    while at < last:
        block = buffer[: min(BLOCK_BYTES, last - at)]
        content.readinto(block, at)
        whole.update(block)
        wanted.update(block[max(start - at, 0) : max(end - at, 0)])
        at += len(block)
    if whole.hexdigest() != content.pieces[piece]:
        raise DurabilityError(
            "the dock's copy in the spool no longer matches the hash taken at ingest: bytes "
            f"{first} to {last} have sha256 {whole.hexdigest()}, not {content.pieces[piece]}",
            remedy="Check the disk (journalctl -k, smartctl -a); the camera may still have an intact copy",
        )
    return wanted.hexdigest()
