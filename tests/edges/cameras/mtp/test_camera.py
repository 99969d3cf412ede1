"""What holds when several things are done with one camera, in any order and from several threads?"""

from __future__ import annotations

import hashlib
import threading
from contextlib import suppress
from datetime import UTC, datetime

import pytest

from bwvdock.edges.cameras.mtp.camera import MtpCamera
from bwvdock.edges.cameras.mtp.objects import component
from bwvdock.errors import CameraGoneError, LockedError, UnreadableError
from tests.edges.cameras.mtp.rig import CLIP, Docked, camera_with, read
from tests.extent import combined
from tests.fakes.mtp.backend import VirtualBackend, VirtualCamera
from tests.fakes.mtp.contents import Card, Store, Synthetic, bytes_of
from tests.fakes.mtp.knobs import ALL_OPERATIONS, PLAIN_PTP, Fault, Knobs, Locked, Trouble

SIZE = 3_000_000
TRUTH = bytes_of(Synthetic(SIZE))
NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)


def docked(knobs: Knobs | None = None) -> Docked:
    return Docked(camera=camera_with(Synthetic(SIZE), knobs))


# --- several things at once ---


@pytest.mark.parametrize("operations", [ALL_OPERATIONS, PLAIN_PTP])
def test_two_clips_can_be_read_by_turns(operations: frozenset[int]) -> None:
    """A camera does one thing at a time: what is interrupted goes on, and no byte is mixed up."""
    camera = camera_with(Synthetic(SIZE), Knobs(operations=operations))
    camera.card.add("B.MP4", Synthetic(SIZE, seed=7))
    device = Docked(camera=camera)
    volume = device.volume()
    files = sorted(volume.list(), key=lambda file: file.path)
    taken, buffer = {file.path: bytearray() for file in files}, memoryview(bytearray(900_000))
    sources = {file.path: volume.open(file) for file in files}
    for _ in range(4):
        for path, source in sources.items():
            taken[path] += buffer[: source.readinto(buffer)]
    assert taken[CLIP] == TRUTH
    assert taken["B.MP4"] == bytes_of(Synthetic(SIZE, seed=7))
    assert camera.record.violations == []


def test_a_listing_in_the_midst_of_a_clip_does_it_no_harm() -> None:
    device = docked()
    volume, file = device.listed()
    data, buffer = bytearray(), memoryview(bytearray(500_000))
    with volume.open(file) as source:
        while count := source.readinto(buffer):
            data += buffer[:count]
            assert list(volume.list()) == [file]
    assert data == TRUTH
    assert device.camera.record.violations == []


@pytest.mark.parametrize("count", [1, 1000, SIZE - 1000, SIZE - 1])
def test_a_clip_that_nobody_wants_to_the_end_is_let_go_of_properly(count: int) -> None:
    device = docked()
    volume, file = device.listed()
    with volume.open(file) as source:
        source.readinto(memoryview(bytearray(count)))
    assert device.camera.responder.undrained == 0
    assert bool(device.camera.record.cancels) == (SIZE - count > 1 << 20)  # a little is sooner read
    assert read(volume, file) == TRUTH
    assert device.camera.record.violations == []


def test_closing_the_camera_in_the_midst_of_a_clip_leaves_it_in_good_order() -> None:
    device = docked()
    volume, file = device.listed()
    source = volume.open(file)
    source.readinto(memoryview(bytearray(1000)))
    device.mtp.close()
    assert device.camera.record.cancels
    assert device.camera.record.ops()[-1] == 0x1003
    assert device.camera.record.releases
    with pytest.raises(CameraGoneError):
        source.readinto(memoryview(bytearray(1000)))
    source.close()
    assert device.camera.record.violations == []


def test_closing_from_another_thread_waits_for_nothing_and_takes_nothing_away() -> None:
    camera = camera_with(Synthetic(SIZE))
    entered, leave = threading.Event(), threading.Event()
    readings = []

    def now() -> datetime:
        entered.set()
        leave.wait(60)
        return NOON

    mtp = MtpCamera(VirtualBackend(camera), camera.bus, camera.address, attached=lambda _: True, now=now)
    thread = threading.Thread(target=lambda: readings.append(mtp.clock()))
    thread.start()
    assert entered.wait(60)
    mtp.close()
    assert not mtp.present()
    assert camera.record.closed == 0
    leave.set()
    thread.join(60)
    assert readings[0] is not None
    assert readings[0].raw == "20260314T111502"
    assert camera.record.closed == 1
    assert camera.record.ops()[-1] == 0x1003
    with pytest.raises(CameraGoneError):
        mtp.volumes()


def test_a_volume_that_is_closed_leaves_the_others_open() -> None:
    camera = camera_with(Synthetic(SIZE))
    camera.card.stores[0x0002_0001] = Store(id=0x0002_0001)
    first, second = Docked(camera=camera).mtp.volumes()
    second.close()
    assert [file.path for file in first.list()] == [CLIP]
    with pytest.raises(CameraGoneError):
        second.list()


@pytest.mark.few(4)
@combined(
    trouble=[Trouble.STALL, Trouble.HANG, Trouble.NAK],
    operations=[ALL_OPERATIONS, PLAIN_PTP],
    at=[None, 12, 2_000_000, SIZE + 11],
)
def test_a_passing_trouble_costs_nobody_a_walk_to_the_dock(
    trouble: Trouble, operations: frozenset[int], at: int | None
) -> None:
    device = docked(Knobs(faults=(Fault(op=0x1009, trouble=trouble, at=at, count=1),), operations=operations))
    volume, file = device.listed()
    assert read(volume, file, piece=500_000) == TRUTH
    assert device.camera.record.violations == []


