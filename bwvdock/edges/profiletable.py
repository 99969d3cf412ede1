"""How is a profile's TOML read so that every mistake in it is told at once, with its remedy?

A `Table` hands out its keys through parsers, which raise ValueError with what to write instead; what
nobody asked for is an unknown key. Which keys there are: profiles.py and profileunlock.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from enum import StrEnum
from typing import TypeVar

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)


class Table:
    """One table of a profile; collects what is wrong with it and goes on.

    Args:
        values: the table.
        where: the file.
        mistakes: what is wrong is added here.
        path: the table's own name.
        discreet: its texts are not shown, nor those of the tables in it: somebody may have written
            the secret itself where its place was to be named.
    """

    def __init__(
        self,
        values: Mapping[str, object],
        *,
        where: str,
        mistakes: list[str],
        path: str = "",
        discreet: bool = False,
    ) -> None:
        self._values = values
        self._where = where
        self._mistakes = mistakes
        self._path = path
        self._discreet = discreet
        self._asked: list[str] = []

    def wrong(self, key: str, value: object, remedy: str) -> None:
        """Note a mistake."""
        at = ".".join(part for part in (self._path, key) if part)
        shown = "…" if self._discreet and not isinstance(value, int) else _shown(value)
        self._mistakes.append(f"{self._where}: {f'{at} = ' if at else ''}{shown}: {remedy}")

    def has(self, key: str) -> bool:
        """Say whether a key is there."""
        return key in self._values

    def take(self, key: str, parse: Callable[[object], T], *, default: T) -> T:
        """Give a key's value, or the default if it is missing or wrong."""
        self._asked.append(key)
        if key not in self._values:
            return default
        try:
            return parse(self._values[key])
        except ValueError as error:
            self.wrong(key, self._values[key], str(error))
            return default

    def need(self, key: str, parse: Callable[[object], T], otherwise: T) -> T:
        """Give the value of a key that must be there."""
        if key not in self._values:
            self._mistakes.append(f"{self._where}: {self._path}.{key} is missing: write it")
        return self.take(key, parse, default=otherwise)

    def table(self, key: str, *, discreet: bool = False) -> Table:
        """Give a table within this one, an empty one if it is not there."""
        return self._within(self.take(key, _mapping, default={}), key, discreet=discreet)

    def tables(self, key: str) -> list[Table]:
        """Give the tables of an array."""
        values: Sequence[Mapping[str, object]] = self.take(key, _mappings, default=())
        return [self._within(value, f"{key}[{n}]") for n, value in enumerate(values, start=1)]

    def _within(self, values: Mapping[str, object], key: str, *, discreet: bool = False) -> Table:
        return Table(
            values,
            where=self._where,
            mistakes=self._mistakes,
            path=f"{self._path}.{key}" if self._path else key,
            discreet=discreet or self._discreet,
        )

    def nothing_else(self) -> None:
        """Note every key that nobody asked for, with the nearest that there is."""
        for key in self._values:
            if key not in self._asked:
                near = get_close_matches(key, self._asked, n=1, cutoff=0.5)
                known = f"did you mean {near[0]}?" if near else f"known here: {', '.join(self._asked)}"
                self.wrong(key, self._values[key], f"unknown key; {known}")


def _shown(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 80 else f"{shown[:79]}…"


def instead(remedy: str) -> ValueError:
    """Make what a parser raises: it says what to write instead."""
    return ValueError(remedy)


def text(value: object) -> str:
    """Parse a text that is not empty."""
    if not isinstance(value, str) or not value:
        raise instead('write a text in quotes, such as "DCIM"')
    return value


def flag(value: object) -> bool:
    """Parse a yes or no."""
    if not isinstance(value, bool):
        raise instead("write true or false")
    return value


def _mapping(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise instead("this is a table: write it as [name] on a line of its own")
    return value


def _mappings(value: object) -> Sequence[Mapping[str, object]]:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise instead("these are tables: write each as [[name]] on a line of its own")
    return value


def each(parse: Callable[[object], str]) -> Callable[[object], tuple[str, ...]]:
    """Make the parser of a list."""

    def parse_all(value: object) -> tuple[str, ...]:
        if not isinstance(value, list) or not value:
            raise instead('write a list, such as ["one", "two"]')
        return tuple(parse(item) for item in value)

    return parse_all


def choice(kind: type[E]) -> Callable[[object], E]:
    """Make the parser of one of a few words."""

    def parse(value: object) -> E:
        try:
            return kind(text(value))
        except ValueError:
            raise instead(f"write one of: {', '.join(kind)}") from None

    return parse
