"""When disk, file or neighbour fails: is nothing acknowledged that is not kept, and is it said clearly?"""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from bwvdock.edges.journal import Journal, JournalReader, verify_journal
from bwvdock.edges.journal.database import APPLICATION_ID, MIGRATIONS, connect_writer, explained
from bwvdock.edges.journal.personal_values import Committer
from bwvdock.edges.journal.tree import check_tail
from bwvdock.errors import JournalError, JournalVersionError
from tests.edges.journal import stories as tell

ROOT_ONLY = pytest.mark.skipif(os.geteuid() != 0, reason="needs to mount, or to become somebody else")


def run(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    head = "import os, sys\nfrom pathlib import Path\nfrom tests.edges.journal import stories as tell\n"
    return subprocess.run(
        [sys.executable, "-c", head + script, *arguments], capture_output=True, text=True, check=False
    )


# --- opening -------------------------------------------------------------------------------------


def test_a_journal_of_a_later_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tell.told(tmp_path / "j")
    later = len(MIGRATIONS) + 1
    tell.tamper(path, f"PRAGMA user_version = {later}")
    before = path.read_bytes()
    for opened in (tell.journal_at, JournalReader):
        with pytest.raises(JournalVersionError, match=f"version {later}") as error:
            opened(path)
        assert "newer bwvdock" in error.value.remedy
    verification = verify_journal(path)
    assert (verification.problems, verification.ok) == ((), False)
    assert "newer bwvdock" in verification.errors[0].remedy
    assert path.read_bytes() == before


@pytest.mark.slow
@pytest.mark.few(2)
@pytest.mark.parametrize("version", range(1, len(MIGRATIONS)))
def test_a_journal_of_an_earlier_version_is_not_called_altered(tmp_path: Path, version: int) -> None:
    old = tell.as_of(tell.told(tmp_path / "j"), version)
    before = old.read_bytes()
    with pytest.raises(JournalVersionError, match=f"of version {version}[,;] .* It was not checked") as error:
        JournalReader(old)
    verification = verify_journal(old)
    assert (verification.problems, verification.ok) == ((), False)
    assert "were not" in verification.errors[0].message
    assert {error.value.remedy, verification.errors[0].remedy} == {error.value.remedy}
    assert "Start the daemon once" in error.value.remedy
    assert old.read_bytes() == before
    tell.journal_at(old).close()
    assert verify_journal(old).ok


def test_a_journal_that_was_emptied_does_not_verify(tmp_path: Path) -> None:
    """It has no version, which must not be taken for another one."""
    path = tell.told(tmp_path / "j")
    path.write_bytes(b"")
    assert [problem.code for problem in verify_journal(path).problems] == ["journal_unreadable"]


def test_a_database_of_something_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "j"
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("CREATE TABLE t (x)")
    before = path.read_bytes()
    for opened in (lambda: tell.journal_at(path), lambda: JournalReader(path)):
        with pytest.raises(JournalError, match="another program"):
            opened()
    assert path.read_bytes() == before


def test_a_file_cut_off_at_its_birth_becomes_a_journal(tmp_path: Path) -> None:
    path = tmp_path / "j"
    path.touch()
    with pytest.raises(JournalError, match="creation was probably interrupted"):
        JournalReader(path)
    assert verify_journal(tell.told(path)).ok


def test_a_journal_is_marked_as_one(tmp_path: Path) -> None:
    path = tell.told(tmp_path / "j")
    assert tell.ask(path, "PRAGMA application_id") == [(APPLICATION_ID,)]
    assert tell.ask(path, "PRAGMA user_version") == [(len(MIGRATIONS),)]
    assert tell.ask(path, "PRAGMA journal_mode") == [("wal",)]


def test_the_writer_is_set_to_lose_nothing(tmp_path: Path) -> None:
    with closing(connect_writer(tmp_path / "j")) as db:
        settings = {
            name: db.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("synchronous", "foreign_keys", "trusted_schema", "cell_size_check", "secure_delete")
        }
        strict = db.execute(
            "SELECT count(*) FROM pragma_table_list WHERE strict = 0 AND name NOT LIKE 'sqlite%'"
        )
        assert strict.fetchone()[0] == 0
    assert settings == {
        "synchronous": 2,
        "foreign_keys": 1,
        "trusted_schema": 0,
        "cell_size_check": 1,
        "secure_delete": 1,
    }


@pytest.mark.few(3)
@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM entry WHERE seq = (SELECT max(seq) FROM entry)",
        "UPDATE entry SET leaf = leaf || ' ' WHERE seq = (SELECT max(seq) FROM entry)",
        "UPDATE entry SET leaf_hash = zeroblob(32) WHERE seq = (SELECT max(seq) FROM entry)",
        "UPDATE tree SET size = size - 1",
        "UPDATE tree SET root = zeroblob(32)",
        "UPDATE tree SET edge = zeroblob(32)",
        "DELETE FROM tree",
    ],
)
def test_a_tail_that_does_not_fit_its_tree_is_not_written_on(tmp_path: Path, statement: str) -> None:
    path = tell.told(tmp_path / "j")
    tell.tamper(path, statement)
    with pytest.raises(JournalError, match="does not match its tree") as error:
        tell.journal_at(path)
    assert "custody verify" in error.value.remedy


