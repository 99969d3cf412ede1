"""Does a check-out attribute footage of somebody else, where the dock's clock or the camera's is wrong?"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bwvdock.core.facts import CameraAssigned, CameraEnrolled, ClipAttributed, ClipDated
from bwvdock.core.moments import nanoseconds
from tests.checkout.badged import ANN, Badged
from tests.fakes.camera import FakeFile, FakeVolume, camera_with

SERIAL = "CAM-1"
HOUR = timedelta(hours=1)
HOUR_MS = 3_600_000
YEARS = timedelta(days=5 * 365)


@pytest.fixture
def dock(tmp_path: Path) -> Badged:
    here = Badged(tmp_path)
    here.ledger.record([CameraEnrolled(camera=SERIAL, model="", actor="0:root")])
    return here


def put(dock: Badged, volume: FakeVolume | None = None) -> str:
    key = dock.plug(volume or camera_with({}), serial=SERIAL, bay="1")
    dock.turn()
    dock.bay(key).battery = 100
    dock.clock.pass_ms(1000)
    return key


def footage(dock: Badged, dated: timedelta) -> FakeVolume:
    """Return a card with a clip that is dated so much later than now."""
    file = FakeFile(data=b"x" * 1000, mtime_ns=nanoseconds(dock.clock.now() + dated))
    return FakeVolume(files={"DCIM/100TEST/A.MP4": file})


def officers(dock: Badged) -> list[str]:
    return [fact.officer for fact in dock.of_kind(ClipAttributed)]


def period(dock: Badged) -> timedelta:
    """Return how long the last check-out is said to have lasted."""
    last = dock.of_kind(CameraAssigned)[-1]
    return dock.clock.now().fromisoformat(last.valid_to) - dock.clock.now().fromisoformat(last.valid_from)


@pytest.mark.parametrize("synchronised", [True, False])
def test_footage_from_before_a_check_out_is_not_its_officers_whatever_its_date(
    dock: Badged, *, synchronised: bool
) -> None:
    """The camera's clock is two hours ahead."""
    dock.clock.is_synchronised = synchronised
    volume = footage(dock, 2 * HOUR)
    key = put(dock, volume)
    assert dock.tap(ANN)["outcome"] == "take"
    dock.take(key)
    dock.clock.pass_ms(5 * HOUR_MS)
    put(dock, volume)
    assert dock.officer_of(SERIAL) == ""
    assert period(dock) >= 5 * HOUR
    assert set(officers(dock)) == {""}


def test_a_clock_that_is_known_to_be_behind_offers_nothing(dock: Badged) -> None:
    """A computer without a battery begins in another year, until it is told the time."""
    put(dock, footage(dock, -HOUR))
    dock.clock.reboot()
    dock.clock.wrong_by, dock.clock.is_synchronised = -YEARS, False
    dock.restart()
    put(dock)
    assert dock.tap(ANN)["outcome"] == "none-suitable"
    dock.clock.is_synchronised = True  # then the clock was wrong before
    assert dock.tap(ANN)["outcome"] == "take"


@pytest.mark.parametrize("by", [YEARS, 2 * HOUR, timedelta(minutes=5), timedelta(minutes=-5), -2 * HOUR])
def test_how_long_is_not_known_where_the_clock_was_set_meanwhile(dock: Badged, by: timedelta) -> None:
    volume = footage(dock, timedelta())
    key = put(dock)
    dock.tap(ANN)
    dock.take(key)
    dock.clock.pass_ms(HOUR_MS)
    dock.clock.wrong_by += by
    put(dock, volume)
    assert period(dock) == timedelta(milliseconds=1)
    assert set(officers(dock)) == {""}


def test_how_long_is_known_where_it_was_only_corrected(dock: Badged) -> None:
    key = put(dock)
    dock.tap(ANN)
    dock.take(key)
    dock.clock.pass_ms(8 * HOUR_MS)
    dock.clock.wrong_by += timedelta(seconds=59)
    put(dock)
    assert abs(period(dock) - 8 * HOUR) < timedelta(minutes=2)


@pytest.mark.parametrize(
    "then, now, known",
    [(True, True, True), (True, False, True), (False, False, True), (False, True, False)],
)
def test_after_another_start_of_the_computer_it_depends_on_who_kept_the_time(
    dock: Badged, *, then: bool, now: bool, known: bool
) -> None:
    dock.clock.is_synchronised = then
    key = put(dock)
    dock.tap(ANN)
    dock.take(key)
    dock.clock.pass_ms(8 * HOUR_MS)
    dock.clock.reboot()
    dock.clock.is_synchronised = now
    dock.restart()
    put(dock)
    assert (period(dock) > 7 * HOUR) is known
    assert period(dock) == timedelta(milliseconds=1) or known


def test_footage_that_is_dated_while_its_camera_is_out_is_not_the_officers(dock: Badged) -> None:
    """The clock is behind when the camera is taken, and then told the time: only then is footage dated."""
    dock.clock.is_synchronised = False
    dock.clock.wrong_by = -6 * HOUR
    volume = footage(dock, 4 * HOUR)  # by the true time two hours ago, by somebody else
    key = put(dock, volume)
    dock.tap(ANN)
    dock.take(key)
    dock.clock.wrong_by, dock.clock.is_synchronised = timedelta(), True
    for _ in range(3):
        dock.clock.pass_ms(60_000)
        dock.turn()
    assert dock.of_kind(ClipDated) != []
    put(dock, volume)
    assert period(dock) == timedelta(milliseconds=1)
    assert set(officers(dock)) == {""}
