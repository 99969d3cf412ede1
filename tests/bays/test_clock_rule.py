"""Does one bad clock, or one docking that proves nothing, leave every other clip's date and officer alone?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bwvdock.core.clips.admission import Admission
from bwvdock.core.clips.dates.file_times import FileTimes
from bwvdock.core.facts import CameraAssigned, ClipAttributed, ClipDated
from bwvdock.core.media.profile import Profile
from bwvdock.core.media.sightings import FolderChanged, Sighting, Transport
from bwvdock.core.moments import iso, nanoseconds
from bwvdock.core.ports import FileStatus
from bwvdock.status.alerts import AlertCode
from tests.fakes.camera import FakeFile, FakeVolume
from tests.fakes.station import SERIAL, Station
from tests.places import in_memory

FOLDER = Sighting(key="/exports/17", bay="folder /exports/17", serial=SERIAL, transport=Transport.FOLDER)
HOURS = 3600 * 1000


@pytest.fixture
def station(tmp_path: Path) -> Station:
    here = Station(tmp_path)
    here.enrol()
    return here


def clip(recorded: datetime, *, status: FileStatus = FileStatus.READY) -> FakeFile:
    return FakeFile(data=recorded.isoformat().encode(), mtime_ns=nanoseconds(recorded), status=status)


def card(**recorded: datetime) -> FakeVolume:
    return FakeVolume(files={f"DCIM/100TEST/{name}.MP4": clip(at) for name, at in recorded.items()})


def dates(station: Station) -> dict[str, ClipDated]:
    """Return the last date of each clip, by its file's name."""
    found = {fact.clip: fact for fact in station.facts if isinstance(fact, ClipDated)}
    clips = {clip: station.journal.clip(clip) for clip in found}
    return {c.files[0].path[-5:-4]: found[i] for i, c in clips.items() if c is not None}


def officers(station: Station) -> dict[str, str]:
    found = {fact.clip: fact.officer for fact in station.facts if isinstance(fact, ClipAttributed)}
    clips = {clip: station.journal.clip(clip) for clip in found}
    return {c.files[0].path[-5:-4]: found[i] for i, c in clips.items() if c is not None}


def shifts(station: Station, change: datetime) -> None:
    """Say that officer early held the camera until then, and officer late from then on."""
    day = timedelta(days=1)
    for officer, begins, ends in (("early", change - day, change), ("late", change, change + day)):
        station.ledger.record(
            [
                CameraAssigned(
                    camera=SERIAL, officer=officer, valid_from=iso(begins), valid_to=iso(ends), actor="0:root"
                )
            ]
        )


# --- a folder --------------------------------------------------------------------------------------


def test_a_pass_over_a_folder_that_only_waits_bounds_no_date(station: Station) -> None:
    """B1: clips of 07:30 and 13:10 are copied into a folder at 14:20, with their times kept."""
    now = station.clock.now()
    morning, noon = now - timedelta(hours=6, minutes=50), now - timedelta(hours=1, minutes=10)
    shifts(station, now - timedelta(minutes=20))
    volume = FakeVolume(
        name="folder",
        files={
            "A.MP4": clip(morning, status=FileStatus.NOT_READY),
            "B.MP4": clip(noon, status=FileStatus.NOT_READY),
        },
    )
    station.volumes[FOLDER.key] = volume
    station.inbox.put(FolderChanged(sighting=FOLDER))
    station.turn()
    station.clock.pass_ms(2000)
    for file in volume.files.values():
        file.status = FileStatus.READY
    station.inbox.put(FolderChanged(sighting=FOLDER))
    station.turn()
    assert {n: f.recorded_at for n, f in dates(station).items()} == {"A": iso(morning), "B": iso(noon)}
    assert officers(station) == {"A": "early", "B": "early"}


def test_no_earlier_pass_over_a_folder_bounds_a_date(station: Station) -> None:
    now = station.clock.now()
    station.volumes[FOLDER.key] = FakeVolume(name="folder", files={"A.MP4": clip(now)})
    station.inbox.put(FolderChanged(sighting=FOLDER))
    station.turn()
    station.clock.pass_ms(24 * HOURS)
    earlier = now - timedelta(days=3)
    station.volumes[FOLDER.key] = FakeVolume(name="folder", files={"B.MP4": clip(earlier)})
    station.inbox.put(FolderChanged(sighting=FOLDER))
    station.turn()
    assert dates(station)["B"].recorded_at == iso(earlier)


