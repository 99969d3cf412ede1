"""How is the dock's status said in one line: for a prompt, a login message, a screen on the wall?

Nothing is said that was not seen: without an answer of the daemon nothing is known of cameras, and what the
journal knows is said to be the journal's.
"""

from __future__ import annotations

from datetime import datetime

from bwvdock.cli.output.console import cells, fit
from bwvdock.core.visible_text import visible
from bwvdock.status.alerts import Severity
from bwvdock.status.values import CameraState, StatusReport
from bwvdock.units import format_age, format_count

MOST_COLUMNS = 100
_MOST_NAME = 24


def status_line(status: StatusReport, now: datetime) -> str:
    """Return a line of at most 100 columns: state and gravest alert, cameras, what waits to be proven."""
    head = f"{fit(visible(status.dock.id), _MOST_NAME)} {state_words(status)}, {_gravest(status)}"
    line = f"{head}; {cameras_words(status)}; {waiting_words(status, now)}"
    if cells(line) <= MOST_COLUMNS:
        return line
    line = f"{head}; {cameras_words(status)}; …"  # a number that is cut off would be another number
    return line if cells(line) <= MOST_COLUMNS else f"{head}; …"


def state_words(status: StatusReport) -> str:
    """Return whether the daemon was seen to run, is silent or is not there."""
    dock = status.dock
    if not dock.running:
        return "DOES NOT ANSWER" if dock.silent else "NOT RUNNING"
    return "PAUSED" if dock.paused else "running"


def cameras_words(status: StatusReport) -> str:
    """Return how many cameras are docked, and how many of them are safe to remove."""
    if not status.dock.running:
        return "cameras not known"
    if not status.cameras:
        return "no camera docked"
    safe = sum(camera.state is CameraState.SAFE_TO_REMOVE for camera in status.cameras)
    if safe == len(status.cameras):
        return f"{safe:,} docked, all safe to remove" if safe > 1 else "1 docked, safe to remove"
    return f"{len(status.cameras):,} docked: {safe:,} safe, {len(status.cameras) - safe:,} NOT safe"


def waiting_words(status: StatusReport, now: datetime) -> str:
    """Return how many clips some required destination does not prove yet, and the age of the oldest."""
    if not status.journal.entries:
        return "clips not known"
    source = "" if status.dock.running else "journal: "
    if not status.queue.clips:
        return f"{source}no clip waiting"
    oldest = status.queue.oldest_at
    age = f", oldest {format_age(now - datetime.fromisoformat(oldest))}" if oldest else ""
    return f"{source}{format_count(status.queue.clips, 'clip')} waiting{age}"


def _gravest(status: StatusReport) -> str:
    if not status.alerts:
        return "no alert"
    errors = [alert for alert in status.alerts if alert.severity is Severity.ERROR]
    first, more = (errors or status.alerts)[0], len(status.alerts) - 1
    return f"{first.severity.upper()} {first.code}{f' +{more:,}' if more else ''}"
