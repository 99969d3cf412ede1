"""What must be so on a disk after a cut, whatever had been said before it?"""

from __future__ import annotations

import hashlib
import sqlite3
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from bwvdock.cli.document_checks import compare_documents
from bwvdock.cli.file_checks import file_checks
from bwvdock.config.settings import Config, load
from bwvdock.edges.journal import verify_journal
from bwvdock.edges.journal.verify.checked import CheckedJournal
from bwvdock.edges.journal.verify.roots import Roots


def audit(root: Path, said: Sequence[str]) -> list[str]:
    """Return what is wrong: with the journal, with the files it speaks of, or with what was said.

    Args:
        root: a folder made by `ingest.prepare`.
        said: the facts that were said to be committed, all of the journal's first ones or nothing else.
    """
    config = load(root / "bwvdock.toml")
    entries = _entries(config)
    if entries[: len(said)] != list(said):
        return [f"acknowledged and lost: {said[len(entries) :] or 'other facts stand in their place'}"]
    found = [f"not announced: {name}" for name in _spooled(config) if name not in _intended(entries)]
    if not entries:
        return found
    found += [f"journal: {problem.message}" for problem in verify_journal(config.journal).problems]
    found += [f"journal: {error.message}" for error in verify_journal(config.journal).errors]
    with CheckedJournal(config.journal) as clips:
        checks = list(file_checks(config, clips))
        documents = compare_documents(config, Roots(clips))
    found += [f"files: {check.problem.message}" for check in checks if check.problem]
    found += [f"files: {check.error.message}" for check in checks if check.error]
    found += [f"documents: {problem.message}" for problem in documents.problems]
    return found + [f"documents: {error.message}" for error in documents.errors]


def missing(root: Path, *, vault: Path) -> list[str]:
    """Return what of the camera does not stand in the vault, byte for byte, and what is too much in it."""
    camera = Counter(_digest(file) for file in (root / "camera").rglob("*") if file.is_file())
    files = list(vault.glob("2*/*/*/*"))
    documents = [file for file in files if file.name.endswith(".custody.json")]
    stored = Counter(_digest(file) for file in files if file not in documents)
    config = load(root / "bwvdock.toml")
    verified = [entry for entry in _entries(config) if entry.startswith("clip_verified")]
    found = [f"{(camera - stored).total()} files of the camera are not in the vault"] * (not camera <= stored)
    found += [f"{(stored - camera).total()} files in the vault are not the camera's"] * (not stored <= camera)
    owed = len({entry.split()[1] for entry in verified})
    found += [f"{len(documents)} custody documents for {owed} clips"] * (len(documents) != owed)
    return found + ["no clip is verified"] * (not verified)


def _entries(config: Config) -> list[str]:
    """Return kind and clip of every entry; none where the journal was not made, or not finished."""
    if not config.journal.exists():
        return []
    with closing(sqlite3.connect(f"file:{config.journal}?mode=ro", uri=True)) as db:
        try:
            rows = db.execute("SELECT kind, clip FROM entry ORDER BY seq").fetchall()
        except sqlite3.OperationalError:  # cut while its tables were made; its writer will mend it
            return []
    return [f"{kind} {clip or ''}".strip() for kind, clip in rows]


def _spooled(config: Config) -> list[str]:
    return [file.name.split(".")[0] for file in config.spool.glob("*")]


def _intended(entries: Sequence[str]) -> set[str]:
    return {entry.split()[1] for entry in entries if entry.startswith("copy_intended")}


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
