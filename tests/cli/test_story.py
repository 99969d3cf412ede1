"""Can a person read exactly when a clip was recorded, and how far that is known?"""

from __future__ import annotations

import pytest

from bwvdock.cli.output.story import tell
from bwvdock.core.custody.records import Entry


def told(uncertainty_ms: int, until: str = "2026-04-14T13:02:09.000Z") -> str:
    data = {
        "raw": "2026-03-14T14:02:11.000Z",
        "recorded_at": "2026-03-14T13:02:09.000Z",
        "uncertainty_ms": uncertainty_ms,
        "basis": "its clock was read",
        "retain_until": until,
    }
    return tell(Entry(seq=7, time="2026-03-14T15:00:00.000Z", kind="clip_dated", data=data, leaf_hash=""))


@pytest.mark.parametrize(
    "ms,shown",
    [
        (-1, "+00:00 (accuracy unknown): its clock was read"),
        (0, "+00:00 ±0 s: "),
        (1, "+00:00 ±1 s: "),
        (2000, "+00:00 ±2 s: "),
        (119_500, "+00:00 ±120 s: "),
        (120_001, "+00:00 ±3 min: "),
        (7_200_000, "+00:00 ±2 h: "),
        (172_800_001, "+00:00 ±3 d: "),
    ],
)
def test_how_far_a_time_may_be_off(ms: int, shown: str) -> None:
    line = told(ms)
    assert "camera time 2026-03-14 14:02:11, dated 2026-03-14 13:02:09+00:00" in line
    assert shown in line


def test_until_when_it_is_kept() -> None:
    assert "unless marked as evidence" in told(0)
    assert told(0, until="").endswith("retention date not yet known")
