"""What do orders about standing holds lead to?"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime

from bwvdock.core.clips.holds.hold_matching import PlaceKind
from bwvdock.core.clips.identity import ID_BYTES, make_id
from bwvdock.core.clips.names import Named, UnknownName, sentence
from bwvdock.core.facts import ClipHoldExcepted, HoldEnded, HoldOpened
from bwvdock.core.moments import iso
from bwvdock.errors import UsageError
from bwvdock.operators.decisions import LONGEST_REASON, Decision, DecisionJournal, OrderReader, printable
from bwvdock.operators.holds.requests import EndHold, ExceptClips, HoldOrder, OpenHold
from bwvdock.units import format_count

HOLD, REQUEST = "h-", "r-"
"""How the ids of holds and of requests begin, so that none is taken for that of a clip."""

CRITERIA = ("camera", "officer", "unit", "event", "place", "since", "until")


def new_id(prefix: str) -> str:
    """Return a new id for a hold or a request: ids sort by time."""
    return prefix + make_id(int(datetime.now(UTC).timestamp() * 1000), os.urandom(ID_BYTES))


def decide_on_holds(order: HoldOrder, journal: DecisionJournal, reader: OrderReader, actor: str) -> Decision:
    """Return what an order about standing holds leads to.

    Raises:
        UsageError: it cannot be carried out; nothing is recorded.
    """
    match order:
        case OpenHold():
            fact = opened(order, reader, actor)
            unknown = unknown_in(fact, reader)
            message = _opened_message(fact, unknown)
            return Decision(facts=(fact,), message=message, ids={"hold": fact.hold}, unknown=unknown)
        case EndHold():
            return _end(order, reader, actor)
        case ExceptClips():
            return _except(order, journal, reader, actor)


def opened(order: OpenHold, reader: OrderReader, actor: str) -> HoldOpened:
    """Return the fact that a standing hold begins.

    Raises:
        UsageError: nothing says what it is about, or something cannot be recorded.
    """
    said = asdict(order)
    asked = {name: printable(said[name], name) for name in CRITERIA if said[name].strip()}
    if not asked:
        raise UsageError(
            "Nothing says which footage is to be held.",
            remedy="Name clips, or add --officer, --camera, --unit, --event, --place, --since or --until.",
        )
    times: dict[str, str] = {}
    times |= {name: iso(_time(asked[name])) for name in ("since", "until") if name in asked}
    if len(times) == 2 and times["since"] > times["until"]:
        raise UsageError(
            "No footage is meant: --since is later than --until. Nothing was recorded.",
            remedy="Exchange the two times, or correct one.",
        )
    _require_place(order, reader)
    request = _open_request(order.for_request, reader) if order.for_request else ""
    requester = order.requester.strip()
    query: dict[str, str] = {**asked, **times}
    return HoldOpened(
        hold=new_id(HOLD),
        **query,
        place_kind=order.place_kind if order.place.strip() else "",
        review=day(order.review, "review") if order.review else "",
        request=request,
        reason=printable(order.reason, "reason", longest=LONGEST_REASON),
        requester=printable(requester, "requester") if requester else "",
        actor=actor,
    )


def _open_request(prefix: str, reader: OrderReader) -> str:
    row = reader.request(prefix)
    if not row.open:
        raise UsageError(f"Request {row.id} is closed. Nothing was recorded.", remedy="bwvdock request list")
    return row.id


def _require_place(order: OpenHold, reader: OrderReader) -> None:
    """Refuse a place that is not one of this dock's: nothing would ever match it.

    Raises:
        UsageError: it is neither the dock, nor its site, nor a bay in which a camera was docked here.
    """
    place = order.place.strip()
    if not place:
        return
    if order.place_kind not in set(PlaceKind):
        raise UsageError("The order does not say what its place is.")
    if order.place_kind == PlaceKind.BAY and not reader.has_bay(place):
        raise UsageError(
            f"{place} is neither this dock, nor its site, nor a bay in which a camera was docked here. "
            "Nothing was recorded.",
            remedy="bwvdock status shows dock and site; bwvdock dockings list shows the bays. A dock does "
            "not know where something was recorded: name officers, cameras or units, and a time.",
        )


def _time(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is not a time.") from error
    if found.tzinfo is None:
        raise UsageError(f"{text!r} has no time zone.")
    return found


def day(text: str, what: str) -> str:
    """Return a day as it is recorded.

    Raises:
        UsageError: it is none.
    """
    try:
        return date.fromisoformat(text.strip()).isoformat()
    except ValueError as error:
        raise UsageError(
            f"The {what} date is not a day.", remedy=f"For example: --{what} 2026-03-31"
        ) from error


def unknown_in(fact: HoldOpened | None, reader: OrderReader) -> Sequence[UnknownName]:
    """Return what a hold names that nothing here has: it may come, or it may be a slip of the hand."""
    asked = (Named.CAMERA, Named.OFFICER, Named.UNIT, Named.EVENT)
    named = {what.value: name for what in asked if (name := getattr(fact, what, ""))}
    return reader.unknown_names(named)


def said_of(unknown: Sequence[UnknownName], hold: str) -> str:
    """Return what is said of names in a hold that nothing here has; "" where there is none."""
    if not unknown:
        return ""
    said = " ".join(map(sentence, unknown))
    return (
        f" {said} The hold applies to what may match, and to clips still to come. If that is a slip: "
        f"bwvdock clips unhold {hold} --reason R, then place another."
    )


def _opened_message(fact: HoldOpened, unknown: Sequence[UnknownName]) -> str:
    review = f" You are asked about it again on {fact.review}." if fact.review else ""
    if fact.review and fact.review <= datetime.now(UTC).date().isoformat():
        review = f" Its review is due already: {fact.review} is not a day to come."
    return (
        f"Hold {fact.hold} is in force: nothing that matches it, or may, is erased or disposed of, now "
        f"or later. `bwvdock clips holds show {fact.hold}` shows what it keeps. "
        f"It ends only by: bwvdock clips unhold {fact.hold} --reason R."
        f"{said_of(unknown, fact.hold)}{review}"
    )


def _end(order: EndHold, reader: OrderReader, actor: str) -> Decision:
    reason = printable(order.reason, "reason", longest=LONGEST_REASON)
    row = reader.hold(order.hold)
    if not row.open:
        return Decision(facts=(), message=f"Hold {row.id} had ended already; nothing changed.")
    require_all_seen(row.id, reader)
    clips = f"{format_count(row.clips, 'clip')} {'was' if row.clips == 1 else 'were'} on it"
    return Decision(
        facts=(HoldEnded(hold=row.id, reason=reason, actor=actor),),
        message=f"Hold {row.id} has ended. {clips}; other holds on the same clips are unchanged.",
        ids={"hold": row.id},
    )


def require_all_seen(hold: str, reader: OrderReader) -> None:
    """Refuse to end a hold for somebody who may not see all that it keeps: it would be let go unseen.

    The refusal gives nothing away: the list of holds has how many clips each keeps, for everybody.

    Raises:
        UsageError: they may not.
    """
    if reader.hides_of_hold(hold):
        raise UsageError(
            f"Hold {hold} keeps restricted footage that you may not see, so you may not end it. "
            "Nothing was recorded.",
            remedy="Ask somebody who may see it, or root. To take out clips that you may see: "
            f"bwvdock clips unhold CLIP --from {hold} --reason R",
        )


def _except(order: ExceptClips, journal: DecisionJournal, reader: OrderReader, actor: str) -> Decision:
    reason = printable(order.reason, "reason", longest=LONGEST_REASON)
    row = reader.hold(order.hold)
    if not row.open:
        return Decision(facts=(), message=f"Hold {row.id} had ended already; nothing changed.")
    facts, kept = [], 0
    for clip_id in dict.fromkeys(map(reader.resolve_clip, order.clips)):
        clip = journal.clip(clip_id)
        if clip is not None and row.id not in clip.excepted:
            facts.append(ClipHoldExcepted(clip=clip.id, hold=row.id, reason=reason, actor=actor))
            kept += row.id in clip.standing
    if not facts:
        message = f"These clips had been taken out of hold {row.id} already; nothing changed."
        return Decision(facts=(), message=message)
    return Decision(
        facts=tuple(facts), message=_excepted_message(row.id, kept, len(facts) - kept), ids={"hold": row.id}
    )


def _excepted_message(hold: str, kept: int, others: int) -> str:
    """Return what is said of clips that were on a hold, and of others, which it may come to match later."""
    said = []
    if kept:
        are = "is" if kept == 1 else "are"
        said.append(f"{format_count(kept, 'clip')} {are} no longer on hold {hold}; it keeps the others.")
    if others:
        were = "was" if others == 1 else "were"
        said.append(f"{format_count(others, 'clip')} {were} not on hold {hold}, and will not be put on it.")
    return " ".join(said)
