"""How does the spool stand on a real disk? What only the real one has; the rest is in tests/contracts."""

from __future__ import annotations

import os
import re
import stat
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from bwvdock.core.clips.retention import DisposalPermit
from bwvdock.core.clips.states import SPOOL
from bwvdock.core.media.part_names import part_name
from bwvdock.core.ports import PIECE_BYTES
from bwvdock.edges.spool import FileSpool, allocated
from bwvdock.errors import DurabilityError, SpoolFullError, StorageError
from tests.fakes.footage import footage, found_clip, part_of
from tests.fakes.spooled import fill, rot
from tests.unprivileged import unprivileged


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[FileSpool]:
    spool = FileSpool(tmp_path / "spool", min_free=0)
    yield spool
    spool.close()


@pytest.mark.parametrize(
    "path,extension",
    [
        ("DCIM/100MEDIA/A.MP4", "mp4"),
        ("a.gps", "gps"),
        ("../../etc/passwd", "bin"),
        ("a.exe", "bin"),
        ("a.part", "bin"),
        ("a.pieces", "bin"),
        ("noextension", "bin"),
        ("a.mp4/..", "bin"),
        ("evil\\u{a}.mp4", "mp4"),
    ],
)
def test_only_a_known_extension_is_kept_of_the_cameras_name(path: str, extension: str) -> None:
    clip = found_clip(1, [(path, 1)])
    assert part_name(clip, 0) == f"{clip.id}.0.{extension}"


def test_a_finished_part_is_read_only_and_stands_alone(spool: FileSpool, tmp_path: Path) -> None:
    clip = fill(spool, found_clip(1, [("a.mp4", 7)]), b"footage")
    [path] = (tmp_path / "spool").iterdir()
    assert path.name == f"{clip.id}.0.mp4"
    assert stat.S_IMODE(path.stat().st_mode) == 0o440
    assert path.read_bytes() == b"footage"


def test_a_part_that_the_vault_shares_is_never_written_to_again(spool: FileSpool, tmp_path: Path) -> None:
    clip = found_clip(1, [("a.mp4", 7)])
    fill(spool, clip, b"footage")
    spooled = tmp_path / "spool" / part_name(clip, 0)
    os.link(spooled, tmp_path / "in-the-vault")
    (tmp_path / "spool" / f"{clip.id}.0.pieces").write_text(f"0 7 {part_of(b'footage').sha256}\n")
    fill(spool, clip, b"FOOTAGE")
    assert (tmp_path / "in-the-vault").read_bytes() == b"footage"
    assert spooled.read_bytes() == b"FOOTAGE"


@pytest.mark.parametrize(
    "log",
    [
        b"",
        b"\x00" * 100,
        b"0 16777216 abc\n",
        b"1 16777216 " + b"a" * 64 + b"\n",
        b"-1 5 " + b"a" * 64 + b"\n",
        b"0 99999999999999999999 " + b"a" * 64 + b"\n",
        b"0 5 " + b"a" * 64 + b" more\n",
        b"\xff\xfe0 5 " + b"a" * 64 + b"\n",
    ],
)
def test_a_torn_log_vouches_for_nothing(spool: FileSpool, tmp_path: Path, log: bytes) -> None:
    clip = found_clip(1, [("a.mp4", 9000)])
    (tmp_path / "spool" / f"{clip.id}.0.part").write_bytes(bytes(9000))
    (tmp_path / "spool" / f"{clip.id}.0.pieces").write_bytes(log)
    [incoming] = spool.receive(clip)
    assert incoming.recorded == []
    assert incoming.peek(0, 9000) == b""
    incoming.close()


def test_a_log_cut_in_its_last_line_vouches_for_the_lines_before(spool: FileSpool, tmp_path: Path) -> None:
    clip = found_clip(1, [("a.mp4", 2 * PIECE_BYTES)])
    (tmp_path / "spool" / f"{clip.id}.0.part").write_bytes(bytes(9000))
    log = f"0 {PIECE_BYTES} {'a' * 64}\n1 {PIECE_BYTES} {'b' * 63}"
    (tmp_path / "spool" / f"{clip.id}.0.pieces").write_text(log)
    [incoming] = spool.receive(clip)
    assert incoming.recorded == [(PIECE_BYTES, "a" * 64)]
    incoming.close()


