"""What does the dock log, and where does the log go?

To journald with native fields when standard error is connected to it, in colour on a terminal, otherwise as
lines of key=value. Every fact is one canonical line, made by `fact_event` alone. The log may be lost and is
not evidence; the journal is.

Nothing here raises an error: a dock that cannot log still takes footage.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Protocol, TextIO

import structlog
from structlog.typing import FilteringBoundLogger

from bwvdock.core.facts import (
    CameraDetached,
    CameraDigestCompared,
    CameraOfficerDiffers,
    CameraRefused,
    ClipQuarantined,
    ClipSkipped,
    ClockSetEnded,
    DeliveryRefused,
    DockChecked,
    DockClockSeen,
    DocumentRefused,
    Fact,
    FilesLeft,
    LogKeyNew,
    SignerForgot,
    UncleanStart,
    UnlockEnded,
)
from bwvdock.core.facts.visibility.told import fact_event
from bwvdock.core.visible_text import visible, visible_lines
from bwvdock.edges.journald import JOURNALD_SOCKET, Journald, is_connected
from bwvdock.edges.journald.messages import ENDED, RAISED, sentence_of

Event = MutableMapping[str, Any]


class Events(StrEnum):
    """The names of events that are not facts; the event of a fact has the name of the fact."""

    READY = "ready"
    STOPPING = "stopping"
    CONFIG_REJECTED = "config_rejected"
    OPERATOR_REQUEST = "operator_request"
    CONTROL_TROUBLE = "control_trouble"
    CAMERA_FAILED = "camera_failed"
    CAMERA_WAITS = "camera_waits"
    DESTINATION_LOST = "destination_lost"
    DESTINATION_BACK = "destination_back"
    UPLOAD_BEGUN = "upload_begun"
    CLIP_PARKED = "clip_parked"
    JOB_FAILED = "job_failed"
    JOURNAL_FULL = "journal_full"
    JOURNAL_BACK = "journal_back"
    JOURNAL_DAMAGED = "journal_damaged"
    FOLDER_POLLED = "folder_polled"
    FOLDER_SILENT = "folder_silent"
    FOLDER_BACK = "folder_back"
    CHECKPOINT_FAILED = "checkpoint_failed"
    CHECKPOINTS_BACK = "checkpoints_back"
    CHECKPOINT_NOT_STORED = "checkpoint_not_stored"
    WITNESS_LOST = "witness_lost"
    WITNESS_BACK = "witness_back"
    ALARM_NOT_KEPT = "alarm_not_kept"
    TIME_STAMP_FAILED = "time_stamp_failed"
    METRICS_FAILED = "metrics_failed"
    METRICS_BACK = "metrics_back"
    NOTIFIED = "notified"
    NOTIFY_FAILED = "notify_failed"
    NOTIFY_BACK = "notify_back"
    NOTIFY_DROPPED = "notify_dropped"
    NOTIFY_NOT_KEPT = "notify_not_kept"
    FEED_FAILED = "feed_failed"
    FEED_BACK = "feed_back"
    FEED_GAP = "feed_gap"
    FEED_NOT_KEPT = "feed_not_kept"
    STATUS_ASKED = "status_asked"
    ALERT_RAISED = RAISED
    ALERT_ENDED = ENDED


class Say(Protocol):
    """A function that logs an event that is not a fact."""

    def __call__(self, event: Events, /, **told: object) -> None:
        """Log the event."""
        ...


def say_nothing(_: Events, /, **__: object) -> None:
    """Log nothing."""


def get_logger(**bound: str) -> FilteringBoundLogger:
    """Return a logger; the bound fields are in each of its lines (camera=, clip=, docking=)."""
    logger: FilteringBoundLogger = structlog.get_logger(**bound)
    return logger


def configure(
    *,
    stream: TextIO | None = None,
    environ: Mapping[str, str] = os.environ,
    socket_path: str = JOURNALD_SOCKET,
    level: str = "info",
) -> Journald | Lines:
    """Set up logging for this process; may be called again. Return the sink.

    Args:
        stream: where lines go, standard error by default.
        environ: the environment, for $JOURNAL_STREAM and $NO_COLOR.
        socket_path: journald's socket.
        level: the lowest level that is logged.
    """
    stream = stream or sys.stderr
    sink: Journald | Lines
    if is_connected(stream, environ):
        sink = Journald(socket_path, fallback=stream)
    else:
        terminal = stream.isatty()
        sink = Lines(stream, pretty=terminal, colour=terminal and not environ.get("NO_COLOR"))
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            add_sentence,
            write_traceback,
            guard,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: _Quiet(sink),
        cache_logger_on_first_use=False,
    )
    return sink


def set_level(level: str) -> None:
    """Log nothing more below this level: "debug", "info", "warning" or "error"."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(level))


def add_sentence(_logger: object, _method: str, event: Event) -> Event:
    """Return the event with what it says to a person, for journald, if it does not say so already."""
    event.setdefault("sentence", sentence_of(event))
    return event


class _Quiet:
    """The logger that structlog calls in the end: it passes every level to the sink."""

    def __init__(self, sink: Journald | Lines) -> None:
        self._write = sink.write

    def _log(self, **event: str) -> None:
        try:
            self._write(event, message_of(event))
        except (OSError, ValueError):  # a full disk, a closed terminal, a closed stream
            return

    debug = info = warning = error = critical = exception = _log


