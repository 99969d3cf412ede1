"""What follows where a camera says otherwise of itself than its profile expects, or than the roster?"""

from __future__ import annotations

from pathlib import Path

import pytest

from bwvdock.core.clips.admission import Admission
from bwvdock.core.facts import CameraAssigned, CameraOfficerDiffers
from bwvdock.core.media.profile import Profile
from bwvdock.core.media.self_reported.expected import Expected, Setting, Where
from bwvdock.status.alerts import AlertCode
from tests.fakes.camera import camera_with
from tests.fakes.station import SERIAL, Station

FILE = "SETTINGS.JSON"
LOOP = Setting(name="loop recording", where=Where(file=FILE, key="loop"), values=("false",))
SIZE = Setting(name="resolution", where=Where(code=0xD001), values=("1920",))
EXPECTED = Expected(firmware=("1.0",), settings=(LOOP, SIZE), officer=Where(file=FILE, key="user"))
RIGHT = b'{"loop": false, "user": "4411"}'


@pytest.fixture
def station(tmp_path: Path) -> Station:
    here = Station(tmp_path)
    own = Profile(name="own", contains=("DCIM/**",), expected=EXPECTED)
    here.dockings.reload(mode=Admission.ENROLLED, profiles=(own,), non_evidential_days=31)
    here.enrol()
    here.ledger.record(
        [
            CameraAssigned(
                camera=SERIAL,
                officer="4411",
                valid_from="2020-01-01T00:00:00.000Z",
                valid_to="",
                actor="0:root",
            )
        ]
    )
    return here


def dock(station: Station, settings: bytes) -> dict[AlertCode, str]:
    """Dock an MTP camera with these settings; return the messages of what is alerted."""
    station.plug_mtp(camera_with({"DCIM/100TEST/A.MP4": b"x" * 1000, FILE: settings}))
    station.turn()
    assert list(station.states()) == ["DCIM/100TEST/A.MP4"]  # it is copied, whatever it says
    return {alert.code: alert.message for alert in station.report().alerts}


def test_nothing_is_said_of_a_camera_that_is_as_expected(station: Station) -> None:
    station.properties["/sys/2-1", 0xD001] = "1920"
    alerts = dock(station, RIGHT)
    assert AlertCode.CAMERA_SETTINGS_DIFFER not in alerts
    assert AlertCode.CAMERA_OFFICER_DIFFERS not in alerts
    assert "camera_officer_differs" not in station.kinds()


def test_what_it_says_otherwise_is_an_alert_while_it_is_docked(station: Station) -> None:
    station.properties["/sys/2-1", 0xD001] = "1280"
    alerts = dock(station, b'{"loop": true, "user": "4411"}')
    message = alerts[AlertCode.CAMERA_SETTINGS_DIFFER]
    assert "loop recording: says true, expected false; resolution: says 1280, expected 1920" in message
    station.pull("/sys/2-1")
    station.turn()
    assert AlertCode.CAMERA_SETTINGS_DIFFER not in {alert.code for alert in station.report().alerts}


def test_another_officer_is_an_entry_once_and_an_alert_without_a_name(station: Station) -> None:
    alerts = dock(station, b'{"loop": false, "user": "7702"}')
    for _ in range(3):
        for medium in station.bay("/sys/2-1").media.values():
            medium.recall()  # it is listed again
        station.clock.pass_ms(61_000)
        station.turn()
    [fact] = [fact for fact in station.facts if isinstance(fact, CameraOfficerDiffers)]
    assert fact.profile == "own"
    assert not [name for name in ("7702", "4411") if name in alerts[AlertCode.CAMERA_OFFICER_DIFFERS]]


def test_a_second_store_without_settings_takes_nothing_back(station: Station) -> None:
    own = camera_with({"DCIM/100TEST/A.MP4": b"x" * 1000, FILE: b'{"loop": true}'}, name="store-1")
    other = camera_with({"DCIM/100TEST/B.MP4": b"y" * 1000}, name="store-2")
    station.plug_mtp(own, other)
    station.turn()
    assert len(station.states()) == 2
    assert AlertCode.CAMERA_SETTINGS_DIFFER in {alert.code for alert in station.report().alerts}


@pytest.mark.parametrize("settings", [b"", b"{", b'{"user": ["7702"]}', b"\xff" * 1000])
def test_a_file_that_says_nothing_contradicts_nothing(station: Station, settings: bytes) -> None:
    alerts = dock(station, settings)
    assert AlertCode.CAMERA_SETTINGS_DIFFER not in alerts
    assert AlertCode.CAMERA_OFFICER_DIFFERS not in alerts
