"""What goes over the wire as one request's body, and which digest is it sent under?

A piece is sent under the digest that was journalled when it was taken from the camera, never under one
computed afresh: so the store compares what it received with what the camera gave. The bytes are read from
the disk once and hashed once more, by a thread that is a little ahead of the sending, and the last of them is
held back until that digest has come out right: a piece that the spool has lost never becomes part of an
object, whether the store checks or not.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from bwvdock.core.facts import AcquiredPart
from bwvdock.core.ports import PIECE_BYTES, TransferControl
from bwvdock.edges.destinations.connections import BLOCK_BYTES
from bwvdock.edges.destinations.read_ahead import read_ahead
from bwvdock.edges.durable import DiskFile
from bwvdock.errors import DurabilityError, words_of

UNSIGNED = "UNSIGNED-PAYLOAD"
_READ_BYTES = 512 * 1024  # from the disk at once: a daemon has two such buffers for each part under way
_BUFFERS = 2  # one is read and hashed while the other is sent
_REMEDY = (
    "See its history with `bwvdock clips show CLIP`; the camera or another destination may have "
    "an intact copy"
)


def base64_of(sha256: str) -> str:
    """Return a digest as checksum headers have it."""
    return b64encode(bytes.fromhex(sha256)).decode()


def md5_of(content: bytes) -> str:
    """Return the Content-MD5 of a few bytes."""
    return b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()


def blocks_of(content: memoryview) -> Iterator[memoryview]:
    """Return bytes in the blocks in which they are sent."""
    return (content[at : at + BLOCK_BYTES] for at in range(0, len(content), BLOCK_BYTES))


class SignedBody:
    """Bytes in memory, signed with a digest that need not be theirs (a canary's is not)."""

    def __init__(self, content: bytes, *, sha256: str = "") -> None:
        self.sha256 = sha256 or hashlib.sha256(content).hexdigest()
        self.content = content
        self._at = 0

    def __len__(self) -> int:
        return len(self.content)

    def tell(self) -> int:
        """Return the place that is read next."""
        return self._at

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go to another place."""
        self._at = offset + (0, self._at, len(self))[whence]
        return self._at

    def blocks(self) -> Generator[memoryview]:
        """Return all bytes from the first on, block by block; each is valid until the next is asked for."""
        yield from blocks_of(memoryview(self.content))

    def content_md5(self) -> str:
        """Return the Content-MD5 of these bytes."""
        return md5_of(self.content)


class PieceBody(SignedBody):
    """A piece of a spooled part, read from the disk at the pace that the transfer allows."""

    def __init__(
        self, file: DiskFile, *, name: str, offset: int, length: int, sha256: str, transfer: TransferControl
    ) -> None:
        """Describe it.

        Args:
            file: the spooled part.
            name: its name in the spool, for messages.
            offset: where the piece begins: a multiple of durable.BLOCK.
            length: its bytes.
            sha256: the digest that was taken at ingest.
            transfer: paces it, and may stop it.
        """
        super().__init__(b"", sha256=sha256)
        self._file, self._name, self._offset, self._length = file, name, offset, length
        self._transfer = transfer

    def __len__(self) -> int:
        return self._length

    def blocks(self) -> Generator[memoryview]:
        """Return the bytes as the disk has them, at the transfer's pace; to be closed before the file is.

        Raises:
            DurabilityError: the spool has lost them.
            HaltedError: the transfer was stopped.
        """
        checked = self._checked()
        with closing(read_ahead(checked, _BUFFERS) if self._length > _READ_BYTES else checked) as found:
            for large in found:
                for block in blocks_of(large):
                    self._transfer.take(len(block))
                    yield block

    def _checked(self) -> Generator[memoryview]:
        """Return what the disk has; its last bytes only if the digest is right."""
        digest, at = hashlib.sha256(), 0
        for block in self._read_disk():
            digest.update(block)
            at += len(block)
            if at == self._length:
                break
            yield block
        if at < self._length or digest.hexdigest() != self.sha256:
            raise DurabilityError(
                f"the dock's copy ({self._name} in the spool) no longer matches the hash taken at ingest: "
                f"its piece at byte {self._offset} has another digest",
                remedy=_REMEDY,
            )
        yield block

    def _read_disk(self) -> Iterator[memoryview]:
        try:
            yield from self._file.read_back(self._offset, self._length, buffers=_BUFFERS, most=_READ_BYTES)
        except OSError as error:
            raise DurabilityError(
                f"the disk cannot read {self._name}: {words_of(error)}", remedy=_REMEDY
            ) from error

    def content_md5(self) -> str:
        """Read the piece once in advance and return its Content-MD5."""
        digest = hashlib.md5(usedforsecurity=False)
        for block in self._read_disk():
            digest.update(block)
        return b64encode(digest.digest()).decode()


@dataclass(frozen=True, kw_only=True, slots=True)
class PartUpload:
    """One part of a clip that is to be uploaded, and its bytes as bodies of requests.

    Attributes:
        key: of the object that it becomes.
        note: the key of its note on the dock.
        name: its name in the spool.
        acquired: what was taken at ingest: size, digest, and the digests of its pieces.
        file: it, in the spool.
        transfer: paces it, and may stop it.
        made_with: parameters that the object is made with: metadata, locks.
        tags: that the object shall bear.
        before: the bytes of the clip's other parts that the store has already.
    """

    key: str
    note: str
    name: str
    acquired: AcquiredPart
    file: DiskFile
    transfer: TransferControl
    made_with: Mapping[str, Any]
    tags: Mapping[str, str]
    before: int

    @property
    def pieces(self) -> range:
        """The numbers of the pieces, from 1 on, as S3 counts them."""
        return range(1, len(self.acquired.pieces) + 1)

    def length(self, piece: int) -> int:
        """Return how many bytes a piece has."""
        return min(PIECE_BYTES, self.acquired.size - (piece - 1) * PIECE_BYTES)

    def body(self, piece: int) -> PieceBody:
        """Return one piece as a body."""
        return PieceBody(
            self.file,
            name=self.name,
            offset=(piece - 1) * PIECE_BYTES,
            length=self.length(piece),
            sha256=self.acquired.pieces[piece - 1],
            transfer=self.transfer,
        )

    def whole(self) -> SignedBody:
        """Return all of it as one body."""
        if not self.acquired.pieces:
            return SignedBody(b"", sha256=self.acquired.sha256)
        return PieceBody(
            self.file,
            name=self.name,
            offset=0,
            length=self.acquired.size,
            sha256=self.acquired.sha256,
            transfer=self.transfer,
        )
