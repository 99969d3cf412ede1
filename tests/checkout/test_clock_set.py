"""Which offset of a camera's clock counts for an offer, once the dock has set that clock?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from bwvdock.core.clips.admission import Admission
from bwvdock.core.facts import CameraEnrolled
from bwvdock.core.media.profile import Profile
from bwvdock.core.media.self_reported.clock_setting import SetClock
from bwvdock.errors import CameraGoneError, UnreadableError
from tests.checkout.badged import ANN, Badged
from tests.fakes.camera import camera_with
from tests.fakes.camera_clock import FakeCameraClock

SERIAL = "CAM-1"
HOUR = timedelta(hours=1)
REFUSED = UnreadableError("The camera refused.", remedy="None.")
GONE = CameraGoneError("It is gone.", remedy="Dock it.")


def it_obeys(_: FakeCameraClock) -> None:
    """Change nothing."""


def it_pretends(clock: FakeCameraClock) -> None:
    clock.ignores = True


def it_refuses(clock: FakeCameraClock) -> None:
    clock.fails = REFUSED


def it_refuses_after_it_was_set(clock: FakeCameraClock) -> None:
    clock.fails, clock.sets_first = REFUSED, True


def it_does_not_answer_after_it_was_set(clock: FakeCameraClock) -> None:
    clock.fails, clock.sets_first = GONE, True


def it_may_not_be_set(clock: FakeCameraClock) -> None:
    clock.settable = False


def it_is_set_wrong(clock: FakeCameraClock) -> None:
    clock.wrong_by = 2 * HOUR


def docked(root: Path, does: Callable[[FakeCameraClock], None], ahead: timedelta = HOUR) -> Badged:
    dock = Badged(root)
    profile = Profile(name="own", contains=("DCIM/**",), set_clock=SetClock.AFTER_COPY)
    dock.dockings.reload(mode=Admission.ENROLLED, profiles=(profile,), non_evidential_days=31)
    dock.ledger.record([CameraEnrolled(camera=SERIAL, actor="0:root")])
    clock = dock.camera_clocks[SERIAL] = FakeCameraClock(ahead=ahead)
    does(clock)
    key = dock.plug_mtp(camera_with({"DCIM/100TEST/A.MP4": b"x" * 1000}), serial=SERIAL, bay="1")
    for _ in range(20):
        dock.batteries[key] = 100
        dock.clock.pass_ms(1000)
        dock.turn()
    assert dock.screen().bays[0].advice == "safe"
    return dock


@pytest.mark.parametrize(
    "does, offered",
    [
        (it_obeys, True),
        (it_refuses_after_it_was_set, True),
        (it_pretends, False),
        (it_refuses, False),
        (it_does_not_answer_after_it_was_set, False),
        (it_may_not_be_set, False),
    ],
)
def test_what_was_read_back_counts_and_otherwise_what_was_read_before(
    tmp_path: Path, does: Callable[[FakeCameraClock], None], *, offered: bool
) -> None:
    dock = docked(tmp_path, does)
    assert dock.tap(ANN)["outcome"] == ("take" if offered else "none-suitable")


def test_a_clock_that_the_setting_made_wrong_is_not_offered(tmp_path: Path) -> None:
    dock = docked(tmp_path, it_pretends, ahead=timedelta(seconds=30))
    assert dock.tap(ANN)["outcome"] == "take"
    (tmp_path / "worse").mkdir()
    worse = docked(tmp_path / "worse", it_is_set_wrong, ahead=timedelta(seconds=30))
    assert worse.tap(ANN)["outcome"] == "none-suitable"
