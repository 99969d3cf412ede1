"""Cameras that must be unlocked before they show their disk, from docking to the vault."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bwvdock.bays.bay import display_state
from bwvdock.config.profiles import BUILT_IN, load_profiles
from bwvdock.core.clips.admission import Admission
from bwvdock.core.clips.lifecycle import DockingState
from bwvdock.core.facts import UnlockEnded
from bwvdock.core.media.sightings import CameraArrived, CameraLeft, Sighting, Transport, VolumeArrived
from bwvdock.core.media.unlock import BulkIn, ControlIn, ExpectedReply, Message
from bwvdock.edges.cameras.unlock import unlock_camera
from bwvdock.edges.credentials import read_credential
from bwvdock.errors import BwvdockError, ConfigError, SecretMissingError
from tests.fakes.camera import camera_with
from tests.fakes.station import SERIAL, Station
from tests.fakes.unlock import SECRET, UNLOCK_BY_BULK, ConfigurationBus, LockedCamera

CONTROL = """
[unlock]
usb = ["1209:0c0f"]
credential = "our-secret"
[[unlock.step]]
do = "control"
request_type = 0x40
request = 0x55
value = 0xaa
text = "{secret}"
[[unlock.step]]
do = "control"
request_type = 0xc0
request = 0x55
length = 64
expect_hex = "40 50 49 4e 3b 4f 4b"
[[unlock.step]]
do = "control"
request_type = 0x40
request = 0x55
text = "@DISK"
"""


@pytest.fixture
def station(tmp_path: Path) -> Station:
    """A dock with a profile and its secret, at which one camera is enrolled."""
    return station_with(tmp_path, UNLOCK_BY_BULK)


def station_with(root: Path, *profiles: str) -> Station:
    folder = root / "profiles"
    folder.mkdir()
    for number, text in enumerate(profiles):
        (folder / f"p{number}.toml").write_text(text)
    station = Station(root)
    station.dockings.reload(
        mode=Admission.ENROLLED, profiles=load_profiles([BUILT_IN, folder]), non_evidential_days=31
    )
    station.secrets["our-secret"] = SECRET
    station.enrol()
    return station


def endings(station: Station) -> list[str]:
    return [fact.failure for fact in station.facts if isinstance(fact, UnlockEnded)]


@pytest.mark.slow
@pytest.mark.parametrize("profile", [UNLOCK_BY_BULK, CONTROL])
def test_a_camera_is_unlocked_once_after_that_was_recorded_and_comes_back_as_a_disk(
    tmp_path: Path, profile: str
) -> None:
    """In the same socket, and before the first docking's end is recorded."""
    station = station_with(tmp_path, profile)
    camera = LockedCamera()
    key = station.plug_locked(camera)
    station.turn()
    assert camera.disk
    assert station.unlocks == [("unlock_intended", key)]
    assert endings(station) == [""]
    station.inbox.put(CameraLeft(key=key))
    station.plug(camera_with({"DCIM/100TEST/A.MP4": b"a"}), bay="3-1")
    station.turn()
    assert station.vault_files() == [b"a"]
    assert station.kinds().count("camera_attached") == 2
    assert station.sheet().transport == "mass-storage"


def test_a_camera_that_went_well_is_unlocked_at_every_docking(station: Station) -> None:
    """Because its disk was seen in between."""
    for _ in range(3):
        key = station.plug_locked(LockedCamera())
        station.turn()
        station.inbox.put(CameraLeft(key=key))
        station.plug(camera_with({}), bay="3-1")
        station.turn()
        station.pull(key)
        station.turn()
    assert endings(station) == ["", "", ""]


@pytest.mark.slow
@pytest.mark.parametrize(
    "serial, mode",
    [
        ("BWV-99999", Admission.ENROLLED),
        ("", Admission.ENROLLED),
        ("", Admission.ANY),
        ("0123456789ABCDEF", Admission.ANY),
    ],
)
def test_a_refused_camera_is_never_touched(tmp_path: Path, serial: str, mode: Admission) -> None:
    """Not so much as opened; and one without a serial of its own is always refused."""
    station = station_with(tmp_path, UNLOCK_BY_BULK)
    station.dockings.mode = mode
    camera = LockedCamera()
    key = station.plug_locked(camera, serial=serial)
    station.turn()
    assert station.bay(key).state is DockingState.REFUSED
    assert camera.transfers == 0
    assert "unlock_intended" not in station.kinds()


