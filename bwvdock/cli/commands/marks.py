"""`bwvdock clips flag`, `unflag`, `hold`, `unhold`: which clips are evidence or on legal hold?"""

from __future__ import annotations

from argparse import Namespace

from bwvdock.cli.orders import give
from bwvdock.operators.requests import Flag, Hold, Unflag, Unhold


def flag(arguments: Namespace) -> int:
    """Mark clips as evidence."""
    order = Flag(clips=tuple(arguments.clips), reason=arguments.reason, case=arguments.case or "")
    return give(arguments, order)


def unflag(arguments: Namespace) -> int:
    """Remove the evidence mark from clips."""
    return give(arguments, Unflag(clips=tuple(arguments.clips), reason=arguments.reason))


def hold(arguments: Namespace) -> int:
    """Place clips on legal hold: no copy may be erased or disposed of."""
    return give(arguments, Hold(clips=tuple(arguments.clips), reason=arguments.reason))


def unhold(arguments: Namespace) -> int:
    """End a legal hold."""
    return give(arguments, Unhold(clips=tuple(arguments.clips), reason=arguments.reason))