def test_a_clip_that_always_fails_is_given_up_and_its_neighbour_is_read() -> None:
    """Without a reset, which would make the camera leave the bus and be docked again for ever."""
    fault = Fault(op=0x1009, trouble=Trouble.STALL, at=2_000_000, count=3)
    device = docked(Knobs(faults=(fault,), operations=PLAIN_PTP))
    device.camera.card.add("B.MP4", Synthetic(1000))
    volume, file = device.listed()
    with pytest.raises(UnreadableError):
        read(volume, file)
    assert (device.camera.record.usb_resets, device.camera.record.class_resets) == (0, 0)
    assert device.clip("B.MP4") == bytes_of(Synthetic(1000))


# --- sessions ---


def test_handles_of_an_earlier_session_are_learnt_anew() -> None:
    """A camera may number its objects otherwise in each session: then 3 is somebody else's clip."""
    device = docked()
    volume, file = device.listed()
    card = device.camera.card
    other = card.add("DCIM/100BWCAM/BWC_0002.MP4", Synthetic(SIZE, seed=4))
    clip = card.find(CLIP)
    device.camera.responder.camera.session = 0  # it forgets the session, and is given another
    device.mtp.volumes()
    card.items = {key: item for key, item in card.items.items() if key not in {clip.handle, other.handle}}
    for handle, item in ((clip.handle, other), (other.handle, clip)):
        card.put(type(item)(handle=handle, name=item.name, content=item.content, parent=item.parent))
    assert read(volume, file) == TRUTH
    assert device.camera.record.violations == []


def test_a_listing_in_whose_midst_the_camera_starts_anew_is_begun_again() -> None:
    fault = Fault(op=0x1008, trouble=Trouble.HANG, skip=1, count=3)
    device = docked(Knobs(faults=(fault,)))
    assert [file.path for file in device.volume().list()] == [CLIP]


def test_a_new_session_shows_what_the_old_one_did_not() -> None:
    device = docked(Knobs(locked=Locked.NO_STORES, unlocks_in_session=3))
    looks = 0
    while looks < 20:
        with suppress(LockedError):
            device.mtp.volumes()
            break
        looks += 1
    assert device.clip() == TRUTH
    assert device.camera.record.ops().count(0x1003) == 2
    assert looks == 10
    assert device.camera.record.violations == []


# --- both ends of a clip ---


def test_both_ends_are_read_without_the_middle() -> None:
    device = docked()
    volume, file = device.listed()
    assert volume.fingerprint(file) == hashlib.sha256(TRUTH[:65_536] + TRUTH[-65_536:]).hexdigest()
    assert sum(read.got for read in device.camera.record.reads) < 140_000


@pytest.mark.parametrize("knobs", [Knobs(operations=PLAIN_PTP), Knobs(phantom=frozenset({0x95C1, 0x101B}))])
def test_where_there_are_no_windows_a_long_clip_has_no_fingerprint(knobs: Knobs) -> None:
    volume, file = docked(knobs).listed()
    assert volume.fingerprint(file) == ""


@pytest.mark.parametrize(
    "knobs, note",
    [
        (Knobs(), "resumed at byte 1000 by GetPartialObject64"),
        (Knobs(phantom=frozenset({0x95C1})), "resumed at byte 1000 by GetPartialObject"),
        (
            Knobs(operations=PLAIN_PTP),
            "read again from its beginning up to byte 1000: the camera cannot start in the middle",
        ),
    ],
)
def test_how_a_copy_went_on_is_said(knobs: Knobs, note: str) -> None:
    volume, file = docked(knobs).listed()
    with volume.open(file, offset=1000) as source:
        assert source.readinto(memoryview(bytearray(SIZE))) == SIZE - 1000
    assert list(source.notes) == [note]


def test_of_a_clip_that_was_read_in_one_go_nothing_is_said() -> None:
    volume, file = docked().listed()
    with volume.open(file) as source:
        assert source.readinto(memoryview(bytearray(SIZE))) == SIZE
    assert list(source.notes) == []


# --- names ---


@pytest.mark.parametrize(
    "name, shown",
    [
        ("BWC_0001.MP4", "BWC_0001.MP4"),
        ("a/b", r"a\u{2f}b"),
        ("/", r"\u{2f}"),
        (".", r"\u{2e}"),
        ("..", r"\u{2e}\u{2e}"),
        ("...", "..."),
        ("", "unnamed"),
        (r"a\u{2f}b", r"a\\u{2f}b"),
        ("\ud800", r"\xed\xa0\x80"),
    ],
)
def test_a_name_is_one_part_of_a_path(name: str, shown: str) -> None:
    assert component(name) == shown


def test_two_names_that_look_alike_stay_two_files() -> None:
    card = Card()
    for number, name in enumerate(["\ud800.MP4", r"\xed\xa0\x80.MP4", "a\u202e.MP4", r"a\u{202e}.MP4"]):
        card.add(name, Synthetic(1000, seed=number))
    volume = Docked(camera=VirtualCamera(card)).volume()
    files = volume.list()
    assert len({file.path for file in files}) == 4
    assert {read(volume, file) for file in files} == {bytes_of(Synthetic(1000, seed=n)) for n in range(4)}


@pytest.mark.slow
def test_twins_are_both_listed_and_both_read() -> None:
    camera = camera_with(Synthetic(SIZE))
    camera.card.add(CLIP, Synthetic(SIZE, seed=3))
    volume = Docked(camera=camera).volume()
    files = volume.list()
    assert len({file.path for file in files}) == 2
    assert {read(volume, file) for file in files} == {TRUTH, bytes_of(Synthetic(SIZE, seed=3))}
