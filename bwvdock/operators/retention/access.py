"""Who may see footage of restricted classes? Root, and the groups that the configuration names.

The kernel says in which groups a process is that asks (edges/peer.py); what the process says itself counts
for nothing here. Those who may see a class may also give orders about its clips, and nobody else may.
"""

from __future__ import annotations

import grp
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Protocol

from bwvdock.core.clips.classes.rules import NO_CLASSES, RetentionRules, unit_class
from bwvdock.core.clips.classes.veil import Veil
from bwvdock.core.clips.roster import Assignment, Roster
from bwvdock.core.custody.records import Enrolment
from bwvdock.core.facts import CameraAssigned, CameraEnrolled, Fact
from bwvdock.edges.peer import Peer
from bwvdock.errors import UsageError


def group_number(name: str) -> int | None:
    """Return the number of a group of this machine, None for one that is not there."""
    try:
        return grp.getgrnam(name).gr_gid
    except (KeyError, OSError):
        return None


class Access:
    """Says what a process may see. Asked from any thread; `rules` may be replaced meanwhile."""

    def __init__(
        self,
        rules: RetentionRules = NO_CLASSES,
        *,
        number: Callable[[str], int | None] = group_number,
        owner: int = 0,
    ) -> None:
        """Take the rules.

        Args:
            rules: the classes, and who may see which.
            number: returns the number of a group, None for one that is not there.
            owner: the user whose files the journal and the spool are, who may read them anyway, as root may.
        """
        self.rules = rules
        self._number = number
        self._owner = owner

    def veil_of(self, peer: Peer) -> Veil | None:
        """Return what is hidden from a process; None: nothing."""
        rules = self.rules
        if peer.uid in {0, self._owner} or self._is_in(peer.groups, rules.groups):
            return None
        restricted = [one for one in rules.classes if one.restricted]
        opened = tuple(one.name for one in restricted if self._is_in(peer.groups, one.groups))
        return Veil(open=opened, closed=tuple(one.name for one in restricted if one.name not in opened))

    def _is_in(self, groups: Collection[int], names: Iterable[str]) -> bool:
        return any((number := self._number(name)) is not None and number in groups for name in names)


# --- cameras of restricted units ---------------------------------------------------------------------------


class RosterReader(Protocol):
    """The part of the journal's reader that says who had a camera."""

    @property
    def veil(self) -> Veil | None:
        """What is hidden from the person who orders; None: nothing is."""
        ...

    def assignments(self, camera: str, /) -> Sequence[Assignment]:
        """Return the assignments of a camera, in the order in which they were recorded."""
        ...


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
    changed: dict[str, list[CameraAssigned | CameraEnrolled]] = {}
    for fact in facts:
        if closed and isinstance(fact, CameraAssigned | CameraEnrolled):
            changed.setdefault(fact.camera, []).append(fact)
    for camera, said in changed.items():
        before = reader.assignments(camera)
        after = [*before, *map(_assignment, (one for one in said if isinstance(one, CameraAssigned)))]
        unit = enrolment(camera).unit
        new_unit = next((one.unit for one in reversed(said) if isinstance(one, CameraEnrolled)), unit)
        moments = {"", *(one.begins for one in after), *(one.ends for one in after)}
        for moment in moments:
            was = _class_at(rules, before, unit, moment)
            if was in closed and _class_at(rules, after, new_unit, moment) != was:
                raise UsageError(
                    f"Camera {camera} is in a unit whose footage is restricted, and you may not see that, so "
                    "you may not take the camera out of the unit. Nothing was recorded.",
                    remedy="Ask somebody who may see that footage, or root",
                )


def _assignment(fact: CameraAssigned) -> Assignment:
    return Assignment(officer=fact.officer, begins=fact.valid_from, ends=fact.valid_to, unit=fact.unit)


def _class_at(rules: RetentionRules, told: Iterable[Assignment], unit: str, moment: str) -> str:
    """Return the name of the class of a camera's footage at a time, "" for none."""
    span = Roster(told).span_at(moment)
    found = unit_class(rules.classes, (span and span.told.unit) or unit)
    return found.name if found else ""
