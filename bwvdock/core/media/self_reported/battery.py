"""How full is a camera's battery, as the camera says? In percent, or it is not known."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from bwvdock.core.media.fields import FieldFormat, field_in

FULL = 100
_FAT_NS = 2 * 10**9  # the resolution of FAT


class BatterySource(StrEnum):
    """Who said how full the battery is."""

    NONE = ""
    CAMERA = "camera"  # it was asked, and is asked again while it is idle
    FILE = "file"  # one that the camera wrote before or while it was docked


@dataclass(frozen=True, kw_only=True, slots=True)
class BatteryRule:
    """Which file of a camera says how full its battery is.

    Attributes:
        file: a pattern for it.
        key: the field of its text with the level.
        format: how the file is written.
        full: the level of a full battery; that of an empty one is 0.
    """

    file: str
    key: str
    format: FieldFormat = FieldFormat.JSON
    full: int = FULL


def percent(level: int, *, empty: int, full: int) -> int | None:
    """Return how full a battery is, in whole percent, rounded down; None where the level is off its scale."""
    if not empty < full or not empty <= level <= full:
        return None
    return (level - empty) * FULL // (full - empty)


def told(rule: BatteryRule, *, content: bytes, mtime_ns: int, others_ns: Collection[int]) -> int | None:
    """Return what a file says of the battery, in percent; None where it cannot be used.

    Args:
        rule: the profile's.
        content: that of the file.
        mtime_ns: its modification time, in nanoseconds since 1970.
        others_ns: the times of all other files on the medium: a file that is older than one of them was not
            written at this docking.
    """
    if any(other > mtime_ns + _FAT_NS for other in others_ns):
        return None
    said = re.fullmatch(r"(\d{1,9})(?:\.\d{1,9})?\s*%?", field_in(content, rule.key, rule.format), re.ASCII)
    return percent(int(said[1]), empty=0, full=rule.full) if said else None
