"""`bwvdock clips review`: who has looked at footage, and what is it?"""

from __future__ import annotations

from argparse import Namespace

from bwvdock.cli.orders import give
from bwvdock.operators.retention.requests import Restore, Review


def review(arguments: Namespace) -> int:
    """Record that clips were reviewed, and their class."""
    order = Review(
        clips=tuple(arguments.clips),
        of_class=arguments.of_class,
        reason=arguments.reason or "",
        instead=arguments.instead,
    )
    return give(arguments, order)


def restore(arguments: Namespace) -> int:
    """Have the daemon bring copies back that were moved aside."""
    return give(arguments, Restore(clips=tuple(arguments.clips), reason=arguments.reason), needs_daemon=True)
