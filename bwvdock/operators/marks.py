"""Which clips are marked as evidence, and which are on hold?

Either all clips of an order are marked, or none. A mark that a clip already has is not recorded again.
"""

from __future__ import annotations

from collections.abc import Sequence

from bwvdock.core.clips.clip import Clip
from bwvdock.core.facts import ClipFlagged, ClipHeld, ClipUnflagged, ClipUnheld
from bwvdock.errors import UsageError
from bwvdock.operators.decisions import LONGEST_REASON, Decision, DecisionJournal, DecisionReader, printable
from bwvdock.operators.requests import Flag, Hold, Unflag, Unhold
from bwvdock.units import format_count

Mark = Flag | Unflag | Hold | Unhold
MarkFact = ClipFlagged | ClipUnflagged | ClipHeld | ClipUnheld


def mark(order: Mark, journal: DecisionJournal, reader: DecisionReader, actor: str) -> Decision:
    """Return what marking clips leads to.

    Raises:
        UsageError: a clip is unknown, or the reason or the case cannot be recorded.
    """
    reason = printable(order.reason, "reason", longest=LONGEST_REASON)
    case = printable(order.case, "case") if isinstance(order, Flag) and order.case else ""
    clips = _clips(order.clips, journal, reader)
    facts = [_fact(order, clip, reason=reason, case=case, actor=actor) for clip in clips]
    new = [(clip, fact) for clip, fact in zip(clips, facts, strict=True) if fact is not None]
    message = _message(order, clips, [clip for clip, _ in new], case)
    still = _still_held(clips) if isinstance(order, Unhold) else ""
    return Decision(facts=tuple(fact for _, fact in new), message=message + still)


def _still_held(clips: Sequence[Clip]) -> str:
    """Return which standing holds keep clips whose own hold was ended."""
    holds = sorted({hold for clip in clips for hold in clip.standing})
    if not holds:
        return ""
    one = len(holds) == 1
    return (
        f" Standing hold{'' if one else 's'} {', '.join(holds)} still keep{'s' if one else ''} "
        f"{'it' if len(clips) == 1 else 'some of them'}: bwvdock clips holds show {holds[0]}"
    )


def _clips(wanted: Sequence[str], journal: DecisionJournal, reader: DecisionReader) -> list[Clip]:
    found: dict[str, Clip] = {}
    for prefix in wanted:
        clip = journal.clip(reader.resolve_clip(prefix))
        if clip is not None:
            found[clip.id] = clip
    if not found:
        raise UsageError("No clip was given.", remedy="bwvdock clips list shows the ids.")
    return list(found.values())


def _fact(order: Mark, clip: Clip, *, reason: str, case: str, actor: str) -> MarkFact | None:
    match order:
        case Flag():
            # Without --case, the clip keeps the case that it has.
            if clip.flagged and case in {"", clip.case}:
                return None
            return ClipFlagged(clip=clip.id, reason=reason, case=case, actor=actor)
        case Unflag():
            if not clip.evidential:
                return None
            return ClipUnflagged(clip=clip.id, reason=reason, actor=actor)
        case Hold():
            return None if clip.own_hold else ClipHeld(clip=clip.id, reason=reason, actor=actor)
        case Unhold():
            return ClipUnheld(clip=clip.id, reason=reason, actor=actor) if clip.own_hold else None


_NOW = {
    Flag: ("already marked as evidence", "now marked as evidence"),
    Unflag: ("not marked as evidence", "no longer marked as evidence"),
    Hold: ("already on hold", "now on hold: no copy may be erased or disposed of"),
    Unhold: ("not on hold", "no longer on hold"),
}


def _message(order: Mark, clips: Sequence[Clip], new: Sequence[Clip], case: str) -> str:
    already, now = _NOW[type(order)]
    of_case = f" (case {case})" if case else ""
    if len(clips) == 1:
        [clip] = clips
        return (
            f"Clip {clip.id} is {now}{of_case}.{_gone(new)}"
            if new
            else _unchanged(f"Clip {clip.id} was", already)
        )
    if not new:
        return _unchanged(f"All {len(clips)} clips were", already)
    verb = "is" if len(new) == 1 else "are"
    others = len(clips) - len(new)
    rest = f" {format_count(others, 'clip')} {'was' if others == 1 else 'were'} {already}." if others else ""
    return f"{format_count(len(new), 'clip')} {verb} {now}{of_case}.{rest}{_gone(new)}"


def _unchanged(clips: str, already: str) -> str:
    return f"{clips} {already}; nothing changed."


def _gone(clips: Sequence[Clip]) -> str:
    """Return what the mark comes too late for: copies disposed of, and copies whose disposal had begun."""
    gone = sorted({place for clip in clips for place in clip.disposed})
    going = sorted({place for clip in clips for place in clip.disposal_intended - clip.disposed})
    said = f" Copies already disposed of: {', '.join(gone)}." if gone else ""
    if going:
        said += f" Disposal had begun at {', '.join(going)}: bwvdock custody verify shows what is left."
    return said
