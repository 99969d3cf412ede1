"""Can the journal be read beside its writer, stopped, killed, and by who may only read?"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing, suppress
from pathlib import Path

import pytest

from bwvdock.edges.journal import JournalReader, open_journal, verify_journal
from bwvdock.errors import JournalError
from tests.edges.journal import stories as tell


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tell.told(tmp_path / "journal.sqlite3")


@pytest.mark.slow
def test_a_reader_sees_each_commit_and_never_half_of_one(tmp_path: Path) -> None:
    path = tmp_path / "j"
    seen: list[tuple[int, int]] = []
    done = threading.Event()

    def read() -> None:
        with JournalReader(path) as reader:
            while not done.is_set():
                summary = reader.summary()
                seen.append((summary.entries, sum(summary.clips.values())))

    with tell.journal_at(path) as journal:
        journal.append(tell.attached("d1"))
        thread = threading.Thread(target=read)
        thread.start()
        for number in range(200):
            journal.append(tell.transfer(f"c{number}", "d1", number))
        done.set()
        thread.join()
        with JournalReader(path) as reader:
            assert reader.summary().entries == 1002
    assert seen == sorted(seen)
    assert all(entries == 2 + 5 * clips for entries, clips in seen)


def test_a_reader_cannot_write(path: Path) -> None:
    with closing(JournalReader(path)) as reader, pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader._db.execute("UPDATE dock SET paused = 1")  # noqa: SLF001 - the point is that it cannot


def test_a_journal_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="no journal") as error:
        JournalReader(tmp_path / "j")
    assert "state_dir" in error.value.remedy
    assert list(tmp_path.iterdir()) == []


_AS_NOBODY = """
import os, sys
from pathlib import Path
from bwvdock.edges.journal import JournalReader, verify_journal
os.setgroups([]); os.setgid(int(sys.argv[2])); os.setuid(65534)
with JournalReader(Path(sys.argv[1])) as reader:
    print(reader.summary().entries, len(list(reader.clips())), verify_journal(Path(sys.argv[1])).ok)
"""


def as_nobody(path: Path, group: int = 65534) -> str:
    ran = subprocess.run(
        [sys.executable, "-c", _AS_NOBODY, str(path), str(group)],
        capture_output=True,
        text=True,
        check=False,
    )
    return ran.stdout.strip() or ran.stderr


@pytest.mark.needs_root
@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="takes another user's place")
def test_nobody_but_the_docks_own_user_reads_a_running_a_stopped_or_a_killed_dock(open_path: Path) -> None:
    """Not even in the dock's group; who asks through the daemon is seen (operators/queries.py)."""
    group, state, day = 65533, open_path / "state", len(tell.day())
    state.mkdir()
    os.chown(state, -1, group)
    state.chmod(0o2755)  # as if somebody had opened the directory: the files stay closed
    path = state / "j"

    def closed() -> None:
        for suffix in ("", "-wal", "-shm"):
            part = path.with_name(path.name + suffix)
            assert not part.exists() or as_reader(part, group) == "PermissionError"
        assert "JournalError" in as_nobody(path, group)

    with tell.journal_at(path) as journal:
        journal.append(tell.day())
        closed()
    closed()
    assert [p.name for p in state.iterdir()] == ["j"]
    killed = "import os, sys; from pathlib import Path; from tests.edges.journal import stories as tell;"
    killed += "journal = tell.journal_at(Path(sys.argv[1]), tell.SteadyClock(boot='next'));"
    killed += "journal.append([tell.started()]); os.kill(os.getpid(), 9)"
    subprocess.run([sys.executable, "-c", killed, str(path)], check=False)
    assert (state / "j-wal").exists()
    closed()
    for part in (state, *state.iterdir()):
        os.chown(part, 65534, 65534)
    assert as_nobody(path) == f"{day + 1} 3 True"


def as_reader(path: Path, group: int) -> str:
    """Return what becomes of a member of the group who opens a file."""
    script = "import os, sys; os.setgroups([]); os.setgid(int(sys.argv[2])); os.setuid(65534)\n"
    script += "try: open(sys.argv[1], 'rb').close()\nexcept OSError as error: print(type(error).__name__)"
    command = [sys.executable, "-c", script, str(path), str(group)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.needs_root
@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="takes another user's place")
def test_a_reader_of_a_stopped_journal_notices_that_it_starts(open_path: Path) -> None:
    state = open_path / "state"
    state.mkdir()
    path = tell.told(state / "j")
    os.chown(path, 65534, 65534)  # who owns the file and may not write beside it, as on a read-only disk
    state.chmod(0o755)
    script = _AS_NOBODY.partition("with JournalReader")[0] + (
        "reader = JournalReader(Path(sys.argv[1]))\n"
        "print(reader.summary().entries, flush=True)\n"
        "input()\n"
        "print(reader.summary().entries, flush=True)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(path), "65533"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as reader:
        assert reader.stdout is not None
        assert reader.stdin is not None
        assert reader.stdout.readline() == f"{len(tell.day())}\n"
        with tell.journal_at(path) as journal:
            journal.append([tell.started()])
            reader.stdin.write("\n")
            reader.stdin.flush()
            assert reader.stdout.readline() == f"{len(tell.day()) + 1}\n"


# --- what somebody else put beside the journal ----------------------------------------------------------

_BESIDE = ("-wal", "-shm", "-journal")


@pytest.mark.parametrize("suffix", ["", *_BESIDE])
def test_a_fifo_in_the_place_of_a_file_hangs_nobody(path: Path, suffix: str) -> None:
    beside = path.with_name(path.name + suffix)
    beside.unlink(missing_ok=True)
    os.mkfifo(beside)
    held = os.open(beside, os.O_RDWR | os.O_NONBLOCK)  # so that whoever opens it does not wait in this test
    try:
        with pytest.raises(JournalError, match="not a plain file"):
            JournalReader(path)
        with pytest.raises(JournalError, match="not a plain file"), open_journal(path, tell.SteadyClock()):
            pass
        assert not verify_journal(path).ok
    finally:
        os.close(held)


@pytest.mark.needs_root
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can read for another user")
@pytest.mark.parametrize("suffix", _BESIDE)
def test_root_who_reads_changes_no_file_that_has_a_second_name_beside_the_journal(
    open_path: Path, suffix: str
) -> None:
    """SQLite empties and writes what is there under these names, for a reader as well."""
    state, victim = open_path / "state", open_path / "victim"
    state.mkdir()
    path = tell.told(state / "journal.sqlite3")
    for part in (state, path):
        os.chown(part, 65534, 65534)
    victim.write_bytes(b"precious" * 1000)
    victim.chmod(0o600)
    path.with_name(path.name + suffix).hardlink_to(victim)
    verify_journal(path)
    with suppress(JournalError), JournalReader(path) as reader:
        reader.summary()
    assert victim.read_bytes() == b"precious" * 1000
    assert (victim.stat().st_uid, os.geteuid()) == (0, 0)
