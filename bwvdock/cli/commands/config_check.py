"""`bwvdock config check`: is the configuration valid?"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from bwvdock.cli.output.screen import configuration, print_json
from bwvdock.config.profiles import ProfilesError, load_profiles
from bwvdock.config.settings import Config, MistakesError
from bwvdock.config.store_checks import check_files
from bwvdock.config.toml_table import Mistake
from bwvdock.core.media.profile import Profile


def check(arguments: Namespace) -> int:
    """Report that the configuration is valid, or every mistake in it."""
    try:
        config = configuration(arguments)
        _check_files(config)
    except MistakesError as error:
        if arguments.json:
            _print_json(str(error.file), {error.file: error.mistakes})
        raise
    profiles = _profiles(arguments)
    if arguments.json:
        _print_json(str(config.file), {})
    else:
        print(f"{config.file} is valid: dock {config.dock}, state in {config.state_dir}.")
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
    except ProfilesError as error:
        if arguments.json:
            _print_json("", error.mistakes)
        raise


def _print_json(file: str, mistakes: Mapping[Path, Sequence[Mistake]]) -> None:
    found = [{"file": str(path), **asdict(mistake)} for path, group in mistakes.items() for mistake in group]
    print_json({"ok": not found, "file": file, "mistakes": found})
