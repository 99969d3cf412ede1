"""What does a witness's answer say about the journal, and what of it is proven?

A witness can be wrong, and can lie. A cosignature is believed only if its key made it for this checkpoint. A
contradiction is its statement; it is proven only by a checkpoint that carries the signature of the journal's
own key.

C2SP tlog-witness, read at commit 5ba5ee8, and its version 1.0.0: where roots of one size differ, that one
answers 409, and the later text 422.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bwvdock.core.custody.c2sp.checkpoint import Checkpoint, read_signed_checkpoint
from bwvdock.core.custody.c2sp.cosignature import Cosignature, cosignatures
from bwvdock.core.custody.c2sp.signed_note import Note, VerifierKey, Verify, signers
from bwvdock.core.custody.c2sp.submission import read_cosignature_lines, read_size_answer
from bwvdock.core.custody.checkpoints import is_log_of

_OK, _CONFLICT, _UNPROCESSABLE = 200, 409, 422


@dataclass(frozen=True, slots=True)
class AskAgain:
    """The witness names another size that it confirmed last: an answer to us was lost, or to another."""

    old: int


@dataclass(frozen=True, slots=True)
class Larger:
    """The witness names a size beyond the checkpoint that it was sent."""

    size: int


@dataclass(frozen=True, slots=True)
class Contradicted:
    """The witness states that the checkpoint does not continue what it confirmed before."""


@dataclass(frozen=True, slots=True)
class Useless:
    """The answer says nothing about the journal; in words."""

    why: str


Reading = Cosignature | AskAgain | Larger | Contradicted | Useless


def read_answer(
    status: int, body: bytes, *, old: int, checkpoint: Checkpoint, key: VerifierKey, verify: Verify
) -> Reading:
    """Return what a witness's answer says.

    Args:
        status: of HTTP.
        body: what came with it.
        old: the size from which the proof led that was sent.
        checkpoint: that was sent.
        key: of the witness.
        verify: checks a signature.
    """
    if status == _OK:
        return _cosignature(body, checkpoint, key, verify)
    if status == _UNPROCESSABLE:
        return Contradicted()
    if status == _CONFLICT:
        return _named(body, old, checkpoint.size)
    return Useless(f"it answered with status {status}")


def _cosignature(body: bytes, checkpoint: Checkpoint, key: VerifierKey, verify: Verify) -> Reading:
    try:
        note = Note(str(checkpoint), read_cosignature_lines(body))
    except ValueError:
        return Useless("it answered with something other than signature lines")
    found = cosignatures(note, [key], verify)
    return found[0] if found else Useless("its answer has no valid cosignature by its key on this checkpoint")


def _named(body: bytes, old: int, size: int) -> Reading:
    try:
        named = read_size_answer(body)
    except ValueError:
        named = old
    if named > size:
        return Larger(named)
    if named != old:
        return AskAgain(named)
    if old == size:
        return Contradicted()  # by the text of 1.0.0: this size had another root
    return Useless("it answers that the size that was sent is not the size that it has, and names the same")


@dataclass(frozen=True, kw_only=True, slots=True)
class Contradiction:
    """What a witness, or the signer of the journal's checkpoints, states against the journal.

    Args:
        witness: its verifier key; the signer's is the log's own.
        origin: of the journal's log.
        size: of the checkpoint that it was sent.
        named: the larger size that it names; -1 where it names none.
        note: a checkpoint that the journal's own key signed and that is not in the journal; "" if there is
            none, so that nothing is proven beyond what the witness states.
        recorded: whether an entry of the journal says that there was one; it need not be kept any more.
    """

    witness: str
    origin: str
    size: int
    named: int = -1
    note: str = ""
    recorded: bool = False

    @property
    def by_signer(self) -> bool:
        """Whether the signer states it: its key has the name of the journal's log."""
        return is_log_of(self.witness.partition("+")[0], self.origin.rpartition("/")[2])

    @property
    def proven(self) -> bool:
        """Whether a checkpoint signed with the journal's own key shows it."""
        return self.recorded or bool(self.note)


def proof_of_fork(
    published: bytes,
    *,
    origin: str,
    entries: int,
    root_of: Callable[[int], bytes],
    keys: Sequence[VerifierKey],
    verify: Verify,
) -> str:
    """Return a published checkpoint as text if the journal's own key signed it and it is not of this journal.

    Args:
        published: what a witness gave; b"" or anything else proves nothing.
        origin: of the journal's log.
        entries: how many the journal has now.
        root_of: returns the journal's root over its first entries, as many as are asked for.
        keys: the journal's own keys.
        verify: checks a signature.
    """
    try:
        signed = read_signed_checkpoint(published)
        ours = signed.checkpoint.origin == origin and bool(signers(signed.note, keys, verify))
    except ValueError:
        return ""
    head = signed.checkpoint
    if ours and (head.size > entries or root_of(head.size) != head.root):
        return str(signed.note)
    return ""
