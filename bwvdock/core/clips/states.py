"""Which states are there, of a clip and of a docking?

Names only, apart from the tables over facts (lifecycle.py): code that only shows states need not load every
fact.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class ClipState(StrEnum):
    """The states of a clip, in order; QUARANTINED is outside that order."""

    FOUND = "found"
    ACQUIRED = "acquired"
    UPLOADED = "uploaded"
    VERIFIED = "verified"
    RELEASING = "releasing"
    RELEASED = "released"
    RETIRED = "retired"
    QUARANTINED = "quarantined"


class DockingState(StrEnum):
    """The states of one docking."""

    ATTACHED = "attached"
    AUTHORISED = "authorised"
    REFUSED = "refused"
    SETTLED = "settled"
    DETACHED = "detached"


class Holder(NamedTuple):
    """The clip that has a camera's file, and its state.

    `footage` says which of its files that is: its footage, or one of its sidecars. While the clip is FOUND,
    none of them was copied.
    """

    clip: str
    state: ClipState
    footage: bool


SPOOL = "spool"
"""The spool as a place of copies; no destination may have this name."""
