"""Which objects are in a store, and under which paths?

A camera names its objects by handles, which are valid in this session only, and arranges them in folders as
it likes: two of the same name, a folder inside itself, names with a slash. Each object gets its own path that
is the same at the next docking, whatever its handle is then.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from bwvdock.core.clips.dates.file_times import FileTimes
from bwvdock.core.media.names import escape
from bwvdock.core.ports import CameraFile, FileStatus
from bwvdock.edges.cameras.mtp import wire
from bwvdock.edges.cameras.mtp.codes import FOLDER, OBJECT_SIZE, READ_ONLY, ROOT, UNKNOWN, Op, ResponseCode
from bwvdock.edges.cameras.mtp.session import Session
from bwvdock.edges.cameras.mtp.stores import Store
from bwvdock.edges.cameras.mtp.transfer import BusyError, RefusedError
from bwvdock.edges.cameras.walk import MAX_SIZE, Limits
from bwvdock.errors import UnreadableError

_NAMELESS: Final = "unnamed"
_NO_OBJECTS: Final = frozenset({0, ROOT})  # mean all objects, or none, wherever a handle is wanted


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundObject:
    """An entry of a listing, and the object behind it.

    `handle` is 0 where the entry only says what could not be read. `ambiguous` is whether another
    object has the same folder, name, size and dates, so that the two may change places.
    """

    file: CameraFile
    handle: int = 0
    info: wire.ObjectInfo | None = None
    ambiguous: bool = False


def describe(session: Session, handle: int) -> wire.ObjectInfo:
    """Return a camera's description of an object, with its true size where that can be found out.

    Raises:
        RefusedError: the object does not exist.
        CameraGoneError, UnreadableError, NotReadyError: see Session.
    """
    info = wire.object_info(session.ask(Op.GET_OBJECT_INFO, handle))
    if info.size is not None or info.format == FOLDER:
        return info
    return replace(info, size=size_property(session, handle))


def size_property(session: Session, handle: int) -> int | None:
    """Return an object's size from its property 0xDC04; None if it has none.

    Raises:
        CameraGoneError, UnreadableError, NotReadyError: see Session.
    """
    try:
        data = session.ask(Op.GET_OBJECT_PROP_VALUE, handle, OBJECT_SIZE)
        size = wire.integer(data)
    except (RefusedError, wire.WireError):
        return None
    return None if len(data) == 4 and size == UNKNOWN else size


def mtime_ns(info: wire.ObjectInfo) -> int:
    """Return an object's time of modification, else of creation, else 0, in ns since 1970."""
    return wire.time_ns(_date(info)) or 0


def file_times(info: wire.ObjectInfo) -> FileTimes:
    """Return what that time is: the camera's local time where it says no zone (MTP 1.1, 3.2.5)."""
    return FileTimes.ZONED if wire.bears_zone(_date(info)) else FileTimes.LOCAL


def _date(info: wire.ObjectInfo) -> str:
    dates = (info.modified, info.created)
    return next((date for date in dates if wire.time_ns(date) is not None), "")


def component(name: str) -> str:
    r"""Return an object's name as one part of an escaped path.

    A slash in a name must not create a folder, and "." and ".." must not have their usual meaning: they
    become ``\u{2f}`` and ``\u{2e}``.
    """
    escaped = escape(name.encode("utf-8", "surrogatepass")).replace("/", r"\u{2f}")
    if escaped in {".", ".."}:
        return escaped.replace(".", r"\u{2e}")
    return escaped or _NAMELESS


