"""Over random histories, with every rule at once: does no copy go that must stay?

No history disposes of a copy that is unreviewed without notice, held, held by a standing query, not in every
store where its class has it, or not verified again. The whole station: restarts, clocks that are lost,
configurations that change, a store that loses copies, holds by name and by query, rosters and events that
come late and are corrected, classes. What must be so is in disposing.py, by facts and by what people know.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bwvdock.core.clips.classes.given import classify
from bwvdock.core.clips.classes.rules import RetentionClass, RetentionRules
from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.plan import Target
from bwvdock.core.facts import (
    BY_PERSON,
    ClipFlagged,
    ClipFound,
    ClipHeld,
    ClipUnflagged,
    ClipUnheld,
    EventRecorded,
    Fact,
    SentOfficer,
)
from bwvdock.core.holdings.rules import DAY as A_DAY
from bwvdock.core.holdings.rules import Reverify
from bwvdock.core.moments import iso, nanoseconds
from bwvdock.edges.journal.read.reader import JournalReader
from bwvdock.edges.journal.verify.verify import verify_journal
from bwvdock.errors import UsageError
from bwvdock.operators.holds.decide import decide_on_holds
from bwvdock.operators.holds.requests import EndHold, HoldOrder, OpenHold
from bwvdock.operators.requests import Assign
from bwvdock.operators.roster import assign
from bwvdock.service.assemble import Parts
from tests.fakes.camera import FakeFile, FakeVolume
from tests.fakes.destination import FakeDestination
from tests.fakes.matching_station import DAY, MINUTE, MatchingStation
from tests.places import in_memory
from tests.upkeep.disposing import Call, Duties, Frozen, Seen

pytestmark = pytest.mark.slow

CAMERAS = ("BWV-00001", "BWV-00002")
OFFICERS = ("4411", "5512")
EVENTS = ("E-1", "E-2")
ACTOR = "1000:sgt"
STORES = ("vault", "county")
REVERIFY = Reverify(first=timedelta(hours=24), every=A_DAY * 10, wait=A_DAY * 7)
CLASSES = {
    "": RetentionClass(name="", days=31),
    "assault": RetentionClass(name="assault", days=60),
    "firearms": RetentionClass(name="firearms", days=31, restricted=True, destinations=("county",)),
}
some = st.integers(min_value=0, max_value=1000)
few_days = st.sampled_from([7, 31])


class County(FakeDestination):
    """An evidence store behind a network."""

    kind = "tus"


class TwoStores(MatchingStation):
    """The station with its vault and a store elsewhere, both of them required."""

    def outside(self, parts: Parts) -> Parts:
        if not hasattr(self, "county"):
            self.county = County(self._content, name="county")
        stores = [*parts.destinations, self.county]
        targets = [*parts.targets, Target(name="county", required=True)]
        return super().outside(replace(parts, destinations=stores, targets=targets))

    def _content(self, clip: Clip, number: int) -> bytes:
        return next((self.root / "spool").glob(f"{clip.id}.{number}.[!p]*")).read_bytes()


class Histories(RuleBasedStateMachine):
    """What can happen to a station, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp(prefix="disposing-", dir=in_memory()))
        self.seen: dict[str, Seen] = {}
        self.at: dict[str, tuple[str, datetime]] = {}  # camera and time of recording, by path
        self.duties = Duties()
        self.holds: dict[str, Frozen] = {}  # those in force
        self.kept: set[tuple[str, str]] = set()  # clip and hold
        self.there: set[tuple[str, str]] = set()
        self.read = 0

    @initialize(
        days=st.sampled_from([7, 31]), notice=st.sampled_from([0, 3, 7]), grace=st.sampled_from([0, 5])
    )
    def open(self, days: int, notice: int, grace: int) -> None:
        self.kept_by = RetentionRules(days=days, notice_days=notice, grace_days=grace)
        self.station = TwoStores(self.root, retention=self.kept_by, reverify=REVERIFY)
        self.cards = {serial: FakeVolume(files={}) for serial in CAMERAS}
        for serial in CAMERAS:
            self.station.enrol(serial)

    # --- what people do ---

    @rule(camera=st.sampled_from(CAMERAS), minutes_ago=st.sampled_from([5, 90, 600]))
    def dock(self, camera: str, minutes_ago: int) -> None:
        at = self._true_now() - timedelta(minutes=minutes_ago, seconds=len(self.at))
        path = f"DCIM/100MEDIA/C{len(self.at):04}.MP4"
        self.at[path] = camera, at
        self.cards[camera].files[path] = FakeFile(data=path.encode(), mtime_ns=nanoseconds(at))
        key = self.station.plug(self.cards[camera], serial=camera, bay=f"1-{CAMERAS.index(camera) + 1}")
        self._work()
        self.station.pull(key)
        self._work()

    @rule(which=some, on=st.sampled_from([True, True, False]))
    def hold(self, which: int, *, on: bool) -> None:
        for clip, seen in self._some(which):
            if self._say([(ClipHeld if on else ClipUnheld)(clip=clip, reason="inquiry", actor=ACTOR)]):
                seen.own_hold = on

    @rule(which=some, on=st.booleans())
    def flag(self, which: int, *, on: bool) -> None:
        for clip, seen in self._some(which):
            fact = (
                ClipFlagged(clip=clip, reason="assault", case="", actor=ACTOR)
                if on
                else ClipUnflagged(clip=clip, reason="none", actor=ACTOR)
            )
            if self._say([fact]):
                seen.evidence, seen.said = on, True

    @rule(which=some, name=st.sampled_from(sorted(CLASSES)))
    def review(self, which: int, name: str) -> None:
        for clip, seen in self._some(which):
            if self._say([classify(clip, CLASSES[name], basis=BY_PERSON, actor=ACTOR)]):
                seen.said = True
                seen.classes[name] = CLASSES[name].days

    @rule(
        about=st.one_of(
            st.builds(Frozen, officer=st.sampled_from(OFFICERS)),
            st.builds(Frozen, event=st.sampled_from(EVENTS)),
            st.builds(Frozen, camera=st.sampled_from(CAMERAS), officer=st.sampled_from(OFFICERS)),
        )
    )
    def freeze(self, about: Frozen) -> None:
        order = OpenHold(reason="inquiry", officer=about.officer, event=about.event, camera=about.camera)
        if hold := self._order(order):
            self.holds[hold] = about
        self._work()

    @precondition(lambda self: self.holds)
    @rule(which=some)
    def end_a_hold(self, which: int) -> None:
        hold = sorted(self.holds)[which % len(self.holds)]
        if self._order(EndHold(hold=hold, reason="closed")):
            del self.holds[hold]
            self.kept = {(clip, name) for clip, name in self.kept if name != hold}
        self._work()

    @rule(
        camera=st.sampled_from(CAMERAS),
        officer=st.sampled_from(OFFICERS),
        hours=st.sampled_from([1, 30, 900]),
    )
    def assign(self, camera: str, officer: str, hours: int) -> None:
        """Somebody enters who had a camera, perhaps weeks later, perhaps once more and otherwise."""
        begins = self.station.clock.now() - timedelta(hours=hours)
        row = ("", camera, officer, iso(begins), "")
        with self._reader() as reader:
            facts = assign(Assign(rows=(row,), correct=True), reader, ACTOR).facts
        if self._say(facts):
            self.duties.roster.append((camera, officer, datetime.fromisoformat(iso(begins))))

    @rule(
        event=st.sampled_from(EVENTS),
        officer=st.sampled_from(OFFICERS),
        which=some,
        hours=st.sampled_from([0.5, 0.5, 12]),
        lasts=st.sampled_from([1, 6]),
    )
    def import_an_event(self, event: str, officer: str, which: int, hours: float, lasts: int) -> None:
        """Dispatch tells of a call, perhaps weeks later, perhaps while a clip was recorded."""
        for _, seen in self._some(which):
            self._import(event, officer, datetime.fromisoformat(iso(seen.at - timedelta(hours=hours))), lasts)

    def _import(self, event: str, officer: str, begins: datetime, lasts: int) -> None:
        call = Call(officer=officer, begins=begins, ends=begins + timedelta(hours=lasts))
        sent = SentOfficer(officer=officer, dispatched=iso(call.begins), cleared=iso(call.ends))
        if self._say([EventRecorded(event=event, officers=(sent,), units=(), actor=ACTOR)]):
            self.duties.calls[event] = call

    @rule()
    def make_room(self) -> None:
        self.station.schedule.disposal.free()
        self._work()

    # --- what time, the world and the configuration do ---

    @rule(days=st.sampled_from([1, 4, 8, 33]))
    def time_passes(self, days: int) -> None:
        self.station.clock.pass_ms(days * DAY)
        self._work()

    @rule(days=st.sampled_from([0, 5, 40]))
    def is_off(self, days: int) -> None:
        self.station.clock.pass_ms(days * DAY)
        self.station.clock.reboot()
        self.station.restart()
        self._work()

    @rule(wrong=st.sampled_from([0, 0, 0, -40, 3, 400]))
    def the_clock(self, wrong: int) -> None:
        """It is set (0), or lost: wrong by so many days, and the dock knows that it may be."""
        self.station.clock.wrong_by = timedelta(days=wrong)
        self.station.clock.is_synchronised = wrong == 0
        self._work()

    @rule(days=few_days, notice=st.sampled_from([0, 3, 14]), grace=st.sampled_from([0, 5]))
    def the_configuration_changes(self, days: int, notice: int, grace: int) -> None:
        self.kept_by = self.station.retention = RetentionRules(
            days=days, notice_days=notice, grace_days=grace
        )
        self.station.dockings.reload(
            mode=self.station.dockings.mode, profiles=self.station.profiles, non_evidential_days=days
        )
        self.station.schedule.change(non_evidential_days=days, rules=self.kept_by)
        self._work()

    @rule(which=some)
    def a_store_loses_a_copy(self, which: int) -> None:
        if self.station.county.objects:
            names = sorted(self.station.county.objects)
            del self.station.county.objects[names[which % len(names)]]

    @rule(reachable=st.sampled_from([True, True, False]))
    def the_store_is_away(self, *, reachable: bool) -> None:
        self.station.county.reachable = reachable
        self._work()

    # --- how ---

    def _true_now(self) -> datetime:
        return self.station.clock.now() - self.station.clock.wrong_by

    def _some(self, which: int) -> Iterator[tuple[str, Seen]]:
        if self.seen:
            clip = sorted(self.seen)[which % len(self.seen)]
            yield clip, self.seen[clip]

    def _reader(self) -> JournalReader:
        return JournalReader(self.root / "journal.sqlite3")

    def _order(self, order: HoldOrder) -> str:
        with self._reader() as reader:
            decision = decide_on_holds(order, self.station.journal, reader, ACTOR)
        return decision.ids["hold"] if self._tell(decision.facts) else ""

    def _say(self, facts: list[Fact] | tuple[Fact, ...]) -> bool:
        said = self._tell(facts)
        self._work()
        return said

    def _tell(self, facts: list[Fact] | tuple[Fact, ...]) -> bool:
        try:
            self.station.schedule.disposal.require_free(facts)
        except UsageError:
            return False
        self.station.ledger.record(facts)
        return True

    def _work(self) -> None:
        """Let the dock work, twice: what is compared and asked again needs some minutes."""
        for _ in range(2):
            self._learn()
            self.station.clock.pass_ms(15 * MINUTE)
            self.station.turn()
        self._learn()

    def _learn(self) -> None:
        """Take in what was recorded, and which clips the holds are about by now."""
        for fact in self.station.facts[self.read :]:
            if isinstance(fact, ClipFound):
                camera, at = self.at[fact.files[0].path]
                days = self.kept_by.unreviewed_days
                self.seen[fact.clip] = Seen(camera=camera, at=at, docked_at=self._true_now(), promised=days)
            elif (seen := self.seen.get(getattr(fact, "clip", ""))) is not None:
                seen.learn(fact, days=self.kept_by.unreviewed_days)
        self.read = len(self.station.facts)
        standing = {clip for clip, _ in self.there}
        self.kept |= {
            (clip, hold)
            for hold, about in self.holds.items()
            for clip in standing
            if self.duties.is_about(about, self.seen[clip])
        }

    # --- what must be so ---

    @invariant()
    def nothing_goes_that_must_stay(self) -> None:
        if not hasattr(self, "station"):
            return
        self._learn()
        there = set(self._copies())
        frozen = {clip for clip, _ in self.kept}
        for clip, place in self.there - there:
            early = place == "spool" and self.seen[clip].early
            assert early or self.station.clock.is_synchronised, f"gone from {place}, and nobody knew the time"
            assert clip not in frozen, f"on a standing hold, and gone from {place}"
            wrong = self.seen[clip].wrong(
                place,
                self._true_now(),
                required=STORES,
                notice=self.kept_by.notice_days,
                wait=REVERIFY.wait,
            )
            assert not list(wrong), f"gone from {place}: {self.seen[clip]}"
        self.there = there

    def _copies(self) -> Iterator[tuple[str, str]]:
        for clip in self.seen:
            if (self.root / "spool" / f"{clip}.0.mp4").exists():
                yield clip, "spool"
            if next((self.root / "vault").rglob(f"{clip}.0.mp4"), None):
                yield clip, "vault"

    def teardown(self) -> None:
        """In the end people end what they began, and what every store has proven goes."""
        try:
            if hasattr(self, "station"):
                self._end()
        finally:
            shutil.rmtree(self.root)

    def _end(self) -> None:
        self.station.county.reachable = True
        self.the_clock(0)
        for _ in range(6):  # everything comes to its date, with whatever keeps it
            self.nothing_goes_that_must_stay()
            self.time_passes(8)
        self.make_room()
        self.nothing_goes_that_must_stay()
        while self.holds:
            self.end_a_hold(0)
            self.nothing_goes_that_must_stay()
        for clip, seen in self.seen.items():
            if seen.own_hold and self._say([ClipUnheld(clip=clip, reason="over", actor=ACTOR)]):
                seen.own_hold = False
        for _ in range(12):
            self.time_passes(8)
            self.nothing_goes_that_must_stay()
        left = {clip for clip, place in self.there if place == "spool"}
        stays = {c for c, s in self.seen.items() if s.evidence or not (s.stores or {*STORES}) <= s.proven}
        assert left <= stays, "its time is over, notice was given, and nothing keeps it"
        assert verify_journal(self.root / "journal.sqlite3").ok
        self.station.journal.close()


Histories.TestCase.settings = settings(
    max_examples=settings().max_examples // 5,  # each is thirty steps, and half a year after them
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestHistories = Histories.TestCase