def test_garbage_is_not_written_on(tmp_path: Path) -> None:
    path = tmp_path / "j"
    path.write_bytes(b"not a database at all, but long enough to be read as one" * 100)
    with pytest.raises(JournalError, match="damaged") as error:
        tell.journal_at(path)
    assert "keep a copy" in error.value.remedy


def test_a_missing_directory_is_named(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="cannot be opened") as error:
        tell.journal_at(tmp_path / "gone" / "j")
    assert f"ls -ld {tmp_path / 'gone'}" in error.value.remedy


@pytest.mark.needs_root
@pytest.mark.slow
@ROOT_ONLY
def test_a_read_only_state_directory_is_named(open_path: Path) -> None:
    path = tell.told(open_path / "j")
    path.chmod(0o444)
    script = (
        "os.setgid(65534); os.setuid(65534)\n"
        "from bwvdock.errors import JournalError\n"
        "for name in sys.argv[1:]:\n"
        "    try:\n"
        "        tell.journal_at(Path(name)); print('opened')\n"
        "    except JournalError as error:\n"
        "        print(error.message); print(error.remedy)\n"
    )
    ran = run(script, str(path), str(open_path / "new"))
    assert ran.stderr == ""
    existing, check, new, _ = ran.stdout.splitlines()
    assert "may not be written" in existing
    assert "findmnt" in check
    assert "cannot be opened" in new


# --- writing -------------------------------------------------------------------------------------


def test_a_second_writer_is_kept_out_and_the_first_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "j"
    with tell.journal_at(path) as journal, closing(connect_writer(path, busy_ms=0)) as other:
        journal.append([tell.started()])
        journal._db.execute("PRAGMA busy_timeout = 0")  # noqa: SLF001 - not to wait five seconds
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(JournalError, match="locked") as error:
            journal.append([tell.started()])
        assert "fuser" in error.value.remedy
        other.execute("ROLLBACK")
        assert list(journal.append([tell.started()])) == [1]
    assert verify_journal(path).ok


def test_entries_written_behind_the_writer_s_back_stop_it(tmp_path: Path) -> None:
    path = tmp_path / "j"
    with tell.journal_at(path) as journal:
        journal.append([tell.started()])
        with tell.journal_at(path) as second:
            second.append([tell.started()])
        with pytest.raises(JournalError, match="while the daemon was running"):
            journal.append([tell.started()])
    assert verify_journal(path).ok


@pytest.mark.slow
def test_an_acknowledged_commit_outlives_sigkill(tmp_path: Path) -> None:
    path = tmp_path / "j"
    script = (
        "journal = tell.journal_at(Path(sys.argv[1]))\n"
        "journal.append(tell.day())\n"
        "print(journal.root(), flush=True)\n"
        "journal._db.execute('BEGIN IMMEDIATE')\n"
        "journal._db.execute('UPDATE dock SET paused = 1')\n"
        "os.kill(os.getpid(), 9)\n"
    )
    ran = run(script, str(path))
    assert ran.returncode == -signal.SIGKILL
    with tell.journal_at(path) as journal:
        assert journal.root() == ran.stdout.strip()
        assert not journal.paused()
        journal.append([tell.started()])
    assert verify_journal(path).ok


@pytest.mark.slow
def test_after_a_failed_write_the_journal_stays_closed_and_keeps_what_it_had(tmp_path: Path) -> None:
    path = tmp_path / "j"
    script = (
        "import resource, signal\n"
        "from bwvdock.errors import JournalError\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "journal = tell.journal_at(Path(sys.argv[1]))\n"
        "journal.append([tell.started()])\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))\n"
        "acknowledged = 1\n"
        "for _ in range(2):\n"
        "    try:\n"
        "        for _ in range(100):\n"
        "            acknowledged += len(journal.append([tell.started()] * 50))\n"
        "    except JournalError as error:\n"
        "        print(acknowledged, error.message)\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))\n"
    )
    ran = run(script, str(path))
    assert ran.stderr == ""
    first, second = ran.stdout.splitlines()
    assert "did not accept" in first
    assert first == second  # room alone does not open it again
    verification = verify_journal(path)
    assert verification.ok
    assert verification.entries == int(first.split()[0])


