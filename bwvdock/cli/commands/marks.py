"""`bwvdock clips flag`, `unflag`, `dispute`, `uphold`: which clips are evidence, and whose are they?"""

from __future__ import annotations

from argparse import Namespace

from bwvdock.cli.orders import give
from bwvdock.operators.attribution.requests import Dispute, Uphold
from bwvdock.operators.requests import Flag, Unflag


def flag(arguments: Namespace) -> int:
    """Mark clips as evidence."""
    order = Flag(clips=tuple(arguments.clips), reason=arguments.reason, case=arguments.case or "")
    return give(arguments, order)


def unflag(arguments: Namespace) -> int:
    """Remove the evidence mark from clips."""
    return give(arguments, Unflag(clips=tuple(arguments.clips), reason=arguments.reason))


def dispute(arguments: Namespace) -> int:
    """Record that clips are not the officer's to whom they are attributed."""
    return give(arguments, Dispute(clips=tuple(arguments.clips), reason=arguments.reason))


def uphold(arguments: Namespace) -> int:
    """Attribute disputed clips as the roster says."""
    return give(arguments, Uphold(clips=tuple(arguments.clips), reason=arguments.reason))
