"""What do we remember of an upload? Enough to resume it, and to know which of its bytes were compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Protocol, Self

from bwvdock.edges.destinations.upload_notes import Notes


@dataclass(kw_only=True, slots=True)
class UploadProgress:
    """One upload of one content.

    Attributes:
        sha256: the content's digest, and
        size: its length: whose upload this is. Never a name or a prefix.
        url: the upload's, "" before it is made.
        expires: when the server will remove it.
        creating: it was asked for, and no answer has come.
        orphans: uploads that may be there and are not used.
        compared: the bytes from the beginning that the server acknowledged with their digests.
        whole: no byte was ever taken that was not compared.
        under_way: where the request ends that was sent last.
        seen: an offset that nobody can explain, seen once; -1 if there is none.
        doubtful: somebody else may still be writing to it.
        proven: it was found to be the content. Whatever the server says of it later, it is left as it is.
    """

    sha256: str
    size: int
    url: str = ""
    expires: str = ""
    creating: bool = False
    orphans: int = 0
    compared: int = 0
    whole: bool = True
    under_way: int = 0
    seen: int = -1
    doubtful: bool = False
    proven: bool = False

    @classmethod
    def of(cls, told: Mapping[str, Any], *, sha256: str, size: int) -> Self:
        """Read a note; one of another content, or one that is spoiled, is as none."""
        fresh = cls(sha256=sha256, size=size)
        if told.get("sha256") != sha256 or told.get("size") != size:
            return fresh
        for field in fields(cls):
            value = told.get(field.name, getattr(fresh, field.name))  # a note may be older than the field
            if type(value) is not type(getattr(fresh, field.name)):
                return cls(sha256=sha256, size=size)
            setattr(fresh, field.name, value)
        return fresh

    def begin_anew(self) -> None:
        """Abandon the upload: the next one is another."""
        fresh = type(self)(sha256=self.sha256, size=self.size, orphans=self.orphans + 1)
        for field in fields(self):
            setattr(self, field.name, getattr(fresh, field.name))


class ProgressStore(Protocol):
    """Where progress is kept from one call to the next."""

    def recall(self, sha256: str, size: int) -> UploadProgress:
        """Return what is known of this content's upload."""
        ...

    def keep(self, progress: UploadProgress, *, lasting: bool = True) -> None:
        """Remember it; what is not `lasting` may be forgotten in a power cut, which then costs little."""
        ...


class Note:
    """Progress in a note on the dock's disk.

    `alone`: nobody else will know where the upload is, as the journal does of footage. Then it always lasts.
    """

    def __init__(self, notes: Notes, key: str, *, alone: bool = True) -> None:
        self._notes = notes
        self._key = key
        self._alone = alone

    def recall(self, sha256: str, size: int) -> UploadProgress:
        """Read the note."""
        return UploadProgress.of(self._notes.note(self._key), sha256=sha256, size=size)

    def keep(self, progress: UploadProgress, *, lasting: bool = True) -> None:
        """Write the note; durable when this returns, if it is to last."""
        self._notes.remember(self._key, asdict(progress), lasting=lasting or self._alone)


class Forgetful:
    """Keeps nothing: what is short is sent again from the beginning."""

    def recall(self, sha256: str, size: int) -> UploadProgress:
        """Know nothing."""
        return UploadProgress(sha256=sha256, size=size)

    def keep(self, progress: UploadProgress, *, lasting: bool = True) -> None:
        """Ignore it."""
