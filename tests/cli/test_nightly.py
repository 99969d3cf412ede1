"""Is the result of a nightly verification recorded, shown and kept, and is one run only when it is due?"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bwvdock.core.custody.verification import Problem
from bwvdock.core.facts import JournalVerified, UncleanStart
from bwvdock.core.moments import iso
from bwvdock.edges.journal.read.due import is_due
from bwvdock.edges.journal.verify.last import Findings, read_last, remember
from bwvdock.edges.system import hold_verification
from bwvdock.errors import UsageError
from bwvdock.operators.observed import Verified
from bwvdock.operators.orders import decide
from bwvdock.status.alerts.journal import custody_not_verified
from tests.cli.docks import VERIFIED, Dock, used_dock

Capture = pytest.CaptureFixture[str]
_CLIP = "01hq00000000000001"


@pytest.fixture
def dock(tmp_path: Path) -> Dock:
    return used_dock(tmp_path)


def recorded(dock: Dock) -> list[dict[str, object]]:
    with dock.reader() as reader:
        rows = reader.report(lambda db: db.execute("SELECT leaf FROM entry WHERE kind = 'journal_verified'"))
    return [json.loads(text)["data"] for (text,) in rows]


@pytest.mark.slow
def test_the_result_is_an_entry_and_a_line_of_the_status(dock: Dock, capsys: Capture) -> None:
    assert dock.run("custody", "verify", "--record") == 0
    [entry] = recorded(dock)
    assert (entry["problems"], entry["errors"], entry["since"], entry["copies"]) == (0, 0, 0, 4)
    capsys.readouterr()
    dock.run("status")
    assert "no problem found in what was read" in capsys.readouterr().out
    dock.run("status", "--json")
    journal = json.loads(capsys.readouterr().out)["journal"]
    assert journal["problems"] == 0
    assert journal["verified_at"]


@pytest.mark.slow
def test_what_was_tampered_with_is_recorded_and_an_alert(dock: Dock, capsys: Capture) -> None:
    dock.vaulted(VERIFIED).write_bytes(b"something else")
    assert dock.run("custody", "verify", "--record") == 4
    [entry] = recorded(dock)
    assert (entry["problems"], entry["codes"]) == (2, ["spool_file", "vault_file"]), "one file, two names"
    capsys.readouterr()
    assert dock.run("custody", "verify", "--journal-only", "--record") == 0
    dock.run("status", "--json")
    assert "custody-failed" in capsys.readouterr().out, "the second did not look at the files"


@pytest.mark.slow
def test_only_one_that_is_due_is_run(dock: Dock, capsys: Capture) -> None:
    assert dock.run("custody", "verify", "--record", "--when-due") == 0
    assert dock.run("custody", "verify", "--record", "--when-due") == 0
    assert "No verification is due." in capsys.readouterr().err
    assert len(recorded(dock)) == 1


def test_it_is_due_at_night_and_after_an_unclean_start(dock: Dock) -> None:
    verified = JournalVerified(
        entries=1, since=0, root="", copies=0, documents=0, problems=0, codes=(), errors=0, seconds=1
    )
    dock.record(verified, later=1000)
    with dock.reader() as reader:
        at = datetime.fromisoformat(str(reader.summary().verified_at))
    hours = [at + timedelta(hours=number) for number in range(23, 46)]
    assert {hour.astimezone().hour for hour in hours if is_due(dock.config.journal, hour)} == {1, 2, 3, 4, 5}
    assert not is_due(dock.config.journal, at + timedelta(hours=1))
    assert is_due(dock.config.journal, at + timedelta(hours=47))
    assert is_due(dock.config.journal, at - timedelta(hours=1)), "the clock was set back"
    dock.record(UncleanStart(started_at=iso(at), last_entry_at=iso(at)), later=2000)
    assert is_due(dock.config.journal, at + timedelta(hours=1))


def test_two_never_run_at_once(dock: Dock, capsys: Capture) -> None:
    with hold_verification(dock.config.state_dir) as ours:
        assert ours
        assert dock.run("custody", "verify", "--record") == 0
    assert "Another verification is under way." in capsys.readouterr().err
    assert recorded(dock) == []


def test_an_old_verification_is_an_alert() -> None:
    now = datetime(2026, 3, 5, tzinfo=UTC)
    assert [*custody_not_verified(None, now, unread=0)] == []
    assert [*custody_not_verified("2026-03-04T00:00:00.000Z", now, unread=0)] == []
    [old] = custody_not_verified("2026-03-01T00:00:00.000Z", now, unread=0)
    [partly] = custody_not_verified("2026-03-04T00:00:00.000Z", now, unread=2)
    [ahead] = custody_not_verified("2026-03-05T01:00:01.000Z", now, unread=0)
    assert [*custody_not_verified("2026-03-05T00:59:00.000Z", now, unread=0)] == []
    assert "still to come" in ahead.message
    assert "not been verified since 2026-03-01" in old.message
    assert "could not read everything" in partly.message


def test_what_did_not_look_everywhere_makes_no_finding_vanish(tmp_path: Path) -> None:
    bad = [Problem(code="vault_file", message="m", clip=_CLIP), Problem(code="vault_file", message="n")]
    remember(tmp_path, Findings(journal=bad, files=bad), at="2026-03-01T00:00:00.000Z")
    other = [Problem(code="spool_file", message="o", clip="01hq00000000000002")]
    remember(tmp_path, Findings(journal=(), files=other, whole=False), at="2026-03-02T00:00:00.000Z")
    last = read_last(tmp_path)
    assert last.journal is not None
    assert last.files is not None
    assert (last.journal.problems, last.journal.at) == (2, "2026-03-01T00:00:00.000Z")
    assert (last.files.problems, last.files.first) == (2, "spool_file: o")
    assert set(last.files.clips) == {_CLIP, "01hq00000000000002"}
    remember(tmp_path, Findings(journal=(), files=()), at="2026-03-03T00:00:00.000Z")
    assert read_last(tmp_path).files == read_last(tmp_path).journal


def test_nobody_else_may_say_that_it_was_verified() -> None:
    order = Verified(
        entries=1, since=0, root="", copies=0, documents=0, problems=0, codes=(), errors=0, seconds=1
    )
    nothing: Any = None
    with pytest.raises(UsageError, match="Only root"):
        decide(order, journal=nothing, reader=nothing, spool=nothing, paused=False, actor="12345:mallory")
