"""Who held a camera at a given time, according to the recorded assignments?

Assignments are taken in the order in which they were recorded. One without an end lasts until another of
the same camera begins: so a new holder ends the previous assignment, whichever was recorded first. One with
an end is firm. Where two contradict each other, the later record counts; the caller decides whether that is
allowed (`clash`). No officer is guessed: between and outside the spans there is none.

Times are the journal's texts (ISO 8601, UTC, milliseconds), which sort like times.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

NEVER = "~"
"""A text that sorts after every time."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Assignment:
    """An officer held a camera from `begins` on, until `ends` (not included; "" for no end yet).

    `unit` is the officer's at that time, "" where none was named.
    """

    officer: str
    begins: str
    ends: str = ""
    unit: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """A period with one holder; `told` is the assignment behind it."""

    start: str
    end: str
    told: Assignment

    @property
    def officer(self) -> str:
        """The officer who held the camera."""
        return self.told.officer

    @property
    def open(self) -> bool:
        """Whether it has no end: it then ends where another begins."""
        return not self.told.ends


def unit_in(span: Span | None, own: str) -> str:
    """Return the unit of a camera in a period: its holder's, else the camera's own; "" for none."""
    return span.told.unit if span and span.told.unit else own


class Roster:
    """The holders of one camera: spans that do not overlap, in order of time."""

    def __init__(self, assignments: Iterable[Assignment] = ()) -> None:
        """Start from the recorded assignments, oldest entry first."""
        self._begins: list[str] = []
        self._spans: list[Span] = []
        for assignment in assignments:
            self.add(assignment)

    @property
    def spans(self) -> Sequence[Span]:
        """All spans, the earliest first."""
        return tuple(self._spans)

    def officer_at(self, moment: str) -> str:
        """Return who held the camera at a time, "" where no assignment covers it."""
        span = self.span_at(moment)
        return span.officer if span else ""

    def span_at(self, moment: str) -> Span | None:
        """Return the period that covers a time, None where no assignment does."""
        before = bisect_right(self._spans, moment, key=_start) - 1
        if before < 0 or self._spans[before].end <= moment:
            return None
        return self._spans[before]

    def add(self, new: Assignment) -> None:
        """Add an assignment; it takes precedence over earlier ones that it contradicts."""
        span = self.span(new)
        first, last = self._touched(span)
        pieces = [piece for old in self._spans[first:last] for piece in _rest(old, span)]
        self._spans[first:last] = sorted([*pieces, span], key=_start)
        at = bisect_left(self._begins, new.begins)
        if self._begins[at : at + 1] != [new.begins]:
            insort(self._begins, new.begins)

    def span(self, new: Assignment) -> Span:
        """Return the period that an assignment would cover."""
        later = bisect_right(self._begins, new.begins)
        following = self._begins[later] if later < len(self._begins) else NEVER
        return Span(start=new.begins, end=new.ends or following, told=new)

    def clash(self, new: Assignment) -> Span | None:
        """Return the first span of another officer that an assignment contradicts, or None.

        Beginning within an open span is not a contradiction: it ends that span.
        """
        first, last = self._touched(self.span(new))
        for old in self._spans[first:last]:
            gives_way = old.open and old.told.begins < new.begins
            if old.officer != new.officer and not gives_way:
                return old
        return None

    def knows(self, new: Assignment) -> bool:
        """Return whether an assignment is already covered; one that names no unit says nothing about it."""
        span = self.span(new)
        first, last = self._touched(span)
        reached = span.start
        for old in self._spans[first:last]:
            other = old.officer != new.officer or new.unit not in {"", old.told.unit}
            if old.start > reached or other or (new.ends and old.open):
                return False
            reached = old.end
        return reached >= span.end

    def _touched(self, span: Span) -> tuple[int, int]:
        """Return the range of the spans that overlap this one."""
        first = max(0, bisect_right(self._spans, span.start, key=_start) - 1)
        if first < len(self._spans) and self._spans[first].end <= span.start:
            first += 1
        return first, max(first, bisect_left(self._spans, span.end, key=_start))


def _start(span: Span) -> str:
    return span.start


def _rest(old: Span, new: Span) -> Iterator[Span]:
    """Return what is left of a span when another is laid over it."""
    if old.start < new.start:
        yield replace(old, end=new.start)
    ended = old.open and old.told.begins <= new.told.begins
    if old.end > new.end and not ended:
        yield replace(old, start=new.end)


# --- units ---------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class UnitSpan:
    """A camera was of a unit, such as a borough or a team, from `start` on, until `end` (not included)."""

    camera: str
    unit: str
    start: str
    end: str


def unit_at(spans: Iterable[UnitSpan], moment: str) -> str:
    """Return the unit at a time, "" for none: the last of the spans that cover it counts.

    That of an assignment comes after the one with which the camera is enrolled, which is always valid.
    """
    found = ""
    for span in spans:
        if span.start <= moment < span.end:
            found = span.unit
    return found
