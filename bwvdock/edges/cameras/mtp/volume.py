"""How does one store of an MTP camera become a volume like any other?"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from bwvdock.core.clips.permit import ErasePermit
from bwvdock.core.media.names import escape
from bwvdock.core.ports import FINGERPRINT_BYTES, CameraFile, FileStatus, Kept
from bwvdock.core.ports.erasing import EraseOutcome, Erasure
from bwvdock.edges.cameras.covered_files import may_erase
from bwvdock.edges.cameras.mtp.codes import FOLDER, ROOT, Op, ResponseCode
from bwvdock.edges.cameras.mtp.objects import FoundObject, ObjectWalk, describe, mtime_ns
from bwvdock.edges.cameras.mtp.reading import ObjectReader
from bwvdock.edges.cameras.mtp.session import RestartedError, Session
from bwvdock.edges.cameras.mtp.source import MtpSource
from bwvdock.edges.cameras.mtp.stores import Store, locked, store_ids
from bwvdock.edges.cameras.mtp.transfer import RefusedError
from bwvdock.edges.cameras.mtp.unconfirmed import what_to_compare
from bwvdock.edges.cameras.walk import Limits
from bwvdock.errors import CameraGoneError, EraseRefusedError, NotReadyError, UnreadableError

_AGAIN = "Dock the camera again; if it stays so, keep its card and have it examined."
_LISTED_AGAIN = "None needed: the camera is listed again."
_WALKS = 3
_READ_ONLY_STORE = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """What the stores of one camera share.

    `using` keeps the camera open while a call is under way; it raises CameraGoneError once the
    camera was closed. `attached` says whether it is still there.
    """

    session: Session
    reader: ObjectReader
    using: Callable[[], AbstractContextManager[None]]
    attached: Callable[[], bool]


class MtpVolume:
    """A CameraVolume over one store. See core/ports/ for the contract.

    Beyond it, `list` raises LockedError (a retryable CameraError) when the camera was locked, and
    NotReadyError when it stays busy. All volumes of one camera, and the camera itself, are for the
    same thread, except `present` and `close`.
    """

    def __init__(self, link: Link, store: Store, *, limits: Limits | None = None) -> None:
        self._link = link
        self._store = store
        self._limits = limits or Limits()
        self._objects: dict[str, FoundObject] = {}
        self._generation = -1  # of the session in which the handles were learnt
        self._closed = False

    @property
    def name(self) -> str:
        """The volume's name, the same at each docking."""
        return f"store-{self._store.id:08x}"

    @property
    def label(self) -> str:
        """The store's own label, escaped, or ""."""
        info = self._store.info
        return escape((info.volume or info.description).encode("utf-8", "surrogatepass")) if info else ""

    @property
    def store(self) -> Store:
        """The camera's description of the store."""
        return self._store

    def list(self) -> Sequence[CameraFile]:
        """List the store, then prove that it is still there."""
        with self._using():
            try:
                found = self._walk()
            except UnreadableError:
                self._prove()
                raise
            self._prove()
        return [one.file for one in found]

    def open(self, file: CameraFile, *, offset: int = 0) -> MtpSource:
        """Open a listed object; the reading itself begins with the first `readinto`."""
        with self._using():
            self._handle(file)
        return MtpSource(
            self._link.reader,
            file,
            handle=lambda: self._handle(file),
            offset=offset,
            using=self._using,
        )

    def fingerprint(self, file: CameraFile) -> str:
        """Return the SHA-256 of both ends of an object, or "" where only the whole of it can be had."""
        if file.size <= 2 * FINGERPRINT_BYTES:
            return self._digest(file)
        digest = hashlib.sha256()
        with self._using():
            handle = self._handle(file)
            for at in (0, file.size - FINGERPRINT_BYTES):
                piece = self._link.reader.piece(handle, file.size, at, FINGERPRINT_BYTES)
                if piece is None:
                    return ""
                digest.update(piece)
        return digest.hexdigest()

    def doubt(self, file: CameraFile, length: int, kept: Kept) -> str:
        """Compare what an earlier attempt kept with windows of the camera's present file."""
        with self._using():
            handle, reader = self._handle(file), self._link.reader
            if not reader.stride(file.size, length):
                return "the camera cannot start in the middle of a file"
            if not reader.looks_right(handle, file.size, length):
                return "the camera's partial reads of a file are unreliable"
            for at, count in what_to_compare(length, kept):
                if not reader.holds(handle, file.size, at, kept(at, count)):
                    return f"at byte {at} the camera now returns other bytes than before it was interrupted"
        return ""

    def erase(self, permit: ErasePermit) -> Sequence[Erasure]:
        """Delete the objects of the permit's clip; each is confirmed gone. See core/ports/erasing.py."""
        return [
            self._erase(CameraFile(path=file.path, size=file.size, mtime_ns=file.mtime_ns), file.fingerprint)
            for file in may_erase(permit, self.name)
        ]

    def _erase(self, file: CameraFile, fingerprint: str) -> Erasure:
        with self._using():
            try:
                handle = self._handle(file)
            except _VanishedError:
                return Erasure(outcome=EraseOutcome.ALREADY_GONE)
            except _ChangedError as error:
                return _kept(error.message)
            if self._objects[file.path].ambiguous:
                return _kept("another file has the same name, size and date")
            self._may_erase(self._objects[file.path], handle)
            if fingerprint and self.fingerprint(file) not in {fingerprint, ""}:
                return _kept("its content differs")
            try:
                self._link.session.order(Op.DELETE_OBJECT, handle, 0)
            except RefusedError as error:
                if error.code != ResponseCode.INVALID_HANDLE:
                    raise _not_erased(error.message) from error
            if not self._is_gone(handle):
                return _kept("the camera reports that it was erased, but still has it")
            del self._objects[file.path]
            return Erasure(outcome=EraseOutcome.ERASED)

    def present(self) -> bool:
        """Return whether the camera is still there. Whether its store is, only `list` can find out."""
        return not self._closed and self._link.attached()

    def close(self) -> None:
        """Close the store; the camera stays open."""
        self._closed = True

    # --- inside ---

    @contextmanager
    def _using(self) -> Iterator[None]:
        if self._closed:
            raise CameraGoneError("The camera was closed.", remedy="Dock it again.")
        with self._link.using():
            yield

    def _walk(self) -> Sequence[FoundObject]:
        """List the objects, from the beginning again if the handles change their meaning meanwhile."""
        for _ in range(_WALKS):
            generation = self._link.session.generation
            try:
                found = ObjectWalk(self._link.session, self._store, self._limits).objects()
            except RestartedError:
                continue
            except RefusedError as error:
                if error.code in {ResponseCode.INVALID_STORAGE, ResponseCode.STORE_NOT_AVAILABLE}:
                    raise locked() from error
                raise
            if generation == self._link.session.generation:
                self._objects = {one.file.path: one for one in found}
                self._generation = generation
                return found
        raise UnreadableError("The camera restarts whenever it is listed.", remedy=_AGAIN)

    def _prove(self) -> None:
        """Prove that the camera and the store that were listed are still there."""
        if not self.present():
            raise CameraGoneError("The camera was unplugged.", remedy="Dock it again; the copy resumes.")
        if self._store.id not in store_ids(self._link.session):
            raise CameraGoneError("The store was taken out of the camera.", remedy="Dock it again.")

    def _handle(self, file: CameraFile) -> int:
        """Return the handle of a listed object, if the camera still describes it as it was listed."""
        if self._generation != self._link.session.generation:
            self._walk()
        found = self._objects.get(file.path)
        if found is None or not found.handle or found.info is None:
            raise _VanishedError("The file no longer exists.", remedy=_LISTED_AGAIN)
        if found.file.status is FileStatus.REFUSED:
            raise UnreadableError(f"The file is not read: {found.file.reason}.", remedy=_AGAIN)
        try:
            now = describe(self._link.session, found.handle)
        except RefusedError as error:
            if error.code == ResponseCode.INVALID_HANDLE:
                raise _VanishedError("The file vanished.", remedy=_LISTED_AGAIN) from error
            raise
        if (now.name, now.format, now.store) != (found.info.name, found.info.format, found.info.store):
            raise _changed("was replaced by another")
        if (now.size, mtime_ns(now)) != (file.size, file.mtime_ns):
            raise _changed("changed after it was listed; it may still be written")
        return found.handle

    def _digest(self, file: CameraFile) -> str:
        data = bytearray(file.size)
        with self.open(file) as source:
            source.readinto(memoryview(data))
        return hashlib.sha256(data).hexdigest()

    def _may_erase(self, found: FoundObject, handle: int) -> None:
        info = self._store.info
        if found.info is None or found.info.format == FOLDER or handle in {0, ROOT}:
            raise _not_erased("it is not a file")
        if info is not None and info.access == _READ_ONLY_STORE:
            raise _not_erased("the store is read-only")

    def _is_gone(self, handle: int) -> bool:
        try:
            describe(self._link.session, handle)
        except RefusedError as error:
            if error.code == ResponseCode.INVALID_HANDLE:
                return True
            raise
        return False


class _VanishedError(NotReadyError):
    """It is not there any more."""


class _ChangedError(NotReadyError):
    """It is no longer what was listed."""


def _changed(what: str) -> NotReadyError:
    return _ChangedError(f"The file {what}.", remedy=_LISTED_AGAIN)


def _kept(reason: str) -> Erasure:
    return Erasure(outcome=EraseOutcome.REFUSED, reason=reason)


def _not_erased(why: str) -> EraseRefusedError:
    return EraseRefusedError(
        f"The file was not erased from the camera: {why}.", remedy="Erase it on the camera, if necessary."
    )
