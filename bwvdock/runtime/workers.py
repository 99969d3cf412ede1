"""Who carries out a job, and where: the threads of the daemon.

A job is given one thing: `post`, which puts a message into the inbox of the one thread that owns
the journal. Jobs share nothing else, so there is no lock in our code.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Crashed:
    """A job raised something that is nobody's error but ours."""

    job: str
    error: BaseException | None


Post = Callable[[object], None]
Job = Callable[[Post], None]


class Worker(Protocol):
    """Carries out jobs one after the other, in the order given."""

    def submit(self, job: Job) -> None:
        """Take a job; it runs when those before it are done."""
        ...

    def finish(self, timeout: float) -> bool:
        """Take no more jobs; wait up to `timeout` seconds; say whether all were done by then."""
        ...


class ThreadWorker:
    """The real one: threads that share a queue of jobs."""

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
        """Take a job."""
        self._jobs.put(job)

    def finish(self, timeout: float) -> bool:
        """Let the jobs taken so far end."""
        for _ in self._threads:
            self._jobs.put(None)
        deadline = time.monotonic() + timeout
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                job(self._post)
            except Exception as error:  # noqa: BLE001 - the worker boundary: the owner decides
                self._post(Crashed(threading.current_thread().name, error))


class InlineWorker:
    """Carries out each job at once in the caller's thread: for tests that cut at every operation."""

    def __init__(self, post: Post) -> None:
        """Jobs post to `post`."""
        self._post = post

    def submit(self, job: Job) -> None:
        """Do it now."""
        job(self._post)

    def finish(self, timeout: float) -> bool:  # noqa: ARG002 - the port's signature
        """Nothing is ever left."""
        return True
