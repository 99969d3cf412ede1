"""Does a listing's digest change with any file of it, and not with their order?"""

from __future__ import annotations

from dataclasses import replace

from bwvdock.core.ports import CameraFile, FileStatus
from bwvdock.stages.find import listing_digest
from tests.fakes.camera import MARCH
from tests.stages.test_find import A, B, C


def test_the_listings_digest_tells_any_change_and_not_the_order() -> None:
    one = [CameraFile(path=A, size=1, mtime_ns=2), CameraFile(path=B, size=2**60, mtime_ns=MARCH)]
    assert listing_digest(one) == listing_digest(one[::-1])
    others = [replace(one[0], size=2), replace(one[0], mtime_ns=3), replace(one[0], path=C)]
    others += [replace(one[0], read_only=True), replace(one[0], status=FileStatus.REFUSED)]
    digests = {listing_digest([other, one[1]]) for other in others} | {listing_digest(one)}
    assert len(digests) == 6
