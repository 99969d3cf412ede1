"""Which alerts have begun since they were looked at last, or say something else, and which have ended?

An alert whose words change all the time, or that comes and goes, is reported a few times an hour and no more:
what could not be reported is reported later, if it is still there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from bwvdock.status.alerts import Alert, AlertCode

MOST_AN_HOUR = 10
_HOUR_MS = 3_600_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """An alert that began or says something new, or the last one of its code, which has ended."""

    alert: Alert
    ended: bool = False


@dataclass(kw_only=True, slots=True)
class Changes:
    """What was reported of each code: the current texts, and when reports were made in the last hour."""

    _standing: dict[AlertCode, list[Alert]] = field(default_factory=dict)
    _at_ms: dict[AlertCode, list[int]] = field(default_factory=lambda: defaultdict(list))

    def look(self, alerts: Iterable[Alert], now_ms: int) -> Iterator[Change]:
        """Return what is to be reported of the current alerts; `now_ms` never goes back."""
        now: dict[AlertCode, list[Alert]] = defaultdict(list)
        for alert in alerts:
            now[alert.code].append(alert)
        for code in [code for code in self._standing if code not in now]:
            yield Change(alert=self._standing.pop(code)[-1], ended=True)
        for code, these in now.items():
            known = [alert for alert in self._standing.get(code, ()) if alert in these]
            for alert in these:
                if alert not in known and self._may(code, now_ms):
                    known.append(alert)
                    yield Change(alert=alert)
            if known or code in self._standing:
                self._standing[code] = known or self._standing[code]

    def _may(self, code: AlertCode, now_ms: int) -> bool:
        self._at_ms[code] = [at for at in self._at_ms[code] if at > now_ms - _HOUR_MS]
        if len(self._at_ms[code]) >= MOST_AN_HOUR:
            return False
        self._at_ms[code].append(now_ms)
        return True
