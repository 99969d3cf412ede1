"""Is a backup that was cut off, at whatever point, ever taken for a whole one?

The process that makes it ends without a word at a step: what is on the disk then is what a power cut leaves
at most, because each file is durable before the next is begun (tests/edges/test_durable.py).
"""

from __future__ import annotations

import os
import random
import shutil
import stat
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from bwvdock.backup import layout
from bwvdock.backup.check import State
from bwvdock.backup.make import Wanted, make
from bwvdock.backup.restore import restore
from bwvdock.core.facts import CameraEnrolled, CameraRevoked
from bwvdock.edges.journal import open_journal
from bwvdock.edges.journal.verify.verify import verify_journal
from bwvdock.errors import JournalError, StorageError, UsageError
from bwvdock.service.initialise import open_own_journal
from tests.backup.docks import NOON, backed_up, checked, dock_at, files_of, quiet
from tests.cli.docks import Dock
from tests.extent import EXTENT, SEED, Extent
from tests.fakes.clock import FakeClock

CUTS = {Extent.CHECK: 4, Extent.TEST: 20, Extent.NIGHTLY: 200}[EXTENT]
CUT = 9


class CutOff:
    """Ends the process at its n-th step; the steps are what a progress line is shown of."""

    def __init__(self, at: int) -> None:
        self._left = at

    def __call__(self, _path: str, _count: int) -> None:
        self._left -= 1
        if self._left < 0:
            os._exit(CUT)


def in_a_child(work: Callable[[], object]) -> int:
    """Do something in a process of its own; return how it ended."""
    child = os.fork()
    if not child:
        try:
            work()
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def wanted(dock: Dock, above: Path) -> Wanted:
    above.mkdir(exist_ok=True, parents=True)
    return Wanted(config=dock.config, above=above, footage=True, now=NOON)


@pytest.mark.slow
def test_cut_off_at_any_step_it_is_no_backup(dock: Dock, tmp_path: Path) -> None:
    steps = list[str]()
    make(wanted(dock, tmp_path / "uncut"), lambda path, _: steps.append(path))
    before, chance = files_of(dock.config.state_dir), random.Random(SEED)
    for cut in sorted({0, len(steps) - 1, *(chance.randrange(len(steps)) for _ in range(CUTS))}):
        above = tmp_path / f"cut {cut}"
        assert in_a_child(partial(make, wanted(dock, above), CutOff(cut))) == CUT
        for left in above.iterdir():
            assert checked(left).state is State.UNFINISHED, f"cut {cut} (BWVDOCK_SEED={SEED})"
            # Whoever renames it has no backup either, unless nothing but the name was missing.
            renamed = left.rename(left.with_name(left.name.removesuffix(layout.UNFINISHED)))
            last = cut == len(steps) - 1
            assert checked(renamed).state is (State.WHOLE if last else State.UNFINISHED)
        assert files_of(dock.config.state_dir) == before


@pytest.mark.slow
def test_cut_off_while_it_is_put_back_no_dock_starts_on_it_and_the_same_order_completes_it(
    dock: Dock, tmp_path: Path
) -> None:
    made = backed_up(dock, tmp_path / "backups")
    steps, chance = list[str](), random.Random(SEED)
    (tmp_path / "uncut").mkdir()
    restore(made.path, tmp_path / "uncut", lambda path, _: steps.append(path))
    whole = files_of(tmp_path / "uncut")
    for cut in sorted({len(steps) - 1, *(chance.randrange(len(steps)) for _ in range(CUTS))}):
        place = tmp_path / f"cut {cut}"
        place.mkdir()
        assert in_a_child(partial(restore, made.path, place, CutOff(cut))) == CUT
        half = dock_at(place)
        if (place / "restore-unfinished").exists():
            with pytest.raises(JournalError), open_own_journal(half.config, FakeClock()):
                pass
        else:
            assert not (place / "spool").exists(), "nothing was put back yet"
        restore(made.path, place, quiet)
        assert files_of(place).keys() == whole.keys(), f"cut {cut} (BWVDOCK_SEED={SEED})"
        differ = {name for name, content in files_of(place).items() if content != whole[name]}
        assert differ <= {"lock"}


@pytest.mark.slow
def test_whatever_is_changed_in_a_whole_one_it_is_whole_no_more(dock: Dock, tmp_path: Path) -> None:
    made, chance = backed_up(dock, tmp_path / "backups"), random.Random(SEED)
    (tmp_path / "new").mkdir()
    for number in range(CUTS):
        copy = tmp_path / str(number) / made.path.name
        shutil.copytree(made.path, copy)
        path = copy / chance.choice(sorted(files_of(copy)))
        what = _changed(path, chance)
        told = f"{what}: {path.relative_to(copy)} (BWVDOCK_SEED={SEED})"
        assert checked(copy).state is not State.WHOLE, told
        with pytest.raises(UsageError):
            restore(copy, tmp_path / "new", quiet)


