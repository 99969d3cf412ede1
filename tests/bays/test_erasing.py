"""Is a camera erased of what is safe elsewhere, and of nothing else, whatever happens meanwhile?

The whole dock in one thread, everything real but the camera.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from bwvdock.bays.bay import display_state
from bwvdock.bays.erasing import EraseRules
from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.lifecycle import ClipState, DockingState
from bwvdock.core.facts import ClipFlagged, ClipUnheld
from bwvdock.errors import MounterUnavailableError
from bwvdock.status.alerts import AlertCode
from tests.fakes.camera import (
    FakeFile,
    FakeVolume,
    camera_with,
)
from tests.fakes.destination import FakeDestination
from tests.fakes.erasing import (
    B_GPS,
    CLIPS,
    FOREIGN,
    A,
    B,
    C,
    ErasingStation,
    camera,
    check_that_each_erasure_was_announced,
    hooked,
)
from tests.fakes.station import Station


@pytest.fixture
def station(tmp_path: Path) -> ErasingStation:
    return ErasingStation(tmp_path)


# --- as it should be -----------------------------------------------------------------------------


def test_what_is_verified_goes_and_what_is_not_ours_stays(station: ErasingStation) -> None:
    card = camera()
    key = station.plug(card)
    station.turn()
    assert set(card.files) == set(FOREIGN)
    assert set(station.states().values()) == {ClipState.RELEASED}
    assert station.bay(key).state is DockingState.SETTLED
    assert display_state(station.bay(key), paused=False) == ("safe-to-remove", "")
    assert station.vault_files() == sorted(CLIPS.values())
    check_that_each_erasure_was_announced(station)
    station.pull(key)
    station.turn()
    assert station.sheet().complete


def test_nothing_goes_while_all_other_copies_are_on_one_disk(station: ErasingStation) -> None:
    station.dockings.erasing.rules = EraseRules(erase=True, one_disk=True)
    card = camera()
    station.plug(card)
    station.turn()
    assert set(card.files) == {*FOREIGN, *CLIPS}
    assert AlertCode.ERASE_ONE_DISK in station.alerts()


def test_while_a_witness_contradicts_nothing_goes_and_everything_is_taken(station: ErasingStation) -> None:
    contradicted = True
    station.dockings.erasing.contradicted = lambda: contradicted
    card = camera()
    station.plug(card)
    station.turn()
    assert set(card.files) == {*FOREIGN, *CLIPS}
    assert set(station.states().values()) == {ClipState.VERIFIED}
    contradicted = False
    station.turn()
    assert set(card.files) == set(FOREIGN)


def test_a_contradiction_between_the_second_read_and_the_permit_stops_it(station: ErasingStation) -> None:
    card = hooked({A: CLIPS[A]})
    read = []

    def contradict(path: str, count: int) -> None:
        if count == 2:
            read.append(path)

    card.on_open = contradict
    station.dockings.erasing.contradicted = lambda: bool(read)
    station.plug(card)
    station.turn()
    assert (read, set(card.files)) == ([A], {A})


def test_the_camera_is_safe_to_remove_before_anything_is_read_a_second_time(station: ErasingStation) -> None:
    card = hooked({A: CLIPS[A]})
    shown: list[str] = []
    key = station.plug(card)

    def look(path: str, count: int) -> None:
        if count == 2:
            shown.append(display_state(station.bay(key), paused=False)[0])

    card.on_open = look
    station.turn()
    assert shown == ["safe-to-remove"]


@pytest.mark.slow
def test_every_byte_is_read_twice_before_it_goes(station: ErasingStation) -> None:
    card = camera()
    station.plug(card)
    station.turn()
    assert {path: card.bytes_read[path] for path in CLIPS} == {p: 2 * len(d) for p, d in CLIPS.items()}


def test_without_reread_it_goes_after_one_look_at_its_ends(station: ErasingStation) -> None:
    station.dockings.erasing.rules = EraseRules(erase=True, reread=False)
    card = camera()
    station.plug(card)
    station.turn()
    assert set(card.files) == set(FOREIGN)
    assert card.bytes_read[B] == len(CLIPS[B])


def test_where_the_rule_is_never_nothing_goes(tmp_path: Path) -> None:
    station = Station(tmp_path)
    station.enrol()
    card = camera()
    station.plug(card)
    station.turn()
    assert set(card.files) == {*CLIPS, *FOREIGN}
    assert set(station.states().values()) == {ClipState.VERIFIED}
    assert card.bytes_read[B] == len(CLIPS[B])


@pytest.mark.slow
def test_what_an_earlier_docking_took_goes_in_a_later_one(station: ErasingStation) -> None:
    station.dockings.erasing.rules = EraseRules()
    card = camera()
    station.visit(card)
    station.dockings.erasing.rules = EraseRules(erase=True)
    station.plug(card, bay="1-9")
    station.turn()
    assert set(card.files) == set(FOREIGN)
    assert station.kinds().count("clip_found") == 3
    assert station.kinds().count("verified_again") == 3, "the store proved its copies before they went"
    check_that_each_erasure_was_announced(station)


@pytest.mark.slow
def test_copies_are_proven_again_in_each_docking_and_recorded_once(station: ErasingStation) -> None:
    station.dockings.erasing.rules = EraseRules()
    card = hooked()
    station.visit(card)
    station.dockings.erasing.rules = EraseRules(erase=True)
    tries: list[str] = []

    def silent(path: str) -> None:
        tries.append(path)
        if len(tries) <= 3:
            raise MounterUnavailableError("The mounter does not answer.", remedy="See its log.")

    card.on_erase = silent
    station.plug(card, bay="1-9")
    station.turn()
    for _ in range(4):
        station.later()
    assert set(card.files) == set(FOREIGN)
    assert station.kinds().count("verified_again") == 3


@pytest.mark.slow
def test_a_card_that_was_put_into_another_slot_is_erased_there(station: ErasingStation) -> None:
    station.dockings.erasing.rules = EraseRules()
    card = camera()
    station.visit(card)
    station.dockings.erasing.rules = EraseRules(erase=True)
    card.name = "lun1-part1"
    station.plug(card, bay="1-9")
    station.turn()
    assert set(card.files) == set(FOREIGN)
    assert station.kinds().count("clip_found") == 3
    check_that_each_erasure_was_announced(station)


def taken_and_left_for_six_weeks(station: ErasingStation) -> FakeVolume:
    """Take a camera's footage without erasing it; let its time be over while the camera is away."""
    station.dockings.erasing.rules = EraseRules()
    card = camera()
    key = station.plug(card)
    station.turn()
    station.pull(key)
    station.later(42 * 24 * 3600)
    assert not set(CLIPS.values()) & set(station.vault_files())
    station.dockings.erasing.rules = EraseRules(erase=True)
    return card


