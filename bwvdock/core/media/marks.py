"""Which marks say that a wearer marked a clip, and which say nothing because everything has them?

A mark sets a clip apart from others. On an export, on a share and on a medium that is read-only as a whole,
every file has the read-only bit, and no wearer set it; a camera may also lock all that it records. Taken for
marks, such bits would make everything evidence for ever.
"""

from __future__ import annotations

from collections.abc import Sequence
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
    """Return the marks that say nothing of a clip in this listing.

    One that not every clip has does say something. One that every clip has does not

    - if there are many clips, or
    - for the read-only bit: if files that nobody marks have it too, all of them, or
    - for the read-only bit in a folder to which footage was exported: if there is more than one clip.

    Args:
        clips: the marks of each clip of a listing.
        others_read_only: for each file that is no clip and no sidecar, whether it is read-only.
        exported: whether the listing is of a folder, not of a camera.
    """
    if not clips:
        return frozenset()
    common = frozenset.intersection(*clips)
    if len(clips) >= MANY:
        return common
    of_medium = (others_read_only and all(others_read_only)) or (exported and len(clips) > 1)
    return common & {Mark.READ_ONLY} if of_medium else frozenset()


def note_of(marks: frozenset[Mark]) -> str:
    """Return the note of a clip whose marks say nothing."""
    return f"not taken for marked: every clip of this listing is, by its {' and '.join(sorted(marks))}"
