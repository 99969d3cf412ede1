"""Which clips does a standing hold keep? Those that match its query, and those that may.

Pure rules. What is not known of a clip never lets it go: where its time is uncertain, where nobody is
assigned to its camera, the clip *may* match, and is kept as if it did. Only what is known to be different
is left out.

Times are nanoseconds since 1970, or the journal's texts, which sort like times.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Protocol

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.dates.dating import NOT_KNOWN, DateRule, is_certain
from bwvdock.core.clips.roster import NEVER, Roster, Span, unit_in
from bwvdock.core.moments import JITTER_NS, iso_of_ns, nanoseconds

_MS = 10**6
UNKNOWN_LENGTH_MS = 3_600_000
"""How long a recording of unknown length may be; its time may be that of its beginning or of its end."""
OTHERS = ""
"""Among the events of a clip: it may be of more than are named."""


class PlaceKind(StrEnum):
    """What the place of a hold names. Dock and site are where every clip of this dock was docked."""

    DOCK = "dock"
    SITE = "site"
    BAY = "bay"


class Fit(IntEnum):
    """Whether a clip is what is asked for, according to what is known of it."""

    NO = 0
    MAYBE = 1
    YES = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class HoldQuery:
    """What a hold asks for; "" is anything. `since` and `until` are times of recording, both inclusive."""

    camera: str = ""
    officer: str = ""
    unit: str = ""
    event: str = ""
    place: str = ""
    place_kind: str = ""
    since: str = ""
    until: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class StandingHold:
    """A standing hold that nobody has ended: its id, and what it asks for."""

    id: str
    query: HoldQuery


@dataclass(frozen=True, kw_only=True, slots=True)
class Match:
    """A clip matches a hold, or may: then `basis` says what is not known of it."""

    hold: str
    certain: bool
    basis: str


class Surroundings(Protocol):
    """What is known around a clip: who held its camera, where it was docked, which events it belongs to."""

    def roster(self, camera: str) -> Roster:
        """Return the recorded holders of a camera."""
        ...

    def enrolled_unit(self, camera: str) -> str:
        """Return the unit with which a camera is enrolled, "" for none."""
        ...

    def bay(self, docking: str) -> str:
        """Return the bay of a docking, "" for an unknown one."""
        ...

    def events(self, clip: str) -> Mapping[str, bool]:
        """Return the events that a clip belongs to (True), or may."""
        ...

    def dated_ns(self, clip: str) -> int | None:
        """Return when a clip was dated, by a clock that was synchronised; None if it was not."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """What is known of a clip that a hold may ask for.

    It was recorded between `begin_ns` and `end_ns` (None: no bound is known), surely so if `sure_ns` (the
    earliest and the latest time) is given. `officer` and `unit` are those at the best known time,
    `officers` and `units` all that had the camera at a time when it may have been recorded.
    """

    camera: str
    bay: str = ""
    officer: str = ""
    officers: frozenset[str] = frozenset()
    unit: str = ""
    units: frozenset[str] = frozenset()
    events: Mapping[str, bool] = field(default_factory=dict)
    begin_ns: int | None = None
    end_ns: int | None = None
    sure_ns: tuple[int, int] | None = None


def known_of(clip: Clip, around: Surroundings) -> Known:
    """Return what is known of a clip that was acquired."""
    begin_ns, end_ns, sure_ns = _bounds(clip, around)
    roster = around.roster(clip.camera)
    best = clip.recorded_at
    begin, end = _text(begin_ns, ""), _text(end_ns, NEVER)
    possible = [span for span in roster.spans if span.start <= end and span.end > begin]
    at_best = roster.span_at(best)
    own = around.enrolled_unit(clip.camera)
    gap = [None] if _has_gap(possible, begin, end) and not _is_sure(clip) else []
    return Known(
        camera=clip.camera,
        bay=around.bay(clip.docking),
        officer=clip.officer,
        officers=frozenset({clip.officer, *(span.officer for span in possible), *("" for _ in gap)}),
        unit=unit_in(at_best, own),
        units=frozenset(unit_in(span, own) for span in (at_best, *possible, *gap)),
        events=around.events(clip.id),
        begin_ns=begin_ns,
        end_ns=end_ns,
        sure_ns=sure_ns,
    )


def _is_sure(clip: Clip) -> bool:
    """Return whether the camera's own time is known to be right, or lies between two of its dockings."""
    dated = clip.dated
    return dated is not None and bool(dated.rule) and is_certain(dated.uncertainty_ms, dated.rule)


