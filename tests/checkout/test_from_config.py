"""Is what checks cameras out connected to what it has to know: the list of badges, and cameras' health?"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bwvdock.checkout.from_config import set_badges
from bwvdock.config.settings import load
from bwvdock.core.facts import CameraClockRead
from bwvdock.core.health.seen import CameraHealth, Verdict
from bwvdock.status.alerts import AlertCode
from bwvdock.upkeep.health.survey import HealthSurvey
from tests.checkout.badged import ANN, BOB, Badged
from tests.fakes.worker import HeldWorker


@pytest.mark.slow
@pytest.mark.parametrize("verdict", Verdict)
def test_a_camera_that_is_to_be_set_aside_is_not_offered(tmp_path: Path, verdict: Verdict) -> None:
    dock = Badged(tmp_path)
    key = dock.put("CAM-1", "1")
    survey = HealthSurvey(HeldWorker(), dock.clock, lambda _: (), dict)
    dock.view.surveys.health = survey
    survey.found["CAM-1"] = CameraHealth(serial="CAM-1", verdict=verdict)
    offered = verdict is not Verdict.SET_ASIDE
    assert dock.tap(ANN)["outcome"] == ("take" if offered else "none-suitable")
    assert dock.bay(key).serial == "CAM-1"


@pytest.mark.slow
@pytest.mark.parametrize("zone", ["UTC", "Europe/London", "Asia/Kolkata"])
@pytest.mark.parametrize("off, offered", [(0, True), (-59, True), (900, False)])
@pytest.mark.parametrize("local", [True, False])
def test_a_clock_that_keeps_local_time_is_no_clock_that_is_off(
    tmp_path: Path, zone: str, off: int, *, offered: bool, local: bool
) -> None:
    dock = Badged(tmp_path)
    dock.checkouts.zone = ZoneInfo(zone)
    dock.clock.pass_ms(120 * 86_400_000)  # into summer
    key = dock.put("CAM-1", "1")
    shift = dock.clock.now().astimezone(ZoneInfo(zone)).utcoffset() if local else timedelta()
    assert shift is not None
    dock.bay(key).clock = CameraClockRead(
        docking=dock.bay(key).docking,
        source="fake",
        raw="",
        understood=True,
        offset_ms=round((shift.total_seconds() + off) * 1000),
        uncertainty_ms=500,
        dock_synchronised=True,
    )
    assert dock.tap(ANN)["outcome"] == ("take" if offered else "none-suitable")


def test_a_list_that_cannot_be_read_is_an_alert_and_the_badges_of_before_stay(tmp_path: Path) -> None:
    dock, badges = Badged(tmp_path, holders=[]), tmp_path / "badges.csv"
    dock.put("CAM-1", "1")
    file = tmp_path / "bwvdock.toml"
    file.write_text(f'[dock]\nid = "A"\n[checkout]\nbadges = "{badges}"\n')
    config = load(file)
    badges.write_text(f"badge,officer\n{ANN},ann\n")
    set_badges(dock.checkouts, config)
    assert AlertCode.BADGES_NOT_READ not in dock.view_alerts()
    badges.write_bytes(b"\xff\x00")
    set_badges(dock.checkouts, config)
    assert AlertCode.BADGES_NOT_READ in dock.view_alerts()
    assert (dock.tap(ANN)["outcome"], dock.tap(BOB)["outcome"]) == ("take", "unknown-badge")
