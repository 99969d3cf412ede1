"""Is the dock's zone the configured one, or else the machine's, and does it know an hour that comes twice?"""

from __future__ import annotations

import os
import pickle
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bwvdock.config.time_zone import SystemZone, named_zone, system_zone
from tests.extent import EXTENT, Extent


@pytest.fixture(params=["Europe/London", "America/New_York", "Asia/Kathmandu"])
def machine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[ZoneInfo]:
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield ZoneInfo(request.param)
    monkeypatch.undo()
    time.tzset()


def test_the_machines_zone_agrees_with_the_database(machine: ZoneInfo) -> None:
    ours = system_zone()
    assert str(ours) == str(machine)
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    while moment.year == 2026:
        shown, expected = moment.astimezone(ours), moment.astimezone(machine)
        assert shown.replace(tzinfo=None, fold=0) == expected.replace(tzinfo=None, fold=0)
        assert shown.fold == expected.fold
        assert (shown.utcoffset(), shown.tzname()) == (expected.utcoffset(), expected.tzname())
        moment += timedelta(minutes=30 if EXTENT > Extent.CHECK else 210)


def test_an_hour_that_never_was_has_the_same_offsets_as_in_the_database(machine: ZoneInfo) -> None:
    ours = system_zone()
    for month, day in ((3, 29), (3, 8), (10, 25), (11, 1)):
        for minute in range(0, 240, 10):
            shown = datetime(2026, month, day, minute // 60, minute % 60)  # noqa: DTZ001 - local, on purpose
            for fold in (0, 1):
                naive = shown.replace(fold=fold)
                assert ours.utcoffset(naive) == machine.utcoffset(naive), naive


def test_its_name_is_what_the_machine_calls_it(tmp_path: Path) -> None:
    (tmp_path / "usr/share/zoneinfo/Europe").mkdir(parents=True)
    (tmp_path / "usr/share/zoneinfo/Europe/Paris").write_text("")
    link = tmp_path / "localtime"
    link.symlink_to(tmp_path / "usr/share/zoneinfo/Europe/Paris")
    assert str(system_zone({}, link)) == "Europe/Paris"
    assert str(system_zone({"TZ": ":Asia/Tokyo"}, link)) == "Asia/Tokyo"
    assert str(system_zone({}, tmp_path / "none")) == "UTC"


def test_a_zone_survives_being_copied() -> None:
    again = pickle.loads(pickle.dumps(SystemZone("Europe/London")))  # noqa: S301 - our own bytes
    assert repr(again) == "SystemZone('Europe/London')"
    assert (again.utcoffset(None), again.tzname(None), again.dst(None)) == (None, None, None)


@pytest.mark.parametrize("name", ["Mars/Olympus", "../../etc/passwd", "/etc/localtime", "Europe", "\x00"])
def test_what_is_no_zone_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="timedatectl list-timezones"):
        named_zone(name)


def test_a_named_zone_is_the_databases() -> None:
    assert named_zone("America/New_York") is ZoneInfo("America/New_York")
    assert isinstance(named_zone(""), SystemZone)
    assert os.environ.get("TZ", "UTC")
