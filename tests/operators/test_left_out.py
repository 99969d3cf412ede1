"""Does an answer that lacks restricted footage say so, and can nobody let go what they may not see?"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.cli.remote_reader import LEFT_OUT, RemoteReader
from bwvdock.core.clips.classes.given import classify
from bwvdock.core.clips.classes.rules import RetentionClass, RetentionRules
from bwvdock.core.clips.classes.veil import Veil
from bwvdock.core.clips.roster import Assignment, Roster
from bwvdock.core.custody.records import Enrolment
from bwvdock.core.facts import BY_UNIT, CameraAssigned, CameraEnrolled, ClipHoldExcepted
from bwvdock.edges.control import ControlServer
from bwvdock.edges.peer import Peer
from bwvdock.errors import UsageError
from bwvdock.operators.daemon_client import answering
from bwvdock.operators.holds.requests import CloseRequest, EndHold
from bwvdock.operators.queries import PARTIAL, QUERIES, SUMS, Queries
from bwvdock.operators.requests import Assign, Consult, Enrol, EnrolRows, Query
from bwvdock.operators.retention.units import require_may_move
from tests.cli.docks import CAMERA, VERIFIED, Dock
from tests.operators.restricted import ARGUMENTS, HOLD, REQUEST, dock_with_a_restricted_clip
from tests.operators.test_restricted import (
    ALL,
    ATTACKER,
    FIREARMS_TEAM,
    OPERATORS,
    ordered,
    seen_by,
    told,
)


@pytest.fixture
def dock(tmp_path: Path) -> Dock:
    return dock_with_a_restricted_clip(tmp_path)


def ending(dock: Dock, peer: Peer, what: str) -> object:
    """Return what is said of all of an answer, in its last line."""
    queries = Queries(dock.config.journal, veil_of=seen_by().veil_of)
    for subject in ALL:
        queries.consulted(peer, Consult(command="clips", subject=subject, reason="because I may"))
    answer = queries.answer(Query(what=what, arguments=tuple(ARGUMENTS.get(what, {}).items())), peer)
    while True:
        try:
            next(answer)
        except StopIteration as end:
            return end.value


@pytest.mark.parametrize("what", sorted({*QUERIES} - {"resolve-clip", "clip", "history", "story"}))
def test_an_answer_that_differs_by_who_asks_says_so(dock: Dock, what: str) -> None:
    """Whoever prints a list takes it for all there is, unless it says that it is not."""
    team = replace(ATTACKER, groups=frozenset({OPERATORS, FIREARMS_TEAM}))
    assert ending(dock, team, what) is None
    differs = told(dock, ATTACKER, seen_by(), what) != told(dock, team, seen_by(), what)
    said = ending(dock, ATTACKER, what)
    assert said == PARTIAL if differs else said in (None, PARTIAL)
    assert what not in SUMS or said is None


def test_nothing_is_said_to_be_left_out_where_nothing_is_restricted(dock: Dock) -> None:
    dock.record(
        replace(classify(VERIFIED, RetentionClass(name="plain", days=31), basis=BY_UNIT), instead=True)
    )
    assert ending(dock, ATTACKER, "clips") is None
    assert VERIFIED in told(dock, ATTACKER, seen_by(), "clips")


def test_no_hold_that_keeps_it_is_ended_by_who_may_not_see_it(dock: Dock) -> None:
    """Neither by its id nor with its request: what it keeps would be let go by somebody who never saw it."""
    veil = seen_by().veil_of(ATTACKER)
    orders = (
        EndHold(hold=HOLD, reason="r"),
        CloseRequest(which=REQUEST, outcome="other", reason="r", end_holds=True),
    )
    for order in orders:
        answer = ordered(dock, order, veil)
        assert "keeps restricted footage that you may not see, so you may not end it" in answer
        assert VERIFIED not in answer
        assert "HoldEnded" in ordered(dock, order, None)
    kept = CloseRequest(which=REQUEST, outcome="other", reason="r")
    assert "RequestClosed" in ordered(dock, kept, veil), "which ends no hold"
    dock.record(ClipHoldExcepted(clip=VERIFIED, hold=HOLD, reason="r", actor="0:root"))
    assert "HoldEnded" in ordered(dock, orders[0], veil), "it keeps nothing that is hidden"


def _always(veil: Veil | None, _: Peer) -> Veil | None:
    return veil


def test_every_command_passes_on_that_footage_is_left_out(
    dock: Dock, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Once for a command, whatever it asks; and nothing of it where all can be seen."""
    asked_for = {}
    for veil in (seen_by().veil_of(ATTACKER), None):
        queries = Queries(dock.config.journal, veil_of=partial(_always, veil))
        with ControlServer(tmp_path / "s", answering(lambda _, __: {}, queries)):
            reader = RemoteReader(tmp_path / "s")
            assert reader.cameras()
            assert not reader.partial
            found = [*reader.clips(), *reader.clips()]
            asked_for[veil is None] = len(found), reader.partial, capsys.readouterr().err.split("\n")
    assert asked_for[True] == (2 + asked_for[False][0], False, [""])
    assert asked_for[False][1:] == (True, [LEFT_OUT, ""])


