"""`bwvdock config check`: is the configuration valid?"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from bwvdock.cli.output.console import configuration, print_json, say, width, wrapped
from bwvdock.config.profiles import ProfilesError, load_profiles
from bwvdock.config.settings import Config, MistakesError
from bwvdock.config.toml_table import Mistake
from bwvdock.config.warnings import warnings
from bwvdock.doctor.configuration import mistakes_in
from bwvdock.errors import ConfigError
from bwvdock.units import format_count

_WIDTH = 100  # characters, where the output is no terminal

Mistakes = Mapping[Path, Sequence[Mistake]]


def check(arguments: Namespace) -> int:
    """Report that the configuration is valid, or every mistake in it."""
    config, wrong = _settings(arguments)
    profiles, wrong_profiles = _profiles()
    cautions = [] if config is None else list(warnings(config))
    for caution in cautions:
        say(f"warning: {caution}")
    if wrong or wrong_profiles:
        if arguments.json:
            _print_json(wrong, wrong_profiles, cautions)
        raise _both(wrong, wrong_profiles)
    if config is None:
        raise RuntimeError("a configuration that is not wrong is there")
    if arguments.json:
        print_json({**_document(str(config.file), {}), "warnings": [asdict(caution) for caution in cautions]})
    else:
        but = f", with {format_count(len(cautions), 'warning')}" if cautions else ""
        print(f"{config.file} is valid{but}: dock {config.dock}, state in {config.state_dir}.")
        print(wrapped(f"Camera profiles: {', '.join(profiles)}.", width() or _WIDTH, indent=2))
    return 0


def _settings(arguments: Namespace) -> tuple[Config | None, ConfigError | None]:
    """Return the part of the file that can be read, and the mistakes in it and in the files it names."""
    found: list[Mistake] = []
    config: Config | None = None
    try:
        config = configuration(arguments)
    except MistakesError as error:
        config, found = error.config, list(error.mistakes)
    except ConfigError as error:
        return None, error
    found = mistakes_in(config, found)
    return config, MistakesError(config.file, found, config) if found else None


def _profiles() -> tuple[Sequence[str], ProfilesError | None]:
    try:
        return [profile.name for profile in load_profiles()], None
    except ProfilesError as error:
        return [], error


def _both(settings: ConfigError | None, profiles: ConfigError | None) -> ConfigError:
    told = [error for error in (settings, profiles) if error is not None]
    return ConfigError("\n".join(error.message for error in told), remedy=told[0].remedy)


def _print_json(
    settings: ConfigError | None, profiles: ProfilesError | None, cautions: Sequence[Mistake]
) -> None:
    file, mistakes = "", dict[Path, Sequence[Mistake]]()
    if isinstance(settings, MistakesError):
        file, mistakes[settings.file] = str(settings.file), settings.mistakes
    elif settings is not None:
        return  # there is no file to speak of: standard error says why
    if profiles is not None:
        mistakes |= profiles.mistakes
    document = _document(file, mistakes)
    print_json(document | {"warnings": [asdict(caution) for caution in cautions]} if cautions else document)


def _document(file: str, mistakes: Mistakes) -> dict[str, object]:
    told = [{"file": str(path), **asdict(mistake)} for path, found in mistakes.items() for mistake in found]
    return {"ok": not told, "file": file, "mistakes": told}
