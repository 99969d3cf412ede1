"""What is on the disk when a durable verb returns? Asked of a real file system, and of strace."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from pathlib import Path

import pytest

from bwvdock.edges import durable, file_copies
from bwvdock.errors import DurabilityError
from tests.fakes.footage import footage
from tests.places import unmeasured
from tests.unprivileged import unprivileged

ROOT = Path(__file__).resolve().parents[2]
needs_strace = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not there")


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[int]:
    fd = durable.open_directory(str(tmp_path))
    yield fd
    os.close(fd)


def filled(directory: int, name: str, content: bytes) -> durable.DiskFile:
    file = durable.DiskFile.create(directory, name)
    buffer = durable.aligned_buffer(len(content))[: len(content)]
    buffer[:] = content
    file.write(buffer, 0)
    return file


def read_back(file: durable.DiskFile, offset: int = 0) -> bytes:
    return b"".join(bytes(data) for data in file.read_back(offset, file.size - offset))


@pytest.mark.parametrize("size", [0, 1, 4095, 4096, 4097, 3 * 2**20 + 11])
def test_what_was_written_and_synced_is_read_back(directory: int, size: int) -> None:
    with filled(directory, "file", footage(size)) as file:
        file.sync()
        assert read_back(file) == footage(size)
        assert file.size == size


@pytest.mark.parametrize("size", [0, 1, 4095, 4096, 4097, 300_000])
def test_a_small_file_is_replaced_whole_over_what_a_cut_had_left(
    directory: int, tmp_path: Path, size: int
) -> None:
    for content, mode in ((footage(100), 0o600), (footage(size), 0o440)):
        (tmp_path / "file.part").write_bytes(b"left over")
        durable.replace(directory, "file", content, mode=mode)
        assert (tmp_path / "file").read_bytes() == content
        assert (tmp_path / "file").stat().st_mode & 0o777 == mode
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file"]


def test_reading_back_begins_on_any_block(directory: int) -> None:
    with filled(directory, "file", footage(20_000)) as file:
        file.sync()
        assert read_back(file, offset=8192) == footage(20_000)[8192:]
        assert b"".join(map(bytes, file.read_back(4096, 100))) == footage(20_000)[4096:4196]


def test_memory_that_begins_on_no_page_is_written_all_the_same(directory: int) -> None:
    with durable.DiskFile.create(directory, "file") as file:
        file.write(memoryview(b"\n" + footage(100))[1:], 0)
        file.sync()
        assert read_back(file) == footage(100)


@pytest.mark.parametrize("buffers", [1, 2, 3])
def test_what_was_read_stays_for_as_many_reads_as_there_are_buffers(directory: int, buffers: int) -> None:
    content, block = footage(50_000), 8192
    with filled(directory, "file", content) as file:
        file.sync()
        given = file.read_back(0, len(content), buffers=buffers, most=block)
        kept: deque[tuple[int, memoryview]] = deque(maxlen=buffers)
        read = 0
        for data in given:
            kept.append((read, data))
            assert all(bytes(old) == content[at : at + block] for at, old in kept)
            read += len(data)
        assert read == len(content)


def test_creating_empties_what_was_there_and_resuming_does_not(directory: int) -> None:
    filled(directory, "file", b"old").close()
    with durable.DiskFile.resume(directory, "file") as file:
        assert file.size == 3
    with durable.DiskFile.create(directory, "file") as file:
        assert file.size == 0


def test_what_a_cut_left_read_only_is_no_obstacle_to_who_has_no_rights() -> None:
    """What is made read-only before it has its name stands so, after a cut, where the next one is made."""
    with unprivileged() as folder:
        for name in ("file", "file.part"):
            (folder / name).write_bytes(b"left over")
            (folder / name).chmod(0o440)
        directory = durable.open_directory(str(folder))
        durable.DiskFile.create(directory, "file").close()
        assert (folder / "file").stat().st_size == 0
        durable.replace(directory, "file", b"new", mode=0o440)
        assert (folder / "file").read_bytes() == b"new"
        os.close(directory)


def test_creating_never_empties_a_finished_file_through_a_name_that_a_cut_left(
    directory: int, tmp_path: Path
) -> None:
    """Where names are published by link and unlink a cut leaves both."""
    (tmp_path / "finished").write_bytes(b"footage")
    os.link(tmp_path / "finished", tmp_path / "file.part")
    durable.DiskFile.create(directory, "file.part").close()
    assert (tmp_path / "finished").read_bytes() == b"footage"


def test_no_room_is_known_and_leaves_nothing_once_the_file_is_gone(directory: int, tmp_path: Path) -> None:
    free = shutil.disk_usage(tmp_path).free
    with durable.DiskFile.create(directory, "file") as file:
        with pytest.raises(OSError, match="No space left") as caught:
            file.preallocate(free + 2**40)
        assert durable.no_room(caught.value)
    durable.remove(directory, "file")
    assert list(tmp_path.iterdir()) == []


def test_publishing_never_replaces(directory: int, tmp_path: Path) -> None:
    filled(directory, "new", b"new").close()
    filled(directory, "taken", b"old").close()
    with pytest.raises(FileExistsError):
        durable.publish(directory, "new", "taken")
    assert (tmp_path / "taken").read_bytes() == b"old"
    durable.publish(directory, "new", "free")
    assert (tmp_path / "free").read_bytes() == b"new"
    assert not (tmp_path / "new").exists()


def test_a_hard_link_never_replaces_and_shares_the_file(directory: int, tmp_path: Path) -> None:
    filled(directory, "file", b"footage").close()
    assert durable.hard_link(directory, "file", directory, "second")
    assert (tmp_path / "second").stat().st_ino == (tmp_path / "file").stat().st_ino
    with pytest.raises(FileExistsError):
        durable.hard_link(directory, "file", directory, "second")


def test_two_file_systems_share_no_file_so_bytes_are_copied(directory: int, elsewhere: Path) -> None:
    other = durable.open_directory(str(elsewhere))
    try:
        filled(directory, "file", footage(9000)).close()
        assert not durable.hard_link(directory, "file", other, "bwvdock-test")
        digest = hashlib.sha256()
        with (
            durable.DiskFile.read(directory, "file") as source,
            durable.DiskFile.create(other, "bwvdock-test") as target,
        ):
            file_copies.copy(source, target, passing=digest.update)
            target.sync()
            assert read_back(target) == footage(9000)
        assert digest.digest() == hashlib.sha256(footage(9000)).digest()
    finally:
        os.close(other)


def test_removing_what_is_not_there_is_done_already(directory: int) -> None:
    durable.remove(directory, "nothing")


def test_a_directory_is_made_once_and_opened_after(directory: int, tmp_path: Path) -> None:
    for _ in range(2):
        os.close(durable.make_directory("new", below=directory))
    assert (tmp_path / "new").is_dir()


def test_a_symbolic_link_is_not_followed(directory: int, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/etc")
    (tmp_path / "file").symlink_to("/etc/hostname")
    with pytest.raises(OSError, match="Not a directory"):
        durable.open_directory("link", below=directory)
    with pytest.raises(OSError, match="symbolic links") as caught:
        durable.DiskFile.read(directory, "file")
    assert caught.value.errno == errno.ELOOP


# --- asked of strace ------------------------------------------------------------------------------

_SCRIPT = """
import os, sys
from bwvdock.edges import durable, file_copies
from bwvdock.errors import DurabilityError
directory = durable.open_directory(sys.argv[1])
file = durable.DiskFile.create(directory, "file")
file.write(memoryview(b"footage"), 0)
try:
    file.sync()
