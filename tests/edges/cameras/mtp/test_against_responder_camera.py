"""Who is it, is it locked, what may be deleted, and does a copy go on? The camera edge on virtual cameras."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from bwvdock.core.facts import SourceFile
from bwvdock.core.ports import CameraFile
from bwvdock.core.ports.erasing import EraseOutcome
from bwvdock.edges.cameras.mtp.camera import MtpCamera
from bwvdock.edges.cameras.mtp.events import Hint
from bwvdock.edges.cameras.mtp.volume import MtpVolume
from bwvdock.errors import BwvdockError, CameraError, EraseRefusedError, LockedError, VolumeRefusedError
from tests.edges.cameras.mtp.rig import CLIP, Docked, Rig, camera_with, read, same
from tests.fakes.mtp import codec
from tests.fakes.mtp.backend import VirtualBackend, VirtualCamera
from tests.fakes.mtp.contents import Card, Held, Item, Store, Synthetic, bytes_of
from tests.fakes.mtp.descriptors import MASS_STORAGE, VENDOR, Look
from tests.fakes.mtp.knobs import PLAIN_PTP, Knobs, Locked
from tests.fakes.taken import permit_for

SIZE = 700_000
TRUTH = bytes_of(Synthetic(SIZE))


def docked(knobs: Knobs | None = None, look: Look | None = None, *, size: int = SIZE) -> Docked:
    camera = camera_with(Synthetic(size), knobs)
    camera.look = look or Look()
    return Docked(camera=camera)


def erased(volume: MtpVolume, file: CameraFile) -> EraseOutcome:
    """Return what became of one file."""
    source = SourceFile(
        path=file.path, size=file.size, mtime_ns=file.mtime_ns, fingerprint="", volume=volume.name
    )
    (erasure,) = volume.erase(permit_for(source))
    assert bool(erasure.reason) is (erasure.outcome is EraseOutcome.REFUSED)
    return erasure.outcome


# --- who it is ---


@pytest.mark.parametrize(
    "look",
    [
        Look(),
        Look(extra_endpoints=3),
        Look(storage_beside=True),
        Look(triple=VENDOR, interface_name="MTP"),
        Look(triple=VENDOR, interface_name="Example MTP Device"),
        Look(interface_name=""),
        Look(serial=None),
    ],
)
def test_every_look_of_an_mtp_camera_is_known(look: Look) -> None:
    device = docked(look=look)
    assert device.clip() == TRUTH
    assert device.mtp.identity.usb_serial == (look.serial or "")
    assert device.mtp.identity.serial == "BWC-0001"
    device.mtp.close()
    assert set(device.camera.record.claims) == {1 if look.storage_beside else 0}
    assert device.camera.record.violations == []


@pytest.mark.parametrize(
    "look",
    [
        Look(triple=VENDOR, interface_name="ADB"),
        Look(triple=VENDOR, interface_name=""),
        Look(triple=MASS_STORAGE),
        Look(held_by="gvfs"),
        Look(kernel_driver=True),
    ],
)
def test_what_is_no_mtp_camera_or_is_held_by_another_is_refused(look: Look) -> None:
    camera = camera_with(Synthetic(SIZE))
    camera.look = look
    with pytest.raises(VolumeRefusedError) as caught:
        Docked(camera=camera)
    assert caught.value.remedy
    assert camera.record.violations == []  # no driver is pushed aside
    assert camera.record.transactions == []


@pytest.mark.parametrize("outer", ["BWC-0001", "0123456789ABCDEF", None])
@pytest.mark.parametrize("inner", ["BWC-0001", "0123456789abcdef0123456789abcdef", "", "\x1b[2J"])
def test_both_serials_are_told_and_escaped(outer: str | None, inner: str) -> None:
    said = docked(Knobs(device_info_serial=inner), Look(serial=outer)).mtp.identity
    assert said.usb_serial == (outer or "")
    assert said.serial == inner.replace("\x1b", r"\u{1b}")


def test_the_clock_is_read_and_nothing_is_ever_set() -> None:
    device = docked(Knobs(clock="20260314T111502"))
    reading = device.mtp.clock()
    assert reading is not None
    assert reading.raw == "20260314T111502"
    assert reading.before <= reading.after
    assert 0x1016 not in device.camera.record.ops()


def test_a_camera_that_has_no_clock_after_all_has_none() -> None:
    assert docked(Knobs(clock=None)).mtp.clock() is None


def test_a_plain_ptp_camera_is_read_as_well() -> None:
    knobs = Knobs(operations=PLAIN_PTP, extension=(0, ""))
    device = docked(knobs)
    assert device.clip() == TRUTH
    assert device.clip(offset=1000) == TRUTH[1000:]
    assert set(device.camera.record.ops()) <= PLAIN_PTP


# --- locked ---


@pytest.mark.parametrize("how", [how for how in Locked if how is not Locked.NO])
def test_a_locked_camera_is_locked_and_not_empty(how: Locked) -> None:
    device = docked(Knobs(locked=how))
    for _ in range(3):
        with pytest.raises(LockedError):
            device.mtp.volumes()
    device.camera.responder.unlock()
    assert device.clip() == TRUTH
    assert device.camera.record.violations == []


def test_a_camera_that_is_unlocked_goes_on_by_polling() -> None:
    device = docked(Knobs(locked=Locked.NO_STORES, unlocks_after_polls=3))
    for _ in range(3):
        with pytest.raises(LockedError):
            device.mtp.volumes()
    assert device.clip() == TRUTH


@pytest.mark.slow
def test_a_store_that_is_added_is_told_by_an_event() -> None:
    device = docked(Knobs(locked=Locked.NO_STORES))
    heard: list[Hint] = []
    told = threading.Event()

    def hear(hint: Hint) -> None:
        heard.append(hint)
        told.set()

    device.mtp.listen(hear)
    for junk in (b"", b"\x01", bytes(12), codec.event(0xC123), codec.response(0x2001, 1)):
        device.camera.responder.send_event(junk)
    device.camera.responder.unlock()
    assert told.wait(60)
    assert heard == [Hint.STORE_ADDED]
    assert device.clip() == TRUTH
    device.mtp.close()


def test_an_empty_slot_beside_a_card_is_no_volume_and_hides_none() -> None:
    device = docked()
    empty = Store(id=0x0002_0000)
    device.camera.card.stores = {empty.id: empty, **device.camera.card.stores}
    assert [volume.name for volume in device.mtp.volumes()] == ["store-00010001"]
    assert device.clip() == TRUTH


def test_a_card_that_is_put_in_later_is_another_volume() -> None:
    device = docked()
    assert len(device.mtp.volumes()) == 1
    device.camera.responder.add_store(Store(id=0x0002_0001))
    device.camera.card.add("B.MP4", Held(b"b"), store=0x0002_0001)
    second = device.mtp.volumes()[1]
    assert [read(second, file) for file in second.list()] == [b"b"]


def test_a_camera_that_locks_itself_while_it_is_listed_is_not_empty() -> None:
    device = docked()
    volume = device.volume()
    device.camera.responder.camera.locked = Locked.NO_STORES
    with pytest.raises(BwvdockError):
        volume.list()


class Vanishing(Card):
    """The card is taken out just after the question what is on it."""

    def children(self, parent: int) -> Sequence[int]:
        self.stores.clear()
        return []


def test_a_card_that_is_taken_out_while_it_is_listed_is_not_empty() -> None:
    (volume,) = Docked(camera=VirtualCamera(Vanishing())).mtp.volumes()
    with pytest.raises(CameraError):
        volume.list()


# --- deleting ---


def test_one_clip_is_deleted_and_no_other() -> None:
    device = docked()
    device.camera.card.add("DCIM/100BWCAM/BWC_0002.MP4", Held(b"other"))
    volume, file = device.listed()
    handle = device.camera.card.find(CLIP).handle
    assert erased(volume, file) is EraseOutcome.ERASED
    assert device.camera.record.deleted == [handle]
    assert [left.path for left in volume.list()] == ["DCIM/100BWCAM/BWC_0002.MP4"]
    assert device.camera.record.violations == []


@pytest.mark.parametrize("code", [0x2002, 0x2005, 0x200D, 0x200E, 0x200F, 0x2012, 0x2019])
def test_a_refusal_to_delete_is_said(code: int) -> None:
    device = docked(Knobs(delete_code=code))
    volume, file = device.listed()
    with pytest.raises(BwvdockError):
        erased(volume, file)
    assert device.camera.record.ops().count(0x100B) >= 1
    assert read(volume, file) == TRUTH


def test_a_deletion_that_did_not_happen_is_not_believed() -> None:
    device = docked(Knobs(delete_lies=True))
    volume, file = device.listed()
    assert erased(volume, file) is EraseOutcome.REFUSED
    assert read(volume, file) == TRUTH


def test_on_a_read_only_store_no_deletion_is_asked_for() -> None:
    device = docked()
    (store,) = device.camera.card.stores.values()
    device.camera.card.stores[store.id] = replace(store, access=1)
    volume, file = device.listed()
    with pytest.raises(EraseRefusedError):
        erased(volume, file)
    assert 0x100B not in device.camera.record.ops()


@pytest.mark.parametrize("what", ["content", "modified", "name"])
def test_what_is_not_what_was_listed_is_not_deleted(what: str) -> None:
    device = docked()
    volume, file = device.listed()
    item = device.camera.card.find(CLIP)
    changes: dict[str, Any] = {"content": Synthetic(SIZE + 1), "modified": "20260101T000000", "name": "X.MP4"}
    device.camera.card.put(replace(item, **{what: changes[what]}))
    assert erased(volume, file) is EraseOutcome.REFUSED
    assert 0x100B not in device.camera.record.ops()


def test_of_two_that_cannot_be_told_apart_none_is_deleted() -> None:
    device = docked()
    twin = device.camera.card.add(CLIP, Synthetic(SIZE, seed=9))
    assert isinstance(twin, Item)
    volume = device.volume()
    for file in volume.list():
        assert erased(volume, file) is EraseOutcome.REFUSED
    assert device.camera.record.deleted == []


# --- several cameras, and the end ---


@pytest.mark.slow
def test_two_cameras_of_one_serial_do_not_mix() -> None:
    cameras = [VirtualCamera(port=port) for port in (1, 2)]
    for number, camera in enumerate(cameras):
        camera.card.add(CLIP, Synthetic(SIZE, seed=number))
    backend = VirtualBackend(*cameras)
    opened = [
        MtpCamera(backend, camera.bus, camera.address, attached=lambda _: True, sleep=lambda _: None)
        for camera in cameras
    ]
    sources = []
    for mtp in opened:
        (volume,) = mtp.volumes()
        (file,) = volume.list()
        sources.append(volume.open(file))
    buffer = memoryview(bytearray(1000))
    for at in range(0, SIZE, 1000):
        for number, source in enumerate(sources):
            assert source.readinto(buffer) == 1000
            assert same(buffer, Synthetic(SIZE, seed=number), at)


@pytest.mark.parametrize(
    "harm", [lambda rig: rig.session.close(), lambda rig: rig.pipe.close(), lambda rig: rig.camera.yank()]
)
def test_closing_in_any_order_is_no_error(harm: Callable[[Rig], None]) -> None:
    rig = Rig(camera=camera_with(Synthetic(SIZE))).open()
    harm(rig)
    rig.session.close()
    rig.pipe.close()
    rig.pipe.close()
