"""A FUSE mount whose program answers nothing: what touches it hangs, as with one that was stopped."""

from __future__ import annotations

import ctypes
import os
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_libc = ctypes.CDLL(None, use_errno=True)
_INIT = 26
_DETACH = 2  # MNT_DETACH of umount2(2)
_HEAD = struct.Struct("=IIQQIIII")  # struct fuse_in_header: len, opcode, unique, nodeid and others
_REPLY = struct.Struct("=IiQ")  # struct fuse_out_header: len, error, unique
_INIT_OUT = struct.Struct("=IIIIHHIIHHI28x")  # struct fuse_init_out, minor 31


@contextmanager
def hanging_folder(path: Path) -> Iterator[Path]:
    """Mount it; whoever waits for an answer gets an error when it is gone."""
    path.mkdir()
    device = os.open("/dev/fuse", os.O_RDWR | os.O_CLOEXEC)
    options = f"fd={device},rootmode=40000,user_id=0,group_id=0,allow_other".encode()
    if _libc.mount(b"stopped", os.fsencode(path), b"fuse", 0, options):
        code = ctypes.get_errno()
        os.close(device)
        raise OSError(code, os.strerror(code), str(path))
    greeting = threading.Thread(target=_greet, args=(device,), daemon=True)
    greeting.start()
    greeting.join(60)
    try:
        yield path
    finally:
        os.close(device)  # ends the connection, and with it every call that waits
        _libc.umount2(os.fsencode(path), _DETACH)


def _greet(device: int) -> None:
    """Answer the kernel's first request, and no other."""
    request = os.read(device, 1 << 20)
    _, opcode, unique, *_ = _HEAD.unpack_from(request)
    if opcode != _INIT:
        raise RuntimeError(f"the kernel began with request {opcode}")
    body = _INIT_OUT.pack(7, 31, 65536, 0, 12, 9, 4096, 1, 0, 0, 0)
    os.write(device, _REPLY.pack(_REPLY.size + len(body), 0, unique) + body)
