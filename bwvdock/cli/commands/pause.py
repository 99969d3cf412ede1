"""`bwvdock pause` and `bwvdock resume`: stop, and go on, without stopping the daemon."""

from __future__ import annotations

from argparse import Namespace

from bwvdock.cli.orders import give
from bwvdock.operators.requests import Pause, Resume


def pause(arguments: Namespace) -> int:
    """Stop taking footage and uploading."""
    return give(arguments, Pause(), needs_daemon=True)


def resume(arguments: Namespace) -> int:
    """Go on."""
    return give(arguments, Resume(), needs_daemon=True)
