"""Is a person asked about a standing hold on its day, and does the hold stay?"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from bwvdock.core.facts import HoldEnded, HoldOpened, RequestClosed, RequestOpened
from bwvdock.status.alerts import AlertCode, Severity
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


def test_a_request_is_warned_of_before_its_last_day_and_an_error_after_it(tmp_path: Path) -> None:
    station = Station(tmp_path)
    for name, due in (("r-1", "2026-03-13"), ("r-2", "2026-03-21"), ("r-3", "2026-03-22"), ("r-4", "")):
        station.ledger.record(
            [
                RequestOpened(
                    request=name,
                    about="foi",
                    received="2026-03-01",
                    due=due,
                    by="A. Smith",
                    reason="FOI 7/26",
                    actor="0:root",
                )
            ]
        )
    found = [alert for alert in station.report().alerts if alert.code is AlertCode.REQUEST_DUE]
    assert [(alert.subject, alert.severity) for alert in found] == [
        ("r-1", Severity.ERROR),
        ("r-2", Severity.WARNING),
    ]
    assert "in 7 days" in found[1].message
    assert not any("Smith" in alert.message + alert.remedy for alert in found)
    station.ledger.record([RequestClosed(request="r-1", reason="sent", actor="0:root")])
    assert [a.subject for a in station.report().alerts if a.code is AlertCode.REQUEST_DUE] == ["r-2"]
    station.journal.close()


def test_the_day_before_nobody_is_asked() -> None:
    holds = [("h-1", "2026-03-14")]
    assert list(hold_review(holds, date(2026, 3, 13))) == []
    assert len(list(hold_review(holds, date(2026, 3, 14)))) == 1
    assert len(list(hold_review(holds, date(2027, 1, 1)))) == 1
