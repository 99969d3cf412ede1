"""Does the model say what a simple sum says, and does more of anything never make it worse?"""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.core.planning import capacity, figures
from bwvdock.core.planning.answer import Lack, answer, nearest_rank
from bwvdock.core.planning.copying import Copying, batches_of
from bwvdock.core.planning.sending import proven
from bwvdock.core.planning.station import DAY, MICRO, Hours, Shift, Station, StoreKind
from tests.core.planning.stations import GB, MB, USUAL, all_day, stations, usual

FIXED = figures.ATTACH.value + 8 * figures.COMMIT.value
WORK = 4 * GB + 8 * figures.ACQUIRE_CLIP.value  # bytes and clips of the usual camera


def safe(station: Station) -> list[int]:
    copying = Copying(station, days=1, most_lumps=MICRO)
    copying.run()
    return [visit.safe for visit in copying.visits]


def last_proven(station: Station) -> int:
    copying = Copying(station, days=1, most_lumps=MICRO)
    copying.run()
    return max(proven(station, copying.lumps))


def after(station: Station, micros: int) -> int:
    return station.shifts[0].at * MICRO + micros


def about(value: float) -> object:
    return pytest.approx(value, abs=MICRO / 100)  # whole microseconds and bytes per second add up


def test_a_camera_that_is_alone_is_read_at_its_port_s_speed() -> None:
    one = usual(shifts=(Shift(at=0, cameras=1, within=0),))
    assert safe(one) == [about(WORK / 40 + FIXED)]


def test_many_cameras_share_the_disk_which_writes_and_reads_back() -> None:
    slow = usual(disk_rate=100 * MB)
    assert safe(slow) == [about(after(slow, int(10 * WORK / 50 + FIXED)))] * 10


def test_no_disk_makes_the_dock_faster_than_it_was_seen() -> None:
    fast = usual(disk_rate=100 * GB, port_rate=GB)
    assert safe(fast)[-1] == about(after(fast, int(10 * WORK / (figures.ACQUIRE.value / MICRO) + FIXED)))


def test_cameras_on_a_hub_share_it() -> None:
    shared = usual(hub_ports=5)
    assert safe(shared) == [about(after(shared, int(5 * WORK / 40 + FIXED)))] * 10


def test_a_camera_without_a_port_waits_for_one() -> None:
    few = usual(ports=4)
    each = int(WORK / 40 + FIXED)
    rounds = [1] * 4 + [2] * 4 + [3] * 2
    assert safe(few) == [about(after(few, number * each)) for number in rounds]


def test_clips_are_sent_at_the_uplink_s_rate() -> None:
    slow = usual(hours=all_day(5 * MB))
    first = after(slow, figures.ATTACH.value + figures.COMMIT.value + int(500 * MB / 40))
    whole = 40 * GB / 5
    assert last_proven(slow) == pytest.approx(first + whole, rel=0.001)


def test_what_must_be_read_back_passes_twice() -> None:
    once, twice = (
        usual(hours=all_day(5 * MB), stores=(kind,)) for kind in (StoreKind.S3, StoreKind.S3_READ_BACK)
    )
    begins = after(once, 0)
    assert last_proven(twice) - begins == pytest.approx(2 * (last_proven(once) - begins), rel=0.01)


def test_two_stores_share_the_uplink() -> None:
    one, two = (usual(hours=all_day(5 * MB), stores=(StoreKind.TUS,) * number) for number in (1, 2))
    begins = after(one, 0)
    assert last_proven(two) - begins == pytest.approx(2 * (last_proven(one) - begins), rel=0.01)


def test_one_upload_is_no_faster_than_it_was_seen() -> None:
    fast = usual(
        port_rate=GB,
        parallel=1,
        hours=all_day(GB),
        shifts=(Shift(at=0, cameras=1, within=0),),
        per_shift=40 * GB,
    )
    assert last_proven(fast) == pytest.approx(40 * GB / figures.S3.value * MICRO, rel=0.03)
    tus = replace(fast, stores=(StoreKind.TUS,))
    assert last_proven(tus) == pytest.approx(40 * GB / figures.TUS.value * MICRO, rel=0.06)


