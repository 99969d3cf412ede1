"""Which rows can no roster have? Whether rows contradict each other is checked later (roster.py)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from bwvdock.core.moments import iso
from bwvdock.errors import UsageError

Texts = tuple[str, ...]
Rows = tuple[Texts, ...]

_FIELDS_OF_A_ROW = frozenset({5, 6})
_FIRST_YEAR, _LAST_YEAR = 2000, 2199  # in which somebody can have held a camera; others are slips of the pen
_MOST_MISTAKES = 100


def assigned_time(text: str, *, typed: str = "") -> str:
    """Return a time of an assignment as the journal writes it.

    Args:
        text: the time.
        typed: what a person typed for it, to name it by.

    Raises:
        ValueError: it is not an ISO 8601 time with a UTC offset, or is in an impossible year.
    """
    try:
        moment = datetime.fromisoformat(text)
        written = iso(moment)
    except (ValueError, OverflowError):
        moment, written = None, ""
    if moment is None or moment.tzinfo is None:
        raise ValueError(f"{(typed or text)!r} is not an ISO 8601 time with a UTC offset")
    if not f"{_FIRST_YEAR}" <= written[:4] <= f"{_LAST_YEAR}":
        raise ValueError(f"{(typed or text)!r} is not in the years {_FIRST_YEAR} to {_LAST_YEAR}")
    return written


def check_rows(rows: Rows) -> None:
    """Refuse rows that no roster can have; whether they contradict each other is checked later.

    Raises:
        UsageError: with each such row's line and what is wrong with it.
    """
    mistakes = [mistake for row in rows for mistake in _mistakes(row)]
    if mistakes:
        shown = [*mistakes[:_MOST_MISTAKES], *(["and more"] if len(mistakes) > _MOST_MISTAKES else [])]
        lines = "\n".join(f"  {mistake}" for mistake in shown)
        raise UsageError(
            f"Nothing was recorded:\n{lines}", remedy="Correct these rows, then enter them again."
        )


def _mistakes(row: Texts) -> Iterator[str]:
    if len(row) not in _FIELDS_OF_A_ROW:
        yield "a row has a line, a serial, an officer and two times"
        return
    line, _, _, begins, ends, *_ = row
    for time in (begins, ends) if ends else (begins,):
        try:
            assigned_time(time)
        except ValueError as error:
            yield f"line {line}: {error}" if line else f"{error}"
