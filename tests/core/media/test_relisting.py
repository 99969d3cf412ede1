"""Whatever becomes of files between two listings, the sums of a docking come out."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from bwvdock.core.media.relisting import Counted, Seen, compare

PATHS = [f"DCIM/{n}.MP4" for n in range(4)]
STATES = ["absent", "not_ready", "unreadable", "refused", "ready", "held"]


def listing(states: dict[str, str], clips: dict[str, str]) -> Seen:
    def of(state: str) -> frozenset[str]:
        return frozenset(path for path, its in states.items() if its == state)

    return Seen(
        ready={path: clips[path] for path in of("ready")},
        not_ready=of("not_ready"),
        unreadable=of("unreadable"),
        refused=of("refused"),
    )


def test_a_file_that_became_ready_is_new_and_one_fewer_not_ready() -> None:
    change = compare(Counted(as_={"A": "not_ready"}), Seen(ready={"A": "clip1"}), tried=())
    assert (change.wanted, change.seen, change.new, change.not_ready) == (("clip1",), 0, 1, -1)
    assert change.is_news
    assert not change.counted.waiting


def test_a_file_that_is_still_being_written_is_no_news() -> None:
    change = compare(Counted(as_={"A": "not_ready"}), Seen(ready={}, not_ready=frozenset({"A"})), tried=())
    assert not change.is_news
    assert change.counted.waiting == 1


def test_a_clip_that_was_begun_is_copied_again_and_counted_once() -> None:
    change = compare(Counted(begun={"A": "clip1"}), Seen(ready={"A": "clip1"}), tried={"clip1"})
    assert change.wanted == ("clip1",)
    assert not change.is_news


def test_what_was_tried_and_is_not_waited_for_is_left_alone() -> None:
    assert compare(Counted(), Seen(ready={"A": "clip1"}), tried={"clip1"}).wanted == ()


@given(
    st.lists(st.fixed_dictionaries({path: st.sampled_from(STATES) for path in PATHS}), min_size=2, max_size=8)
)
def test_the_sums_come_out_over_any_history(history: list[dict[str, str]]) -> None:
    """Seen = new + not_ready + unreadable + refused, nothing is negative, and what is ready is wanted."""
    clips: dict[str, str] = {}
    sums: Counter[str] = Counter()
    counted = Counted()
    tried: set[str] = set()
    for turn, states in enumerate(history):
        for path, state in states.items():
            if state == "ready" and clips.get(path) not in tried | {None}:
                clips[path] = f"{path}@{turn}"  # it came back as another clip
            clips.setdefault(path, f"{path}@{turn}")
        seen = listing(states, clips)
        change = compare(counted, seen, tried=tried)
        sums.update(
            seen=change.seen,
            new=change.new,
            not_ready=change.not_ready,
            unreadable=change.unreadable,
            refused=change.refused,
        )
        assert sums["seen"] == sums["new"] + sums["not_ready"] + sums["unreadable"] + sums["refused"]
        assert min(sums.values()) >= 0
        assert change.counted.waiting == sum(state == "not_ready" for state in states.values())
        assert set(change.wanted) >= {clips[p] for p, s in states.items() if s == "ready"} - tried
        counted = change.counted
        tried |= set(change.wanted)
