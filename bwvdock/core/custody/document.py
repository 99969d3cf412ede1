"""What is stored beside a clip in an evidence store, so that its custody can be read without the dock?

One canonical JSON text: the clip's journal entries exactly as they were hashed, each with a proof that it is
in the journal's tree, and the salts of values that the store knows anyway. Explained for its readers in
docs/reference/custody-document.md.

edges/journal/read/handed_out/extract.py reads the entries and proofs; stages/describe.py stores the document.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bwvdock.core.canonical import canonical
from bwvdock.core.clips.clip import Clip
from bwvdock.core.custody.entries import commitments, decode, read_leaf
from bwvdock.core.custody.manifest import manifest

VERSION = 2
VERSIONS = (1, 2)
"""What is written, and what is read; version 1 has no checkpoint."""
WHAT = "bwvdock custody document"

VERIFIER_SHA256 = "713e73b9e6ff044621929d8a066efc2fbbdf8bd5f858229326f1bc411acc9d7c"
"""The digest of verifier/bwvdock_verify.py, which a test compares."""

OPENED_FIELDS = frozenset({"camera", "officer"})
"""Personal fields that a store receives: those that accompany the footage as its metadata."""


class About(StrEnum):
    """Why an entry is in a clip's document."""

    CLIP = "clip"  # it names the clip
    DOCKING = "docking"  # it began a docking in which the clip was seen: it names the camera and the bay
    DOCK = "dock"  # the journal's first entry: it names the dock


@dataclass(frozen=True, kw_only=True, slots=True)
class ProvenEntry:
    """One entry's exact text, and its proof in the tree of the extract."""

    seq: int
    about: About
    leaf: str
    proof: tuple[bytes, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class RevealedValue:
    """The value behind a commitment, and how to check it."""

    commitment: str
    field: str
    salt: bytes
    value: str


@dataclass(frozen=True, slots=True)
class ExtendedNote:
    """A signed checkpoint of an earlier moment, and the proof that the extract's tree extends its tree."""

    note: str
    consistency: tuple[bytes, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Extract:
    """The journal's entries about a clip at one moment: `size` and `root` are those of its tree then.

    `checkpoints` are at most two, the larger last: one that the quorum of the dock's policy confirmed, and
    the latest that was signed. None where nothing is signed yet.
    """

    clip: Clip
    size: int
    root: bytes
    entries: Sequence[ProvenEntry]
    openings: Sequence[RevealedValue]
    checkpoints: Sequence[ExtendedNote] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class CustodyDocument:
    """The bytes of a document, and the clip's revision (core/clips/clip.py) that they describe."""

    text: bytes
    revision: int

    @property
    def sha256(self) -> str:
        """The document's digest, hexadecimal."""
        return hashlib.sha256(self.text).hexdigest()


HOW_TO_VERIFY = (
    "`leaf`: the exact text of a journal entry. Its hash: SHA-256 over one zero byte and the text in UTF-8.",
    "`proof` leads from that hash, of leaf `seq` among `tree.size`, to `tree.root`: RFC 9162, 2.1.3.2.",
    "The last `clip_acquired` entry has the SHA-256 of the footage (its first part) and of its sidecars.",
    "`clip_verified` entries say when a store's copy of the footage was found to have that digest, and how.",
    "A commitment is SHA-256 over: the tag's length (a byte), the tag, the salt, and the value in UTF-8.",
    "The tag is `bwvdock/` and the field's name; `opened` has what is needed for some of them.",
    f"A program that does all this with Python alone: bwvdock-verify, SHA-256 {VERIFIER_SHA256}.",
    "It is in bwvdock, on a dock as /usr/bin/bwvdock-verify; see docs/reference/custody-document.md there.",
)
HOW_TO_VERIFY_SIGNED = (
    "`checkpoint`: a signed note (C2SP) of the journal, by the dock's log, and by witnesses (further lines).",
    "`consistency` proves that `tree` extends the tree of `checkpoint`: RFC 9162, 2.1.4.2.",
    "`latest_checkpoint`, if there: signed later, and not confirmed by as many witnesses as the dock asks.",
)
NOT_SIGNED = (
    "`tree.root` is not signed or witnessed here: compare it with one that was kept outside the dock.",
    "(The dock's journal must have the same one: it is the root over its first `tree.size` entries.)",
)
SIGNED = (
    "`checkpoint` is signed; `tree.root` is not: `consistency` proves that it extends the checkpoint.",
    "Whose keys signed it is not proven here: get the log's or a witness's key from somebody whom you trust.",
)
DOES_NOT_PROVE = (
    "That an entry is in the journal does not rule out other entries about the clip, or later ones.",
    "Entries say what the dock observed, by its own clock; what a camera reports is unchecked.",
    "`dock` and `manifest` are what the dock stated; only what is in an entry is proven.",
    "`closed`: values not disclosed, `withheld` from the store (names, paths) or `erased` from the dock.",
)


def custody_document(extract: Extract, *, dock: str, non_evidential_days: int) -> CustodyDocument:
    """Return a clip's document.

    Args:
        extract: the journal's entries about it, with verified proofs.
        dock: the id of this dock.
        non_evidential_days: as for the manifest.

    Raises:
        ValueError: an entry cannot be read.
    """
    document: dict[str, object] = {
        "what": WHAT,
        "version": VERSION,
        "dock": dock,
        "clip": extract.clip.id,
        "manifest": manifest(extract.clip, dock=dock, non_evidential_days=non_evidential_days),
        "tree": {"size": extract.size, "root": extract.root.hex()},
        "entries": [_entry(entry) for entry in extract.entries],
        "opened": [_opening(opening) for opening in extract.openings],
        "closed": list(_closed(extract)),
        "how_to_verify": (*HOW_TO_VERIFY, *(HOW_TO_VERIFY_SIGNED if extract.checkpoints else ())),
        "does_not_prove": (*(SIGNED if extract.checkpoints else NOT_SIGNED), *DOES_NOT_PROVE),
    }
    for prefix, one in zip(("", "latest_"), extract.checkpoints, strict=False):
        document[f"{prefix}checkpoint"] = one.note
        document[f"{prefix}consistency"] = [node.hex() for node in one.consistency]
    return CustodyDocument(text=canonical(document).encode(), revision=extract.clip.revision)


def _entry(entry: ProvenEntry) -> Mapping[str, object]:
    return {
        "seq": entry.seq,
        "about": entry.about,
        "leaf": entry.leaf,
        "proof": [sibling.hex() for sibling in entry.proof],
    }


def _opening(opening: RevealedValue) -> Mapping[str, str]:
    return {
        "commitment": opening.commitment,
        "field": opening.field,
        "salt": opening.salt.hex(),
        "value": opening.value,
    }


def personal_commitments(leaf: str) -> list[tuple[str, str]]:
    """Return (field, commitment) of every personal value that an entry's text commits to.

    Raises:
        ValueError: it is not an entry.
    """
    read = read_leaf(leaf)
    return commitments(decode(read, str), read.version)


def _closed(extract: Extract) -> Iterator[Mapping[str, str]]:
    told = {opening.commitment for opening in extract.openings}
    for entry in extract.entries:
        for field, commitment in personal_commitments(entry.leaf):
            if commitment not in told:
                told.add(commitment)
                why = "erased" if field in OPENED_FIELDS else "withheld"
                yield {"commitment": commitment, "field": field, "why": why}
