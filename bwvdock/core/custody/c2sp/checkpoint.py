"""What does a log say of itself at one moment: its origin, the number of its leaves, and the root over them?

C2SP tlog-checkpoint, read at commit 5ba5ee8. A checkpoint is the text of a signed note.
Ours has three lines; further lines of others are kept, because signatures cover them.
"""

from __future__ import annotations

from dataclasses import dataclass

from bwvdock.core.custody.c2sp.encoding import read_decimal, read_hash, write_base64
from bwvdock.core.custody.c2sp.signed_note import Note, Sign, VerifierKey, read_note, sign_note


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of a log: `root` is the tree hash (RFC 6962 section 2.1) over its first `size` leaves."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return the text that is signed; it ends in a newline."""
        lines = (self.origin, str(self.size), write_base64(self.root), *self.extensions)
        return "".join(f"{line}\n" for line in lines)


def read_checkpoint(text: str) -> Checkpoint:
    """Return the checkpoint that a note's text is.

    Raises:
        ValueError: it is not one.
    """
    *lines, rest = text.split("\n")
    if rest or len(lines) < 3 or "" in lines:
        raise ValueError("a checkpoint has at least three lines, none of them empty")
    origin, size, root, *extensions = lines
    return Checkpoint(origin, read_decimal(size), read_hash(root), tuple(extensions))


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A checkpoint, and the note with the signatures on it."""

    checkpoint: Checkpoint
    note: Note


def read_signed_checkpoint(octets: bytes) -> SignedCheckpoint:
    """Return the checkpoint of a signed note. No signature is verified yet.

    Raises:
        ValueError: the bytes are not a signed note, or its text is not a checkpoint.
    """
    note = read_note(octets)
    return SignedCheckpoint(read_checkpoint(note.text), note)


def sign_checkpoint(checkpoint: Checkpoint, key: VerifierKey, sign: Sign) -> Note:
    """Return the note of a checkpoint, signed by the log's Ed25519 key, whose name must be the origin.

    Raises:
        ValueError: the key has another name.
    """
    if key.name != checkpoint.origin:
        raise ValueError(f"the key of {key.name!r} does not sign for the log {checkpoint.origin!r}")
    return sign_note(str(checkpoint), key, sign)
