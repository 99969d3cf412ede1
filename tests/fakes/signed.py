"""Journals that are signed: by the fake signer, with its key noted beside them, as a running dock does."""

from __future__ import annotations

from pathlib import Path

from bwvdock.core.custody.checkpoints import StoredCheckpoint
from bwvdock.edges.journal import Journal
from bwvdock.edges.signing.known_keys import KeyFile
from bwvdock.upkeep.signing import Signing, read_extension, read_handed_out, read_root
from tests.fakes.signer import FakeSigner

ORIGIN = "bwvdock/TEST-01"


def signing(journal: Path, signer: FakeSigner) -> Signing:
    """Return what makes the checkpoints of a journal."""
    return Signing(
        signer=signer,
        origin=ORIGIN,
        read=lambda old: read_extension(journal, old),
        root=lambda size: read_root(journal, size),
        handed_out=lambda: read_handed_out(journal),
        keys=KeyFile(journal.parent / "keys"),
    )


def sign(journal: Journal, path: Path, signer: FakeSigner) -> str:
    """Have an open journal signed as it is; return the note."""
    last = journal.last_checkpoint()
    made = signing(path, signer).checkpoint(last.size if last else 0)
    journal.keep_checkpoint(
        StoredCheckpoint(size=made.size, root=made.root, note=made.note, made_at="2026-03-14T10:15:00.000Z")
    )
    return made.note
