"""What does the camera edge make of a camera whose objects are not what they should be?"""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import pytest

from bwvdock.core.ports import FileStatus
from bwvdock.errors import BwvdockError, NotReadyError, UnreadableError
from tests.edges.cameras.mtp.rig import CLIP, Docked, camera_with, read
from tests.extent import combined
from tests.fakes.mtp import codec
from tests.fakes.mtp.backend import VirtualCamera
from tests.fakes.mtp.contents import FOLDER, ROOT, Card, Held, Item, Store, Synthetic, bytes_of, card_with
from tests.fakes.mtp.knobs import Change, Knobs, Moment

pytestmark = pytest.mark.slow

SIZE = 700_000
LONGER, OTHER = Synthetic(SIZE + 1000), Synthetic(SIZE, seed=5)


def test_nested_folders_and_two_stores_are_taken_whole() -> None:
    card = Card()
    card.stores[0x0002_0001] = Store(id=0x0002_0001, volume="SD")
    for number in range(30):
        card.add(f"DCIM/{number % 3}BWCAM/sub/é{number}.MP4", Synthetic(number * 1000, number))
        card.add(f"DCIM/B{number}.MP4", Synthetic(number * 999, number), store=0x0002_0001)
    docked = Docked(camera=VirtualCamera(card))
    volumes = docked.mtp.volumes()
    assert [(volume.name, volume.label) for volume in volumes] == [
        ("store-00010001", "BWC"),
        ("store-00020001", "SD"),
    ]
    for volume in volumes:
        files = volume.list()
        assert len(files) == 30
        for file in files:
            store = int(volume.name.removeprefix("store-"), 16)
            assert read(volume, file) == bytes_of(card.find(file.path, store).content)
    assert docked.camera.record.violations == []


def test_loops_and_duplicates_are_listed_once() -> None:
    camera = camera_with(Synthetic(SIZE))
    clip, folder, outer = (camera.card.find(p) for p in (CLIP, "DCIM/100BWCAM", "DCIM"))
    loop = (outer.handle, folder.handle, clip.handle, clip.handle, 0, ROOT)
    camera.responder.turn(Knobs(extra_children={folder.handle: loop, outer.handle: loop, ROOT: loop}))
    docked = Docked(camera=camera)
    volume = docked.volume()
    files = volume.list()
    assert [file.path.rpartition("/")[2] for file in files] == ["BWC_0001.MP4"]
    assert read(volume, files[0]) == bytes_of(Synthetic(SIZE))
    assert len(docked.camera.record.of(0x1008)) < 20


def test_what_an_object_says_of_its_parent_is_not_believed() -> None:
    camera = camera_with(Synthetic(10))
    for item in list(camera.card.items.values()):
        camera.card.put(replace(item, info_parent=item.handle))
    assert Docked(camera=camera).clip() == bytes_of(Synthetic(10))


def test_two_objects_of_one_name_have_paths_of_their_own_at_each_docking() -> None:
    seen = []
    for order in ((0, 1, 2), (2, 0, 1)):
        card = Card()
        for number in order:
            card.add("DCIM/A.MP4", Synthetic(1000 + number, number))
        docked = Docked(camera=VirtualCamera(card))
        volume = docked.volume()
        files = volume.list()
        assert len({file.path for file in files}) == 3
        for file in files:
            assert read(volume, file) == bytes_of(Synthetic(file.size, file.size - 1000))
        seen.append(sorted((file.path, file.size) for file in files))
    assert seen[0] == seen[1]


