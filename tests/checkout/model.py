"""What must follow from badges, takings and returns? By hand, from docs/how-to/check-cameras-out-by-badge.md.

It shares no rule with bwvdock/core/checkout/ or bwvdock/checkout/. Who holds a camera at a time is the affair
of the roster, which has its own tests.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bwvdock.core.clips.roster import Assignment, Roster
from bwvdock.core.moments import iso

OFFER_MS, SHOWN_MS = 60_000, 15_000


@dataclass
class World:
    """Officers by badge, cameras, and which of these are pool cameras of which unit, how full."""

    officers: dict[str, tuple[str, str]]  # badge: (officer, unit); an officer "" is nobody's badge
    units: dict[str, str]  # camera: unit
    batteries: dict[str, int | None]


@dataclass
class Model:
    """The document's table."""

    world: World
    wall: datetime
    ms: int = 0
    docked: dict[str, tuple[str, int]] = field(default_factory=dict)  # camera: bay, since
    assignments: dict[str, list[Assignment]] = field(default_factory=dict)
    out: dict[str, tuple[str, str, bool]] = field(default_factory=dict)  # camera: officer, taken, assigned
    taken_ms: dict[str, int] = field(
        default_factory=dict
    )  # camera: when it was taken, by the clock since boot
    loose: dict[str, str] = field(default_factory=dict)  # camera: when taken, assigned to nobody
    entries: list[tuple[str, ...]] = field(default_factory=list)
    offer: tuple[str, str, str, int] | None = None  # officer, unit, camera, end
    done: tuple[str, str, int, bool] | None = None  # officer, camera, end, whether it was taken
    kept_back: tuple[str, str, int] | None = None  # officer, camera, end
    line: tuple[str, int] | None = None

    # --- time

    def wait(self, ms: int) -> None:
        self.ms += ms
        self.wall += timedelta(milliseconds=ms)
        self._end_what_is_over()

    def _end_what_is_over(self) -> None:
        if self.offer and self.ms >= self.offer[3]:
            self.line = ("not-taken", self.offer[3] + SHOWN_MS)
            self.offer = None
        if self.done and self.ms >= self.done[2]:
            self.done = None
        if self.kept_back and self.ms >= self.kept_back[2]:
            self.kept_back = None
        if self.line and self.ms >= self.line[1]:
            self.line = None

    def _show(self, outcome: str) -> None:
        self.line = (outcome, self.ms + SHOWN_MS)

    # --- who has what

    def holder(self, camera: str, moment: str = "") -> str:
        return Roster(self.assignments.get(camera, ())).officer_at(moment or iso(self.wall))

    def _assign(self, camera: str, officer: str, begins: str, ends: str, unit: str) -> None:
        new = Assignment(officer=officer, begins=begins, ends=ends, unit=unit)
        self.assignments.setdefault(camera, []).append(new)
        self.entries.append(("camera_assigned", camera, officer, begins, ends))

    def _end_check_out(self, camera: str, how: str, entry_officer: str) -> None:
        officer, taken, assigned = self.out.pop(camera)
        self.entries.append(("camera_returned", camera, entry_officer, how))
        if not assigned:
            return
        span = Roster(self.assignments[camera]).span_at(taken)
        begun_here = span is not None and span.open and span.start == taken and span.officer == officer
        begun = datetime.fromisoformat(taken)
        passed = timedelta(milliseconds=self.ms - self.taken_ms[camera])
        was_set = abs(self.wall - begun - passed) > timedelta(minutes=1)
        ends = iso(begun + timedelta(milliseconds=1) if was_set or self.wall <= begun else self.wall)
        if span is not None and begun_here and ends < span.end:
            self._assign(camera, officer, taken, ends, span.told.unit)

    # --- what happens

    def badge(self, badge: str) -> str:
        """Return the outcome of a badge."""
        self._end_what_is_over()
        officer, unit = self.world.officers.get(badge, ("", ""))
        contested = self.offer is not None and self.offer[0] != officer
        if contested and self.offer is not None:
            self.kept_back, self.offer = (self.offer[0], self.offer[2], self.offer[3]), None
        if not officer:
            return self._none("unknown-badge")
        if contested:
            self._show("not-taken")
            return "not-taken"
        own = [camera for camera in self.docked if self.holder(camera) == officer]
        if own:
            return self._best(officer, unit, own)
        if any(self.holder(camera) == officer for camera in self.assignments if camera not in self.docked):
            return self._none("has-one")
        pool = [camera for camera in self.docked if not self.holder(camera)]
        return self._best(officer, unit, [c for c in pool if self.world.units[c] in {"", unit}])

    def _best(self, officer: str, unit: str, cameras: list[str]) -> str:
        held_back = self.kept_back[1] if self.kept_back and self.kept_back[0] != officer else ""
        right = [camera for camera in cameras if camera != held_back]
        if not right:
            return self._none("none-suitable")
        full = [camera for camera in right if (self.world.batteries[camera] or 0) >= 80]
        if not full:
            return self._none("none-charged")
        camera = min(full, key=lambda one: (self.docked[one][1], one))
        self.offer, self.done, self.line = (officer, unit, camera, self.ms + OFFER_MS), None, None
        return "take"

    def _none(self, outcome: str) -> str:
        self.offer = None
        self._show(outcome)
        return outcome

    def take(self, camera: str) -> None:
        """A camera leaves its bay."""
        self._end_what_is_over()
        del self.docked[camera]
        now = iso(self.wall)
        if self.offer and self.offer[2] == camera:
            officer, unit, _, end = self.offer
            self.offer, self.done = None, (officer, camera, end, True)
            self._show("taken")
            free = not self.holder(camera)
            self.entries.append(("camera_checked_out", camera, officer, now))
            self.out[camera] = (officer, now, free)
            self.taken_ms[camera] = self.ms
            if free:
                self._assign(camera, officer, now, "", unit)
            return
        if self.holder(camera):
            return
        if self.offer:
            officer, _, offered, end = self.offer
            self.offer, self.done = None, (officer, offered, end, False)
            self._show("taken-another")
            self._loose(camera, "another", officer)
        elif self.done:
            officer, first, end, taken = self.done
            self.done = (officer, first, end, False)
            self._show("taken-two")
            if taken and first in self.out and self.out[first][2]:
                self._end_check_out(first, "doubtful", officer)
                self._loose(first, "two", officer)
            self._loose(camera, "two", officer)
        else:
            self._loose(camera, "without-badge", "")

    def _loose(self, camera: str, how: str, officer: str) -> None:
        self.loose[camera] = iso(self.wall)
        self.entries.append(("camera_taken_otherwise", camera, officer, how))

    def dock(self, camera: str, bay: str) -> None:
        """A camera is docked and admitted."""
        self._end_what_is_over()
        if self.done and self.done[3] and self.done[1] == camera:
            self.done = None
        if camera in self.out:
            officer = self.out[camera][0]
            self._end_check_out(camera, "docked", officer)
            if self.offer is None:
                self._show("returned")
        elif camera in self.loose:
            del self.loose[camera]
            self.entries.append(("camera_returned", camera, "", "docked"))
        self.docked[camera] = (bay, self.ms)

    def hand_in(self, camera: str) -> bool:
        """The desk enters that a camera was handed in; return whether it was out."""
        self._end_what_is_over()
        if camera in self.out:
            self._end_check_out(camera, "desk", self.out[camera][0])
            return True
        if camera in self.loose:
            del self.loose[camera]
            self.entries.append(("camera_returned", camera, "", "desk"))
            return True
        return False

    def restart(self) -> None:
        """The daemon ends and starts; what is in its bays is docked again."""
        self.offer = self.done = self.kept_back = self.line = None
        self.docked.clear()

    # --- what can be seen

    def shown(self) -> str:
        self._end_what_is_over()
        return "take" if self.offer else self.line[0] if self.line else ""

    def offered(self) -> list[str]:
        self._end_what_is_over()
        return [self.docked[self.offer[2]][0]] if self.offer else []

    def alerts(self) -> set[str]:
        return {camera for camera, at in self.loose.items() if not self.holder(camera, at)}
