"""Does an answer that nobody expected ever erase anything?

The whole dock in one thread, everything real but the camera.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bwvdock.bays.bay import display_state
from bwvdock.bays.erasing import EraseRules
from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.core.facts import ClipFound, ClipQuarantined, ClipRetried
from bwvdock.errors import EraseRefusedError
from tests.fakes.camera import (
    FakeFile,
    FakeVolume,
    FlippingVolume,
    KeepingVolume,
    MixingUpVolume,
    camera_with,
)
from tests.fakes.destination import FakeDestination
from tests.fakes.erasing import (
    B_GPS,
    CLIPS,
    FOREIGN,
    A,
    B,
    ErasingStation,
    camera,
    check_that_each_erasure_was_announced,
    hooked,
)

pytestmark = pytest.mark.slow


@pytest.fixture
def station(tmp_path: Path) -> ErasingStation:
    return ErasingStation(tmp_path)


def test_other_bytes_in_the_second_read_send_the_clip_to_quarantine(station: ErasingStation) -> None:
    card = FlippingVolume(files=camera_with({A: CLIPS[A]}).files)
    station.plug(card)
    station.turn()
    assert A in card.files
    assert station.states()[A] is ClipState.QUARANTINED
    assert "on a second read" in station.reason(A)
    assert "release_intended" not in station.kinds()


def test_what_cannot_be_read_a_second_time_stays_and_the_rest_goes(station: ErasingStation) -> None:
    card = hooked()

    def wear_out(path: str, count: int) -> None:
        if (path, count) == (B, 2):
            card.files[B].bad_at = 100_000

    card.on_open = wear_out
    key = station.plug(card)
    station.turn()
    assert set(card.files) == {B, B_GPS, *FOREIGN}
    assert station.states()[B] is ClipState.VERIFIED
    assert "second read" in display_state(station.bay(key), paused=False)[1]


def change_size(file: FakeFile) -> None:
    file.data += b"more"


def change_time(file: FakeFile) -> None:
    file.mtime_ns += 2_000_000_000


def change_content(file: FakeFile) -> None:
    file.data = b"!" + file.data[1:]


CHANGES = [change_size, change_time, change_content]


@pytest.mark.parametrize("change", CHANGES)
def test_a_file_that_changed_before_the_second_read_stays(
    station: ErasingStation, change: Callable[[FakeFile], None]
) -> None:
    card = hooked({A: CLIPS[A]})
    card.on_open = lambda path, count: change(card.files[path]) if count == 2 else None
    station.plug(card)
    station.turn()
    assert A in card.files
    assert "release_intended" not in station.kinds()


@pytest.mark.parametrize("change", CHANGES)
def test_a_file_that_changed_after_the_second_read_stays_and_needs_a_person(
    station: ErasingStation, change: Callable[[FakeFile], None]
) -> None:
    card = hooked({A: CLIPS[A]})
    card.on_erase = lambda path: change(card.files[path])
    station.plug(card)
    station.turn()
    assert A in card.files
    assert station.states()[A] is ClipState.QUARANTINED
    assert station.reason(A).startswith("erasing it from the camera")


def test_what_somebody_else_erased_before_us_was_not_erased_by_us(station: ErasingStation) -> None:
    card = hooked()

    def tidy(path: str, count: int) -> None:
        if (path, count) == (B, 2):
            del card.files[B_GPS]

    card.on_open = tidy
    station.plug(card)
    station.turn()
    assert station.states()[B] is ClipState.VERIFIED
    assert B in card.files


@pytest.mark.parametrize("liar", [KeepingVolume, MixingUpVolume])
def test_a_camera_that_does_not_erase_what_it_says_is_told_of_one_clip_and_no_more(
    station: ErasingStation, liar: type[FakeVolume]
) -> None:
    card = liar(files=camera_with({**CLIPS, **FOREIGN}).files)
    key = station.plug(card)
    station.turn()
    assert station.kinds().count("release_intended") == 1
    assert station.kinds().count("clip_released") == 0
    assert list(station.states().values()).count(ClipState.QUARANTINED) == 1
    assert "nothing more is erased" in display_state(station.bay(key), paused=False)[1]
    assert display_state(station.bay(key), paused=False)[0] == "safe-to-remove"


def test_a_camera_that_lets_nothing_be_erased_keeps_its_clips_and_says_so(station: ErasingStation) -> None:
    card = hooked()

    def refuse(path: str) -> None:
        raise EraseRefusedError("The card is write-protected.", remedy="Set its switch.")

    card.on_erase = refuse
    key = station.plug(card)
    station.turn()
    station.later()
    assert set(card.files) == {*CLIPS, *FOREIGN}
    assert station.kinds().count("release_intended") == 1
    assert "write-protected" in display_state(station.bay(key), paused=False)[1]


def withdraw(station: ErasingStation, path: str) -> None:
    """A store's copy is in doubt after all: an operator has it brought there again."""
    clip = station.clip_of(path)
    station.ledger.record([ClipQuarantined(clip=clip, reason="the store lost it")])
    station.ledger.record([ClipRetried(clip=clip, actor="0:root")])


