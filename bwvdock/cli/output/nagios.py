"""What does a monitoring system that runs Nagios plugins (Nagios, Icinga, Checkmk) read of a dock's status?

By the Monitoring Plugins Development Guidelines: `BWVDOCK STATE - words|performance data`, then lines for
people; the exit code is the state. Whatever could not be seen is never OK.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from enum import IntEnum

from bwvdock.cli.moments import localised
from bwvdock.cli.output.status_line import cameras_words, state_words, waiting_words
from bwvdock.core.visible_text import shortened, visible, visible_lines
from bwvdock.errors import BwvdockError
from bwvdock.status.alerts import Alert, Severity
from bwvdock.status.values import CameraState, StatusReport
from bwvdock.units import format_count

_MOST_BYTES = 4096  # the plugin interface of Nagios reads no more by default
_MOST_WORDS = 500  # of the first line
_MOST_SAID = 300  # of an alert in the first line; it is whole below it
_MOST_MEASURED = 1500  # bytes of performance data


class PluginState(IntEnum):
    """The state of a service, and the exit code that says so."""

    OK = 0
    WARNING = 1
    CRITICAL = 2
    UNKNOWN = 3


_STATE_OF = {Severity.ERROR: PluginState.CRITICAL, Severity.WARNING: PluginState.WARNING}


def state_of(status: StatusReport) -> PluginState:
    """Return the state: the gravest alert decides, and a dock whose journal was not read is never OK."""
    states = [_STATE_OF[alert.severity] for alert in status.alerts]
    if not status.dock.running:
        states.append(PluginState.CRITICAL)
    if states:
        return max(states)
    return PluginState.OK if status.journal.entries else PluginState.UNKNOWN


def plugin_output(status: StatusReport, now: datetime) -> str:
    """Return what the plugin prints: the first line with its performance data, then the alerts."""
    state = state_of(status)
    words = f"{status.dock.id} {state_words(status)}: {cameras_words(status)}; {waiting_words(status, now)}"
    if gravest := next((a for a in status.alerts if _STATE_OF[a.severity] is state), None):
        more = len(status.alerts) - 1
        others = f" ({format_count(more, 'more alert')})" if more else ""
        said = shortened(visible(localised(gravest.message)), _MOST_SAID)
        words = f"{gravest.code}: {said}{others} - {words}"
    elif state is PluginState.UNKNOWN:
        words = f"the journal could not be read - {words}"
    return _within_limit(f"{_first(state, words)}|{_measured(status, now)}", _alerts(status.alerts))


def as_plugin(command: Callable[[], int]) -> int:
    """Return the exit code of a command; if it fails, in whatever way, UNKNOWN, and say so in its form."""
    try:
        return command()
    except BwvdockError as error:
        print(_within_limit(_first(PluginState.UNKNOWN, error.message), _remedy(error.remedy)))
    except BrokenPipeError:
        raise
    except KeyboardInterrupt:
        print(_first(PluginState.UNKNOWN, "interrupted"))
    except SystemExit:  # --help is no state of a service
        pass
    except Exception as error:  # noqa: BLE001 - a bug must not look like a state of the dock
        said = f"the command failed: {type(error).__name__}: {error}"
        print(_within_limit(_first(PluginState.UNKNOWN, said), iter(("  -> bwvdock status",))))
    sys.stdout.flush()
    return PluginState.UNKNOWN


def _first(state: PluginState, words: str) -> str:
    return f"BWVDOCK {state.name} - {shortened(_plain(words), _MOST_WORDS)}"


def _plain(words: str) -> str:
    """Return words as one visible line without the bar that begins performance data."""
    return visible(" ".join(words.split())).replace("|", "\\u{7c}")


def _alerts(alerts: tuple[Alert, ...]) -> Iterator[str]:
    """Return the alerts as lines, each with its remedy; the gravest first."""
    for alert in sorted(alerts, key=lambda alert: -_STATE_OF[alert.severity]):
        remedies = "\n".join(_remedy(alert.remedy))
        yield _plain(f"{alert.severity.upper()} {alert.code}: {localised(alert.message)}") + (
            f"\n{remedies}" if remedies else ""
        )


def _remedy(remedy: str) -> Iterator[str]:
    yield from (f"  -> {_plain(line)}" for line in visible_lines(remedy).split("\n") if line)


def _within_limit(first: str, blocks: Iterator[str]) -> str:
    """Return the first line and as many of the blocks as are read by the monitor; the rest is counted."""
    shown, left = [first], list(blocks)
    room = _MOST_BYTES - len(first.encode()) - len("\nand 1,000,000 more: bwvdock status\n")
    while left and (room := room - len(left[0].encode()) - 1) >= 0:
        shown.append(left.pop(0))
    if left:
        shown.append(f"and {len(left):,} more: bwvdock status")
    return "\n".join(shown)


def _measured(status: StatusReport, now: datetime) -> str:
    """Return the performance data; what is not known is U."""
    running, known = status.dock.running, bool(status.journal.entries)
    safe = sum(camera.state is CameraState.SAFE_TO_REMOVE for camera in status.cameras)
    oldest = status.queue.oldest_at
    age = max(timedelta(0), now - datetime.fromisoformat(oldest)) if oldest else timedelta(0)
    severities = [alert.severity for alert in status.alerts]
    values = [
        _value("cameras", len(status.cameras) if running else None),
        _value("cameras_safe", safe if running else None),
        _value("cameras_not_safe", len(status.cameras) - safe if running else None),
        _value("clips_waiting", status.queue.clips if known else None),
        _value("bytes_waiting", status.queue.bytes if known else None, "B"),
        _value("oldest_waiting", int(age.total_seconds()) if known else None, "s"),
        _value("spool_used", status.spool.bytes, "B"),
        f"{_value('spool_free', status.spool.free_bytes, 'B').removesuffix(';;;0')}",  # below zero: not kept
        _value("errors", severities.count(Severity.ERROR)),
        _value("warnings", severities.count(Severity.WARNING)),
    ]
    for store in status.destinations:
        reachable = None if store.reachable is None else int(store.reachable)
        values.append(_value(f"{store.name} reachable", reachable))
    while len(" ".join(values).encode()) > _MOST_MEASURED:
        values.pop()
    return " ".join(values)


def _value(label: str, number: int | None, unit: str = "") -> str:
    quoted = _plain(label).replace("=", "\\u{3d}").replace("'", "''")
    shown = f"'{quoted}'" if not quoted.replace("_", "a").isalnum() or not quoted.isascii() else quoted
    return f"{shown}=U" if number is None else f"{shown}={number}{unit};;;0"