# --- one among many --------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    "bad", [datetime(year, 1, 1, tzinfo=UTC) for year in (1980, 2000, 2031)], ids=["1980", "2000", "2031"]
)
def test_one_clip_with_an_impossible_time_moves_no_other(station: Station, bad: datetime) -> None:
    now = station.clock.now()
    shifts(station, now - timedelta(minutes=30))
    good = now - timedelta(hours=2)
    station.visit(card(A=good, B=bad))
    assert dates(station)["A"].recorded_at == iso(good)
    assert dates(station)["B"].recorded_at == iso(now)
    assert officers(station) == {"A": "early", "B": "late"}


# --- the dock's own clock ----------------------------------------------------------------------------


@pytest.mark.few(2)
@pytest.mark.parametrize("synchronised", [False, True])
@pytest.mark.parametrize("ahead", [timedelta(hours=20), timedelta(days=1200)])
def test_a_docking_under_a_wrong_clock_bounds_no_later_date(
    station: Station, ahead: timedelta, *, synchronised: bool
) -> None:
    station.clock.wrong_by, station.clock.is_synchronised = ahead, synchronised
    station.visit(card(A=station.clock.now() - timedelta(hours=1)))
    station.clock.wrong_by, station.clock.is_synchronised = timedelta(0), True
    station.clock.pass_ms(24 * HOURS)
    good = station.clock.now() - timedelta(hours=6)
    station.visit(card(B=good))
    assert dates(station)["B"].recorded_at == iso(good)


def test_after_another_start_only_a_synchronised_docking_bounds_dates(station: Station) -> None:
    station.clock.wrong_by, station.clock.is_synchronised = timedelta(hours=20), False
    station.visit(card(A=station.clock.now() - timedelta(hours=1)))
    station.clock.wrong_by, station.clock.is_synchronised = timedelta(0), True
    station.clock.pass_ms(24 * HOURS)
    station.clock.boot = "22222222-2222-4333-8444-555555555555"
    good = station.clock.now() - timedelta(hours=6)
    station.visit(card(B=good))
    assert dates(station)["B"].recorded_at == iso(good)


def test_a_docking_that_left_something_on_its_camera_bounds_no_date(station: Station) -> None:
    """What was still being written then is new now, and older than that docking."""
    early = station.clock.now() - timedelta(minutes=10)
    volume = card(A=early, B=early)
    volume.files["DCIM/100TEST/B.MP4"].status = FileStatus.NOT_READY
    station.visit(volume)
    station.clock.pass_ms(24 * HOURS)
    volume.files["DCIM/100TEST/B.MP4"].status = FileStatus.READY
    station.visit(volume)
    assert dates(station)["B"].recorded_at == iso(early)


# --- local times ---------------------------------------------------------------------------------------


LONDON, NEW_YORK = ZoneInfo("Europe/London"), ZoneInfo("America/New_York")


def digits(shown: str) -> int:
    """Return what a file bears whose camera's clock shows this, as FAT and the kernel hand it on."""
    return nanoseconds(datetime.fromisoformat(f"2026-{shown}+00:00"))


def at_the_dock(station: Station, shown: str, zone: tzinfo) -> datetime:
    """Let it be that time at the dock."""
    now = datetime.fromisoformat(f"2026-{shown}").replace(tzinfo=zone)
    station.clock.ms += (now - station.clock.now()) // timedelta(milliseconds=1)
    return now


def local_station(folder: Path, zone: tzinfo) -> Station:
    here = Station(folder, zone=zone)
    here.enrol()
    return here


def fat_card(*shown: str, times: FileTimes = FileTimes.LOCAL) -> FakeVolume:
    files = {f"DCIM/100TEST/{n}.MP4": at for n, at in zip("ABCDE", shown, strict=False)}
    return FakeVolume(
        files={p: FakeFile(data=p.encode(), mtime_ns=digits(at), times=times) for p, at in files.items()}
    )


def shown_dates(station: Station, zone: tzinfo) -> dict[str, str]:
    moments = {name: datetime.fromisoformat(fact.recorded_at) for name, fact in dates(station).items()}
    return {name: moment.astimezone(zone).strftime("%m-%dT%H:%M") for name, moment in moments.items()}


@pytest.mark.slow
@pytest.mark.parametrize("zone", [LONDON, NEW_YORK], ids=str)
def test_the_local_times_of_a_fat_card_are_the_docks(tmp_path: Path, zone: tzinfo) -> None:
    """B2, B3: docked at 14:20 in July, the last clip of 13:50, shifts from 06 to 14 and from 14 to 22."""
    station = local_station(tmp_path, zone)
    at_the_dock(station, "07-01T14:20", zone)
    shifts(station, station.clock.now() - timedelta(minutes=20))
    station.visit(fat_card("07-01T07:30", "07-01T11:10", "07-01T13:50"))
    assert shown_dates(station, zone) == {"A": "07-01T07:30", "B": "07-01T11:10", "C": "07-01T13:50"}
    assert officers(station) == {"A": "early", "B": "early", "C": "early"}
    assert {(fact.times, fact.zone) for fact in dates(station).values()} == {("local", str(zone))}
    assert AlertCode.TIMES_DOUBTFUL not in station.alerts()


