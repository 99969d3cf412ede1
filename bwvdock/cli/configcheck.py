"""`bwvdock config check`: is the configuration right?"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from dataclasses import asdict

from bwvdock.cli.shown import configuration, print_json
from bwvdock.config import Config, MistakesError
from bwvdock.core.profile import Profile
from bwvdock.edges.profiles import load_profiles
from bwvdock.errors import ConfigError
from bwvdock.storechecks import check_files


def check(arguments: Namespace) -> int:
    """Say that the configuration is right, or everything that is wrong with it."""
    try:
        config = configuration(arguments)
        _check_files(config)
    except MistakesError as error:
        if arguments.json:
            mistakes = [asdict(mistake) for mistake in error.mistakes]
            print_json({"ok": False, "file": str(error.file), "mistakes": mistakes})
        raise
    profiles = _profiles(arguments)
    if arguments.json:
        print_json({"ok": True, "file": str(config.file), "mistakes": []})
    else:
        print(f"{config.file} is right: dock {config.dock}, state in {config.state_dir}.")
        print(f"Camera profiles: {', '.join(profile.name for profile in profiles)}.")
    return 0


def _check_files(config: Config) -> None:
    found = [
        mistake
        for number, store in enumerate(config.destinations, start=1)
        for mistake in check_files(store, f"destination[{number}]")
    ]
    if found:
        raise MistakesError(config.file, found)


def _profiles(arguments: Namespace) -> Sequence[Profile]:
    try:
        return load_profiles()
    except ConfigError as error:
        if arguments.json:
            print_json({"ok": False, "file": "", "mistakes": [{"message": error.message}]})
        raise
