"""May this checkpoint be signed? Only if it is proven to extend the one that was signed last for its log.

The rule is a witness's (C2SP tlog-witness), applied before the log's own signature: the same size and root
again are signed again, and everything else that is not an extension is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Protocol

from bwvdock.core.custody.c2sp.checkpoint import Checkpoint, read_checkpoint, sign_checkpoint
from bwvdock.core.custody.c2sp.signed_note import ED25519, Sign, VerifierKey, check_name
from bwvdock.core.custody.c2sp.submission import Submission, read_submission
from bwvdock.core.custody.consistency import verify_consistency
from bwvdock.core.custody.merkle import EMPTY_ROOT
from bwvdock.errors import SignerRefusedError

MOST_LOGS = 64
"""How many logs are remembered: a dock has one, and one more with each new journal."""

_REPORT = "This is a bug in bwvdock; report it with `journalctl -u bwvdock -u bwvdock-signer`."
_LOOK = (
    "Keep a copy of the state directory as it is, then type: bwvdock custody verify. If an older journal was "
    "restored from a backup, see docs/explanation/signed-checkpoints.md."
)


@dataclass(frozen=True, slots=True)
class Head:
    """What was signed for a log: the size of its tree, and the root."""

    size: int
    root: bytes


EMPTY = Head(0, EMPTY_ROOT)
Judge = Callable[[Head], Head]
"""A function: what was signed last (EMPTY: nothing) -> what is to be signed now; or it raises."""


class Memory(Protocol):
    """Remembers what was signed last for each log."""

    def advance(self, origin: str, key: bytes, judge: Judge) -> None:
        """Replace what was signed last for a log by what `judge` makes of it, as one step.

        It is on the disk when this returns. What `judge` raises is passed on, and nothing changes.

        Args:
            origin: the log's name.
            key: the public key that signs.
            judge: says what is to be signed.

        Raises:
            SignerRefusedError: `require_known_name`; or another key signed before.
            SignerUnavailableError: what was signed last cannot be read, or the new one not be kept.
        """
        ...


def require_known_name(origin: str, known: Collection[str]) -> None:
    """Raise if nothing was signed for a log and it is not one of this dock's.

    The daemon chooses the name, and the first checkpoint of a log is compared with nothing. So the logs of
    one signer differ in the journal's id alone, the part after the last "/": in what they are called they are
    like the first. Root can change that (by_root.py).

    Args:
        origin: the log's name.
        known: the logs that something was signed for.

    Raises:
        SignerRefusedError: it has another name, or there are too many.
    """
    names = {log.rpartition("/")[0] for log in known}
    if names and origin.rpartition("/")[0] not in names:
        raise SignerRefusedError(
            f"The signer signs for {', '.join(sorted(names))}; it was asked to sign for {origin}, which it "
            "has never seen. It is not signed.",
            remedy="Correct `origin` under [custody]. If the log is to have another name, as root: "
            "/usr/lib/bwvdock/bwvdock-signer rename OLD NEW",
        )
    if len(known) >= MOST_LOGS:
        raise SignerRefusedError(
            f"The signer has signed for {len(known)} journals, and takes no more. Nobody begins so many.",
            remedy="Find out who asked: journalctl -u bwvdock-signer. Then, as root, "
            "/usr/lib/bwvdock/bwvdock-signer logs, and forget those that were never yours",
        )


class Notary:
    """Signs the checkpoints of a journal, each only as an extension of the one before."""

    def __init__(self, public: bytes, sign: Sign, memory: Memory) -> None:
        """Connect the parts: the public key, what signs with the private one, and what was signed before."""
        self.public = public
        self._sign = sign
        self._memory = memory

    def sign(self, submission: bytes) -> str:
        """Return the signed note of a submitted checkpoint. What is signed is remembered first.

        Raises:
            SignerRefusedError: it is not one, or is not proven to extend the one that was signed last; that
                one, signed again, is in the error.
            SignerUnavailableError: what was signed last cannot be read, or the new one not be kept.
        """
        try:
            asked = read_submission(submission)
            checkpoint = read_checkpoint(asked.checkpoint.decode("utf-8"))
            key = VerifierKey(check_name(checkpoint.origin), ED25519, self.public)
        except ValueError as error:
            raise SignerRefusedError(
                f"The signer was sent no checkpoint: {error}.", remedy=_REPORT
            ) from error
        if checkpoint.extensions or not checkpoint.size:
            raise SignerRefusedError(
                "The signer signs checkpoints of three lines and of journals with an entry.", remedy=_REPORT
            )

        def signed(head: Head) -> str:
            made = Checkpoint(checkpoint.origin, head.size, head.root)
            return str(sign_checkpoint(made, key, self._sign)) if head.size else ""

        self._memory.advance(
            checkpoint.origin, self.public, lambda last: _judged(asked, checkpoint, last, signed)
        )
        return signed(Head(checkpoint.size, checkpoint.root))


def _judged(asked: Submission, checkpoint: Checkpoint, last: Head, signed: Callable[[Head], str]) -> Head:
    """Return what is signed now.

    Raises:
        SignerRefusedError: it does not extend what was signed last. What was signed last is signed again as
            the proof of that: it shows nobody more than its signature of then did.
    """
    if checkpoint.size < last.size:
        raise SignerRefusedError(
            f"The signer has signed this journal with {last.size:,} entries; now it has {checkpoint.size:,}: "
            "entries were cut off. It is not signed.",
            remedy=_LOOK,
            note=signed(last),
        )
    if asked.old != last.size:
        raise SignerRefusedError(
            f"The signer signed {last.size:,} entries last, and was sent a proof from {asked.old:,}.",
            remedy="It is asked again by itself.",
            size=last.size,
        )
    proven = verify_consistency(
        old=last.size,
        new=checkpoint.size,
        proof=asked.proof,
        old_root=last.root,
        new_root=checkpoint.root,
    )
    if not proven:
        raise SignerRefusedError(
            f"The journal of {checkpoint.size:,} entries does not begin with the {last.size:,} entries that "
            "the signer signed last: entries were changed. It is not signed.",
            remedy=_LOOK,
            note=signed(last),
        )
    return Head(checkpoint.size, checkpoint.root)
