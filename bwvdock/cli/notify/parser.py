"""Which arguments do the commands about notifications take?"""

from __future__ import annotations

import argparse
from typing import Any

from bwvdock.cli.building import Command, add, verbs


def _test(arguments: argparse.Namespace) -> int:
    from bwvdock.cli.notify.command import test  # noqa: PLC0415 - where it is called

    return test(arguments)


def add_notify(commands: Any, *, needs_verb: Command) -> None:  # noqa: ANN401
    """Add `bwvdock notify` and what belongs to it."""
    what = "try whether notifications of alerts arrive"
    notify = add(commands, "notify", needs_verb, what, "bwvdock notify test")
    test = add(
        verbs(notify),
        "test",
        _test,
        "send a test message to those who are notified of alerts, and show what each answered",
        "bwvdock notify test duty-officer",
    )
    test.add_argument(
        "target", metavar="TARGET", nargs="?", default="", help="the target's name (default: all of them)"
    )
