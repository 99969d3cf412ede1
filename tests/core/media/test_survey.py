"""What a listing looks like to bwvdock, and the profile that it drafts from it."""

from __future__ import annotations

import tempfile
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.config.profiles import load_profiles
from bwvdock.core.media.names import escape
from bwvdock.core.media.profile import ANY_VIDEO, matches
from bwvdock.core.media.survey import VolumeSurvey, draft, survey
from bwvdock.core.ports import CameraFile, FileStatus
from tests.places import in_memory

TREE = (
    "DCIM/100BWCAM/BWC_0001.MP4",
    "DCIM/100BWCAM/BWC_0001.GPS",
    "DCIM/101BWCAM/BWC_0002.MP4",
    "DCIM/101BWCAM/BWC_0003",
    "EVT/2026-03-14/E1.MP4",
    "SYS/model.dat",
)


def looked(*paths: str) -> VolumeSurvey:
    listing = [CameraFile(path=path, size=100, mtime_ns=1) for path in paths]
    return survey("store-1", "CARD", listing, profiles=load_profiles(), usb="1209:b0de")


def test_clips_sidecars_places_and_what_nobody_knows_are_told() -> None:
    found = looked(*TREE)
    assert (found.files, found.clips, found.sidecars, found.unreadable, found.bytes) == (6, 3, 1, 0, 400)
    assert found.profile == "generic-dcf"
    assert found.places == (("DCIM/*BWCAM/*", 2), ("EVT/*-*-*/*", 1))
    assert set(found.unknown) == {"DCIM/101BWCAM/BWC_0003", "SYS/model.dat"}


def test_what_cannot_be_read_is_counted() -> None:
    listing = [CameraFile(path="DCIM", size=0, mtime_ns=0, status=FileStatus.UNREADABLE)]
    found = survey("s", "", listing, profiles=(), usb="")
    assert (found.profile, found.clips, found.unreadable) == (ANY_VIDEO.name, 0, 1)


def test_the_draft_is_a_profile_that_fits_the_camera(tmp_path: Path) -> None:
    (tmp_path / "drafted.toml").write_text(draft("1209:b0de", "BWC-100", [looked(*TREE)]), encoding="utf-8")
    profiles = load_profiles([tmp_path])
    listing = [CameraFile(path=path, size=100, mtime_ns=1) for path in TREE]
    again = survey("s", "", listing, profiles=profiles, usb="1209:b0de")
    assert (again.profile, again.clips) == ("drafted", 3)
    (profile,) = profiles
    assert profile.usb == ("1209:b0de",)


def test_what_the_draft_would_ignore_is_never_footage() -> None:
    text = draft("1209:b0de", "", [looked(*TREE, "DCIM/100BWCAM/[a]?.BIN")])
    (line,) = [line for line in text.splitlines() if line.startswith("# ignore")]
    globs = tomllib.loads(line.removeprefix("# "))["ignore"]
    others = ("DCIM/101BWCAM/BWC_0003", "SYS/model.dat", "DCIM/100BWCAM/[a]?.BIN")
    assert all(matches(globs, path) for path in others)
    assert not any(matches(globs, path) for path in TREE if path.endswith(("MP4", "GPS")))


name = st.text(min_size=1, max_size=12).map(lambda t: escape(t.encode("utf-8", "surrogatepass")))
path = st.lists(name.filter(lambda n: "/" not in n and n not in {".", ".."}), min_size=1, max_size=4)


@pytest.mark.slow
@given(st.sets(path.map("/".join), max_size=8), st.text(max_size=12))
def test_whatever_a_camera_calls_its_files_the_draft_can_be_loaded(paths: set[str], model: str) -> None:
    shown = escape(model.encode("utf-8", "surrogatepass"))
    clips = {f"{p}.MP4" for p in paths}
    with tempfile.TemporaryDirectory(dir=in_memory()) as folder:
        Path(folder, "drafted.toml").write_text(
            draft("1209:b0de", shown, [looked(*clips, *paths)]), encoding="utf-8"
        )
        (profile,) = load_profiles([Path(folder)])
    assert all(matches(profile.clips, p) for p in clips) or len(looked(*clips).places) == 8
