"""Does a check tell a whole backup from what looks like one, and an older one from a newer?"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from bwvdock.backup import layout
from bwvdock.backup.check import State
from bwvdock.core.facts import CameraEnrolled
from bwvdock.errors import UsageError
from tests.backup.docks import backed_up, checked, dock_at
from tests.cli.docks import Dock, new_dock

Capture = pytest.CaptureFixture[str]


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


DAMAGE: dict[str, Callable[[Path], object]] = {
    "a byte of the journal": lambda backup: _flip(backup / layout.JOURNAL),
    "a byte of MANIFEST": lambda backup: _flip(backup / layout.MANIFEST),
    "a byte of COMPLETE": lambda backup: _flip(backup / layout.COMPLETE),
    "a byte of the list": lambda backup: _flip(backup / "state/dock.json"),
    "a file is gone": lambda backup: (backup / "state/dock.json").unlink(),
    "the mark is gone": lambda backup: (backup / "state/from-backup.json").unlink(),
    "MANIFEST is gone": lambda backup: (backup / layout.MANIFEST).unlink(),
    "COMPLETE is gone": lambda backup: (backup / layout.COMPLETE).unlink(),
    "COMPLETE is empty": lambda backup: (backup / layout.COMPLETE).write_bytes(b""),
    "COMPLETE is a number": lambda backup: (backup / layout.COMPLETE).write_bytes(b"7"),
    "COMPLETE is a link": lambda backup: _as_link(backup / layout.COMPLETE),
    "the spool is a link": lambda backup: _as_link(backup / "state/spool"),
    "it ends early": lambda backup: _cut(backup / layout.JOURNAL),
    "its name says that it is unfinished": lambda backup: backup.rename(
        backup.with_name(f"{backup.name}{layout.UNFINISHED}")
    ),
}


def _as_link(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.symlink_to("elsewhere")


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-4096])


@pytest.mark.slow
@pytest.mark.parametrize("damage", DAMAGE.values(), ids=list(DAMAGE))
def test_what_was_damaged_is_no_backup(dock: Dock, tmp_path: Path, damage: Callable[[Path], object]) -> None:
    made = backed_up(dock, tmp_path / "backups")
    damage(made.path)
    [left] = (tmp_path / "backups").iterdir()
    assert checked(left).state is not State.WHOLE
    assert dock.run("backup", "check", str(tmp_path / "backups")) == 1
    assert dock.run("backup", "restore", str(left), "--to", str(tmp_path / "new")) == 2
    assert not (tmp_path / "new/journal.sqlite3").exists()


@pytest.mark.parametrize("line", ["../../etc/passwd", "/etc/passwd", "state/../../x", "state//x", "other/x"])
def test_a_list_that_names_other_places_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="no backup has"):
        layout.read_manifest(f"{'0' * 64}  {line}\n".encode())


@pytest.mark.parametrize("line", ["state/x", "etc/a b", "README.txt", "state/vault/2026/01/02/c.0.mp4"])
def test_a_list_of_ours_is_read(line: str) -> None:
    assert layout.read_manifest(layout.manifest({line: "0" * 64})) == {line: "0" * 64}


def _shown(dock: Dock, place: Path, capsys: Capture) -> list[dict[str, object]]:
    capsys.readouterr()
    assert dock.run("backup", "check", str(place), "--json") == 0
    shown: list[dict[str, object]] = json.loads(capsys.readouterr().out)
    return shown


@pytest.mark.slow
def test_it_says_how_old_a_backup_is_beside_the_journal_in_use(
    dock: Dock, tmp_path: Path, capsys: Capture
) -> None:
    above = tmp_path / "backups"
    backed_up(dock, above)
    assert [one["age"] for one in _shown(dock, above, capsys)] == ["same"]
    dock.record(CameraEnrolled(camera="CAM-18", model="", actor="0:root"), later=1)
    backed_up(dock, above, later=1)
    found = [(one["age"], one["entries_apart"]) for one in _shown(dock, above, capsys)]
    assert found == [("older", 1), ("same", 0)]
    dock.run("backup", "check", str(above))
    out = capsys.readouterr().out
    assert "the journal in use has 1 entry more" in out
    assert "it has every entry of the journal in use" in out


@pytest.mark.slow
def test_a_journal_in_use_that_was_put_back_or_is_another_is_told(
    dock: Dock, tmp_path: Path, capsys: Capture
) -> None:
    above, old = tmp_path / "backups", tmp_path / "old.sqlite3"
    shutil.copy(dock.config.journal, old)
    dock.record(CameraEnrolled(camera="CAM-18", model="", actor="0:root"), later=1)
    backed_up(dock, above)
    shutil.copy(old, dock.config.journal)
    assert [one["age"] for one in _shown(dock, above, capsys)] == ["newer"]
    dock.record(CameraEnrolled(camera="CAM-19", model="", actor="0:root"), later=2)
    assert [one["age"] for one in _shown(dock, above, capsys)] == ["different"]
    (tmp_path / "another").mkdir()
    stranger = new_dock(tmp_path / "another")
    stranger.record(CameraEnrolled(camera="CAM-20", model="", actor="0:root"))
    assert [one["age"] for one in _shown(stranger, above, capsys)] == ["other"]


@pytest.mark.slow
def test_without_a_dock_here_a_backup_is_checked_all_the_same(
    dock: Dock, tmp_path: Path, capsys: Capture
) -> None:
    made = backed_up(dock, tmp_path / "backups")
    nothing = dock_at(tmp_path / "nothing")
    assert [one["age"] for one in _shown(nothing, made.path, capsys)] == ["unknown"]
    dock.config.file.unlink()
    assert dock.run("backup", "check", str(made.path)) == 0
    assert "Not compared" in capsys.readouterr().err


@pytest.mark.parametrize("place", ["", "missing"])
def test_a_folder_without_a_backup_is_an_error(dock: Dock, tmp_path: Path, place: str) -> None:
    (tmp_path / "empty").mkdir()
    assert dock.run("backup", "check", str(tmp_path / "empty" / place)) == 2


@pytest.mark.slow
def test_a_journal_that_did_not_verify_is_kept_and_told(dock: Dock, tmp_path: Path, capsys: Capture) -> None:
    with closing(sqlite3.connect(dock.config.journal)) as db:
        db.execute("UPDATE tally SET clips = clips + 1")
        db.commit()
    made = backed_up(dock, tmp_path / "backups")
    assert made.whole.problems
    found = checked(made.path)
    assert (found.state, bool(found.problems)) == (State.WHOLE, True)
    assert dock.run("backup", "check", str(made.path)) == 4
    assert "The journal in it" in capsys.readouterr().out


@pytest.mark.slow
def test_where_the_clock_was_set_back_the_latest_is_the_one_with_the_most_entries(
    dock: Dock, tmp_path: Path, capsys: Capture
) -> None:
    above = tmp_path / "backups"
    before = backed_up(dock, above, later=3600)
    dock.record(CameraEnrolled(camera="CAM-18", model="", actor="0:root", unit=""))
    after = backed_up(dock, above)  # an hour earlier, by the clock
    (above / "LEW-03-20250101T000000Z.unfinished").mkdir()
    assert after.path.name < before.path.name
    assert dock.run("backup", "check", str(above), "--json") == 1  # one was cut off
    found = json.loads(capsys.readouterr().out)
    assert [row["path"] for row in found][:2] == [str(before.path), str(after.path)]
    assert [row["state"] for row in found] == ["whole", "whole", "unfinished"]
    with pytest.raises(UsageError, match="exists already"):
        backed_up(dock, above)  # and the same second comes twice: nothing is overwritten
