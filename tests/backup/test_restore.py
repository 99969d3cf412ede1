"""Does a dock that is put back say so, and does its journal go on only where nothing can be missing?"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from bwvdock.core.facts import ClipRetried
from bwvdock.edges.journal.origin import origin_of, predecessor_of
from bwvdock.edges.journal.put_back import ended, read_mark
from bwvdock.edges.system import hold_dock
from bwvdock.errors import JournalEndedError
from bwvdock.service.initialise import initialise, open_own_journal
from tests.backup.docks import alerts, backed_up, checked, dock_at, files_of, kinds, last
from tests.cli.docks import CAMERA, QUARANTINED, VERIFIED, Dock
from tests.fakes.clock import FakeClock

Capture = pytest.CaptureFixture[str]
SUCCEED = ("custody", "succeed", "--reason", "the disk failed")


Way = Callable[[Dock, Path], Dock]


def restored(dock: Dock, tmp_path: Path) -> Dock:
    """Return a dock that was put back from a backup."""
    made = backed_up(dock, tmp_path / "backups")
    new = tmp_path / "new"
    assert dock.run("backup", "restore", str(made.path), "--to", str(new)) == 0
    return dock_at(new)


def copied(dock: Dock, tmp_path: Path) -> Dock:
    """Return a dock whose state was copied from a backup with cp -a."""
    made = backed_up(dock, tmp_path / "backups")
    new = tmp_path / "new"
    subprocess.run(["cp", "-a", made.path / "state", new], check=True)
    return dock_at(new)


@pytest.mark.slow
@pytest.mark.parametrize("way", [restored, copied])
def test_its_journal_is_not_continued(dock: Dock, tmp_path: Path, way: Way, capsys: Capture) -> None:
    new = way(dock, tmp_path)
    with (
        pytest.raises(JournalEndedError, match="put back from a backup"),
        open_own_journal(new.config, FakeClock()),
    ):
        pass
    with pytest.raises(JournalEndedError):
        initialise(new.config, FakeClock(), actor="0:root")
    assert new.run("cameras", "enrol", "CAM-18") == 1
    assert "put back from a backup" in alerts(new, capsys)["journal-ended"]
    assert origin_of(new.config.journal) == origin_of(dock.config.journal)
    assert kinds(new) == kinds(dock), "nothing was added"
    assert new.run("custody", "verify") == 0


@pytest.mark.slow
@pytest.mark.parametrize("way", [restored, copied])
def test_a_new_journal_names_it_and_the_backup(dock: Dock, tmp_path: Path, way: Way, capsys: Capture) -> None:
    new = way(dock, tmp_path)
    mark, old = read_mark(new.config.state_dir), origin_of(dock.config.journal)
    assert mark is not None
    assert new.run(*SUCCEED) == 0
    assert origin_of(new.config.journal) != old
    assert read_mark(new.config.state_dir) is None
    before = predecessor_of(new.config.journal)
    assert before is not None
    assert (before.journal, before.entries) == (old, mark.entries)
    with new.reader() as reader:
        assert reader.enrolment(CAMERA).enrolled
        [(leaf,)] = reader.report(lambda db: db.execute("SELECT leaf FROM entry WHERE seq = 0"))
    assert json.loads(leaf)["data"]["backup_at"] == mark.made_at
    assert new.run("cameras", "enrol", "CAM-18") == 0
    assert "journal-ended" not in alerts(new, capsys)
    assert new.run("custody", "verify") == 0


@pytest.mark.slow
def test_clips_that_were_not_proven_are_counted_in_it(dock: Dock, tmp_path: Path) -> None:
    dock.record(ClipRetried(clip=QUARANTINED, actor="0:root"), later=1)
    assert dock.run(*SUCCEED) == 2, "on the dock itself they are finished first"
    new = restored(dock, tmp_path)
    assert new.run(*SUCCEED) == 0
    with new.reader() as reader:
        [(leaf,)] = reader.report(lambda db: db.execute("SELECT leaf FROM entry WHERE seq = 0"))
    assert json.loads(leaf)["data"]["unproven"] == 1


@pytest.mark.slow
def test_every_file_is_put_back_as_it_was(dock: Dock, tmp_path: Path) -> None:
    new = restored(dock, tmp_path)
    before, after = files_of(dock.config.state_dir), files_of(new.config.state_dir)
    same = {name for name in before if before[name] == after.get(name)}
    assert before.keys() - same <= {"journal.sqlite3", "lock"}
    assert after.keys() - before.keys() == {"from-backup.json", "dock.json", "lock"}
    assert new.spooled(VERIFIED).samefile(new.vaulted(VERIFIED))
    assert new.spooled(VERIFIED).stat().st_mode & 0o777 == 0o640
    assert (new.config.state_dir.stat().st_mode & 0o777) == 0o700


@pytest.mark.slow
@pytest.mark.parametrize("of_another", [False, True])
def test_a_folder_with_backups_says_which_it_has_and_what_to_type(
    dock: Dock, tmp_path: Path, capsys: Capture, *, of_another: bool
) -> None:
    above, new = tmp_path / "backups", tmp_path / "new"
    made = [backed_up(dock, above, later=later).path for later in (0, 60)]
    (above / "LEW-03-20990101T000000Z.unfinished").mkdir()
    if of_another:
        shutil.copytree(made[0], above / "CRO-01-20260101T000000Z")
    assert dock.run("backup", "restore", str(above), "--to", str(new)) == 2
    said = capsys.readouterr().err
    assert f"has {4 if of_another else 3} backups" in said
    assert all(f"\n  {path.name}\n" in said for path in made)
    assert "20990101T000000Z.unfinished (not finished)" in said
    assert f"backup restore {above}/{'NAME' if of_another else made[1].name} --to {new}" in said
    assert not new.exists()


@pytest.mark.slow
@pytest.mark.few(2)
@pytest.mark.parametrize("there", ["journal.sqlite3", "spool/clip", "keys/log.vkey", "mine", "vault/a/b"])
def test_what_is_there_is_never_overwritten(dock: Dock, tmp_path: Path, there: str, capsys: Capture) -> None:
    made = backed_up(dock, tmp_path / "backups")
    place = tmp_path / "new" / there
    place.parent.mkdir(parents=True)
    place.write_text("precious")
    before = files_of(tmp_path / "new")
    assert dock.run("backup", "restore", str(made.path), "--to", str(tmp_path / "new")) == 2
    assert "is not empty" in capsys.readouterr().err
    assert files_of(tmp_path / "new") == before


@pytest.mark.slow
def test_the_dock_itself_is_never_overwritten(dock: Dock, tmp_path: Path) -> None:
    made = backed_up(dock, tmp_path / "backups")
    before = files_of(dock.config.state_dir)
    assert dock.run("backup", "restore", str(made.path), "--to", str(dock.config.state_dir)) == 2
    assert files_of(dock.config.state_dir) == before


@pytest.mark.slow
def test_a_place_that_a_daemon_holds_is_left_alone(dock: Dock, tmp_path: Path) -> None:
    made = backed_up(dock, tmp_path / "backups")
    new = tmp_path / "new"
    new.mkdir()
    with hold_dock(new):
        assert dock.run("backup", "restore", str(made.path), "--to", str(new)) == 1
    assert not (new / "journal.sqlite3").exists()


@pytest.mark.slow
def test_a_link_in_its_place_is_not_followed(dock: Dock, tmp_path: Path) -> None:
    made = backed_up(dock, tmp_path / "backups")
    (tmp_path / "real").mkdir()
    (tmp_path / "new").symlink_to(tmp_path / "real")
    assert dock.run("backup", "restore", str(made.path), "--to", str(tmp_path / "new")) == 1
    assert files_of(tmp_path / "real").keys() <= {"lock", "dock.json"}


# --- a dock that moves -------------------------------------------------------------------------------


def moved(dock: Dock, tmp_path: Path, capsys: Capture) -> Path:
    """Return the backup that was made to move a dock."""
    above = tmp_path / "moving"
    above.mkdir()
    capsys.readouterr()
    assert dock.run("backup", str(above), "--move", "--json") == 0
    return Path(json.loads(capsys.readouterr().out)["path"])


@pytest.mark.slow
def test_a_journal_that_was_closed_is_continued_where_it_is_put_back(
    dock: Dock, tmp_path: Path, capsys: Capture
) -> None:
    backup = moved(dock, tmp_path, capsys)
    assert dock.run("backup", "restore", str(backup), "--to", str(tmp_path / "new")) == 0
    new = dock_at(tmp_path / "new")
    assert "journal-ended" not in alerts(new, capsys)
    assert new.run("cameras", "enrol", "CAM-18") == 0
    assert kinds(new)[-3:] == ["backup_made", "journal_taken_up", "camera_enrolled"]
    assert read_mark(new.config.state_dir) is None
    assert origin_of(new.config.journal) == origin_of(dock.config.journal)
    assert new.run("custody", "verify") == 0
    assert new.spooled(VERIFIED).read_bytes() == dock.spooled(VERIFIED).read_bytes()


@pytest.mark.slow
def test_nothing_more_is_recorded_where_it_was_closed(dock: Dock, tmp_path: Path, capsys: Capture) -> None:
    moved(dock, tmp_path, capsys)
    before = kinds(dock)
    assert (before[-1], last(dock)["moved"]) == ("backup_made", True)
    assert dock.run("cameras", "enrol", "CAM-18") == 1
    assert "closed so that the dock can move" in capsys.readouterr().err
    assert "closed so that the dock can move" in alerts(dock, capsys)["journal-ended"]
    assert kinds(dock) == before
    assert dock.run("custody", "verify") == 0


@pytest.mark.slow
def test_a_move_can_be_given_up(dock: Dock, tmp_path: Path, capsys: Capture) -> None:
    assert dock.run("backup", "give-up-move") == 2
    moved(dock, tmp_path, capsys)
    assert dock.run("backup", "give-up-move") == 0
    assert (kinds(dock)[-1], last(dock)["backup_at"]) == ("journal_taken_up", "")
    assert dock.run("cameras", "enrol", "CAM-18") == 0


@pytest.mark.slow
def test_a_journal_that_is_closed_can_be_backed_up_again(dock: Dock, tmp_path: Path, capsys: Capture) -> None:
    moved(dock, tmp_path, capsys)
    entries = kinds(dock)
    (tmp_path / "again").mkdir()
    assert dock.run("backup", str(tmp_path / "again"), "--move", "--json") == 0
    assert json.loads(capsys.readouterr().out)["moved"] is True
    assert kinds(dock) == entries


@pytest.mark.slow
def test_where_no_backup_comes_of_it_the_journal_is_not_closed(dock: Dock, tmp_path: Path) -> None:
    above = tmp_path / "moving"
    above.mkdir(mode=0o700)
    (above / "file").write_text("")
    assert dock.run("backup", str(above / "file"), "--move") != 0
    assert ended(dock.config.journal) is None
    assert dock.run("cameras", "enrol", "CAM-18") == 0


def test_a_daemon_that_runs_is_not_moved(dock: Dock, tmp_path: Path) -> None:
    above = tmp_path / "moving"
    above.mkdir()
    before = kinds(dock)
    with hold_dock(dock.config.state_dir):
        assert dock.run("backup", str(above), "--move") == 1
    assert kinds(dock) == before
    assert list(above.iterdir()) == []


@pytest.mark.slow
def test_an_earlier_backup_put_back_beside_the_mark_of_a_move_is_not_continued(
    dock: Dock, tmp_path: Path, capsys: Capture
) -> None:
    earlier = backed_up(dock, tmp_path / "earlier").path
    backup = moved(dock, tmp_path, capsys)
    subprocess.run(["cp", "-a", backup / "state", tmp_path / "new"], check=True)
    shutil.copy(earlier / "state/journal.sqlite3", tmp_path / "new/journal.sqlite3")
    with pytest.raises(JournalEndedError), open_own_journal(dock_at(tmp_path / "new").config, FakeClock()):
        pass


@pytest.mark.slow
def test_a_power_cut_after_it_was_taken_up_takes_it_up_once(
    dock: Dock, tmp_path: Path, capsys: Capture
) -> None:
    backup = moved(dock, tmp_path, capsys)
    subprocess.run(["cp", "-a", backup / "state", tmp_path / "new"], check=True)
    new = dock_at(tmp_path / "new")
    mark = (new.config.state_dir / "from-backup.json").read_bytes()
    assert new.run("cameras", "enrol", "CAM-18") == 0
    (new.config.state_dir / "from-backup.json").write_bytes(mark)  # the cut came before it was removed
    assert new.run("cameras", "enrol", "CAM-19") == 0
    assert kinds(new).count("journal_taken_up") == 1
    assert checked(backup).state == "whole"
