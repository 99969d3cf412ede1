"""Is it told when nobody backs a dock up, and only where somebody asked for that?"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bwvdock.config.settings import MistakesError, load
from bwvdock.core.facts import BackupMade
from bwvdock.status.alerts.journal import backup_old
from tests.backup.docks import alerts
from tests.cli.docks import Dock, new_dock
from tests.service.daemons import configure, daemon

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
WEEK = timedelta(days=7)


@pytest.mark.parametrize(
    "days,every,told",
    [
        (None, None, ""),
        (9, None, ""),
        (None, WEEK, "ever"),
        (6, WEEK, ""),
        (8, WEEK, "since 2026-03-02"),
        (-1, WEEK, "still to come"),
        (2, timedelta(hours=36), "since 2026-03-08"),
    ],
)
def test_a_backup_that_is_missing_or_old_is_an_alert_where_one_is_expected(
    days: int | None, every: timedelta | None, told: str
) -> None:
    at = None if days is None else (NOW - timedelta(days=days)).isoformat()
    found = list(backup_old(at, NOW, every=every, entries=1))
    assert [told in alert.message for alert in found] == ([True] if told else [])
    assert all("sudo bwvdock backup" in alert.remedy for alert in found)
    assert list(backup_old(None, NOW, every=every, entries=0)) == []


@pytest.mark.parametrize(
    "text,every",
    [("36 hours", 36), ("7 days", 168), ("1 day", 24), ("2 weeks", 336), ("12h", 12), ("1 hour", 1)],
)
def test_how_often_is_written_in_hours_days_or_weeks(tmp_path: Path, text: str, every: int) -> None:
    dock = new_dock(tmp_path, f'[backup]\nexpected_every = "{text}"\n')
    assert dock.config.backup_every == timedelta(hours=every)


@pytest.mark.parametrize("text", ['"0 days"', '"weekly"', "7", '"400 days"', '"-1 days"', '"7 days "', '""'])
def test_anything_else_is_a_mistake(tmp_path: Path, text: str) -> None:
    with pytest.raises(MistakesError, match="expected_every"):
        new_dock(tmp_path, f"[backup]\nexpected_every = {text}\n")


@pytest.mark.slow
def test_status_has_the_alert(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dock = new_dock(tmp_path, '[backup]\nexpected_every = "7 days"\n')
    assert "backup-old" not in alerts(dock, capsys), "it never ran"
    fact = BackupMade(entries=0, root="00" * 32, footage=0, size=0, left_out=0, actor="0:root")
    dock.record(fact)  # long ago
    assert "backup-old" in alerts(dock, capsys)


def test_the_latest_backup_is_found_by_an_index(dock: Dock) -> None:
    with closing(sqlite3.connect(dock.config.journal)) as db:
        plan = db.execute(
            "EXPLAIN QUERY PLAN SELECT leaf FROM entry WHERE kind = 'backup_made' ORDER BY seq DESC LIMIT 1"
        ).fetchall()
    assert "entry_of_backup" in str(plan)


@pytest.mark.slow
def test_a_dock_that_runs_is_backed_up_and_records_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = configure(tmp_path, camera=None)
    (tmp_path / "backups").mkdir()
    with daemon(file) as running:
        dock = Dock(config=load(file))
        assert dock.run("backup", str(tmp_path / "backups"), "--with-footage") == 0
        assert running.status()["journal"]["backup_at"]
        assert dock.run("backup", str(tmp_path / "backups"), "--move") == 1
        assert dock.run("backup", "check", str(tmp_path / "backups")) == 0
        assert "WHOLE" in capsys.readouterr().out
        assert any("event=backup_made " in line for line in running.log())
    assert dock.run("custody", "verify") == 0