@pytest.mark.parametrize(
    "raw",
    [
        b"\xff" + "A.MP4\0".encode("utf-16-le"),  # says that it is longer than all that is there
        b"\x02" + "A.MP4\0".encode("utf-16-le"),  # says that it is shorter
        b"\x05" + "A.MP4".encode("utf-16-le"),  # no NUL
        b"\x03\x00\xd8\x41\x00\x00\x00",  # half a pair
        b"\x02\x00\xdc\x00\x00",
        codec.string("a/b/../../etc.MP4"),
        codec.string(".."),
        codec.string("."),
        codec.string("\u202egnp.MP4"),
        codec.string("a\nb\x1b[2J.MP4"),
        codec.string("a\0b.MP4"),
        codec.string("x" * 254),
        b"\0",
    ],
)
def test_a_bad_name_harms_nobody(raw: bytes) -> None:
    camera = camera_with(Synthetic(SIZE))
    camera.card.put(Item(handle=77, name="bad", raw_name=raw, content=Held(b"bad"), parent=1))
    docked = Docked(camera=camera)
    volume = docked.volume()
    files = {file.path: file for file in volume.list()}
    assert read(volume, files.pop(CLIP)) == bytes_of(Synthetic(SIZE))
    for path, file in files.items():
        assert not {"..", "."} & set(path.split("/"))
        assert not any(unicodedata.category(char) in {"Cc", "Cf", "Cs"} for char in path)
        if file.status is FileStatus.READY:
            assert path.startswith("DCIM/")
            assert path.count("/") == 1
            assert read(volume, file) == b"bad"


@pytest.mark.parametrize(
    "date,mtime_s",
    [
        ("20260314T101500", 1_773_483_300),
        ("20260314T101500Z", 1_773_483_300),
        ("20260314T101500.0", 1_773_483_300),
        ("20260314T111500+0100", 1_773_483_300),
        ("20260314T044500-0530", 1_773_483_300),
        ("", 0),
        ("00000000T000000", 0),
        ("20261314T101500", 0),
        ("20260314T106100", 0),
        ("20260314", 0),
        ("yesterday", 0),
        ("\ud800", 0),
        ("19000101T000000", 0),
        ("99991231T235959", 253_402_300_799),
        ("20260314T101500+9999", 0),
    ],
)
def test_every_date_is_a_time_or_none(date: str, mtime_s: int) -> None:
    card = Card()
    card.add(CLIP, Held(b"clip"), modified=date)
    docked = Docked(camera=VirtualCamera(card))
    volume, file = docked.listed()
    assert file.mtime_ns == mtime_s * 1_000_000_000
    assert read(volume, file) == b"clip"


@combined(
    moment=list(Moment),
    at=[0, 1000, SIZE - 1],
    change={
        "grows": Change(handle=3, moment=Moment.BEFORE_DATA, content=LONGER),
        "shrinks": Change(handle=3, moment=Moment.BEFORE_DATA, content=Synthetic(SIZE - 1000)),
        "other-bytes": Change(handle=3, moment=Moment.BEFORE_DATA, content=OTHER, modified="20260314T101501"),
        "other-date": Change(handle=3, moment=Moment.BEFORE_DATA, modified="20260314T101501"),
        "vanishes": Change(handle=3, moment=Moment.BEFORE_DATA, vanishes=True),
    },
)
def test_a_clip_that_changes_under_our_hands_is_not_taken(moment: Moment, at: int, change: Change) -> None:
    changing = replace(change, moment=moment, at=at)
    camera = camera_with(Synthetic(SIZE), Knobs(changes=(changing,)))
    assert camera.card.find(CLIP).handle == 3
    docked = Docked(camera=camera)
    volume, file = docked.listed()
    with pytest.raises((NotReadyError, UnreadableError)):
        read(volume, file)
    assert camera.record.violations == []


