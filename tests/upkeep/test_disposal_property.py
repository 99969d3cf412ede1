"""Over random histories: is nothing that is held, evidence or unproven ever taken away, anywhere?

The whole station, everything real but the cameras: spool, vault, journal, the erasing of cameras. What must
not go is kept in a model of our own, by what people said and what had been proven, not by the law's words.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bwvdock.bays.erasing import EraseRules
from bwvdock.core.clips.states import SPOOL
from bwvdock.core.facts import (
    ClipDisposed,
    ClipFlagged,
    ClipFound,
    ClipHeld,
    ClipReleased,
    ClipRetired,
    ClipUnflagged,
    ClipUnheld,
    ClipVerified,
    DisposalIntended,
    ReleaseIntended,
)
from bwvdock.core.moments import nanoseconds
from bwvdock.edges.journal.verify.verify import verify_journal
from bwvdock.errors import UsageError
from bwvdock.runtime.jobs import carry_out
from tests.fakes.camera import FakeFile, FakeVolume
from tests.fakes.station import Station
from tests.fakes.worker import fail_loudly
from tests.places import in_memory

pytestmark = pytest.mark.slow

KEPT = timedelta(days=31) - timedelta(hours=1)  # footage is some minutes older than its docking
HOUR = 3600 * 1000
DAY = 24 * HOUR
CAMERAS = ("BWV-00001", "BWV-00002")
PLACES = (f"dispose {SPOOL}", "dispose vault")
Copy = tuple[str, str]
"""A clip's id, and where the copy stands: "spool", "vault" or "camera"."""

some_clip = st.integers(min_value=0, max_value=1000)
Mark = ClipHeld | ClipUnheld | ClipFlagged | ClipUnflagged


