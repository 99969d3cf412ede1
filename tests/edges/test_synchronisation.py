"""Is the clock's state known, where the kernel may not be asked?"""

from __future__ import annotations

import queue
import subprocess
import sys
import threading

import pytest

from bwvdock.edges.synchronisation import KEPT_SECONDS, SynchronisationWatch, timedated_says

_UNDER_A_FILTER = """
import ctypes, struct
libc = ctypes.CDLL(None, use_errno=True)
# A seccomp filter as ProtectClock= in the unit has it: adjtimex (159) and clock_adjtime (305) give EPERM.
def op(code, jt, jf, k): return struct.pack("HBBI", code, jt, jf, k)
refused, allowed = op(6, 0, 0, 0x00050001), op(6, 0, 0, 0x7fff0000)
program = op(0x20, 0, 0, 0) + op(0x15, 1, 0, 159) + op(0x15, 0, 1, 305) + refused + allowed
buffer = ctypes.create_string_buffer(program)
class Fprog(ctypes.Structure):
    _fields_ = [("len", ctypes.c_ushort), ("filter", ctypes.c_void_p)]
fprog = Fprog(len(program) // 8, ctypes.addressof(buffer))
assert libc.prctl(38, 1, 0, 0, 0) == 0
assert libc.prctl(22, 2, ctypes.byref(fprog), 0, 0) == 0
from bwvdock.edges.synchronisation import SynchronisationWatch
from bwvdock.edges.system import SystemClock
for answer in (True, False):
    clock = SystemClock(watch=SynchronisationWatch(lambda: answer))
    state = clock.state()
    print(clock.synchronised(), state.error_ms, state.most_ms)
"""


def test_the_last_answer_is_known_and_only_the_first_is_waited_for() -> None:
    answers: queue.SimpleQueue[bool] = queue.SimpleQueue()
    asked = threading.Semaphore(0)

    def ask() -> bool:
        answer = answers.get(timeout=60)
        asked.release()
        return answer

    watch = SynchronisationWatch(ask, every_s=0)
    answers.put(True)
    assert watch.synchronised()
    answers.put(False)
    for _ in range(2):
        assert asked.acquire(timeout=60)
    answers.put(False)
    assert asked.acquire(timeout=60)  # the one before has been taken in
    assert not watch.synchronised()
    watch._ended.set()  # noqa: SLF001 - before the last answer lets it go
    answers.put(False)
    watch.stop()


def test_timedated_says_yes_no_or_nothing() -> None:
    assert timedated_says() in {True, False, None}


@pytest.mark.parametrize(
    "passed_s,set_by_s,counts",
    [(1, 0, True), (1, 0.5, True), (KEPT_SECONDS - 1, 0, True), (KEPT_SECONDS, 0, False), (1, -3600, False)],
)
def test_no_answer_leaves_the_last_one_standing_for_a_while_unless_the_clock_was_set(
    passed_s: float, set_by_s: float, *, counts: bool
) -> None:
    answers: queue.SimpleQueue[bool | None] = queue.SimpleQueue()
    asked = threading.Semaphore(0)
    now, ahead = [0.0], [0.0]

    def ask() -> bool | None:
        answer = answers.get(timeout=60)
        asked.release()
        return answer

    watch = SynchronisationWatch(ask, every_s=0, monotonic=lambda: now[0], ahead=lambda: ahead[0])
    answers.put(True)
    assert watch.synchronised()
    now[0], ahead[0] = passed_s, set_by_s
    for _ in range(2):
        answers.put(None)
    for _ in range(3):
        assert asked.acquire(timeout=60)  # so the first None has been taken in
    assert watch.synchronised() is counts
    watch._ended.set()  # noqa: SLF001 - before the last answer lets it go
    answers.put(None)
    watch.stop()


@pytest.mark.slow
def test_where_the_kernel_may_not_be_asked_the_watch_is() -> None:
    ran = subprocess.run([sys.executable, "-c", _UNDER_A_FILTER], capture_output=True, text=True, check=False)
    assert (ran.stdout, ran.returncode) == ("True 16000 16000\nFalse -1 -1\n", 0), ran.stderr


def test_a_machine_that_does_not_answer_keeps_nobody_waiting_twice() -> None:
    hung = threading.Event()

    def ask() -> bool | None:
        hung.wait(60)
        return None

    watch = SynchronisationWatch(ask, first_s=0.01)
    assert not watch.synchronised()
    assert watch._known.is_set()  # noqa: SLF001 - so a second question is answered at once
    hung.set()
    watch.stop()
