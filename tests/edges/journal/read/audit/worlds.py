"""Random histories of a dock, planned first: what a journal of them must answer follows from the plans."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from bwvdock.core.clips.dates.dating import NOT_KNOWN, DateRule
from bwvdock.core.facts import (
    CameraAssigned,
    CameraEnrolled,
    CameraSettled,
    ClipAttributed,
    ClipDated,
    ClipDisposed,
    ClipFlagged,
    ClipFound,
    ClipHeld,
    ClipQuarantined,
    ClipRecalled,
    CopyIntended,
    DisposalIntended,
    Fact,
    FootageConsulted,
    FootageDisclosed,
)
from bwvdock.core.moments import iso, nanoseconds
from bwvdock.edges.journal.read.audit.scope import Asked
from tests.edges.journal import stories as tell

ZONE = ZoneInfo("Europe/London")
FIRST = datetime(2026, 3, 1, tzinfo=UTC)
STORES = ("vault", "county")  # the first is a directory
CAMERAS = ("CAM-1", "CAM-2", "CAM-3", "CAM-4")
ENROLLED = {"CAM-1": "Lewisham", "CAM-2": "Team 7", "CAM-3": "", "CAM-4": "Lewisham"}
OFFICERS = ("4411", "5512", "6613")
ASKED = Asked(zone=ZONE, vaults=("vault",), required=("vault", "county"))


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One clip: what it is, and what became of it."""

    number: int
    camera: str
    recorded: datetime
    size: int
    dated: str  # "" for not at all, "known", "unknown" or "docking"
    copied: bool = True
    proven: tuple[tuple[str, int], ...] = ()  # the store, and after how many milliseconds
    gone: tuple[str, ...] = ()
    recalled: bool = False
    again: bool = False  # copied anew after that
    officer: str = ""
    case: str = ""
    held: bool = False
    disclosed: bool = False
    consulted: bool = False

    @property
    def id(self) -> str:
        """The clip's id."""
        return tell.clip_id(self.number)

    @property
    def certain(self) -> bool:
        """Whether anybody vouches for its date."""
        return self.dated == "known"

    @property
    def reviewed(self) -> bool:
        """Whether it counts as reviewed: read/audit/meaning.py."""
        return bool(self.case) or self.held

    @property
    def here(self) -> bool:
        """Whether a copy is in the dock now."""
        return self.copied and (self.again or not self.recalled)

    @property
    def places(self) -> set[str]:
        """The places where a copy is left: where it was recalled, none of before is known any more."""
        if not self.here:
            return set()
        return {"spool"} if self.recalled else {"spool", *(store for store, _ in self.proven)} - {*self.gone}


@dataclass(frozen=True, kw_only=True)
class Docking:
    """A camera docked: when, after how many milliseconds it was safe (None: never), with which clips."""

    number: int
    camera: str
    at: datetime
    safe_after: int | None
    synced: bool = True  # the dock's clock, when it began
    rebooted: bool = False  # the dock, before anything was proven
    clips: Sequence[Plan] = field(default=())


@dataclass(frozen=True, kw_only=True)
class World:
    """All of it: the dockings, and the assignments (camera, unit, officer, begins, ends)."""

    dockings: Sequence[Docking]
    assigned: Sequence[tuple[str, str, str, datetime, datetime]]

    @property
    def clips(self) -> list[tuple[Docking, Plan]]:
        """Every clip with its docking."""
        return [(docking, clip) for docking in self.dockings for clip in docking.clips]

    def unit_of(self, camera: str, moment: datetime) -> str:
        """Return the unit of a camera at a time."""
        covering = [
            unit for of, unit, _, begins, ends in self.assigned if of == camera and begins <= moment < ends
        ]
        return next(filter(None, covering), ENROLLED[camera])


def month(moment: datetime) -> str:
    """Return the month of a time as people there have it."""
    return moment.astimezone(ZONE).strftime("%Y-%m")


