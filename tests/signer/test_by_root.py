"""Can root see and change what the signer remembers, and nothing else?"""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from bwvdock.signer.by_root import ordered
from bwvdock.signer.key import SIGNED
from bwvdock.signer.memory import FileMemory
from bwvdock.signer.notary import Head
from tests.architecture.tree import ROOT

HEAD, KEY = Head(3, bytes(32)), b"k" * 32


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    memory = FileMemory(tmp_path / SIGNED)
    memory.advance("bwvdock/LEW-03/a", KEY, lambda _: HEAD)
    memory.advance("bwvdock/LEW-03/b", KEY, lambda _: HEAD)
    return tmp_path


def test_the_logs_are_listed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ordered(["--folder", str(folder), "logs"]) == 0
    assert capsys.readouterr().out == "bwvdock/LEW-03/a 3\nbwvdock/LEW-03/b 3\n"


def test_one_is_forgotten_or_all_are_called_anew(folder: Path) -> None:
    assert ordered(["--folder", str(folder), "forget", "bwvdock/LEW-03/b"]) == 0
    assert ordered(["--folder", str(folder), "forget", "bwvdock/LEW-03/b"]) == 0
    assert ordered(["--folder", str(folder), "rename", "bwvdock/LEW-03", "police.example/LEW"]) == 0
    assert FileMemory(folder / SIGNED).logs() == {"police.example/LEW/a": 3}


def test_nothing_is_made_where_nothing_was_signed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ordered(["--folder", str(tmp_path), "logs"]) == 3
    assert list(tmp_path.iterdir()) == []
    assert "Nothing was signed" in capsys.readouterr().err


def test_what_cannot_be_read_is_an_error_for_a_person(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / SIGNED).write_bytes(b"x" * 4096)
    assert ordered(["--folder", str(folder), "logs"]) > 0
    assert "damaged" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.skipif(os.getuid() != 0, reason="only root can give up its rights")
def test_root_acts_with_the_rights_of_the_signer_s_user(folder: Path) -> None:
    """What lies in the folder may have been put there by that user: a link to a file of root's."""
    foreign = folder.parent / "of-root"
    FileMemory(foreign).advance("bwvdock/LEW-03/a", KEY, lambda _: HEAD)
    before = foreign.read_bytes()
    folder.parent.chmod(0o755)
    os.chown(folder, 65534, 65534)
    (folder / SIGNED).unlink()
    (folder / SIGNED).symlink_to(foreign)
    program = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from bwvdock.signer.by_root import ordered"
    order = ["--folder", str(folder), "forget", "bwvdock/LEW-03/a"]
    done = subprocess.run(
        [sys.executable, "-c", f"{program}; sys.exit(ordered({order!r}))"],
        check=False,
        capture_output=True,
        timeout=60,
    )
    assert done.returncode != 0
    assert foreign.read_bytes() == before
    assert stat.S_IMODE(foreign.stat().st_mode) == 0o600
