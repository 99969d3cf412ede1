"""How does a log event reach systemd-journald with its fields?

journald's native protocol: one datagram of FIELD=value lines; a value with newlines has its length, 8
bytes little-endian, before it; what is too large for a datagram goes as a sealed memfd.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import socket
from collections.abc import Mapping
from typing import TextIO

from bwvdock.edges.journald.messages import advises, message_id

JOURNALD_SOCKET = "/run/systemd/journal/socket"
_PRIORITIES = {"debug": 7, "info": 6, "warning": 4, "error": 3, "critical": 2}  # syslog(3)
_OURS = frozenset({"MESSAGE", "MESSAGE_ID", "PRIORITY", "SYSLOG_IDENTIFIER", "EVENT"})
_NO_FIELDS = frozenset({"LEVEL", "SENTENCE"})
_SEALS = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SEAL
_LONGEST_FALLBACK = 8192


def is_connected(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Return whether a stream goes to journald: $JOURNAL_STREAM is its "device:inode" (systemd.exec(5))."""
    try:
        status = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return False
    return environ.get("JOURNAL_STREAM") == f"{status.st_dev}:{status.st_ino}"


class Journald:
    """Sends events to journald; where that fails, plain lines go to `fallback`."""

    def __init__(self, path: str, *, fallback: TextIO) -> None:
        self._path = path
        self._fallback = fallback
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)

    def write(self, event: Mapping[str, str], message: str) -> None:
        """Send one event; `message` is its canonical line.

        Raises:
            OSError: neither journald nor the fallback takes it.
        """
        try:
            self._send(encode(fields_of(event, message)))
        except OSError:
            self._fallback.write(f"{message[:_LONGEST_FALLBACK]}\n")
            self._fallback.flush()

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()

    def _send(self, datagram: bytes) -> None:
        try:
            self._socket.sendto(datagram, self._path)
        except OSError as error:
            if error.errno not in {errno.EMSGSIZE, errno.ENOBUFS}:
                raise
            self._send_by_descriptor(datagram)

    def _send_by_descriptor(self, datagram: bytes) -> None:
        fd = os.memfd_create("bwvdock-log", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        try:
            with open(fd, "wb", closefd=False) as file:
                file.write(datagram)
            fcntl.fcntl(fd, fcntl.F_ADD_SEALS, _SEALS)
            rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, fd.to_bytes(4, "little"))]
            self._socket.sendmsg([], rights, 0, self._path)
        finally:
            os.close(fd)


def fields_of(event: Mapping[str, str], message: str) -> dict[str, str]:
    """Return journald's fields for an event: ours, and each of its own in capitals.

    MESSAGE is the event's sentence, or its canonical line where it has none.
    """
    fields = {
        "MESSAGE": " ".join(event.get("sentence", "").split("\n")) or message,
        "PRIORITY": str(_PRIORITIES.get(event.get("level", "info"), 6)),
        "SYSLOG_IDENTIFIER": "bwvdock",
        "EVENT": event.get("event", ""),
    }
    for key, value in event.items():
        name = re.sub(r"[^A-Z0-9_]", "_", key.upper()).lstrip("_0123456789")[:64]
        if name and name not in _NO_FIELDS and name not in _OURS:
            fields[name] = value
    if known := message_id(event):
        fields["MESSAGE_ID"] = known
    if advises(event):
        fields.setdefault("REMEDY", "bwvdock status")  # the catalogue names the field
    return fields


def encode(fields: Mapping[str, str]) -> bytes:
    """Write fields in journald's native form (systemd's JOURNAL_NATIVE_PROTOCOL)."""
    out = bytearray()
    for name, text in fields.items():
        value = text.encode("utf-8", "backslashreplace")
        if b"\n" in value:
            out += name.encode() + b"\n" + len(value).to_bytes(8, "little") + value + b"\n"
        else:
            out += name.encode() + b"=" + value + b"\n"
    return bytes(out)
