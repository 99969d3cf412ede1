"""Who is it, is it locked, what may be deleted, and does a copy go on? The camera edge on virtual cameras."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from bwvdock.core.policy import ErasePermit, ProofMethod, Receipt, permit_erase
from bwvdock.core.states import ClipState
from bwvdock.edges.cameras.mtp.camera import MtpCamera
from bwvdock.edges.cameras.mtp.events import Hint
from bwvdock.errors import (
    BwvdockError,
    CameraGoneError,
    EraseRefusedError,
    LockedError,
    UnreadableError,
    VolumeRefusedError,
)
from tests.edges.cameras.mtp.rig import CLIP, MIB, Docked, Rig, camera_with, read, same
from tests.fakes.mtp import codec
from tests.fakes.mtp.backend import VirtualBackend, VirtualCamera
from tests.fakes.mtp.contents import Held, Item, Sampled, Store, Synthetic, bytes_of
from tests.fakes.mtp.descriptors import MASS_STORAGE, VENDOR, Look
from tests.fakes.mtp.knobs import ALL_OPERATIONS, PLAIN_PTP, Fault, Knobs, Locked, Trouble

SIZE = 700_000
TRUTH = bytes_of(Synthetic(SIZE))


def docked(knobs: Knobs | None = None, look: Look | None = None, *, size: int = SIZE) -> Docked:
    camera = camera_with(Synthetic(size), knobs)
    camera.look = look or Look()
    return Docked(camera=camera)


def the_permit() -> ErasePermit:
    receipt = Receipt(destination="vault", object="o", version="", sha256="ab", method=ProofMethod.READ_BACK)
    permit = permit_erase(
        clip="c",
        state=ClipState.VERIFIED,
        sha256="ab",
        required=("vault",),
        receipts={"vault": receipt},
        reread_sha256="ab",
        reread_required=True,
        held=False,
    )
    assert permit is not None
    return permit


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
    ],
)
def test_what_is_no_mtp_camera_or_is_held_by_another_is_refused(look: Look) -> None:
    with pytest.raises(VolumeRefusedError) as caught:
        docked(look=look)
    assert caught.value.remedy


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
    assert told.wait(10)
    assert heard == [Hint.STORE_ADDED]
    assert device.clip() == TRUTH
    device.mtp.close()


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


# --- going on in the midst ---

WITHOUT_64 = ALL_OPERATIONS - {0x95C1}
WITHOUT = ALL_OPERATIONS - {0x95C1, 0x101B}


@pytest.mark.parametrize(
    "knobs",
    [
        Knobs(),
        Knobs(operations=WITHOUT_64),
        Knobs(operations=WITHOUT),
        Knobs(phantom=frozenset({0x95C1})),
        Knobs(phantom=frozenset({0x95C1, 0x101B})),
        Knobs(partial_from_start=True),
        Knobs(partial_wraps=True),
        Knobs(operations=WITHOUT, glued_response=True),
    ],
)
@pytest.mark.parametrize("offset", [0, 1, 511, 65_536, SIZE - 1, SIZE])
def test_a_copy_goes_on_from_any_byte(knobs: Knobs, offset: int) -> None:
    device = docked(knobs)
    assert device.clip(offset=offset) == TRUTH[offset:]
    assert device.camera.record.violations == []


@pytest.mark.parametrize(
    "knobs",
    [
        Knobs(partial_short_by=1),
        Knobs(partial_short_by=100_000),
        Knobs(partial_at_most=100),
        Knobs(partial_at_most=4095),
        Knobs(partial_extra=1),
        Knobs(partial_extra=12),
        Knobs(partial_claim_error=1),
        Knobs(partial_claim_error=-1),
        Knobs(zero_fill_from=100_000),
    ],
)
def test_windows_that_are_not_what_was_asked_for(knobs: Knobs) -> None:
    """Fewer bytes with an honest count are right; every other difference is a refusal."""
    device = docked(knobs)
    volume, file = device.listed()
    try:
        data = read(volume, file, offset=SIZE - 6000)
    except BwvdockError:
        return
    if knobs.zero_fill_from is None:
        assert data == TRUTH[SIZE - 6000 :]
        assert knobs.partial_short_by or knobs.partial_at_most


@pytest.mark.parametrize("op", [0x1009, 0x95C1])
@pytest.mark.parametrize("at", [None, 12, 600, 20_000])
@pytest.mark.parametrize("skip", [0, 3, 4])
def test_who_asks_again_after_a_failure_misses_nothing(op: int, at: int | None, skip: int) -> None:
    """A buffer filled by several windows, one of which failed, must not be taken for read."""
    fault = Fault(op=op, trouble=Trouble.HANG, at=at, skip=skip, count=1)
    device = docked(Knobs(faults=(fault,), partial_at_most=50_000))
    volume, file = device.listed()
    begin = 1000 if op == 0x95C1 else 0
    data, buffer = bytearray(), memoryview(bytearray(300_000))
    with volume.open(file, offset=begin) as source:
        for _ in range(20):
            with suppress(UnreadableError):
                data += buffer[: source.readinto(buffer)]
    assert bytes(data) == TRUTH[begin:]


def test_who_asks_again_after_a_clip_was_withdrawn_gets_nothing_of_it() -> None:
    """Windows of its end would be right; what was handed over before them is not."""
    device = docked(Knobs(zero_fill_from=100_000))
    volume, file = device.listed()
    buffer = memoryview(bytearray(SIZE // 2))
    with volume.open(file) as source:
        assert source.readinto(buffer) == SIZE // 2
        for _ in range(3):
            with pytest.raises(UnreadableError):
                source.readinto(buffer)


@pytest.mark.parametrize("at", [0, 12, 512, 100_000, 512_000, SIZE + 11])
def test_after_a_yank_the_copy_goes_on_where_it_was(at: int) -> None:
    device = docked(Knobs(faults=(Fault(op=0x1009, trouble=Trouble.GONE, at=at),)))
    volume, file = device.listed()
    kept, buffer = bytearray(), memoryview(bytearray(50_000))
    source = volume.open(file)
    with suppress(CameraGoneError):
        while count := source.readinto(buffer):
            kept += buffer[:count]
    source.close()
    assert bytes(kept) == TRUTH[: len(kept)]
    assert len(kept) < SIZE
    with pytest.raises(CameraGoneError):
        volume.list()
    device.mtp.close()
    device.camera.plug(Knobs())
    again = Docked(camera=device.camera)
    assert bytes(kept) + again.clip(offset=len(kept)) == TRUTH
    assert (0x95C1 in again.camera.record.ops()) == (len(kept) > 0)


@pytest.mark.parametrize("op", sorted(ALL_OPERATIONS))
def test_a_yank_at_any_operation_is_a_yank(op: int) -> None:
    """An empty listing, above all, is never what comes of it."""
    camera = camera_with(Synthetic(SIZE), Knobs(faults=(Fault(op=op, trouble=Trouble.GONE),)))
    try:
        device = Docked(camera=camera)
        assert device.clip(offset=10) == TRUTH[10:]
    except CameraGoneError:
        assert camera.responder.gone
    else:
        assert op not in camera.record.ops()


# --- deleting ---


def test_one_clip_is_deleted_and_no_other() -> None:
    device = docked()
    device.camera.card.add("DCIM/100BWCAM/BWC_0002.MP4", Held(b"other"))
    volume, file = device.listed()
    handle = device.camera.card.find(CLIP).handle
    volume.erase(the_permit(), file)
    assert device.camera.record.deleted == [handle]
    assert [left.path for left in volume.list()] == ["DCIM/100BWCAM/BWC_0002.MP4"]
    assert device.camera.record.violations == []


@pytest.mark.parametrize("code", [0x2002, 0x2005, 0x200D, 0x200E, 0x200F, 0x2012, 0x2019])
def test_a_refusal_to_delete_is_said(code: int) -> None:
    device = docked(Knobs(delete_code=code))
    volume, file = device.listed()
    with pytest.raises(BwvdockError):
        volume.erase(the_permit(), file)
    assert device.camera.record.ops().count(0x100B) >= 1
    assert read(volume, file) == TRUTH


def test_a_deletion_that_did_not_happen_is_not_believed() -> None:
    device = docked(Knobs(delete_lies=True))
    volume, file = device.listed()
    with pytest.raises(EraseRefusedError, match="still has it"):
        volume.erase(the_permit(), file)


def test_on_a_read_only_store_no_deletion_is_asked_for() -> None:
    device = docked()
    (store,) = device.camera.card.stores.values()
    device.camera.card.stores[store.id] = replace(store, access=1)
    volume, file = device.listed()
    with pytest.raises(EraseRefusedError):
        volume.erase(the_permit(), file)
    assert 0x100B not in device.camera.record.ops()


@pytest.mark.parametrize("what", ["content", "modified", "name"])
def test_what_is_not_what_was_listed_is_not_deleted(what: str) -> None:
    device = docked()
    volume, file = device.listed()
    item = device.camera.card.find(CLIP)
    changes: dict[str, Any] = {"content": Synthetic(SIZE + 1), "modified": "20260101T000000", "name": "X.MP4"}
    device.camera.card.put(replace(item, **{what: changes[what]}))
    with pytest.raises(BwvdockError):
        volume.erase(the_permit(), file)
    assert 0x100B not in device.camera.record.ops()


def test_of_two_that_cannot_be_told_apart_none_is_deleted() -> None:
    device = docked()
    twin = device.camera.card.add(CLIP, Synthetic(SIZE, seed=9))
    assert isinstance(twin, Item)
    volume = device.volume()
    for file in volume.list():
        with pytest.raises(EraseRefusedError):
            volume.erase(the_permit(), file)
    assert device.camera.record.deleted == []


# --- several cameras, and large clips ---


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


@pytest.mark.slow
@pytest.mark.parametrize("offset", [0, 2**32 - 5, 2**32 + 1])
@pytest.mark.parametrize(
    "knobs",
    [Knobs(), Knobs(operations=WITHOUT_64), Knobs(operations=WITHOUT), Knobs(partial_wraps=True)],
    ids=["64-bit windows", "32-bit windows", "no windows", "windows that wrap"],
)
@pytest.mark.parametrize("size", [2**32 - 13, 2**32 - 12, 2**32 - 1, 2**32, 2**32 + MIB - 12])
def test_clips_of_4_gib_are_taken_whole(size: int, knobs: Knobs, offset: int) -> None:
    content = Sampled(size)
    volume, file = Docked(camera=camera_with(content, knobs)).listed()
    assert file.size == size
    at, buffer = min(offset, size), memoryview(bytearray(4 * MIB))
    with volume.open(file, offset=at) as source:
        while count := source.readinto(buffer):
            assert same(buffer[:count], content, at)
            at += count
    assert at == size


@pytest.mark.parametrize(
    "harm", [lambda rig: rig.session.close(), lambda rig: rig.pipe.close(), lambda rig: rig.camera.yank()]
)
def test_closing_in_any_order_is_no_error(harm: Callable[[Rig], None]) -> None:
    rig = Rig(camera=camera_with(Synthetic(SIZE))).open()
    harm(rig)
    rig.session.close()
    rig.pipe.close()
    rig.pipe.close()
