"""Over random histories, with every rule at once: does no copy go that must stay?

No history disposes of a copy that is unreviewed without notice, held, held by a standing query, not in every
store where its class has it, or not verified again. The whole station: restarts, clocks that are lost,
configurations and stores that change, stores that lose copies, holds by name and by query, requests, rosters
and events that come late and are corrected, classes, copies that are brought back. What must be so is in
disposing.py.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bwvdock.core.clips.classes.rules import RetentionClass, RetentionRules
from bwvdock.core.moments import iso
from bwvdock.edges.journal.verify.verify import verify_journal
from bwvdock.operators.events.requests import ImportEvents
from bwvdock.operators.holds.requests import CloseRequest, EndHold, ExceptClips, OpenHold, OpenRequest
from bwvdock.operators.requests import Assign, Flag, Hold, Unflag, Unhold
from bwvdock.operators.retention.requests import Restore, Review
from tests.extent import EXTENT, Extent
from tests.places import in_memory
from tests.upkeep.disposing import Call, Frozen, Seen
from tests.upkeep.disposing_world import CAMERAS, ELSEWHERE, NEVER_SET, UNITS, World

pytestmark = pytest.mark.slow

OFFICERS = ("4411", "5512")
EVENTS = ("E-1", "E-2")
CLASSES = (
    RetentionClass(name="assault", days=60),
    RetentionClass(name="firearms", days=31, restricted=True, destinations=("county",)),
    RetentionClass(name="inquest", days=14, destinations=("archive", "vault")),
    RetentionClass(name="taskforce", days=40, units=("Taskforce",)),
)
UNSEEN = RetentionClass(name="unseen", days=45, until_reviewed=True)
STORES = (
    {"vault": True, "county": True},
    {"vault": True, "county": True, "archive": True},
    {"vault": True, "archive": False},
    {"county": True},
    {"vault": False, "county": True, "archive": False},
)
some = st.integers(min_value=0, max_value=1000)
rules_of_retention = st.builds(
    RetentionRules,
    days=st.sampled_from([7, 31]),
    unreviewed=st.sampled_from([None, None, UNSEEN]),
    notice_days=st.sampled_from([0, 3, 7, 14]),
    grace_days=st.sampled_from([0, 5]),
    classes=st.sampled_from(
        [CLASSES, CLASSES, CLASSES[:2], (replace(CLASSES[0], days=14), *CLASSES[1:]), ()]
    ),
)
queries = st.one_of(
    st.builds(Frozen, officer=st.sampled_from(OFFICERS)),
    st.builds(Frozen, event=st.sampled_from(EVENTS)),
    st.builds(Frozen, unit=st.sampled_from(sorted(UNITS.values()))),
    st.builds(Frozen, camera=st.sampled_from(CAMERAS), officer=st.sampled_from(OFFICERS)),
    st.builds(Frozen, camera=st.sampled_from(CAMERAS), event=st.sampled_from(EVENTS)),
)


class Histories(RuleBasedStateMachine):
    """What can happen to a station, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp(prefix="disposing-", dir=in_memory()))

    @initialize(kept_by=rules_of_retention, never_set=st.booleans(), stores=st.sampled_from(STORES))
    def open(self, kept_by: RetentionRules, stores: dict[str, bool], *, never_set: bool) -> None:
        self.world = World(self.root, kept_by)
        self.world.wrong = {CAMERAS[1]: NEVER_SET} if never_set else {}
        self.world.configure(kept_by, stores)
        for camera, officer in zip(CAMERAS, OFFICERS, strict=True):
            self.assign(camera, officer, 30)
            self.dock(camera, 90, accurate=True)

    # --- what people do ---

    @rule(camera=st.sampled_from(CAMERAS), minutes_ago=st.sampled_from([5, 90, 600]), accurate=st.booleans())
    def dock(self, camera: str, minutes_ago: int, *, accurate: bool) -> None:
        self.world.dock(camera, minutes_ago=minutes_ago, accurate=accurate)

    @rule(which=some, on=st.sampled_from([True, True, False]))
    def hold(self, which: int, *, on: bool) -> None:
        for clip, seen in self._some(which):
            if self.world.order((Hold if on else Unhold)(clips=(clip,), reason="inquiry")) is not None:
                seen.noticed = seen.noticed if seen.own_hold is on else []
                seen.own_hold = on
            self.world.done()

    @rule(which=some, on=st.booleans())
    def flag(self, which: int, *, on: bool) -> None:
        for clip, seen in self._some(which):
            order = Flag(clips=(clip,), reason="assault") if on else Unflag(clips=(clip,), reason="none")
            if self.world.order(order) is not None:
                seen.said = seen.said or on or seen.evidence
                seen.evidence = on
            self.world.done()

    @rule(which=some, name=st.sampled_from(["", *(one.name for one in CLASSES)]), instead=st.booleans())
    def review(self, which: int, name: str, *, instead: bool) -> None:
        for clip, _ in self._some(which):
            order = Review(clips=(clip,), of_class=name, reason="seen", instead=instead)
            if self.world.order(order) is not None:
                self.world.give(clip, name, instead=instead)
            self.world.done()

    @rule(which=some)
    def restore(self, which: int) -> None:
        aside = sorted(clip for clip, place in self.world.copies() if place == "aside")
        for clip in aside[which % len(aside) :][:1] if aside else []:
            if self.world.order(Restore(clips=(clip,), reason="complaint")) is not None:
                self.world.seen[clip].own_hold, self.world.seen[clip].noticed = True, []
                self.world.done()
                self.world.work()
                assert self.world.hanging or (clip, "vault") in self.world.copies(), "it was brought back"

    @rule(about=queries, days=st.sampled_from([(None, None), (None, None), (-3, 2), (0, None), (None, 0)]))
    def freeze(self, about: Frozen, days: tuple[int | None, int | None]) -> None:
        about = self._dated(about, days)
        made = self.world.order(OpenHold(reason="inquiry", **_asked(about)))
        if made is not None:
            self.world.begin(made["hold"], about)
        self.world.done()

    @precondition(lambda self: self.world.holds)
    @rule(which=some)
    def end_a_hold(self, which: int) -> None:
        hold = sorted(self.world.holds)[which % len(self.world.holds)]
        if self.world.order(EndHold(hold=hold, reason="closed")) is not None:
            self.world.end(hold)
        self.world.done()

    @precondition(lambda self: self.world.kept)
    @rule(which=some)
    def take_a_clip_out_of_a_hold(self, which: int) -> None:
        clip, hold = sorted(self.world.kept)[which % len(self.world.kept)]
        if self.world.order(ExceptClips(clips=(clip,), hold=hold, reason="another street")) is not None:
            self.world.kept.discard((clip, hold))
            self.world.excepted.add((clip, hold))
        self.world.done()

    @rule(about=queries)
    def open_a_request(self, about: Frozen) -> None:
        order = OpenRequest(about="complaint", by="A", reason="26/1", received="2026-03-01", **_asked(about))
        made = self.world.order(order)
        if made is not None:
            self.world.begin(made["hold"], about)
            self.world.requests[made["request"]] = [made["hold"]]
        self.world.done()

    @precondition(lambda self: self.world.requests)
    @rule(which=some, end_holds=st.booleans())
    def close_a_request(self, which: int, *, end_holds: bool) -> None:
        request = sorted(self.world.requests)[which % len(self.world.requests)]
        if self.world.order(CloseRequest(which=request, reason="done", end_holds=end_holds)) is not None:
            for hold in self.world.requests.pop(request):
                if end_holds and hold in self.world.holds:
                    self.world.end(hold)
        self.world.done()

    @rule(
        camera=st.sampled_from(CAMERAS),
        officer=st.sampled_from(OFFICERS),
        hours=st.sampled_from([1, 30, 900]),
    )
    def assign(self, camera: str, officer: str, hours: int) -> None:
        """Somebody enters who had a camera, perhaps weeks later, perhaps once more and otherwise."""
        begins = iso(self.world.station.clock.now() - timedelta(hours=hours))
        if self.world.order(Assign(rows=(("", camera, officer, begins, ""),), correct=True)) is not None:
            self.world.duties.roster.append((camera, officer, datetime.fromisoformat(begins)))
        self.world.done()

    @rule(
        event=st.sampled_from(EVENTS),
        who=st.sampled_from([*OFFICERS, *OFFICERS, *UNITS.values()]),
        which=some,
        hours=st.sampled_from([0.5, 0.5, 12]),
        lasts=st.sampled_from([1, 6, None]),
    )
    def import_an_event(self, event: str, who: str, which: int, hours: float, lasts: int | None) -> None:
        """Dispatch tells of a call, perhaps weeks later, perhaps otherwise than before."""
        for _, seen in self._some(which):
            begins = datetime.fromisoformat(iso(seen.at - timedelta(hours=hours)))
            ends = begins + timedelta(hours=lasts) if lasts else None
            officer, unit = (who, "") if who in OFFICERS else ("", who)
            row = ("1", event, officer, unit, iso(begins), iso(ends) if ends else "", "")
            if self.world.order(ImportEvents(rows=(row,))) is not None:
                self.world.duties.calls[event] = Call(begins=begins, ends=ends, officer=officer, unit=unit)
            self.world.done()

    @rule()
    def make_room(self) -> None:
        self.world.station.schedule.disposal.free()
        self.world.done()

    @rule(on=st.booleans())
    def orders_come_at_once(self, *, on: bool) -> None:
        self.world.hurried = on

    # --- what time, the world and the configuration do ---

    @rule(days=st.sampled_from([1, 4, 8, 33]))
    def time_passes(self, days: int) -> None:
        self.world.pass_days(days)

    @rule(days=st.sampled_from([0, 5, 40]), dropped=st.booleans())
    def is_off(self, days: int, *, dropped: bool) -> None:
        self.world.restart(days=days, dropped=dropped)

    @rule(wrong=st.sampled_from([0, 0, 0, -40, 3, 400]))
    def the_clock(self, wrong: int) -> None:
        """It is set (0), or lost: wrong by so many days, and the dock knows that it may be."""
        self.world.station.clock.wrong_by = timedelta(days=wrong)
        self.world.station.clock.is_synchronised = wrong == 0
        self.world.work()

    @rule(kept_by=rules_of_retention)
    def the_configuration_changes(self, kept_by: RetentionRules) -> None:
        self.world.configure(kept_by)

    @rule(stores=st.sampled_from(STORES))
    def stores_come_and_go(self, stores: dict[str, bool]) -> None:
        self.world.configure(self.world.kept_by, stores)

    @rule(
        store=st.sampled_from(["vault", *ELSEWHERE]),
        which=some,
        how=st.sampled_from(["lost", "cut", "swapped"]),
    )
    def a_store_loses_a_copy(self, store: str, which: int, how: str) -> None:
        self.world.lose(store, which, how)

    @rule(store=st.sampled_from(ELSEWHERE), reachable=st.sampled_from([True, True, False]))
    def a_store_is_away(self, store: str, *, reachable: bool) -> None:
        self.world.station.elsewhere[store].reachable = reachable
        self.world.work()

    @rule(on=st.booleans())
    def disposal_hangs(self, *, on: bool) -> None:
        self.world.hanging = on

    # --- how ---

    def _some(self, which: int) -> Iterator[tuple[str, Seen]]:
        if self.world.seen:
            clip = sorted(self.world.seen)[which % len(self.world.seen)]
            yield clip, self.world.seen[clip]

    def _dated(self, about: Frozen, days: tuple[int | None, int | None]) -> Frozen:
        now = self.world.true_now()
        since, until = (None if n is None else _whole(now + timedelta(days=n)) for n in days)
        return replace(about, since=since, until=until)

    # --- what must be so ---

    @invariant()
    def nothing_goes_that_must_stay(self) -> None:
        if hasattr(self, "world"):
            self.world.judge()

    def teardown(self) -> None:
        """In the end people end what they began, and what every store has proven goes."""
        try:
            if hasattr(self, "world"):
                self._end()
        finally:
            shutil.rmtree(self.root)

    def _stores_answer(self, *, reachable: bool) -> None:
        for store in self.world.station.elsewhere.values():
            store.reachable = reachable

    def _end(self) -> None:
        world = self.world
        world.hurried = world.hanging = False
        self._stores_answer(reachable=True)
        self.the_clock(0)
        while world.requests:
            self.close_a_request(0, end_holds=False)
        for camera in CAMERAS:
            world.dock(camera, minutes_ago=5)  # what comes after the holds that are in force
        self._stores_answer(reachable=False)  # before they are asked again
        world.pass_days(world.kept_by.unreviewed_days + 2)
        self._stores_answer(reachable=True)
        for _ in range(4):  # everything comes to its date, with whatever keeps it
            world.pass_days(16)
        self.make_room()
        while world.holds:
            self.end_a_hold(0)
        for clip, seen in world.seen.items():
            if seen.own_hold and world.order(Unhold(clips=(clip,), reason="over")) is not None:
                seen.own_hold = False
        for _ in range(7):
            world.pass_days(16)
        left = {clip for clip, place in world.copies() if place == "spool"}
        terms = world.terms()
        configured = terms.stores.keys()
        stays = {
            clip
            for clip, seen in world.seen.items()
            if seen.evidence or not seen.required(terms) <= seen.proven & configured
        }
        assert left <= stays, "its time is over, notice was given, and nothing keeps it"
        assert verify_journal(self.root / "journal.sqlite3").ok
        world.station.journal.close()


def _whole(at: datetime) -> datetime:
    return datetime.fromisoformat(iso(at))


def _asked(about: Frozen) -> dict[str, str]:
    return {
        name: value if isinstance(value, str) else iso(value) if value else ""
        for name, value in asdict(about).items()
    }


Histories.TestCase.settings = settings(
    # Each is thirty steps, and half a year after them.
    max_examples=settings().max_examples // (5 if EXTENT is Extent.NIGHTLY else 8),
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestHistories = Histories.TestCase
