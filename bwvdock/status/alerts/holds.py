"""Which alerts are about standing holds and requests: what a person must decide on a day?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from bwvdock.status.alerts import Alert, AlertCode


def hold_review(holds: Sequence[tuple[str, str]], today: date) -> Iterator[Alert]:
    """Return an alert for each hold (its id and review date) whose date has come; the hold stays."""
    for hold, review in holds:
        if date.fromisoformat(review) <= today:
            yield Alert.warning(
                AlertCode.HOLD_REVIEW,
                f"Standing hold {hold} was to be reviewed on {review}. It is still in force, and keeps "
                "what matches until a person ends it.",
                f"bwvdock clips holds show {hold} --reason R; if it is no longer needed: "
                f"bwvdock clips unhold {hold} --reason R",
                subject=hold,
            )


def request_due(requests: Sequence[tuple[str, str, str]], today: date, *, warn_days: int) -> Iterator[Alert]:
    """Return an alert for each open request (its id, kind and last day) that is due soon, or was due."""
    for request, about, due in requests:
        left = (date.fromisoformat(due) - today).days
        if left > warn_days:
            continue
        when = f"was due on {due}" if left < 0 else f"is due on {due}, {_in_days(left)}"
        yield (Alert.error if left < 0 else Alert.warning)(
            AlertCode.REQUEST_DUE,
            f"Request {request} ({about}) {when}, and is open.",
            f"bwvdock request show {request} --reason R; once it is answered: "
            f"bwvdock request close {request} --reason R",
            subject=request,
        )


def _in_days(left: int) -> str:
    return {0: "today", 1: "tomorrow"}.get(left, f"in {left} days")
