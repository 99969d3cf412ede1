"""May this clip's copy on the camera be erased?

Pure rules: they decide on what they are given and fetch nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from bwvdock.core.clips.proof import Receipt
from bwvdock.core.clips.states import ClipState
from bwvdock.core.facts.clip import SourceFile


@dataclass(frozen=True, kw_only=True, slots=True)
class ErasePermit:
    """The permit to erase one clip from its camera, and nothing else on it. Only `permit_erase` makes one.

    `files` are the clip's files as they were copied: sidecars first, the footage last.
    """

    clip: str
    sha256: str
    files: tuple[SourceFile, ...]


def permit_erase(  # noqa: PLR0913 - it is all that a permit depends on
    *,
    clip: str,
    state: ClipState,
    taken: Sequence[tuple[SourceFile, str]],
    required: Collection[str],
    receipts: Mapping[str, Receipt],
    reread: Sequence[str | None] | None,
    reread_required: bool,
    held: bool,
    recorded: Mapping[str, int],
    witnessed: int | None,
) -> ErasePermit | None:
    """Return the permit to erase a clip's copy on the camera, or None.

    Args:
        clip: the clip's id.
        state: its state; only a verified clip, or one whose erasing was interrupted, may be erased.
        taken: its files as they were found, footage first, each with its hash taken at ingest.
        required: the names of every required destination; at least one.
        receipts: the proofs of its copies, by destination (`retention.proofs`).
        reread: the digests of a second, whole read of the camera's files, in the same order; None for a file
            that is no longer there, and None if they were not read.
        reread_required: whether the configuration requires that second read.
        held: whether the clip is on hold.
        recorded: the numbers of the journal's entries that record those proofs, by destination.
        witnessed: how many entries of the journal, from the first, enough witnesses have confirmed; None
            where the configuration does not require that.
    """
    digests = [digest for _, digest in taken]
    whole = bool(taken) and all(digests)
    if state not in {ClipState.VERIFIED, ClipState.RELEASING} or held or not whole:
        return None
    proven = bool(required) and all(
        (receipt := receipts.get(name)) is not None and receipt.sha256 == digests[0] for name in required
    )
    if not proven or not is_witnessed(required, recorded, witnessed):
        return None
    if not _same(digests, reread, required=reread_required, begun=state is ClipState.RELEASING):
        return None
    # The footage last: while it is on the camera, the next docking recognises the clip by it.
    footage, *sidecars = (file for file, _ in taken)
    return ErasePermit(clip=clip, sha256=digests[0], files=(*sidecars, footage))


def is_witnessed(required: Collection[str], recorded: Mapping[str, int], witnessed: int | None) -> bool:
    """Return whether witnesses have confirmed what proves a clip, or need not; see `permit_erase`."""
    if witnessed is None:
        return True
    # Entries are numbered from 0: so many entries end before the one of that number.
    return all(name in recorded and recorded[name] < witnessed for name in required)


def _same(
    digests: Sequence[str], reread: Sequence[str | None] | None, *, required: bool, begun: bool
) -> bool:
    """Return whether the camera still has what was copied; files may be missing only after erasing began."""
    if reread is None:
        return not required
    return len(reread) == len(digests) and all(
        found == taken or (begun and found is None) for found, taken in zip(reread, digests, strict=True)
    )
