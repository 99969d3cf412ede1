"""`bwvdock clips review`: who has looked at footage, and what is it?"""

from __future__ import annotations

from argparse import Namespace

from bwvdock.cli.orders import give
from bwvdock.operators.requests import Review


def review(arguments: Namespace) -> int:
    """Record that clips were reviewed, and their class."""
    order = Review(
        clips=tuple(arguments.clips),
        of_class=arguments.of_class,
        reason=arguments.reason or "",
        instead=arguments.instead,
    )
    return give(arguments, order)
