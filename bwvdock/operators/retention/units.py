"""What follows for the classes of footage where an order moves a camera to another unit?

Footage has the class of its unit: of the unit of the officer who had the camera, else of the camera's own. A
roster may come after the footage. Then the class does too, with the roster: what it restricts is restricted
from then on, and is kept for as long as the class says. A camera's own unit is that of what is copied later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bwvdock.core.clips.classes.given import classify
from bwvdock.core.clips.classes.rules import RetentionClass, RetentionRules, unit_class
from bwvdock.core.clips.classes.veil import Veil
from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.roster import Assignment, Roster, unit_in
from bwvdock.core.custody.records import Enrolment, RecordedClip
from bwvdock.core.facts import BY_UNIT, CameraAssigned, CameraEnrolled, ClipClassified, Fact
from bwvdock.errors import UsageError

_EARLIEST = "0001-01-01T00:00:00.000Z"


class RosterReader(Protocol):
    """The part of the journal's reader that says who had a camera."""

    @property
    def veil(self) -> Veil | None:
        """What is hidden from the person who orders; None: nothing is."""
        ...

    def assignments(self, camera: str, /) -> Sequence[Assignment]:
        """Return the assignments of a camera, in the order in which they were recorded."""
        ...


class FootageReader(RosterReader, Protocol):
    """The part that says what was recorded with it, too."""

    def recorded_clips(self, camera: str, /, *, since: str) -> Iterable[RecordedClip]:
        """Return the acquired clips that a camera recorded at a time or later."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class _Units:
    """In which unit a camera was when: its roster, and the unit with which it is enrolled."""

    told: Sequence[Assignment]
    roster: Roster
    own: str

    def class_at(self, rules: RetentionRules, moment: str) -> RetentionClass | None:
        """Return the class of the camera's footage at a time."""
        return unit_class(rules.classes, unit_in(self.roster.span_at(moment), self.own))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Move:
    """What an order changes of it."""

    before: _Units
    after: _Units

    @property
    def moments(self) -> set[str]:
        """A time of each span of either, and one before all."""
        return {"", *(one.begins for one in self.after.told), *(one.ends for one in self.after.told)}


def require_may_move(
    facts: Iterable[Fact],
    reader: RosterReader,
    rules: RetentionRules,
    *,
    enrolment: Callable[[str], Enrolment],
) -> None:
    """Refuse to let somebody take a camera out of a unit whose footage they may not see.

    Its footage has the class of its unit from the start: that of another unit would be open to them.

    Args:
        facts: what their order leads to.
        reader: the journal's, as they may see it.
        rules: the classes of units.
        enrolment: returns what operators decided about a serial.

    Raises:
        UsageError: they would; nothing may be recorded.
    """
    closed = set(reader.veil.closed) if reader.veil else set()
    for camera, move in _moves(facts, reader, enrolment).items() if closed else ():
        for moment in move.moments:
            was = move.before.class_at(rules, moment)
            if was and was.name in closed and move.after.class_at(rules, moment) != was:
                raise UsageError(
                    f"Camera {camera} is in a unit whose footage is restricted, and you may not see that, so "
                    "you may not take the camera out of the unit. Nothing was recorded.",
                    remedy="Ask somebody who may see that footage, or root",
                )


def classes_given(
    facts: Iterable[Fact],
    reader: FootageReader,
    rules: RetentionRules,
    *,
    enrolment: Callable[[str], Enrolment],
    clip_of: Callable[[str], Clip | None],
) -> Iterator[ClipClassified]:
    """Yield the classes of footage that is that of another unit once these assignments are recorded.

    A class that it has stays: only a person takes one away.

    Args:
        facts: what an order leads to.
        reader: the journal's.
        rules: the classes of units.
        enrolment: returns what operators decided about a serial.
        clip_of: returns a clip as it is before them.
    """
    if not any(one.units for one in rules.classes):
        return
    for camera, move in _moves(facts, reader, enrolment).items():
        for recorded in reader.recorded_clips(camera, since=_EARLIEST):
            of = move.after.class_at(rules, recorded.recorded_at)
            if of is None or of == move.before.class_at(rules, recorded.recorded_at):
                continue
            clip = clip_of(recorded.clip)
            if clip is not None and all(one.name != of.name for one in clip.classes):
                yield classify(clip.id, of, basis=BY_UNIT)


def _moves(
    facts: Iterable[Fact], reader: RosterReader, enrolment: Callable[[str], Enrolment]
) -> Mapping[str, _Move]:
    """Return what facts change of each camera that they are about."""
    changed: dict[str, list[CameraAssigned | CameraEnrolled]] = {}
    for fact in facts:
        if isinstance(fact, CameraAssigned | CameraEnrolled):
            changed.setdefault(fact.camera, []).append(fact)
    found = {}
    for camera, said in changed.items():
        told, own = reader.assignments(camera), enrolment(camera).unit
        after = [*told, *map(_assignment, (one for one in said if isinstance(one, CameraAssigned)))]
        units = [one.unit for one in said if isinstance(one, CameraEnrolled)]
        found[camera] = _Move(
            before=_Units(told=told, roster=Roster(told), own=own),
            after=_Units(told=after, roster=Roster(after), own=[own, *units][-1]),
        )
    return found


def _assignment(fact: CameraAssigned) -> Assignment:
    return Assignment(officer=fact.officer, begins=fact.valid_from, ends=fact.valid_to, unit=fact.unit)
