"""`bwvdock clips`: where is the footage, and what happened to it?"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from bwvdock.cli.consultation import WITHHELD, Source, source_of
from bwvdock.cli.events.words import event_lines, of_clip
from bwvdock.cli.journal import Reader, say_unknown
from bwvdock.cli.moments import read_period, when
from bwvdock.cli.orders import give
from bwvdock.cli.output.console import (
    GREEN,
    RED,
    YELLOW,
    print_json,
    print_json_array,
    print_line,
    print_table,
    say,
    size,
    width,
    wrapped,
)
from bwvdock.cli.output.digest_sentences import overall
from bwvdock.cli.output.entry_sentences import tell
from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.core.clips.names import Named
from bwvdock.core.custody.records import ClipFilter, ClipFinding, ClipRow
from bwvdock.core.custody.story import NOT_IN_VERSION_1, Story, withheld_story
from bwvdock.core.facts import ClipHurried
from bwvdock.errors import JournalError, UsageError
from bwvdock.operators.queries import subject_of, withheld
from bwvdock.operators.requests import Hurry, Retry

_HURRIED = "yes: it goes before others until it is proven"
_EXAMPLE = "For example: bwvdock clips --since 2026-03-01T06:00"
_HEAD = ("CLIP", "CAMERA", "RECORDED", "SIZE", "STATE", "MARKS", "FILE")
_STATE = _HEAD.index("STATE")
_COLOURS = {
    ClipState.VERIFIED: GREEN,
    ClipState.RELEASED: GREEN,
    ClipState.RETIRED: GREEN,
    ClipState.QUARANTINED: RED,
    ClipState.FOUND: YELLOW,
}


def list_clips(arguments: Namespace) -> int:
    """List the clips that match the filter, newest footage first."""
    source = source_of(arguments)
    wanted = _filter(arguments)
    with source.open() as reader:
        seen = _officers_are_shown(arguments, source, reader, wanted)
        none_has = say_unknown(reader, _names(wanted), source.config, subject_of(wanted))
        clips = (clip if seen else withheld(clip) for clip in reader.clips(wanted))
        if arguments.json:
            print_json_array(_document(clip) for clip in clips)
            return 0
        rows = [_row(clip, seen=seen) for clip in clips]
    if not rows and not none_has:
        say("No clips match." if wanted != ClipFilter() else "No clips have been taken here yet.")
    if not rows:
        return 0
    head = (*_HEAD[:-1], "OFFICER", _HEAD[-1]) if seen else _HEAD
    print_table(
        head,
        rows,
        right=("SIZE",),
        wrap=("RECORDED", "STATE", "MARKS", "OFFICER", "FILE"),
        drop=("FILE", "SIZE", "MARKS", "CAMERA"),
        colour=_colour,
    )
    return 0


def _filter(arguments: Namespace) -> ClipFilter:
    return ClipFilter(
        camera=arguments.camera,
        officer=arguments.officer,
        state=_state(arguments.state),
        **read_period(arguments, remedy=_EXAMPLE),
        case=arguments.case,
        unit=arguments.unit,
        event=arguments.event,
        evidential=arguments.evidential,
        held=arguments.held,
        unassigned=arguments.unassigned,
        of_class=arguments.of_class,
        unreviewed=arguments.unreviewed,
    )


def _names(wanted: ClipFilter) -> Mapping[Named, str | None]:
    return {
        Named.CAMERA: wanted.camera,
        Named.OFFICER: wanted.officer,
        Named.UNIT: wanted.unit,
        Named.EVENT: wanted.event,
        Named.CASE: wanted.case,
        Named.CLASS: wanted.of_class,
    }


def _document(clip: ClipRow) -> dict[str, Any]:
    return {**asdict(clip), "class": next(iter(clip.classes), "")}


def _officers_are_shown(arguments: Namespace, source: Source, reader: Reader, wanted: ClipFilter) -> bool:
    by_officer, by_unit = wanted.officer is not None, wanted.unit is not None
    by_unit_alone = "clips --unit" if by_unit else "clips list"
    return source.may_see(
        arguments,
        reader,
        command="clips --officer" if by_officer else by_unit_alone,
        subject=subject_of(wanted),
        implied=by_officer or by_unit,
        needed=by_officer or by_unit,
    )


def _state(name: str | None) -> ClipState | None:
    if name is None:
        return None
    try:
        return ClipState(name)
    except ValueError:
        raise UsageError(
            f"{name} is not a state of a clip.", remedy=f"States: {', '.join(ClipState)}"
        ) from None


def _row(clip: ClipRow, *, seen: bool) -> tuple[str, ...]:
    marks = [name for name, is_set in (("evidence", clip.evidential), ("HELD", clip.held)) if is_set]
    marks += clip.classes
    return (
        clip.id,
        clip.camera or "(erased)",
        _recorded(clip),
        size(clip.size),
        _state_of(clip),
        ", ".join(marks) or "-",
        *([clip.officer or "-"] if seen else []),
        clip.path or "(erased)",
    )


def _recorded(clip: ClipRow) -> str:
    return when(clip.recorded_at) + " (uncertain)" * clip.recorded_uncertain


def _kept_until(clip: ClipRow) -> str:
    if clip.retain_until:
        return when(clip.retain_until)
    return "no date (evidence)" if clip.evidential else "not known yet"


def _state_of(clip: ClipRow) -> str:
    """Return a clip's state, with what is wrong beside it."""
    if clip.last_verification:
        return f"{clip.state}, check failed"
    return f"{clip.state}, refused" if clip.refused else str(clip.state)


