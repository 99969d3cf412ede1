"""Who shows a badge at a simulated dock and takes which camera, and does the journal say more than was seen?

Judged by what was answered to badges and by where the cameras are, not by the rules of core/checkout/.

1. Checked out is only the camera that was offered by the last badge, to that officer, in time, by a dock that
   has not been started since; and it has left its bay.
2. An assignment that no person ordered began with such a check-out, and ends no later than now.
3. A camera that is docked and admitted is not out, and nobody's by a badge.
4. No tile says that a camera is to be taken which is not safe to remove.
5. Whoever a clip is attributed to had its camera, by an assignment, at the time of its recording, and had not
   only taken it once the clip was copied.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from bwvdock.checkout.checkouts import Checkouts
from bwvdock.checkout.from_config import let_it_check_out
from bwvdock.core.checkout.badges import Badges, Holder
from bwvdock.core.checkout.choice import Rules
from bwvdock.core.clips.lifecycle import DockingState
from bwvdock.core.facts import CameraAssigned, CameraCheckedOut, ClipAcquired, ClipAttributed, Fact
from bwvdock.core.moments import iso
from bwvdock.edges.journal import JournalReader
from bwvdock.errors import BwvdockError
from bwvdock.operators.checkout.requests import Tap
from bwvdock.operators.messages import Answer, Asked
from bwvdock.status.for_screen import Advice, for_screen_from_json
from bwvdock.status.values import CameraState

if TYPE_CHECKING:
    from tests.simulation.cameras import Camera
    from tests.simulation.dock import SimulatedDock

BADGES = {"1001": "4411", "1002": "4412", "1003": "4413", "1004": "4414", "unknown": ""}
WITHIN_MS = 60_000
_LOOKS = 30  # at the clock, between what was seen of a camera and what is recorded of it
_READER = "997:bwvdock-screen"
_BY_ITSELF = frozenset({_READER, "dock"})
_WAITS_MS = (0, 0, 1_000, 10_000, WITHIN_MS + 1_000)
_SHORTEST = timedelta(milliseconds=1)


@dataclass(frozen=True, kw_only=True)
class Tapped:
    """What was answered to a badge, when, and how often the camera that was offered had been docked."""

    officer: str
    outcome: str
    bay: str
    serial: str
    mounts: int
    ms: int
    boot: int
    at: str


@dataclass
class Officers:
    """What was seen of officers and their badges."""

    tapped: list[Tapped] = field(default_factory=list)
    taken: set[tuple[str, str, str]] = field(default_factory=set)  # camera, officer, when
    copied: dict[str, set[tuple[str, str, str]]] = field(
        default_factory=dict
    )  # what was taken before, by clip

    def at(self, dock: SimulatedDock) -> Checkouts:
        """Return what checks cameras out at a dock that was just built."""
        made = let_it_check_out(dock.dock.ledger, dock.dock.dockings, dock.journal, dock.view, bytes)
        dock.view.checkouts = made = dock.breaks.checkouts(made)
        holders = [(badge, Holder(officer=officer)) for badge, officer in BADGES.items() if officer]
        made.change(Rules(min_battery=0, take_within_ms=WITHIN_MS), Badges(holders, key=b"k" * 64), None)
        return made

    def tap(self, dock: SimulatedDock, badge: str) -> None:
        """Have a reader read a badge."""
        dock.dock.inbox.put(Asked(Tap(badge=badge), _READER, partial(self._answered, dock, BADGES[badge])))

    def _answered(self, dock: SimulatedDock, officer: str, answer: Answer) -> None:
        if isinstance(answer, BwvdockError):
            return
        outcome, bay = str(answer["outcome"]), str(answer["bay"])
        there = [one for one in dock.bays().values() if one.sighting.bay == bay and not one.leaving]
        serial = there[0].serial if there else ""
        self.tapped.append(
            Tapped(
                officer=officer,
                outcome=outcome,
                bay=bay,
                serial=serial,
                mounts=dock.cameras[serial].mounts if serial else 0,
                ms=dock.clock.boottime_ms(),
                boot=dock.boots,
                at=iso(dock.clock.now()),
            )
        )

    # --- what is recorded ------------------------------------------------------------------------------

    def recorded(self, dock: SimulatedDock, fact: Fact) -> Iterator[str]:
        """Compare a fact, just recorded, with what was seen."""
        if isinstance(fact, CameraCheckedOut):
            self.taken.add((fact.camera, fact.officer, fact.taken_at))
            said = f"{fact.camera} is checked out to {fact.officer}"
            yield from (f"{said}, and {why}" for why in self._doubts(dock, fact))
        elif isinstance(fact, ClipAcquired):
            self.copied[fact.clip] = set(self.taken)
        elif isinstance(fact, ClipAttributed) and self._too_late(dock, fact):
            yield f"{fact.clip} is attributed to {fact.officer}, who took its camera once it was copied"
        elif isinstance(fact, CameraAssigned) and fact.actor in _BY_ITSELF:
            said = f"{fact.camera} is assigned to {fact.officer} from {fact.valid_from}"
            if (fact.camera, fact.officer, fact.valid_from) not in self.taken:
                yield f"{said}, who has not taken it"
            shortest = datetime.fromisoformat(fact.valid_from) + _SHORTEST
            if fact.valid_to > iso(max(dock.clock.now(), shortest)):
                yield f"{said} until {fact.valid_to}, which is not over"

    def _too_late(self, dock: SimulatedDock, fact: ClipAttributed) -> bool:
        """Return whether an officer had a clip's camera only by badges, and only once the clip was copied."""
        clip = dock.journal.clip(fact.clip)
        if clip is None or not fact.officer:
            return False
        told = dock.journal.assignments(clip.camera)
        began = {(clip.camera, one.officer, one.begins) for one in told if one.officer == fact.officer}
        return began <= self.taken and not began & self.copied.get(fact.clip, set())

    def _doubts(self, dock: SimulatedDock, fact: CameraCheckedOut) -> Iterator[str]:
        if not self.tapped or self.tapped[-1].boot != dock.boots:
            yield "no badge was shown since the dock was started"
            return
        last, camera = self.tapped[-1], dock.cameras[fact.camera]
        if (last.outcome, last.officer, last.serial, last.bay) != (
            "take",
            fact.officer,
            fact.camera,
            fact.bay,
        ):
            yield f"the last badge was answered {last}"
        elif dock.clock.boottime_ms() - last.ms > WITHIN_MS + _LOOKS * dock.clock.step_ms:
            yield "that was offered too long ago"
        elif camera.bay == fact.bay and camera.mounts == last.mounts:
            yield "it is in its bay"

    def after_restart(self, dock: SimulatedDock) -> None:
        """Take in what was recorded of the last badge just before the dock ended, and not told any more."""
        if self.tapped and (last := self.tapped[-1]).outcome == "take":
            for one in dock.journal.assignments(last.serial):
                if one.officer == last.officer and one.begins >= last.at:
                    self.taken.add((last.serial, one.officer, one.begins))

    # --- what is said ----------------------------------------------------------------------------------

    def after_step(self, dock: SimulatedDock) -> Iterator[str]:
        """Compare what is said with where the cameras are."""
        safe = {one.bay for one in dock.live().cameras if one.state is CameraState.SAFE_TO_REMOVE}
        for tile in for_screen_from_json(dock.view.for_screen()).bays:
            if tile.advice is Advice.TAKE and tile.bay not in safe:
                yield f"bay {tile.bay} says TAKE, and is not safe to remove"
        if not dock.has_heard():
            return
        for bay in dock.bays().values():
            admitted = bay.state in {DockingState.AUTHORISED, DockingState.SETTLED}
            if not admitted or bay.leaving or dock.cameras[bay.serial].is_folder:
                continue
            if dock.journal.checkouts.out(bay.serial) is not None:
                yield f"{bay.serial} is docked in {bay.sighting.bay}, and is out"
            told = dock.journal.assignments(bay.serial)
            if told and not told[-1].ends and (bay.serial, told[-1].officer, told[-1].begins) in self.taken:
                yield f"{bay.serial} is docked in {bay.sighting.bay}, and is {told[-1].officer}'s by a badge"

    def at_the_end(self, dock: SimulatedDock) -> Iterator[str]:
        """See that footage is attributed to nobody who did not have its camera."""
        with closing(JournalReader(dock.journal_file)) as reader:
            for clip in reader.clips():
                had = {
                    one.officer
                    for one in reader.assignments(clip.camera)
                    if one.begins <= clip.recorded_at and (not one.ends or clip.recorded_at < one.ends)
                }
                if clip.officer and clip.officer not in had:
                    yield f"{clip.id} of {clip.camera} is attributed to {clip.officer}, and {had} had it then"


