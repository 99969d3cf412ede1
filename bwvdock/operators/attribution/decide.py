"""To whom is a disputed clip attributed? To nobody, until the roster names another, or somebody decides.

All clips of an order are disputed or decided on, or none is. Nothing else of a clip changes: for how long it
is kept, where it goes and which holds it is on are as before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.roster import Roster
from bwvdock.core.facts import AttributionDisputed, AttributionUpheld
from bwvdock.errors import UsageError
from bwvdock.operators.attribution.requests import AttributionOrder, Dispute, Uphold
from bwvdock.operators.decisions import LONGEST_REASON, Decision, DecisionJournal, DecisionReader, printable
from bwvdock.units import format_count


def decide_on_attribution(
    order: AttributionOrder, journal: DecisionJournal, reader: DecisionReader, actor: str
) -> Decision:
    """Return what disputing the attribution of clips, or deciding on it, leads to.

    Raises:
        UsageError: a clip is unknown, or cannot be disputed or decided on, or the reason cannot be recorded.
    """
    clips = list(_clips(order, journal, reader))
    if not clips:
        raise UsageError("No clip was given.", remedy="bwvdock clips list shows the ids.")
    if isinstance(order, Dispute):
        return _dispute(order, clips, actor)
    return _uphold(order, clips, reader, actor)


def _dispute(order: Dispute, clips: Sequence[Clip], actor: str) -> Decision:
    reason = printable(order.reason, "reason", longest=LONGEST_REASON) if order.reason.strip() else ""
    for clip in clips:
        if not clip.officer and not clip.disputed:
            raise UsageError(
                f"Clip {clip.id} is attributed to nobody, so there is nothing to dispute. Nothing was "
                "recorded.",
                remedy="To enter who had the camera: bwvdock cameras assign SERIAL --officer ID --from T",
            )
    new = [clip for clip in clips if not clip.disputed]
    facts = tuple(
        AttributionDisputed(clip=clip.id, officer=clip.officer, reason=reason, actor=actor) for clip in new
    )
    if not new:
        return Decision(facts=(), message=f"{_named(clips)} already disputed; nothing changed.")
    return Decision(
        facts=facts,
        message=f"{_named(new)} attributed to nobody now, until that is decided: by cameras assign "
        "--correct, or clips uphold.",
    )


def _uphold(order: Uphold, clips: Sequence[Clip], reader: DecisionReader, actor: str) -> Decision:
    reason = printable(order.reason, "reason", longest=LONGEST_REASON)
    new = [clip for clip in clips if clip.disputed]
    if not new:
        return Decision(facts=(), message=f"{_named(clips)} not disputed; nothing changed.")
    facts = tuple(
        AttributionUpheld(clip=clip.id, officer=_holder(clip, reader), reason=reason, actor=actor)
        for clip in new
    )
    return Decision(facts=facts, message=f"{_named(new)} attributed as the roster says.")


def _holder(clip: Clip, reader: DecisionReader) -> str:
    return Roster(reader.assignments(clip.camera)).officer_at(clip.recorded_at)


def _clips(order: AttributionOrder, journal: DecisionJournal, reader: DecisionReader) -> Iterator[Clip]:
    for clip_id in dict.fromkeys(map(reader.resolve_clip, order.clips)):
        if (clip := journal.clip(clip_id)) is not None:
            yield clip


def _named(clips: Sequence[Clip]) -> str:
    return f"Clip {clips[0].id} is" if len(clips) == 1 else f"{format_count(len(clips), 'clip')} are"
