"""How is a TOML table read so that every mistake in it is found, not only the first?

A `Table` returns its keys one by one, each through a parser, and records mistakes instead of stopping. A
parser raises ValueError with what to write instead. A key that was not asked for by the end is unknown.

The callers know which keys there are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TypeVar

from bwvdock.config.toml_value import HIDDEN, shown_key, shown_value

T = TypeVar("T")
S = TypeVar("S", bound=str)
Parser = Callable[[object], T]


@dataclass(frozen=True, kw_only=True, slots=True)
class Mistake:
    """One mistake in a file.

    `key` is "" where it concerns the whole file; `value` is the present value in TOML, or "".
    """

    key: str
    value: str
    message: str
    remedy: str

    def __str__(self) -> str:
        """Return the mistake as one line."""
        place = f"{self.key} = {self.value}" if self.value else self.key
        what = f"{self.message} ({self.remedy})" if self.remedy else self.message
        return f"{place}: {what}" if place else what


class Table:
    """One table of a file.

    Args:
        content: the table, as tomllib returns it.
        mistakes: the list to which mistakes are added.
        path: its own name; "" for the whole file.
        discreet_but_for: this table, or one within it, may contain a secret by mistake, so no values are
            shown except whole numbers at these keys. None: every value is shown unless its key or form
            suggests a secret.
    """

    def __init__(
        self,
        content: Mapping[str, object],
        mistakes: list[Mistake],
        *,
        path: str = "",
        discreet_but_for: Collection[str] | None = None,
    ) -> None:
        self._content = content
        self._mistakes = mistakes
        self._path = path
        self._discreet_but_for = discreet_but_for
        self._known: list[str] = []
        self._hidden: set[str] = set()
        self._accepts_the_rest = False

    def key(self, name: str) -> str:
        """Return the full path of a key: "upload.parallel"."""
        return f"{self._path}.{shown_key(name)}" if self._path else shown_key(name)

    def has(self, name: str) -> bool:
        """Return whether the table has this key, which then counts as known."""
        self._known.append(name)
        return name in self._content

    def take(self, name: str, parser: Parser[T], default: T) -> T:
        """Return a key's parsed value, or the default where it is missing or wrong."""
        self._known.append(name)
        if name not in self._content:
            return default
        try:
            return parser(self._content[name])
        except ValueError as error:
            self.wrong(name, str(error))
            return default

    def need(self, name: str, parser: Parser[T], default: T, *, remedy: str) -> T:
        """Return the value of a required key; the default is only used while mistakes are collected."""
        if name not in self._content:
            self.wrong(name, "is missing", remedy)
        return self.take(name, parser, default)

    def wrong(self, name: str, message: str, remedy: str = "") -> None:
        """Record that a key's value is wrong or missing."""
        self._mistakes.append(
            Mistake(key=self.key(name), value=self._shown(name), message=message, remedy=remedy)
        )

    def table(self, name: str, *, discreet_but_for: Collection[str] | None = None) -> Table:
        """Return a table within this one, empty where it is missing."""
        self._known.append(name)
        if discreet_but_for is not None:
            self._hidden.add(name)
        content = self._content.get(name, {})
        if not isinstance(content, Mapping):
            self._no_table(name, content)
            content = {}
        return self._within(content, name, discreet_but_for=discreet_but_for)

    def _no_table(self, name: str, content: object) -> None:
        if _are_tables(content):
            self.wrong(name, "there can be only one such table", f"write [{self.key(name)}] once")
        else:
            self.wrong(name, "must be a table, not a value", f"write [{self.key(name)}] and its keys below")

    def tables(self, name: str) -> list[Table]:
        """Return an array of tables, empty where it is missing. They count from 1."""
        self._known.append(name)
        content = self._content.get(name, [])
        if not isinstance(content, list) or not _are_tables(content):
            self.wrong(name, "must be an array of tables", f"write [[{self.key(name)}]] with two brackets")
            return []
        return [self._within(item, name, number=f"[{n}]") for n, item in enumerate(content, start=1)]

    def accept_the_rest(self) -> None:
        """Accept every other key of this table."""
        self._accepts_the_rest = True

    def nothing_else(self) -> None:
        """Record every unknown key, with the nearest known one."""
        for name in self._content:
            if name not in self._known and not self._accepts_the_rest:
                self.wrong(name, "unknown key", self._nearest(name))

    def _within(
        self,
        content: Mapping[str, object],
        name: str,
        *,
        number: str = "",
        discreet_but_for: Collection[str] | None = None,
    ) -> Table:
        discreet = self._discreet_but_for if discreet_but_for is None else discreet_but_for
        return Table(content, self._mistakes, path=self.key(name) + number, discreet_but_for=discreet)

    def _shown(self, name: str) -> str:
        if name not in self._content:
            return ""
        value, numbers = self._content[name], self._discreet_but_for
        may_be_shown = numbers is None or (isinstance(value, int) and name in numbers)
        return shown_value(name, value) if may_be_shown and name not in self._hidden else HIDDEN

    def _nearest(self, name: str) -> str:
        from difflib import get_close_matches  # noqa: PLC0415 - needed for a wrong file only

        near = get_close_matches(name, self._known, n=1, cutoff=0.5)
        return f"did you mean {near[0]}?" if near else f"known keys: {', '.join(sorted(set(self._known)))}"


def _are_tables(content: object) -> bool:
    return isinstance(content, list) and all(isinstance(item, Mapping) for item in content)


def instead(what: str) -> ValueError:
    """Return the error that a parser raises: what to write, not the present value: it may be a secret."""
    return ValueError(what)


def text(value: object) -> str:
    """Parse a text that is not empty."""
    if not isinstance(value, str):
        raise instead("write a text in quotes")
    if not value:
        raise instead("write a text that is not empty")
    return value


def line(value: object) -> str:
    """Parse a text of at most 200 printable characters."""
    given = text(value)
    if not given.strip() or not given.isprintable() or len(given) > 200:
        raise instead("write 1 to 200 printable characters")
    return given


def name(value: object) -> str:
    """Parse a name that is safe in file names, object names and logs."""
    given = line(value)
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", given):
        raise instead("write at most 64 letters, digits and . _ -, a letter or digit first")
    return given


def flag(value: object) -> bool:
    """Parse true or false."""
    if not isinstance(value, bool):
        raise instead("write true or false, without quotes")
    return value


def whole(lowest: int, highest: int, *, what: str = "") -> Parser[int]:
    """Return a parser of whole numbers.

    Args:
        lowest: the lowest number allowed.
        highest: the highest number allowed.
        what: the allowed numbers in words, where "a whole number from 1 to 9" does not say enough.
    """

    def parse(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
            raise instead(f"write {what or f'a whole number from {lowest} to {highest}'}")
        return value

    return parse


def choice(*allowed: S) -> Parser[S]:
    """Return a parser of one of the allowed words."""

    def parse(value: object) -> S:
        for word in allowed:
            if word == value:
                return word
        raise instead(f"write one of: {', '.join(allowed)}")

    return parse


def each(parser: Parser[T]) -> Parser[tuple[T, ...]]:
    """Return a parser of a list that is not empty."""

    def parse(value: object) -> tuple[T, ...]:
        if not isinstance(value, list) or not value:
            raise instead('write a list, such as ["one", "two"]')
        return tuple(parser(item) for item in value)

    return parse
