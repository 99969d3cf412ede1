"""How are clips stored on the dock's own disk, from the first byte to the finished part?

    CLIP.N.part      part N of a clip while it is received
    CLIP.N.pieces    its log: a line for each piece that was read back from the disk
    CLIP.N.mp4       the finished part, mode 0440; its log, if it had one, stays until it goes

CLIP is the dock's id for the clip; of the camera's name only a known extension is kept. The log is
a list of claims, torn or stale as a power cut leaves it: each line is proven against
the disk before it counts. A finished part is never written to again, because the vault may share
its bytes.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from xxhash import xxh3_128

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.retention import DisposalPermit, require_permit
from bwvdock.core.clips.states import SPOOL
from bwvdock.core.media.part_names import part_name, possible_names
from bwvdock.core.ports import PIECE_BYTES, Checksum
from bwvdock.edges import durable
from bwvdock.errors import DurabilityError, NotAsAcquiredError, SpoolFullError, StorageError, words_of
from bwvdock.units import format_size

_MOST_LOG_BYTES = 16 * 1024 * 1024  # lines for some 3 TB
_LINE = re.compile(r"(\d{1,9}) (\d{1,9}) ([0-9a-f]{64})\Z")
_MISSING = "is missing"
_NOT_A_FILE = "is not a file"
_MOST_TOO_MANY = 64 * 2**20  # bytes more than there must be: a file with holes may state any size
_FULL = "No footage is removed to make room: bwvdock status says what the spool waits for and what makes room"
_DISK = "Check the disk (journalctl -k, smartctl -a) and the permissions of the state directory"


def allocated(entries: Iterable[os.DirEntry[str]]) -> int:
    """Return the bytes of disk that these take; one that has lost its name meanwhile (.part) takes none."""
    total = 0
    for entry in entries:
        with suppress(FileNotFoundError):
            total += entry.stat(follow_symlinks=False).st_blocks * 512
    return total


def found_name(directory: int, clip: Clip, part: int, *, folder: str = "") -> str:
    """Return the name of a finished part in a folder; of several that it may have, the one that is there."""
    names = possible_names(clip, part)
    if len(names) == 1:
        return names[0]
    there = (name for name in names if durable.exists(directory, os.path.join(folder, name)))
    return next(there, names[0])


@dataclass(frozen=True, slots=True)
class FileCopy:
    """What was read under a name: `where` that is, in words, and its SHA-256; or what it is `lacking`.

    `lacking` continues a sentence: "is missing", or "is not a file". It is "" where a digest is given.
    """

    where: str
    sha256: str = ""
    lacking: str = ""

    @property
    def missing(self) -> bool:
        """Whether nothing at all has that name."""
        return self.lacking == _MISSING


def read_copy(directory: int, path: str, *, where: str, size: int) -> FileCopy:
    """Return what the disk holds under a name.

    Args:
        directory: where the path begins.
        path: the file's name.
        where: the same in words.
        size: how many bytes it must have; one that has very many more is not read.

    Raises:
        OSError: it is there and cannot be read.
    """
    try:
        # Looked at before it is opened: a pipe that somebody put there would never open.
        if not stat.S_ISREG(os.stat(path, dir_fd=directory, follow_symlinks=False).st_mode):
            return FileCopy(where, lacking=_NOT_A_FILE)
        with durable.DiskFile.read(directory, path) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):  # replaced in between
                return FileCopy(where, lacking=_NOT_A_FILE)
            if file.size > size + _MOST_TOO_MANY:
                return FileCopy(where, lacking=f"has {file.size:,} bytes instead of {size:,}")
            return FileCopy(where, sha256=sha256_of(file))
    except (FileNotFoundError, NotADirectoryError):
        return FileCopy(where, lacking=_MISSING)


class FileSpool:
    """The spool port on a directory. May be used from several threads."""

    def __init__(self, path: Path, *, min_free: int) -> None:
        """Open the spool, made if need be.

        Args:
            path: its directory; the one above must be there.
            min_free: bytes of its disk that must stay free.

        Raises:
            StorageError: it cannot be opened.
        """
        self._min_free = min_free
        try:
            above = durable.open_directory(str(path.parent))
            try:
                self.directory = durable.make_directory(path.name, below=above)
            finally:
                os.close(above)
        except OSError as error:
            raise StorageError(
                f"the spool {path} cannot be opened: {words_of(error)}", remedy=_DISK
            ) from error

    def close(self) -> None:
        """Close the directory."""
        os.close(self.directory)

    def free_bytes(self) -> int:
        """Return the bytes that may still be spooled; less than zero when min_free is not kept."""
        try:
            return shutil.disk_usage(self.directory).free - self._min_free
        except OSError as error:
            raise StorageError(f"the spool's disk cannot be read: {words_of(error)}", remedy=_DISK) from error

    def used_bytes(self) -> int:
        """Return the bytes of disk that the spool occupies."""
        with self._entries() as entries:
            return allocated(entries)

    def is_empty(self) -> bool:
        """Return whether no file is in the spool."""
        with self._entries() as entries:
            return next(entries, None) is None

    @contextmanager
    def _entries(self) -> Iterator[Iterator[os.DirEntry[str]]]:
        try:
            with os.scandir(self.directory) as entries:
                yield entries
        except OSError as error:
            raise StorageError(f"the spool cannot be read: {words_of(error)}", remedy=_DISK) from error

    def receive(self, clip: Clip) -> list[IncomingFile]:
        """Make room for every part of a clip and open them, where an earlier attempt left off."""
        opened: list[IncomingFile] = []
        try:
            for number, file in enumerate(clip.files):
                opened.append(self._open(clip, number, file.size))
            self._require_room(clip, sum(max(p.size - p.allocated, 0) for p in opened))
            for part in opened:
                part.preallocate()
        except BaseException as error:
            for part in opened:
                part.close()
            if isinstance(error, OSError):
                raise _translated(error, clip.id, self.directory) from error
            raise
        return opened

    def _open(self, clip: Clip, number: int, size: int) -> IncomingFile:
        stem = f"{clip.id}.{number}"
        finished = durable.exists(self.directory, part_name(clip, number))
        # Finished by a run that was cut before its fact was journalled. One that has a second
        # name is the vault's as well: its bytes must stay as they are.
        if finished and finished.st_nlink == 1 and durable.exists(self.directory, f"{stem}.pieces"):
            durable.rename(self.directory, part_name(clip, number), f"{stem}.part")
        return IncomingFile(self.directory, stem, size)

    def _require_room(self, clip: Clip, needed: int) -> None:
        free = self.free_bytes()
        if needed > free:
            raise SpoolFullError(
                f"Not enough space: clip {clip.id} needs {format_size(needed)}, {format_size(max(free, 0))} "
                "available "
                f"({format_size(self._min_free)} kept free). It stays on the camera.",
                remedy=_FULL,
            )

    def publish(self, clips: Sequence[Clip]) -> None:
        """Rename every part of these clips to its final name; durable when this returns."""
        for clip in clips:
            for number in range(len(clip.files)):
                durable.rename(self.directory, f"{clip.id}.{number}.part", part_name(clip, number))
        durable.sync_directory(self.directory)

    def dispose(self, clip: Clip, permit: DisposalPermit) -> None:
        """Remove every part of a clip from the spool, durably; a part already gone is not an error."""
        require_permit(permit, clip, place=SPOOL)
        try:
            for number in range(len(clip.files)):
                for name in possible_names(clip, number):
                    durable.remove(self.directory, name)
                durable.remove(self.directory, f"{clip.id}.{number}.pieces")
            durable.sync_directory(self.directory)
        except OSError as error:
            raise StorageError(
                f"the spool cannot remove {clip.id}: {words_of(error)}", remedy=_DISK
            ) from error

    def part(self, clip: Clip, number: int) -> FileCopy:
        """Return what is under the name of a clip's part, read from the disk.

        Raises:
            StorageError: the file cannot be read.
        """
        name = found_name(self.directory, clip, number)
        where = f"{name} in the spool"
        try:
            return read_copy(self.directory, name, where=where, size=clip.parts[number].size)
        except OSError as error:
            raise StorageError(f"{where} cannot be read: {words_of(error)}", remedy=_DISK) from error

    def check(self, clip: Clip) -> None:
        """Read the clip's parts back from the disk and compare size and digest."""
        for number, part in enumerate(clip.parts):
            name = found_name(self.directory, clip, number)
            try:
                with durable.DiskFile.read(self.directory, name) as file:
                    found = (file.size, sha256_of(file))
            except FileNotFoundError:
                raise NotAsAcquiredError(f"the dock's copy of {name} is missing from the spool") from None
            except OSError as error:
                why = f"the dock's copy of {name} cannot be read from the spool: {words_of(error)}"
                raise DurabilityError(why, remedy=_DISK) from error
            if found != (part.size, part.sha256):
                raise NotAsAcquiredError(
                    f"the dock's copy of {name} no longer matches the hash taken at ingest: {found[0]} "
                    f"bytes with SHA-256 {found[1]} instead of {part.size} with {part.sha256}",
                    remedy=f"See its history with `bwvdock clips show {clip.id}`; the camera or the vault "
                    "may still have an intact copy",
                )


