"""Which remedy comes first where two of them contradict each other?

What may be needed as evidence comes before everything else, and a journal before a daemon that writes to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from bwvdock.status.alerts import Alert, AlertCode

_JOURNAL = frozenset({AlertCode.JOURNAL_LOST, AlertCode.JOURNAL_DAMAGED})
_CHANGING = frozenset({*_JOURNAL, AlertCode.DAEMON_NOT_RUNNING})
_REMOVING = frozenset({AlertCode.SPOOL_FULL, AlertCode.FILES_UNACCOUNTED})


def in_order(alerts: Iterable[Alert]) -> Iterator[Alert]:
    """Return the alerts with the leading one first; remedies that contradict it say what they wait for."""
    found = list(alerts)
    codes = {alert.code for alert in found}
    if AlertCode.CUSTODY_FAILED in codes:
        found.sort(key=lambda alert: alert.code is not AlertCode.CUSTODY_FAILED)
        first, waiting = "Only after the investigating officer has agreed", _CHANGING | _REMOVING
    elif codes & _JOURNAL:
        first, waiting = "Only after the journal is restored", _CHANGING - _JOURNAL
    else:
        first, waiting = "", frozenset()
    for alert in found:
        waits = alert.code in waiting and not alert.remedy.startswith(first)
        yield replace(alert, remedy=f"{first}: {alert.remedy}") if waits else alert
