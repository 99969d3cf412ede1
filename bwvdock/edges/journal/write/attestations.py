"""How does a journal keep what others state about it: signatures, confirmations, time stamps?

In tables beside the entries: nothing of it is an entry, so that nothing of it has to be signed in turn.
"""

from __future__ import annotations

import sqlite3
from contextlib import AbstractContextManager
from typing import Protocol

from bwvdock.core.custody.checkpoints import StoredCheckpoint
from bwvdock.core.facts import JournalNotAsWitnessed, LogKeyNew, SignerForgot
from bwvdock.core.moments import iso
from bwvdock.core.ports import Clock
from bwvdock.edges.journal import checkpoints
from bwvdock.edges.journal.contradictions import contradictions, signer_changes


class Attestations(Protocol):
    """The part of the one writer that keeps it; the writer has the connection and its transactions."""

    _db: sqlite3.Connection
    _clock: Clock

    def _writing(self) -> AbstractContextManager[None]: ...

    def _question(self) -> AbstractContextManager[sqlite3.Connection]: ...

    def keep_checkpoint(self, checkpoint: StoredCheckpoint) -> None:
        """Store a signed checkpoint; it is on the disk when this returns. It is not an entry.

        Raises:
            JournalError: as `append`.
        """
        with self._writing():
            checkpoints.keep(self._db, checkpoint)

    def keep_cosignature(self, size: int, witness: str, line: str) -> None:
        """Store a witness's line beside a checkpoint; on the disk when this returns. It is not an entry.

        Raises:
            JournalError: as `append`.
        """
        with self._writing():
            checkpoints.keep_cosignature(self._db, size, witness, line, iso(self._clock.now()))

    def keep_time_stamp(self, size: int, url: str, token: bytes, at: str) -> None:
        """Store the answer of an authority about a checkpoint, likewise.

        Raises:
            JournalError: as `append`.
        """
        with self._writing():
            checkpoints.keep_time_stamp(self._db, size, url, token, at)

    def confirmed_size(self, witness: str) -> int:
        """Return the largest size that a witness (its verifier key) confirmed, 0 if none."""
        with self._question() as db:
            return checkpoints.confirmed_size(db, witness)

    def quorum_size(self, enough: checkpoints.Enough, beyond: int) -> int:
        """Return the largest size beyond `beyond` whose checkpoint enough witnesses confirmed, 0 if none."""
        with self._question() as db:
            return checkpoints.quorum_size(db, enough, beyond)

    def contradictions(self) -> list[tuple[str, JournalNotAsWitnessed]]:
        """Return what witnesses stated against the journal and did not take back, each with its time."""
        with self._question() as db:
            return contradictions(db)

    def signer_changes(self) -> list[tuple[str, LogKeyNew | SignerForgot]]:
        """Return each new key of the log and each time that the signer forgot, with the entry's time."""
        with self._question() as db:
            return signer_changes(db)

    def stamped(self, url: str) -> int:
        """Return the size of the latest checkpoint that an authority stamped, 0 where there is none."""
        with self._question() as db:
            return checkpoints.stamped(db, url)

    def first_checkpoint_after(self, size: int) -> str:
        """Return when the first checkpoint of more entries was stored, "" where there is none."""
        with self._question() as db:
            return checkpoints.first_after(db, size)

    def last_checkpoint(self) -> StoredCheckpoint | None:
        """Return the checkpoint that was signed last, None where there is none."""
        with self._question() as db:
            return checkpoints.latest(db)
