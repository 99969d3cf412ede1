"""Workers that need no thread."""

from __future__ import annotations

from bwvdock.runtime.jobs import Job, Post, Unexpected, carry_out


def fail_loudly(_: Job, error: Exception) -> None:
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

    def __init__(self) -> None:
        self.jobs: list[Job] = []

    def submit(self, job: Job) -> None:
        self.jobs.append(job)

    def finish(self, timeout: float) -> bool:
        return not self.jobs

    def go_on(self, post: Post) -> None:
        """Do what was taken so far."""
        jobs, self.jobs = self.jobs, []
        for job in jobs:
            carry_out(job, post, fail_loudly)
