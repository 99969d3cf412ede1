"""Which rows of a list of cameras are new, changed or the same, and what does enrolling them lead to?

All rows are recorded, or none. A camera that was revoked is not admitted by a list: somebody decided about
that camera, and has to decide again. Pure functions: command and daemon both ask them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from bwvdock.core.clips.admission import wrong_with_serial
from bwvdock.core.custody.records import Enrolment
from bwvdock.core.facts import CameraEnrolled
from bwvdock.operators.decisions import Decision, noted, printable, require_no_mistakes
from bwvdock.operators.requests import EnrolRows
from bwvdock.units import format_count


class Change(StrEnum):
    """What a row changes."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"


@dataclass(frozen=True, kw_only=True, slots=True)
class EnrolmentRow:
    """A camera of the list as it is after the import; `line` is its line in the file."""

    line: str
    serial: str
    model: str
    unit: str
    change: Change


def enrolment_rows(rows: Sequence[Sequence[str]], known: Callable[[str], Enrolment]) -> list[EnrolmentRow]:
    """Return what each row of (line, serial, model, unit) changes.

    Args:
        rows: of the file; an empty model or unit leaves what is known.
        known: returns what operators decided about a serial.

    Raises:
        UsageError: rows cannot be recorded; every such row is named.
    """
    found, mistakes = _gathered(rows, known)
    require_no_mistakes(mistakes)
    return list(found.values())


def mistakes_in_cameras(rows: Sequence[Sequence[str]], known: Callable[[str], Enrolment]) -> list[str]:
    """Return all that is wrong with the rows of such a file."""
    return _gathered(rows, known)[1]


def _gathered(
    rows: Sequence[Sequence[str]], known: Callable[[str], Enrolment]
) -> tuple[dict[str, EnrolmentRow], list[str]]:
    found: dict[str, EnrolmentRow] = {}
    mistakes: list[str] = []
    for row in rows:
        wrong: list[str] = []
        new = _row(row, known, wrong)
        if new is not None and not wrong:
            _require_once(new, found.setdefault(new.serial, new), wrong)
        mistakes += [f"line {row[0] if row else '?'}: {mistake}" for mistake in wrong]
    return found, mistakes


def _row(row: Sequence[str], known: Callable[[str], Enrolment], wrong: list[str]) -> EnrolmentRow | None:
    """Return what a row changes; None, or what is said of it is wrong, where it cannot be recorded."""
    if len(row) != 4:
        wrong.append("a row has a line, a serial, a model and a unit.")
        return None
    line, *texts = row
    serial = noted(wrong, partial(printable, texts[0], "serial"), "")
    model, unit = (
        noted(wrong, partial(printable, text, what), "") if text.strip() else ""
        for text, what in zip(texts[1:], ("model", "unit"), strict=True)
    )
    if serial and (fault := wrong_with_serial(serial)):
        wrong.append(f"serial {serial} {fault}.")
    before = known(serial)
    if before.revoked is not None:
        why = f" ({before.revoked})" if before.revoked else ""
        wrong.append(
            f"camera {serial} was revoked{why}; to admit it again, enrol it by itself: bwvdock cameras enrol."
        )
    model, unit = model or before.model, unit or before.unit
    same = before.enrolled and (model, unit) == (before.model, before.unit)
    change = Change.SAME if same else Change.CHANGED if before.enrolled else Change.NEW
    return EnrolmentRow(line=line, serial=serial, model=model, unit=unit, change=change)


def _require_once(new: EnrolmentRow, earlier: EnrolmentRow, wrong: list[str]) -> None:
    if (earlier.model, earlier.unit) != (new.model, new.unit):
        wrong.append(
            f"camera {new.serial} is in line {earlier.line} as well, and there it is described differently."
        )


def sums_of(rows: Sequence[EnrolmentRow]) -> dict[str, int]:
    """Return how many rows there are of each change."""
    return {str(change): sum(row.change is change for row in rows) for change in Change}


def message_of(sums: Mapping[str, int], *, recorded: bool = True) -> str:
    """Return the message about rows that were recorded, or would be."""
    new, changed, same = (sums[change] for change in Change)
    would = "" if recorded else "would be "
    said = [f"{format_count(new, 'camera')} {would}enrolled"]
    said += [f"{changed:,} {would}changed"] if changed else []
    said += [f"{same:,} already recorded"] if same else []
    return f"{', '.join(said)}."


def enrol_rows(order: EnrolRows, known: Callable[[str], Enrolment], actor: str) -> Decision:
    """Return what enrolling the cameras of a list leads to.

    Raises:
        UsageError: as `enrolment_rows` does.
    """
    rows = enrolment_rows(order.rows, known)
    facts = tuple(
        CameraEnrolled(camera=row.serial, model=row.model, actor=actor, unit=row.unit)
        for row in rows
        if row.change is not Change.SAME
    )
    sums = sums_of(rows)
    return Decision(facts=facts, message=message_of(sums), sums=sums)
