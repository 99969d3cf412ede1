"""`bwvdock config check`: is the configuration right?"""

from __future__ import annotations

from argparse import Namespace
from dataclasses import asdict

from bwvdock.cli.shown import configuration, print_json
from bwvdock.config import MistakesError


def check(arguments: Namespace) -> int:
    """Say that the configuration is right, or everything that is wrong with it."""
    try:
        config = configuration(arguments)
    except MistakesError as error:
        if arguments.json:
            mistakes = [asdict(mistake) for mistake in error.mistakes]
            print_json({"ok": False, "file": str(error.file), "mistakes": mistakes})
        raise
    if arguments.json:
        print_json({"ok": True, "file": str(config.file), "mistakes": []})
    else:
        print(f"{config.file} is right: dock {config.dock}, state in {config.state_dir}.")
    return 0
