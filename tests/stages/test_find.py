"""Nothing on a volume goes uncounted, nothing is copied twice, and a yank claims nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.core.clips.history import apply
from bwvdock.core.clips.identity import identity
from bwvdock.core.clips.states import ClipState, Holder
from bwvdock.core.facts import ClipFound, SourceFile
from bwvdock.core.facts.clip import BY_CONTENT, BY_VOLUME
from bwvdock.core.media.profile import Profile
from bwvdock.core.ports import CameraFile, FileStatus
from bwvdock.errors import CameraGoneError, UnreadableError
from bwvdock.stages.find import Finding, entries_of, find
from tests.fakes.camera import MARCH, FakeFile, FakeVolume, ForgettingVolume, camera_with

DCF = Profile(name="dcf", contains=("DCIM/**",), clips=("DCIM/*/*",), read_only_marks=True)
A, B, C = (f"DCIM/100/{name}.MP4" for name in "ABC")


class Dock:
    """What a dock remembers between dockings, as the journal would."""

    def __init__(self) -> None:
        self.held: dict[str, list[Holder]] = {}
        self.asked: list[Collection[str]] = []
        self._ids = count(1)

    def know(self, identities: Collection[str]) -> Mapping[str, Holder]:
        self.asked.append(identities)
        return {its: max(self.held[its], key=self._place) for its in identities if its in self.held}

    @staticmethod
    def _place(holder: Holder) -> tuple[bool, bool, int]:
        return holder.footage, holder.state is not ClipState.FOUND, int(holder.clip.rpartition("-")[2])

    def new_id(self) -> str:
        return f"clip-{next(self._ids)}"

    def look(self, volume: FakeVolume, *profiles: Profile) -> Finding:
        return find(
            volume,
            profiles=profiles or (DCF,),
            usb="",
            camera="CAM-17",
            docking="docking-1",
            held=self.know,
            new_id=self.new_id,
        )

    def hold(self, found: ClipFound, state: ClipState) -> None:
        for number, file in enumerate(found.files):
            holders = self.held.setdefault(identity("CAM-17", file, found.known_by), [])
            holders[:] = [holder for holder in holders if holder.clip != found.clip]
            holders.append(Holder(found.clip, state, footage=number == 0))


@pytest.fixture
def dock() -> Dock:
    return Dock()


def balance(finding: Finding) -> tuple[int, ...]:
    f = finding.listed
    assert f.seen == f.new + f.already_held + f.not_ready + f.unreadable + f.refused
    return f.new, f.already_held, f.not_ready, f.unreadable, f.refused


def paths(finding: Finding) -> list[list[str]]:
    return [[file.path for file in found.files] for found in finding.found]


def test_a_new_clip_is_found_with_its_sidecars(dock: Dock) -> None:
    volume = camera_with({A: b"footage", "DCIM/100/A.GPS": b"track", "MISC/log.txt": b"no clip"})
    finding = dock.look(volume)
    assert balance(finding) == (1, 0, 0, 0, 0)
    (found,) = finding.found
    assert (found.clip, found.camera, found.docking) == ("clip-1", "CAM-17", "docking-1")
    assert [f.path for f in found.files] == [A, "DCIM/100/A.GPS"]
    assert {f.volume for f in found.files} == {"lun0-part1"}
    assert [f.fingerprint for f in found.files] == [volume.fingerprint(f) for f in finding.files["clip-1"]]
    assert finding.listed.profile == "dcf"


def test_marked_clips_come_first_and_then_the_oldest(dock: Dock) -> None:
    volume = camera_with({C: b"1", B: b"2", A: b"3", "DCIM/100/D.MP4": b"4"})
    volume.files[A].read_only = True
    finding = dock.look(volume)
    assert paths(finding) == [[A], [C], [B], ["DCIM/100/D.MP4"]]
    assert [f.marked for f in finding.found] == [True, False, False, False]


@pytest.mark.parametrize("state", [s for s in ClipState if s is not ClipState.FOUND])
def test_a_camera_docked_again_gives_nothing_new(dock: Dock, state: ClipState) -> None:
    volume = camera_with({A: b"footage", "DCIM/100/A.GPS": b"track", B: b"other"})
    for found in dock.look(volume).found:
        dock.hold(found, state)
    again = dock.look(volume)
    assert balance(again) == (0, 2, 0, 0, 0)
    assert (again.found, dict(again.files)) == ((), {})


def test_a_clip_found_before_and_never_copied_is_to_be_copied(dock: Dock) -> None:
    volume = camera_with({A: b"footage", "DCIM/100/A.GPS": b"track"})
    (found,) = dock.look(volume).found
    dock.hold(found, ClipState.FOUND)
    again = dock.look(volume)
    assert balance(again) == (1, 0, 0, 0, 0)
    assert (again.found, list(again.files)) == ((), [found.clip])
    assert [f.path for f in again.files[found.clip]] == [A, "DCIM/100/A.GPS"]


def test_another_content_under_the_same_name_is_a_new_clip(dock: Dock) -> None:
    volume = camera_with({A: b"footage"})
    dock.hold(dock.look(volume).found[0], ClipState.VERIFIED)
    volume.files[A] = FakeFile(data=b"FOOTAGE")
    assert balance(dock.look(volume)) == (1, 0, 0, 0, 0)


def test_a_sidecar_that_came_later_is_taken_on_its_own(dock: Dock) -> None:
    volume = camera_with({A: b"footage"})
    (clip,) = dock.look(volume).found
    dock.hold(clip, ClipState.VERIFIED)
    volume.files["DCIM/100/A.GPS"] = FakeFile(data=b"track")
    finding = dock.look(volume)
    assert balance(finding) == (1, 1, 0, 0, 0)
    assert paths(finding) == [["DCIM/100/A.GPS"]]
    assert finding.found[0].notes == (f"sidecar of {clip.clip}",)
    dock.hold(finding.found[0], ClipState.ACQUIRED)
    assert balance(dock.look(volume)) == (0, 1, 0, 0, 0)


def test_a_sidecar_that_was_taken_before_its_clip_is_not_taken_again(dock: Dock) -> None:
    volume = camera_with({"DCIM/100/A.GPS": b"track"})
    dock.hold(dock.look(volume).found[0], ClipState.ACQUIRED)
    volume.files[A] = FakeFile(data=b"footage")
    finding = dock.look(volume)
    assert balance(finding) == (1, 0, 0, 0, 0)
    assert paths(finding) == [[A]]


def test_a_sidecar_of_a_clip_whose_footage_is_gone_is_not_lost_with_it(dock: Dock) -> None:
    volume = camera_with({A: b"footage", "DCIM/100/A.GPS": b"track"})
    dock.hold(dock.look(volume).found[0], ClipState.FOUND)
    volume.files[A] = FakeFile(data=b"the counter wrapped round")
    finding = dock.look(volume)
    assert balance(finding) == (1, 0, 0, 0, 0)
    assert paths(finding) == [[A, "DCIM/100/A.GPS"]]


def test_a_sidecar_found_before_its_clip_is_still_copied_when_the_clip_came(dock: Dock) -> None:
    volume = camera_with({"DCIM/100/A.GPS": b"track"})
    (track,) = dock.look(volume).found
    dock.hold(track, ClipState.FOUND)
    volume.files[A] = FakeFile(data=b"footage")
    finding = dock.look(volume)
    assert balance(finding) == (2, 0, 0, 0, 0)
    assert paths(finding) == [[A]]
    assert [f.path for f in finding.files[track.clip]] == ["DCIM/100/A.GPS"]


def test_a_sidecar_that_came_before_its_clip_was_copied_is_taken_on_its_own_at_once(dock: Dock) -> None:
    volume = camera_with({A: b"footage", "DCIM/100/A.THM": b"picture"})
    (clip,) = dock.look(volume).found
    dock.hold(clip, ClipState.FOUND)
    volume.files["DCIM/100/A.GPS"] = FakeFile(data=b"track")
    finding = dock.look(volume)
    assert balance(finding) == (2, 0, 0, 0, 0)
    assert paths(finding) == [["DCIM/100/A.GPS"]]
    assert finding.found[0].notes == (f"sidecar of {clip.clip}",)
    assert [f.path for f in finding.files[clip.clip]] == [A, "DCIM/100/A.THM"]


def test_a_sidecar_that_grew_before_its_clip_was_copied_is_not_taken_for_the_shorter_one(dock: Dock) -> None:
    volume = camera_with({A: b"footage", "DCIM/100/A.GPS": b"tra"})
    (clip,) = dock.look(volume).found
    dock.hold(clip, ClipState.FOUND)
    volume.files["DCIM/100/A.GPS"] = FakeFile(data=b"track")
    finding = dock.look(volume)
    assert [[(f.path, f.size) for f in found.files] for found in finding.found] == [[("DCIM/100/A.GPS", 5)]]
    assert [f.path for f in finding.files[clip.clip]] == [A]


def test_a_sidecar_of_a_clip_that_was_not_copied_stays_its_own_whatever_came_beside_it(dock: Dock) -> None:
    volume = camera_with({B: b"rear", "DCIM/100/B.GPS": b"track"})
    (clip,) = dock.look(volume).found
    dock.hold(clip, ClipState.FOUND)
    volume.files["DCIM/100/B.MOV"] = FakeFile(data=b"front")
    finding = dock.look(volume)
    assert balance(finding) == (2, 0, 0, 0, 0)
    assert paths(finding) == [["DCIM/100/B.MOV"]]
    assert [f.path for f in finding.files[clip.clip]] == [B, "DCIM/100/B.GPS"]


def test_entries_follow_the_order_of_the_clip_and_a_gone_one_is_as_it_was(dock: Dock) -> None:
    volume = camera_with({A: b"footage", "DCIM/100/A.GPS": b"track", "DCIM/100/A.THM": b"picture"})
    finding = dock.look(volume)
    clip = apply(None, finding.found[0])
    listed = {f.path: f for f in volume.list()}
    del listed["DCIM/100/A.GPS"]
    entries = entries_of(clip, reversed(listed.values()))
    assert [f.path for f in entries] == [A, "DCIM/100/A.GPS", "DCIM/100/A.THM"]
    assert (entries[1].size, entries[1].mtime_ns) == (5, MARCH + 1_000_000_000)


def test_the_same_file_listed_twice_makes_one_clip(dock: Dock) -> None:
    class Doubling(FakeVolume):
        def list(self) -> list[CameraFile]:
            return [*super().list(), *super().list()]

    volume = Doubling(files={A: FakeFile(data=b"footage")})
    finding = dock.look(volume)
    assert balance(finding) == (1, 1, 0, 0, 0)
    assert len(finding.found) == 1


def test_a_card_in_another_slot_is_known_again(dock: Dock) -> None:
    volume = camera_with({A: b"footage", "DCIM/100/A.GPS": b"track", B: b"other"})
    for found in dock.look(volume).found:
        dock.hold(found, ClipState.VERIFIED)
    volume.name = "lun1-part1"
    again = dock.look(volume)
    assert (balance(again), len(again.on_camera)) == ((0, 2, 0, 0, 0), 2)
    volume.files[A] = FakeFile(data=b"FOOTAGE")
    assert balance(dock.look(volume)) == (1, 1, 0, 0, 0)


def test_a_clip_that_an_earlier_version_found_is_known_again(dock: Dock) -> None:
    volume = camera_with({A: b"footage", "DCIM/100/A.GPS": b"track"})
    dock.hold(replace(dock.look(volume).found[0], known_by=BY_VOLUME), ClipState.VERIFIED)
    assert balance(dock.look(volume)) == (0, 1, 0, 0, 0)


def test_what_cannot_be_taken_is_counted_and_its_neighbours_go_on(dock: Dock) -> None:
    volume = camera_with({A: b"footage", B: b"bad sector", C: b"growing"})
    volume.files[B].bad_at = 3
    volume.files[C].status = FileStatus.NOT_READY
    volume.files[C].reason = "still being written"
    volume.files["DCIM/link"] = FakeFile(status=FileStatus.REFUSED, reason="a symbolic link")
    volume.files["DCIM/101"] = FakeFile(status=FileStatus.UNREADABLE, reason="Input/output error")
    finding = dock.look(volume)
    assert balance(finding) == (1, 0, 1, 2, 1)
    assert {(s.path, s.outcome, s.reason) for s in finding.skipped} == {
        (B, FileStatus.UNREADABLE, "The card gives an error."),
        (C, FileStatus.NOT_READY, "still being written"),
        ("DCIM/link", FileStatus.REFUSED, "a symbolic link"),
        ("DCIM/101", FileStatus.UNREADABLE, "Input/output error"),
    }


def test_an_unreadable_sidecar_is_counted_and_its_clip_taken(dock: Dock) -> None:
    volume = camera_with({A: b"footage", "DCIM/100/A.GPS": b"track"})
    volume.files["DCIM/100/A.GPS"].bad_at = 0
    finding = dock.look(volume)
    assert balance(finding) == (1, 0, 0, 1, 0)
    assert paths(finding) == [[A]]


def test_a_clip_that_vanishes_or_grows_after_the_listing_is_not_ready(dock: Dock) -> None:
    class Growing(FakeVolume):
        def fingerprint(self, file: CameraFile) -> str:
            self.files[file.path].data += b"more"
            return super().fingerprint(file)

    finding = dock.look(Growing(files={A: FakeFile(data=b"footage")}))
    assert balance(finding) == (0, 0, 1, 0, 0)


def test_a_clip_whose_name_lost_its_extension_is_counted_and_no_clip(dock: Dock) -> None:
    finding = dock.look(camera_with({"DCIM/100/A.MP4": b"a", "DCIM/100/BWC_0002": b"b"}))
    assert (finding.listed.seen, finding.listed.new, finding.listed.unknown) == (1, 1, 1)
    assert paths(finding) == [["DCIM/100/A.MP4"]]


def test_a_clip_of_no_bytes_is_taken(dock: Dock) -> None:
    finding = dock.look(camera_with({A: b""}))
    assert balance(finding) == (1, 0, 0, 0, 0)
    assert finding.found[0].notes == ("the file has 0 bytes",)


def test_only_both_ends_of_a_clip_are_read(dock: Dock) -> None:
    volume = camera_with({A: bytes(1_000_000)})
    dock.look(volume)
    assert volume.bytes_read == {}
    assert volume.listings == 1


def test_a_yank_while_listing_gives_no_finding(dock: Dock) -> None:
    volume = camera_with({A: b"footage"})
    volume.yank_while_listing = True
    with pytest.raises(CameraGoneError):
        dock.look(volume)


def test_a_kernel_that_lists_nothing_after_a_yank_is_not_believed(dock: Dock) -> None:
    volume = ForgettingVolume(files={A: FakeFile(data=b"footage")})
    volume.yank()
    with pytest.raises(CameraGoneError):
        dock.look(volume)


def test_a_yank_while_clips_are_looked_at_gives_no_finding(dock: Dock) -> None:
    class Yanked(FakeVolume):
        def fingerprint(self, file: CameraFile) -> str:
            self.yank()
            return super().fingerprint(file)

    with pytest.raises(CameraGoneError):
        dock.look(Yanked(files={A: FakeFile(data=b"footage")}))


GOOD = st.builds(FakeFile, data=st.sampled_from([b"one", b"two", b""]))
BAD = st.builds(
    FakeFile,
    data=st.just(b"one"),
    status=st.sampled_from(list(FileStatus)),
    bad_at=st.sampled_from([None, 0]),
)
NOW = st.one_of(GOOD, GOOD, BAD)
PATHS = [A, B, "DCIM/100/A.GPS", "DCIM/100/B.GPS", "DCIM/100/A.MOV", "DCIM/100/Z.GPS", "x.txt", "V/D.AVI"]
# What each is in a first docking and in a second: not there, the same, or something else.
HISTORY = st.one_of(
    GOOD.map(lambda file: (file, file)),
    NOW.map(lambda file: (None, file)),
    NOW.map(lambda file: (file, None)),
    st.tuples(NOW, NOW),
)


@given(
    st.fixed_dictionaries({A: HISTORY}, optional=dict.fromkeys(PATHS[1:], HISTORY)),
    st.lists(st.sampled_from([ClipState.FOUND, *ClipState]), min_size=8, max_size=8),
)
def test_every_item_is_counted_once_and_every_readable_file_is_held_or_taken_at_once(
    history: dict[str, tuple[FakeFile | None, FakeFile | None]], states: list[ClipState]
) -> None:
    before, after = ({path: file for path, two in history.items() if (file := two[n])} for n in (0, 1))
    dock = Dock()
    clips = {found.clip: found for found in dock.look(FakeVolume(files=before)).found}
    for found, state in zip(clips.values(), states, strict=False):
        dock.hold(found, state)
    volume = FakeVolume(files=after)
    finding = dock.look(volume)
    assert sum(balance(finding)) == finding.listed.seen
    assert finding.listed.new == len(finding.files) >= len(finding.found)
    for found in finding.found:
        assert [f.path for f in found.files] == [f.path for f in finding.files[found.clip]]
    clips.update({found.clip: found for found in finding.found})
    for clip, files in finding.files.items():
        listed = {(f.path, f.size, f.mtime_ns) for f in files}
        own = tuple(f for f in clips[clip].files if (f.path, f.size, f.mtime_ns) in listed)
        assert own[0] == clips[clip].files[0]
        assert len(own) == len(files)  # what is not the clip's own would not be copied with it
        dock.hold(replace(clips[clip], files=own), ClipState.ACQUIRED)
    items = {path for path, file in volume.files.items() if not path.endswith(".txt")}
    skipped = {s.path for s in finding.skipped}
    assert all(_is_held(dock, volume, path) for path in items - skipped - _waiting(volume))
    assert dock.look(volume).listed.new == 0


def _is_held(dock: Dock, volume: FakeVolume, path: str) -> bool:
    listed = next(f for f in volume.list() if f.path == path)
    source = SourceFile(
        path=path,
        size=listed.size,
        mtime_ns=listed.mtime_ns,
        fingerprint=volume.fingerprint(listed),
        volume=volume.name,
    )
    holders = dock.held.get(identity("CAM-17", source, BY_CONTENT), ())
    return any(holder.state is not ClipState.FOUND for holder in holders)


def _waiting(volume: FakeVolume) -> set[str]:
    """Sidecars whose clip cannot be taken wait with it, and the other way round."""
    troubled = {
        path.rpartition(".")[0]
        for path, file in volume.files.items()
        if file.status is not FileStatus.READY or file.bad_at is not None
    }
    return {path for path in volume.files if path.rpartition(".")[0] in troubled}


def test_a_volume_whose_root_cannot_be_read_says_so(dock: Dock, tmp_path: Path) -> None:
    class Broken(FakeVolume):
        def list(self) -> list[CameraFile]:
            raise UnreadableError("The card gives an error.", remedy="Keep it.")

    with pytest.raises(UnreadableError):
        dock.look(Broken())
