"""Every profile that is shipped is sound, and every mistake in one is told with its remedy."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path
from stat import S_IFREG
from typing import TYPE_CHECKING

import pytest

from bwvdock.config.profiles import BUILT_IN, load_profiles
from bwvdock.core.media.clock_file import ClockRule
from bwvdock.core.media.fields import FieldFormat
from bwvdock.core.media.grouping import group, unknown
from bwvdock.core.media.kinds import AUDIO, IGNORED, INDEXES, OWN_PLACES, STILLS, THUMBNAILS, VIDEO
from bwvdock.core.media.profile import (
    ANY_VIDEO,
    COMMON_SIDECARS,
    Belongs,
    Profile,
    choose,
    serial_in,
)
from bwvdock.core.ports import CameraFile
from bwvdock.edges.cameras.folder import FolderVolume, Settling
from bwvdock.errors import ConfigError
from tests.fakes.clock import FakeClock

if TYPE_CHECKING:
    from pyfakefs.fake_filesystem import FakeFilesystem

CAMERAS = Path(__file__).parents[2] / "fixtures" / "cameras"
SOMEBODY = 1000  # an account that is not root
NAMES = sorted(path.name for path in CAMERAS.iterdir())


def listing(camera: str) -> list[CameraFile]:
    volume = FolderVolume(str(CAMERAS / camera), settling=Settling(FakeClock(), settle_ms=0))
    try:
        return list(volume.list())
    finally:
        volume.close()


def load(folder: Path, files: Mapping[str, str]) -> tuple[Profile, ...]:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text)
    return load_profiles([folder])


def test_each_built_in_profile_has_a_camera_among_the_fixtures() -> None:
    """All but the one that is a shape to copy, and is for no camera."""
    assert [p.name for p in load_profiles([BUILT_IN]) if p.unlock is None] == NAMES
    assert all(p.summary for p in load_profiles([BUILT_IN]))


@pytest.mark.parametrize("camera", NAMES)
def test_each_camera_of_the_fixtures_is_recognised(camera: str) -> None:
    paths = [f.path for f in listing(camera)]
    assert choose(load_profiles([BUILT_IN]), usb="0603:8611", label="", paths=paths).name == camera


@pytest.mark.few(5)
@pytest.mark.parametrize(
    "camera,items,sidecars,marked",
    [
        ("generic-dcf", 5, 0, []),
        ("event-folders", 4, 0, ["CARDV/Movie/Event/20260314_101730_EVT.MP4"]),
        (
            "gps-sidecars",
            20,
            9,
            [
                f"BlackBox/Record/20260314_10{name}.mp4"
                for name in ("1600_EF", "1600_ER", "1800_MF", "1900_IF")
            ],
        ),
        ("settings-serial", 2, 0, []),
        ("gopro", 7, 10, []),
        (
            "viofo",
            12,
            0,
            [
                f"DCIM/Movie/RO/2026_0314_{name}.MP4"
                for name in (
                    *("101600_000007F", "101600_000008I", "101600_000009R"),
                    *("120100_000010PF", "120200_000011EF"),
                )
            ],
        ),
        (
            "tesla",
            18,
            4,
            [
                f"TeslaCam/SavedClips/2026-03-14_10-16-05/2026-03-14_10-15-00-{lens}.mp4"
                for lens in (
                    *("back", "front", "left_pillar", "left_repeater", "right_pillar", "right_repeater"),
                )
            ],
        ),
        ("sony-xavc", 3, 6, []),
        ("dahua-dav", 3, 1, []),
        ("hikvision-blocks", 6, 0, []),
        ("important-suffix", 4, 0, ["DCIM/100MEDIA/CAM001_000001_20260314_102500_IMP.mp4"]),
        ("files-data", 2, 0, []),
        ("transcend-body", 2, 0, []),
    ],
)
def test_each_camera_of_the_fixtures_falls_into_its_clips(
    camera: str, items: int, sidecars: int, marked: list[str]
) -> None:
    (profile,) = (p for p in load_profiles([BUILT_IN]) if p.name == camera)
    # Whether the checkout's files are read-only says nothing of a camera.
    files = [CameraFile(path=f.path, size=f.size, mtime_ns=f.mtime_ns) for f in listing(camera)]
    found = group(profile, files)
    assert len(found) == items
    assert sum(len(c.sidecars) for c in found) == sidecars
    assert [c.footage.path for c in found if c.marked] == marked
    assert {note for c in found for note in c.notes} == set()
    assert unknown(profile, files, found) == ()


@pytest.mark.parametrize(
    "camera,clip,sidecars",
    [
        (
            "gps-sidecars",
            "BlackBox/Record/20260314_101500_NF.mp4",
            [f"BlackBox/Record/20260314_101500_N{end}" for end in (".3gf", ".gps", "F.thm", "FS.mp4")],
        ),
        (
            "gopro",
            "DCIM/100GOPRO/GX010042.MP4",
            [f"DCIM/100GOPRO/{name}" for name in ("GL010042.LRV", "GX010042.THM", "GX010042.WAV")],
        ),
        (
            "sony-xavc",
            "PRIVATE/M4ROOT/CLIP/C0001.MP4",
            [
                f"PRIVATE/M4ROOT/{path}"
                for path in ("CLIP/C0001M01.XML", "SUB/C0001S03.MP4", "THMBNL/C0001T01.JPG")
            ],
        ),
        (
            "tesla",
            "TeslaCam/SentryClips/2026-03-14_12-00-30/2026-03-14_10-15-00-back.mp4",
            [f"TeslaCam/SentryClips/2026-03-14_12-00-30/{name}" for name in ("event.json", "thumb.png")],
        ),
    ],
)
def test_proxies_tracks_and_pictures_go_with_their_clip(camera: str, clip: str, sidecars: list[str]) -> None:
    (profile,) = (p for p in load_profiles([BUILT_IN]) if p.name == camera)
    found = {c.footage.path: [s.path for s in c.sidecars] for c in group(profile, listing(camera))}
    assert found[clip] == sidecars


def test_a_proxy_whose_clip_was_deleted_is_footage() -> None:
    (profile,) = (p for p in load_profiles([BUILT_IN]) if p.name == "sony-xavc")
    files = [CameraFile(path="PRIVATE/M4ROOT/SUB/C0009S03.MP4", size=9, mtime_ns=1)]
    assert [c.footage.path for c in group(profile, files)] == ["PRIVATE/M4ROOT/SUB/C0009S03.MP4"]


def test_a_shipped_profile_names_where_it_has_its_facts_from() -> None:
    of_makers = set(NAMES) - {"event-folders", "generic-dcf", "settings-serial"}
    assert all("# Source: " in (BUILT_IN / f"{name}.toml").read_text() for name in of_makers)


def test_the_settings_file_of_the_fixtures_tells_the_serial_once_a_dock_wants_that(tmp_path: Path) -> None:
    before, mark, rule = (BUILT_IN / "settings-serial.toml").read_text().partition("# [serial]")
    (tmp_path / "settings-serial.toml").write_text(before + (mark + rule).replace("# ", ""))
    (profile,) = (p for p in load_profiles([BUILT_IN, tmp_path]) if p.serial is not None)
    assert profile.serial is not None
    content = (CAMERAS / "settings-serial" / profile.serial.file).read_bytes()
    assert serial_in(profile.serial, content) == "BC3-0017542"


WHOLE = """
summary = "A camera with everything"

