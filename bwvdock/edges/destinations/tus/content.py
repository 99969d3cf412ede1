"""What is to be sent: bytes at rest whose digests were taken before, and the part of them in one request."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from itertools import pairwise
from types import TracebackType
from typing import Protocol, Self

from bwvdock.core.clips.clip import Clip
from bwvdock.core.ports import PIECE_BYTES, TransferControl
from bwvdock.edges import durable
from bwvdock.edges.destinations.connections import BLOCK_BYTES
from bwvdock.edges.destinations.read_ahead import no_look, read_range_ahead
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


class PieceCheck:
    """Compares each piece that passes with the digest that it had when it was acquired.

    Bytes may pass in several stretches; of a piece whose beginning has not just passed that is read first.
    """

    def __init__(self, content: Content) -> None:
        self._content = content
        self._at = 0
        self._digest = hashlib.sha256()

    def begin(self, offset: int) -> None:
        """Be ready for the bytes from `offset` on.

        Raises:
            DurabilityError: they are not there.
        """
        if self._at == offset:
            return
        self._at, self._digest = offset // PIECE_BYTES * PIECE_BYTES, hashlib.sha256()
        buffer = memoryview(bytearray(BLOCK_BYTES))
        while self._at < offset:
            block = buffer[: min(BLOCK_BYTES, offset - self._at)]
            self._content.readinto(block, self._at)
            self.see(block, self._at)

    def see(self, block: memoryview, at: int) -> None:
        """Take the next bytes in.

        Raises:
            DurabilityError: they end a piece that is not what was acquired.
        """
        self._digest.update(block)
        self._at = at + len(block)
        if self._at % PIECE_BYTES and self._at < self._content.size:
            return
        piece, found = at // PIECE_BYTES, self._digest.hexdigest()
        self._digest = hashlib.sha256()
        if found != self._content.pieces[piece]:
            raise lost_piece(self._content, piece, found)


class Stretch:
    """The bytes from `start` to `end` of some content as the body of a request, at the pace of a transfer.

    They are read while those before them are sent. With a `check` they are hashed as they pass, and the last
    bytes of each piece go only when it has been found to be what was acquired: a server that compares nothing
    never has a whole piece that the disk has lost.
    """

    def __init__(
        self, content: Content, start: int, end: int, transfer: TransferControl, check: PieceCheck | None
    ) -> None:
        self._content = content
        self._start = start
        self._end = end
        self._transfer = transfer
        self._check = check
        self.given = 0  # bytes that were handed to the connection

    def __len__(self) -> int:
        return self._end - self._start

    def __iter__(self) -> Iterator[memoryview]:
        self.given, check = 0, self._check
        if check is not None:
            check.begin(self._start)
        look = no_look if check is None else check.see
        with closing(read_range_ahead(self._content, self._start, self._end, look)) as blocks:
            for block in blocks:
                self._transfer.take(len(block))
                self.given += len(block)
                yield block


class Whole:
    """A short content, read and compared, as the body of a request at the pace of a transfer."""

    def __init__(self, content: Content, transfer: TransferControl) -> None:
        """Read it.

        Raises:
            DurabilityError: it is not what was acquired, or not there.
        """
        self._bytes = all_of(content)
        self._transfer = transfer

    def __len__(self) -> int:
        return len(self._bytes)

    def __iter__(self) -> Iterator[memoryview]:
        for at in range(0, len(self), BLOCK_BYTES):
            block = self._bytes[at : at + BLOCK_BYTES]
            self._transfer.take(len(block))
            yield block


def all_of(content: Content) -> memoryview:
    """Read a short content whole, and compare it with the digests of its pieces.

    Raises:
        DurabilityError: it is not what was acquired, or not there.
    """
    found, check = bytearray(content.size), PieceCheck(content)
    for at in range(0, content.size, PIECE_BYTES):
        block = memoryview(found)[at : at + PIECE_BYTES]
        content.readinto(block, at)
        check.see(block, at)
    return memoryview(found)


class StretchDigests:
    """The digests of stretches of one piece after the other, each piece read once."""

    def __init__(self, content: Content) -> None:
        self._content = content
        self._known: Mapping[tuple[int, int], str] = {}

    def of(self, start: int, end: int) -> str:
        """Return the digest of some bytes of one piece.

        Raises:
            DurabilityError: the piece is not what was acquired.
        """
        piece = start // PIECE_BYTES
        if (start, end) == _span(self._content, piece):
            return self._content.pieces[piece]
        if (start, end) not in self._known:
            self._known = digests_of(self._content, start, end)
        return self._known[start, end]


def require_piece(content: Content, piece: int) -> None:
    """Read a piece and compare it with the digest taken at ingest.

    Raises:
        DurabilityError: it has another now, or is not there.
    """
    digests_of(content, *_span(content, piece))


def digests_of(content: Content, start: int, end: int) -> dict[tuple[int, int], str]:
    """Return the digests of some bytes of one piece and of what lies around them, by beginning and end.

    What follows is divided into stretches as long: they are sent next. All are of one reading of the piece,
    whose own digest is compared first.

    Raises:
        DurabilityError: the piece is not what was acquired.
    """
    piece = start // PIECE_BYTES
    first, last = _span(content, piece)
    whole, found = hashlib.sha256(), {}
    buffer = memoryview(bytearray(BLOCK_BYTES))
    for begin, stop in pairwise(sorted({first, *range(start, last, end - start), last})):
        at, digest = begin, hashlib.sha256()
        while at < stop:
            block = buffer[: min(BLOCK_BYTES, stop - at)]
            content.readinto(block, at)
            whole.update(block)
            digest.update(block)
            at += len(block)
        found[begin, stop] = digest.hexdigest()
    if whole.hexdigest() != content.pieces[piece]:
        raise lost_piece(content, piece, whole.hexdigest())
    return found


def lost_piece(content: Content, piece: int, found: str) -> DurabilityError:
    """Return the error that says that the spool has lost a piece."""
    first, last = _span(content, piece)
    return DurabilityError(
        "the dock's copy in the spool no longer matches the hash taken at ingest: bytes "
        f"{first} to {last} have sha256 {found}, not {content.pieces[piece]}",
        remedy="Check the disk (journalctl -k, smartctl -a); the camera may still have an intact copy",
    )


def _span(content: Content, piece: int) -> tuple[int, int]:
    return piece * PIECE_BYTES, min((piece + 1) * PIECE_BYTES, content.size)
