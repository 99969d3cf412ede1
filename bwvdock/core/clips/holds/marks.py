"""Which standing holds is a clip on, after one came or went?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict

from bwvdock.core.facts import ClipHoldExcepted, ClipHoldMatched, ClipHoldOver

OF_STANDING = (ClipHoldMatched, ClipHoldOver, ClipHoldExcepted)
"""The facts of a clip that are about standing holds."""


class Marks(TypedDict):
    """The standing holds that a clip is on (and whether surely), and those that it was taken out of."""

    standing: Mapping[str, bool]
    excepted: frozenset[str]


def after_hold(
    standing: Mapping[str, bool],
    excepted: frozenset[str],
    fact: ClipHoldMatched | ClipHoldOver | ClipHoldExcepted,
) -> Marks:
    """Return the marks of a clip after a standing hold came or went; what was sure once stays so."""
    others = {hold: certain for hold, certain in standing.items() if hold != fact.hold}
    match fact:
        case ClipHoldMatched(hold=hold, certain=certain):
            kept = {**others, hold: certain or standing.get(hold, False)}
            return Marks(standing=kept, excepted=excepted - {hold})
        case ClipHoldOver():
            return Marks(standing=others, excepted=excepted)
        case ClipHoldExcepted(hold=hold):
            return Marks(standing=others, excepted=excepted | {hold})
