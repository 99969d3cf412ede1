"""What does an audit take from other areas of the journal? Each is asked here alone.

What makes a clip reviewed, what links it to a call, and what is known of holds by query and of copies that
were asked for again.
"""

from __future__ import annotations

from bwvdock.core.facts import FootageConsulted, FootageExported
from bwvdock.edges.journal.read.story import IS_EVENT

NAMED_CLIPS = "json_each(iif(json_valid(leaf), leaf, '{}'), '$.data.clips')"
"""The ids of the clips that an entry names; none of one whose text was altered: verification says so."""

LOOKED_AT = (
    f"SELECT named.value FROM entry, {NAMED_CLIPS} AS named WHERE {IS_EVENT}"  # noqa: S608 - our own words
    f" AND kind IN ('{FootageConsulted.kind}', '{FootageExported.kind}')"
)
"""The query for the ids of all clips that a consultation or an export names."""

REVIEWED = f"(clip.evidential = 1 OR clip.held = 1 OR clip.case_ref <> '' OR clip.id IN ({LOOKED_AT}))"
"""The condition for a row of `clip` that a person has said something about, or has looked at."""

REVIEWED_MEANS = (
    "Reviewed: the clip is marked as evidence (by a person or on the camera), is on hold, has a case, or a "
    "consultation or an export names it."
)

EVENT: str | None = None
"""The condition for a row of `clip` that is matched to a call; None where the journal knows no calls."""

ANY_EVENT = "1"
"""The condition that any call is known: without one, nothing is said of clips that are matched to none."""

OPEN_HOLDS: str | None = None
"""The query for the number of holds by query that are open; None where the journal knows no such holds."""

LOST_COPIES: str | None = None
"""The query for the number of copies that were proven and then found missing or changed; None likewise."""