def test_times_that_end_in_the_future_are_an_alert_that_says_how_they_would_fit(tmp_path: Path) -> None:
    station = local_station(tmp_path, LONDON)
    at_the_dock(station, "07-01T14:20", LONDON)
    station.visit(fat_card("07-01T07:30", "07-01T13:50", times=FileTimes.UTC))
    alert = station.alerts()[AlertCode.TIMES_DOUBTFUL]
    assert "1 clip" in alert.message
    assert "Read as local time" in alert.message
    assert 'times = "local"' in alert.remedy
    assert dates(station)["B"].fits == "local"


def test_times_that_a_docking_before_contradicts_are_an_alert(tmp_path: Path) -> None:
    """In New York UTC lies ahead: local times read as UTC are too early, and no future tells it."""
    station = local_station(tmp_path, NEW_YORK)
    at_the_dock(station, "07-01T06:00", NEW_YORK)
    station.visit(fat_card("06-30T20:00", times=FileTimes.UTC))
    at_the_dock(station, "07-01T14:20", NEW_YORK)
    station.visit(fat_card("06-30T20:00", "07-01T07:30", times=FileTimes.UTC))
    assert "Read as local time" in station.alerts()[AlertCode.TIMES_DOUBTFUL].message


def test_a_camera_that_was_not_put_back_with_the_season_is_an_alert(tmp_path: Path) -> None:
    station = local_station(tmp_path, LONDON)
    at_the_dock(station, "11-02T14:20", LONDON)
    station.visit(fat_card("11-02T14:55"))
    assert "an hour earlier" in station.alerts()[AlertCode.TIMES_DOUBTFUL].message
    at_the_dock(station, "11-03T14:20", LONDON)
    station.visit(fat_card("11-03T13:55"))
    assert AlertCode.TIMES_DOUBTFUL not in station.alerts()


@pytest.mark.slow
@pytest.mark.parametrize("year,clips", [(2026, "3 clips"), (1970, "2 clips")])
def test_impossible_times_are_an_alert_at_a_dock_with_an_unsynchronised_clock(
    tmp_path: Path, year: int, clips: str
) -> None:
    """A dock's clock that was never set itself says nothing of what is ahead of it."""
    station = local_station(tmp_path, LONDON)
    at_the_dock(station, "07-01T14:20", LONDON)
    station.clock.wrong_by = timedelta(days=365 * (year - 2026))
    station.clock.is_synchronised = False
    times = [nanoseconds(datetime(shown, 3, 14, tzinfo=UTC)) for shown in (1970, 1980, 2026, 2107)]
    files = {f"{at}.MP4": FakeFile(data=str(at).encode(), mtime_ns=at) for at in times}
    station.visit(FakeVolume(files=files))
    assert f"The times of {clips} " in station.alerts()[AlertCode.TIMES_DOUBTFUL].message


def test_an_hour_that_came_twice_is_said_and_covered(tmp_path: Path) -> None:
    """B3: in the night of 25 October London's clocks show 01:30 twice."""
    station = local_station(tmp_path, LONDON)
    at_the_dock(station, "10-24T22:00", LONDON)
    station.visit(fat_card("10-24T21:00"))
    at_the_dock(station, "10-25T06:00", LONDON)
    station.visit(fat_card("10-24T21:00", "10-25T01:30"))
    fact = dates(station)["B"]
    assert fact.recorded_at == "2026-10-25T00:30:00.000Z"
    assert fact.uncertainty_ms >= 3600 * 1000
    assert "01:30 occurred twice that night" in fact.basis
    kept = datetime.fromisoformat(fact.retain_until) - timedelta(days=31)
    assert iso(kept) == "2026-10-25T01:30:00.000Z"


def test_a_docking_in_between_tells_which_of_the_two_it_was(tmp_path: Path) -> None:
    station = local_station(tmp_path, LONDON)
    at_the_dock(station, "10-24T22:00", LONDON)
    station.clock.ms += 215 * 60 * 1000  # 00:35 UTC, when it is 01:35 for the first time
    station.visit(fat_card("10-25T01:30"))
    fact = dates(station)["A"]
    assert fact.recorded_at == "2026-10-25T00:30:00.000Z"
    assert "twice" not in fact.basis


