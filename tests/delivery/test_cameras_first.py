"""Does a vault wait while an officer does?"""

from __future__ import annotations

from pathlib import Path

import pytest

from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.core.media.part_names import part_name
from tests.fakes.camera import camera_with
from tests.fakes.destination import FakeDestination
from tests.fakes.station import Station

MINE, OTHER = "DCIM/100TEST/A.MP4", "DCIM/100TEST/B.MP4"


def while_another_is_copied(root: Path, kind: str) -> Station:
    """Return a station at which a camera is safe to remove, and another is still being copied."""
    store = FakeDestination(lambda clip, n: (root / "spool" / part_name(clip, n)).read_bytes(), name="store")
    store.kind = kind
    station = Station(root, destinations=[store], held_up=["bay 2-1"])
    station.enrol()
    station.enrol("BWV-00018")
    other = station.plug(camera_with({OTHER: b"other"}), serial="BWV-00018", bay="2-1")
    station.turn()
    station.held_up["bay 2-1"].do_next(station.inbox.put)  # it is listed, and its copy does not end
    station.turn()
    assert station.bay(other).in_hand
    station.plug(camera_with({MINE: b"mine"}))
    station.turn()
    return station


def test_a_vault_waits_while_a_camera_is_copied_and_for_a_minute_at_the_most(tmp_path: Path) -> None:
    station = while_another_is_copied(tmp_path, "directory")
    assert station.states()[MINE] is ClipState.ACQUIRED
    station.clock.pass_ms(59_999)
    station.turn()
    assert station.states()[MINE] is ClipState.ACQUIRED
    station.clock.pass_ms(1)
    station.turn()
    assert station.states() == {MINE: ClipState.VERIFIED, OTHER: ClipState.FOUND}


@pytest.mark.slow
def test_a_vault_goes_on_as_soon_as_no_camera_is_copied(tmp_path: Path) -> None:
    station = while_another_is_copied(tmp_path, "directory")
    station.held_up["bay 2-1"].go_on(station.inbox.put)
    station.turn()
    assert set(station.states().values()) == {ClipState.VERIFIED}


def test_an_uplink_waits_for_no_camera(tmp_path: Path) -> None:
    station = while_another_is_copied(tmp_path, "tus")
    assert station.states() == {MINE: ClipState.VERIFIED, OTHER: ClipState.FOUND}
