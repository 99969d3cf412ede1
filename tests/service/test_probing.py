"""What is told of an unknown camera, and that it is left as it was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from bwvdock.cli.commands.probe import survey_lines
from bwvdock.config.profiles import load_profiles
from bwvdock.core.clips.admission import Admission, Verdict, admit
from bwvdock.core.media.clock_file import ClockRule
from bwvdock.core.media.profile import Profile
from bwvdock.core.media.self_reported.expected import Expected, Setting, Where
from bwvdock.core.ports import CameraVolume
from bwvdock.edges.cameras.mtp.camera import MtpCamera
from bwvdock.edges.usbtree import UsbDevice
from bwvdock.errors import VolumeRefusedError
from bwvdock.service.probing import Prober, Survey, devices
from tests.fakes.camera import FakeVolume, camera_with
from tests.fakes.mtp import codec
from tests.fakes.mtp.backend import VirtualBackend, VirtualCamera
from tests.fakes.mtp.contents import Held, Store, Synthetic, card_with
from tests.fakes.mtp.knobs import PLAIN_PTP, Knobs, Locked
from tests.fakes.usbtree import FakeUsb

MTP = [("06", "01", "01", "MTP")]
DISK = [("08", "06", "50", "")]
CLIP = "DCIM/100BWCAM/BWC_0001.MP4"
LOOKING = {0x1001, 0x1002, 0x1003, 0x1004, 0x1005, 0x1007, 0x1008, 0x1015, 0x9803}


def prober(
    *,
    camera: VirtualCamera | None = None,
    disks: tuple[FakeVolume, ...] = (),
    enrolled: bool = False,
    profiles: Sequence[Profile] = (),
) -> Prober:
    def open_camera(_: UsbDevice) -> MtpCamera:
        if camera is None:
            raise VolumeRefusedError("The camera may not be opened.", remedy="sudo")
        return MtpCamera(
            VirtualBackend(camera), camera.bus, camera.address, attached=lambda _: True, sleep=lambda _: None
        )

    def open_disks(_: UsbDevice) -> Iterator[CameraVolume]:
        yield from disks

    def decide(serial: str, known_model: bool) -> Verdict:
        return admit(
            serial, mode=Admission.ENROLLED, enrolled=enrolled, known_model=known_model, revoked=None
        )

    return Prober(profiles=profiles or load_profiles(), admit=decide, camera=open_camera, disks=open_disks)


def device(tmp_path: Path, interfaces: list[tuple[str, str, str, str]], disk: str = "") -> UsbDevice:
    FakeUsb(tmp_path).plug("1-2", interfaces=interfaces, disk=disk)
    (found,) = devices("1-2", sysfs=str(tmp_path))
    return found


def told(found: Survey) -> str:
    return "\n".join(survey_lines(found, colour=False))


def test_all_that_a_camera_shows_is_told_and_nothing_on_it_is_touched(tmp_path: Path) -> None:
    card = card_with({CLIP: Synthetic(1000), "DCIM/100BWCAM/BWC_0002": Held(b"no name")})
    card.stores[0x0002_0001] = Store(id=0x0002_0001, volume="SECOND", access=1)
    card.add("DCIM/A.MP4", Held(b"a"), store=0x0002_0001)
    camera = VirtualCamera(card)
    found = prober(camera=camera).probe(device(tmp_path, MTP))
    assert [v.clips for v in found.volumes] == [1, 1]
    assert found.volumes[0].unknown == ("DCIM/100BWCAM/BWC_0002",)
    assert not found.admitted
    text = told(found)
    for word in (
        "Bay 1-2: 1209:b0de Example BWC-100",
        "06/01/01 MTP",
        "81 Bulk in 512",
        "microsoft.com: 1.0; android.com: 1.0;",
        "GetPartialObject64",
        "20260314T111502",
        "store-00020001: SECOND, 68.7 GB, read-only",
        "unknown kind: DCIM/100BWCAM/BWC_0002",
        "Refuse it: not enrolled. If the camera is yours: bwvdock cameras enrol BWC-0001",
        "Once it is admitted, take 1 clip from store-00010001, by the profile generic-dcf.",
        "resume a clip where it stopped (GetPartialObject64)",
        'usb = ["1209:b0de"]',
    ):
        assert word in text, word
    assert set(camera.record.ops()) <= LOOKING
    assert camera.record.ops()[-1] == 0x1003
    assert camera.record.violations == []
    assert all(control.request_type & 0x80 for control in camera.record.controls)


def test_what_is_expected_of_a_camera_is_beside_what_it_says(tmp_path: Path) -> None:
    settings = Setting(name="loop", where=Where(file="SET.JSON", key="loop"), values=("false",))
    size = Setting(name="size", where=Where(code=0xD001), values=("1",))
    own = Profile(
        name="own", usb=("1209:b0de",), expected=Expected(firmware=("1.0",), settings=(settings, size))
    )
    card = card_with({CLIP: Synthetic(1000), "SET.JSON": Held(b'{"loop": true}')})
    card.stores[0x0002_0001] = Store(id=0x0002_0001)
    camera = VirtualCamera(card, Knobs(properties={0xD001: codec.level(0xD001, 7, b"\0")}))
    found = prober(camera=camera, profiles=(own,)).probe(device(tmp_path, MTP))
    assert found.expected == (
        "firmware: says 1.0, expected 1.0",
        "loop: says true, expected false",
        "size: says 7, expected 1",
    )
    assert "  expected    size: says 7, expected 1" in told(found)


def test_a_camera_that_can_do_little_is_told_to_be_so(tmp_path: Path) -> None:
    camera = VirtualCamera(card_with({CLIP: Held(b"a")}), Knobs(operations=PLAIN_PTP - {0x100B}, clock=None))
    text = told(prober(camera=camera).probe(device(tmp_path, MTP)))
    assert "read a clip from its beginning" in text
    assert "Never erase anything" in text
    assert "(not shown)" in text


@pytest.mark.parametrize("how", [Locked.NO_STORES, Locked.UNAVAILABLE])
def test_a_locked_camera_is_described_all_the_same(tmp_path: Path, how: Locked) -> None:
    camera = VirtualCamera(card_with({CLIP: Held(b"a")}), Knobs(locked=how))
    found = prober(camera=camera).probe(device(tmp_path, MTP))
    assert found.says["model"] == "BWC-100"
    assert "it is locked, or has no card" in found.trouble
    assert found.trouble in told(found)
    assert found.remedy in told(found)
    assert found.draft == ""


def test_a_camera_that_may_not_be_opened_is_told_by_its_descriptors(tmp_path: Path) -> None:
    found = prober().probe(device(tmp_path, MTP))
    assert (found.trouble, found.remedy) == ("The camera may not be opened.", "sudo")
    assert "Refuse it: not enrolled." in told(found)


def test_of_a_camera_that_the_daemon_holds_it_is_told_what_to_do(tmp_path: Path) -> None:
    found = prober(enrolled=True).probe(device(tmp_path, MTP))
    assert "systemctl stop bwvdock" in found.remedy
    assert "Admit it: enrolled." in told(found)


def test_a_disk_is_listed_and_let_go(tmp_path: Path) -> None:
    card = camera_with({CLIP: b"footage", "DCIM/100BWCAM/BWC_0001.GPS": b"track"})
    found = prober(disks=(card,)).probe(device(tmp_path, DISK, disk="sdb"))
    assert (found.volumes[0].clips, found.volumes[0].sidecars) == (1, 1)
    assert card.closed
    assert card.bytes_read == {}
    assert 'contains = ["DCIM/*BWCAM/*"]' in told(found)
    assert "clock" not in told(found)


def test_a_clock_file_is_told_so_that_its_profile_can_be_tried(tmp_path: Path) -> None:
    card = camera_with({CLIP: b"footage", "USB.LOG": b"plugged in"})
    profile = Profile(name="logs", contains=("DCIM/**",), clock=ClockRule(file="USB.LOG"))
    found = prober(disks=(card,), profiles=[profile]).probe(device(tmp_path, DISK, disk="sdb"))
    assert "clock       2026-03-14T10:15:01.000Z, from its clock file" in told(found)


def test_what_is_no_camera_is_told_to_be_none_where_it_is_asked_for(tmp_path: Path) -> None:
    keyboard = device(tmp_path, [("03", "01", "01", "Keyboard")])
    assert devices(sysfs=str(tmp_path)) == []
    text = told(prober().probe(keyboard))
    assert "Nothing: it shows neither a disk nor" in text
    assert 'ATTR{idVendor}=="1209", ATTR{idProduct}=="b0de", ENV{BWVDOCK_TRANSPORT}="mtp"' in text


def test_a_vendor_specific_interface_called_mtp_is_one(tmp_path: Path) -> None:
    camera = VirtualCamera(card_with({CLIP: Held(b"a")}))
    found = prober(camera=camera).probe(device(tmp_path, [("ff", "00", "00", "MTP")]))
    assert found.volumes[0].clips == 1
