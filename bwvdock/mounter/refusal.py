"""Why is a request refused, and what can be done about it?"""

from __future__ import annotations

from enum import Enum, unique

_BY_HAND = "Remove the card and have its footage secured by hand before anything is written to it."


@unique
class RefusalCode(Enum):
    """The reasons for a refusal; the value is the remedy. On the wire: the name in lower case."""

    BAD_REQUEST = "This is a bug in bwvdock; report it with `journalctl -u bwvdock-mounter`."
    NOT_ALLOWED = "Only root and the user bwvdock may send requests; run the daemon as that user."
    CROWDED = "It is tried again; if this stays: sudo systemctl restart bwvdock-mounter.service bwvdock."
    BAD_DEVICE = "Name a block device as the kernel does: sda, sda1."
    GONE = "Dock the camera again."
    NOT_USB = "Only cameras on USB are mounted; check with `lsblk -o NAME,TRAN`."
    NOT_TAGGED = (
        "Check for BWVDOCK_CAMERA=1 with `udevadm info /dev/NAME`; BWVDOCK_IGNORE=1 means that it is "
        "ignored on "
        "purpose. After a change of the rules type `sudo udevadm control --reload && sudo udevadm trigger`."
    )
    NO_MEDIUM = "Insert a card, or unlock the camera; the dock notices it by itself."
    NOT_A_FILESYSTEM = f"Check it with `lsblk -f`. {_BY_HAND}"
    FILESYSTEM_NOT_ALLOWED = "To allow it, add it to `filesystems` in /etc/bwvdock/mounter.toml."
    FILESYSTEM_UNSUPPORTED = (
        "See `journalctl -k`; install Debian's full kernel: `sudo apt install linux-image-amd64`."
    )
    NOT_PERMITTED = "It is tried again; if this stays: sudo systemctl restart bwvdock-mounter.service."
    BUSY = "Find who uses it: `lsblk`, `grep NAME /proc/*/mountinfo`. End that and dock the camera again."
    NOT_READ_ONLY = "Unplug the camera, and report this with `journalctl -k` and the camera's model."
    NOT_WRITABLE = "Set the card's switch to writable, or erase it on the camera."
    ERASING_OFF = (
        'Nothing is erased unless /etc/bwvdock/bwvdock.toml allows it: [release] erase = "after-verified".'
    )
    IO_ERROR = f"Clean the contacts and dock the camera again. If that does not help: {_BY_HAND}"
    MOUNT_FAILED = "Check the kernel log with `journalctl -k`, then dock the camera again."
    MISCONFIGURED = "Correct it in /etc/bwvdock; it is read again with the next camera."
    INTERNAL = "This is a bug in bwvdock; report it with the output of `journalctl -u bwvdock-mounter`."


class Refusal(Exception):  # noqa: N818 - it is an answer, not an error of this program
    """A refused request: a code from the closed list, and a message for a person."""

    def __init__(self, code: RefusalCode, message: str) -> None:
        super().__init__(message)
        self.code = code
