"""Which personal values are erased, and which may not be yet?

The entries stay as they are: what is deleted are the values and salts that their commitments can be opened
with. A value that the dock still needs is refused: without its path a clip cannot be erased from its camera
or described to a store, and an enrolled camera or an assigned officer would no longer be recognised.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.core.clips.roster import Roster
from bwvdock.core.custody.records import Part
from bwvdock.core.facts import ValuesErased
from bwvdock.core.moments import iso
from bwvdock.errors import UsageError
from bwvdock.operators.decisions import (
    LONGEST_REASON,
    Decision,
    DecisionJournal,
    ErasureReader,
    OrderReader,
    printable,
)
from bwvdock.operators.requests import EraseValues
from bwvdock.units import format_count

_AT_ONCE = 100  # clips of one order that names a time
_IN_ONE_ENTRY = 500  # commitments
_SHORTEST = 3  # characters of a serial or an id that other texts are searched for
_FINISHED = frozenset({ClipState.RELEASED, ClipState.RETIRED})

_Value = tuple[str, str]


def erase_values(order: EraseValues, journal: DecisionJournal, reader: OrderReader, actor: str) -> Decision:
    """Return what an order to erase personal values leads to.

    Raises:
        UsageError: the order is incomplete, or the dock still needs the values.
    """
    basis = printable(order.basis, "basis", longest=LONGEST_REASON)
    reason = printable(order.reason, "reason", longest=LONGEST_REASON) if order.reason else ""
    named = (order.camera, order.officer, order.unit, order.case, order.event, order.operator)
    if sum(map(bool, (order.clips, *named, order.before))) != 1:
        raise UsageError(
            "Exactly one of --clip, --camera, --officer, --unit, --case, --event, --operator and --before "
            "says what is to be erased."
        )
    _require_not_repeated(next(filter(None, named), ""), basis=basis, reason=reason, actor=actor)
    _require_no_hold_says(next(filter(None, named), ""), reader)
    part = _values(order, journal, reader)
    values = list(dict.fromkeys(part.found))
    facts = tuple(
        ValuesErased(field=field, commitments=some, basis=basis, reason=reason, actor=actor)
        for field, some in _entries(values)
    )
    if not facts:
        message = "There is nothing to erase; nothing changed."
        return Decision(facts=(), message=message, sums={"values": 0}, after=part.after)
    count = format_count(len(values), "personal value was", "personal values were")
    kinds = ", ".join(sorted({field for field, _ in values}))
    message = (
        f"{count} erased ({kinds}). The entries are unchanged and say who ordered it and on which basis. "
        "Custody documents in stores, backups and the system's log may still have the values."
    )
    return Decision(facts=facts, message=message, sums={"values": len(values)}, after=part.after)


def _require_not_repeated(value: str, **said: str) -> None:
    """Refuse an order whose own entry would have the value again.

    Raises:
        UsageError: with which part of it.
    """
    for what, text in said.items():
        if value and value in text:
            who = what == "actor"
            raise UsageError(
                f"The entry would name {value} again: as who ordered it. Nothing changed."
                if who
                else f"The {what} names {value}, which is to be erased. Nothing changed.",
                remedy="Have another operator order it." if who else f"Give a {what} without it.",
            )


def _entries(values: Sequence[_Value]) -> Iterable[tuple[str, tuple[str, ...]]]:
    for field in sorted({name for name, _ in values}):
        of_field = [committed for name, committed in values if name == field]
        for first in range(0, len(of_field), _IN_ONE_ENTRY):
            yield field, tuple(of_field[first : first + _IN_ONE_ENTRY])


def _values(order: EraseValues, journal: DecisionJournal, reader: ErasureReader) -> Part[_Value]:
    if order.camera:
        serial = _searched(order.camera, "serial")
        _require_idle_camera(serial, journal, reader)
        return reader.values_saying("camera", serial, order.after)
    if order.officer:
        officer = _searched(order.officer, "officer")
        _require_idle_officer(officer, reader)
        return reader.values_saying("officer", officer, order.after)
    if order.case:
        case = _searched(order.case, "case reference")
        _require_no_clip("case", case, reader)
        return reader.values_saying("case", case, order.after)
    if order.event:
        event = _searched(order.event, "event")
        _require_no_clip("event", event, reader)
        return reader.values_saying("event", event, order.after)
    if order.unit:
        return reader.values_saying("unit", _searched(order.unit, "unit"), order.after)
    if order.operator:
        operator = _searched(order.operator, "operator")
        _require_no_mark_by(operator, reader)
        return reader.values_saying("actor", operator, order.after)
    return _of_clips(_clips(order, journal, reader), reader)


def _clips(order: EraseValues, journal: DecisionJournal, reader: ErasureReader) -> Part[str]:
    if order.before:
        return reader.finished_clips(_time(order.before), _AT_ONCE, order.after)
    clips = tuple(reader.resolve_clip(prefix) for prefix in order.clips)
    for known in (journal.clip(clip) for clip in clips):
        if known is not None:
            _require_finished(known)
    return Part(clips, "")


def _of_clips(clips: Part[str], reader: ErasureReader) -> Part[_Value]:
    return Part(tuple(value for clip in clips.found for value in reader.values_of_clip(clip)), clips.after)


def _searched(text: str, what: str) -> str:
    bare = printable(text, what)
    if len(bare) < _SHORTEST:
        raise UsageError(f"The {what} is too short: too many texts contain {bare!r}.")
    return bare


def _time(text: str) -> str:
    try:
        return iso(datetime.fromisoformat(text))
    except (ValueError, OverflowError) as error:
        raise UsageError(f"{text!r} is not a time.", remedy="For example: --before 2026-03-01") from error


def _require_finished(clip: Clip) -> None:
    """Refuse a clip whose values the dock, or an investigation, still needs.

    Raises:
        UsageError: with what is to be done first.
    """
    remedy = f"bwvdock clips show {clip.id}"
    if clip.held:
        why, remedy = "it is on hold", f"bwvdock clips unhold {clip.id} --reason R, once the hold ends"
    elif clip.evidential:
        why, remedy = "it is evidence", f"bwvdock clips unflag {clip.id} --reason R, once it no longer is"
    elif clip.state not in _FINISHED:
        why = f"it is {clip.state}: the dock needs its path until the camera's copy is done with"
    elif clip.owing or clip.resumed:
        places = ", ".join(sorted(clip.owing | clip.resumed))
        why = f"{places} is still owed the clip or its custody document"
    else:
        return
    raise UsageError(
        f"The values of clip {clip.id} may not be erased: {why}. Nothing changed.", remedy=remedy
    )


def _require_idle_camera(serial: str, journal: DecisionJournal, reader: ErasureReader) -> None:
    if journal.enrolment(serial).enrolled:
        raise UsageError(
            f"Camera {serial} is enrolled: without its serial it would not be recognised. Nothing changed.",
            remedy=f"bwvdock cameras revoke {serial} --reason R",
        )
    if any(docking.camera == serial for docking in reader.open_dockings()):
        raise UsageError(f"Camera {serial} is docked. Nothing changed.", remedy="Remove it, then try again.")
    _require_no_clip("camera", serial, reader)


def _require_idle_officer(officer: str, reader: ErasureReader) -> None:
    now = iso(datetime.now(UTC))
    for serial in reader.cameras_of(officer):
        spans = Roster(reader.assignments(serial)).spans
        if any(span.officer == officer and span.end > now for span in spans):
            raise UsageError(
                f"Camera {serial} is assigned to {officer}. Nothing changed.",
                remedy=f"Assign camera {serial} to its present holder, then try again: "
                "bwvdock cameras assign --help",
            )
    _require_no_clip("officer", officer, reader)


def _require_no_hold_says(value: str, reader: OrderReader) -> None:
    """Refuse a value that says whom a standing hold or an open request is about, who asked, or why.

    Raises:
        UsageError: with the hold, or the request.
    """
    if not value:
        return
    for hold in reader.holds():
        said = (
            hold.camera,
            hold.officer,
            hold.unit,
            hold.event,
            hold.place,
            hold.reason,
            hold.requester,
            hold.actor,
        )
        if hold.open and any(value in (text or "") for text in said):
            raise UsageError(
                f"Standing hold {hold.id} names {value}: without it nobody would know what it is about, and "
                "what comes later would not be held. Nothing changed.",
                remedy=f"bwvdock clips unhold {hold.id} --reason R, once the hold ends",
            )
    for request in reader.requests():
        if request.open and any(
            value in (text or "") for text in (request.by, request.reason, request.actor)
        ):
            raise UsageError(
                f"Request {request.id} names {value}, and is open. Nothing changed.",
                remedy=f"bwvdock request close {request.id} --reason R",
            )


def _require_no_mark_by(operator: str, reader: ErasureReader) -> None:
    clip = reader.unfinished_clip("actor", operator)
    if clip:
        raise UsageError(
            f"Clip {clip} is evidence or on hold, and {operator} marked it: who did is a part of its "
            "custody. Nothing changed.",
            remedy=f"bwvdock clips show {clip}",
        )


def _require_no_clip(field: str, value: str, reader: ErasureReader) -> None:
    clip = reader.unfinished_clip(field, value)
    if clip:
        raise UsageError(
            f"Clip {clip} of {field} {value} is not finished with, is evidence or on hold. Nothing changed.",
            remedy=f"bwvdock clips show {clip}",
        )
