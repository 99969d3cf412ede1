"""Objects that are all alike have paths of their own, and finding these takes no more time for each."""

from __future__ import annotations

import pytest

from bwvdock.core.ports import CameraFile
from bwvdock.edges.cameras.mtp.objects import FoundObject, tell_apart

pytestmark = pytest.mark.slow

COUNT = 50_000  # each compared with each other would take an hour


def test_fifty_thousand_objects_all_alike() -> None:
    file = CameraFile(path="DCIM/CLIP.MP4", size=1, mtime_ns=1)
    found = tell_apart([FoundObject(file=file, handle=n) for n in range(1, COUNT + 1)])
    assert len({one.file.path for one in found}) == COUNT
    assert all(one.ambiguous for one in found)
    assert {found[0].file.path, found[1].file.path} == {"DCIM/CLIP~1-1.MP4", "DCIM/CLIP~1-1-2.MP4"}
