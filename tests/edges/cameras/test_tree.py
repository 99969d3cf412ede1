"""A tree made by somebody who means harm, or by a card that is failing, harms nobody."""

from __future__ import annotations

import ast
import os
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bwvdock.core.ports import CameraFile, FileStatus
from bwvdock.edges.cameras.tree import TreeVolume
from bwvdock.edges.cameras.walk import MAX_SIZE, Limits, words
from bwvdock.errors import CameraGoneError, NotReadyError, UnreadableError
from tests.places import ROOT


class Plain(TreeVolume):
    """A tree that is always there, unless a test says otherwise."""

    there = True

    def present(self) -> bool:
        return self.there and self._answers()


def volume_of(path: Path, limits: Limits | None = None) -> Plain:
    return Plain(os.open(path, os.O_RDONLY | os.O_DIRECTORY), name="card", limits=limits)


@pytest.fixture
def card(tmp_path: Path) -> Path:
    (tmp_path / "card").mkdir()
    return tmp_path / "card"


@pytest.fixture
def volume(card: Path) -> Iterator[Plain]:
    made = volume_of(card)
    yield made
    made.close()


def statuses(volume: TreeVolume) -> dict[str, tuple[FileStatus, str]]:
    return {file.path: (file.status, file.reason) for file in volume.list()}


def test_a_link_is_refused_and_never_followed(card: Path, volume: Plain, tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret/key.mp4").write_bytes(b"secret")
    (card / "file.mp4").symlink_to(tmp_path / "secret/key.mp4")
    (card / "DCIM").symlink_to(tmp_path / "secret")
    refused = (FileStatus.REFUSED, "a symbolic link")
    assert statuses(volume) == {"file.mp4": refused, "DCIM": refused}
    size, mtime = 6, (tmp_path / "secret/key.mp4").stat().st_mtime_ns
    for path in ("file.mp4", "DCIM/key.mp4"):
        with pytest.raises(UnreadableError):
            volume.open(CameraFile(path=path, size=size, mtime_ns=mtime))


def test_fifos_sockets_and_devices_are_refused(card: Path, volume: Plain) -> None:
    os.mkfifo(card / "fifo.mp4")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(card / "s.mp4"))
        assert statuses(volume) == {
            "fifo.mp4": (FileStatus.REFUSED, "a FIFO"),
            "s.mp4": (FileStatus.REFUSED, "a socket"),
        }


def test_a_fifo_that_took_a_files_place_hangs_nobody(card: Path, volume: Plain) -> None:
    os.mkfifo(card / "clip.mp4")
    with pytest.raises(UnreadableError):
        volume.open(CameraFile(path="clip.mp4", size=5, mtime_ns=0))


@pytest.mark.needs_root
def test_a_device_is_refused(card: Path, volume: Plain) -> None:
    try:
        os.mknod(card / "null.mp4", 0o600 | stat.S_IFCHR, os.makedev(1, 3))
    except PermissionError:
        pytest.skip("may not make a device")
    assert statuses(volume) == {"null.mp4": (FileStatus.REFUSED, "a character device")}


_LIST = """
import os, sys
from tests.edges.cameras.test_tree import volume_of
from pathlib import Path
print(sorted((f.path, f.status.value, f.reason) for f in volume_of(Path(sys.argv[1])).list()))
"""


