"""Which arguments does `bwvdock support-bundle` take?"""

from __future__ import annotations

import argparse
from importlib import import_module
from typing import Any

from bwvdock.cli.building import Command, add


def add_support(commands: Any) -> None:  # noqa: ANN401
    """Add `bwvdock support-bundle`."""

    def command(arguments: argparse.Namespace) -> int:
        called: Command = import_module("bwvdock.cli.support.command").support_bundle
        return called(arguments)

    what = "collect what support needs to see of this dock: no footage, no secrets, no names"
    parser = add(commands, "support-bundle", command, what, "bwvdock support-bundle --to dock.tar.gz")
    parser.add_argument("--to", metavar="FILE", help="the new file (default: named after the time, here)")
    parser.add_argument(
        "--days", metavar="N", default="3", help="how many days of the log are looked at (default: 3)"
    )
