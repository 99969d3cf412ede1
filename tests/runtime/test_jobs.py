"""Whatever a job raises becomes its own report, and never more than that."""

from __future__ import annotations

import gc
import weakref
from dataclasses import dataclass, field

import pytest

from bwvdock.errors import BwvdockError, CameraGoneError, UnexpectedError
from bwvdock.runtime.jobs import Job, Post, carry_out
from bwvdock.runtime.workers import ThreadWorker


@dataclass
class Raises:
    """A job that raises; what it reports is what it was told to have failed with."""

    error: BaseException
    megabytes: list[weakref.ref[Buffer]] = field(default_factory=list)

    def work(self, _: Post) -> object:
        buffer = Buffer()
        self.megabytes.append(weakref.ref(buffer))
        raise self.error

    def failed(self, error: BwvdockError) -> object:
        return error


class Buffer:
    """What a job has in its hands."""


def report_of(error: BaseException) -> tuple[list[object], list[tuple[Job, Exception]]]:
    posted: list[object] = []
    unexpected: list[tuple[Job, Exception]] = []
    carry_out(Raises(error), posted.append, lambda job, raised: unexpected.append((job, raised)))
    return posted, unexpected


def test_a_known_error_is_reported_as_it_is() -> None:
    gone = CameraGoneError("It was pulled out.", remedy="Dock it again.")
    assert report_of(gone) == ([gone], [])


@pytest.mark.parametrize(
    "error",
    [
        ValueError("x"),
        UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid"),
        OSError(5, "Input/output error"),
        MemoryError(),
        RecursionError("too deep"),
        KeyError("Location"),
        AssertionError(),
        RuntimeError("a bug"),
        TimeoutError(),
        StopIteration(),
    ],
)
def test_any_other_is_a_failure_with_its_cause_and_is_logged(error: Exception) -> None:
    [report], [(_, logged)] = report_of(error)
    assert isinstance(report, UnexpectedError)
    assert type(error).__name__ in report.message
    assert report.remedy
    assert logged is error


def test_what_it_quotes_of_hostile_bytes_is_escaped_and_short() -> None:
    [report], _ = report_of(ValueError("\x1b[2JSAFE\x9b\u202e\ud800" + "A" * 100_000))
    assert isinstance(report, UnexpectedError)
    assert report.message.isprintable()
    assert len(report.message) < 500


def test_the_end_of_the_process_is_not_held_up() -> None:
    with pytest.raises(KeyboardInterrupt):
        report_of(KeyboardInterrupt())


@pytest.mark.slow
def test_a_kept_error_keeps_no_buffers() -> None:
    job = Raises(CameraGoneError("gone"))
    posted: list[object] = []
    carry_out(job, posted.append, lambda *_: None)
    gc.collect()
    assert [ref() for ref in job.megabytes] == [None]


def test_a_thread_goes_on_after_a_job_that_failed() -> None:
    posted: list[object] = []
    worker = ThreadWorker("test", posted.append)
    worker.submit(Raises(ValueError("first")))
    worker.submit(Raises(CameraGoneError("second")))
    assert worker.finish(30)
    assert [type(report) for report in posted] == [UnexpectedError, CameraGoneError]
