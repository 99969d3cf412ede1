"""Does a new journal take the place of one, with the old one kept, and can both be verified?"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from bwvdock.core.custody.checkpoints import StoredCheckpoint
from bwvdock.core.custody.entries import read_leaf
from bwvdock.core.facts import ClipRetried, HoldEnded, HoldOpened, JournalSucceeded, RequestOpened
from bwvdock.edges import durable
from bwvdock.edges.identity_file import DockIdentity, read_dock_identity, write_state_identity
from bwvdock.edges.journal import open_journal
from bwvdock.edges.journal.origin import origin_of, predecessor_of
from bwvdock.edges.journal.verify.verify import verify_journal
from bwvdock.edges.system import hold_dock
from bwvdock.service.initialise import open_own_journal
from tests.cli.docks import CAMERA, QUARANTINED, Dock, new_dock
from tests.fakes.clock import FakeClock

Capture = pytest.CaptureFixture[str]
REASON = "state disk restored from a copy"
SUCCEED = ("custody", "succeed", "--reason", REASON)


def first(dock: Dock) -> JournalSucceeded:
    """Return the new journal's first fact, with its personal values."""
    with dock.reader() as reader, reader._question() as db:  # noqa: SLF001 - nothing else asks for it
        [(leaf,)] = db.execute("SELECT leaf FROM entry WHERE seq = 0").fetchall()
        private = dict(db.execute("SELECT commitment, value FROM private").fetchall())
    data = read_leaf(leaf).data
    return JournalSucceeded(**{name: private.get(value, value) for name, value in data.items()})


def kept(dock: Dock) -> Sequence[Path]:
    return sorted(dock.config.state_dir.glob("journal.sqlite3.succeeded-[0-9]"))


@pytest.mark.slow
def test_the_new_journal_names_the_old_one_which_is_kept(dock: Dock, capsys: Capture) -> None:
    old, entries = origin_of(dock.config.journal), verify_journal(dock.config.journal).entries
    content = dock.config.journal.read_bytes()
    assert dock.run(*SUCCEED, "--json") == 0
    said = json.loads(capsys.readouterr().out)
    new = origin_of(dock.config.journal)
    assert (said["journal"], said["predecessor"]) == (new, old)
    assert new != old
    assert [str(path) for path in kept(dock)] == [said["kept"]]
    assert kept(dock)[0].read_bytes() == content
    fact = first(dock)
    assert (fact.predecessor, fact.entries, fact.reason, fact.confirmed) == (old, entries, REASON, "")
    assert fact.actor
    assert read_dock_identity(dock.config.state_dir) == DockIdentity(dock="LEW-03", journal=new)
    with dock.reader() as reader:
        assert reader.enrolment(CAMERA).enrolled


@pytest.mark.slow
def test_standing_holds_stay_in_force_and_requests_open(dock: Dock) -> None:
    """Only a person ends them: what comes after the new journal begins is held as before."""
    said = {"officer": "PC-4411", "since": "2026-03-01T00:00:00.000Z", "review": "2027-01-01"}
    asked = RequestOpened(
        request="r-1", about="foi", received="2026-03-01", by="A. Smith", reason="FOI 7/26", actor="1:ann"
    )
    dock.record(
        asked,
        HoldOpened(hold="h-1", request="r-1", reason="FOI 7/26", requester="A. Smith", actor="1:ann", **said),
        HoldOpened(hold="h-2", camera=CAMERA, reason="over", actor="1:ann"),
        HoldEnded(hold="h-2", reason="over", actor="1:ann"),
    )
    assert dock.run(*SUCCEED) == 0
    with dock.reader() as reader:
        [hold], [request] = reader.holds(), reader.requests()
    assert (hold.id, hold.open, hold.reason, hold.requester) == ("h-1", True, "FOI 7/26", "A. Smith")
    assert {name: getattr(hold, name) for name in said} == said
    assert (request.id, request.open, request.by, request.holds) == ("r-1", True, "A. Smith", ("h-1",))
    assert verify_journal(dock.config.journal).ok


@pytest.mark.slow
def test_both_are_verified_and_the_new_one_names_its_predecessor(dock: Dock, capsys: Capture) -> None:
    old = origin_of(dock.config.journal)
    assert dock.run(*SUCCEED) == 0
    assert verify_journal(kept(dock)[0]).ok
    capsys.readouterr()
    assert dock.run("custody", "verify") == 0
    assert f"this journal took the place of the journal {old}" in capsys.readouterr().out
    before = predecessor_of(dock.config.journal)
    assert before is not None
    assert before.journal == old


