"""Does a long listing give way between any two files, and is it the same listing then?"""

from __future__ import annotations

import hashlib
from itertools import count, pairwise

from hypothesis import given
from hypothesis import strategies as st

from bwvdock.core.canonical import canonical
from bwvdock.core.media.grouping import group
from bwvdock.core.media.profile import Profile
from bwvdock.core.ports import CameraFile, FileStatus
from bwvdock.stages.find import Finding, find, listing_digest
from tests.fakes.camera import FakeFile, FakeVolume

DCF = Profile(name="dcf", contains=("DCIM/**",), clips=("DCIM/*/*",))
LOOPS = 9  # over all files of a listing, each with a pattern to match, an identity or a digest for every file


class Watched(FakeVolume):
    """Notes each file that is looked into, beside what is noted elsewhere."""

    def watch(self, notes: list[str]) -> Watched:
        self._notes = notes
        return self

    def fingerprint(self, file: CameraFile) -> str:
        self._notes.append("file")
        return super().fingerprint(file)


def listed(volume: FakeVolume, notes: list[str]) -> Finding:
    ids = count()
    return find(
        volume,
        profiles=(DCF,),
        usb="",
        camera="CAM-17",
        docking="docking",
        held=lambda _: {},
        new_id=lambda: f"clip-{next(ids)}",
        give_way=lambda: notes.append("way"),
    )


def test_between_two_files_others_may_go_first() -> None:
    files = {f"DCIM/100/{number:03}.MP4": FakeFile(data=b"footage") for number in range(40)}
    notes: list[str] = []
    finding = listed(Watched(files=files).watch(notes), notes)
    assert len(finding.found) == len(files)
    assert notes.count("file") == len(files)
    assert ("file", "file") not in list(pairwise(notes))
    assert notes.count("way") >= LOOPS * len(files)


FILES = st.builds(
    CameraFile,
    path=st.text(alphabet='abÄ€/."\\', min_size=1, max_size=12),
    size=st.integers(0, 2**60),
    mtime_ns=st.integers(-(2**70), 2**70),
    read_only=st.booleans(),
    status=st.sampled_from(FileStatus),
)


@given(st.lists(FILES, unique_by=lambda file: file.path, max_size=8))
def test_the_digest_is_that_of_the_whole_text(listing: list[CameraFile]) -> None:
    """It is hashed file by file; what the journal says of a listing stays what it was."""
    entries = [
        {
            "mtime_ns": str(file.mtime_ns),
            "path": file.path,
            "read_only": file.read_only,
            "size": str(file.size),
            "status": file.status.value,
        }
        for file in sorted(listing, key=lambda file: file.path)
    ]
    whole = hashlib.sha256(canonical({"files": entries}).encode()).hexdigest()
    assert listing_digest(listing) == whole


@given(st.lists(FILES, unique_by=lambda file: file.path, max_size=8))
def test_who_gives_way_sorts_the_same(listing: list[CameraFile]) -> None:
    assert group(DCF, listing, give_way=lambda: None) == group(DCF, listing)