def _changed(path: Path, chance: random.Random) -> str:
    """Change a file in some way; say in which."""
    content = path.read_bytes()
    at = chance.randrange(len(content)) if content else 0
    ways = {
        "grown": content + b"\0",
        "cut": content[:at],
        "flipped": content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :] if content else b"x",
    }
    what = chance.choice([*(way for way in ways if ways[way] != content), "removed"])
    path.chmod(stat.S_IRUSR | stat.S_IWUSR)
    path.unlink()
    if what != "removed":
        path.write_bytes(ways[what])
    return what


@pytest.mark.slow
def test_at_whatever_moment_of_a_busy_dock_its_journal_verifies(dock: Dock, tmp_path: Path) -> None:
    stop, wrote = threading.Event(), threading.Event()

    def work() -> None:
        with open_journal(dock.config.journal, FakeClock(ms=9_000_000)) as journal:
            for number in range(100_000):
                serial = f"CAM-{number % 50:03}"
                enrolled = CameraEnrolled(camera=serial, model="Fox", actor="0:root")
                journal.append([enrolled, CameraRevoked(camera=serial, reason=str(number), actor="0:root")])
                wrote.set()
                if stop.is_set():
                    return

    writer = threading.Thread(target=work)
    writer.start()
    sizes = list[int]()
    try:
        for number in range(min(CUTS, 10)):
            wrote.clear()
            assert wrote.wait(60)
            made = backed_up(dock, tmp_path / "backups", footage=False, later=number)
            sizes.append(made.whole.entries)
            journal = verify_journal(made.path / layout.JOURNAL)
            assert journal.ok, journal.problems
            assert (journal.entries, journal.root) == (made.whole.entries, made.whole.root)
            assert checked(made.path).state is State.WHOLE
    finally:
        stop.set()
        writer.join()
    assert sizes == sorted(set(sizes)), "each has what was recorded meanwhile"
    assert verify_journal(dock.config.journal).ok


# --- file systems ------------------------------------------------------------------------------------


@contextmanager
def mounted(folder: Path, *how: str) -> Iterator[Path]:
    """Mount something of its own below a folder."""
    place = folder / "mounted"
    place.mkdir(parents=True)
    if subprocess.run(["mount", *how, place], check=False, capture_output=True).returncode:
        pytest.skip("NOT TESTED: nothing may be mounted here")
    try:
        yield place
    finally:
        subprocess.run(["umount", place], check=True)


def pages_of(folder: Path) -> int:
    """Return how many pages of memory the files below a folder fill: one with two names once."""
    files = {path.stat().st_ino: path.stat().st_size for path in folder.rglob("*") if path.is_file()}
    return sum(-(-size // 4096) for size in files.values())


@pytest.mark.slow
def test_a_disk_that_becomes_full_is_an_error_and_nothing_is_left(dock: Dock, tmp_path: Path) -> None:
    before, chance = files_of(dock.config.state_dir), random.Random(SEED)
    needed = pages_of(make(wanted(dock, tmp_path / "whole"), quiet).path)
    for pages in sorted(chance.sample(range(2, needed), 6)):
        how = ("-t", "tmpfs", "-o", f"size={pages * 4}k", "tmpfs")
        with mounted(tmp_path / str(pages), *how) as place:
            with pytest.raises(StorageError) as told:
                make(wanted(dock, place), quiet)
            assert told.value.remedy, f"{pages} pages (BWVDOCK_SEED={SEED})"
            assert list(place.iterdir()) == []
    assert files_of(dock.config.state_dir) == before


@pytest.mark.slow
def test_a_disk_that_becomes_full_while_it_is_put_back_is_no_dock(dock: Dock, tmp_path: Path) -> None:
    made, chance = backed_up(dock, tmp_path / "backups"), random.Random(SEED)
    for pages in sorted(chance.sample(range(6, pages_of(made.path / "state")), 4)):
        how = ("-t", "tmpfs", "-o", f"size={pages * 4}k,mode=0700", "tmpfs")
        with mounted(tmp_path / str(pages), *how) as place:
            with pytest.raises(StorageError) as told:
                restore(made.path, place, quiet)
            assert told.value.remedy, f"{pages} pages (BWVDOCK_SEED={SEED})"
            assert not (place / "journal.sqlite3").exists()
            assert not list(place.rglob("*.part"))
            with pytest.raises(JournalError), open_own_journal(dock_at(place).config, FakeClock()):
                pass


@pytest.mark.slow
def test_a_file_system_without_permissions_is_an_error_and_nothing_is_left(
    dock: Dock, tmp_path: Path
) -> None:
    image = tmp_path / "stick.img"
    with image.open("wb") as file:
        file.truncate(16 * 2**20)
    make_vfat = shutil.which("mkfs.vfat", path="/usr/sbin:/sbin:/usr/bin")
    if make_vfat is None:
        pytest.skip("NOT TESTED: mkfs.vfat is not there")
    subprocess.run([make_vfat, image], check=True, capture_output=True)
    with mounted(tmp_path, "-o", "loop", str(image)) as place:
        with pytest.raises(StorageError, match="keeps no permissions"):
            make(wanted(dock, place), quiet)
        assert list(place.iterdir()) == []
