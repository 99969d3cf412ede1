"""Docks as they stand in a station at the end of a shift, for what is drawn of them."""

from __future__ import annotations

from dataclasses import replace

from bwvdock.core.clips.states import ClipState
from bwvdock.status.alerts import Alert, AlertCode, Severity
from bwvdock.status.pace import Paces
from bwvdock.status.values import (
    CameraState,
    DockStatus,
    JournalStatus,
    LiveCamera,
    LiveDestination,
    Queue,
    SpoolUse,
    StatusReport,
)

MIB, GIB = 2**20, 2**30
SECONDS = 20  # for which a dock was watched
_STATES = (
    CameraState.COPYING,
    CameraState.COPYING,
    CameraState.SAFE_TO_REMOVE,
    CameraState.COPYING,
    CameraState.WAITING,
    CameraState.SAFE_TO_REMOVE,
    CameraState.ATTACHED,
    CameraState.REFUSED,
)


def station(cameras: int) -> StatusReport:
    """Return a dock at work with so many cameras, the last of which failed."""
    docked = tuple(_camera(number) for number in range(cameras - 1))
    failed = replace(
        _camera(cameras - 1),
        state=CameraState.FAILED,
        reason="The card cannot be read: input/output error at 3 of 41 clips.",
        left=3,
        clips_left=3,
    )
    return StatusReport(
        dock=DockStatus(
            id="LEW-03",
            site="Lewisham",
            version="1",
            running=True,
            paused=False,
            started_at="2026-03-01T05:00:00.000Z",
        ),
        cameras=(*docked, failed),
        clips={ClipState.ACQUIRED: 212, ClipState.UPLOADED: 4, ClipState.VERIFIED: 18_204},
        queue=Queue(clips=216, bytes=61 * GIB, oldest_at="2026-03-01T04:12:00.000Z"),
        destinations=(
            LiveDestination(
                name="county",
                kind="s3",
                reachable=True,
                method="sha256",
                clips_sending=3,
                bytes_sending=3 * GIB,
                bytes_sent=GIB,
                bytes_confirmed=GIB,
                bytes_per_second=11 * MIB,
                last_receipt_at="2026-03-01T05:58:12.000Z",
            ),
            LiveDestination(name="vault", kind="directory", reachable=True, method="sha256"),
        ),
        spool=SpoolUse(bytes=190 * GIB, free_bytes=212 * GIB),
        journal=JournalStatus(entries=184_212, root="5f" * 32, checkpoint_at="2026-03-01T05:55:00.000Z"),
        alerts=(
            Alert(
                code=AlertCode.CAMERA_REFUSED,
                severity=Severity.WARNING,
                message="Camera BC3-0017549 is refused: not enrolled.",
                remedy="bwvdock cameras enrol BC3-0017549",
            ),
            Alert(
                code=AlertCode.CAMERA_FAILED,
                severity=Severity.ERROR,
                message="The camera in bay 1-3.7 cannot be read: input/output error at 3 of 41 clips.",
                remedy="Try another bay; then read the card in another reader: bwvdock dockings list",
            ),
        ),
    )


def paces_of(status: StatusReport, seconds: int = SECONDS) -> Paces:
    """Return the paces of a dock that was watched for so long, and whose copies grew steadily until now."""
    paces = Paces()
    for second in range(seconds + 1):
        back = (seconds - second) * 24 * MIB
        paces.note(
            float(second),
            [replace(c, bytes_copied=max(0, c.bytes_copied - back)) for c in status.cameras],
            status.destinations,
        )
    return paces


def _camera(number: int) -> LiveCamera:
    state = _STATES[number % len(_STATES)]
    total = (4 + number % 9) * GIB
    copied = total if state is CameraState.SAFE_TO_REMOVE else total * (20 + number * 7 % 75) // 100
    known = state not in {CameraState.REFUSED, CameraState.ATTACHED}
    return LiveCamera(
        serial=f"BC3-00{17542 + number}",
        model="BC-300",
        officer=f"{4400 + number}" if known else "",
        bay=f"1-{1 + number // 8}.{1 + number % 8}",
        transport="mass-storage",
        state=state,
        reason={
            CameraState.REFUSED: "not enrolled",
            CameraState.WAITING: "2 files are still being written",
        }.get(state, ""),
        clips_total=41 if known else 0,
        clips_copied=41 * copied // total if known else 0,
        bytes_total=total if known else 0,
        bytes_copied=copied if known else 0,
        docking=f"docking-{number}",
    )
