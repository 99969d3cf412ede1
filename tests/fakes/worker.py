"""Workers that need no thread."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import ParamSpec, TypeVar

from bwvdock.runtime.jobs import Job, Post, Unexpected, carry_out

P = ParamSpec("P")
T = TypeVar("T")


def fail_loudly(_: object, error: Exception) -> None:
    """Let what nobody was prepared for end the test, instead of one camera's or one store's failure."""
    raise error


class InlineWorker:
    """Carries out each job at once in the caller's thread."""

    def __init__(self, post: Post, *, unexpected: Unexpected = fail_loudly) -> None:
        self._post = post
        self._unexpected = unexpected

    def submit(self, job: Job) -> None:
        carry_out(job, self._post, self._unexpected)

    def finish(self, timeout: float) -> bool:
        return True


class HeldWorker:
    """Takes jobs and does none of them, as one whose store hangs, until it is told to."""

    def __init__(self, *, unexpected: Unexpected = fail_loudly) -> None:
        self.jobs: list[Job] = []
        self._unexpected = unexpected

    def submit(self, job: Job) -> None:
        self.jobs.append(job)

    def finish(self, timeout: float) -> bool:
        return not self.jobs

    def go_on(self, post: Post) -> None:
        """Do what was taken so far."""
        jobs, self.jobs = self.jobs, []
        for job in jobs:
            carry_out(job, post, self._unexpected)

    def do_next(self, post: Post) -> None:
        """Do the oldest of what was taken."""
        carry_out(self.jobs.pop(0), post, self._unexpected)


class InlineThreads(Executor):
    """Does at once, in the caller's thread, what a copier gives to its threads."""

    def __init__(self, threads: int = 1) -> None:
        """There are none."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        done: Future[T] = Future()
        try:
            done.set_result(fn(*args, **kwargs))
        except BaseException as error:  # noqa: BLE001 - as a pool's threads do
            done.set_exception(error)
        return done
