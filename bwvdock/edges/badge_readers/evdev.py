"""How are the keyboards of the kernel reached, so that what one types gets nowhere else?

The kernel's interface is evdev (Documentation/input/input.rst): a node for each device, from which events are
read, and requests: one after which nobody else gets them, one for the clock of their times, one that says
which device it is. A device's name in sysfs is not given again while it is open.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Final

from bwvdock.core.ports.badge_readers import KeyEvent
from bwvdock.errors import ReaderUnavailableError

_EVENT: Final = struct.Struct("llHHi")  # struct input_event of linux/input.h
_IDENTITY: Final = struct.Struct("4H")  # struct input_id: bus, vendor, product, version
_MARKS, _KEYS = 0, 1  # EV_SYN, EV_KEY of linux/input-event-codes.h
_REPORT, _DROPPED = 0, 3  # SYN_REPORT, SYN_DROPPED
_GRAB, _SET_CLOCK, _GET_IDENTITY = 0x40044590, 0x400445A0, 0x80084502  # EVIOCGRAB, EVIOCSCLOCKID, EVIOCGID
_CLOCK_MONOTONIC: Final = 1
_AT_ONCE: Final = 64  # events, as many as the kernel keeps of a keyboard
_REMEDY: Final = "systemctl restart bwvdock-badge-reader; if it stays so: ls -l /dev/input"

Prepare = Callable[[int], None]
"""Has the kernel give an open device to nobody else, and checks what it is; raises OSError."""


class InputDevice:
    """One device that was opened."""

    def __init__(self, descriptor: int, *, name: str) -> None:
        """Take it over."""
        self._descriptor = descriptor
        self._name = name
        self._incomplete = False

    def fileno(self) -> int:
        """Return the descriptor that can be read when keys were pressed."""
        return self._descriptor

    def events(self) -> list[KeyEvent | None]:
        """Return what was typed since, without waiting; None in the place of keys that were lost.

        Raises:
            ReaderUnavailableError: the reader was unplugged.
        """
        try:
            read = os.read(self._descriptor, _EVENT.size * _AT_ONCE)
        except BlockingIOError:
            return []
        except OSError as error:
            raise _unavailable(self._name, error) from None
        if not read:
            raise _unavailable(self._name, OSError(errno.ENODEV, os.strerror(errno.ENODEV)))
        whole = len(read) - len(read) % _EVENT.size
        found: list[KeyEvent | None] = []
        for seconds, micros, kind, code, value in _EVENT.iter_unpack(read[:whole]):
            if (kind, code) == (_MARKS, _DROPPED):
                self._incomplete = True
                found.append(None)
            elif (kind, code) == (_MARKS, _REPORT):
                self._incomplete = False
            elif (
                kind == _KEYS and not self._incomplete
            ):  # after the mark comes the rest of a report that was cut
                found.append(KeyEvent(code, value, seconds + micros / 1e6))
        return found

    def close(self) -> None:
        """Close it: what it types then reaches other programs. May be called again."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)


class InputDevices:
    """The input devices with certain ids, or the one at a path."""

    def __init__(
        self,
        wanted: tuple[int, int] | Path,
        *,
        classes: Path = Path("/sys/class/input"),
        nodes: Path = Path("/dev/input"),
        prepare: Prepare | None = None,
    ) -> None:
        """Take what is wanted: the ids of vendor and product, or a path.

        Args:
            wanted: the ids, or the path of a node, which may be a symbolic link.
            classes: where the kernel describes its input devices.
            nodes: where their nodes are.
            prepare: has the kernel prepare an open device; itself, unless a test has another.
        """
        self._wanted = wanted
        self._classes = classes
        self._nodes = nodes
        self._prepare = prepare or self._kernel_prepares

    def found(self) -> frozenset[str]:
        """Return the path of each node that is there now."""
        if isinstance(self._wanted, Path):
            return frozenset({os.path.realpath(self._wanted)} if self._wanted.exists() else ())
        try:
            names = os.listdir(self._classes)
        except OSError:
            return frozenset()
        events = (name for name in names if name.startswith("event"))
        return frozenset(str(self._nodes / name) for name in events if self._ids(name) == self._wanted)

    def open(self, name: str) -> InputDevice:
        """Return a device that no other program hears any more.

        Raises:
            ReaderUnavailableError: it is gone, may not be opened, or another program has it.
        """
        try:
            descriptor = os.open(name, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW)
        except OSError as error:
            raise _unavailable(name, error) from None
        try:
            self._prepare(descriptor)
        except OSError as error:
            os.close(descriptor)
            raise _unavailable(name, error) from None
        return InputDevice(descriptor, name=name)

    def _ids(self, name: str) -> tuple[int, int] | None:
        try:
            vendor, product = (
                int((self._classes / name / "device/id" / which).read_text(encoding="ascii"), 16)
                for which in ("vendor", "product")
            )
        except (OSError, ValueError):
            return None  # it was unplugged just now
        return vendor, product

    def _kernel_prepares(self, descriptor: int) -> None:
        if not stat.S_ISCHR(os.fstat(descriptor).st_mode):
            raise OSError(errno.ENOTTY, "it is not an input device")
        fcntl.ioctl(descriptor, _SET_CLOCK, struct.pack("i", _CLOCK_MONOTONIC))
        _, vendor, product, _ = _IDENTITY.unpack(
            fcntl.ioctl(descriptor, _GET_IDENTITY, bytes(_IDENTITY.size))
        )
        if not isinstance(self._wanted, Path) and (vendor, product) != self._wanted:
            raise OSError(errno.ENODEV, "another device has its name now")
        fcntl.ioctl(descriptor, _GRAB, 1)


def _unavailable(name: str, error: OSError) -> ReaderUnavailableError:
    if error.errno == errno.EACCES:
        return ReaderUnavailableError(
            f"The badge reader {name} may not be opened by this user, so no badge is read from it.",
            remedy="systemctl restart bwvdock-badge-reader",
        )
    if error.errno == errno.EBUSY:
        return ReaderUnavailableError(
            f"Another program has taken the badge reader {name} for itself, so no badge is read from it.",
            remedy=f"fuser -v {name} shows which; end it",
        )
    if error.errno in {errno.ENODEV, errno.ENOENT}:
        return ReaderUnavailableError(f"The badge reader {name} was unplugged.", remedy="Plug it in again")
    return ReaderUnavailableError(
        f"The badge reader {name} cannot be used: {error.strerror}.", remedy=_REMEDY
    )
