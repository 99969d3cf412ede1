"""By which rules does a simulated dock keep footage, and is each promise kept that its entries make?

Judged by what was recorded before and by the dock's own clock, which may be wrong.
"""

from __future__ import annotations

import hashlib
import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from bwvdock.core.clips.classes.rules import RetentionClass, RetentionRules
from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.states import SPOOL
from bwvdock.core.custody.entries import decode, read_leaf
from bwvdock.core.facts import (
    ClipClassified,
    ClipDated,
    ClipDisposed,
    ClipFlagged,
    ClipHeld,
    ClipHoldExcepted,
    ClipHoldMatched,
    ClipHoldOver,
    ClipMatched,
    ClipRestored,
    ClipUnflagged,
    ClipUnheld,
    CopyWithdrawn,
    DisposalIntended,
    DisposalNoticed,
    Fact,
    HoldEnded,
    HoldOpened,
)
from bwvdock.operators.holds.requests import CloseRequest, EndHold
from bwvdock.operators.requests import Request
from tests.fakes.clock import FakeClock
from tests.simulation.edges import FaultyStore


def draw_retention(chance: random.Random) -> RetentionRules:
    """Return rules of retention."""
    return RetentionRules(
        days=chance.choice([7, 31, 31]),
        notice_days=chance.choice([0, 0, 3, 7]),
        grace_days=chance.choice([0, 0, 5]),
        classes=(
            RetentionClass(name="assault", days=chance.choice([14, 60])),
            RetentionClass(name="inquest", days=20, priority=chance.choice([0, 5])),
        )[: chance.choice([1, 2])],
    )


class Kept(Protocol):
    """What is seen of a dock: its clock, how often that jumped, its rules, what was ordered, its stores."""

    clock: FakeClock
    jumps: int
    retention: RetentionRules
    orders: list[Request]
    stores: dict[str, FaultyStore]


@dataclass(slots=True)
class _Promised:
    """What was recorded of one clip."""

    kept_from: str = ""
    until: str = ""
    days: dict[str, int] = field(default_factory=dict)
    held: bool = False
    flagged: bool | None = None
    certain: bool = False
    noticed: list[tuple[datetime, int]] = field(default_factory=list)
    aside: tuple[datetime, int] | None = None  # until when, and how often the clock had jumped by then

    def learn(self, fact: Fact) -> None:
        match fact:
            case ClipHeld() | ClipUnheld():
                self.held, self.noticed = isinstance(fact, ClipHeld), []
            case ClipFlagged() | ClipUnflagged():
                self.flagged = isinstance(fact, ClipFlagged)
            case ClipClassified(name=name):
                known = {} if fact.instead else self.days
                self.days = {**known, name: max(fact.days, known.get(name, 0))}
            case ClipDated(kept_from=kept_from, retain_until=until):
                self.noticed = self.noticed if until == self.until else []
                self.kept_from, self.until = kept_from, until
            case ClipMatched(events=events):
                certain = any(match.basis == "certain" for match in events)
                self.noticed = self.noticed if certain is self.certain else []
                self.certain = certain
            case ClipHoldMatched() | ClipHoldOver() | ClipHoldExcepted():
                self.noticed = []
            case DisposalNoticed(at=at, days=days):
                self.noticed.append((datetime.fromisoformat(at), days))
            case _:
                pass

    def due(self) -> datetime:
        """Return until when it was promised to be kept."""
        if not self.days:
            return datetime.fromisoformat(self.until)
        return datetime.fromisoformat(self.kept_from) + timedelta(days=max(self.days.values()))


@dataclass(slots=True)
class Promises:
    """What was promised of each clip, and which holds belong to whom."""

    dock: Kept
    clips: dict[str, _Promised] = field(default_factory=dict)
    requests: dict[str, str] = field(default_factory=dict)  # by hold

    def after_restart(self, journal: Path) -> None:
        """Take in what was recorded just before the dock ended, and not told any more."""
        with closing(sqlite3.connect(f"file:{journal}?mode=ro", uri=True)) as db:
            leaves = db.execute("SELECT leaf FROM entry ORDER BY seq").fetchall()
        self.clips, aside = {}, {clip: promised.aside for clip, promised in self.clips.items()}
        for (leaf,) in leaves:
            fact = decode(read_leaf(leaf), lambda _: "")
            if isinstance(fact, HoldOpened):
                self.requests[fact.hold] = fact.request
            if clip := getattr(fact, "clip", ""):
                self.clips.setdefault(clip, _Promised(aside=aside.get(clip))).learn(fact)

    def recorded(self, fact: Fact, clip: Clip | None) -> Iterator[str]:
        """Take in a fact that was just recorded; yield what is wrong with it."""
        if isinstance(fact, HoldOpened):
            self.requests[fact.hold] = fact.request
        elif isinstance(fact, HoldEnded):
            yield from self._ended(fact)
        if clip is None:
            return
        promised = self.clips.setdefault(clip.id, _Promised())
        if isinstance(fact, DisposalIntended) and not fact.early:
            yield from self._announced(fact, clip, promised)
        elif isinstance(fact, ClipDisposed | CopyWithdrawn | ClipRestored):
            yield from self._moved(fact, clip, promised)
        promised.learn(fact)

    def _ended(self, fact: HoldEnded) -> Iterator[str]:
        """Only somebody who ends it, or closes its request and says so, ends a hold."""
        ended = {order.hold for order in self.dock.orders if isinstance(order, EndHold)}
        closed = {one.which for one in self.dock.orders if isinstance(one, CloseRequest) and one.end_holds}
        if fact.hold not in ended and self.requests[fact.hold] not in closed:
            yield f"hold {fact.hold} has ended, and nobody ended it"

    def _announced(self, fact: DisposalIntended, clip: Clip, promised: _Promised) -> Iterator[str]:
        what, now = f"{fact.place}'s copy of {clip.id} is to go", self.dock.clock.now()
        evidence = clip.marked if promised.flagged is None else promised.flagged
        if promised.held or evidence:
            yield f"{what}, which is {'held' if promised.held else 'evidence'}"
        if not promised.until or now < promised.due():
            yield f"{what}, which was promised to be kept longer: {promised}"
        said = clip.marked or promised.flagged is not None or promised.days or promised.certain
        notice = self.dock.retention.notice_days
        noticed = any(now - at >= timedelta(days=max(notice, days)) for at, days in promised.noticed)
        if notice and not said and not noticed:
            yield f"{what}, which nobody reviewed, without notice: {promised}"

    def _moved(
        self, fact: ClipDisposed | CopyWithdrawn | ClipRestored, clip: Clip, promised: _Promised
    ) -> Iterator[str]:
        if fact.place == SPOOL:
            return
        store, name = self.dock.stores[fact.place], f"{clip.id}.0"
        if isinstance(fact, CopyWithdrawn):
            promised.aside = datetime.fromisoformat(fact.until), self.dock.jumps
            if name not in store.aside.keys() | store.lost:
                yield f"{name} is called moved aside in {fact.place}, and is not there"
        elif isinstance(fact, ClipRestored):
            promised.aside = None
            content = store.own.objects.get(name, b"")
            if hashlib.sha256(content).hexdigest() != clip.sha256 and name not in store.lost:
                yield f"{name} is called restored, and is not in {fact.place}"
        elif promised.aside is not None:
            until, jumps = promised.aside
            if jumps == self.dock.jumps and self.dock.clock.now() <= until:
                yield f"{name} was removed from {fact.place} while it could be restored"
