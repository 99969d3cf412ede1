"""Whatever a job raises becomes its own report, and never more than that."""

from __future__ import annotations

import gc
import weakref
from dataclasses import dataclass, field

import pytest

from bwvdock.errors import BwvdockError, CameraGoneError, JournalError, UnexpectedError
from bwvdock.runtime.jobs import Post, attempt, carry_out
from bwvdock.runtime.workers import ThreadWorker
from tests.fakes.exceptions import BITING, NASTY


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


def report_of(error: BaseException) -> tuple[list[object], list[tuple[object, Exception]]]:
    posted: list[object] = []
    unexpected: list[tuple[object, Exception]] = []
    carry_out(Raises(error), posted.append, lambda job, raised: unexpected.append((job, raised)))
    return posted, unexpected


def test_a_known_error_is_reported_as_it_is() -> None:
    gone = CameraGoneError("It was pulled out.", remedy="Dock it again.")
    assert report_of(gone) == ([gone], [])


@pytest.mark.parametrize(
    "error",
    [e for make in (*NASTY, *BITING) if not isinstance(e := make(), BwvdockError)],
    ids=lambda e: type(e).__name__,
)
def test_any_other_is_a_failure_with_its_cause_and_is_logged(error: Exception) -> None:
    [report], [(_, logged)] = report_of(error)
    assert isinstance(report, UnexpectedError)
    assert type(error).__name__ in report.message
    assert report.remedy
    assert logged is error


def test_a_known_error_that_is_its_own_cause_is_reported_as_well() -> None:
    [report], _ = report_of(next(make() for make in BITING if isinstance(make(), BwvdockError)))
    assert isinstance(report, BwvdockError)
    assert report.message == "The card gives an error."


@pytest.mark.parametrize(
    "error",
    [ValueError("x"), CameraGoneError("gone"), *(make() for make in BITING)],
    ids=lambda e: type(e).__name__,
)
def test_what_the_dock_s_own_thread_asks_outside_fails_its_answer_alone(error: Exception) -> None:
    logged: list[Exception] = []
    answer = attempt(lambda: _raise(error), lambda _, raised: logged.append(raised))
    assert isinstance(answer, BwvdockError)
    assert logged == ([] if isinstance(error, BwvdockError) else [error])


def test_a_journal_that_cannot_be_read_is_no_answer() -> None:
    with pytest.raises(JournalError):
        attempt(lambda: _raise(JournalError("It is damaged.")), lambda *_: None)
    assert attempt(lambda: 1, lambda *_: None) == 1


def _raise(error: Exception) -> None:
    raise error


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


@pytest.mark.slow
def test_a_thread_goes_on_after_a_job_that_failed() -> None:
    posted: list[object] = []
    worker = ThreadWorker("test", posted.append)
    worker.submit(Raises(ValueError("first")))
    worker.submit(Raises(CameraGoneError("second")))
    assert worker.finish(30)
    assert [type(report) for report in posted] == [UnexpectedError, CameraGoneError]
