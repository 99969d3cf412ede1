"""Is the status in one line short, visible, and silent about what was not seen?"""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given

from bwvdock.cli.output.console import cells
from bwvdock.cli.output.status_line import MOST_COLUMNS, status_line
from bwvdock.errors import SilentError
from bwvdock.status.alerts import Severity
from bwvdock.status.report import report
from bwvdock.status.values import CameraState, StatusReport
from tests.fakes.hostile import assert_seen
from tests.status.statuses import statuses
from tests.status.test_status import CONFIG, LIVE, NOW, SUMMARY, camera, look


@given(statuses())
def test_it_is_one_line_that_fits_and_names_the_gravest_alert(status: StatusReport) -> None:
    line = status_line(status, NOW)
    assert "\n" not in line
    assert cells(line) <= MOST_COLUMNS
    assert_seen(line)
    gravest = [a for a in status.alerts if a.severity is Severity.ERROR] or list(status.alerts)
    assert f"{gravest[0].severity.upper()} {gravest[0].code}" in line if gravest else "no alert" in line


@given(statuses())
def test_nothing_is_said_that_was_not_seen(status: StatusReport) -> None:
    line = status_line(status, NOW)
    if not status.dock.running:
        assert " running" not in line
        assert "docked" not in line
        assert "safe" not in line
        assert ("DOES NOT ANSWER" in line) is status.dock.silent
    if not status.journal.entries:
        assert "waiting" not in line


def test_what_it_says() -> None:
    cameras = (camera(state=CameraState.SAFE_TO_REMOVE), camera(state=CameraState.REFUSED))
    summary = replace(SUMMARY, queue_clips=4, queue_bytes=9, queue_oldest_at="2026-03-01T03:00:00.000Z")
    status = look(live=replace(LIVE, cameras=cameras), summary=summary)
    assert status_line(status, NOW) == (
        "LEW-03 running, WARNING camera-refused; 2 docked: 1 safe, 1 NOT safe; 4 clips waiting, oldest 3 h"
    )


def test_a_long_name_and_many_of_everything_leave_the_gravest_alert() -> None:
    cameras = tuple(camera(serial=f"CAM-{n}") for n in range(40))
    summary = replace(SUMMARY, queue_clips=10**6, queue_oldest_at="2024-03-01T03:00:00.000Z")
    status = look(live=replace(LIVE, cameras=cameras), summary=summary)
    status = replace(status, dock=replace(status.dock, id="L" * 64, paused=True))
    line = status_line(status, NOW)
    assert cells(line) <= MOST_COLUMNS
    assert line.startswith(f"{'L' * 23}… PAUSED, WARNING queue-old; 40 docked: 0 safe, 40 NOT safe; ")


def test_a_daemon_that_does_not_answer_is_not_called_stopped() -> None:
    silent = report(SUMMARY, None, CONFIG, now=NOW, silence=SilentError("The daemon does not answer."))
    assert status_line(silent, NOW) == (
        "LEW-03 DOES NOT ANSWER, ERROR daemon-not-running; cameras not known; journal: no clip waiting"
    )