def test_without_its_secret_a_camera_waits_untouched_and_goes_on_when_it_is_there(station: Station) -> None:
    """The reason names the credential."""
    del station.secrets["our-secret"]
    camera = LockedCamera()
    key = station.plug_locked(camera)
    station.turn()
    state, reason = display_state(station.bay(key), paused=False)
    assert (state, "our-secret" in reason, camera.transfers) == ("waiting", True, 0)
    assert "unlock_intended" not in station.kinds()
    station.secrets["our-secret"] = SECRET
    station.clock.pass_ms(10_001)
    station.turn()
    assert camera.disk


@pytest.mark.few(2)
@pytest.mark.parametrize(
    "camera",
    [
        LockedCamera(secret=b"another"),
        LockedCamera(reply=b""),
        LockedCamera(echoes=True),
        LockedCamera(stalls=True),
        LockedCamera(takes=3),
    ],
    ids=["wrong-secret", "no-reply", "echo", "stall", "short"],
)
def test_a_camera_that_refuses_fails_is_tried_once_and_the_secret_stands_nowhere(
    station: Station, camera: LockedCamera
) -> None:
    """Not even at the next docking: only when somebody has looked into it."""
    for _ in range(2):
        key = station.plug_locked(camera)
        station.turn()
        station.clock.pass_ms(60_000)
        station.turn()
        assert display_state(station.bay(key), paused=False)[0] == "failed"
        told = repr((station.facts, station.bay(key), station.bay(key).trouble))
        assert SECRET.decode() not in told
        station.inbox.put(CameraLeft(key=key))
        station.turn()
    assert len(station.unlocks) == 1
    assert len(endings(station)) == 1
    assert endings(station)[0]
    station.journal.close()
    assert all(SECRET not in path.read_bytes() for path in station.root.rglob("journal*"))


def test_a_camera_that_comes_back_locked_is_not_tried_until_the_configuration_is_read_again(
    station: Station,
) -> None:
    """A profile without a check, and a wrong secret: the loop that would lock it up."""
    for _ in range(3):
        key = station.plug_locked(LockedCamera())
        station.turn()
        station.inbox.put(CameraLeft(key=key))
        station.turn()
    assert len(station.unlocks) == 1
    station.plug_locked(LockedCamera())
    station.turn()
    profiles = station.dockings._tools.profiles  # noqa: SLF001
    station.dockings.reload(mode=Admission.ENROLLED, profiles=profiles, non_evidential_days=31)
    station.turn()
    assert len(station.unlocks) == 2


@pytest.mark.parametrize("gone_at,failed", [(1, True), (2, True), (3, False)])
def test_a_camera_pulled_out_midway_failed_and_one_that_leaves_at_the_last_message_did_not(
    station: Station, gone_at: int, failed: bool
) -> None:
    """Cameras leave before they have acknowledged what made them leave."""
    station.plug_locked(LockedCamera(gone_at=gone_at))
    station.turn()
    assert [bool(f) for f in endings(station)] == [failed]


@pytest.mark.slow
def test_what_another_program_holds_is_not_sent_anything(station: Station) -> None:
    """And that does not count as a try."""
    camera = LockedCamera(held=True)
    key = station.plug_locked(camera)
    station.turn()
    assert camera.transfers == 0
    camera.held = False
    station.inbox.put(CameraLeft(key=key))
    station.turn()
    station.plug_locked(camera)
    station.turn()
    assert camera.disk


@pytest.mark.parametrize(
    "profiles",
    [(), (UNLOCK_BY_BULK, CONTROL), (UNLOCK_BY_BULK.replace("[unlock]", '[unlock]\nmodel = "X"'),)],
)
def test_unless_exactly_one_profile_is_for_it_a_camera_is_not_touched(
    tmp_path: Path, profiles: tuple[str, ...]
) -> None:
    """One id can be three models that want different things."""
    camera = LockedCamera()
    station = station_with(tmp_path, *profiles)
    key = station.plug_locked(camera)
    station.turn()
    assert (display_state(station.bay(key), paused=False)[0], camera.transfers) == ("failed", 0)


def test_nothing_is_unlocked_while_paused(station: Station) -> None:
    """It is after."""
    camera = LockedCamera()
    station.dockings.set_paused(paused=True)
    station.plug_locked(camera)
    station.turn()
    assert camera.transfers == 0
    station.dockings.set_paused(paused=False)
    station.turn()
    assert camera.disk


def test_a_camera_pulled_and_docked_again_before_its_bay_is_cleared_is_not_lost(station: Station) -> None:
    """A disk, too: what comes into the socket meanwhile begins the next docking."""
    camera = camera_with({"A.MP4": b"a"})
    key = station.plug(camera)
    station.inbox.put(CameraLeft(key=key))
    sighting = Sighting(key=key, bay="1-1", serial=SERIAL, transport=Transport.MASS_STORAGE)
    station.inbox.put(CameraArrived(sighting=sighting))
    station.inbox.put(VolumeArrived(key=key, device="1-1/sd0", name=camera.name))
    station.turn()
    assert station.kinds().count("camera_attached") == 2
    assert station.bay(key).state is DockingState.SETTLED


