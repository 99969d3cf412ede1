"""Is each alert told once, again after each repeat, and when it is over, whatever happens in between?"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.config.notify.targets import Rules
from bwvdock.core.plain_json import plain, restored
from bwvdock.notify.decide import INTERVAL_MS, MOST_NOTICES, decide
from bwvdock.notify.values import Key, Look, Moment, Notice, State, What
from bwvdock.status.alerts import Alert, AlertCode, Severity

BEGIN = datetime(2026, 3, 14, 20, tzinfo=UTC)
KEYS: Sequence[Key] = [
    (AlertCode.PAUSED, ""),
    (AlertCode.CAMERA_FAILED, "CAM-1"),
    (AlertCode.CAMERA_FAILED, "CAM-2"),
]
RULES = Rules(name="duty", delay_seconds=60, repeat_hours=2)


def alert(key: Key, severity: Severity = Severity.WARNING, message: str = "Something is wrong.") -> Alert:
    code, subject = key
    return Alert(code=AlertCode(code), severity=severity, message=message, remedy="Do it", subject=subject)


def is_night(moment: datetime) -> bool:
    return moment.hour >= 22 or moment.hour < 6


@dataclass
class World:
    """A dock's clocks and alerts, what the target was told, and what a person would expect."""

    rules: Rules
    wall: datetime = BEGIN
    ms: int = 5_000
    boot: int = 1
    state: State = field(default_factory=State)
    alerts: dict[Key, Severity] = field(default_factory=dict)
    counted: int = 0  # time as the dock can know it: this boot's, and between boots the wall clock's
    last: tuple[datetime, int] | None = None
    present: dict[Key, int] = field(default_factory=dict)  # since when, of those that are there
    absent: dict[Key, int] = field(default_factory=dict)  # since when, of those that were told and are not
    told: dict[Key, tuple[int, Severity]] = field(default_factory=dict)  # when last, and how grave
    sent: int | None = None
    last_ms: int = 0

    def look(self, *, complete: bool = True) -> tuple[Notice, ...]:
        """Have it decided, and hold that against what must be so."""
        self._count()
        alerts = [alert(key, severity) for key, severity in self.alerts.items()]
        moment = Moment(at=self.wall, ms=self.ms, boot=str(self.boot))
        decision = decide(
            self.rules, self.state, Look(alerts=tuple(alerts), moment=moment, complete=complete), is_night
        )
        self.state = decision.state
        self._note(complete=complete)
        self._judge(decision.notices)
        return decision.notices

    def restart(self) -> None:
        """Let the daemon start again, in this boot."""
        self.state = restored(State, json.loads(json.dumps(plain(self.state))))

    def reboot(self, *, off: timedelta, wall_wrong_by: timedelta) -> None:
        self.restart()
        self.boot += 1
        self.ms = 3_000
        self.wall += off + wall_wrong_by

    def pass_seconds(self, seconds: int) -> None:
        self.ms += seconds * 1000
        self.wall += timedelta(seconds=seconds)

    def _count(self) -> None:
        if self.last is None:
            self.counted = 0
        elif self.last[1] == self.boot:
            self.counted += self.ms - self.last_ms
        else:
            self.counted += max(0, (self.wall - self.last[0]) // timedelta(milliseconds=1))
        self.last, self.last_ms = (self.wall, self.boot), self.ms

    def _note(self, *, complete: bool) -> None:
        for key in KEYS:
            if key in self.alerts:
                self.present.setdefault(key, self.counted)
                self.absent.pop(key, None)
            elif complete:
                if key in self.told:
                    self.absent.setdefault(key, self.counted)
                else:
                    self.present.pop(key, None)

    def _due(self, key: Key) -> What | None:
        delay, repeat = self.rules.delay_seconds * 1000, self.rules.repeat_hours * 3_600_000
        if key in self.absent:
            return What.CLEARED if self.counted - self.absent[key] >= delay else None
        if key not in self.told:
            lasts = key in self.present and self.counted - self.present[key] >= delay
            return What.RAISED if lasts else None
        at, severity = self.told[key]
        if key in self.alerts and (self.alerts[key], severity) == (Severity.ERROR, Severity.WARNING):
            return What.CHANGED
        return What.REPEATED if self.counted - at >= repeat else None

    def _judge(self, notices: Sequence[Notice]) -> None:
        """Hold what was told against what is due: exactly that, unless it is to wait."""
        due = {key: what for key in KEYS if (what := self._due(key)) is not None}
        if is_night(self.wall):
            grave = {key for key, severity in self.alerts.items() if severity is Severity.ERROR}
            due = {k: w for k, w in due.items() if k in grave and w in {What.RAISED, What.CHANGED}}
        if self.sent is not None and self.counted - self.sent < INTERVAL_MS:
            due = {}
        assert {(notice.code, notice.subject): notice.what for notice in notices} == due
        assert len(notices) == len(due)
        for key, what in due.items():
            if what is What.CLEARED:
                del self.told[key], self.absent[key], self.present[key]
            else:
                self.told[key] = (self.counted, self.severity_of(key))
        if due:
            self.sent = self.counted

    def severity_of(self, key: Key) -> Severity:
        return self.alerts.get(key, self.told.get(key, (0, Severity.WARNING))[1])


Step = tuple[int, str, object]
"""How many seconds pass, and what happens then."""

SECONDS = st.sampled_from([20, 20, 20, 60, 60, 61, 600, 3_600, 7_200])
NOTHING = st.tuples(SECONDS, st.just("nothing"), st.none())
BEGINS = st.tuples(
    SECONDS, st.just("begin"), st.tuples(st.sampled_from(KEYS), st.sampled_from(list(Severity)))
)
ENDS = st.tuples(SECONDS, st.just("end"), st.sampled_from(KEYS))
BLIND = st.tuples(SECONDS, st.just("blind"), st.sampled_from(KEYS))  # it ends, and that cannot be seen
RESTART = st.tuples(SECONDS, st.just("restart"), st.none())
REBOOT = st.tuples(
    SECONDS,
    st.just("reboot"),
    st.tuples(st.sampled_from([5, 30, 3_600, 90_000]), st.sampled_from([0, 0, 0, -(10**8)])),
)
STEP = st.tuples(SECONDS, st.just("step"), st.sampled_from([-(10**6), -3600, -1, 1, 3600, 10**6]))
STEPS = st.one_of(NOTHING, NOTHING, NOTHING, BEGINS, BEGINS, ENDS, BLIND, RESTART, REBOOT, STEP)


@pytest.mark.slow
@given(steps=st.lists(STEPS, min_size=20, max_size=60))
def test_each_alert_is_told_once_for_each_repeat_and_when_it_is_over(steps: list[Step]) -> None:
    world = World(rules=RULES)
    for seconds, what, argument in steps:
        world.pass_seconds(seconds)
        match what, argument:
            case "begin", (tuple(key), Severity() as severity):
                world.alerts[key] = severity
            case "end" | "blind", tuple(key):
                world.alerts.pop(key, None)
            case "restart", _:
                world.restart()
            case "reboot", (int(off), int(wrong)):
                world.reboot(off=timedelta(seconds=off), wall_wrong_by=timedelta(seconds=wrong))
            case "step", int(step):
                world.wall += timedelta(seconds=step)
        world.look(complete=what != "blind")


def told(notices: Sequence[Notice]) -> list[tuple[str, str, str]]:
    return [(notice.what, notice.code, notice.subject) for notice in notices]


def at(seconds: int) -> Moment:
    return Moment(at=BEGIN + timedelta(seconds=seconds), ms=seconds * 1000, boot="1")


def never(_: datetime) -> bool:
    return False


def looks(rules: Rules, *seen: tuple[int, Sequence[Alert]]) -> list[list[tuple[str, str, str]]]:
    """Return what is told at each look; each has its second, and the alerts."""
    state, found = State(), []
    for seconds, alerts in seen:
        decision = decide(rules, state, Look(alerts=tuple(alerts), moment=at(seconds)), never)
        state = decision.state
        found.append(told(decision.notices))
    return found


PAUSED = alert(KEYS[0])
FAILED = alert(KEYS[1], Severity.ERROR)


def test_a_storm_is_one_message_and_its_rest_comes_with_the_next() -> None:
    storm = [alert((AlertCode.CAMERA_REFUSED, f"CAM-{n}")) for n in range(MOST_NOTICES + 5)]
    seen = [(0, storm), (60, storm), (90, storm), (120, storm), (180, storm)]
    assert [len(notices) for notices in looks(RULES, *seen)] == [0, MOST_NOTICES, 0, 5, 0]


def test_errors_come_before_warnings_and_these_before_what_is_over() -> None:
    first = looks(replace(RULES, delay_seconds=0), (0, [PAUSED]), (60, [FAILED, alert(KEYS[2])]))
    assert first[1] == [
        ("raised", "camera-failed", "CAM-1"),
        ("raised", "camera-failed", "CAM-2"),
        ("cleared", "paused", ""),
    ]


def test_what_comes_back_within_the_delay_was_never_over() -> None:
    seen = [
        (0, [PAUSED]),
        (60, [PAUSED]),
        (130, []),
        (170, [PAUSED]),
        (240, []),
        (270, [PAUSED]),
        (400, [PAUSED]),
    ]
    assert list(chain(*looks(RULES, *seen))) == [("raised", "paused", "")]


def test_a_target_hears_nothing_of_its_own_failing_and_all_of_that_of_others() -> None:
    failing = [alert((AlertCode.NOTIFY_FAILING, name)) for name in ("duty", "headquarters")]
    assert looks(RULES, (0, failing), (60, failing))[1] == [("raised", "notify-failing", "headquarters")]


def test_only_what_is_grave_enough_is_told_and_its_end_although_it_is_less_grave_by_then() -> None:
    rules = replace(RULES, severity="error", delay_seconds=0)
    grave, less = alert(KEYS[0], Severity.ERROR), alert(KEYS[0])
    seen = [(0, [less]), (60, [grave]), (120, [less]), (180, [])]
    assert [[what for what, _, _ in notices] for notices in looks(rules, *seen)] == [
        [],
        ["raised"],
        [],
        ["cleared"],
    ]


def test_codes_choose_and_ignore_what_is_told() -> None:
    rules = replace(RULES, delay_seconds=0)
    both = [PAUSED, FAILED]
    assert looks(replace(rules, codes=frozenset({"paused"})), (0, both)) == [[("raised", "paused", "")]]
    assert looks(replace(rules, ignore=frozenset({"paused"})), (0, both)) == [
        [("raised", "camera-failed", "CAM-1")]
    ]


def test_more_of_a_kind_than_were_told_is_news() -> None:
    rules = replace(RULES, delay_seconds=0)
    seen = [(0, [PAUSED]), (60, [PAUSED, PAUSED]), (120, [PAUSED]), (180, [PAUSED, PAUSED])]
    assert [[what for what, _, _ in notices] for notices in looks(rules, *seen)] == [
        ["raised"],
        ["changed"],
        [],
        [],
    ]


def test_where_clears_are_not_wanted_the_next_time_is_news_all_the_same() -> None:
    rules = replace(RULES, delay_seconds=0, clears=False)
    seen = [(0, [PAUSED]), (60, []), (120, [PAUSED])]
    assert [[what for what, _, _ in notices] for notices in looks(rules, *seen)] == [
        ["raised"],
        [],
        ["raised"],
    ]


def test_a_change_of_words_is_not_told_and_the_next_repeat_has_the_latest() -> None:
    first, second = alert(KEYS[0], message="waiting 12 h"), alert(KEYS[0], message="waiting 14 h")
    state = State()
    said = []
    for seconds, one in ((0, first), (60, first), (120, second), (60 + 7200, second)):
        decision = decide(RULES, state, Look(alerts=(one,), moment=at(seconds)), never)
        state = decision.state
        said += [(notice.what, notice.message) for notice in decision.notices]
    assert said == [("raised", "waiting 12 h"), ("repeated", "waiting 14 h")]
