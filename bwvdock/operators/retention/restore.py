"""Which copies that were moved aside are restored? Those of a vault that did not remove them yet."""

from __future__ import annotations

from collections.abc import Iterator

from bwvdock.core.clips.clip import Clip
from bwvdock.core.facts import ClipFact, ClipHeld, RestoreIntended
from bwvdock.errors import UsageError
from bwvdock.operators.decisions import LONGEST_REASON, Decision, DecisionJournal, DecisionReader, printable
from bwvdock.operators.retention.requests import Restore
from bwvdock.units import format_count


def restore(order: Restore, journal: DecisionJournal, reader: DecisionReader, actor: str) -> Decision:
    """Return what restoring clips leads to: for all of them, or for none.

    They are on hold: otherwise they would be disposed of again at once.

    Raises:
        UsageError: of a clip nothing can be restored, or the reason cannot be recorded.
    """
    reason = printable(order.reason, "reason", longest=LONGEST_REASON)
    ids = dict.fromkeys(map(reader.resolve_clip, order.clips))
    clips = [clip for clip_id in ids if (clip := journal.clip(clip_id)) is not None]
    if not clips:
        raise UsageError("No clip was given.", remedy="bwvdock report retention shows what can be restored.")
    for clip in clips:
        _require_left(clip)
    facts = tuple(fact for clip in clips for fact in _facts(clip, reason, actor))
    are = "is" if len(clips) == 1 else "are"
    return Decision(
        facts=facts,
        message=f"{format_count(len(clips), 'clip')} {are} on hold and being restored. "
        f"bwvdock clips show {clips[0].id} says when the copy is back and was read.",
    )


def _facts(clip: Clip, reason: str, actor: str) -> Iterator[ClipFact]:
    if not clip.held:
        yield ClipHeld(clip=clip.id, reason=reason, actor=actor)
    for place in sorted(clip.withdrawn):
        yield RestoreIntended(clip=clip.id, place=place, reason=reason, actor=actor)


def _require_left(clip: Clip) -> None:
    if clip.withdrawn:
        return
    gone = f"Copies were removed at {', '.join(sorted(clip.disposed))}. " if clip.disposed else ""
    raise UsageError(
        f"Of clip {clip.id} no vault has a copy that was moved aside. {gone}Nothing was recorded.",
        remedy=f"bwvdock clips show {clip.id}",
    )
