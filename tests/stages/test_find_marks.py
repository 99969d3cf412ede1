"""Is a clip marked when its sidecar says so, and only then, whatever else the sidecar holds?"""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.config.profiles import load_profiles
from bwvdock.core.facts import ClipFound
from bwvdock.core.media.fields import FieldFormat
from bwvdock.core.media.profile import MarkRule, Profile, is_marked
from bwvdock.core.ports import CameraFile
from bwvdock.errors import ConfigError, UnreadableError
from bwvdock.stages.find import Finding, find
from bwvdock.stages.find.camera_files import TOO_LARGE, UNREADABLE
from tests.fakes.camera import FakeSource, FakeVolume, camera_with

JSON = MarkRule(extensions=("json",), key="event.protected")
INI = MarkRule(extensions=("txt",), key="event.locked", format=FieldFormat.INI)
XML = MarkRule(
    extensions=("xml",), key="<Category>([^<]+)<", format=FieldFormat.REGEX, values=("Evidential", "Crime")
)
FIELDS = Profile(name="fields", contains=("DCIM/**",), clips=("DCIM/*/*",), mark_fields=(JSON, INI, XML))


class FailingVolume(FakeVolume):
    """A card that gives a sidecar once, for its fingerprint, and not again."""

    def open(self, file: CameraFile, *, offset: int = 0) -> FakeSource:
        if file.path.endswith(".json"):
            raise UnreadableError("Sector 7 gives errors.")
        return super().open(file, offset=offset)


def look(volume: FakeVolume) -> list[ClipFound]:
    ids = count(1)
    finding = find(
        volume,
        profiles=(FIELDS,),
        usb="",
        camera="CAM-17",
        docking="d",
        held=lambda _: {},
        new_id=lambda: f"clip-{next(ids)}",
    )
    return list(finding.found)


def with_sidecar(extension: str, content: bytes) -> FakeVolume:
    return camera_with({"DCIM/100/A.MP4": b"footage", f"DCIM/100/A.{extension}": content})


@pytest.mark.parametrize(
    "extension,content,marked",
    [
        ("json", b'{"event": {"protected": true}}', True),
        ("JSON", b'\xef\xbb\xbf{"event": {"protected": "YES"}}', True),
        ("json", b'{"event": {"protected": 1}}', True),
        ("json", b'{"event": {"protected": false}}', False),
        ("json", b'{"event": {"protected": "no"}}', False),
        ("json", b'{"event": {"protected": [true]}}', False),
        ("json", b'{"event": true, "protected": true}', False),
        ("json", b"", False),
        ("json", b"\xff\xfe\x00", False),
        ("json", b"[" * 60_000, False),
        ("json", b'{"event": {"protected": ' + b"9" * 50_000 + b"}}", False),
        ("txt", b"[event]\r\nLocked = Yes\r\n", True),
        ("txt", b"[other]\nlocked=yes\n", False),
        ("xml", b"<Clip><Category>crime</Category></Clip>", True),
        ("xml", b"<Clip><Category>Other</Category></Clip>", False),
        ("xml", b'<!DOCTYPE x [<!ENTITY a "&b;">]><Category>&a;</Category>', False),
        ("gps", b'{"event": {"protected": true}}', False),
    ],
)
def test_what_a_sidecar_says(extension: str, content: bytes, *, marked: bool) -> None:
    [found] = look(with_sidecar(extension, content))
    assert (found.marked, len(found.files), found.notes) == (marked, 2, ())


def test_a_marked_clip_goes_first_and_its_neighbours_are_not_marked_with_it() -> None:
    volume = camera_with(
        {
            "DCIM/100/A.MP4": b"a",
            "DCIM/100/B.MP4": b"b",
            "DCIM/100/A.json": b'{"event": {"protected": false}}',
            "DCIM/100/B.json": b'{"event": {"protected": true}}',
        }
    )
    assert [(f.files[0].path, f.marked) for f in look(volume)] == [
        ("DCIM/100/B.MP4", True),
        ("DCIM/100/A.MP4", False),
    ]


def test_a_sidecar_beyond_measure_is_not_read_for_it_and_taken_all_the_same() -> None:
    volume = with_sidecar("json", b'{"event": {"protected": true}}'.ljust(64 * 1024 + 1))
    [found] = look(volume)
    assert (found.marked, found.notes, len(found.files)) == (False, (TOO_LARGE,), 2)
    [found] = look(with_sidecar("json", b'{"event": {"protected": true}}'.ljust(64 * 1024)))
    assert (found.marked, found.notes) == (True, ())


