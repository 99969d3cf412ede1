"""Does the status fit the terminal without hiding what a person must know?"""

from __future__ import annotations

import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bwvdock.cli.output.console import cells
from bwvdock.cli.output.status_text import render
from bwvdock.status.alerts import Alert, AlertCode, Severity
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

words = st.integers(0, 30).map(lambda n: " ".join(["cannot be read"] * n))
counts = st.integers(min_value=0, max_value=2**45)
cameras = st.builds(
    LiveCamera,
    serial=st.integers(1, 40).map(lambda n: "CAM-" + "7" * n),
    officer=words,
    bay=st.sampled_from(["1-2", "1-2.3.4.10"]),
    transport=st.just("mass-storage"),
    reason=words,
    clips_total=counts,
    bytes_total=counts,
    bytes_copied=counts,
    files_unknown=st.integers(min_value=0, max_value=9),
)
alerts = st.builds(Alert, message=words, remedy=words.filter(bool))
reports = st.builds(
    StatusReport,
    dock=st.builds(DockStatus, id=st.just("LEW-03"), site=st.just(""), version=words, started_at=st.none()),
    cameras=st.lists(cameras, max_size=8).map(tuple),
    clips=st.just({}),
    queue=st.just(Queue(clips=0, bytes=0, oldest_at=None)),
    destinations=st.lists(
        st.builds(LiveDestination, name=words, kind=words, last_receipt_at=st.none(), error=words), max_size=4
    ).map(tuple),
    spool=st.just(SpoolUse()),
    journal=st.just(JournalStatus(entries=0, root="")),
    alerts=st.lists(alerts, max_size=8).map(tuple),
)


def folded(text: str) -> str:
    """Return a text without its line breaks."""
    return re.sub(r"\s+", " ", text)


@given(status=reports, width=st.integers(min_value=80, max_value=200))
def test_what_is_said_of_a_camera_is_never_cut(status: StatusReport, width: int) -> None:
    shown = folded(render(status, width))
    for camera in status.cameras:
        assert camera.serial in shown
        assert folded(camera.reason) in shown


@given(status=reports, width=st.integers(min_value=80, max_value=200), height=st.integers(10, 50))
def test_it_fits_the_terminal_and_begins_alike(status: StatusReport, width: int, height: int) -> None:
    shown = render(status, width, height=height).splitlines()
    assert sum(-(-max(1, cells(line)) // width) for line in shown) <= height
    whole = render(status, width).splitlines()
    assert shown[0] == whole[0], "the headline counts the alerts"
    if status.cameras and height >= 20:
        assert shown[:4] == whole[:4], "the first camera"


def test_of_too_many_alerts_the_gravest_are_shown() -> None:
    told: dict[str, Any] = {"code": AlertCode.CLIPS_QUARANTINED, "remedy": "bwvdock clips list"}
    alerts = [Alert(severity=Severity.WARNING, message=f"mild {n}", **told) for n in range(20)]
    alerts.insert(7, Alert(severity=Severity.ERROR, message="grave", **told))
    status = StatusReport(
        dock=DockStatus(id="LEW-03", site="", version="1", running=True, paused=False, started_at=None),
        cameras=(LiveCamera(serial="CAM-1", bay="1-1", transport="", state=CameraState.SAFE_TO_REMOVE),),
        clips={},
        queue=Queue(clips=0, bytes=0, oldest_at=None),
        destinations=(),
        spool=SpoolUse(),
        journal=JournalStatus(entries=0, root=""),
        alerts=tuple(alerts),
    )
    shown = render(status, 80, height=23)
    assert "SAFE TO REMOVE" in shown
    assert "grave" in shown
    left = 21 - shown.count("->")
    assert f"{left} more alerts: bwvdock status" in shown
