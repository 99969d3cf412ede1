"""Would these tests notice? Each break is made in a copy of the package, and a check must go red on it.

`make test` draws a few of them anew in each run, `make nightly` makes them all.

What caught which break stands in docs/explanation/what-survives-what.md.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.extent import drawn

ROOT = Path(__file__).resolve().parents[2]
OPERATIONS = "tests/crash/test_every_operation.py::test_after_a_cut_at_any_operation_every_clip_arrives"
LIARS = "tests/crash/test_liars.py"
TRACE = "tests/crash/test_trace.py::test_everything_is_durable_before_the_journal_speaks_of_it"

pytestmark = [pytest.mark.crash, pytest.mark.slow]


@dataclass(frozen=True, slots=True)
class Break:
    """A text in the package, once in its file, and the wrong one in its place."""

    file: str
    right: str
    wrong: str


VERIFY_COMPARES_NOT = Break("stages/verify.py", "if receipt.sha256 != clip.sha256:", "if not clip.sha256:")
INTENT_IS_NEVER_SAID = Break(
    "bays/copying.py", "[CopyIntended(clip=c.id, docking=bay.docking) for c in fresh]", "[]"
)
JOBS_DO_NOT_WAIT = Break(
    "runtime/group_commit.py",
    "self._group.then(partial(self._worker.submit, job))",
    "self._worker.submit(job)",
)
FILES_ARE_NOT_SYNCED = Break("edges/durable.py", "os.fsync(self._plain)", "pass")
DIRECTORIES_ARE_NOT_SYNCED = Break("edges/durable.py", "os.fsync(directory)", "pass")
JOURNAL_IS_NOT_SYNCED = Break("edges/journal/database.py", "synchronous = FULL", "synchronous = NORMAL")
READ_BACK_COMPARES_NOT = Break(
    "stages/acquire/part.py",
    "if (got, found.digest()) != (length, piece.checksum.digest()):",
    "if not length:",
)

WHAT_STANDS_COUNTS_AS_GONE = Break(
    "stages/release.py",
    "if any((file.path, file.size, file.mtime_ns) in on_camera for file in clip.files):",
    "if not clip.files:",
)
SECOND_READ_IS_NOT_HEEDED = Break(
    "core/clips/permit.py", "found == taken or (begun and found is None)", "found != 0"
)


def broken_copy(folder: Path, broken: Break) -> dict[str, str]:
    """Copy package and tests with one break; give the environment in which the copy is what runs."""
    ignore = shutil.ignore_patterns("__pycache__", "vm")
    for name in ("bwvdock", "tests"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignore)
    shutil.copy(ROOT / "pyproject.toml", folder)
    file = folder / "bwvdock" / broken.file
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace(broken.right, broken.wrong), encoding="utf-8")
    return {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}


BREAKS = [
    (VERIFY_COMPARES_NOT, f"{LIARS}::test_what_a_store_lies_about_is_quarantined", "QUARANTINED"),
    (INTENT_IS_NEVER_SAID, OPERATIONS, "nothing in the journal announces"),
    (JOBS_DO_NOT_WAIT, OPERATIONS, "nothing in the journal announces"),
    (FILES_ARE_NOT_SYNCED, TRACE, "not synced after it was written"),
    (DIRECTORIES_ARE_NOT_SYNCED, TRACE, "was not synced before the commit"),
    (
        READ_BACK_COMPARES_NOT,
        f"{LIARS}::test_what_a_disk_does_not_keep_is_never_called_acquired",
        "assert",
    ),
    (
        WHAT_STANDS_COUNTS_AS_GONE,
        "tests/stages/test_release.py::test_what_is_not_seen_to_be_gone_is_not_called_released",
        "ClipReleased",
    ),
    (
        SECOND_READ_IS_NOT_HEEDED,
        "tests/bays/test_erasing_unexpected.py::test_a_file_that_changed_before_the_second_read_stays",
        "release_intended",
    ),
]
REAL_BREAKS = [
    (FILES_ARE_NOT_SYNCED, "xfs", "are not in the vault"),
    (JOURNAL_IS_NOT_SYNCED, "ext4", "acknowledged and lost"),
]


@pytest.mark.parametrize("broken", [broken for broken, *_ in BREAKS + REAL_BREAKS])
def test_a_break_is_made_in_one_place(broken: Break) -> None:
    """Where the package has changed, the place must be named anew."""
    assert (ROOT / "bwvdock" / broken.file).read_text(encoding="utf-8").count(broken.right) == 1


@pytest.mark.parametrize("broken,check,told", drawn(BREAKS, 3, of="breaks"))
def test_a_break_turns_its_check_red(tmp_path: Path, broken: Break, check: str, told: str) -> None:
    """And not for another reason: the check says what is wrong."""
    environment = broken_copy(tmp_path, broken)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", check],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == pytest.ExitCode.TESTS_FAILED, done.stdout
    assert told in done.stdout


@pytest.mark.needs_root
@pytest.mark.skipif(
    os.geteuid() != 0, reason="NOT TESTED: crashes on real file systems need root (loop mounts)"
)
@pytest.mark.parametrize("broken,vault,told", drawn(REAL_BREAKS, 1, of="real breaks"))
def test_a_power_cut_on_a_real_file_system_shows_it(
    tmp_path: Path, broken: Break, vault: str, told: str
) -> None:
    """Every sixteenth cut point is enough to see it."""
    assert any(told in problem for problem in _cut_power(tmp_path, broken, vault, told))


def _cut_power(folder: Path, broken: Break, vault: str, told: str) -> Sequence[str]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.crash.points", "shutdown", "ext4", vault, "small", "0", "16", told],
        cwd=folder,
        env=broken_copy(folder, broken),
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr
    problems: list[str] = json.loads(done.stdout)["problems"]
    return problems
