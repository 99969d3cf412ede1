"""Which values of the configuration that the package installs must be set before a dock works?"""

from __future__ import annotations

from collections.abc import Iterator

from bwvdock.config.settings import Config, MistakesError
from bwvdock.config.toml_table import Mistake

UNSET = "UNSET"


def placeholders(config: Config) -> Iterator[Mistake]:
    """Return a mistake for each value that is still the one that the package installs."""
    if config.dock.upper() == UNSET:
        yield Mistake(
            key="dock.id",
            value=f'"{config.dock}"',
            message="the dock has no name yet, and the name is part of every journal entry and every upload",
            remedy='write its own name, such as id = "LEW-03", under [dock]; it cannot be changed later',
        )


def require_set(config: Config) -> None:
    """Check that nothing is left to be set.

    Raises:
        MistakesError: with each value that is.
    """
    if left := list(placeholders(config)):
        raise MistakesError(config.file, left, config)
