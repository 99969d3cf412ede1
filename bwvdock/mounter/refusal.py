"""Why is a request not granted, and what is to be done about it?"""

from __future__ import annotations

from enum import Enum, unique

_BY_HAND = "Take the card out and have its footage secured by hand before anything is written to it."


@unique
class RefusalCode(Enum):
    """Every reason for a refusal; the value is its remedy. On the wire: the name in small letters."""

    BAD_REQUEST = "This is a mistake in bwvdock; report it with `journalctl -u bwvdock-mounter`."
    NOT_ALLOWED = "Only root and the user bwvdock may ask; let the daemon run as that user."
    CROWDED = "It is asked again by itself; if this stays: systemctl restart bwvdock-mounter.service bwvdock."
    BAD_DEVICE = "Name a block device as the kernel does: sda, sda1."
    GONE = "Dock the camera again."
    NOT_USB = "Only cameras on USB are mounted; look with `lsblk -o NAME,TRAN`."
    NOT_TAGGED = (
        "Look for BWVDOCK_CAMERA=1 with `udevadm info /dev/NAME`; with BWVDOCK_IGNORE=1 it was left out on "
        "purpose. After a change of the rules type `udevadm control --reload && udevadm trigger`."
    )
    NO_MEDIUM = "Put a card in, or unlock the camera; it is noticed by itself."
    NOT_A_FILESYSTEM = f"Look at it with `lsblk -f`. {_BY_HAND}"
    FILESYSTEM_NOT_ALLOWED = "To allow it, name it under `filesystems` in /etc/bwvdock/mounter.toml."
    FILESYSTEM_UNSUPPORTED = (
        "See `journalctl -k`; install Debian's full kernel: `apt install linux-image-amd64`."
    )
    BUSY = "Find who uses it: `lsblk`, `grep NAME /proc/*/mountinfo`. End that and dock the camera again."
    NOT_READ_ONLY = "Take the camera out, and report this with `journalctl -k` and the camera's model."
    NOT_WRITABLE = "Set the card's switch to writable, or erase it on the camera."
    ERASING_OFF = (
        'Nothing is erased unless /etc/bwvdock/bwvdock.toml says so: [release] erase = "after-verified".'
    )
    IO_ERROR = f"Clean the contacts and dock the camera again. If that does not help: {_BY_HAND}"
    MOUNT_FAILED = "See what the kernel says with `journalctl -k`, then dock the camera again."
    MISCONFIGURED = "Mend it, in /etc/bwvdock; it is read again with the next camera."
    INTERNAL = "This is a mistake in bwvdock; report it with what `journalctl -u bwvdock-mounter` says."


class Refusal(Exception):  # noqa: N818 - it is an answer, not an error of this program
    """A request that is not granted: a code from the closed list, and words for a person."""

    def __init__(self, code: RefusalCode, message: str) -> None:
        super().__init__(message)
        self.code = code
