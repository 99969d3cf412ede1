"""What is a job, and what becomes of an exception that it raises?

This is the one boundary between the outside world and the thread that owns the journal. A job reports
with one message. What it raises becomes that message's error: a failure of that camera or that destination,
and never of the dock. What that thread itself asks outside (`attempt`) fails its answer, and no more.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from bwvdock.core.media.names import escape
from bwvdock.errors import BwvdockError, HaltedError, JournalError, UnexpectedError
from bwvdock.log import Events, Say

_MOST_SHOWN, _MOST_READ = 200, 2_000

T = TypeVar("T")

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


Unexpected = Callable[[object, Exception], None]
"""Called with what raised something that is not a BwvdockError, and with that, before it is reported."""


def carry_out(job: Job, post: Post, unexpected: Unexpected) -> None:
    """Do a job in this thread and post its report, whatever it raises."""
    try:
        report = job.work(post)
    except Exception as error:  # noqa: BLE001 - the boundary: one job fails, the dock continues
        report = job.failed(_as_failure(job, error, unexpected))
    if report is not None:
        post(report)


def attempt(ask: Callable[[], T], unexpected: Unexpected) -> T | BwvdockError:
    """Return what something outside answers to the thread that owns the journal, or why it does not.

    Raises:
        JournalError: the journal cannot be read; nothing of that may be taken for an answer.
    """
    try:
        return ask()
    except JournalError:
        raise
    except Exception as error:  # noqa: BLE001 - the boundary: one answer fails, the dock continues
        return _as_failure(ask, error, unexpected)


def say_failed(say: Say, job: str, error: BwvdockError, *, about: str = "") -> None:
    """Log why a job failed, where nothing else shows that; `about` comes before the reason.

    What was halted has not failed, and what nobody was prepared for is in the log with its traceback.
    """
    if not isinstance(error, HaltedError | UnexpectedError):
        say(Events.JOB_FAILED, job=job, reason=f"{about}{error.message}", remedy=error.remedy)


def _as_failure(what: object, error: Exception, unexpected: Unexpected) -> BwvdockError:
    if isinstance(error, BwvdockError):
        return error.without_frames()
    unexpected(what, error)
    return UnexpectedError(
        f"bwvdock met an error that it was not prepared for ({type(error).__name__}: {_words_of(error)}).",
        remedy="journalctl -u bwvdock EVENT=job_failed shows where; please report it to the maintainers.",
    )


def _words_of(error: Exception) -> str:
    try:
        said = str(error)
    except Exception:  # noqa: BLE001 - a class of a library whose words are broken too
        return "it cannot be put into words"
    # What a parser says of hostile bytes often quotes them.
    return escape(said[:_MOST_READ].encode("utf-8", "backslashreplace"))[:_MOST_SHOWN]