def test_small_clips_wait_for_the_dock_s_thread() -> None:
    small = usual(per_shift=100 * MB, clip=MB // 10, hours=all_day(GB))
    begins = after(small, 0)
    assert last_proven(small) - begins == pytest.approx(10_000 * figures.SEND_CLIP.value, rel=0.1)


def test_nothing_is_sent_outside_of_the_hours() -> None:
    night = usual(
        shifts=(Shift(at=7 * 3600, cameras=1, within=0),),
        hours=(
            Hours(start=0, end=22 * 3600, rate=0, limit=0),
            Hours(start=22 * 3600, end=DAY, rate=25 * MB, limit=25 * MB),
        ),
    )
    assert last_proven(night) == pytest.approx((22 * 3600 + 4 * GB / (25 * MB)) * MICRO, abs=MICRO)


def test_a_vault_needs_no_uplink() -> None:
    vault = usual(stores=(StoreKind.DIRECTORY,), hours=all_day(1000))
    assert last_proven(vault) - after(vault, 0) < 1000 * MICRO
    assert answer(vault).works


def test_a_second_day_is_like_the_third_where_the_dock_keeps_up() -> None:
    night = usual(
        shifts=(Shift(at=23 * 3600, cameras=10, within=0),),
        hours=(
            Hours(start=0, end=6 * 3600, rate=2 * MB, limit=2 * MB),
            Hours(start=6 * 3600, end=DAY, rate=0, limit=0),
        ),
        per_shift=4 * GB,
    )
    found = []
    for days in (3, 4):
        copying = Copying(night, days=days, most_lumps=MICRO)
        copying.run()
        times = proven(night, copying.lumps)
        day = days - 2
        found.append(
            [t - day * DAY * MICRO for t, lump in zip(times, copying.lumps, strict=True) if lump.day == day]
        )
    assert found[0] == found[1]


def test_the_day_that_is_shown_begins_with_what_the_night_before_left() -> None:
    rate = 1_900_000
    night = usual(
        shifts=(Shift(at=5 * 3600, cameras=1, within=0), Shift(at=23 * 3600, cameras=10, within=0)),
        per_shift=3_600 * MB,
        hours=(
            Hours(start=0, end=6 * 3600, rate=rate, limit=rate),
            Hours(start=6 * 3600, end=DAY, rate=0, limit=0),
        ),
    )
    found = answer(night)
    whole = 11 * 3_600 * MB / rate - 5 * 3600  # the line is busy from midnight on
    assert found.shifts[0].proven == pytest.approx(whole * MICRO, rel=0.01)


# --- more never makes it worse ---


def later(one: Station, other: Station) -> tuple[int, int]:
    """Return by how much the last camera is safe, and the last clip proven, later than in another station."""
    slack = 100_000  # a tenth of a second: clips are whole, and take turns
    return (
        max(0, max(safe(one)) - max(safe(other)) - slack),
        max(0, last_proven(one) - last_proven(other) - slack),
    )


@given(station=stations(), times=st.integers(2, 5))
def test_more_uplink_is_never_later(station: Station, times: int) -> None:
    hours = tuple(replace(part, rate=part.rate * times) for part in station.hours)
    assert later(replace(station, hours=hours), station) == (0, 0)


@given(station=stations(), more=st.integers(1, 5))
def test_more_cameras_are_never_earlier(station: Station, more: int) -> None:
    shift = station.shifts[0]
    here = replace(station, shifts=(replace(shift, within=0),))
    fuller = replace(station, shifts=(replace(shift, within=0, cameras=shift.cameras + more),))
    assert later(here, fuller) == (0, 0)


@given(station=stations(), more=st.integers(1, 5))
def test_more_ports_are_never_later_where_the_disk_is_not_the_limit(station: Station, more: int) -> None:
    # Where it is, they may be: cameras that share a disk are all slow together, and leave their ports late.
    own = replace(station, hub_ports=0, disk_rate=GB)
    assert later(replace(own, ports=own.ports + more), own)[0] == 0


@given(station=stations(), times=st.integers(2, 5))
def test_a_faster_disk_is_never_later(station: Station, times: int) -> None:
    # Where ports share a hub, it may be by a little: another camera is then the one that has a hub to itself.
    own = replace(station, hub_ports=0)
    assert later(replace(own, disk_rate=own.disk_rate * times), own)[0] == 0


@given(station=stations())
def test_ports_that_share_no_hub_are_never_later(station: Station) -> None:
    assert later(replace(station, hub_ports=0), replace(station, hub_ports=2))[0] == 0


@given(station=stations())
def test_a_second_store_is_never_earlier(station: Station) -> None:
    one = replace(station, stores=station.stores[:1])
    two = replace(station, stores=(*station.stores[:1], StoreKind.TUS))
    assert later(one, two) == (0, 0)


@given(station=stations())
def test_the_same_plan_has_the_same_answer(station: Station) -> None:
    assert answer(station) == answer(replace(station))


@given(station=stations())
def test_nothing_is_lost_and_nothing_proven_before_it_is_there(station: Station) -> None:
    copying = Copying(station, days=2, most_lumps=MICRO)
    copying.run()
    cameras = station.shifts[0].cameras
    assert sum(lump.size for lump in copying.lumps) == 2 * cameras * station.per_shift
    assert sum(lump.clips for lump in copying.lumps) == 2 * cameras * station.clips_per_camera
    assert all(v.arrived <= v.docked < v.safe for v in copying.visits)
    times = proven(station, copying.lumps)
    assert all(t > lump.at for t, lump in zip(times, copying.lumps, strict=True))
    uses = sorted([(v.docked, 1) for v in copying.visits] + [(v.safe, -1) for v in copying.visits])
    used = 0
    for _, change in uses:
        used += change
        assert 0 <= used <= station.ports


# --- what follows from it ---


@pytest.mark.slow
def test_the_least_uplink_is_enough_and_a_byte_less_is_not() -> None:
    slow = usual(per_shift=200 * GB, hours=all_day(MB))
    found = answer(slow)
    [shortage] = [one for one in found.shortages if one.lack is Lack.UPLINK]
    assert not found.works
    assert (shortage.needs, shortage.has) == (2_000_000, DAY)
    assert shortage.would is not None
    for rate, works in ((shortage.would, True), (shortage.would - 1, False)):
        again = replace(slow, hours=all_day(rate), disk=1 << 60)
        assert answer(again).works is works


def test_no_uplink_does_where_the_dock_s_own_limit_is_too_low() -> None:
    limited = usual(per_shift=200 * GB, hours=(Hours(start=0, end=DAY, rate=MB, limit=MB),))
    [shortage] = [one for one in answer(limited).shortages if one.lack is Lack.UPLINK]
    assert shortage.would is None


@pytest.mark.few(2)
@pytest.mark.parametrize("hub_ports", range(6))
@pytest.mark.parametrize("cameras", [7, 8])
def test_as_many_ports_as_would_do_are_enough_and_one_less_is_not(hub_ports: int, cameras: int) -> None:
    shift = Shift(at=0, cameras=cameras, within=300)
    few = usual(ports=3, hub_ports=hub_ports, shifts=(shift,), per_shift=8 * GB)
    [shortage] = answer(few).shortages
    assert (shortage.lack, shortage.fails) == (Lack.PORTS, False)
    assert shortage.would is not None
    assert answer(replace(few, ports=shortage.would)).shortages == ()
    assert answer(replace(few, ports=shortage.would - 1)).shifts[0].waited > 0


def test_the_disk_holds_what_is_kept_what_an_outage_leaves_and_evidence() -> None:
    plain = answer(USUAL)
    beside = 10 * 500 * MB + 5 * GB
    assert plain.disk_needed == 31 * 40 * GB + beside
    assert answer(usual(evidence=10, evidence_days=131)).disk_needed == 31 * 40 * GB + 10 * 40 * GB + beside
    long = answer(usual(outage_days=40))
    assert long.disk_needed == 40 * GB * (40 * DAY + plain.proof) // DAY + beside


def test_the_uplink_may_fail_until_the_disk_is_full_and_no_longer() -> None:
    found = answer(USUAL)
    days = found.outage // DAY
    assert days > 700
    assert answer(usual(outage_days=days)).disk_needed <= USUAL.disk
    assert answer(usual(outage_days=days + 1)).disk_needed > USUAL.disk
    tight = usual(disk=31 * 40 * GB)
    assert (answer(tight).outage, answer(tight).works) == (0, False)


def test_after_an_outage_the_spare_rate_sends_what_was_missed() -> None:
    rate = 2 * 40 * GB // DAY
    found = answer(usual(hours=all_day(rate), outage_days=3))
    assert found.catching_up == pytest.approx(3 * DAY, rel=0.001)
    assert answer(usual(hours=all_day(40 * GB // DAY), outage_days=3)).catching_up is None


def test_the_store_holds_and_takes_for_all_docks() -> None:
    found = answer(usual(docks=32))
    assert found.store_held == 32 * 31 * 40 * GB
    assert found.store_clips == 32 * 31 * 80
    assert found.store_mean == pytest.approx(32 * 40 * GB / DAY, rel=0.001)
    assert found.store_peak == 32 * 25 * MB


def test_a_shift_that_is_not_copied_when_the_next_one_ends_is_a_failure() -> None:
    slow = usual(
        shifts=tuple(Shift(at=hour * 3600, cameras=10, within=0) for hour in (7, 8)), disk_rate=20 * MB
    )
    assert Lack.COPYING in {one.lack for one in answer(slow).shortages}


def test_series_end_where_they_began_and_show_the_most() -> None:
    found = answer(USUAL)
    assert (found.series.unsafe[0], max(found.series.unsafe), found.series.unsafe[-1]) == (0, 10, 0)
    assert found.series.unproven_clips[-1] == found.series.unproven_bytes[-1] == 0
    assert 0 < max(found.series.unproven_clips) <= 80
    assert set(found.series.disk) == {31 * 40 * GB}


@given(values=st.lists(st.integers(), min_size=1, max_size=50), percent=st.integers(1, 100))
def test_a_percentile_is_the_least_value_that_so_many_do_not_exceed(values: list[int], percent: int) -> None:
    ordered = sorted(values)
    found = nearest_rank(ordered, percent)
    assert sum(value <= found for value in values) * 100 >= percent * len(values)
    assert all(
        sum(value <= less for value in values) * 100 < percent * len(values)
        for less in values
        if less < found
    )


@given(station=stations(), most=st.integers(0, 100))
def test_batches_have_every_clip_and_byte(station: Station, most: int) -> None:
    found = batches_of(station, most)
    parts = [part for batch in found for part in batch.parts]
    assert sum(clips for clips, _ in parts) == station.clips_per_camera
    assert sum(size for _, size in parts) == station.per_shift
    assert all(size > 0 for _, size in parts)
    assert len(parts) <= max(1, most // station.cameras)
    assert sum(batch.commits for batch in found) == len(batches_of(station, MICRO))


@pytest.mark.parametrize(
    "clip,per_shift,batches",
    [(32 << 20, 100 << 20, [2, 2]), (65 << 20, 100 << 20, [1, 1]), (1000, 100_500, [64, 37])],
)
def test_small_clips_are_committed_together(clip: int, per_shift: int, batches: list[int]) -> None:
    found = batches_of(usual(clip=clip, per_shift=per_shift), MICRO)
    assert [(len(batch.parts), batch.commits) for batch in found] == [(number, 1) for number in batches]


def test_the_least_number_is_found() -> None:
    for wanted in range(1, 20):
        assert capacity.least(wanted.__le__, 19) == wanted
    assert capacity.least(lambda _: False, 19) is None
