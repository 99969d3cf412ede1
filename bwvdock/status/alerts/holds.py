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
