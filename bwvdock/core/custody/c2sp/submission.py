"""What does a log send to a witness, and what do the answers say?

The body of `POST add-checkpoint` of C2SP tlog-witness, read at commit 5ba5ee8: the size that the log believes
the witness saw last, a consistency proof from there, an empty line, the signed checkpoint. The witness
answers with signature lines, or with the size that it did see last.
"""

from __future__ import annotations

from dataclasses import dataclass

from bwvdock.core.custody.c2sp.encoding import read_decimal, read_hash, write_base64
from bwvdock.core.custody.c2sp.signed_note import MOST_NOTE_BYTES, Signature, read_signatures

MOST_PROOF_LINES = 63
MOST_BYTES = MOST_NOTE_BYTES + 4096
"""What a body may have at most: 63 lines of a proof have 2,835 bytes."""
SIZE_TYPE = "text/x.tlog.size"
"""The content type of an answer that names a size."""

_OLD = "old "
_MOST_SIZE_BYTES = 20  # nineteen digits and the newline


@dataclass(frozen=True, slots=True)
class Submission:
    """A request that a witness cosign: the signed checkpoint's bytes, and the proof from size `old` to it."""

    old: int
    proof: tuple[bytes, ...]
    checkpoint: bytes

    def encoded(self) -> bytes:
        """Return the body of the request."""
        lines = (f"{_OLD}{self.old}", *map(write_base64, self.proof), "")
        return "".join(f"{line}\n" for line in lines).encode() + self.checkpoint


def read_submission(body: bytes) -> Submission:
    """Return what a request's body submits. Of the checkpoint, nothing is read yet.

    Raises:
        ValueError: the body does not have the form of such a request.
    """
    if len(body) > MOST_BYTES:
        raise ValueError(f"a request of more than {MOST_BYTES} bytes")
    head, blank, checkpoint = body.partition(b"\n\n")
    first, *proof = head.decode("ascii").split("\n")
    if not blank or not first.startswith(_OLD) or len(proof) > MOST_PROOF_LINES:
        raise ValueError(
            f"a request has a line 'old SIZE', at most {MOST_PROOF_LINES} hashes and an empty line"
        )
    return Submission(read_decimal(first.removeprefix(_OLD)), tuple(map(read_hash, proof)), checkpoint)


def read_cosignature_lines(body: bytes) -> tuple[Signature, ...]:
    """Return the signature lines of a witness's answer. None of them is verified yet.

    Raises:
        ValueError: the answer is something else.
    """
    if len(body) > MOST_NOTE_BYTES:
        raise ValueError(f"an answer of more than {MOST_NOTE_BYTES} bytes")
    return read_signatures(body.decode("utf-8"))


def size_answer(size: int) -> bytes:
    """Return the body that names a size."""
    return f"{size}\n".encode()


def read_size_answer(body: bytes) -> int:
    """Return the size that a witness's answer names.

    Raises:
        ValueError: the answer is something else.
    """
    if len(body) > _MOST_SIZE_BYTES or not body.endswith(b"\n"):
        raise ValueError("an answer that names a size is one line")
    return read_decimal(body[:-1].decode("ascii"))
