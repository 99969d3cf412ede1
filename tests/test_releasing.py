"""Is a camera erased of what is safe elsewhere, and of nothing else, whatever happens meanwhile?

The whole dock in one thread, everything real but the camera.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bwvdock.bay import display_state
from bwvdock.core.clip import Clip
from bwvdock.core.erasing import Erasure
from bwvdock.core.facts import ClipFound, ClipHeld, ClipQuarantined, ClipRetried, ClipUnheld, SourceFile
from bwvdock.core.lifecycle import ClipState, DockingState
from bwvdock.core.ports import CameraFile
from bwvdock.edges.journal.verify import verify_journal
from bwvdock.errors import EraseRefusedError, MounterUnavailableError
from bwvdock.releasing import ReleaseRules
from tests.fakes.camera import (
    FakeFile,
    FakeSource,
    FakeVolume,
    FlippingVolume,
    KeepingVolume,
    MixingUpVolume,
    camera_with,
)
from tests.fakes.destination import FakeDestination
from tests.fakes.station import Station

A, B, B_GPS, C = (f"DCIM/100TEST/{name}" for name in ("A.MP4", "B.MP4", "B.GPS", "C.MP4"))
CLIPS = {A: b"first" * 1000, B: b"second" * 70_000, B_GPS: b"$GPRMC,101500,A*00\n", C: b"third"}
FOREIGN = {"settings.ini": b"volume=3", "MISC/notes.txt": b"not ours"}


class ErasingStation(Station):
    """A dock whose configuration says erase = "after-verified"."""

    rules = ReleaseRules(erase=True)

    def _build(self) -> None:
        super()._build()
        self.pipeline.releasing.rules = self.rules

    def later(self, seconds: int = 60) -> None:
        """Let time pass: longer than a bay rests."""
        self.clock.ms += seconds * 1000
        self.turn()

    def hold(self, path: str) -> None:
        self.ledger.record([ClipHeld(clip=self.clip_of(path), reason="inquiry", actor="0:root")])

    def clip_of(self, path: str) -> str:
        return next(f.clip for f in self.facts if isinstance(f, ClipFound) and f.files[0].path == path)

    def reason(self, path: str) -> str:
        clip = self.journal.clip(self.clip_of(path))
        assert clip is not None
        return clip.quarantine


@pytest.fixture
def station(tmp_path: Path) -> ErasingStation:
    here = ErasingStation(tmp_path)
    here.enrol()
    return here


def camera() -> FakeVolume:
    return camera_with({**CLIPS, **FOREIGN})


@dataclass(kw_only=True)
class HookedVolume(FakeVolume):
    """Tells when a file is about to be opened (the n-th time) or erased; something can happen then."""

    on_open: Callable[[str, int], None] = lambda path, count: None
    on_erase: Callable[[str], None] = lambda path: None
    opened: dict[str, int] = field(default_factory=dict)

    def open(self, file: CameraFile, *, offset: int = 0) -> FakeSource:
        self.opened[file.path] = self.opened.get(file.path, 0) + 1
        self.on_open(file.path, self.opened[file.path])
        return super().open(file, offset=offset)

    def _erase(self, file: SourceFile) -> Erasure:
        self.on_erase(file.path)
        self.prove()
        return super()._erase(file)


def hooked(files: dict[str, bytes] | None = None) -> HookedVolume:
    made = camera_with({**CLIPS, **FOREIGN} if files is None else files)
    return HookedVolume(files=made.files)


def check_that_each_erasure_was_announced(station: Station) -> None:
    """No clip is released, nor gone, without its entry before."""
    kinds = [(fact.kind, getattr(fact, "clip", "")) for fact in station.facts]
    for kind, clip in kinds:
        if kind == "clip_released":
            assert kinds.index(("release_intended", clip)) < kinds.index((kind, clip))
            assert kinds.index(("clip_verified", clip)) < kinds.index(("release_intended", clip))
    assert verify_journal(station.root / "journal.sqlite3").ok


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


def test_every_byte_is_read_twice_before_it_goes(station: ErasingStation) -> None:
    card = camera()
    station.plug(card)
    station.turn()
    assert {path: card.bytes_read[path] for path in CLIPS} == {p: 2 * len(d) for p, d in CLIPS.items()}


def test_without_reread_it_goes_after_one_look_at_its_ends(station: ErasingStation) -> None:
    station.pipeline.releasing.rules = ReleaseRules(erase=True, reread=False)
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


def test_what_an_earlier_docking_took_goes_in_a_later_one(station: ErasingStation) -> None:
    station.pipeline.releasing.rules = ReleaseRules()
    card = camera()
    key = station.plug(card)
    station.turn()
    station.pull(key)
    station.turn()
    station.pipeline.releasing.rules = ReleaseRules(erase=True)
    station.plug(card, bay="1-9")
    station.turn()
    assert set(card.files) == set(FOREIGN)
    assert station.kinds().count("clip_found") == 3
    check_that_each_erasure_was_announced(station)


def test_an_mtp_camera_is_erased_as_well(station: ErasingStation) -> None:
    store = camera_with(CLIPS, name="store-00010001")
    station.plug_mtp(store)
    station.turn()
    assert store.files == {}


def test_a_new_clip_under_an_erased_clips_name_is_a_new_clip(station: ErasingStation) -> None:
    card = camera()
    key = station.plug(card)
    station.turn()
    station.pull(key)
    station.turn()
    card.files[A] = FakeFile(data=b"another day", mtime_ns=card.files["settings.ini"].mtime_ns + 10**12)
    station.plug(card)
    station.turn()
    assert A not in card.files
    assert b"another day" in station.vault_files()
    assert station.kinds().count("clip_released") == 4


# --- what waits ----------------------------------------------------------------------------------


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


def test_what_is_held_while_it_is_about_to_go_stays(station: ErasingStation) -> None:
    card = hooked()

    def hold(path: str) -> None:
        if path == B_GPS and "clip_held" not in station.kinds():
            station.hold(C)
            station.pipeline.releasing.think_again()

    card.on_erase = hold
    station.plug(card)
    station.turn()
    station.later()
    assert set(card.files) == {C, *FOREIGN}
    assert station.states() == {A: ClipState.RELEASED, B: ClipState.RELEASED, C: ClipState.RELEASING}


def test_a_paused_dock_erases_nothing_and_goes_on_afterwards(station: ErasingStation) -> None:
    card = hooked()
    card.on_open = lambda _, count: station.pipeline.set_paused(paused=True) if count == 2 else None
    station.plug(card)
    station.turn()
    assert set(card.files) == {*CLIPS, *FOREIGN}
    assert "release_intended" not in station.kinds()
    card.on_open = lambda _, count: None
    station.pipeline.set_paused(paused=False)
    station.turn()
    assert set(card.files) == set(FOREIGN)


def test_it_waits_for_the_stores_that_are_not_required_as_well(tmp_path: Path) -> None:
    def fetch(clip: Clip, number: int) -> bytes:
        return CLIPS[clip.files[number].path]

    near, far = (FakeDestination(fetch, name=name) for name in ("near", "far"))
    far.reachable = False
    station = ErasingStation(tmp_path, required={"far": False}, destinations=[near, far])
    station.enrol()
    card = camera()
    station.plug(card)
    station.turn()
    assert set(station.states().values()) == {ClipState.VERIFIED}
    assert set(card.files) == {*CLIPS, *FOREIGN}


# --- pulled out, cut off -------------------------------------------------------------------------


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


# --- what was not expected never erases ----------------------------------------------------------


def test_other_bytes_in_the_second_read_send_the_clip_to_quarantine(station: ErasingStation) -> None:
    card = FlippingVolume(files=camera_with({A: CLIPS[A]}).files)
    station.plug(card)
    station.turn()
    assert A in card.files
    assert station.states()[A] is ClipState.QUARANTINED
    assert "read a second time" in station.reason(A)
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
    assert "second time" in display_state(station.bay(key), paused=False)[1]


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
    key = station.plug(card)
    station.turn()
    station.pull(key)
    station.turn()
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
