"""Which checkpoints does a dock have, and under which name are they signed?

The format is in c2sp/; bwvdock/signer/ signs, and bwvdock/edges/journal/checkpoints.py stores them.
"""

from __future__ import annotations

from dataclasses import dataclass

from bwvdock.core.custody.c2sp.checkpoint import Checkpoint, read_signed_checkpoint
from bwvdock.core.custody.c2sp.signed_note import ED25519, VerifierKey, Verify

_IDENTITY_DIGITS = 16


def log_name(origin: str, journal: str) -> str:
    """Return the name of a journal's log, which is the origin in its checkpoints and the name of its key.

    Args:
        origin: what the configuration calls the dock's log.
        journal: the journal's id, hexadecimal: a new journal is a new log.
    """
    return f"{origin}/{journal[:_IDENTITY_DIGITS]}"


def is_log_of(name: str, journal: str) -> bool:
    """Return whether a log's name is one of a journal with this id, whatever the configuration calls it."""
    return name.rpartition("/")[2] == journal[:_IDENTITY_DIGITS]


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredCheckpoint:
    """A signed checkpoint of the journal. `made_at` is the dock's time when it was stored."""

    size: int
    root: bytes
    note: str
    made_at: str


@dataclass(frozen=True, slots=True)
class SizedNote:
    """A signed checkpoint of so many entries to hand out; `confirmed`: by enough witnesses for the policy."""

    size: int
    note: str
    confirmed: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Extension:
    """The journal at one moment, and the proof that its first `old` entries have not changed since."""

    journal: str
    old: int
    size: int
    root: bytes
    proof: tuple[bytes, ...]


def verify_log_signature(note: str, key: VerifierKey, verify: Verify) -> Checkpoint:
    """Return the checkpoint of a note that a log's key has signed.

    Raises:
        ValueError: it is not one, is of another log, or that key did not sign it.
    """
    signed = read_signed_checkpoint(note.encode())
    if key.kind != ED25519 or signed.checkpoint.origin != key.name:
        raise ValueError(f"it is of the log {signed.checkpoint.origin!r}")
    message = signed.note.text.encode()
    for line in signed.note.signatures:
        if (line.name, line.key_id) == (key.name, key.id) and verify(key.public, message, line.octets):
            return signed.checkpoint
    raise ValueError("the log's key did not sign it")
