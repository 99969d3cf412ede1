"""Of what is a target notified now, given the alerts that are there?

Pure: what was remembered, the alerts and the time give the notices and what is to be remembered. An alert
is notified once it has lasted for the delay, again if it becomes graver, again after each repeat, and as over
once it was gone for the delay; what was never notified is never notified as over. Quiet hours and the least
interval put notices off, and lose nothing that is still so afterwards.

Time is counted on the clock since boot, which nobody sets. From one boot to the next it is counted on by the
wall clock; where that was put back, no time has passed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bwvdock.config.notify.targets import Rules
from bwvdock.core.moments import iso
from bwvdock.notify.values import Key, Look, Moment, Notice, OngoingAlert, State, What
from bwvdock.status.alerts import Alert, AlertCode, Severity

INTERVAL_MS = 60_000  # between two messages: what happens within it is told at once
MOST_NOTICES = 50  # of one message; others come with the next
_GRAVITY = {Severity.WARNING: 0, Severity.ERROR: 1}

Quiet = Callable[[datetime], bool]
"""Whether nobody is to be woken at a moment."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """What is sent now, and what is to be remembered once that is kept."""

    notices: tuple[Notice, ...]
    state: State


def decide(rules: Rules, state: State, look: Look, quiet: Quiet) -> Decision:
    """Return of what a target is notified.

    Args:
        rules: the target's.
        state: what was remembered.
        look: the alerts, and when they were looked at.
        quiet: whether nobody is to be woken.
    """
    known = _seen(rules, counted_on(state, look.moment), look)
    now = look.moment.ms
    if known.sent_ms is not None and now - known.sent_ms < INTERVAL_MS:
        return Decision(notices=(), state=known)
    held = quiet(look.moment.at)
    due = [(one, what) for one in known.standing if (what := _due(rules, one, now))]
    silent = {one.key for one, what in due if what is What.CLEARED and not rules.clears}
    told = [
        (one, what) for one, what in due if one.key not in silent and not _waits(rules, one, what, held=held)
    ]
    told.sort(key=lambda pair: (pair[1] is What.CLEARED, -_GRAVITY[pair[0].severity]))
    del told[MOST_NOTICES:]
    return Decision(
        notices=tuple(_notice(one, what, look.moment) for one, what in told),
        state=replace(
            known,
            sent_ms=now if told else known.sent_ms,
            standing=tuple(_remembered(known.standing, {one.key: what for one, what in told}, silent, now)),
        ),
    )


def counted_on(state: State, moment: Moment) -> State:
    """Return a state whose moments are of the present boot."""
    if state.boot == moment.boot:
        return replace(state, ms=moment.ms, at=iso(moment.at))
    passed = timedelta(0)
    if state.at:
        passed = max(moment.at - datetime.fromisoformat(state.at), passed)
    by = moment.ms - (state.ms + passed // timedelta(milliseconds=1))

    def moved(ms: int | None) -> int | None:
        return None if ms is None else ms + by

    return State(
        boot=moment.boot,
        ms=moment.ms,
        at=iso(moment.at),
        sent_ms=moved(state.sent_ms),
        standing=tuple(
            replace(
                one,
                since_ms=one.since_ms + by,
                absent_ms=moved(one.absent_ms),
                notified_ms=moved(one.notified_ms),
            )
            for one in state.standing
        ),
    )


# --- what is there --------------------------------------------------------------------------------


def _seen(rules: Rules, state: State, look: Look) -> State:
    """Return the state with what was seen now."""
    now, there = look.moment.ms, _by_key(look.alerts)
    known = {one.key: one for one in state.standing if _concerns(rules, one.code, one.subject)}
    standing: list[OngoingAlert] = []
    for key, one in known.items():
        if alerts := there.get(key):
            standing.append(_again(one, alerts))
        elif not look.complete:
            standing.append(one)
        elif one.notified_ms is not None:
            standing.append(one if one.absent_ms is not None else replace(one, absent_ms=now))
    for key, alerts in there.items():
        if (
            key not in known
            and _concerns(rules, *key)
            and _gravest(alerts) >= _GRAVITY[Severity(rules.severity)]
        ):
            standing.append(_new(key, alerts, now))
    return replace(state, standing=tuple(standing))


def _by_key(alerts: Iterable[Alert]) -> Mapping[Key, Sequence[Alert]]:
    found: dict[Key, list[Alert]] = defaultdict(list)
    for alert in alerts:
        found[str(alert.code), alert.subject].append(alert)
    for several in found.values():
        several.sort(key=lambda alert: -_GRAVITY[alert.severity])
    return found


def _concerns(rules: Rules, code: str, subject: str) -> bool:
    """Return whether a target is notified of such alerts; that it takes nothing itself, it never is."""
    if code == AlertCode.NOTIFY_FAILING and subject == rules.name:
        return False
    return code not in rules.ignore and (not rules.codes or code in rules.codes)


def _gravest(alerts: Sequence[Alert]) -> int:
    return _GRAVITY[alerts[0].severity]


def _new(key: Key, alerts: Sequence[Alert], now: int) -> OngoingAlert:
    code, subject = key
    first = alerts[0]
    return OngoingAlert(
        code=code,
        subject=subject,
        severity=first.severity,
        count=len(alerts),
        message=_words(alerts),
        remedy=first.remedy,
        since_ms=now,
    )


def _again(one: OngoingAlert, alerts: Sequence[Alert]) -> OngoingAlert:
    first = alerts[0]
    return replace(
        one,
        severity=first.severity,
        count=len(alerts),
        message=_words(alerts),
        remedy=first.remedy,
        absent_ms=None,
    )


def _words(alerts: Sequence[Alert]) -> str:
    return "\n".join(dict.fromkeys(alert.message for alert in alerts))


# --- what is due ----------------------------------------------------------------------------------


def _due(rules: Rules, one: OngoingAlert, now: int) -> What | None:
    """Return why an alert is to be notified now; None if it is not."""
    delay, repeat = rules.delay_seconds * 1000, rules.repeat_hours * 3_600_000
    if one.absent_ms is not None:
        return What.CLEARED if now - one.absent_ms >= delay else None
    if one.notified_ms is None:
        return What.RAISED if now - one.since_ms >= delay else None
    if _GRAVITY[one.severity] > _GRAVITY[one.notified_severity] or one.count > one.notified_count:
        return What.CHANGED
    return What.REPEATED if repeat and now - one.notified_ms >= repeat else None


def _waits(rules: Rules, one: OngoingAlert, what: What, *, held: bool) -> bool:
    """Return whether quiet hours put it off: only an error that is news breaks through."""
    news = what in {What.RAISED, What.CHANGED} and one.severity is Severity.ERROR
    return held and not (rules.quiet_errors and news)


def _notice(one: OngoingAlert, what: What, moment: Moment) -> Notice:
    since = moment.at - timedelta(milliseconds=moment.ms - one.since_ms)
    return Notice(
        what=what,
        code=one.code,
        subject=one.subject,
        severity=one.severity,
        message=one.message,
        remedy="" if what is What.CLEARED else one.remedy,
        since=iso(since),
    )


def _remembered(
    standing: Sequence[OngoingAlert], told: Mapping[Key, What], silent: set[Key], now: int
) -> Iterator[OngoingAlert]:
    """Return what is remembered of each alert after these notices."""
    for one in standing:
        what = told.get(one.key)
        if what is What.CLEARED or one.key in silent:
            continue
        if what is None:
            yield one
            continue
        more = what is What.CHANGED
        yield replace(
            one,
            notified_ms=now,
            notified_severity=_graver(one.severity, one.notified_severity) if more else one.severity,
            notified_count=max(one.count, one.notified_count) if more else one.count,
        )


def _graver(one: Severity, other: Severity) -> Severity:
    return one if _GRAVITY[one] > _GRAVITY[other] else other