@pytest.mark.parametrize("begin", [0, 1, SIZE // 2, SIZE - 1])
@pytest.mark.parametrize("offset", [0, 100_000])
def test_zeros_in_the_place_of_footage_are_not_taken(begin: int, offset: int) -> None:
    operations = Knobs().operations - {0x95C1, 0x101B}
    knobs = Knobs(zero_fill_from=begin, operations=operations)
    docked = Docked(camera=camera_with(Synthetic(SIZE), knobs))
    volume, file = docked.listed()
    with pytest.raises(UnreadableError):
        read(volume, file, offset=offset)


@combined(
    samsung=[False, True],
    size_bytes=[4, 8],
    size=[0, 1, SIZE],
)
def test_sizes_however_they_are_told(samsung: bool, size_bytes: int, size: int) -> None:
    knobs = Knobs(samsung_size=samsung, size_prop_bytes=size_bytes)
    docked = Docked(camera=camera_with(Synthetic(size), knobs))
    assert docked.clip() == bytes_of(Synthetic(size))


def _with_clip(*, info_size: int, prop_size: int | None = None) -> VirtualCamera:
    camera = camera_with(Synthetic(SIZE))
    clip = replace(camera.card.find(CLIP), info_size=info_size, prop_size=prop_size)
    camera.card.put(clip)
    return camera


def test_a_size_that_does_not_fit_is_asked_for_as_a_property() -> None:
    assert Docked(camera=_with_clip(info_size=0xFFFF_FFFF)).clip() == bytes_of(Synthetic(SIZE))


def test_a_size_that_nobody_tells_is_no_size() -> None:
    camera = _with_clip(info_size=0xFFFF_FFFF)
    camera.responder.turn(Knobs(props_absent=frozenset({0xDC04})))
    volume, file = Docked(camera=camera).listed()
    assert file.status is FileStatus.REFUSED
    with pytest.raises(UnreadableError):
        volume.open(file)


@combined(
    wrong=[0, 1, SIZE - 12, SIZE - 1, SIZE + 1, SIZE + 12, 2**31, 2**32 - 2],
    unknown_length=[False, True],
    offset=[0, 1000],
)
def test_a_wrong_size_is_found_out(wrong: int, unknown_length: bool, offset: int) -> None:
    camera = _with_clip(info_size=wrong)
    camera.responder.turn(Knobs(unknown_length_always=unknown_length))
    docked = Docked(camera=camera)
    volume, file = docked.listed()
    if wrong > offset:
        with pytest.raises(BwvdockError):
            read(volume, file, offset=offset, piece=1 << 20)


@pytest.mark.parametrize("wrong", [0, SIZE - 1, SIZE + 1, 2**32 + SIZE, 2**63])
def test_a_wrong_size_as_a_property_is_found_out(wrong: int) -> None:
    camera = _with_clip(info_size=0xFFFF_FFFF, prop_size=wrong)
    volume, file = Docked(camera=camera).listed()
    if wrong:
        with pytest.raises(BwvdockError):
            read(volume, file)


@pytest.mark.parametrize("error", [-1, 1, 1 << 20])
def test_how_many_objects_there_are_is_never_asked(error: int) -> None:
    camera = VirtualCamera(
        card_with({"DCIM/A.MP4": Held(b"a"), "DCIM/B.MP4": Held(b"b")}), Knobs(count_error=error)
    )
    assert [file.path for file in Docked(camera=camera).volume().list()] == ["DCIM/A.MP4", "DCIM/B.MP4"]
    assert 0x1006 not in camera.record.ops()


def test_proplists_are_never_needed() -> None:
    """They lie too often; so every lie in them is harmless."""
    knobs = Knobs(proplist_omits=frozenset({3}), proplist_sizes={3: 7}, proplist_count_error=5)
    docked = Docked(camera=camera_with(Synthetic(SIZE), knobs))
    assert docked.clip() == bytes_of(Synthetic(SIZE))
    assert 0x9805 not in docked.camera.record.ops()


def test_a_folder_that_cannot_be_read_is_said_and_its_neighbours_are_read() -> None:
    card = Card()
    card.add("DCIM/A.MP4", Held(b"a"))
    card.put(Item(handle=50, name="GONE", format=FOLDER, parent=0))
    camera = VirtualCamera(card, Knobs(extra_children={50: (999,)}))
    docked = Docked(camera=camera)
    files = {file.path: file.status for file in docked.volume().list()}
    assert files["DCIM/A.MP4"] is FileStatus.READY
    assert files["GONE"] is not FileStatus.READY
