"""Status reports as hypothesis draws them: whatever a dock, a camera and a store may say of themselves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from bwvdock.core.clips.states import ClipState
from bwvdock.core.moments import iso
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
from tests.fakes.hostile import HALF, HOSTILE, NUL

NOW = datetime(2026, 3, 1, 6, 0, tzinfo=UTC)
_texts = st.one_of(st.text(max_size=40), st.sampled_from([*HOSTILE.values(), HALF, NUL, "a|b=c'd 'e''", ""]))
_counts = st.one_of(st.integers(0, 5), st.integers(0, 10**13))

_alerts = st.builds(
    Alert,
    code=st.sampled_from(AlertCode),
    severity=st.sampled_from(Severity),
    message=_texts,
    remedy=_texts,
)
_cameras = st.builds(
    LiveCamera,
    serial=_texts,
    bay=_texts,
    transport=st.just("mass-storage"),
    state=st.sampled_from(CameraState),
)
_stores = st.builds(
    LiveDestination, name=_texts, kind=st.just("tus"), reachable=st.sampled_from([True, False, None])
)


@st.composite
def statuses(draw: st.DrawFn) -> StatusReport:
    """Return any status of any dock."""
    running, entries = draw(st.booleans()), draw(_counts)
    waiting = draw(_counts) if entries else 0
    ago = draw(st.timedeltas(timedelta(days=-1), timedelta(days=4000)))
    return StatusReport(
        dock=DockStatus(
            id=draw(st.one_of(st.just("LEW-03"), _texts)),
            site="",
            version="1",
            running=running,
            paused=draw(st.booleans()),
            started_at=None,
            silent=not running and draw(st.booleans()),
        ),
        cameras=tuple(draw(st.lists(_cameras, max_size=4))) if running else (),
        clips=dict.fromkeys(map(str, ClipState), 0),
        queue=Queue(clips=waiting, bytes=draw(_counts), oldest_at=iso(NOW - ago) if waiting else None),
        destinations=tuple(draw(st.lists(_stores, max_size=3, unique_by=lambda store: store.name))),
        spool=draw(
            st.builds(
                SpoolUse, bytes=st.none() | _counts, free_bytes=st.none() | st.integers(-(10**12), 10**13)
            )
        ),
        journal=JournalStatus(entries=entries, root=""),
        alerts=tuple(draw(st.lists(_alerts, max_size=8))),
    )
