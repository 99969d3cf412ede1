"""What can be found when a store is asked again for a copy that it has proven?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bwvdock.core.facts.visibility.personal import personal

MISSING, CHANGED = "missing", "changed"
"""What a copy can be found to be: not there, or not what was taken."""


@dataclass(frozen=True, kw_only=True, slots=True)
class VerificationFailed:
    """A destination's copy, proven before, is not what it was: it counts as a copy no longer.

    `finding` is "missing" (the store answers for other objects and does not have this one) or "changed" (what
    it has differs from what was taken, in length or content). `sha256` is the digest of what was read there,
    "" if nothing was. `words` are what the dock saw. `required`: the destination was required then.
    """

    kind: ClassVar[str] = "verification_failed"
    clip: str
    destination: str
    object: str
    finding: str
    words: str
    sha256: str = ""
    required: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class LossClosed:
    """A destination's lost or changed copy is not uploaded again: the clip's retention date has passed.

    Footage that is not evidence goes from every store then.
    """

    kind: ClassVar[str] = "loss_closed"
    clip: str
    destination: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipRetrieved:
    """The spool has a copy of the clip again, read from a destination and equal to what was taken.

    Every part was hashed while it was read, and read back from the spool's disk. It is there to be uploaded
    to a destination that lost its copy.
    """

    kind: ClassVar[str] = "clip_retrieved"
    clip: str
    destination: str
    sha256: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CopiesAsked:
    """A person had destinations asked now for every copy that they have proven."""

    kind: ClassVar[str] = "copies_asked"
    destinations: tuple[str, ...]
    actor: str = personal()


@dataclass(frozen=True, kw_only=True, slots=True)
class CopiesDrawn:
    """Which copies a destination is asked for again in one night: how they were chosen.

    `night` is the date on which it began, in the dock's zone. Of `copies` that the journal knew there,
    `first` had not been asked for since their receipt, `due` not for as long as `[reverify] every` says, and
    `sample` were drawn from the others: by the root over the first `entries` entries. `left` were due and are
    not asked for in this night, because `[reverify] per_night` does not allow more. `bytes` are those of the
    copies that are asked for.
    """

    kind: ClassVar[str] = "copies_drawn"
    destination: str
    night: str
    entries: int
    root: str
    copies: int
    first: int
    due: int
    sample: int
    left: int
    bytes: int
