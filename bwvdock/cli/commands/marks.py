"""`bwvdock clips flag`, `unflag`: which clips are evidence?"""

from __future__ import annotations

from argparse import Namespace

from bwvdock.cli.orders import give
from bwvdock.operators.requests import Flag, Unflag


def flag(arguments: Namespace) -> int:
    """Mark clips as evidence."""
    order = Flag(clips=tuple(arguments.clips), reason=arguments.reason, case=arguments.case or "")
    return give(arguments, order)


def unflag(arguments: Namespace) -> int:
    """Remove the evidence mark from clips."""
    return give(arguments, Unflag(clips=tuple(arguments.clips), reason=arguments.reason))