# --- who takes a camera out of a restricted unit has its footage open to them -------------------------------

CLASSES = (
    RetentionClass(name="firearms", days=365, restricted=True, units=("Trojan",)),
    RetentionClass(name="search", days=90, units=("Dogs",)),
)
TIMES = [f"2026-03-{day:02}T00:00:00.000Z" for day in range(1, 8)]
UNITS = st.sampled_from(("", "Trojan", "trojan ", "Dogs", "Response"))


@dataclass
class Desk:
    """What is known of one camera, and what the person who orders may not see."""

    veil: Veil | None
    unit: str = ""
    told: list[Assignment] = field(default_factory=list)

    def assignments(self, _camera: str, /) -> list[Assignment]:
        return self.told

    def enrolment(self, serial: str) -> Enrolment:
        return Enrolment(serial=serial, enrolled=True, model="", revoked=None, unit=self.unit)

    def take(self, fact: CameraAssigned | CameraEnrolled) -> None:
        if isinstance(fact, CameraEnrolled):
            self.unit = fact.unit
        else:
            new = Assignment(officer="1", begins=fact.valid_from, ends=fact.valid_to, unit=fact.unit)
            self.told = [*self.told, new]

    def restricted(self) -> set[str]:
        """Return when a recording of the camera would be restricted, at noon of a day."""
        noons = [time.replace("T00", "T12") for time in TIMES]
        spans = {noon: Roster(self.told).span_at(noon) for noon in noons}
        units = {noon: (span and span.told.unit) or self.unit for noon, span in spans.items()}
        return {noon for noon, unit in units.items() if unit.strip().lower() == "trojan"}


@st.composite
def facts(draw: st.DrawFn) -> CameraAssigned | CameraEnrolled:
    if draw(st.booleans()):
        return CameraEnrolled(camera="C", model="", actor="a", unit=draw(UNITS))
    first, last = sorted(draw(st.tuples(*[st.integers(0, len(TIMES) - 1)] * 2)))
    ends = TIMES[last] if first < last and draw(st.booleans()) else ""
    return CameraAssigned(
        camera="C", officer="1", valid_from=TIMES[first], valid_to=ends, actor="a", unit=draw(UNITS)
    )


@given(st.lists(facts(), max_size=5), st.lists(facts(), min_size=1, max_size=3))
def test_nobody_takes_a_camera_out_of_a_unit_whose_footage_they_may_not_see(
    before: list[CameraAssigned | CameraEnrolled], orders: list[CameraAssigned | CameraEnrolled]
) -> None:
    """By no order about its officers or its unit, at no time; and whoever may see it does as they please."""
    rules = RetentionRules(classes=CLASSES)
    for veil in (Veil(closed=("firearms",)), Veil(open=("firearms",)), None):
        desk, after = Desk(veil), Desk(veil)
        for fact in before:
            desk.take(fact)
        after.unit, after.told = desk.unit, desk.told
        for fact in orders:
            after.take(fact)
        loses = bool(desk.restricted() - after.restricted())
        may_not = veil is not None and bool(veil.closed)
        try:
            require_may_move(orders, desk, rules, enrolment=desk.enrolment)
        except UsageError:
            assert may_not
        else:
            assert not (may_not and loses)


def test_an_order_about_a_camera_of_another_unit_is_not_refused() -> None:
    desk = Desk(Veil(closed=("firearms",)), unit="Response", told=[])
    require_may_move(
        [CameraEnrolled(camera="C", model="", actor="a", unit="Dogs")], desk, RULES, enrolment=desk.enrolment
    )
    moved = CameraEnrolled(camera="C", model="", actor="a", unit="Trojan")
    require_may_move([moved], desk, RULES, enrolment=desk.enrolment)  # into it: nothing is opened
    desk.take(moved)
    with pytest.raises(UsageError, match="may not take the camera out of the unit"):
        require_may_move(
            [CameraEnrolled(camera="C", model="", actor="a", unit="Dogs")],
            desk,
            RULES,
            enrolment=desk.enrolment,
        )
    same = CameraAssigned(camera="C", officer="2", valid_from=TIMES[0], valid_to="", actor="a", unit="TROJAN")
    require_may_move([same], desk, RULES, enrolment=desk.enrolment)


@pytest.mark.parametrize(
    "order",
    [
        Assign(rows=(("", CAMERA, "9", "2026-03-01T00:00:00.000Z", "", "Response"),), correct=True),
        Enrol(serial=CAMERA, unit="Response"),
        EnrolRows(rows=(("2", CAMERA, "", "Response"),)),
    ],
)
def test_every_order_that_moves_a_camera_is_asked_that(dock: Dock, order: Assign | Enrol | EnrolRows) -> None:
    dock.record(CameraEnrolled(camera=CAMERA, model="", actor="0:root", unit="Trojan"))
    closed = RetentionClass(name="firearms", days=365, restricted=True, units=("Trojan", "A"))
    rules = RetentionRules(classes=(closed,))
    answer = ordered(dock, order, Veil(closed=("firearms",)), rules)
    assert "may not take the camera out of the unit" in answer
    assert "DECIDED" in ordered(dock, order, None, rules)


RULES = RetentionRules(classes=CLASSES)
