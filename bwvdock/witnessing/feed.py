"""How is one checkpoint confirmed by one witness? A job for a thread of that witness.

The witness says which size it confirmed last, and gets a proof from there. That may take several requests: an
answer may have been lost. Whatever it answers, a bounded number.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bwvdock.core.custody.c2sp.checkpoint import Checkpoint, read_signed_checkpoint
from bwvdock.core.custody.c2sp.cosignature import Cosignature
from bwvdock.core.custody.c2sp.signed_note import VerifierKey, Verify
from bwvdock.core.custody.c2sp.submission import Submission
from bwvdock.core.custody.witnessing import (
    AskAgain,
    Contradicted,
    Contradiction,
    Larger,
    Reading,
    Useless,
    proof_of_fork,
    read_answer,
)
from bwvdock.core.ports.witness import Witness
from bwvdock.errors import BwvdockError, DestinationUnavailableError
from bwvdock.runtime.jobs import Post
from bwvdock.witnessing.messages import Fed

_ATTEMPTS = 4  # a lost answer takes two; others may confirm the same journal meanwhile


@dataclass(frozen=True, kw_only=True, slots=True)
class JournalTree:
    """What the journal itself can show. Each is called in a worker's thread.

    `prove(old, size)` returns the proof of consistency; `entries()` how many there are now; `root(size)` the
    root over the first `size`; `keys()` the public keys that its checkpoints were signed with.
    """

    prove: Callable[[int, int], tuple[bytes, ...]]
    entries: Callable[[], int]
    root: Callable[[int], bytes]
    keys: Callable[[], Sequence[VerifierKey]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Feed:
    """Have a signed checkpoint confirmed.

    `old` is the size that the witness is known to have confirmed last, 0 if nothing is known.
    """

    name: str
    key: VerifierKey
    witness: Witness
    journal: JournalTree
    verify: Verify
    note: str
    size: int
    old: int

    def work(self, _: Post) -> Fed:
        """Ask until the witness has confirmed the checkpoint, contradicts it, or is of no use now."""
        head = read_signed_checkpoint(self.note.encode()).checkpoint
        old = min(self.old, head.size)
        for _attempt in range(_ATTEMPTS):
            said = self._ask(old, head)
            match said:
                case Cosignature():
                    return Fed(witness=str(self.key), size=head.size, line=str(said.line).rstrip("\n"))
                case AskAgain():
                    old = said.old
                case Larger():
                    return self._larger(head, said.size)
                case Contradicted():
                    return self._contradicted(head, -1, self._proof(head))
                case Useless():
                    raise self._useless(said.why)
        raise self._useless("it names another size each time it is asked")

    def failed(self, error: BwvdockError) -> Fed:
        """Report why nothing is known."""
        return Fed(witness=str(self.key), size=self.size, error=error)

    def _ask(self, old: int, head: Checkpoint) -> Reading:
        body = Submission(old, self.journal.prove(old, head.size), self.note.encode()).encoded()
        answer = self.witness.add_checkpoint(body)
        return read_answer(
            answer.status, answer.body, old=old, checkpoint=head, key=self.key, verify=self.verify
        )

    def _larger(self, head: Checkpoint, named: int) -> Fed:
        """Report a contradiction unless the journal has grown to that size: a later checkpoint was sent.

        It may have been cut and have grown to it anew; the checkpoint that the witness has shows that.
        """
        note, grown = self._proof(head), named <= self.journal.entries()
        if grown and not note:
            raise self._useless("it has confirmed a later checkpoint meanwhile")
        return self._contradicted(head, -1 if grown else named, note)

    def _proof(self, head: Checkpoint) -> str:
        return proof_of_fork(
            self.witness.latest(head.origin),
            origin=head.origin,
            entries=self.journal.entries(),
            root_of=self.journal.root,
            keys=self.journal.keys(),
            verify=self.verify,
        )

    def _contradicted(self, head: Checkpoint, named: int, note: str) -> Fed:
        contradiction = Contradiction(
            witness=str(self.key), origin=head.origin, size=head.size, named=named, note=note
        )
        return Fed(witness=str(self.key), size=head.size, contradiction=contradiction)

    def _useless(self, why: str) -> DestinationUnavailableError:
        return DestinationUnavailableError(
            f"The witness {self.name} did not confirm the journal: {why}.",
            remedy="Ask those who run it: bwvdock witness status. Footage is copied all the same.",
        )
