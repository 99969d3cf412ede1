"""May this clip's copy on the camera go? What proves a copy?

Rules only: they are given what is known and answer; they fetch nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bwvdock.core.clips.states import ClipState
from bwvdock.core.facts.clip import SourceFile


class ProofMethod(StrEnum):
    """How a destination's copy was proven to have the digest taken at ingest."""

    PIECES_CHECKED = (
        "pieces-checked"  # the store compared each piece's digest, and is known to refuse wrong ones
    )
    STORE_COMPUTED = "store-computed"  # the store gave a digest that it computed itself
    READ_BACK = "read-back"  # the object was read back whole and hashed here


@dataclass(frozen=True, kw_only=True, slots=True)
class Assessment:
    """What a destination's acknowledgement is worth, tried out with an object whose digest was wrong.

    `method` is None where nothing that the store offers proves a copy: no clip is ever verified there.
    `words` says what was tried and what the store answered; `object_lock` that it has proven to lock objects.
    """

    method: ProofMethod | None
    words: str
    object_lock: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """What a destination's copy was found to be, by us: not what the store says of itself.

    `words` is what the store itself said of it, kept as it was said.
    """

    destination: str
    object: str
    version: str
    sha256: str
    method: ProofMethod
    words: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ErasePermit:
    """The key to erasing one clip from its camera, and nothing else on it. Only `permit_erase` makes one.

    `files` are the clip's files as they were taken: sidecars first, the footage last.
    """

    clip: str
    sha256: str
    files: tuple[SourceFile, ...]


def permit_erase(
    *,
    clip: str,
    state: ClipState,
    taken: Sequence[tuple[SourceFile, str]],
    required: Collection[str],
    receipts: Mapping[str, Receipt],
    reread: Sequence[str | None] | None,
    reread_required: bool,
    held: bool,
) -> ErasePermit | None:
    """Return the permit to erase a clip's copy on the camera, or None.

    Args:
        clip: the clip's id.
        state: its state; only a verified one, or one whose erasing was cut short, may go.
        taken: its files as they were found, the footage first, each with its digest taken at ingest.
        required: the names of every required destination; at least one.
        receipts: what the copies that count were proven to be, by destination (`retention.proofs`).
        reread: the digests of a second, whole read of the camera's files, in the same order; None in the
            place of one that does not stand there any more, and None if they were not read.
        reread_required: whether the configuration asks for that second read.
        held: whether somebody holds the clip for an inquiry.
    """
    digests = [digest for _, digest in taken]
    whole = bool(taken) and all(digests)
    if state not in {ClipState.VERIFIED, ClipState.RELEASING} or held or not whole:
        return None
    proven = bool(required) and all(
        (receipt := receipts.get(name)) is not None and receipt.sha256 == digests[0] for name in required
    )
    if not proven or not _same(digests, reread, required=reread_required, begun=state is ClipState.RELEASING):
        return None
    # The footage last: as long as it stands there, the next docking knows the clip again by it.
    footage, *sidecars = (file for file, _ in taken)
    return ErasePermit(clip=clip, sha256=digests[0], files=(*sidecars, footage))


def _same(
    digests: Sequence[str], reread: Sequence[str | None] | None, *, required: bool, begun: bool
) -> bool:
    """Return whether the camera still holds what was taken; files may be gone only once erasing began."""
    if reread is None:
        return not required
    return len(reread) == len(digests) and all(
        found == taken or (begun and found is None) for found, taken in zip(reread, digests, strict=True)
    )