def _has_gap(spans: Sequence[Span], begin: str, end: str) -> bool:
    """Return whether nobody had the camera at some time when a clip may have been recorded."""
    reached = begin
    for span in spans:
        if span.start > reached:
            return True
        reached = max(reached, span.end)
    return reached < end


def _text(ns: int | None, otherwise: str) -> str:
    return otherwise if ns is None else iso_of_ns(ns)


def _bounds(clip: Clip, around: Surroundings) -> tuple[int | None, int | None, tuple[int, int] | None]:
    """Return between which times a clip may have been recorded, and surely was."""
    dated = clip.dated
    if dated is None or dated.rule in {"", DateRule.DOCK_CLOCK_UNKNOWN}:
        return None, None, None
    length = (clip.length_ms or UNKNOWN_LENGTH_MS) * _MS
    at = nanoseconds(datetime.fromisoformat(dated.recorded_at))
    if dated.uncertainty_ms == NOT_KNOWN:
        # It was dated when it was here already: it was not recorded after that.
        dated_ns = around.dated_ns(clip.id)
        return None, None if dated_ns is None else max(dated_ns, at) + JITTER_NS, None
    within = dated.uncertainty_ms * _MS
    sure = at - within, at + within
    return sure[0] - length, sure[1] + length, sure


def match(hold: StandingHold, known: Known) -> Match | None:
    """Return whether a clip matches a hold, or may; None where something is known to be different."""
    unknown = []
    for fit, doubt in _answers(hold.query, known):
        if fit is Fit.NO:
            return None
        if fit is Fit.MAYBE:
            unknown.append(doubt)
    if unknown:
        return Match(hold=hold.id, certain=False, basis="; ".join(unknown))
    return Match(hold=hold.id, certain=True, basis="all that the hold asks for is known of the clip")


def matches(holds: Iterable[StandingHold], known: Known) -> Iterator[Match]:
    """Yield how a clip matches each of the holds that it matches, or may."""
    for hold in holds:
        found = match(hold, known)
        if found is not None:
            yield found


def _answers(query: HoldQuery, known: Known) -> Iterator[tuple[Fit, str]]:
    if query.camera:
        same = Fit.YES if known.camera == query.camera else Fit.NO
        yield (same if known.camera else Fit.MAYBE), "the camera's serial was erased"
    if query.officer:
        yield _person(query.officer, known.officer, known.officers), _doubt("officer", known.officer)
    if query.unit:
        yield _person(query.unit, known.unit, known.units), _doubt("unit", known.unit)
    if query.place and query.place_kind == PlaceKind.BAY:
        yield (Fit.YES if known.bay == query.place else Fit.NO), ""
    if query.event:
        sure = known.events.get(query.event, known.events.get(OTHERS))
        yield (Fit.NO if sure is None else Fit.YES if sure else Fit.MAYBE), "it may belong to the event"
    if query.since or query.until:
        yield _time(query, known)


def _person(wanted: str, best: str, possible: frozenset[str]) -> Fit:
    if possible == {wanted}:
        return Fit.YES
    return Fit.MAYBE if not best or not possible.isdisjoint({wanted, ""}) else Fit.NO


def _doubt(what: str, best: str) -> str:
    if best:
        return f"the time of recording is uncertain, and the {what} at that time with it"
    return f"no {what} is known at the time of recording"


def _time(query: HoldQuery, known: Known) -> tuple[Fit, str]:
    since = nanoseconds(datetime.fromisoformat(query.since)) if query.since else None
    until = nanoseconds(datetime.fromisoformat(query.until)) if query.until else None
    before = since is not None and known.end_ns is not None and known.end_ns < since
    after = until is not None and known.begin_ns is not None and known.begin_ns > until
    if before or after:
        return Fit.NO, ""
    if known.sure_ns is None:
        return Fit.MAYBE, "the time of recording is not confirmed by any clock"
    earliest, latest = known.sure_ns
    if (since is None or earliest >= since) and (until is None or latest <= until):
        return Fit.YES, ""
    return Fit.MAYBE, "the time of recording is near the hold's, within its uncertainty and the clip's length"
