"""What is done with a camera before it is known whose it is, and before udev has given it to us?"""

from __future__ import annotations

from pathlib import Path

import pytest

from bwvdock.bays.bay import display_state
from bwvdock.config.profiles import BUILT_IN, load_profiles
from bwvdock.core.clips.admission import Admission
from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.core.media.profile import Profile
from tests.fakes.camera import camera_with
from tests.fakes.station import Station


@pytest.fixture
def station(tmp_path: Path) -> Station:
    """A dock at which one camera is enrolled."""
    made = Station(tmp_path)
    made.enrol()
    return made


SETTINGS = b'{"info": {"serial-number": "SER-4711"}}'


def profiles_that_ask_the_card(folder: Path) -> tuple[Profile, ...]:
    """Return the profiles of a dock whose operator copied the shipped one and let it read the serial."""
    shipped = (BUILT_IN / "settings-serial.toml").read_text()
    rule = shipped[shipped.index("# [serial]") :]
    own = folder / "profiles"
    own.mkdir()
    (own / "settings-serial.toml").write_text(shipped.replace(rule, rule.replace("# ", "")))
    return load_profiles([BUILT_IN, own])


def test_a_stranger_with_the_ids_of_a_shipped_profile_is_refused_unread(tmp_path: Path) -> None:
    station = Station(tmp_path)
    camera = camera_with({"MISC/settings.json": SETTINGS, "DCIM/100/1_2_03142026101500.MP4": b"x"})
    key = station.plug(camera, serial="STRANGER", usb="4255:1000")
    station.turn()
    assert display_state(station.bay(key), paused=False)[0] == "refused"
    assert (camera.listings, station.sheet().camera) == (0, "STRANGER")


def test_a_camera_whose_settings_file_tells_its_serial_is_admitted_by_that(tmp_path: Path) -> None:
    """Its USB serial is one that many share; this dock's own profile says where its own one stands."""
    station = Station(tmp_path)
    station.dockings.reload(
        mode=Admission.ENROLLED, profiles=profiles_that_ask_the_card(tmp_path), non_evidential_days=31
    )
    station.enrol("SER-4711")
    camera = camera_with({"MISC/settings.json": SETTINGS, "DCIM/100/1_2_03142026101500.MP4": b"x"})
    station.plug(camera, serial="0123456789ABCDEF", usb="4255:1000")
    station.turn()
    assert station.sheet().camera == "SER-4711"
    assert set(station.states().values()) == {ClipState.VERIFIED}


def test_an_mtp_camera_whose_node_udev_gives_late_is_tried_again_by_itself(station: Station) -> None:
    """Often at first, for udev is seldom late by more than that; then now and then."""
    key = station.plug_mtp(camera_with({"DCIM/100/A.MP4": b"a"}, name="store-1"))
    station.not_permitted.add(key)
    station.turn()
    assert display_state(station.bay(key), paused=False)[0] == "waiting"
    for _ in range(100):
        station.clock.pass_ms(500)
        station.turn()
    assert 6 <= station.looks <= 9
    station.not_permitted.clear()
    station.clock.pass_ms(60_001)
    station.turn()
    assert station.vault_files() == [b"a"]