def write_traceback(_logger: object, _method: str, event: Event) -> Event:
    """Return the event with the traceback of the exception that it has, in words, whatever that is like."""
    error = event.pop("exc_info", None)
    error = sys.exc_info()[1] if error is True else error
    if isinstance(error, BaseException):
        try:
            lines = traceback.format_exception(error)
        except Exception:  # noqa: BLE001 - its class, or one in its chain, cannot be formatted
            lines = [*traceback.format_tb(error.__traceback__), type(error).__qualname__]
        event["exception"] = visible_lines("".join(lines).rstrip("\n"))
    return event


def guard(_logger: object, _method: str, event: Event) -> Event:
    """Return the event with every value as text without control characters; None and "" are left out.

    Strings from devices are escaped where they enter; this is the second defence.
    """
    return {key: _harmless(value) for key, value in event.items() if value is not None and value != ""}


def _harmless(value: object) -> str:
    given = ("true" if value else "false") if isinstance(value, bool) else str(value)
    if given.isascii() and given.isprintable():
        return given
    return "\n".join(visible(line) for line in given.split("\n"))


class Lines:
    """One line for each event, on a terminal (short, coloured) or anywhere else (UTC, key=value)."""

    _COLOURS: Mapping[str, str] = {"warning": "33", "error": "31", "critical": "31"}

    def __init__(self, stream: TextIO, *, pretty: bool, colour: bool) -> None:
        self._stream = stream
        # A stream that makes every character visible is told what is drawn on purpose; the words are visible.
        self._draw = getattr(stream, "draw", stream.write)
        self._pretty = pretty
        self._colour = colour

    def write(self, event: Mapping[str, str], message: str) -> None:
        """Write an event's canonical line and, below it, its traceback."""
        self._draw(self._line(event.get("level", "info"), message) + "\n")
        if trace := event.get("exception"):
            self._stream.write("".join(f"    {line}\n" for line in trace.splitlines()))
        self._stream.flush()

    def close(self) -> None:
        """Do nothing: the stream belongs to the caller."""

    def _line(self, level: str, message: str) -> str:
        now = datetime.now(UTC)
        if not self._pretty:
            return f"time={now.isoformat(timespec='milliseconds')} level={level} event={message}"
        colour = self._COLOURS.get(level) if self._colour else None
        shown = f"\x1b[{colour}m{level:<7}\x1b[0m" if colour else f"{level:<7}"
        return f"{now.astimezone().strftime('%H:%M:%S')} {shown} {message}"


_NOT_IN_LINE = frozenset({"event", "level", "exception", "sentence"})


def message_of(event: Mapping[str, str]) -> str:
    """Return the canonical line: the event's name, then its fields as key=value."""
    told = (f"{k}={_quoted(v)}" for k, v in event.items() if k not in _NOT_IN_LINE)
    return " ".join([event.get("event", ""), *told]).replace("\n", "\\n")


def _quoted(value: str) -> str:
    if value and not any(c in value for c in ' "=\n'):
        return value
    escaped = value.replace('"', '\\"')
    return f'"{escaped}"'


def fact_level(fact: Fact) -> str:
    """Return the level of a fact's event: error if it needs a person, warning if it may need one."""
    match fact:
        case ClipQuarantined() | DeliveryRefused() | DocumentRefused() | SignerForgot():
            return "error"
        case DockChecked(fit=False) | CameraDigestCompared(outcome="differs"):
            return "error"
        case LogKeyNew(before=before) if before:
            return "warning"
        case UnlockEnded(failure=failure) | ClockSetEnded(failure=failure) if failure:
            return "warning"
        case DockClockSeen(synchronised=synchronised, stepped_ms=step) if step or not synchronised:
            return "warning"
        case (
            CameraOfficerDiffers()
            | CameraRefused()
            | ClipSkipped()
            | FilesLeft()
            | CameraDetached(complete=False)
            | UncleanStart()
        ):
            return "warning"
        case _:
            return "info"


def event_level(event: Events) -> str:
    """Return the level of an event about the destinations."""
    match event:
        case Events.DESTINATION_LOST | Events.JOB_FAILED | Events.JOURNAL_FULL | Events.JOURNAL_DAMAGED:
            return "error"
        case Events.CHECKPOINT_FAILED:
            return "error"
        case Events.CLIP_PARKED | Events.FOLDER_SILENT:
            return "warning"
        case Events.CHECKPOINT_NOT_STORED | Events.TIME_STAMP_FAILED | Events.METRICS_FAILED:
            return "warning"
        case Events.NOTIFY_FAILED | Events.NOTIFY_DROPPED | Events.NOTIFY_NOT_KEPT:
            return "warning"
        case Events.FEED_FAILED | Events.FEED_GAP | Events.FEED_NOT_KEPT:
            return "warning"
        case _:
            return "info"


def log_fact(logger: FilteringBoundLogger, fact: Fact, *, camera: str = "", sentence: str = "") -> None:
    """Log a fact as one line; journald shows the sentence in its place, if there is one."""
    event, told = fact_event(fact, camera=camera)
    getattr(logger, fact_level(fact))(event, **told, sentence=sentence)
