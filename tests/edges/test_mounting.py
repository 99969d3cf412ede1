"""Does the daemon get a volume's root from the mounter, or a clear error, whatever the mounter does?"""

from __future__ import annotations

import errno
import json
import os
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from bwvdock.core.ports.erasing import EraseOutcome
from bwvdock.edges.mounting import MountedVolume, Mounter, MounterEraser, NamedFile
from bwvdock.errors import (
    BwvdockError,
    CameraGoneError,
    EraseRefusedError,
    MounterUnavailableError,
    NotPermittedError,
    UnreadableError,
    VolumeRefusedError,
)
from bwvdock.mounter.conversation import Desk, converse
from bwvdock.mounter.refusal import RefusalCode
from tests.mounter.machine import VFAT, Machine, machine_with_card, no_descriptor_left, served

GOOD = {
    "ok": True,
    "device": "sda1",
    "dev": "8:1",
    "diskseq": 17,
    "fs": "vfat",
    "label": "",
    "read_only": True,
}


def statvfs(flags: int, fd: int) -> os.statvfs_result:
    """Stand in for a file system with those flags; an unprivileged test has no other."""
    return os.statvfs_result((4096, 4096, 1, 1, 1, 1, 1, 1, flags, 255))


READ_ONLY = partial(statvfs, os.ST_RDONLY)


@pytest.fixture(autouse=True)
def _no_leak() -> Iterator[None]:
    with no_descriptor_left():
        yield


@pytest.fixture(name="machine")
def _machine(tmp_path: Path) -> Machine:
    return machine_with_card(tmp_path)


@pytest.fixture(name="mounter")
def _mounter(machine: Machine, tmp_path: Path) -> Iterator[Mounter]:
    """The real conversation, about a machine that is none."""
    desk = Desk(system=machine.system(), allowed_uids=frozenset({os.getuid()}))
    with served(tmp_path / "socket", partial(converse, desk=desk)):
        yield Mounter(tmp_path / "socket", statvfs=READ_ONLY)


def test_a_volume_comes_with_its_root_and_the_numbers_of_its_medium(
    machine: Machine, mounter: Mounter
) -> None:
    (machine.root / "DCIM").mkdir()
    volume = mounter.mount("sda1")
    assert os.listdir(volume.root_fd) == ["DCIM"]
    assert (volume.device, volume.major, volume.minor, volume.diskseq) == ("sda1", 8, 1, 17)
    assert (volume.fs, volume.label) == ("vfat", "BODYCAM")
    volume.close()


@pytest.mark.parametrize(
    "encoded,shown",
    [
        ("", ""),
        (r"CAM\x2017", "CAM 17"),
        (r"a\x5cb", r"a\\b"),
        (r"\x1b\x5b2J", r"\u{1b}[2J"),
        (r"\xff", r"\xff"),
        ("Müller", "Müller"),
    ],
)
def test_a_label_is_shown_as_it_is_but_harmlessly(
    machine: Machine, mounter: Mounter, encoded: str, shown: str
) -> None:
    machine.tag("8:1", {**VFAT, "ID_FS_LABEL_ENC": encoded})
    volume = mounter.mount("sda1")
    volume.close()
    assert volume.label == shown


@pytest.mark.parametrize(
    "change,kind",
    [
        (lambda m: m.tag("8:1", {}), VolumeRefusedError),
        (lambda m: m.tag("8:1", {**VFAT, "ID_FS_TYPE": "ext4"}), VolumeRefusedError),
        (lambda m: m.tag("8:1", {**VFAT, "ID_FS_TYPE": ""}), VolumeRefusedError),
        (lambda m: setattr(m.kernel.blocks["sda1"], "in_use", True), VolumeRefusedError),
        (lambda m: setattr(m.kernel.blocks["sda1"], "holds", "garbage"), VolumeRefusedError),
        (lambda m: setattr(m.kernel.blocks["sda1"], "holds", None), CameraGoneError),
        (lambda m: m.kernel.blocks.clear(), CameraGoneError),
        (lambda m: setattr(m.kernel, "fails", {"mount": OSError(errno.EIO, "I/O error")}), UnreadableError),
        (lambda m: setattr(m.kernel, "fails", {"open": OSError(errno.EPERM, "no")}), NotPermittedError),
        (lambda m: m.config.write_text("x = 1"), MounterUnavailableError),
        (lambda m: m.kernel.diskseqs.clear(), MounterUnavailableError),
    ],
)
def test_a_refusal_becomes_an_error_with_its_remedy(
    machine: Machine, mounter: Mounter, change: Callable[[Machine], None], kind: type[BwvdockError]
) -> None:
    change(machine)
    with pytest.raises(BwvdockError) as caught:
        mounter.mount("sda1")
    assert type(caught.value) is kind
    assert caught.value.remedy in {code.value for code in RefusalCode}


