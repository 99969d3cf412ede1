"""Is every clip of every world dated by its own evidence alone, as well as that evidence allows?

A world has a zone, a night of a clock change or none near, a camera whose clock is right, off, unset or
jumped for each clip, files that keep local time or UTC, a dock whose clock is right or not known to be, and
dockings before, some of them under a wrong clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import event, given
from hypothesis import strategies as st

from bwvdock.core.clips.dates.date_evidence import Docked, VideoHeader
from bwvdock.core.clips.dates.dating import DateRule, date
from bwvdock.core.clips.dates.file_times import FileTimes, read_file_time
from bwvdock.core.facts import CameraClockRead, ClipDated
from bwvdock.core.moments import JITTER_NS, iso_of_ns, nanoseconds

SECOND = 10**9
HOUR = 3600 * SECOND
DAY = 24 * HOUR
ZONES = (
    "Europe/London",
    "America/New_York",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "America/St_Johns",
    "UTC",
)
JUMPS = (
    -20 * 365 * DAY,
    -365 * DAY,
    -HOUR,
    -600 * SECOND,
    600 * SECOND,
    HOUR,
    10 * 365 * DAY,
)
UNSET = tuple(nanoseconds(datetime(year, 1, 1, tzinfo=UTC)) for year in (1970, 1980, 2000))

TIMES = (FileTimes.LOCAL, FileTimes.LOCAL, FileTimes.UTC, FileTimes.ZONED)

moments = st.integers(
    nanoseconds(datetime(2026, 1, 5, tzinfo=UTC)) // SECOND,
    nanoseconds(datetime(2027, 3, 30, tzinfo=UTC)) // SECOND,
).map(lambda second: second * SECOND)


@dataclass(frozen=True, kw_only=True)
class Clip:
    """A clip: when it was really recorded, what its file bears, and what its header says."""

    true_ns: int
    raw_ns: int
    header: VideoHeader | None
    right: bool


@dataclass(frozen=True, kw_only=True)
class World:
    """One docking of one camera, whose clock is off by `off_ns` beside what it may do to single clips."""

    zone: ZoneInfo
    times: FileTimes
    docked: Docked
    clips: tuple[Clip, ...]
    off_ns: int

    def date(self, clip: Clip) -> ClipDated:
        return date(
            "c",
            clip.raw_ns,
            self.docked,
            non_evidential_days=31,
            header=clip.header,
            times=self.times,
            zone=self.zone,
        )


def digits(moment_ns: int, times: FileTimes, zone: ZoneInfo) -> int:
    """Return what a right clock gives a file at a moment."""
    if times is not FileTimes.LOCAL:
        return moment_ns
    shown = datetime.fromtimestamp(moment_ns / SECOND, zone)
    return nanoseconds(shown.replace(tzinfo=UTC))


@st.composite
def worlds(draw: st.DrawFn) -> World:
    zone, times = ZoneInfo(draw(st.sampled_from(ZONES))), draw(st.sampled_from(TIMES))
    at_ns = draw(near_a_change(zone) | moments)
    previous_ns = draw(st.none() | st.integers(1, 40).map(lambda hours: at_ns - hours * HOUR))
    off_ns = draw(st.just(0) | st.sampled_from(JUMPS))
    read = draw(st.booleans())
    clock = clock_read(digits(at_ns, times, zone) - at_ns + off_ns, zoned=times is FileTimes.ZONED)
    first = at_ns - 12 * HOUR if previous_ns is None else previous_ns
    seconds = st.integers(0, (at_ns - first) // SECOND).map(lambda ago: at_ns // SECOND - ago)
    recorded = draw(st.lists(seconds, min_size=2, max_size=6))
    clips = [draw(clip_at(second * SECOND, off_ns, times, zone)) for second in recorded]
    docked = Docked(
        at_ns=at_ns,
        listed_ns=at_ns + draw(st.sampled_from((0, 30 * SECOND, 2 * HOUR))),
        previous_ns=previous_ns,
        clock=clock if read else None,
        trusted=draw(st.integers(0, 4)) < 4,
    )
    return World(zone=zone, times=times, docked=docked, clips=tuple(clips), off_ns=off_ns)


def near_a_change(zone: ZoneInfo) -> st.SearchStrategy[int]:
    """Return moments of the hours after a night in which the clocks of the zone change."""
    change = datetime(
        2026, 4 if "Lord_Howe" in str(zone) else 10, 5 if "Lord_Howe" in str(zone) else 25, tzinfo=UTC
    )
    if str(zone).startswith("America"):
        change = datetime(2026, 11, 1, 5, tzinfo=UTC)
    return st.integers(-4 * 60, 12 * 60).map(lambda m: nanoseconds(change + timedelta(minutes=m)))


def clock_read(offset_ns: int, *, zoned: bool) -> CameraClockRead:
    return CameraClockRead(
        docking="d",
        source="clock",
        raw="",
        understood=True,
        offset_ms=offset_ns // 10**6,
        uncertainty_ms=1000,
        dock_synchronised=True,
        zoned=zoned,
    )


@st.composite
def clip_at(draw: st.DrawFn, true_ns: int, off_ns: int, times: FileTimes, zone: ZoneInfo) -> Clip:
    right = draw(st.integers(0, 3)) > 0
    raw_ns = digits(true_ns, times, zone) + off_ns
    if not right:
        jumped = raw_ns + draw(st.sampled_from(JUMPS))
        raw_ns = draw(st.sampled_from((jumped, *UNSET, 2**62, -(2**62))))
    header = draw(st.sampled_from((None, true_ns, raw_ns)))
    said = None if header is None else VideoHeader(created_s=max(header // SECOND, 0), length_ms=0)
    return Clip(true_ns=true_ns, raw_ns=raw_ns, header=said, right=right)


@given(worlds())
def test_a_clip_whose_clock_is_right_gets_its_time(world: World) -> None:
    """Whatever its neighbours bear; and in an hour that came twice the other moment is covered."""
    for clip in world.clips:
        if not clip.right or world.off_ns:
            continue
        fact = world.date(clip)
        event(f"{fact.rule}, {world.times}")
        off = abs(nanoseconds(datetime.fromisoformat(fact.recorded_at)) - clip.true_ns)
        covered = fact.uncertainty_ms < 0 or off <= fact.uncertainty_ms * 10**6 + JITTER_NS
        twice = len(read_file_time(clip.raw_ns, world.times, world.zone).moments) > 1
        event("an hour that came twice", twice)
        assert off <= JITTER_NS or (twice and covered and "twice" in fact.basis), fact


@given(worlds())
def test_a_clock_that_was_read_puts_right_what_it_is_off_by(world: World) -> None:
    """But for the hour of a change of the clocks, which a clock that is off may have missed."""
    docked = world.docked
    if docked.clock is None or not docked.trusted:
        return
    for clip in world.clips:
        if not clip.right:
            continue
        fact = world.date(clip)
        event(f"{fact.rule}, {world.times}")
        moments = (clip.true_ns, docked.at_ns, clip.true_ns + world.off_ns, docked.at_ns + world.off_ns)
        offsets = {digits(m, world.times, world.zone) - m for m in moments}
        off = abs(nanoseconds(datetime.fromisoformat(fact.recorded_at)) - clip.true_ns)
        if len(offsets) == 1:
            assert fact.rule == DateRule.CLOCK_READ
            twice = len(read_file_time(clip.raw_ns, FileTimes(fact.times), world.zone).moments) > 1
            assert off <= JITTER_NS or (twice and off <= fact.uncertainty_ms * 10**6 + JITTER_NS)


@given(worlds())
def test_no_clip_is_dated_after_it_was_listed_nor_kept_for_less_than_its_days(world: World) -> None:
    if not world.docked.trusted:
        return
    for clip in world.clips:
        fact = world.date(clip)
        recorded, kept = fact.recorded_at, datetime.fromisoformat(fact.retain_until)
        assert recorded <= iso_of_ns(world.docked.listed_ns + JITTER_NS)
        assert kept - datetime.fromisoformat(recorded) >= timedelta(days=31)
        if fact.rule in {DateRule.CAMERA_TIME, DateRule.DOCKING_TIME, DateRule.HEADER}:
            assert kept >= datetime.fromisoformat(iso_of_ns(world.docked.at_ns)) + timedelta(days=31)


@given(worlds())
def test_an_impossible_time_is_told_and_never_believed(world: World) -> None:
    for clip in world.clips:
        fact = world.date(clip)
        possible = [
            m
            for m in read_file_time(clip.raw_ns, FileTimes(fact.times), world.zone).moments
            if m <= world.docked.listed_ns + JITTER_NS and m >= nanoseconds(datetime(2005, 1, 1, tzinfo=UTC))
        ]
        if world.docked.trusted and not possible:
            assert fact.rule in {DateRule.DOCKING_TIME, DateRule.HEADER, DateRule.CLOCK_READ}
            assert fact.rule == DateRule.CLOCK_READ or "is impossible" in fact.basis