def sha256_of(file: durable.DiskFile, passing: Callable[[int], object] = lambda _: None) -> str:
    """Return the digest of what the disk holds of a file; `passing` is called with each block's length."""
    digest = hashlib.sha256()
    for data in file.read_back(0, file.size):
        passing(len(data))
        digest.update(data)
    return digest.hexdigest()


class IncomingFile:
    """The incoming port: one .part and its .pieces."""

    def __init__(self, directory: int, stem: str, size: int) -> None:
        """Open the partial file of `stem`, made if need be."""
        self._directory = directory
        self._stem = stem
        self._log: int | None = None
        self.size = size
        self.recorded = _read_log(directory, f"{stem}.pieces")
        self._worth_keeping = bool(self.recorded)
        part = f"{stem}.part"
        if self.recorded and durable.exists(directory, part):
            os.chmod(part, 0o600, dir_fd=directory)  # sealed, perhaps, and cut before it was published
            self._file = durable.DiskFile.resume(directory, part)
        else:
            self._file = durable.DiskFile.create(directory, part)

    @property
    def allocated(self) -> int:
        """The bytes of disk that it occupies."""
        return self._file.allocated

    def preallocate(self) -> None:
        """Set the whole part's room aside."""
        # A small clip's room was looked for a moment ago; the disk is spared the work.
        if self.size > PIECE_BYTES:
            self._file.preallocate(self.size)

    def write(self, data: memoryview, offset: int) -> None:
        """Write all of `data` at `offset`."""
        try:
            self._file.write(data, offset)
        except OSError as error:
            raise _translated(error, self._stem, self._directory) from error

    def new_checksum(self) -> Checksum:
        """Return an XXH3 of 128 bits: as fast as memory, and it finds what a disk does by mistake."""
        return xxh3_128()

    def read_back(self, offset: int, length: int, *, into: memoryview | None = None) -> Iterator[memoryview]:
        """Return what the disk holds."""
        try:
            yield from self._file.read_back(offset, length, into=into)
        except OSError as error:
            raise DurabilityError(
                f"the disk cannot read {self._stem}: {words_of(error)}", remedy=_DISK
            ) from error

    def peek(self, offset: int, length: int) -> bytes:
        """Return a few bytes at any place."""
        return self._file.peek(offset, length)

    def record(self, index: int, length: int, sha256: str) -> None:
        """Add a line to the log; durable with the next `settle`."""
        if self._log is None:
            name = f"{self._stem}.pieces"
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
            self._log = os.open(name, flags, 0o600, dir_fd=self._directory)
            durable.sync_directory(self._directory)
        os.write(self._log, f"{index} {length} {sha256}\n".encode())
        self._worth_keeping = True

    def give_up(self) -> None:
        """Make the part empty; sealing removes the bytes."""
        self.size = 0

    def seal(self) -> None:
        """Make it durable and read-only."""
        self._file.truncate(self.size)
        self._file.set_mode(0o440)
        self.settle()
        self._worth_keeping = True

    def settle(self) -> None:
        """Make what was written durable, and what the log claims of it."""
        try:
            self._file.sync()
            if self._log is not None:
                durable.sync_log(self._log)
        except DurabilityError as error:
            raise DurabilityError(f"{self._stem}: {error.message}", remedy=error.remedy) from error

    def discard(self) -> None:
        """Throw the partial file and its log away."""
        self._worth_keeping = False
        self.close()
        durable.remove(self._directory, f"{self._stem}.pieces")

    def close(self) -> None:
        """Close it; bytes without a line in the log are removed."""
        self._file.close()
        if self._log is not None:
            os.close(self._log)
            self._log = None
        if not self._worth_keeping:
            durable.remove(self._directory, f"{self._stem}.part")


