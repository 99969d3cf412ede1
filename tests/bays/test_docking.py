"""The straight way, from docking to undocking, with everything real but the camera and the threads."""

from __future__ import annotations

from pathlib import Path

import pytest

from bwvdock.bays.bay import display_state
from bwvdock.config.profiles import load_profiles
from bwvdock.core.clips.admission import Admission
from bwvdock.core.clips.lifecycle import ClipState, DockingState
from bwvdock.core.facts import CameraClockRead, CameraRevoked, ClipAcquired, ClipFound
from bwvdock.core.media.sightings import (
    CameraChanged,
    FolderChanged,
    Sighting,
    Transport,
    VolumeArrived,
    VolumeLeft,
)
from bwvdock.core.ports import PIECE_BYTES
from bwvdock.edges.journal.verify.verify import verify_journal
from bwvdock.errors import UnreadableError
from tests.fakes.camera import TruncatingVolume, camera_with
from tests.fakes.station import SERIAL, Station

CLIPS = {
    "DCIM/100TEST/A.MP4": b"first" * 1000,
    "DCIM/100TEST/B.MP4": b"second" * 70_000,
    "DCIM/100TEST/B.GPS": b"$GPRMC,101500,A*00\n",
    "DCIM/100TEST/C.MP4": b"",
}


@pytest.fixture
def station(tmp_path: Path) -> Station:
    """A dock at which one camera is enrolled."""
    here = Station(tmp_path)
    here.enrol()
    return here


def test_a_docked_camera_s_clips_are_verified_in_the_vault_byte_for_byte(station: Station) -> None:
    """The whole point: footage, sidecar and an empty clip."""
    key = station.plug(camera_with(CLIPS))
    station.turn()
    assert set(station.states().values()) == {ClipState.VERIFIED}
    assert station.vault_files() == sorted(CLIPS.values())
    assert display_state(station.bay(key), paused=False) == ("safe-to-remove", "")
    station.pull(key)
    station.turn()
    sheet = station.sheet()
    assert (sheet.seen, sheet.copied, sheet.residual, sheet.complete) == (3, 3, 0, True)
    assert not station.dockings.bays
    assert verify_journal(station.root / "journal.sqlite3").ok


def test_the_copy_is_announced_before_it_begins_and_each_fact_follows_from_the_last(
    station: Station,
) -> None:
    """The order of one clip's facts is the walk."""
    station.plug(camera_with({"DCIM/100TEST/A.MP4": b"x"}))
    station.turn()
    walk = [kind for kind in station.kinds() if kind.startswith(("clip", "copy"))]
    assert walk == [
        "clip_found",
        "copy_intended",
        "clip_acquired",
        "clip_dated",
        "clip_attributed",
        "clip_uploaded",
        "clip_verified",
        "clip_described",
    ]


def test_the_same_camera_docked_again_gives_nothing(station: Station) -> None:
    """Not a byte of footage is read twice, sidecars included."""
    camera = camera_with(CLIPS)
    station.visit(camera)
    read = dict(camera.bytes_read)
    station.plug(camera)
    station.turn()
    assert station.sheet().already_held == 3
    assert station.sheet().copied == 0
    assert camera.bytes_read == read
    assert station.kinds().count("clip_found") == 3


def test_a_clip_replaced_under_the_same_name_is_a_new_clip(station: Station) -> None:
    """Same name, same size, same time: the counter wrapped, the content is another."""
    camera = camera_with({"DCIM/100TEST/A.MP4": b"one"})
    station.visit(camera)
    camera.files["DCIM/100TEST/A.MP4"].data = b"two"
    station.plug(camera)
    station.turn()
    assert station.vault_files() == [b"one", b"two"]


def test_an_unenrolled_camera_is_refused_and_not_so_much_as_listed(tmp_path: Path) -> None:
    """Refused by its serial alone."""
    station = Station(tmp_path)
    camera = camera_with(CLIPS)
    key = station.plug(camera)
    station.turn()
    assert camera.listings == 0
    assert display_state(station.bay(key), paused=False) == ("refused", "not enrolled")
    station.pull(key)
    station.turn()
    cameras = [kind for kind in station.kinds() if kind.startswith("camera")]
    assert cameras[-2:] == ["camera_refused", "camera_detached"]


def test_enrolling_a_camera_that_sits_refused_lets_it_in_at_once(tmp_path: Path) -> None:
    """Nobody has to dock it again."""
    station = Station(tmp_path)
    station.plug(camera_with(CLIPS))
    station.turn()
    station.enrol()
    station.turn()
    assert set(station.states().values()) == {ClipState.VERIFIED}