def listed_with_mount(card: Path, mount: str) -> object:
    """Return what is listed where something is mounted ($0 is the card), which no other process sees."""
    private = ["unshare", "--mount", "--map-root-user", "sh", "-c"]
    if subprocess.run(
        [*private, 'mount --bind "$0" "$0"', card], check=False, capture_output=True
    ).returncode:
        pytest.skip("NOT TESTED: may not mount in a namespace of its own")
    script = f'{mount} && exec {sys.executable} -c "$1" "$0"'
    listed = subprocess.run(
        [*private, script, card, _LIST], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return ast.literal_eval(listed.stdout)


@pytest.mark.needs_root
def test_another_file_system_is_not_entered(card: Path) -> None:
    (card / "other").mkdir()
    (card / "clip.mp4").touch()
    mount = 'mount -t tmpfs none "$0/other" && touch "$0/other/clip.mp4"'
    assert listed_with_mount(card, mount) == [
        ("clip.mp4", "ready", ""),
        ("other", "refused", "another file system is mounted there"),
    ]


@pytest.mark.needs_root
def test_a_folder_that_contains_itself_is_told_and_not_listed_again(card: Path) -> None:
    (card / "DCIM/again").mkdir(parents=True)
    (card / "DCIM/clip.mp4").touch()
    assert listed_with_mount(card, 'mount --bind "$0/DCIM" "$0/DCIM/again"') == [
        ("DCIM/again", "unreadable", "the folder contains itself"),
        ("DCIM/clip.mp4", "ready", ""),
    ]


def test_a_folder_that_cannot_be_read_is_told_and_the_rest_goes_on(card: Path, volume: Plain) -> None:
    (card / "DCIM/locked").mkdir(parents=True)
    (card / "DCIM/locked/lost.mp4").touch()
    (card / "DCIM/clip.mp4").touch()
    (card / "DCIM/locked").chmod(0)
    with somebody():
        found = statuses(volume)
    (card / "DCIM/locked").chmod(0o700)
    assert found == {
        "DCIM/locked": (FileStatus.UNREADABLE, "Permission denied"),
        "DCIM/clip.mp4": (FileStatus.READY, ""),
    }


@contextmanager
def somebody() -> Iterator[None]:
    """Be somebody whom permissions bind: root is not."""
    me = os.geteuid()
    if me == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(me)


def test_folders_nested_too_deep_are_told_and_the_rest_goes_on(card: Path) -> None:
    deep = card.joinpath(*["d"] * 70)
    deep.mkdir(parents=True)
    (deep / "lost.mp4").touch()
    (card / "clip.mp4").touch()
    volume = volume_of(card)
    found = statuses(volume)
    volume.close()
    assert found["clip.mp4"][0] is FileStatus.READY
    assert found["/".join(["d"] * 64)] == (FileStatus.UNREADABLE, "folders are nested deeper than 64")
    assert len(found) == 2


def test_a_volume_with_too_many_entries_is_told_where_it_stopped(card: Path) -> None:
    for n in range(12):
        (card / f"{n:02}.mp4").touch()
    volume = volume_of(card, Limits(entries=10))
    found = statuses(volume)
    volume.close()
    assert found.pop(".") == (FileStatus.UNREADABLE, "the volume has more than 10 entries")
    assert len(found) == 10


def test_as_many_entries_as_the_limit_are_no_trouble(card: Path) -> None:
    for n in range(10):
        (card / f"{n:02}.mp4").touch()
    volume = volume_of(card, Limits(entries=10))
    assert len(statuses(volume)) == 10
    volume.close()


def test_a_size_that_the_volume_cannot_hold_is_refused(card: Path, volume: Plain) -> None:
    step = os.statvfs(card)
    size = step.f_blocks * step.f_frsize + 4096
    with (card / "clip.mp4").open("wb") as file:
        file.truncate(min(size, 2**43))
    found = statuses(volume)["clip.mp4"]
    if size < min(2**43, MAX_SIZE):
        assert found == (FileStatus.REFUSED, f"its size of {size} bytes is larger than the volume")
    else:
        assert found[0] is FileStatus.READY


def test_the_read_only_bit_is_told(card: Path, volume: Plain) -> None:
    (card / "locked.mp4").touch(mode=0o444)
    (card / "open.mp4").touch(mode=0o644)
    assert {f.path: f.read_only for f in volume.list()} == {"locked.mp4": True, "open.mp4": False}


# A file of the kernel that can be opened, has a size, and gives an error on reading.
BROKEN = Path("/sys/class/net/lo")


@pytest.fixture
def broken() -> Iterator[Plain]:
    if not (BROKEN / "speed").exists():
        pytest.skip("this kernel shows no loopback device in sysfs")
    volume = volume_of(BROKEN)
    yield volume
    volume.close()


def test_a_read_error_while_the_camera_is_there_is_the_files(broken: Plain) -> None:
    file = next(f for f in broken.list() if f.path == "speed")
    with broken.open(file) as source, pytest.raises(UnreadableError, match="Invalid argument"):
        source.readinto(memoryview(bytearray(100)))
    with pytest.raises(UnreadableError):
        broken.fingerprint(file)


def test_a_read_error_when_the_camera_is_gone_is_the_yank(broken: Plain) -> None:
    file = next(f for f in broken.list() if f.path == "speed")
    with broken.open(file) as source:
        broken.there = False
        with pytest.raises(CameraGoneError):
            source.readinto(memoryview(bytearray(100)))
    with pytest.raises(CameraGoneError):
        broken.fingerprint(file)


def test_a_file_that_vanished_with_its_camera_is_the_yank(card: Path, volume: Plain) -> None:
    with pytest.raises(NotReadyError):
        volume.open(CameraFile(path="clip.mp4", size=0, mtime_ns=0))
    volume.there = False
    with pytest.raises(CameraGoneError):
        volume.open(CameraFile(path="clip.mp4", size=0, mtime_ns=0))


def test_a_listing_that_was_not_proven_is_thrown_away(card: Path, volume: Plain) -> None:
    (card / "clip.mp4").touch()
    volume.there = False
    with pytest.raises(CameraGoneError):
        volume.list()


def test_closing_while_another_thread_lists_takes_nothing_from_under_it(card: Path) -> None:
    entered, closed = threading.Event(), threading.Event()

    class Slow(Plain):
        def present(self) -> bool:
            with self._using() as root:
                entered.set()
                assert closed.wait(60)
                os.fstat(root)  # still open, and still ours
            return True

    volume = Slow(os.open(card, os.O_RDONLY | os.O_DIRECTORY), name="card")
    outcome: list[object] = []
    lister = threading.Thread(target=lambda: outcome.append(volume.list()))
    lister.start()
    assert entered.wait(60)
    volume.close()
    closed.set()
    lister.join(60)
    assert outcome == [[]]
    with pytest.raises(CameraGoneError):
        volume.list()


def test_no_descriptor_is_left_open(card: Path) -> None:
    (card / "DCIM/100").mkdir(parents=True)
    (card / "DCIM/100/clip.mp4").write_bytes(b"footage")
    before = set(os.listdir("/proc/self/fd"))
    volume = volume_of(card)
    (file,) = volume.list()
    volume.fingerprint(file)
    volume.open(file).close()
    for path in ("DCIM/100/gone.mp4", "DCIM/100", "DCIM/gone/x"):
        with pytest.raises((NotReadyError, UnreadableError)):
            volume.open(CameraFile(path=path, size=1, mtime_ns=0))
    volume.close()
    assert set(os.listdir("/proc/self/fd")) == before


def test_the_kernels_words_are_a_persons() -> None:
    assert words(OSError(5, "ignored")) == "Input/output error"
    assert words(OSError()) == "unknown error"


def test_names_that_would_fill_the_memory_end_the_listing_and_it_says_so(card: Path) -> None:
    folder = card
    for _ in range(3):
        folder = folder / ("\x01" * 200)
        folder.mkdir()
        for n in range(20):
            (folder / f"{n}.mp4").touch()
    volume = volume_of(card, Limits(name_bytes=10_000))
    listed = list(volume.list())
    assert sum(len(file.path) for file in listed) < 20_000
    [told] = [file for file in listed if file.path == "."]
    assert (told.status, "names" in told.reason) == (FileStatus.UNREADABLE, True)
    assert len(volume_of(card, Limits()).list()) == 60
