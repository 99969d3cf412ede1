"""The dock PC itself: clocks, the lock on the state directory, and what systemd is told."""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from bwvdock.core.ports import ClockState
from bwvdock.edges.certificate import announce
from bwvdock.errors import AlreadyRunningError, StorageError

_ADJTIMEX_STATE_ERROR = 5  # TIME_ERROR of adjtimex(2): the clock is not synchronised
_TIMEX_BYTES = 208  # sizeof(struct timex) on 64-bit Linux; modes = 0 only reads
_TIMEX_ERRORS = 24  # where maxerror and esterror stand in it, in microseconds
_TIME_SERVICES = (  # each with what stands there while it runs
    ("chrony", Path("/run/chrony")),
    ("systemd-timesyncd", Path("/run/systemd/timesync/synchronized")),
    ("ntpd", Path("/run/ntpd.pid")),
)


class SystemClock:
    """The Clock port on the kernel's clocks."""

    def __init__(self) -> None:
        """Read the boot id once: it cannot change while we live."""
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
        """Ask adjtimex(2), which every time service keeps up to date."""
        return self._ask()[0]

    def state(self) -> ClockState:
        """Ask adjtimex(2) for the errors, and look which time service's traces stand in /run."""
        source = next((name for name, trace in _TIME_SERVICES if trace.exists()), "")
        synchronised, most_us, error_us = self._ask()
        if not synchronised:
            return ClockState(source=source, error_ms=-1, most_ms=-1)
        return ClockState(source=source, error_ms=-(-error_us // 1000), most_ms=-(-most_us // 1000))

    def _ask(self) -> tuple[bool, int, int]:
        timex = ctypes.create_string_buffer(_TIMEX_BYTES)
        state = self._libc.adjtimex(timex)
        most_us, error_us = struct.unpack_from("=qq", timex, _TIMEX_ERRORS)
        return 0 <= state < _ADJTIMEX_STATE_ERROR, most_us, error_us


@contextmanager
def hold_dock(state_dir: Path) -> Iterator[None]:
    """Hold the state directory for this process: at most one writes a dock's journal and spool.

    The kernel lets go of the lock when the process ends, however it ends.

    Raises:
        AlreadyRunningError: another process holds it.
        StorageError: the directory cannot be written to.
    """
    path = state_dir / "lock"
    try:
        announce(state_dir)  # before the lock is there, which says that there was a dock
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    except OSError as error:
        raise StorageError(
            f"{path} cannot be opened for writing: {error.strerror}. Without it the dock takes nothing.",
            remedy=f"Check that {state_dir} exists, belongs to the user bwvdock runs as and is not mounted "
            f"read-only: ls -ld {state_dir}; findmnt -T {state_dir}",
        ) from error
    try:
        _lock(fd, path)
        _give_to_owner_of(state_dir, fd)
        os.ftruncate(fd, 0)
        os.pwrite(fd, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(fd)


def _lock(fd: int, path: Path) -> None:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.pread(fd, 32, 0).decode("ascii", "replace").strip() or "unknown"
        raise AlreadyRunningError(
            f"Another bwvdock process (pid {holder}) holds this dock: {path} is locked. "
            "Two writers would tear the journal, so this one does not start.",
            remedy="See what runs: systemctl status bwvdock. By hand: first systemctl stop bwvdock.",
        ) from error


def _give_to_owner_of(directory: Path, fd: int) -> None:
    # An operator's command run as root before the first start must not leave a lock file that the
    # daemon, which is not root, cannot open.
    if os.geteuid() == 0:
        owner = directory.stat()
        os.fchown(fd, owner.st_uid, owner.st_gid)


_PATIENCE = 2.0  # seconds, for what systemd must not miss


class Supervisor:
    """sd_notify(3): tells systemd that we are ready, alive, and what we are doing.

    Silent where no systemd listens (a terminal, a test). Whoever does not read what is said to him must not
    hold the dock up: signs of life and status lines are then left unsaid, the others after a moment.
    """

    def __init__(self, address: str | None = None) -> None:
        """Take the address from $NOTIFY_SOCKET unless one is given."""
        name = os.environ.get("NOTIFY_SOCKET", "") if address is None else address
        self._address = "\0" + name[1:] if name.startswith("@") else name

    def watchdog_interval(self) -> float | None:
        """Return the seconds within which systemd wants a sign of life, or None."""
        usec = os.environ.get("WATCHDOG_USEC", "")
        return int(usec) / 1_000_000 if usec.isdecimal() else None

    def ready(self) -> None:
        """Start-up is over."""
        self._tell("READY=1", patience=_PATIENCE)

    def reloading(self) -> None:
        """The configuration is being read again; `ready` ends it."""
        self._tell("RELOADING=1", patience=_PATIENCE)

    def stopping(self) -> None:
        """The end has begun."""
        self._tell("STOPPING=1", patience=_PATIENCE)

    def alive(self) -> None:
        """Sign of life, given only by the thread that writes the journal."""
        self._tell("WATCHDOG=1")

    def status(self, line: str) -> None:
        """One line for `systemctl status`."""
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
