"""Which states are there, of a clip and of a docking?

Names only, apart from the tables over facts (lifecycle.py): code that only shows states need not load every
fact.
"""

from __future__ import annotations

from enum import StrEnum


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


SPOOL = "spool"
"""The spool as a place of copies; no destination may have this name."""
