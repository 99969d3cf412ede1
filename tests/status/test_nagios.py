"""Does `bwvdock status --nagios` keep to the plugin format, and is a dock never OK that was not seen to be?

The parser is written from the Monitoring Plugins Development Guidelines and shares nothing with the code.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import pytest
from hypothesis import given

from bwvdock.cli.output.nagios import PluginState, as_plugin, plugin_output, state_of
from bwvdock.errors import ConfigError
from bwvdock.status.alerts import Alert, AlertCode, Severity
from bwvdock.status.values import CameraState, StatusReport
from tests.fakes.hostile import HOSTILE, assert_seen
from tests.status.statuses import NOW, statuses
from tests.status.test_status import look

_ITEM = re.compile(
    r"(?:'((?:[^'=]|'')*)'|([^\s'=]+))="
    r"(U|-?\d+(?:\.\d+)?(?:s|us|ms|%|B|KB|MB|GB|TB|c)?)(;[^;\s]*){0,4}(?: |$)"
)
_EXIT_CODES = {"OK": 0, "WARNING": 1, "CRITICAL": 2, "UNKNOWN": 3}
Capture = pytest.CaptureFixture[str]


class Read(NamedTuple):
    """What a monitor reads of a plugin's output."""

    state: str
    words: str
    measured: dict[str, str]
    more: list[str]


def read_plugin(output: str) -> Read:
    """Read a plugin's output as a monitor does."""
    first, *more = output.split("\n")
    text, _, data = first.partition("|")
    service, state, dash, words = text.split(" ", 3)
    assert (service, dash) == ("BWVDOCK", "-")
    assert state in _EXIT_CODES
    measured = {}
    while data:
        item = _ITEM.match(data)
        assert item, data
        label = item[1].replace("''", "'") if item[1] is not None else item[2]
        assert label not in measured
        measured[label] = item[3]
        data = data[item.end() :]
    assert "|" not in "".join(more)  # what follows a bar there would be performance data, too
    return Read(state, words, measured, more)


@pytest.mark.slow
@given(statuses())
def test_it_keeps_to_the_format_whatever_a_dock_says(status: StatusReport) -> None:
    output = plugin_output(status, NOW)
    assert_seen(output)
    assert len(output.encode()) <= 4096
    read = read_plugin(output)
    assert _EXIT_CODES[read.state] == state_of(status)
    assert read.words.strip()


@given(statuses())
def test_the_worst_alert_decides_and_what_was_not_seen_is_never_ok(status: StatusReport) -> None:
    state, severities = state_of(status), {alert.severity for alert in status.alerts}
    if Severity.ERROR in severities or not status.dock.running:
        assert state is PluginState.CRITICAL
    elif severities:
        assert state is PluginState.WARNING
    else:
        assert state is (PluginState.OK if status.journal.entries else PluginState.UNKNOWN)


@given(statuses())
def test_the_numbers_are_those_of_the_dock_and_u_where_they_are_not_known(status: StatusReport) -> None:
    measured = read_plugin(plugin_output(status, NOW)).measured
    safe = sum(camera.state is CameraState.SAFE_TO_REMOVE for camera in status.cameras)
    running, known = status.dock.running, bool(status.journal.entries)
    assert measured["cameras_safe"] == (str(safe) if running else "U")
    assert measured["cameras"] == (str(len(status.cameras)) if running else "U")
    assert measured["clips_waiting"] == (str(status.queue.clips) if known else "U")
    assert measured["spool_free"] == (
        "U" if status.spool.free_bytes is None else f"{status.spool.free_bytes}B"
    )
    assert measured["errors"] == str([a.severity for a in status.alerts].count(Severity.ERROR))


@given(statuses())
def test_below_are_the_alerts_gravest_first_and_those_left_out_are_counted(status: StatusReport) -> None:
    more = read_plugin(plugin_output(status, NOW)).more
    shown = [line.partition(" ")[0] for line in more if line.startswith(("ERROR ", "WARNING "))]
    assert shown == sorted(shown)
    left = [
        int(found[1]) for line in more if (found := re.fullmatch(r"and (\d+) more: bwvdock status", line))
    ]
    assert len(shown) + sum(left) == len(status.alerts)


def test_no_more_is_printed_than_a_monitor_reads() -> None:
    alerts = tuple(Alert.error(AlertCode.CAMERA_FAILED, f"{n} " + "ü" * 300, "remedy") for n in range(40))
    output = plugin_output(replace(look(), alerts=alerts), NOW)
    assert len(output.encode()) <= 4096
    read = read_plugin(output)
    shown = sum(line.startswith("ERROR ") for line in read.more)
    assert shown > 1
    assert read.more[-1] == f"and {40 - shown} more: bwvdock status"
    assert read.measured["errors"] == "40"


def test_a_failure_is_unknown_and_says_why(capsys: Capture) -> None:
    def of(error: BaseException) -> Callable[[], int]:
        def fail() -> int:
            raise error

        return fail

    wrong = ConfigError(f"It is wrong: {HOSTILE['escape']}|x=1.", remedy="bwvdock config check")
    for error in (wrong, ValueError(HOSTILE["newline"]), RecursionError("deep"), KeyboardInterrupt()):
        assert as_plugin(of(error)) == 3
        shown = capsys.readouterr().out
        assert_seen(shown)
        assert read_plugin(shown.rstrip("\n")).state == "UNKNOWN"
    assert as_plugin(of(ConfigError("F is invalid:\n  x: unknown key", remedy="R"))) == 3
    assert "F is invalid: x: unknown key" in capsys.readouterr().out
    assert as_plugin(of(SystemExit(0))) == 3
