"""What goes first when more waits than can be done at once, and how many commits does it take?"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.core.clips.plan import Step
from bwvdock.delivery.jobs import DeliveryJob
from bwvdock.delivery.messages import Begun, Delivered, Probed, in_bursts
from tests.delivery.test_destination_queue import a_station
from tests.fakes.camera import camera_with


@pytest.mark.slow
def test_for_five_seconds_footage_that_waits_goes_before_proofs_of_what_is_there(tmp_path: Path) -> None:
    station = a_station(tmp_path, True, held_up=("upload store0",))
    station.plug(camera_with({f"DCIM/100TEST/{n}.MP4": bytes([n]) * 1000 for n in range(40)}))
    station.turn()
    sender = station.held_up["upload store0"]

    def given_next() -> Step:
        sender.do_next(station.inbox.put)
        station.turn()
        return cast("DeliveryJob", sender.jobs[-1]).step

    assert [given_next() for _ in range(3)] == [Step.UPLOAD] * 3
    station.clock.pass_ms(5_000)
    assert [given_next() for _ in range(4)] == [Step.VERIFY, Step.VERIFY, Step.VERIFY, Step.UPLOAD]
    while sender.jobs:
        sender.do_next(station.inbox.put)
        station.turn()
    assert set(station.states().values()) == {ClipState.VERIFIED}
    assert station.kinds().count("clip_described") == 40
    assert station.ledger.clips == {}


def test_to_put_clips_in_order_takes_a_tenth_of_the_time_however_often_something_changes(
    tmp_path: Path,
) -> None:
    """A store that was away for a week leaves a hundred thousand: the dock's thread has other work too."""
    station = a_station(tmp_path, True, held_up=("upload store0",))
    [queue_of], clock = station.dock.delivery.queues.values(), station.clock
    began, clock.step_ms, sorted_ = clock.ms, 10, 0
    for _ in range(1_000):
        queue_of.stale = True
        station.dock.delivery.pump(paused=False)
        sorted_ += not queue_of.stale
    assert sorted_ > 10
    assert sorted_ * 10 * clock.step_ms <= clock.ms - began + 10 * clock.step_ms


@given(st.lists(st.tuples(st.sampled_from("bdp"), st.integers(0, 3)), max_size=12))
def test_what_ended_in_a_row_is_one_burst_and_nothing_else_changes_its_place(
    kinds: list[tuple[str, int]],
) -> None:
    messages = [_message(kind, n) for kind, n in kinds]
    sorted_ = list(in_bursts(messages))
    for kind in (Begun, Delivered, Probed):
        assert [m for m in sorted_ if type(m) is kind] == [m for m in messages if type(m) is kind]
    assert [n for n, m in enumerate(sorted_) if isinstance(m, Probed)] == [
        n for n, m in enumerate(messages) if isinstance(m, Probed)
    ]
    follows = {(type(one), type(two)) for one, two in pairwise(sorted_)}
    assert (Delivered, Begun) not in follows, "one commit for each"


def _message(kind: str, number: int) -> Begun | Delivered | Probed:
    if kind == "p":
        return Probed(destination=f"{number}", error=None)
    if kind == "b":
        return Begun(clip=f"{number}", destination="", step=Step.UPLOAD)
    clip = Clip(id=f"{number}", state=ClipState.FOUND, camera="", docking="", files=(), marked=False)
    return Delivered(clip=clip, destination="", step=Step.UPLOAD, fact=None, error=None)
