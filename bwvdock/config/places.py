"""Do the places that a configuration names keep out of each other's way?

A vault in the spool would be copied into itself; with a camera's folder above the state directory the dock
would copy its own spool. Paths only: no file is looked at, because a place may be on a share that hangs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from bwvdock.config.toml_table import Mistake

OWN = ("spool", "uploads", "marks", "keys", "journal.sqlite3", "dock.json", "lock")
_RUN = "run"
Place = tuple[str, Path]
"""The key that names a place, and its path."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Places:
    """The places of a dock: the vaults of directory destinations, the folders that are treated as cameras."""

    state_dir: Path
    run_dir: Path
    vaults: Sequence[Place]
    sources: Sequence[Place]


def overlaps(places: Places) -> Iterator[Mistake]:
    """Return a mistake for each place that is another's, is in it, or contains it."""
    yield from _of_vaults(places)
    yield from _of_sources(places)
    for name in OWN:
        there = places.state_dir / name
        if places.run_dir.is_relative_to(there):
            yield _mistake("dock.run_dir", places.run_dir, f"is in {there}, which the dock uses otherwise")
    for key, there in (*places.vaults, *places.sources):
        if places.run_dir.is_relative_to(there) and not places.state_dir.is_relative_to(there):
            yield _mistake("dock.run_dir", places.run_dir, f"is in {there} ({key})")


def _of_vaults(places: Places) -> Iterator[Mistake]:
    for key, path in places.vaults:
        own = [
            places.state_dir / name for name in (*OWN, _RUN) if path.is_relative_to(places.state_dir / name)
        ]
        if places.state_dir.is_relative_to(path):
            yield _mistake(key, path, f"contains the state directory {places.state_dir}")
        elif own:
            yield _mistake(key, path, f"is in {own[0]}, which the dock uses for itself")
    for (other, there), (key, path) in combinations(places.vaults, 2):
        if _overlap(path, there):
            yield _mistake(key, path, f"overlaps {other} ({there})")


def _of_sources(places: Places) -> Iterator[Mistake]:
    for key, path in places.sources:
        others = [("the state directory", places.state_dir), *places.vaults]
        for other, there in [place for place in others if _overlap(path, place[1])][:1]:
            yield _mistake(key, path, f"overlaps {other} ({there}): the dock would copy its own files")
    for (other, there), (key, path) in combinations(places.sources, 2):
        if _overlap(path, there):
            yield _mistake(key, path, f"overlaps {other} ({there}): its files would be taken twice")


def _overlap(one: Path, other: Path) -> bool:
    return one.is_relative_to(other) or other.is_relative_to(one)


def _mistake(key: str, path: Path, what: str) -> Mistake:
    return Mistake(key=key, value=f'"{path}"', message=what, remedy="use a folder of its own")