def test_the_last_confirmed_checkpoint_is_in_the_first_entry(dock: Dock) -> None:
    note = "o\n1\nAAAA\n\n\u2014 o AAAAAAA=\n"
    with open_journal(dock.config.journal, FakeClock()) as journal:
        for size in (1, 2):
            journal.keep_checkpoint(StoredCheckpoint(size=size, root=bytes(32), note=note, made_at=""))
        journal.keep_cosignature(1, "w+1+k", "\u2014 w BBBBBBB=")
    assert dock.run(*SUCCEED) == 0
    assert first(dock).confirmed == note + "\u2014 w BBBBBBB=\n"


@pytest.mark.slow
def test_a_succession_can_be_succeeded(dock: Dock) -> None:
    ids = [origin_of(dock.config.journal)]
    for _ in range(2):
        assert dock.run(*SUCCEED) == 0
        ids.append(origin_of(dock.config.journal))
    assert len(set(ids)) == 3
    assert [origin_of(path) for path in kept(dock)] == ids[:2]


def test_footage_that_is_in_the_spool_alone_is_not_left_behind(dock: Dock, capsys: Capture) -> None:
    dock.record(ClipRetried(clip=QUARANTINED, actor="0:root"))
    before = dock.config.journal.read_bytes()
    assert dock.run(*SUCCEED) == 2
    assert "1 clip is not proven" in capsys.readouterr().err
    assert dock.config.journal.read_bytes() == before
    assert kept(dock) == []


def test_a_daemon_that_runs_keeps_its_journal(dock: Dock, capsys: Capture) -> None:
    with hold_dock(dock.config.state_dir):
        assert dock.run(*SUCCEED) == 1
    assert kept(dock) == []


@pytest.mark.parametrize("reason", ["", "  "])
def test_it_needs_a_reason(dock: Dock, reason: str, capsys: Capture) -> None:
    assert dock.run("custody", "succeed", "--reason", reason) == 2
    assert kept(dock) == []


def test_a_dock_without_a_journal_has_nothing_to_succeed(tmp_path: Path, capsys: Capture) -> None:
    dock = new_dock(tmp_path)
    assert dock.run(*SUCCEED) != 0
    assert not dock.config.journal.exists()


@pytest.mark.slow
def test_what_a_power_cut_left_half_done_is_completed_by_the_same_order(dock: Dock) -> None:
    old = origin_of(dock.config.journal)
    assert dock.run(*SUCCEED) == 0
    new = origin_of(dock.config.journal)
    # As after a cut between the exchange and the note of it.
    write_state_identity(dock.config.state_dir, DockIdentity(dock="LEW-03", journal=old))
    assert dock.run(*SUCCEED) == 0
    assert origin_of(dock.config.journal) == new
    assert len(kept(dock)) == 1


def test_what_a_power_cut_left_before_the_exchange_is_made_anew(dock: Dock) -> None:
    old = origin_of(dock.config.journal)
    for end in ("", "-wal"):
        dock.config.journal.with_name(f"journal.sqlite3.successor{end}").write_bytes(b"half")
    linked(dock)
    assert dock.run(*SUCCEED) == 0
    before = predecessor_of(dock.config.journal)
    assert before is not None
    assert before.journal == old
    assert [origin_of(path) for path in kept(dock)] == [old], "it is kept once"
    assert {path.stat().st_nlink for path in (dock.config.journal, *kept(dock))} == {1}


def linked(dock: Dock) -> None:
    """Give the journal a second name, as a cut before the exchange leaves it."""
    directory = durable.open_directory(str(dock.config.state_dir))
    try:
        durable.hard_link(directory, "journal.sqlite3", directory, "journal.sqlite3.succeeded-1")
    finally:
        os.close(directory)


@pytest.mark.slow
@pytest.mark.parametrize("earlier", [0, 1])
def test_a_daemon_that_starts_instead_has_a_journal_of_one_name(dock: Dock, earlier: int) -> None:
    for _ in range(earlier):
        assert dock.run(*SUCCEED) == 0
    before, kept_before = origin_of(dock.config.journal), kept(dock)
    os.link(dock.config.journal, f"{dock.config.journal}.succeeded-{earlier + 1}")
    with open_own_journal(dock.config, FakeClock(ms=9_000_000)) as journal:
        assert journal.origin() == before
    assert (kept(dock), dock.config.journal.stat().st_nlink) == (kept_before, 1)
