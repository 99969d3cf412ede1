"""Which arguments does `bwvdock cameras health` take?"""

from __future__ import annotations

import argparse
from typing import Any

from bwvdock.cli.building import add


def _health(arguments: argparse.Namespace) -> int:
    from bwvdock.cli.health.command import health  # noqa: PLC0415 - where it is called

    return health(arguments)


def add_health(group: Any) -> None:  # noqa: ANN401 - argparse has no public name for it
    """Add `bwvdock cameras health`."""
    what = "show which cameras are to be set aside or watched, by their last dockings here, and why"
    health = add(group, "health", _health, what, "bwvdock cameras health BC3-0017542")
    health.add_argument(
        "serial",
        metavar="SERIAL",
        nargs="?",
        default="",
        help="only this camera, with all that was seen of it",
    )
