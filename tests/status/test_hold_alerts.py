"""Is a person asked about a standing hold on its day, and does the hold stay?"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from bwvdock.core.facts import HoldEnded, HoldOpened
from bwvdock.status.alerts import AlertCode
from bwvdock.status.alerts.holds import hold_review
from tests.fakes.station import Station


def test_a_hold_is_asked_about_from_its_day_on_and_stays(tmp_path: Path) -> None:
    station = Station(tmp_path)
    for name, review in (("h-1", "2026-03-14"), ("h-2", "2026-03-15"), ("h-3", "")):
        fact = HoldOpened(hold=name, camera="CAM", review=review, reason="inquiry", actor="0:root")
        station.ledger.record([fact])
    found = [alert for alert in station.report().alerts if alert.code is AlertCode.HOLD_REVIEW]
    assert [alert.subject for alert in found] == ["h-1"]
    assert "until a person ends it" in found[0].message
    assert [hold.id for hold in station.journal.holds.standing()] == ["h-1", "h-2", "h-3"]
    station.ledger.record([HoldEnded(hold="h-1", reason="closed", actor="0:root")])
    assert not [alert for alert in station.report().alerts if alert.code is AlertCode.HOLD_REVIEW]
    station.journal.close()


def test_the_day_before_nobody_is_asked() -> None:
    holds = [("h-1", "2026-03-14")]
    assert list(hold_review(holds, date(2026, 3, 13))) == []
    assert len(list(hold_review(holds, date(2026, 3, 14)))) == 1
    assert len(list(hold_review(holds, date(2027, 1, 1)))) == 1
