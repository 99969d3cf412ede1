"""What comes next is a function of the clip and the situation, and of nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bwvdock.core.clip import Clip
from bwvdock.core.facts import SourceFile
from bwvdock.core.lifecycle import ClipState
from bwvdock.core.plan import Room, Situation, Step, Target, awaiting, fair_order, next_step
from bwvdock.core.policy import ProofMethod, Receipt

VAULT = Target(name="vault", required=True)
MIRROR = Target(name="mirror", required=False)


def a_clip(
    name: str = "c1",
    *,
    camera: str = "BWV-1",
    state: ClipState = ClipState.FOUND,
    mtime: int = 1,
    marked: bool = False,
) -> Clip:
    """Make a clip with one file of a hundred bytes."""
    file = SourceFile(path=f"DCIM/{name}.MP4", size=100, mtime_ns=mtime, fingerprint="ab")
    return Clip(id=name, state=state, camera=camera, docking="d", files=(file,), marked=marked)


def a_receipt(destination: str) -> Receipt:
    """Make a receipt of a destination."""
    return Receipt(destination=destination, object="o", version="", sha256="ab", method=ProofMethod.READ_BACK)


HERE = Situation(readable={"BWV-1"}, targets=(VAULT,))


def test_a_found_clip_is_copied_only_while_its_camera_can_be_read() -> None:
    """The same clip, three situations."""
    clip = a_clip()
    assert next_step(clip, HERE) == Step(room=Room.ACQUIRE, clip="c1")
    assert next_step(clip, replace(HERE, readable=())) is None
    assert next_step(clip, replace(HERE, paused=True)) is None


def test_a_clip_is_uploaded_then_verified_at_each_destination() -> None:
    """The walk, asked again at each stop."""
    clip = a_clip(state=ClipState.ACQUIRED)
    assert next_step(clip, HERE) == Step(room=Room.UPLOAD, clip="c1", destination="vault")
    there = replace(clip, state=ClipState.UPLOADED, uploaded={"vault": "o"})
    assert next_step(there, HERE) == Step(room=Room.VERIFY, clip="c1", destination="vault")
    proven = replace(there, state=ClipState.VERIFIED, receipts={"vault": a_receipt("vault")})
    assert next_step(proven, HERE) is None


def test_required_destinations_come_first_and_a_resting_one_is_passed_over() -> None:
    """A mirror that is listed first still waits; a vault that is down does not hold the mirror up."""
    both = replace(HERE, targets=(MIRROR, VAULT))
    clip = a_clip(state=ClipState.ACQUIRED)
    assert next_step(clip, both) == Step(room=Room.UPLOAD, clip="c1", destination="vault")
    resting = replace(both, resting={"vault"})
    assert next_step(clip, resting) == Step(room=Room.UPLOAD, clip="c1", destination="mirror")


def test_a_verified_clip_still_owes_itself_to_an_optional_destination() -> None:
    """Safe is not the same as served."""
    clip = replace(
        a_clip(state=ClipState.VERIFIED), uploaded={"vault": "o"}, receipts={"vault": a_receipt("vault")}
    )
    both = replace(HERE, targets=(VAULT, MIRROR))
    assert next_step(clip, both) == Step(room=Room.UPLOAD, clip="c1", destination="mirror")


@pytest.mark.parametrize(
    "state", [ClipState.QUARANTINED, ClipState.RELEASING, ClipState.RELEASED, ClipState.RETIRED]
)
def test_nothing_is_done_with_a_clip_that_is_out_of_these_rooms(state: ClipState) -> None:
    """A quarantined clip waits for a person."""
    assert next_step(a_clip(state=state), HERE) is None


def test_awaiting_names_the_required_destinations_that_are_still_missing() -> None:
    """Optional ones are never waited for."""
    other = Target(name="other", required=True)
    targets = (VAULT, MIRROR, other)
    assert awaiting((), targets=targets, just_served="vault") == ("other",)
    assert awaiting({"vault"}, targets=targets, just_served="other") == ()


def test_marked_clips_go_first_then_the_oldest_and_cameras_take_turns() -> None:
    """Camera A's many clips do not stand before camera B's one."""
    clips = [
        a_clip("a1", camera="A", mtime=1),
        a_clip("a2", camera="A", mtime=2),
        a_clip("a3", camera="A", mtime=3),
        a_clip("b9", camera="B", mtime=9),
        a_clip("b8", camera="B", mtime=8, marked=True),
    ]
    assert [c.id for c in fair_order(reversed(clips))] == ["b8", "a1", "b9", "a2", "a3"]
