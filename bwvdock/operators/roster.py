"""Who held which camera when? What assignments lead to, for the roster and for clips already acquired.

All rows of an order are recorded, or none; a very long order is split first (`in_parts`). A row that
contradicts an earlier assignment is refused, unless it is a correction; entries are never changed, so a
correction is one more entry that takes precedence over the others.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from bwvdock.core.clips.roster import NEVER, Assignment, Roster, Span
from bwvdock.core.facts import CameraAssigned, ClipAttributed
from bwvdock.errors import UsageError
from bwvdock.operators.assigned_rows import assigned_time
from bwvdock.operators.decisions import Decision, DecisionReader, named_mistakes, noted, printable
from bwvdock.operators.events.requests import ImportEvents
from bwvdock.operators.requests import Assign, EnrolRows
from bwvdock.units import format_count

Many = TypeVar("Many", bound=Assign | EnrolRows | ImportEvents)
PART_ROWS = 1000  # recorded in one transaction: a moment for the thread that writes the journal
_PART_EVENTS = 250  # likewise: each has several values to be committed to
MOST_CLIPS = 20_000  # re-attributed by one order: some seconds for the thread that writes the journal


@dataclass(slots=True)
class _Work:
    """The facts and mistakes in the rows of an order so far."""

    reader: DecisionReader | None  # None: of what was recorded before nothing is known
    actor: str
    correct: bool
    rosters: dict[str, Roster] = field(default_factory=dict)
    since: dict[str, str] = field(default_factory=dict)
    facts: list[CameraAssigned] = field(default_factory=list)
    mistakes: list[str] = field(default_factory=list)

    def take(self, row: Sequence[str], *, sure: bool = True) -> None:
        """Add a row, or note all that is wrong with it; one whose times are not sure contradicts none."""
        line = f"line {row[0]}: " if row and row[0] else ""
        wrong: list[str] = []
        camera, new = _assignment(row, wrong)
        self.mistakes += [line + mistake for mistake in wrong]
        if wrong or not sure:
            return
        roster = self._roster(camera)
        clash = None if self.correct else roster.clash(new)
        if clash is not None:
            self.mistakes.append(line + _contradiction(camera, new, clash))
        elif not roster.knows(new):
            roster.add(new)
            self.since[camera] = min(new.begins, self.since.get(camera, NEVER))
            self.facts.append(
                CameraAssigned(
                    camera=camera,
                    officer=new.officer,
                    valid_from=new.begins,
                    valid_to=new.ends,
                    actor=self.actor,
                    unit=new.unit,
                )
            )

    def _roster(self, camera: str) -> Roster:
        if camera not in self.rosters:
            self.rosters[camera] = Roster(self.reader.assignments(camera) if self.reader else ())
        return self.rosters[camera]

    def attributions(self, reader: DecisionReader) -> Iterator[ClipAttributed]:
        """Return the changes for the clips already acquired."""
        for camera, since in self.since.items():
            for clip in reader.recorded_clips(camera, since=since):
                officer = self.rosters[camera].officer_at(clip.recorded_at)
                if clip.disputed and officer == _held_before(reader, camera, clip.recorded_at):
                    continue  # this order says nothing about what was disputed
                if officer != clip.officer:
                    yield ClipAttributed(clip=clip.clip, officer=officer)


def _held_before(reader: DecisionReader, camera: str, moment: str) -> str:
    return Roster(reader.assignments(camera)).officer_at(moment)


def assign(order: Assign, reader: DecisionReader, actor: str) -> Decision:
    """Return what assignments lead to.

    Raises:
        UsageError: a row cannot be recorded or contradicts an earlier assignment (every such row is named),
            or more clips are affected than one order may change.
    """
    work = _Work(reader, actor, order.correct)
    for row in order.rows:
        work.take(row)
    if work.mistakes:
        raise _refusal(order, work.mistakes)
    clips = list(work.attributions(reader))
    if len(clips) > MOST_CLIPS:
        raise UsageError(
            f"This would attribute {len(clips):,} clips at once, more than the {MOST_CLIPS:,} allowed. "
            "Nothing was recorded.",
            remedy="Split the roster, for example by month, and import the parts.",
        )
    sums = {
        "assignments": len(work.facts),
        "cameras": len(work.since),
        "known": len(order.rows) - len(work.facts),
        "clips": len(clips),
    }
    message = _message_of_one(work, reader, len(clips)) if len(order.rows) == 1 else message_of_rows(sums)
    return Decision(facts=(*work.facts, *clips), message=message, sums=sums)


def facts_of_assignment(
    camera: str, new: Assignment, reader: DecisionReader, actor: str
) -> tuple[CameraAssigned | ClipAttributed, ...]:
    """Return what one assignment that the dock itself makes leads to.

    Raises:
        UsageError: it cannot be recorded, or contradicts an earlier one.
    """
    work = _Work(reader, actor, correct=False)
    work.take(("", camera, new.officer, new.begins, new.ends, *([new.unit] if new.unit else [])))
    if work.mistakes:
        raise UsageError(f"{work.mistakes[0]}")
    return (*work.facts, *work.attributions(reader))


def in_parts(order: Many) -> Iterator[Many]:
    """Split the rows of an order into parts that can be recorded one by one with the same result.

    All rows of a camera (or of an event) stay in one part: no clip is attributed by half of its roster.
    """
    of_camera: dict[str, list[tuple[str, ...]]] = {}
    for row in order.rows:
        of_camera.setdefault(row[1].strip(), []).append(row)
    part: list[tuple[str, ...]] = []
    for rows in of_camera.values():
        if part and len(part) + len(rows) > part_rows(order):
            yield replace(order, rows=tuple(part))
            part = []
        part += rows
    if part:
        yield replace(order, rows=tuple(part))


def part_rows(order: Assign | EnrolRows | ImportEvents) -> int:
    """Return how many rows of an order are recorded in one transaction."""
    return _PART_EVENTS if isinstance(order, ImportEvents) else PART_ROWS


def mistakes_in_roster(rows: Sequence[Sequence[str]], unsure: Collection[str], *, correct: bool) -> list[str]:
    """Return all that is wrong with a roster's rows by themselves, whatever was recorded before.

    Args:
        rows: of the roster.
        unsure: the lines in which a time could not be read, and was replaced by another.
        correct: the rows may contradict each other.
    """
    work = _Work(None, "", correct)
    for row in rows:
        work.take(row, sure=row[0] not in unsure)
    return work.mistakes


def _assignment(row: Sequence[str], wrong: list[str]) -> tuple[str, Assignment]:
    """Return the camera and the assignment of a row; what is wrong with it is noted."""
    if len(row) not in {5, 6}:
        wrong.append("a row needs a line, a serial, an officer, two times and perhaps a unit.")
        return "", Assignment(officer="", begins="", ends="", unit="")
    _, serial, officer, begins, ends, *units = row
    unit = "".join(units).strip()
    new = Assignment(
        officer=noted(wrong, lambda: printable(officer, "officer"), ""),
        begins=noted(wrong, lambda: _time(begins), ""),
        ends=noted(wrong, lambda: _time(ends), "") if ends else "",
        unit=noted(wrong, lambda: printable(unit, "unit"), "") if unit else "",
    )
    if new.begins and new.ends and new.ends <= new.begins:
        wrong.append(f"it ends ({new.ends}) before it begins ({new.begins}), or at once.")
    return noted(wrong, lambda: printable(serial, "serial"), ""), new


def _time(text: str) -> str:
    try:
        return assigned_time(text)
    except ValueError as error:
        raise UsageError(f"{error}.") from None


def _contradiction(camera: str, new: Assignment, old: Span) -> str:
    until = f"until {old.end}" if old.end != NEVER else "with no end date"
    return (
        f"camera {camera} was held by {old.officer} from {old.start} {until}; {new.officer} cannot have "
        f"held it from {new.begins} {f'until {new.ends}' if new.ends else 'on'}"
    )


def _refusal(order: Assign, mistakes: Sequence[str]) -> UsageError:
    remedy = "Correct it, then enter it again."
    if any("was held by" in mistake for mistake in mistakes):
        remedy = "If the earlier assignment was wrong, add --correct: this one then replaces it."
    if len(order.rows) == 1:
        mistake = mistakes[0].rstrip(".")
        return UsageError(f"{mistake[:1].upper()}{mistake[1:]}. Nothing was recorded.", remedy=remedy)
    rows = len({mistake.partition(":")[0] for mistake in mistakes})
    head = f"{format_count(rows, 'row')} cannot be recorded, so none was:"
    return UsageError(f"{head}\n{named_mistakes(mistakes)}", remedy=remedy)


def message_of_rows(sums: Mapping[str, int]) -> str:
    """Return the message about an order over many rows."""
    known, clips = sums["known"], sums["clips"]
    skipped = f" {format_count(known, 'row')} already recorded." if known else ""
    new = format_count(sums["assignments"], "assignment")
    return f"{new} of {format_count(sums['cameras'], 'camera')} recorded.{skipped}{_anew(clips)}"


def _message_of_one(work: _Work, reader: DecisionReader, clips: int) -> str:
    [camera] = work.rosters
    if not work.facts:
        return f"Camera {camera}: this assignment is already recorded; nothing changed."
    [fact] = work.facts
    end = f"until {fact.valid_to}" if fact.valid_to else "until its next assignment"
    of_unit = f" ({fact.unit})" if fact.unit else ""
    said = f"Camera {camera} is assigned to {fact.officer}{of_unit} from {fact.valid_from} {end}."
    return f"{said}{_unknown(reader, camera)}{_anew(clips)}"


def _unknown(reader: DecisionReader, camera: str) -> str:
    if any(row.serial == camera for row in reader.cameras()):
        return ""
    return f" {camera} is not known here yet (neither enrolled nor docked): check the serial."


def _anew(clips: int) -> str:
    return (
        f" {format_count(clips, 'clip')} {'was' if clips == 1 else 'were'} attributed as a result."
        if clips
        else ""
    )