def _read_log(directory: int, name: str) -> list[tuple[int, str]]:
    """Return length and digest of each piece that a log names without a gap; the last line of each counts."""
    try:
        log = durable.read_small(name, _MOST_LOG_BYTES, below=directory).decode("ascii", "replace")
    except FileNotFoundError:
        return []
    lines = [match.groups() for line in log.split("\n") if (match := _LINE.match(line))]
    claims = {int(index): (int(length), sha256) for index, length, sha256 in lines}
    recorded: list[tuple[int, str]] = []
    while len(recorded) in claims:
        recorded.append(claims[len(recorded)])
    return recorded


def _translated(error: OSError, what: str, directory: int) -> StorageError:
    if durable.no_room(error):
        clip = what.partition(".")[0]
        why = _full_of(error, directory)
        return SpoolFullError(f"{why}. Clip {clip} stays on the camera.", remedy=_FULL)
    return StorageError(f"the spool cannot write {what}: {words_of(error)}", remedy=_DISK)


def _full_of(error: OSError, directory: int) -> str:
    """Return what there is no room for: free bytes can be left where files or a quota are used up."""
    if error.errno == errno.EDQUOT:
        return "The quota of the dock's user on the spool's disk is used up (quota)"
    disk = os.statvfs(directory)
    if disk.f_files and not disk.f_ffree:
        return (
            "The spool's disk has no room for another file, whatever its size: its inodes are used up (df -i)"
        )
    return "The spool's disk is full"
