"""Over random histories: is nothing taken away that a standing hold is about in truth?

The whole station, as in test_disposal_property.py. The model is a plain table of what is true: when each
clip was recorded and who had its camera then, by the roster as it was entered so far. Cameras' clocks are
right, or were never set; the dock's clock may be unknown; rosters come late and are corrected; docks start
again at any moment. The model knows nothing of uncertainty: the dock has to keep whatever turns out to
match.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bwvdock.bays.erasing import EraseRules
from bwvdock.core.clips.states import SPOOL
from bwvdock.core.facts import ClipFound, ClipHeld, ClipUnheld, Fact
from bwvdock.core.moments import iso, nanoseconds
from bwvdock.edges.journal.read.reader import JournalReader
from bwvdock.edges.journal.verify.verify import verify_journal
from bwvdock.errors import UsageError
from bwvdock.operators.holds.decide import decide_on_holds
from bwvdock.operators.holds.requests import EndHold, HoldOrder, OpenHold
from bwvdock.operators.requests import Assign
from bwvdock.operators.roster import assign
from bwvdock.runtime.jobs import carry_out
from tests.fakes.camera import FakeFile, FakeVolume
from tests.fakes.station import Station
from tests.fakes.worker import fail_loudly
from tests.places import in_memory

pytestmark = pytest.mark.slow

DAY = 86_400_000
CAMERAS = ("BWV-00001", "BWV-00002")
OFFICERS = ("4411", "5512")
PLACES = (f"dispose {SPOOL}", "dispose vault")
ACTOR = "1000:sgt"
NEVER_SET = timedelta(days=-4000)
some = st.integers(min_value=0, max_value=1000)


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """A row of the table: a recording as it truly was made."""

    camera: str
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What a hold asks for."""

    camera: str = ""
    officer: str = ""
    since: datetime | None = None
    until: datetime | None = None