def badge(dock: SimulatedDock) -> str:
    """An officer shows a badge, and takes what is offered, another camera, two, or none, now or too late."""
    there = [camera for camera in dock.cameras.values() if camera.bay and not camera.is_folder]
    if not there:
        return ""
    chance, shown = dock.chance, dock.chance.choice([*BADGES, "1003", "1004"])
    dock.work(chance.choice([0, 30, 100]))
    dock.outside.officers.tap(dock, shown)
    dock.work(chance.choice([1, 3, 10]))
    tiles = for_screen_from_json(dock.view.for_screen()).bays
    offered = [tile.bay for tile in tiles if tile.advice is Advice.TAKE]
    there = [camera for camera in there if camera.bay]
    first = [camera for camera in there if camera.bay in offered]
    others = [camera for camera in there if camera not in first]
    chance.shuffle(others)
    how = chance.choice(["offered", "offered", "offered", "another", "two", "none"])
    taken = {"offered": first, "another": others[:1], "two": [*first, *others[:1]], "none": []}[how]
    waited = chance.choice(_WAITS_MS)
    dock.clock.pass_ms(waited)
    said = [_take(dock, camera) for camera in taken]
    return f"badge {shown} ({offered} offered); after {waited} ms {', '.join(said) or 'nothing'} is taken"


def _take(dock: SimulatedDock, camera: Camera) -> str:
    return f"{camera.serial} from {dock.yank(camera)}"
