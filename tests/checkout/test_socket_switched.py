"""Is a camera that leaves because the dock switched its socket taken by nobody?"""

from __future__ import annotations

from pathlib import Path

import pytest

from bwvdock.core.facts import CameraCheckedOut, CameraDetached
from bwvdock.core.media.sightings import SocketSwitched
from tests.checkout.badged import ANN, Badged

SERIAL = "CAM-1"


@pytest.fixture
def dock(tmp_path: Path) -> Badged:
    return Badged(tmp_path)


def switch(dock: Badged, key: str, *, leaves_after_ms: int = 0) -> None:
    dock.inbox.put(SocketSwitched(key=key))
    dock.turn()
    dock.clock.pass_ms(leaves_after_ms)
    dock.take(key)


def reasons(dock: Badged) -> list[str]:
    return [fact.reason for fact in dock.of_kind(CameraDetached)]


def test_one_that_is_offered_is_not_checked_out_and_not_offered_when_it_is_back(dock: Badged) -> None:
    key = dock.put(SERIAL, "1")
    assert dock.tap(ANN)["outcome"] == "take"
    switch(dock, key)
    assert (dock.of_kind(CameraCheckedOut), dock.otherwise(), dock.shown()) == ([], [], "not-taken")
    dock.put(SERIAL, "1")
    assert (dock.offered(), dock.officer_of(SERIAL)) == ([], "")
    assert reasons(dock) == ["the dock switched its socket off and on"]


def test_one_that_is_not_offered_was_not_taken_without_a_badge(dock: Badged) -> None:
    switch(dock, dock.put(SERIAL, "1"))
    assert dock.otherwise() == []


def test_who_is_offered_another_camera_keeps_that_offer(dock: Badged) -> None:
    dock.put("CAM-OFFERED", "1")
    key = dock.put(SERIAL, "2")
    dock.tap(ANN)
    switch(dock, key)
    assert (dock.offered(), dock.otherwise()) == (["1"], [])


@pytest.mark.parametrize("after_ms, switched", [(10_000, True), (10_001, False)])
def test_one_that_leaves_later_was_taken(dock: Badged, after_ms: int, *, switched: bool) -> None:
    key = dock.put(SERIAL, "1")
    switch(dock, key, leaves_after_ms=after_ms)
    assert dock.otherwise() == ([] if switched else [(SERIAL, "without-badge")])
    dock.take(dock.put(SERIAL, "1"))
    assert reasons(dock)[1] == "removed"  # what the dock did to the socket says nothing of the next docking
