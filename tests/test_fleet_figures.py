"""Do the figures of a fleet's night say what happened in it?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.fleet.docks import Passed
from benchmarks.fleet.figures import common, length, merged, most_within, shares, without
from benchmarks.fleet.plan import Night, PlannedClip
from benchmarks.fleet.store import Access, Kept, parsed
from benchmarks.fleet.table import Seen, lost, section, twice

NIGHT = Night(docks=2, seconds=100.0, each=10_000_000)
LINE = (
    "2026-11-29T10:16:04.786+0000 7f63d278c6c0  1 beast: 0x7f64643d06e0: 127.0.0.1 - dock-01 "
    '[29/Nov/2026:10:16:04.714 +0000] "PUT /bwv-evidence/docks/x.mp4 HTTP/1.1" 200 100000 - "agent" - '
    "latency=0.071999997s"
)


def access(user: str, at: float, *, size: int = 1000, code: int = 200) -> Access:
    return Access(user=user, at=at, method="PUT", target="/b/k", code=code, size=size, took=1.0)


def clip_of(digest: str, *, acquired: str, received: str) -> dict[str, object]:
    receipt = {"object": f"{digest}.mp4", "version": "v1", "sha256": digest, "received_at": received}
    return {"id": digest, "sha256": digest, "acquired_at": acquired, "receipts": [receipt]}


@pytest.fixture
def seen() -> Seen:
    """Two docks with a clip each; the store was away from second 25 to 30, and they came back 35 s apart."""
    times = {"acquired": "1970-01-01T00:00:01+00:00", "received": "1970-01-01T00:01:20+00:00"}
    planned = {
        "dock-01": {"aa": PlannedClip(dock="dock-01", name="A", size=1000, at=0.0)},
        "dock-02": {"bb": PlannedClip(dock="dock-02", name="B", size=1000, at=0.0)},
    }
    return Seen(
        killed=25.0,
        returned=30.0,
        done=90.0,
        given=planned,
        clips={name: [clip_of(next(iter(clips)), **times)] for name, clips in planned.items()},
        status={name: {"queue": {"clips": 0}} for name in planned},
        passed=dict.fromkeys(planned, Passed(failed=1, again=50)),
        used=dict.fromkeys(planned, (1.0, 80.0)),
        accesses=[
            access("dock-01", 5.0),
            access("dock-02", 5.5, size=500),
            access("dock-01", 31.0),
            access("dock-02", 66.0),
            access("tester", 67.0),
        ],
        kept={f"{digest}.mp4": Kept(versions=["v1"], deleted=0, sha256=digest) for digest in ("aa", "bb")},
        unfinished=0,
    )


def test_a_night_is_the_same_each_time_and_fits_before_the_outage() -> None:
    clips = NIGHT.clips()
    assert clips == NIGHT.clips() != replace(NIGHT, seed=2).clips()
    assert {clip.dock for clip in clips} == set(NIGHT.names)
    assert all(clip.at < NIGHT.outage[0] for clip in clips)
    assert len({clip.content() for clip in clips[:9]}) == 9


def test_spans() -> None:
    assert merged([(3, 4), (0, 2), (1, 2.5)]) == [(0, 2.5), (3, 4)]
    assert common([[(0, 4), (6, 9)], [(3, 7)], [(0, 100)]]) == [(3, 4), (6, 7)]
    assert without([(0, 4), (6, 9)], (3, 7)) == [(0, 3), (7, 9)]
    assert length([(0, 3), (7, 9)]) == 5


def test_times_and_shares() -> None:
    assert (most_within([], 2), most_within([9, 1, 2, 3.5], 2), most_within([1, 2, 3], 2)) == (0, 2, 3)
    sent = {"a": [(0.0, 4.0, 400)], "b": [(5.0, 5.0, 7), (50.0, 51.0, 1)]}
    assert shares(sent, [(3.0, 10.0)]) == {"a": 100.0, "b": 7.0}


def test_a_line_of_the_access_log_is_read() -> None:
    [found] = parsed(f"something else\n{LINE}\n")
    assert (found.user, found.method, found.target, found.code, found.size) == (
        "dock-01",
        "PUT",
        "/bwv-evidence/docks/x.mp4",
        200,
        100_000,
    )
    assert found.stored
    assert [found.at % 60, found.took] == pytest.approx([4.714, 0.072])


def test_what_was_seen_is_in_the_table(seen: Seen) -> None:
    text = section(NIGHT, seen, load=0.5)
    for row in (
        "| lost | 0 | 0 |",
        "| there twice, or deleted | 0 | 0 |",
        "| spread from the first to the last | 35.0 s | at least 30 s |",
        "| all docks had work before the store was away | 24 s |  |",
        "| - most beside least that a dock sent | 2.00 | under 2 |",
        "| bytes sent / needed | 1.050 |  |",
    ):
        assert row in text


def test_a_clip_without_proof_or_with_other_bytes_is_lost(seen: Seen) -> None:
    assert lost(seen) == []
    other = replace(seen.kept["aa.mp4"], sha256="cc")
    assert len(lost(replace(seen, kept={**seen.kept, "aa.mp4": other}))) == 1
    assert len(lost(replace(seen, kept={}))) == 2
    assert len(lost(replace(seen, clips={**seen.clips, "dock-01": []}))) == 1
    another = replace(seen.kept["aa.mp4"], versions=["v2"])
    assert len(lost(replace(seen, kept={**seen.kept, "aa.mp4": another}))) == 1


def test_a_second_object_or_version_and_a_stranger_are_told(seen: Seen) -> None:
    assert twice(seen) == []
    kept = seen.kept["aa.mp4"]
    for more in (
        {"again.mp4": kept},
        {"aa.mp4": replace(kept, versions=["v1", "v2"])},
        {"aa.mp4": replace(kept, deleted=1)},
        {"new.mp4": replace(kept, sha256="cc")},
    ):
        assert len(twice(replace(seen, kept={**seen.kept, **more}))) == 1
