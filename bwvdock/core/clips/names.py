"""Which names did somebody type that the journal does not have, and how is that said?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Named(StrEnum):
    """What a name is that of. Those who were sent to events count beside those who had a camera."""

    CAMERA = "camera"
    OFFICER = "officer"
    UNIT = "unit"
    EVENT = "event"
    CASE = "case"
    CLASS = "class"
    SENT_OFFICER = "officer sent"
    SENT_UNIT = "unit sent"


@dataclass(frozen=True, kw_only=True, slots=True)
class UnknownName:
    """A name that nothing in the journal has. `nearest` is one that differs by a slip of the hand, or "".

    A person, a unit or a case has no nearest: to be shown one is a consultation of it.
    """

    what: Named
    value: str
    nearest: str = ""


_SENTENCES: Mapping[Named, str] = {
    Named.CAMERA: "No camera {} was ever enrolled or docked here",
    Named.OFFICER: "No camera was ever assigned to officer {} here",
    Named.UNIT: "No camera was ever in unit {} here",
    Named.EVENT: "No event {} was ever imported here",
    Named.CASE: "No clip that you may see is of case {}",
    Named.CLASS: "No clip that you may see is of class {}, nor does the configuration have that class",
    Named.SENT_OFFICER: "No event names officer {}, and no camera was ever assigned to them here",
    Named.SENT_UNIT: "No event names unit {}, and no camera was ever in it here",
}


def sentence(unknown: UnknownName) -> str:
    """Return what is said of a name that nothing has."""
    near = f" Did you mean {unknown.nearest}?" if unknown.nearest else ""
    return f"{_SENTENCES[unknown.what].format(unknown.value)}.{near}"


_KEYS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_/. "


def slips(name: str) -> Iterator[str]:
    """Yield what somebody may have meant who typed a name with one slip, the likeliest first.

    In other letter case; with two neighbours exchanged; with one key too few, too many, or another one.
    """
    yield from (name.upper(), name.lower())
    pairs = [(name[:at], name[at:]) for at in range(len(name) + 1)]
    yield from (before + after[1] + after[0] + after[2:] for before, after in pairs if len(after) > 1)
    yield from (before + after[1:] for before, after in pairs if after)
    yield from (before + key + after for before, after in pairs for key in _KEYS)
    yield from (before + key + after[1:] for before, after in pairs if after for key in _KEYS)