def _colour(row: Sequence[str], column: int) -> str:
    if column != _STATE:
        return ""
    state, _, wrong = row[_STATE].partition(", ")
    return RED if wrong else _COLOURS.get(ClipState(state), "")


def show(arguments: Namespace) -> int:
    """Show one clip and its history, from the first entry to the last."""
    source = source_of(arguments)
    with source.open() as reader:
        clip_id = reader.resolve_clip(arguments.clip)
        seen = source.may_see(arguments, reader, command="clips show", subject=clip_id, clips=(clip_id,))
        clip = reader.clip_row(clip_id)
        story = reader.story(clip_id)
        events = reader.clip_events(clip_id) if seen else []
    if clip is None or story is None:
        raise JournalError(
            f"The journal lists clip {clip_id}, but has no row for it.", remedy="bwvdock custody verify"
        )
    if not seen:
        clip, story = withheld(clip), withheld_story(story)
    if arguments.json:
        told = {"hurried": _is_hurried(story), "by_earlier_version": story.by_earlier_version}
        of_events = of_clip(clip_id, events) if seen else None
        print_json({**_document(clip), **_entries(story), **told, "of_events": of_events})
    else:
        _print_story(clip, story, list(event_lines(clip_id, events)))
    return 0


def _is_hurried(story: Story) -> bool:
    return any(entry.kind == ClipHurried.kind for entry in story.own)


def _entries(story: Story) -> dict[str, list[dict[str, Any]]]:
    parts = {"history": story.own, "events": story.events, "before": story.before}
    return {name: [asdict(entry) for entry in entries] for name, entries in parts.items()}


def _print_story(clip: ClipRow, story: Story, events: Sequence[str]) -> None:
    facts: dict[str, str] = {
        "Clip": clip.id,
        "State": str(clip.state),
        **({"Check": _found(clip.last_verification)} if clip.last_verification else {}),
        "Camera": clip.camera or "(erased)",
        "Officer": WITHHELD if clip.officer is None else clip.officer or "(unassigned)",
        "File": clip.path or "(erased)",
        "Size": f"{size(clip.size)} ({clip.size:,} bytes)",
        "SHA-256": clip.sha256 or "- (not acquired yet)",
        **({"Attested": overall(clip.camera_digest)} if clip.camera_digest else {}),
        "Recorded": _recorded(clip),
        "Acquired": when(clip.acquired_at),
        "Docking": clip.docking,
        "Evidence": ("yes" + _case(clip)) if clip.evidential else "no",
        "Reviewed": "yes" if clip.reviewed else "no",
        **({"Class": ", ".join(clip.classes)} if clip.classes else {}),
        "Held": _held(clip),
        **({"Hurried": _HURRIED} if _is_hurried(story) else {}),
        "Kept until": _kept_until(clip),
    }
    for label, value in facts.items():
        _print_fact(label, value)
    for line in events:
        _print_fact("Event", line)
    for receipt in clip.receipts:
        _print_fact("Receipt", f"{receipt.destination}: {receipt.object}")
        _print_fact("", f"SHA-256 {receipt.sha256}")
        _print_fact("", f"proven by {receipt.method}, {when(receipt.received_at)}")
        if receipt.document:
            _print_fact("", f"custody document, SHA-256 {receipt.document}")
        if receipt.document_refused:
            _print_fact("", f"its custody document was refused there: {receipt.document_refused}")
    for destination, reason in clip.refused.items():
        _print_fact("Refused", f"by {destination}: {reason}")
    print("\nHistory, from the journal:")
    whole = story.whole()
    for entry in whole:
        print(wrapped(f"  {tell(entry, whole)}", width(), indent=10))
    if story.by_earlier_version:
        print(wrapped(f"An earlier version of bwvdock did not record {NOT_IN_VERSION_1}.", width(), indent=2))


def _held(clip: ClipRow) -> str:
    if not clip.held:
        return "no"
    standing = "".join(f", standing hold {hold}" for hold in clip.standing_holds)
    return f"yes: no copy may be erased or disposed of{standing}"


def _print_fact(label: str, value: str) -> None:
    print_line(f"{f'{label}:' if label else '':<11} {value}", indent=12)


def _case(clip: ClipRow) -> str:
    return ", case (withheld)" if clip.case is None else f", case {clip.case}" if clip.case else ""


def _found(finding: ClipFinding) -> str:
    return f"FAILED at the last verification, {when(finding.at)}: {'; '.join(finding.problems)}"


def hurry(arguments: Namespace) -> int:
    """Put clips before all others that wait."""
    return give(arguments, Hurry(clips=tuple(arguments.clips), reason=arguments.reason))


def retry(arguments: Namespace) -> int:
    """Release a clip from quarantine, or offer it again to destinations that refused it."""
    return give(arguments, Retry(clip=arguments.clip))