def test_a_log_without_its_file_vouches_for_nothing(spool: FileSpool, tmp_path: Path) -> None:
    clip = found_clip(1, [("a.mp4", 9000)])
    (tmp_path / "spool" / f"{clip.id}.0.pieces").write_text(f"0 9000 {'a' * 64}\n")
    [incoming] = spool.receive(clip)
    assert list(incoming.read_back(0, 9000)) == []
    incoming.close()


def test_room_for_a_large_clip_is_set_aside_before_its_first_byte(spool: FileSpool, tmp_path: Path) -> None:
    clip = found_clip(1, [("a.mp4", 40_000_000)])
    [incoming] = spool.receive(clip)
    assert spool.used_bytes() >= 40_000_000
    incoming.close()
    assert spool.used_bytes() == 0


def test_a_bit_that_rots_is_found_by_check(spool: FileSpool, tmp_path: Path) -> None:
    clip = fill(spool, found_clip(1, [("a.mp4", 9000)]), footage(9000))
    spool.check(clip)
    rot(tmp_path / "spool", clip, 8999)
    with pytest.raises(DurabilityError, match="no longer matches the hash taken at ingest") as caught:
        spool.check(clip)
    assert clip.id in caught.value.remedy


@pytest.mark.parametrize("logged", [False, True])
def test_a_part_that_a_cut_left_sealed_is_no_obstacle_to_the_daemon(logged: bool) -> None:
    """It is read-only before it has its name; the daemon is not root."""
    clip = found_clip(1, [("a.mp4", 7)])
    with unprivileged() as base:
        spool = FileSpool(base / "spool", min_free=0)
        (base / "spool" / f"{clip.id}.0.part").write_bytes(b"footage")
        (base / "spool" / f"{clip.id}.0.part").chmod(0o440)
        if logged:
            (base / "spool" / f"{clip.id}.0.pieces").write_text(f"0 7 {part_of(b'footage').sha256}\n")
        spool.check(fill(spool, clip, b"footage"))
        spool.close()


def test_a_spool_below_nothing_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be opened") as caught:
        FileSpool(tmp_path / "nowhere" / "spool", min_free=0)
    assert caught.value.remedy


def test_counting_the_bytes_is_not_upset_by_a_copy_that_ends_meanwhile(tmp_path: Path) -> None:
    for name in ("one.part", "two.part"):
        (tmp_path / name).write_bytes(bytes(8192))
    with os.scandir(tmp_path) as entries:
        seen = list(entries)
    (tmp_path / "one.part").rename(tmp_path / "one.mp4")
    assert allocated(seen) == 8192


def _fill_up(spool: FileSpool) -> None:
    for number in range(1, 20):
        fill(spool, found_clip(number, [("a.mp4", 9000)]), b"footage.." * 1000)


@pytest.mark.slow
@pytest.mark.parametrize("option,why", [("nr_inodes=8", "df -i"), ("size=64k", "disk is full. Clip")])
def test_what_there_is_no_room_for_is_named(tmp_path: Path, option: str, why: str) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", option, "tmpfs", str(disk)], check=False).returncode:
        pytest.skip("nothing can be mounted here")
    try:
        with closing(FileSpool(disk / "spool", min_free=-(2**30))) as spool:
            with pytest.raises(SpoolFullError, match=re.escape(why)) as caught:
                _fill_up(spool)
            assert re.search(r"Clip [0-9a-z]+ stays on the camera\.$", caught.value.message)
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)  # the error holds the part that was begun


def test_a_part_whose_path_was_erased_is_found_and_removed(spool: FileSpool, tmp_path: Path) -> None:
    """Of an entry that states no extension, as earlier versions wrote them."""
    clip = fill(spool, found_clip(1, [("a.mp4", 7), ("a.gps", 3)]), b"footage", b"gps")
    erased = replace(clip, files=tuple(replace(file, path="") for file in clip.files))
    for number, part in enumerate(clip.parts):
        assert spool.part(erased, number).sha256 == part.sha256
    spool.check(erased)
    spool.dispose(erased, DisposalPermit(clip=clip.id, place=SPOOL, reason="its time is over"))
    assert list((tmp_path / "spool").iterdir()) == []
