"""Does the report name sources that are gone, and say what the last verification found?"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from bwvdock.config.settings import Config, parse
from bwvdock.edges.journal.verify.last import LastCheck, LastVerification
from bwvdock.service.compose import live_view
from bwvdock.status.alerts import AlertCode
from bwvdock.status.report import Custody, report
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
