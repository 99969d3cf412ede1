"""Which clips did a person review, and which class did they give them?

All clips of an order are given the class, or none is. What a clip already has is not recorded again.
"""

from __future__ import annotations

from collections.abc import Sequence

from bwvdock.core.clips.classes.given import classify
from bwvdock.core.clips.classes.rules import RetentionClass, RetentionRules
from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.history import apply
from bwvdock.core.facts import BY_PERSON, ClipClassified
from bwvdock.errors import UsageError
from bwvdock.operators.decisions import LONGEST_REASON, Decision, DecisionJournal, DecisionReader, printable
from bwvdock.operators.retention.requests import Review
from bwvdock.units import format_count


def review(
    order: Review, journal: DecisionJournal, reader: DecisionReader, rules: RetentionRules, actor: str
) -> Decision:
    """Return what reviewing clips leads to.

    Raises:
        UsageError: a clip or the class is unknown, or the reason cannot be recorded.
    """
    of = _class(order.of_class, rules)
    reason = printable(order.reason, "reason", longest=LONGEST_REASON) if order.reason.strip() else ""
    if order.instead and not reason:
        raise UsageError(
            "To take a clip's other classes away needs a reason. Nothing was recorded.",
            remedy="Add --reason R, for example: --reason 'classed by mistake'",
        )
    clips = _clips(order.clips, journal, reader)
    facts = [
        classify(clip.id, of, basis=BY_PERSON, instead=order.instead, reason=reason, actor=actor)
        for clip in clips
    ]
    new = [(clip, fact) for clip, fact in zip(clips, facts, strict=True) if _says_more(clip, fact)]
    return Decision(facts=tuple(fact for _, fact in new), message=_message(of, clips, new))


def _class(name: str, rules: RetentionRules) -> RetentionClass:
    found = rules.named(name.strip())
    if found is not None and not found.until_reviewed:
        return found
    usable = ", ".join(one.name for one in rules.classes if not one.until_reviewed)
    why = "is for footage that nobody has reviewed" if found else "is not a class of the configuration"
    raise UsageError(
        f"{name.strip()} {why}. Nothing was recorded.",
        remedy=f"Classes: {usable}" if usable else "Add [[retention.class]] to the configuration.",
    )


def _clips(wanted: Sequence[str], journal: DecisionJournal, reader: DecisionReader) -> list[Clip]:
    ids = dict.fromkeys(map(reader.resolve_clip, wanted))
    found = [clip for clip_id in ids if (clip := journal.clip(clip_id)) is not None]
    if not found:
        raise UsageError("No clip was given.", remedy="bwvdock clips list --unreviewed shows what to review.")
    return found


def _says_more(clip: Clip, fact: ClipClassified) -> bool:
    """Return whether the fact changes anything: the class, who gave it, or what the class means now."""
    after = apply(clip, fact)
    return after.classes != clip.classes


def _message(of: RetentionClass, clips: Sequence[Clip], new: Sequence[tuple[Clip, ClipClassified]]) -> str:
    named = f"class {of.name}" if of.name else "no class"
    if len(clips) == 1:
        [clip] = clips
        if not new:
            return f"Clip {clip.id} was already reviewed: {named}; nothing changed."
        [(_, fact)] = new
        return f"Clip {clip.id} was reviewed: {named}.{_kept(clip, apply(clip, fact))}{_stays(clip, of)}"
    others = len(clips) - len(new)
    said = f"{format_count(len(new), 'clip')} {'was' if len(new) == 1 else 'were'} reviewed: {named}."
    return said + (f" {format_count(others, 'clip')} had been already." if others else "")


def _kept(before: Clip, after: Clip) -> str:
    if after.held:
        return " It is on hold."
    if after.evidential:
        return " It is marked as evidence, and so kept."
    if not after.retain_until:
        return " Until when it is kept is not known yet."
    changed = before.retain_until != after.retain_until and before.retain_until
    return f" It is kept until {after.retain_until}{f', not {before.retain_until}' if changed else ''}."


def _stays(clip: Clip, of: RetentionClass) -> str:
    """Return where copies are to which the class does not route: they stay."""
    if not of.destinations:
        return ""
    there = sorted(set(clip.uploaded) - set(of.destinations) - clip.disposed)
    return f" Copies that are already at {', '.join(there)} stay there until their date." if there else ""
