"""What does the dock say of its bays to a screen that officers read: may a camera be taken, why not?

Why is a code, whose text the screen has: nothing that a person typed, no error's text and no name of a file
or clip is in it. An officer is, only where the configuration says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum
from typing import Any

from bwvdock.bays.bay import Bay
from bwvdock.core.clips.admission import REVOKED
from bwvdock.errors import (
    BwvdockError,
    CameraGoneError,
    JournalDamagedError,
    LockedError,
    MounterUnavailableError,
    SpoolFullError,
)
from bwvdock.status.alerts import Alert
from bwvdock.status.values import CameraState, LiveCamera


class Advice(StrEnum):
    """What a tile says: the only answers to "may I take this camera?"."""

    SAFE = "safe"
    TAKE = "take"
    DO_NOT_REMOVE = "do-not-remove"
    SETTLING = "settling"
    REFUSED = "refused"


class Cause(StrEnum):
    """Why, where somebody at the dock can do something about it; NONE where that is plain."""

    NONE = ""
    READING = "reading"
    COPYING = "copying"
    SETTLING = "settling"
    WAITING = "waiting"
    PAUSED = "paused"
    NO_MEDIUM = "no-medium"
    LOCKED = "locked"
    GONE = "gone"
    SPOOL_FULL = "spool-full"
    MOUNTER = "mounter-unavailable"
    JOURNAL_FULL = "journal-full"
    JOURNAL_DAMAGED = "journal-damaged"
    FOLDER_SILENT = "folder-silent"
    UNREADABLE = "unreadable"
    NOT_ADMITTED = "not-admitted"
    REVOKED = "revoked"
    SAME_SERIAL = "same-serial"
    SET_ASIDE = "set-aside"


_OF_ERRORS: Mapping[type[BwvdockError], Cause] = {
    LockedError: Cause.LOCKED,
    CameraGoneError: Cause.GONE,
    SpoolFullError: Cause.SPOOL_FULL,
    MounterUnavailableError: Cause.MOUNTER,
}


NOT_SAFE_ANY_MORE = "none-safe"
"""What is shown of a badge where the camera that was offered is not safe to remove any more."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownBay:
    """A camera in its bay, as a screen shows it. `left` files were not taken.

    `battery` is in percent, None where it is not known; `battery_source` as in `bwvdock status`.
    """

    bay: str
    docking: str
    serial: str
    model: str = ""
    officer: str = ""
    advice: Advice
    cause: Cause = Cause.NONE
    left: int = 0
    settling: int = 0
    clips_total: int = 0
    clips_copied: int = 0
    bytes_total: int = 0
    bytes_copied: int = 0
    battery: int | None = None
    battery_source: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownCheckout:
    """What came of a badge, as a screen shows it for `seconds_left`. `bay` is "" where none is meant."""

    outcome: str
    bay: str = ""
    seconds_left: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownWindow:
    """An officer may see and mark their own clips for `seconds_left`; `free`: no browser shows them yet."""

    seconds_left: int
    free: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class ForScreen:
    """All that is reported to a screen. `problems` are codes of alerts that keep cameras from being read."""

    paused: bool = False
    bays: tuple[ShownBay, ...] = ()
    problems: tuple[str, ...] = ()
    checkout: ShownCheckout | None = None
    own_clips: ShownWindow | None = None


def shown_bay(
    camera: LiveCamera,
    bay: Bay,
    *,
    trouble: BwvdockError | None,
    silent: bool,
    paused: bool,
    officers: bool,
    offered: bool = False,
    set_aside: bool = False,
) -> ShownBay:
    """Return a camera as a screen shows it.

    Args:
        camera: what `bwvdock status` says of it: its state decides.
        bay: why.
        trouble: why the journal takes nothing; None while it does.
        silent: whether it is a folder that does not answer.
        paused: whether the dock is.
        officers: whether officers may be named.
        offered: whether it is offered to somebody who showed a badge; it is only while it is safe.
        set_aside: whether it is not to be taken into service again, once it is safe to remove.
    """
    cause = _cause(camera)
    if set_aside and cause is Cause.NONE:
        cause = Cause.SET_ASIDE
    if cause is Cause.WAITING:
        cause = Cause.FOLDER_SILENT if silent else _waits_for(camera, bay, trouble, paused=paused)
    advice = _advice(camera.state, cause)
    return ShownBay(
        bay=camera.bay,
        docking=camera.docking,
        serial=camera.serial,
        model=camera.model,
        officer=camera.officer if officers else "",
        advice=Advice.TAKE if offered and advice is Advice.SAFE else advice,
        cause=cause,
        left=camera.left,
        settling=camera.settling,
        clips_total=camera.clips_total,
        clips_copied=camera.clips_copied,
        bytes_total=camera.bytes_total,
        bytes_copied=camera.bytes_copied,
        battery=camera.battery,
        battery_source=camera.battery_source,
    )