def test_a_profile_says_what_its_files_times_are(tmp_path: Path) -> None:
    station = local_station(tmp_path, NEW_YORK)
    profile = Profile(name="utc-clock", contains=("DCIM/**",), times=FileTimes.UTC)
    station.dockings.reload(mode=Admission.ENROLLED, profiles=[profile], non_evidential_days=31)
    at_the_dock(station, "07-01T14:20", NEW_YORK)
    station.visit(fat_card("07-01T17:50"))
    assert shown_dates(station, NEW_YORK) == {"A": "07-01T13:50"}
    assert dates(station)["A"].times == "utc"


def test_a_file_that_says_its_own_zone_needs_no_profile(tmp_path: Path) -> None:
    station = local_station(tmp_path, NEW_YORK)
    profile = Profile(name="local", contains=("DCIM/**",), times=FileTimes.LOCAL)
    station.dockings.reload(mode=Admission.ENROLLED, profiles=[profile], non_evidential_days=31)
    at_the_dock(station, "07-01T14:20", NEW_YORK)
    station.visit(fat_card("07-01T17:50", times=FileTimes.ZONED))
    assert shown_dates(station, NEW_YORK) == {"A": "07-01T13:50"}


def test_local_times_are_dated_later_as_local_times(tmp_path: Path) -> None:
    station = local_station(tmp_path, NEW_YORK)
    at_the_dock(station, "07-01T14:20", NEW_YORK)
    station.clock.is_synchronised = False
    station.visit(fat_card("07-01T13:50"))
    assert shown_dates(station, NEW_YORK) == {"A": "07-01T13:50"}
    station.clock.is_synchronised = True
    station.clock.pass_ms(60_000)
    station.turn()
    assert shown_dates(station, NEW_YORK) == {"A": "07-01T13:50"}
    assert dates(station)["A"].retain_until


# --- random cards ---------------------------------------------------------------------------------------

MINUTE_NS = 60 * 10**9
UNSET = tuple(nanoseconds(datetime(year, 1, 1, tzinfo=UTC)) for year in (1970, 1980, 2000, 2031, 2260))

cards = st.lists(st.integers(-14 * 60, 0), min_size=2, max_size=5, unique=True)
wrongs = st.sampled_from(UNSET) | st.integers(-(10**7), 10**7)


def visited(minutes: Sequence[int], wrong: int | None, *, before: int, zone: tzinfo) -> dict[str, list[str]]:
    """Return what each clip of a docking was dated to, kept until and attributed to.

    Args:
        minutes: how long before the docking each clip was recorded.
        wrong: what the last clip's file bears instead: nanoseconds since 1970, or minutes from the docking.
        before: how many hours before this one the camera was docked already, under a clock off by three days.
        zone: the dock's.
    """
    with TemporaryDirectory(dir=in_memory()) as folder:
        station = local_station(Path(folder), zone)
        at_the_dock(station, "10-25T14:20", zone)
        shifts(station, station.clock.now() - timedelta(hours=6))
        if before:
            station.clock.ms -= before * HOURS
            station.clock.wrong_by = timedelta(days=3)
            station.visit(FakeVolume(files={}))
            station.clock.wrong_by = timedelta(0)
            station.clock.ms += before * HOURS
        now = nanoseconds(station.clock.now().astimezone(zone).replace(tzinfo=UTC))
        raw = [now + minute * MINUTE_NS for minute in minutes]
        if wrong is not None:
            raw[-1] = wrong if wrong in UNSET else now + wrong * MINUTE_NS
        station.visit(
            FakeVolume(
                files={
                    f"DCIM/100TEST/{name}.MP4": FakeFile(
                        data=name.encode(), mtime_ns=ns, times=FileTimes.LOCAL
                    )
                    for name, ns in zip("ABCDE", raw, strict=False)
                }
            )
        )
        given_to, dated = officers(station), dates(station)
        station.journal.close()
        return {name: [fact.recorded_at, fact.retain_until, given_to[name]] for name, fact in dated.items()}


@pytest.mark.slow
@settings(max_examples=12)
@given(cards, wrongs, st.sampled_from([0, 2, 20]), st.sampled_from([LONDON, NEW_YORK]))
def test_one_bad_clip_and_one_bad_docking_change_no_other_clip(
    minutes: list[int], wrong: int, before: int, zone: tzinfo
) -> None:
    last = "ABCDE"[len(minutes) - 1]
    good, with_bad = (visited(minutes, bad, before=before, zone=zone) for bad in (None, wrong))
    assert {n: fact for n, fact in with_bad.items() if n != last} == {
        n: fact for n, fact in good.items() if n != last
    }
