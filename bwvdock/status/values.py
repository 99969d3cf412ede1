"""What does a dock's status consist of: from the daemon over its socket, and in `bwvdock status`?

Values only; `bwvdock/status/report.py` builds the report. The codes of alerts are a closed list,
`AlertCode`, described in docs/reference/status-json.md.

Times are ISO 8601 texts in UTC, sizes are bytes; None is "unknown" or "never".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any

from bwvdock.status.alerts import Alert, AlertCode, Severity


class CameraState(StrEnum):
    """The state of a docked camera, from its officer's point of view."""

    ATTACHED = "attached"
    REFUSED = "refused"
    WAITING = "waiting"
    COPYING = "copying"
    SAFE_TO_REMOVE = "safe-to-remove"
    FAILED = "failed"


# --- from the daemon -----------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class LiveCamera:
    """A camera in its bay. Totals are of what this docking has to copy; `clips_left` could not be taken.

    `left` are all files that were not taken, those of unknown kind too: `dockings show` names them.
    `settling` are still being written. `other_bay` holds a camera with the same serial. `marks_ignored`
    names the kinds of mark that every clip on it has, `marked_often` those that nearly every clip has.
    `drift` is what it says otherwise than its profile expects, `officer_differs` whether it says another
    officer's id than the roster.
    `battery` is in percent, as the camera says, None where it is not known; `battery_source` is "camera"
    where it is asked again while it is idle, "file" where a file of this docking said it, else "".
    """

    serial: str
    model: str = ""
    officer: str = ""
    unit: str = ""
    bay: str
    transport: str
    state: CameraState
    reason: str = ""
    clips_total: int = 0
    clips_copied: int = 0
    bytes_total: int = 0
    bytes_copied: int = 0
    clips_left: int = 0
    left: int = 0
    settling: int = 0
    docking: str = ""
    other_bay: str = ""
    files_unknown: int = 0
    marks_ignored: str = ""
    marked_often: str = ""
    drift: str = ""
    officer_differs: bool = False
    battery: int | None = None
    battery_source: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class LiveDestination:
    """An evidence store; `reachable` is None before the first contact.

    `method` is how copies are proven there, "" where nothing proves them, None before it was assessed.
    `words` say what was tried for that. `error` says why nothing gets through, `remedy` what to do about it.
    `clips_sending` are being uploaded: `bytes_sent` of `bytes_sending` bytes were sent, the request in
    progress included, and the store has confirmed `bytes_confirmed`.
    """

    name: str
    kind: str
    reachable: bool | None = None
    last_receipt_at: str | None = None
    error: str = ""
    remedy: str = ""
    method: str | None = None
    words: str = ""
    assessed_at: str | None = None
    clips_sending: int = 0
    bytes_sending: int = 0
    bytes_sent: int = 0
    bytes_confirmed: int = 0
    bytes_per_second: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class SpoolUse:
    """What is in the spool, and how much more may come (below zero: `min_free` is not kept)."""

    bytes: int | None = None
    free_bytes: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class LiveFeed:
    """One evidence system that is sent the journal's entries, and how far it has acknowledged them.

    The first `acknowledged` entries of `journal` were; `waiting` others of it are still to be sent (None: it
    is not known). `error` says why it has acknowledged nothing for a while, "" if it does.
    """

    name: str
    journal: str = ""
    acknowledged: int = 0
    waiting: int | None = None
    acknowledged_at: str | None = None
    error: str = ""
    remedy: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Live:
    """What only the running daemon knows. `alerts` are those that do not follow from the rest.

    `version` is the daemon's; "" of one that does not say. `hurried` is how many clips go before others, and
    are not proven by every required destination. `asking` is for how many copies stores are still to be asked
    again, of those that were chosen.
    """

    started_at: str
    version: str = ""
    paused: bool = False
    cameras: tuple[LiveCamera, ...] = ()
    destinations: tuple[LiveDestination, ...] = ()
    spool: SpoolUse = SpoolUse()
    alerts: tuple[Alert, ...] = ()
    hurried: int = 0
    feeds: tuple[LiveFeed, ...] = ()
    asking: int = 0


def live_to_json(live: Live) -> dict[str, Any]:
    """Return a live status as JSON for the control socket."""
    return asdict(live)


def live_from_json(document: Mapping[str, Any]) -> Live:
    """Return a live status from its JSON; fields that a newer daemon adds are ignored.

    Raises:
        ValueError: a field is missing or has the wrong type.
    """
    try:
        return Live(
            started_at=document["started_at"],
            version=str(document.get("version", "")),
            paused=document["paused"],
            cameras=tuple(_camera(c) for c in document["cameras"]),
            destinations=tuple(
                LiveDestination(**_known(LiveDestination, d)) for d in document["destinations"]
            ),
            spool=SpoolUse(**_known(SpoolUse, document["spool"])),
            alerts=tuple(_alert(a) for a in document["alerts"]),
            hurried=int(document.get("hurried", 0)),
            feeds=tuple(LiveFeed(**_known(LiveFeed, one)) for one in document.get("feeds", ())),
            asking=int(document.get("asking", 0)),
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a live status: {error}") from error


def _known(
    kind: type[LiveCamera | LiveDestination | LiveFeed | SpoolUse], document: Mapping[str, Any]
) -> dict[str, Any]:
    names = {f.name for f in fields(kind)}
    return {key: value for key, value in document.items() if key in names}


def _camera(document: Mapping[str, Any]) -> LiveCamera:
    return LiveCamera(**_known(LiveCamera, document) | {"state": CameraState(document["state"])})


def _alert(document: Mapping[str, Any]) -> Alert:
    return Alert(
        code=AlertCode(document["code"]),
        severity=Severity(document["severity"]),
        message=document["message"],
        remedy=document["remedy"],
        subject=document.get("subject", ""),
    )


# --- the report ----------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class DockStatus:
    """The dock itself. `silent`: a daemon is there and does not answer, so it is not known to be running.

    `version` is that of the command which reports it, `running_version` the daemon's ("": unknown).
    """

    id: str
    site: str
    version: str
    running: bool
    paused: bool
    started_at: str | None
    silent: bool = False
    running_version: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Queue:
    """Clips acquired and not yet verified in every required destination.

    `hurried` of them go before the others; only a running daemon says how many.
    """

    clips: int
    bytes: int
    oldest_at: str | None
    hurried: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class JournalStatus:
    """The journal; `checkpoint_at` is when its latest checkpoint was signed.

    `verified_at` is when its latest verification was recorded, which found so many `problems`; None for none.
    `backup_at` is when the latest backup was recorded.
    """

    entries: int
    root: str
    checkpoint_at: str | None = None
    verified_at: str | None = None
    problems: int | None = None
    backup_at: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class StatusReport:
    """Everything that `bwvdock status` shows, in the shape of its JSON."""

    dock: DockStatus
    cameras: tuple[LiveCamera, ...]
    clips: Mapping[str, int]
    queue: Queue
    destinations: tuple[LiveDestination, ...]
    spool: SpoolUse
    journal: JournalStatus
    alerts: tuple[Alert, ...] = ()
    feeds: tuple[LiveFeed, ...] = ()

    @property
    def exit_code(self) -> int:
        """The exit code of `bwvdock status`: 3 not running, 1 an error-level alert, else 0."""
        if not self.dock.running:
            return 3
        return int(any(alert.severity is Severity.ERROR for alert in self.alerts))


def to_json(status: StatusReport) -> dict[str, Any]:
    """Return the report as the JSON that other programs read."""
    return asdict(status)
