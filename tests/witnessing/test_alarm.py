"""How long is an alarm in force, whoever raised it: a witness, or the signer?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bwvdock.core.custody.witnessing import Contradiction
from bwvdock.core.ports.witness import WitnessAnswer
from tests.fakes.witness import away
from tests.witness.logs import Log
from tests.witnessing.dock import Dock

pytestmark = pytest.mark.slow


@pytest.fixture
def dock(tmp_path: Path) -> Iterator[Dock]:
    made = Dock(tmp_path)
    yield made
    made.remote.store.close()


def test_the_alarm_is_in_force_after_a_restart_without_network(dock: Dock) -> None:
    dock.grow(9)
    dock.journal.put_back(5)
    dock.restart()
    dock.turn()
    dock.remote.lie = away
    dock.restart()
    assert dock.witnesses.alarms.contradicted
    dock.turn()
    assert dock.witnesses.alarms.contradicted
    assert dock.kinds == ["journal_not_as_witnessed"]  # once


def test_a_proven_alarm_is_not_ended_by_the_confirmation_of_a_witness_that_forgot(dock: Dock) -> None:
    dock.grow(9)
    dock.journal.put_back(5)
    dock.journal.log = dock.journal.log.branch(5)
    dock.restart()
    dock.turn()
    dock.forget()
    dock.grow(12)
    assert dock.journal.confirmed_size(str(dock.site.key)) == 12
    assert dock.witnesses.alarms.contradicted
    assert dock.kinds == ["journal_not_as_witnessed"]


def test_a_proven_alarm_ends_once_the_journal_is_whole_again_and_confirmed(dock: Dock) -> None:
    dock.grow(9)
    dock.journal.put_back(5)
    dock.restart()
    dock.turn()
    assert dock.witnesses.alarms.contradicted
    dock.grow(12)  # the latest disk was put in its place again: it has what proved the alarm
    assert dock.witnesses.alarms.in_force() == []
    assert dock.kinds == ["journal_not_as_witnessed", "journal_as_witnessed"]
    dock.restart()
    assert dock.witnesses.alarms.in_force() == []


def test_an_alarm_is_in_force_where_the_log_only_got_another_name(dock: Dock) -> None:
    dock.grow(9)
    dock.journal.put_back(5)
    dock.restart()
    dock.turn()
    name = dock.journal.log.origin.rpartition("/")[2]
    dock.journal.log = Log(origin=f"renamed.example/{name}")
    dock.restart()
    dock.turn()
    assert dock.witnesses.alarms.contradicted


# --- the signer, which remembers what it signed ------------------------------------------------------


def by_signer(dock: Dock, note: str) -> Contradiction:
    log = dock.journal.log
    return Contradiction(witness=str(log.key), origin=log.origin, size=dock.journal.size, named=9, note=note)


def test_what_the_signer_proves_is_in_force_until_the_journal_is_whole_again(dock: Dock) -> None:
    dock.grow(5)
    dock.witnesses.alarms.begin(by_signer(dock, dock.journal.log.note(9).decode()))
    assert (dock.witnesses.alarms.contradicted, dock.stops) == (True, 1)
    dock.witnesses.alarms.end(str(dock.journal.log.key), 5)
    dock.restart()
    assert dock.witnesses.alarms.contradicted
    dock.grow(12)
    dock.witnesses.alarms.end(str(dock.journal.log.key), 12)
    assert dock.witnesses.alarms.in_force() == []
    assert dock.kinds == ["journal_not_as_witnessed", "journal_as_witnessed"]


def test_what_the_signer_only_states_is_in_force_until_it_signs(dock: Dock) -> None:
    dock.grow(5)
    dock.witnesses.alarms.begin(by_signer(dock, ""))
    dock.restart()
    assert dock.witnesses.alarms.contradicted
    dock.witnesses.alarms.end(str(dock.journal.log.key), 5)
    assert dock.witnesses.alarms.in_force() == []


def test_a_new_journal_is_another_log_and_has_no_alarm(dock: Dock) -> None:
    dock.grow(9)
    dock.journal.put_back(5)
    dock.restart()
    dock.turn()
    dock.journal.log = Log(origin="example.police.uk/dock-7/ffffffffffffffff")
    dock.journal.lines.clear()
    dock.station.logs.add("LEW-03", str(dock.journal.log.key))
    dock.restart()
    dock.turn()
    assert dock.witnesses.alarms.in_force() == []
    assert dock.journal.confirmed_size(str(dock.site.key)) == 5


def test_a_witness_that_the_policy_names_no_longer_stops_nothing_without_proof(dock: Dock) -> None:
    dock.remote.lie = lambda _body, _true: WitnessAnswer(422, b"no\n")
    dock.grow(5)
    assert dock.witnesses.alarms.contradicted
    dock.restart()
    dock.witnesses.alarms.names = {}
    assert dock.witnesses.alarms.in_force() == []
