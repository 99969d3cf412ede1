"""Which events of a dock touch the clips that it holds?"""

from __future__ import annotations

import pytest

from bwvdock.core.custody.story import notable


@pytest.mark.parametrize(
    "kind, data, expected",
    [
        ("log_key_new", {"before": ""}, False),  # each dock has a first key
        ("log_key_new", {"before": "police.example/dock+00000000+AQ"}, True),
        ("dock_clock_seen", {"synchronised": True, "stepped_ms": 0}, False),
        ("dock_clock_seen", {"synchronised": True, "stepped_ms": 1}, True),
        ("dock_clock_seen", {"synchronised": False, "stepped_ms": 0}, True),
        ("destination_assessed", {"method": "read-back"}, False),
        ("destination_assessed", {"method": ""}, True),
    ],
)
def test_what_every_dock_records_touches_a_clip_where_something_was_wrong(
    kind: str, data: dict[str, object], *, expected: bool
) -> None:
    assert notable(kind, data) is expected
