"""Is a recording missing between two others, judged by a camera's own numbering of its files?

Cameras count their recordings in the file's name (VID_0041.MP4, VID_0042.MP4). A number that was never seen
proves nothing: a test recording deleted on the camera also leaves a gap. It is a question for an auditor.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_NUMBERED = re.compile(r"(?P<series>.*?)(?P<number>[0-9]{1,6})(?P<rest>[^0-9]*)\Z")
_MOST_DIGITS = 8  # more is a date and a time, not a counter
_MOST_MISSING = 50  # a counter that jumps further was reset, for example by a repair


@dataclass(frozen=True, kw_only=True, slots=True)
class Gap:
    """A gap: between two consecutive recordings, `missing` numbers were never seen."""

    after: str
    before: str
    missing: int


def gaps(names: Iterable[str]) -> list[Gap]:
    """Return the gaps in one camera's numbering.

    Args:
        names: the names of its footage, without folders, in order of recording.
    """
    last: dict[tuple[str, str], tuple[int, str]] = {}
    found = []
    for name in names:
        stem, _, extension = name.rpartition(".")
        match = _NUMBERED.match(stem)
        if match is None or len(re.findall("[0-9]", stem)) > _MOST_DIGITS:
            continue
        series, number = (match["series"], f"{match['rest']}.{extension}"), int(match["number"])
        previous, after = last.get(series, (number, name))
        last[series] = number, name
        if 1 < number - previous <= _MOST_MISSING + 1:
            found.append(Gap(after=after, before=name, missing=number - previous - 1))
    return found
