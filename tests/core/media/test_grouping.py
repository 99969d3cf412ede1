"""Every file that could be footage becomes exactly one item; what belongs to it goes with it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.core.media.grouping import (
    EMPTY,
    MANY_SIDECARS,
    MOST_SIDECARS,
    SEVERAL_CLIPS,
    WITHOUT_CLIP,
    Candidate,
    group,
    unknown,
)
from bwvdock.core.media.kinds import IGNORED
from bwvdock.core.media.profile import (
    ANY_VIDEO,
    COMMON_SIDECARS,
    Belongs,
    Profile,
    SerialRule,
    SidecarRule,
)
from bwvdock.core.ports import CameraFile, FileStatus

DCF = Profile(name="dcf", clips=("DCIM/*/*",), marks=("**/EVT*",), read_only_marks=True)
TWO_LENSES = Profile(
    name="two-lenses",
    clips=("Record/*",),
    sidecars=(SidecarRule(extensions=("gps",), belongs=Belongs.STEM_PREFIX), *COMMON_SIDECARS),
)
TRACKS = Profile(
    name="tracks",
    clips=("DCIM/*/*",),
    sidecars=(SidecarRule(extensions=("gpx",), anywhere=True),),
)


def files(*paths: str, status: FileStatus = FileStatus.READY) -> list[CameraFile]:
    return [CameraFile(path=path, size=9, mtime_ns=1, status=status) for path in paths]


def shape(candidates: tuple[Candidate, ...]) -> dict[str, tuple[str, ...]]:
    return {c.footage.path: tuple(s.path for s in c.sidecars) for c in candidates}


def test_sidecars_of_the_same_stem_go_with_their_clip() -> None:
    listing = files("DCIM/1/A.MP4", "DCIM/1/a.gps", "DCIM/1/A.MP4.json", "DCIM/1/A.JPG", "DCIM/1/B.MP4")
    assert shape(group(DCF, listing)) == {
        "DCIM/1/A.MP4": ("DCIM/1/A.JPG", "DCIM/1/A.MP4.json", "DCIM/1/a.gps"),
        "DCIM/1/B.MP4": (),
    }


def test_the_same_stem_in_another_folder_is_another_recording() -> None:
    found = group(DCF, files("DCIM/1/A.MP4", "DCIM/2/A.GPS"))
    assert shape(found) == {"DCIM/1/A.MP4": (), "DCIM/2/A.GPS": ()}
    assert found[1].notes == (WITHOUT_CLIP,)


def test_a_still_without_a_clip_is_footage() -> None:
    (still,) = group(DCF, files("DCIM/1/PHOTO.JPG"))
    assert still.notes == ()


def test_settings_and_logs_are_not_items() -> None:
    assert group(DCF, files("DCIM/1/readme.txt", "MISC/settings.json", "MISC/boot.log", "DCIM/1/x.dat")) == ()


def test_footage_in_an_unexpected_place_is_taken_with_a_note() -> None:
    (clip,) = group(DCF, files("VIDEO/A.MOV"))
    assert clip.notes == ("in a place where profile dcf expects no clips",)


def test_clusters_that_a_check_recovered_are_taken() -> None:
    assert len(group(DCF, files("FOUND.000/FILE0000.CHK"))) == 1


def test_a_clip_in_a_waste_bin_is_footage_and_a_resource_fork_is_not() -> None:
    listing = files("$RECYCLE.BIN/$R1.MP4", ".Trashes/501/A.MP4", "DCIM/1/._A.MP4")
    assert set(shape(group(DCF, listing))) == {"$RECYCLE.BIN/$R1.MP4", ".Trashes/501/A.MP4"}


def test_an_unknown_volume_gives_all_its_footage() -> None:
    listing = files("A.MP4", "x/y/B.AVI", "x/y/B.gps", "x/notes.txt", "x/P.PNG")
    assert shape(group(ANY_VIDEO, listing)) == {"A.MP4": (), "x/y/B.AVI": ("x/y/B.gps",), "x/P.PNG": ()}
    assert all(c.notes == () for c in group(ANY_VIDEO, listing))


def test_one_track_for_both_lenses_goes_with_the_first() -> None:
    listing = files("Record/1_NR.mp4", "Record/1_NF.mp4", "Record/1_N.gps", "Record/2_N.gps")
    found = group(TWO_LENSES, listing)
    assert shape(found) == {
        "Record/1_NF.mp4": ("Record/1_N.gps",),
        "Record/1_NR.mp4": (),
        "Record/2_N.gps": (),
    }
    assert found[2].notes == (WITHOUT_CLIP,)


def test_a_track_in_its_own_folder_goes_with_the_only_clip_of_its_name() -> None:
    found = group(TRACKS, files("GPS/A.gpx", "DCIM/1/A.MP4"))
    assert shape(found) == {"DCIM/1/A.MP4": ("GPS/A.gpx",)}


def test_a_track_that_two_clips_could_own_is_given_to_neither_and_not_lost() -> None:
    found = group(TRACKS, files("GPS/A.gpx", "DCIM/1/A.MP4", "DCIM/2/A.MP4"))
    assert shape(found) == {"DCIM/1/A.MP4": (), "DCIM/2/A.MP4": (), "GPS/A.gpx": ()}
    assert SEVERAL_CLIPS in found[2].notes


def test_marks_come_from_names_and_from_the_read_only_bit() -> None:
    listing = [
        *files("DCIM/1/EVT_1.MP4", "DCIM/1/A.MP4"),
        CameraFile(path="DCIM/1/B.MP4", size=9, mtime_ns=1, read_only=True),
    ]
    assert [c.marked for c in group(DCF, listing)] == [False, True, True]
    assert [c.marked for c in group(ANY_VIDEO, listing)] == [False, False, False]


def test_a_file_that_no_rule_knows_is_counted_unless_it_is_empty_or_ignored() -> None:
    listing = files(
        "DCIM/100/A.MP4",
        "DCIM/100/A.GPS",
        "DCIM/100/BWC_0002",
        "DCIM/100/BWC_0003.MP",
        "DCIM/100/B.JSON",
        "MISC/vendor.dat",
        "MISC/SETTINGS.INI",
        "MISC/serial",
        "System Volume Information/IndexerVolumeGuid",
    )
    listing.append(CameraFile(path="DCIM/100/.nomedia", size=0, mtime_ns=0))
    listing.append(CameraFile(path="DCIM/100/odd", size=0, mtime_ns=0, status=FileStatus.UNREADABLE))
    profile = Profile(
        name="p", ignore=(*IGNORED, "MISC/*.dat"), serial=SerialRule(file="MISC/serial", key="serial")
    )
    found = unknown(profile, listing, group(profile, listing))
    assert [file.path for file in found] == ["DCIM/100/BWC_0002", "DCIM/100/BWC_0003.MP"]


def test_an_empty_clip_is_a_clip() -> None:
    (clip,) = group(DCF, [CameraFile(path="DCIM/1/A.MP4", size=0, mtime_ns=1)])
    assert clip.notes == (EMPTY,)


@pytest.mark.parametrize("status", [FileStatus.UNREADABLE, FileStatus.REFUSED])
def test_what_cannot_be_opened_is_an_item_whatever_its_name(status: FileStatus) -> None:
    found = group(DCF, [*files("DCIM/1", "MISC/x.txt", "System Volume Information", status=status)])
    assert [(c.footage.path, c.status) for c in found] == [("DCIM/1", status), ("MISC/x.txt", status)]


def test_an_unreadable_sidecar_does_not_hold_up_its_clip() -> None:
    listing = [*files("DCIM/1/A.MP4"), *files("DCIM/1/A.gps", status=FileStatus.UNREADABLE)]
    assert [(c.footage.path, c.status) for c in group(DCF, listing)] == [
        ("DCIM/1/A.MP4", FileStatus.READY),
        ("DCIM/1/A.gps", FileStatus.UNREADABLE),
    ]


def test_a_clip_waits_for_its_sidecar() -> None:
    listing = [*files("DCIM/1/A.MP4"), *files("DCIM/1/A.gps", status=FileStatus.NOT_READY)]
    (clip,) = group(DCF, listing)
    assert clip.status is FileStatus.NOT_READY


NAMES = st.sampled_from(["A", "B", "A_F", "._A", ""])
ENDS = st.sampled_from(["mp4", "MP4", "gps", "jpg", "json", "txt", "thm", "mp4.gps", "chk", "dat"])
FOLDERS = st.sampled_from(["", "DCIM/1/", "Record/", "$RECYCLE.BIN/", "GPS/"])
PATHS = st.builds(lambda folder, name, end: f"{folder}{name}.{end}", FOLDERS, NAMES, ENDS)


@given(st.sets(PATHS), st.sampled_from([DCF, TWO_LENSES, TRACKS, ANY_VIDEO]))
def test_no_footage_is_lost_and_no_file_is_taken_twice(paths: set[str], profile: Profile) -> None:
    listing = files(*sorted(paths))
    found = group(profile, listing)
    taken = [f.path for c in found for f in (c.footage, *c.sidecars)]
    assert len(taken) == len(set(taken))
    video = {p for p in paths if p.lower().endswith((".mp4", ".chk")) and "._" not in p}
    assert video <= {c.footage.path for c in found}
    assert group(profile, listing[::-1]) == found


def test_a_clip_has_so_many_sidecars_and_no_more_and_none_is_left_behind() -> None:
    """Each is open at once when the clip is copied."""
    stems = ["".join(c.upper() if n >> i & 1 else c for i, c in enumerate("abcdefghij")) for n in range(1024)]
    listing = files("DCIM/1/abcdefghij.MP4", *(f"DCIM/1/{stem}.gps" for stem in stems))
    items = group(DCF, listing)
    assert max(len(item.sidecars) for item in items) == MOST_SIDECARS
    assert sum(1 + len(item.sidecars) for item in items) == 1025
    assert sum(item.notes[:1] == (MANY_SIDECARS,) for item in items) == 1024 - MOST_SIDECARS