class Histories(RuleBasedStateMachine):
    """What can happen to a station, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp(prefix="freezing-", dir=in_memory()))
        self.standing: set[tuple[str, str]] = set()
        self.taken: dict[str, Taken] = {}  # by the path on its camera
        self.clip_at: dict[str, str] = {}  # the clip's id, by that path
        self.roster: list[tuple[str, str, datetime]] = []
        self.holds: dict[str, Asked] = {}  # those in force
        self.kept: set[tuple[str, str]] = set()  # path and hold
        self.own: set[str] = set()  # paths
        self.gone: dict[str, set[str]] = {}  # the holds that were in force when a copy went, by its path

    @initialize(erases=st.booleans(), right=st.tuples(st.booleans(), st.booleans()))
    def open(self, *, erases: bool, right: tuple[bool, bool]) -> None:
        self.station = Station(self.root, erases=erases, held_up=PLACES)
        self.erases = erases
        self.wrong = {c: timedelta(0) if ok else NEVER_SET for c, ok in zip(CAMERAS, right, strict=True)}
        self.cards = {serial: FakeVolume(files={}) for serial in CAMERAS}
        self.docked: dict[str, str] = {}
        for serial in CAMERAS:
            self.station.enrol(serial)

    # --- what people do ---

    @rule(camera=st.sampled_from(CAMERAS), hours_ago=st.lists(st.integers(0, 30), max_size=2))
    def dock(self, camera: str, hours_ago: list[int]) -> None:
        if camera in self.docked:
            return
        for hours in hours_ago:
            at = self.station.clock.now() - timedelta(hours=hours, minutes=5, milliseconds=len(self.taken))
            path = f"DCIM/100MEDIA/C{len(self.taken):04}.MP4"
            self.taken[path] = Taken(camera=camera, at=at)
            shown = nanoseconds(at + self.wrong[camera])
            self.cards[camera].files[path] = FakeFile(data=path.encode(), mtime_ns=shown)
        self._plug(camera)
        self._work()

    def _plug(self, camera: str) -> None:
        bay = f"1-{CAMERAS.index(camera) + 1}"
        self.docked[camera] = self.station.plug(self.cards[camera], serial=camera, bay=bay)

    @precondition(lambda self: self.docked)
    @rule()
    def undock(self) -> None:
        _, key = self.docked.popitem()
        self.station.pull(key)
        self._work()

    @rule(camera=st.sampled_from(CAMERAS), officer=st.sampled_from(OFFICERS), days=st.integers(0, 50))
    def assign(self, camera: str, officer: str, days: int) -> None:
        """Somebody enters who had a camera, perhaps weeks later, perhaps once more and otherwise."""
        begins = self.station.clock.now() - timedelta(days=days)
        rows = (("", camera, officer, iso(begins), ""),)
        with self._reader() as reader:
            facts = assign(Assign(rows=rows, correct=True), reader, ACTOR).facts
        if self._say(facts):
            self.roster.append((camera, officer, datetime.fromisoformat(iso(begins))))
        self._work()

    @rule(
        camera=st.sampled_from(("", *CAMERAS)),
        officer=st.sampled_from(("", *OFFICERS)),
        window=st.none() | st.tuples(st.integers(0, 40), st.integers(0, 40)),
    )
    def freeze(self, camera: str, officer: str, window: tuple[int, int] | None) -> None:
        now, since, until = self.station.clock.now(), None, None
        if window is not None:
            since, until = now - timedelta(days=window[0]), now + timedelta(days=window[1] - 20)
        if not (camera or officer or window) or (since and until and since > until):
            return
        order = OpenHold(
            reason="inquiry",
            camera=camera,
            officer=officer,
            since=iso(since) if since else "",
            until=iso(until) if until else "",
        )
        if (hold := self._order(order)) is not None:
            self.holds[hold] = Asked(camera=camera, officer=officer, since=since, until=until)
        self._work()

    @precondition(lambda self: self.holds)
    @rule(which=some)
    def end_a_hold(self, which: int) -> None:
        hold = sorted(self.holds)[which % len(self.holds)]
        if self._order(EndHold(hold=hold, reason="closed")) is not None:
            del self.holds[hold]
            self.kept = {(path, name) for path, name in self.kept if name != hold}
        self._work()

    @precondition(lambda self: self.clip_at)
    @rule(which=some, on=st.booleans())
    def hold_by_name(self, which: int, *, on: bool) -> None:
        path = sorted(self.clip_at)[which % len(self.clip_at)]
        kind = ClipHeld if on else ClipUnheld
        if self._say([kind(clip=self.clip_at[path], reason="inquiry", actor=ACTOR)]):
            self.own = self.own | {path} if on else self.own - {path}
        self._work()

    @rule()
    def free_the_spool(self) -> None:
        self.station.schedule.disposal.free()
        self._work()

    def _order(self, order: HoldOrder) -> str | None:
        with self._reader() as reader:
            decision = decide_on_holds(order, self.station.journal, reader, ACTOR)
        return decision.ids["hold"] if self._say(decision.facts) else None

    def _reader(self) -> JournalReader:
        return JournalReader(self.root / "journal.sqlite3")

    def _say(self, facts: list[Fact] | tuple[Fact, ...]) -> bool:
        """Record facts as the desk does: who is refused has been told that nothing is saved."""
        try:
            self.station.schedule.disposal.require_free(facts)
        except UsageError:
            return False
        self.station.ledger.record(facts)
        return True

    # --- what time and the world do ---

    @rule(days=st.sampled_from([1, 10, 32]))
    def time_passes(self, days: int) -> None:
        self.station.clock.pass_ms(days * DAY)
        self._work()

    @rule(known=st.booleans())
    def clock(self, *, known: bool) -> None:
        self.station.clock.is_synchronised = known
        self._work()

    @rule(place=st.sampled_from(PLACES))
    def a_thread_gets_on(self, place: str) -> None:
        self.station.held_up[place].go_on(self.station.inbox.put)
        self._work()

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
        self._work()

    def _work(self) -> None:
        """Note what must be kept by now; then let the dock work."""
        self._note()
        self.station.turn()
        for fact in self.station.facts:
            if isinstance(fact, ClipFound):
                self.clip_at[fact.files[0].path] = fact.clip

    # --- what must be so ---

    def _note(self) -> None:
        for path in self.clip_at:
            for hold, asked in self.holds.items():
                if self._is(self.taken[path], asked):
                    self.kept.add((path, hold))
                    assert hold not in self.gone.get(path, ()), f"{path} turns out to match, and is gone"

    def _is(self, clip: Taken, asked: Asked) -> bool:
        """Return whether a hold is about a clip, in truth."""
        return (
            asked.camera in {"", clip.camera}
            and asked.officer in {"", self._officer(clip)}
            and (asked.since is None or clip.at >= asked.since)
            and (asked.until is None or clip.at <= asked.until)
        )

    def _officer(self, clip: Taken) -> str:
        """Return who had the camera by the roster: of those that began before, the one that began last."""
        begun = [(at, n, who) for n, (camera, who, at) in enumerate(self.roster) if camera == clip.camera]
        return max((row for row in begun if row[0] <= clip.at), default=(None, 0, "nobody"))[2]

    @invariant()
    def nothing_that_must_stay_is_gone(self) -> None:
        if not hasattr(self, "station"):
            return
        now = set(self._copies())
        must_stay = self.own | {path for path, _ in self.kept}
        for path, place in self.standing - now:
            assert path not in must_stay, f"{path} is held, and gone from {place}"
            self.gone.setdefault(path, set()).update(self.holds)
        self.standing = now
        for path, clip_id in self.clip_at.items():
            clip = self.station.journal.clip(clip_id)
            if clip is None or not clip.parts:
                continue
            for hold, asked in self.holds.items():
                assert hold in clip.standing or (path, hold) not in self.kept, "without its entry"
                if hold in clip.standing:
                    assert asked.camera in {"", clip.camera}, "on a hold of another camera"
            assert clip.standing.keys() <= self.holds.keys(), "on a hold that was ended"

    def _copies(self) -> Iterator[tuple[str, str]]:
        for path, clip in self.clip_at.items():
            if path in self.cards[self.taken[path].camera].files:
                yield path, "camera"
            if (self.root / SPOOL / f"{clip}.0.mp4").exists():
                yield path, SPOOL
            if any((self.root / "vault").rglob(f"{clip}.0.mp4")):
                yield path, "vault"

    def teardown(self) -> None:
        """In the end people end what they began, and then all goes."""
        try:
            if hasattr(self, "station"):
                self._end()
        finally:
            shutil.rmtree(self.root)

    def _end(self) -> None:
        self.station.clock.is_synchronised = True
        self.station.dockings.erasing.rules = EraseRules(erase=self.erases)
        self._get_on()
        self.nothing_that_must_stay_is_gone()
        for hold in list(self.holds):
            self.end_a_hold(sorted(self.holds).index(hold))
        for path in sorted(self.own):
            self._say([ClipUnheld(clip=self.clip_at[path], reason="over", actor=ACTOR)])
        self.own = set()
        assert not self.holds
        self._get_on()
        self.nothing_that_must_stay_is_gone()
        assert not {path for path, place in self.standing if place != "camera"}, "nothing keeps it any more"
        assert verify_journal(self.root / "journal.sqlite3").ok
        self.station.journal.close()

    def _get_on(self) -> None:
        for camera in set(CAMERAS) - set(self.docked):
            self._plug(camera)
        for _ in range(4):
            self.station.clock.pass_ms(40 * DAY)
            self._work()
            while any(worker.jobs for worker in self.station.held_up.values()):
                for place in PLACES:
                    self.a_thread_gets_on(place)


Histories.TestCase.settings = settings(
    max_examples=settings().max_examples // 5,  # each is thirty steps
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestHistories = Histories.TestCase
