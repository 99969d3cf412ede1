"""What cameras write is taken, what systems write is not asked about, and of the rest every name is told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.core.media.grouping import DELETED, WITHOUT_CLIP, Candidate, group, system_files, unknown
from bwvdock.core.media.kinds import AUDIO, RECOVERED, STILLS, VIDEO
from bwvdock.core.media.profile import ANY_VIDEO, Profile
from bwvdock.core.ports import CameraFile, FileStatus

DCF = Profile(name="dcf", clips=("DCIM/*/*",))


def files(*paths: str, status: FileStatus = FileStatus.READY) -> list[CameraFile]:
    return [CameraFile(path=path, size=9, mtime_ns=1, status=status) for path in paths]


def shape(candidates: tuple[Candidate, ...]) -> dict[str, tuple[str, ...]]:
    return {c.footage.path: tuple(s.path for s in c.sidecars) for c in candidates}


# --- containers ------------------------------------------------------------------------------------


@pytest.mark.few(20)
@pytest.mark.parametrize("profile", [ANY_VIDEO, DCF], ids=lambda p: p.name)
@pytest.mark.parametrize(
    "name",
    [
        *("A.dav", "A.WMV", "A.mpeg", "A.264", "A.webm", "A.MOD", "FSCK0000.REC"),
        *("A.TOD", "A.avc", "A.hevc", "A.265", "A.vob", "A.tp", "A.trp", "A.ogv", "A.flv", "A.f4v", "A.mxf"),
        *("A.R3D", "A.braw", "GS010001.360", "A.mk3d", "A.divx", "A.qt", "A.dv", "A.M2T", "A.3g2", "A.nvr"),
        *(
            "A.ssf",
            "A.hik",
            "A.ps",
            "A.mpe",
            "A.m1v",
            "A.m2v",
            "A.mjpg",
            "A.ogm",
            "A.amv",
            "A.rmvb",
            "A.mp4v",
        ),
    ],
)
def test_whatever_a_camera_or_a_check_writes_is_a_clip_wherever_it_stands(
    name: str, profile: Profile
) -> None:
    assert set(shape(group(profile, files(f"somewhere/{name}")))) == {f"somewhere/{name}"}
    assert set(shape(group(profile, files(name)))) == {name}


@pytest.mark.parametrize("name", ["P.JPG", "P.HEIC", "P.DNG", "P.GPR", "P.BMP", "P.TIF", "P.WEBP"])
def test_a_picture_outside_the_places_of_a_profile_is_taken_too_with_a_note(name: str) -> None:
    (still,) = group(DCF, files(f"PHOTO/{name}"))
    assert still.notes == ("in a place where profile dcf expects no clips",)


@pytest.mark.parametrize(
    "clip,sidecar",
    [
        ("C0001.MP4", "C0001M01.XML"),
        ("Clip0001.MXF", "Clip0001M01.XML"),
        ("GX010042.MP4", "GL010042.LRV"),
        ("GH020042.MP4", "GL020042.LRV"),
        ("GS010042.360", "GL010042.LRV"),
        ("GH010042.MP4", "GH010042.THM"),
        ("GOPR0042.MP4", "GOPR0042.LRV"),
        ("VIRB0042.MP4", "VIRB0042.GLV"),
        ("DJI_0042.MP4", "DJI_0042.LRF"),
        ("DJI_0042.MP4", "DJI_0042.SRT"),
        ("2026_0314_101500_0001F.MP4", "2026_0314_101500_0001F.MAP"),
        ("MOV001.MOD", "MOV001.MOI"),
        ("A.MP4", "A.SEC"),
    ],
)
def test_what_is_written_beside_a_clip_goes_with_it(clip: str, sidecar: str) -> None:
    assert shape(group(ANY_VIDEO, files(clip, sidecar))) == {clip: (sidecar,)}


def test_a_track_or_a_proxy_that_lost_its_clip_is_taken_alone() -> None:
    found = group(ANY_VIDEO, files("C0001M01.XML", "GL010042.LRV", "DJI_0042.LRF"))
    assert set(shape(found)) == {"C0001M01.XML", "GL010042.LRV", "DJI_0042.LRF"}
    assert all(WITHOUT_CLIP in c.notes for c in found)


@given(st.sampled_from(["A.B0X", "CLIP", "x.dat", "x.bin", "DCIM/100/ABC.Q1", "F.001"]))
def test_what_is_of_no_known_kind_is_told_by_name(path: str) -> None:
    listing = files("DCIM/100ABCDE/A.MP4", path)
    assert [f.path for f in unknown(DCF, listing, group(DCF, listing))] == [path]


# --- files of systems ------------------------------------------------------------------------------

OF_SYSTEMS = (
    # macOS
    ".DS_Store",
    "DCIM/100ABCDE/.DS_Store",
    "DCIM/100ABCDE/._A.MP4",
    ".TemporaryItems/folders.501/TemporaryItems/x",
    ".VolumeIcon.icns",
    ".Trashes",
    ".apdisk",
    ".fseventsd/0000000000ab1234",
    ".Spotlight-V100/Store-V2/A/store.db",
    ".DocumentRevisions-V100/db-V1/db.sqlite",
    ".com.apple.timemachine.donotpresent",
    ".metadata_never_index",
    "DCIM/Icon\\u{d}",
    "__MACOSX/DCIM/._A.MP4",
    # Windows
    "System Volume Information/IndexerVolumeGuid",
    "System Volume Information/WPSettings.dat",
    "WPSettings.dat",
    "IndexerVolumeGuid",
    "DCIM/Thumbs.db",
    "desktop.ini",
    "DCIM/DESKTOP.INI",
    "autorun.inf",
    "$RECYCLE.BIN/S-1-5-21-1/desktop.ini",
    "$RECYCLE.BIN/S-1-5-21-1/$IABC123.MP4",
    "RECYCLER/S-1-5-21-1/INFO2",
    # Linux
    ".Trash-1000/info/A.MP4.trashinfo",
    ".Trash-1000/directorysizes",
    ".directory",
    "DCIM/.nomedia",
    # Android
    "Android/data/org.example/cache/journal",
    "LOST.DIR/.nomedia",
    # cameras
    "MISC/version",
    "MISC/Card.dat",
    "PRIVATE/AVCHD/BDMV/INDEX.BDM",
    "PRIVATE/AVCHD/BDMV/CLIPINF/00000.CPI",
    "PRIVATE/AVCHD/BDMV/PLAYLIST/00000.MPL",
    "PRIVATE/AVCHD/AVCHDTN/THUMB.TDT",
    "PRIVATE/AVCHD/AVCHDTN/THUMB.TID",
    "PRIVATE/AVCHD/AVCHDTN/THUMB.TDAT",
    "PRIVATE/AVCHD/IISVPL/A.DAT",
    "PRIVATE/SONY/SONYCARD.IND",
    "PRIVATE/DATABASE/DATABASE.BIN",
    "PRIVATE/M4ROOT/MEDIAPRO.XML",
    "PRIVATE/M4ROOT/STATUS.BIN",
    "AVF_INFO/AVIN0001.INP",
    "AVF_INFO/PRV00001.BIN",
    "SD_VIDEO/MGR_INFO/PROG_MGR.PGI",
    "DCIM/CANONMSC/M0100.CTG",
    "DCIM/100ABCDE/A.CPF",
)


@pytest.mark.parametrize("path", OF_SYSTEMS)
def test_what_systems_and_cameras_keep_for_themselves_is_passed_over_in_silence(path: str) -> None:
    listing = files("DCIM/100ABCDE/B.MP4", path)
    for profile in (ANY_VIDEO, DCF):
        items = group(profile, listing)
        assert set(shape(items)) == {"DCIM/100ABCDE/B.MP4"}
        assert unknown(profile, listing, items) == ()
        assert [f.path for f in system_files(profile, listing, items)] == [path]


@pytest.mark.parametrize(
    "folder",
    [
        *("lost+found", "System Volume Information", ".TemporaryItems", ".Spotlight-V100"),
        *(".fseventsd", ".DocumentRevisions-V100"),
    ],
)
def test_a_folder_that_a_system_keeps_to_itself_is_no_clip_that_is_left(folder: str) -> None:
    listing = [*files("A.MP4"), *files(folder, status=FileStatus.UNREADABLE)]
    items = group(ANY_VIDEO, listing)
    assert set(shape(items)) == {"A.MP4"}
    assert [f.path for f in system_files(ANY_VIDEO, listing, items)] == [folder]


@pytest.mark.parametrize("folder", [".Trashes/501", "$RECYCLE.BIN", "DCIM/100ABCDE", "FOUND.000"])
def test_a_folder_that_may_hold_footage_and_cannot_be_read_is_left_and_told(folder: str) -> None:
    listing = [*files("A.MP4"), *files(folder, status=FileStatus.UNREADABLE)]
    assert folder in shape(group(ANY_VIDEO, listing))


# --- recycle bins and what was recovered ---------------------------------------------------------------


@pytest.mark.parametrize(
    "footage,told_by",
    [
        ("$RECYCLE.BIN/S-1-5-21-1/$RABC123.MP4", "$RECYCLE.BIN/S-1-5-21-1/$IABC123.MP4"),
        (".Trash-1000/files/A.MP4", ".Trash-1000/info/A.MP4.trashinfo"),
        (".Trash/1000/files/A.MP4", ".Trash/1000/info/A.MP4.trashinfo"),
    ],
)
def test_a_deleted_clip_is_taken_with_what_tells_its_name(footage: str, told_by: str) -> None:
    """Somebody deleted footage: that is worth more than a clip. Its old name is in the file beside it."""
    (clip,) = group(DCF, files(footage, told_by))
    assert shape((clip,)) == {footage: (told_by,)}
    assert DELETED in clip.notes


@pytest.mark.parametrize(
    "path",
    [
        *("RECYCLER/S-1-5-21-1/Dc1.avi", "Recycled/Dc1.mp4", ".Trashes/501/A.MP4", "#recycle/A.mp4"),
        *("@Recycle/A.mp4", "DCIM/Camera/.trashed-1700000000-VID_1.mp4", "$RECYCLE.BIN/S-1/$RX1/100/A.MOV"),
    ],
)
def test_footage_in_any_waste_bin_is_taken_and_said_to_have_been_deleted(path: str) -> None:
    (clip,) = group(ANY_VIDEO, files(path))
    assert clip.notes == (DELETED,)


@pytest.mark.parametrize(
    "path", ["FOUND.000/FILE0000.CHK", "FSCK0001.REC", "LOST.DIR/1234", "lost+found/#1234"]
)
def test_clusters_that_belonged_to_no_file_are_taken(path: str) -> None:
    assert set(shape(group(DCF, files(path)))) == {path}


# --- all of it -----------------------------------------------------------------------------------------

_ENDS = st.sampled_from([*VIDEO, *AUDIO, *STILLS, *RECOVERED, "xml", "lrv", "thm", "dat", "ini", "", "q1"])
_PLACES = st.sampled_from(
    [
        "",
        "DCIM/100ABCDE/",
        "x/",
        "$RECYCLE.BIN/S-1/",
        ".Trash-1000/files/",
        "MISC/",
        "Android/a/",
        "LOST.DIR/",
    ]
)
_NAMES = st.sampled_from(["A", "GL010001", "GX010001", "C0001M01", "$RA", "$IA", "._A", "Thumbs"])
_PATHS = st.builds(lambda place, name, end: f"{place}{name}.{end}".rstrip("."), _PLACES, _NAMES, _ENDS)
_KNOWN_WITHOUT_BEING_TAKEN = ("ini", "xml")


@given(st.sets(_PATHS, max_size=12), st.sampled_from([ANY_VIDEO, DCF]))
def test_every_file_is_taken_or_a_systems_or_settings_or_told_by_name(
    paths: set[str], profile: Profile
) -> None:
    listing = files(*sorted(paths))
    items = group(profile, listing)
    taken = [f.path for c in items for f in (c.footage, *c.sidecars)]
    assert len(taken) == len(set(taken))
    others = {f.path for f in unknown(profile, listing, items)}
    systems = {f.path for f in system_files(profile, listing, items)}
    assert not others & systems
    assert not (others | systems) & set(taken)
    rest = paths - set(taken) - others - systems
    assert all(path.rpartition(".")[2] in _KNOWN_WITHOUT_BEING_TAKEN for path in rest)
