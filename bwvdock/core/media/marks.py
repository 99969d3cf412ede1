"""Which marks were set by a wearer, and which mean nothing because every clip has them?

A mark distinguishes a clip from others. In an export, on a share and on a read-only medium every file has
the read-only bit, and no wearer set it; a camera may also lock everything that it records. If such bits
counted as marks, everything would be evidence for ever.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from enum import StrEnum

MANY = (
    8  # clips; so many, all of them marked by a wearer, are less likely than a medium that marks everything
)


class Mark(StrEnum):
    """What can mark a clip."""

    PLACE = "place or name"
    READ_ONLY = "read-only bit"
    FIELD = "field of a sidecar"


def meaningless(
    clips: Sequence[frozenset[Mark]], *, others_read_only: Sequence[bool], exported: bool
) -> frozenset[Mark]:
    """Return the marks that mean nothing in this listing.

    A mark that some clip does not have means something. A mark that every clip has means nothing if

    - there are many clips, or
    - it is the read-only bit, and all files that are neither clips nor sidecars have it too, or
    - it is the read-only bit in a folder to which footage was exported, with more than one clip.

    Args:
        clips: the marks of each clip of a listing.
        others_read_only: for each file that is neither clip nor sidecar, whether it is read-only.
        exported: whether the listing is of a folder, not of a camera.
    """
    if not clips:
        return frozenset()
    common = frozenset.intersection(*clips)
    if len(clips) >= MANY:
        return common
    of_medium = (others_read_only and all(others_read_only)) or (exported and len(clips) > 1)
    return common & {Mark.READ_ONLY} if of_medium else frozenset()


def frequent(clips: Sequence[frozenset[Mark]]) -> Mapping[Mark, int]:
    """Return how many clips have each mark that three quarters of many clips have.

    Such a mark counts, for a wearer may have set it; but more likely the camera did, and a person must look.

    Args:
        clips: the marks of each clip of a listing, but for those that mean nothing.
    """
    if len(clips) < MANY:
        return {}
    sums = Counter(mark for marks in clips for mark in marks)
    return {mark: sums[mark] for mark in sorted(sums) if 4 * sums[mark] >= 3 * len(clips)}


def note_of(marks: frozenset[Mark]) -> str:
    """Return the note of a clip whose marks mean nothing."""
    return f"its mark was ignored, because every clip has it: {' and '.join(sorted(marks))}"
