"""Is a part's name known from its entry alone, also when the path was erased?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from bwvdock.core.clips.clip import Clip
from bwvdock.core.media.part_names import EXTENSIONS, extension_of, part_name, possible_names
from tests.fakes.footage import found_clip


def erased(clip: Clip) -> Clip:
    """Return a clip whose paths were erased from the journal."""
    return replace(clip, files=tuple(replace(file, path="") for file in clip.files))


@pytest.mark.parametrize("path", ["DCIM/A.MP4", "a.gps", "a.exe", "noextension"])
def test_an_entry_that_states_the_extension_needs_no_path(path: str) -> None:
    clip = found_clip(1, [(path, 1)])
    stated = replace(clip, files=(replace(clip.files[0], extension=extension_of(path)),))
    assert possible_names(erased(stated), 0) == (part_name(clip, 0),)


def test_of_an_earlier_entry_a_stores_name_for_the_footage_remains() -> None:
    clip = found_clip(1, [("a.mov", 1), ("a.gps", 1)])
    sent = erased(replace(clip, uploaded={"county": "files/24e5", "nas": f"2026/04/30/{clip.id}.0.mov"}))
    assert possible_names(sent, 0) == (part_name(clip, 0),)
    assert part_name(clip, 1) in possible_names(sent, 1)


def test_of_an_earlier_entry_every_known_extension_is_possible() -> None:
    clip = found_clip(1, [("a.mov", 1)])
    assert set(possible_names(erased(clip), 0)) == {f"{clip.id}.0.{extension}" for extension in EXTENSIONS}


@pytest.mark.parametrize("extension", ["exe", "mp4/../../x", "MP4", "part"])
def test_an_unknown_extension_in_an_entry_is_not_used(extension: str) -> None:
    clip = found_clip(1, [("a.mov", 1)])
    forged = replace(clip, files=(replace(clip.files[0], extension=extension),))
    assert f"{clip.id}.0.{extension}" not in possible_names(forged, 0)
