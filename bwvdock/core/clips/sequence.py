"""Is a recording missing between two others, judged by a camera's own numbering of its files?

Cameras count their recordings in the file's name (VID_0041.MP4, VID_0042.MP4). A number that was never seen
proves nothing: a test recording deleted on the camera also leaves a gap. It is a question for an auditor.

A number is not missing if it was seen after all: with a time that was never set, or as a still picture that
shares the clips' counter (DCF counts all files of a folder together, whatever their kind).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from bwvdock.core.paced import GiveWay, go_on, paced

_NUMBERED = re.compile(r"(?P<series>.*?)(?P<number>[0-9]{1,6})(?P<rest>[^0-9]*)\Z")
_MOST_DIGITS = 8  # more is a date and a time, not a counter
_MOST_SERIES = 16  # a camera has a few kinds of files; names in many series do not share a counter
_PACE = 512  # names that are looked at without giving way to anybody
_MOST_MISSING = 50  # a counter that jumps further was reset, for example by a repair

Series = tuple[str, str]
"""What the names of one counter have in common: the text before the number, and after it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Gap:
    """A gap: between two consecutive recordings, `missing` numbers were never seen."""

    after: str
    before: str
    missing: int


@dataclass(frozen=True, order=True, slots=True)
class _Recording:
    """One numbered recording; of those with the same time the lower number came first."""

    time: int
    number: int
    name: str
    series: Series = field(compare=False)
    docking: str = field(compare=False)


def gaps(
    names: Iterable[str],
    *,
    times: Sequence[int] = (),
    dockings: Sequence[str] = (),
    give_way: GiveWay = go_on,
) -> list[Gap]:
    """Return the gaps in one camera's numbering.

    Args:
        names: the names of its footage, without folders.
        times: when each was recorded; without them the names are in order of recording.
        dockings: the docking that found each; without them one docking found all.
        give_way: called now and then.
    """
    recordings = sorted(_recordings(paced(names, give_way, every=_PACE), times, dockings))
    seen: dict[str, dict[Series, set[int]]] = defaultdict(lambda: defaultdict(set))
    for one in recordings:
        seen[one.docking][one.series].add(one.number)
    last: dict[Series, _Recording] = {}
    found = []
    for one in paced(recordings, give_way, every=_PACE):
        before = last.get(one.series, one)
        last[one.series] = one
        if 1 < one.number - before.number <= _MOST_MISSING + 1:
            there: set[int] = set()
            for docking in {before.docking, one.docking}:
                there |= _counted(seen[docking], one.series)
            if missing := len(set(range(before.number + 1, one.number)) - there):
                found.append(Gap(after=before.name, before=one.name, missing=missing))
    return found


def _recordings(names: Iterable[str], times: Sequence[int], dockings: Sequence[str]) -> Iterator[_Recording]:
    for place, name in enumerate(names):
        stem, _, extension = name.rpartition(".")
        match = _NUMBERED.match(stem)
        if match is None or len(re.findall("[0-9]", stem)) > _MOST_DIGITS:
            continue
        yield _Recording(
            times[place] if times else place,
            int(match["number"]),
            name,
            (match["series"], f"{match['rest']}.{extension}"),
            dockings[place] if dockings else "",
        )


def _counted(seen: dict[Series, set[int]], series: Series) -> set[int]:
    """Return the numbers that a docking showed of a series, and of those that seem to share its counter.

    Two that have a number in common count each for itself.
    """
    own = seen.get(series, set())
    if len(seen) > _MOST_SERIES:
        return own
    return own.union(*(numbers for other, numbers in seen.items() if other != series and not numbers & own))
