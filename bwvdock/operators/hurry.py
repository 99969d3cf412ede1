"""Which clips go before all others that wait? What somebody needs now: to be copied, uploaded and proven."""

from __future__ import annotations

from collections.abc import Iterator

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.core.facts import ClipHurried
from bwvdock.errors import UsageError
from bwvdock.operators.decisions import LONGEST_REASON, Decision, DecisionJournal, DecisionReader, printable
from bwvdock.operators.requests import Hurry
from bwvdock.units import format_count

_WAITING = frozenset({ClipState.FOUND, ClipState.ACQUIRED, ClipState.UPLOADED})


def hurry(order: Hurry, journal: DecisionJournal, reader: DecisionReader, actor: str) -> Decision:
    """Return what hurrying clips leads to: for all of them, or for none.

    Raises:
        UsageError: a clip is unknown or in quarantine, or the reason cannot be recorded.
    """
    reason = printable(order.reason, "reason", longest=LONGEST_REASON) if order.reason.strip() else ""
    clips = list(_clips(order, journal, reader))
    if not clips:
        raise UsageError("No clip was given.", remedy="bwvdock clips list shows the ids.")
    new = [clip for clip in clips if clip.state in _WAITING and not clip.hurried]
    facts = tuple(ClipHurried(clip=clip.id, reason=reason, actor=actor) for clip in new)
    return Decision(facts=facts, message=_message(clips, new))


def _clips(order: Hurry, journal: DecisionJournal, reader: DecisionReader) -> Iterator[Clip]:
    for clip_id in dict.fromkeys(map(reader.resolve_clip, order.clips)):
        clip = journal.clip(clip_id)
        if clip is None:
            continue
        if clip.state is ClipState.QUARANTINED:
            raise UsageError(
                f"Clip {clip.id} is in quarantine, so no destination gets it. Nothing was recorded.",
                remedy=f"bwvdock clips show {clip.id}; then: bwvdock clips retry {clip.id}",
            )
        yield clip


def _message(clips: list[Clip], new: list[Clip]) -> str:
    if len(clips) == 1:
        return _of_one(clips[0], bool(new))
    proven = sum(clip.state not in _WAITING for clip in clips)
    already = len(clips) - len(new) - proven
    said = [f"{format_count(len(new), 'clip')} now {'goes' if len(new) == 1 else 'go'} before all others."]
    said += [f"{format_count(already, 'clip')} already did."] if already else []
    said += [f"{format_count(proven, 'clip')} had been proven already."] if proven else []
    return " ".join(said)


def _of_one(clip: Clip, new: bool) -> str:  # noqa: FBT001 - a fact about the clip
    if clip.state not in _WAITING:
        gone = ", ".join(sorted(clip.disposed))
        since = f"; what was in {gone} has been disposed of since" if gone else ""
        return f"Clip {clip.id} is {clip.state}: its copies had been proven{since}. Nothing changed."
    if not new:
        return f"Clip {clip.id} already went before all others; nothing changed."
    if clip.state is ClipState.FOUND:
        return (
            f"Clip {clip.id} is still on camera {clip.camera}: it is copied before others, now or when the "
            "camera is docked, and then goes before all others to every destination."
        )
    return f"Clip {clip.id} now goes before all others to every destination."