except DurabilityError as error:
    print("first:", error.message, "|", error.remedy)
try:
    file.sync()
except DurabilityError as error:
    print("second:", error.message)
"""


def strace(tmp_path: Path, script: str, *options: str) -> tuple[str, list[str]]:
    """Run a script; give what it printed and the system calls that strace saw."""
    log = tmp_path / "strace.log"
    done = subprocess.run(
        ["strace", "-f", "-y", "-o", str(log), *options, sys.executable, "-c", script, str(tmp_path)],
        cwd=ROOT,
        env={**unmeasured(), "PYTHONPATH": str(ROOT)},
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout, log.read_text(encoding="utf-8", errors="replace").splitlines()


@pytest.mark.slow
@needs_strace
def test_a_failed_fsync_is_never_asked_for_again(tmp_path: Path) -> None:
    printed, calls = strace(tmp_path, _SCRIPT, "-e", "trace=fsync", "-e", "inject=fsync:error=EIO:when=1")
    assert "first: the disk did not keep a file" in printed
    assert "second: the disk has already failed to keep this file" in printed
    assert len([call for call in calls if "fsync(" in call]) == 1


@pytest.mark.slow
@needs_strace
def test_a_directory_that_cannot_be_synced_is_an_error(tmp_path: Path) -> None:
    script = (
        "import sys\nfrom bwvdock.edges import durable\nfrom bwvdock.errors import DurabilityError\n"
        "try:\n    durable.sync_directory(durable.open_directory(sys.argv[1]))\n"
        "except DurabilityError as error:\n    print(error.message)\n"
    )
    printed, _ = strace(tmp_path, script, "-e", "trace=fsync", "-e", "inject=fsync:error=EIO")
    assert "did not keep the names" in printed
    printed, _ = strace(tmp_path, script, "-e", "trace=fsync", "-e", "inject=fsync:error=EINVAL")
    assert printed == ""


@pytest.mark.slow
@needs_strace
def test_where_there_is_no_direct_reading_the_cache_is_dropped(tmp_path: Path) -> None:
    script = (
        "import sys\nfrom bwvdock.edges import durable\n"
        "directory = durable.open_directory(sys.argv[1])\ndurable.remove(directory, 'file')\n"
        "file = durable.DiskFile.create(directory, 'file')\n"
        "file.write(memoryview(b'footage'), 0)\nfile.sync()\n"
        "print(b''.join(map(bytes, file.read_back(0, 7))))\n"
    )
    # A file system that has no O_DIRECT answers the open that asks for it with EINVAL.
    _, plain = strace(tmp_path, script, "-e", "trace=openat")
    number = 1 + next(n for n, call in enumerate(plain) if '"file"' in call and "O_DIRECT|" in call)
    printed, calls = strace(
        tmp_path,
        script,
        "-e",
        "trace=openat,fsync,fadvise64,preadv,preadv2",
        "-e",
        f"inject=openat:error=EINVAL:when={number}",
    )
    assert printed == "b'footage'\n"
    order = [
        call.split()[1].split("(")[0] for call in calls if f"{tmp_path}/file" in call and "openat" not in call
    ]
    assert order in (["fsync", "fadvise64", "preadv"], ["fsync", "fadvise64", "preadv2"])


def test_an_already_refused_file_says_so_without_a_disk(directory: int) -> None:
    file = durable.DiskFile.create(directory, "file")
    read, write = os.pipe()
    os.dup2(write, file.fileno())  # a pipe cannot be synced: the kernel says EINVAL
    for _ in range(2):
        with pytest.raises(DurabilityError):
            file.sync()
    for fd in (read, write):
        os.close(fd)
    file.close()


# --- what somebody else put in a file's place -----------------------------------------------------------


def odd_one(path: Path, kind: str) -> None:
    """Put what is not a plain file in a file's place."""
    path.unlink(missing_ok=True)
    match kind:
        case "FIFO":
            os.mkfifo(path)
        case "folder":
            path.mkdir()
        case "link":
            path.symlink_to(path.with_name("elsewhere"))
        case "device":
            path.symlink_to("/dev/zero")


@pytest.mark.parametrize("kind", ["FIFO", "folder", "link", "device"])
def test_what_is_not_a_plain_file_hangs_nobody_and_leaves_no_descriptor(
    tmp_path: Path, directory: int, kind: str
) -> None:
    (tmp_path / "elsewhere").write_bytes(b"secret")
    odd_one(tmp_path / "file", kind)
    held = os.open(tmp_path / "file", os.O_RDWR | os.O_NONBLOCK) if kind == "FIFO" else -1
    before = sorted(os.listdir("/proc/self/fd"))
    for _ in range(3):
        with pytest.raises(OSError, match=r"plain file|Is a directory|Too many levels"):
            durable.read_small("file", 100, below=directory)
        for read in (durable.DiskFile.read, durable.DiskFile.resume):
            with pytest.raises(OSError, match=r"plain file|Is a directory|Too many levels"):
                read(directory, "file")
    assert sorted(os.listdir("/proc/self/fd")) == before
    if held >= 0:
        os.close(held)
