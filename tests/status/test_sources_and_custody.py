"""Does the report name sources that are gone, and say what the last verification found?"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bwvdock.cli.output.status_text import render
from bwvdock.config.settings import Config, parse
from bwvdock.edges.journal.verify.last import LastCheck, LastVerification
from bwvdock.errors import JournalDamagedError, JournalError, JournalFullError, JournalLostError
from bwvdock.service.assemble import live_view
from bwvdock.status.alerts import Alert, AlertCode
from bwvdock.status.report import Custody, report
from bwvdock.status.values import Live
from tests.fakes.station import Station

NOW = datetime(2026, 3, 1, 6, 0, tzinfo=UTC)
CONFIG: Config = parse({"dock": {"id": "LEW-03"}}, file=Path("/etc/bwvdock/bwvdock.toml"), content=b"")


def test_a_source_whose_folder_is_gone_is_named(tmp_path: Path) -> None:
    station = Station(tmp_path)
    view = live_view(station.dock, station.spool, station.clock)
    assert AlertCode.FOLDER_MISSING not in {alert.code for alert in view.live().alerts}
    view.missing_folders = lambda: [("CAM-17", "/srv/export/cam 17")]
    [alert] = [a for a in view.live().alerts if a.code is AlertCode.FOLDER_MISSING]
    assert "camera CAM-17, /srv/export/cam 17, is not there" in alert.message
    assert "findmnt -T '/srv/export/cam 17'" in alert.remedy


def test_what_the_last_verification_found_is_reported_where_no_daemon_says_it() -> None:
    check = LastCheck(at="2026-03-01T00:00:00.000Z", problems=2, first="vault_file: x")
    found = LastVerification(files=check)
    for last, codes in ((LastVerification(), set()), (found, {AlertCode.CUSTODY_FAILED})):
        alerts = report(None, None, CONFIG, now=NOW, custody=Custody(last=last)).alerts
        assert {a.code for a in alerts} & {AlertCode.CUSTODY_FAILED} == codes


@pytest.mark.parametrize("kind", [JournalDamagedError, JournalLostError, JournalFullError])
def test_of_a_journal_that_cannot_be_read_nothing_is_claimed(kind: type[JournalError]) -> None:
    status = report(None, None, CONFIG, now=NOW, custody=Custody(trouble=kind("Why.", remedy="R")))
    assert any(alert.message.startswith("Why.") for alert in status.alerts)
    shown = render(status)
    assert "Clips     not known: no journal can be read" in shown
    assert "Journal   not readable" in shown
    for claim in ("Waiting   nothing", "none yet", "0 entries", "from the journal"):
        assert claim not in shown
    assert "none yet" in render(report(None, None, CONFIG, now=NOW)), "a dock that has not begun"


def test_a_damaged_journal_is_reported_once() -> None:
    alert = Alert.error(AlertCode.JOURNAL_DAMAGED, "D. No footage is taken.", "R")
    live = Live(started_at="2026-03-01T00:00:00.000Z", alerts=(alert,))
    trouble = JournalDamagedError("D.", remedy="R")
    alerts = report(None, live, CONFIG, now=NOW, custody=Custody(trouble=trouble)).alerts
    assert [a.message for a in alerts if a.code is AlertCode.JOURNAL_DAMAGED] == ["D. No footage is taken."]