def test_revoking_a_docked_camera_stops_the_reading(station: Station) -> None:
    """It is refused where it sits, with the reason."""
    key = station.plug(camera_with(CLIPS))
    station.turn()
    station.ledger.record([CameraRevoked(camera=SERIAL, reason="stolen", actor="0:root")])
    station.dockings.judge_again(SERIAL)
    assert display_state(station.bay(key), paused=False) == ("refused", "revoked: stolen")


def test_a_second_camera_with_the_same_serial_is_refused(station: Station) -> None:
    """Two histories under one name would be none."""
    station.plug(camera_with(CLIPS), bay="1-1")
    other = station.plug(camera_with(CLIPS), bay="1-2")
    station.turn()
    assert station.bay(other).state is DockingState.REFUSED
    assert "1-1" in station.bay(other).reason


@pytest.mark.slow
def test_a_camera_yanked_in_mid_copy_goes_on_where_it_was(station: Station) -> None:
    """At the next docking the prefix on the disk is proven and not read again."""
    content = bytes(range(256)) * (3 * PIECE_BYTES // 256) + b"end"
    camera = camera_with({"DCIM/100TEST/LONG.MP4": content})
    camera.files["DCIM/100TEST/LONG.MP4"].yank_at = 2 * PIECE_BYTES + 5
    station.visit(camera)
    assert station.sheet().residual == 1
    assert not station.sheet().complete
    camera.files["DCIM/100TEST/LONG.MP4"].yank_at = None
    camera.bytes_read.clear()
    station.plug(camera)
    station.turn()
    acquired = [f for f in station.facts if isinstance(f, ClipAcquired)]
    assert len(acquired) == 1
    assert acquired[0].parts[0].resumed_at >= PIECE_BYTES
    assert sum(camera.bytes_read.values()) == len(content) - acquired[0].parts[0].resumed_at
    assert station.vault_files() == [content]


def test_a_yank_while_listing_never_gives_a_complete_docking(station: Station) -> None:
    """The empty listing that vfat gives then is thrown away."""
    camera = camera_with(CLIPS)
    camera.yank_while_listing = True
    station.visit(camera)
    assert "camera_listed" not in station.kinds()
    assert not station.sheet().complete


def test_an_unreadable_clip_is_skipped_with_its_reason_and_its_neighbours_go_on(station: Station) -> None:
    """A bad sector costs one clip, and the sheet says so."""
    camera = camera_with({f"DCIM/100TEST/{n}.MP4": bytes([n]) * 500_000 for n in range(3)})
    camera.files["DCIM/100TEST/1.MP4"].bad_at = 250_000
    key = station.plug(camera)
    station.turn()
    assert sorted(station.states().values()) == [ClipState.FOUND, ClipState.VERIFIED, ClipState.VERIFIED]
    station.pull(key)
    station.turn()
    sheet = station.sheet()
    assert (sheet.copied, sheet.unreadable, sheet.residual, sheet.complete) == (2, 1, 0, False)


@pytest.mark.slow
@pytest.mark.parametrize("size", [300_000, 20 * 1024 * 1024])
def test_a_sidecar_that_cannot_be_read_does_not_keep_its_footage_on_the_camera(
    station: Station, size: int
) -> None:
    """The footage is safe; the sidecar stands there empty, and a note says why."""
    camera = camera_with({"DCIM/100TEST/A.MP4": b"footage", "DCIM/100TEST/A.GPS": b"g" * size})
    camera.files["DCIM/100TEST/A.GPS"].bad_at = size - 100_000
    station.plug(camera)
    station.turn()
    acquired = [f for f in station.facts if isinstance(f, ClipAcquired)]
    assert station.vault_files() == [b"", b"footage"]
    assert any("could not be copied" in note for note in acquired[0].notes)
    assert verify_journal(station.root / "journal.sqlite3").ok


def test_a_camera_that_ends_its_files_early_is_never_believed(station: Station) -> None:
    """The liar: no clip shorter than its listing is ever acquired."""
    camera = TruncatingVolume(files=camera_with({"DCIM/100TEST/A.MP4": b"x" * 300_000}).files)
    camera.files["DCIM/100TEST/A.MP4"].short_at = 200_000
    station.plug(camera)
    station.turn()
    assert not any(isinstance(f, ClipAcquired) for f in station.facts)


@pytest.mark.slow
def test_another_rule_of_admission_is_applied_to_cameras_in_their_bays(tmp_path: Path) -> None:
    """SIGHUP: what was refused under the old rule is let in under the new one, and the other way round."""
    station = Station(tmp_path)
    key = station.plug(camera_with(CLIPS))
    station.turn()
    station.dockings.reload(mode=Admission.ANY, profiles=load_profiles(), non_evidential_days=31)
    station.turn()
    assert station.bay(key).state is DockingState.SETTLED
    station.dockings.reload(mode=Admission.ENROLLED, profiles=load_profiles(), non_evidential_days=31)
    assert station.bay(key).state is DockingState.REFUSED


def test_two_cameras_are_served_at_once_and_each_docking_has_its_own_sheet(tmp_path: Path) -> None:
    """Every bay has a worker of its own."""
    station = Station(tmp_path, mode=Admission.ANY)
    one = station.plug(camera_with({"DCIM/100TEST/A.MP4": b"a"}), serial="BWV-00001", bay="1-1")
    two = station.plug(camera_with({"DCIM/100TEST/A.MP4": b"a"}), serial="BWV-00002", bay="1-2")
    station.turn()
    assert {station.bay(k).state for k in (one, two)} == {DockingState.SETTLED}
    assert station.kinds().count("clip_verified") == 2


@pytest.mark.slow
def test_a_reader_without_a_card_waits_and_takes_the_card_when_it_comes(station: Station) -> None:
    """Then another card: both are copied in one docking."""
    key = station.plug()
    station.turn()
    assert display_state(station.bay(key), paused=False) == ("waiting", "no readable medium yet")
    for name in ("first", "second"):
        station.volumes["sdx"] = camera_with({"DCIM/100TEST/A.MP4": name.encode()})
        station.inbox.put(VolumeArrived(key=key, device="sdx", name="lun0"))
        station.turn()
        station.inbox.put(VolumeLeft(key=key, device="sdx"))
        station.turn()
    assert station.vault_files() == [b"first", b"second"]


def test_nothing_is_copied_while_paused_and_everything_goes_on_after(station: Station) -> None:
    """Pause is level-triggered as well."""
    station.dockings.set_paused(paused=True)
    key = station.plug(camera_with(CLIPS))
    station.turn()
    assert "camera_listed" not in station.kinds()
    assert display_state(station.bay(key), paused=True)[0] == "waiting"
    station.dockings.set_paused(paused=False)
    station.turn()
    assert set(station.states().values()) == {ClipState.VERIFIED}


@pytest.mark.slow
def test_a_dock_that_stopped_without_a_word_ends_its_dockings_and_goes_on(station: Station) -> None:
    """A crash with the camera still in its bay: what was copied is delivered, what was not is copied."""
    camera = camera_with(CLIPS)
    station.plug(camera)
    for _ in range(3):
        station.dock.turn(timeout=0)
    station.restart()
    assert station.kinds()[-1] == "camera_detached"
    station.plug(camera)
    station.turn()
    assert set(station.states().values()) == {ClipState.VERIFIED}
    assert station.vault_files() == sorted(CLIPS.values())


def test_a_full_spool_leaves_clips_on_the_camera_and_says_so(tmp_path: Path) -> None:
    """And goes on by itself when there is room."""
    station = Station(tmp_path, min_free=2**60)
    station.enrol()
    key = station.plug(camera_with(CLIPS))
    station.turn()
    state, reason = display_state(station.bay(key), paused=False)
    assert (state, "kept free" in reason) == ("waiting", True)
    assert set(station.states().values()) == {ClipState.FOUND}


def test_marked_clips_are_copied_before_older_ones(station: Station) -> None:
    """The wearer's mark is an order."""
    camera = camera_with({f"Normal/2026_0314_1015{n:02}.MP4": bytes([n]) for n in range(3)})
    camera.files["Event/2026_0314_101559.MP4"] = camera.files.pop("Normal/2026_0314_101502.MP4")
    station.plug(camera)
    station.turn()
    found = [f for f in station.facts if isinstance(f, ClipFound)]
    acquired = [f.clip for f in station.facts if isinstance(f, ClipAcquired)]
    marked = [f.clip for f in found if f.marked]
    assert len(marked) == 1
    assert acquired[0] == marked[0]


def test_a_folder_that_changes_begins_a_new_docking(tmp_path: Path) -> None:
    """One pass, one balance sheet; a folder needs no enrolment beside the configuration."""
    station = Station(tmp_path)
    sighting = Sighting(key="/srv/cam", bay="folder /srv/cam", serial="CAM-17", transport=Transport.FOLDER)
    camera = camera_with({"A.MP4": b"a"})
    station.volumes["/srv/cam"] = camera
    station.inbox.put(FolderChanged(sighting=sighting))
    station.turn()
    camera.files |= camera_with({"B.MP4": b"b"}).files
    station.inbox.put(FolderChanged(sighting=sighting))
    station.turn()
    assert station.vault_files() == [b"a", b"b"]
    assert (station.sheet(0).copied, station.sheet(1).copied, station.sheet(1).already_held) == (1, 1, 1)
    assert station.sheet(0).complete


def test_an_mtp_camera_is_opened_after_it_was_admitted_and_its_stores_are_copied(station: Station) -> None:
    """Who it said it is and what its clock showed are entries, once, before anything is listed."""
    one, two = (camera_with({"DCIM/100/A.MP4": c}, name=f"store-{c.decode()}") for c in (b"a", b"b"))
    key = station.plug_mtp(one, two)
    station.turn()
    assert station.vault_files() == [b"a", b"b"]
    assert station.kinds().count("camera_identified") == 1
    clock = next(f for f in station.facts if isinstance(f, CameraClockRead))
    assert clock.understood
    assert clock.offset_ms < -1000 * 3600 * 24 * 365 * 40, "it stands in 1980"
    station.pull(key)
    station.turn()
    assert station.sheet().complete
    assert station.closed_cameras == [key]


def test_a_locked_mtp_camera_waits_is_asked_again_and_goes_on_when_it_is_unlocked(station: Station) -> None:
    """By polling, or at once when it says so; never "camera empty"."""
    key = station.plug_mtp()
    station.turn()
    assert display_state(station.bay(key), paused=False)[0] == "waiting"
    assert "camera_settled" not in station.kinds()
    station.stores_of[key].append(camera_with({"DCIM/100/A.MP4": b"a"}, name="store-1"))
    station.clock.pass_ms(2_001)
    station.turn()
    assert station.vault_files() == [b"a"]
    station.stores_of[key].append(camera_with({"DCIM/100/B.MP4": b"b"}, name="store-2"))
    station.inbox.put(CameraChanged(key=key))
    station.turn()
    assert station.vault_files() == [b"a", b"b"]


def test_an_idle_mtp_camera_is_asked_again_so_that_it_stays_awake_and_a_new_card_is_seen(
    station: Station,
) -> None:
    """Without an event; and what hinders such a look does not make the dock less sure of its copies."""
    key = station.plug_mtp(camera_with({"DCIM/100/A.MP4": b"a"}, name="store-1"))
    station.turn()
    assert display_state(station.bay(key), paused=False)[0] == "safe-to-remove"
    looks = station.looks
    station.turn()
    assert station.looks == looks
    for _ in range(3):
        station.clock.pass_ms(5_001)
        station.turn()
    assert station.looks == looks + 3
    shown = station.stores_of.pop(key)
    station.clock.pass_ms(5_001)
    station.turn()
    assert display_state(station.bay(key), paused=False)[0] == "safe-to-remove"
    station.stores_of[key] = [*shown, camera_with({"DCIM/100/B.MP4": b"b"}, name="store-2")]
    station.clock.pass_ms(5_001)
    station.turn()
    assert station.vault_files() == [b"a", b"b"]
    assert station.kinds().count("camera_identified") == 1


def test_an_idle_mtp_camera_that_answers_nonsense_is_not_called_safe_until_it_answers(
    station: Station,
) -> None:
    """A new card in it would not be seen."""
    key = station.plug_mtp(camera_with({"DCIM/100/A.MP4": b"a"}, name="store-1"))
    station.turn()
    station.unwell[key] = UnreadableError("It answered with another camera's list.")
    station.clock.pass_ms(5_001)
    station.turn()
    assert display_state(station.bay(key), paused=False) == (
        "failed",
        "It answered with another camera's list.",
    )
    del station.unwell[key]
    station.clock.pass_ms(5_001)
    station.turn()
    assert display_state(station.bay(key), paused=False)[0] == "safe-to-remove"


def test_an_mtp_camera_that_is_not_enrolled_is_never_opened(tmp_path: Path) -> None:
    """Not even for its own opinion of its serial."""
    station = Station(tmp_path)
    key = station.plug_mtp(camera_with({"DCIM/100/A.MP4": b"a"}))
    station.turn()
    assert station.bay(key).state is DockingState.REFUSED
    assert "camera_identified" not in station.kinds()
