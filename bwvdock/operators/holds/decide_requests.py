"""What do orders about requests for footage lead to?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import fields

from bwvdock.core.clips.names import UnknownName
from bwvdock.core.facts import HoldEnded, HoldOpened, RequestClosed, RequestCorrected, RequestOpened
from bwvdock.errors import UsageError
from bwvdock.operators.decisions import LONGEST_REASON, Decision, OrderReader, printable
from bwvdock.operators.holds.clock import About, Outcome
from bwvdock.operators.holds.decide import (
    CRITERIA,
    REQUEST,
    day,
    new_id,
    opened,
    require_all_seen,
    said_of,
    unknown_in,
)
from bwvdock.operators.holds.requests import CloseRequest, CorrectRequest, OpenHold, OpenRequest, RequestOrder

_RULES = re.compile(
    r"as given|one month from receipt|\d{1,2} months from receipt|\d{1,3} working days after receipt"
)


def decide_on_requests(order: RequestOrder, reader: OrderReader, actor: str) -> Decision:
    """Return what an order about requests leads to.

    Raises:
        UsageError: it cannot be carried out; nothing is recorded.
    """
    match order:
        case OpenRequest():
            return _open(order, reader, actor)
        case CorrectRequest():
            return _correct(order, reader, actor)
        case CloseRequest():
            return _close(order, reader, actor)


def _open(order: OpenRequest, reader: OrderReader, actor: str) -> Decision:
    if order.about not in set(About):
        raise UsageError(f"{order.about!r} is not a kind of request.", remedy=f"Kinds: {', '.join(About)}")
    fact = RequestOpened(
        request=new_id(REQUEST),
        about=order.about,
        received=day(order.received, "received"),
        due=day(order.due, "due") if order.due else "",
        rule=_rule(order.rule),
        by=printable(order.by, "name of who asks"),
        reason=printable(order.reason, "reason", longest=LONGEST_REASON),
        actor=actor,
    )
    _require_order(fact)
    hold = _hold(order, reader, actor, fact.request)
    facts: tuple[RequestOpened | HoldOpened, ...] = (fact, hold) if hold else (fact,)
    ids = {"request": fact.request, **({"hold": hold.hold} if hold else {})}
    unknown = unknown_in(hold, reader)
    return Decision(facts=facts, message=_message(fact, hold, unknown), ids=ids, unknown=unknown)


def _require_order(fact: RequestOpened | RequestCorrected) -> None:
    if fact.due and fact.due < fact.received:
        raise UsageError(
            f"The request would be due on {fact.due}, before it was received on {fact.received}. "
            "Nothing was recorded.",
            remedy="Correct --due, or --received.",
        )


def _correct(order: CorrectRequest, reader: OrderReader, actor: str) -> Decision:
    row = reader.request(order.which)
    fact = RequestCorrected(
        request=row.id,
        received=day(order.received, "received"),
        due=day(order.due, "due") if order.due else "",
        rule=_rule(order.rule),
        received_before=row.received,
        due_before=row.due,
        reason=printable(order.reason, "reason", longest=LONGEST_REASON),
        actor=actor,
    )
    _require_order(fact)
    if (fact.received, fact.due) == (row.received, row.due):
        return Decision(facts=(), message=f"Request {row.id} has these dates already; nothing changed.")
    said = f"Request {row.id} is corrected: received on {fact.received} (recorded before: {row.received})"
    due = f"due on {fact.due}, {fact.rule}" if fact.due else "due on no date"
    message = f"{said}, {due} (recorded before: {row.due or 'no date'}). Both stay in the journal."
    return Decision(facts=(fact,), message=message, ids={"request": row.id})


def _rule(text: str) -> str:
    """Return the rule that sets the date: one of those that are known, never words of somebody else's."""
    if text and not _RULES.fullmatch(text):
        raise UsageError(f"{text!r} is not a rule that this version knows.")
    return text


def _hold(order: OpenRequest, reader: OrderReader, actor: str, request: str) -> HoldOpened | None:
    if not any(getattr(order, name).strip() for name in CRITERIA):
        if order.review:
            raise UsageError(
                "A review date needs something to hold.", remedy="Add --officer, --camera or others."
            )
        return None
    names = {one.name for one in fields(OpenHold)} - {"reason", "requester", "for_request"}
    said = {name: getattr(order, name) for name in names}
    new = opened(OpenHold(reason=order.reason, requester=order.by, **said), reader, actor)
    return HoldOpened(**{one.name: getattr(new, one.name) for one in fields(new)} | {"request": request})


def _message(fact: RequestOpened, hold: HoldOpened | None, unknown: Sequence[UnknownName]) -> str:
    said = f"Request {fact.request} is recorded, received on {fact.received}."
    said += f" It is due on {fact.due}: {fact.rule}." if fact.due else " No rule sets a date for the answer."
    if hold is None:
        return f"{said} Nothing is held for it: bwvdock clips hold --request {fact.request} --reason R"
    said += f" Hold {hold.hold} is in force for it: bwvdock clips holds show {hold.hold}"
    return f"{said}.{said_of(unknown, hold.hold)}" if unknown else said


def _close(order: CloseRequest, reader: OrderReader, actor: str) -> Decision:
    reason = printable(order.reason, "reason", longest=LONGEST_REASON)
    if order.outcome and order.outcome not in set(Outcome):
        raise UsageError(f"{order.outcome!r} is not an outcome.", remedy=f"Outcomes: {', '.join(Outcome)}")
    row = reader.request(order.which)
    if not row.open:
        return Decision(facts=(), message=f"Request {row.id} had been closed already; nothing changed.")
    standing = sorted(hold.id for hold in reader.holds() if hold.open and hold.request == row.id)
    ended = standing if order.end_holds else []
    for hold in ended:
        require_all_seen(hold, reader)
    facts: tuple[RequestClosed | HoldEnded, ...] = (
        RequestClosed(request=row.id, outcome=order.outcome, reason=reason, actor=actor),
        *(HoldEnded(hold=hold, reason=reason, actor=actor) for hold in ended),
    )
    said = f"Request {row.id} is closed."
    if ended:
        said += f" Ended with it: {', '.join(ended)}."
    elif standing:
        said += f" Still in force for it: {', '.join(standing)}."
        said += f" To end one: bwvdock clips unhold {standing[0]} --reason R"
    return Decision(facts=facts, message=said, ids={"request": row.id})
