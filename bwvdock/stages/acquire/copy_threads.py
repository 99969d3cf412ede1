"""Who hashes, writes and reads back while a copier reads the camera?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

from bwvdock.stages.acquire.copy_memory import CopyMemory, RingBuffer

T = TypeVar("T")
P = ParamSpec("P")

_DISK_THREADS = 8  # of one copier: what is synced at the same time is committed together
_FEW = 2 * 1024 * 1024  # bytes of memory that a copier has among few others

NewThreads = Callable[[int], Executor]
"""A function that returns so many threads. One thread does its jobs in the order in which they came."""


def real_threads(threads: int) -> Executor:
    """Return real threads."""
    return ThreadPoolExecutor(threads, thread_name_prefix="acquire")


def outcome(job: Future[T]) -> T:
    """Return what a job of the threads returned, or raise what it raised.

    `Future.result` takes an exception whose class counts as false for none at all.
    """
    error = job.exception()
    if error is not None:
        raise error
    return job.result()


def at_once(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
    """Return what the caller's own thread has done: a job that is over."""
    job: Future[T] = Future()
    try:
        job.set_result(work(*args, **kwargs))
    except BaseException as error:  # noqa: BLE001 - as a pool's threads do
        job.set_exception(error)
    return job


class CopyThreads:
    """The threads and the memory of one copier; hashing, writing and syncing release the interpreter's lock.

    `whole` and `pieces` hash, each in the order of the bytes; `disk` writes chunks, and does all that small
    clips need.
    """

    def __init__(self, new_threads: NewThreads, memory: CopyMemory) -> None:
        with ExitStack() as opened:
            opened.enter_context(memory.in_use())
            self.ring = RingBuffer(memory)
            self.whole, self.pieces, self._proofs = (opened.enter_context(new_threads(1)) for _ in range(3))
            self.disk = opened.enter_context(new_threads(_DISK_THREADS))
            self._open = opened.pop_all()
        self._reading_back: Sequence[Future[Any]] = ()  # the last of those jobs

    @property
    def is_alone(self) -> bool:
        """Whether so few copy that each may keep several processors busy."""
        return self.ring.share >= _FEW

    @property
    def is_one_of_many(self) -> bool:
        """Whether so many copy that handing chunks over costs more than it saves."""
        return not self.ring.is_lent

    def read_back(
        self, work: Callable[Concatenate[memoryview, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> Future[T]:
        """Return the job of work that reads back: one at a time, since all use the same memory for it.

        `work` is given that memory: the one of now, for the ring may have another when the job begins.
        """
        memory = self.ring.for_reading_back
        if not self.ring.reads_back_apart:
            wait_for(self._reading_back)  # from when there were fewer
            return at_once(work, memory, *args, **kwargs)
        job = self._proofs.submit(work, memory, *args, **kwargs)
        self._reading_back = [job]
        return job

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for all jobs, and end the threads."""
        self._open.__exit__(kind, error, trace)
