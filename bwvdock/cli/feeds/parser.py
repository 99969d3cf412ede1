"""Which arguments do the commands about feeds take?"""

from __future__ import annotations

import argparse
from typing import Any

from bwvdock.cli.building import Command, add, verbs


def _test(arguments: argparse.Namespace) -> int:
    from bwvdock.cli.feeds.commands import test  # noqa: PLC0415 - where it is called

    return test(arguments)


def add_feed(commands: Any, *, needs_verb: Command) -> None:  # noqa: ANN401
    """Add `bwvdock feed` and what belongs to it."""
    what = "try whether an evidence system takes entries of the journal"
    feed = add(commands, "feed", needs_verb, what, "bwvdock feed test")
    test = add(
        verbs(feed),
        "test",
        _test,
        "send evidence systems a request without entries, and show what each answered",
        "bwvdock feed test county",
    )
    test.add_argument(
        "feed", metavar="NAME", nargs="?", default="", help="the feed's name (default: all of them)"
    )
