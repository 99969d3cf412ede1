"""FUSE mounts that hang: one whose program answers nothing, as if stopped, and one that stops at a call."""

from __future__ import annotations

import ctypes
import errno
import os
import select
import stat
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

_libc = ctypes.CDLL(None, use_errno=True)
_INIT = 26
_DETACH = 2  # MNT_DETACH of umount2(2)
_HEAD = struct.Struct("=IIQQIIII")  # struct fuse_in_header: len, opcode, unique, nodeid and others
_REPLY = struct.Struct("=IiQ")  # struct fuse_out_header: len, error, unique
_GREETING = struct.pack("=IIIIHHIIHHI28x", 7, 31, 65536, 0, 12, 9, 4096, 1, 0, 0, 0)  # fuse_init_out, 7.31


@contextmanager
def hanging_folder(path: Path) -> Iterator[Path]:
    """Mount it; whoever waits for an answer gets an error when it is gone."""
    device = _mounted(path)
    greeting = threading.Thread(target=_greet, args=(device,), daemon=True)
    greeting.start()
    greeting.join(60)
    try:
        yield path
    finally:
        os.close(device)  # ends the connection, and with it every call that waits
        _libc.umount2(os.fsencode(path), _DETACH)


def _mounted(path: Path) -> int:
    path.mkdir()
    device = os.open("/dev/fuse", os.O_RDWR | os.O_CLOEXEC)
    options = f"fd={device},rootmode=40000,user_id=0,group_id=0,allow_other".encode()
    if _libc.mount(b"stopped", os.fsencode(path), b"fuse", 0, options):
        code = ctypes.get_errno()
        os.close(device)
        raise OSError(code, os.strerror(code), str(path))
    return device


def _greet(device: int) -> None:
    """Answer the kernel's first request, and no other."""
    request = os.read(device, 1 << 20)
    _, opcode, unique, *_ = _HEAD.unpack_from(request)
    if opcode != _INIT:
        raise RuntimeError(f"the kernel began with request {opcode}")
    _answer(device, unique, _GREETING)


def _answer(device: int, unique: int, body: bytes, error: int = 0) -> None:
    with suppress(FileNotFoundError):  # whoever asked did not wait for it
        os.write(device, _REPLY.pack(_REPLY.size + len(body), -error, unique) + body)


# --- one that answers until a certain call ------------------------------------------------------------

CALLS = {
    "lookup": 1,
    "getattr": 3,
    "open": 14,
    "read": 15,
    "statfs": 17,
    "flush": 25,
    "opendir": 27,
    "readdir": 28,
}  # fuse_opcode of linux/fuse.h
_RELEASE, _RELEASEDIR = 18, 29
_UNANSWERED = {2, 36, 42}  # FORGET, INTERRUPT, BATCH_FORGET
_ROOT = 1
_ATTR = struct.Struct("=6Q10I")  # struct fuse_attr
_TIME_S = 1_700_000_000


class StallingFolder:
    """A folder of a few files; the call that `stalls_at` names, one of CALLS, is never answered.

    `stalled` is set when one is not.
    """

    def __init__(self, path: Path, files: Mapping[str, bytes], device: int) -> None:
        self.path = path
        self.stalls_at = ""
        self.stalled = threading.Event()
        self._files = list(files.items())
        self._device = device
        self._calls: Mapping[int, Callable[[int, bytes], bytes]] = {
            CALLS["lookup"]: self._lookup,
            CALLS["getattr"]: lambda node, _: bytes(16) + self._attributes(node),
            CALLS["open"]: lambda *_: bytes(16),
            CALLS["read"]: self._read,
            CALLS["statfs"]: lambda *_: struct.pack("=5Q4I24x", *[1 << 30] * 5, 4096, 255, 4096, 0),
            CALLS["flush"]: lambda *_: b"",
            CALLS["opendir"]: lambda *_: bytes(16),
            CALLS["readdir"]: self._names,
            _RELEASE: lambda *_: b"",
            _RELEASEDIR: lambda *_: b"",
            _INIT: lambda *_: _GREETING,
        }

    def serve(self, end: int) -> None:
        """Answer until something is to be read from the descriptor `end`."""
        while end not in select.select([self._device, end], [], [])[0]:
            request = os.read(self._device, 1 << 20)
            _, opcode, unique, node, *_ = _HEAD.unpack_from(request)
            if opcode == CALLS.get(self.stalls_at):
                self.stalled.set()
            elif opcode not in _UNANSWERED:
                self._say(opcode, unique, node, request[_HEAD.size :])

    def _say(self, opcode: int, unique: int, node: int, said: bytes) -> None:
        try:
            body = self._calls[opcode](node, said)
        except KeyError:
            _answer(self._device, unique, b"", errno.ENOSYS)
        except FileNotFoundError:
            _answer(self._device, unique, b"", errno.ENOENT)
        else:
            _answer(self._device, unique, body)

    def _attributes(self, node: int) -> bytes:
        size = 0 if node == _ROOT else len(self._files[node - 2][1])
        mode = stat.S_IFDIR | 0o755 if node == _ROOT else stat.S_IFREG | 0o644
        return _ATTR.pack(node, size, 1, *[_TIME_S] * 3, 0, 0, 0, mode, 1, 0, 0, 0, 4096, 0)

    def _lookup(self, _: int, said: bytes) -> bytes:
        wanted = os.fsdecode(said.rstrip(b"\0"))
        for node, (name, _content) in enumerate(self._files, start=2):
            if name == wanted:
                return struct.pack("=QQQQII", node, 0, 0, 0, 0, 0) + self._attributes(node)
        raise FileNotFoundError

    def _read(self, node: int, said: bytes) -> bytes:
        _, offset, length = struct.unpack_from("=QQI", said)
        return self._files[node - 2][1][offset : offset + length]

    def _names(self, _: int, said: bytes) -> bytes:
        _, offset, _ = struct.unpack_from("=QQI", said)
        listed = b""
        for node, (name, _content) in list(enumerate(self._files, start=2))[offset:]:
            entry = struct.pack("=QQII", node, node - 1, len(name), 8) + os.fsencode(name)
            listed += entry + bytes(-len(entry) % 8)
        return listed


@contextmanager
def stalling_folder(path: Path, files: Mapping[str, bytes]) -> Iterator[StallingFolder]:
    """Mount it; whoever waits for an answer gets an error when it is gone."""
    device = _mounted(path)
    folder, (end, ends) = StallingFolder(path, files, device), os.pipe()
    serving = threading.Thread(target=folder.serve, args=(end,), daemon=True)
    serving.start()
    try:
        yield folder
    finally:
        os.write(ends, b"x")
        serving.join(60)
        for descriptor in (device, end, ends):  # the first ends the connection
            os.close(descriptor)
        _libc.umount2(os.fsencode(path), _DETACH)