def for_screen(
    bays: Iterable[ShownBay],
    alerts: Iterable[Alert],
    *,
    paused: bool,
    checkout: ShownCheckout | None = None,
    own_clips: ShownWindow | None = None,
) -> ForScreen:
    """Return all that is reported to a screen; of the alerts, which are about reading cameras, the codes.

    A camera that is offered and not safe any more is not to be taken: that is what is then said of the badge.
    """
    shown = tuple(bays)
    codes = sorted({str(alert.code) for alert in alerts})
    if checkout is not None and checkout.outcome == Advice.TAKE:
        offered = any(bay.advice is Advice.TAKE for bay in shown)
        checkout = checkout if offered else replace(checkout, outcome=NOT_SAFE_ANY_MORE, bay="")
    return ForScreen(paused=paused, bays=shown, problems=tuple(codes), checkout=checkout, own_clips=own_clips)


def for_screen_to_json(told: ForScreen) -> dict[str, Any]:
    """Return it as JSON for the control socket."""
    return asdict(told)


def for_screen_from_json(document: Mapping[str, Any]) -> ForScreen:
    """Return it from its JSON; what a newer daemon adds is ignored, what it calls otherwise is not safe.

    Raises:
        ValueError: a field is missing or has the wrong type.
    """
    try:
        bays = tuple(_bay(bay) for bay in document["bays"])
        return ForScreen(
            paused=bool(document["paused"]),
            bays=bays,
            problems=tuple(str(code) for code in document["problems"]),
            checkout=_checkout(document.get("checkout")),
            own_clips=_window(document.get("own_clips")),
        )
    except (KeyError, TypeError, OverflowError) as error:
        raise ValueError(f"not a report for a screen: {error}") from error


def _bay(document: Mapping[str, Any]) -> ShownBay:
    known = {f.name: document[f.name] for f in fields(ShownBay) if f.name in document}
    bay = ShownBay(**known)
    advice = Advice(bay.advice) if bay.advice in set(Advice) else Advice.DO_NOT_REMOVE
    return replace(bay, advice=advice, cause=Cause(bay.cause) if bay.cause in set(Cause) else Cause.WAITING)


def _checkout(document: Mapping[str, Any] | None) -> ShownCheckout | None:
    if document is None:
        return None
    return ShownCheckout(
        outcome=str(document["outcome"]),
        bay=str(document["bay"] or ""),
        seconds_left=int(document["seconds_left"]),
    )


def _window(document: Mapping[str, Any] | None) -> ShownWindow | None:
    if document is None:
        return None
    return ShownWindow(seconds_left=int(document["seconds_left"]), free=document["free"] is True)


def _advice(state: CameraState, cause: Cause) -> Advice:
    if state is CameraState.SAFE_TO_REMOVE:
        return Advice.SAFE
    if state is CameraState.REFUSED:
        return Advice.REFUSED
    return Advice.SETTLING if cause is Cause.SETTLING else Advice.DO_NOT_REMOVE


def _cause(camera: LiveCamera) -> Cause:
    match camera.state:
        case CameraState.SAFE_TO_REMOVE:
            return Cause.NONE
        case CameraState.REFUSED if camera.other_bay:
            return Cause.SAME_SERIAL
        case CameraState.REFUSED:
            return Cause.REVOKED if camera.reason.startswith(REVOKED) else Cause.NOT_ADMITTED
        case CameraState.COPYING:
            return Cause.COPYING
        case CameraState.ATTACHED:
            return Cause.READING
        case CameraState.FAILED:
            return Cause.UNREADABLE
    return Cause.WAITING


def _waits_for(camera: LiveCamera, bay: Bay, trouble: BwvdockError | None, *, paused: bool) -> Cause:
    if trouble is not None:
        return Cause.JOURNAL_DAMAGED if isinstance(trouble, JournalDamagedError) else Cause.JOURNAL_FULL
    if bay.is_troubled:
        errors = (bay.trouble, *(medium.error for medium in bay.media.values()))
        return next((_OF_ERRORS.get(type(error), Cause.WAITING) for error in errors if error), Cause.WAITING)
    if paused:
        return Cause.PAUSED
    if not bay.media:
        return Cause.NO_MEDIUM
    return Cause.SETTLING if camera.settling else Cause.WAITING