def fill(journal: Journal) -> None:
    for _ in range(1000):
        journal.append([tell.started()] * 50)


@pytest.mark.needs_root
@pytest.mark.slow
@ROOT_ONLY
def test_a_full_disk_loses_nothing_and_room_lets_it_go_on(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], check=True)
    try:
        ballast = disk / "ballast"
        ballast.write_bytes(bytes(200_000))
        with tell.journal_at(disk / "j") as journal:
            with pytest.raises(JournalError, match="is full") as error:
                fill(journal)
            assert "df -h" in error.value.remedy
            acknowledged = journal.size()
            ballast.unlink()
            journal.append([tell.started()])
            assert journal.size() == acknowledged + 1
            assert verify_journal(disk / "j").ok
    finally:
        subprocess.run(["umount", disk], check=True)


@pytest.mark.parametrize(
    "code,said",
    [
        (sqlite3.SQLITE_FULL, "full"),
        (sqlite3.SQLITE_READONLY, "read-only"),
        (sqlite3.SQLITE_BUSY, "locked"),
        (sqlite3.SQLITE_CORRUPT, "damaged"),
        (sqlite3.SQLITE_IOERR_FSYNC, "did not accept"),
        (sqlite3.SQLITE_CANTOPEN_ISDIR, "cannot be opened"),
        (sqlite3.SQLITE_ERROR, "reported an error"),
    ],
)
def test_each_error_says_what_it_means_and_what_to_do(tmp_path: Path, code: int, said: str) -> None:
    error = sqlite3.OperationalError("details from SQLite")
    error.sqlite_errorcode = code
    explanation = explained(error, tmp_path / "j")
    assert said in explanation.message
    assert "details from SQLite" in explanation.message
    assert explanation.remedy
    assert "{" not in explanation.message + explanation.remedy


def test_a_journal_without_the_newest_indexes_answers_the_same_and_gets_them(tmp_path: Path) -> None:
    """One of an earlier version: it is read before the daemon has started, and opened by it."""
    path = tmp_path / "j"
    names = ("entry_of_doubt", "clip_by_digest", "docking_by_camera")
    made = f"SELECT name FROM sqlite_schema WHERE name IN {names}"  # noqa: S608
    with tell.journal_at(path) as journal:
        journal.append([*tell.attached("d1"), *tell.transfer("c1", "d1", 1)])
        known = journal.same_footage(tell.digest("clip1"))
    assert len(tell.ask(path, made)) == 3
    for name in names:
        with closing(sqlite3.connect(path)) as db:
            db.execute(f"DROP INDEX {name}")
    with JournalReader(path) as reader:
        assert reader.summary().recalled == {}
    assert tell.ask(path, made) == []
    with tell.journal_at(path) as journal:
        assert journal.same_footage(tell.digest("clip1")) == known != []
    assert len(tell.ask(path, made)) == 3


def test_indexes_for_which_there_was_no_room_are_made_once_there_is(tmp_path: Path) -> None:
    """Until then nobody looks for the same footage: each look would read every clip."""
    path, clock = tmp_path / "j", tell.SteadyClock()
    with tell.journal_at(path) as journal:
        journal.append([*tell.attached("d1"), *tell.transfer("c1", "d1", 1)])
        known = journal.same_footage(tell.digest("clip1"))
    db = connect_writer(path)
    db.execute("DROP INDEX clip_by_digest")
    db.execute("VACUUM")
    [[pages]] = db.execute("PRAGMA page_count")
    db.execute(f"PRAGMA max_page_count = {pages}")
    with Journal(path, clock, db, Committer(db, tell.seeded(8)), *check_tail(db, path), print) as journal:
        assert journal.same_footage(tell.digest("clip1")) == []
        journal.append([tell.started()])
        assert journal.same_footage(tell.digest("clip1")) == [], "there is no room yet"
        db.execute(f"PRAGMA max_page_count = {pages + 1000}")
        journal.append([tell.started()])
        assert journal.same_footage(tell.digest("clip1")) == [], "it is not tried at each entry"
        clock.ticks += 3_600_000
        journal.append([tell.started()])
        assert journal.same_footage(tell.digest("clip1")) == known != []
    assert verify_journal(path).ok
