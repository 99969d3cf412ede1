"""Does an alert get into the log when it begins, and again when it ends?"""

from __future__ import annotations

import io
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from bwvdock import log
from bwvdock.errors import NoAnswerError
from bwvdock.status.alert_log import AlertLog
from bwvdock.status.alerts import Alert, AlertCode
from tests.fakes.clock import FakeClock
from tests.service.daemons import bwvdock, configure, daemon

PAUSED = Alert.warning(AlertCode.PAUSED, "The dock is paused.", "bwvdock resume")
FAILED = Alert.error(AlertCode.CAMERA_FAILED, "Camera CAM-17 failed.", "Dock it again")


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    log.configure(stream=stream, environ={})
    yield stream
    structlog.reset_defaults()


def test_an_alert_is_logged_with_its_remedy_when_it_begins_and_when_it_ends(stream: io.StringIO) -> None:
    looks = iter([[PAUSED], [PAUSED, FAILED], [FAILED]])
    watch = AlertLog(lambda: next(looks), FakeClock())
    for _ in range(3):
        watch.look()
    first, second, third = stream.getvalue().splitlines()
    assert (
        'level=warning event=alert_raised code=paused severity=warning alert="The dock is paused."' in first
    )
    assert 'remedy="bwvdock resume"' in first
    assert "level=error event=alert_raised code=camera-failed" in second
    assert "level=info event=alert_ended code=paused" in third


def test_a_look_that_fails_says_nothing_of_alerts(stream: io.StringIO) -> None:
    def fail() -> list[Alert]:
        raise NoAnswerError("It does not answer.")

    AlertLog(fail, FakeClock()).look()
    assert stream.getvalue() == ""


@pytest.mark.slow
def test_a_dock_logs_its_alerts_as_status_has_them(tmp_path: Path) -> None:
    file = configure(tmp_path, camera=tmp_path / "not-there")
    with daemon(file) as dock:
        dock.wait_for_event("alert_raised")
        assert any("code=folder-missing severity=error" in line for line in dock.log())


@pytest.mark.slow
def test_a_reload_takes_up_the_level_of_the_log(tmp_path: Path) -> None:
    file = configure(tmp_path)
    with daemon(file) as dock:
        bwvdock("status", config=file)
        file.write_text(file.read_text().replace("[dock]", '[dock]\nlog_level = "debug"', 1))
        dock.process.send_signal(signal.SIGHUP)
        dock.wait_for_event("config_reloaded")
        assert not any("event=status_asked" in line for line in dock.log())
        bwvdock("status", config=file)
        dock.wait_for_event("status_asked")
