"""How is a checkpoint of the journal made? It is proven to the signer, and the answer is checked.

In a worker's thread: the journal is read through a connection of its own, and the signer may be away.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bwvdock.core.custody.c2sp.checkpoint import Checkpoint, read_signed_checkpoint
from bwvdock.core.custody.c2sp.signed_note import ED25519, VerifierKey
from bwvdock.core.custody.c2sp.submission import Submission
from bwvdock.core.custody.checkpoints import Extension, SizedNote, log_name, verify_log_signature
from bwvdock.core.custody.witnessing import Contradiction, proof_of_fork
from bwvdock.core.ports.signing import CheckpointSigner
from bwvdock.edges import ed25519
from bwvdock.edges.journal.checkpoints import Enough, nobody
from bwvdock.edges.journal.read.reader import JournalReader
from bwvdock.errors import BwvdockError, SignerRefusedError, SignerUnavailableError
from bwvdock.runtime.jobs import Post
from bwvdock.upkeep.messages import CheckpointSigned

_ATTEMPTS = 3  # the signer may have signed what the journal could not store before it ended


class KnownKeys(Protocol):
    """Remembers the public keys that the journal's checkpoints were signed with."""

    def learn(self, key: str) -> str:
        """Add a verifier key durably if it is not the latest; return the latest before, "" if none was.

        Raises:
            StorageError: it cannot be kept.
        """
        ...

    def known(self) -> Sequence[VerifierKey]:
        """Return the keys that were learnt, the latest last; none where they cannot be read."""
        ...


def read_extension(journal: Path, old: int) -> Extension:
    """Return a journal at this moment, and the proof that its first `old` entries are unchanged.

    Raises:
        JournalError: it cannot be read, or its tree does not match its entries.
    """
    with JournalReader(journal) as reader:
        return reader.extension(old)


def read_root(journal: Path, size: int) -> bytes:
    """Return the root over a journal's first `size` entries.

    Raises:
        JournalError: it cannot be read, or has fewer entries.
    """
    with JournalReader(journal) as reader:
        return reader.root(size)


def read_handed_out(journal: Path, enough: Enough = nobody) -> Sequence[SizedNote]:
    """Return a journal's checkpoints to hand out, at most two, the larger last.

    Args:
        journal: its file.
        enough: says which witnesses are as many as the policy asks for.

    Raises:
        JournalError: it cannot be read.
    """
    with JournalReader(journal) as reader:
        return reader.handed_out(enough)


@dataclass(frozen=True, kw_only=True, slots=True)
class Signing:
    """What a checkpoint is made with.

    `origin` is what the configuration calls the log; `read` returns the journal and its proof from a size,
    `root` the root over its first entries, `handed_out` the checkpoints to hand out.
    """

    signer: CheckpointSigner
    origin: str
    read: Callable[[int], Extension]
    root: Callable[[int], bytes]
    handed_out: Callable[[], Sequence[SizedNote]]
    keys: KnownKeys

    def checkpoint(self, old: int) -> CheckpointSigned:
        """Return the signed checkpoint of the journal at this moment.

        Args:
            old: the size that the dock knows to have been signed last.

        Raises:
            SignerRefusedError: the journal does not extend what was signed last.
            SignerUnavailableError: no valid signature was given.
            BwvdockError: the journal cannot be read, or the key not be noted.
        """
        public = self.signer.public_key()
        for _ in range(_ATTEMPTS):
            try:
                return self._signed(public, self.read(old))
            except SignerRefusedError as error:
                if error.size is None or error.size == old:
                    raise
                old = error.size
        raise SignerUnavailableError(
            "The signer names another size that it signed last each time it is asked.",
            remedy="systemctl restart bwvdock-signer.service; journalctl -u bwvdock-signer",
        )

    def contradiction(self, note: str) -> Contradiction | None:
        """Return what the signer states against the journal; None if the note that it sent does not show it.

        It is proven where the note is signed with a key that the log is known to have, or where none is known
        yet. With another key nothing but the statement is known.

        Args:
            note: the checkpoint that the signer says it signed last.

        Raises:
            BwvdockError: the journal cannot be read, or the signer gives no key.
        """
        public, found = self.signer.public_key(), self.read(0)
        name = log_name(self.origin, found.journal)
        own = VerifierKey(name, ED25519, public)
        known = [key for key in self.keys.known() if key.name == name]

        def shown(keys: Sequence[VerifierKey]) -> str:
            return proof_of_fork(
                note.encode(errors="replace"),
                origin=name,
                entries=found.size,
                root_of=self.root,
                keys=keys,
                verify=ed25519.verify,
            )

        proof = shown(known or [own])
        if not (stated := proof or shown([own])):
            return None
        size = read_signed_checkpoint(stated.encode()).checkpoint.size
        named = size if size > found.size else -1
        return Contradiction(witness=str(own), origin=name, size=found.size, named=named, note=proof)

    def _signed(self, public: bytes, found: Extension) -> CheckpointSigned:
        name = log_name(self.origin, found.journal)
        checkpoint, key = Checkpoint(name, found.size, found.root), VerifierKey(name, ED25519, public)
        note = self.signer.sign(Submission(found.old, found.proof, str(checkpoint).encode()).encoded())
        try:
            same = verify_log_signature(note, key, ed25519.verify) == checkpoint
        except ValueError:
            same = False
        if not same or note.count("\u2014") != 1:
            raise SignerUnavailableError(
                "The signer did not answer with its signature on the checkpoint that it was sent.",
                remedy="systemctl status bwvdock-signer; journalctl -u bwvdock-signer",
            )
        before = self.keys.learn(str(key))
        return CheckpointSigned(
            size=found.size,
            root=found.root,
            note=note,
            key=str(key),
            key_before=before,
            proven_from=found.old,
        )


@dataclass(frozen=True, slots=True)
class SignCheckpoint:
    """Have a checkpoint of the present journal signed."""

    signing: Signing
    old: int

    def work(self, _: Post) -> CheckpointSigned:
        """Read, prove, ask, check."""
        try:
            return self.signing.checkpoint(self.old)
        except SignerRefusedError as error:
            return CheckpointSigned(error=error, contradiction=self._shown(error.note))

    def _shown(self, note: str) -> Contradiction | None:
        with suppress(BwvdockError):  # the refusal is what is reported; the signer is asked again
            return self.signing.contradiction(note)
        return None

    def failed(self, error: BwvdockError) -> CheckpointSigned:
        """Report why there is none."""
        return CheckpointSigned(error=error)
