"""How is it proven without the log that one entry is in it?

C2SP tlog-proof, read at commit 5ba5ee8 (the format has no version yet; its own first line says
v1): the entry's number, the inclusion proof and a signed, cosigned checkpoint, in one text.
"""

from __future__ import annotations

from dataclasses import dataclass

from bwvdock.core.custody.c2sp.checkpoint import read_signed_checkpoint
from bwvdock.core.custody.c2sp.encoding import read_base64, read_decimal, read_hash, write_base64
from bwvdock.core.custody.c2sp.signed_note import MOST_NOTE_BYTES
from bwvdock.core.custody.inclusion_proofs import verify_inclusion

MOST_BYTES = 4 * MOST_NOTE_BYTES
_MOST_HASHES = 63  # a tree has fewer than 2^63 leaves
_FIRST = "c2sp.org/tlog-proof@v1"
_EXTRA, _INDEX = "extra ", "index "


@dataclass(frozen=True, slots=True)
class TlogProof:
    """The proof that leaf `index` (from 0) is in the tree of a checkpoint; `extra` proves nothing."""

    index: int
    proof: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None

    def encoded(self) -> bytes:
        """Return the bytes of the file."""
        extra = () if self.extra is None else (_EXTRA + write_base64(self.extra),)
        lines = (_FIRST, *extra, f"{_INDEX}{self.index}", *map(write_base64, self.proof), "")
        return "".join(f"{line}\n" for line in lines).encode() + self.checkpoint

    def includes(self, leaf_hash: bytes) -> bool:
        """Return whether the proof leads from a leaf's hash to the checkpoint's root.

        Who signed that checkpoint is another question (signed_note.py, cosignature.py, policy.py).

        Raises:
            ValueError: the checkpoint cannot be read.
        """
        head = read_signed_checkpoint(self.checkpoint).checkpoint
        return verify_inclusion(leaf_hash, self.index, head.size, self.proof, head.root)


def read_tlog_proof(octets: bytes) -> TlogProof:
    """Return the proof that a file holds. It is not verified yet, and no signature either.

    Raises:
        ValueError: the bytes have another form.
    """
    if len(octets) > MOST_BYTES:
        raise ValueError(f"a proof of more than {MOST_BYTES} bytes")
    head, blank, checkpoint = octets.partition(b"\n\n")
    first, *lines = head.decode("ascii").split("\n", _MOST_HASHES + 3)
    if not blank or first != _FIRST:
        raise ValueError(
            f"a proof begins with the line {_FIRST!r}, and has an empty line before the checkpoint"
        )
    extra = read_base64(lines.pop(0).removeprefix(_EXTRA)) if lines and lines[0].startswith(_EXTRA) else None
    if not lines or not lines[0].startswith(_INDEX) or len(lines) > _MOST_HASHES + 1:
        raise ValueError(f"a proof has a line 'index NUMBER', then at most {_MOST_HASHES} hashes")
    index, *hashes = lines
    read_signed_checkpoint(checkpoint)
    return TlogProof(
        read_decimal(index.removeprefix(_INDEX)), tuple(map(read_hash, hashes)), checkpoint, extra
    )