def test_a_receipt_that_was_withdrawn_meanwhile_keeps_the_camera_s_copy(station: ErasingStation) -> None:
    card = hooked({A: CLIPS[A]})
    seen: list[bool] = []

    def doubt(path: str, count: int) -> None:
        if count == 2:
            withdraw(station, path)

    card.on_open = doubt
    card.on_erase = lambda path: seen.append(station.states()[A] is ClipState.RELEASING)
    station.plug(card)
    station.turn()
    kinds = [
        kind for kind in station.kinds() if kind in {"clip_verified", "clip_retried", "release_intended"}
    ]
    # It goes only after the store has proven it anew, in a docking that finds it standing.
    assert kinds[:2] == ["clip_verified", "clip_retried"]
    assert "release_intended" not in kinds or kinds.index("release_intended") > 2
    assert all(seen)


def test_the_same_serial_on_another_bay_is_not_erased(station: ErasingStation) -> None:
    card, twin = camera(), camera()
    station.plug(card, bay="1-1")
    station.turn()
    station.plug(twin, bay="1-2")
    station.turn()
    assert set(card.files) == set(FOREIGN)
    assert set(twin.files) == {*CLIPS, *FOREIGN}
    assert twin.listings == 0


def test_another_camera_in_the_same_bay_is_not_erased(station: ErasingStation) -> None:
    """Not enrolled, and all its files are identical to those that were verified."""
    card, other = hooked(), camera()
    card.on_erase = lambda _: card.yank()
    station.visit(card)
    station.plug(other, serial="BWV-00018")
    station.turn()
    assert set(other.files) == {*CLIPS, *FOREIGN}
    assert other.listings == 0


def test_an_identical_file_on_another_admitted_camera_waits_for_its_own_proof(
    station: ErasingStation,
) -> None:
    station.enrol("BWV-00018")
    card, other = camera(), camera()
    station.plug(card, bay="1-1")
    station.turn()
    station.plug(other, serial="BWV-00018", bay="1-2")
    station.turn()
    found = [f for f in station.facts if isinstance(f, ClipFound) and f.camera == "BWV-00018"]
    assert len(found) == 3
    assert set(other.files) == set(FOREIGN)
    check_that_each_erasure_was_announced(station)


# --- proofs that are old -------------------------------------------------------------------------------


def taken_before(station: ErasingStation) -> FakeVolume:
    """Take a camera's footage in one docking; its erasing comes in a later one."""
    station.dockings.erasing.rules = EraseRules()
    card = camera()
    station.visit(card)
    station.dockings.erasing.rules = EraseRules(erase=True)
    return card


@pytest.mark.few(2)
@pytest.mark.parametrize("part", [f"{A}/0", f"{B}/1"])
@pytest.mark.parametrize("gone", [False, True])
def test_a_copy_that_went_bad_since_its_proof_keeps_the_camera_s(
    station: ErasingStation, part: str, *, gone: bool
) -> None:
    """A receipt of an earlier docking says nothing of what has happened to the store's copy since."""
    card = taken_before(station)
    path, _, number = part.rpartition("/")
    there = next((station.root / "vault").rglob(f"{station.clip_of(path)}.{number}.*[!n]"))
    content = there.read_bytes()
    there.unlink()  # it may be the spool's own file under another name
    if not gone:
        there.write_bytes(content[::-1])
    key = station.plug(card, bay="1-9")
    station.turn()
    assert path in card.files
    assert station.states()[path] is ClipState.QUARANTINED
    assert "missing or altered" in display_state(station.bay(key), paused=False)[1]
    others = {A, B} - {path}
    assert not others & set(card.files), "what is still proven goes"
    check_that_each_erasure_was_announced(station)


def test_nothing_goes_while_a_store_cannot_be_asked_again(tmp_path: Path) -> None:
    store = FakeDestination(lambda clip, number: CLIPS[clip.files[number].path])
    station = ErasingStation(tmp_path, destinations=[store])
    card = taken_before(station)
    store.reachable = False
    station.plug(card, bay="1-9")
    station.turn()
    station.later()
    assert set(card.files) == {*CLIPS, *FOREIGN}
    assert set(station.states().values()) == {ClipState.VERIFIED}, "it says nothing of its copies"
    store.reachable = True
    for _ in range(4):
        station.later(600)
    assert set(card.files) == set(FOREIGN)
    check_that_each_erasure_was_announced(station)


def test_a_store_that_is_known_not_to_answer_is_not_asked_in_the_bays_thread(tmp_path: Path) -> None:
    """It may hang, and a bay that hangs with it serves no camera."""
    store = FakeDestination(lambda clip, number: CLIPS[clip.files[number].path])
    station = ErasingStation(tmp_path, destinations=[store])
    card = taken_before(station)
    station.dockings.erasing.stores_answer = lambda: False
    asked = store.asked.count("prove")
    station.plug(card, bay="1-9")
    station.turn()
    station.later()
    assert store.asked.count("prove") == asked
    assert set(card.files) == {*CLIPS, *FOREIGN}
    station.dockings.erasing.stores_answer = lambda: True
    for _ in range(4):
        station.later(600)
    assert set(card.files) == set(FOREIGN)


def test_past_its_date_a_clip_goes_though_the_store_has_removed_its_copy(tmp_path: Path) -> None:
    """Stores remove footage by the date that came with it; the camera must not keep it for ever."""
    store = FakeDestination(lambda clip, number: CLIPS[clip.files[number].path])
    station = ErasingStation(tmp_path, destinations=[store])
    card = taken_before(station)
    store.objects.clear()
    station.clock.ms += 40 * 24 * 3_600_000
    station.plug(card, bay="1-9")
    for _ in range(4):
        station.later(600)
    assert set(card.files) == set(FOREIGN)
    assert ClipState.QUARANTINED not in station.states().values()