class ObjectWalk:
    """One walk over a store, breadth first. It continues past what cannot be read, and lists it as such."""

    def __init__(self, session: Session, store: Store, limits: Limits) -> None:
        self._session = session
        self._store = store
        self._limits = limits
        self._seen: set[int] = set()
        self._folders: deque[tuple[int, str, int]] = deque()  # handle, path, depth
        capacity = store.info.capacity if store.info else 0
        self._largest = min(capacity or MAX_SIZE, MAX_SIZE)

    def objects(self) -> Sequence[FoundObject]:
        """Return every object that is not a folder, and every folder that cannot be read completely.

        Raises:
            UnreadableError: the store's root cannot be read.
            CameraGoneError, NotReadyError: see Session; the listing is discarded.
        """
        found = list(self._children(self._handles(ROOT), "", 0))
        while self._folders:
            handle, path, depth = self._folders.popleft()
            try:
                children = self._handles(handle)
            except UnreadableError as error:
                found.append(_trouble(path, FileStatus.UNREADABLE, error.message))
            else:
                found += self._children(children, path, depth)
        return tell_apart(found)

    def _handles(self, parent: int) -> tuple[int, ...]:
        return wire.handles(self._session.ask(Op.GET_OBJECT_HANDLES, self._store.id, 0, parent))

    def _children(self, handles: Sequence[int], folder: str, depth: int) -> Iterator[FoundObject]:
        """Return the content of one folder; the folders in it are kept for later."""
        troubles: dict[str, FoundObject] = {}  # one line for each kind of trouble, not for each object
        for handle in handles:
            if handle in _NO_OBJECTS or handle in self._seen:
                continue
            if len(self._seen) >= self._limits.entries:
                reason = f"the store has more than {self._limits.entries} objects"
                troubles[reason] = _trouble(folder, FileStatus.UNREADABLE, reason)
                break
            self._seen.add(handle)
            try:
                info = describe(self._session, handle)
            except (UnreadableError, BusyError) as error:
                vanished = isinstance(error, RefusedError) and error.code == ResponseCode.INVALID_HANDLE
                status = FileStatus.NOT_READY if vanished else FileStatus.UNREADABLE
                troubles[error.message] = _trouble(folder, status, f"an object in it: {error.message}")
            else:
                yield from self._entry(handle, info, folder, depth)
        yield from troubles.values()

    def _entry(self, handle: int, info: wire.ObjectInfo, folder: str, depth: int) -> Iterator[FoundObject]:
        path = f"{folder}/{component(info.name)}" if folder else component(info.name)
        if info.format != FOLDER:
            yield FoundObject(file=self._file(path, info), handle=handle, info=info)
        elif depth + 1 >= self._limits.depth:
            reason = f"folders are nested deeper than {self._limits.depth}"
            yield _trouble(path, FileStatus.UNREADABLE, reason)
        else:
            self._folders.append((handle, path, depth + 1))

    def _file(self, path: str, info: wire.ObjectInfo) -> CameraFile:
        status, reason = FileStatus.READY, ""
        if info.size is None:
            status, reason = FileStatus.REFUSED, "the camera does not report its size"
        elif info.size > self._largest:
            status, reason = FileStatus.REFUSED, f"its size of {info.size} bytes is larger than the store"
        return CameraFile(
            path=path,
            size=info.size or 0,
            mtime_ns=mtime_ns(info),
            read_only=info.protection == READ_ONLY,
            status=status,
            reason=reason,
            times=file_times(info),
        )


def _trouble(path: str, status: FileStatus, reason: str) -> FoundObject:
    return FoundObject(file=CameraFile(path=path or ".", size=0, mtime_ns=0, status=status, reason=reason))


def tell_apart(found: Sequence[FoundObject]) -> Sequence[FoundObject]:
    """Distinguish objects with the same path by their properties, not by their handles.

    All of them get their size and date into their names, not only the second: which one is second differs at
    each docking. Objects that even agree in these are numbered.
    """
    groups: dict[str, list[FoundObject]] = defaultdict(list)
    for one in found:
        groups[one.file.path].append(one)
    taken = set(groups)
    numbers: dict[str, int] = {}
    told_apart: list[FoundObject] = []
    for path, group in groups.items():
        objects = [one for one in group if one.handle]
        told_apart += [one for one in group if not one.handle]
        if len(objects) < 2:
            told_apart += objects
            continue
        alike = Counter(_looks(one) for one in objects)
        for one in sorted(objects, key=lambda o: (_looks(o), o.handle)):
            own = _free(path, f"{one.file.size}-{one.file.mtime_ns}", taken, numbers)
            taken.add(own)
            ambiguous = alike[_looks(one)] > 1
            told_apart.append(replace(one, file=replace(one.file, path=own), ambiguous=ambiguous))
    return told_apart


def _looks(one: FoundObject) -> tuple[int, int, str]:
    return one.file.size, one.file.mtime_ns, one.info.created if one.info else ""


def _free(path: str, mark: str, taken: set[str], numbers: dict[str, int]) -> str:
    """Return a path that none has; `numbers` are the last that were given, so that none is tried twice."""
    folder, slash, name = path.rpartition("/")
    stem, dot, extension = name.rpartition(".")
    if not stem:
        stem, dot, extension = name, "", ""
    first = own = f"{folder}{slash}{stem}~{mark}{dot}{extension}"
    number = numbers.get(first, 1)
    while own in taken:
        number += 1
        own = f"{folder}{slash}{stem}~{mark}-{number}{dot}{extension}"
    numbers[first] = number
    return own
