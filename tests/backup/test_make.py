"""Is everything in a backup that must be, is it whole, and is the dock left as it was?"""

from __future__ import annotations

import hashlib
import json
import os
import socket
import stat
import subprocess
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from bwvdock.backup import layout
from bwvdock.backup.check import State
from bwvdock.backup.make import Wanted, make
from bwvdock.core.facts import CameraEnrolled
from bwvdock.edges.identity_file import NAME as IDENTITY_FILE
from bwvdock.edges.journal.origin import origin_of
from bwvdock.edges.journal.verify.verify import verify_journal
from bwvdock.errors import BwvdockError, JournalLostError, UsageError
from tests.backup.docks import NOON, backed_up, checked, files_of, kinds, last, quiet
from tests.cli.docks import CAMERA, VERIFIED, Dock, new_dock
from tests.fakes.fuse import hanging_folder
from tests.places import another_filesystem

Capture = pytest.CaptureFixture[str]
NAME = "LEW-03-20260301T120000Z"


def test_a_backup_is_whole_and_its_journal_verifies(dock: Dock, tmp_path: Path) -> None:
    made = backed_up(dock, tmp_path / "backups")
    assert made.path == tmp_path / "backups" / NAME
    found = checked(made.path)
    assert (found.state, found.faults, found.problems) == (State.WHOLE, (), ())
    assert found.whole == made.whole
    journal = verify_journal(made.path / layout.JOURNAL)
    assert (journal.ok, journal.entries, journal.root) == (True, made.whole.entries, made.whole.root)
    subprocess.run(["sha256sum", "-c", "--quiet", "--strict", "MANIFEST"], check=True, cwd=made.path)


def test_nothing_of_the_dock_is_changed(dock: Dock, tmp_path: Path) -> None:
    before = files_of(dock.config.state_dir)
    backed_up(dock, tmp_path / "backups")
    assert files_of(dock.config.state_dir) == before


@pytest.mark.slow
def test_the_copy_of_the_journal_has_nothing_beside_it_even_after_it_was_read(
    dock: Dock, tmp_path: Path
) -> None:
    made = backed_up(dock, tmp_path / "backups")
    before = files_of(made.path, beside=True)
    checked(made.path)
    assert files_of(made.path, beside=True) == before
    assert not [name for name in before if "-wal" in name or "-shm" in name]


def test_footage_is_copied_as_it_was_taken(dock: Dock, tmp_path: Path) -> None:
    made = backed_up(dock, tmp_path / "backups")
    state = made.path / "state"
    for path in (dock.spooled(VERIFIED), dock.vaulted(VERIFIED)):
        copy = state / path.relative_to(dock.config.state_dir)
        assert copy.read_bytes() == path.read_bytes()
    assert made.whole.files == len(list((state / "spool").iterdir())) + 3
    assert made.whole.left_out == 0


@pytest.mark.slow
def test_one_file_with_two_names_is_one_file_in_the_backup(dock: Dock, tmp_path: Path) -> None:
    assert dock.spooled(VERIFIED).samefile(dock.vaulted(VERIFIED))
    state = backed_up(dock, tmp_path / "backups").path / "state"
    [spooled] = state.glob(f"spool/{VERIFIED}.0.*")
    [vaulted] = state.glob(f"vault/*/*/*/{VERIFIED}.0.*")
    assert spooled.samefile(vaulted)


@pytest.mark.slow
def test_footage_that_is_not_copied_is_listed_with_its_digest(dock: Dock, tmp_path: Path) -> None:
    with another_filesystem(tmp_path) as above:
        made = backed_up(dock, above, footage=False)
        lines = (made.path / layout.LEFT_OUT).read_text().splitlines()
    footage = dock.spooled(VERIFIED)
    digest = hashlib.sha256(footage.read_bytes()).hexdigest()
    size = footage.stat().st_size
    path = footage.relative_to(dock.config.state_dir)
    assert f"{digest}\t{size}\t{path}\tfootage; --with-footage copies it" in lines
    assert made.whole.left_out == len(lines)
    assert made.whole.files == 0


