"""Over random histories: does nothing go that is held, unreviewed without notice, or before its date?

The whole station, everything real but the camera: journal, spool, vault. Restarts, months without power,
clocks that are wrong, configurations that change. What people said is kept in a model of our own.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bwvdock.core.clips.classes.given import classify
from bwvdock.core.clips.classes.rules import RetentionClass, RetentionRules
from bwvdock.core.facts import (
    BY_EVENT,
    BY_PERSON,
    BY_UNIT,
    ClipDated,
    ClipDisposed,
    ClipFlagged,
    ClipFound,
    ClipHeld,
    ClipRestored,
    ClipUnflagged,
    ClipUnheld,
    CopyWithdrawn,
    DisposalIntended,
    DisposalNoticed,
    Fact,
    RestoreIntended,
)
from bwvdock.core.moments import nanoseconds
from bwvdock.edges.journal.verify.verify import verify_journal
from tests.fakes.camera import FakeFile, FakeVolume
from tests.fakes.station import Station
from tests.places import in_memory

pytestmark = pytest.mark.slow

HOUR = 3600 * 1000
DAY = 24 * HOUR
SLACK = timedelta(minutes=10)  # footage is some minutes older than its docking

some_clip = st.integers(min_value=0, max_value=1000)
some_days = st.sampled_from([1, 7, 31, 90])


@dataclass
class Said:
    """What is known of one clip by what people, events and configurations said of it."""

    docked_at: datetime
    promised: int
    held: bool = False
    evidence: bool = False
    reviewed: bool = False
    classes: dict[str, int] = field(default_factory=dict)
    noticed: list[tuple[datetime, int]] = field(default_factory=list)

    def kept_days(self) -> int:
        longest = max(self.classes.values(), default=0)
        return longest if self.reviewed and self.classes else max(self.promised, longest)


class Histories(RuleBasedStateMachine):
    """What can happen to a station, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp(prefix="notices-", dir=in_memory()))
        self.said: dict[str, Said] = {}
        self.there: set[tuple[str, str]] = set()
        self.seen = 0
        self.aside: dict[str, datetime] = {}
        self.taken = 0

    @initialize(days=some_days, notice=st.sampled_from([0, 3, 7]), grace=st.sampled_from([0, 5]))
    def open(self, days: int, notice: int, grace: int) -> None:
        self.kept_by = RetentionRules(days=days, notice_days=notice, grace_days=grace)
        self.station = Station(self.root, retention=self.kept_by)
        self.station.enrol()
        self.card = FakeVolume(files={})

    # --- what people do ---

    @rule(files=st.integers(min_value=1, max_value=2))
    def dock(self, files: int) -> None:
        for _ in range(files):
            self.taken += 1
            recorded = nanoseconds(self.station.clock.now() - timedelta(minutes=5)) + self.taken
            name = f"DCIM/100MEDIA/C{self.taken:04}.MP4"
            self.card.files[name] = FakeFile(data=b"%d" % self.taken, mtime_ns=recorded)
        known = {fact.clip for fact in self.station.facts if isinstance(fact, ClipFound)}
        self.station.visit(self.card)
        for fact in self.station.facts:
            if isinstance(fact, ClipFound) and fact.clip not in known:
                self.said[fact.clip] = Said(self._true_now(), self.kept_by.unreviewed_days)

    def _true_now(self) -> datetime:
        return self.station.clock.now() - self.station.clock.wrong_by

    @rule(which=some_clip, on=st.booleans())
    def hold(self, which: int, *, on: bool) -> None:
        for clip, said in self._some(which):
            said.held, said.noticed = on, []
            self._record((ClipHeld if on else ClipUnheld)(clip=clip, reason="inquiry", actor="1000:sgt"))

    @rule(which=some_clip, on=st.booleans())
    def flag(self, which: int, *, on: bool) -> None:
        for clip, said in self._some(which):
            said.evidence, said.reviewed = on, True
            if on:
                self._record(ClipFlagged(clip=clip, reason="assault", case="", actor="1000:sgt"))
            else:
                self._record(ClipUnflagged(clip=clip, reason="none", actor="1000:sgt"))

    @rule(
        which=some_clip,
        days=some_days,
        name=st.sampled_from(["", "a", "b"]),
        basis=st.sampled_from([BY_PERSON, BY_EVENT, BY_UNIT]),
        instead=st.booleans(),
    )
    def classify(self, which: int, days: int, name: str, basis: str, *, instead: bool) -> None:
        instead = instead and basis == BY_PERSON
        for clip, said in self._some(which):
            said.reviewed = said.reviewed or basis != BY_UNIT
            said.classes = {} if instead else said.classes
            said.classes[name] = max(days, said.classes.get(name, 0))
            of = RetentionClass(name=name, days=days)
            self._record(classify(clip, of, basis=basis, instead=instead, actor="1000:sgt"))

    @rule(which=some_clip)
    def restore(self, which: int) -> None:
        for clip, said in self._some(which):
            if clip in self.aside:
                said.held, said.noticed = True, []
                self._record(ClipHeld(clip=clip, reason="complaint", actor="1000:sgt"))
                fact = RestoreIntended(clip=clip, place="vault", reason="complaint", actor="1000:sgt")
                self.station.ledger.record([fact])
                self.station.schedule.disposal.restore(fact)
                self.station.turn()

    def _record(self, fact: Fact) -> None:
        self.station.ledger.record([fact])
        self.station.turn()

    def _some(self, which: int) -> Iterator[tuple[str, Said]]:
        clips = sorted(self.said)
        if clips:
            clip = clips[which % len(clips)]
            yield clip, self.said[clip]

    # --- what time, the world and the configuration do ---

    @rule(ms=st.sampled_from([HOUR, DAY, 4 * DAY, 8 * DAY, 40 * DAY]))
    def time_passes(self, ms: int) -> None:
        self.station.clock.pass_ms(ms)
        self.station.turn()

    @rule(days=st.sampled_from([0, 5, 40, 400]))
    def is_off(self, days: int) -> None:
        self.station.clock.pass_ms(days * DAY)
        self.station.clock.reboot()
        self.station.restart()
        self.station.turn()

    @rule(wrong=st.sampled_from([-400, -3, 3, 400]))
    def the_clock_is_lost(self, wrong: int) -> None:
        self.station.clock.is_synchronised = False
        self.station.clock.wrong_by = timedelta(days=wrong)
        self.station.turn()

    @rule()
    def the_clock_is_set(self) -> None:
        self.station.clock.wrong_by = timedelta(0)
        self.station.clock.is_synchronised = True
        self.station.turn()

    @rule(days=some_days, notice=st.sampled_from([0, 3, 7, 14]), grace=st.sampled_from([0, 5]))
    def the_configuration_changes(self, days: int, notice: int, grace: int) -> None:
        rules = RetentionRules(days=days, notice_days=notice, grace_days=grace)
        self.kept_by = self.station.retention = rules
        self.station.dockings.reload(
            mode=self.station.dockings.mode, profiles=self.station.profiles, non_evidential_days=days
        )
        self.station.schedule.change(non_evidential_days=days, rules=self.kept_by)
        self.station.turn()

    @rule()
    def somebody_wants_room_now(self) -> None:
        self.station.schedule.round()
        self.station.turn()

    # --- what must be so ---

    @invariant()
    def nothing_goes_without_cause_or_notice(self) -> None:
        if not hasattr(self, "station"):
            return
        now = self.station.clock.now()
        for fact in self.station.facts[self.seen :]:
            if isinstance(fact, ClipDated) and fact.retain_until:  # late, if nobody knew the time before
                self.said[fact.clip].promised = self.kept_by.unreviewed_days
            if isinstance(fact, CopyWithdrawn):
                self.aside[fact.clip] = datetime.fromisoformat(fact.until)
            if isinstance(fact, ClipRestored):
                self.aside.pop(fact.clip)
            if isinstance(fact, DisposalNoticed) and not self.said[fact.clip].held:
                self.said[fact.clip].noticed.append((datetime.fromisoformat(fact.at), fact.days))
        self.seen = len(self.station.facts)
        there = set(self._copies())
        for clip, place in self.there - there:
            said = self.said[clip]
            assert self.station.clock.is_synchronised, f"gone from {place} while nobody knew the time"
            assert not said.held, f"held, and gone from {place}"
            assert not said.evidence, f"evidence, and gone from {place}"
            if place == "vault" and (clip in self.aside or self.kept_by.grace_days):
                assert now > self.aside[clip], "removed while it could still be restored"
            over = said.docked_at + timedelta(days=said.kept_days()) - SLACK
            assert now >= over, f"gone from {place} before what was promised"
            if self.kept_by.notice_days and not said.reviewed:
                days = self.kept_by.notice_days
                assert any(now - at >= timedelta(days=max(days, d)) for at, d in said.noticed), (
                    f"gone from {place}, nobody had reviewed it, and no notice was given {days} days before"
                )
        self.there = there

    def _copies(self) -> Iterator[tuple[str, str]]:
        for clip in self.said:
            if (self.root / "spool" / f"{clip}.0.mp4").exists():
                yield clip, "spool"
            if next((self.root / "vault").rglob(f"{clip}.0.mp4"), None):
                yield clip, "vault"

    def teardown(self) -> None:
        """In the end everything goes that may: a rule that kept all would not be one."""
        try:
            if hasattr(self, "station"):
                self._end()
        finally:
            shutil.rmtree(self.root)

    def _end(self) -> None:
        self.the_clock_is_set()
        for _ in range(60):
            self.time_passes(8 * DAY)
            self.nothing_goes_without_cause_or_notice()
        left = {clip for clip, _ in self.there}
        kept = {clip for clip, said in self.said.items() if said.held or said.evidence}
        assert left == kept & left, "its time is over, notice was given, and nothing keeps it"
        announced = {(f.clip, f.place) for f in self.station.facts if isinstance(f, DisposalIntended)}
        gone = {(f.clip, f.place) for f in self.station.facts if isinstance(f, ClipDisposed)}
        assert gone <= announced
        assert verify_journal(self.root / "journal.sqlite3").ok
        self.station.journal.close()


Histories.TestCase.settings = settings(
    max_examples=settings().max_examples // 5,  # each is twenty steps, and a year after them
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestHistories = Histories.TestCase
