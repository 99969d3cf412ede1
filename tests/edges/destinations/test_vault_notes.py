"""Is a dock's signed checkpoint in a vault taken for what it is, and nothing else that lies beside it?"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from bwvdock.edges.destinations.directory import DirectoryDestination, note_name
from bwvdock.edges.destinations.vault_files import VaultFiles
from bwvdock.edges.spool import FileSpool


def test_it_is_not_a_file_without_an_entry_and_others_beside_it_are(tmp_path: Path) -> None:
    spool = FileSpool(tmp_path / "spool", min_free=0)
    vault = DirectoryDestination(tmp_path / "vault", name="vault", spool=spool, marks=tmp_path / "marks")
    vault.probe()
    name = vault.keep_note("bwvdock/LEW-03/00ff", 3, b"note")
    assert name == f"checkpoints/bwvdock_LEW-03_00ff.3-{sha256(b'note').hexdigest()[:16]}.txt"
    (tmp_path / "vault" / "checkpoints" / "stray.mp4").touch()
    files = VaultFiles(tmp_path / "vault", name="vault", marks=tmp_path / "marks")
    assert dict(files.folders()) == {"": [], "checkpoints": ["stray.mp4"]}
    spool.close()


def test_the_name_of_any_log_is_a_file_name() -> None:
    name = note_name("police.example.org:8080/~a/b@c", 9, b"")
    assert name.startswith("police.example.org%3A8080_~a_b%40c.9-")
