"""In random histories of losses, outages and restarts: is nothing claimed, lost or given up too early?

The model knows what each store really has, and when it was really read. It looks at no journal to judge.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.core.clips.clip import Clip
from bwvdock.core.facts import ClipFound, ClipHeld, ClipUnheld, VerificationFailed
from bwvdock.core.holdings.rules import DAY, Reverify
from bwvdock.core.ports import FoundPart, Take, TransferControl
from bwvdock.edges.journal.verify.verify import verify_journal
from tests.extent import fewer
from tests.fakes.camera import camera_with
from tests.fakes.destination import FakeDestination
from tests.fakes.station import Station
from tests.places import in_memory

HOUR = 3_600_000
RULES = Reverify(first=timedelta(hours=24), every=DAY * 6, wait=timedelta(days=5))
CONTENTS = {f"DCIM/100TEST/{n}.MP4": f"footage {n}".encode() for n in range(3)}
KEPT_DAYS = 31

pytestmark = pytest.mark.slow


class Watched(FakeDestination):
    """A store that notes when a copy was given back whole, and when one was put."""

    kind = "tus"

    def __init__(
        self, fetch: Callable[[Clip, int], bytes], *, name: str, now: Callable[[], datetime]
    ) -> None:
        super().__init__(fetch, name=name)
        self.put_at: dict[str, datetime] = {}
        self.read_at: dict[str, datetime] = {}
        self._now = now

    def _put(self, name: str, content: bytes) -> None:
        super()._put(name, content)
        self.put_at[name] = self._now()
        self.read_at.pop(name, None)

    def read_part(self, clip: Clip, number: int, transfer: TransferControl, take: Take) -> FoundPart | None:
        found = super().read_part(clip, number, transfer, take)
        if found and found.given and number == 0:
            self.read_at[f"{clip.id}.0"] = self._now()
        return found

    def has(self, clip: Clip) -> bool:
        content = self.objects.get(f"{clip.id}.0")
        return content is not None and hashlib.sha256(content).hexdigest() == clip.sha256


@dataclass
class World:
    """A dock with two required stores and three clips, and what really happens to them."""

    root: Path
    chance: random.Random
    station: Station = field(init=False)
    stores: list[Watched] = field(init=False)
    said: int = 0
    began: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.stores = []
        for name in ("nas", "county"):
            self.stores.append(Watched(self._spooled, name=name, now=self.now))
        self.station = Station(self.root, destinations=self.stores, reverify=RULES)
        self.station.enrol()
        self.station.visit(camera_with(CONTENTS))
        self.began = self.station.clock.now()

    def now(self) -> datetime:
        return self.station.clock.now()

    def _spooled(self, clip: Clip, number: int) -> bytes:
        return next((self.root / "spool").glob(f"{clip.id}.{number}.[!p]*")).read_bytes()

    def clips(self) -> list[Clip]:
        found = [fact.clip for fact in self.station.facts if isinstance(fact, ClipFound)]
        return [clip for name in dict.fromkeys(found) if (clip := self.station.journal.clip(name))]

    def in_spool(self, clip: Clip) -> bool:
        return any((self.root / "spool").glob(f"{clip.id}.0.mp4"))

    # --- what happens ---

    def step(self) -> None:
        store, clip = self.chance.choice(self.stores), self.chance.choice(self.clips())
        name = f"{clip.id}.0"
        match self.chance.randrange(10):
            case 0 if name in store.objects:
                del store.objects[name]
            case 1 if name in store.objects:
                store.objects[name] = store.objects[name][:3]
            case 2 | 3:
                store.reachable = not store.reachable
            case 4:
                self.station.restart()
            case 5:
                self.station.schedule.disposal.free()
            case 6:
                held = ClipUnheld if clip.held else ClipHeld
                self.station.ledger.record([held(clip=clip.id, reason="r", actor="0:root")])
            case _:
                pass
        self.wait(self.chance.choice([1, 5, 12, 30]))

    def wait(self, hours: int, *, by: int = 6) -> None:
        for _ in range(hours // by + 1):
            self.station.clock.pass_ms(min(hours, by) * HOUR)
            before = [(clip, self.in_spool(clip)) for clip in self.clips()]
            was = {store.name: dict(store.objects) for store in self.stores}
            self.station.turn()
            self.judge(before, was)

    # --- what must be so ---

    def judge(self, before: list[tuple[Clip, bool]], was: dict[str, dict[str, bytes]]) -> None:
        now = self.station.clock.now()
        over = now - self.began > DAY * KEPT_DAYS + RULES.wait - DAY
        for clip, had in before:
            if not had or self.in_spool(clip) or over:
                continue
            assert not clip.held, "what is held goes nowhere"
            for store in self.stores:
                name = f"{clip.id}.0"
                assert name in store.read_at, f"{store.name} was not asked before the copy here went"
                assert store.read_at[name] - store.put_at[name] >= RULES.first
        for fact in self.station.facts[self.said :]:
            if isinstance(fact, VerificationFailed):
                known = self.station.journal.clip(fact.clip)
                content = was[fact.destination].get(f"{fact.clip}.0", b"")
                assert known is not None
                assert hashlib.sha256(content).hexdigest() != known.sha256, "a good copy was called lost"
        self.said = len(self.station.facts)

    def ends_well(self) -> None:
        """Let the faults stop: what was lost is there again, or somebody is told."""
        for store in self.stores:
            store.reachable = True
        for clip in self.clips():
            self.station.ledger.record([ClipHeld(clip=clip.id, reason="r", actor="0:root")])
        self.wait(24 * 14, by=24)
        for clip in self.clips():
            for store in self.stores:
                told = store.name in clip.failed
                assert store.has(clip) or told or store.name in clip.disposed, (clip, store.name)
                assert not (store.has(clip) and store.name in clip.failed), "it is there, and called lost"
        assert verify_journal(self.root / "journal.sqlite3").ok


@fewer(5)  # each is a month
@given(seed=st.integers(0, 2**32))
def test_a_copy_here_goes_only_after_every_store_was_asked_and_every_loss_is_found(seed: int) -> None:
    with TemporaryDirectory(dir=in_memory()) as folder:
        world = World(root=Path(folder), chance=random.Random(seed))
        for _ in range(12):
            world.step()
        world.ends_well()
