"""What is a job, and what becomes of an exception that it raises?

This is the one boundary between the outside world and the thread that owns the journal. A job reports
with one message. What it raises becomes that message's error: a failure of that camera or that destination,
and never of the dock.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from bwvdock.core.media.names import escape
from bwvdock.errors import BwvdockError, UnexpectedError

_MOST_SHOWN = 200

Post = Callable[[object], None]
"""Puts a message into the inbox of the thread that owns the journal."""


class Job(Protocol):
    """Work for another thread. It shares nothing with the thread that gave it out but its own fields."""

    def work(self, post: Post) -> object | None:
        """Do the work and return the message that reports it; `post` is for reports on the way.

        Raises:
            BwvdockError: what stopped it; any other exception is a defect, and treated likewise.
        """
        ...

    def failed(self, error: BwvdockError) -> object | None:
        """Return the message that reports what stopped the work."""
        ...


Unexpected = Callable[[Job, Exception], None]
"""Called with what a job raised that is not a BwvdockError, before it is reported."""


def carry_out(job: Job, post: Post, unexpected: Unexpected) -> None:
    """Do a job in this thread and post its report, whatever it raises."""
    try:
        report = job.work(post)
    except BwvdockError as error:
        report = job.failed(error.without_frames())
    except Exception as error:  # noqa: BLE001 - the boundary: one job fails, the dock continues
        unexpected(job, error)
        report = job.failed(_as_failure(error))
    if report is not None:
        post(report)


def _as_failure(error: Exception) -> UnexpectedError:
    # What a parser says of hostile bytes often quotes them.
    said = escape(str(error).encode("utf-8", "backslashreplace"))[:_MOST_SHOWN]
    return UnexpectedError(
        f"bwvdock met an error that it was not prepared for ({type(error).__name__}: {said}).",
        remedy="journalctl -u bwvdock EVENT=job_failed shows where; please report it to the maintainers.",
    )
