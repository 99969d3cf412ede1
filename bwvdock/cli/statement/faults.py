"""Which faults of a version are known to us? A list kept by hand, and the day it was last gone through."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from importlib import resources


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """One fault: since when it is known, what goes wrong, and what that means for footage or entries."""

    versions: tuple[str, ...]
    known_since: str
    what: str
    effect: str


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownFaults:
    """The faults that are known, and the day on which the list was last gone through (ISO 8601)."""

    reviewed: str
    faults: Sequence[Fault] = ()

    def of(self, versions: Collection[str]) -> list[Fault]:
        """Return the faults that any of these versions has."""
        return [fault for fault in self.faults if set(fault.versions) & set(versions)]


def known_faults() -> KnownFaults:
    """Return the list that this version came with."""
    return read_faults(resources.files("bwvdock").joinpath("known-faults.toml").read_text(encoding="utf-8"))


def read_faults(text: str) -> KnownFaults:
    """Return the list in a file's text.

    Raises:
        ValueError: it is not TOML.
        KeyError: something is missing in it.
    """
    document = tomllib.loads(text)
    return KnownFaults(
        reviewed=str(document["reviewed"]),
        faults=tuple(
            Fault(
                versions=tuple(fault["versions"]),
                known_since=str(fault["known_since"]),
                what=fault["what"],
                effect=fault["effect"],
            )
            for fault in document["fault"]
        ),
    )