[match]
usb = ["0603:8611", "04FC:*"]
contains = ["VIDEO/**"]
label = "CAM??"

[clips]
places = ["VIDEO/*/*"]
extensions = ["MP4", "h264"]
ignore = ["VIDEO/demo/**"]

[[sidecar]]
extensions = ["trk"]
belongs = "stem-prefix"
anywhere = true
alone = false

[marks]
places = ["VIDEO/sos/**"]
read_only = true

[serial]
file = "conf/id.txt"
key = "SN=(.*)"
format = "regex"

[clock]
file = "conf/time.txt"
key = "now"
format = "ini"
time = "%Y-%m-%d %H:%M:%S"
within_s = 20
"""


def test_every_key_does_what_it_says(tmp_path: Path) -> None:
    (profile,) = load(tmp_path, {"whole.toml": WHOLE})
    assert (profile.name, profile.summary) == ("whole", "A camera with everything")
    assert profile.usb == ("0603:8611", "04fc:*")
    assert (profile.contains, profile.label) == (("VIDEO/**",), "CAM??")
    assert (profile.clips, profile.extensions) == (("VIDEO/*/*",), ("mp4", "h264"))
    assert profile.ignore == (*ANY_VIDEO.ignore, "VIDEO/demo/**")
    own, *common = profile.sidecars
    assert (own.extensions, own.belongs, own.anywhere, own.alone) == (
        ("trk",),
        Belongs.STEM_PREFIX,
        True,
        False,
    )
    assert tuple(common) == ANY_VIDEO.sidecars
    assert (profile.marks, profile.read_only_marks) == (("VIDEO/sos/**",), True)
    assert profile.serial is not None
    assert (profile.serial.file, profile.serial.key) == ("conf/id.txt", "SN=(.*)")
    assert profile.serial.format is FieldFormat.REGEX
    assert profile.clock == ClockRule(
        file="conf/time.txt", key="now", format=FieldFormat.INI, time="%Y-%m-%d %H:%M:%S", within_s=20
    )


def test_what_is_not_said_is_as_for_any_camera(tmp_path: Path) -> None:
    (profile,) = load(tmp_path, {"short.toml": '[match]\nusb = ["0603:8611"]'})
    assert profile == Profile(name="short", usb=("0603:8611",))


def test_a_profile_of_this_dock_replaces_the_built_in_one(fs: FakeFilesystem) -> None:
    fs.add_real_directory(BUILT_IN)
    before = load_profiles()
    fs.create_file("/etc/bwvdock/profiles/generic-dcf.toml", contents='[match]\nlabel = "X"')
    profiles = load_profiles()
    assert [p.label for p in profiles if p.name == "generic-dcf"] == ["X"]
    assert len(profiles) == len(before)


def test_a_profile_that_may_not_be_read_is_named(fs: FakeFilesystem) -> None:
    """It is not passed over: the camera would be read by another."""
    from pyfakefs.helpers import set_uid  # noqa: PLC0415 - the fixture fs says why

    fs.add_real_directory(BUILT_IN)
    fs.create_file("/etc/bwvdock/profiles/fox.toml", st_mode=S_IFREG | 0o600)
    set_uid(SOMEBODY)
    with pytest.raises(ConfigError, match=r"fox\.toml: cannot be read: .*Permission denied"):
        load_profiles()


def test_a_folder_that_is_not_there_has_no_profiles(tmp_path: Path) -> None:
    assert load_profiles([tmp_path / "none"]) == ()


@pytest.mark.parametrize(
    "text,mistake",
    [
        ("[mach]", "mach = {}: unknown key (did you mean match?)"),
        (
            "[marks]\nread-only = true",
            "marks.read-only = true: unknown key (did you mean read_only?)",
        ),
        ("zzz = 1", "zzz = 1: unknown key (known keys: battery, clips, clock, expect, marks, match, "),
        ("match = 1", "match = 1: must be a table, not a value (write [match] "),
        ("sidecar = {}", "sidecar = {}: must be an array of tables (write [[sidecar]] "),
        ("summary = 1", "summary = 1: write a text in quotes"),
        ('[match]\nusb = "0603:8611"', 'match.usb = "0603:8611": write a list'),
        ('[match]\nusb = ["0603"]', 'match.usb = ["0603"]: write "vvvv:pppp"'),
        ('[match]\ncontains = ["../x"]', 'match.contains = ["../x"]: has an empty part'),
        ('[match]\ncontains = ["[9-0]"]', 'match.contains = ["[9-0]"]: has an invalid class'),
        ("[match]\ncontains = []", "match.contains = []: write a list"),
        ('[match]\nlabel = "a/b"', 'match.label = "a/b": a volume\'s label has no /'),
        ('[clips]\nextensions = [".mp4"]', 'clips.extensions = [".mp4"]: write extensions without the dot'),
        ('[marks]\nread_only = "yes"', 'marks.read_only = "yes": write true or false'),
        ("[[sidecar]]", 'sidecar[1].extensions: is missing (write extensions = ["gps"])'),
        ('[[sidecar]]\nextensions = ["mp4"]', 'sidecar[1].extensions = ["mp4"]: mp4 is footage'),
        (
            '[[sidecar]]\nextensions = ["lrv"]\nstem = "GL.*"',
            'sidecar[1].stem = "GL.*": has no group in parentheses',
        ),
        (
            '[[sidecar]]\nextensions = ["lrv"]\nstem = "("',
            'sidecar[1].stem = "(": is not a valid regular expression: ',
        ),
        ('[[sidecar]]\nextensions = ["lrv"]\nclips = ["GH{}"]', "sidecar[1].stem: is missing"),
        (
            '[[sidecar]]\nextensions = ["lrv"]\nstem = "GL(.*)"\nclips = ["GH"]',
            'sidecar[1].clips = ["GH"]: write {} once',
        ),
        (
            '[[sidecar]]\nbelongs = "name"',
            'sidecar[1].belongs = "name": write one of: same-stem',
        ),
        ('[serial]\nkey = "a"', "serial.file: is missing (give the file"),
        (
            '[serial]\nfile = "a"\nkey = "("\nformat = "regex"',
            'serial.key = "(": is not a valid regular expression: ',
        ),
        (
            '[serial]\nfile = "a"\nkey = "a"\nformat = "regex"',
            'serial.key = "a": has no group in parentheses (write ',
        ),
        ('[clock]\nkey = "a"', "clock.file: is missing (give the file"),
        (
            '[clock]\nfile = "a"\nformat = "ini"',
            "clock.key: is missing (give the name of the field with the time",
        ),
        (
            '[clock]\nfile = "a"\nkey = "a"\nformat = "regex"',
            'clock.key = "a": has no group in parentheses (write ',
        ),
        (
            '[clock]\nfile = "a"\nkey = "a"\ntime = "%H:%M"',
            'clock.time = "%H:%M": write a form with date and time',
        ),
        ('[clock]\nfile = "a"\nwithin_s = 0', "clock.within_s = 0: write seconds, from 1 to 3600"),
        ('[clock]\nfile = "a"\nwithin_s = true', "clock.within_s = true: write seconds"),
        ("", "match: matches every camera (say what is special about this one: usb, contains or label)"),
        ('[match]\nusb = ["*"]', "match = {…}: matches every camera (say what is special"),
        ("[[", "cannot be read: "),
    ],
)
def test_a_mistake_is_told_with_file_key_value_and_remedy(tmp_path: Path, text: str, mistake: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, {"mine.toml": text})
    (line,) = [line for line in caught.value.message.splitlines() if mistake in line]
    assert line.startswith(f"{tmp_path}/mine.toml: ")
    assert "config check" in caught.value.remedy


@pytest.mark.parametrize("name", ["My Camera.toml", "any-video.toml"])
def test_a_file_name_that_cannot_name_a_profile_is_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="rename the file"):
        load(tmp_path, {name: '[match]\nlabel = "X"'})


def test_every_mistake_of_every_file_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, {"a.toml": "x = 1\ny = 2", "b.toml": "[[", "c.toml": WHOLE})
    told = [line.split(": ")[0].rpartition("/")[2] for line in caught.value.message.splitlines()]
    assert told == ["a.toml", "a.toml", "a.toml", "b.toml"]


def test_bytes_that_are_no_text_are_a_mistake_of_that_file(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_bytes(b'summary = "\xff"')
    with pytest.raises(ConfigError, match=r"bad\.toml: cannot be read"):
        load_profiles([tmp_path])


DOCS = Path(__file__).parents[2] / "docs"


def test_the_example_for_people_is_a_sound_profile(tmp_path: Path) -> None:
    text = (DOCS / "how-to/write-a-profile.md").read_text()
    example = text.partition("```toml\n")[2].partition("```")[0]
    (profile,) = load(tmp_path, {"our-camera.toml": textwrap.dedent(example)})
    assert profile.usb == ("0603:8611",)
    assert profile.serial is not None


def test_the_reference_lists_what_is_taken_and_ignored_by_itself() -> None:
    text = " ".join((DOCS / "reference/profiles.md").read_text().split())
    for names in (
        VIDEO,
        AUDIO,
        STILLS,
        INDEXES,
        *(rule.extensions for rule in COMMON_SIDECARS if not rule.stem),
    ):
        assert f"`{' '.join(names)}`" in text
    for glob in (*IGNORED, *OWN_PLACES, *THUMBNAILS):
        assert f"`{glob}`" in text
    for name in NAMES:
        assert f"`{name}`" in text
