"""Is a folder whose digests are all right, and that no dock made, taken for a backup?

Whoever may write to the disk with the backups can compute every digest anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bwvdock.backup import layout
from bwvdock.backup.check import State
from bwvdock.edges.journal import put_back
from bwvdock.signer.key import KEY, SIGNED
from tests.backup.docks import backed_up, checked, files_of
from tests.cli.docks import Dock

MARK, IDENTITY_FILE = "state/from-backup.json", "state/dock.json"

Change = Callable[[dict[str, bytes]], object]


def _says(path: str, **changed: object) -> Change:
    def change(files: dict[str, bytes]) -> None:
        files[path] = json.dumps(json.loads(files[path]) | changed).encode()

    return change


def _both_moved(files: dict[str, bytes]) -> None:
    for path in (MARK, layout.COMPLETE):
        files[path] = json.dumps(json.loads(files[path]) | {"moved": True}).encode()


FORGED: dict[str, Change] = {
    "no mark": lambda files: files.pop(MARK),
    "a mark of another journal": _says(MARK, journal="0" * 64),
    "a mark with fewer entries": _says(MARK, entries=1, moved=True),
    "said to be moved, and never closed": _both_moved,
    "another dock's list": _says(IDENTITY_FILE, dock="LEW-09"),
    "what SQLite applies to a journal": lambda files: files.update({"state/journal.sqlite3-wal": b"x"}),
    "what signs": lambda files: files.update({f"state/keys/{KEY}": b"x"}),
    "what was signed last": lambda files: files.update({f"state/keys/{SIGNED}": b"x"}),
    "the mark of a restore": lambda files: files.update({f"state/{put_back.UNFINISHED}": b"x"}),
    "what belongs to a process": lambda files: files.update({"state/run/control": b"x"}),
    "a time that is none": _says(layout.COMPLETE, made_at="soon"),
    "a time without an offset": _says(layout.COMPLETE, made_at="2026-03-01T12:00:00"),
    "what a terminal obeys": _says(layout.COMPLETE, version="\x1b[2J"),
}


def _forge(backup: Path, change: Change) -> None:
    files = files_of(backup)
    change(files)
    for path in files_of(backup).keys() - files.keys():
        (backup / path).unlink()
    digests = {
        path: hashlib.sha256(content).hexdigest()
        for path, content in files.items()
        if path not in {layout.MANIFEST, layout.COMPLETE}
    }
    files[layout.MANIFEST] = layout.manifest(digests)
    whole = json.loads(files[layout.COMPLETE])
    whole["manifest_sha256"] = hashlib.sha256(files[layout.MANIFEST]).hexdigest()
    files[layout.COMPLETE] = json.dumps(whole).encode()
    for path, content in files.items():
        (backup / path).parent.mkdir(parents=True, exist_ok=True)
        (backup / path).write_bytes(content)


@pytest.mark.slow
@pytest.mark.parametrize("forged", FORGED)
def test_what_no_dock_made_is_no_backup_and_is_not_put_back(
    dock: Dock, tmp_path: Path, forged: str, capsys: pytest.CaptureFixture[str]
) -> None:
    made, new = backed_up(dock, tmp_path / "backups"), tmp_path / "new"
    _forge(made.path, lambda _files: None)
    assert checked(made.path).state is State.WHOLE, "computing the digests anew changes nothing"
    _forge(made.path, FORGED[forged])
    capsys.readouterr()
    assert checked(made.path).state is State.DAMAGED
    assert dock.run("backup", "check", str(made.path)) == 1
    assert "\x1b" not in capsys.readouterr().out
    assert dock.run("backup", "restore", str(made.path), "--to", str(new)) != 0
    assert not (new / "journal.sqlite3").exists()


@pytest.mark.slow
def test_nothing_is_put_back_beside_a_link(dock: Dock, tmp_path: Path) -> None:
    made, new, elsewhere = backed_up(dock, tmp_path / "backups"), tmp_path / "new", tmp_path / "elsewhere"
    new.mkdir()
    elsewhere.mkdir()
    (new / "spool").symlink_to(elsewhere)
    assert dock.run("backup", "restore", str(made.path), "--to", str(new)) != 0
    assert not files_of(new)
    assert not files_of(elsewhere)


@pytest.mark.slow
def test_a_dock_that_still_has_the_mark_of_a_restore_is_backed_up_without(dock: Dock, tmp_path: Path) -> None:
    (dock.config.state_dir / put_back.UNFINISHED).write_text("x")
    made = backed_up(dock, tmp_path / "backups")
    assert checked(made.path).state is State.WHOLE
    assert not (made.path / "state" / put_back.UNFINISHED).exists()
