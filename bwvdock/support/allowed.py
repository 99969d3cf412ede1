"""Which values may be in a support bundle? Numbers, times, words of closed lists, names of our own making.

Nothing is looked for and taken out: what is not allowed here is not in the bundle.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from bwvdock.core.moments import iso

Rule = Callable[[object], Any]
"""Returns what may be said of a value, None if nothing may."""

_VERSION = re.compile(r"\d{1,4}(\.\d{1,5}){0,3}([~+-](rc|b|deb)?\d{1,4}(u\d{1,3})?)?")
_USB = re.compile(r"[0-9a-f]{4}:[0-9a-f]{4}")
_BAY = re.compile(r"\d{1,2}-\d{1,2}(\.\d{1,2}){0,6}")
_MOST = 2**53


class Pseudonyms:
    """Names of our own making for names of others: the same for the same, within one bundle."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], str] = {}
        self._counts: dict[str, int] = {}

    def of(self, kind: str) -> Rule:
        """Return the rule for names of one kind: "camera-1" for the first that is met."""

        def name(value: object) -> str | None:
            if not isinstance(value, str) or not value:
                return None
            if (kind, value) not in self._known:
                self._counts[kind] = self._counts.get(kind, 0) + 1
                self._known[kind, value] = f"{kind}-{self._counts[kind]}"
            return self._known[kind, value]

        return name


def number(value: object) -> int | float | None:
    """Return a number that a figure can be; texts of digits are not figures."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if -_MOST < value < _MOST else None


def digits(value: object) -> int | None:
    """Return the number that a text of the log has, where the field is one that counts."""
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= 15:
        return int(value)
    return None


def flag(value: object) -> bool | None:
    """Return true or false."""
    return value if isinstance(value, bool) else None


def given(value: object) -> bool:
    """Return whether there is a value, and not which."""
    return bool(value)


def moment(value: object) -> str | None:
    """Return a time, written anew."""
    try:
        found = datetime.fromisoformat(str(value))
        return iso(found.astimezone(UTC)) if found.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def word(*allowed: str) -> Rule:
    """Return the rule for words of a closed list."""
    return one_of(frozenset(allowed))


def one_of(allowed: Collection[str]) -> Rule:
    """Return the rule for words of a closed list."""

    def chosen(value: object) -> str | None:
        return next((known for known in allowed if known == value), None)

    return chosen


def _formed(pattern: re.Pattern[str]) -> Rule:
    def found(value: object) -> str | None:
        return value if isinstance(value, str) and pattern.fullmatch(value) else None

    return found


version = _formed(_VERSION)
usb_ids = _formed(_USB)
bay = _formed(_BAY)


def counts(allowed: Collection[str]) -> Rule:
    """Return the rule for numbers by words of a closed list."""

    def counted(value: object) -> dict[str, Any]:
        found = value if isinstance(value, Mapping) else {}
        return {key: number(found[key]) for key in allowed if key in found}

    return counted


def each(rules: Mapping[str, Rule]) -> Rule:
    """Return the rule for a list of mappings."""

    def all_of(value: object) -> list[dict[str, Any]]:
        items = value if isinstance(value, Sequence) and not isinstance(value, str | bytes) else ()
        return [picked(item, rules) for item in items if isinstance(item, Mapping)]

    return all_of


def within(rules: Mapping[str, Rule]) -> Rule:
    """Return the rule for a mapping."""
    return lambda value: picked(value, rules) if isinstance(value, Mapping) else None


def picked(found: Mapping[str, Any], rules: Mapping[str, Rule]) -> dict[str, Any]:
    """Return what the rules allow of a mapping, under the rules' own names."""
    return {name: rule(found[name]) for name, rule in rules.items() if name in found}