@pytest.mark.slow
def test_a_copy_that_is_not_as_acquired_is_not_called_a_copy(dock: Dock, tmp_path: Path) -> None:
    rotten = dock.spooled(VERIFIED)
    content = rotten.read_bytes()
    rotten.unlink()
    rotten.write_bytes(b"x" + content[1:])
    made = backed_up(dock, tmp_path / "backups")
    assert "spool/" + rotten.name in (made.path / layout.LEFT_OUT).read_text()
    assert not (made.path / "state/spool" / rotten.name).exists()
    assert checked(made.path).state is State.WHOLE


def test_what_signs_stays_with_the_machine_and_public_keys_are_in(dock: Dock, tmp_path: Path) -> None:
    keys = dock.config.state_dir / "keys"
    keys.mkdir()
    secret = b"c2VjcmV0IHNlZWQgb2YgdGhlIGRvY2stLS0tLS0tLQ=="
    for name in ("custody.key", "signed.sqlite3"):
        (keys / name).write_bytes(secret)
    (keys / "log.vkey").write_text("bwvdock/LEW-03/x+1+y\n")
    made = backed_up(dock, tmp_path / "backups")
    found = files_of(made.path)
    assert "state/keys/log.vkey" in found
    assert not [name for name, content in found.items() if secret in content]
    assert "keys/custody.key\twhat signs" in (made.path / layout.LEFT_OUT).read_text()


def test_the_configuration_and_its_folder_are_in_it(tmp_path: Path) -> None:
    etc = tmp_path / "bwvdock"
    etc.mkdir()
    dock = new_dock(etc)
    dock.record(_started())
    (etc / "county.token").write_text("hunter2")
    (etc / "link").symlink_to("/etc/passwd")
    made = backed_up(dock, tmp_path / "backups")
    assert (made.path / "etc/bwvdock.toml").read_bytes() == dock.config.content
    assert (made.path / "etc/county.token").read_text() == "hunter2"
    assert not (made.path / "etc/link").exists()
    assert "etc/link" in (made.path / layout.LEFT_OUT).read_text()


def _started() -> CameraEnrolled:
    return CameraEnrolled(camera=CAMERA, model="Fox", actor="0:root")


@pytest.mark.slow
def test_nobody_else_may_read_it(dock: Dock, tmp_path: Path) -> None:
    made = backed_up(dock, tmp_path / "backups")
    modes = {stat.S_IMODE(path.stat().st_mode) & 0o007 for path in (made.path, *made.path.rglob("*"))}
    assert modes == {0}
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o700


@pytest.mark.slow
def test_a_copy_that_is_still_being_made_and_what_is_no_file_are_left_out(dock: Dock, tmp_path: Path) -> None:
    spool = dock.config.spool
    (spool / "01hq00000000000009.0.part").write_bytes(b"half")
    os.mkfifo(spool / "pipe")
    (spool / "link").symlink_to("/etc/passwd")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(dock.config.state_dir / "socket"))
    (dock.config.state_dir / "a\nname").write_text("x")
    made = backed_up(dock, tmp_path / "backups")
    found, left = files_of(made.path), (made.path / layout.LEFT_OUT).read_text()
    for name in ("spool/01hq00000000000009.0.part", "spool/pipe", "spool/link", "socket", "'a\\nname'"):
        assert f"state/{name}" not in found
        assert f"\t{name}\t" in left
    assert checked(made.path).state is State.WHOLE


@pytest.mark.slow
def test_it_is_recorded_without_a_path_and_status_shows_its_age(
    dock: Dock, tmp_path: Path, capsys: Capture
) -> None:
    above = tmp_path / "Constable Smith"
    above.mkdir()
    entries = len(kinds(dock))
    assert dock.run("backup", str(above), "--with-footage", "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["entries"], said["recorded"]) == (entries, True)
    assert kinds(dock)[-1] == "backup_made"
    fact = last(dock)
    assert (fact["entries"], fact["root"], fact["footage"]) == (entries, said["root"], said["files"])
    assert "Smith" not in json.dumps(fact)
    dock.run("status", "--json")
    assert json.loads(capsys.readouterr().out)["journal"]["backup_at"]
    dock.run("status")
    assert "\nBackup " in capsys.readouterr().out
    assert dock.run("custody", "verify") == 0


# --- places that cannot be used ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "place,said",
    [
        ("link", "is a symbolic link"),
        ("file", "is not a directory"),
        ("missing", "does not exist"),
        ("state", "is in the state directory"),
        ("state/spool", "is in the state directory"),
        ("other state", "is a state directory"),
        ("others", "has backups of dock WAL-01"),
    ],
)
def test_a_place_that_cannot_be_used_is_an_error_and_nothing_is_written(
    dock: Dock, tmp_path: Path, place: str, said: str
) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "file").write_text("mine")
    (tmp_path / "other state").mkdir()
    (tmp_path / "other state/journal.sqlite3").write_text("theirs")
    (tmp_path / "others/WAL-01-20260101T000000Z").mkdir(parents=True)
    before = files_of(tmp_path)
    wanted = Wanted(config=dock.config, above=tmp_path / place, footage=True, now=NOON)
    with pytest.raises(UsageError, match=said) as told:
        make(wanted, quiet)
    assert told.value.remedy
    assert files_of(tmp_path) == before


