"""Does the status report say what is so, in the shape that others read and in words for people?"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.cli.output.status_text import render
from bwvdock.config.settings import Config, parse
from bwvdock.core.clips.states import ClipState
from bwvdock.core.custody.summary import JournalSummary
from bwvdock.status.alerts import Alert, AlertCode, Severity
from bwvdock.status.report import report
from bwvdock.status.values import (
    CameraState,
    Live,
    LiveCamera,
    LiveDestination,
    SpoolUse,
    StatusReport,
    live_from_json,
    live_to_json,
    to_json,
)

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 3, 1, 6, 0, tzinfo=UTC)
CONFIG: Config = parse(
    {"dock": {"id": "LEW-03", "site": "Lewisham"}}, file=Path("/etc/bwvdock/bwvdock.toml"), content=b""
)
SUMMARY = JournalSummary(
    entries=120,
    root="3f" * 32,
    clips={**dict.fromkeys(ClipState, 0), ClipState.VERIFIED: 40},
    queue_clips=0,
    queue_bytes=0,
    queue_oldest_at=None,
    last_receipts={"vault": "2026-03-01T05:59:00.000Z"},
    paused=False,
    running=True,
    started_at="2026-02-27T10:00:00.000Z",
)
LIVE = Live(
    started_at="2026-02-28T22:00:00.000Z",
    destinations=(LiveDestination(name="vault", kind="directory", reachable=True),),
    spool=SpoolUse(bytes=5 * 2**30, free_bytes=200 * 2**30),
)


def camera(**fields: Any) -> LiveCamera:  # noqa: ANN401
    given_ = {"serial": "CAM-17", "bay": "1-2.3", "transport": "mass-storage", "state": CameraState.COPYING}
    return LiveCamera(**{**given_, **fields})


def look(
    *, live: Live | None = LIVE, summary: JournalSummary | None = SUMMARY, now: datetime = NOW
) -> StatusReport:
    return report(summary, live, CONFIG, now=now)


def codes(status: StatusReport) -> dict[AlertCode, Severity]:
    return {alert.code: alert.severity for alert in status.alerts}


# --- for programs --------------------------------------------------------------------------------


def test_the_shape_that_others_read() -> None:
    live = replace(LIVE, cameras=(camera(),))
    document = json.loads(json.dumps(to_json(look(live=live))))
    shape = {
        "dock": "id site version running paused started_at",
        "queue": "clips bytes oldest_at",
        "spool": "bytes free_bytes",
        "journal": "entries root checkpoint_at verified_at problems",
        "cameras": "serial model officer bay transport state reason "
        "clips_total clips_copied bytes_total bytes_copied",
        "destinations": "name kind reachable last_receipt_at error",
    }
    for part, keys in shape.items():
        told = document[part][0] if isinstance(document[part], list) else document[part]
        assert set(told) >= set(keys.split()), part
    assert document["clips"] == {state: 40 * (state == "verified") for state in ClipState}
    assert document["cameras"][0]["state"] == "copying"
    assert document["dock"]["running"] is True
    assert document["destinations"][0]["last_receipt_at"] == "2026-03-01T05:59:00.000Z"


texts = st.text(max_size=20)
counts = st.integers(min_value=0, max_value=2**50)


@given(
    live=st.builds(
        Live,
        started_at=texts,
        paused=st.booleans(),
        cameras=st.lists(
            st.builds(LiveCamera, serial=texts, bay=texts, transport=texts, reason=texts, bytes_total=counts)
        ).map(tuple),
        destinations=st.lists(st.builds(LiveDestination, name=texts, kind=texts, error=texts)).map(tuple),
        spool=st.builds(SpoolUse, bytes=counts | st.none(), free_bytes=counts | st.none()),
        alerts=st.lists(st.builds(Alert, message=texts, remedy=texts)).map(tuple),
    )
)
def test_what_the_daemon_tells_arrives_as_it_was(live: Live) -> None:
    assert live_from_json(json.loads(json.dumps(live_to_json(live)))) == live


def test_a_newer_daemon_may_tell_more() -> None:
    document = json.loads(json.dumps(live_to_json(replace(LIVE, cameras=(camera(),)))))
    document["weather"] = "fair"
    document["cameras"][0]["colour"] = "red"
    document["spool"]["inodes"] = 3
    assert live_from_json(document).cameras == (camera(),)


@pytest.mark.parametrize("document", [{}, {"started_at": "x"}, {**live_to_json(LIVE), "cameras": [{}]}])
def test_what_is_not_understood_is_said_so(document: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="not a live status"):
        live_from_json(document)


# --- alerts and exit codes -----------------------------------------------------------------------


def test_all_is_well() -> None:
    assert codes(look()) == {}
    assert look().exit_code == 0
    assert ": running. " in render(look())


def test_no_daemon() -> None:
    status = look(live=None)
    assert codes(status) == {AlertCode.DAEMON_NOT_RUNNING: Severity.ERROR}
    assert status.exit_code == 3
    assert "did not shut down cleanly" in status.alerts[0].message
    assert (status.dock.running, status.dock.started_at) == (False, None)
    assert status.clips["verified"] == 40
    assert status.destinations[0].reachable is None


def test_no_journal_either() -> None:
    status = look(live=None, summary=None)
    assert status.exit_code == 3
    assert (status.journal.entries, sum(status.clips.values())) == (0, 0)
    assert "did not shut down cleanly" not in status.alerts[0].message


@pytest.mark.parametrize(
    "live,summary,code,severity",
    [
        (replace(LIVE, paused=True), SUMMARY, AlertCode.PAUSED, Severity.WARNING),
        (
            LIVE,
            replace(SUMMARY, clips={ClipState.QUARANTINED: 2}),
            AlertCode.CLIPS_QUARANTINED,
            Severity.ERROR,
        ),
        (
            LIVE,
            replace(SUMMARY, queue_clips=3, queue_oldest_at="2026-02-28T12:00:00.000Z"),
            AlertCode.QUEUE_OLD,
            Severity.WARNING,
        ),
        (
            replace(LIVE, destinations=(LiveDestination(name="vault", kind="directory", reachable=False),)),
            SUMMARY,
            AlertCode.DESTINATION_UNREACHABLE,
            Severity.ERROR,
        ),
        (
            replace(LIVE, spool=SpoolUse(bytes=1, free_bytes=-5)),
            SUMMARY,
            AlertCode.SPOOL_FULL,
            Severity.ERROR,
        ),
        (
            replace(LIVE, cameras=(camera(state=CameraState.REFUSED, reason="not enrolled"),)),
            SUMMARY,
            AlertCode.CAMERA_REFUSED,
            Severity.WARNING,
        ),
        (
            replace(LIVE, cameras=(camera(state=CameraState.SAFE_TO_REMOVE, clips_left=2),)),
            SUMMARY,
            AlertCode.CLIPS_SKIPPED,
            Severity.WARNING,
        ),
        (
            replace(LIVE, cameras=(camera(state=CameraState.SAFE_TO_REMOVE, files_unknown=1),)),
            SUMMARY,
            AlertCode.FILES_UNKNOWN,
            Severity.WARNING,
        ),
        (
            replace(LIVE, cameras=(camera(state=CameraState.SAFE_TO_REMOVE, marks_ignored="read-only bit"),)),
            SUMMARY,
            AlertCode.MARKS_MEANINGLESS,
            Severity.WARNING,
        ),
        (
            replace(LIVE, cameras=(camera(state=CameraState.FAILED, reason="read errors"),)),
            SUMMARY,
            AlertCode.CAMERA_FAILED,
            Severity.ERROR,
        ),
    ],
)
def test_what_a_person_must_know(
    live: Live, summary: JournalSummary, code: AlertCode, severity: Severity
) -> None:
    status = look(live=live, summary=summary)
    assert codes(status) == {code: severity}
    assert status.exit_code == (1 if severity is Severity.ERROR else 0)
    assert status.alerts[0].remedy
    assert status.alerts[0].message in render(status)
    assert status.alerts[0].remedy in render(status)


def test_what_was_not_taken_is_named_where_the_remedy_says() -> None:
    left = camera(state=CameraState.SAFE_TO_REMOVE, clips_left=1, files_unknown=1, docking="01kge4")
    alerts = look(live=replace(LIVE, cameras=(left,))).alerts
    assert [("bwvdock dockings show 01kge4" in alert.remedy) for alert in alerts] == [True, True]


def test_a_queue_within_a_shift_is_no_alert() -> None:
    summary = replace(SUMMARY, queue_clips=1, queue_oldest_at=(NOW - timedelta(hours=11)).isoformat())
    assert codes(look(summary=summary)) == {}


def test_errors_come_before_warnings_for_programs() -> None:
    told = Alert(code=AlertCode.DISK_FAILED, severity=Severity.ERROR, message="m", remedy="r")
    status = look(live=replace(LIVE, paused=True, alerts=(told,)))
    assert [alert.code for alert in status.alerts] == [AlertCode.DISK_FAILED, AlertCode.PAUSED]


def test_every_alert_stands_in_the_reference() -> None:
    reference = (ROOT / "docs/reference/status-json.md").read_text(encoding="utf-8")
    assert [code for code in AlertCode if f"`{code}`" not in reference] == []


# --- for people ----------------------------------------------------------------------------------

FORTY = tuple(
    camera(
        serial=f"CAM-{n:02}",
        bay=f"1-{n // 8 + 1}.{n % 8 + 3}",
        state=CameraState.SAFE_TO_REMOVE if n % 3 else CameraState.COPYING,
        clips_total=400,
        clips_copied=400 if n % 3 else 137,
        bytes_total=30 * 2**30,
        bytes_copied=30 * 2**30 if n % 3 else 10 * 2**30,
    )
    for n in range(40)
)


def bays(status: StatusReport, width: int | None = None) -> list[str]:
    lines = render(status, width).splitlines()
    begin = next(i for i, line in enumerate(lines) if line.startswith("BAY"))
    return lines[begin + 1 : begin + 1 + len(status.cameras)]


def test_forty_cameras() -> None:
    status = look(live=replace(LIVE, cameras=FORTY))
    first = render(status).splitlines()[0]
    assert first == ("LEW-03 Lewisham: running. 40 cameras docked: 26 safe to remove, 14 copying.")
    lines = bays(status)
    assert len(lines) == 40
    assert len({line.index("CAM-") for line in lines}) == 1
    assert sum("SAFE TO REMOVE" in line for line in lines) == 26
    assert lines[0].split()[0] == "1-1.3"
    assert [line.split()[0] for line in lines][7:9] == ["1-1.10", "1-2.3"]
    assert "[###.......]  33%" in next(line for line in lines if "copying" in line)


@pytest.mark.parametrize("width", [60, 80, 132])
def test_a_terminals_width_is_kept(width: int) -> None:
    long = camera(state=CameraState.REFUSED, reason="not enrolled, and no profile names its model " * 3)
    lines = bays(look(live=replace(LIVE, cameras=(*FORTY, long))), width)
    assert max(len(line) for line in lines) <= width


def test_a_pipe_gets_all_of_it() -> None:
    reason = "not enrolled, and no profile names its model " * 5
    [line] = bays(look(live=replace(LIVE, cameras=(camera(state=CameraState.REFUSED, reason=reason),))))
    assert reason.strip() in line


def test_colour_only_where_wanted() -> None:
    status = look(live=replace(LIVE, cameras=FORTY, paused=True))
    assert "\x1b" not in render(status)
    painted = render(status, colour=True)
    assert "\x1b[32mSAFE TO REMOVE\x1b[0m" in painted
    assert "\x1b[33mWARNING\x1b[0m" in painted


def test_alerts_stand_last_the_gravest_at_the_very_end() -> None:
    told = Alert(code=AlertCode.DISK_FAILED, severity=Severity.ERROR, message="The disk.", remedy="Fix it")
    lines = render(look(live=replace(LIVE, paused=True, alerts=(told,)))).splitlines()
    assert lines[-2:] == ["ERROR The disk.", "  -> Fix it"]
    assert lines[0].startswith("PAUSED, 1 error. LEW-03 Lewisham: ")


def test_a_remedy_of_several_lines_is_shown_in_lines() -> None:
    told = Alert(code=AlertCode.JOURNAL_LOST, severity=Severity.ERROR, message="M.", remedy="One.\nTwo\x1b.")
    lines = render(look(live=replace(LIVE, alerts=(told,)))).splitlines()
    assert lines[-2:] == ["  -> One.", "  -> Two\\u{1b}."]


def test_a_camera_with_nothing_new_says_so() -> None:
    [line] = bays(look(live=replace(LIVE, cameras=(camera(state=CameraState.SAFE_TO_REMOVE),))))
    assert "SAFE TO REMOVE" in line
    assert "nothing new" in line


# --- destinations --------------------------------------------------------------------------------


def store(**fields: Any) -> Live:  # noqa: ANN401
    given_ = {"name": "vault", "kind": "tus", "reachable": True, **fields}
    return replace(LIVE, destinations=(LiveDestination(**given_),))


@pytest.mark.parametrize("required", [True, False])
def test_where_nothing_proves_a_copy_that_is_said_and_is_grave_where_it_counts(required: bool) -> None:
    unproven = store(method="", words="it took bytes with a wrong digest")
    destinations = tuple(replace(d, required=required) for d in CONFIG.destinations)
    status = report(SUMMARY, unproven, replace(CONFIG, destinations=destinations), now=NOW)
    [alert] = status.alerts
    assert alert.code is AlertCode.DESTINATION_PROVES_NOTHING
    assert alert.severity is (Severity.ERROR if required else Severity.WARNING)
    assert "it took bytes with a wrong digest" in alert.message
    assert ("no clip can become verified" in alert.message) is required
    assert "PROVES NOTHING" in render(status)


@pytest.mark.parametrize("method", [None, "read-back"])
def test_a_store_that_was_not_tried_yet_or_proves_its_copies_is_no_alert(method: str | None) -> None:
    assert codes(look(live=store(method=method))) == {}


def test_what_is_on_its_way_is_shown() -> None:
    sending = {"clips_sending": 2, "bytes_sending": 3 * 2**20, "bytes_sent": 2**20, "bytes_confirmed": 2**19}
    [line] = [
        line
        for line in render(look(live=store(**sending, bytes_per_second=512 * 1024))).splitlines()
        if line.startswith("Store")
    ]
    assert "2 clips uploading: 1.0 MiB of 3.0 MiB at 512 KiB/s, 4 s left" in line
    assert "(sent; 512 KiB confirmed by the store)" in line


def test_why_a_store_cannot_be_used_and_what_to_do_is_said_by_its_alert() -> None:
    full = store(reachable=False, error="vault nas is full", remedy="Make room in the vault")
    [alert] = look(live=full).alerts
    assert "vault nas is full" in alert.message
    assert alert.remedy.startswith("Make room in the vault.")


def test_a_store_that_answers_and_lets_nobody_in_is_not_called_reachable_and_well() -> None:
    text = render(look(live=store(error="401: the token is too old")))
    assert "UPLOADS FAIL: 401: the token is too old" in text


def test_what_was_not_taken_is_said_once() -> None:
    left = camera(
        state=CameraState.SAFE_TO_REMOVE, reason="3 files were NOT taken", clips_left=1, files_unknown=2
    )
    [line] = bays(look(live=replace(LIVE, cameras=(left,))))
    assert line.count("taken") == 1
    assert "of unknown kind" not in line


@given(
    st.integers(0, 5),
    st.integers(0, 2**50),
    st.integers(0, 2**50),
    st.integers(0, 2**50),
    st.integers(0, 2**40),
)
def test_a_time_left_is_said_only_while_there_is_one(
    clips: int, total: int, sent: int, confirmed: int, rate: int
) -> None:
    """Whatever the figures are: no "0 s left", no time without a pace, and none once all is sent."""
    figures = {"clips_sending": clips, "bytes_sending": total, "bytes_sent": min(sent, total)}
    figures |= {"bytes_confirmed": min(sent, total, confirmed), "bytes_per_second": rate}
    text = render(look(live=store(**figures)))
    [line] = [line for line in text.splitlines() if line.startswith("Store")]
    assert (" left" in line) is bool(clips and rate and sent < total)
    assert " 0 s left" not in line
    assert ("all sent" in line) is bool(clips and confirmed < total <= sent)
