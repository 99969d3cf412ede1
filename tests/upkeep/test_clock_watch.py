"""Does the journal say what kept the dock's clock, each day and whenever that changed?"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.core.clips.classes.given import classify
from bwvdock.core.clips.classes.rules import RetentionClass, RetentionRules
from bwvdock.core.facts import BY_PERSON, ClipAcquired, DisposalIntended, DisposalNoticed, DockClockSeen
from bwvdock.core.moments import nanoseconds
from bwvdock.edges.journal.verify.verify import verify_journal
from bwvdock.status.alerts import AlertCode, Severity
from bwvdock.upkeep.clock_watch import SettledClock
from tests.fakes.camera import FakeFile, FakeVolume
from tests.fakes.clock import FakeClock
from tests.fakes.station import Station

MINUTE = 60_000
HOUR = 3600 * 1000
DAY = 24 * 3600 * 1000


@pytest.fixture
def station(tmp_path: Path) -> Station:
    return Station(tmp_path)


def after(station: Station, ms: int) -> list[DockClockSeen]:
    """Let time pass; give what has been recorded of the clock since the start."""
    station.clock.pass_ms(ms)
    station.turn()
    return [fact for fact in station.facts if isinstance(fact, DockClockSeen)]


def test_a_clock_that_stays_as_it_is_is_one_entry_a_day(station: Station) -> None:
    assert after(station, MINUTE) == [], "the entry of the start says it"
    assert after(station, DAY - 2 * MINUTE) == []
    [entry] = after(station, MINUTE)
    assert (entry.source, entry.synchronised, entry.stepped_ms) == ("chrony", True, 0)
    assert (entry.error_ms, entry.most_ms) == (1, 20)
    assert len(after(station, DAY - MINUTE)) == 1
    assert len(after(station, MINUTE)) == 2


def test_one_that_loses_its_time_service_and_finds_it_again_is_an_entry_each(station: Station) -> None:
    station.clock.is_synchronised = False
    assert [entry.synchronised for entry in after(station, MINUTE)] == [False]
    assert len(after(station, MINUTE)) == 1
    station.clock.is_synchronised = True
    assert [entry.synchronised for entry in after(station, MINUTE)] == [False, True]
    station.clock.source = "systemd-timesyncd"
    assert [entry.source for entry in after(station, MINUTE)][-1] == "systemd-timesyncd"


@pytest.mark.parametrize("step", [timedelta(hours=1), timedelta(hours=-1), timedelta(days=9_000)])
def test_one_that_is_set_is_an_entry_with_how_far(station: Station, step: timedelta) -> None:
    """By the clock since boot, which nobody sets."""
    station.clock.wrong_by = step
    [entry] = after(station, MINUTE)
    assert entry.stepped_ms == step // timedelta(milliseconds=1)
    assert len(after(station, MINUTE)) == 1


def test_one_that_is_slewed_is_none(station: Station) -> None:
    for _ in range(20):
        station.clock.wrong_by += timedelta(milliseconds=300)
        assert after(station, MINUTE) == []


def test_the_journal_still_verifies(station: Station) -> None:
    station.clock.wrong_by = timedelta(hours=1)
    after(station, MINUTE)
    station.journal.close()
    assert verify_journal(station.root / "journal.sqlite3").problems == ()


# --- a clock that is set far forward -------------------------------------------------------------------

STEPS = st.lists(
    st.tuples(
        st.integers(1, 30),  # hours that pass
        st.sampled_from([0, 0, 0, 0, -400, -2, -1, 1, 2, 12, 25, 400])
        | st.integers(-40, 40),  # hours or days
        st.booleans(),  # days?
        st.booleans() | st.just(value=True),  # synchronised
    ),
    max_size=25,
)


@given(STEPS)
def test_no_clock_is_settled_that_was_a_day_behind_within_the_last_day(
    steps: list[tuple[int, int, bool, bool]],
) -> None:
    """By the clock since boot. However often it was set, and whoever calls it synchronised."""
    clock = FakeClock()
    settled = SettledClock(clock)
    seen: list[tuple[int, float]] = []  # when it was synchronised, and how wrong it was
    for hours, set_by, days, synchronised in steps:
        clock.pass_ms(hours * HOUR)
        clock.wrong_by += timedelta(days=set_by) if days else timedelta(hours=set_by)
        clock.is_synchronised = synchronised
        if settled.synchronised():
            assert synchronised
            recent = [wrong for at, wrong in seen if clock.ms - at < DAY]
            assert all(clock.wrong_by / timedelta(days=1) - wrong < 1 for wrong in recent)
        if synchronised:
            seen.append((clock.ms, clock.wrong_by / timedelta(days=1)))


def test_a_clock_that_is_not_set_is_settled_and_one_that_keeps_its_time_is_after_a_day() -> None:
    clock = FakeClock()
    settled = SettledClock(clock)
    assert settled.synchronised()
    clock.pass_ms(400 * DAY)
    assert settled.synchronised(), "days that pass are none that were set"
    clock.wrong_by = timedelta(days=1)
    assert not settled.synchronised()
    clock.pass_ms(DAY - MINUTE)
    assert not settled.synchronised()
    clock.pass_ms(MINUTE)
    assert settled.synchronised()
    clock.wrong_by = timedelta(days=400)
    assert not settled.synchronised()
    clock.wrong_by = timedelta(days=1)
    assert settled.synchronised(), "it was set back"


def test_a_machine_without_a_battery_waits_for_its_time_and_no_longer() -> None:
    clock = FakeClock(is_synchronised=False, wrong_by=timedelta(days=-9_000))
    settled = SettledClock(clock)
    assert not settled.synchronised()
    clock.wrong_by, clock.is_synchronised = timedelta(), True
    assert settled.synchronised()


@pytest.mark.slow
@pytest.mark.parametrize("reviewed", [False, True])
def test_a_clock_that_leaps_a_year_disposes_of_nothing_and_is_an_error(
    station: Station, *, reviewed: bool
) -> None:
    """A wrong time service: everything would be due at once, and what was reviewed needs no notice."""
    station.enrol()
    recorded = nanoseconds(station.clock.now() - timedelta(hours=1))
    files = {"DCIM/100TEST/A.MP4": FakeFile(data=b"x", mtime_ns=recorded)}
    station.visit(FakeVolume(name="lun0-part1", files=files))
    station.dock.schedule.change(non_evidential_days=31, rules=RetentionRules(notice_days=7))
    if reviewed:
        [clip] = [fact.clip for fact in station.facts if isinstance(fact, ClipAcquired)]
        plain = RetentionClass(name="plain", days=90)
        station.ledger.record([classify(clip, plain, basis=BY_PERSON)])
    after(station, MINUTE)
    station.clock.wrong_by = timedelta(days=366)
    for _ in range(23):
        after(station, DAY // 24)
    assert not [fact for fact in station.facts if isinstance(fact, DisposalIntended | DisposalNoticed)]
    alert = station.alerts()[AlertCode.DISPOSAL_WAITS]
    assert alert.severity is Severity.ERROR
    assert "set forward" in alert.message
    station.clock.wrong_by = timedelta()
    after(station, 2 * DAY)
    assert not [fact for fact in station.facts if isinstance(fact, DisposalIntended)]
    assert AlertCode.DISPOSAL_WAITS not in station.alerts()
