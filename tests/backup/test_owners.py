"""Whose are the files where root backs up, and puts back, the dock of another user?"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.backup.docks import checked, dock_at
from tests.cli.docks import VERIFIED, Dock, used_dock
from tests.places import open_to_all

pytestmark = [
    pytest.mark.needs_root,
    pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root"),
]
SOMEBODY = 65534


@pytest.fixture
def theirs() -> Iterator[Dock]:
    with open_to_all() as folder:
        dock = used_dock(folder)
        for path in (dock.config.state_dir, *dock.config.state_dir.rglob("*")):
            os.chown(path, SOMEBODY, SOMEBODY, follow_symlinks=False)
        dock.config.state_dir.chmod(0o700)
        yield dock


def owners(folder: Path) -> set[int]:
    return {path.lstat().st_uid for path in (folder, *folder.rglob("*"))}


def test_the_backup_is_root_s_and_what_is_put_back_is_theirs(theirs: Dock, tmp_path: Path) -> None:
    above = tmp_path / "backups"
    above.mkdir()
    assert theirs.run("backup", str(above), "--with-footage") == 0
    [backup] = above.iterdir()
    assert owners(backup) == {0}
    assert owners(theirs.config.state_dir) == {SOMEBODY}
    assert theirs.run("backup", "check", str(above)) == 0

    new = theirs.config.file.parent / "new"
    new.mkdir(mode=0o700)
    os.chown(new, SOMEBODY, SOMEBODY)
    assert theirs.run("backup", "restore", str(backup), "--to", str(new)) == 0
    assert owners(new) == {SOMEBODY}
    restored = dock_at(new)
    assert restored.spooled(VERIFIED).stat().st_mode & 0o007 == 0
    assert restored.run("custody", "succeed", "--reason", "the disk failed") == 0
    assert owners(new) == {SOMEBODY}


def test_a_name_that_the_dock_s_user_put_there_leads_root_nowhere(theirs: Dock, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("of root alone")
    secret.chmod(0o600)
    spool = theirs.config.spool
    theirs.spooled(VERIFIED).unlink()
    (spool / "outside").symlink_to(tmp_path)
    os.link(secret, spool / "linked.0.mp4")  # which only root can make here, but so that it is there
    shutil.rmtree(theirs.config.state_dir / "marks")
    (theirs.config.state_dir / "marks").symlink_to(tmp_path)
    above = tmp_path / "backups"
    above.mkdir()
    assert theirs.run("backup", str(above), "--with-footage") == 0
    [backup] = above.iterdir()
    assert checked(backup).state == "whole"
    contents = [path.read_bytes() for path in backup.rglob("*") if path.is_file()]
    assert not [content for content in contents if b"of root alone" in content]
