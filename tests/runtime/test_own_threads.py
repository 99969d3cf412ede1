"""Does a thread of one part of the daemon delay nothing and end nothing, whatever its work does?"""

from __future__ import annotations

import threading

from bwvdock.runtime.own_threads import OwnThread, end_all
from tests.fakes.worker import fail_loudly

PATIENCE = 20.0  # seconds; for a machine under load


def test_what_is_raised_is_reported_with_its_work_and_the_work_goes_on() -> None:
    seen, done = list[tuple[object, str]](), threading.Event()

    def mistake() -> bool:
        raise KeyError("a mistake")

    def work() -> None:
        assert thread.attempt(mistake) is None
        assert thread.attempt(lambda: "an answer") == "an answer"
        done.set()

    thread = OwnThread("odd", work, lambda what, error: seen.append((what, str(error))))
    thread.start()
    assert done.wait(PATIENCE)
    end_all([thread], seconds=PATIENCE)
    assert seen == [(mistake, "'a mistake'")]


def test_one_that_hangs_is_not_waited_for_and_the_others_end() -> None:
    goes, in_time, ended = threading.Event(), list[bool](), threading.Event()

    def work() -> None:
        works.ended.wait(PATIENCE)
        ended.set()

    hangs = OwnThread("hangs", lambda: in_time.append(goes.wait(PATIENCE)), fail_loudly)
    works = OwnThread("works", work, fail_loudly)
    hangs.start()
    works.start()
    end_all([hangs, works], seconds=0.01)
    goes.set()
    hangs.join(PATIENCE)
    assert (in_time, ended.wait(PATIENCE)) == ([True], True)


def test_one_that_waits_for_something_else_is_woken_and_one_that_never_began_is_no_trouble() -> None:
    something, woken = threading.Event(), list[bool]()
    waits = OwnThread(
        "waits", lambda: woken.append(something.wait(PATIENCE)), fail_loudly, wake=something.set
    )
    waits.start()
    end_all([waits, OwnThread("never", lambda: None, fail_loudly)], seconds=PATIENCE)
    assert woken == [True]
