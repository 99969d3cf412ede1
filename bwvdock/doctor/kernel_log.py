"""Did the kernel report errors of USB, or of the disks that hold journal and footage?"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta

from bwvdock.doctor.findings import Check, Finding, error, ok, warning
from bwvdock.edges.inspection.kernel_log import KernelLine
from bwvdock.units import format_count

_RECENT = timedelta(days=1)
_MOST_QUOTED = 160  # characters
_PORT = re.compile(r"\b(?:usb|hub|usb-storage|uas) ((?:usb)?\d+(?:-[\d.]+)?)(?:-port(\d+)|:\d+\.\d+)?\b")
_USB = re.compile(
    r"device descriptor read/|device not accepting address|unable to enumerate USB device|over-?current"
    r"|[Cc]annot enable|cannot (?:reset|disable)|device firmware changed"
    r"|reset (?:high|full|low|Super)-?[Ss]peed"
    r"|can't set config|HC died|not responding to setup|error -(?:32|71|84|110)\b",
)
_DISK = re.compile(
    r"I/O error|critical (?:medium|target) error|(?:EXT4-fs|XFS|BTRFS).*(?:error|[Cc]orrupt|shut)"
)


def check_usb(lines: Sequence[KernelLine], now: datetime) -> Iterator[Finding]:
    """Return the errors of USB in the last day, counted by socket.

    Args:
        lines: the kernel's log of this boot.
        now: the time, in UTC.
    """
    recent = [line for line in lines if now - line.at <= _RECENT]
    found = defaultdict[str, list[KernelLine]](list)
    for line in recent:
        if _USB.search(line.text) and (port := _port(line.text)):
            found[port].append(line)
    for port, said in sorted(found.items()):
        dead = any("HC died" in line.text for line in said)
        make = error if dead else warning
        yield make(
            Check.KERNEL_USB,
            f"{format_count(len(said), 'error')} of {port} in a day; the last at {said[-1].at:%H:%M} UTC: "
            f"{said[-1].text[:_MOST_QUOTED]}",
            "The USB controller stopped: no camera on it is seen."
            if dead
            else "Cable, cradle, hub or camera: copies from this socket are slow or are broken off.",
            "Switch the machine off and on"
            if dead
            else "Exchange the cable, then the cradle; does the error go with the camera, or stay with the "
            f"socket? journalctl -k -g {port.removeprefix('usb')}",
            subject=port,
        )
    if not found:
        yield ok(Check.KERNEL_USB, f"no error of USB in {format_count(len(recent), 'line')} of the last day")


def _port(text: str) -> str:
    """Return the socket that a line of the kernel's is about, such as "1-2.3"; "usb" if it names none."""
    if "HC died" in text:
        return "usb"
    place = _PORT.search(text)
    if place is None:
        return "usb" if text.startswith(("usb", "hub", "xhci", "ehci", "ohci", "uhci")) else ""
    bay, number = place[1], place[2]
    if not number:
        return bay
    return f"{bay.removeprefix('usb')}-{number}" if bay.startswith("usb") else f"{bay}.{number}"


def check_disks(lines: Sequence[KernelLine], disks: Collection[str]) -> Iterator[Finding]:
    """Return the errors of the dock's own disks since the machine started.

    Args:
        lines: the kernel's log of this boot.
        disks: their names; errors of other disks, such as unplugged cards, are left out.
    """
    if not disks:
        return
    own = re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(disks)))})(?:p?\d+)?\b")
    said = [line for line in lines if _DISK.search(line.text) and own.search(line.text)]
    names = ", ".join(sorted(disks))
    if said:
        yield error(
            Check.KERNEL_DISK,
            f"{format_count(len(said), 'error')} of {names} since the machine started; the last: "
            f"{said[-1].text[:_MOST_QUOTED]}",
            "The disk that holds journal and footage gives errors.",
            "See that every clip is in its store (bwvdock status); then exchange the disk: journalctl -k",
            subject=names,
        )
    else:
        yield ok(Check.KERNEL_DISK, f"no error of {names} since the machine started", subject=names)
