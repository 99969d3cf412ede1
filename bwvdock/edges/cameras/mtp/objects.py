"""What stands in a store, and under which paths?

A camera names its objects by handles, which mean something in this session only, and hangs them
into folders as it likes: two of the same name, a folder inside itself, names with a slash. Each
object gets a path of its own that is the same at the next docking, whatever its handle is then.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

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
    """Return what a camera says of an object, with its true size where that can be learnt.

    Raises:
        RefusedError: there is no such object.
        CameraGoneError, UnreadableError, NotReadyError: see Session.
    """
    info = wire.object_info(session.ask(Op.GET_OBJECT_INFO, handle))
    if info.size is not None or info.format == FOLDER:
        return info
    return replace(info, size=size_property(session, handle))


def size_property(session: Session, handle: int) -> int | None:
    """Return an object's size as its property 0xDC04 tells it; None where it does not.

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
    times = (wire.time_ns(date) for date in (info.modified, info.created))
    return next((time for time in times if time is not None), 0)


def component(name: str) -> str:
    r"""Return an object's name as one part of an escaped path.

    The slash of a name must not make a folder, and "." and ".." must not mean what they mean
    elsewhere: they become ``\u{2f}`` and ``\u{2e}``.
    """
    escaped = escape(name.encode("utf-8", "surrogatepass")).replace("/", r"\u{2f}")
    if escaped in {".", ".."}:
        return escaped.replace(".", r"\u{2e}")
    return escaped or _NAMELESS


class ObjectWalk:
    """One walk over a store, breadth first. It goes on past what cannot be read, and says so."""

    def __init__(self, session: Session, store: Store, limits: Limits) -> None:
        self._session = session
        self._store = store
        self._limits = limits
        self._seen: set[int] = set()
        self._folders: deque[tuple[int, str, int]] = deque()  # handle, path, depth
        capacity = store.info.capacity if store.info else 0
        self._largest = min(capacity or MAX_SIZE, MAX_SIZE)

    def objects(self) -> Sequence[FoundObject]:
        """Return every object that is no folder, and every folder that cannot be read whole.

        Raises:
            UnreadableError: the store's root cannot be read.
            CameraGoneError, NotReadyError: see Session; whatever was listed is thrown away.
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
        """Return what stands in one folder; the folders in it are kept for later."""
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
            status, reason = FileStatus.REFUSED, "the camera does not tell its size"
        elif info.size > self._largest:
            status, reason = FileStatus.REFUSED, f"states {info.size} bytes, more than the store holds"
        return CameraFile(
            path=path,
            size=info.size or 0,
            mtime_ns=mtime_ns(info),
            read_only=info.protection == READ_ONLY,
            status=status,
            reason=reason,
        )


def _trouble(path: str, status: FileStatus, reason: str) -> FoundObject:
    return FoundObject(file=CameraFile(path=path or ".", size=0, mtime_ns=0, status=status, reason=reason))


def tell_apart(found: Sequence[FoundObject]) -> Sequence[FoundObject]:
    """Tell objects apart that have the same path, by what they are and not by their handles.

    All of them get their size and date into their names, not only the second: which one is the
    second is another question at each docking. Objects that even agree in these are numbered.
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