@pytest.mark.slow
def test_what_was_disposed_of_everywhere_goes_unless_somebody_wants_it(station: ErasingStation) -> None:
    """A camera that comes back after six weeks is no place where footage outlives its time."""
    card = taken_and_left_for_six_weeks(station)
    station.hold(B)
    flagged = ClipFlagged(clip=station.clip_of(C), reason="assault", case="", actor="0:root")
    station.ledger.record([flagged])
    station.plug(card, bay="1-9")
    station.turn()
    assert set(card.files) == {B, B_GPS, C, *FOREIGN}
    check_that_each_erasure_was_announced(station)


@pytest.mark.slow
def test_by_a_clock_that_nobody_set_no_time_is_over(station: ErasingStation) -> None:
    card = taken_and_left_for_six_weeks(station)
    station.clock.is_synchronised = False
    station.plug(card, bay="1-9")
    station.turn()
    assert set(card.files) == {*CLIPS, *FOREIGN}


def test_an_mtp_camera_is_erased_as_well(station: ErasingStation) -> None:
    store = camera_with(CLIPS, name="store-00010001")
    station.plug_mtp(store)
    station.turn()
    assert store.files == {}


@pytest.mark.slow
def test_a_new_clip_under_an_erased_clips_name_is_a_new_clip(station: ErasingStation) -> None:
    card = camera()
    station.visit(card)
    card.files[A] = FakeFile(data=b"another day", mtime_ns=card.files["settings.ini"].mtime_ns + 10**12)
    station.plug(card)
    station.turn()
    assert A not in card.files
    assert b"another day" in station.vault_files()
    assert station.kinds().count("clip_released") == 4


# --- what waits ----------------------------------------------------------------------------------


