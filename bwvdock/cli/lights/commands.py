"""`bwvdock lights reset`: what do lights show once nobody looks at the cameras any more?"""

from __future__ import annotations

from argparse import Namespace
from contextlib import nullcontext

from bwvdock.cli.configuration import working_configuration
from bwvdock.cli.output.console import print_json, say
from bwvdock.core.visible_text import visible
from bwvdock.edges.rights import as_owner_of
from bwvdock.lights.from_config import reset_lights


def reset(arguments: Namespace) -> int:
    """Have every light show nothing that may be taken for advice; say which could not be set."""
    config = working_configuration(arguments)
    with as_owner_of(config.state_dir) if config.state_dir.is_dir() else nullcontext():
        done = reset_lights(config.light)
    if arguments.json:
        print_json(
            [
                {"light": kind, "ok": error is None, "reason": error.message if error else ""}
                for kind, error in done.items()
            ]
        )
        return int(any(done.values()))
    for kind, error in done.items():
        if error is not None:
            say(visible(f"The lights of {kind} were not reset: {error.message}\n  {error.remedy}"))
    if not done:
        print("No lights are configured.")
    elif not any(done.values()):
        print("The lights are reset.")
    return int(any(done.values()))
