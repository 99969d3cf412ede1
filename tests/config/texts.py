"""What does a configuration say whose text is short: what is read of it, and what is wrong with it?"""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from bwvdock.config.settings import Config, MistakesError, parse
from bwvdock.config.toml_table import Mistake

_DOCK = '[dock]\nid = "LEW-03"\n'


def read(text: str) -> Config:
    """Return what is read of a configuration: [dock], and this text."""
    return parse(tomllib.loads(_DOCK + text), file=Path("bwvdock.toml"), content=text.encode())


def mistakes(text: str) -> list[Mistake]:
    """Return what is wrong with a configuration; a test fails where nothing is."""
    with pytest.raises(MistakesError) as caught:
        read(text)
    return list(caught.value.mistakes)


def messages(text: str) -> dict[str, str]:
    """Return what is said of each key that is wrong."""
    return {mistake.key: mistake.message for mistake in mistakes(text)}


def wrong_keys(text: str) -> list[str]:
    """Return the keys that are wrong."""
    return [mistake.key for mistake in mistakes(text)]
