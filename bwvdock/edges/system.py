"""How are the clocks, the lock on the state directory and systemd's notifications implemented?"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import os
import socket
import stat
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from bwvdock.core.ports import ClockState
from bwvdock.core.visible_text import quoted
from bwvdock.edges.identity_file import announce
from bwvdock.edges.rights import refuse_root
from bwvdock.edges.synchronisation import MOST_US, SynchronisationWatch
from bwvdock.errors import AlreadyRunningError, StorageError

_ADJTIMEX_STATE_ERROR = 5  # TIME_ERROR of adjtimex(2): the clock is not synchronised
_TIMEX_BYTES = 208  # sizeof(struct timex) on 64-bit Linux; modes = 0 only reads
_TIMEX_ERRORS = 24  # the offset of maxerror and esterror in it, in microseconds
_TIME_SERVICES = (  # each with what is there while it runs
    ("chrony", Path("/run/chrony")),
    ("systemd-timesyncd", Path("/run/systemd/timesync/synchronized")),
    ("ntpd", Path("/run/ntpd.pid")),
)


class SystemClock:
    """The Clock port on the kernel's clocks."""

    def __init__(self, watch: SynchronisationWatch | None = None) -> None:
        """Read the boot id once: it cannot change while we live.

        Args:
            watch: knows whether the clock is kept where adjtimex(2) is forbidden.
        """
        self._watch = watch or SynchronisationWatch()
        self._boot_id = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        self._libc = ctypes.CDLL(None, use_errno=True)

    def now(self) -> datetime:
        """Return the wall-clock time, in UTC."""
        return datetime.now(UTC)

    def boottime_ms(self) -> int:
        """Return milliseconds since boot (CLOCK_BOOTTIME)."""
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000

    def boot_id(self) -> str:
        """Return the kernel's id of this boot."""
        return self._boot_id

    def synchronised(self) -> bool:
        """Ask adjtimex(2), which every time service keeps up to date, or timedated instead."""
        return self._ask()[0]

    def state(self) -> ClockState:
        """Ask adjtimex(2) for the errors, and check /run for traces of a time service."""
        source = next((name for name, trace in _TIME_SERVICES if trace.exists()), "")
        synchronised, most_us, error_us = self._ask()
        if not synchronised:
            return ClockState(source=source, error_ms=-1, most_ms=-1)
        return ClockState(source=source, error_ms=-(-error_us // 1000), most_ms=-(-most_us // 1000))

    def _ask(self) -> tuple[bool, int, int]:
        timex = ctypes.create_string_buffer(_TIMEX_BYTES)
        state = self._libc.adjtimex(timex)
        if state == -1 and ctypes.get_errno() == errno.EPERM:
            return self._watch.synchronised(), MOST_US, MOST_US
        most_us, error_us = struct.unpack_from("=qq", timex, _TIMEX_ERRORS)
        return 0 <= state < _ADJTIMEX_STATE_ERROR, most_us, error_us


# --- the state directory -------------------------------------------------------------------------

# A link, a FIFO or a second name of another's file may stand there: whoever owns the directory put it there.
_LOCK_FLAGS = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


@contextmanager
def hold_dock(state_dir: Path) -> Iterator[None]:
    """Hold the state directory for this process: at most one writes a dock's journal and spool.

    The kernel releases the lock when the process ends, however it ends.

    Raises:
        AlreadyRunningError: another process holds it.
        UsageError: we are root, and it is another user's.
        StorageError: the directory cannot be written to.
    """
    refuse_root(state_dir)
    path = state_dir / "lock"
    fd = _open_lock(path)
    try:
        _require_plain_file(fd, path)
        _lock(fd, path)
        os.ftruncate(fd, 0)  # not before: until here it is the holder's
        os.pwrite(fd, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(fd)


@contextmanager
def hold_verification(state_dir: Path) -> Iterator[bool]:
    """Yield whether this process is the one that verifies now; the kernel releases the lock when it ends.

    Raises:
        StorageError: the directory cannot be written to.
    """
    path = state_dir / "verify.lock"
    fd = _open_lock(path)
    try:
        _require_plain_file(fd, path)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
    finally:
        os.close(fd)


@contextmanager
def hold_folder(folder: Path) -> Iterator[None]:
    """Hold a folder against other processes that change what is in it; wait while one does.

    Raises:
        OSError: there is no such folder, or it may not be opened.
    """
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)


def _open_lock(path: Path) -> int:
    above = quoted(str(path.parent))
    try:
        announce(path.parent)  # before the lock is there, which says that there was a dock
        return os.open(path, _LOCK_FLAGS, 0o600)
    except OSError as error:
        if error.errno in {errno.ELOOP, errno.EISDIR, errno.ENXIO}:
            raise _no_plain_file(path) from error
        raise StorageError(
            f"{path} cannot be opened for writing: {error.strerror}. Without it the dock takes nothing.",
            remedy=f"Check that {above} exists, belongs to the user bwvdock runs as and is not mounted "
            f"read-only: ls -ld {above}; findmnt -T {above}",
        ) from error


def _require_plain_file(fd: int, path: Path) -> None:
    found = os.fstat(fd)
    if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1:
        raise _no_plain_file(path)


def _no_plain_file(path: Path) -> StorageError:
    return StorageError(
        f"{path} is not a plain file with one name, and was not touched: somebody put it there.",
        remedy=f"Find out who: ls -l {quoted(str(path.parent))}; then remove it, and start bwvdock",
    )


def _lock(fd: int, path: Path) -> None:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.pread(fd, 32, 0).decode("ascii", "replace").strip() or "unknown"
        raise AlreadyRunningError(
            f"Another bwvdock process (pid {holder}) holds this dock: {path} is locked. Only one daemon may "
            "write to the journal; not starting.",
            remedy="See what is running: systemctl status bwvdock. To run it by hand, first: systemctl "
            "stop bwvdock.",
        ) from error


# --- systemd ---------------------------------------------------------------------------------------

_PATIENCE = 2.0  # seconds, for what systemd must not miss
_LONGER_USEC = 60_000_000  # until the next sign of life of a start, sd_notify(3)


class Supervisor:
    """Notifies systemd that the daemon is ready and alive, and what it is doing (sd_notify(3)).

    Silent where no systemd listens (a terminal, a test). If systemd does not read, the dock must not wait:
    signs of life and status lines are then left unsaid, the others after a moment.
    """

    def __init__(self, address: str | None = None) -> None:
        """Take the address from $NOTIFY_SOCKET unless one is given."""
        name = os.environ.get("NOTIFY_SOCKET", "") if address is None else address
        self._address = "\0" + name[1:] if name.startswith("@") else name
        self._starting = True

    def ready(self) -> None:
        """Start-up is over."""
        self._starting = False
        self._tell("READY=1", patience=_PATIENCE)

    def reloading(self) -> None:
        """Report that the configuration is being reloaded; `ready` ends it."""
        self._tell("RELOADING=1", patience=_PATIENCE)

    def stopping(self) -> None:
        """Report that the daemon is stopping."""
        self._tell("STOPPING=1", patience=_PATIENCE)

    def alive(self) -> None:
        """Sign of life, given only by the thread that writes the journal.

        A start that waits, for room in the journal, continues beyond systemd's limit for starts.
        """
        self._tell(f"WATCHDOG=1\nEXTEND_TIMEOUT_USEC={_LONGER_USEC}" if self._starting else "WATCHDOG=1")

    def status(self, line: str) -> None:
        """Report one line for `systemctl status`."""
        self._tell(f"STATUS={line}")

    def _tell(self, message: str, *, patience: float = 0.0) -> None:
        if not self._address:
            return
        with (
            contextlib.suppress(OSError),  # systemd may be starting itself anew
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sock,
        ):
            sock.settimeout(patience)
            sock.sendto(message.encode(), self._address)
