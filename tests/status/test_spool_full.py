"""Does the alert of a full spool name the real reason, and what makes room?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from bwvdock.status.alerts import Alert, AlertCode, Severity
from bwvdock.status.alerts.disks import explain_full_spool
from bwvdock.status.report import report
from bwvdock.status.values import LiveDestination, SpoolUse, StatusReport
from tests.status.test_status import CONFIG, LIVE, NOW, SUMMARY

DOWN = LiveDestination(
    name="vault", kind="directory", reachable=False, error="it is not mounted", remedy="mount it"
)


def full(
    *, waiting: int, store: LiveDestination | None = None, beside: tuple[str, ...] = (), held: int = 10
) -> Alert:
    summary = replace(SUMMARY, queue_clips=waiting, queue_bytes=waiting * 2**20, queue_oldest_at=None)
    live = replace(LIVE, spool=SpoolUse(bytes=held, free_bytes=-1), destinations=(store,) if store else ())
    status = explain_full_spool(
        report(summary, live, CONFIG, now=NOW), required={"vault"}, beside=lambda: beside, place="/spool"
    )
    [alert] = [alert for alert in status.alerts if alert.code is AlertCode.SPOOL_FULL]
    return alert


def test_an_empty_queue_is_said_to_be_empty() -> None:
    alert = full(waiting=0)
    assert "No clip is waiting" in alert.message
    assert "bwvdock dispose --proven" in alert.remedy


def test_a_store_that_is_away_is_named_with_its_cause_and_remedy() -> None:
    alert = full(waiting=3, store=DOWN)
    assert "3 clips (3.0 MiB) wait for vault, which does not accept uploads (it is" in alert.message
    assert alert.remedy.startswith("mount it; bwvdock dispose --proven")


def test_a_store_that_is_slow_is_named() -> None:
    assert "1 clip (1.0 MiB) waits for vault." in full(waiting=1).message


def test_where_the_vault_shares_the_spool_s_files_no_room_is_promised() -> None:
    alert = full(waiting=0, beside=("vault",))
    assert "gains no room" in alert.remedy
    assert "larger" in alert.remedy


@pytest.mark.parametrize("beside", [(), ("nas",)])
def test_where_other_files_fill_the_disk_no_copy_is_offered_for_disposal(beside: tuple[str, ...]) -> None:
    alert = full(waiting=0, held=0, beside=beside)
    assert "No footage is in the spool: other files fill its disk" in alert.message
    assert ("stored in nas" in alert.message) is bool(beside)
    assert "--proven" not in alert.remedy
    assert "df -h /spool" in alert.remedy


@pytest.mark.parametrize("code", [code for code in AlertCode if code is not AlertCode.SPOOL_FULL])
def test_every_other_alert_is_left_as_it_is_and_no_vault_is_looked_at(code: AlertCode) -> None:
    def hangs() -> tuple[str, ...]:
        raise AssertionError("a share that hangs was looked at")

    alert = Alert(code=code, severity=Severity.ERROR, message="M.", remedy="R")
    status: StatusReport = replace(report(SUMMARY, LIVE, CONFIG, now=NOW), alerts=(alert,))
    assert explain_full_spool(status, required={"vault"}, beside=hangs, place="").alerts == (alert,)


@pytest.mark.parametrize("kind", ["vault", "store"])
def test_the_cause_is_said_once(kind: str) -> None:
    store = replace(DOWN, error=f"{kind} vault is not available: it is full")
    status = report(SUMMARY, replace(LIVE, destinations=(store,)), CONFIG, now=NOW)
    messages = [a.message for a in status.alerts if a.code is AlertCode.DESTINATION_UNREACHABLE]
    assert messages == ["Destination vault does not accept uploads: it is full."]