@pytest.mark.slow
def test_what_an_inquiry_holds_stays_and_the_rest_goes(station: ErasingStation) -> None:
    card = hooked()
    card.on_open = lambda path, count: station.hold(path) if (path, count) == (B, 2) else None
    key = station.plug(card)
    station.turn()
    assert set(card.files) == {B, B_GPS, *FOREIGN}
    assert station.states()[B] is ClipState.VERIFIED
    station.pull(key)
    station.turn()
    station.plug(card)
    station.turn()
    assert B in card.files
    station.ledger.record([ClipUnheld(clip=station.clip_of(B), reason="over", actor="0:root")])
    station.pull(key)
    station.turn()
    station.plug(card)
    station.turn()
    assert set(card.files) == set(FOREIGN)


@pytest.mark.slow
def test_what_is_held_while_it_is_about_to_go_stays(station: ErasingStation) -> None:
    card = hooked()

    def hold(path: str) -> None:
        if path == B_GPS and "clip_held" not in station.kinds():
            station.hold(C)
            station.dockings.erasing.think_again()

    card.on_erase = hold
    station.plug(card)
    station.turn()
    station.later()
    assert set(card.files) == {C, *FOREIGN}
    assert station.states() == {A: ClipState.RELEASED, B: ClipState.RELEASED, C: ClipState.RELEASING}


@pytest.mark.slow
def test_a_paused_dock_erases_nothing_and_goes_on_afterwards(station: ErasingStation) -> None:
    card = hooked()
    card.on_open = lambda _, count: station.dockings.set_paused(paused=True) if count == 2 else None
    station.plug(card)
    station.turn()
    assert set(card.files) == {*CLIPS, *FOREIGN}
    assert "release_intended" not in station.kinds()
    card.on_open = lambda _, count: None
    station.dockings.set_paused(paused=False)
    station.turn()
    assert set(card.files) == set(FOREIGN)


def test_it_waits_for_the_stores_that_are_not_required_as_well(tmp_path: Path) -> None:
    def fetch(clip: Clip, number: int) -> bytes:
        return CLIPS[clip.files[number].path]

    near, far = (FakeDestination(fetch, name=name) for name in ("near", "far"))
    far.reachable = False
    station = ErasingStation(tmp_path, required={"far": False}, destinations=[near, far])
    card = camera()
    station.plug(card)
    station.turn()
    assert set(station.states().values()) == {ClipState.VERIFIED}
    assert set(card.files) == {*CLIPS, *FOREIGN}


# --- pulled out, cut off -------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.few(2)
@pytest.mark.parametrize("path", [A, B_GPS, B, C])
def test_a_camera_that_is_pulled_out_in_mid_erase_goes_on_at_the_next_docking(
    station: ErasingStation, path: str
) -> None:
    card = hooked()
    card.on_erase = lambda erased: card.yank() if erased == path else None
    key = station.plug(card)
    station.turn()
    assert path in card.files
    assert ClipState.RELEASING in station.states().values()
    station.pull(key)
    station.turn()
    check_that_each_erasure_was_announced(station)
    card.on_erase = lambda _: None
    station.plug(card, bay="1-2")
    station.turn()
    assert set(card.files) == set(FOREIGN)
    assert set(station.states().values()) == {ClipState.RELEASED}
    check_that_each_erasure_was_announced(station)


@pytest.mark.slow
@pytest.mark.few(2)
@pytest.mark.parametrize("gone", [set(), {B_GPS}, {B}, {B, B_GPS}])
def test_a_dock_that_stopped_in_mid_erase_finds_out_what_is_gone(
    station: ErasingStation, gone: set[str]
) -> None:
    card = hooked({B: CLIPS[B], B_GPS: CLIPS[B_GPS], **FOREIGN})

    def cut(path: str) -> None:
        raise MounterUnavailableError("The mounter does not answer.", remedy="See its log.")

    card.on_erase = cut
    station.plug(card)
    station.turn()
    for path in gone:
        del card.files[path]
    station.restart()
    card.on_erase = lambda _: None
    station.plug(card)
    station.turn()
    assert set(card.files) == set(FOREIGN)
    assert station.states()[B] is ClipState.RELEASED
    check_that_each_erasure_was_announced(station)


@pytest.mark.slow
def test_a_mounter_that_does_not_answer_is_asked_again(station: ErasingStation) -> None:
    card = hooked()
    times: list[str] = []

    def silent(path: str) -> None:
        times.append(path)
        if len(times) == 1:
            raise MounterUnavailableError("The mounter does not answer.", remedy="See its log.")

    card.on_erase = silent
    station.plug(card)
    station.turn()
    assert set(card.files) == {*CLIPS, *FOREIGN}
    station.later()
    assert set(card.files) == set(FOREIGN)