def drawn(random: Random, *, most: int = 14) -> World:
    """Draw a world."""
    number, dockings = 0, []
    at = FIRST
    for which in range(random.randint(1, 4)):
        at += timedelta(milliseconds=random.randint(1, 40 * 86_400_000))
        camera = random.choice(CAMERAS)
        clips = []
        for _ in range(random.randint(0, most // 4)):
            number += 1
            clips.append(_clip(random, number, camera, at))
        safe = random.choice([None, random.randint(0, 3_600_000)])
        dockings.append(
            Docking(
                number=which,
                camera=camera,
                at=at,
                safe_after=safe,
                synced=random.random() < 0.7,
                rebooted=random.random() < 0.4,
                clips=clips,
            )
        )
    begins = [FIRST + timedelta(days=random.randint(0, 90)) for _ in range(2)]
    assigned = [
        (
            camera,
            random.choice(["", "Team 7", "Croydon"]),
            random.choice(OFFICERS),
            start,
            start + timedelta(days=9),
        )
        for camera, start in zip(("CAM-1", "CAM-3"), begins, strict=True)
    ]
    return World(dockings=dockings, assigned=assigned)


def _clip(random: Random, number: int, camera: str, at: datetime) -> Plan:
    copied = random.random() < 0.85
    proven = [(name, random.randint(0, 10**8)) for name in STORES if copied and random.random() < 0.8]
    whole = len(proven) == len(STORES)
    gone = random.choice([(), ("spool",), ("spool", "vault"), ("spool", "vault", "county"), ("vault",)])
    return Plan(
        number=number,
        camera=camera,
        recorded=at - timedelta(milliseconds=random.randint(-(10**6), 60 * 86_400_000)),
        size=random.randint(1, 5000),
        dated=random.choice(["known", "known", "unknown", "docking"]) if copied else "",
        copied=copied,
        proven=tuple(proven),
        gone=gone if whole else (),
        recalled=whole and random.random() < 0.3,
        again=random.random() < 0.5,
        officer=random.choice(["", *OFFICERS]) if copied else "",
        case=random.choice(["", "", "C-7"]) if copied else "",
        held=random.random() < 0.1,
        disclosed=random.random() < 0.3,
        consulted=random.random() < 0.2,
    )


def record(world: World, path: Path) -> Path:
    """Write a world's journal; the dock's clock shows what the plans say."""
    clock = tell.SteadyClock(step=0, born=FIRST)
    with tell.journal_at(path, clock) as journal:

        def at(moment: datetime, facts: Sequence[Fact], synced: bool = True, boot: str = "one") -> None:
            clock.synced, clock.boot = synced, boot
            clock.ticks = (moment - FIRST) // timedelta(milliseconds=1)
            journal.append(list(facts))

        at(FIRST, [tell.started()])
        at(FIRST, [CameraEnrolled(camera=c, model="", actor="a", unit=u) for c, u in ENROLLED.items()])
        for camera, unit, officer, begins, ends in world.assigned:
            spans = {"valid_from": iso(begins), "valid_to": iso(ends)}
            at(FIRST, [CameraAssigned(camera=camera, officer=officer, unit=unit, actor="a", **spans)])
        for docking in world.dockings:
            _record_docking(docking, at)
        end = max((docking.at for docking in world.dockings), default=FIRST) + timedelta(days=30)
        for docking, clip in world.clips:
            at(end, _afterwards(clip, docking))
    return path


def _record_docking(docking: Docking, at: Callable[..., None]) -> None:
    name = tell.docking_id(docking.number)
    at(docking.at, tell.attached(name, camera=docking.camera), docking.synced)
    at(docking.at, [tell.listed(name, new=len(docking.clips))])
    for clip in docking.clips:
        at(docking.at, _taken(clip, name, docking.at))
    if docking.safe_after is not None:
        at(docking.at + timedelta(milliseconds=docking.safe_after), [CameraSettled(docking=name)])
    for clip in docking.clips:
        for number, (store, after) in enumerate(sorted(clip.proven, key=lambda one: one[1])):
            rest = sorted(
                {*STORES} - {one for one, _ in sorted(clip.proven, key=lambda one: one[1])[: number + 1]}
            )
            moment = docking.at + timedelta(milliseconds=after)
            boot = "other" if docking.rebooted else "one"
            at(moment, [tell.uploaded(clip.id, store, awaiting=tuple(rest))], boot=boot)
            at(moment, [tell.verified(clip.id, clip.number, store, awaiting=tuple(rest))], boot=boot)


def _taken(clip: Plan, docking: str, at: datetime) -> list[Fact]:
    source = replace(tell.source(clip.number, size=clip.size), mtime_ns=nanoseconds(clip.recorded))
    facts: list[Fact] = [ClipFound(clip=clip.id, docking=docking, camera=clip.camera, files=(source,))]
    if clip.copied:
        facts += [CopyIntended(clip=clip.id, docking=docking)]
        facts += [tell.acquired(clip.id, docking, clip.number, size=clip.size)]
    if clip.officer:
        facts.append(ClipAttributed(clip=clip.id, officer=clip.officer))
    if clip.dated:
        uncertainty = NOT_KNOWN if clip.dated == "unknown" else 500
        rule = DateRule.DOCKING_TIME if clip.dated == "docking" else DateRule.CLOCK_READ
        facts.append(
            ClipDated(
                clip=clip.id,
                raw=iso(clip.recorded),
                recorded_at=iso(clip.recorded),
                uncertainty_ms=uncertainty,
                basis="b",
                retain_until=iso(at + timedelta(days=31)),
                rule=str(rule),
            )
        )
    return facts


def _afterwards(clip: Plan, docking: Docking) -> list[Fact]:
    facts: list[Fact] = []
    for place in clip.gone:
        facts.append(DisposalIntended(clip=clip.id, place=place, reason="r"))
        facts.append(ClipDisposed(clip=clip.id, place=place, sha256=tell.digest(f"clip{clip.number}")))
    if clip.case:
        facts.append(ClipFlagged(clip=clip.id, reason="r", case=clip.case, actor="a"))
    if clip.held:
        facts.append(ClipHeld(clip=clip.id, reason="r", actor="a"))
    if clip.recalled:
        facts.append(ClipQuarantined(clip=clip.id, reason="r"))
        facts.append(ClipRecalled(clip=clip.id, actor="a"))
    if clip.recalled and clip.again:
        facts.append(tell.acquired(clip.id, tell.docking_id(docking.number), clip.number, size=clip.size))
    if clip.disclosed:
        told = {"recipient": "CPS", "reason": "r", "actor": "a"}
        facts.append(FootageDisclosed(clips=(clip.id,), package="", exported=False, **told))
    if clip.consulted:
        consulted = FootageConsulted(
            command="clips show", subject=clip.id, reason="r", actor="a", clips=(clip.id,)
        )
        facts.append(consulted)
    return facts
