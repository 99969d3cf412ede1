"""Does no remedy contradict another one that is shown beside it?"""

from __future__ import annotations

from itertools import combinations

from bwvdock.status.alert_order import in_order
from bwvdock.status.alerts import Alert, AlertCode

_LOST, _DAMAGED, _FAILED, _STOPPED = (
    AlertCode.JOURNAL_LOST,
    AlertCode.JOURNAL_DAMAGED,
    AlertCode.CUSTODY_FAILED,
    AlertCode.DAEMON_NOT_RUNNING,
)
_REMEDIES = {
    _LOST: "restore the journal from a backup",
    _DAMAGED: "restore the journal from a backup",
    _FAILED: "Change nothing on this dock",
    _STOPPED: "sudo systemctl restart bwvdock",
    AlertCode.PAUSED: "bwvdock resume",
}
_REMOVING = {
    AlertCode.SPOOL_FULL: "bwvdock dispose --proven",
    AlertCode.FILES_UNACCOUNTED: "move them",
}


def test_what_changes_a_dock_waits_for_the_evidence_and_then_for_the_journal() -> None:
    for number in range(1, len(_REMEDIES) + 1):
        for codes in combinations(_REMEDIES, number):
            shown = list(in_order(Alert.error(code, "message", _REMEDIES[code]) for code in codes))
            assert {alert.code for alert in shown} == set(codes)
            waits = {alert.code: alert.remedy != _REMEDIES[alert.code] for alert in shown}
            failed = _FAILED in codes
            assert waits.get(_STOPPED, False) == (
                _STOPPED in codes and bool({_FAILED, _LOST, _DAMAGED} & set(codes))
            )
            for code in (_LOST, _DAMAGED):
                assert waits.get(code, False) == (failed and code in codes)
            assert not waits.get(_FAILED)
            assert not waits.get(AlertCode.PAUSED)
            assert not failed or shown[0].code is _FAILED
            assert all(alert.remedy.endswith(_REMEDIES[alert.code]) for alert in shown)


def test_nothing_is_removed_before_the_investigating_officer_has_agreed() -> None:
    alerts = [Alert.warning(code, "message", remedy) for code, remedy in _REMOVING.items()]
    assert list(in_order(alerts)) == alerts
    failed = Alert.error(_FAILED, "message", "Change nothing on this dock")
    shown = list(in_order([*alerts, failed]))
    assert all(alert.remedy.startswith("Only after") for alert in shown[1:])
    assert list(in_order(shown)) == shown, "said once"
