"""Which witnesses of a policy confirmed a checkpoint, and which policy asks for those and no others?

It is handed out with the checkpoint: the dock's own policy may ask for witnesses that had not confirmed the
checkpoint yet, and would then call an honest one false.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bwvdock.core.custody.c2sp.cosignature import cosignatures
from bwvdock.core.custody.c2sp.policy import NONE, Policy, TrustedWitness
from bwvdock.core.custody.c2sp.signed_note import ED25519, Note, VerifierKey, Verify, signatures_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Confirmation:
    """Who confirmed one checkpoint: keys of its log, and the witnesses of a policy that did and did not.

    `quorum` is what that policy asks for, `met` whether these witnesses are enough for it.
    """

    logs: Sequence[VerifierKey]
    by: Sequence[TrustedWitness]
    lacking: Sequence[TrustedWitness]
    quorum: bytes
    met: bool

    @property
    def confirmed_by(self) -> list[str]:
        """The names of those that did."""
        return [_shown(witness.name) for witness in self.by]

    @property
    def not_confirmed_by(self) -> list[str]:
        """The names of those that did not."""
        return [_shown(witness.name) for witness in self.lacking]

    @property
    def words(self) -> Sequence[str]:
        """What is to be said of it, as sentences."""
        if not self.by and not self.lacking:
            return ("The dock's policy names no witness: nobody outside the dock confirmed the checkpoint.",)
        said = []
        if self.by:
            said.append(f"Confirmed by the witnesses: {', '.join(self.confirmed_by)}.")
        if self.lacking:
            said.append(f"NOT confirmed by the witnesses: {', '.join(self.not_confirmed_by)}.")
        if self.quorum != NONE:
            met = "is met" if self.met else "is NOT met"
            said.append(f"The quorum {_shown(self.quorum)} that the dock's own policy asks for {met}.")
        return said

    def policy(self) -> bytes:
        """Return the policy that asks for these keys, all of them (C2SP tlog-policy)."""
        return b"".join(line + b"\n" for line in self._lines())

    def _lines(self) -> Iterator[bytes]:
        yield from (f"# {sentence}".encode() for sentence in self.words)
        yield from (f"log {key}".encode() for key in self.logs)
        for witness in self.by:
            yield b"witness " + witness.name + f" {witness.key}".encode()
        names = [witness.name for witness in self.by]
        if len(names) > 1:
            group = b"confirmed"
            while group in names:
                group += b"-"
            yield b" ".join((b"group", group, b"all", *names))
            names = [group]
        yield b"quorum " + (names[0] if names else NONE)


def _shown(name: bytes) -> str:
    return name.decode("utf-8", "replace")


def confirmation(
    note: Note | None, policy: Policy | None, keys: Iterable[VerifierKey], verify: Verify
) -> Confirmation:
    """Return who confirmed a checkpoint.

    Args:
        note: its signed note; None if it is not signed.
        policy: the dock's own; None if it has none.
        keys: those with which the dock's logs have signed, beside the logs of the policy.
        verify: verifies an Ed25519 signature.
    """
    trusted = policy or Policy((), (), {}, NONE)
    made = cosignatures(note, [w.key for w in trusted.witnesses], verify) if note else []
    cosigned = {cosignature.key for cosignature in made}
    logs = dict.fromkeys((*(log.key for log in trusted.logs), *keys))
    return Confirmation(
        logs=[key for key in logs if note and key.kind == ED25519 and signatures_of(note, key)],
        by=[witness for witness in trusted.witnesses if witness.key in cosigned],
        lacking=[witness for witness in trusted.witnesses if witness.key not in cosigned],
        quorum=trusted.quorum,
        met=trusted.is_met(cosigned),
    )
