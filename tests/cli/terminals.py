"""A terminal of a given width, for a command that somebody types."""

from __future__ import annotations

import fcntl
import os
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Sequence

_CLEARED, _PAINT = "\r\x1b[K", re.compile(r"\x1b\[[0-9;]*m|\r")


def typed(arguments: Sequence[str], columns: int) -> tuple[int, list[str]]:
    """Return how a command ends that is typed into a terminal, and the lines that are on it then."""
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    command = [sys.executable, "-m", "bwvdock", *arguments]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs) as running:
        os.close(theirs)
        shown = bytearray()
        while block := _read(ours):
            shown += block
    os.close(ours)
    lines = (line.rpartition(_CLEARED)[2] for line in shown.decode().split("\n"))
    return running.returncode, [_PAINT.sub("", line) for line in lines]


def _read(fd: int) -> bytes:
    try:
        return os.read(fd, 65536)
    except OSError:  # the command has ended
        return b""
