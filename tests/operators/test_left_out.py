"""Does an answer that lacks restricted footage say so, and can nobody let go what they may not see?"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from bwvdock.cli.remote_reader import LEFT_OUT, RemoteReader
from bwvdock.core.clips.classes.given import classify
from bwvdock.core.clips.classes.rules import RetentionClass
from bwvdock.core.clips.classes.veil import Veil
from bwvdock.core.facts import BY_UNIT, ClipHoldExcepted
from bwvdock.edges.control import ControlServer
from bwvdock.edges.peer import Peer
from bwvdock.operators.daemon_client import answering
from bwvdock.operators.holds.requests import CloseRequest, EndHold
from bwvdock.operators.queries import PARTIAL, QUERIES, SUMS, Queries
from bwvdock.operators.requests import Consult, Query
from tests.cli.docks import VERIFIED, Dock
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
