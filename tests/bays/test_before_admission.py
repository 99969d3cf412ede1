"""What is done with a camera before it is known whose it is, and before udev has given it to us?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from bwvdock.bays.bay import display_state
from bwvdock.bays.jobs import serial_stands_on_volume
from bwvdock.config.profiles import BUILT_IN, load_profiles
from bwvdock.core.clips.admission import Admission
from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.core.media.profile import Profile
from bwvdock.core.media.sightings import Sighting, Transport
from bwvdock.core.ports import CameraFile
from bwvdock.errors import UnreadableError
from tests.fakes.camera import FakeVolume, camera_with
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


@pytest.mark.parametrize(
    "mode, shown",
    [(Admission.ANY, ("safe-to-remove", "")), (Admission.ENROLLED, ("refused", "not enrolled; "))],
)
def test_a_camera_whose_card_does_not_tell_its_serial_is_said_to_be_known_by_its_usb_serial_alone(
    tmp_path: Path, mode: Admission, shown: tuple[str, str]
) -> None:
    """One reading failed: it is refused, or what is on it is booked to a serial that others may share."""
    station = Station(tmp_path, mode=mode)
    profiles = profiles_that_ask_the_card(tmp_path)
    station.dockings.reload(mode=mode, profiles=profiles, non_evidential_days=31)
    camera = Torn(files=camera_with({"MISC/settings.json": SETTINGS, "DCIM/100/A.MP4": b"x"}).files)
    key = station.plug(camera, serial="USB-1", usb="4255:1000")
    station.turn()
    assert station.sheet().camera == "USB-1"
    state, before = shown
    why = "the serial on its card could not be read: The root is torn."
    assert display_state(station.bay(key), paused=False) == (state, before + why)


class Torn(FakeVolume):
    """Gives an error the first time that it is listed."""

    def list(self) -> Sequence[CameraFile]:
        if not self.listings:
            self.listings += 1
            raise UnreadableError("The root is torn.", remedy="Dock it again.")
        return FakeVolume.list(self)


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


def test_no_profile_that_comes_with_bwvdock_has_a_card_read_before_its_camera_is_admitted() -> None:
    profiles = load_profiles([BUILT_IN])
    assert [profile.name for profile in profiles if profile.serial is not None] == []
    for ids in {ids for profile in profiles for ids in profile.usb}:
        sighting = Sighting(key="k", bay="1-2", serial="STRANGER", transport=Transport.MASS_STORAGE, usb=ids)
        assert not serial_stands_on_volume(sighting, profiles)