def test_what_is_not_there_is_gone(mounter: Mounter) -> None:
    with pytest.raises(CameraGoneError, match="sdq"):
        mounter.mount("sdq")


@pytest.mark.parametrize("device", ["", "../../etc", "sda\n", "\ud800", "x" * 3000])
def test_a_hostile_name_is_refused(mounter: Mounter, device: str) -> None:
    with pytest.raises(VolumeRefusedError):
        mounter.mount(device)


def test_a_mounter_that_is_not_there_is_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(MounterUnavailableError, match="cannot be reached") as caught:
        Mounter(tmp_path / "nothing").mount("sda1")
    assert "systemctl start bwvdock-mounter.socket" in caught.value.remedy
    assert caught.value.retryable


def test_a_socket_that_nobody_listens_on_is_said_to_be_so(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as dead:
        dead.bind(str(tmp_path / "socket"))
    with pytest.raises(MounterUnavailableError, match="refused"):
        Mounter(tmp_path / "socket").mount("sda1")


def liar(answer: bytes, descriptors: int) -> Callable[[socket.socket], None]:
    """Be a mounter that says this, and sends so many descriptors with it, whatever is asked."""

    def talk(connection: socket.socket) -> None:
        connection.recv(4096)
        with open(os.devnull, "rb") as null:
            socket.send_fds(connection, [answer], [null.fileno()] * descriptors)

    return talk


@pytest.mark.parametrize(
    "answer,descriptors",
    [
        (b"", 0),
        (b"garbage", 1),
        (b"\xff", 1),
        (b"[" * 5000, 1),
        (b"[]", 1),
        (b"{}", 1),
        (json.dumps(GOOD).encode(), 0),
        (json.dumps(GOOD).encode(), 2),
        (json.dumps({**GOOD, "ok": 1}).encode(), 1),
        (json.dumps({**GOOD, "device": "sdb1"}).encode(), 1),
        (json.dumps({**GOOD, "dev": "8"}).encode(), 1),
        (json.dumps({**GOOD, "diskseq": "17"}).encode(), 1),
        (json.dumps({"ok": True}).encode(), 1),
        (json.dumps({"ok": False, "code": "busy"}).encode(), 1),
    ],
)
def test_a_mounter_that_makes_no_sense_is_not_believed(
    tmp_path: Path, answer: bytes, descriptors: int
) -> None:
    with (
        served(tmp_path / "socket", liar(answer, descriptors)),
        pytest.raises(MounterUnavailableError, match="invalid answer"),
    ):
        Mounter(tmp_path / "socket", statvfs=READ_ONLY).mount("sda1")


def test_a_code_from_a_later_version_is_a_refusal(tmp_path: Path) -> None:
    answer = {"ok": False, "code": "cursed", "message": "the camera is cursed", "remedy": "Ask a priest."}
    with (
        served(tmp_path / "socket", liar(json.dumps(answer).encode(), 0)),
        pytest.raises(VolumeRefusedError, match="cursed") as caught,
    ):
        Mounter(tmp_path / "socket").mount("sda1")
    assert caught.value.remedy == "Ask a priest."


def test_a_volume_that_is_not_read_only_is_let_go(machine: Machine, tmp_path: Path) -> None:
    with (
        served(tmp_path / "socket", liar(json.dumps(GOOD).encode(), 1)),
        pytest.raises(VolumeRefusedError, match="not read-only"),
    ):
        Mounter(tmp_path / "socket", statvfs=partial(statvfs, 0)).mount("sda1")


def test_a_camera_that_leaves_at_that_moment_is_gone(tmp_path: Path) -> None:
    def yanked(fd: int) -> os.statvfs_result:
        raise OSError(errno.EIO, "Input/output error")

    with (
        served(tmp_path / "socket", liar(json.dumps(GOOD).encode(), 1)),
        pytest.raises(CameraGoneError),
    ):
        Mounter(tmp_path / "socket", statvfs=yanked).mount("sda1")


@pytest.mark.slow
def test_a_mounter_that_hangs_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as hanging:
        hanging.bind(str(tmp_path / "socket"))
        hanging.listen()
        with pytest.raises(MounterUnavailableError, match="did not answer within"):
            Mounter(tmp_path / "socket", timeout=0.05).mount("sda1")


def test_a_medium_answers_until_it_does_not_or_is_another(machine: Machine, mounter: Mounter) -> None:
    volume = mounter.mount("sda1")
    volume.close()
    machine.kernel.blocks["sda1"].in_use = True  # by the mount that was just made
    assert mounter.answers(volume)
    machine.kernel.fails = {"read": OSError(errno.EIO, "Input/output error")}
    assert not mounter.answers(volume)
    machine.kernel.fails = {}
    machine.kernel.diskseqs["sda"] = 18
    assert not mounter.answers(volume)


def test_whether_a_medium_answers_is_not_known_without_the_mounter(
    machine: Machine, mounter: Mounter, tmp_path: Path
) -> None:
    volume = mounter.mount("sda1")
    volume.close()
    with pytest.raises(MounterUnavailableError):
        Mounter(tmp_path / "nobody").answers(volume)


# --- erasing ---

MEDIUM = MountedVolume(root_fd=-1, device="sda1", major=8, minor=1, diskseq=17, fs="vfat")
FILE = NamedFile(path=b"DCIM/\xff.MP4", size=1, mtime_ns=0, fingerprint="00")
ERASED = {"outcome": "erased", "reason": ""}
DONE = {"ok": True, "device": "sda1", "dev": "8:1", "diskseq": 17, "files": [ERASED]}


def test_what_became_of_each_file_is_told_in_order(machine: Machine, mounter: Mounter) -> None:
    machine.dock_config.write_text('[release]\nerase = "after-verified"\n')
    (machine.root / "here.mp4").write_bytes(b"footage")
    here = NamedFile(path=b"here.mp4", size=1, mtime_ns=0, fingerprint="00")
    gone, kept = mounter.erase(MEDIUM, [FILE, here])
    assert gone.outcome is EraseOutcome.ALREADY_GONE
    assert (kept.outcome, bool(kept.reason)) == (EraseOutcome.REFUSED, True)


@pytest.mark.parametrize(
    "change,kind",
    [
        (lambda m: None, EraseRefusedError),  # root's file does not say so
        (lambda m: m.dock_config.write_text("garbage"), MounterUnavailableError),
        (lambda m: m.tag("8:1", {}), EraseRefusedError),
        (lambda m: m.kernel.diskseqs.update(sda=18), CameraGoneError),
    ],
)
def test_a_refusal_to_erase_becomes_an_error_with_its_remedy(
    machine: Machine, mounter: Mounter, change: Callable[[Machine], None], kind: type[BwvdockError]
) -> None:
    if kind is CameraGoneError:
        machine.dock_config.write_text('[release]\nerase = "after-verified"\n')
    change(machine)
    with pytest.raises(BwvdockError) as caught:
        mounter.erase(MEDIUM, [FILE])
    assert type(caught.value) is kind
    assert caught.value.remedy in {code.value for code in RefusalCode}


@pytest.mark.parametrize(
    "answer",
    [
        {**DONE, "files": []},
        {**DONE, "files": [ERASED, ERASED]},
        {**DONE, "files": ["erased"]},
        {**DONE, "files": [{"outcome": "vanished", "reason": ""}]},
        {**DONE, "files": [{"outcome": "erased"}]},
        {**DONE, "diskseq": 18},
        {**DONE, "device": "sdb1"},
        {"ok": True},
    ],
)
def test_an_answer_that_does_not_fit_what_was_asked_is_not_believed(
    tmp_path: Path, answer: dict[str, object]
) -> None:
    with (
        served(tmp_path / "socket", liar(json.dumps(answer).encode(), 1)),
        pytest.raises(MounterUnavailableError, match="invalid answer"),
    ):
        Mounter(tmp_path / "socket").erase(MEDIUM, [FILE])


def test_the_same_medium_is_mounted_again_and_another_is_not(machine: Machine, mounter: Mounter) -> None:
    os.close(MounterEraser(mounter, MEDIUM).mount_again())
    with pytest.raises(CameraGoneError):
        MounterEraser(mounter, replace(MEDIUM, diskseq=16)).mount_again()
