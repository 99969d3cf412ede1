"""Which arguments do the commands about lights take?"""

from __future__ import annotations

import argparse
from typing import Any

from bwvdock.cli.building import Command, add, verbs


def _reset(arguments: argparse.Namespace) -> int:
    from bwvdock.cli.lights.commands import reset  # noqa: PLC0415 - where it is called

    return reset(arguments)


def add_lights(commands: Any, *, needs_verb: Command) -> None:  # noqa: ANN401
    """Add `bwvdock lights` and what belongs to it."""
    what = "reset the lights at the bays"
    lights = add(commands, "lights", needs_verb, what, "bwvdock lights reset")
    add(
        verbs(lights),
        "reset",
        _reset,
        "have no light say that a camera may be taken; systemd does it when the daemon has ended",
        "bwvdock lights reset",
    )
