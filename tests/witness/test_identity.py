"""Is the key of a witness made once, kept to its owner, and refused when something is wrong with it?"""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from bwvdock.core.custody.c2sp.cosignature import verify_cosignature
from bwvdock.edges import ed25519
from bwvdock.errors import StorageError, UsageError
from bwvdock.witness.identity import make_identity, read_identity
from tests.witness.logs import NAME


def test_a_key_is_read_as_it_was_made(tmp_path: Path) -> None:
    made = make_identity(tmp_path, NAME)
    assert read_identity(tmp_path).key == made.key
    line = read_identity(tmp_path).cosign("a\n1\nb\n", 7)
    assert verify_cosignature("a\n1\nb\n", line, made.key, ed25519.verify).time == 7
    assert stat.S_IMODE((tmp_path / "witness.key").stat().st_mode) == 0o600


def test_a_key_is_made_once(tmp_path: Path) -> None:
    made = make_identity(tmp_path, NAME)
    with pytest.raises(UsageError, match="already"):
        make_identity(tmp_path, "another.example/name")
    assert read_identity(tmp_path).key == made.key


@pytest.mark.parametrize("name", ["", "two words", "a+b", "line\nbreak", "\u00a0"])
def test_a_name_that_a_note_cannot_hold_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot have this name"):
        make_identity(tmp_path, name)
    assert list(tmp_path.iterdir()) == []


def test_a_key_that_others_can_read_is_not_used(tmp_path: Path) -> None:
    make_identity(tmp_path, NAME)
    (tmp_path / "witness.key").chmod(0o640)
    with pytest.raises(StorageError, match="read by others"):
        read_identity(tmp_path)


@pytest.mark.parametrize("change", ["", "PRIVATE+KEY+a+00000000+BAAA", "witness", "\xff", "PRIVATE+KEY+++"])
def test_a_file_that_is_not_a_key_is_refused(change: str, tmp_path: Path) -> None:
    make_identity(tmp_path, NAME)
    (tmp_path / "witness.key").write_text(change)
    with pytest.raises(StorageError, match="not the key"):
        read_identity(tmp_path)


def test_a_key_under_another_name_is_refused(tmp_path: Path) -> None:
    make_identity(tmp_path, NAME)
    path = tmp_path / "witness.key"
    path.write_text(path.read_text().replace(NAME, "another.example/name"))
    with pytest.raises(StorageError, match="not the key"):
        read_identity(tmp_path)


def test_no_key_is_no_witness(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="no witness"):
        read_identity(tmp_path)
    with pytest.raises(StorageError, match="cannot be used"):
        read_identity(tmp_path / "missing")
