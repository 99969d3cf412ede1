"""`bwvdock pause` and `bwvdock resume`: stop and resume work while the daemon keeps running."""

from __future__ import annotations

from argparse import Namespace

from bwvdock.cli.orders import give
from bwvdock.operators.requests import Pause, Resume


def pause(arguments: Namespace) -> int:
    """Stop taking footage and uploading."""
    return give(arguments, Pause(), needs_daemon=True)


def resume(arguments: Namespace) -> int:
    """Resume taking footage and uploading."""
    return give(arguments, Resume(), needs_daemon=True)