class Histories(RuleBasedStateMachine):
    """What can happen to a station, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp(prefix="keeping-", dir=in_memory()))
        self.standing: set[Copy] = set()
        self.held: set[str] = set()
        self.evidence: set[str] = set()
        self.paths: dict[str, tuple[str, str]] = {}
        self.docked_at: dict[str, datetime] = {}
        self.taken = 0

    @initialize(erases=st.booleans())
    def open(self, *, erases: bool) -> None:
        self.station = Station(self.root, erases=erases, held_up=PLACES)
        self.erases = erases
        self.cards = {serial: FakeVolume(files={}) for serial in CAMERAS}
        self.docked: dict[str, str] = {}
        for serial in CAMERAS:
            self.station.enrol(serial)

    # --- what people do ---

    @rule(camera=st.sampled_from(CAMERAS), marked=st.lists(st.booleans(), max_size=2))
    def dock(self, camera: str, marked: list[bool]) -> None:
        if camera in self.docked:
            return
        for read_only in marked:
            self.taken += 1
            recorded = nanoseconds(self.station.clock.now() - timedelta(minutes=5)) + self.taken
            name = f"DCIM/100MEDIA/C{self.taken:04}.MP4"
            self.cards[camera].files[name] = FakeFile(
                data=b"%d" % self.taken, mtime_ns=recorded, read_only=read_only
            )
        self._plug(camera)
        self.station.turn()

    def _plug(self, camera: str) -> None:
        bay = f"1-{CAMERAS.index(camera) + 1}"
        self.docked[camera] = self.station.plug(self.cards[camera], serial=camera, bay=bay)

    @precondition(lambda self: self.docked)
    @rule()
    def undock(self) -> None:
        _, key = self.docked.popitem()
        self.station.pull(key)
        self.station.turn()

    @rule(which=some_clip, on=st.booleans())
    def hold(self, which: int, *, on: bool) -> None:
        for clip in self._clip(which):
            kind = ClipHeld if on else ClipUnheld
            if self._say(kind(clip=clip, reason="inquiry", actor="1000:sgt")):
                self.held = self.held | {clip} if on else self.held - {clip}
        self.station.turn()

    @rule(which=some_clip, on=st.booleans())
    def flag(self, which: int, *, on: bool) -> None:
        for clip in self._clip(which):
            if self._say(
                ClipFlagged(clip=clip, reason="assault", case="", actor="1000:sgt")
                if on
                else ClipUnflagged(clip=clip, reason="none", actor="1000:sgt")
            ):
                self.evidence = self.evidence | {clip} if on else self.evidence - {clip}
        self.station.turn()

    @rule()
    def free_the_spool(self) -> None:
        """An operator wants room: `bwvdock dispose --proven`."""
        self.station.schedule.disposal.free()
        self.station.turn()

    def _say(self, fact: Mark) -> bool:
        """Say it as the desk does: whoever is refused has been told that nothing is saved."""
        try:
            self.station.schedule.disposal.require_free([fact])
        except UsageError:
            return False
        self.station.ledger.record([fact])
        return True

    def _clip(self, which: int) -> list[str]:
        clips = [fact.clip for fact in self.station.facts if isinstance(fact, ClipFound)]
        return [clips[which % len(clips)]] if clips else []

    # --- what time and the world do ---

    @rule(ms=st.sampled_from([HOUR, 10 * DAY, 32 * DAY]))
    def time_passes(self, ms: int) -> None:
        self.station.clock.pass_ms(ms)
        self.station.turn()

    @rule(known=st.booleans())
    def clock(self, *, known: bool) -> None:
        self.station.clock.is_synchronised = known
        self.station.turn()

    @rule(on=st.booleans())
    def erasing_is_switched(self, *, on: bool) -> None:
        self.station.dockings.erasing.rules = EraseRules(erase=self.erases and on)
        self.station.turn()

    @rule()
    def outage_begins_or_ends(self) -> None:
        here, away = self.root / "vault", self.root / "away"
        if away.exists():
            if here.exists():
                shutil.rmtree(here)
            away.rename(here)
        elif here.exists():
            here.rename(away)
        self.station.turn()

    @rule(place=st.sampled_from(PLACES))
    def a_thread_gets_on(self, place: str) -> None:
        self.station.held_up[place].go_on(self.station.inbox.put)
        self.station.turn()

    @rule(dropped=st.booleans())
    def crash(self, *, dropped: bool) -> None:
        """The power goes; perhaps just after a copy was taken away, and before that was recorded."""
        for worker in self.station.held_up.values():
            jobs, worker.jobs = worker.jobs, []
            for job in jobs if dropped else []:
                carry_out(job, lambda _: None, fail_loudly)
        self.station.restart()
        for camera in list(self.docked):
            self._plug(camera)
        self.station.turn()

    # --- what must be so ---

    @invariant()
    def nothing_that_must_stay_is_gone(self) -> None:
        if not hasattr(self, "station"):
            return
        found = [fact for fact in self.station.facts if isinstance(fact, ClipFound)]
        for fact in found[len(self.paths) :]:
            self.paths[fact.clip] = (fact.camera, fact.files[0].path)
            self.docked_at[fact.clip] = self.station.clock.now()
            self.evidence |= {fact.clip} if fact.marked else set()
        now = set(self._copies())
        for clip, place in self.standing - now:
            assert clip not in self.held, f"held, and gone from {place}"
            assert place == "camera" or clip not in self.evidence, f"evidence, and gone from {place}"
            self._was_announced(clip, place)
            if place == "vault":
                assert self.station.clock.now() > self.docked_at[clip] + KEPT, "a vault keeps it to its date"
            if not any((clip, elsewhere) in now for elsewhere in ("camera", "vault")):
                assert clip not in self.evidence, "evidence, and gone everywhere"
                assert self.station.clock.now() > self.docked_at[clip] + KEPT, "gone before its time was over"
        self.standing = now

    def _was_announced(self, clip: str, place: str) -> None:
        facts = [fact for fact in self.station.facts if getattr(fact, "clip", "") == clip]
        proven = [n for n, fact in enumerate(facts) if isinstance(fact, ClipVerified) and not fact.awaiting]
        said = [
            n
            for n, fact in enumerate(facts)
            if (isinstance(fact, ReleaseIntended) and place == "camera")
            or (isinstance(fact, DisposalIntended) and fact.place == place)
        ]
        assert proven, f"gone from {place}, and never proven"
        assert said, f"gone from {place}, and never announced"
        assert proven[0] < said[0], f"announced to go from {place} before it was proven"

    def _copies(self) -> Iterator[Copy]:
        for clip, (camera, path) in self.paths.items():
            if path in self.cards[camera].files:
                yield clip, "camera"
            if (self.root / SPOOL / f"{clip}.0.mp4").exists():
                yield clip, SPOOL
            vaults = (self.root / name for name in ("vault", "away"))
            if any(next(vault.rglob(f"{clip}.0.mp4"), None) for vault in vaults):
                yield clip, "vault"

    def teardown(self) -> None:
        """In the end everything that may go does, and the journal tells of all of it."""
        try:
            if hasattr(self, "station"):
                self._end()
        finally:
            shutil.rmtree(self.root)

    def _end(self) -> None:
        if (self.root / "away").exists():
            self.outage_begins_or_ends()
        self.station.clock.is_synchronised = True
        self.erasing_is_switched(on=True)
        for camera in set(CAMERAS) - set(self.docked):
            self._plug(camera)
        for _ in range(4):
            self.station.clock.pass_ms(40 * DAY)
            self.station.turn()
            while any(worker.jobs for worker in self.station.held_up.values()):
                for place in PLACES:
                    self.a_thread_gets_on(place)
        self.nothing_that_must_stay_is_gone()
        left = {clip for clip, place in self.standing if place != "camera" or self.erases}
        assert left == (self.held | self.evidence) & left, "its time is over and nothing keeps it"
        self._check_entries()

    def _check_entries(self) -> None:
        announced: set[Copy] = set()
        for fact in self.station.facts:
            match fact:
                case DisposalIntended():
                    announced.add((fact.clip, fact.place))
                case ClipDisposed():
                    assert (fact.clip, fact.place) in announced
                case ClipReleased() if not fact.kept:
                    assert self.erases
                case ClipRetired():
                    assert (fact.clip, SPOOL) in announced
        assert verify_journal(self.root / "journal.sqlite3").ok
        self.station.journal.close()


Histories.TestCase.settings = settings(
    max_examples=settings().max_examples // 5,  # each is thirty steps
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestHistories = Histories.TestCase