def test_a_sidecar_that_cannot_be_read_leaves_a_note_and_the_clip_is_taken() -> None:
    honest = with_sidecar("json", b'{"event": {"protected": true}}')
    [found] = look(FailingVolume(name=honest.name, files=honest.files))
    assert (found.marked, found.notes, len(found.files)) == (False, (UNREADABLE,), 2)


@given(st.binary(max_size=300), st.sampled_from([JSON, INI, XML]))
def test_no_content_stops_the_dock(content: bytes, rule: MarkRule) -> None:
    assert is_marked(rule, content) in {True, False}


def test_a_profile_says_it_in_toml(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text(
        '[match]\ncontains = ["DCIM/**"]\n[[marks.field]]\nextensions = ["json"]\nkey = "event.protected"\n'
        '[[marks.field]]\nextensions = ["xml"]\nkey = "<C>(.+?)<"\nformat = "regex"\nvalues = ["Crime"]\n'
    )
    [profile] = load_profiles([tmp_path])
    assert profile.mark_fields == (
        JSON,
        MarkRule(extensions=("xml",), key="<C>(.+?)<", format=FieldFormat.REGEX, values=("Crime",)),
    )


@pytest.mark.parametrize(
    "field,wrong",
    [
        ('key = "a"', "extensions: is missing"),
        ('extensions = ["json"]', "key: is missing"),
        ('extensions = ["mp4"]\nkey = "a"', "footage"),
        ('extensions = ["xml"]\nkey = "("\nformat = "regex"', "regular expression"),
        ('extensions = ["xml"]\nkey = "abc"\nformat = "regex"', "parentheses"),
        ('extensions = ["json"]\nkey = "a"\nvalue = ["x"]', "did you mean values"),
    ],
)
def test_a_mistake_in_it_is_named(tmp_path: Path, field: str, wrong: str) -> None:
    (tmp_path / "x.toml").write_text(f'[match]\ncontains = ["DCIM/**"]\n[[marks.field]]\n{field}\n')
    with pytest.raises(ConfigError, match=wrong):
        load_profiles([tmp_path])


# --- marks that everything has ----------------------------------------------------------------------

LOCKS = Profile(name="locks", contains=("DCIM/**",), read_only_marks=True, marks=("DCIM/EVT/*",))


def listed(volume: FakeVolume, *, exported: bool = False) -> Finding:
    ids = count(1)
    return find(
        volume,
        profiles=(LOCKS,),
        usb="",
        camera="CAM-17",
        docking="d",
        held=lambda _: {},
        new_id=lambda: f"clip-{next(ids)}",
        exported=exported,
    )


def read_only(*paths: str) -> FakeVolume:
    volume = camera_with({path: path.encode() for path in paths})
    for file in volume.files.values():
        file.read_only = True
    return volume


def test_files_that_are_all_read_only_are_not_marked_and_each_says_why() -> None:
    finding = listed(read_only(*(f"DCIM/{n}.MP4" for n in range(9))))
    assert [found.marked for found in finding.found] == [False] * 9
    assert all("read-only bit" in found.notes[0] for found in finding.found)
    assert finding.listed.marks_ignored == ("read-only bit",)


def test_an_export_of_two_read_only_clips_is_not_marked() -> None:
    volume = read_only("DCIM/A.MP4", "DCIM/B.MP4")
    assert [found.marked for found in listed(volume, exported=True).found] == [False, False]
    assert [found.marked for found in listed(volume).found] == [True, True]


def test_a_medium_on_which_settings_are_read_only_too_marks_nothing() -> None:
    finding = listed(read_only("DCIM/A.MP4", "SYS/settings.ini"))
    assert [found.marked for found in finding.found] == [False]


def test_one_clip_that_can_be_written_gives_the_others_their_marks() -> None:
    volume = read_only(*(f"DCIM/{n}.MP4" for n in range(20)), "SYS/settings.ini")
    volume.files["DCIM/7.MP4"].read_only = False
    volume.files["SYS/settings.ini"].read_only = False
    finding = listed(volume, exported=True)
    assert sum(found.marked for found in finding.found) == 19
    assert finding.listed.marks_ignored == ()


def test_a_place_in_which_every_clip_stands_marks_none_and_a_second_mark_still_does() -> None:
    volume = camera_with({f"DCIM/EVT/{n}.MP4": bytes([n]) for n in range(9)})
    volume.files["DCIM/EVT/3.MP4"].read_only = True
    finding = listed(volume)
    assert [found.files[0].path for found in finding.found if found.marked] == ["DCIM/EVT/3.MP4"]
    assert finding.listed.marks_ignored == ("place or name",)
