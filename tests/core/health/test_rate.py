"""Is a camera's speed what it was read at, whatever the dock did between two clips?"""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from bwvdock.core.health.rate import LEAST_BYTES, Step, read_rate

MB = 1_000_000


def reading(*clips: tuple[int, int], batch: int = 1, pause_after: int = -1, pause_ms: int = 0) -> list[Step]:
    """Return the steps of clips, each so many bytes in so many milliseconds, so many begun together."""
    return list(_steps(clips, batch, pause_after, pause_ms))


def _steps(clips: tuple[tuple[int, int], ...], batch: int, pause_after: int, pause_ms: int) -> Iterator[Step]:
    ms = 1000
    for n, (size, took) in enumerate(clips):
        if n % batch == 0:
            for clip in range(n, min(n + batch, len(clips))):
                yield Step(clip=f"c{clip}", boot="b", ms=ms, began=True)
        ms += took
        yield Step(clip=f"c{n}", boot="b", ms=ms, read=size)
        ms += pause_ms if n == pause_after else 0


@given(st.integers(1, 8), st.integers(0, 9), st.integers(0, 10**7))
def test_a_pause_within_a_docking_does_not_make_a_camera_slow(batch: int, after: int, pause: int) -> None:
    steps = reading(*[(50 * MB, 5000)] * 10, batch=batch, pause_after=after, pause_ms=pause)
    assert read_rate(steps) == 10 * MB


def test_little_that_was_read_says_nothing() -> None:
    assert read_rate([]) is None
    assert read_rate(reading((LEAST_BYTES - 1, 1000))) is None
    assert read_rate(reading((LEAST_BYTES, 1000))) == LEAST_BYTES


def test_clips_that_were_committed_together_are_one_reading() -> None:
    began = [Step(clip=f"c{n}", boot="b", ms=0, began=True) for n in range(4)]
    ended = [Step(clip=f"c{n}", boot="b", ms=4000, read=25 * MB) for n in range(4)]
    assert read_rate([*began, *ended]) == 25 * MB


def test_time_in_which_nothing_was_to_be_read_is_not_counted() -> None:
    early, late = reading((100 * MB, 10_000)), reading((100 * MB, 10_000))
    later = [Step(clip="x", boot="b", ms=step.ms + 10**6, began=step.began, read=step.read) for step in late]
    assert read_rate([*early, *later]) == 10 * MB


def test_a_clip_that_was_skipped_takes_time_and_gives_no_bytes() -> None:
    steps = [
        Step(clip="a", boot="b", ms=0, began=True),
        Step(clip="a", boot="b", ms=60_000),
        Step(clip="c", boot="b", ms=60_000, began=True),
        Step(clip="c", boot="b", ms=70_000, read=100 * MB),
    ]
    assert read_rate(steps) == 10 * MB


def test_what_began_before_a_restart_is_not_counted() -> None:
    steps = [
        Step(clip="a", boot="b1", ms=9_000_000, began=True),
        Step(clip="a", boot="b2", ms=1000, read=500 * MB),
        Step(clip="c", boot="b2", ms=1000, began=True),
        Step(clip="c", boot="b2", ms=11_000, read=100 * MB),
    ]
    assert read_rate(steps) == 10 * MB


STEPS = st.lists(
    st.builds(
        Step,
        clip=st.sampled_from("abc"),
        boot=st.sampled_from("xy"),
        ms=st.integers(0, 10**12),
        began=st.booleans(),
        read=st.integers(0, 2**63 - 1),
    ),
    max_size=30,
)


@given(STEPS)
def test_steps_in_any_order_are_no_error(steps: list[Step]) -> None:
    rate = read_rate(steps)
    assert rate is None or rate >= 1
