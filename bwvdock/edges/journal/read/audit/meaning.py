"""What does an audit take from other areas of the journal? Each is asked here alone.

What makes a clip reviewed, what links it to a call, and what is known of standing holds and of copies that
were asked for again.
"""

from __future__ import annotations

from bwvdock.core.facts import FootageConsulted, FootageExported
from bwvdock.core.facts.events import CERTAIN
from bwvdock.edges.journal.read.story import IS_EVENT

NAMED_CLIPS = "json_each(iif(json_valid(leaf), leaf, '{}'), '$.data.clips')"
"""The ids of the clips that an entry names; none of one whose text was altered: verification says so."""

LOOKED_AT = (
    f"SELECT named.value FROM entry, {NAMED_CLIPS} AS named WHERE {IS_EVENT}"  # noqa: S608 - our own words
    f" AND kind IN ('{FootageConsulted.kind}', '{FootageExported.kind}')"
)
"""The query for the ids of all clips that a consultation or an export names."""

REVIEWED = "(clip.reviewed = 1)"
"""The condition for a row of `clip` that somebody or something says what it is: as Clip.reviewed has it."""

REVIEWED_MEANS = (
    "Reviewed: a person reviewed or flagged it, the camera marked it, it is certain to be of an event, or it "
    "is on a hold that names it. To look at it, or to export it, is not to review it."
)

EVENT: str | None = f"(clip.id IN (SELECT clip FROM clip_event WHERE basis = '{CERTAIN}'))"  # noqa: S608 - ours
"""The condition for a row of `clip` that is certain to be of an event; None where the journal knows none."""

ANY_EVENT = "EXISTS (SELECT 1 FROM event)"
"""The condition that any event is known: without one, nothing is said of clips that are of none."""

OPEN_HOLDS: str | None = "SELECT count(*) FROM standing_hold WHERE ended_at = ''"
"""The query for the number of standing holds that are open; None where the journal knows no such holds."""

LOST_COPIES: str | None = "SELECT count(*) FROM failed_copy WHERE ended_at = ''"
"""The query for the number of copies that were proven and then found missing or changed; None likewise."""
