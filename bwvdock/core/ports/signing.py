"""The port of the signer: who signs the journal's checkpoints?"""

from __future__ import annotations

from typing import Protocol


class CheckpointSigner(Protocol):
    """Holds the key of the dock's log. Called from workers' threads; each call ends within seconds.

    What it answers is not believed: the caller checks the note and its signature.
    """

    def public_key(self) -> bytes:
        """Return the public key (Ed25519, 32 bytes).

        Raises:
            SignerUnavailableError: it does not answer, does not make sense, or has no key.
        """
        ...

    def sign(self, submission: bytes) -> str:
        """Return the signed note of a checkpoint that extends the one signed last for its log.

        The same size and root as last time are signed again. What is signed is remembered durably first.

        Args:
            submission: the body of add-checkpoint in C2SP tlog-witness: the size signed last, the proof of
                consistency from there, and the checkpoint without a signature.

        Raises:
            SignerRefusedError: it is not proven to be an extension. `size` is set where the submission names
                another size than the one signed last, and is that one; `note` is the checkpoint signed last,
                where what was submitted does not extend it.
            SignerUnavailableError: it does not answer, does not make sense, has no key, or cannot read or
                keep what it signed last.
        """
        ...


class TimeStamper(Protocol):
    """A time-stamping authority (RFC 3161). What it answers is not believed: the caller reads it."""

    def stamp(self, query: bytes) -> bytes:
        """Return the answer (TimeStampResp) to a request (TimeStampReq), some 64 KiB at most, in a minute.

        Raises:
            DestinationUnavailableError: it cannot be reached, or answers that it does not work.
        """
        ...