@pytest.mark.slow
def test_a_vault_on_a_share_that_hangs_keeps_no_backup_of_the_dock_itself_waiting(
    dock: Dock, tmp_path: Path
) -> None:
    (tmp_path / "backups").mkdir()
    own = {"dock": dock.config.dock, "journal": origin_of(dock.config.journal)}
    (dock.config.state_dir / IDENTITY_FILE).write_text(json.dumps(own) + "\n", encoding="utf-8")
    [vault] = dock.config.vaults
    with hanging_folder(tmp_path / "share") as share:
        far = replace(vault, name="far", path=share / "vault")
        config = replace(dock.config, destinations=(*dock.config.destinations, far))
        wanted = Wanted(config=config, above=tmp_path / "backups", footage=True, now=NOON)
        made = threading.Thread(target=make, args=(wanted, quiet), daemon=True)
        made.start()
        made.join(60)
        assert not made.is_alive()
    assert checked(tmp_path / "backups" / NAME).state is State.WHOLE


@pytest.mark.parametrize("taken", [NAME, f"{NAME}.unfinished"])
@pytest.mark.parametrize("kind", ["folder", "link"])
def test_a_name_that_is_taken_is_not_written_to(dock: Dock, tmp_path: Path, taken: str, kind: str) -> None:
    above, elsewhere = tmp_path / "backups", tmp_path / "elsewhere"
    above.mkdir()
    elsewhere.mkdir()
    (elsewhere / "file").write_text("mine")
    if kind == "link":
        (above / taken).symlink_to(elsewhere)
    else:
        (above / taken).mkdir()
        (above / taken / "file").write_text("mine")
    before = files_of(tmp_path)
    with pytest.raises(UsageError, match="exists already"):
        backed_up(dock, above)
    assert files_of(tmp_path) == before


def test_another_dock_in_the_state_directory_is_an_error(dock: Dock, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    stranger = new_dock(other)
    stranger.record(_started())
    (dock.config.state_dir / "dock.json").write_text(
        json.dumps({"dock": "LEW-03", "journal": "00" * 32}) + "\n"
    )
    with pytest.raises(JournalLostError):
        backed_up(dock, tmp_path / "backups")
    assert list((tmp_path / "backups").iterdir()) == []


def test_a_dock_that_never_ran_has_nothing_to_back_up(tmp_path: Path) -> None:
    dock = new_dock(tmp_path)
    with pytest.raises(BwvdockError):
        backed_up(dock, tmp_path / "backups")
    assert list((tmp_path / "backups").iterdir()) == []


def test_who_stops_it_leaves_nothing(dock: Dock, tmp_path: Path) -> None:
    above = tmp_path / "backups"
    above.mkdir()
    wanted = Wanted(config=dock.config, above=above, footage=True, now=NOON)

    def interrupted(path: str, _count: int) -> None:
        if path == layout.MANIFEST:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make(wanted, interrupted)
    assert list(above.iterdir()) == []


@pytest.mark.slow
def test_words_that_only_look_like_one_of_its_verbs_are_folders(
    dock: Dock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "check").mkdir()
    assert dock.run("backup", "./check") == 0
    assert dock.run("backup", "check", "check") == 0
    assert str(tmp_path / "check") in capsys.readouterr().out
    assert dock.run("backup") == 2