def test_an_endpoint_that_is_not_there_is_found_before_anything_is_sent(tmp_path: Path) -> None:
    """Then it is another model."""
    station = station_with(tmp_path, UNLOCK_BY_BULK)
    (rule,) = (p.unlock for p in station.dockings._tools.profiles if p.unlock and p.unlock.usb)  # noqa: SLF001
    camera, bus = LockedCamera(), ConfigurationBus()
    other = replace(rule, steps=(*rule.steps, BulkIn(endpoint=0x85, reply=ExpectedReply())))
    with pytest.raises(BwvdockError, match="0x85"):
        unlock_camera(bus, 1, bus.plug(camera), other, SECRET, attached=lambda _: True)
    assert camera.transfers == 0


def test_a_credential_is_read_without_its_line_end_and_a_missing_one_is_told(tmp_path: Path) -> None:
    """With what to type."""
    (tmp_path / "good").write_bytes(SECRET + b"\n")
    (tmp_path / "empty").write_bytes(b"\n")
    (tmp_path / "long").write_bytes(b"x" * 12)
    assert read_credential("good", folder=tmp_path, most=11) == SECRET
    for name, folder in [("none", tmp_path), ("good", None), ("empty", tmp_path), ("long", tmp_path)]:
        with pytest.raises(SecretMissingError) as caught:
            read_credential(name, folder=folder, most=11)
        assert f"LoadCredential={name}:" in caught.value.message


def test_the_profile_that_is_shipped_is_for_no_camera_and_has_no_secret() -> None:
    """A shape to copy."""
    (shape,) = (p for p in load_profiles([BUILT_IN]) if p.unlock is not None)
    assert shape.unlock is not None
    assert (shape.name, shape.unlock.usb) == ("mass-storage-unlock", ())
    sent = [s.message for s in shape.unlock.steps if not isinstance(s, BulkIn | ControlIn)]
    assert sent == [Message(pieces=(b"", b""))]


@pytest.mark.parametrize(
    "old,new,mistake",
    [
        ('"1209:0c0f"', '"1209:*"', "unlock.usb = …: write full ids"),
        ('"our-secret"', '"hunter2 !"', "unlock.credential = …: write the name of a systemd credential"),
        ('credential = "our-secret"', 'secret = "hunter2"', "unlock.secret = …: unknown key"),
        ("@PIN;{secret};#", "hunter2", "write {secret} where a step should send it"),
        ("{secret};", "{secret}{secret}", "unlock.step[1].text = …: write {secret} at most once"),
        (
            'expect = "OK"',
            'expect = "{secret}"',
            "step[2].expect = …: the expected reply must not contain the secret",
        ),
        ('hex = "40 44 49 53 4b"', 'hex = "hunter2"', "step[3].hex = …: write pairs of hexadecimal digits"),
        ('hex = "40 44 49 53 4b"', "", "give either text or hex"),
        ('hex = "40 44 49 53 4b"', "hex = 4711", "step[3].hex = …: write a text in quotes"),
        ('credential = "our-secret"', "pin = 4711", "unlock.pin = …: unknown key"),
        ("0x81", "0x01", "step[2].endpoint = 1: write a number from 0x81"),
        ('"bulk-in"', '"read"', "step[2].do = …: write one of: bulk-out"),
        ("at = 5", "at = 5\ntimeout_ms = 60000", "timeout_ms = 60000: write a number from 0x1"),
        ("[[unlock.step]]", "[[unlock.steps]]", "write 1 to 16 steps"),
    ],
)
def test_a_mistake_is_told_without_a_text_that_could_be_the_secret(
    tmp_path: Path, old: str, new: str, mistake: str
) -> None:
    """Strict like the rest of a profile."""
    (tmp_path / "p.toml").write_text(UNLOCK_BY_BULK.replace(old, new))
    with pytest.raises(ConfigError) as caught:
        load_profiles([tmp_path])
    assert mistake in caught.value.message
    assert "hunter2" not in caught.value.message
    assert "4711" not in caught.value.message


def test_a_control_request_of_usb_itself_cannot_be_asked_for(tmp_path: Path) -> None:
    """Such as one that changes the camera's address."""
    (tmp_path / "p.toml").write_text(CONTROL.replace("0x40", "0x00", 1))
    with pytest.raises(ConfigError, match="class or vendor request"):
        load_profiles([tmp_path])
