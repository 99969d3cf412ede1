"""Which files of an evidence package say what the journal has about its clips, and prove it?

Explained for its readers in docs/reference/evidence-package.md. The journal
reads the entries and proofs (its read/handed_out), edges/bags/bag.py writes the package.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from bwvdock.core.canonical import canonical
from bwvdock.core.clips.clip import Clip
from bwvdock.core.custody.c2sp.checkpoint import Checkpoint
from bwvdock.core.custody.c2sp.tlog_proof import TlogProof
from bwvdock.core.custody.document import ProvenEntry, RevealedValue, personal_commitments

_COPY = "verify"
PROGRAM = f"data/{_COPY}.py"
"""The copy of the verifier in a package."""

OPENABLE = frozenset({"officer", "path"})
"""Personal fields that may be disclosed on request; the camera's serial always is."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Packaged:
    """The journal's entries about some clips at one moment, each proven in the tree of one checkpoint.

    `note` is that checkpoint as the journal keeps it, with its signatures; b"" where it keeps none.
    `openings` are the values that may be disclosed and are still stored, `stored` the commitments of all
    personal values that are, and `identity` is the journal's own.
    """

    clips: Sequence[Clip]
    size: int
    root: bytes
    note: bytes
    identity: str
    entries: Sequence[ProvenEntry]
    openings: Sequence[RevealedValue]
    stored: Collection[str]

    @property
    def signed(self) -> bool:
        """Whether the checkpoint is signed."""
        return bool(self.note)

    def checkpoint(self, origin: str) -> bytes:
        """Return the checkpoint: signed, or the same three lines without a signature."""
        unsigned = Checkpoint(f"{origin}/{self.identity[:16]}", self.size, self.root)
        return self.note or str(unsigned).encode()


def proof_files(packaged: Packaged, *, origin: str) -> Mapping[str, bytes]:
    """Return the entries, a proof of each, and the values that are disclosed: by their names below data/.

    Args:
        packaged: what the journal has.
        origin: what the configuration calls the log, for a checkpoint that is not signed.

    Raises:
        ValueError: an entry cannot be read.
    """
    checkpoint = packaged.checkpoint(origin)
    files = {
        f"proofs/{entry.seq}.tlog-proof": TlogProof(entry.seq, entry.proof, checkpoint).encoded()
        for entry in packaged.entries
    }
    files["leaves.jsonl"] = "".join(f"{entry.leaf}\n" for entry in packaged.entries).encode()
    files["reveal.json"] = canonical(_reveal(packaged)).encode()
    return files


def _reveal(packaged: Packaged) -> Mapping[str, object]:
    told = {opening.commitment: opening for opening in packaged.openings}
    closed: dict[str, Mapping[str, str]] = {}
    for entry in packaged.entries:
        for field, commitment in personal_commitments(entry.leaf):
            if commitment not in told:
                why = "withheld" if commitment in packaged.stored else "erased"
                closed[commitment] = {"commitment": commitment, "field": field, "why": why}
    opened = [
        {"commitment": o.commitment, "field": o.field, "salt": o.salt.hex(), "value": o.value}
        for o in told.values()
    ]
    return {"opened": opened, "closed": list(closed.values())}
