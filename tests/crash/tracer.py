"""How is a process stopped just before its n-th system call that changes anything on a disk?

strace counts for each thread apart (`when=N` means the N-th call of any one thread), so with it a copier's
thread is never stopped at all its calls. Here a seccomp filter stops the process at the calls that matter,
and one counter counts them over all threads. A call that changes nothing needs no stop of its own: the disk
is then as at the next call that does.
"""

from __future__ import annotations

import ctypes
import os
import signal
import struct
from collections.abc import Callable

# The numbers of x86-64, from the kernel's table.
CALLS = {
    "write": 1,
    "pwrite64": 18,
    "writev": 20,
    "fsync": 74,
    "fdatasync": 75,
    "truncate": 76,
    "ftruncate": 77,
    "rename": 82,
    "mkdir": 83,
    "rmdir": 84,
    "link": 86,
    "unlink": 87,
    "symlink": 88,
    "chmod": 90,
    "fchmod": 91,
    "chown": 92,
    "fchown": 93,
    "mkdirat": 258,
    "fchownat": 260,
    "unlinkat": 263,
    "renameat": 264,
    "linkat": 265,
    "fchmodat": 268,
    "sync_file_range": 277,
    "utimensat": 280,
    "fallocate": 285,
    "pwritev": 296,
    "syncfs": 306,
    "renameat2": 316,
    "copy_file_range": 326,
    "pwritev2": 328,
}
_OPENAT = 257  # only where it makes or empties a file
_NAMES = {number: name for name, number in CALLS.items()} | {_OPENAT: "openat"}
_X86_64 = 0xC000003E

_LOAD, _EQUAL, _ANY_BIT, _RETURN = 0x20, 0x15, 0x45, 0x06  # linux/bpf_common.h
_ALLOW, _TRACE = 0x7FFF0000, 0x7FF00000  # linux/seccomp.h
_AT_NUMBER, _AT_ARCH, _AT_ARGUMENT_2 = 0, 4, 32
_PR_SET_SECCOMP, _FILTER, _PR_SET_NO_NEW_PRIVS = 22, 2, 38

_TRACEME, _CONT, _SETOPTIONS, _GETEVENTMSG = 0, 7, 0x4200, 0x4201  # linux/ptrace.h
_OPTIONS = 0x100000 | 0x80 | 0x08 | 0x04 | 0x02  # EXITKILL, TRACESECCOMP, TRACECLONE, TRACEVFORK, TRACEFORK
_EVENT_SECCOMP = 7
_WALL = 0x40000000

_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
_libc.ptrace.restype = ctypes.c_long
_libc.prctl.argtypes = [ctypes.c_int, *[ctypes.c_ulong] * 4]


def run(job: Callable[[], None], *, at: Callable[[int, str], bool]) -> int:
    """Do a job in a process of its own; give its exit status, negative for a signal.

    Args:
        job: what it does; an exception makes it exit with 1.
        at: told before each call that matters, with its number from 1 on and its name; True kills the
            process there, the call undone.
    """
    child = os.fork()
    if child == 0:
        _be_traced(job)
    os.waitpid(child, 0)
    _ptrace(_SETOPTIONS, child, _OPTIONS)
    _ptrace(_CONT, child)
    calls = 0
    while True:
        thread, status = os.waitpid(-1, _WALL)
        if not os.WIFSTOPPED(status):
            if thread == child:
                return os.waitstatus_to_exitcode(status)
            continue
        if status >> 16 == _EVENT_SECCOMP:
            calls += 1
            if at(calls, _NAMES[_message(thread)]):
                os.kill(child, signal.SIGKILL)
                continue
        _go_on(thread, status)


def _go_on(thread: int, status: int) -> None:
    # An event, or the stop with which a new thread begins, is not a signal to be passed on.
    number = 0 if status >> 16 or os.WSTOPSIG(status) == signal.SIGSTOP else os.WSTOPSIG(status)
    try:
        _ptrace(_CONT, thread, number)
    except ProcessLookupError:
        return  # killed meanwhile, with all its threads


def _be_traced(job: Callable[[], None]) -> None:
    code = 1
    try:
        _ptrace(_TRACEME, 0)
        os.kill(os.getpid(), signal.SIGSTOP)
        _install_filter()
        job()
        code = 0
    finally:
        os._exit(code)


def _install_filter() -> None:
    program = [
        (_LOAD, 0, 0, _AT_ARCH),
        (_EQUAL, 1, 0, _X86_64),
        (_RETURN, 0, 0, _ALLOW),
        (_LOAD, 0, 0, _AT_NUMBER),
    ]
    for number in CALLS.values():
        program += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _TRACE | number)]
    program += [
        (_EQUAL, 0, 3, _OPENAT),
        (_LOAD, 0, 0, _AT_ARGUMENT_2),
        (_ANY_BIT, 0, 1, os.O_CREAT | os.O_TRUNC),
        (_RETURN, 0, 0, _TRACE | _OPENAT),
        (_RETURN, 0, 0, _ALLOW),
    ]
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in program))
    header = ctypes.create_string_buffer(struct.pack("@HP", len(program), ctypes.addressof(code)))
    _check(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    _check(_libc.prctl(_PR_SET_SECCOMP, _FILTER, ctypes.addressof(header), 0, 0))


def _message(thread: int) -> int:
    value = ctypes.c_ulong()
    _check(_libc.ptrace(_GETEVENTMSG, thread, None, ctypes.addressof(value)))
    return value.value


def _ptrace(request: int, thread: int, data: int = 0) -> None:
    _check(_libc.ptrace(request, thread, None, data))


def _check(result: int) -> None:
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
