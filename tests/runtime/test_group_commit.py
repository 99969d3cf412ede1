"""What may follow from what a turn recorded, and when? Nothing, before it is on the disk."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest

from bwvdock.core.clips.lifecycle import IllegalFactError
from bwvdock.core.facts import CameraSettled, DockPaused, DockResumed, Fact
from bwvdock.edges.journal import Journal, open_journal, verify_journal
from bwvdock.errors import BwvdockError, JournalFullError
from bwvdock.runtime.group_commit import Following, GroupCommit
from bwvdock.runtime.jobs import Post
from tests.fakes.clock import FakeClock
from tests.fakes.journals import lay_empty_journal
from tests.fakes.worker import HeldWorker
from tests.simulation.small_disk import SmallDisk

PAUSED, RESUMED = DockPaused(actor="0:root"), DockResumed(actor="0:root")
ON_AND_OFF: list[Fact] = [RESUMED, PAUSED] * 100
NEVER_BEGAN = CameraSettled(docking="no docking")


class _Job:
    def work(self, _: Post) -> None:
        """Do nothing."""

    def failed(self, error: BwvdockError) -> None:
        """Report nothing."""


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    lay_empty_journal(tmp_path / "journal.sqlite3")
    with open_journal(tmp_path / "journal.sqlite3", FakeClock()) as journal:
        journal.append([PAUSED])
        yield journal


def kinds(tmp_path: Path) -> list[str]:
    """Return what is recorded, as everybody but the writer sees it; it verifies."""
    path = tmp_path / "journal.sqlite3"
    assert not verify_journal(path).problems
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        return [kind for (kind,) in db.execute("SELECT kind FROM entry ORDER BY seq")]


def without_room(journal: Journal, group: GroupCommit, *, waits: int = 1) -> SmallDisk:
    """Have no room in a journal before it was waited for so often; the group waits twice at most."""
    disk, waited = SmallDisk(), count(1)
    disk.fill(journal, room=0, waits=waits)

    def wait(error: JournalFullError) -> None:
        if next(waited) > 2:
            raise error
        disk.waited(journal)

    group.when_full = wait
    return disk


def test_no_job_is_given_out_before_what_was_recorded_for_it_is_committed(
    tmp_path: Path, journal: Journal
) -> None:
    group, worker, job = GroupCommit(journal), HeldWorker(), _Job()
    group.hold()
    group.append([RESUMED])
    Following(worker, group).submit(job)
    assert (kinds(tmp_path), worker.jobs, group.waits) == (["dock_paused"], [], True)
    assert not journal.paused(), "the writer itself knows it"
    group.settle()
    assert (kinds(tmp_path), worker.jobs, group.waits) == (["dock_paused", "dock_resumed"], [job], False)


@pytest.mark.slow
def test_a_group_that_finds_no_room_is_recorded_whole_once_there_is(tmp_path: Path, journal: Journal) -> None:
    """Wherever the room ends: it is as if nothing had been recorded, and all is recorded again, in order."""
    group, worker, job = GroupCommit(journal), HeldWorker(), _Job()
    group.hold()
    group.append([RESUMED])
    Following(worker, group).submit(job)
    without_room(journal, group, waits=2)
    group.append([PAUSED, *ON_AND_OFF])
    group.append([RESUMED])
    assert kinds(tmp_path) == ["dock_paused"]
    group.settle()
    assert kinds(tmp_path) == [*["dock_paused", "dock_resumed"] * 102]
    assert worker.jobs == [job]


def test_a_group_for_whose_room_nobody_waits_is_kept_and_nothing_follows_from_it(
    tmp_path: Path, journal: Journal
) -> None:
    """The dock is to stop, say: what it knows by then and could not record is recorded if room comes."""
    group, worker = GroupCommit(journal), HeldWorker()
    group.hold()
    group.append([RESUMED])
    Following(worker, group).submit(_Job())
    disk = without_room(journal, group, waits=4)
    with pytest.raises(JournalFullError):
        group.append(ON_AND_OFF)
    assert (kinds(tmp_path), worker.jobs, group.waits) == (["dock_paused"], [], True)
    disk.free(journal)
    group.hold()
    assert worker.jobs == []
    group.settle()
    assert kinds(tmp_path) == ["dock_paused", "dock_resumed"], "and not what was refused to its recorder"
    assert len(worker.jobs) == 1


def test_what_the_law_forbids_takes_nothing_else_out_of_its_group(tmp_path: Path, journal: Journal) -> None:
    group = GroupCommit(journal)
    group.hold()
    group.append([RESUMED])
    with pytest.raises(IllegalFactError):
        group.append([PAUSED, NEVER_BEGAN])
    assert not journal.paused()
    group.append([PAUSED])
    group.settle()
    assert kinds(tmp_path) == ["dock_paused", "dock_resumed", "dock_paused"]


def test_before_its_thread_ends_a_group_is_recorded_and_nothing_follows(
    tmp_path: Path, journal: Journal
) -> None:
    group, worker = GroupCommit(journal), HeldWorker()
    group.hold()
    group.append([RESUMED])
    Following(worker, group).submit(_Job())
    group.keep()
    assert (kinds(tmp_path), worker.jobs) == (["dock_paused", "dock_resumed"], [])


def test_what_is_not_committed_when_the_journal_is_closed_was_never_recorded(
    tmp_path: Path, journal: Journal
) -> None:
    group = GroupCommit(journal)
    group.hold()
    group.append([RESUMED])
    journal.close()
    assert kinds(tmp_path) == ["dock_paused"]


def test_what_is_to_be_recorded_at_once_or_not_at_all_waits_for_no_room(
    tmp_path: Path, journal: Journal
) -> None:
    group = GroupCommit(journal)
    group.hold()
    group.append([RESUMED])
    disk = SmallDisk()
    group.append([PAUSED, RESUMED], patient=False)
    disk.fill(journal, room=0, waits=9)
    with pytest.raises(JournalFullError):
        group.append(ON_AND_OFF, patient=False)
    assert kinds(tmp_path) == ["dock_paused", "dock_resumed"] * 2


@pytest.mark.slow
def test_a_long_group_is_committed_in_parts(tmp_path: Path, journal: Journal) -> None:
    """Else a turn that records a full card would commit it after its time, and log it."""
    group, worker, job = GroupCommit(journal), HeldWorker(), _Job()
    group.hold()
    for _ in range(6):
        group.append(ON_AND_OFF)
    Following(worker, group).submit(job)
    full = [group.is_full]
    assert kinds(tmp_path) == ["dock_paused"]
    group.append([RESUMED])
    assert (len(kinds(tmp_path)), worker.jobs) == (1201, [job])
    assert [*full, group.is_full] == [True, False]
    group.settle()
    assert len(kinds(tmp_path)) == 1202
