"""How is a TOML table read so that every mistake in it is found, not only the first?

A `Table` hands out its keys one by one, each through a parser, and writes down what is wrong instead of
stopping. What nobody asked for by the end is an unknown key. Values that could be secrets are not shown.

Left out here: which keys there are (config.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")
Parser = Callable[[Any], T]

_SECRETIVE = r"(?i)secret|token|password|passwd|credential|access_key|authorization"
_SHOWN = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Mistake:
    """One thing that is wrong. `value` is what stands there, as TOML would show it, or ""."""

    key: str
    value: str
    message: str
    remedy: str

    def __str__(self) -> str:
        """Give the one line that a person reads."""
        shown = f"{self.key} = {self.value}" if self.value else self.key
        return f"{shown}: {self.message}" + (f" ({self.remedy})" if self.remedy else "")


def shown_value(key: str, value: object) -> str:
    """Show a value as it stands in the file, shortened, or "…" where it may be a secret."""
    if re.search(_SECRETIVE, key) and not key.endswith("_file"):
        return "…"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        if re.search(r"//[^/]*@", value):
            return "…"
        text = '"' + "".join(c if c.isprintable() else "�" for c in value) + '"'
    elif isinstance(value, Mapping):
        return "{…}"
    elif isinstance(value, list):
        return "[…]"
    else:
        text = str(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


class Table:
    """One table of the file, and the mistakes found in it so far."""

    def __init__(self, content: Mapping[str, Any], path: str, mistakes: list[Mistake]) -> None:
        self._content = content
        self._path = path
        self._mistakes = mistakes
        self._known: list[str] = []
        self._accepts_the_rest = False

    def key(self, name: str) -> str:
        """Give the full path of a key: "upload.parallel"."""
        return f"{self._path}.{name}" if self._path else name

    def has(self, name: str) -> bool:
        """Say whether the file gives this key."""
        return name in self._content

    def accept_the_rest(self) -> None:
        """Call no key of this table unknown."""
        self._accepts_the_rest = True

    def take(self, name: str, parser: Parser[T], default: T) -> T:
        """Give a key's parsed value, or the default where it is missing or wrong."""
        self._known.append(name)
        if name not in self._content:
            return default
        try:
            return parser(self._content[name])
        except ValueError as error:
            self.wrong(name, str(error))
            return default

    def need(self, name: str, parser: Parser[T], default: T, *, remedy: str) -> T:
        """Give a key that must be there; the default only stands in while mistakes are collected."""
        if name not in self._content:
            self._known.append(name)
            self._mistakes.append(Mistake(key=self.key(name), value="", message="is missing", remedy=remedy))
            return default
        return self.take(name, parser, default)

    def wrong(self, name: str, message: str, remedy: str = "") -> None:
        """Write down that a key's value is wrong."""
        value = shown_value(name, self._content[name]) if name in self._content else ""
        self._mistakes.append(Mistake(key=self.key(name), value=value, message=message, remedy=remedy))

    def table(self, name: str) -> Table:
        """Give a table within this one; an empty one where it is missing."""
        self._known.append(name)
        content = self._content.get(name, {})
        if isinstance(content, list) and all(isinstance(item, Mapping) for item in content):
            self.wrong(name, "there is only one such table", f"write [{self.key(name)}], once")
            content = {}
        elif not isinstance(content, Mapping):
            self.wrong(name, "is a table, not a value", f"write [{self.key(name)}] and its keys below it")
            content = {}
        return Table(content, self.key(name), self._mistakes)

    def tables(self, name: str) -> list[Table]:
        """Give an array of tables; an empty one where it is missing. They count from 1, as people do."""
        self._known.append(name)
        content = self._content.get(name, [])
        if not isinstance(content, list) or not all(isinstance(item, Mapping) for item in content):
            self.wrong(name, "there may be several of these", f"write [[{self.key(name)}]] with two brackets")
            return []
        return [
            Table(item, f"{self.key(name)}[{number}]", self._mistakes)
            for number, item in enumerate(content, start=1)
        ]

    def close(self) -> None:
        """Write down every key that nobody asked for."""
        for name in self._content:
            if name not in self._known and not self._accepts_the_rest:
                self.wrong(name, "there is no such key", self._nearest(name))

    def _nearest(self, name: str) -> str:
        from difflib import get_close_matches  # noqa: PLC0415 - only a wrong file pays for it

        near = get_close_matches(name, self._known, n=1, cutoff=0.5)
        return f"did you mean {near[0]}?" if near else f"known here: {', '.join(sorted(self._known))}"


def text(value: object) -> str:
    """Parse a text of at most 200 printable characters."""
    if not isinstance(value, str):
        raise ValueError("a text in quotes is wanted")  # noqa: TRY004 - collected as a mistake
    if not value.strip() or not value.isprintable() or len(value) > 200:
        raise ValueError("1 to 200 printable characters are wanted")
    return value


def name(value: object) -> str:
    """Parse a name that can stand in file names, object names and logs."""
    given = text(value)
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", given):
        raise ValueError("only letters, digits and . _ - are allowed, 64 at the most")
    return given


def flag(value: object) -> bool:
    """Parse true or false."""
    if not isinstance(value, bool):
        raise ValueError("true or false is wanted, without quotes")  # noqa: TRY004 - collected as a mistake
    return value


def whole(lowest: int, highest: int) -> Parser[int]:
    """Make a parser of whole numbers from `lowest` to `highest`."""

    def parse(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
            raise ValueError(f"a whole number from {lowest} to {highest} is wanted")
        return value

    return parse


def choice(*allowed: str) -> Parser[str]:
    """Make a parser of one of the allowed words."""

    def parse(value: object) -> str:
        if not isinstance(value, str) or value not in allowed:
            raise ValueError(f"one of these is wanted: {', '.join(allowed)}")
        return value

    return parse
