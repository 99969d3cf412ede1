"""Who carries out jobs: the threads of the daemon."""

from __future__ import annotations

import queue
import threading
import time
from dataclasses import dataclass
from typing import Protocol

from bwvdock.log import Events, get_logger
from bwvdock.runtime.jobs import Job, Post, carry_out


@dataclass(frozen=True, slots=True)
class Crashed:
    """A thread of the daemon ended that must not: it watches udev or answers operators."""

    thread: str
    error: BaseException | None


class Worker(Protocol):
    """Carries out jobs one after the other, in the order given."""

    def submit(self, job: Job) -> None:
        """Add a job; it runs after those before it."""
        ...

    def finish(self, timeout: float) -> bool:
        """Take no more jobs; wait up to `timeout` seconds; return whether all were done by then."""
        ...


class ThreadWorker:
    """Threads that share a queue of jobs."""

    def __init__(self, name: str, post: Post, *, threads: int = 1) -> None:
        """Start `threads` daemon threads; with one, jobs run in order."""
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._post = post
        self._threads = [
            threading.Thread(target=self._work, name=f"{name}-{n}", daemon=True) for n in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, job: Job) -> None:
        """Add a job."""
        self._jobs.put(job)

    def finish(self, timeout: float) -> bool:
        """Wait for the jobs added so far."""
        for _ in self._threads:
            self._jobs.put(None)
        deadline = time.monotonic() + timeout
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            carry_out(job, self._post, log_traceback)


def log_traceback(what: object, error: Exception) -> None:
    """Write where a job, or a question, failed that raised what nobody was prepared for."""
    name = getattr(what, "__qualname__", type(what).__name__)
    get_logger().error(Events.JOB_FAILED, job=name, exc_info=error)
