"""Does the linter find what is not durable in time, and does a real ingest give it nothing to find?"""

from __future__ import annotations

import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest

from tests.crash.ingest import prepare
from tests.crash.points import CLIPS
from tests.crash.trace import CALLS, Linter, calls_of
from tests.places import another_filesystem, unmeasured

ROOT = Path(__file__).resolve().parents[2]

GOOD = """\
1 openat(AT_FDCWD</>, "/s/journal.sqlite3-wal", O_RDWR|O_CREAT, 0640) = 4</s/journal.sqlite3-wal>
1 fsync(5</s>) = 0
1 mkdirat(5</s>, "spool", 0750) = 0
1 fsync(5</s>) = 0
1 fdatasync(4</s/journal.sqlite3-wal>) = 0
1 write(1<pipe:[7]>, "copy_intended c1\\n", 17) = 17
2 pwrite64(6</s/spool/c1.0.part>, "x"..., 3000, 0) = 3000
2 ftruncate(6</s/spool/c1.0.part>, 3000 <unfinished ...>
1 write(9<pipe:[8]>, "x", 1) = 1
2 <... ftruncate resumed>) = 0
2 fsync(6</s/spool/c1.0.part>) = 0
2 renameat(7</s/spool>, "c1.0.part", 7</s/spool>, "c1.0.mp4") = 0
2 fsync(7</s/spool>) = 0
1 fdatasync(4</s/journal.sqlite3-wal>) = 0
1 write(1<pipe:[7]>, "clip_acquired c1\\n", 17) = 17
3 mkdirat(8</v>, "2026", 0750) = -1 EEXIST (File exists)
3 linkat(7</s/spool>, "c1.0.mp4", 8</v/2026>, "c1.0.mp4", 0) = 0
3 fsync(8</v/2026>) = 0
1 fdatasync(4</s/journal.sqlite3-wal>) = 0
1 write(1<pipe:[7]>, "clip_uploaded c1\\n", 17) = 17
"""


def lint(log: str) -> list[str]:
    return list(Linter(list(calls_of(log)), spool="/s/spool", vault="/v").problems())


def test_a_good_order_is_left_alone() -> None:
    assert lint(GOOD) == []


@pytest.mark.parametrize(
    "line,problem",
    [
        ("2 fsync(6</s/spool/c1.0.part>) = 0\n", "/s/spool/c1.0.part was renamed, and not synced"),
        ("2 fsync(7</s/spool>) = 0\n", "/s/spool/c1.0.mp4: /s/spool was not synced"),
        ("3 fsync(8</v/2026>) = 0\n", "/v/2026/c1.0.mp4: /v/2026 was not synced"),
        (
            '2 renameat(7</s/spool>, "c1.0.part", 7</s/spool>, "c1.0.mp4") = 0\n',
            "/v/2026/c1.0.mp4 is a second name",
        ),
    ],
)
def test_a_missing_call_is_found(line: str, problem: str) -> None:
    assert line in GOOD
    found = lint(GOOD.replace(line, ""))
    assert len(found) == 1
    assert found[0].startswith(problem)


@pytest.mark.parametrize(
    "name,directory", [("/s/journal.sqlite3-wal", "/s"), ("/s/spool", "/s")], ids=["journal", "new directory"]
)
def test_a_new_name_above_the_footage_is_looked_at_too(name: str, directory: str) -> None:
    found = lint(GOOD.replace("1 fsync(5</s>) = 0\n", ""))
    assert f"{name}: {directory} was not synced before the commit that relies on it" in found


def test_a_sync_that_comes_after_its_commit_is_too_late() -> None:
    sync, commit = "2 fsync(7</s/spool>) = 0\n", "1 fdatasync(4</s/journal.sqlite3-wal>) = 0\n"
    assert len(lint(GOOD.replace(sync + commit, commit + sync))) == 1


def test_a_write_after_the_sync_is_found() -> None:
    sync = "2 fsync(6</s/spool/c1.0.part>) = 0\n"
    late = '2 pwrite64(6</s/spool/c1.0.part>, "x"..., 1, 0) = 1\n'
    assert len(lint(GOOD.replace(sync, sync + late))) == 1


@pytest.mark.slow
@pytest.mark.crash
@pytest.mark.parametrize("clips", ["small", "large"])
@pytest.mark.parametrize("elsewhere", [False, True], ids=["vault-beside-spool", "vault-elsewhere"])
def test_everything_is_durable_before_the_journal_speaks_of_it(
    tmp_path: Path, clips: str, elsewhere: bool
) -> None:
    """One real ingest: the real house, journal, spool and vault."""
    with another_filesystem(tmp_path) if elsewhere else nullcontext(tmp_path) as other:
        vault = other / "vault"
        prepare(tmp_path, vault=vault, clips=CLIPS[clips])
        log = tmp_path / "strace.log"
        strace = ["strace", "-f", "-y", "-s", "128", "-e", f"trace={CALLS}", "-o", str(log)]
        subprocess.run(
            [*strace, sys.executable, "-m", "tests.crash.ingest", str(tmp_path)],
            cwd=ROOT,
            env={**unmeasured(), "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
            check=True,
            stdout=subprocess.PIPE,
        )
        calls = list(calls_of(log.read_text(encoding="utf-8", errors="replace")))
    state = tmp_path / "state"
    linter = Linter(calls, spool=str(state / "spool"), vault=str(vault), keys=str(state / "keys"))
    assert list(linter.problems()) == []
    facts = [call.fact[0] for call in calls if call.fact]
    assert facts.count("clip_verified") == len([path for path in CLIPS[clips] if path.endswith(".MP4")])
