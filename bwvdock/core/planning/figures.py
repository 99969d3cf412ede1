"""Which measured figures does the plan rest on, and where was each measured?

The one table of them: after another `make bench`, correct it here.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """One figure: its value, the unit of that, and its source."""

    value: int
    unit: str
    what: str
    source: str


ACQUIRE = Figure(
    value=616_000_000,
    unit="bytes/s",
    what="the most that a dock copies, hashes and reads back, all cameras together",
    source="docs/benchmarks.md, cameras at USB ports, 64 x USB 3; one clip of 2 GiB is acquired at 667 MB/s",
)
DISK_PASSES = Figure(
    value=2,
    unit="passes",
    what="how often a byte that is copied goes to or from the dock's disk: written, and read back",
    source="docs/adr/0005-durable-copies.md",
)
ACQUIRE_CLIP = Figure(
    value=135_000,
    unit="bytes",
    what="bytes that could be copied in the time that a clip takes beside its bytes",
    source="docs/benchmarks.md, 1000 clips of 256 KiB: acquire, 0.61 s, and 0.39 s for the bytes at 667 MB/s",
)
ATTACH = Figure(
    value=2_000_000,
    unit="microseconds",
    what="from plugging in until the first clip is read: the kernel, udev, the mounter, the listing",
    source="assumed: no bench plugs in hardware. A folder that stands in for a camera is watched as long "
    "(bwvdock/edges/cameras/folder.py)",
)
COMMIT = Figure(
    value=150_000,
    unit="microseconds",
    what="from the last byte of a batch until it is durable, read back and journalled; then the next is read",
    source="docs/benchmarks.md, a plan beside the real daemon: 0.08 s for one camera, more for several",
)
TUS = Figure(
    value=396_000_000,
    unit="bytes/s",
    what="the most that one upload to a tus server sends",
    source="docs/benchmarks.md, one clip of 256 MiB to @tus/server",
)
S3 = Figure(
    value=193_000_000,
    unit="bytes/s",
    what="the most that one upload to an S3 store sends",
    source="docs/benchmarks.md, one clip of 256 MiB to OpenStack Swift, by S3",
)
SEND_CLIP = Figure(
    value=15_000,
    unit="microseconds",
    what="what a clip takes at each store beside its bytes: requests, document, journal; one after another",
    source="docs/benchmarks.md, 500 clips of 1 MiB to @tus/server: described after 7.51 s",
)
ALL = (ACQUIRE, DISK_PASSES, ACQUIRE_CLIP, ATTACH, COMMIT, TUS, S3, SEND_CLIP)
"""Every figure, in the order in which a clip meets them."""
