"""Which events may a clip be footage of? The one rule, a function of what is known of both.

A clip's date is that of the beginning or of the end of its recording (core/clips/dates/date_evidence.py), and
is accurate to so many milliseconds either way. So the beginning of the recording lies in a range:

    earliest - uncertainty  ..  latest + uncertainty

A clip *possibly* belongs to an event if it overlaps it, the event's margins included, for any beginning in
that range; it *certainly* does if it overlaps the event itself, without margins, for every beginning in it,
and is attributed to an officer who was sent there. A unit may be many people: that one of its cameras
recorded meanwhile makes a match possible, never certain. Nothing is resolved by a guess: where several events
fit, all of them are named.

Times are milliseconds since 1970.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bwvdock.core.clips.dates.date_evidence import NO_CAMERA_BEFORE_NS
from bwvdock.core.clips.dates.dating import is_certain
from bwvdock.core.facts.events import BY_OFFICER, CERTAIN, POSSIBLE
from bwvdock.core.moments import without_zone

REACH_MS = 7 * 86_400_000
"""How far from its date a clip is looked for at most, however uncertain that date is."""

MOST_NAMED = 20
"""Of one clip; a clip whose date may be days off may be of any call of these days."""

_MS = 10**6


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """The margins of events: `before` the officers were sent, `after` they were cleared; `longest` is theirs.

    An event that lasts longer than `longest`, or has no end, was probably never cleared.
    """

    before_ms: int
    after_ms: int
    longest_ms: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Recording:
    """When a clip was recorded. It began between `earliest_ms` and `latest_ms`, by its date alone.

    `uncertainty_ms` is the accuracy of that date either way, -1 if it is not known. `trusted`: the date is
    the camera's own time, was not taken from the docking, and the video's header does not contradict it.
    """

    earliest_ms: int
    latest_ms: int
    length_ms: int
    uncertainty_ms: int
    trusted: bool

    @property
    def reach_ms(self) -> int:
        """How far from its date it is looked for."""
        return min(max(self.uncertainty_ms, 0), REACH_MS)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sent:
    """An officer or a unit was sent to an event; `cleared_ms` is None where nobody said when that ended."""

    event: str
    role: str
    dispatched_ms: int
    cleared_ms: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Match:
    """An event that a clip may be of; `gap_ms` is how far apart both are as the clip is dated."""

    event: str
    basis: str
    role: str
    overlap_ms: int
    gap_ms: int

    @property
    def rank(self) -> tuple[bool, bool, int, int, str]:
        """Its place among others: what is certain comes first, then what overlaps longest."""
        return (
            self.basis != CERTAIN,
            self.role != BY_OFFICER,
            -self.overlap_ms,
            self.gap_ms,
            self.event,
        )


def recording(
    *,
    recorded_ns: int,
    raw_ns: int,
    header_s: int,
    length_ms: int,
    uncertainty_ms: int,
    rule: str,
) -> Recording:
    """Return when a clip was recorded.

    Args:
        recorded_ns: its date.
        raw_ns: the camera's time that this follows from, before any correction.
        header_s: when its recording began by its movie header (s since 1970; 0 for none).
        length_ms: its length, 0 where it is not known.
        uncertainty_ms: of its date, -1 where it is not known.
        rule: of its date (core/clips/dates/dating.py).
    """
    begins, ends, contradicted = True, True, False
    if header_s * 10**9 >= NO_CAMERA_BEFORE_NS:
        apart = raw_ns - header_s * 10**9
        as_begin, as_end = _fits(apart), _fits(apart - length_ms * _MS)
        contradicted = not (as_begin or as_end)
        if as_begin != as_end:
            begins, ends = as_begin, as_end
    at = recorded_ns // _MS
    return Recording(
        earliest_ms=at - length_ms if ends else at,
        latest_ms=at if begins else at - length_ms,
        length_ms=length_ms,
        uncertainty_ms=uncertainty_ms,
        trusted=is_certain(uncertainty_ms, rule) and not contradicted,
    )


def _fits(apart_ns: int) -> bool:
    return without_zone(apart_ns) is not None


def match(clip: Recording, sent: Sent, rules: Rules) -> Match | None:
    """Return how a clip fits an event to which its officer or unit was sent; None if it cannot be of it."""
    begins, given = sent.dispatched_ms, sent.cleared_ms
    ends = begins + rules.longest_ms if given is None else given
    reach = clip.reach_ms
    first, last = clip.earliest_ms - reach, clip.latest_ms + reach
    if first > ends + rules.after_ms or last + clip.length_ms < begins - rules.before_ms:
        return None
    certain = (
        clip.trusted
        and reach == clip.uncertainty_ms
        and sent.role == BY_OFFICER
        and given is not None
        and ends - begins <= rules.longest_ms
        and last <= ends
        and first + clip.length_ms >= begins
    )
    overlap, gap = _overlap(clip, begins, ends)
    return Match(
        event=sent.event,
        basis=CERTAIN if certain else POSSIBLE,
        role=sent.role,
        overlap_ms=overlap,
        gap_ms=gap,
    )


def _overlap(clip: Recording, begins: int, ends: int) -> tuple[int, int]:
    """Return for how long a clip overlaps an event as it is dated, and how far apart both are."""
    overlaps = [
        min(start + clip.length_ms, ends) - max(start, begins) for start in (clip.earliest_ms, clip.latest_ms)
    ]
    return max(min(overlaps), 0), max(-min(overlaps), 0)


class Sendings:
    """To which events one officer, or one unit, was sent; in order of time."""

    def __init__(self, sent: Iterable[Sent]) -> None:
        """Take them in any order."""
        self._sent = sorted(sent, key=lambda one: (one.dispatched_ms, one.event, one.cleared_ms or 0))
        self._begin = [one.dispatched_ms for one in self._sent]
        self._longest = max(
            (one.cleared_ms - one.dispatched_ms for one in self._sent if one.cleared_ms), default=0
        )

    def near(self, clip: Recording, rules: Rules) -> Sequence[Sent]:
        """Return those that a clip may be of, and perhaps some more."""
        lasts = max(self._longest, rules.longest_ms)
        first = clip.earliest_ms - clip.reach_ms - rules.after_ms - lasts
        last = clip.latest_ms + clip.length_ms + clip.reach_ms + rules.before_ms
        return self._sent[bisect_left(self._begin, first) : bisect_right(self._begin, last)]


def matches(clip: Recording, sendings: Iterable[Sendings], rules: Rules) -> tuple[list[Match], int]:
    """Return the events that a clip may be of, the most certain first, and how many more are possible.

    Args:
        clip: when it was recorded.
        sendings: where its officer was sent, and its unit.
        rules: the margins.
    """
    best: dict[str, Match] = {}
    for found in _all(clip, sendings, rules):
        before = best.get(found.event)
        if before is None or found.rank < before.rank:
            best[found.event] = found
    ranked = sorted(best.values(), key=lambda one: one.rank)
    certain = sum(one.basis == CERTAIN for one in ranked)
    named = max(MOST_NAMED, certain)
    return ranked[:named], max(len(ranked) - named, 0)


def _all(clip: Recording, sendings: Iterable[Sendings], rules: Rules) -> Iterator[Match]:
    for one in sendings:
        for sent in one.near(clip, rules):
            found = match(clip, sent, rules)
            if found is not None:
                yield found
