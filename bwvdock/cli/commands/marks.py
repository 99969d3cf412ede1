"""`bwvdock clips flag`, `unflag`, `hold`, `unhold`: what do people say of footage?"""

from __future__ import annotations

from argparse import Namespace

from bwvdock.cli.orders import give
from bwvdock.operators.requests import Flag, Hold, Unflag, Unhold


def flag(arguments: Namespace) -> int:
    """Mark clips as evidence."""
    order = Flag(clips=tuple(arguments.clips), reason=arguments.reason, case=arguments.case or "")
    return give(arguments, order)


def unflag(arguments: Namespace) -> int:
    """Say that clips are no evidence."""
    return give(arguments, Unflag(clips=tuple(arguments.clips), reason=arguments.reason))


def hold(arguments: Namespace) -> int:
    """Let nothing of clips be erased or disposed of anywhere."""
    return give(arguments, Hold(clips=tuple(arguments.clips), reason=arguments.reason))


def unhold(arguments: Namespace) -> int:
    """End that."""
    return give(arguments, Unhold(clips=tuple(arguments.clips), reason=arguments.reason))
